/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watching registered sockets.
 *
 * A wake-up by epoll, edge-triggered, says only that something has changed.
 * The socket is then looked at, its record of events updated, its registration
 * told what is new, and the re-enabling calls published that the server has to
 * hear of.  Requests that depend on the record look as well, so their answers
 * do not lag behind what the asking process has already seen.
 *
 * A socket without a registration is not watched and costs nothing; what was
 * known of it stays, for the next registration to compare with.
 */
#include "core/monitor.h"

#include "core/network_events.h"
#include "core/observation.h"
#include "core/record.h"
#include "core/registration.h"
#include "core/server.h"
#include "core/socket.h"

/* Each datagram that leaves would wake a waiter for space, so that is waited
   for only when a send has failed.  A stream wakes one only after it was
   full. */
static uint32_t wanted_events(const struct socket *socket, bool wants_space)
{
    if (!socket_is_datagram(socket))
        return EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;
    return EPOLLIN | EPOLLET | (wants_space ? EPOLLOUT : 0);
}

/* Begins to watch the socket, of which the server has a descriptor; nothing
   happens when it is watched.  Returns 0 or -errno. */
int monitor_start(struct socket *socket)
{
    if (socket->source.fd >= 0)
        return 0;
    socket->watched_events =
        wanted_events(socket, socket->events.write_blocked);
    return loop_add(&socket->server->loop, &socket->source, socket->fd,
                    socket->watched_events);
}

/* Ends watching. */
void monitor_stop(struct socket *socket)
{
    loop_remove(&socket->server->loop, &socket->source);
}

static void watch_space(struct socket *socket, const struct observation *now)
{
    bool wants_space =
        socket->events.write_blocked ||
        (socket->registration && !now->writable &&
         registration_wants_space(socket->registration));
    uint32_t wanted = wanted_events(socket, wants_space);

    if (socket->source.fd < 0 || wanted == socket->watched_events)
        return;
    if (loop_modify(&socket->server->loop, &socket->source, wanted) == 0)
        socket->watched_events = wanted;
}

/* What the kernel knows and Winsock's options show. */
static void publish_state(struct socket *socket, const struct observation *now)
{
    if (now->reset && !socket_has_flag(socket, WIRE_RECORD_RESET))
        socket_change_flags(socket, WIRE_RECORD_RESET, 0);
    if (now->connect_error) {
        record_publish(socket->record->connect_error, now->connect_error);
        socket_change_flags(socket, WIRE_RECORD_CONNECT_FAILED, 0);
    }
}

/* With the connections that are put aside, and without what operations that
   pend are about to take. */
static void look(const struct socket *socket, struct observation *ret_now)
{
    observation_make(socket, ret_now);
    ret_now->backlog += socket->put_aside;
    if (socket->taken & WS2_FD_READ)
        ret_now->available = false;
    if (socket->taken & WS2_FD_OOB)
        ret_now->urgent = false;
    if (socket->taken & WS2_FD_ACCEPT)
        ret_now->backlog = 0;
}

/*
 * Looks at a socket of which the server has a descriptor and updates its
 * record.  Returns what occurred; the registration is still to be told.
 */
uint32_t monitor_observe(struct socket *socket, struct observation *ret_now)
{
    uint32_t recorded;

    look(socket, ret_now);
    recorded = network_events_observe(&socket->events, ret_now);
    publish_state(socket, ret_now);
    return recorded;
}

/* Tells the registration what occurred, and holders what to report. */
static void conclude(struct socket *socket, const struct observation *now,
                     uint32_t recorded)
{
    monitor_publish(socket);
    if (socket->registration)
        registration_report(socket->registration, now, recorded);
    watch_space(socket, now);
}

/* Looks at a registered socket and tells the registration what is new. */
void monitor_look(struct socket *socket)
{
    struct observation now;
    uint32_t recorded;

    if (!socket->registration)
        return;
    recorded = monitor_observe(socket, &now);
    conclude(socket, &now, recorded);
}

/* epoll's wake-up. */
void monitor_ready(struct loop_source *source, uint32_t events)
{
    (void)events;
    monitor_look(list_entry(source, struct socket, source));
}

/* The REENABLE request; see network_events_reenable. */
void monitor_reenable(struct socket *socket, uint32_t functions,
                      uint32_t would_block, uint32_t failed)
{
    struct observation now;
    uint32_t recorded;

    if (!socket->registration) {
        network_events_reenable_unseen(&socket->events, functions,
                                       would_block);
        monitor_publish(socket);
        return;
    }
    look(socket, &now);
    recorded = network_events_reenable(&socket->events, &now, functions,
                                       would_block, failed);
    publish_state(socket, &now);
    conclude(socket, &now, recorded);
}

/* A holder tells that a connect has failed, whose error it took. */
void monitor_connect_failed(struct socket *socket, int32_t error)
{
    struct observation now = { .connection = OBSERVED_NONE };
    uint32_t recorded = network_events_connect_failed(&socket->events, error);

    if (socket->registration && recorded)
        registration_report(socket->registration, &now, recorded);
}

/* What no look at the socket shows has occurred. */
void monitor_occurred(struct socket *socket, uint32_t events)
{
    const struct observation now = { .connection = OBSERVED_NONE };
    uint32_t recorded = network_events_occurred(&socket->events, events);

    if (socket->registration)
        registration_report(socket->registration, &now, recorded);
}

/* Publishes the re-enabling calls that the server has to hear of. */
void monitor_publish(struct socket *socket)
{
    uint32_t calls = network_events_awaited_calls(
        &socket->events,
        socket->registration && socket_connects_at_once(socket));

    if (socket->record->reenable != calls)
        record_publish(socket->record->reenable, calls);
}
