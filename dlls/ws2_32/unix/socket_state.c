/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of a socket; see socket_state.h. */
#include "unix/socket_state.h"

#include <poll.h>

#include "unix/connection.h"
#include "unix/kernel_socket.h"
#include "unix/overlapped.h"
#include "unix/readiness.h"
#include "unix/socket_operations.h"

static uint32_t stream_events(struct descriptor *descriptor, short revents,
                              uint32_t *ret_status)
{
    const struct wire_record *record = descriptor_record(descriptor);
    uint32_t ready = readiness_of(descriptor, revents, 1);
    uint32_t events = 0;

    if (ready & READINESS_FAILED) {
        *ret_status = unix_status_of_error(
            __atomic_load_n(&record->connect_error, __ATOMIC_RELAXED));
        return UNIX_POLL_CONNECT_ERR;
    }
    if (!connection_is_established(descriptor) &&
        !(descriptor_flags(descriptor) &
          (WIRE_RECORD_RESET | WIRE_RECORD_SHUT_SEND)))
        return 0;
    events = UNIX_POLL_CONNECT;
    if (ready & READINESS_DATA)
        events |= UNIX_POLL_READ;
    if (ready & READINESS_FIN)
        events |= UNIX_POLL_HUP;
    if (ready & READINESS_WRITABLE)
        events |= UNIX_POLL_WRITE;
    if (ready & READINESS_URGENT)
        events |= UNIX_POLL_OOB;
    if (ready & READINESS_RESET)
        events |= UNIX_POLL_RESET;
    return events;
}

uint32_t socket_state(struct descriptor *descriptor, uint32_t wanted,
                      uint32_t *ret_status)
{
    struct pollfd fd = {descriptor->fd, POLLIN | POLLOUT | POLLPRI, 0};
    uint32_t events = 0;

    *ret_status = 0;
    /* To the kernel a connect that failed is shut down, too. */
    if (connection_is_established(descriptor))
        fd.events |= POLLRDHUP;
    (void)poll(&fd, 1, 0);
    if (descriptor->identity.type != WS2_SOCK_STREAM) {
        events = UNIX_POLL_WRITE;
        if (fd.revents & (POLLIN | POLLERR))
            events |= UNIX_POLL_READ;
        if (wanted & UNIX_POLL_CONNECT &&
            kernel_socket_has_peer(descriptor->fd))
            events |= UNIX_POLL_CONNECT;
    } else if (__atomic_load_n(&descriptor->stage, __ATOMIC_RELAXED) !=
                   DESCRIPTOR_CONNECTED &&
               kernel_socket_is_listening(descriptor->fd)) {
        events = fd.revents & POLLIN ? UNIX_POLL_ACCEPT : 0;
    } else {
        events = stream_events(descriptor, fd.revents, ret_status);
    }
    /* What is there belongs to the receives that pend. */
    if (operation_is_queued(descriptor, OPERATION_RECEIVE))
        events &= ~(uint32_t)(UNIX_POLL_READ | UNIX_POLL_ACCEPT);
    if (!(events & wanted & UNIX_POLL_CONNECT_ERR))
        *ret_status = 0;
    return events & wanted;
}
