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

#include "name_spaces.h"
#include "unix/boundary.h"
#include "wsc.h"

#include <stdlib.h>

/* --- Installing ----------------------------------------------------------- */

struct installation {
    uint32_t section;
    WCHAR identifier[MAX_PATH], path[MAX_PATH];
    DWORD name_space, version;
    DWORD data_size;
    char *data; /* the GUID, then the provider's own; from malloc */
};

static int install(struct catalog_items *store, void *context)
{
    const struct installation *new = context;
    struct catalog_item *item;

    if (store_name_space(store, new->section, (const GUID *)(void *)new->data))
        return WSANO_RECOVERY;
    item = catalog_item_new(new->section, (const uint16_t *)new->path,
                            (const uint16_t *)new->identifier, new->data,
                            new->data_size);
    if (item != NULL) {
        item->numbers[NAME_SPACE_ID] = new->name_space;
        item->numbers[NAME_SPACE_VERSION] = new->version;
        item->numbers[NAME_SPACE_ENABLED] = TRUE;
    }
    return catalog_items_insert(store, store->n, item) ? 0
                                                       : WSA_NOT_ENOUGH_MEMORY;
}

static int read_data(struct installation *new, const GUID *id, const BLOB *info)
{
    BLOB blob = {0};
    int error = 0;

    if (info != NULL)
        error = unix_memory_read(&blob, info, sizeof(blob));
    if (!error && blob.cbSize > CATALOG_MAX_DATA - sizeof(GUID))
        error = WSAEINVAL;
    if (error)
        return error;
    new->data_size = (DWORD)sizeof(GUID) + blob.cbSize;
    new->data = malloc(new->data_size);
    if (new->data == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    error = unix_memory_read(new->data, id, sizeof(GUID));
    if (!error && blob.cbSize > 0)
        error = unix_memory_read(new->data + sizeof(GUID), blob.pBlobData,
                                 blob.cbSize);
    return error;
}

static int read_and_install(uint32_t section, const WCHAR *identifier,
                            const WCHAR *path, DWORD name_space, DWORD version,
                            const GUID *id, const BLOB *info)
{
    struct installation new = {.section = section, .name_space = name_space,
                               .version = version};
    int error = read_data(&new, id, info);
    WCHAR first = 0;

    if (!error)
        error = wsc_read_text(identifier, new.identifier, MAX_PATH);
    /* Without a path it is one that a program hosts (WSAAdvertiseProvider). */
    if (!error)
        error = path ? unix_memory_read(&first, path, sizeof(first))
                     : WSAEFAULT;
    if (!error && first)
        error = wsc_read_text(path, new.path, MAX_PATH);
    if (!error)
        error = store_change(install, &new);
    free(new.data);
    return api_result(error);
}

/* Installs a provider at the end of the order.  WSAEFAULT; WSAEINVAL: the
   identifier is empty, or a string too long; WSANO_RECOVERY: there is one with
   this id, or the store cannot be written; so for its kin. */
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
    return read_and_install(CATALOG_NAME_SPACE, lpszIdentifier, lpszPathName,
                            dwNameSpace, dwVersion, lpProviderId,
                            lpProviderSpecific);
}

INT WSPAPI WSCInstallNameSpaceEx32(LPWSTR lpszIdentifier, LPWSTR lpszPathName,
                                   DWORD dwNameSpace, DWORD dwVersion,
                                   LPGUID lpProviderId,
                                   LPBLOB lpProviderSpecific)
{
    return read_and_install(CATALOG_NAME_SPACE_32, lpszIdentifier, lpszPathName,
                            dwNameSpace, dwVersion, lpProviderId,
                            lpProviderSpecific);
}

/* --- Removing, enabling --------------------------------------------------- */

struct change {
    uint32_t section;
    GUID id;
    BOOL enable;
};

static int remove_entry(struct catalog_items *store, void *context)
{
    const struct change *change = context;
    struct catalog_item *item;
    uint32_t i;

    item = store_name_space(store, change->section, &change->id);
    if (item == NULL)
        return WSAEINVAL;
    if (name_space_built_in_of(&change->id))
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

    item = store_name_space(store, change->section, &change->id);
    if (item == NULL)
        return WSAEINVAL;
    item->numbers[NAME_SPACE_ENABLED] = change->enable != FALSE;
    return 0;
}

static int change_entry(uint32_t section, const GUID *id, BOOL enable,
                        int (*how)(struct catalog_items *, void *))
{
    struct change change = {.section = section, .enable = enable};
    int error = unix_memory_read(&change.id, id, sizeof(change.id));

    return api_result(error ? error : store_change(how, &change));
}

/* Removes a provider.  WSAEFAULT; WSAEINVAL: no such one; WSAEACCES: it
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

/* --- The order ------------------------------------------------------------ */

static struct catalog_item *find_by_guid(const struct catalog_items *store,
                                         uint32_t section, const void *key)
{
    return store_name_space(store, section, key);
}

/* lpProviderId: all of the providers, each once.  Returns the error itself:
   WSAEFAULT; WSAEINVAL: other name spaces than there are; WSANO_RECOVERY. */
INT WSPAPI WSCWriteNameSpaceOrder(LPGUID lpProviderId, DWORD dwNumberOfEntries)
{
    return wsc_write_order(CATALOG_NAME_SPACE, lpProviderId, sizeof(GUID),
                           dwNumberOfEntries, find_by_guid);
}

INT WSPAPI WSCWriteNameSpaceOrder32(LPGUID lpProviderId,
                                    DWORD dwNumberOfEntries)
{
    return wsc_write_order(CATALOG_NAME_SPACE_32, lpProviderId, sizeof(GUID),
                           dwNumberOfEntries, find_by_guid);
}
