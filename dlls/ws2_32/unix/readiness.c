/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What poll(2) says of a socket, in Winsock's terms; see readiness.h. */
#include "unix/readiness.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "unix/connection.h"
#include "unix/datagram_error.h"
#include "unix/kernel_socket.h"

/* The kernel counts the bytes up to an urgent one's place only. */
static int has_data(int fd)
{
    int bytes = 0;
    char byte;

    return (ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0) ||
           recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* An urgent byte counts as data when it is received inline. */
static uint32_t urgent(const struct descriptor *descriptor)
{
    return kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_OOBINLINE) == 1
               ? READINESS_DATA
               : READINESS_URGENT;
}

static uint32_t connected_readiness(struct descriptor *descriptor,
                                    short revents, int exact)
{
    uint32_t result = 0;

    if (revents & POLLERR ||
        descriptor_flags(descriptor) & WIRE_RECORD_RESET)
        return READINESS_RESET | READINESS_WRITABLE;
    if (revents & (POLLRDHUP | POLLHUP))
        result |= READINESS_FIN;
    if (revents & POLLIN &&
        (!(result & READINESS_FIN) || !exact || has_data(descriptor->fd)))
        result |= READINESS_DATA;
    if (revents & (POLLOUT | POLLHUP))
        result |= READINESS_WRITABLE;
    if (revents & POLLPRI)
        result |= urgent(descriptor);
    return result;
}

/* Whether the connection that is no more ever was: the peer has acknowledged
   our SYN, which the kernel counts as a byte, or it came from accept. */
static int was_connected(const struct descriptor *descriptor)
{
    struct tcp_info info;
    socklen_t length = sizeof(info);

    memset(&info, 0, sizeof(info));
    return (descriptor_flags(descriptor) & WIRE_RECORD_ACCEPTED) != 0 ||
           (getsockopt(descriptor->fd, IPPROTO_TCP, TCP_INFO, &info, &length) ==
                0 &&
            info.tcpi_bytes_acked > 0);
}

/* The kernel reports a stream in state CLOSE as hung up: one that was never
   connected, one whose connect failed, and one whose connection is over. */
static uint32_t closed_readiness(struct descriptor *descriptor, short revents,
                                 int exact)
{
    uint32_t flags = descriptor_flags(descriptor);

    if (flags & WIRE_RECORD_CONNECT_FAILED)
        return READINESS_FAILED;
    if (flags & (WIRE_RECORD_RESET | WIRE_RECORD_SHUT_SEND))
        return connected_readiness(descriptor, revents, exact);
    if (revents & POLLERR && !was_connected(descriptor) &&
        connection_take_failure(descriptor))
        return READINESS_FAILED;
    return revents & POLLRDHUP
               ? connected_readiness(descriptor, revents, exact)
               : READINESS_IDLE;
}

/* An error that a receive would tell makes one ready. */
static uint32_t datagram_readiness(struct descriptor *descriptor, short revents)
{
    uint32_t result = 0;

    if (revents & POLLIN || datagram_error_waits(descriptor, revents & POLLERR))
        result |= READINESS_DATA;
    if (revents & POLLOUT)
        result |= READINESS_WRITABLE;
    return result;
}

uint32_t readiness_of(struct descriptor *descriptor, short revents, int exact)
{
    if (descriptor->identity.type != WS2_SOCK_STREAM)
        return datagram_readiness(descriptor, revents);
    if (revents == 0)
        return 0;
    if (revents & (POLLHUP | POLLERR) &&
        !connection_is_established(descriptor))
        return closed_readiness(descriptor, revents, exact);
    if (revents & POLLOUT)
        (void)connection_is_established(descriptor);
    return connected_readiness(descriptor, revents, exact);
}
