/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* getsockopt and setsockopt. */
#include "support/sockets.h"

#include <mswsock.h>

/* The value and the length that come back with room for `room` bytes. */
static int get(SOCKET s, int level, int name, int room, int *ret_length)
{
    int value = 0;

    *ret_length = room;
    CHECK_OK(getsockopt(s, level, name, (char *)&value, ret_length));
    return value;
}

static void defaults_are_windows(void)
{
    SOCKET s = tcp_socket(), u = udp_socket();
    struct linger linger = {7, 7};
    int length = sizeof(linger);

    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_DEBUG), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_ACCEPTCONN), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_REUSEADDR), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_DONTLINGER), 1);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_OOBINLINE), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_SNDTIMEO), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    EXPECT_EQ(get_int_option(u, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    EXPECT_EQ(get_int_option(u, SOL_SOCKET, SO_BROADCAST), 0);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_CONNECT_TIME), -1);
    EXPECT_EQ(get_int_option(s, IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT(get_int_option(u, SOL_SOCKET, SO_MAX_MSG_SIZE) >= 65507);
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &length));
    EXPECT_EQ(length, sizeof(linger));
    EXPECT_EQ(linger.l_onoff, 0);
    EXPECT_EQ(linger.l_linger, 0);
    close_socket(s);
    close_socket(u);
}

static void values_are_read_back(void)
{
    static const struct {
        int level, name, value;
    } rows[] = {
        {SOL_SOCKET, SO_DEBUG, 1},       {SOL_SOCKET, SO_REUSEADDR, 1},
        {SOL_SOCKET, SO_KEEPALIVE, 1},   {SOL_SOCKET, SO_DONTROUTE, 1},
        {SOL_SOCKET, SO_OOBINLINE, 1},   {SOL_SOCKET, SO_SNDBUF, 12345},
        {SOL_SOCKET, SO_RCVBUF, 54321},  {SOL_SOCKET, SO_SNDTIMEO, 1},
        {SOL_SOCKET, SO_RCVTIMEO, 1001}, {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_IP, IP_TTL, 42},
    };
    SOCKET s = tcp_socket();
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set_int_option(s, rows[i].level, rows[i].name, rows[i].value);
        EXPECT_EQ(get_int_option(s, rows[i].level, rows[i].name),
                  rows[i].value);
    }
    close_socket(s);
}

static void linger_has_two_faces(void)
{
    struct linger linger = {1, 5};
    SOCKET s = tcp_socket();
    int length = sizeof(linger);

    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger,
                        sizeof(linger)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_DONTLINGER), 0);
    set_int_option(s, SOL_SOCKET, SO_DONTLINGER, 1);
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &length));
    CHECK_EQ(linger.l_onoff, 0);
    close_socket(s);
}

static void lengths_follow_the_option(void)
{
    SOCKET s = tcp_socket();
    char byte = 1;
    int length;

    CHECK_EQ(get(s, SOL_SOCKET, SO_REUSEADDR, 4, &length), 0);
    CHECK_EQ(length, 4);
    (void)get(s, SOL_SOCKET, SO_REUSEADDR, 1, &length);
    CHECK_EQ(length, 1);
    (void)get(s, SOL_SOCKET, SO_KEEPALIVE, 4, &length);
    CHECK_EQ(length, 1);
    (void)get(s, IPPROTO_TCP, TCP_NODELAY, 4, &length);
    CHECK_EQ(length, 1);
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_OOBINLINE, &byte, 1));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_OOBINLINE), 1);
    CHECK_OK(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &byte, 1));
    CHECK_EQ(get_int_option(s, IPPROTO_TCP, TCP_NODELAY), 1);
    close_socket(s);
}

static void read_only_options_cannot_be_set(void)
{
    SOCKET s = tcp_socket();
    int value = 1;

    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, (char *)&value, 4),
                WSAENOPROTOOPT);
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, 4),
                WSAENOPROTOOPT);
    close_socket(s);
}

