/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ioctlsocket: blocking mode, readable bytes, the out-of-band mark; and which
   errors of the network a datagram socket's receives tell. */
#include <sys/ioctl.h>
#include <errno.h>
#include <sys/socket.h>

#include "unix/datagram_error.h"
#include "unix/descriptor.h"
#include "unix/echo_socket.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/option.h"
#include "unix/raw_socket.h"
#include "unix/socket.h"

int unix_socket_set_nonblocking(ws2_handle s, uint32_t on)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    /* Asking for what it is already costs no trip to the server; off may have
       to be refused, so it does. */
    if (!on || !(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING))
        error = socket_set_property(descriptor, WIRE_SET_NONBLOCKING, on != 0);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_readable_bytes(ws2_handle s, uint32_t *ret)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);
    int bytes = 0;

    if (error)
        return error;
    /* A listener, and a stream without a connection, have none. */
    if (raw_socket_is(descriptor) && echo_socket_is(descriptor))
        *ret = echo_socket_waiting(descriptor);
    else if (ioctl(descriptor->fd, FIONREAD, &bytes) < 0 && errno != EINVAL)
        error = error_from_errno(errno);
    else
        *ret = (uint32_t)bytes;
    descriptor_release(descriptor);
    return error;
}

/* Winsock's answer: FALSE while an out-of-band byte waits, wherever the
   stream is. */
int unix_socket_at_mark(ws2_handle s, uint32_t *ret)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);
    char byte;

    if (error)
        return error;
    if (descriptor->identity.type != WS2_SOCK_STREAM)
        error = WS2_EINVAL;
    else
        *ret = recv(descriptor->fd, &byte, 1, MSG_OOB | MSG_PEEK) < 0;
    descriptor_release(descriptor);
    return error;
}

/* On is the default. */
static int keep_flag(ws2_handle s, uint32_t option, uint32_t on)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = option_keep(descriptor, option, 1, on != 0);
    if (!error)
        datagram_error_follow(descriptor);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_report_unreachable(ws2_handle s, uint32_t on)
{
    return keep_flag(s, WIRE_OPTION_UDP_CONNRESET, on);
}

int unix_socket_report_expired(ws2_handle s, uint32_t on)
{
    return keep_flag(s, WIRE_OPTION_UDP_NETRESET, on);
}
