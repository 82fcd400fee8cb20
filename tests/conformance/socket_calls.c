/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Start-up, and the calls that make, name and listen.  Those on connections are
 * in connection_calls.c.
 */
#include "support/sockets.h"

/* --- Start-up (03 1) ------------------------------------------------------ */

static void versions_are_negotiated(void)
{
    static const struct {
        WORD requested;
        int result;
        WORD version;
    } rows[] = {
        {MAKEWORD(0, 0), WSAVERNOTSUPPORTED, MAKEWORD(2, 2)},
        {MAKEWORD(0, 9), WSAVERNOTSUPPORTED, MAKEWORD(2, 2)},
        {MAKEWORD(1, 0), 0, MAKEWORD(1, 0)},
        {MAKEWORD(1, 1), 0, MAKEWORD(1, 1)},
        {MAKEWORD(1, 2), 0, MAKEWORD(1, 1)},
        {MAKEWORD(1, 255), 0, MAKEWORD(1, 1)},
        {MAKEWORD(2, 0), 0, MAKEWORD(2, 0)},
        {MAKEWORD(2, 1), 0, MAKEWORD(2, 1)},
        {MAKEWORD(2, 2), 0, MAKEWORD(2, 2)},
        {MAKEWORD(2, 3), 0, MAKEWORD(2, 2)},
        {MAKEWORD(3, 0), 0, MAKEWORD(2, 2)},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WSADATA data;

        memset(&data, 0, sizeof(data));
        EXPECT_EQ(WSAStartup(rows[i].requested, &data), rows[i].result);
        EXPECT_EQ(data.wVersion, rows[i].version);
        EXPECT_EQ(data.wHighVersion, MAKEWORD(2, 2));
        EXPECT(strcmp(data.szDescription, "WinSock 2.0") == 0);
        EXPECT(strcmp(data.szSystemStatus, "Running") == 0);
        EXPECT_EQ(data.iMaxSockets,
                  LOBYTE(rows[i].version) == 1 ? 32767 : 0);
        if (rows[i].result == 0)
            EXPECT_OK(WSACleanup());
    }
    EXPECT_EQ(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
}

static void startups_are_counted(void)
{
    WSADATA data;
    SOCKET s;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    s = tcp_socket();
    CHECK_OK(WSACleanup());
    CHECK_RESULT(get_int_option(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    WSASetLastError(0xdead);
    CHECK_OK(WSACleanup());
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK_ERROR(closesocket(s), WSANOTINITIALISED);
    CHECK_ERROR(WSACleanup(), WSANOTINITIALISED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    CHECK_OK(WSACleanup());
}

static void read_last_error(void *argument)
{
    *(int *)argument = WSAGetLastError();
}

static void last_error_is_per_thread(void)
{
    int other = -1;

    WSASetLastError(4711);
    thread_join(thread_start(read_last_error, &other));
    CHECK_EQ(other, 0);
    CHECK_EQ(WSAGetLastError(), 4711);
}

static void success_clears_the_last_error(void)
{
    SOCKET s;

    WSASetLastError(4711);
    s = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(s != INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), 0);
    WSASetLastError(4711);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(WSAGetLastError(), 0);
}

/* --- socket (03 2) -------------------------------------------------------- */

static void triples_are_checked(void)
{
    enum { BAD = 0x4711 };
    static const struct {
        int family, type, protocol, error, real_type, real_protocol;
    } rows[] = {
        {BAD, SOCK_STREAM, IPPROTO_TCP, WSAEAFNOSUPPORT, 0, 0},
        {BAD, SOCK_STREAM, BAD, WSAEAFNOSUPPORT, 0, 0},
        {AF_INET, BAD, IPPROTO_TCP, WSAESOCKTNOSUPPORT, 0, 0},
        {AF_INET, BAD, BAD, WSAESOCKTNOSUPPORT, 0, 0},
        {BAD, BAD, BAD, WSAESOCKTNOSUPPORT, 0, 0},
        {AF_INET, SOCK_STREAM, BAD, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET, SOCK_STREAM, IPPROTO_UDP, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET, SOCK_STREAM, 0, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_INET, SOCK_DGRAM, 0, 0, SOCK_DGRAM, IPPROTO_UDP},
        {AF_INET, 0, IPPROTO_TCP, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_INET, 0, IPPROTO_UDP, 0, SOCK_DGRAM, IPPROTO_UDP},
        {AF_INET, 0, 0, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_INET, 0, BAD, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET6, SOCK_STREAM, 0, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_INET6, SOCK_DGRAM, IPPROTO_UDP, 0, SOCK_DGRAM, IPPROTO_UDP},
        {AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_UNSPEC, 0, IPPROTO_TCP, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_UNSPEC, 0, IPPROTO_UDP, 0, SOCK_DGRAM, IPPROTO_UDP},
        {AF_UNSPEC, SOCK_STREAM, BAD, WSAEPROTONOSUPPORT, 0, 0},
        {AF_UNSPEC, BAD, IPPROTO_UDP, WSAESOCKTNOSUPPORT, 0, 0},
        {AF_UNSPEC, SOCK_STREAM, 0, WSAEINVAL, 0, 0},
        {AF_UNSPEC, 0, 0, WSAEINVAL, 0, 0},
        {AF_UNSPEC, BAD, 0, WSAEINVAL, 0, 0},
        {AF_UNSPEC, SOCK_RAW, 0, WSAEINVAL, 0, 0},
        {AF_UNSPEC, SOCK_DGRAM, IPPROTO_UDP, 0, SOCK_DGRAM, IPPROTO_UDP},
        {AF_UNSPEC, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET6, 0, 0, 0, SOCK_STREAM, IPPROTO_TCP},
        {AF_INET6, SOCK_STREAM, IPPROTO_UDP, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET, SOCK_SEQPACKET, 0, WSAESOCKTNOSUPPORT, 0, 0},
        {AF_INET, SOCK_RDM, 0, WSAESOCKTNOSUPPORT, 0, 0},
        {AF_INET, SOCK_RAW, 256, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET, SOCK_STREAM, -1, WSAEPROTONOSUPPORT, 0, 0},
        {AF_INET, -1, IPPROTO_TCP, WSAESOCKTNOSUPPORT, 0, 0},
        {-1, SOCK_STREAM, IPPROTO_TCP, WSAEAFNOSUPPORT, 0, 0},
        {AF_APPLETALK, SOCK_STREAM, 0, WSAEAFNOSUPPORT, 0, 0},
        {AF_NETBIOS, SOCK_SEQPACKET, 0, WSAESOCKTNOSUPPORT, 0, 0},
        {AF_UNIX, SOCK_DGRAM, 0, WSAEAFNOSUPPORT, 0, 0},
        {AF_UNIX, SOCK_RAW, 0, WSAEAFNOSUPPORT, 0, 0},
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        WSAPROTOCOL_INFOW info;
        int length = sizeof(info), error;
        SOCKET s;

        WSASetLastError(0);
        s = socket(rows[i].family, rows[i].type, rows[i].protocol);
        error = WSAGetLastError();
        EXPECT_THAT((s == INVALID_SOCKET) == (rows[i].error != 0) &&
                        error == rows[i].error,
                    "row %d: %s", (int)i, error_name(error));
        if (s == INVALID_SOCKET)
            continue;
        CHECK_OK(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info,
                            &length));
        EXPECT_EQ(info.iSocketType, rows[i].real_type);
        EXPECT_EQ(info.iProtocol, rows[i].real_protocol);
        close_socket(s);
    }
}

static void sockets_are_multiples_of_four(void)
{
    SOCKET s[16];
    int i;

    for (i = 0; i < 16; i++) {
        s[i] = i % 2 ? tcp_socket() : udp_socket();
        CHECK(s[i] != 0 && s[i] % 4 == 0);
    }
    for (i = 0; i < 16; i++)
        close_socket(s[i]);
}

static void protocol_info_gives_the_triple(void)
{
    WSAPROTOCOL_INFOW info;
    int length = sizeof(info);
    SOCKET s = udp_socket(), t;

    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info,
                        &length));
    CHECK_EQ(info.dwProviderReserved, 0);
    CHECK_EQ(length, sizeof(info));
    t = CHECK_SOCKET(WSASocketW(0, 0, 0, &info, 0, WSA_FLAG_OVERLAPPED));
    CHECK_EQ(get_int_option(t, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    close_socket(t);
    t = CHECK_SOCKET(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                FROM_PROTOCOL_INFO, &info, 0, 0));
    close_socket(t);
    CHECK_ERROR(WSASocketW(FROM_PROTOCOL_INFO, SOCK_STREAM, IPPROTO_TCP, NULL,
                           0, 0),
                WSAEAFNOSUPPORT);
    close_socket(s);
}

static void short_protocol_info_tells_its_size(void)
{
    WSAPROTOCOL_INFOW info;
    SOCKET s = tcp_socket();
    int length = sizeof(info) - 1;

    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info,
                           &length),
                WSAEFAULT);
    CHECK_EQ(length, sizeof(WSAPROTOCOL_INFOW));
    length = 4;
    CHECK_ERROR(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOA, (char *)&info,
                           &length),
                WSAEFAULT);
    CHECK_EQ(length, sizeof(WSAPROTOCOL_INFOA));
    close_socket(s);
}

