/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers that the catalog names: loading, version negotiation, chains, the
 * errors of those that cannot be loaded, the use of the next entry.
 *
 * Specification 05, sections 1, 3, 7 and 10; 01, section 10.
 */
#include "support/catalog.h"
#include "support/remote.h"

static WSADATA data;

static void startup(void)
{
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void cleanup(void)
{
    CHECK_OK(WSACleanup());
}

static SOCKET tcp(void)
{
    return CHECK_SOCKET(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
}

/* --- Chains --------------------------------------------------------------- */

static void one_layer(void)
{
    SOCKET client, server;
    catalog_private();
    startup();
    SOCKET s = tcp();
    CHECK_EQ(provider_layers(s), 0);
    close_socket(s);
    cleanup();

    GUID id = provider_install("layer1", 1, XP1_IFS_HANDLES);
    startup();
    tcp_pair(&client, &server);
    CHECK_EQ(provider_layers(client), 1);
    CHECK_EQ(provider_layers(server), 1); /* an accepted one, too */
    check_passes(client, server, "through");
    close_socket(client);
    check_end(server);
    close_socket(server);
    cleanup();

    provider_remove(id);
    startup();
    s = tcp();
    CHECK_EQ(provider_layers(s), 0);
    close_socket(s);
    cleanup();
}

static void install_three(void)
{
    provider_install("layer1", 1, XP1_IFS_HANDLES);
    provider_install("layer2", 2, XP1_IFS_HANDLES);
    provider_install("layer3", 3, XP1_IFS_HANDLES);
}

static void three_layers(void)
{
    SOCKET client, server;
    catalog_private();
    install_three();
    startup();
    tcp_pair(&client, &server);
    CHECK_EQ(provider_layers(client), 3);
    check_passes(client, server, "down and up");
    struct sockaddr_in name;
    SOCKET u = udp_bound(&name);
    CHECK_EQ(provider_layers(u), 3);
    close_socket(u);
    close_socket(client);
    close_socket(server);
    cleanup();
    startup(); /* and once more */
    SOCKET s = tcp();
    CHECK_EQ(provider_layers(s), 3);
    close_socket(s);
    cleanup();
}

/* By its info a program gets any entry, below others or not. */
static void entries_can_be_chosen(void)
{
    static WSAPROTOCOL_INFOW entries[CATALOG_ROOM];
    catalog_private();
    install_three();
    startup();
    int n = catalog_entries(entries), layers = 0;
    for (int i = 0; i < n; i++) {
        WSAPROTOCOL_INFOW *entry = &entries[i];
        if (entry->iSocketType != SOCK_STREAM ||
            entry->iAddressFamily != AF_INET)
            continue;
        SOCKET s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                              FROM_PROTOCOL_INFO, entry, 0, 0);
        if (entry->ProtocolChain.ChainLen == LAYERED_PROTOCOL) {
            CHECK_EQ(s, INVALID_SOCKET);
            CHECK_EQ(WSAGetLastError(), WSAEINVAL);
            continue;
        }
        CHECK_SOCKET(s);
        CHECK_EQ(provider_layers(s), entry->ProtocolChain.ChainLen - 1);
        layers |= 1 << (entry->ProtocolChain.ChainLen - 1);
        close_socket(s);
    }
    CHECK_EQ(layers, 0xf);
    cleanup();
}

/* Two sockets of different providers: select has no provider to ask. */
static void select_wants_one_provider(void)
{
    struct timeval now = { 0, 0 };
    fd_set set;
    catalog_private();
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    provider_install("layer1", 1, XP1_IFS_HANDLES);
    startup();
    SOCKET layered = tcp();
    SOCKET direct = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
    FD_ZERO(&set);
    FD_SET(layered, &set);
    CHECK_RESULT(select(0, &set, NULL, NULL, &now), 0);
    FD_ZERO(&set);
    FD_SET(layered, &set);
    FD_SET(direct, &set);
    CHECK_ERROR(select(0, &set, NULL, NULL, &now), WSAEINVAL);
    CHECK_EQ(set.fd_count, 2);
    FD_ZERO(&set);
    FD_SET(layered, &set);
    FD_SET(0xdeadbeec, &set);
    CHECK_ERROR(select(0, &set, NULL, NULL, &now), WSAENOTSOCK);
    WSAPOLLFD polled[2] = { { layered, POLLRDNORM, 0 },
                            { direct, POLLRDNORM, 0 } };
    CHECK_RESULT(WSAPoll(polled, 2, 0), 0);
    close_socket(layered);
    close_socket(direct);
    cleanup();
}

/* A value that was a layer's SOCKET and is used again. */
static void values_are_used_again(void)
{
    catalog_private();
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    provider_install("layer1", 1, XP1_IFS_HANDLES);
    startup();
    for (int i = 0; i < 10; i++) {
        SOCKET s = tcp();
        CHECK_EQ(provider_layers(s), 1);
        close_socket(s);
        CHECK_ERROR(closesocket(s), WSAENOTSOCK);
        s = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
        CHECK_EQ(provider_layers(s), 0);
        close_socket(s);
    }
    cleanup();
}

/* The target's ws2_32 finds the chain by the info. */
static void duplicates_go_through_the_chain(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    catalog_private();
    install_three();
    startup();
    tcp_pair(&client, &server);
    duplicate(client, test_process_id(), &info);
    CHECK_EQ(info.ProtocolChain.ChainLen, 4);
    SOCKET second = open_duplicate(&info);
    CHECK_EQ(provider_layers(second), 3);
    CHECK_ERROR(WSASocketW(-1, -1, -1, &info, 0, 0), WSAEINVAL);
    struct peer *peer = remote_start();
    SOCKET there = remote_take(peer, client);
    close_socket(client);
    close_socket(second);
    remote_check_passes(peer, there, server, "from there");
    CHECK_OK(remote_close(peer, there));
    check_end(server);
    close_socket(server);
    remote_end(peer);
    cleanup();
}

static void addresses_go_through_the_chain(void)
{
    WCHAR text[32];
    DWORD length = 32;
    struct sockaddr_in name = loopback(80);
    catalog_private();
    install_three();
    startup();
    CHECK_OK(WSAAddressToStringW((struct sockaddr *)&name, sizeof(name), NULL,
                                 text, &length));
    CHECK(wide_equals(text, "127.0.0.1:80"));
    cleanup();
}

/* --- Providers that cannot be used ---------------------------------------- */

static void check_failure(int expected)
{
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    startup();
    WSASetLastError(0);
    CHECK_EQ(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP), INVALID_SOCKET);
    CHECK_THAT(WSAGetLastError() == expected, "failed with %s, not %s",
               error_name(WSAGetLastError()), error_name(expected));
    /* The next entry is as good as before. */
    SOCKET s = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
    close_socket(s);
    close_socket(CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, 0)));
    WCHAR text[32];
    DWORD length = 32;
    struct sockaddr_in name = loopback(80);
    CHECK_OK(WSAAddressToStringW((struct sockaddr *)&name, sizeof(name), NULL,
                                 text, &length));
    cleanup();
}

