/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The service provider interface for suites: the program is the DLL that loads
 * a provider and calls it through its table, with an upcall table of its own.
 *
 * Specification 05, sections 1, 2 and 4.  Wine's builtin ws2_32 has no
 * provider: what finds one skips the case there.
 */
#ifndef TESTS_SUPPORT_SPI_H
#define TESTS_SUPPORT_SPI_H

#include "support/catalog.h"

/* --- The provider --------------------------------------------------------- */

/* Of the newest spi_load. */
extern WSPPROC_TABLE spi_provider;
/* The catalog's first entry of TCP over IPv4, whose provider it is. */
extern WSAPROTOCOL_INFOW spi_tcp;

/* Its WSPStartup, and spi_tcp. */
LPWSPSTARTUP spi_find_startup(void);
/* WSPStartup and WSPCleanup, counted. */
void spi_load(void);
void spi_unload(void);

/* --- Upcalls -------------------------------------------------------------- */

extern const WSPUPCALLTABLE spi_upcall_table;

/* SOCKETs of providers without kernel handles begin here. */
#define SPI_FIRST_HANDLE ((SOCKET)0x50000000)

enum { SPI_MAX_POSTED = 16 };

/* What the provider has told. */
extern struct spi_upcalls {
    int n_handles;
    DWORD last_entry;
    SOCKET last_handle;
    int n_events_set; /* natively the server signals events itself */
    struct spi_message {
        HWND window;
        UINT message;
        WPARAM wparam;
        LPARAM lparam;
    } posted[SPI_MAX_POSTED];
    int n_posted;
} spi_upcalls;

extern WSAEVENT spi_posted_event; /* set at each posted message */

/* --- Calls through the table ---------------------------------------------- */

/* lpErrno of each call: their errors are not the last error. */
extern int spi_error;

#define SPI_OK(call)                                                           \
    CHECK_THAT((call) == 0, "%s failed with %s", #call, error_name(spi_error))
#define SPI_ERROR(call, expected)                                              \
    do {                                                                       \
        spi_error = 0;                                                         \
        CHECK_THAT((long long)(call) == -1, "%s did not fail", #call);         \
        CHECK_THAT(spi_error == (expected), "%s failed with %s, not %s",       \
                   #call, error_name(spi_error), error_name(expected));        \
    } while (0)

/* An entry of the table. */
#define SPI(name) spi_provider.lpWSP##name
#define SPI_LAST_ERROR 4711 /* no call changes it */

/* The call returned this, and left *lpErrno alone. */
#define GIVES(call, expected)                                                  \
    do {                                                                       \
        spi_error = SPI_LAST_ERROR;                                            \
        CHECK_THAT((long long)(call) == (long long)(expected),                 \
                   "%s failed with %s", #call, error_name(spi_error));         \
        CHECK_EQ(spi_error, SPI_LAST_ERROR);                                   \
    } while (0)
#define DONE(call) GIVES(call, 0)
/* SOCKET_ERROR or INVALID_SOCKET with this error, which is not the last one. */
#define FAILS(call, expected)                                                  \
    do {                                                                       \
        WSASetLastError(SPI_LAST_ERROR);                                       \
        SPI_ERROR(call, expected);                                             \
        CHECK_EQ(WSAGetLastError(), SPI_LAST_ERROR);                           \
    } while (0)
/* The same of a BOOL. */
#define IS_FALSE(call, expected) FAILS((call) ? 0 : -1, expected)

/* A socket of what the info says. */
SOCKET spi_socket(WSAPROTOCOL_INFOW *info);
/* Of this type, over IPv4, with WSA_FLAG_OVERLAPPED and these flags. */
SOCKET spi_new_socket(int type, DWORD flags);
/* Bound to 127.0.0.1 and a free port. */
SOCKET spi_bound_socket(int type, struct sockaddr_in *ret);
/* A connection. */
void spi_connect(SOCKET s, const struct sockaddr_in *name);
void spi_pair(SOCKET *ret_client, SOCKET *ret_server);
void spi_close(SOCKET s);

/* All of it. */
void spi_send(SOCKET s, const char *text);
/* What arrives next, at once, is text. */
void spi_receives(SOCKET s, const char *text);
/* One WSPRecv; its result. */
int spi_try_receive(SOCKET s, char *data, DWORD size, DWORD *received);

#endif
