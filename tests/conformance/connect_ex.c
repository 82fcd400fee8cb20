/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ConnectEx and DisconnectEx. */
#include "support/extensions.h"

#include <stdlib.h>

static LPFN_CONNECTEX connect_ex;
static LPFN_DISCONNECTEX disconnect_ex;

static void begin(void)
{
    connect_ex = (LPFN_CONNECTEX)extension((GUID)WSAID_CONNECTEX);
    disconnect_ex = (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
}

static SOCKET bound_socket(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = tcp_socket();

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    return s;
}

static void update_context(SOCKET s)
{
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0));
}

/* A connection made by ConnectEx: its ends. */
static void connect_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = bound_socket();
    OVERLAPPED overlapped;
    DWORD sent;

    overlapped_init(&overlapped);
    CHECK_PENDS(connect_ex(s, (struct sockaddr *)&name, sizeof(name), NULL, 0,
                           &sent, &overlapped));
    CHECK_EQ(overlapped_bytes(s, &overlapped), 0);
    update_context(s);
    *ret_client = s;
    *ret_server = CHECK_SOCKET(accept(listener, NULL, NULL));
    overlapped_free(&overlapped);
    close_socket(listener);
}

/* --- ConnectEx ------------------------------------------------------------ */

static void bad_arguments(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), unbound = tcp_socket(), client;
    SOCKET bound = bound_socket(), server;
    OVERLAPPED overlapped;
    DWORD sent;

    begin();
    overlapped_init(&overlapped);
    CHECK_FAILS(connect_ex(bound, (struct sockaddr *)&name, sizeof(name), NULL,
                           0, &sent, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(connect_ex(INVALID_SOCKET, (struct sockaddr *)&name,
                           sizeof(name), NULL, 0, &sent, &overlapped),
                WSAENOTSOCK);
    CHECK_FAILS(connect_ex(unbound, (struct sockaddr *)&name, sizeof(name),
                           NULL, 0, &sent, &overlapped),
                WSAEINVAL);
    CHECK_FAILS(connect_ex(listener, (struct sockaddr *)&name, sizeof(name),
                           NULL, 0, &sent, &overlapped),
                WSAEINVAL);
    tcp_pair(&client, &server);
    CHECK_FAILS(connect_ex(client, (struct sockaddr *)&name, sizeof(name),
                           NULL, 0, &sent, &overlapped),
                WSAEISCONN);
    close_socket(client);
    close_socket(server);
    overlapped_free(&overlapped);
    close_socket(bound);
    close_socket(unbound);
    close_socket(listener);
}

static void connects(void)
{
    struct sockaddr_in name, peer;
    int length = sizeof(peer);
    SOCKET client, server;

    begin();
    connect_pair(&client, &server);
    name = local_name(server);
    CHECK_OK(getpeername(client, (struct sockaddr *)&peer, &length));
    CHECK_EQ(peer.sin_port, name.sin_port);
    check_passes(client, server, "there");
    check_passes(server, client, "and back");
    CHECK_OK(shutdown(client, SD_SEND));
    check_end(server);
    close_socket(client);
    close_socket(server);
}

/* 04 9: to what needs the context the socket is bound, but not connected. */
static void before_the_context(void)
{
    struct sockaddr_in name, got;
    SOCKET listener = tcp_listener(&name), s = bound_socket(), server;
    int length = sizeof(got);
    OVERLAPPED overlapped;
    DWORD sent;

    begin();
    overlapped_init(&overlapped);
    CHECK_ERROR(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0),
                WSAENOTCONN);
    CHECK_PENDS(connect_ex(s, (struct sockaddr *)&name, sizeof(name), NULL, 0,
                           &sent, &overlapped));
    CHECK_EQ(overlapped_bytes(s, &overlapped), 0);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    EXPECT_ERROR(getpeername(s, (struct sockaddr *)&got, &length), WSAENOTCONN);
    EXPECT_ERROR(shutdown(s, SD_SEND), WSAENOTCONN);
    EXPECT_ERROR(shutdown(s, SD_BOTH), WSAENOTCONN);
    EXPECT_OK(getsockname(s, (struct sockaddr *)&got, &length));
    check_passes(s, server, "there");
    check_passes(server, s, "and back");
    update_context(s);
    EXPECT_OK(getpeername(s, (struct sockaddr *)&got, &length));
    EXPECT_EQ(got.sin_port, name.sin_port);
    EXPECT_OK(shutdown(s, SD_SEND));
    check_end(server);
    close_socket(server);
    close_socket(s);
    overlapped_free(&overlapped);
    close_socket(listener);
}

