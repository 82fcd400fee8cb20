/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the rows of scenes do (event_scenes.c): preparations, which make the
 * sockets of a scene, and actions, whose argument is a mask for a registration,
 * a count of bytes, or nothing.
 *
 * Names tell who does it: the watched socket ("here"), its peer, a client of
 * the watched listener.  An action "..._then_select" waits until what it caused
 * can be seen, and registers then.
 */
#ifndef TESTS_SUPPORT_EVENT_ACTIONS_H
#define TESTS_SUPPORT_EVENT_ACTIONS_H

#include "support/events.h"

/* --- Preparations --------------------------------------------------------- */

void fresh_stream(struct scene *scene);
void bound_listener(struct scene *scene);
/* Not connected yet; somebody listens on the name. */
void client_to_listener(struct scene *scene);
/* A port that is taken, and on which nobody listens. */
void client_to_nobody(struct scene *scene);
void connected_client(struct scene *scene);
void accepted_socket(struct scene *scene);
/* Neither bound nor connected; the name is the peer's. */
void fresh_datagram(struct scene *scene);
/* The peer is connected to it. */
void bound_datagram(struct scene *scene);

/* --- Actions -------------------------------------------------------------- */

/* Registers the watched socket. */
void select_mask(struct scene *scene, long mask);
void cancel_and_select(struct scene *scene, long mask);
void select_bind_listen(struct scene *scene, long mask);
void client_connects(struct scene *scene, long unused);
void client_connects_then_select(struct scene *scene, long mask);
void accept_one(struct scene *scene, long unused);
void accept_one_then_select(struct scene *scene, long mask);
/* The new socket is the watched one afterwards. */
void accept_and_watch(struct scene *scene, long unused);
/* One byte, from the first client that was kept. */
void client_sends(struct scene *scene, long length);
/* These two fail: with WSAEFAULT, with WSAEWOULDBLOCK. */
void accept_badly(struct scene *scene, long unused);
void accept_empty(struct scene *scene, long unused);
/* To the name; it may fail with WSAEWOULDBLOCK. */
void connect_here(struct scene *scene, long unused);
/* So many bytes, up to 10. */
void peer_sends(struct scene *scene, long length);
void cancel_and_peer_sends_then_select(struct scene *scene, long mask);
void receive(struct scene *scene, long length);
void cancel_and_receive_then_select(struct scene *scene, long mask);
void peek(struct scene *scene, long length);
/* These two fail: with WSAEFAULT, with WSAEWOULDBLOCK. */
void receive_badly(struct scene *scene, long length);
void receive_nothing(struct scene *scene, long unused);
/* The argument is the byte. */
void peer_sends_urgent(struct scene *scene, long byte);
void receive_urgent(struct scene *scene, long byte);
/* With SO_OOBINLINE. */
void inline_and_select(struct scene *scene, long mask);
/* Sent and received by the peer. */
void send_here(struct scene *scene, long length);
void select_and_send(struct scene *scene, long mask);
/* Until WSAEWOULDBLOCK; peer_drains receives as much. */
void send_until_blocked(struct scene *scene);
/* Until the peer must drain before there is room again; what was posted
   meanwhile is taken. */
void send_until_full(struct scene *scene, long unused);
void peer_drains(struct scene *scene, long unused);
void peer_goes(struct scene *scene, long unused);
void peer_goes_then_select(struct scene *scene, long mask);
/* Closes with SO_LINGER 0. */
void peer_aborts(struct scene *scene, long unused);
void peer_shuts(struct scene *scene, long how);
void peer_shuts_receive_and_we_both(struct scene *scene, long unused);
/* recv returns 0. */
void receive_end(struct scene *scene, long unused);

/* --- Overlapped operations, where they are offered ------------------------ */

/* They end the case as skipped where nothing pends. */
void select_and_pend_receive(struct scene *scene, long mask);
void peer_sends_and_it_finishes(struct scene *scene, long length);
void select_and_pend_accept(struct scene *scene, long mask);
void client_connects_and_it_finishes(struct scene *scene, long unused);

/* --- Our own end ---------------------------------------------------------- */

void close_here(struct scene *scene, long unused);
/* With CloseHandle. */
void close_handle_here(struct scene *scene, long unused);

#endif