static void protocols_are_enumerated(void)
{
    INT tcp_only[] = {IPPROTO_TCP, 0}, unknown[] = {4711, 0};
    WSAPROTOCOL_INFOW info[64];
    DWORD size = 0;
    int count, i;

    CHECK_ERROR(WSAEnumProtocolsW(NULL, NULL, &size), WSAENOBUFS);
    CHECK(size > 0 && size <= sizeof(info));
    count = WSAEnumProtocolsW(NULL, info, &size);
    CHECK(count >= 4);
    for (i = 0; i < count; i++)
        CHECK(info[i].dwCatalogEntryId != 0 && info[i].iVersion == 2 &&
              info[i].dwProviderReserved == 0);
    size = sizeof(info);
    count = WSAEnumProtocolsW(tcp_only, info, &size);
    CHECK(count >= 2);
    for (i = 0; i < count; i++)
        CHECK_EQ(info[i].iProtocol, IPPROTO_TCP);
    CHECK_EQ(WSAEnumProtocolsW(unknown, info, &size), 0);
}

/* As `netsh winsock show catalog` prints them; by these ids libuv knows the
   sockets that it can poll by AFD. */
static void the_base_provider_has_windows_ids(void)
{
    static const struct {
        int family;
        GUID id;
    } wanted[2] = {
        {AF_INET, {0xe70f1aa0, 0xab8b, 0x11cf,
                   {0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92}}},
        {AF_INET6, {0xf9eab0c0, 0x26d4, 0x11d0,
                    {0xbb, 0xbf, 0x00, 0xaa, 0x00, 0x6c, 0x34, 0xe4}}},
    };
    static const int types[2] = {SOCK_STREAM, SOCK_DGRAM};
    WSAPROTOCOL_INFOW info;
    int length = sizeof(info);
    SOCKET s;
    int i, j;

    for (i = 0; i < 2; i++)
        for (j = 0; j < 2; j++) {
            s = CHECK_SOCKET(socket(wanted[i].family, types[j], 0));
            CHECK_OK(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW,
                                (char *)&info, &length));
            CHECK_MEMORY(&info.ProviderId, &wanted[i].id, sizeof(GUID));
            close_socket(s);
        }
}

