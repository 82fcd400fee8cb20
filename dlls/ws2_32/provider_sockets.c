/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose a SOCKET is.
 *
 * A table in two levels, indexed by the value of the SOCKET, which is read
 * without a lock and written under one.  What is not in it is the base
 * provider's, and as long as nothing ever was in it nobody looks
 * (provider_sockets_used, see api.h).
 *
 * A value is used again by the host as soon as its socket is closed.  So each
 * entry has a generation, and a call that ends a socket takes out the entry
 * that it saw before, no other one.
 *
 * SOCKETs of providers without kernel handles come from a range of values that
 * neither host makes handles in, and have a table of their own.  A free one is
 * used again as late as possible.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "providers.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 4096
#define CHUNKS 4096 /* handles below 64 Mi */

#define FIRST_HANDLE ((SOCKET)0x40000000)
#define MAX_HANDLES 65536
#define HANDLE_CHUNK 1024

struct owned {
    struct provider *provider; /* atomic; NULL: the base provider */
    uint64_t generation;
};

struct handle {
    BOOL used;                 /* under lock */
    struct provider *provider; /* atomic; NULL: nobody above shows it yet */
    DWORD entry;
    DWORD_PTR context;
    struct provider_port port; /* a reference, or 0; under lock */
    uint32_t next_free;        /* index + 1; 0: the last */
};

uint32_t provider_sockets_used; /* atomic */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct owned *chunks[CHUNKS]; /* atomic; never freed */
static uint64_t generation;          /* under lock */

static struct handle *handle_chunks[MAX_HANDLES / HANDLE_CHUNK]; /* atomic */
static uint32_t n_handles;             /* under lock; made so far */
static uint32_t first_free, last_free; /* under lock; index + 1 */

/* --- Looking, without the lock -------------------------------------------- */

/* NULL: a value that is not in the table. */
static struct owned *owned_of(SOCKET s)
{
    SOCKET i = s / 4;
    struct owned *chunk;

    if (s % 4 != 0 || i / CHUNK >= CHUNKS)
        return NULL;
    chunk = __atomic_load_n(&chunks[i / CHUNK], __ATOMIC_ACQUIRE);
    return chunk != NULL ? &chunk[i % CHUNK] : NULL;
}

static struct handle *handle_of(SOCKET s)
{
    SOCKET i = (s - FIRST_HANDLE) / 4;
    struct handle *chunk;

    if (s < FIRST_HANDLE || s % 4 != 0 || i >= MAX_HANDLES)
        return NULL;
    chunk = __atomic_load_n(&handle_chunks[i / HANDLE_CHUNK],
                            __ATOMIC_ACQUIRE);
    return chunk != NULL ? &chunk[i % HANDLE_CHUNK] : NULL;
}

const WSPPROC_TABLE *HOT_PATH provider_of_used(SOCKET s,
                                               const WSPPROC_TABLE *base)
{
    struct provider *provider = NULL;
    struct owned *owned = owned_of(s);
    struct handle *handle;

    if (owned != NULL)
        provider = __atomic_load_n(&owned->provider, __ATOMIC_ACQUIRE);
    else if ((handle = handle_of(s)) != NULL)
        provider = __atomic_load_n(&handle->provider, __ATOMIC_ACQUIRE);
    return provider != NULL ? &provider->table : base;
}

/* --- Kernel handles ------------------------------------------------------- */

static BOOL make_chunk(SOCKET s)
{
    SOCKET i = s / 4 / CHUNK;

    if (chunks[i] == NULL)
        __atomic_store_n(&chunks[i], calloc(CHUNK, sizeof(struct owned)),
                         __ATOMIC_RELEASE);
    return chunks[i] != NULL;
}

