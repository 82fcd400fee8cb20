/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the network answers to datagrams; see datagram_error.h. */
#include "unix/datagram_error.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "unix/error.h"
#include "unix/option.h"
#include "unix/socket.h"
#include "util/icmp_error.h"

/* Both are on by default. */
static int tells_unreachable(const struct descriptor *descriptor)
{
    return option_kept(descriptor, WIRE_OPTION_UDP_CONNRESET, 1) != 0;
}

static int tells_expired(const struct descriptor *descriptor)
{
    return option_kept(descriptor, WIRE_OPTION_UDP_NETRESET, 1) != 0;
}

static void set_queueing(const struct descriptor *descriptor, int on)
{
    if (descriptor->identity.protocol != WS2_IPPROTO_UDP)
        return;
    icmp_error_want(descriptor->fd,
                    descriptor->identity.family == WS2_AF_INET6 ? AF_INET6
                                                                : AF_INET,
                    on);
}

void datagram_error_begin(const struct descriptor *descriptor)
{
    set_queueing(descriptor, 1);
}

void datagram_error_follow(const struct descriptor *descriptor)
{
    set_queueing(descriptor,
                 tells_unreachable(descriptor) || tells_expired(descriptor));
}

/* The first entry of the queue that is to be told: its error, or 0. */
static int next_error(const struct descriptor *descriptor)
{
    enum icmp_error answer;

    while ((answer = icmp_error_next(descriptor->fd)) != ICMP_ERROR_NONE) {
        if (answer == ICMP_ERROR_UNREACHABLE && tells_unreachable(descriptor))
            return WS2_ECONNRESET;
        if (answer == ICMP_ERROR_EXPIRED && tells_expired(descriptor))
            return WS2_ENETRESET;
    }
    return 0;
}

static int kept_error(const struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor_record(descriptor)->datagram_error,
                           __ATOMIC_RELAXED);
}

int datagram_error_take(struct descriptor *descriptor)
{
    int error = kept_error(descriptor);

    if (descriptor->identity.protocol != WS2_IPPROTO_UDP)
        return 0;
    if (!error)
        return next_error(descriptor);
    (void)socket_set_property(descriptor, WIRE_SET_DATAGRAM_ERROR, 0);
    return error;
}

int datagram_error_waits(struct descriptor *descriptor, int queued)
{
    int error = kept_error(descriptor);

    if (error || !queued || descriptor->identity.protocol != WS2_IPPROTO_UDP)
        return error;
    error = next_error(descriptor);
    if (error)
        (void)socket_set_property(descriptor, WIRE_SET_DATAGRAM_ERROR,
                                  (uint64_t)error);
    return error;
}

void datagram_error_make_room(const struct descriptor *descriptor)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof(memory);

    while (getsockopt(descriptor->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) ==
               0 &&
           memory[SK_MEMINFO_RMEM_ALLOC] > memory[SK_MEMINFO_RCVBUF] / 2 &&
           icmp_error_next(descriptor->fd) != ICMP_ERROR_NONE)
        size = sizeof(memory);
}

int datagram_error_is_late(int unix_errno)
{
    switch (unix_errno) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EOPNOTSUPP:
    case EPROTO:
    case EMSGSIZE:
        return 1;
    }
    return 0;
}

int datagram_error_report(struct descriptor *descriptor, int unix_errno)
{
    int error = datagram_error_take(descriptor);

    if (error || !datagram_error_is_late(unix_errno))
        return error ? error : error_from_errno(unix_errno);
    /* The queue had no room for the answer. */
    return unix_errno == ECONNREFUSED && tells_unreachable(descriptor)
               ? WS2_ECONNRESET
               : 0;
}
