/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One overlapped send or receive of a suite's, with all that has to stay while
 * it pends.
 */
#ifndef TESTS_SUPPORT_OVERLAPPED_H
#define TESTS_SUPPORT_OVERLAPPED_H

#include "support/sockets.h"

/* It may change while it is looked at. */
#define STATUS_OF(overlapped) \
    ((uint32_t)__atomic_load_n(&(overlapped)->Internal, __ATOMIC_ACQUIRE))

/* NTSTATUS values; Windows' header clashes with others. */
enum {
    NT_PENDING = 0x103,
};
#define NT_BUFFER_OVERFLOW 0x80000005u
#define NT_CANCELLED 0xC0000120u
#define NT_CONNECTION_RESET 0xC000020Du
#define NT_CONNECTION_ABORTED 0xC0000241u

struct call {
    WSAOVERLAPPED overlapped; /* first: routines find the call by it */
    WSABUF buffer;
    char data[64];
    DWORD flags;
    DWORD count; /* of the call itself; COUNT_UNTOUCHED before */
    struct sockaddr_in name;
    int name_length;
    /* What call_routine was given. */
    int n_routines;
    DWORD routine_error, routine_count, routine_flags;
};

#define COUNT_UNTOUCHED 0xABCDu

/* With an event of its own, if with_event. */
void call_init(struct call *call, int length, int with_event);
void call_done(struct call *call);

/* WSARecv and WSASend with the call's buffer, WSARecvFrom; the results are
   those of the functions. */
int call_receive(struct call *call, SOCKET s);
int call_receive_from(struct call *call, SOCKET s);
int call_receive_with_routine(struct call *call, SOCKET s);
int call_send(struct call *call, SOCKET s);
void CALLBACK call_routine(DWORD error, DWORD count, LPWSAOVERLAPPED overlapped,
                           DWORD flags);

/* The receive pends: 997, the count is untouched, the status is pending, the
   event not signalled. */
void call_pends(struct call *call, SOCKET s);
/* It is pending still, after a while. */
void call_still_pends(struct call *call);

/* It ends in time (by its event, if it has one), with this result: an error and
   the count. */
void call_ends(struct call *call, SOCKET s, int error, DWORD count);
/* It ends in time with the text in its buffer. */
void call_receives(struct call *call, SOCKET s, const char *text);

/* Waits alertably for ms; 1: routines ran. */
int wait_alertably(int ms);

/* The peer resets the connection. */
void reset_connection(SOCKET peer);

#endif
