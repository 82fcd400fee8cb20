/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The catalog of transports: the configuration calls, and what programs see of
 * their changes.
 *
 * Specification 05, sections 9 and 10; errors as Microsoft documents them for
 * each call.
 */
#include "support/catalog.h"

#include <stdio.h>
#include <stdlib.h>

static GUID id_a = { 0x11111111, 1, 1, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static GUID id_b = { 0x22222222, 2, 2, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static WCHAR path_a[] = L"/nowhere/a.so", path_b[] = L"/nowhere/b.so";

static WSADATA data;

static void install(GUID *id, WCHAR *path, WSAPROTOCOL_INFOW entry)
{
    WSC_OK(WSCInstallProvider(id, path, &entry, 1, &wsc_error));
}

/* The entry of a provider; ChainLen -1: any. */
static WSAPROTOCOL_INFOW entry_of(const GUID *id, int chain_length)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    int n = catalog_entries(entries);
    for (int i = 0; i < n; i++)
        if (!memcmp(&entries[i].ProviderId, id, sizeof(*id)) &&
            (chain_length < 0 ||
             entries[i].ProtocolChain.ChainLen == chain_length))
            return entries[i];
    FAIL("no such entry");
    return entries[0];
}

static int count_entries(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    return catalog_entries(entries);
}

/* --- Cases ---------------------------------------------------------------- */

static void install_and_remove(void)
{
    WCHAR path[MAX_PATH];
    int length = MAX_PATH;
    catalog_private();
    int before = count_entries();
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    entry.dwProviderReserved = 4711;
    install(&id_a, path_a, entry);
    CHECK_EQ(count_entries(), before + 1);
    WSAPROTOCOL_INFOW found = entry_of(&id_a, BASE_PROTOCOL);
    CHECK(wide_equals(found.szProtocol, "A"));
    CHECK_EQ(found.dwProviderReserved, 0);
    CHECK(found.dwCatalogEntryId != 0);
    WSC_OK(WSCGetProviderPath(&id_a, path, &length, &wsc_error));
    CHECK(wide_equals(path, "/nowhere/a.so"));
    CHECK_EQ(length, 14);
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, &entry, 1, &wsc_error),
              WSANO_RECOVERY);
    WSC_OK(WSCDeinstallProvider(&id_a, &wsc_error));
    CHECK_EQ(count_entries(), before);
    WSC_ERROR(WSCDeinstallProvider(&id_a, &wsc_error), WSAEINVAL);
    WSC_ERROR(WSCGetProviderPath(&id_a, path, &length, &wsc_error), WSAEINVAL);

    /* An id is not used again. */
    install(&id_a, path_a, entry);
    CHECK(entry_of(&id_a, -1).dwCatalogEntryId > found.dwCatalogEntryId);
}

static void bad_arguments(void)
{
    static WCHAR long_path[MAX_PATH + 1];
    WCHAR path[4];
    int length = 4;
    catalog_private();
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    for (int i = 0; i < MAX_PATH; i++) long_path[i] = 'x';

    WSC_ERROR(WSCInstallProvider(NULL, path_a, &entry, 1, &wsc_error),
              WSAEFAULT);
    WSC_ERROR(WSCInstallProvider(&id_a, NULL, &entry, 1, &wsc_error),
              WSAEFAULT);
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, NULL, 1, &wsc_error),
              WSAEFAULT);
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, (WSAPROTOCOL_INFOW *)16, 1,
                                 &wsc_error), WSAEFAULT);
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, &entry, 0, &wsc_error),
              WSAEINVAL);
    WSC_ERROR(WSCInstallProvider(&id_a, long_path, &entry, 1, &wsc_error),
              WSAEINVAL);
    entry.ProtocolChain.ChainLen = MAX_PROTOCOL_CHAIN + 1;
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, &entry, 1, &wsc_error),
              WSAEINVAL);
    entry.ProtocolChain.ChainLen = 2; /* through entries that are not there */
    entry.ProtocolChain.ChainEntries[0] = 999999;
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, &entry, 1, &wsc_error),
              WSAEINVAL);
    CHECK_EQ(WSCInstallProvider(NULL, NULL, NULL, 0, NULL), SOCKET_ERROR);

    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    WSC_ERROR(WSCDeinstallProvider(NULL, &wsc_error), WSAEFAULT);
    WSC_ERROR(WSCDeinstallProvider(&base.ProviderId, &wsc_error),
              WSANO_RECOVERY);
    WSC_ERROR(WSCGetProviderPath(NULL, path, &length, &wsc_error), WSAEFAULT);
    WSC_ERROR(WSCGetProviderPath(&base.ProviderId, path, &length, &wsc_error),
              WSAEFAULT);
    CHECK(length > 4);
    length = -1;
    WSC_ERROR(WSCGetProviderPath(&base.ProviderId, path, &length, &wsc_error),
              WSAEINVAL);
}

