/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSCInstallProviderAndChains64_32: a layered provider and its chains in one
 * call.
 *
 * The provider gets one hidden entry with an empty chain, the layer, and for
 * each protocol a chain entry in front of all others: the layer, then what it
 * is put upon.  All carry the provider's id, so WSCDeinstallProvider removes
 * all of them.
 */
#include "wsc.h"

#include "unix/boundary.h"

#include <stdlib.h>
#include <string.h>

struct layer {
    GUID id;
    WCHAR path[MAX_PATH], path32[MAX_PATH], name[WSAPROTOCOL_LEN + 1];
    DWORD flags;
    WSAPROTOCOL_INFOW *protocols; /* from malloc; NULL: all base protocols */
    DWORD n;
    DWORD entry_id; /* out: of the layer for 64-bit programs */
};

static size_t text_size(const WCHAR *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return (n + 1) * sizeof(WCHAR);
}

static BOOL has_name(const struct catalog_items *store, uint32_t section,
                     const WCHAR *name)
{
    uint32_t i;

    for (i = 0; i < store->n; i++)
        if (store->items[i]->section == section &&
            !memcmp(store_info(store->items[i])->szProtocol, name,
                    text_size(name)))
            return TRUE;
    return FALSE;
}

static BOOL is_same_protocol(const WSAPROTOCOL_INFOW *a,
                             const WSAPROTOCOL_INFOW *b)
{
    return a->iAddressFamily == b->iAddressFamily &&
           a->iSocketType == b->iSocketType && a->iProtocol == b->iProtocol;
}

/* What a chain for the protocol is put upon: with a list the first entry that
   serves it, otherwise the first base protocol; NULL: there is none. */
static const WSAPROTOCOL_INFOW *find_below(const struct catalog_items *store,
                                           uint32_t section,
                                           const WSAPROTOCOL_INFOW *protocol,
                                           BOOL base_only)
{
    uint32_t i;

    for (i = 0; i < store->n; i++) {
        const struct catalog_item *item = store->items[i];
        const WSAPROTOCOL_INFOW *info = store_info(item);

        if (item->section != section ||
            info->ProtocolChain.ChainLen == LAYERED_PROTOCOL ||
            (info->dwProviderFlags & PFL_HIDDEN) ||
            !is_same_protocol(info, protocol))
            continue;
        if (!base_only || info->ProtocolChain.ChainLen == BASE_PROTOCOL)
            return info;
    }
    return NULL;
}

/* "name over [what is below]", as much as there is room for. */
static void put_name(WSAPROTOCOL_INFOW *chain, const WCHAR *name,
                     const WCHAR *below)
{
    static const WCHAR over[] = L" over [", end[] = L"]";
    const WCHAR *const parts[] = {name, over, below, end};
    WCHAR text[WSAPROTOCOL_LEN + 1] = {0};
    DWORD i, at = 0;

    for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        const WCHAR *part;

        for (part = parts[i]; *part && at < WSAPROTOCOL_LEN; part++)
            text[at++] = *part;
    }
    memcpy(chain->szProtocol, text, sizeof(text));
}

/* WSANO_RECOVERY: the chain would be too long. */
static int make_chain(const struct layer *layer, DWORD layer_id,
                      const WSAPROTOCOL_INFOW *below, WSAPROTOCOL_INFOW *ret)
{
    const WSAPROTOCOLCHAIN *lower = &below->ProtocolChain;
    int i;

    if (lower->ChainLen >= MAX_PROTOCOL_CHAIN)
        return WSANO_RECOVERY;
    *ret = *below;
    ret->ProviderId = layer->id;
    ret->ProtocolChain.ChainLen = lower->ChainLen + 1;
    ret->ProtocolChain.ChainEntries[0] = layer_id;
    if (lower->ChainLen == BASE_PROTOCOL)
        ret->ProtocolChain.ChainEntries[1] = below->dwCatalogEntryId;
    else
        for (i = 0; i < lower->ChainLen; i++)
            ret->ProtocolChain.ChainEntries[i + 1] = lower->ChainEntries[i];
    if (!(layer->flags & XP1_IFS_HANDLES))
        ret->dwServiceFlags1 &= ~(DWORD)XP1_IFS_HANDLES;
    put_name(ret, layer->name, below->szProtocol);
    return 0;
}

/* The layer is no protocol; Windows gives it those of the first one. */
static void make_layer(const struct layer *layer,
                       const WSAPROTOCOL_INFOW *below, WSAPROTOCOL_INFOW *ret)
{
    *ret = *below;
    ret->ProviderId = layer->id;
    ret->dwServiceFlags1 =
        (below->dwServiceFlags1 & ~(DWORD)XP1_IFS_HANDLES) |
        (layer->flags & XP1_IFS_HANDLES);
    ret->dwProviderFlags = PFL_HIDDEN;
    memset(&ret->ProtocolChain, 0, sizeof(ret->ProtocolChain));
    memcpy(ret->szProtocol, layer->name, sizeof(layer->name));
}

