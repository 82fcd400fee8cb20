/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The providers of the process, and whose a SOCKET is.
 *
 * The base provider is started by WSAStartup.  Another one is loaded at the
 * first socket of its catalog entry, and stays loaded: a call of another
 * thread may still be in it when Winsock is ended.
 */
#ifndef WS2EMU_PROVIDERS_H
#define WS2EMU_PROVIDERS_H

#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"

/* A provider that a catalog entry named once.  Never freed. */
struct provider {
    WSPPROC_TABLE table; /* written at its start */
    DWORD entry;         /* dwCatalogEntryId */
    /* The rest is provider_table.c's. */
    struct provider *next;
    WCHAR library[MAX_PATH];
    int state;
    unsigned long long starter; /* the thread that starts it */
    unsigned int order;         /* of the starts */
    BOOL told;                  /* that it cannot be started */
};

/* --- Loading (provider_table.c) ------------------------------------------- */

/* The started provider of an entry of the catalog.  WSAEPROVIDERFAILEDINIT: it
   cannot be loaded; WSAEINVALIDPROVIDER: not of version 2.2;
   WSAEINVALIDPROCTABLE: it lacks functions; WSANOTINITIALISED; or what its
   WSPStartup returned. */
int provider_of_entry(const WSAPROTOCOL_INFOW *entry,
                      const WSPPROC_TABLE **ret);
/* A started one, for an upcall that gives a catalog entry: its own, or that of
   its layer.  NULL: none of them, so the base provider or a lower layer. */
struct provider *provider_with_entry(DWORD entry);

/* In a child of fork, whose other threads are not there. */
void providers_forked(void);

/* --- Whose a SOCKET is (provider_sockets.c) ------------------------------- */

/* Makes the SOCKET the provider's; NULL: the base provider's. WSAEINVAL: a
   value that no host makes. */
int provider_take_socket(SOCKET s, struct provider *provider);

/* Ending a SOCKET: what claim gave before goes to release afterwards, which
   does nothing if the value has become another socket's meanwhile. */
uint64_t provider_claim_socket(SOCKET s);
void provider_release_socket(SOCKET s, uint64_t claim);

/* SOCKETs without kernel handles, each with its provider's context.
   INVALID_SOCKET: there is no room for more. */
SOCKET provider_make_handle(DWORD entry, struct provider *provider,
                            DWORD_PTR context);
/* In place of a catalog entry: the SOCKET is no provider's. */
#define PROVIDER_NO_ENTRY 0
/* FALSE: not such a SOCKET. */
BOOL provider_end_handle(SOCKET s);
/* The same for one that is no provider's alone, as long as no provider has
   shown it. */
BOOL provider_end_unowned_handle(SOCKET s);
BOOL provider_handle_context(SOCKET s, DWORD_PTR *ret);

/* The completion port of such a SOCKET. */
struct provider_port {
    uint64_t port; /* the host's; 0: none */
    uint64_t key;
};
/* The reference of the port becomes the SOCKET's.  WSAENOTSOCK: not such a
   SOCKET; WSA_INVALID_PARAMETER: it has one already. */
int provider_handle_associate(SOCKET s, const struct provider_port *port);
/* The end of an operation of such a SOCKET; see WPUCompleteOverlappedRequest.
   WSAENOTSOCK, WSAEFAULT. */
int provider_complete(SOCKET s, LPWSAOVERLAPPED overlapped, int error,
                      DWORD count);
/* With a reference of the caller's.  FALSE: not such a SOCKET. */
BOOL provider_handle_port(SOCKET s, struct provider_port *ret);

/* At the end of all use: every SOCKET is the base provider's again. */
void provider_forget_sockets(void);

/* In a child of fork. */
void provider_sockets_forked(void);

#endif
