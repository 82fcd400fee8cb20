/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The data calls.
 *
 * This is the hot path: one look-up, one system call, one look at the
 * published record.  A call with one buffer and no flags makes its first try
 * itself.  Everything else (other buffers, waiting, telling the server, working
 * out what an error means) is for a transfer, which goes on where the first try
 * did not do.
 */
#include "unix/data.h"

#include <sys/socket.h>

#include "host/host.h"
#include "unix/address.h"
#include "unix/connection.h"
#include "unix/kernel_call.h"
#include "unix/name.h"
#include "unix/wait.h"

/* Who waits for an answer once will wait for the next ones: after a receive
   that found nothing, so many wait at once, which saves each of them a system
   call. */
#define WAITS_AFTER_WAIT 15

/* Whether one try may be all of a call: it has no rules of its own. */
static inline int is_plain(const struct descriptor *descriptor,
                           uint32_t record_flags, uint32_t shut,
                           enum operation_direction direction,
                           uint32_t n_buffers, uint32_t flags)
{
    return n_buffers == 1 && flags == 0 && !(record_flags & shut) &&
           descriptor->identity.type != WS2_SOCK_RAW &&
           !operation_is_queued(descriptor, direction);
}

/* --- Sending -------------------------------------------------------------- */

/* Sends all; a non-blocking stream stops where the kernel has no more room. */
static int send_all(struct transfer *transfer)
{
    struct descriptor *descriptor = transfer->descriptor;
    int64_t deadline = 0;
    int error;

    for (;;) {
        error = transfer_send(transfer);
        if (error != WS2_EWOULDBLOCK)
            return error;
        connection_reenable(descriptor, WS2_FD_WRITE, WS2_FD_WRITE);
        if (transfer->record_flags & WIRE_RECORD_NONBLOCKING)
            return transfer->done ? WS2_SUCCESS : WS2_EWOULDBLOCK;
        if (deadline == 0)
            deadline =
                wait_deadline(&descriptor_record(descriptor)->send_timeout);
        error = wait_for(descriptor, POLLOUT, deadline);
        if (error)
            return error;
    }
}

int data_send(struct transfer *transfer, uint32_t *ret_count)
{
    int error = send_all(transfer);

    transfer_free(transfer);
    if (!error)
        *ret_count = (uint32_t)transfer->done;
    return error;
}

static int send_common(struct transfer *transfer,
                       const struct unix_buffer *buffers, uint32_t n_buffers,
                       uint32_t flags, struct sockaddr_storage *name,
                       socklen_t name_length, ssize_t answer,
                       uint32_t *ret_count)
{
    int error;

    transfer->overlapped = 0;
    error = transfer_prepare_send(transfer, buffers, n_buffers, flags, name,
                                  name_length);
    if (error)
        return error;
    transfer->answer = answer;
    return data_send(transfer, ret_count);
}

/* Sends, or goes on after the kernel's answer to the first try.  Ends the
   reference. */
static int OFF_HOT_PATH send_by_transfer(struct descriptor *descriptor,
                                         const struct unix_buffer *buffers,
                                         uint32_t n_buffers, uint32_t flags,
                                         ssize_t answer, uint32_t *ret_count)
{
    struct transfer transfer;
    int error;

    if (answer == TRANSFER_UNTRIED &&
        operation_is_queued(descriptor, OPERATION_SEND))
        return data_send_behind(descriptor, buffers, n_buffers, flags, NULL, 0,
                                ret_count);
    transfer.descriptor = descriptor;
    error = send_common(&transfer, buffers, n_buffers, flags, NULL, 0, answer,
                        ret_count);
    descriptor_release(descriptor);
    return error;
}

int HOT_PATH unix_socket_send(ws2_handle s, const struct unix_buffer *buffers,
                              uint32_t n_buffers, uint32_t flags,
                              uint32_t *ret_count)
{
    ssize_t answer = TRANSFER_UNTRIED;
    struct descriptor *descriptor;
    uint32_t length;
    int error = descriptor_acquire_hot(s, &descriptor);

    if (HOT_UNLIKELY(error))
        return error;
    if (HOT_LIKELY(is_plain(descriptor, descriptor_flags(descriptor),
                            WIRE_RECORD_SHUT_SEND, OPERATION_SEND, n_buffers,
                            flags))) {
        length = buffers->length;
        answer = kernel_send(descriptor->fd, buffers->data, length,
                             MSG_NOSIGNAL, NULL, 0);
        if (HOT_LIKELY(answer == (ssize_t)length)) {
            descriptor_release(descriptor);
            *ret_count = length;
            return WS2_SUCCESS;
        }
    }
    return send_by_transfer(descriptor, buffers, n_buffers, flags, answer,
                            ret_count);
}