/* --- bind, listen (03 3, 4) ----------------------------------------------- */

static void bind_checks_its_state(void)
{
    struct sockaddr_in name = loopback(0), other;
    SOCKET s = tcp_socket(), t = udp_socket();
    struct sockaddr_in6 name6;

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)), WSAEINVAL);
    CHECK(local_name(s).sin_port != 0);

    other = name;
    other.sin_addr.s_addr = htonl(0x01020304);
    CHECK_ERROR(bind(t, (struct sockaddr *)&other, sizeof(other)),
                WSAEADDRNOTAVAIL);
    memset(&name6, 0, sizeof(name6));
    name6.sin6_family = AF_INET6;
    CHECK_ERROR(bind(t, (struct sockaddr *)&name6, sizeof(name6)),
                WSAEAFNOSUPPORT);
    close_socket(s);
    close_socket(t);
}

/* libuv's tcp_create_early_bad_bind and udp_create_early_bad_bind: an IPv4
   address is too short for an IPv6 socket, whatever its family. */
static void an_ipv4_address_is_short_for_ipv6(void)
{
    struct sockaddr_in name = loopback(0);
    static const int types[2] = {SOCK_STREAM, SOCK_DGRAM};
    int i;

    for (i = 0; i < 2; i++) {
        SOCKET s = CHECK_SOCKET(socket(AF_INET6, types[i], 0));

        CHECK_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)),
                    WSAEFAULT);
        name.sin_port = htons(9);
        CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                    WSAEFAULT);
        close_socket(s);
    }
}

/* A group is no address of the machine, and 255.255.255.255 wants
   SO_BROADCAST. */
