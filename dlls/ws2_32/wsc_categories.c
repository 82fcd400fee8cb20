/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Categories: what layered providers do, and which of that a program permits.
 * catalog.c says what comes of it.
 */
#include "wsc.h"

#include "unix/boundary.h"

#include <string.h>

#define CALL_NOT_IMPLEMENTED 120 /* ERROR_CALL_NOT_IMPLEMENTED */

/* --- Of providers --------------------------------------------------------- */

/* The layered provider of an id; WSANO_RECOVERY: there is none. */
static int find_provider(const struct catalog_items *store, uint32_t section,
                         const GUID *id, struct catalog_item **ret)
{
    *ret = store_provider(store, section, id);
    return *ret == NULL || store_is_base(*ret) ? WSANO_RECOVERY : 0;
}

static int get_info(uint32_t section, const GUID *id,
                    WSC_PROVIDER_INFO_TYPE type, PBYTE info, size_t *size)
{
    struct catalog_items store;
    struct catalog_item *item;
    DWORD categories = 0;
    size_t room;
    GUID copy;
    int error = unix_memory_read(&copy, id, sizeof(copy));

    if (error)
        return error;
    error = store_load(&store);
    if (!error)
        error = find_provider(&store, section, &copy, &item);
    if (!error)
        categories = item->numbers[TRANSPORT_CATEGORIES];
    catalog_items_free(&store);
    if (error)
        return error;
    if (type == ProviderInfoAudit)
        return CALL_NOT_IMPLEMENTED;
    if (type != ProviderInfoLspCategories)
        return WSAEINVAL;
    error = unix_memory_read(&room, size, sizeof(room));
    if (error)
        return error;
    if (info == NULL || room < sizeof(categories)) {
        room = sizeof(categories);
        error = unix_memory_write(size, &room, sizeof(room));
        return error ? error : WSAEFAULT;
    }
    room = sizeof(categories);
    error = unix_memory_write(info, &categories, sizeof(categories));
    return error ? error : unix_memory_write(size, &room, sizeof(room));
}

/* The categories of a layered provider, a DWORD; 0: it has none.  WSAEFAULT:
   bad pointers, or *InfoSize was too small and now says what is needed;
   WSANO_RECOVERY: no such provider, whatever the rest is. */
int WSPAPI WSCGetProviderInfo(LPGUID lpProviderId,
                              WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                              size_t *InfoSize, DWORD Flags, LPINT lpErrno)
{
    (void)Flags;
    return wsc_result(get_info(CATALOG_TRANSPORT, lpProviderId, InfoType, Info,
                               InfoSize),
                      lpErrno);
}

int WSPAPI WSCGetProviderInfo32(LPGUID lpProviderId,
                                WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                                size_t *InfoSize, DWORD Flags, LPINT lpErrno)
{
    (void)Flags;
    return wsc_result(get_info(CATALOG_TRANSPORT_32, lpProviderId, InfoType,
                               Info, InfoSize),
                      lpErrno);
}

struct categorisation {
    uint32_t section;
    GUID id;
    DWORD categories;
};

static int categorise(struct catalog_items *store, void *context)
{
    const struct categorisation *change = context;
    struct catalog_item *item;
    uint32_t i;
    int error = find_provider(store, change->section, &change->id, &item);

    for (i = 0; !error && i < store->n; i++) {
        item = store->items[i];
        if (item->section != change->section ||
            memcmp(&store_info(item)->ProviderId, &change->id, sizeof(GUID)))
            continue;
        item->numbers[TRANSPORT_CATEGORIES] = change->categories;
        item->numbers[TRANSPORT_HAS_CATEGORIES] = TRUE;
    }
    return error;
}

static int set_info(uint32_t section, const GUID *id,
                    WSC_PROVIDER_INFO_TYPE type, const BYTE *info, size_t size)
{
    struct categorisation change = {.section = section};
    int error;

    if (id == NULL || info == NULL)
        return WSAEFAULT;
    error = unix_memory_read(&change.id, id, sizeof(change.id));
    if (error)
        return error;
    if (type == ProviderInfoAudit)
        return CALL_NOT_IMPLEMENTED;
    if (type != ProviderInfoLspCategories || size != sizeof(DWORD))
        return WSAEINVAL;
    error = unix_memory_read(&change.categories, info, sizeof(DWORD));
    return error ? error : store_change(categorise, &change);
}

/* WSAEFAULT; WSAEINVAL: not the size of a DWORD; WSANO_RECOVERY: no such
   provider, or the store cannot be written. */
int WSPAPI WSCSetProviderInfo(LPGUID lpProviderId,
                              WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                              size_t InfoSize, DWORD Flags, LPINT lpErrno)
{
    (void)Flags;
    return wsc_result(set_info(CATALOG_TRANSPORT, lpProviderId, InfoType, Info,
                               InfoSize),
                      lpErrno);
}

