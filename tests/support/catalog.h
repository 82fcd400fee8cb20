/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Catalogs of providers for cases that change one.
 *
 * Such a case begins with catalog_private: from then on this process and the
 * peers that it starts have a store of their own, which begins empty and is
 * removed with the test's directory.  A process sees the store as it was at its
 * WSAStartup, so these cases are TEST_BARE and call it when the catalog is
 * ready.  Wine's builtin has no catalog that could be changed: skipped.
 */
#ifndef TESTS_SUPPORT_CATALOG_H
#define TESTS_SUPPORT_CATALOG_H

#include "support/sockets.h"

#include <ws2spi.h>

void catalog_private(void);
/* The store's file. */
const char *catalog_path(void);

/* All entries, also hidden ones, as WSCEnumProtocols has them. */
enum { CATALOG_ROOM = 64 };
int catalog_entries(WSAPROTOCOL_INFOW *entries);
/* The first entry that WSAEnumProtocols tells of this triple. */
WSAPROTOCOL_INFOW catalog_offered(int family, int type, int protocol);
/* The entry with this id; fails the case. */
WSAPROTOCOL_INFOW catalog_entry_of(DWORD id);
/* The first base entry, TCP over IPv4. */
WSAPROTOCOL_INFOW catalog_base_tcp(void);

/* An entry to install: TCP's of IPv4 with another name and chain length. */
WSAPROTOCOL_INFOW catalog_new_entry(const char *name, int chain_length);
/* Compares with ASCII. */
int wide_equals(const WCHAR *wide, const char *text);
void wide_copy(WCHAR *to, const char *text);

/* The path of a library of tests/support, such as "layer1", as the catalog
   takes it. */
WCHAR *provider_library(const char *name);
/* Installs a layer on top of TCP and UDP over IPv4; returns its GUID. */
GUID provider_install(const char *library, unsigned number, DWORD flags);
void provider_remove(GUID id);
/* How many of the layers that pass through a socket goes through. */
int provider_layers(SOCKET s);

/* A function that the import library of Wine lacks. */
#define WS2_FUNCTION(name)                                                     \
    ((__typeof__(&name))library_symbol(                                        \
        (const uint16_t *)(const void *)L"ws2_32.dll", #name))

/* WSC call results: 0, or SOCKET_ERROR with this error. */
#define WSC_OK(call)                                                           \
    do {                                                                       \
        int wsc_error = 0, wsc_result = (call);                                \
        CHECK_THAT(wsc_result == 0, "%s failed with %s", #call,                \
                   error_name(wsc_error));                                     \
    } while (0)
#define WSC_ERROR(call, expected)                                              \
    do {                                                                       \
        int wsc_error = 0, wsc_result = (call);                                \
        CHECK_THAT(wsc_result == SOCKET_ERROR, "%s did not fail", #call);      \
        CHECK_THAT(wsc_error == (expected), "%s failed with %s, not %s",       \
                   #call, error_name(wsc_error), error_name(expected));        \
    } while (0)

#endif