static void groups_are_not_bound(void)
{
    struct sockaddr_in name = loopback(0);
    struct sockaddr_in6 name6 = {.sin6_family = AF_INET6};
    SOCKET s = tcp_socket(), t = udp_socket();
    SOCKET u = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, 0));

    name.sin_addr.s_addr = htonl(0xefff0777);
    EXPECT_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)),
                 WSAEADDRNOTAVAIL);
    EXPECT_ERROR(bind(t, (struct sockaddr *)&name, sizeof(name)),
                 WSAEADDRNOTAVAIL);
    name.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    EXPECT_ERROR(bind(t, (struct sockaddr *)&name, sizeof(name)), WSAEACCES);
    name6.sin6_addr.s6_addr[0] = 0xff;
    name6.sin6_addr.s6_addr[1] = 0x12;
    name6.sin6_addr.s6_addr[15] = 0x77;
    name6.sin6_scope_id = 1;
    EXPECT_ERROR(bind(u, (struct sockaddr *)&name6, sizeof(name6)),
                 WSAEADDRNOTAVAIL);
    name = loopback(0); /* nothing of that has bound it */
    EXPECT_OK(bind(t, (struct sockaddr *)&name, sizeof(name)));
    close_socket(s);
    close_socket(t);
    close_socket(u);
}

static void a_taken_port_is_refused(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();

    CHECK_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRINUSE);
    close_socket(listener);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    close_socket(s);
}

static void a_bound_port_is_refused_before_listen(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = tcp_socket(), t = tcp_socket();

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(s);
    CHECK_ERROR(bind(t, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRINUSE);
    close_socket(s);
    close_socket(t);
}

/* A server may bind again at once, though old connections are in TIME_WAIT. */
static void time_wait_does_not_block_bind(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);
    SOCKET server = CHECK_SOCKET(accept(listener, NULL, NULL));

    close_socket(server); /* the server's side ends first */
    check_end(client);
    close_socket(client);
    close_socket(listener);
    listener = tcp_socket();
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    close_socket(listener);
}

static void exclusive_and_reuse_exclude_each_other(void)
{
    SOCKET s = tcp_socket();
    int on = 1, off = 0;

    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof(on)));
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on,
                           sizeof(on)),
                WSAEINVAL);
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&off,
                        sizeof(off)));
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&on,
                        sizeof(on)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE), 1);
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, (char *)&on,
                           sizeof(on)),
                WSAEINVAL);
    close_socket(s);
}

static void listen_checks_its_state(void)
{
    SOCKET s = tcp_socket(), u = udp_bound(NULL), client, server;
    struct sockaddr_in name = loopback(0);

    CHECK_ERROR(listen(s, 1), WSAEINVAL);
    CHECK_ERROR(accept(s, NULL, NULL), WSAEINVAL);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(s, 1));
    CHECK_OK(listen(s, SOMAXCONN));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CHECK_ERROR(listen(u, 1), WSAEOPNOTSUPP);
    CHECK_ERROR(accept(u, NULL, NULL), WSAEOPNOTSUPP);
    tcp_pair(&client, &server);
    CHECK_ERROR(listen(client, 1), WSAEISCONN);
    close_socket(client);
    close_socket(server);
    close_socket(s);
    close_socket(u);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(versions_are_negotiated, "03 1: table of versions",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(startups_are_counted, "03 1: only the last cleanup ends",
                   .flags = TEST_BARE),
    TEST_CASE(last_error_is_per_thread, "03 1: last error is per thread"),
    TEST_CASE(success_clears_the_last_error, "03 1: success sets it to 0"),
    TEST_CASE(triples_are_checked, "03 2: table of triples"),
    TEST_CASE(sockets_are_multiples_of_four, "03 2: SOCKET values"),
    TEST_CASE(protocol_info_gives_the_triple, "03 2: with lpProtocolInfo"),
    TEST_CASE(short_protocol_info_tells_its_size, "03 13: SO_PROTOCOL_INFO"),
    TEST_CASE(protocols_are_enumerated, "03 16: WSAEnumProtocols"),
    TEST_CASE(the_base_provider_has_windows_ids, "05 1: ProviderId"),
    TEST_CASE(bind_checks_its_state, "03 3: errors of bind"),
    TEST_CASE(an_ipv4_address_is_short_for_ipv6, "03 3: EFAULT"),
    TEST_CASE(groups_are_not_bound, "03 3: EADDRNOTAVAIL, EACCES"),
    TEST_CASE(a_taken_port_is_refused, "03 3: port taken"),
    TEST_CASE(a_bound_port_is_refused_before_listen, "03 3.1: default twice"),
    TEST_CASE(time_wait_does_not_block_bind, "03 3: TIME_WAIT"),
    TEST_CASE(exclusive_and_reuse_exclude_each_other, "03 3.1: EINVAL"),
    TEST_CASE(listen_checks_its_state, "03 4: errors of listen"),
    TEST_END
};
TEST_MAIN("socket_calls", cases, NULL)
