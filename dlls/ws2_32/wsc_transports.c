/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration calls for transport providers: looking, installing,
 * removing, changing, ordering.
 *
 * The base provider's entries are always there.  They can be put in another
 * order, nothing else: WSANO_RECOVERY, as for who may not write the catalog.
 *
 * A provider that is removed takes with it every chain that goes through one
 * of its entries: without it nobody could use them.
 */
#include "wsc.h"

#include "unix/boundary.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 1000 /* of one call */
#define AT_THE_END UINT32_MAX

static BOOL has_id(const struct catalog_item *item, uint32_t section,
                   const GUID *id)
{
    return item->section == section &&
           !memcmp(&store_info(item)->ProviderId, id, sizeof(*id));
}

/* Of a call that names a provider: 0 and the id. */
static int read_id(const GUID *from, GUID *ret)
{
    return unix_memory_read(ret, from, sizeof(*ret));
}

int wsc_read_text(const WCHAR *from, WCHAR *to, DWORD room)
{
    DWORD i;
    int error;

    if (from == NULL)
        return WSAEFAULT;
    for (i = 0; i < room; i++) {
        error = unix_memory_read(&to[i], &from[i], sizeof(WCHAR));
        if (error)
            return error;
        if (to[i] == 0)
            return i > 0 ? 0 : WSAEINVAL;
    }
    return WSAEINVAL;
}

/* --- Looking -------------------------------------------------------------- */

/* The entries of a section one after the other, from malloc. */
static int read_entries(uint32_t section, WSAPROTOCOL_INFOW **ret_entries,
                        DWORD *ret_n)
{
    struct catalog_items store;
    WSAPROTOCOL_INFOW *entries;
    uint32_t i;
    DWORD n = 0;

    /* What is always there is there even when the rest cannot be read. */
    if (store_load(&store) == WSA_NOT_ENOUGH_MEMORY)
        return WSAENOBUFS;
    entries = malloc(store.n * sizeof(*entries));
    for (i = 0; entries != NULL && i < store.n; i++)
        if (store.items[i]->section == section)
            entries[n++] = *store_info(store.items[i]);
    catalog_items_free(&store);
    *ret_entries = entries;
    *ret_n = n;
    return entries != NULL ? 0 : WSAENOBUFS;
}

static int enumerate(uint32_t section, LPINT protocols,
                     LPWSAPROTOCOL_INFOW buffer, LPDWORD length, LPINT lpErrno)
{
    WSAPROTOCOL_INFOW *entries = NULL;
    DWORD n = 0;
    int count = 0, error = read_entries(section, &entries, &n);

    if (!error)
        error = catalog_write(entries, n, protocols, buffer, length, TRUE,
                              TRUE, &count);
    free(entries);
    return error ? wsc_result(error, lpErrno) : count;
}

/* As WSAEnumProtocolsW, with hidden entries and layers. */
int WSPAPI WSCEnumProtocols(LPINT lpiProtocols,
                            LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                            LPDWORD lpdwBufferLength, LPINT lpErrno)
{
    return enumerate(CATALOG_TRANSPORT, lpiProtocols, lpProtocolBuffer,
                     lpdwBufferLength, lpErrno);
}

/* The catalog for 32-bit programs; so for all of the *32 forms. */
int WSPAPI WSCEnumProtocols32(LPINT lpiProtocols,
                              LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                              LPDWORD lpdwBufferLength, LPINT lpErrno)
{
    return enumerate(CATALOG_TRANSPORT_32, lpiProtocols, lpProtocolBuffer,
                     lpdwBufferLength, lpErrno);
}

static int put_path(const WCHAR *from, WCHAR *path, INT *length)
{
    INT needed = 1;
    int error;

    while (from[needed - 1])
        needed++;
    if (*length < needed) {
        *length = needed;
        return WSAEFAULT;
    }
    error = unix_memory_write(path, from, (uint32_t)needed * sizeof(*path));
    if (!error)
        *length = needed;
    return error;
}

static int provider_path(uint32_t section, const GUID *id, WCHAR *path,
                         INT *length)
{
    struct catalog_items store;
    struct catalog_item *item;
    GUID copy;
    int error;

    if (unix_memory_read(&copy, id, sizeof(copy)) || path == NULL ||
        unix_memory_check(length, sizeof(*length), 1))
        return WSAEFAULT;
    if (store_load(&store) == WSA_NOT_ENOUGH_MEMORY)
        return WSAENOBUFS;
    item = store_provider(&store, section, &copy);
    if (item == NULL || *length < 0)
        error = WSAEINVAL;
    else
        error = put_path((const WCHAR *)item->path, path, length);
    catalog_items_free(&store);
    return error;
}

