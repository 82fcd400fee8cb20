/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rows of the benchmark, and what they are made of.
 *
 * rows.c has them for both programs: `bench` with Winsock's calls, `kernel`
 * (BENCH_KERNEL is defined) with the kernel's own: what Winsock on this machine
 * could cost at best.  calls_winsock.c and calls_kernel.c have what the two do
 * in different ways.
 */
#ifndef WS2EMU_BENCH_ROWS_H
#define WS2EMU_BENCH_ROWS_H

#include "measure.h"

#ifdef BENCH_KERNEL

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* By Winsock's names. */
typedef int SOCKET;
typedef struct pollfd WSAPOLLFD;
#define SD_SEND SHUT_WR
#define closesocket close
#define WSAPoll poll
#define last_error() errno

#else

#include <winsock2.h>
#include <ws2tcpip.h>

#define last_error() WSAGetLastError()

#endif

static inline void check(int good, const char *what)
{
    if (!good)
        bench_fail(what, last_error());
}

/* --- Of each set of calls ------------------------------------------------- */

void calls_begin(void);
void calls_end(void);

SOCKET make_socket(int type);
SOCKET accept_socket(SOCKET listener);

/* Rows: what they need, the operations, the end. */
void *registered_open(void); /* Registered I/O to itself */
void registered_run(void *state, unsigned long count);
void registered_close(void *state);

void *duplicate_open(void); /* a socket is duplicated, opened and closed */
void duplicate_run(void *state, unsigned long count);
void duplicate_close(void *state);

void *event_cycle_open(void); /* a datagram comes, and an event says so */
void event_cycle_run(void *state, unsigned long count);
void *event_select_open(void); /* a registration is made and ended */
void event_select_run(void *state, unsigned long count);
void event_close(void *state); /* of both */

/* --- For them, of rows.c -------------------------------------------------- */

/* Makes a UDP socket its own peer, at a free port of the loopback. */
SOCKET mirror(SOCKET s);
SOCKET make_mirror(void);

SOCKET make_listener(struct sockaddr_in *ret_name);
SOCKET make_connected(const struct sockaddr_in *name);
/* Closes without leaving the port in TIME_WAIT. */
void abort_connection(SOCKET s);

/* The row of a mirror. */
void *mirror_open(void);
void udp_to_itself(void *state, unsigned long count);
void single_close(void *state);

#endif
