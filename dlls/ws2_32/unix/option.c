/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getsockopt and setsockopt.
 *
 * An option is the kernel's where the kernel has it, else the server's, which
 * publishes it.  The table gives for each one its kinds of socket, how the
 * program passes it and who keeps it.  Winsock's rules of length: a BOOL or
 * int is read back with 4 bytes, or 1 when there is less room; some options
 * are one byte wide; structs and numbers have to fit.
 */
#include "unix/option.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "unix/connection.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/socket.h"

#define STREAM 1
#define DGRAM 2
#define RAW 4
#define ANY (STREAM | DGRAM | RAW)

#define SOCKET_OPTION(option, kinds, form, kernel)                             \
    {WS2_SOL_SOCKET, WS2_##option, kinds, form, SOL_SOCKET, kernel, 0, NULL,   \
     NULL}
#define KERNEL_OPTION(level, option, kinds, form, kernel_level, kernel)        \
    {level, WS2_##option, kinds, form, kernel_level, kernel, 0, NULL, NULL}
#define FLAG_OPTION(option, form, property, flag)                              \
    {WS2_SOL_SOCKET, WS2_##option, ANY, form, 0, property, flag, NULL, NULL}
#define OWN_OPTION(level, option, kinds, form, get, set)                       \
    {level, WS2_##option, kinds, form, 0, 0, 0, get, set}

static const struct option options[] = {
    FLAG_OPTION(SO_DEBUG, FORM_BOOL, WIRE_SET_DEBUG, WIRE_RECORD_DEBUG),
    FLAG_OPTION(SO_REUSEADDR, FORM_BOOL, WIRE_SET_REUSE, WIRE_RECORD_REUSE),
    FLAG_OPTION(SO_EXCLUSIVEADDRUSE, FORM_BOOL, WIRE_SET_EXCLUSIVE,
                WIRE_RECORD_EXCLUSIVE),
    FLAG_OPTION(SO_CONDITIONAL_ACCEPT, FORM_BOOL, WIRE_SET_CONDITIONAL_ACCEPT,
                WIRE_RECORD_CONDITIONAL_ACCEPT),
    FLAG_OPTION(SO_DONTROUTE, FORM_BYTE, WIRE_SET_DONTROUTE,
                WIRE_RECORD_DONTROUTE),
    SOCKET_OPTION(SO_ACCEPTCONN, ANY, FORM_BOOL | FORM_READ_ONLY,
                  SO_ACCEPTCONN),
    SOCKET_OPTION(SO_KEEPALIVE, STREAM, FORM_BYTE, SO_KEEPALIVE),
    SOCKET_OPTION(SO_BROADCAST, DGRAM | RAW, FORM_BOOL, SO_BROADCAST),
    SOCKET_OPTION(SO_OOBINLINE, STREAM, FORM_BOOL, SO_OOBINLINE),
    SOCKET_OPTION(SO_TYPE, ANY, FORM_INT | FORM_READ_ONLY, SO_TYPE),
    OWN_OPTION(WS2_SOL_SOCKET, SO_LINGER, STREAM, FORM_OWN, option_get_linger,
               option_set_linger),
    OWN_OPTION(WS2_SOL_SOCKET, SO_DONTLINGER, STREAM, FORM_BOOL,
               option_get_dontlinger, option_set_dontlinger),
    OWN_OPTION(WS2_SOL_SOCKET, SO_SNDBUF, ANY, FORM_INT, option_get_sndbuf,
               option_set_sndbuf),
    OWN_OPTION(WS2_SOL_SOCKET, SO_RCVBUF, ANY, FORM_INT, option_get_rcvbuf,
               option_set_rcvbuf),
    OWN_OPTION(WS2_SOL_SOCKET, SO_SNDTIMEO, ANY, FORM_INT, option_get_sndtimeo,
               option_set_sndtimeo),
    OWN_OPTION(WS2_SOL_SOCKET, SO_RCVTIMEO, ANY, FORM_INT, option_get_rcvtimeo,
               option_set_rcvtimeo),
    OWN_OPTION(WS2_SOL_SOCKET, SO_ERROR, ANY, FORM_INT, option_get_error,
               option_set_error),
    OWN_OPTION(WS2_SOL_SOCKET, SO_CONNECT_TIME, ANY, FORM_INT | FORM_READ_ONLY,
               option_get_connect_time, NULL),
    OWN_OPTION(WS2_SOL_SOCKET, SO_MAX_MSG_SIZE, DGRAM | RAW,
               FORM_INT | FORM_READ_ONLY, option_get_max_message, NULL),

    KERNEL_OPTION(WS2_IPPROTO_TCP, TCP_NODELAY, STREAM, FORM_BYTE, IPPROTO_TCP,
                  TCP_NODELAY),
    KERNEL_OPTION(WS2_IPPROTO_TCP, TCP_KEEPIDLE, STREAM, FORM_INT, IPPROTO_TCP,
                  TCP_KEEPIDLE),
    KERNEL_OPTION(WS2_IPPROTO_TCP, TCP_KEEPINTVL, STREAM, FORM_INT,
                  IPPROTO_TCP, TCP_KEEPINTVL),
    KERNEL_OPTION(WS2_IPPROTO_TCP, TCP_KEEPCNT, STREAM, FORM_INT, IPPROTO_TCP,
                  TCP_KEEPCNT),
    KERNEL_OPTION(WS2_IPPROTO_TCP, TCP_MAXSEG, STREAM,
                  FORM_INT | FORM_READ_ONLY, IPPROTO_TCP, TCP_MAXSEG),

    KERNEL_OPTION(WS2_IPPROTO_IP, IP_TTL, ANY, FORM_SHORT, IPPROTO_IP, IP_TTL),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_TOS, ANY, FORM_SHORT, IPPROTO_IP, IP_TOS),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_HDRINCL, RAW, FORM_SHORT, IPPROTO_IP,
                  IP_HDRINCL),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_MULTICAST_TTL, DGRAM | RAW, FORM_SHORT,
                  IPPROTO_IP, IP_MULTICAST_TTL),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_MULTICAST_LOOP, DGRAM | RAW, FORM_SHORT,
                  IPPROTO_IP, IP_MULTICAST_LOOP),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_PKTINFO, DGRAM | RAW, FORM_INT, IPPROTO_IP,
                  IP_PKTINFO),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_RECVTTL, DGRAM | RAW, FORM_INT, IPPROTO_IP,
                  IP_RECVTTL),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_RECVTOS, DGRAM | RAW, FORM_INT, IPPROTO_IP,
                  IP_RECVTOS),
    KERNEL_OPTION(WS2_IPPROTO_IP, IP_UNICAST_IF, ANY, FORM_INT, IPPROTO_IP,
                  IP_UNICAST_IF),
    OWN_OPTION(WS2_IPPROTO_IP, IP_MULTICAST_IF, DGRAM | RAW, FORM_INT,
               option_get_multicast_if, option_set_multicast_if),
    OWN_OPTION(WS2_IPPROTO_IP, IP_DONTFRAGMENT, ANY, FORM_SHORT,
               option_get_dontfragment, option_set_dontfragment),
    OWN_OPTION(WS2_IPPROTO_IP, IP_ADD_MEMBERSHIP, DGRAM | RAW, FORM_OWN, NULL,
               option_add_membership),
    OWN_OPTION(WS2_IPPROTO_IP, IP_DROP_MEMBERSHIP, DGRAM | RAW, FORM_OWN, NULL,
               option_drop_membership),

    OWN_OPTION(WS2_IPPROTO_IPV6, IPV6_V6ONLY, ANY, FORM_BYTE,
               option_get_v6only, option_set_v6only),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_UNICAST_HOPS, ANY, FORM_SHORT,
                  IPPROTO_IPV6, IPV6_UNICAST_HOPS),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_MULTICAST_IF, DGRAM | RAW, FORM_INT,
                  IPPROTO_IPV6, IPV6_MULTICAST_IF),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_MULTICAST_HOPS, DGRAM | RAW,
                  FORM_SHORT, IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_MULTICAST_LOOP, DGRAM | RAW,
                  FORM_SHORT, IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_PKTINFO, DGRAM | RAW, FORM_INT,
                  IPPROTO_IPV6, IPV6_RECVPKTINFO),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_HOPLIMIT, DGRAM | RAW, FORM_INT,
                  IPPROTO_IPV6, IPV6_RECVHOPLIMIT),
    KERNEL_OPTION(WS2_IPPROTO_IPV6, IPV6_DONTFRAG, DGRAM | RAW, FORM_SHORT,
                  IPPROTO_IPV6, IPV6_DONTFRAG),
    OWN_OPTION(WS2_IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, DGRAM | RAW, FORM_OWN,
               NULL, option_add_membership6),
    OWN_OPTION(WS2_IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, DGRAM | RAW, FORM_OWN,
               NULL, option_drop_membership6),
};

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

