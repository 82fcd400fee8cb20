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
    environment_set("WS2EMU_CATALOG", path);
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

/* --- The providers of the tests ------------------------------------------- */

WCHAR *provider_library(const char *name)
{
    static WCHAR wide[MAX_PATH];
    char library[MAX_PATH];
    snprintf(library, sizeof(library),
             test_target() == TARGET_NATIVE ?
                 TEST_BUILD_DIRECTORY "/tests/support/.libs/%s.so" :
                 "Z:" TEST_BUILD_DIRECTORY "/tests/support/%s.dll", name);
    wide_copy(wide, library);
    if (test_target() != TARGET_NATIVE)
        for (WCHAR *at = wide; *at; at++)
            if (*at == '/') *at = '\\';
    return wide;
}

GUID provider_install(const char *library, unsigned number, DWORD flags)
{
    GUID id = { 0x4c415945, 0x5200, (unsigned short)number,
                { 0x9d, 0x51, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75 } };
    WSAPROTOCOL_INFOW list[2] = { catalog_base_tcp(), catalog_base_tcp() };
    WCHAR name[32];
    char text[32];
    snprintf(text, sizeof(text), "layer %u", number);
    wide_copy(name, text);
    list[1].iSocketType = SOCK_DGRAM;
    list[1].iProtocol = IPPROTO_UDP;
    WSC_OK(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
        &id, provider_library(library), NULL, name, flags, list, 2, NULL,
        &wsc_error));
    return id;
}

void provider_remove(GUID id)
{
    WSC_OK(WSCDeinstallProvider(&id, &wsc_error));
}

#define LAYER_COUNT 0x98aa0001

int provider_layers(SOCKET s)
{
    DWORD count = 0, returned;
    if (WSAIoctl(s, LAYER_COUNT, NULL, 0, &count, sizeof(count), &returned,
                 NULL, NULL))
        return 0;
    return (int)count;
}
