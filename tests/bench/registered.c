/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Registered I/O costs, polled: a send and a receive of a socket that is its
 * own peer, with their results, as kernel.c does it by two calls.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <mswsock.h>

#include <stdlib.h>

#include "measure.h"

struct mirror {
    RIO_EXTENSION_FUNCTION_TABLE rio;
    SOCKET s;
    RIO_CQ completions;
    RIO_RQ requests;
    RIO_BUFFERID buffer;
    char memory[2 * SMALL_SIZE];
};

static void check(int good, const char *what)
{
    if (!good)
        bench_fail(what, WSAGetLastError());
}

static SOCKET make_mirror(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0,
                          WSA_FLAG_REGISTERED_IO);
    int length = sizeof(name);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(s != INVALID_SOCKET, "WSASocket");
    check(!bind(s, (struct sockaddr *)&name, length), "bind");
    check(!getsockname(s, (struct sockaddr *)&name, &length), "getsockname");
    check(!connect(s, (struct sockaddr *)&name, length), "connect");
    return s;
}

static void *mirror_open(void)
{
    struct mirror *mirror = calloc(1, sizeof(*mirror));
    GUID id = WSAID_MULTIPLE_RIO;
    DWORD size;

    mirror->s = make_mirror();
    check(!WSAIoctl(mirror->s, SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, &id,
                    sizeof(id), &mirror->rio, sizeof(mirror->rio), &size, NULL,
                    NULL), "SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER");
    mirror->completions = mirror->rio.RIOCreateCompletionQueue(2, NULL);
    check(mirror->completions != RIO_INVALID_CQ, "RIOCreateCompletionQueue");
    mirror->requests = mirror->rio.RIOCreateRequestQueue(
        mirror->s, 1, 1, 1, 1, mirror->completions, mirror->completions, NULL);
    check(mirror->requests != RIO_INVALID_RQ, "RIOCreateRequestQueue");
    mirror->buffer = mirror->rio.RIORegisterBuffer(mirror->memory,
                                                   sizeof(mirror->memory));
    check(mirror->buffer != RIO_INVALID_BUFFERID, "RIORegisterBuffer");
    return mirror;
}

static void send_and_receive(void *state, unsigned long count)
{
    struct mirror *mirror = state;
    RIO_BUF sent = {mirror->buffer, 0, SMALL_SIZE};
    RIO_BUF received = {mirror->buffer, SMALL_SIZE, SMALL_SIZE};
    RIORESULT results[2];
    ULONG left, n;

    while (count-- > 0) {
        check(mirror->rio.RIOSend(mirror->requests, &sent, 1, 0, NULL),
              "RIOSend");
        check(mirror->rio.RIOReceive(mirror->requests, &received, 1, 0, NULL),
              "RIOReceive");
        for (left = 2; left > 0; left -= n) {
            n = mirror->rio.RIODequeueCompletion(mirror->completions, results,
                                                 left);
            check(n <= left && (n == 0 || results[0].Status == 0),
                  "RIODequeueCompletion");
        }
    }
}

static void mirror_close(void *state)
{
    struct mirror *mirror = state;

    check(!closesocket(mirror->s), "closesocket");
    mirror->rio.RIOCloseCompletionQueue(mirror->completions);
    mirror->rio.RIODeregisterBuffer(mirror->buffer);
    free(mirror);
}

const struct measurement registered_measurements[] = {
    {"registered-self", mirror_open, send_and_receive, mirror_close},
    {NULL, NULL, NULL, NULL},
};