/* A layer above one without kernel handles shows the same SOCKET. */
static int take_handle(struct handle *handle, struct provider *provider)
{
    int error = WSAEINVAL;

    pthread_mutex_lock(&lock);
    if (handle->used) {
        __atomic_store_n(&handle->provider, provider, __ATOMIC_RELEASE);
        error = 0;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

int provider_take_socket(SOCKET s, struct provider *provider)
{
    struct owned *owned;
    int error = 0;

    if (handle_of(s) != NULL)
        return take_handle(handle_of(s), provider);
    if (s == 0 || s % 4 != 0 || s / 4 / CHUNK >= CHUNKS)
        return WSAEINVAL;
    /* The base provider's sockets cost nothing where there are no others. */
    if (provider == NULL &&
        !__atomic_load_n(&provider_sockets_used, __ATOMIC_ACQUIRE))
        return 0;
    pthread_mutex_lock(&lock);
    if (provider != NULL) {
        if (!make_chunk(s))
            error = WSAENOBUFS;
        else
            __atomic_store_n(&provider_sockets_used, 1, __ATOMIC_RELEASE);
    }
    owned = error ? NULL : owned_of(s);
    if (owned != NULL) {
        owned->generation = ++generation;
        __atomic_store_n(&owned->provider, provider, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return error;
}

uint64_t provider_claim_socket(SOCKET s)
{
    struct owned *owned;
    uint64_t claim = 0;

    if (!__atomic_load_n(&provider_sockets_used, __ATOMIC_ACQUIRE))
        return 0;
    pthread_mutex_lock(&lock);
    owned = owned_of(s);
    if (owned != NULL && owned->provider != NULL)
        claim = owned->generation;
    pthread_mutex_unlock(&lock);
    return claim;
}

void provider_release_socket(SOCKET s, uint64_t claim)
{
    struct owned *owned;

    if (claim == 0)
        return;
    pthread_mutex_lock(&lock);
    owned = owned_of(s);
    if (owned->generation == claim)
        __atomic_store_n(&owned->provider, NULL, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
}

/* --- Handles of our own --------------------------------------------------- */

/* The index of a handle that is free; MAX_HANDLES: none.  Under lock. */
static uint32_t take_free(void)
{
    struct handle **chunk;
    uint32_t i;

    /* Those never used come first. */
    if (n_handles < MAX_HANDLES) {
        chunk = &handle_chunks[n_handles / HANDLE_CHUNK];
        if (*chunk == NULL)
            __atomic_store_n(chunk, calloc(HANDLE_CHUNK, sizeof(**chunk)),
                             __ATOMIC_RELEASE);
        if (*chunk != NULL)
            return n_handles++;
    }
    if (first_free == 0)
        return MAX_HANDLES;
    i = first_free - 1;
    first_free = handle_of(FIRST_HANDLE + 4 * (SOCKET)i)->next_free;
    if (first_free == 0)
        last_free = 0;
    return i;
}

static void put_free(uint32_t i)
{
    handle_of(FIRST_HANDLE + 4 * (SOCKET)i)->next_free = 0;
    if (last_free != 0)
        handle_of(FIRST_HANDLE + 4 * (SOCKET)(last_free - 1))->next_free =
            i + 1;
    else
        first_free = i + 1;
    last_free = i + 1;
}

SOCKET provider_make_handle(DWORD entry, struct provider *provider,
                            DWORD_PTR context)
{
    SOCKET s = INVALID_SOCKET;
    struct handle *handle;
    uint32_t i;

    pthread_mutex_lock(&lock);
    i = take_free();
    if (i != MAX_HANDLES) {
        s = FIRST_HANDLE + 4 * (SOCKET)i;
        handle = handle_of(s);
        handle->used = TRUE;
        handle->entry = entry;
        handle->context = context;
        handle->port = (struct provider_port){0};
        __atomic_store_n(&handle->provider, provider, __ATOMIC_RELEASE);
        __atomic_store_n(&provider_sockets_used, 1, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return s;
}

static BOOL end_handle(SOCKET s, BOOL only_unowned)
{
    struct handle *handle = handle_of(s);
    BOOL ended = FALSE;
    uint64_t port = 0;

    if (handle == NULL)
        return FALSE;
    pthread_mutex_lock(&lock);
    if (handle->used &&
        (!only_unowned || (handle->entry == PROVIDER_NO_ENTRY &&
                           handle->provider == NULL))) {
        port = handle->port.port;
        handle->used = FALSE;
        __atomic_store_n(&handle->provider, NULL, __ATOMIC_RELEASE);
        put_free((uint32_t)((s - FIRST_HANDLE) / 4));
        ended = TRUE;
    }
    pthread_mutex_unlock(&lock);
    if (port != 0)
        host_completion_port_close(port);
    return ended;
}

BOOL provider_end_handle(SOCKET s)
{
    return end_handle(s, /* only_unowned= */ FALSE);
}

BOOL provider_end_unowned_handle(SOCKET s)
{
    return end_handle(s, /* only_unowned= */ TRUE);
}

BOOL provider_handle_context(SOCKET s, DWORD_PTR *ret)
{
    struct handle *handle = handle_of(s);
    BOOL found = FALSE;

    if (handle == NULL)
        return FALSE;
    pthread_mutex_lock(&lock);
    found = handle->used;
    if (found && ret != NULL)
        *ret = handle->context;
    pthread_mutex_unlock(&lock);
    return found;
}

int provider_handle_associate(SOCKET s, const struct provider_port *port)
{
    struct handle *handle = handle_of(s);
    int error = WSAENOTSOCK;

    if (handle == NULL)
        return error;
    pthread_mutex_lock(&lock);
    if (handle->used)
        error = handle->port.port != 0 ? WSA_INVALID_PARAMETER : 0;
    if (!error)
        handle->port = *port;
    pthread_mutex_unlock(&lock);
    return error;
}

BOOL provider_handle_port(SOCKET s, struct provider_port *ret)
{
    struct handle *handle = handle_of(s);
    BOOL found;

    if (handle == NULL)
        return FALSE;
    pthread_mutex_lock(&lock);
    found = handle->used;
    if (found)
        *ret = handle->port;
    if (found && ret->port != 0)
        host_completion_port_hold(ret->port);
    pthread_mutex_unlock(&lock);
    return found;
}

/* --- The end of an operation ---------------------------------------------- */

/* The OVERLAPPED is the program's again as soon as Internal is written; its
   event may be closed then. */
static void complete(LPWSAOVERLAPPED overlapped, uint32_t status, DWORD count,
                     const struct provider_port *port)
{
    const ULONG_PTR event = (ULONG_PTR)overlapped->hEvent;

    overlapped->InternalHigh = count;
    __atomic_store_n(&overlapped->Internal, (ULONG_PTR)status,
                     __ATOMIC_RELEASE);
    if ((event & ~(ULONG_PTR)1) != 0)
        (void)host_event_set(event & ~(ULONG_PTR)1);
    if (port->port != 0 && !(event & 1))
        (void)host_completion_port_post(port->port, port->key,
                                        (ULONG_PTR)overlapped, status, count);
}

int provider_complete(SOCKET s, LPWSAOVERLAPPED overlapped, int error,
                      DWORD count)
{
    struct provider_port port;
    int result;

    if (!provider_handle_port(s, &port))
        return WSAENOTSOCK;
    result = unix_memory_check(overlapped, sizeof(*overlapped), 1);
    if (!result)
        complete(overlapped, unix_status_of_error(error), count, &port);
    if (port.port != 0)
        host_completion_port_close(port.port);
    return result;
}

/* --- The end -------------------------------------------------------------- */

void provider_forget_sockets(void)
{
    uint32_t i, j;

    if (!__atomic_load_n(&provider_sockets_used, __ATOMIC_ACQUIRE))
        return;
    for (i = 0; i < MAX_HANDLES && handle_of(FIRST_HANDLE + 4 * (SOCKET)i); i++)
        (void)provider_end_handle(FIRST_HANDLE + 4 * (SOCKET)i);
    pthread_mutex_lock(&lock);
    for (i = 0; i < CHUNKS; i++)
        for (j = 0; chunks[i] != NULL && j < CHUNK; j++)
            __atomic_store_n(&chunks[i][j].provider, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&provider_sockets_used, 0, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
}

void provider_sockets_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}
