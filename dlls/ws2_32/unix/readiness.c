/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What poll(2) says of a socket, in Winsock's terms; see readiness.h. */
#include "unix/readiness.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "unix/connection.h"
#include "unix/kernel_socket.h"

static int has_data(int fd)
{
    int bytes = 0;

    return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
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

/* The kernel reports a stream in state CLOSE as hung up: one that was never
   connected, one whose connect failed, and one whose connection is over. */
static uint32_t closed_readiness(struct descriptor *descriptor, short revents,
                                 int exact)
{
    uint32_t flags = descriptor_flags(descriptor);

    if (flags & WIRE_RECORD_CONNECT_FAILED)
        return READINESS_FAILED;
    if (flags & (WIRE_RECORD_RESET | WIRE_RECORD_SHUT_SEND) ||
        revents & POLLRDHUP)
        return connected_readiness(descriptor, revents, exact);
    if (revents & POLLERR && connection_take_failure(descriptor))
        return READINESS_FAILED;
    return READINESS_IDLE;
}

uint32_t readiness_of(struct descriptor *descriptor, short revents, int exact)
{
    uint32_t result = 0;

    if (revents == 0)
        return 0;
    if (descriptor->identity.type != WS2_SOCK_STREAM) {
        if (revents & (POLLIN | POLLERR))
            result |= READINESS_DATA;
        if (revents & POLLOUT)
            result |= READINESS_WRITABLE;
        return result;
    }
    if (revents & (POLLHUP | POLLERR) &&
        !connection_is_established(descriptor))
        return closed_readiness(descriptor, revents, exact);
    if (revents & POLLOUT)
        (void)connection_is_established(descriptor);
    return connected_readiness(descriptor, revents, exact);
}
