/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extension functions and overlapped calls for suites: pointers by
 * SIO_GET_EXTENSION_FUNCTION_POINTER, and an OVERLAPPED with its event.
 */
#ifndef TESTS_SUPPORT_EXTENSIONS_H
#define TESTS_SUPPORT_EXTENSIONS_H

#include "support/sockets.h"

#include <mswsock.h>

#include <stdio.h>

/* Of any socket; a failing look-up fails the case. */
static inline void *extension_of(SOCKET s, const GUID *id)
{
    void *function = NULL;
    GUID copy = *id;
    DWORD size = 0;

    CHECK_OK(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &copy,
                      sizeof(copy), &function, sizeof(function), &size, NULL,
                      NULL));
    CHECK_EQ(size, sizeof(function));
    CHECK(function != NULL);
    return function;
}

static inline void *extension(GUID id)
{
    SOCKET s = tcp_socket();
    void *function = extension_of(s, &id);

    close_socket(s);
    return function;
}

static inline void overlapped_init(OVERLAPPED *overlapped)
{
    memset(overlapped, 0, sizeof(*overlapped));
    overlapped->hEvent = event_create();
}

static inline void overlapped_free(OVERLAPPED *overlapped)
{
    CHECK(WSACloseEvent(overlapped->hEvent));
}

/* Internal, which another thread may be about to write. */
static inline DWORD overlapped_status(const OVERLAPPED *overlapped)
{
    return (DWORD)__atomic_load_n(&overlapped->Internal, __ATOMIC_ACQUIRE);
}

static inline int overlapped_is_over(const OVERLAPPED *overlapped)
{
    return overlapped_status(overlapped) != 0x103; /* STATUS_PENDING */
}

/* The extension function returned this: TRUE, or that it pends. */
#define CHECK_PENDS(call)                                                      \
    do {                                                                       \
        WSASetLastError(0);                                                    \
        if (!(call))                                                           \
            CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);                       \
    } while (0)
/* It returned FALSE with this error. */
#define CHECK_FAILS(call, error)                                               \
    do {                                                                       \
        WSASetLastError(0);                                                    \
        CHECK(!(call));                                                        \
        CHECK_EQ(WSAGetLastError(), error);                                    \
    } while (0)

/* Waits for its end: the bytes. */
static inline DWORD overlapped_bytes(SOCKET s, OVERLAPPED *overlapped)
{
    DWORD bytes = 0x12345, flags = 0;

    event_wait(overlapped->hEvent);
    CHECK_THAT(WSAGetOverlappedResult(s, overlapped, &bytes, FALSE, &flags),
               "%s", error_name(WSAGetLastError()));
    CHECK_EQ(overlapped_status(overlapped), 0);
    return bytes;
}

/* Waits for its end, which is this error. */
static inline void check_overlapped_fails(SOCKET s, OVERLAPPED *overlapped,
                                          int error)
{
    DWORD bytes = 0, flags = 0;

    event_wait(overlapped->hEvent);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(s, overlapped, &bytes, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), error);
}

/* It does not end by itself. */
static inline void check_pends(OVERLAPPED *overlapped)
{
    CHECK(!event_is_signalled(overlapped->hEvent, TEST_QUIET_MS));
    CHECK(!overlapped_is_over(overlapped));
}

/* The handle of an open file of the C library, which shares its position.
   file_handle_close before fclose. */
HANDLE file_handle(FILE *file);
void file_handle_close(HANDLE handle);

#endif