static void programs_see_it_after_startup(void)
{
    WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD size = sizeof(entries);
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    int before = WSAEnumProtocolsW(NULL, entries, &size);
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    install(&id_a, path_a, entry);
    entry = catalog_new_entry("layer", LAYERED_PROTOCOL);
    install(&id_b, path_b, entry);
    size = sizeof(entries);
    CHECK_EQ(WSAEnumProtocolsW(NULL, entries, &size), before);
    CHECK_OK(WSACleanup());
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    /* Not the layer, which is no protocol. */
    size = sizeof(entries);
    CHECK_EQ(WSAEnumProtocolsW(NULL, entries, &size), before + 1);
    CHECK(wide_equals(entries[before].szProtocol, "A"));
    size = sizeof(entries[0]);
    CHECK_ERROR(WSAEnumProtocolsW(NULL, entries, &size), WSAENOBUFS);
    CHECK_EQ(size, (before + 1) * sizeof(entries[0]));
    CHECK_OK(WSACleanup());
}

static void order_decides(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD ids[CATALOG_ROOM];
    catalog_private();
    install(&id_a, path_a, catalog_new_entry("A", BASE_PROTOCOL));
    int n = catalog_entries(entries);
    DWORD id = entry_of(&id_a, -1).dwCatalogEntryId;
    ids[0] = id;
    for (int i = 0, at = 1; i < n; i++)
        if (entries[i].dwCatalogEntryId != id)
            ids[at++] = entries[i].dwCatalogEntryId;

    CHECK_EQ(WSCWriteProviderOrder(NULL, (DWORD)n), WSAEFAULT);
    CHECK_EQ(WSCWriteProviderOrder(ids, (DWORD)n - 1), WSAEINVAL);
    ids[0] = 999999;
    CHECK_EQ(WSCWriteProviderOrder(ids, (DWORD)n), WSAEINVAL);
    ids[0] = ids[1];
    CHECK_EQ(WSCWriteProviderOrder(ids, (DWORD)n), WSAEINVAL);
    ids[0] = id;
    CHECK_EQ(WSCWriteProviderOrder(ids, (DWORD)n), 0);
    catalog_entries(entries);
    CHECK_EQ(entries[0].dwCatalogEntryId, id);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_EQ(catalog_offered(AF_INET, SOCK_STREAM, IPPROTO_TCP)
                 .dwCatalogEntryId, id);
    CHECK_OK(WSACleanup());
}

static void update_changes_entries(void)
{
    WCHAR path[MAX_PATH];
    int length = MAX_PATH;
    catalog_private();
    int before = count_entries();
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    WSC_ERROR(
        WS2_FUNCTION(WSCUpdateProvider)(&id_a, path_a, &entry, 1, &wsc_error),
        WSAEINVAL);
    install(&id_a, path_a, entry);
    WSAPROTOCOL_INFOW changed[2];
    changed[0] = changed[1] = entry_of(&id_a, -1);
    DWORD id = changed[0].dwCatalogEntryId;
    wide_copy(changed[0].szProtocol, "changed");
    changed[1].dwCatalogEntryId = 0;
    wide_copy(changed[1].szProtocol, "second");
    WSC_OK(
        WS2_FUNCTION(WSCUpdateProvider)(&id_a, path_b, changed, 2, &wsc_error));
    CHECK_EQ(count_entries(), before + 2);
    CHECK(wide_equals(catalog_entry_of(id).szProtocol, "changed"));
    WSC_OK(WSCGetProviderPath(&id_a, path, &length, &wsc_error));
    CHECK(wide_equals(path, "/nowhere/b.so"));
    entry = catalog_base_tcp();
    WSC_ERROR(WS2_FUNCTION(WSCUpdateProvider)(&entry.ProviderId, path_b, &entry,
                                              1, &wsc_error),
              WSANO_RECOVERY);
    WSC_OK(WSCDeinstallProvider(&id_a, &wsc_error));
    CHECK_EQ(count_entries(), before);
}

