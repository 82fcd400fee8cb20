/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See chain.h. */
#include "chain.h"

#include "platform.h"

#include <stdlib.h>
#include <string.h>

/* SOCKETs in buckets, for an IFS layer has no context of its own in them. */
#define BUCKETS 1024

struct known_socket {
    struct known_socket *next;
    SOCKET s;
    struct chain *chain;
};

static struct platform_lock lock;
static struct chain *chains;                  /* under lock; the oldest first */
static unsigned starts;                       /* under lock */
static struct known_socket *buckets[BUCKETS]; /* under lock */

/* --- Finding what is below ------------------------------------------------ */

/* All entries, also hidden ones, from malloc. */
static WSAPROTOCOL_INFOW *read_catalog(int *ret_n)
{
    WSAPROTOCOL_INFOW *entries = NULL;
    DWORD size = 0;
    int error, n;

    /* Another process may install something in between. */
    while ((n = WSCEnumProtocols(NULL, entries, &size, &error)) < 0) {
        free(entries);
        entries = error == WSAENOBUFS ? malloc(size) : NULL;
        if (entries == NULL)
            return NULL;
    }
    *ret_n = n;
    return entries;
}

static const WSAPROTOCOL_INFOW *find_entry(const WSAPROTOCOL_INFOW *entries,
                                           int n, DWORD id)
{
    int i;

    for (i = 0; i < n; i++)
        if (entries[i].dwCatalogEntryId == id)
            return &entries[i];
    return NULL;
}

/* The entry below the provider's in the chain; NULL: there is none. */
static const WSAPROTOCOL_INFOW *find_below(const WSAPROTOCOL_INFOW *entries,
                                           int n, const GUID *provider,
                                           const WSAPROTOCOLCHAIN *chain)
{
    const WSAPROTOCOL_INFOW *layer;
    int i;

    for (i = 0; i + 1 < chain->ChainLen; i++) {
        layer = find_entry(entries, n, chain->ChainEntries[i]);
        if (layer != NULL &&
            memcmp(&layer->ProviderId, provider, sizeof(*provider)) == 0)
            return find_entry(entries, n, chain->ChainEntries[i + 1]);
    }
    return NULL;
}

static LPWSPSTARTUP load(GUID provider)
{
    WCHAR path[MAX_PATH];
    INT length = MAX_PATH, error;

    if (WSCGetProviderPath(&provider, path, &length, &error))
        return NULL;
    return (LPWSPSTARTUP)platform_function((const uint16_t *)path,
                                           "WSPStartup");
}

/* Another layer is given the whole chain, to find its own place; the base
   provider its own entry. */
static int start_below(const GUID *provider, WSPUPCALLTABLE upcalls,
                       struct chain *chain)
{
    const WSAPROTOCOL_INFOW *below = NULL;
    WSAPROTOCOL_INFOW *entries;
    LPWSPSTARTUP startup = NULL;
    WSPDATA data;
    int n = 0;

    entries = read_catalog(&n);
    if (entries != NULL)
        below = find_below(entries, n, provider, &chain->entry.ProtocolChain);
    if (below != NULL) {
        startup = load(below->ProviderId);
        chain->below = below->ProtocolChain.ChainLen == BASE_PROTOCOL
                           ? *below
                           : chain->entry;
    }
    free(entries);
    if (startup == NULL)
        return WSAEPROVIDERFAILEDINIT;
    return startup(MAKEWORD(2, 2), &data, &chain->below, upcalls,
                   &chain->lower);
}

/* --- Chains --------------------------------------------------------------- */

static struct chain *find_chain(DWORD id)
{
    struct chain *chain;

    for (chain = chains; chain != NULL; chain = chain->next)
        if (chain->entry.dwCatalogEntryId == id)
            return chain;
    return NULL;
}

/* Puts a new chain at the end, unless another thread has put one there; gives
   the one that is there then.  Under lock. */
static struct chain *add_chain(struct chain *chain)
{
    struct chain *found = find_chain(chain->entry.dwCatalogEntryId), **last;