static void sends_the_first_data(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = bound_socket(), server;
    OVERLAPPED overlapped;
    DWORD sent;

    begin();
    overlapped_init(&overlapped);
    CHECK_PENDS(connect_ex(s, (struct sockaddr *)&name, sizeof(name),
                           (void *)"one", 3, &sent, &overlapped));
    CHECK_EQ(overlapped_bytes(s, &overlapped), 3);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_receives(server, "one");
    check_passes(s, server, "two");
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)), WSAEINVAL);
    update_context(s);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)), WSAEISCONN);
    close_socket(server);
    close_socket(s);
    overlapped_free(&overlapped);
    close_socket(listener);
}

/* Pends even where the kernel knows at once; the SOCKET can connect again. */
static void a_refused_connection(void)
{
    struct sockaddr_in nobody, name;
    SOCKET bound = bound_socket(), listener = tcp_listener(&name), server;
    SOCKET s = bound_socket();
    OVERLAPPED overlapped;
    DWORD sent;

    begin();
    nobody = local_name(bound);
    overlapped_init(&overlapped);
    CHECK_FAILS(connect_ex(s, (struct sockaddr *)&nobody, sizeof(nobody),
                           NULL, 0, &sent, &overlapped),
                WSA_IO_PENDING);
    check_overlapped_fails(s, &overlapped, WSAECONNREFUSED);
    CHECK_EQ(overlapped_status(&overlapped), 0xC0000236);
    CHECK_PENDS(connect_ex(s, (struct sockaddr *)&name, sizeof(name), NULL, 0,
                           &sent, &overlapped));
    CHECK_EQ(overlapped_bytes(s, &overlapped), 0);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(server, s, "the second time");
    close_socket(server);
    close_socket(s);
    close_socket(bound);
    close_socket(listener);
    overlapped_free(&overlapped);
}

/* More than the kernel takes at once. */
static void much_first_data(void)
{
    enum { SIZE = 4 * 1024 * 1024 };
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = bound_socket(), server;
    char *data = malloc(SIZE), *back = malloc(SIZE);
    OVERLAPPED overlapped;
    DWORD sent;
    int i;

    begin();
    for (i = 0; i < SIZE; i++)
        data[i] = (char)(i * 7 + (i >> 9));
    overlapped_init(&overlapped);
    CHECK_PENDS(connect_ex(s, (struct sockaddr *)&name, sizeof(name), data,
                           SIZE, &sent, &overlapped));
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    receive_all(server, back, SIZE);
    CHECK(memcmp(data, back, SIZE) == 0);
    CHECK_EQ(overlapped_bytes(s, &overlapped), SIZE);
    close_socket(server);
    close_socket(s);
    close_socket(listener);
    overlapped_free(&overlapped);
    free(data);
    free(back);
}

/* --- DisconnectEx --------------------------------------------------------- */

static void bad_disconnects(void)
{
    SOCKET s = tcp_socket(), client, server;

    begin();
    CHECK_FAILS(disconnect_ex(INVALID_SOCKET, NULL, 0, 0), WSAENOTSOCK);
    CHECK_FAILS(disconnect_ex(s, NULL, 0, 0), WSAENOTCONN);
    tcp_pair(&client, &server);
    CHECK_FAILS(disconnect_ex(client, NULL, 0, 1), WSAEINVAL);
    close_socket(client);
    close_socket(server);
    close_socket(s);
}

