/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See catalog.h. */
#include "support/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/platform.h"

static char path[512];

void catalog_private(void)
{
    if (test_target() == TARGET_BUILTIN) SKIP("its catalog cannot be changed");
    snprintf(path, sizeof(path), "%s/catalog-%u", test_directory(),
             test_process_id());
    setenv("WS2EMU_CATALOG", path, 1);
}

const char *catalog_path(void)
{
    return path;
}

int catalog_entries(WSAPROTOCOL_INFOW *entries)
{
    DWORD size = CATALOG_ROOM * sizeof(*entries);
    int error = 0, n = WSCEnumProtocols(NULL, entries, &size, &error);
    CHECK_THAT(n > 0, "WSCEnumProtocols failed with %s", error_name(error));
    return n;
}

WSAPROTOCOL_INFOW catalog_offered(int family, int type, int protocol)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD size = sizeof(entries);
    int n = WSAEnumProtocolsW(NULL, entries, &size);
    CHECK(n > 0);
    for (int i = 0; i < n; i++)
        if (entries[i].iAddressFamily == family &&
            entries[i].iSocketType == type && entries[i].iProtocol == protocol)
            return entries[i];
    FAIL("no entry is offered for %d, %d, %d", family, type, protocol);
    return entries[0];
}

WSAPROTOCOL_INFOW catalog_entry_of(DWORD id)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    int n = catalog_entries(entries);
    for (int i = 0; i < n; i++)
        if (entries[i].dwCatalogEntryId == id) return entries[i];
    FAIL("no entry %u", (unsigned)id);
    return entries[0];
}

WSAPROTOCOL_INFOW catalog_base_tcp(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    int n = catalog_entries(entries);
    for (int i = 0; i < n; i++)
        if (entries[i].iAddressFamily == AF_INET &&
            entries[i].iSocketType == SOCK_STREAM &&
            entries[i].ProtocolChain.ChainLen == BASE_PROTOCOL)
            return entries[i];
    FAIL("no base entry for TCP");
    return entries[0];
}

void wide_copy(WCHAR *to, const char *text)
{
    while ((*to++ = (unsigned char)*text++))
        ;
}

int wide_equals(const WCHAR *wide, const char *text)
{
    while (*wide == (unsigned char)*text && *text) wide++, text++;
    return *wide == (unsigned char)*text;
}

WSAPROTOCOL_INFOW catalog_new_entry(const char *name, int chain_length)
{
    WSAPROTOCOL_INFOW entry = catalog_base_tcp();
    memset(&entry.ProviderId, 0, sizeof(entry.ProviderId));
    entry.dwCatalogEntryId = 0;
    memset(&entry.ProtocolChain, 0, sizeof(entry.ProtocolChain));
    entry.ProtocolChain.ChainLen = chain_length;
    wide_copy(entry.szProtocol, name);
    return entry;
}
