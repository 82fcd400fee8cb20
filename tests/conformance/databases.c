/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The databases behind names: hosts, protocols, services, name spaces, and the
 * calls around them that are refused.  All of what is asked here is answered
 * without a network.
 */
#include "support/sockets.h"

#include <stdlib.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* --- Hosts ---------------------------------------------------------------- */

static void own_name(void)
{
    char name[300], again[300];
    WCHAR wide[300];
    int length;

    memset(name, '#', sizeof(name));
    CHECK_OK(gethostname(name, sizeof(name)));
    length = (int)strlen(name);
    CHECK(length > 0 && length < 256);
    CHECK_OK(GetHostNameW(wide, 300));
    CHECK(same_text(wide, name));

    memset(again, '#', sizeof(again));
    CHECK_ERROR(gethostname(again, length), WSAEFAULT);
    CHECK_EQ(again[0], '#');
    CHECK_OK(gethostname(again, length + 1));
    CHECK_ERROR(gethostname(NULL, 256), WSAEFAULT);
    CHECK_ERROR(GetHostNameW(NULL, 256), WSAEFAULT);
}

static void hosts_by_name(void)
{
    struct hostent *host = gethostbyname("1.2.3.4"), *again;

    CHECK(host != NULL);
    CHECK_EQ(host->h_addrtype, AF_INET);
    CHECK_EQ(host->h_length, 4);
    CHECK(!memcmp(host->h_addr_list[0], "\1\2\3\4", 4));
    CHECK(host->h_addr_list[1] == NULL);
    /* The layout that programs rely on. */
    CHECK((char *)host->h_aliases == (char *)(host + 1));

    again = gethostbyname("localhost");
    CHECK(again != NULL);
    CHECK(!memcmp(again->h_addr_list[0], "\177\0\0\1", 4));
    CHECK(!strcmp(again->h_name, "localhost"));

    WSASetLastError(0);
    CHECK(gethostbyname("no-such-host.invalid") == NULL);
    CHECK_EQ(WSAGetLastError(), WSAHOST_NOT_FOUND);
}

static void own_host(void)
{
    struct hostent *host;
    struct in_addr first;
    char name[300];

    CHECK_OK(gethostname(name, sizeof(name)));
    host = gethostbyname("");
    CHECK(host != NULL && host->h_addr_list[0] != NULL);
    memcpy(&first, host->h_addr_list[0], 4);
    host = gethostbyname(name);
    CHECK(host != NULL && !memcmp(&first, host->h_addr_list[0], 4));
    host = gethostbyname(NULL);
    CHECK(host != NULL && !memcmp(&first, host->h_addr_list[0], 4));
}

static void other_host(void *argument)
{
    *(struct hostent **)argument = gethostbyname("5.6.7.8");
    CHECK(*(struct hostent **)argument != NULL);
}

static void hosts_are_per_thread(void)
{
    struct hostent *mine = gethostbyname("1.2.3.4"), *other = NULL;

    CHECK(mine != NULL);
    thread_join(thread_start(other_host, &other));
    CHECK(other != mine);
    CHECK(!memcmp(mine->h_addr_list[0], "\1\2\3\4", 4));
    CHECK(gethostbyname("1.2.3.5") == mine);
}

static void host_of_an_address(void)
{
    WSASetLastError(0);
    CHECK(gethostbyaddr("\1\2\3\4", 4, 99) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEAFNOSUPPORT);
}

