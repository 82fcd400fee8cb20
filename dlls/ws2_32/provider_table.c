/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The providers of the process: starting, loading, ending.
 *
 * One atomic pointer is both the answer to "has WSAStartup been called" and
 * the way to the base provider, so that a data call reads it once.  The table
 * that it points to stays where it is: a call that is under way while another
 * thread ends the use of Winsock still finds its functions.
 *
 * Other providers are loaded by the first socket of their catalog entry, once
 * for each entry, without a lock held.  Threads that want the same one wait
 * for the thread that starts it; a WSPStartup that wants itself fails.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "provider/provider.h"
#include "providers.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const WSPPROC_TABLE *provider_table; /* atomic; NULL: not started */

static WSPPROC_TABLE base_table;

enum { IDLE, STARTING, STARTED };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct provider *providers; /* under lock, with what hangs on it */
static unsigned int n_starts;      /* under lock */

/* A provider that leaves a function out cannot be used. */
static BOOL is_complete(const WSPPROC_TABLE *table)
{
    const void *const *functions = (const void *const *)(const void *)table;
    size_t i;

    for (i = 0; i < sizeof *table / sizeof *functions; i++)
        if (functions[i] == NULL)
            return FALSE;
    return TRUE;
}

/* What a provider may return from its WSPStartup; all else is a failure that
   has no name. */
static int startup_error(int error)
{
    switch (error) {
    case WSASYSNOTREADY:
    case WSAVERNOTSUPPORTED:
    case WSAEINPROGRESS:
    case WSAEPROCLIM:
    case WSAEFAULT: return error;
    default: return WSAEPROVIDERFAILEDINIT;
    }
}

/* Calls WSPStartup, and WSPCleanup when what it gave cannot be used. */
static int start(LPWSPSTARTUP startup, const WSAPROTOCOL_INFOW *entry,
                 WSPPROC_TABLE *ret)
{
    WSAPROTOCOL_INFOW info = *entry;
    WSPPROC_TABLE table = {0};
    WSPDATA data = {0};
    INT ignored;
    int error;

    error = startup(MAKEWORD(2, 2), &data, &info, api_upcalls, &table);
    if (error)
        return startup_error(error);
    if (data.wVersion != MAKEWORD(2, 2))
        error = WSAEINVALIDPROVIDER;
    else if (!is_complete(&table))
        error = WSAEINVALIDPROCTABLE;
    if (error && table.lpWSPCleanup != NULL)
        table.lpWSPCleanup(&ignored);
    if (!error)
        *ret = table;
    return error;
}

/* --- The base provider ---------------------------------------------------- */

int provider_start(void)
{
    WSPPROC_TABLE table;
    int error = start(WSPStartup, &provider_entries[0], &table);

    if (error)
        return error;
    /* Written once: every start brings the same functions. */
    if (base_table.lpWSPCleanup == NULL)
        base_table = table;
    __atomic_store_n(&provider_table, &base_table, __ATOMIC_RELEASE);
    return 0;
}

/* The one that was started last, which is not STARTED any more then. */
static struct provider *take_last_started(void)
{
    struct provider *provider, *last = NULL;

    pthread_mutex_lock(&lock);
    for (provider = providers; provider != NULL; provider = provider->next)
        if (provider->state == STARTED &&
            (last == NULL || provider->order > last->order))
            last = provider;
    if (last != NULL)
        last->state = IDLE;
    pthread_mutex_unlock(&lock);
    return last;
}

void provider_end(void)
{
    struct provider *provider;
    INT ignored;

    __atomic_store_n(&provider_table, NULL, __ATOMIC_RELEASE);
    while ((provider = take_last_started()) != NULL)
        provider->table.lpWSPCleanup(&ignored);
    base_table.lpWSPCleanup(&ignored);
    provider_forget_sockets();
}

/* --- Others --------------------------------------------------------------- */

static BOOL texts_are_equal(const WCHAR *a, const WCHAR *b)
{
    while (*a == *b && *a)
        a++, b++;
    return *a == *b;
}

/* Made when it is not there; NULL: no memory.  Under lock. */
static struct provider *find_or_make(DWORD entry, const WCHAR *library)
{
    struct provider *provider;
    size_t i;

