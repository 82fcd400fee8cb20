/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network events for suites: one way to watch a socket for both kinds of
 * registration, and the observed sequences as tables.
 *
 * A scene is a socket under watch, the sockets around it, and a table of rows.
 * Each row does one thing and says what each kind of registration then shows:
 * the messages that WSAAsyncSelect posts, in their order, and the events that
 * WSAEnumNetworkEvents returns.  Both must be exactly that, nothing less and
 * nothing more.
 *
 * "Nothing more" is seen by a marker: a second pair of sockets, on which data
 * is sent after the row's action and waited for.  What the action caused has
 * come when the marker has.  A short look afterwards is for what may be slower
 * than that; what comes still later fails the next row.
 */
#ifndef TESTS_SUPPORT_EVENTS_H
#define TESTS_SUPPORT_EVENTS_H

#include "support/sockets.h"

/* --- Watching ------------------------------------------------------------- */

enum watch_kind {
    WATCH_EVENT,    /* WSAEventSelect and WSAEnumNetworkEvents */
    WATCH_MESSAGES, /* WSAAsyncSelect */
};

/* Where a registration reports to. */
struct watch {
    enum watch_kind kind;
    WSAEVENT event;
    struct window *window;
    unsigned message;
};

void watch_open(struct watch *watch, enum watch_kind kind);
void watch_close(struct watch *watch);
/* Registers s; a mask of 0 cancels. */
void watch_select(struct watch *watch, SOCKET s, long mask);
/* The call's result, for errors. */
int watch_try_select(struct watch *watch, SOCKET s, long mask);

struct message {
    SOCKET socket;
    unsigned message, event;
    int error;
};
/* 0: none within ms. */
int watch_next_message(struct watch *watch, int ms, struct message *ret);
/* 1: the event is signalled within ms. */
int watch_signalled(struct watch *watch, int ms);
/* Enumerates with the watch's event; errors[] of what did not occur are -1. */
long watch_enumerate(struct watch *watch, SOCKET s, int errors[FD_MAX_EVENTS]);

/* The marker: its own pair of sockets, registered in the same way. */
struct marker {
    struct watch watch;
    SOCKET from, to;
};
void marker_open(struct marker *marker, enum watch_kind kind);
void marker_close(struct marker *marker);
/* What happened before has been reported when this returns. */
void marker_pass(struct marker *marker);

/* Both are fatal.  The second passes the marker. */
void check_reports(struct watch *watch, SOCKET s, long event, int error);
void check_nothing(struct watch *watch, SOCKET s, struct marker *marker);

/* --- A connected pair, one end under watch -------------------------------- */

struct stage {
    struct watch watch;
    struct marker marker;
    SOCKET watched, peer;
};

/* Nothing is registered yet. */
void stage_open(struct stage *stage, enum watch_kind kind);
void stage_close(struct stage *stage);
/* For WATCH_EVENT: the peer sends a byte, and the event tells so. */
void stage_send(struct stage *stage);

/* --- Scenes --------------------------------------------------------------- */

#define ROW_MESSAGES 3

struct scene {
    struct watch watch;
    struct marker marker;
    SOCKET watched;
    SOCKET peer; /* its other end, or INVALID_SOCKET */
    struct sockaddr_in name; /* where somebody listens, or nobody */
    SOCKET kept[8]; /* closed at the end */
    unsigned n_kept;
    unsigned n_sent;
    int is_gone; /* watched is closed */
    WSAOVERLAPPED overlapped; /* a pended receive or accept */
    char buffer[2 * (sizeof(struct sockaddr_in) + 16)];
};

struct row {
    const char *text;
    void (*act)(struct scene *scene, long argument);
    long argument;
    long messages[ROW_MESSAGES];
    long events;
    int error; /* of each of them */
};

struct scene_table {
    void (*prepare)(struct scene *scene);
    const struct row *rows; /* up to one without a text */
};

void scene_play(const struct scene_table *table, enum watch_kind kind);

/* A program that sends only when it has been told WRITE: each WSAEWOULDBLOCK
   must be followed by the event, or the transfer stands still. */
void send_only_on_write(enum watch_kind kind);

/* Each scene's name and the statement that it holds: a suite makes a case of
   each. */
#define EVENT_SCENES(SCENE)                                                    \
    SCENE(connections_arrive, "02 7 A1-A7: a listener and its connections")    \
    SCENE(accept_fails, "02 5: an accept that fails re-enables ACCEPT")        \
    SCENE(connection_waits, "02 7 A8: connected before the registration")      \
    SCENE(accept_unselected, "02 7 A12: arrived outside of the mask")          \
    SCENE(accept_taken, "02 7 A13: arrived outside of the mask, and taken")    \
    SCENE(accept_inherits, "02 7 A16, 02 10: accepted sockets inherit")        \
    SCENE(connect_succeeds, "02 7 U4, C1, C2: a client connects")              \
    SCENE(accepted_writes, "02 7 C3: an accepted socket has no CONNECT")       \
    SCENE(connected_before, "02 7 C4: connected before the registration")      \
    SCENE(connect_unselected, "02 7 C5, C6: connected outside of the mask")    \
    SCENE(connect_refused, "02 7 C7, 02 8: a refused connect")                 \
    SCENE(datagram_unbound, "02 7 U1, U2: UDP, then connected")                \
    SCENE(datagram_bound, "02 7 U3: bound UDP")                                \
    SCENE(datagram_data, "02 6: READ for each datagram, never CLOSE")          \
    SCENE(write_registered, "02 7 W1-W3: WRITE and when it comes again")       \
    SCENE(write_unselected, "02 7 W4: WRITE outside of the mask")              \
    SCENE(write_recorded, "02 7 W5: a send does not take WRITE")               \
    SCENE(data_arrives, "02 7 R1-R7: data, and what re-enables READ")          \
    SCENE(data_waits, "02 7 R8, R9: data before the registration")             \
    SCENE(data_unselected, "02 7 R10: data outside of the mask")               \
    SCENE(data_peeked, "02 5: MSG_PEEK re-enables READ")                       \
    SCENE(data_read_empty, "02 5: a recv that would block re-enables READ")    \
    SCENE(urgent_arrives, "02 7 O1-O3, O5: urgent data")                       \
    SCENE(urgent_inline, "02 7 O6: urgent data inline is READ")                \
    SCENE(peer_closes, "02 7 K1-K3: the peer closes")                          \
    SCENE(peer_shuts_down, "02 7 K4, K5: the peer shuts down, then closes")    \
    SCENE(both_shut_down, "02 7 K6, K7: SD_RECEIVE is not seen")               \
    SCENE(peer_closes_unread, "02 7 K8-K10: CLOSE does not wait for reads")    \
    SCENE(peer_closed_before, "02 7 K11: closed before the registration")      \
    SCENE(close_unselected, "02 7 K12: closed outside of the mask")            \
    SCENE(peer_resets, "02 7 K13, K14: the peer resets: WSAECONNABORTED")      \
    SCENE(accept_pended, "02 7 A14, A15: AcceptEx takes the connection")       \
    SCENE(receive_pended, "02 7 R11, R12: a pended receive takes the data")    \
    SCENE(closed_while_pended, "02 7 L1: closesocket with a pended receive")   \
    SCENE(closed_here, "02 3: closesocket is no event")                        \
    SCENE(handle_closed_here, "02 7 L2: CloseHandle posts CLOSE")              \
    SCENE(service_quality, "02 11: the QOS events never occur")

#define DECLARE_SCENE(name, text) extern const struct scene_table scene_##name;
EVENT_SCENES(DECLARE_SCENE)
#undef DECLARE_SCENE

#endif
