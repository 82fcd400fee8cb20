/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options that the accepting socket of an AcceptEx has already, and what
 * becomes of a socket's options when it is reused.
 *
 * Microsoft's pages AcceptEx, DisconnectEx and WSHNotify.
 */
#include "support/accepting.h"

#ifndef TCP_KEEPIDLE /* of Windows 10 */
#define TCP_KEEPIDLE 3
#define TCP_KEEPCNT 16
#endif

/* As they are not at first; TTL is IPv4's. */
static const struct { int level, name, value; } set_before[] = {
    {IPPROTO_TCP, TCP_NODELAY, 1},   {SOL_SOCKET, SO_KEEPALIVE, 1},
    {SOL_SOCKET, SO_OOBINLINE, 1},   {SOL_SOCKET, SO_RCVBUF, 20000},
    {SOL_SOCKET, SO_SNDBUF, 30000},  {SOL_SOCKET, SO_SNDTIMEO, 4567},
    {IPPROTO_IP, IP_TTL, 33},        {IPPROTO_TCP, TCP_KEEPIDLE, 77},
    {IPPROTO_TCP, TCP_KEEPCNT, 3},   {IPPROTO_TCP, TCP_MAXRT, 55},
    {IPPROTO_IP, IP_DONTFRAGMENT, 0},
};
enum { N_SET_BEFORE = sizeof(set_before) / sizeof(set_before[0]) };

static void set_options(SOCKET s)
{
    struct linger linger = {1, 0};
    int i;

    for (i = 0; i < N_SET_BEFORE; i++)
        set_int_option(s, set_before[i].level, set_before[i].name,
                       set_before[i].value);
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger,
                        sizeof(linger)));
}

static void check_options(SOCKET s)
{
    struct linger linger = {0, 99};
    int i, length = sizeof(linger);

    for (i = 0; i < N_SET_BEFORE; i++) {
        const int value =
            get_int_option(s, set_before[i].level, set_before[i].name);

        EXPECT_THAT(value == set_before[i].value, "option %d of %d: %d",
                    set_before[i].name, set_before[i].level, value);
    }
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &length));
    EXPECT_EQ(linger.l_onoff, 1);
    EXPECT_EQ(linger.l_linger, 0);
}

/* The other end sees that the socket was closed with no time to linger. */
static void check_reset(SOCKET client)
{
    char byte;

    CHECK(wait_readable(client, test_timeout(10000)));
    EXPECT_ERROR(recv(client, &byte, 1, 0), WSAECONNRESET);
}

/* WSHNotify: an option that is set before there is a connection takes effect
   with it.  The context of a listener that has set none changes none. */
static void options_set_before_hold(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), socket = tcp_socket(), client;
    struct accept accept;

    set_options(socket);
    accept_start_with(&accept, listener, socket, 0);
    client = accept_connect(&accept, &name);
    check_options(socket);
    update_context(&accept);
    check_options(socket);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    check_receives(socket, "!"); /* in line */
    accept_end(&accept);
    check_reset(client);
    close_sockets(client, listener);
}

/* Also one that is set while the operation pends. */
static void options_set_meanwhile_hold(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), client;
    struct accept accept;

    accept_start(&accept, listener, 8);
    set_options(accept.socket);
    client = tcp_connect(&name);
    send_all(client, "data", 4);
    CHECK_EQ(accept_bytes(&accept), 4);
    update_context(&accept);
    check_options(accept.socket);
    accept_end(&accept);
    check_reset(client);
    close_sockets(client, listener);
}

