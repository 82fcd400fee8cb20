/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock calls in another process, written like local ones.
 *
 *     struct peer *b = remote_start();
 *     SOCKET in_b = remote_take(b, s);      // duplicate there
 *     CHECK_OK(remote_shutdown(b, in_b, SD_SEND));
 *     CHECK_ERROR(send(s, "x", 1, 0), WSAESHUTDOWN);
 *     remote_end(b);
 *
 * Each call returns what the call in the peer returned and sets the local last
 * error to the peer's, so the CHECK_ macros of sockets.h work.  The peer runs
 * the role "remote", which the harness has.  A call that blocks there is made
 * with remote_begin_*, and its result fetched by remote_finish.
 */
#ifndef TESTS_SUPPORT_REMOTE_H
#define TESTS_SUPPORT_REMOTE_H

#include "support/sockets.h"

/* A peer that has called WSAStartup and lets us call the rest. */
struct peer *remote_start(void);
/* The same, inheriting our sockets. */
struct peer *remote_start_inheriting(void);
/* Has not called WSAStartup. */
struct peer *remote_start_bare(void);
/* WSACleanup (if started) and the end of the process, which must be orderly. */
void remote_end(struct peer *peer);
/* exit without any WSACleanup or closesocket; waits for the process's end. */
void remote_exit(struct peer *peer);
/* After peer_fork: serves the calls of the parent; returns at the end. */
void remote_serve(struct peer *parent);

int remote_startup(struct peer *peer);
int remote_cleanup(struct peer *peer);

SOCKET remote_socket(struct peer *peer, int family, int type, int protocol);
/* WSASocketW(FROM_PROTOCOL_INFO x 3, info, 0, flags) */
SOCKET remote_open(struct peer *peer, const WSAPROTOCOL_INFOW *info,
                   DWORD flags);
int remote_duplicate(struct peer *peer, SOCKET s, DWORD process_id,
                     WSAPROTOCOL_INFOW *info);
/* A descriptor in the peer of our socket s; fails the case. */
SOCKET remote_take(struct peer *peer, SOCKET s);
/* A descriptor here of the peer's socket. */
SOCKET remote_give(struct peer *peer, SOCKET s);

/* handle_copy, made by the peer; from and to may be 0, itself. */
SOCKET remote_copy(struct peer *peer, unsigned from, SOCKET s, unsigned to,
                   int flags);

int remote_close(struct peer *peer, SOCKET s);
int remote_bind(struct peer *peer, SOCKET s, const struct sockaddr_in *name);
int remote_listen(struct peer *peer, SOCKET s, int backlog);
int remote_connect(struct peer *peer, SOCKET s, const struct sockaddr_in *name);
SOCKET remote_accept(struct peer *peer, SOCKET s);
int remote_local_name(struct peer *peer, SOCKET s, struct sockaddr_in *name);
int remote_peer_name(struct peer *peer, SOCKET s, struct sockaddr_in *name);
int remote_shutdown(struct peer *peer, SOCKET s, int how);

/* At most REMOTE_DATA bytes. */
#define REMOTE_DATA 1024
int remote_send(struct peer *peer, SOCKET s, const void *data, int length,
                int flags);
/* The peer sends text in its s, and it comes out of ours. */
void remote_check_passes(struct peer *peer, SOCKET s, SOCKET ours,
                         const char *text);
int remote_receive(struct peer *peer, SOCKET s, void *data, int length,
                   int flags);
/* Waits for exactly so many bytes; fails the case. */
void remote_receive_all(struct peer *peer, SOCKET s, void *data, int length);
/* 1 when s is readable within ms. */
int remote_wait_readable(struct peer *peer, SOCKET s, int ms);

int remote_set_option(struct peer *peer, SOCKET s, int level, int name,
                      const void *value, int length);
int remote_get_option(struct peer *peer, SOCKET s, int level, int name,
                      void *value, int *length);
int remote_ioctl(struct peer *peer, SOCKET s, long command, u_long *argument);

/* Events; the handle is the peer's. */
WSAEVENT remote_event_create(struct peer *peer);
int remote_event_close(struct peer *peer, WSAEVENT event);
int remote_event_reset(struct peer *peer, WSAEVENT event);
/* 1 when it is signalled within ms. */
int remote_event_wait(struct peer *peer, WSAEVENT event, int ms);
int remote_event_select(struct peer *peer, SOCKET s, WSAEVENT event, long mask);
int remote_enum(struct peer *peer, SOCKET s, WSAEVENT event,
                WSANETWORKEVENTS *events);

/* The peer's one window, made at the first call. */
int remote_async_select(struct peer *peer, SOCKET s, unsigned message,
                        long mask);
/* 1 and the message, 0 when none came within ms. */
int remote_next_message(struct peer *peer, int ms, unsigned *message,
                        SOCKET *ret_socket, unsigned *event, int *error);

/* Calls that may block there. */
void remote_begin_receive(struct peer *peer, SOCKET s, int length);
void remote_begin_accept(struct peer *peer, SOCKET s);
/* The result, and what was received (may be NULL). */
long long remote_finish(struct peer *peer, void *data, int length);

#endif
