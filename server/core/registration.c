/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one event registration of a socket.
 *
 * WSAEventSelect and WSAAsyncSelect through any descriptor, in any process,
 * replace whatever was registered.  A registration ends when it is replaced or
 * cancelled, when the descriptor that it was made through is closed, or when
 * its owner leaves.  The record of events is the socket's, not the
 * registration's, and outlives it.
 */
#include "core/registration.h"

#include <stdlib.h>

#include <ws2emu/wire.h>

#include "core/client.h"
#include "core/event_target.h"
#include "core/monitor.h"
#include "core/notifier.h"
#include "core/record.h"
#include "core/socket.h"

bool registration_is_for_messages(const struct registration *registration)
{
    return registration->target->kind == WIRE_TARGET_MESSAGE;
}

/* Whether FD_WRITE is to be posted as soon as a send is possible. */
bool registration_wants_space(const struct registration *registration)
{
    return registration_is_for_messages(registration) &&
           (registration->mask & ~registration->socket->events.disabled &
            WS2_FD_WRITE);
}

static void signal_event(struct registration *registration)
{
    if (registration->target->kind == WIRE_TARGET_EVENTFD)
        event_target_signal(registration->target);
    else
        notifier_post(registration, WS2_FD_ALL_EVENTS);
}

/* Tells the owner what an observation has brought. */
void registration_report(struct registration *registration,
                         const struct observation *now, uint32_t recorded)
{
    uint32_t due;

    if (!registration_is_for_messages(registration)) {
        if (recorded & registration->mask)
            signal_event(registration);
        return;
    }
    due = network_events_due(&registration->socket->events, now,
                             registration->mask, recorded);
    if (due)
        notifier_post(registration, due);
}

/* A socket's handle is being closed behind Winsock's back.  With the last one
   the socket ends, which is the one local close that there is a message for. */
void registration_note_handle_closed(struct socket *socket)
{
    struct registration *registration = socket->registration;

    if (registration && registration_is_for_messages(registration) &&
        socket_count_descriptors(socket) == 1 && socket->n_duplicates == 0 &&
        (registration->mask & ~socket->events.disabled & WS2_FD_CLOSE))
        notifier_post(registration, WS2_FD_CLOSE);
}

/* Frees the registration; the socket is as it was. */
static void detach(struct registration *registration)
{
    registration->socket->registration = NULL;
    list_remove(&registration->in_client);
    list_remove(&registration->in_unsent);
    event_target_release(registration->target);
    free(registration);
}

/* What a new registration finds.  A connection that was made before is no
   FD_CONNECT message: that is for those made while registered. */
static void report_first(struct registration *registration)
{
    struct socket *socket = registration->socket;
    struct observation now;
    uint32_t recorded = monitor_observe(socket, &now);

    if (registration_is_for_messages(registration)) {
        network_events_enable_all(&socket->events);
        recorded &= ~(uint32_t)WS2_FD_CONNECT;
    } else
        recorded = socket->events.pending;
    monitor_publish(socket);
    registration_report(registration, &now, recorded);
}

/*
 * Registers, in place of whatever was registered.  The server has a descriptor
 * of the socket.  Takes over the reference to the target.
 * Returns 0 or WS2_ENOBUFS, with the socket not registered.
 */
int registration_make(struct socket *socket, struct client *client,
                      uint64_t handle, uint32_t mask, uint32_t message,
                      struct event_target *target)
{
    struct registration *new = calloc(1, sizeof *new);

    if (!new) {
        event_target_release(target);
        return WS2_ENOBUFS;
    }
    new->socket = socket;
    new->client = client;
    new->handle = handle;
    new->mask = mask;
    new->message = message;
    new->target = target;
    list_init(&new->in_unsent);
    list_append(&client->registrations, &new->in_client);
    if (socket->registration)
        detach(socket->registration);
    socket->registration = new;
    if (monitor_start(socket)) {
        registration_end(new);
        return WS2_ENOBUFS;
    }
    socket_change_flags(socket,
                        WIRE_RECORD_REGISTERED | WIRE_RECORD_NONBLOCKING, 0);
    record_publish(socket->record->mask, mask);
    report_first(new);
    return 0;
}

/* An accepted socket gets a registration like its listener's, of its own. */
void registration_inherit(struct socket *socket, struct client *client,
                          uint64_t handle, const struct registration *parent)
{
    (void)registration_make(socket, client, handle, parent->mask,
                            parent->message, event_target_hold(parent->target));
}

/* Ends a registration.  The socket stays non-blocking and keeps its record. */
void registration_end(struct registration *registration)
{
    struct socket *socket = registration->socket;

    detach(registration);
    monitor_stop(socket);
    socket_change_flags(socket, 0, WIRE_RECORD_REGISTERED);
    record_publish(socket->record->mask, 0);
    monitor_publish(socket);
}