static const struct option *find_option(int level, int name)
{
    size_t i;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (options[i].level == level && options[i].name == name)
            return &options[i];
    return NULL;
}

/* The option of this socket, or Winsock's error for what it does not have. */
static int option_for(const struct descriptor *descriptor, int level, int name,
                      const struct option **ret_option)
{
    const struct option *option = find_option(level, name);
    int family = descriptor->identity.family;

    if (option == NULL)
        return level == WS2_SOL_SOCKET || level == WS2_IPPROTO_TCP ||
                       level == WS2_IPPROTO_IP || level == WS2_IPPROTO_IPV6 ||
                       level == WS2_IPPROTO_UDP
                   ? WS2_ENOPROTOOPT
                   : WS2_EINVAL;
    if ((level == WS2_IPPROTO_IP && family != WS2_AF_INET) ||
        (level == WS2_IPPROTO_IPV6 && family != WS2_AF_INET6 &&
         name != WS2_IPV6_V6ONLY))
        return WS2_EINVAL; /* the other family's */
    if (!(option->kinds & kind_of(descriptor)))
        return level == WS2_IPPROTO_IP || level == WS2_IPPROTO_IPV6
                   ? WS2_EINVAL
                   : WS2_ENOPROTOOPT;
    *ret_option = option;
    return WS2_SUCCESS;
}