int catalog_provider_path(const GUID *id, WCHAR *path, INT *length)
{
    return provider_path(CATALOG_TRANSPORT, id, path, length);
}

/* Where a provider's library is.  WSAEFAULT: NULL, or too short a buffer;
   WSAEINVAL: no such provider. */
int WSPAPI WSCGetProviderPath(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return wsc_result(provider_path(CATALOG_TRANSPORT, lpProviderId,
                                    lpszProviderDllPath, lpProviderDllPathLen),
                      lpErrno);
}

int WSPAPI WSCGetProviderPath32(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                                LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return wsc_result(provider_path(CATALOG_TRANSPORT_32, lpProviderId,
                                    lpszProviderDllPath, lpProviderDllPathLen),
                      lpErrno);
}

/* --- Installing ----------------------------------------------------------- */

/* A provider out of the program's reach. */
struct provider {
    GUID id;
    WCHAR path[MAX_PATH];
    WSAPROTOCOL_INFOW *entries; /* from malloc */
    DWORD n;
    BOOL sections[CATALOG_SECTIONS]; /* those that are meant */
};

/* WSAEFAULT; WSAEINVAL; WSA_NOT_ENOUGH_MEMORY. */
static int read_provider(const GUID *id, const WCHAR *path,
                         const WSAPROTOCOL_INFOW *entries, DWORD n,
                         struct provider *ret)
{
    DWORD i, size = n * (DWORD)sizeof(*entries);
    int error;