static void the_32_bit_catalog_is_another(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD size = sizeof(entries);
    int error, before;
    catalog_private();
    before = WS2_FUNCTION(WSCEnumProtocols32)(NULL, entries, &size, &error);
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    install(&id_a, path_a, entry);
    size = sizeof(entries);
    CHECK_EQ(WS2_FUNCTION(WSCEnumProtocols32)(NULL, entries, &size, &error),
             before);
    WSC_ERROR(WS2_FUNCTION(WSCDeinstallProvider32)(&id_a, &wsc_error),
              WSAEINVAL);
    WSC_ERROR(WS2_FUNCTION(WSCInstallProvider64_32)(&id_a, path_a, &entry, 1,
                                                    &wsc_error),
              WSANO_RECOVERY);
    WSC_OK(WS2_FUNCTION(WSCInstallProvider64_32)(&id_b, path_b, &entry, 1,
                                                 &wsc_error));
    size = sizeof(entries);
    CHECK_EQ(WS2_FUNCTION(WSCEnumProtocols32)(NULL, entries, &size, &error),
             before + 1);
    CHECK_EQ(entries[before].dwCatalogEntryId,
             entry_of(&id_b, -1).dwCatalogEntryId);
    WCHAR path[MAX_PATH];
    int length = MAX_PATH;
    WSC_OK(
        WS2_FUNCTION(WSCGetProviderPath32)(&id_b, path, &length, &wsc_error));
    WSC_OK(
        WS2_FUNCTION(WSCUpdateProvider32)(&id_b, path_a, NULL, 0, &wsc_error));
    WSC_OK(WS2_FUNCTION(WSCDeinstallProvider32)(&id_b, &wsc_error));
    length = MAX_PATH;
    WSC_ERROR(
        WS2_FUNCTION(WSCGetProviderPath32)(&id_b, path, &length, &wsc_error),
        WSAEINVAL);
    WSC_OK(WSCGetProviderPath(&id_b, path, &length, &wsc_error));
    DWORD ids[CATALOG_ROOM];
    for (int i = 0; i < before; i++)
        ids[i] = entries[before - 1 - i].dwCatalogEntryId;
    CHECK_EQ(WS2_FUNCTION(WSCWriteProviderOrder32)(ids, (DWORD)before), 0);
    size = sizeof(entries);
    CHECK_EQ(WS2_FUNCTION(WSCEnumProtocols32)(NULL, entries, &size, &error),
             before);
    CHECK_EQ(entries[0].dwCatalogEntryId, ids[0]);
}

