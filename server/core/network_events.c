/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The network-event record of a socket.
 *
 * The kernel tells levels ("data is there"), Winsock wants occurrences ("data
 * came").  This file turns one into the other without asking why it was called:
 * it compares an observation with the one before.  So it does not matter
 * whether epoll, a request or chance caused the look, nor how often; and
 * nothing here touches a descriptor, so tables can test it.
 *
 * What makes the comparison exact: while data, an urgent byte or a connection
 * waits, the condition is `awaited`, which is published to all holders of the
 * socket, and each re-enabling call (recv, accept, ...) is reported to the
 * server.  So between two reports nothing is taken out, and any growth is an
 * arrival.  When the level is gone without a report, a re-enabling function
 * has run whose report is under way or was not wanted: the condition ends.
 *
 * Two kinds of registration read this record differently:
 *
 *   WSAEventSelect   `pending` records every occurrence, whatever the mask, and
 *                    enumerating clears what it returns.  Re-registration
 *                    re-derives nothing.
 *   WSAAsyncSelect   a level poll of the events that are not `disabled`.  A
 *                    posted event is disabled until its re-enabling function
 *                    was called; registration enables all.  CONNECT and the
 *                    changes of the network alone are occurrences.
 *
 * WRITE is recorded when the socket becomes able to send for the first time,
 * and from then on only after a send that would have blocked.
 */
#include "core/network_events.h"

#include <string.h>

enum {
    LEVEL_EVENTS = WS2_FD_READ | WS2_FD_OOB | WS2_FD_ACCEPT,
    CHANGE_EVENTS =
        WS2_FD_ROUTING_INTERFACE_CHANGE | WS2_FD_ADDRESS_LIST_CHANGE,
};

/* The index of an FD_* bit in the arrays of errors. */
int network_event_index(uint32_t event)
{
    return __builtin_ctz(event);
}

/* The conditions that hold now, of those that a re-enabling function ends. */
static uint32_t levels(const struct observation *now)
{
    uint32_t level = 0;

    if (now->available)
        level |= WS2_FD_READ;
    if (now->urgent)
        level |= WS2_FD_OOB;
    if (now->connection == OBSERVED_LISTENING && now->backlog > 0)
        level |= WS2_FD_ACCEPT;
    return level;
}

static uint32_t record(struct network_events *events, uint32_t event,
                       int32_t error)
{
    events->pending |= event;
    events->awaited |= event & LEVEL_EVENTS;
    events->errors[network_event_index(event)] = error;
    return event;
}

static uint32_t observe_connection(struct network_events *events,
                                   const struct observation *now)
{
    uint32_t recorded = 0;

    switch (now->connection) {
    case OBSERVED_CONNECTED:
        if (events->connected)
            break;
        events->connected = true;
        events->connect_failed = false;
        if (!now->accepted)
            recorded |= record(events, WS2_FD_CONNECT, 0);
        recorded |= record(events, WS2_FD_WRITE, 0);
        break;
    case OBSERVED_NONE:
        /* What ended can be connected anew. */
        events->connected = events->closed = false;
        if (now->connect_error)
            recorded |= network_events_connect_failed(events,
                                                      now->connect_error);
        break;
    case OBSERVED_CONNECTING:
    case OBSERVED_LISTENING:
        break;
    }
    if (now->datagram && now->bound && !events->bound) {
        events->bound = true;
        recorded |= record(events, WS2_FD_WRITE, 0);
    }
    return recorded;
}

static uint32_t observe_close(struct network_events *events,
                              const struct observation *now)
{
    if (now->datagram || !events->connected || events->closed ||
        !(now->peer_closed || now->reset))
        return 0;
    events->closed = true;
    events->close_error = now->reset ? WS2_ECONNABORTED : 0;
    return record(events, WS2_FD_CLOSE, events->close_error);
}

/* READ and OOB.  An urgent byte counts as received like any other; it is known
   by the mark moving on, or by nothing else having come. */
static uint32_t observe_data(struct network_events *events,
                             const struct observation *now)
{
    bool read_known = events->awaited & WS2_FD_READ;
    bool urgent_known = events->awaited & WS2_FD_OOB;
    bool grown = now->datagram ? now->received > events->received
                               : now->received != events->received;
    bool urgent_new =
        now->urgent && (!urgent_known || now->mark > events->mark ||
                        (grown && !now->available));
    bool only_urgent = urgent_new && now->received == events->received + 1;
    uint32_t recorded = 0;

    if (now->available && (!read_known || (grown && !only_urgent)))
        recorded |= record(events, WS2_FD_READ, 0);
    if (urgent_new)
        recorded |= record(events, WS2_FD_OOB, 0);
    return recorded;
}

/*
 * Takes note of an observation.  Returns the events that occurred since the one
 * before; they are recorded as pending.
 */
uint32_t network_events_observe(struct network_events *events,
                                const struct observation *now)
{
    uint32_t gone = LEVEL_EVENTS & ~levels(now);
    uint32_t recorded;

    events->pending &= ~gone;
    events->awaited &= ~gone;
    events->disabled &= ~gone;

    recorded = observe_connection(events, now);
    recorded |= observe_data(events, now);
    recorded |= observe_close(events, now);
    if ((levels(now) & WS2_FD_ACCEPT) &&
        (!(events->awaited & WS2_FD_ACCEPT) || now->backlog > events->backlog))
        recorded |= record(events, WS2_FD_ACCEPT, 0);
    if (events->write_blocked && now->writable) {
        events->write_blocked = false;
        events->disabled &= ~(uint32_t)WS2_FD_WRITE;
        recorded |= record(events, WS2_FD_WRITE, 0);
    }
    events->received = now->received;
    events->mark = now->mark;
    events->backlog = now->backlog;
    return recorded;
}

/*
 * Re-enabling functions were called: `functions` are the events that they
 * re-enable, of which `would_block` failed with WSAEWOULDBLOCK and `failed`
 * before they reached the transport (which enables messages, but records
 * nothing).  Returns the events that occurred; they are recorded as pending.
 */
uint32_t network_events_reenable(struct network_events *events,
                                 const struct observation *now,
                                 uint32_t functions, uint32_t would_block,
                                 uint32_t failed)
{
    uint32_t recorded, remaining;

    if (functions & WS2_FD_CONNECT && now->datagram)
        events->connected = false; /* connected anew: it occurs again */
    if (functions & would_block & WS2_FD_WRITE)
        events->write_blocked = true;
    recorded = network_events_observe(events, now);

    events->disabled &= ~(functions & LEVEL_EVENTS);
    if (recorded & functions & WS2_FD_CONNECT)
        events->disabled &= ~(uint32_t)WS2_FD_WRITE;
    remaining = functions & ~failed & levels(now) & ~recorded;
    while (remaining) {
        uint32_t event = remaining & -remaining;

        recorded |= record(events, event, 0);
        remaining &= ~event;
    }
    return recorded;
}

/* The same while nobody looks at the socket: what was known of the conditions
   is so no more, and the next observation counts as an arrival. */
void network_events_reenable_unseen(struct network_events *events,
                                    uint32_t functions, uint32_t would_block)
{
    events->awaited &= ~(functions & LEVEL_EVENTS);
    if (functions & would_block & WS2_FD_WRITE)
        events->write_blocked = true;
}

/* A connect has failed.  Returns FD_CONNECT the first time, else 0: the
   failure is known already. */
uint32_t network_events_connect_failed(struct network_events *events,
                                       int32_t error)
{
    if (events->connected || events->connect_failed)
        return 0;
    events->connect_failed = true;
    /* 0: the caller of connect has had the error; nobody waits for it. */
    return error ? record(events, WS2_FD_CONNECT, error) : 0;
}

/* A new connect begins: it may fail again. */
void network_events_connecting(struct network_events *events)
{
    events->connect_failed = false;
}

/* Events that no observation shows: changes of the machine's network, a joined
   session.  Returns them; they are recorded as pending. */
uint32_t network_events_occurred(struct network_events *events,
                                 uint32_t occurred)
{
    uint32_t remaining = occurred;

    while (remaining) {
        uint32_t event = remaining & -remaining;

        record(events, event, 0);
        remaining &= ~event;
    }
    return occurred;
}

/* WSAEnumNetworkEvents: returns the pending events of the mask, fills in their
   errors, and clears just those. */
uint32_t network_events_enumerate(struct network_events *events, uint32_t mask,
                                  int32_t errors[WS2_FD_MAX_EVENTS])
{
    uint32_t reported = events->pending & mask;
    int i;

    for (i = 0; i < WS2_FD_MAX_EVENTS; i++)
        errors[i] = reported & (1u << i) ? events->errors[i] : 0;
    events->pending &= ~reported;
    return reported;
}

/* A WSAAsyncSelect enables all events. */
void network_events_enable_all(struct network_events *events)
{
    events->disabled = 0;
}

/*
 * The messages to post for a mask, given what the last observation recorded;
 * they are disabled from now on.  The caller posts CONNECT and READ before
 * WRITE.
 */
uint32_t network_events_due(struct network_events *events,
                            const struct observation *now, uint32_t mask,
                            uint32_t recorded)
{
    uint32_t due = levels(now);

    if (now->writable && (now->datagram || events->connected))
        due |= WS2_FD_WRITE;
    if (events->closed) {
        due |= WS2_FD_CLOSE;
        events->errors[network_event_index(WS2_FD_CLOSE)] =
            events->close_error;
    }
    due &= ~events->disabled;
    if (!now->datagram)
        due |= recorded & WS2_FD_CONNECT;
    due |= recorded & CHANGE_EVENTS;
    due &= mask;
    events->disabled |= due & ~(uint32_t)(WS2_FD_CONNECT | CHANGE_EVENTS);
    return due;
}

/* The re-enabling calls that the server must hear of, to be published once the
   socket has had a registration. */
uint32_t network_events_awaited_calls(const struct network_events *events,
                                      bool datagram)
{
    uint32_t calls = events->awaited;

    if (!events->write_blocked)
        calls |= WS2_FD_WRITE;
    if (datagram)
        calls |= WS2_FD_CONNECT;
    return calls;
}