    if (id == NULL || path == NULL || (entries == NULL && n > 0))
        return WSAEFAULT;
    if (n > MAX_ENTRIES)
        return WSAEINVAL;
    error = read_id(id, &ret->id);
    if (!error)
        error = wsc_read_text(path, ret->path, MAX_PATH);
    if (error)
        return error;
    ret->n = n;
    ret->entries = malloc(size + 1);
    if (ret->entries == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    if (n > 0)
        error = unix_memory_read(ret->entries, entries, size);
    for (i = 0; !error && i < n; i++) {
        WSAPROTOCOL_INFOW *entry = &ret->entries[i];

        if (entry->ProtocolChain.ChainLen < 0 ||
            entry->ProtocolChain.ChainLen > MAX_PROTOCOL_CHAIN ||
            entry->szProtocol[WSAPROTOCOL_LEN] != 0)
            error = WSAEINVAL;
        entry->ProviderId = ret->id;
        entry->dwProviderReserved = 0;
    }
    return error;
}

/* WSAEINVAL: it goes through an entry that is not there. */
static int check_chain(const struct catalog_items *store, uint32_t section,
                       const WSAPROTOCOLCHAIN *chain)
{
    int i;

    for (i = 0; chain->ChainLen > 1 && i < chain->ChainLen; i++)
        if (!store_entry(store, section, chain->ChainEntries[i]))
            return WSAEINVAL;
    return 0;
}

int wsc_insert_entry(struct catalog_items *store, uint32_t section,
                     uint32_t place, const WCHAR *path,
                     const WSAPROTOCOL_INFOW *entry, DWORD *ret_id)
{
    struct catalog_item *item;
    uint32_t at;

    for (at = 0; at < store->n && place > 0; at++)
        place -= store->items[at]->section == section;
    item = catalog_item_new(section, (const uint16_t *)path, NULL, entry,
                            sizeof(*entry));
    if (item != NULL)
        store_info(item)->dwCatalogEntryId = *ret_id = store->next_id;
    if (!catalog_items_insert(store, at, item))
        return WSA_NOT_ENOUGH_MEMORY;
    store->next_id++;
    return 0;
}

/* One entry in all sections that are meant, under one id. */
static int install_entry(struct catalog_items *store,
                         const struct provider *new,
                         const WSAPROTOCOL_INFOW *entry)
{
    DWORD id, next_id = store->next_id;
    uint32_t section;
    int error = 0;

    for (section = 0; !error && section < CATALOG_SECTIONS; section++) {
        if (!new->sections[section])
            continue;
        store->next_id = next_id;
        error = check_chain(store, section, &entry->ProtocolChain);
        if (!error)
            error = wsc_insert_entry(store, section, AT_THE_END, new->path,
                                     entry, &id);
    }
    return error;
}

static int install(struct catalog_items *store, void *context)
{
    const struct provider *new = context;
    uint32_t section;
    DWORD i;
    int error = 0;

    for (section = 0; section < CATALOG_SECTIONS; section++)
        if (new->sections[section] && store_provider(store, section, &new->id))
            return WSANO_RECOVERY;
    for (i = 0; !error && i < new->n; i++)
        error = install_entry(store, new, &new->entries[i]);
    return error;
}

static int check_and_change(const GUID *id, const WCHAR *path,
                            const WSAPROTOCOL_INFOW *entries, DWORD n,
                            struct provider *provider,
                            int (*change)(struct catalog_items *, void *),
                            LPINT lpErrno)
{
    int error = read_provider(id, path, entries, n, provider);

    if (!error && change == install && n == 0)
        error = entries == NULL ? WSAEFAULT : WSAEINVAL;
    if (!error)
        error = store_change(change, provider);
    free(provider->entries);
    return wsc_result(error, lpErrno);
}

/* Installs a provider's entries at the end of the order.  WSAEFAULT;
   WSAEINVAL: no entries, or none that can be, or an empty or long path;
   WSANO_RECOVERY: there is a provider with this id, or the store cannot be
   written; WSATRY_AGAIN, WSA_NOT_ENOUGH_MEMORY. */
int WSPAPI WSCInstallProvider(LPGUID lpProviderId,
                              const WCHAR *lpszProviderDllPath,
                              const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                              DWORD dwNumberOfEntries, LPINT lpErrno)
{
    struct provider new = {.sections = {[CATALOG_TRANSPORT] = TRUE}};

    return check_and_change(lpProviderId, lpszProviderDllPath,
                            lpProtocolInfoList, dwNumberOfEntries, &new,
                            install, lpErrno);
}

/* For 64-bit and for 32-bit programs. */
int WSPAPI WSCInstallProvider64_32(LPGUID lpProviderId,
                                   const WCHAR *lpszProviderDllPath,
                                   const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                                   DWORD dwNumberOfEntries, LPINT lpErrno)
{
    struct provider new = {.sections = {[CATALOG_TRANSPORT] = TRUE,
                                        [CATALOG_TRANSPORT_32] = TRUE}};

    return check_and_change(lpProviderId, lpszProviderDllPath,
                            lpProtocolInfoList, dwNumberOfEntries, &new,
                            install, lpErrno);
}

/* --- Removing ------------------------------------------------------------- */

static BOOL goes_through(const struct catalog_item *item, DWORD id)
{
    const WSAPROTOCOLCHAIN *chain = &store_info(item)->ProtocolChain;
    int i;

    for (i = 0; chain->ChainLen > 1 && i < chain->ChainLen; i++)
        if (chain->ChainEntries[i] == id)
            return TRUE;
    return FALSE;
}

/* And the chains through it, and those through these. */
static void remove_entry(struct catalog_items *store, uint32_t section,
                         DWORD id)
{
    struct catalog_item *item = store_entry(store, section, id);
    uint32_t i;

    if (item == NULL)
        return;
    for (i = 0; store->items[i] != item; i++)
        ;
    catalog_items_remove(store, i);
    for (i = 0; i < store->n; i++) {
        if (store->items[i]->section != section ||
            !goes_through(store->items[i], id))
            continue;
        remove_entry(store, section,
                     store_info(store->items[i])->dwCatalogEntryId);
        i = UINT32_MAX; /* from the start: others are gone, too */
    }
}

struct removal {
    uint32_t section;
    GUID id;
};

static int remove_provider(struct catalog_items *store, void *context)
{
    const struct removal *removal = context;
    struct catalog_item *item;

    item = store_provider(store, removal->section, &removal->id);
    if (item == NULL)
        return WSAEINVAL;
    if (store_is_base(item))
        return WSANO_RECOVERY;
    do
        remove_entry(store, removal->section,
                     store_info(item)->dwCatalogEntryId);
    while ((item = store_provider(store, removal->section, &removal->id)));
    return 0;
}

static int deinstall(uint32_t section, const GUID *id, LPINT lpErrno)
{
    struct removal removal = {.section = section};
    int error = read_id(id, &removal.id);

    if (!error)
        error = store_change(remove_provider, &removal);
    return wsc_result(error, lpErrno);
}

/* Removes a provider; processes that run keep it.  WSAEFAULT; WSAEINVAL: no
   such one; WSANO_RECOVERY: the base provider, or the store cannot be
   written. */
int WSPAPI WSCDeinstallProvider(LPGUID lpProviderId, LPINT lpErrno)
{
    return deinstall(CATALOG_TRANSPORT, lpProviderId, lpErrno);
}

int WSPAPI WSCDeinstallProvider32(LPGUID lpProviderId, LPINT lpErrno)
{
    return deinstall(CATALOG_TRANSPORT_32, lpProviderId, lpErrno);
}

/* --- Changing ------------------------------------------------------------- */

/* The path of all of its entries; entries with the id of one of them replace
   that, others are new. */
static int update_section(struct catalog_items *store,
                          const struct provider *change, uint32_t section)
{
    struct catalog_item *item, *moved;
    uint32_t i;
    DWORD j, id;
    int error = 0;

    for (i = 0; i < store->n; i++) {
        item = store->items[i];
        if (!has_id(item, section, &change->id))
            continue;
        moved = catalog_item_new(section, (const uint16_t *)change->path,
                                 item->text, item->data, item->data_size);
        if (moved == NULL)
            return WSA_NOT_ENOUGH_MEMORY;
        memcpy(moved->numbers, item->numbers, sizeof(moved->numbers));
        catalog_item_free(item);
        store->items[i] = moved;
    }
    for (j = 0; !error && j < change->n; j++) {
        const WSAPROTOCOL_INFOW *entry = &change->entries[j];

        error = check_chain(store, section, &entry->ProtocolChain);
        if (error)
            break;
        item = store_entry(store, section, entry->dwCatalogEntryId);
        if (item != NULL && has_id(item, section, &change->id))
            *store_info(item) = *entry;
        else
            error = wsc_insert_entry(store, section, AT_THE_END, change->path,
                                     entry, &id);
    }
    return error;
}

static int update(struct catalog_items *store, void *context)
{
    const struct provider *change = context;
    struct catalog_item *item;
    uint32_t section;
    int error = 0;

    for (section = 0; !error && section < CATALOG_SECTIONS; section++) {
        if (!change->sections[section])
            continue;
        item = store_provider(store, section, &change->id);
        if (item == NULL)
            return WSAEINVAL;
        if (store_is_base(item))
            return WSANO_RECOVERY;
        error = update_section(store, change, section);
    }
    return error;
}

/* Changes a provider's path, and its entries by their ids.  Errors as
   WSCInstallProvider; WSAEINVAL also: no such provider. */
int WSPAPI WSCUpdateProvider(LPGUID lpProviderId,
                             const WCHAR *lpszProviderDllPath,
                             const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                             DWORD dwNumberOfEntries, LPINT lpErrno)
{
    struct provider change = {.sections = {[CATALOG_TRANSPORT] = TRUE}};

    return check_and_change(lpProviderId, lpszProviderDllPath,
                            lpProtocolInfoList, dwNumberOfEntries, &change,
                            update, lpErrno);
}

int WSPAPI WSCUpdateProvider32(LPGUID lpProviderId,
                               const WCHAR *lpszProviderDllPath,
                               const LPWSAPROTOCOL_INFOW lpProtocolInfoList,
                               DWORD dwNumberOfEntries, LPINT lpErrno)
{
    struct provider change = {.sections = {[CATALOG_TRANSPORT_32] = TRUE}};

    return check_and_change(lpProviderId, lpszProviderDllPath,
                            lpProtocolInfoList, dwNumberOfEntries, &change,
                            update, lpErrno);
}

/* --- The order ------------------------------------------------------------ */

static struct catalog_item *find_by_id(const struct catalog_items *store,
                                       uint32_t section, const void *key)
{
    return store_entry(store, section, *(const DWORD *)key);
}

/* The ids of all entries in their new order.  Returns the error: WSAEFAULT;
   WSAEINVAL: an unknown id, one twice, or not all of them; WSATRY_AGAIN;
   WSANO_RECOVERY. */
int WSPAPI WSCWriteProviderOrder(LPDWORD lpwdCatalogEntryId,
                                 DWORD dwNumberOfEntries)
{
    return wsc_write_order(CATALOG_TRANSPORT, lpwdCatalogEntryId, sizeof(DWORD),
                           dwNumberOfEntries, find_by_id);
}

int WSPAPI WSCWriteProviderOrder32(LPDWORD lpwdCatalogEntryId,
                                   DWORD dwNumberOfEntries)
{
    return wsc_write_order(CATALOG_TRANSPORT_32, lpwdCatalogEntryId,
                           sizeof(DWORD), dwNumberOfEntries, find_by_id);
}