/* WSCInstallProviderAndChains64_32 */
static void layers_and_chains(void)
{
    static WCHAR name_a[] = L"Layer A", name_b[] = L"Layer B";
    DWORD layer_a = 0, layer_b = 0;
    catalog_private();
    int before = count_entries();
    WSAPROTOCOL_INFOW base = catalog_base_tcp(), list[2] = { base, base };
    WSC_OK(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
        &id_a, path_a, path_a, name_a, XP1_IFS_HANDLES, list, 2, &layer_a,
        &wsc_error));
    CHECK_EQ(count_entries(), before + 2); /* the second is a duplicate */
    WSAPROTOCOL_INFOW layer = catalog_entry_of(layer_a);
    CHECK_EQ(layer.ProtocolChain.ChainLen, LAYERED_PROTOCOL);
    CHECK(layer.dwProviderFlags & PFL_HIDDEN);
    CHECK(wide_equals(layer.szProtocol, "Layer A"));
    WSAPROTOCOL_INFOW chain = entry_of(&id_a, 2);
    CHECK_EQ(chain.ProtocolChain.ChainEntries[0], layer_a);
    CHECK_EQ(chain.ProtocolChain.ChainEntries[1], base.dwCatalogEntryId);
    CHECK(chain.dwServiceFlags1 & XP1_IFS_HANDLES);
    CHECK(!(chain.dwProviderFlags & PFL_HIDDEN));

    /* Over every base protocol, in front; not IFS. */
    WSC_OK(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
        &id_b, path_b, NULL, name_b, 0, list, 1, &layer_b, &wsc_error));
    WSAPROTOCOL_INFOW longer = entry_of(&id_b, 3);
    CHECK_EQ(longer.ProtocolChain.ChainEntries[0], layer_b);
    CHECK_EQ(longer.ProtocolChain.ChainEntries[1], layer_a);
    CHECK_EQ(longer.ProtocolChain.ChainEntries[2], base.dwCatalogEntryId);
    CHECK(!(longer.dwServiceFlags1 & XP1_IFS_HANDLES));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_EQ(catalog_offered(AF_INET, SOCK_STREAM, IPPROTO_TCP)
                 .dwCatalogEntryId, longer.dwCatalogEntryId);
    CHECK_OK(WSACleanup());

    /* What is below goes, and so does what is above. */
    WSC_OK(WSCDeinstallProvider(&id_a, &wsc_error));
    CHECK_EQ(count_entries(), before + 1);
    CHECK_EQ(entry_of(&id_b, -1).ProtocolChain.ChainLen, LAYERED_PROTOCOL);
    WSC_OK(WSCDeinstallProvider(&id_b, &wsc_error));
    CHECK_EQ(count_entries(), before);
}

static void chains_over_all_protocols(void)
{
    static WCHAR name[] = L"Layer";
    WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    DWORD size = sizeof(entries), id = 0;
    catalog_private();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    int before = WSAEnumProtocolsW(NULL, entries, &size);
    CHECK_OK(WSACleanup());
    WSC_OK(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
        &id_a, path_a, NULL, name, 0, NULL, 0, &id, &wsc_error));
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    size = sizeof(entries);
    CHECK_EQ(WSAEnumProtocolsW(NULL, entries, &size), 2 * before);
    for (int i = 0; i < before; i++) {
        CHECK_EQ(entries[i].ProtocolChain.ChainLen, 2);
        CHECK_EQ(entries[i].ProtocolChain.ChainEntries[0], id);
    }
    CHECK_OK(WSACleanup());

    /* Errors as documented. */
    WSAPROTOCOL_INFOW none = catalog_base_tcp();
    none.iAddressFamily = 99;
    WSC_ERROR(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
                  NULL, path_b, NULL, name, 0, NULL, 0, NULL, &wsc_error),
              WSAEINVAL);
    WSC_ERROR(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
                  &id_b, path_b, NULL, name, 0, NULL, 0, NULL, &wsc_error),
              WSAEINVAL); /* the name is there */
    WSC_ERROR(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
                  &id_a, path_b, NULL, path_b, 0, NULL, 0, NULL, &wsc_error),
              WSAEINVAL); /* the id is there */
    WSC_ERROR(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
                  &id_b, path_b, NULL, path_b, 0, &none, 1, NULL, &wsc_error),
              WSAEINVAL);
    WSC_ERROR(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
                  &id_b, path_b, NULL, path_b, 0, &none, 0, NULL, &wsc_error),
              WSAEINVAL);
}

static void chains_have_an_end(void)
{
    WCHAR name[] = L"Layer 0";
    GUID id = id_a;
    catalog_private();
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    for (int i = 1; i < MAX_PROTOCOL_CHAIN; i++) {
        name[6]++;
        id.Data1++;
        WSC_OK(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
            &id, path_a, NULL, name, XP1_IFS_HANDLES, &base, 1, NULL,
            &wsc_error));
    }
    CHECK_EQ(entry_of(&id, MAX_PROTOCOL_CHAIN).iProtocol, IPPROTO_TCP);
    name[6]++;
    id.Data1++;
    int before = count_entries();
    WSC_ERROR(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
                  &id, path_a, NULL, name, XP1_IFS_HANDLES, &base, 1, NULL,
                  &wsc_error),
              WSANO_RECOVERY);
    CHECK_EQ(count_entries(), before);
}

