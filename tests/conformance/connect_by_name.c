/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAConnectByName and WSAConnectByList.
 */
#include "support/sockets.h"

#include "support/memory.h"

#include <stdio.h>
#include <stdlib.h>

typedef BOOL(WINAPI *connect_by_list)(SOCKET s, SOCKET_ADDRESS_LIST *list,
                                      LPDWORD local_length, LPSOCKADDR local,
                                      LPDWORD remote_length, LPSOCKADDR remote,
                                      const struct timeval *timeout,
                                      LPWSAOVERLAPPED reserved);

/* Wine's import library lacks it. */
static BOOL call_by_list(SOCKET s, SOCKET_ADDRESS_LIST *list,
                         DWORD *remote_length, struct sockaddr *remote,
                         const struct timeval *timeout,
                         LPWSAOVERLAPPED reserved)
{
    static const uint16_t path[] = {'w', 's', '2', '_', '3', '2',
                                    '.', 'd', 'l', 'l', 0};
    static connect_by_list function;

    if (function == NULL)
        function = (connect_by_list)(uintptr_t)library_symbol(
            path, "WSAConnectByList");
    if (function == NULL)
        SKIP("there is no WSAConnectByList");
    return function(s, list, NULL, NULL, remote_length, remote, timeout,
                    reserved);
}

/* The call returned FALSE with this last error. */
#define EXPECT_REFUSED(call, error) \
    do { \
        WSASetLastError(0); \
        EXPECT(!(call)); \
        EXPECT_THAT(WSAGetLastError() == (error), "%s: %s, not %s", #call, \
                    error_name(WSAGetLastError()), #error); \
    } while (0)
#define CHECK_CONNECTS(call) \
    CHECK_THAT(call, "%s: %s", #call, error_name(WSAGetLastError()))

static const char *port_text(const struct sockaddr_in *name)
{
    static char text[8];

    snprintf(text, sizeof(text), "%u", ntohs(name->sin_port));
    return text;
}

/* The connection of the listener, and its end of it works. */
static void check_accepted(SOCKET listener, SOCKET s)
{
    SOCKET server = CHECK_SOCKET(accept(listener, NULL, NULL));

    check_passes(s, server, "there");
    check_passes(server, s, "and back");
    close_socket(server);
}

static void a_name_connects(void)
{
    struct sockaddr_in name, local, remote;
    DWORD local_length = sizeof(local), remote_length = sizeof(remote);
    SOCKET listener = tcp_listener(&name), s = tcp_socket();

    CHECK_CONNECTS(WSAConnectByNameA(s, "127.0.0.1", port_text(&name),
                                     &local_length, (struct sockaddr *)&local,
                                     &remote_length, (struct sockaddr *)&remote,
                                     NULL, NULL));
    CHECK_EQ(WSAGetLastError(), 0);
    CHECK_EQ(local_length, sizeof(local));
    CHECK_EQ(remote_length, sizeof(remote));
    CHECK_EQ(remote.sin_port, name.sin_port);
    CHECK_EQ(remote.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(local.sin_port, local_name(s).sin_port);
    check_accepted(listener, s);
    close_socket(s);
    close_socket(listener);
}

static void a_wide_name_connects(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    WCHAR node[WIDE_TEXT], service[WIDE_TEXT];
    struct timeval limit = {test_timeout(5000) / 1000, 0};

    CHECK_CONNECTS(WSAConnectByNameW(s, widen("localhost", node),
                                     widen(port_text(&name), service), NULL,
                                     NULL, NULL, NULL, &limit, NULL));
    check_accepted(listener, s);
    close_socket(s);
    close_socket(listener);
}

static void it_blocks_in_nonblocking_mode(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();

    set_nonblocking(s, 1);
    CHECK_CONNECTS(WSAConnectByNameA(s, "127.0.0.1", port_text(&name), NULL,
                                     NULL, NULL, NULL, NULL, NULL));
    CHECK(is_nonblocking(s));
    set_nonblocking(s, 0);
    check_accepted(listener, s);
    close_socket(s);
    close_socket(listener);
}

static void a_dual_stack_socket_takes_both(void)
{
    struct sockaddr_in name;
    struct sockaddr_in6 remote;
    DWORD remote_length = sizeof(remote);
    SOCKET listener = tcp_listener(&name);
    SOCKET s = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);

    if (s == INVALID_SOCKET)
        SKIP("no IPv6 here");
    set_int_option(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    CHECK_CONNECTS(WSAConnectByNameA(s, "127.0.0.1", port_text(&name), NULL,
                                     NULL, &remote_length,
                                     (struct sockaddr *)&remote, NULL, NULL));
    CHECK_EQ(remote_length, sizeof(remote));
    CHECK_EQ(remote.sin6_addr.s6_addr[10], 0xff);
    CHECK_EQ(remote.sin6_addr.s6_addr[12], 127);
    close_socket(s);
    close_socket(listener);
}

/* The last error, and the socket can be used again. */
static void a_refusal_is_told(void)
{
    struct sockaddr_in name, dead;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();

    close_socket(tcp_listener(&dead));
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port_text(&dead), NULL,
                                     NULL, NULL, NULL, NULL, NULL),
                   WSAECONNREFUSED);
    CHECK_CONNECTS(WSAConnectByNameA(s, "127.0.0.1", port_text(&name), NULL,
                                     NULL, NULL, NULL, NULL, NULL));
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port_text(&name), NULL,
                                     NULL, NULL, NULL, NULL, NULL),
                   WSAEISCONN);
    check_accepted(listener, s);
    close_socket(s);
    close_socket(listener);
}