    if (found != NULL) {
        found->lower = chain->lower;
        free(chain);
        return found;
    }
    for (last = &chains; *last != NULL; last = &(*last)->next)
        ;
    *last = chain;
    return chain;
}

int chain_start(const GUID *provider, const WSAPROTOCOL_INFOW *entry,
                WSPUPCALLTABLE upcalls, struct chain **ret)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    int error;

    if (chain == NULL)
        return WSAEPROVIDERFAILEDINIT;
    chain->entry = *entry;
    /* What is below counts its starts, too, and keeps the newest upcalls. */
    error = start_below(provider, upcalls, chain);
    if (error) {
        free(chain);
        return error;
    }
    platform_lock(&lock);
    chain = add_chain(chain);
    chain->starts++;
    starts++;
    platform_unlock(&lock);
    *ret = chain;
    return 0;
}

BOOL chain_cleanup(void)
{
    struct chain *chain;
    BOOL is_last, was_started;
    INT ignored;
    int i;

    platform_lock(&lock);
    was_started = starts > 0;
    is_last = was_started && --starts == 0;
    for (i = 0; is_last && i < BUCKETS; i++)
        while (buckets[i] != NULL) {
            struct known_socket *known = buckets[i];

            buckets[i] = known->next;
            free(known);
        }
    platform_unlock(&lock);
    for (chain = is_last ? chains : NULL; chain != NULL; chain = chain->next)
        for (; chain->starts > 0; chain->starts--)
            chain->lower.lpWSPCleanup(&ignored);
    return was_started;
}

struct chain *chain_of_info(const WSAPROTOCOL_INFOW *info)
{
    struct chain *chain = NULL;

    platform_lock(&lock);
    if (info != NULL)
        chain = find_chain(info->dwCatalogEntryId);
    if (chain == NULL)
        chain = chains;
    platform_unlock(&lock);
    return chain;
}

WSAPROTOCOL_INFOW chain_info_below(const struct chain *chain,
                                   const WSAPROTOCOL_INFOW *info)
{
    WSAPROTOCOL_INFOW below = chain->below;

    if (info != NULL) {
        below.iAddressFamily = info->iAddressFamily;
        below.iSocketType = info->iSocketType;
        below.iProtocol = info->iProtocol;
        below.dwProviderReserved = info->dwProviderReserved;
    }
    return below;
}

void chain_restore_info(const struct chain *chain, WSAPROTOCOL_INFOW *info)
{
    WSAPROTOCOL_INFOW own = chain->entry;

    own.iAddressFamily = info->iAddressFamily;
    own.iSocketType = info->iSocketType;
    own.iProtocol = info->iProtocol;
    own.dwProviderReserved = info->dwProviderReserved;
    *info = own;
}

/* --- Sockets -------------------------------------------------------------- */

static struct known_socket **bucket_of(SOCKET s)
{
    return &buckets[s / 4 % BUCKETS];
}

struct chain *chain_of_socket(SOCKET s)
{
    struct known_socket *known;
    struct chain *chain;

    platform_lock(&lock);
    for (known = *bucket_of(s); known != NULL && known->s != s;
         known = known->next)
        ;
    chain = known != NULL ? known->chain : chains;
    platform_unlock(&lock);
    return chain;
}

BOOL chain_remember_socket(SOCKET s, struct chain *chain)
{
    struct known_socket *known;

    platform_lock(&lock);
    for (known = *bucket_of(s); known != NULL && known->s != s;
         known = known->next)
        ;
    if (known == NULL && (known = malloc(sizeof(*known))) != NULL) {
        known->s = s;
        known->next = *bucket_of(s);
        *bucket_of(s) = known;
    }
    if (known != NULL)
        known->chain = chain;
    platform_unlock(&lock);
    return known != NULL;
}

void chain_forget_socket(SOCKET s)
{
    struct known_socket **at, *known;

    platform_lock(&lock);
    for (at = bucket_of(s); *at != NULL && (*at)->s != s; at = &(*at)->next)
        ;
    known = *at;
    if (known != NULL)
        *at = known->next;
    platform_unlock(&lock);
    free(known);
}