static void categories_of_providers(void)
{
    DWORD categories = LSP_INSPECTOR | LSP_PROXY, found = 0;
    size_t size = 0;
    catalog_private();
    install(&id_a, path_a, catalog_new_entry("layer", LAYERED_PROTOCOL));
    WSC_ERROR(WS2_FUNCTION(WSCGetProviderInfo)(NULL, ProviderInfoLspCategories,
                                               NULL, NULL, 0, &wsc_error),
              WSAEFAULT);
    WSC_ERROR(
        WS2_FUNCTION(WSCGetProviderInfo)(&id_b, 99, NULL, NULL, 0, &wsc_error),
        WSANO_RECOVERY);
    WSC_ERROR(WS2_FUNCTION(WSCGetProviderInfo)(&id_a, ProviderInfoLspCategories,
                                               NULL, &size, 0, &wsc_error),
              WSAEFAULT);
    CHECK_EQ(size, sizeof(DWORD));
    WSC_OK(WS2_FUNCTION(WSCGetProviderInfo)(&id_a, ProviderInfoLspCategories,
                                            (BYTE *)&found, &size, 0,
                                            &wsc_error));
    CHECK_EQ(found, 0);
    WSC_ERROR(WS2_FUNCTION(WSCGetProviderInfo)(&id_a, ProviderInfoAudit,
                                               (BYTE *)&found, &size, 0,
                                               &wsc_error),
              120);
    WSC_ERROR(WS2_FUNCTION(WSCSetProviderInfo)(&id_b, ProviderInfoLspCategories,
                                 (BYTE *)&categories, sizeof(categories), 0,
                                 &wsc_error), WSANO_RECOVERY);
    WSC_ERROR(WS2_FUNCTION(WSCSetProviderInfo)(&id_a, ProviderInfoLspCategories,
                                 (BYTE *)&categories, 2, 0, &wsc_error),
              WSAEINVAL);
    WSC_ERROR(WS2_FUNCTION(WSCSetProviderInfo)(&id_a, ProviderInfoLspCategories,
                                               NULL, 4, 0, &wsc_error),
              WSAEFAULT);
    WSC_OK(WS2_FUNCTION(WSCSetProviderInfo)(&id_a, ProviderInfoLspCategories,
                              (BYTE *)&categories, sizeof(categories), 0,
                              &wsc_error));
    WSC_OK(WS2_FUNCTION(WSCGetProviderInfo)(&id_a, ProviderInfoLspCategories,
                                            (BYTE *)&found, &size, 0,
                                            &wsc_error));
    CHECK_EQ(found, categories);
    WSC_ERROR(WS2_FUNCTION(WSCGetProviderInfo32)(
                  &id_a, ProviderInfoLspCategories, (BYTE *)&found, &size, 0,
                  &wsc_error),
              WSANO_RECOVERY);
    WSC_ERROR(
        WS2_FUNCTION(WSCSetProviderInfo32)(&id_a, ProviderInfoLspCategories,
                                           (BYTE *)&found, 4, 0, &wsc_error),
        WSANO_RECOVERY);
}

static void categories_of_programs(void)
{
    static WCHAR program[] = L"/nowhere/program", extra[] = L"-k group";
    DWORD length = sizeof(program) / 2 - 1,
          extra_length = sizeof(extra) / 2 - 1;
    DWORD found = 0, before = 4711;
    catalog_private();
    WSC_ERROR(WS2_FUNCTION(WSCGetApplicationCategory)(NULL, 1, NULL, 0, &found,
                                                      &wsc_error),
              WSAEINVAL);
    WSC_ERROR(WS2_FUNCTION(WSCGetApplicationCategory)(program, length, NULL, 0,
                                                      &found, &wsc_error),
              WSASERVICE_NOT_FOUND);
    WSC_ERROR(WS2_FUNCTION(WSCSetApplicationCategory)(program, 0, NULL, 0, 1,
                                                      NULL, &wsc_error),
              WSAEINVAL);
    WSC_OK(WS2_FUNCTION(WSCSetApplicationCategory)(
        program, length, NULL, 0, LSP_SYSTEM, &before, &wsc_error));
    CHECK_EQ(before, 0);
    WSC_OK(WS2_FUNCTION(WSCSetApplicationCategory)(
        program, length, NULL, 0, LSP_PROXY, &before, &wsc_error));
    CHECK_EQ(before, LSP_SYSTEM);
    WSC_OK(WS2_FUNCTION(WSCSetApplicationCategory)(
        program, length, extra, extra_length, LSP_FIREWALL, NULL, &wsc_error));
    WSC_OK(WS2_FUNCTION(WSCGetApplicationCategory)(program, length, NULL, 0,
                                                   &found, &wsc_error));
    CHECK_EQ(found, LSP_PROXY);
    WSC_OK(WS2_FUNCTION(WSCGetApplicationCategory)(
        program, length, extra, extra_length, &found, &wsc_error));
    CHECK_EQ(found, LSP_FIREWALL);
}

