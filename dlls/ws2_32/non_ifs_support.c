/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The setting for SOCKETs without kernel handles, an item of the store. */
#include "non_ifs_support.h"

#include <winsock2.h>

#include "api.h"
#include "catalog.h"

static const WCHAR setting_name[] = L"NonIFSHandles";

static BOOL is_setting(const uint16_t *text)
{
    const WCHAR *name = setting_name;

    while (*name && *text == *name)
        name++, text++;
    return *text == *name;
}

/* The item's place; n: there is none. */
static uint32_t setting_at(const struct catalog_items *store)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == CATALOG_SETTING &&
            is_setting(store->items[i]->text))
            break;
    return i;
}

static BOOL says_enabled(const struct catalog_items *store)
{
    const uint32_t i = setting_at(store);

    return i == store->n || store->items[i]->numbers[SETTING_VALUE] != 0;
}

BOOL non_ifs_support(void)
{
    struct catalog_items store;
    BOOL enabled;

    /* A store that cannot be read says nothing. */
    if (store_load(&store) == WSA_NOT_ENOUGH_MEMORY)
        return TRUE;
    enabled = says_enabled(&store);
    catalog_items_free(&store);
    return enabled;
}

BOOL non_ifs_support_used(void)
{
    static BOOL used; /* atomic */

    if (!__atomic_load_n(&used, __ATOMIC_RELAXED) && non_ifs_support())
        __atomic_store_n(&used, TRUE, __ATOMIC_RELAXED);
    return __atomic_load_n(&used, __ATOMIC_RELAXED);
}

static int set(struct catalog_items *store, void *context)
{
    const BOOL enabled = *(const BOOL *)context;
    const uint32_t i = setting_at(store);
    struct catalog_item *item;

    if (i < store->n)
        catalog_items_remove(store, i);
    if (enabled)
        return 0;
    item = catalog_item_new(CATALOG_SETTING, NULL,
                            (const uint16_t *)setting_name, NULL, 0);
    return catalog_items_insert(store, store->n, item) ? 0
                                                       : WSA_NOT_ENOUGH_MEMORY;
}

int non_ifs_support_set(BOOL enabled)
{
    return store_change(set, &enabled);
}
