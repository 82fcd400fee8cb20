/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network-event record of a socket: pure logic; see network_events.c. */
#ifndef CORE_NETWORK_EVENTS_H
#define CORE_NETWORK_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include <ws2emu/constants.h>

enum observed_connection {
    OBSERVED_NONE = 0,   /* fresh, disconnected, or a failed connect */
    OBSERVED_CONNECTING,
    OBSERVED_CONNECTED,  /* now or, when it has ended since, before */
    OBSERVED_LISTENING,
};

/* What the kernel says of a socket at one moment. */
struct observation {
    enum observed_connection connection;
    bool datagram;
    bool bound;            /* datagram sockets only */
    bool accepted;         /* streams only: came from accept */
    bool available;        /* a receive would return data */
    bool urgent;           /* an urgent byte waits, outside of the stream */
    bool writable;         /* a send would not block */
    bool peer_closed;      /* FIN came */
    bool reset;            /* the connection was aborted */
    uint64_t received;     /* stream: bytes that ever came; datagram: memory of
                              the queue.  It grows with each arrival. */
    uint32_t mark;         /* bytes before the urgent one */
    uint32_t backlog;      /* connections that wait to be accepted */
    int32_t connect_error; /* of a connect that failed, 0: none */
};

/* All members start as 0. */
struct network_events {
    uint32_t pending;  /* recorded and not enumerated */
    uint32_t awaited;  /* READ, OOB, ACCEPT: conditions that hold until a
                          re-enabling function was called */
    uint32_t disabled; /* posted as messages and not re-enabled */
    int32_t errors[WS2_FD_MAX_EVENTS];
    bool write_blocked; /* a send failed; WRITE is due when there is space */
    bool connected;     /* a connection was recorded */
    bool bound;         /* a datagram socket's WRITE of bind was recorded */
    bool connect_failed;
    bool closed;        /* CLOSE was recorded */
    int32_t close_error;
    uint64_t received;  /* of the last observation */
    uint32_t mark;
    uint32_t backlog;
};

int network_event_index(uint32_t event);
uint32_t network_events_observe(struct network_events *events,
                                const struct observation *now);
uint32_t network_events_reenable(struct network_events *events,
                                 const struct observation *now,
                                 uint32_t functions, uint32_t would_block,
                                 uint32_t failed);
void network_events_reenable_unseen(struct network_events *events,
                                    uint32_t functions, uint32_t would_block);
uint32_t network_events_connect_failed(struct network_events *events,
                                       int32_t error);
void network_events_connecting(struct network_events *events);
uint32_t network_events_occurred(struct network_events *events,
                                 uint32_t occurred);
uint32_t network_events_enumerate(struct network_events *events, uint32_t mask,
                                  int32_t errors[WS2_FD_MAX_EVENTS]);
void network_events_enable_all(struct network_events *events);
uint32_t network_events_due(struct network_events *events,
                            const struct observation *now, uint32_t mask,
                            uint32_t recorded);
uint32_t network_events_awaited_calls(const struct network_events *events,
                                      bool datagram);

#endif
