/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration calls for name-space providers (WSC*).
 *
 * They change the store; processes that run already do not see it.  They work
 * without WSAStartup.  Unlike those of the transports they report by the last
 * error.  The providers that come with the library can be disabled and put in
 * another order, but not removed: WSAEACCES.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "name_spaces.h"

#include <stdlib.h>
#include <string.h>

/* --- Installing ---------------------------------------------------------- */

struct installation {
    uint32_t section;
    const WCHAR *identifier, *path;
    DWORD name_space, version;
    const GUID *id;
    const BLOB *info; /* NULL: none */
};

static int install(struct catalog_items *store, void *context)
{
    const struct installation *new = context;
    size_t info_size = new->info != NULL ? new->info->cbSize : 0;
    struct catalog_item *item;
    char *data;

    if (store_name_space(store, new->section, new->id))
        return WSANO_RECOVERY;
    data = malloc(sizeof(GUID) + info_size);
    if (data == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    memcpy(data, new->id, sizeof(GUID));
    if (info_size > 0)
        memcpy(data + sizeof(GUID), new->info->pBlobData, info_size);
    item = catalog_item_new(new->section, (const uint16_t *)new->path,
                            (const uint16_t *)new->identifier, data,
                            (uint32_t)(sizeof(GUID) + info_size));
    free(data);
    if (item != NULL) {
        item->numbers[NAME_SPACE_ID] = new->name_space;
        item->numbers[NAME_SPACE_VERSION] = new->version;
        item->numbers[NAME_SPACE_ENABLED] = TRUE;
    }
    return catalog_items_insert(store, store->n, item) ? 0
                                                       : WSA_NOT_ENOUGH_MEMORY;
}

static BOOL is_text(const WCHAR *text, size_t room)
{
    size_t n = 0;

    while (n < room && text[n])
        n++;
    return n > 0 && n < room;
}

static int check_and_install(struct installation *new)
{
    if (new->identifier == NULL || new->path == NULL || new->id == NULL ||
        (new->info != NULL && new->info->cbSize > 0 &&
         new->info->pBlobData == NULL))
        return api_failure(WSAEFAULT);
    if (!is_text(new->identifier, MAX_PATH) || !is_text(new->path, MAX_PATH) ||
        (new->info != NULL &&
         new->info->cbSize > CATALOG_MAX_DATA - sizeof(GUID)))
        return api_failure(WSAEINVAL);
    return api_result(store_change(install, new));
}

/* Installs a provider at the end of the order.  WSAEFAULT: NULL; WSAEINVAL: a
   string is empty or too long; WSANO_RECOVERY: there is one with this id, or
   the store cannot be written; so for its kin. */
INT WSPAPI WSCInstallNameSpace(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                               DWORD dwNameSpace, DWORD dwVersion,
                               LPGUID lpProviderId)
{
    return WSCInstallNameSpaceEx(lpszIdentifier, lpszPathName, dwNameSpace,
                                 dwVersion, lpProviderId, NULL);
}

INT WSPAPI WSCInstallNameSpace32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                 DWORD dwNameSpace, DWORD dwVersion,
                                 LPGUID lpProviderId)
{
    return WSCInstallNameSpaceEx32(lpszIdentifier, lpszPathName, dwNameSpace,
                                   dwVersion, lpProviderId, NULL);
}

/* With data of the provider's own, which WSAEnumNameSpaceProvidersEx tells. */
INT WSPAPI WSCInstallNameSpaceEx(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                 DWORD dwNameSpace, DWORD dwVersion,
                                 LPGUID lpProviderId, LPBLOB lpProviderSpecific)
{
    struct installation new = {
        CATALOG_NAME_SPACE, lpszIdentifier, lpszPathName, dwNameSpace,
        dwVersion, lpProviderId, lpProviderSpecific,
    };

    return check_and_install(&new);
}

INT WSPAPI WSCInstallNameSpaceEx32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                   DWORD dwNameSpace, DWORD dwVersion,
                                   LPGUID lpProviderId,
                                   LPBLOB lpProviderSpecific)
{
    struct installation new = {
        CATALOG_NAME_SPACE_32, lpszIdentifier, lpszPathName, dwNameSpace,
        dwVersion, lpProviderId, lpProviderSpecific,
    };

    return check_and_install(&new);
}