int unix_socket_send_to(ws2_handle s, const struct unix_buffer *buffers,
                        uint32_t n_buffers, uint32_t flags, const void *name,
                        int length, uint32_t *ret_count)
{
    struct sockaddr_storage kernel_name;
    struct transfer transfer;
    socklen_t kernel_length = 0;
    int error = descriptor_acquire_hot(s, &transfer.descriptor);

    if (error)
        return error;
    if (operation_is_queued(transfer.descriptor, OPERATION_SEND))
        return data_send_behind(transfer.descriptor, buffers, n_buffers, flags,
                                name, length, ret_count);
    /* A stream has its destination: the name is ignored. */
    if (name != NULL && !transfer_is_stream(&transfer))
        error = name_read_destination(transfer.descriptor, name, length,
                                      &kernel_name, &kernel_length);
    if (!error)
        error = send_common(&transfer, buffers, n_buffers, flags,
                            kernel_length ? &kernel_name : NULL, kernel_length,
                            TRANSFER_UNTRIED, ret_count);
    descriptor_release(transfer.descriptor);
    return error;
}

/* --- Receiving ------------------------------------------------------------ */

/* flags: the kernel's. *deadline 0: not worked out yet. */
static inline int wait_for_data(struct descriptor *descriptor, int flags,
                                int64_t *deadline)
{
    if (*deadline == 0)
        *deadline =
            wait_deadline(&descriptor_record(descriptor)->receive_timeout);
    return wait_for(descriptor, flags & MSG_OOB ? POLLPRI : POLLIN, *deadline);
}

/* 1: the receive is likely to find nothing.  Wrong guesses cost one poll. */
static inline int should_wait_first(struct descriptor *descriptor,
                                    uint32_t record_flags)
{
    uint32_t left = __atomic_load_n(&descriptor->waits_first, __ATOMIC_RELAXED);

    if (left == 0 || (record_flags & WIRE_RECORD_NONBLOCKING))
        return 0;
    __atomic_store_n(&descriptor->waits_first, left - 1, __ATOMIC_RELAXED);
    return 1;
}

/* Receives; waits for the first byte, or with wait_all for the last. */
static int receive_some(struct transfer *transfer)
{
    int64_t deadline = 0;
    int error;

    if (transfer->answer == TRANSFER_UNTRIED &&
        should_wait_first(transfer->descriptor, transfer->record_flags)) {
        error = wait_for_data(transfer->descriptor, transfer->flags, &deadline);
        if (error)
            return error;
    }
    for (;;) {
        error = transfer_receive(transfer);
        if (error != WS2_EWOULDBLOCK ||
            (transfer->record_flags & WIRE_RECORD_NONBLOCKING))
            return error;
        __atomic_store_n(&transfer->descriptor->waits_first, WAITS_AFTER_WAIT,
                         __ATOMIC_RELAXED);
        error = wait_for_data(transfer->descriptor, transfer->flags, &deadline);
        if (error)
            return transfer->done ? WS2_SUCCESS : error;
    }
}

int data_receive(struct transfer *transfer, uint32_t flags,
                 uint32_t *ret_count)
{
    const uint32_t event = data_receive_event(flags);
    int error = receive_some(transfer);

    transfer_free(transfer);
    if (!error || error == WS2_EMSGSIZE)
        *ret_count = (uint32_t)transfer->done;
    if (error == WS2_EFAULT)
        connection_reenable_failed(transfer->descriptor, event);
    else
        connection_reenable(transfer->descriptor, event,
                            error == WS2_EWOULDBLOCK ? event : 0);
    return error;
}

void data_receive_refused(struct descriptor *descriptor, uint32_t flags)
{
    connection_reenable_failed(descriptor, data_receive_event(flags));
}

int data_send_may_wait(struct descriptor *descriptor)
{
    if (!(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING))
        return WS2_SUCCESS;
    connection_reenable(descriptor, WS2_FD_WRITE, WS2_FD_WRITE);
    return WS2_EWOULDBLOCK;
}

int data_receive_may_wait(struct descriptor *descriptor, uint32_t flags)
{
    if (!(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING))
        return WS2_SUCCESS;
    data_receive_refused(descriptor, flags);
    return WS2_EWOULDBLOCK;
}

static int receive_common(struct transfer *transfer,
                          const struct unix_buffer *buffers,
                          uint32_t n_buffers, uint32_t flags,
                          struct sockaddr_storage *name, ssize_t answer,
                          uint32_t *ret_count)
{
    int error;

    transfer->overlapped = 0;
    error = transfer_prepare_receive(transfer, buffers, n_buffers, flags, name);
    if (error) {
        data_receive_refused(transfer->descriptor, flags);
        return error;
    }
    transfer->answer = answer;
    return data_receive(transfer, flags, ret_count);
}

