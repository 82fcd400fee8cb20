/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalog of transport protocols, as this process sees it.
 *
 * It is a copy of the store, made at the first WSAStartup.  A call may hold an
 * entry while another thread makes a new copy, so a copy stays for good; who
 * finds the store unchanged keeps the copy that there is.
 *
 * A program may be limited to categories of layered providers
 * (WSCSetApplicationCategory): chains through others are not offered to it,
 * but can be named, as a duplicate of another program's socket does.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "protocol.h"
#include "provider/provider.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct catalog {
    struct catalog *before;     /* replaced by this one */
    struct catalog_items items; /* all of the store */
    DWORD n, n_offered;
    const struct catalog_item **transports; /* those of the process's kind */
    WSAPROTOCOL_INFOW *offered; /* copies of those that are looked through */
};

static struct catalog *current; /* atomic; replaced under lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- Categories ----------------------------------------------------------- */

/* The categories that the program permits; FALSE: it is not limited. */
static BOOL permitted_categories(const struct catalog_items *items, DWORD *ret)
{
    BOOL found = FALSE;
    uint32_t i;

    for (i = 0; i < items->n; i++) {
        const struct catalog_item *item = items->items[i];

        if (item->section != CATALOG_APPLICATION)
            continue;
        /* One with arguments says more than one without. */
        if ((found && !*item->text) ||
            !host_program_is(item->path, item->text))
            continue;
        *ret = item->numbers[APPLICATION_PERMITTED];
        found = TRUE;
        if (*item->text)
            break;
    }
    return found;
}

/* A provider without categories may do anything. */
static BOOL is_permitted(const struct catalog_item *item, DWORD permitted)
{
    DWORD categories = item->numbers[TRANSPORT_HAS_CATEGORIES]
                           ? item->numbers[TRANSPORT_CATEGORIES]
                           : 0xffffffff;

    return store_is_base(item) || !(categories & ~permitted);
}

/* A layer is no protocol by itself.  Of hidden entries only the base
   provider's own are found, in the ways that protocol_find knows. */
static BOOL is_usable(const struct catalog_item *item)
{
    const WSAPROTOCOL_INFOW *info = store_info(item);

    return info->ProtocolChain.ChainLen != LAYERED_PROTOCOL &&
           (!(info->dwProviderFlags & PFL_HIDDEN) || store_is_base(item));
}

static BOOL is_offered(const struct catalog_items *items,
                       const struct catalog_item *item, DWORD permitted)
{
    const WSAPROTOCOLCHAIN *chain = &store_info(item)->ProtocolChain;
    int i;

    if (!is_permitted(item, permitted))
        return FALSE;
    for (i = 0; chain->ChainLen > 1 && i < chain->ChainLen; i++)
        if (!is_permitted(store_entry(items, CATALOG_TRANSPORT,
                                      chain->ChainEntries[i]), permitted))
            return FALSE;
    return TRUE;
}

/* --- The copy ------------------------------------------------------------- */

static void catalog_free(struct catalog *catalog)
{
    if (catalog == NULL)
        return;
    catalog_items_free(&catalog->items);
    free(catalog->transports);
    free(catalog->offered);
    free(catalog);
}

/* NULL: out of memory. */
static struct catalog *catalog_new(void)
{
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    DWORD permitted = 0;
    BOOL is_limited;
    uint32_t i, n;

    if (catalog == NULL)
        return NULL;
    /* What is always there is there even when the store cannot be read. */
    if (store_load(&catalog->items) == WSA_NOT_ENOUGH_MEMORY) {
        free(catalog);
        return NULL;
    }
    n = store_count(&catalog->items, CATALOG_TRANSPORT);
    catalog->transports = malloc(n * sizeof(void *));
    catalog->offered = malloc(n * sizeof(WSAPROTOCOL_INFOW));
    if (catalog->transports == NULL || catalog->offered == NULL) {
        catalog_free(catalog);
        return NULL;
    }
    is_limited = permitted_categories(&catalog->items, &permitted);
    for (i = 0; i < catalog->items.n; i++) {
        const struct catalog_item *item = catalog->items.items[i];

        if (item->section != CATALOG_TRANSPORT)
            continue;
        catalog->transports[catalog->n++] = item;
        if (is_usable(item) &&
            (!is_limited || is_offered(&catalog->items, item, permitted)))
            catalog->offered[catalog->n_offered++] = *store_info(item);
    }
    return catalog;
}