/* Bytes into the store's file, as another program or a bad disk might. */
static void write_store(const char *mode, const char *text)
{
    FILE *file = fopen(catalog_path(), mode);
    CHECK(file != NULL);
    CHECK(fputs(text, file) >= 0);
    CHECK_EQ(fclose(file), 0);
}

static void damaged_entries_are_left_out(void)
{
    catalog_private();
    int base = count_entries();
    install(&id_a, path_a, catalog_new_entry("A", BASE_PROTOCOL));
    write_store("a", "transport\t/nowhere/x.so\t-\t0,0,0,0\t0102\n");
    write_store("a", "transport\t/nowhere/x.so\t-\t0,0\t-\n");
    write_store("a", "transport\t%4\t-\t0,0,0,0\t-\n");
    write_store("a", "transport\t/nowhere/x.so\t-\t0,0,0,0\t0g\n");
    write_store("a", "transport\n\n# a comment\nfuture\ta\tb\t0,0,0,0\t-\n");
    write_store("a", "namespace\t/x\tname\t1,2,1,0\t00\napplication\t-\t-\t");
    CHECK_EQ(count_entries(), base + 1);
    install(&id_b, path_b, catalog_new_entry("B", BASE_PROTOCOL));
    CHECK_EQ(count_entries(), base + 2);

    /* A file that is none of ours is not touched. */
    write_store("w", "something else\n");
    CHECK_EQ(count_entries(), base);
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    WSC_ERROR(WSCInstallProvider(&id_a, path_a, &entry, 1, &wsc_error),
              WSANO_RECOVERY);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    close_socket(tcp_socket());
    CHECK_OK(WSACleanup());
}

static void installer(void *argument)
{
    GUID id = id_a;
    WSAPROTOCOL_INFOW entry = catalog_new_entry("A", BASE_PROTOCOL);
    for (int i = 0; i < 10; i++) {
        id.Data1 = 0x100 * (unsigned)(ULONG_PTR)argument + (unsigned)i;
        WSC_OK(WSCInstallProvider(&id, path_a, &entry, 1, &wsc_error));
    }
}

static void many_install_at_once(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    struct thread *threads[3];
    catalog_private();
    int before = count_entries();
    for (int i = 0; i < 3; i++)
        threads[i] = thread_start(installer, (void *)(ULONG_PTR)(i + 1));
    for (int i = 0; i < 3; i++) thread_join(threads[i]);
    int n = catalog_entries(entries);
    CHECK_EQ(n, before + 30);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            CHECK(entries[i].dwCatalogEntryId != entries[j].dwCatalogEntryId);
}

/* Where Windows keeps it, read as a program for Windows reads it. */
static void wine_keeps_it_in_the_registry(void)
{
    catalog_private();
    setenv("WS2EMU_CATALOG", "", 1);
    int before = count_entries(), error;
    install(&id_a, path_a, catalog_new_entry("A", BASE_PROTOCOL));
    int n = count_entries();
    DWORD id = entry_of(&id_a, -1).dwCatalogEntryId;
    WSCDeinstallProvider(&id_a, &error); /* before anything can fail */
    CHECK_EQ(n, before + 1);
    CHECK(id != 0);
    CHECK_EQ(count_entries(), before);
}

/* --- What is damaged in the registry -------------------------------------- */