int WSPAPI WSCSetProviderInfo32(LPGUID lpProviderId,
                                WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
                                size_t InfoSize, DWORD Flags, LPINT lpErrno)
{
    (void)Flags;
    return wsc_result(set_info(CATALOG_TRANSPORT_32, lpProviderId, InfoType,
                               Info, InfoSize),
                      lpErrno);
}

/* --- Of programs ---------------------------------------------------------- */

#define EXTRA_ROOM 1024

struct application {
    WCHAR path[MAX_PATH], extra[EXTRA_ROOM];
    DWORD permitted, before;
};

/* length counts without a NUL, which need not be there. */
static int read_counted(const WCHAR *from, DWORD length, WCHAR *to, DWORD room)
{
    if (length >= room)
        return WSAEINVAL;
    to[length] = 0;
    return length == 0 ? 0
                       : unix_memory_read(to, from,
                                          length * (DWORD)sizeof(WCHAR));
}

static int read_application(LPCWSTR path, DWORD path_length, LPCWSTR extra,
                            DWORD extra_length, struct application *ret)
{
    int error;

    if (path == NULL || path_length == 0 ||
        (extra == NULL && extra_length > 0))
        return WSAEINVAL;
    error = read_counted(path, path_length, ret->path, MAX_PATH);
    if (!error && !*ret->path)
        error = WSAEINVAL;
    return error ? error
                 : read_counted(extra, extra_length, ret->extra, EXTRA_ROOM);
}

static BOOL is_text(const uint16_t *a, const WCHAR *b)
{
    while (*a == *b && *a)
        a++, b++;
    return *a == *b;
}

static struct catalog_item *find_application(const struct catalog_items *store,
                                             const struct application *wanted)
{
    uint32_t i;

    for (i = 0; i < store->n; i++) {
        struct catalog_item *item = store->items[i];

        if (item->section == CATALOG_APPLICATION &&
            is_text(item->path, wanted->path) &&
            is_text(item->text, wanted->extra))
            return item;
    }
    return NULL;
}

static int permit(struct catalog_items *store, void *context)
{
    struct application *change = context;
    struct catalog_item *item = find_application(store, change);

    if (item == NULL) {
        item = catalog_item_new(CATALOG_APPLICATION,
                                (const uint16_t *)change->path,
                                (const uint16_t *)change->extra, NULL, 0);
        if (!catalog_items_insert(store, store->n, item))
            return WSA_NOT_ENOUGH_MEMORY;
    }
    change->before = item->numbers[APPLICATION_PERMITTED];
    item->numbers[APPLICATION_PERMITTED] = change->permitted;
    return 0;
}

/* What a program permits.  WSAEINVAL: no path or no room for the answer;
   WSASERVICE_NOT_FOUND: it was never set; WSANO_RECOVERY. */
int WSPAPI WSCGetApplicationCategory(LPCWSTR Path, DWORD PathLength,
                                     LPCWSTR Extra, DWORD ExtraLength,
                                     DWORD *pPermittedLspCategories,
                                     LPINT lpErrno)
{
    struct application wanted;
    struct catalog_items store;
    struct catalog_item *item;
    int error = WSAEINVAL;

    if (pPermittedLspCategories != NULL)
        error = read_application(Path, PathLength, Extra, ExtraLength,
                                 &wanted);
    if (!error)
        error = store_load(&store);
    if (error)
        return wsc_result(error, lpErrno);
    item = find_application(&store, &wanted);
    error = item == NULL
                ? WSASERVICE_NOT_FOUND
                : unix_memory_write(pPermittedLspCategories,
                                    &item->numbers[APPLICATION_PERMITTED],
                                    sizeof(DWORD));
    catalog_items_free(&store);
    return wsc_result(error, lpErrno);
}

/* *pPrevPermLspCat, which may be NULL: what it was before, 0 when it was never
   set.  WSAEINVAL: no path, or too long ones; WSAEFAULT, and nothing is
   changed; WSANO_RECOVERY. */
int WSPAPI WSCSetApplicationCategory(LPCWSTR Path, DWORD PathLength,
                                     LPCWSTR Extra, DWORD ExtraLength,
                                     DWORD PermittedLspCategories,
                                     DWORD *pPrevPermLspCat, LPINT lpErrno)
{
    struct application change;
    int error = read_application(Path, PathLength, Extra, ExtraLength,
                                 &change);

    if (!error && pPrevPermLspCat != NULL)
        error = unix_memory_check(pPrevPermLspCat, sizeof(DWORD), 1);
    change.permitted = PermittedLspCategories;
    if (!error)
        error = store_change(permit, &change);
    if (!error && pPrevPermLspCat != NULL)
        error = unix_memory_write(pPrevPermLspCat, &change.before,
                                  sizeof(DWORD));
    return wsc_result(error, lpErrno);
}