/* SO_UPDATE_ACCEPT_CONTEXT: those of the listener that were set there. */
static void the_listener_s_options_come_last(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), socket = tcp_socket(), client;
    struct accept accept;

    set_int_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_int_option(socket, IPPROTO_IP, IP_TTL, 33);
    set_int_option(socket, SOL_SOCKET, SO_RCVBUF, 20000);
    set_int_option(socket, SOL_SOCKET, SO_RCVTIMEO, 1111);
    set_int_option(socket, SOL_SOCKET, SO_SNDTIMEO, 2222);
    set_int_option(listener, IPPROTO_IP, IP_TTL, 44);
    set_int_option(listener, SOL_SOCKET, SO_RCVBUF, 40000);
    set_int_option(listener, SOL_SOCKET, SO_SNDTIMEO, 3333);
    accept_start_with(&accept, listener, socket, 0);
    client = accept_connect(&accept, &name);
    update_context(&accept);
    EXPECT_EQ(get_int_option(socket, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(get_int_option(socket, IPPROTO_IP, IP_TTL), 44);
    EXPECT_EQ(get_int_option(socket, SOL_SOCKET, SO_RCVBUF), 40000);
    EXPECT_EQ(get_int_option(socket, SOL_SOCKET, SO_RCVTIMEO), 1111);
    EXPECT_EQ(get_int_option(socket, SOL_SOCKET, SO_SNDTIMEO), 3333);
    accept_end_all(&accept, client);
}

/* Options are the socket's, through whichever descriptor they were set. */
static void options_set_through_a_duplicate_hold(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), socket = tcp_socket(), client;
    SOCKET duplicate = duplicate_here(socket);
    struct accept accept;

    set_options(duplicate);
    close_socket(duplicate);
    accept_start_with(&accept, listener, socket, 0);
    client = accept_connect(&accept, &name);
    update_context(&accept);
    check_options(socket);
    accept_end(&accept);
    check_reset(client);
    close_sockets(client, listener);
}

/* A reused socket is the same one, and so again with its next connection. */
static void options_outlive_reuse(void)
{
    LPFN_DISCONNECTEX disconnect_ex =
        (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), socket = tcp_socket(), client;
    struct accept accept;
    int i;

    for (i = 0; i < 3; i++) {
        accept_start_with(&accept, listener, socket, 0);
        client = tcp_connect(&name);
        CHECK_EQ(accept_bytes(&accept), 0);
        update_context(&accept);
        if (i == 0)
            set_options(socket);
        check_options(socket);
        check_passes(client, socket, "to the server");
        overlapped_free(&accept.overlapped);
        CHECK(disconnect_ex(socket, NULL, TF_REUSE_SOCKET, 0));
        close_socket(client);
        check_options(socket);
    }
    close_sockets(socket, listener);
}

static void options_of_ipv6_hold(void)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6};
    SOCKET listener = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0)), client;
    SOCKET accepting = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0));
    struct sockaddr_in any;
    int length = sizeof(name);
    struct accept accept;

    name.sin6_addr = in6addr_loopback;
    close_socket(accept_listener(&any));
    CHECK_OK(bind(listener, (struct sockaddr *)&name, length));
    CHECK_OK(listen(listener, 5));
    CHECK_OK(getsockname(listener, (struct sockaddr *)&name, &length));
    set_int_option(accepting, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 22);
    set_int_option(accepting, IPPROTO_TCP, TCP_NODELAY, 1);
    accept_start_blocks(&accept, listener, accepting, 0, sizeof(name) + 16);
    client = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0));
    CHECK_OK(connect(client, (struct sockaddr *)&name, length));
    CHECK_EQ(accept_bytes(&accept), 0);
    update_context(&accept);
    EXPECT_EQ(get_int_option(accepting, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 22);
    EXPECT_EQ(get_int_option(accepting, IPPROTO_TCP, TCP_NODELAY), 1);
    accept_end_all(&accept, client);
}

static const struct test_case cases[] = {
    TEST_CASE(options_set_before_hold, "WSHNotify: set before a connection"),
    TEST_CASE(options_set_meanwhile_hold, "WSHNotify: set before a connection"),
    TEST_CASE(the_listener_s_options_come_last,
              "AcceptEx: SO_UPDATE_ACCEPT_CONTEXT"),
    TEST_CASE(options_set_through_a_duplicate_hold, "01: one socket"),
    TEST_CASE(options_outlive_reuse, "DisconnectEx: TF_REUSE_SOCKET"),
    TEST_CASE(options_of_ipv6_hold, "WSHNotify: set before a connection"),
    TEST_END
};
TEST_MAIN("accept_options", cases, NULL)