static void options_belong_to_their_kind(void)
{
    SOCKET s = tcp_socket(), u = udp_socket();
    int value = 0, length = sizeof(value);

    EXPECT_ERROR(getsockopt(u, SOL_SOCKET, SO_LINGER, (char *)&value, &length),
                 WSAENOPROTOOPT);
    EXPECT_ERROR(getsockopt(u, SOL_SOCKET, SO_DONTLINGER, (char *)&value,
                            &length),
                 WSAENOPROTOOPT);
    EXPECT_ERROR(getsockopt(s, SOL_SOCKET, SO_MAX_MSG_SIZE, (char *)&value,
                            &length),
                 WSAENOPROTOOPT);
    EXPECT_ERROR(getsockopt(s, IPPROTO_IP, IP_MULTICAST_TTL, (char *)&value,
                            &length),
                 WSAEINVAL);
    EXPECT_ERROR(getsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&value,
                            &length),
                 WSAENOPROTOOPT);
    EXPECT_ERROR(getsockopt(u, IPPROTO_IP, -1, (char *)&value, &length),
                 WSAENOPROTOOPT);
    close_socket(s);
    close_socket(u);
}

static void multicast_is_joined_once(void)
{
    struct ip_mreq group;
    SOCKET u = udp_socket();
    int value;

    CHECK_EQ(get_int_option(u, IPPROTO_IP, IP_MULTICAST_TTL), 1);
    CHECK_EQ(get_int_option(u, IPPROTO_IP, IP_MULTICAST_LOOP), 1);
    memset(&group, 0, sizeof(group));
    group.imr_multiaddr.s_addr = htonl(0xe00000fb);
    group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    value = setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group,
                       sizeof(group));
    if (value != 0) {
        close_socket(u);
        SKIP("no multicast on this host");
    }
    CHECK_OK(setsockopt(u, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&group,
                        sizeof(group)));
    close_socket(u);
}

static void connect_time_counts(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    CHECK(get_int_option(client, SOL_SOCKET, SO_CONNECT_TIME) >= 0);
    CHECK(get_int_option(client, SOL_SOCKET, SO_CONNECT_TIME) < 60);
    CHECK(get_int_option(server, SOL_SOCKET, SO_CONNECT_TIME) >= 0);
    close_socket(client);
    close_socket(server);
}

static void v6only_is_on(void)
{
    SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
    SOCKET v4 = tcp_socket();
    DWORD value = 0;
    int length = sizeof(value);

    if (s == INVALID_SOCKET) {
        close_socket(v4);
        SKIP("no IPv6 here");
    }
    CHECK_OK(getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&value, &length));
    CHECK_EQ(value, 1);
    set_int_option(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    CHECK_EQ(get_int_option(s, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    CHECK_OK(setsockopt(v4, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&value,
                        sizeof(value)));
    close_socket(s);
    close_socket(v4);
}

/* Demand 10: programs set SO_ERROR. */
static void the_error_can_be_set(void)
{
    SOCKET s = tcp_socket();
    int value = 0;

    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&value,
                        sizeof(value)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(defaults_are_windows, "03 13: defaults"),
    TEST_CASE(values_are_read_back, "03 13: values as set"),
    TEST_CASE(linger_has_two_faces, "03 13: SO_LINGER, SO_DONTLINGER"),
    TEST_CASE(lengths_follow_the_option, "03 13: lengths"),
    TEST_CASE(read_only_options_cannot_be_set, "03 13: read-only"),
    TEST_CASE(options_belong_to_their_kind, "03 13: kinds"),
    TEST_CASE(multicast_is_joined_once, "03 13: IP multicast"),
    TEST_CASE(connect_time_counts, "03 13: SO_CONNECT_TIME"),
    TEST_CASE(v6only_is_on, "03 13: IPV6_V6ONLY"),
    TEST_CASE(the_error_can_be_set, "03 13: SO_ERROR; demand 10"),
    TEST_END
};
TEST_MAIN("options", cases, NULL)