#define REGISTRY(name)                                                         \
    ((__typeof__(&name))library_symbol(                                        \
        (const uint16_t *)(const void *)L"advapi32.dll", #name))

/* The last transport of 64-bit programs becomes too short to be one. */
static void damage_last_entry(void)
{
    static const WCHAR entries[] =
        L"SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters\\"
        L"Protocol_Catalog9\\Catalog_Entries64";
    BYTE garbage[10] = { 1, 2, 3 };
    WCHAR name[32];
    HKEY all, one;
    DWORD n = 0;
    CHECK_EQ(REGISTRY(RegOpenKeyExW)(HKEY_LOCAL_MACHINE, entries, 0,
                                     KEY_ALL_ACCESS, &all), 0);
    while (REGISTRY(RegEnumKeyW)(all, n, name, 32) == 0) n++;
    CHECK(n > 0);
    CHECK_EQ(REGISTRY(RegOpenKeyExW)(all, name, 0, KEY_ALL_ACCESS, &one), 0);
    CHECK_EQ(REGISTRY(RegSetValueExW)(one, L"PackedCatalogItem", 0, REG_BINARY,
                                      garbage, sizeof(garbage)), 0);
    CHECK_EQ(REGISTRY(RegCloseKey)(one), 0);
    CHECK_EQ(REGISTRY(RegCloseKey)(all), 0);
}

static void damage_in_the_registry(void)
{
    catalog_private();
    setenv("WS2EMU_CATALOG", "", 1);
    int before = count_entries(), error;
    install(&id_a, path_a, catalog_new_entry("A", BASE_PROTOCOL));
    damage_last_entry();
    int damaged = count_entries();
    install(&id_b, path_b, catalog_new_entry("B", BASE_PROTOCOL));
    int after = count_entries();
    WSCDeinstallProvider(&id_b, &error); /* before anything can fail */
    WSCDeinstallProvider(&id_a, &error);
    CHECK_EQ(damaged, before);
    CHECK_EQ(after, before + 1);
    CHECK_EQ(count_entries(), before);
}

#define BARE .flags = TEST_BARE

static const struct test_case cases[] = {
    TEST_CASE_WITH(install_and_remove,
                   "05 9: WSCInstallProvider, WSCDeinstallProvider, paths",
                   BARE),
    TEST_CASE_WITH(bad_arguments, "05 9: WSAEFAULT, WSAEINVAL, WSANO_RECOVERY",
                   BARE),
    TEST_CASE_WITH(programs_see_it_after_startup,
                   "05 9: seen after the next WSAStartup; layers are not",
                   BARE),
    TEST_CASE_WITH(order_decides, "05 9: WSCWriteProviderOrder", BARE),
    TEST_CASE_WITH(update_changes_entries, "05 9: WSCUpdateProvider", BARE),
    TEST_CASE_WITH(the_32_bit_catalog_is_another, "05 9: the *32 forms", BARE),
    TEST_CASE_WITH(layers_and_chains,
                   "05 9: WSCInstallProviderAndChains: layer, chains, front",
                   BARE),
    TEST_CASE_WITH(chains_over_all_protocols,
                   "05 9: WSCInstallProviderAndChains without a list", BARE),
    TEST_CASE_WITH(chains_have_an_end, "05 10: MAX_PROTOCOL_CHAIN", BARE),
    TEST_CASE_WITH(categories_of_providers,
                   "05 9: WSCGetProviderInfo, WSCSetProviderInfo", BARE),
    TEST_CASE_WITH(categories_of_programs,
                   "05 9: WSCGetApplicationCategory and Set", BARE),
    TEST_CASE_WITH(damaged_entries_are_left_out,
                   "what is damaged in the store harms nothing else", BARE),
    TEST_CASE_WITH(many_install_at_once, "changes of the store are one by one",
                   BARE),
    TEST_CASE_WITH(wine_keeps_it_in_the_registry,
                   "the store under Wine: HKLM, WinSock2\\Parameters",
                   .flags = TEST_BARE | TEST_WINE_ONLY),
    TEST_CASE_WITH(damage_in_the_registry,
                   "what is damaged in the registry harms nothing else",
                   .flags = TEST_BARE | TEST_WINE_ONLY),
    TEST_END
};

TEST_MAIN("catalog", cases, NULL)
