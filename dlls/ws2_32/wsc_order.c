/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of a catalog: that of transports and that of name spaces.
 */
#include "wsc.h"

#include "unix/boundary.h"

#include <stdlib.h>

struct order {
    uint32_t section;
    const char *keys; /* the program's */
    size_t key_size;
    DWORD n;
    wsc_find *find;
};

/* The item of key number i, which is none of those before it. */
static int read_item(const struct catalog_items *store,
                     const struct order *order, DWORD i,
                     struct catalog_item **items)
{
    uint64_t key[2]; /* a GUID is the largest */
    DWORD before;
    int error = unix_memory_read(key, order->keys + i * order->key_size,
                                 order->key_size);

    if (error)
        return error;
    items[i] = order->find(store, order->section, key);
    if (items[i] == NULL)
        return WSAEINVAL;
    for (before = 0; before < i; before++)
        if (items[before] == items[i])
            return WSAEINVAL;
    return 0;
}

static int reorder(struct catalog_items *store, void *context)
{
    const struct order *order = context;
    struct catalog_item **items;
    int error = 0;
    DWORD i;

    if (order->n != store_count(store, order->section))
        return WSAEINVAL;
    items = calloc((size_t)order->n + 1, sizeof(struct catalog_item *));
    if (items == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    for (i = 0; !error && i < order->n; i++)
        error = read_item(store, order, i, items);
    if (!error)
        store_reorder(store, order->section, items);
    free(items);
    return error;
}

int wsc_write_order(uint32_t section, const void *keys, size_t key_size,
                    DWORD n, wsc_find *find)
{
    struct order order = {section, keys, key_size, n, find};

    return keys == NULL ? WSAEFAULT : store_change(reorder, &order);
}
