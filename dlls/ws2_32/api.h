/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The core of the API: what every call of ws2_32 needs.
 *
 * A call finds the provider of its SOCKET, makes the WSP call and turns its
 * result into the thread's last error, which success sets to 0:
 *
 *     const WSPPROC_TABLE *provider = provider_of(s);
 *     INT error = WSANOTINITIALISED;
 *
 *     if (provider == NULL || provider->lpWSPBind(s, name, length, &error))
 *         return api_failure(error);
 *     return api_success();
 */
#ifndef WS2EMU_API_H
#define WS2EMU_API_H

#include <winsock2.h>
#include <ws2spi.h>

#include "host/host.h"

/* --- Results -------------------------------------------------------------- */

/* Sets the last error; returns SOCKET_ERROR. */
static inline int api_failure(int error)
{
    host_set_last_error((uint32_t)error);
    return SOCKET_ERROR;
}

/* Clears the last error; returns 0. */
static inline int api_success(void)
{
    host_set_last_error(0);
    return 0;
}

/* 0 or SOCKET_ERROR, with the last error. */
static inline int api_result(int error)
{
    return error ? api_failure(error) : api_success();
}

/* TRUE or FALSE, with the last error. */
static inline BOOL api_truth(int error)
{
    host_set_last_error((uint32_t)error);
    return !error;
}

/* --- Providers (provider_table.c) ----------------------------------------- */

/* The table of the started base provider; NULL: the process has not called
   WSAStartup, or has ended its use. */
extern const WSPPROC_TABLE *provider_table;

/* Not 0: SOCKETs of other providers are or were there (provider_sockets.c). */
extern uint32_t provider_sockets_used;
const WSPPROC_TABLE *HOT_PATH provider_of_used(SOCKET s,
                                               const WSPPROC_TABLE *base);

/* The table of the provider of a SOCKET; that it is a SOCKET at all is for the
   provider to say.  Without other providers one more word is read. */
static inline const WSPPROC_TABLE *provider_of(SOCKET s)
{
    const WSPPROC_TABLE *base =
        __atomic_load_n(&provider_table, __ATOMIC_ACQUIRE);

    if (__builtin_expect(
            __atomic_load_n(&provider_sockets_used, __ATOMIC_RELAXED) != 0, 0) &&
        base != NULL)
        return provider_of_used(s, base);
    return base;
}

/* Whether WSAStartup has been called: the first check of most calls. */
static inline BOOL api_started(void)
{
    return __atomic_load_n(&provider_table, __ATOMIC_ACQUIRE) != NULL;
}

/* What a call needs that works without WSAStartup, too: the host, and that a
   child of fork() can go on.  Cheap again.  0 or an error of host_startup. */
int api_prepare(void);

/* Start the base provider, and end all of them; called with the lock of
   startup.c held. provider_start: WSASYSNOTREADY, WSAEINVALIDPROVIDER,
   WSAEINVALIDPROCTABLE. */
int provider_start(void);
void provider_end(void);

/* --- The catalog (catalog.c) ---------------------------------------------- */

/* The entry with this dwCatalogEntryId; NULL: there is none. */
const WSAPROTOCOL_INFOW *catalog_entry(DWORD id);

/* The entry for a new socket; see protocol_find for the errors. */
int catalog_find(int family, int type, int protocol,
                 const WSAPROTOCOL_INFOW **ret);

/* The first entry of an address family; NULL: there is none. */
const WSAPROTOCOL_INFOW *catalog_entry_of_family(int family);

/* WSCGetProviderPath.  *length counts characters with the NUL.  WSAEINVAL: no
   such provider; WSAEFAULT: NULL, or too short (*length: what is needed). */
int catalog_provider_path(const GUID *id, WCHAR *path, INT *length);

/* Where a program finds the base provider.  The host of Wine has its own. */
const char *host_provider_path(void);

/* --- Threads (options.c) -------------------------------------------------- */

/* The thread's SO_OPENTYPE. */
int api_open_type(void);

/* What a provider is given for its call of WPUQueueApc: the calling thread, in
   *ret; NULL: there is no routine for it to run, or no memory. */
static inline LPWSATHREADID api_thread(BOOL has_routine, WSATHREADID *ret)
{
    uint64_t thread;

    if (__builtin_expect(!has_routine, 1) || host_current_thread(&thread))
        return NULL;
    ret->ThreadHandle = (HANDLE)(ULONG_PTR)thread;
    ret->Reserved = 0;
    return ret;
}

/* --- Upcalls (upcalls.c) -------------------------------------------------- */

extern const WSPUPCALLTABLE api_upcalls;

/* --- Handles (handle_calls.c) --------------------------------------------- */

extern const struct host_handle_calls api_handle_calls;

#endif
