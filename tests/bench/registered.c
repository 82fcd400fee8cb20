/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Registered I/O costs, polled: a send and a receive of a socket that is
 * its own peer, with their results, as the kernel does it by two calls.
 */
#include "rows.h"

#include <mswsock.h>

#include <stdlib.h>

struct registered {
    RIO_EXTENSION_FUNCTION_TABLE rio;
    SOCKET s;
    RIO_CQ completions;
    RIO_RQ requests;
    RIO_BUFFERID buffer;
    char memory[2 * SMALL_SIZE];
};

void *registered_open(void)
{
    struct registered *self = calloc(1, sizeof(*self));
    GUID id = WSAID_MULTIPLE_RIO;
    DWORD size;

    self->s =
        WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_REGISTERED_IO);
    check(self->s != INVALID_SOCKET, "WSASocket");
    mirror(self->s);
    check(!WSAIoctl(self->s, SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, &id,
                    sizeof(id), &self->rio, sizeof(self->rio), &size, NULL,
                    NULL),
          "SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER");
    self->completions = self->rio.RIOCreateCompletionQueue(2, NULL);
    check(self->completions != RIO_INVALID_CQ, "RIOCreateCompletionQueue");
    self->requests = self->rio.RIOCreateRequestQueue(
        self->s, 1, 1, 1, 1, self->completions, self->completions, NULL);
    check(self->requests != RIO_INVALID_RQ, "RIOCreateRequestQueue");
    self->buffer =
        self->rio.RIORegisterBuffer(self->memory, sizeof(self->memory));
    check(self->buffer != RIO_INVALID_BUFFERID, "RIORegisterBuffer");
    return self;
}

void registered_run(void *state, unsigned long count)
{
    struct registered *self = state;
    RIO_BUF sent = {self->buffer, 0, SMALL_SIZE};
    RIO_BUF received = {self->buffer, SMALL_SIZE, SMALL_SIZE};
    RIORESULT results[2];
    ULONG left, n;

    while (count-- > 0) {
        check(self->rio.RIOSend(self->requests, &sent, 1, 0, NULL), "RIOSend");
        check(self->rio.RIOReceive(self->requests, &received, 1, 0, NULL),
              "RIOReceive");
        for (left = 2; left > 0; left -= n) {
            n = self->rio.RIODequeueCompletion(self->completions, results,
                                               left);
            check(n <= left && (n == 0 || results[0].Status == 0),
                  "RIODequeueCompletion");
        }
    }
}

void registered_close(void *state)
{
    struct registered *self = state;

    check(!closesocket(self->s), "closesocket");
    self->rio.RIOCloseCompletionQueue(self->completions);
    self->rio.RIODeregisterBuffer(self->buffer);
    free(self);
}