static void disconnects(void)
{
    SOCKET client, server;
    OVERLAPPED overlapped;

    begin();
    connect_pair(&client, &server);
    overlapped_init(&overlapped);
    CHECK_PENDS(disconnect_ex(client, &overlapped, 0, 0));
    CHECK_EQ(overlapped_bytes(client, &overlapped), 0);
    check_end(server);
    CHECK_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    check_passes(server, client, "can be received");
    close_socket(client);
    close_socket(server);
    overlapped_free(&overlapped);
}

static void disconnects_while_it_waits(void)
{
    SOCKET client, server;

    begin();
    connect_pair(&client, &server);
    CHECK(disconnect_ex(client, NULL, 0, 0));
    check_end(server);
    close_socket(client);
    close_socket(server);
}

/* The SOCKET connects a second time, to another place, with the same local
   address. */
static void reuse_after_ConnectEx(void)
{
    struct sockaddr_in name;
    SOCKET client, server, second, listener = tcp_listener(&name);
    struct sockaddr_in before;
    OVERLAPPED overlapped;
    DWORD sent;
    int i;

    begin();
    connect_pair(&client, &server);
    before = local_name(client);
    overlapped_init(&overlapped);
    for (i = 0; i < 3; i++) {
        CHECK_PENDS(disconnect_ex(client, &overlapped, TF_REUSE_SOCKET, 0));
        CHECK_EQ(overlapped_bytes(client, &overlapped), 0);
        check_end(server);
        close_socket(server);
        CHECK_PENDS(connect_ex(client, (struct sockaddr *)&name, sizeof(name),
                               (void *)"again", 5, &sent, &overlapped));
        CHECK_EQ(overlapped_bytes(client, &overlapped), 5);
        update_context(client);
        second = CHECK_SOCKET(accept(listener, NULL, NULL));
        check_receives(second, "again");
        check_passes(second, client, "answer");
        CHECK_EQ(local_name(client).sin_addr.s_addr, before.sin_addr.s_addr);
        server = second;
        close_socket(listener);
        listener = tcp_listener(&name);
    }
    close_socket(server);
    close_socket(client);
    close_socket(listener);
    overlapped_free(&overlapped);
}

/* A pool of accepting SOCKETs, as servers have them. */
static void reuse_after_AcceptEx(void)
{
    LPFN_ACCEPTEX accept_ex =
        (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    const DWORD block = sizeof(struct sockaddr_in) + 16;
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), client;
    OVERLAPPED overlapped;
    char buffer[128];
    DWORD received;
    int i;

    begin();
    overlapped_init(&overlapped);
    for (i = 0; i < 20; i++) {
        CHECK_PENDS(accept_ex(listener, s, buffer, 0, block, block, &received,
                              &overlapped));
        client = tcp_connect(&name);
        CHECK_EQ(overlapped_bytes(listener, &overlapped), 0);
        check_passes(client, s, "question");
        check_passes(s, client, "answer");
        CHECK(disconnect_ex(s, NULL, TF_REUSE_SOCKET, 0));
        check_end(client);
        close_socket(client);
    }
    close_socket(s);
    close_socket(listener);
    overlapped_free(&overlapped);
}

static const struct test_case cases[] = {
    TEST_CASE(bad_arguments, "04 9: the table of errors"),
    TEST_CASE(connects, "04 9: a connection, SO_UPDATE_CONNECT_CONTEXT"),
    TEST_CASE(before_the_context, "04 9: what needs SO_UPDATE_CONNECT_CONTEXT"),
    TEST_CASE(sends_the_first_data, "04 9: bytes are what was sent"),
    TEST_CASE(a_refused_connection, "04 9: told at the end"),
    TEST_CASE(much_first_data, "04 9: all of it is sent"),
    TEST_CASE(bad_disconnects, "04 10: errors"),
    TEST_CASE(disconnects, "04 10: send ends, receiving goes on"),
    TEST_CASE(disconnects_while_it_waits, "04 10: without an OVERLAPPED"),
    TEST_CASE(reuse_after_ConnectEx, "04 10: TF_REUSE_SOCKET"),
    TEST_CASE(reuse_after_AcceptEx, "04 10: TF_REUSE_SOCKET"),
    TEST_END
};

TEST_MAIN("connect_ex", cases, NULL)