static void host_of_a_short_address(void)
{
    WSASetLastError(0);
    CHECK(gethostbyaddr("\1\2\3\4", 3, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    WSASetLastError(0);
    CHECK(gethostbyaddr(NULL, 4, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

/* --- Protocols and services ----------------------------------------------- */

static void protocols(void)
{
    static const struct {
        int number;
        const char *name, *alias;
    } table[] = {
        {0, "ip", "IP"},
        {1, "icmp", "ICMP"},
        {3, "ggp", "GGP"},
        {6, "tcp", "TCP"},
        {8, "egp", "EGP"},
        {12, "pup", "PUP"},
        {17, "udp", "UDP"},
        {20, "hmp", "HMP"},
        {22, "xns-idp", "XNS-IDP"},
        {27, "rdp", "RDP"},
        {41, "ipv6", "IPv6"},
        {43, "ipv6-route", "IPv6-Route"},
        {44, "ipv6-frag", "IPv6-Frag"},
        {50, "esp", "ESP"},
        {51, "ah", "AH"},
        {58, "ipv6-icmp", "IPv6-ICMP"},
        {59, "ipv6-nonxt", "IPv6-NoNxt"},
        {60, "ipv6-opts", "IPv6-Opts"},
        {66, "rvd", "RVD"},
    };
    size_t next = 0;
    int number;

    for (number = -1; number <= 256; number++) {
        struct protoent *entry = getprotobynumber(number);

        if (next == N_ELEMENTS(table) || table[next].number != number) {
            EXPECT_THAT(entry == NULL, "protocol %d exists", number);
            EXPECT_EQ(WSAGetLastError(), WSANO_DATA);
            continue;
        }
        CHECK_THAT(entry != NULL, "no protocol %d", number);
        EXPECT_EQ(entry->p_proto, number);
        EXPECT(!strcmp(entry->p_name, table[next].name));
        EXPECT(entry->p_aliases[0] &&
               !strcmp(entry->p_aliases[0], table[next].alias));
        entry = getprotobyname(table[next].alias);
        EXPECT(entry != NULL && entry->p_proto == number);
        next++;
    }
    CHECK(getprotobyname("no-such-protocol") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
}

static void other_protocol(void *argument)
{
    *(struct protoent **)argument = getprotobyname("udp");
}

static void protocols_are_per_thread(void)
{
    struct protoent *mine = getprotobyname("tcp"), *other = NULL;

    CHECK(mine != NULL);
    thread_join(thread_start(other_protocol, &other));
    CHECK(other != NULL && other != mine);
    CHECK_EQ(mine->p_proto, IPPROTO_TCP);
    CHECK(getprotobynumber(IPPROTO_UDP) == mine);
}

static void services(void)
{
    struct servent *entry = getservbyname("http", "tcp");

    CHECK(entry != NULL);
    CHECK_EQ(entry->s_port, (short)htons(80));
    CHECK(!strcmp(entry->s_name, "http") && !strcmp(entry->s_proto, "tcp"));
    CHECK(getservbyname("http", NULL) != NULL);
    entry = getservbyport(htons(80), "tcp");
    CHECK(entry != NULL && !strcmp(entry->s_name, "http"));
    entry = getservbyport(htons(53), "udp");
    CHECK(entry != NULL && !strcmp(entry->s_name, "domain"));

    CHECK(getservbyname("no-such-service", NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    CHECK(getservbyport(htons(65000), "tcp") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    CHECK(getservbyport(htons(80), "no-such-protocol") == NULL);
}

/* --- Name spaces ---------------------------------------------------------- */

static void one_name_space(void)
{
    DWORD needed = 0, length;
    WSANAMESPACE_INFOW *info;

    CHECK_ERROR(WSAEnumNameSpaceProvidersW(&needed, NULL), WSAEFAULT);
    CHECK(needed > sizeof(*info));
    info = calloc(1, needed);
    CHECK(info != NULL);
    length = needed - 1;
    CHECK_ERROR(WSAEnumNameSpaceProvidersW(&length, info), WSAEFAULT);
    CHECK_EQ(length, needed);
    CHECK(WSAEnumNameSpaceProvidersW(&length, info) >= 1);
    CHECK(info->fActive);
    CHECK(info->lpszIdentifier[0] != 0);
    free(info);
}

/* WSAEnumNameSpaceProvidersEx: the same, and the providers' own data. */
typedef INT(WINAPI *enumerate)(DWORD *, void *);

struct extended_info {
    WSANAMESPACE_INFOA plain;
    struct {
        ULONG size;
        BYTE *data;
    } provider_specific;
};

static void name_spaces_extended(void)
{
    static const char *const names[] = {"WSAEnumNameSpaceProvidersExA",
                                        "WSAEnumNameSpaceProvidersExW"};
    struct extended_info *info;
    enumerate enumerate_;
    DWORD needed = 0;
    int i, n;

    for (i = 0; i < 2; i++) {
        enumerate_ = (enumerate)library_symbol(
            (const uint16_t *)(const void *)L"ws2_32.dll", names[i]);
        CHECK_THAT(enumerate_ != NULL, "there is no %s", names[i]);
        needed = 0;
        CHECK_ERROR(enumerate_(&needed, NULL), WSAEFAULT);
        info = calloc(1, needed);
        CHECK(info != NULL);
        n = enumerate_(&needed, info);
        CHECK(n >= 1);
        CHECK(info[0].plain.fActive);
        CHECK_EQ(info[0].plain.dwNameSpace, NS_DNS);
        CHECK(info[0].plain.lpszIdentifier[0] == 'T'); /* Tcpip, wide or not */
        CHECK_EQ(info[0].provider_specific.size, 0);
        CHECK(n == 1 || info[1].plain.dwNameSpace == NS_NLA);
        free(info);
    }
}

static void name_spaces_bad_input(void)
{
    void *const bad = (void *)16;
    DWORD length = 65536;

    CHECK_ERROR(WSAEnumNameSpaceProvidersA(NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAEnumNameSpaceProvidersW(bad, NULL), WSAEFAULT);
    CHECK_ERROR(WSAEnumNameSpaceProvidersA(&length, bad), WSAEFAULT);
    CHECK_ERROR(WSAEnumNameSpaceProvidersW(&length, bad), WSAEFAULT);
}

static void unreadable_names(void)
{
    void *const bad = (void *)16;
    int i;

    for (i = 0; i < 5; i++) {
        WSASetLastError(0);
        CHECK((i == 0   ? (void *)gethostbyname(bad)
               : i == 1 ? (void *)gethostbyaddr(bad, 4, AF_INET)
               : i == 2 ? (void *)getservbyname(bad, NULL)
               : i == 3 ? (void *)getservbyname("http", bad)
                        : (void *)getprotobyname(bad)) == NULL);
        CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    }
    CHECK_ERROR(gethostname(bad, 256), WSAEFAULT);
    CHECK_ERROR(GetHostNameW(bad, 256), WSAEFAULT);
}

static void names_that_are_no_names(void)
{
    char name[2000];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    WSASetLastError(0);
    CHECK(gethostbyname(name) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAHOST_NOT_FOUND);
    CHECK(getservbyname(name, NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
    CHECK(getprotobyname(NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANO_DATA);
}

/* --- Without start-up, and what is refused -------------------------------- */

static void hosts_need_startup(void)
{
    WSASetLastError(0);
    CHECK(gethostbyname("1.2.3.4") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
}

static void names_need_startup(void)
{
    struct addrinfo *list = NULL;
    char name[300];
    DWORD length = 0;

    CHECK_EQ(getaddrinfo("1.2.3.4", NULL, NULL, &list), WSANOTINITIALISED);
    CHECK(gethostbyaddr("\1\2\3\4", 4, AF_INET) == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_ERROR(gethostname(name, sizeof(name)), WSANOTINITIALISED);
    CHECK(getservbyname("http", "tcp") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK(getprotobyname("tcp") == NULL);
    CHECK_EQ(WSAGetLastError(), WSANOTINITIALISED);
    CHECK_ERROR(WSAEnumNameSpaceProvidersA(&length, NULL), WSANOTINITIALISED);
}

/* With nothing but NULL and no SOCKET. */
static void refusals_fail_unharmed(void)
{
    if (!TARGET_IS_OURS)
        SKIP("the builtin has its own answers");
    CHECK_ERROR(WSAGetServiceClassInfoA(NULL, NULL, NULL, NULL), WSAEINVAL);
    CHECK_ERROR(WSAGetServiceClassInfoW(NULL, NULL, NULL, NULL), WSAEINVAL);
    CHECK_ERROR(WSAGetServiceClassNameByClassIdA(NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAGetServiceClassNameByClassIdW(NULL, NULL, NULL), WSAEFAULT);
    CHECK_ERROR(WSAInstallServiceClassA(NULL), WSAEINVAL);
    CHECK_ERROR(WSAInstallServiceClassW(NULL), WSAEINVAL);
    CHECK_ERROR(WSARemoveServiceClass(NULL), WSAEINVAL);
    CHECK_ERROR(WSASetServiceA(NULL, RNRSERVICE_REGISTER, 0), WSAEFAULT);
    CHECK_ERROR(WSASetServiceW(NULL, RNRSERVICE_REGISTER, 0), WSAEFAULT);
    CHECK_ERROR(WSANSPIoctl(NULL, 0, NULL, 0, NULL, 0, NULL, NULL),
                WSA_INVALID_HANDLE);
    CHECK_ERROR(WSAProviderConfigChange(NULL, NULL, NULL), WSAEFAULT);
    WSASetLastError(0);
    CHECK(!WSAConnectByNameA(INVALID_SOCKET, NULL, NULL, NULL, NULL, NULL,
                             NULL, NULL, NULL));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK(!WSAConnectByNameW(INVALID_SOCKET, NULL, NULL, NULL, NULL, NULL,
                             NULL, NULL, NULL));
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
}

static const struct test_case cases[] = {
    TEST_CASE(own_name, "06 4: gethostname"),
    TEST_CASE(hosts_by_name, "06 4: gethostbyname"),
    TEST_CASE(own_host, "06 4: \"\", NULL and the own name"),
    TEST_CASE(hosts_are_per_thread, "06 4: one hostent a thread"),
    TEST_CASE(host_of_an_address, "06 4: unknown family"),
    TEST_CASE(host_of_a_short_address, "06 4: wrong length"),
    TEST_CASE(protocols, "06 5: the table"),
    TEST_CASE(protocols_are_per_thread, "06 5: one protoent a thread"),
    TEST_CASE(services, "06 5: services"),
    TEST_CASE(one_name_space, "06 10: WSAEnumNameSpaceProviders"),
    TEST_CASE(name_spaces_extended, "WSAEnumNameSpaceProvidersEx"),
    TEST_CASE(name_spaces_bad_input, "WSAEnumNameSpaceProviders: bad input"),
    TEST_CASE_WITH(hosts_need_startup, "06 4: WSANOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(names_need_startup, "06 1: WSANOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_CASE(refusals_fail_unharmed, "06 10: documented failures"),
    TEST_CASE(unreadable_names, "06 4, 5: bad input"),
    TEST_CASE(names_that_are_no_names, "06 4, 5: bad input"),
    TEST_END
};

TEST_MAIN("databases", cases, NULL)
