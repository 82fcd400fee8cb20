/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getsockopt and setsockopt.
 *
 * An option is the kernel's where the kernel has it, else the server's, which
 * publishes it.  The table (option.h, option_socket.c, ...) gives for each one
 * its kinds of socket, how the program passes it and who keeps it; here are the
 * rules that all of them follow.
 *
 * Lengths: a BOOL or int is read back with 4 bytes, or 1 when there is less
 * room; some options are one byte wide; structs and numbers have to fit.
 *
 * Refusals: an unknown level is WSAEINVAL, an unknown name WSAENOPROTOOPT.  An
 * option that sockets of another type or family have is WSAENOPROTOOPT at the
 * levels of the socket and of TCP and UDP, WSAEINVAL at the IP levels.
 */
#include "unix/option.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/option_carry.h"
#include "unix/path_socket.h"
#include "unix/socket.h"

static const struct option_level *const levels[] = {
    &option_level_socket, &option_level_tcp, &option_level_udp,
    &option_level_ip, &option_level_ipv6,
};

/* --- What the levels' own ways need --------------------------------------- */

int option_set_kernel(struct descriptor *descriptor, int level, int name,
                      const void *value, socklen_t length)
{
    if (setsockopt(descriptor->fd, level, name, value, length) < 0)
        return error_from_errno(errno);
    option_carry_note(descriptor, level, name);
    return WS2_SUCCESS;
}

int option_set_kernel_int(struct descriptor *descriptor, int level, int name,
                          int value)
{
    return option_set_kernel(descriptor, level, name, &value, sizeof(value));
}

int option_get_kernel_int(struct descriptor *descriptor, int level, int name,
                          int *ret_value)
{
    socklen_t length = sizeof(*ret_value);

    *ret_value = 0; /* the kernel may write a single byte */
    if (getsockopt(descriptor->fd, level, name, ret_value, &length) < 0)
        return error_from_errno(errno);
    return WS2_SUCCESS;
}

static const uint32_t *kept_word(const struct descriptor *descriptor,
                                 uint32_t option)
{
    const struct wire_options *options =
        &descriptor_record(descriptor)->options;

    return option < WIRE_OPTION_FLAG
               ? &options->numbers[option]
               : &options->flags[(option - WIRE_OPTION_FLAG) / 32];
}

uint32_t option_kept(const struct descriptor *descriptor, uint32_t option,
                     uint32_t initial)
{
    uint32_t word =
        __atomic_load_n(kept_word(descriptor, option), __ATOMIC_RELAXED);

    if (option >= WIRE_OPTION_FLAG)
        word = word >> (option - WIRE_OPTION_FLAG) % 32 & 1;
    return word ^ initial;
}

int option_keep(struct descriptor *descriptor, uint32_t option,
                uint32_t initial, uint32_t value)
{
    return socket_set_property(descriptor, WIRE_SET_OPTION,
                               (uint64_t)option << 32 | (value ^ initial));
}

int option_give(void *value, int *length, int32_t room, const void *from,
                int32_t size)
{
    int error;

    if (room < size)
        return WS2_EFAULT;
    error = memory_write_cached(value, from, (size_t)size);
    return error ? error : memory_write_cached(length, &size, sizeof(size));
}

int option_take(void *to, int32_t size, const void *value, int length)
{
    return length < size ? WS2_EFAULT
                         : memory_read_cached(to, value, (size_t)size);
}

/* --- The option of a socket ----------------------------------------------- */

static int kind_of(const struct descriptor *descriptor)
{
    switch (descriptor->identity.type) {
    case WS2_SOCK_STREAM:
        return STREAM;
    case WS2_SOCK_DGRAM:
        return DGRAM;
    }
    return RAW;
}

static const struct option_level *find_level(int level)
{
    size_t i;

    for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (levels[i]->level == level)
            return levels[i];
    return NULL;
}

static const struct option *find_option(const struct option_level *level,
                                        int name)
{
    size_t i;

    for (i = 0; i < level->count; i++)
        if (level->options[i].name == name)
            return &level->options[i];
    return NULL;
}

/* A dual-stack socket speaks IPv4, too. */
static int speaks_ipv4(const struct descriptor *descriptor)
{
    return descriptor->identity.family == WS2_AF_INET ||
           (descriptor->identity.family == WS2_AF_INET6 &&
            kernel_socket_option(descriptor->fd, IPPROTO_IPV6, IPV6_V6ONLY) ==
                0);
}

