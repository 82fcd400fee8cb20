/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One blocking call, made by a thread, for suites that cancel it. */
#ifndef TESTS_SUPPORT_BLOCKED_H
#define TESTS_SUPPORT_BLOCKED_H

#include "support/overlapped.h"

struct blocked {
    SOCKET s;
    void (*make)(struct blocked *); /* makes the call, sets the result */
    long long result;
    int error;
    struct sockaddr_in name; /* to be connected to, or that of a sender */
    struct call *call; /* of a call that waits for an overlapped one */
    struct thread *thread;
    DWORD thread_id; /* Windows': for suites that are for Wine alone */
    WSAEVENT begun;  /* signalled when the thread id is known */
};

/* For thread_start. */
static inline void make_call(void *argument)
{
    struct blocked *blocked = argument;

    WSASetLastError(0);
    blocked->make(blocked);
    blocked->error = WSAGetLastError();
}

static inline void make_recv(struct blocked *blocked)
{
    char data[16];

    blocked->result = recv(blocked->s, data, sizeof(data), 0);
}

static inline void make_recvfrom(struct blocked *blocked)
{
    int length = sizeof(blocked->name);
    char data[16];

    blocked->result = recvfrom(blocked->s, data, sizeof(data), 0,
                               (struct sockaddr *)&blocked->name, &length);
}

static inline void make_accept(struct blocked *blocked)
{
    blocked->result = (long long)accept(blocked->s, NULL, NULL);
}

static inline void make_send(struct blocked *blocked)
{
    static char data[1 << 20];

    do
        blocked->result = send(blocked->s, data, sizeof(data), 0);
    while (blocked->result > 0);
}

#endif