/* Receives, or goes on after the kernel's answer to the first try.  Ends the
   reference. */
static int OFF_HOT_PATH receive_by_transfer(struct descriptor *descriptor,
                                            const struct unix_buffer *buffers,
                                            uint32_t n_buffers, uint32_t flags,
                                            ssize_t answer,
                                            uint32_t *ret_count)
{
    struct transfer transfer;
    int error;

    if (answer == TRANSFER_UNTRIED &&
        operation_is_queued(descriptor, data_direction(flags)))
        return data_receive_behind(descriptor, buffers, n_buffers, flags, NULL,
                                   NULL, ret_count);
    transfer.descriptor = descriptor;
    error = receive_common(&transfer, buffers, n_buffers, flags, NULL, answer,
                           ret_count);
    descriptor_release(descriptor);
    return error;
}

/* The first try of a plain receive. */
static inline ssize_t try_receive(const struct descriptor *descriptor,
                                  const struct unix_buffer *buffer)
{
    if (descriptor->identity.type == WS2_SOCK_STREAM)
        return kernel_receive(descriptor->fd, buffer->data, buffer->length, 0,
                              NULL, NULL);
    /* With MSG_TRUNC the answer is the whole datagram's length; what cannot be
       written would be lost. */
    if (!host_memory_touch(buffer->data, buffer->length, 1))
        return TRANSFER_UNTRIED;
    return kernel_receive(descriptor->fd, buffer->data, buffer->length,
                          MSG_TRUNC, NULL, NULL);
}

int unix_socket_refuse_receive(ws2_handle s, uint32_t flags)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    data_receive_refused(descriptor, flags);
    descriptor_release(descriptor);
    return WS2_SUCCESS;
}

int HOT_PATH unix_socket_receive(ws2_handle s,
                                 const struct unix_buffer *buffers,
                                 uint32_t n_buffers, uint32_t flags,
                                 uint32_t *ret_count)
{
    ssize_t answer = TRANSFER_UNTRIED;
    struct descriptor *descriptor;
    uint32_t record_flags;
    int64_t deadline = 0;
    int error = descriptor_acquire_hot(s, &descriptor);

    if (HOT_UNLIKELY(error))
        return error;
    record_flags = descriptor_flags(descriptor);
    if (HOT_LIKELY(is_plain(descriptor, record_flags, WIRE_RECORD_SHUT_RECEIVE,
                            OPERATION_RECEIVE, n_buffers, flags) &&
                   buffers->length > 0)) {
        if (should_wait_first(descriptor, record_flags))
            error = wait_for_data(descriptor, 0, &deadline);
        if (HOT_LIKELY(!error))
            answer = try_receive(descriptor, buffers);
        if (HOT_UNLIKELY(error) ||
            HOT_LIKELY(answer > 0 && answer <= (ssize_t)buffers->length)) {
            connection_reenable(descriptor, WS2_FD_READ, 0);
            descriptor_release(descriptor);
            if (!error)
                *ret_count = (uint32_t)answer;
            return error;
        }
    }
    return receive_by_transfer(descriptor, buffers, n_buffers, flags, answer,
                               ret_count);
}

int unix_socket_receive_from(ws2_handle s, const struct unix_buffer *buffers,
                             uint32_t n_buffers, uint32_t flags, void *name,
                             int *length, uint32_t *ret_count)
{
    uint8_t bytes[ADDRESS_LENGTH_MAX];
    struct sockaddr_storage kernel_name;
    struct transfer transfer;
    uint32_t size;
    int error = descriptor_acquire_hot(s, &transfer.descriptor), name_error;
    int wants_name;

    if (error)
        return error;
    if (operation_is_queued(transfer.descriptor, data_direction(flags)))
        return data_receive_behind(transfer.descriptor, buffers, n_buffers,
                                   flags, name, length, ret_count);
    /* A stream has no sender to tell of. */
    wants_name = name != NULL && !transfer_is_stream(&transfer);
    if (wants_name)
        error = length == NULL
                    ? WS2_EFAULT
                    : name_check_room(transfer.descriptor, name, length);
    if (!error)
        error = receive_common(&transfer, buffers, n_buffers, flags,
                               wants_name ? &kernel_name : NULL,
                               TRANSFER_UNTRIED, ret_count);
    if (wants_name && (!error || error == WS2_EMSGSIZE)) {
        size = address_from_kernel(&kernel_name, transfer.message.msg_namelen,
                                   bytes);
        name_error = name_write(bytes, size, name, length);
        if (name_error)
            error = name_error;
    }
    descriptor_release(transfer.descriptor);
    return error;
}
