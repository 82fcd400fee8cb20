/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls that make connections, tell their ends, and end them.
 */
#include "support/sockets.h"

/* --- connect (03 5) ------------------------------------------------------- */

static unsigned free_port(void)
{
    struct sockaddr_in name;

    close_socket(tcp_listener(&name));
    return ntohs(name.sin_port);
}

static void a_refused_connect_can_be_tried_again(void)
{
    struct sockaddr_in nobody = loopback(free_port()), name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();

    CHECK_ERROR(connect(s, (struct sockaddr *)&nobody, sizeof(nobody)),
                WSAECONNREFUSED);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEISCONN);
    close_socket(s);
    close_socket(listener);
}

static void a_listener_does_not_connect(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name);

    CHECK_ERROR(connect(listener, (struct sockaddr *)&name, sizeof(name)),
                WSAEINVAL);
    close_socket(listener);
}

static void a_nonblocking_connect_tells_its_state(void)
{
    struct sockaddr_in name, peer;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    int length = sizeof(peer), error;

    set_nonblocking(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK(wait_writable(s, test_timeout(5000)));
    WSASetLastError(0);
    CHECK_EQ(connect(s, (struct sockaddr *)&name, sizeof(name)), SOCKET_ERROR);
    error = WSAGetLastError();
    CHECK_EQ(error, WSAEISCONN);
    CHECK_OK(getpeername(s, (struct sockaddr *)&peer, &length));
    CHECK_EQ(peer.sin_port, name.sin_port);
    close_socket(s);
    close_socket(listener);
}

static void a_failed_nonblocking_connect_stays_visible(void)
{
    struct sockaddr_in nobody = loopback(free_port()), name;
    struct timeval wait = {test_timeout(5000) / 1000, 0}, now = {0, 0};
    SOCKET listener, s = tcp_socket();
    fd_set bad, writable;
    int i;

    set_nonblocking(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&nobody, sizeof(nobody)),
                WSAEWOULDBLOCK);
    FD_ZERO(&bad);
    FD_SET(s, &bad);
    CHECK_EQ(select(0, NULL, NULL, &bad, &wait), 1);
    for (i = 0; i < 2; i++) {
        CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), WSAECONNREFUSED);
        FD_ZERO(&bad);
        FD_SET(s, &bad);
        FD_ZERO(&writable);
        FD_SET(s, &writable);
        CHECK_EQ(select(0, NULL, &writable, &bad, &now), 1);
        CHECK(FD_ISSET(s, &bad));
        CHECK(!FD_ISSET(s, &writable));
    }
    listener = tcp_listener(&name);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK(wait_writable(s, test_timeout(5000)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    close_socket(s);
    close_socket(listener);
}

static void there_is_no_connecting_to_nowhere(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = tcp_socket();

    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRNOTAVAIL);
    name.sin_port = htons(80);
    name.sin_addr.s_addr = INADDR_ANY;
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRNOTAVAIL);
    close_socket(s);
}

/* libuv's udp_connect and udp_connect6. */
static void no_peer_is_nowhere(void)
{
    struct sockaddr_in name = loopback(9), to;
    struct sockaddr_in6 name6 = {.sin6_family = AF_INET6,
                                 .sin6_port = htons(9)};
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    SOCKET s = udp_socket(), receiver = udp_bound(&to), s6;
    int length = sizeof(name);

    name.sin_addr.s_addr = INADDR_ANY;
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRNOTAVAIL);
    name = loopback(0);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRNOTAVAIL);
    /* The peer is what it was. */
    CHECK_OK(connect(s, (struct sockaddr *)&to, sizeof(to)));
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRNOTAVAIL);
    CHECK_OK(getpeername(s, (struct sockaddr *)&name, &length));
    CHECK_EQ(name.sin_port, to.sin_port);
    close_socket(s);
    close_socket(receiver);

    s6 = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, 0));
    CHECK_ERROR(connect(s6, (struct sockaddr *)&name6, sizeof(name6)),
                WSAEADDRNOTAVAIL);
    name6.sin6_addr = in6addr_loopback;
    CHECK_OK(connect(s6, (struct sockaddr *)&name6, sizeof(name6)));
    /* No family needs no more room than a sockaddr. */
    CHECK_OK(connect(s6, &none, sizeof(none)));
    length = sizeof(name6);
    CHECK_ERROR(getpeername(s6, (struct sockaddr *)&name6, &length),
                WSAENOTCONN);
    CHECK_ERROR(connect(s6, &none, 2), WSAEFAULT);
    close_socket(s6);
}