/* --- Removing, enabling -------------------------------------------------- */

struct change {
    uint32_t section;
    const GUID *id;
    BOOL enable;
};

static int remove_entry(struct catalog_items *store, void *context)
{
    const struct change *change = context;
    struct catalog_item *item;
    uint32_t i;

    item = store_name_space(store, change->section, change->id);
    if (item == NULL)
        return WSAEINVAL;
    if (name_space_built_in_of(change->id))
        return WSAEACCES;
    for (i = 0; store->items[i] != item; i++)
        ;
    catalog_items_remove(store, i);
    return 0;
}

static int enable_entry(struct catalog_items *store, void *context)
{
    const struct change *change = context;
    struct catalog_item *item;

    item = store_name_space(store, change->section, change->id);
    if (item == NULL)
        return WSAEINVAL;
    item->numbers[NAME_SPACE_ENABLED] = change->enable != FALSE;
    return 0;
}

static int change_entry(uint32_t section, const GUID *id, BOOL enable,
                        int (*how)(struct catalog_items *, void *))
{
    struct change change = {section, id, enable};

    return api_result(id == NULL ? WSAEFAULT : store_change(how, &change));
}

/* Removes a provider.  WSAEFAULT: NULL; WSAEINVAL: no such one; WSAEACCES: it
   comes with the library; WSANO_RECOVERY. */
INT WSPAPI WSCUnInstallNameSpace(LPGUID lpProviderId)
{
    return change_entry(CATALOG_NAME_SPACE, lpProviderId, FALSE, remove_entry);
}

INT WSPAPI WSCUnInstallNameSpace32(LPGUID lpProviderId)
{
    return change_entry(CATALOG_NAME_SPACE_32, lpProviderId, FALSE,
                        remove_entry);
}

/* A provider that is not enabled stays in the catalog and is not asked. */
INT WSPAPI WSCEnableNSProvider(LPGUID lpProviderId, BOOL fEnable)
{
    return change_entry(CATALOG_NAME_SPACE, lpProviderId, fEnable,
                        enable_entry);
}

INT WSPAPI WSCEnableNSProvider32(LPGUID lpProviderId, BOOL fEnable)
{
    return change_entry(CATALOG_NAME_SPACE_32, lpProviderId, fEnable,
                        enable_entry);
}

/* --- The order ----------------------------------------------------------- */

struct order {
    uint32_t section;
    const GUID *ids;
    DWORD n;
};

static int reorder(struct catalog_items *store, void *context)
{
    const struct order *order = context;
    struct catalog_item **items;
    DWORD i, j;
    int error = 0;

    if (order->n != store_count(store, order->section))
        return WSAEINVAL;
    items = calloc(order->n, sizeof(struct catalog_item *));
    if (items == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    for (i = 0; !error && i < order->n; i++) {
        items[i] = store_name_space(store, order->section, &order->ids[i]);
        for (j = 0; j < i; j++)
            if (items[j] == items[i])
                error = WSAEINVAL;
        if (items[i] == NULL)
            error = WSAEINVAL;
    }
    if (!error)
        store_reorder(store, order->section, items);
    free(items);
    return error;
}

static int write_order(uint32_t section, const GUID *ids, DWORD n)
{
    struct order order = {section, ids, n};

    return ids == NULL ? WSAEFAULT : store_change(reorder, &order);
}

/* lpProviderId: all of the providers, each once.  Returns the error itself:
   WSAEFAULT; WSAEINVAL: other name spaces than there are; WSANO_RECOVERY. */
INT WSPAPI WSCWriteNameSpaceOrder(LPGUID lpProviderId, DWORD dwNumberOfEntries)
{
    return write_order(CATALOG_NAME_SPACE, lpProviderId, dwNumberOfEntries);
}

INT WSPAPI WSCWriteNameSpaceOrder32(LPGUID lpProviderId,
                                    DWORD dwNumberOfEntries)
{
    return write_order(CATALOG_NAME_SPACE_32, lpProviderId, dwNumberOfEntries);
}