static BOOL texts_are_equal(const uint16_t *a, const uint16_t *b)
{
    while (*a == *b && *a)
        a++, b++;
    return *a == *b;
}

static BOOL items_are_equal(const struct catalog_item *a,
                            const struct catalog_item *b)
{
    return a->section == b->section && a->data_size == b->data_size &&
           !memcmp(a->numbers, b->numbers, sizeof(a->numbers)) &&
           !memcmp(a->data, b->data, a->data_size) &&
           texts_are_equal(a->path, b->path) &&
           texts_are_equal(a->text, b->text);
}

static BOOL catalogs_are_equal(const struct catalog *a, const struct catalog *b)
{
    uint32_t i;

    if (a->items.n != b->items.n)
        return FALSE;
    for (i = 0; i < a->items.n; i++)
        if (!items_are_equal(a->items.items[i], b->items.items[i]))
            return FALSE;
    return TRUE;
}

static struct catalog *get_current(void)
{
    return __atomic_load_n(&current, __ATOMIC_ACQUIRE);
}

void catalog_refresh(void)
{
    struct catalog *catalog, *before;

    /* Under lock also while it is read: a later copy is not an older one. */
    pthread_mutex_lock(&lock);
    catalog = catalog_new();
    before = get_current();
    if (catalog != NULL && before != NULL &&
        catalogs_are_equal(catalog, before)) {
        catalog_free(catalog);
    } else if (catalog != NULL) {
        catalog->before = before;
        __atomic_store_n(&current, catalog, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
}

void catalog_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}

const struct catalog_items *catalog_items_seen(void)
{
    static const struct catalog_items none;
    const struct catalog *catalog = get_current();

    return catalog != NULL ? &catalog->items : &none;
}

/* --- Looking -------------------------------------------------------------- */

static const struct catalog_item *find(const struct catalog *catalog, DWORD id)
{
    DWORD i;

    for (i = 0; catalog != NULL && i < catalog->n; i++)
        if (store_info(catalog->transports[i])->dwCatalogEntryId == id)
            return catalog->transports[i];
    return NULL;
}

/* In the newest copy that has it. */
static const struct catalog_item *find_ever(DWORD id)
{
    const struct catalog *catalog = get_current();
    const struct catalog_item *item = NULL;

    for (; catalog != NULL && item == NULL; catalog = catalog->before)
        item = find(catalog, id);
    return item;
}

static const WSAPROTOCOL_INFOW *info_of(const struct catalog_item *item)
{
    return item != NULL ? store_info(item) : NULL;
}

const WSAPROTOCOL_INFOW *catalog_entry(DWORD id)
{
    return info_of(find(get_current(), id));
}

const WSAPROTOCOL_INFOW *catalog_entry_ever(DWORD id)
{
    return info_of(find_ever(id));
}

const WCHAR *catalog_library(const WSAPROTOCOL_INFOW *entry)
{
    const struct catalog_item *item = find_ever(entry->dwCatalogEntryId);

    return item == NULL || store_is_base(item) ? NULL : (WCHAR *)item->path;
}

int catalog_find(int family, int type, int protocol,
                 const WSAPROTOCOL_INFOW **ret)
{
    const struct catalog *catalog = get_current();

    if (catalog == NULL)
        return WSASYSNOTREADY;
    return protocol_find(catalog->offered, catalog->n_offered, family, type,
                         protocol, ret);
}

const WSAPROTOCOL_INFOW *catalog_entry_of_family(int family)
{
    const struct catalog *catalog = get_current();
    DWORD i;

    for (i = 0; catalog != NULL && i < catalog->n_offered; i++) {
        const WSAPROTOCOL_INFOW *entry = &catalog->offered[i];

        if (entry->iAddressFamily == family &&
            !(entry->dwProviderFlags & PFL_HIDDEN))
            return entry;
    }
    return NULL;
}

/* --- Enumerating ---------------------------------------------------------- */

static BOOL is_wanted(const WSAPROTOCOL_INFOW *entry, const INT *protocols,
                      BOOL all)
{
    if (!all && ((entry->dwProviderFlags & PFL_HIDDEN) ||
                 entry->ProtocolChain.ChainLen == LAYERED_PROTOCOL))
        return FALSE;
    if (protocols == NULL)
        return TRUE;
    for (; *protocols != 0; protocols++)
        if (entry->iProtocol == *protocols)
            return TRUE;
    return FALSE;
}

/* Up to its 0. */
static int list_check(const INT *protocols)
{
    INT protocol = protocols != NULL;

    while (protocol != 0) {
        if (unix_memory_read_again(&protocol, protocols, sizeof(protocol)))
            return WSAEFAULT;
        protocols++;
    }
    return 0;
}

int catalog_write(const WSAPROTOCOL_INFOW *entries, DWORD n,
                  const INT *protocols, void *buffer, DWORD *length,
                  BOOL unicode, BOOL all, int *ret_count)
{
    DWORD size =
        unicode ? sizeof(WSAPROTOCOL_INFOW) : sizeof(WSAPROTOCOL_INFOA);
    DWORD i, needed = 0;
    char *to = buffer;

    if (unix_memory_check(length, sizeof(*length), 1) || list_check(protocols))
        return WSAEFAULT;
    for (i = 0; i < n; i++)
        if (is_wanted(&entries[i], protocols, all))
            needed += size;
    if (*length < needed) {
        *length = needed;
        return WSAENOBUFS;
    }
    if (unix_memory_check(buffer, needed, 1))
        return WSAEFAULT;
    for (i = 0; i < n; i++) {
        if (!is_wanted(&entries[i], protocols, all))
            continue;
        if (unicode)
            memcpy(to, &entries[i], sizeof(WSAPROTOCOL_INFOW));
        else
            protocol_to_ansi(&entries[i], (WSAPROTOCOL_INFOA *)(void *)to);
        to += size;
    }
    *length = needed;
    *ret_count = (int)(needed / size);
    return 0;
}

static int enumerate(LPINT lpiProtocols, void *buffer, LPDWORD length,
                     BOOL unicode)
{
    const struct catalog *catalog = get_current();
    int error, count = 0;

    if (!api_started() || catalog == NULL)
        return api_failure(WSANOTINITIALISED);
    error = catalog_write(catalog->offered, catalog->n_offered, lpiProtocols,
                          buffer, length, unicode, FALSE, &count);
    if (error)
        return api_failure(error);
    api_success();
    return count;
}

/*
 * The entries whose iProtocol is in lpiProtocols (ends with 0; NULL: all) and
 * that are neither hidden nor layers; returns their count.  WSAENOBUFS:
 * *lpdwBufferLength was too small and now says what is needed; WSAEFAULT.
 */
int WINAPI WSAEnumProtocolsW(LPINT lpiProtocols,
                             LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                             LPDWORD lpdwBufferLength)
{
    return enumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, TRUE);
}

/* As WSAEnumProtocolsW. */
int WINAPI WSAEnumProtocolsA(LPINT lpiProtocols,
                             LPWSAPROTOCOL_INFOA lpProtocolBuffer,
                             LPDWORD lpdwBufferLength)
{
    return enumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, FALSE);
}

__attribute__((weak)) const char *host_provider_path(void)
{
    return "libws2_32.so";
}
