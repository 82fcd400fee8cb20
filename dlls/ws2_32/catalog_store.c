/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store of the catalogs: what is read is checked, and what must be there
 * is put in.
 *
 * The base provider's entries are built in.  Where the store has one, it only
 * says at which place; those that it lacks come first, as they did before
 * anything was installed.  Likewise the name spaces that come with
 * the library.
 *
 * An entry that cannot be right (of another size, with a chain through entries
 * that are not there, with an id that another one has) is left out, and stderr
 * is told about the first one in a process.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "name_spaces.h"
#include "provider/provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_FREE_ID 2000 /* the built-in ones are below */

C_ASSERT(sizeof(WCHAR) == sizeof(uint16_t));

BOOL store_is_base(const struct catalog_item *item)
{
    return provider_is_base(&store_info(item)->ProviderId);
}

struct catalog_item *store_entry(const struct catalog_items *store,
                                 uint32_t section, DWORD id)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == section &&
            store_info(store->items[i])->dwCatalogEntryId == id)
            return store->items[i];
    return NULL;
}

struct catalog_item *store_provider(const struct catalog_items *store,
                                    uint32_t section, const GUID *id)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == section &&
            !memcmp(&store_info(store->items[i])->ProviderId, id, sizeof(*id)))
            return store->items[i];
    return NULL;
}

uint32_t store_count(const struct catalog_items *store, uint32_t section)
{
    uint32_t i, n = 0;

    for (i = 0; i < store->n; i++)
        n += store->items[i]->section == section;
    return n;
}

void store_reorder(struct catalog_items *store, uint32_t section,
                   struct catalog_item *const *order)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == section)
            store->items[i] = *order++;
}

/* --- Checks --------------------------------------------------------------- */

static void complain(const struct catalog_item *item, const char *why)
{
    static BOOL told; /* atomic */
    char *path;

    if (__atomic_exchange_n(&told, TRUE, __ATOMIC_RELAXED))
        return;
    path = catalog_text_to_utf8(item->path);
    fprintf(stderr,
            "ws2emu: a catalog entry for %s is left out: %s\n",
            path != NULL ? path : "?", why);
    free(path);
}

static size_t length_of(const uint16_t *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static BOOL is_transport(const struct catalog_item *item)
{
    return item->section == CATALOG_TRANSPORT ||
           item->section == CATALOG_TRANSPORT_32;
}

static BOOL is_name_space(const struct catalog_item *item)
{
    return item->section == CATALOG_NAME_SPACE ||
           item->section == CATALOG_NAME_SPACE_32;
}

static const WSAPROTOCOL_INFOW *built_in(DWORD id)
{
    DWORD i;

    for (i = 0; i < PROVIDER_ENTRIES; i++)
        if (provider_entries[i].dwCatalogEntryId == id)
            return &provider_entries[i];
    return NULL;
}

/* What is wrong with the entry by itself; NULL: nothing. */
static const char *fault_of_transport(const struct catalog_item *item)
{
    const WSAPROTOCOL_INFOW *info = store_info(item);

    if (item->data_size != sizeof(*info))
        return "it has another size";
    if (store_is_base(item))
        return built_in(info->dwCatalogEntryId)
                   ? NULL
                   : "the base provider has no such entry";
    if (info->dwCatalogEntryId == 0 || built_in(info->dwCatalogEntryId))
        return "its id is the base provider's";
    if (info->ProtocolChain.ChainLen < 0 ||
        info->ProtocolChain.ChainLen > MAX_PROTOCOL_CHAIN)
        return "its chain is too long";
    if (!*item->path || length_of(item->path) >= MAX_PATH)
        return "its path is empty or too long";
    return NULL;
}

static const char *fault_of(const struct catalog_item *item)
{
    if (is_transport(item))
        return fault_of_transport(item);
    if ((is_name_space(item) || item->section == CATALOG_SERVICE_CLASS) &&
        item->data_size < sizeof(GUID))
        return "it has another size";
    if (item->section == CATALOG_SERVICE_CLASS ||
        item->section == CATALOG_SETTING)
        return *item->text ? NULL : "it has no name";
    /* A name space without one is the library's own, or a program hosts it. */
    if (!*item->path && !is_name_space(item))
        return "it has no path";
    return NULL;
}

/* Whether the entries that a chain goes through are there. */
static BOOL chain_is_whole(const struct catalog_items *store,
                           const struct catalog_item *item)
{
    const WSAPROTOCOLCHAIN *chain = &store_info(item)->ProtocolChain;
    int i;

    for (i = 0; chain->ChainLen > 1 && i < chain->ChainLen; i++)
        if (!store_entry(store, item->section, chain->ChainEntries[i]))
            return FALSE;
    return TRUE;
}

static void leave_out(struct catalog_items *store, uint32_t *at,
                      const char *why)
{
    complain(store->items[*at], why);
    catalog_items_remove(store, *at);
    --*at;
}

static void check(struct catalog_items *store)
{
    const char *fault;
    uint32_t i;

    for (i = 0; i < store->n; i++) {
        struct catalog_item *item = store->items[i];

        fault = fault_of(item);
        if (fault == NULL && is_transport(item)) {
            store_info(item)->szProtocol[WSAPROTOCOL_LEN] = 0;
            /* The first one with the id is the one that is found. */
            if (store_entry(store, item->section,
                            store_info(item)->dwCatalogEntryId) != item)
                fault = "another one has its id";
        }
        if (fault != NULL)
            leave_out(store, &i, fault);
    }
    for (i = 0; i < store->n; i++)
        if (is_transport(store->items[i]) &&
            !chain_is_whole(store, store->items[i]))
            leave_out(store, &i, "its chain goes through a missing one");
}

/* --- What is always there ------------------------------------------------- */

static BOOL put_base(struct catalog_items *store, uint32_t section)
{
    struct catalog_item *item;
    uint16_t *path = NULL;
    uint32_t i, at = 0;
    BOOL done = TRUE;

    for (i = 0; done && i < PROVIDER_ENTRIES; i++) {
        const WSAPROTOCOL_INFOW *entry = &provider_entries[i];

        item = store_entry(store, section, entry->dwCatalogEntryId);
        if (item != NULL) {
            *store_info(item) = *entry;
            continue;
        }
        if (path == NULL)
            path = catalog_text_from_utf8(host_provider_path());
        item = catalog_item_new(section, path, NULL, entry, sizeof(*entry));
        done = path != NULL && catalog_items_insert(store, at++, item);
    }
    free(path);
    return done;
}

struct catalog_item *store_name_space(const struct catalog_items *store,
                                      uint32_t section, const GUID *id)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == section &&
            !memcmp(store_name_space_id(store->items[i]), id, sizeof(*id)))
            return store->items[i];
    return NULL;
}