static void missing_libraries(void)
{
    catalog_private();
    GUID id = provider_install("not there", 1, XP1_IFS_HANDLES);
    check_failure(WSAEPROVIDERFAILEDINIT);
    provider_remove(id);
    startup();
    close_socket(tcp());
    cleanup();
}

/* One that is a library, but no provider. */
static void libraries_without_startup(void)
{
    catalog_private();
    GUID id = { 0x4c415945, 1, 1, { 0 } };
    static WCHAR name[] = L"no provider", windows[] = L"kernel32.dll",
                 native[] = L"libm.so.6";
    WSAPROTOCOL_INFOW tcp_entry = catalog_base_tcp();
    WSC_OK(WS2_FUNCTION(WSCInstallProviderAndChains64_32)(
        &id, test_target() == TARGET_NATIVE ? native : windows, NULL, name, 0,
        &tcp_entry, 1, NULL, &wsc_error));
    check_failure(WSAEPROVIDERFAILEDINIT);
}

static void fail_as(const char *how, int expected)
{
    environment_set("WS2EMU_TEST_PROVIDER", how);
    check_failure(expected);
}

static void failing_startups(void)
{
    catalog_private();
    provider_install("bad_provider", 1, 0);
    fail_as("10091", WSASYSNOTREADY);
    fail_as("10092", WSAVERNOTSUPPORTED);
    fail_as("10067", WSAEPROCLIM);
    fail_as("10036", WSAEINPROGRESS);
    fail_as("4711", WSAEPROVIDERFAILEDINIT);
    fail_as("version", WSAEINVALIDPROVIDER);
    fail_as("table", WSAEINVALIDPROCTABLE);
    fail_as("recursion", WSAEPROVIDERFAILEDINIT);
}