static int family_has(const struct descriptor *descriptor, int level,
                      const struct option *option)
{
    switch (level) {
    case WS2_SOL_SOCKET:
        return descriptor->identity.family != WS2_AF_INET6 ||
               !(option->flags & OPTION_INET_ONLY);
    case WS2_IPPROTO_IP:
        return speaks_ipv4(descriptor);
    case WS2_IPPROTO_IPV6:
        return descriptor->identity.family == WS2_AF_INET6 ||
               (descriptor->identity.family == WS2_AF_INET &&
                option->flags & OPTION_ANY_FAMILY);
    }
    return descriptor->identity.family == WS2_AF_INET ||
           (descriptor->identity.family == WS2_AF_INET6 &&
            !(option->flags & OPTION_INET_ONLY));
}

/* What sockets of another family or type are told. */
static int error_of_kind(int level)
{
    return level == WS2_IPPROTO_IP || level == WS2_IPPROTO_IPV6
               ? WS2_EINVAL
               : WS2_ENOPROTOOPT;
}

/* AF_UNIX has no ports to share, no packets and no urgent data. */
static int check_path_socket(int level, int name)
{
    if (level != WS2_SOL_SOCKET)
        return WS2_EOPNOTSUPP;
    switch (name) {
    case WS2_SO_REUSEADDR:
    case WS2_SO_EXCLUSIVEADDRUSE:
        return WS2_EOPNOTSUPP;
    case WS2_SO_KEEPALIVE:
    case WS2_SO_OOBINLINE:
    case WS2_SO_DONTROUTE:
        return WS2_ENOPROTOOPT;
    }
    return WS2_SUCCESS;
}

/* The option of this socket, or Winsock's error for what it does not have. */
static int option_for(const struct descriptor *descriptor, int level, int name,
                      const struct option **ret_option)
{
    const struct option_level *of_level = find_level(level);
    const struct option *option;
    int error;

    if (of_level == NULL)
        return WS2_EINVAL;
    if (path_socket_is(descriptor)) {
        error = check_path_socket(level, name);
        if (error)
            return error;
    }
    option = find_option(of_level, name);
    if (option == NULL)
        return WS2_ENOPROTOOPT;
    if (!family_has(descriptor, level, option) ||
        !(of_level->kinds & kind_of(descriptor)))
        return error_of_kind(level);
    if (option->how == HOW_REFUSED)
        return (int)option->initial;
    *ret_option = option;
    return WS2_SUCCESS;
}

/* --- Reading -------------------------------------------------------------- */

/* An option's value as a number. */
static int read_number(struct descriptor *descriptor,
                       const struct option *option, int *ret_value)
{
    switch (option->how) {
    case HOW_KERNEL:
        return option_get_kernel_int(descriptor, option->kernel_level,
                                     option->kernel, ret_value);
    case HOW_FLAG:
        *ret_value = (descriptor_flags(descriptor) & option->flag) != 0;
        return WS2_SUCCESS;
    case HOW_KEPT:
        *ret_value = (int)option_kept(descriptor, (uint32_t)option->kernel,
                                      option->initial);
        return WS2_SUCCESS;
    case HOW_CONSTANT:
        *ret_value = (int)option->initial;
        return WS2_SUCCESS;
    }
    return option->get(descriptor, ret_value);
}

/* How many bytes of a value the program gets: 0 is WSAEFAULT. */
static int32_t size_to_give(int form, int32_t room)
{
    switch (form) {
    case FORM_BYTE:
        return room >= 1 ? 1 : 0;
    case FORM_BOOL:
    case FORM_SHORT:
        return room >= 4 ? 4 : room >= 1 ? 1 : 0;
    }
    return room >= 4 ? 4 : 0;
}

/* The kernel's answer goes straight to the program.  0: it could not. */
static int get_kernel_number(const struct descriptor *descriptor,
                             const struct option *option, void *value,
                             int *length)
{
    return getsockopt(descriptor->fd, option->kernel_level, option->kernel,
                      value, (socklen_t *)length) == 0;
}

static int get_number(struct descriptor *descriptor,
                      const struct option *option, void *value, int *length,
                      int32_t room)
{
    int32_t size = size_to_give(option->form, room);
    int error, number;

    if (size == 0)
        return WS2_EFAULT;
    if (option->how == HOW_KERNEL && size == sizeof(number) &&
        get_kernel_number(descriptor, option, value, length))
        return WS2_SUCCESS;
    error = read_number(descriptor, option, &number);
    return error ? error : option_give(value, length, room, &number, size);
}

