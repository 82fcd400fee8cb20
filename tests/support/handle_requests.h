/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped requests of handle_layer.c: each is one of the provider below,
 * with an OVERLAPPED of the layer's, and a thread that waits for its end and
 * completes the program's by the upcalls, as Microsoft's page of
 * WPUCreateSocketHandle describes it.  It holds ws2_32 to the contract of
 * lpThreadId: one for a call with a routine, none for a call without.
 *
 * Of the program's OVERLAPPED Offset are the flags and OffsetHigh the error.
 */
#ifndef TESTS_SUPPORT_HANDLE_REQUESTS_H
#define TESTS_SUPPORT_HANDLE_REQUESTS_H

#include <winsock2.h>
#include <ws2spi.h>

struct request;

/* NULL with *error: WSAEPROVIDERFAILEDINIT: lpThreadId is not as it must be;
   WSAENOBUFS. */
struct request *request_new(const WSPUPCALLTABLE *upcalls,
                            const WSPPROC_TABLE *table, SOCKET below, SOCKET s,
                            LPWSAOVERLAPPED overlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            const WSATHREADID *thread, LPINT error);
LPWSAOVERLAPPED request_overlapped(struct request *request);
/* With what the call below returned; returns what the layer's call is to. */
int request_begun(struct request *request, int result, LPINT error);

/* WSPGetOverlappedResult. */
BOOL request_result(LPWSAOVERLAPPED overlapped, LPDWORD count, BOOL wait,
                    LPDWORD flags, LPINT error);

/* WPUCloseSocketHandle, when the last request on the SOCKET is complete. */
void requests_close(const WSPUPCALLTABLE *upcalls, SOCKET s);

#endif