static void names_that_are_none(void)
{
    SOCKET s = tcp_socket();

    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", "no-such-service", NULL,
                                     NULL, NULL, NULL, NULL, NULL),
                   WSATYPE_NOT_FOUND);
    EXPECT_REFUSED(WSAConnectByNameA(s, "no host at all", "80", NULL, NULL,
                                     NULL, NULL, NULL, NULL),
                   WSAHOST_NOT_FOUND);
    close_socket(s);
}

static void arguments_are_checked(void)
{
    struct sockaddr_in name, local;
    DWORD length = sizeof(local), shorter = sizeof(local) - 1;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), u = udp_socket();
    struct timeval negative = {-1, 0};
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    const char *port = port_text(&name);
    WSAOVERLAPPED overlapped;
    struct sockaddr *to = (struct sockaddr *)&local;

    EXPECT_REFUSED(WSAConnectByNameA(INVALID_SOCKET, "127.0.0.1", port, NULL,
                                     NULL, NULL, NULL, NULL, NULL),
                   WSAENOTSOCK);
    EXPECT_REFUSED(
        WSAConnectByNameA(s, NULL, port, NULL, NULL, NULL, NULL, NULL, NULL),
        WSAEINVAL);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", NULL, NULL, NULL, NULL,
                                     NULL, NULL, NULL),
                   WSAEINVAL);
    EXPECT_REFUSED(
        WSAConnectByNameW(s, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        WSAEINVAL);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port, &shorter, to, NULL,
                                     NULL, NULL, NULL),
                   WSAEFAULT);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port, NULL, NULL, &shorter,
                                     to, NULL, NULL),
                   WSAEFAULT);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port, NULL, to, NULL, NULL,
                                     NULL, NULL),
                   WSAEFAULT);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port, &length,
                                     (struct sockaddr *)bad, NULL, NULL, NULL,
                                     NULL),
                   WSAEFAULT);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port, NULL, NULL, NULL,
                                     NULL, &negative, NULL),
                   WSAEINVAL);
    EXPECT_REFUSED(WSAConnectByNameA(s, "127.0.0.1", port, NULL, NULL, NULL,
                                     NULL, NULL, &overlapped),
                   WSAEINVAL);
    EXPECT_REFUSED(WSAConnectByNameA(u, "127.0.0.1", port, NULL, NULL, NULL,
                                     NULL, NULL, NULL),
                   WSAEINVAL);
    check_quiet(listener); /* none of them has connected */
    close_socket(s);
    close_socket(u);
    close_socket(listener);
    memory_delete(bad, 1);
}

/* --- By list
 * ------------------------------------------------------------------------ */

static SOCKET_ADDRESS_LIST *list_of(int n, struct sockaddr_in *names)
{
    SOCKET_ADDRESS_LIST *list =
        calloc(1, sizeof(*list) + (size_t)n * sizeof(SOCKET_ADDRESS));
    SOCKET_ADDRESS *addresses = list->Address;
    int i;

    list->iAddressCount = n;
    for (i = 0; i < n; i++)
        addresses[i] =
            (SOCKET_ADDRESS){(struct sockaddr *)&names[i], sizeof(names[i])};
    return list;
}

static void the_first_that_answers_is_taken(void)
{
    struct sockaddr_in names[3], remote;
    DWORD length = sizeof(remote);
    SOCKET listener = tcp_listener(&names[2]), s = tcp_socket();
    SOCKET_ADDRESS_LIST *list;

    close_socket(tcp_listener(&names[0])); /* nobody there any more */
    names[1] = loopback(9);
    names[1].sin_addr.s_addr = 0; /* no address */
    list = list_of(3, names);
    CHECK_CONNECTS(
        call_by_list(s, list, &length, (struct sockaddr *)&remote, NULL, NULL));
    CHECK_EQ(length, sizeof(remote));
    CHECK_EQ(remote.sin_port, names[2].sin_port);
    check_accepted(listener, s);
    close_socket(s);
    close_socket(listener);
    free(list);
}