/* A layer whose lower one has been taken away behind its back. */
static void broken_chains(void)
{
    catalog_private();
    install_three();
    GUID middle = { 0x4c415945, 0x5200, 2,
                    { 0x9d, 0x51, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75 } };
    static WCHAR nowhere[] = L"/nowhere/layer";
    WSC_OK(WS2_FUNCTION(WSCUpdateProvider)(&middle, nowhere, NULL, 0,
                                           &wsc_error));
    startup();
    CHECK_EQ(socket(AF_INET, SOCK_STREAM, 0), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), WSAEPROVIDERFAILEDINIT);
    cleanup();
}

/* --- Many at once --------------------------------------------------------- */

static void make_sockets(void *argument)
{
    (void)argument;
    for (int i = 0; i < 100; i++) {
        SOCKET s = tcp();
        CHECK_EQ(provider_layers(s), 3);
        close_socket(s);
    }
}

static void threads_load_it_once(void)
{
    struct thread *threads[4];
    catalog_private();
    install_three();
    startup();
    for (int i = 0; i < 4; i++) threads[i] = thread_start(make_sockets, NULL);
    for (int i = 0; i < 4; i++) thread_join(threads[i]);
    cleanup();
}

/* --- Programs that permit categories -------------------------------------- */

static void categories_keep_layers_out(void)
{
    static WCHAR program[MAX_PATH];
    DWORD length = 0, categories = LSP_INSPECTOR;
    catalog_private();
    GUID id = provider_install("layer1", 1, XP1_IFS_HANDLES);
    program_file((uint16_t *)program);
    while (program[length]) length++;

    /* It may do anything: not permitted. */
    WSC_OK(WS2_FUNCTION(WSCSetApplicationCategory)(
        program, length, NULL, 0, LSP_INSPECTOR, NULL, &wsc_error));
    startup();
    SOCKET s = tcp();
    CHECK_EQ(provider_layers(s), 0);
    close_socket(s);
    cleanup();

    WSC_OK(WS2_FUNCTION(WSCSetProviderInfo)(
        &id, ProviderInfoLspCategories, (BYTE *)&categories, 4, 0, &wsc_error));
    startup();
    s = tcp();
    CHECK_EQ(provider_layers(s), 1);
    close_socket(s);
    cleanup();

    WSC_OK(WS2_FUNCTION(WSCSetApplicationCategory)(
        program, length, NULL, 0, LSP_FIREWALL, NULL, &wsc_error));
    startup();
    s = tcp();
    CHECK_EQ(provider_layers(s), 0);
    close_socket(s);
    cleanup();
}

/* Without a warm-up the first wait makes what it keeps. */
#define BARE .flags = TEST_BARE, .waiting_threads = 1

static const struct test_case cases[] = {
    TEST_CASE_WITH(one_layer, "05 1: installed, used, removed", BARE),
    TEST_CASE_WITH(three_layers, "05 1: a chain of three layers", BARE),
    TEST_CASE_WITH(entries_can_be_chosen,
                   "05 3: WSASocket by the id of an info; layers are none",
                   BARE),
    TEST_CASE_WITH(select_wants_one_provider,
                   "05 3: select with sockets of two providers", BARE),
    TEST_CASE_WITH(values_are_used_again,
                   "a SOCKET's provider is forgotten with it", BARE),
    TEST_CASE_WITH(duplicates_go_through_the_chain,
                   "01 10, 05 7: WSADuplicateSocket through layers", BARE),
    TEST_CASE_WITH(addresses_go_through_the_chain,
                   "05 2: WSPAddressToString of the first entry", BARE),
    TEST_CASE_WITH(missing_libraries, "05 1: WSAEPROVIDERFAILEDINIT", BARE),
    TEST_CASE_WITH(libraries_without_startup, "05 1: WSAEPROVIDERFAILEDINIT",
                   BARE),
    TEST_CASE_WITH(failing_startups,
                   "05 1: errors of WSPStartup, version, table", BARE),
    TEST_CASE_WITH(broken_chains, "05 1: a layer that finds nothing below",
                   BARE),
    TEST_CASE_WITH(threads_load_it_once, "05 1: loaded once",
                   .flags = TEST_BARE, .waiting_threads = 5),
    TEST_CASE_WITH(categories_keep_layers_out,
                   "05 9: categories that a program permits", BARE),
    TEST_END
};

TEST_MAIN("provider_loading", cases, NULL)