static BOOL put_name_spaces(struct catalog_items *store, uint32_t section)
{
    const struct name_space *own;
    struct catalog_item *item;
    unsigned int i;
    uint32_t at = 0;

    for (i = 0; (own = name_space_built_in(i)) != NULL; i++) {
        if (store_name_space(store, section, &own->provider))
            continue;
        item = catalog_item_new(section, NULL,
                                (const uint16_t *)own->identifier,
                                &own->provider, sizeof(GUID));
        if (item != NULL) {
            item->numbers[NAME_SPACE_ID] = own->name_space;
            item->numbers[NAME_SPACE_VERSION] = own->version;
            item->numbers[NAME_SPACE_ENABLED] = TRUE;
        }
        if (!catalog_items_insert(store, at++, item))
            return FALSE;
    }
    return TRUE;
}

/* Ids are not used again: who kept one must not meet another entry. */
static void choose_next_id(struct catalog_items *store)
{
    uint32_t i;

    if (store->next_id < FIRST_FREE_ID)
        store->next_id = FIRST_FREE_ID;
    for (i = 0; i < store->n; i++)
        if (is_transport(store->items[i]) &&
            store_info(store->items[i])->dwCatalogEntryId >= store->next_id)
            store->next_id =
                store_info(store->items[i])->dwCatalogEntryId + 1;
}

int store_load(struct catalog_items *ret)
{
    int error = host_startup();

    if (error)
        return WSA_NOT_ENOUGH_MEMORY;
    error = host_catalog_load(ret);
    if (error == WSA_NOT_ENOUGH_MEMORY)
        return error;
    check(ret);
    choose_next_id(ret);
    if (!put_base(ret, CATALOG_TRANSPORT) ||
        !put_base(ret, CATALOG_TRANSPORT_32) ||
        !put_name_spaces(ret, CATALOG_NAME_SPACE) ||
        !put_name_spaces(ret, CATALOG_NAME_SPACE_32)) {
        catalog_items_free(ret);
        return WSA_NOT_ENOUGH_MEMORY;
    }
    return error;
}

int store_change(int (*change)(struct catalog_items *store, void *context),
                 void *context)
{
    struct catalog_items store;
    void *lock;
    int error = host_startup();

    if (!error)
        error = host_catalog_lock(&lock);
    if (error)
        return error;
    error = store_load(&store);
    if (!error)
        error = change(&store, context);
    if (!error)
        error = host_catalog_save(&store);
    catalog_items_free(&store);
    host_catalog_unlock(lock);
    return error;
}