/* A listener whose queue is full answers nobody. */
static void the_time_can_be_over(void)
{
    enum { MOST = 64 };
    struct sockaddr_in name;
    SOCKET listener = tcp_socket(), clients[MOST], s = tcp_socket();
    struct timeval limit = {0, 200000};
    SOCKET_ADDRESS_LIST *list;
    int64_t before;
    int n, length = sizeof(name);

    name = loopback(0);
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    CHECK_OK(getsockname(listener, (struct sockaddr *)&name, &length));
    for (n = 0; n < MOST; n++) {
        clients[n] = tcp_socket();
        set_nonblocking(clients[n], 1);
        connect(clients[n], (struct sockaddr *)&name, sizeof(name));
        if (!wait_writable(clients[n], 100))
            break;
    }
    CHECK(n < MOST);
    list = list_of(1, &name);
    before = test_clock();
    EXPECT_REFUSED(call_by_list(s, list, NULL, NULL, &limit, NULL),
                   WSAETIMEDOUT);
    CHECK(test_clock() - before >= 190);
    for (; n >= 0; n--)
        close_socket(clients[n]);
    close_socket(listener);
    close_socket(s);
    free(list);
}

static void lists_are_checked(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), u = udp_socket();
    SOCKET_ADDRESS_LIST *list = list_of(1, &name), empty = {0};
    WSAOVERLAPPED overlapped;
    char *bad = memory_new(MEMORY_UNREADABLE, 1);

    EXPECT_REFUSED(call_by_list(INVALID_SOCKET, list, NULL, NULL, NULL, NULL),
                   WSAENOTSOCK);
    EXPECT_REFUSED(call_by_list(s, NULL, NULL, NULL, NULL, NULL), WSAEINVAL);
    EXPECT_REFUSED(call_by_list(s, &empty, NULL, NULL, NULL, NULL), WSAEINVAL);
    EXPECT_REFUSED(call_by_list(s, list, NULL, NULL, NULL, &overlapped),
                   WSAEINVAL);
    EXPECT_REFUSED(call_by_list(u, list, NULL, NULL, NULL, NULL), WSAEINVAL);
    EXPECT_REFUSED(
        call_by_list(s, (SOCKET_ADDRESS_LIST *)bad, NULL, NULL, NULL, NULL),
        WSAEFAULT);
    list->Address[0].lpSockaddr = (struct sockaddr *)bad;
    EXPECT_REFUSED(call_by_list(s, list, NULL, NULL, NULL, NULL), WSAEFAULT);
    check_quiet(listener);
    close_socket(s);
    close_socket(u);
    close_socket(listener);
    memory_delete(bad, 1);
    free(list);
}

static void calls_before_startup(void)
{
    SOCKET_ADDRESS_LIST empty = {0};

    EXPECT_REFUSED(call_by_list(4, &empty, NULL, NULL, NULL, NULL),
                   WSANOTINITIALISED);
    EXPECT_REFUSED(WSAConnectByNameA(4, "127.0.0.1", "80", NULL, NULL, NULL,
                                     NULL, NULL, NULL),
                   WSANOTINITIALISED);
}

static const struct test_case cases[] = {
    TEST_CASE(a_name_connects, "03 5: WSAConnectByName"),
    TEST_CASE(a_wide_name_connects, "03 5: WSAConnectByName"),
    TEST_CASE(it_blocks_in_nonblocking_mode, "WSAConnectByName, remarks"),
    TEST_CASE(a_dual_stack_socket_takes_both, "03 5: v4 targets"),
    TEST_CASE(a_refusal_is_told, "03 5: the error of the last attempt"),
    TEST_CASE(names_that_are_none, "03 5: WSATYPE_NOT_FOUND"),
    TEST_CASE(arguments_are_checked, "03 5: EINVAL, EFAULT"),
    TEST_CASE(the_first_that_answers_is_taken, "WSAConnectByList"),
    TEST_CASE(the_time_can_be_over, "WSAConnectByList: timeout"),
    TEST_CASE(lists_are_checked, "WSAConnectByList: EINVAL"),
    TEST_CASE_WITH(calls_before_startup, "03 1: NOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_END};
TEST_MAIN("connect_by_name", cases, NULL)