/* --- Reading ------------------------------------------------------------------ */

/* An option's value as a number. */
static int read_number(struct descriptor *descriptor,
                       const struct option *option, int *ret_value)
{
    if (option->get != NULL)
        return option->get(descriptor, ret_value);
    if (option->flag) {
        *ret_value = (descriptor_flags(descriptor) & option->flag) != 0;
        return WS2_SUCCESS;
    }
    *ret_value = kernel_socket_option(descriptor->fd, option->kernel_level,
                                      option->kernel);
    return *ret_value < 0 ? error_from_errno(errno) : WS2_SUCCESS;
}

/* How many bytes of a value the program gets: 0 is WSAEFAULT. */
static int32_t size_to_give(int form, int32_t room)
{
    switch (form & FORM_MASK) {
    case FORM_BYTE:
        return room >= 1 ? 1 : 0;
    case FORM_BOOL:
    case FORM_SHORT:
        return room >= 4 ? 4 : room >= 1 ? 1 : 0;
    case FORM_INT:
        return room >= 4 ? 4 : 0;
    }
    return 0;
}

static int get_number(struct descriptor *descriptor,
                      const struct option *option, void *value, int *length,
                      int32_t room)
{
    int32_t size = size_to_give(option->form, room);
    int error, number;

    if (size == 0)
        return WS2_EFAULT;
    error = read_number(descriptor, option, &number);
    if (!error)
        error = memory_write_cached(value, &number, (size_t)size);
    if (!error)
        error = memory_write_cached(length, &size, sizeof(size));
    return error;
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
    if (room <= 0)
        return WS2_EFAULT;
    if (option->form == FORM_OWN && option->get == NULL)
        return WS2_ENOPROTOOPT;
    if (option->form == FORM_OWN)
        return option_give_linger(descriptor, value, length, room);
    return get_number(descriptor, option, value, length, room);
}

int unix_socket_get_option(ws2_handle s, int level, int name, void *value,
                           int *length)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = get_option(descriptor, level, name, value, length);
    descriptor_release(descriptor);
    return error;
}

/* --- Writing -------------------------------------------------------------------- */

/* Reads the program's number. A BOOL may be 1, 2 or 4 bytes or more; of a
   one-byte option only the low byte counts. */
static int read_program_number(const struct option *option, const void *value,
                               int length, int *ret_number)
{
    uint32_t number = 0;
    int form = option->form & FORM_MASK, size = length, error;

    if (length < 0) {
        if (form == FORM_BYTE || option->level != WS2_SOL_SOCKET)
            return WS2_ENOBUFS;
        size = 4;
    }
    if (length == 0 && (option->level != WS2_SOL_SOCKET || form == FORM_INT))
        return WS2_EFAULT;
    if (form == FORM_INT && size < 4)
        return WS2_EFAULT;
    if (size > 4)
        size = 4;
    if (size == 0 || form == FORM_BYTE)
        size = 1;
    error = memory_read_cached(&number, value, (size_t)size);
    if (error)
        return error;
    if (form == FORM_BYTE || form == FORM_BOOL)
        number = number != 0;
    *ret_number = (int)number;
    return WS2_SUCCESS;
}

static int set_number(struct descriptor *descriptor,
                      const struct option *option, const void *value,
                      int length)
{
    int error, number = 0;

    error = read_program_number(option, value, length, &number);
    if (error)
        return error;
    if (option->set != NULL)
        return option->set(descriptor, &number, sizeof(number));
    if (option->flag)
        return socket_set_property(descriptor, (uint32_t)option->kernel,
                                   (uint64_t)number);
    if (setsockopt(descriptor->fd, option->kernel_level, option->kernel,
                   &number, sizeof(number)) < 0)
        return error_from_errno(errno);
    return WS2_SUCCESS;
}

static int set_option(struct descriptor *descriptor, int level, int name,
                      const void *value, int length)
{
    const struct option *option;
    int error;

    if (value == NULL)
        return WS2_EFAULT;
    error = option_for(descriptor, level, name, &option);
    if (error)
        return error;
    if (option->form & FORM_READ_ONLY)
        return WS2_ENOPROTOOPT;
    if (option->form == FORM_OWN)
        return option->set(descriptor, value, length);
    return set_number(descriptor, option, value, length);
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