static int get_option(struct descriptor *descriptor, int level, int name,
                      void *value, int *length)
{
    const struct option *option;
    int32_t room;
    int error;

    if (value == NULL || length == NULL)
        return WS2_EFAULT;
    error = memory_read_cached(&room, length, sizeof(room));
    if (!error)
        error = option_for(descriptor, level, name, &option);
    if (error)
        return error;
    if (option->flags & OPTION_WRITE_ONLY)
        return WS2_ENOPROTOOPT;
    if (!(option->kinds & kind_of(descriptor)))
        return error_of_kind(level);
    if (option->form == FORM_STRUCT)
        return option->give(descriptor, value, length, room);
    return room <= 0 ? WS2_EFAULT
                     : get_number(descriptor, option, value, length, room);
}

int unix_socket_get_option(ws2_handle s, int level, int name, void *value,
                           int *length)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire_hot(s, &descriptor);

    if (error)
        return error;
    error = get_option(descriptor, level, name, value, length);
    descriptor_release(descriptor);
    return error;
}

/* --- Writing -------------------------------------------------------------- */

static int is_boolean(int form)
{
    return form == FORM_BOOL || form == FORM_BYTE || form == FORM_INT_BOOL;
}

/* Reads the program's number. A BOOL may be 1, 2 or 4 bytes or more; of a
   one-byte option only the low byte counts. */
static int read_program_number(const struct option *option, int level,
                               const void *value, int length, int *ret_number)
{
    const int whole =
        option->form == FORM_INT || option->form == FORM_INT_BOOL;
    int size = length, error;
    uint32_t number = 0;

    if (length < 0) {
        if (option->form == FORM_BYTE || level != WS2_SOL_SOCKET)
            return WS2_ENOBUFS;
        size = 4;
    }
    if (length == 0 && (level != WS2_SOL_SOCKET || whole))
        return WS2_EFAULT;
    if (whole && size < 4)
        return WS2_EFAULT;
    if (size > 4)
        size = 4;
    if (size == 0 || option->form == FORM_BYTE)
        size = 1;
    error = memory_read_cached(&number, value, (size_t)size);
    if (error)
        return error;
    if (is_boolean(option->form))
        number = number != 0;
    if (option->max != 0 && number > option->max)
        return WS2_EINVAL;
    *ret_number = (int)number;
    return WS2_SUCCESS;
}

/* The kernel's switch for an option that is about to be set and its group. */
static int set_group(struct descriptor *descriptor,
                     const struct option *option, int value)
{
    const struct option_group *group = option->group;
    size_t i;

    for (i = 0; i < sizeof(group->options) / sizeof(group->options[0]); i++)
        if (group->options[i] != 0 &&
            group->options[i] != (uint32_t)option->kernel)
            value = value || option_is_on(descriptor, group->options[i]);
    return option_set_kernel_int(descriptor, group->kernel_level,
                                 group->kernel, value);
}

static int set_number(struct descriptor *descriptor,
                      const struct option *option, int number)
{
    int error = WS2_SUCCESS;

    if (option->check != NULL)
        error = option->check(descriptor, number);
    if (!error && option->group != NULL)
        error = set_group(descriptor, option, number);
    if (error)
        return error;
    switch (option->how) {
    case HOW_KERNEL:
        return option_set_kernel_int(descriptor, option->kernel_level,
                                     option->kernel, number);
    case HOW_FLAG:
        return socket_set_property(descriptor, (uint32_t)option->kernel,
                                   (uint64_t)number);
    case HOW_KEPT:
        return option_keep(descriptor, (uint32_t)option->kernel,
                           option->initial, (uint32_t)number);
    }
    return option->set(descriptor, number);
}

static int set_option(struct descriptor *descriptor, int level, int name,
                      const void *value, int length)
{
    const struct option *option;
    int error, number;

    error = option_for(descriptor, level, name, &option);
    if (value == NULL && (error || !(option->flags & OPTION_MAY_BE_NULL)))
        return WS2_EFAULT;
    if (error)
        return error;
    if (option->flags & OPTION_READ_ONLY)
        return WS2_ENOPROTOOPT;
    if (!(option->kinds & kind_of(descriptor)))
        return error_of_kind(level);
    if (option->form == FORM_STRUCT)
        return option->take(descriptor, value, length);
    error = read_program_number(option, level, value, length, &number);
    return error ? error : set_number(descriptor, option, number);
}

int unix_socket_set_option(ws2_handle s, int level, int name,
                           const void *value, int length)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = set_option(descriptor, level, name, value, length);
    descriptor_release(descriptor);
    return error;
}