    for (provider = providers; provider != NULL; provider = provider->next)
        if (provider->entry == entry &&
            texts_are_equal(provider->library, library))
            return provider;
    provider = calloc(1, sizeof(*provider));
    if (provider == NULL)
        return NULL;
    provider->entry = entry;
    for (i = 0; library[i] && i < MAX_PATH - 1; i++)
        provider->library[i] = library[i];
    provider->next = providers;
    providers = provider;
    return provider;
}

/* Once for each provider: a program that tries again and again must not fill
   its terminal. */
static void complain(struct provider *provider, int error, const char *why)
{
    char *library;

    if (__atomic_exchange_n(&provider->told, TRUE, __ATOMIC_RELAXED))
        return;
    library = catalog_text_to_utf8((const uint16_t *)provider->library);
    fprintf(stderr, "ws2emu: catalog entry %u, %s: %s (error %d)\n",
            (unsigned)provider->entry, library != NULL ? library : "?", why,
            error);
    free(library);
}

static int load(struct provider *provider, const WSAPROTOCOL_INFOW *entry,
                WSPPROC_TABLE *ret)
{
    char why[256] = "WSPStartup failed";
    void *function;
    int error = host_library_function((const uint16_t *)provider->library,
                                      "WSPStartup", &function, why,
                                      sizeof(why));

    if (!error)
        error = start((LPWSPSTARTUP)function, entry, ret);
    if (error)
        complain(provider, error, why);
    return error;
}

/* Under lock; waits for a thread that starts it.  WSAEPROVIDERFAILEDINIT: that
   is the calling one.  *ret_mine: the caller is to start it. */
static int claim_start(struct provider *provider, BOOL *ret_mine)
{
    *ret_mine = FALSE;
    while (provider->state == STARTING) {
        if (provider->starter == host_thread_id())
            return WSAEPROVIDERFAILEDINIT;
        pthread_cond_wait(&changed, &lock);
    }
    if (provider->state == IDLE) {
        provider->state = STARTING;
        provider->starter = host_thread_id();
        *ret_mine = TRUE;
    }
    return 0;
}

static int start_provider(struct provider *provider,
                          const WSAPROTOCOL_INFOW *entry)
{
    WSPPROC_TABLE table;
    BOOL is_over = FALSE;
    INT ignored;
    int error = load(provider, entry, &table);

    pthread_mutex_lock(&lock);
    if (!error) {
        provider->table = table;
        provider->order = ++n_starts;
        /* WSACleanup of another thread has not seen this one. */
        is_over = !api_started();
    }
    provider->state = error || is_over ? IDLE : STARTED;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (is_over) {
        table.lpWSPCleanup(&ignored);
        error = WSANOTINITIALISED;
    }
    return error;
}

int provider_of_entry(const WSAPROTOCOL_INFOW *entry,
                      const WSPPROC_TABLE **ret)
{
    const WCHAR *library = catalog_library(entry);
    struct provider *provider;
    BOOL is_mine = FALSE;
    int error = WSAENOBUFS;

    if (library == NULL) {
        *ret = __atomic_load_n(&provider_table, __ATOMIC_ACQUIRE);
        return *ret != NULL ? 0 : WSANOTINITIALISED;
    }
    pthread_mutex_lock(&lock);
    provider = find_or_make(entry->dwCatalogEntryId, library);
    if (provider != NULL)
        error = claim_start(provider, &is_mine);
    pthread_mutex_unlock(&lock);
    if (!error && is_mine)
        error = start_provider(provider, entry);
    if (!error)
        *ret = &provider->table;
    return error;
}

/* Whether the chain of an entry begins with this layer. */
static BOOL begins_with(DWORD entry, DWORD layer)
{
    const WSAPROTOCOL_INFOW *info = catalog_entry_ever(entry);

    return info != NULL && info->ProtocolChain.ChainLen > 1 &&
           info->ProtocolChain.ChainEntries[0] == layer;
}

struct provider *provider_with_entry(DWORD entry)
{
    struct provider *provider, *found = NULL;

    pthread_mutex_lock(&lock);
    for (provider = providers; provider != NULL; provider = provider->next) {
        if (provider->state == IDLE)
            continue;
        if (provider->entry == entry) {
            found = provider;
            break;
        }
        if (found == NULL && begins_with(provider->entry, entry))
            found = provider;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

void providers_forked(void)
{
    struct provider *provider;

    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&changed, NULL);
    for (provider = providers; provider != NULL; provider = provider->next)
        if (provider->state == STARTING)
            provider->state = IDLE;
    provider_sockets_forked();
}