/* The protocols that chains are made for, each once, with what is below. */
static int collect(const struct catalog_items *store, uint32_t section,
                   const struct layer *layer, WSAPROTOCOL_INFOW *below,
                   DWORD *ret_n)
{
    const BOOL all = layer->protocols == NULL;
    const WSAPROTOCOL_INFOW *found, *protocol;
    DWORD i, j, n = 0, count = all ? store->n : layer->n;

    for (i = 0; i < count; i++) {
        if (all && store->items[i]->section != section)
            continue;
        protocol = all ? store_info(store->items[i]) : &layer->protocols[i];
        found = find_below(store, section, protocol, all);
        if (found == NULL && !all)
            return WSAEINVAL;
        for (j = 0; found != NULL && j < n; j++)
            if (is_same_protocol(&below[j], found))
                found = NULL;
        if (found != NULL)
            below[n++] = *found;
    }
    *ret_n = n;
    return n > 0 ? 0 : WSANO_RECOVERY;
}

static int install_in(struct catalog_items *store, uint32_t section,
                      const WCHAR *path, const struct layer *layer,
                      DWORD *ret_id)
{
    DWORD i, n = 0, id;
    WSAPROTOCOL_INFOW entry, *below;
    int error;

    if (store_provider(store, section, &layer->id) ||
        has_name(store, section, layer->name))
        return WSAEINVAL;
    below = malloc((store->n + layer->n) * sizeof(*below));
    if (below == NULL)
        return WSAENOBUFS;
    error = collect(store, section, layer, below, &n);
    if (!error) {
        make_layer(layer, &below[0], &entry);
        error = wsc_insert_entry(store, section, UINT32_MAX, path, &entry,
                                 ret_id);
    }
    for (i = 0; !error && i < n; i++) {
        error = make_chain(layer, *ret_id, &below[i], &entry);
        if (!error)
            error = wsc_insert_entry(store, section, i, path, &entry, &id);
    }
    free(below);
    return error;
}

static int install(struct catalog_items *store, void *context)
{
    struct layer *layer = context;
    DWORD ignored;
    int error;

    error = install_in(store, CATALOG_TRANSPORT, layer->path, layer,
                       &layer->entry_id);
    if (error)
        return error;
    return install_in(store, CATALOG_TRANSPORT_32, layer->path32, layer,
                      &ignored);
}

/* The list out of the program's reach. */
static int read_protocols(const WSAPROTOCOL_INFOW *list, DWORD n,
                          struct layer *layer)
{
    enum { MAX = 1000 };

    if (list == NULL)
        return 0;
    if (n == 0 || n > MAX)
        return WSAEINVAL;
    layer->protocols = malloc(n * sizeof(*list));
    if (layer->protocols == NULL)
        return WSAENOBUFS;
    layer->n = n;
    return unix_memory_read(layer->protocols, list,
                            n * (uint32_t)sizeof(*list));
}

/*
 * Installs a layered provider over each protocol of the list, or over every
 * base protocol.  *lpdwCatalogEntryId: the layer's id for 64-bit programs.
 * Without a path for 32-bit programs theirs is the same.  WSAEFAULT;
 * WSAEINVAL: no id, a path or name that is empty or too long, a list of 0
 * entries, a protocol that nothing serves, an id or name that is there
 * already; WSANO_RECOVERY: a chain would be too long, or the store cannot be
 * written; WSAENOBUFS.
 */
int WSPAPI WSCInstallProviderAndChains64_32(
    LPGUID lpProviderId, const LPWSTR lpszProviderDllPath,
    const LPWSTR lpszProviderDllPath32, const LPWSTR lpszLspName,
    DWORD dwServiceFlags, LPWSAPROTOCOL_INFOW lpProtocolInfoList,
    DWORD dwNumberOfEntries, LPDWORD lpdwCatalogEntryId, LPINT lpErrno)
{
    struct layer layer = {.flags = dwServiceFlags};
    int error = WSAEINVAL;

    if (lpProviderId == NULL)
        return wsc_result(error, lpErrno);
    error = unix_memory_read(&layer.id, lpProviderId, sizeof(layer.id));
    if (!error)
        error = wsc_read_text(lpszProviderDllPath, layer.path, MAX_PATH);
    if (!error)
        error = wsc_read_text(lpszProviderDllPath32 != NULL
                                  ? lpszProviderDllPath32
                                  : lpszProviderDllPath,
                              layer.path32, MAX_PATH);
    if (!error)
        error = wsc_read_text(lpszLspName, layer.name, WSAPROTOCOL_LEN + 1);
    if (!error)
        error = read_protocols(lpProtocolInfoList, dwNumberOfEntries, &layer);
    if (!error)
        error = store_change(install, &layer);
    if (!error && lpdwCatalogEntryId != NULL)
        error = unix_memory_write(lpdwCatalogEntryId, &layer.entry_id,
                                  sizeof(layer.entry_id));
    free(layer.protocols);
    return wsc_result(error, lpErrno);
}