static void a_datagram_connect_filters_and_dissolves(void)
{
    struct sockaddr_in a_name, b_name, none;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name), c = udp_bound(NULL);
    char buffer[8];

    CHECK_OK(connect(a, (struct sockaddr *)&b_name, sizeof(b_name)));
    CHECK_RESULT(sendto(c, "c", 1, 0, (struct sockaddr *)&a_name,
                        sizeof(a_name)),
                 1);
    CHECK_RESULT(sendto(b, "b", 1, 0, (struct sockaddr *)&a_name,
                        sizeof(a_name)),
                 1);
    CHECK_RESULT(recv(a, buffer, sizeof(buffer), 0), 1);
    CHECK_EQ(buffer[0], 'b');
    memset(&none, 0, sizeof(none));
    none.sin_family = AF_INET;
    CHECK_OK(connect(a, (struct sockaddr *)&none, sizeof(none)));
    CHECK_ERROR(send(a, "x", 1, 0), WSAENOTCONN);
    close_socket(a);
    close_socket(b);
    close_socket(c);
}

/* --- accept (03 6) -------------------------------------------------------- */

static void accept_tells_the_peer(void)
{
    struct sockaddr_in name, peer, client_name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;
    int length = sizeof(peer);

    server = CHECK_SOCKET(accept(listener, (struct sockaddr *)&peer, &length));
    client_name = local_name(client);
    CHECK_EQ(length, sizeof(peer));
    CHECK_EQ(peer.sin_family, AF_INET);
    CHECK_EQ(peer.sin_port, client_name.sin_port);
    close_socket(server);
    close_socket(client);
    close_socket(listener);
}

static void an_empty_nonblocking_accept_would_block(void)
{
    SOCKET listener = tcp_listener(NULL);

    set_nonblocking(listener, 1);
    CHECK_ERROR(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    close_socket(listener);
}

static void accept_inherits_options(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, server;

    set_int_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_int_option(listener, SOL_SOCKET, SO_RCVTIMEO, 1234);
    set_int_option(listener, SOL_SOCKET, SO_SNDTIMEO, 2345);
    set_int_option(listener, SOL_SOCKET, SO_OOBINLINE, 1);
    set_int_option(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    client = tcp_connect(&name);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_KEEPALIVE), 1);
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_RCVTIMEO), 1234);
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_SNDTIMEO), 2345);
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_OOBINLINE), 1);
    CHECK_EQ(get_int_option(server, IPPROTO_TCP, TCP_NODELAY), 1);
    close_socket(server);
    close_socket(client);
    close_socket(listener);
}

static void accept_inherits_nonblocking_mode(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, server;

    set_nonblocking(listener, 1);
    client = tcp_connect(&name);
    CHECK(wait_readable(listener, test_timeout(5000)));
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK(is_nonblocking(server));
    close_socket(server);
    close_socket(client);
    close_socket(listener);
}

static int CALLBACK reject(WSABUF *caller, WSABUF *data, QOS *sqos, QOS *gqos,
                           WSABUF *callee, WSABUF *callee_data, GROUP *group,
                           DWORD_PTR context)
{
    (void)data, (void)sqos, (void)gqos, (void)callee_data, (void)group;
    CHECK(caller != NULL && caller->len >= sizeof(struct sockaddr_in));
    CHECK(callee != NULL && callee->len >= sizeof(struct sockaddr_in));
    return (int)context;
}

static void the_condition_function_decides(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;

    server = CHECK_SOCKET(WSAAccept(listener, NULL, NULL, reject, CF_ACCEPT));
    check_passes(client, server, "accepted");
    close_socket(server);
    close_socket(client);
    client = tcp_connect(&name);
    CHECK_ERROR(WSAAccept(listener, NULL, NULL, reject, CF_REJECT),
                WSAECONNREFUSED);
    close_socket(client);
    close_socket(listener);
}

/* --- Names, shutdown, close (03 9, 14) ------------------------------------ */

static void names_follow_the_state(void)
{
    struct sockaddr_in name;
    SOCKET s = tcp_socket(), client, server;
    int length = sizeof(name);

    CHECK_ERROR(getsockname(s, (struct sockaddr *)&name, &length), WSAEINVAL);
    CHECK_ERROR(getpeername(s, (struct sockaddr *)&name, &length),
                WSAENOTCONN);
    length = 0; /* the state comes first */
    CHECK_ERROR(getpeername(s, NULL, &length), WSAENOTCONN);
    close_socket(s);

    tcp_pair(&client, &server);
    CHECK_OK(shutdown(client, SD_BOTH));
    CHECK_OK(shutdown(server, SD_BOTH));
    length = sizeof(name);
    CHECK_OK(getpeername(client, (struct sockaddr *)&name, &length));
    CHECK_EQ(name.sin_port, local_name(server).sin_port);
    CHECK_OK(getsockname(client, (struct sockaddr *)&name, &length));
    close_socket(client);
    close_socket(server);
}

