/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WS2EMU_NETWORK=loopback: a program's sockets reach the loopback interface
 * and nothing else.  In a network of the process's own, where another address
 * leads to the same machine, which an unlimited program does reach.
 */
#include "support/sockets.h"

#include <stdlib.h>

#include "support/network.h"
#include "support/platform.h"

#define FOREIGN 0x0a0b0c0d /* 10.11.12.13 */

static void start(const char *network)
{
    if (network != NULL)
        CHECK_EQ(setenv("WS2EMU_NETWORK", network, 1), 0);
    else
        CHECK_EQ(unsetenv("WS2EMU_NETWORK"), 0);
    if (!network_leave())
        SKIP("no network of our own here");
    network_add_foreign_address(FOREIGN);
    winsock_startup();
}

static struct sockaddr_in foreign(unsigned port)
{
    struct sockaddr_in name = loopback(port);

    name.sin_addr.s_addr = htonl(FOREIGN);
    return name;
}

/* A listener on the wildcard; its port. */
static SOCKET open_listener(unsigned *ret_port)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    SOCKET s = tcp_socket();

    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    CHECK_OK(listen(s, 5));
    *ret_port = ntohs(local_name(s).sin_port);
    return s;
}

static void loopback_is_reached(unsigned port)
{
    struct sockaddr_in name = loopback(port), u_name;
    SOCKET s = tcp_connect(&name), u = udp_bound(&u_name);

    CHECK_RESULT(sendto(u, "x", 1, 0, (struct sockaddr *)&u_name,
                        sizeof(u_name)),
                 1);
    check_receives(u, "x");
    close_socket(s);
    close_socket(u);
}

static void without_it_all_is_reached(void)
{
    struct sockaddr_in name;
    SOCKET listener, s, u;
    unsigned port;

    start(NULL);
    listener = open_listener(&port);
    loopback_is_reached(port);
    name = foreign(port);
    s = tcp_connect(&name);
    u = udp_socket();
    CHECK_RESULT(sendto(u, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    close_socket(s);
    close_socket(u);
    close_socket(listener);
    CHECK_OK(WSACleanup());
}

static void with_it_loopback_alone(void)
{
    struct sockaddr_in name;
    SOCKET listener, s, u;
    unsigned port;

    start("loopback");
    listener = open_listener(&port);
    loopback_is_reached(port);
    name = foreign(port);
    s = tcp_socket();
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAENETUNREACH);
    set_nonblocking(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAENETUNREACH);
    name = loopback(port);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    u = udp_socket();
    name = foreign(port);
    CHECK_ERROR(sendto(u, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                WSAENETUNREACH);
    CHECK_ERROR(connect(u, (struct sockaddr *)&name, sizeof(name)),
                WSAENETUNREACH);
    close_socket(s);
    close_socket(u);
    close_socket(listener);
    CHECK_OK(WSACleanup());
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(without_it_all_is_reached, "no WS2EMU_NETWORK",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(with_it_loopback_alone, "WS2EMU_NETWORK=loopback",
                   .flags = TEST_BARE),
    TEST_END
};
TEST_MAIN("network_limit", cases, NULL)
