/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalogs of providers, above the host's store.
 *
 * The store is read anew by the configuration calls (WSC*), and changed in one
 * step by store_change.  A process works with the copy that it made at its
 * first WSAStartup (catalog.c): what is installed later is seen by later ones,
 * and by a program that asks to be told of it (WSAProviderConfigChange).
 */
#ifndef WS2EMU_CATALOG_H
#define WS2EMU_CATALOG_H

#include <winsock2.h>

#include "host/catalog.h"

/* --- The store (catalog_store.c) ------------------------------------------ */

/* What the numbers of an item mean, see host/catalog.h. */
enum store_number {
    TRANSPORT_CATEGORIES = 0,
    TRANSPORT_HAS_CATEGORIES,
    NAME_SPACE_ID = 0,
    NAME_SPACE_VERSION,
    NAME_SPACE_ENABLED,
    NAME_SPACE_CLASSES,
    APPLICATION_PERMITTED = 0,
    SETTING_VALUE = 0,
};

static inline WSAPROTOCOL_INFOW *store_info(const struct catalog_item *item)
{
    return (WSAPROTOCOL_INFOW *)(void *)item->data;
}

static inline GUID *store_name_space_id(const struct catalog_item *item)
{
    return (GUID *)(void *)item->data;
}

/* All of the store, checked, with the base provider's entries and the library's
   name spaces in it whatever was stored.  WSANO_RECOVERY: it cannot be read,
   and *ret has what is always there; WSA_NOT_ENOUGH_MEMORY: *ret is empty. */
int store_load(struct catalog_items *ret);

/* Reads, lets `change` work on the list, and writes it when that returns 0.
   Returns its error, or WSATRY_AGAIN, WSANO_RECOVERY,
   WSA_NOT_ENOUGH_MEMORY. */
int store_change(int (*change)(struct catalog_items *store, void *context),
                 void *context);

/* The transport entry of a section with this id; NULL: there is none. */
struct catalog_item *store_entry(const struct catalog_items *store,
                                 uint32_t section, DWORD id);
/* The first transport entry of a section with this GUID. */
struct catalog_item *store_provider(const struct catalog_items *store,
                                    uint32_t section, const GUID *id);
/* Whether the base provider's own, which cannot be removed or changed. */
BOOL store_is_base(const struct catalog_item *item);
/* Puts the items of a section into this order, all of its n. */
void store_reorder(struct catalog_items *store, uint32_t section,
                   struct catalog_item *const *order);
uint32_t store_count(const struct catalog_items *store, uint32_t section);

/* The name-space entry of a section with this GUID; NULL: there is none. */
struct catalog_item *store_name_space(const struct catalog_items *store,
                                      uint32_t section, const GUID *id);

/* --- What the process sees (catalog.c) ------------------------------------ */

/* Reads the store for this process.  Entries that the program was given before
   stay what they are. */
void catalog_refresh(void);

/* An entry of any copy that the process ever had, the newest first: a provider
   that was removed may have sockets still.  NULL: there is none. */
const WSAPROTOCOL_INFOW *catalog_entry_ever(DWORD id);

/* In a child of fork. */
void catalog_forked(void);

/* The library of an entry of catalog_entry or catalog_find; NULL: the base
   provider. */
const WCHAR *catalog_library(const WSAPROTOCOL_INFOW *entry);

/* The name spaces that the process sees, in their order; the list stays. */
const struct catalog_items *catalog_items_seen(void);

/* Writes the wanted ones of n entries in either form.  protocols: ends with 0,
   NULL: all; all: also hidden ones and layers.  *ret_count: entries written.
   WSAENOBUFS: *length says what is needed; WSAEFAULT. */
int catalog_write(const WSAPROTOCOL_INFOW *entries, DWORD n,
                  const INT *protocols, void *buffer, DWORD *length,
                  BOOL unicode, BOOL all, int *ret_count);

#endif
