/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contexts of AcceptEx and ConnectEx; see connection_context.h. */
#include "unix/connection_context.h"

#include <stddef.h>

#include "unix/connection.h"
#include "unix/option.h"
#include "unix/option_carry.h"
#include "unix/socket.h"

static uint32_t extension_of(const struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor->extension, __ATOMIC_RELAXED);
}

/* --- Without -------------------------------------------------------------- */

int connection_context_check_local_name(const struct descriptor *descriptor)
{
    const uint32_t extension = extension_of(descriptor);

    return extension == DESCRIPTOR_ACCEPTING ||
                   extension == DESCRIPTOR_ACCEPTED_EX
               ? WS2_EINVAL
               : WS2_SUCCESS;
}

int connection_context_check_peer_name(const struct descriptor *descriptor)
{
    return extension_of(descriptor) == DESCRIPTOR_PLAIN ? WS2_SUCCESS
                                                        : WS2_ENOTCONN;
}

/* The end of sending is one of the few things that an accepted one can do. */
int connection_context_check_shutdown(const struct descriptor *descriptor,
                                      int how)
{
    const uint32_t extension = extension_of(descriptor);

    return extension == DESCRIPTOR_PLAIN ||
                   (extension == DESCRIPTOR_ACCEPTED_EX && how == WS2_SD_SEND)
               ? WS2_SUCCESS
               : WS2_ENOTCONN;
}

/* --- The listener's options ----------------------------------------------- */

/* What the server keeps and accept hands down, too, but for Winsock's blocking
   mode.  What the listener has not set stays what it is. */
static const struct flag {
    uint32_t flag, property;
} flags[] = {
    {WIRE_RECORD_REUSE, WIRE_SET_REUSE},
    {WIRE_RECORD_DEBUG, WIRE_SET_DEBUG},
    {WIRE_RECORD_DONTROUTE, WIRE_SET_DONTROUTE},
};

static const struct number {
    size_t offset; /* in the record */
    uint32_t property;
} numbers[] = {
    {offsetof(struct wire_record, receive_timeout), WIRE_SET_RECEIVE_TIMEOUT},
    {offsetof(struct wire_record, send_timeout), WIRE_SET_SEND_TIMEOUT},
    {offsetof(struct wire_record, receive_buffer), WIRE_SET_RECEIVE_BUFFER},
    {offsetof(struct wire_record, send_buffer), WIRE_SET_SEND_BUFFER},
};

/* A value that cannot be had with the socket's others stays as it is. */
static void set(struct descriptor *descriptor, uint32_t property,
                uint64_t value)
{
    (void)socket_set_property(descriptor, property, value);
}

static uint32_t number_in(const struct wire_record *record, size_t offset)
{
    const void *place = (const char *)record + offset;

    return __atomic_load_n((const uint32_t *)place, __ATOMIC_RELAXED);
}

static uint32_t option_in(const struct wire_record *record, uint32_t option)
{
    const uint32_t bit = option - WIRE_OPTION_FLAG;

    if (option < WIRE_OPTION_FLAG)
        return __atomic_load_n(&record->options.numbers[option],
                               __ATOMIC_RELAXED);
    return __atomic_load_n(&record->options.flags[bit / 32],
                           __ATOMIC_RELAXED) >>
               bit % 32 &
           1;
}

static void copy_options(struct descriptor *descriptor,
                         const struct wire_record *from,
                         const struct wire_record *to, uint32_t first,
                         uint32_t end)
{
    uint32_t option, value;

    for (option = first; option < end; option++) {
        value = option_in(from, option);
        if (value != 0 && value != option_in(to, option) &&
            !wire_option_is_of_address(option))
            set(descriptor, WIRE_SET_OPTION, (uint64_t)option << 32 | value);
    }
}

/* Mostly there is nothing to copy, which takes no request. */
static void copy_properties(struct descriptor *descriptor,
                            const struct descriptor *listener)
{
    const struct wire_record *from = descriptor_record(listener);
    const struct wire_record *to = descriptor_record(descriptor);
    const uint32_t has = descriptor_flags(listener);
    const uint32_t had = descriptor_flags(descriptor);
    uint32_t value;
    size_t i;

    for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (has & ~had & flags[i].flag)
            set(descriptor, flags[i].property, 1);
    for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        value = number_in(from, numbers[i].offset);
        if (value != 0 && value != number_in(to, numbers[i].offset))
            set(descriptor, numbers[i].property, value);
    }
    if (!(has & WIRE_RECORD_OPTIONS))
        return;
    copy_options(descriptor, from, to, 0, WIRE_OPTION_NUMBERS);
    copy_options(descriptor, from, to, WIRE_OPTION_FLAG,
                 WIRE_OPTION_FLAGS_END);
}

/* --- The options ---------------------------------------------------------- */

/* What is under way stays so. */
static void leave_one(struct descriptor *descriptor, void *context)
{
    uint32_t extension = *(const uint32_t *)context;

    (void)__atomic_compare_exchange_n(&descriptor->extension, &extension,
                                      DESCRIPTOR_PLAIN, 0, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED);
}

static void leave(struct descriptor *descriptor, uint32_t extension)
{
    descriptor_table_lock();
    descriptor_for_each_copy(descriptor, leave_one, &extension);
    descriptor_table_unlock();
}

int connection_context_update_accept(struct descriptor *descriptor,
                                     const void *value, int length)
{
    struct descriptor *listener;
    ws2_handle handle;
    int error = option_take(&handle, sizeof(handle), value, length);

    if (!error)
        error = descriptor_acquire(handle, &listener);
    if (error)
        return error;
    if (!connection_is_established(descriptor))
        error = WS2_ENOTCONN;
    else {
        copy_properties(descriptor, listener);
        option_carry_update(descriptor, listener);
        leave(descriptor, DESCRIPTOR_ACCEPTED_EX);
    }
    descriptor_release(listener);
    return error;
}

int connection_context_update_connect(struct descriptor *descriptor,
                                      const void *value, int length)
{
    (void)value;
    (void)length;
    if (!connection_is_established(descriptor))
        return WS2_ENOTCONN;
    leave(descriptor, DESCRIPTOR_CONNECTED_EX);
    return WS2_SUCCESS;
}