static void shutdown_follows_the_state(void)
{
    struct sockaddr_in name;
    SOCKET s = tcp_socket(), u = udp_socket(), listener = tcp_listener(NULL);
    SOCKET client, server;
    char byte;

    CHECK_ERROR(shutdown(s, SD_SEND), WSAENOTCONN);
    CHECK_ERROR(shutdown(listener, SD_BOTH), WSAENOTCONN);
    CHECK_OK(shutdown(u, SD_SEND));
    name = loopback(9);
    CHECK_ERROR(sendto(u, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                WSAESHUTDOWN);
    CHECK_OK(shutdown(u, SD_RECEIVE));
    CHECK_ERROR(recv(u, &byte, 1, 0), WSAESHUTDOWN);

    tcp_pair(&client, &server);
    CHECK_OK(shutdown(client, SD_SEND));
    CHECK_OK(shutdown(client, SD_SEND));
    CHECK_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    check_end(server);
    check_passes(server, client, "the other way works");
    CHECK_OK(shutdown(client, SD_RECEIVE));
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_RESULT(send(server, "x", 1, 0), 1);
    close_socket(client);
    close_socket(server);
    close_socket(s);
    close_socket(u);
    close_socket(listener);
}

static void linger_zero_resets(void)
{
    SOCKET client, server;
    char byte;

    tcp_pair(&client, &server);
    set_linger(client, 0);
    close_socket(client);
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAECONNRESET);
    close_socket(server);
}

static void ipv6_works(void)
{
    SOCKET listener, client, server;
    struct sockaddr_in6 name;
    int length = sizeof(name);

    listener = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0));
    memset(&name, 0, sizeof(name));
    name.sin6_family = AF_INET6;
    name.sin6_addr.s6_addr[15] = 1;
    if (bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0) {
        close_socket(listener);
        SKIP("no IPv6 here");
    }
    CHECK_OK(listen(listener, 1));
    CHECK_OK(getsockname(listener, (struct sockaddr *)&name, &length));
    CHECK_EQ(length, sizeof(name));
    CHECK_EQ(name.sin6_family, AF_INET6);
    client = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0));
    CHECK_OK(connect(client, (struct sockaddr *)&name, sizeof(name)));
    length = sizeof(name);
    server = CHECK_SOCKET(accept(listener, (struct sockaddr *)&name, &length));
    CHECK_EQ(name.sin6_family, AF_INET6);
    check_passes(client, server, "over IPv6");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static const struct test_case cases[] = {
    TEST_CASE(a_refused_connect_can_be_tried_again, "03 5: after a failure"),
    TEST_CASE(a_listener_does_not_connect, "03 5: on a listener"),
    TEST_CASE(a_nonblocking_connect_tells_its_state, "03 5: EWOULDBLOCK"),
    TEST_CASE(a_failed_nonblocking_connect_stays_visible, "03 5: SO_ERROR"),
    TEST_CASE(there_is_no_connecting_to_nowhere, "03 5: EADDRNOTAVAIL"),
    TEST_CASE(no_peer_is_nowhere, "03 5: UDP connect, EADDRNOTAVAIL"),
    TEST_CASE(a_datagram_connect_filters_and_dissolves, "03 5: UDP connect"),
    TEST_CASE(accept_tells_the_peer, "03 6: the peer's name"),
    TEST_CASE(an_empty_nonblocking_accept_would_block, "03 6: EWOULDBLOCK"),
    TEST_CASE(accept_inherits_options, "03 6: inherited options"),
    TEST_CASE(accept_inherits_nonblocking_mode, "03 6: inherited mode"),
    TEST_CASE(the_condition_function_decides, "03 6: condition function"),
    TEST_CASE(names_follow_the_state, "03 14: getsockname, getpeername"),
    TEST_CASE(shutdown_follows_the_state, "03 9: shutdown"),
    TEST_CASE(linger_zero_resets, "03 9: SO_LINGER 0; 03 8: after a reset"),
    TEST_CASE(ipv6_works, "03 2: AF_INET6"),
    TEST_END
};
TEST_MAIN("connection_calls", cases, NULL)
