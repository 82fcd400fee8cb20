/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AcceptEx and GetAcceptExSockaddrs. */
#include "support/accepting.h"

#include <stdlib.h>

#define BLOCK ACCEPT_BLOCK

static LPFN_GETACCEPTEXSOCKADDRS get_sockaddrs;

static SOCKET begin(struct sockaddr_in *name)
{
    get_sockaddrs = (LPFN_GETACCEPTEXSOCKADDRS)extension(
        (GUID)WSAID_GETACCEPTEXSOCKADDRS);
    return accept_listener(name);
}

static void check_same_name(const struct sockaddr *one,
                            const struct sockaddr_in *two)
{
    const struct sockaddr_in *name = (const struct sockaddr_in *)one;

    CHECK_EQ(name->sin_family, two->sin_family);
    CHECK_EQ(name->sin_port, two->sin_port);
    CHECK_EQ(name->sin_addr.s_addr, two->sin_addr.s_addr);
}

/* --- Cases ---------------------------------------------------------------- */

static void bad_arguments(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), socket = tcp_socket();
    SOCKET unbound = tcp_socket(), datagram = udp_socket(), client, server;
    OVERLAPPED overlapped;
    char buffer[256];
    DWORD n;

    overlapped_init(&overlapped);
    CHECK_FAILS(accept_ex(listener, socket, buffer, 0, BLOCK, BLOCK, &n, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(accept_ex(INVALID_SOCKET, socket, buffer, 0, BLOCK, BLOCK, &n,
                          &overlapped),
                WSAENOTSOCK);
    CHECK_FAILS(accept_ex(unbound, socket, buffer, 0, BLOCK, BLOCK, &n,
                          &overlapped),
                WSAEINVAL);
    CHECK_FAILS(accept_ex(listener, INVALID_SOCKET, buffer, 0, BLOCK, BLOCK,
                          &n, &overlapped),
                WSAENOTSOCK);
    CHECK_FAILS(accept_ex(listener, socket, NULL, 0, BLOCK, BLOCK, &n,
                          &overlapped),
                WSAEFAULT);
    CHECK_FAILS(accept_ex(listener, socket, buffer, 0, BLOCK, 0, &n,
                          &overlapped),
                WSAEFAULT);
    CHECK_FAILS(accept_ex(listener, datagram, buffer, 0, BLOCK, BLOCK, &n,
                          &overlapped),
                WSAEINVAL);
    CHECK_FAILS(accept_ex(listener, listener, buffer, 0, BLOCK, BLOCK, &n,
                          &overlapped),
                WSAEINVAL);
    tcp_pair(&client, &server);
    CHECK_FAILS(accept_ex(listener, client, buffer, 0, BLOCK, BLOCK, &n,
                          &overlapped),
                WSAEINVAL);
    close_sockets(client, server);
    overlapped_free(&overlapped);
    close_sockets(unbound, datagram, socket, listener);
}

static void accepts_a_connection(void)
{
    struct sockaddr_in name, client_name;
    SOCKET listener = begin(&name), client;
    struct accept accept;
    struct sockaddr *local = NULL, *remote = NULL;
    INT local_length = 0, remote_length = 0;
    int length = sizeof(client_name);

    accept_start(&accept, listener, 0);
    CHECK(!overlapped_is_over(&accept.overlapped));
    client = accept_connect(&accept, &name);
    client_name = local_name(client);
    get_sockaddrs(accept.buffer, 0, BLOCK, BLOCK, &local, &local_length,
                  &remote, &remote_length);
    CHECK_EQ(local_length, sizeof(name));
    CHECK_EQ(remote_length, sizeof(name));
    check_same_name(local, &name);
    check_same_name(remote, &client_name);
    check_passes(client, accept.socket, "to the server");
    check_passes(accept.socket, client, "to the client");
    update_context(&accept);
    CHECK_OK(getpeername(accept.socket, (struct sockaddr *)&name, &length));
    check_same_name((struct sockaddr *)&name, &client_name);
    close_socket(client);
    check_end(accept.socket);
    accept_end(&accept);
    close_socket(listener);
}

static void a_waiting_connection_is_taken(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client = tcp_connect(&name);
    struct accept accept;

    CHECK(wait_readable(listener, 5000));
    accept_start(&accept, listener, 0);
    CHECK_EQ(accept_bytes(&accept), 0);
    CHECK(!wait_readable(listener, 0));
    check_passes(client, accept.socket, "text");
    accept_end_all(&accept, client);
}

static DWORD connect_time(SOCKET s)
{
    return (DWORD)get_int_option(s, SOL_SOCKET, SO_CONNECT_TIME);
}

static void waits_for_data(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept;

    accept_start(&accept, listener, 16);
    CHECK_EQ(connect_time(accept.socket), 0xffffffff);
    client = tcp_connect(&name);
    check_pends(&accept.overlapped);
    CHECK(connect_time(accept.socket) < 60);
    send_all(client, "first data", 10);
    CHECK_EQ(accept_bytes(&accept), 10);
    CHECK(memcmp(accept.buffer, "first data", 10) == 0);
    check_passes(client, accept.socket, "more");
    accept_end_all(&accept, client);
}

static void data_beyond_the_buffer_stays(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept;

    accept_start(&accept, listener, 4);
    client = tcp_connect(&name);
    send_all(client, "12345678", 8);
    CHECK_EQ(accept_bytes(&accept), 4);
    CHECK(memcmp(accept.buffer, "1234", 4) == 0);
    check_receives(accept.socket, "5678");
    accept_end_all(&accept, client);
}

static void disconnect_without_data(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept;

    accept_start(&accept, listener, 16);
    client = tcp_connect(&name);
    close_socket(client);
    CHECK_EQ(accept_bytes(&accept), 0);
    check_end(accept.socket);
    accept_end(&accept);
    close_socket(listener);
}

/* Connections go to the operations in the order in which these began. */
static void order_without_data(void)
{
    enum { N = 8 };
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client[N];
    struct accept accept[N];
    int i;

    for (i = 0; i < N; i++)
        accept_start(&accept[i], listener, 0);
    for (i = 0; i < N; i++) {
        client[i] = tcp_connect(&name);
        CHECK_EQ(accept_bytes(&accept[i]), 0);
        if (i + 1 < N)
            CHECK(!overlapped_is_over(&accept[i + 1].overlapped));
    }
    for (i = 0; i < N; i++) {
        check_passes(client[i], accept[i].socket, "mine");
        accept_end(&accept[i]);
        close_socket(client[i]);
    }
    close_socket(listener);
}

/* One that waits for data holds no other up. */
static void data_in_another_order(void)
{
    enum { N = 8 };
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client[N];
    struct accept accept[N];
    int i;

    for (i = 0; i < N; i++)
        accept_start(&accept[i], listener, 16);
    for (i = 0; i < N; i++)
        client[i] = tcp_connect(&name);
    for (i = N - 1; i >= 0; i--) {
        send_all(client[i], &"01234567"[i], 1);
        CHECK_EQ(accept_bytes(&accept[i]), 1);
        CHECK_EQ(accept[i].buffer[0], '0' + i);
    }
    for (i = 0; i < N; i++) {
        accept_end(&accept[i]);
        close_socket(client[i]);
    }
    close_socket(listener);
}

static void closing_the_accepting_socket_cancels(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept, other;

    accept_start(&accept, listener, 0);
    accept_start(&other, listener, 16);
    close_socket(accept.socket);
    check_overlapped_fails(listener, &accept.overlapped,
                           WSA_OPERATION_ABORTED);
    client = tcp_connect(&name);
    check_pends(&other.overlapped);
    close_socket(other.socket);
    check_overlapped_fails(listener, &other.overlapped, WSA_OPERATION_ABORTED);
    overlapped_free(&accept.overlapped);
    overlapped_free(&other.overlapped);
    close_sockets(client, listener);
}

static void closing_the_listener_cancels(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept with_data, without;

    accept_start(&with_data, listener, 16);
    client = tcp_connect(&name);
    check_pends(&with_data.overlapped);
    accept_start(&without, listener, 0);
    close_socket(listener);
    event_wait(without.overlapped.hEvent);
    event_wait(with_data.overlapped.hEvent);
    /* STATUS_CANCELLED; there is no socket to ask through. */
    CHECK_EQ(overlapped_status(&without.overlapped), 0xC0000120);
    CHECK_EQ(overlapped_status(&with_data.overlapped), 0xC0000120);
    accept_end(&with_data);
    accept_end(&without);
    close_socket(client);
}

/* Told when a connection comes, which is the next accept's. */
static void blocks_that_are_too_small(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), socket = tcp_socket(), client, server;
    OVERLAPPED overlapped;
    char buffer[256];
    DWORD n;

    overlapped_init(&overlapped);
    CHECK_PENDS(accept_ex(listener, socket, buffer, 0, 1, BLOCK, &n,
                          &overlapped));
    check_pends(&overlapped);
    client = tcp_connect(&name);
    check_overlapped_fails(listener, &overlapped, WSAEFAULT);
    CHECK_EQ(overlapped_status(&overlapped), 0xC0000023); /* BUFFER_TOO_SMALL */
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, server, "still there");
    close_sockets(client, server, socket);
    overlapped_free(&overlapped);
    close_socket(listener);
}

static void no_local_address(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), socket = tcp_socket(), client;
    struct sockaddr *local = (struct sockaddr *)&name, *remote = NULL;
    INT local_length = 77, remote_length = 0;
    OVERLAPPED overlapped;
    char buffer[256];
    DWORD n;

    overlapped_init(&overlapped);
    CHECK_PENDS(accept_ex(listener, socket, buffer, 0, 0, BLOCK, &n,
                          &overlapped));
    client = tcp_connect(&name);
    CHECK_EQ(overlapped_bytes(listener, &overlapped), 0);
    get_sockaddrs(buffer, 0, 0, BLOCK, &local, &local_length, &remote,
                  &remote_length);
    CHECK(local == (struct sockaddr *)&name && local_length == 77);
    CHECK_EQ(remote_length, sizeof(name));
    close_sockets(client, socket);
    overlapped_free(&overlapped);
    close_socket(listener);
}

static void the_accepting_socket_is_in_use(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    OVERLAPPED overlapped;
    struct accept accept;
    char buffer[256];
    DWORD n;

    overlapped_init(&overlapped);
    accept_start(&accept, listener, 0);
    CHECK_FAILS(accept_ex(listener, accept.socket, buffer, 0, BLOCK, BLOCK,
                          &n, &overlapped),
                WSAEINVAL);
    CHECK_ERROR(connect(accept.socket, (struct sockaddr *)&name, sizeof(name)),
                WSAEINVAL);
    check_pends(&accept.overlapped);
    client = accept_connect(&accept, &name);
    check_passes(client, accept.socket, "accepted");
    accept_end(&accept);
    overlapped_free(&overlapped);
    close_sockets(client, listener);
}

/* What the SOCKET was set to before stays. */
static void the_mode_stays(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), socket = tcp_socket(), client;
    struct accept accept;

    set_nonblocking(socket, 1);
    accept_start_with(&accept, listener, socket, 0);
    client = accept_connect(&accept, &name);
    CHECK(is_nonblocking(socket));
    accept_end_all(&accept, client);
}

/* Only what sends, receives and closes works without the context: to the rest
   the socket is neither bound nor connected. */
static void before_the_context(void)
{
    struct sockaddr_in name, got;
    SOCKET listener = begin(&name), client;
    struct accept accept;
    int length = sizeof(got), on = 1;

    accept_start(&accept, listener, 0);
    CHECK_ERROR(setsockopt(accept.socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                           (char *)&listener, sizeof(listener)), WSAENOTCONN);
    client = accept_connect(&accept, &name);
    EXPECT_ERROR(getpeername(accept.socket, (struct sockaddr *)&got, &length),
                 WSAENOTCONN);
    EXPECT_ERROR(getsockname(accept.socket, (struct sockaddr *)&got, &length),
                 WSAEINVAL);
    EXPECT_ERROR(shutdown(accept.socket, SD_BOTH), WSAENOTCONN);
    EXPECT_ERROR(shutdown(accept.socket, SD_RECEIVE), WSAENOTCONN);
    check_passes(client, accept.socket, "to the server");
    check_passes(accept.socket, client, "to the client");

    EXPECT_ERROR(setsockopt(accept.socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                            (char *)&on, sizeof(on)), WSAEFAULT);
    EXPECT_ERROR(setsockopt(accept.socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                            (char *)&(SOCKET){INVALID_SOCKET},
                            sizeof(SOCKET)), WSAENOTSOCK);
    EXPECT_ERROR(getpeername(accept.socket, (struct sockaddr *)&got, &length),
                 WSAENOTCONN);
    update_context(&accept);
    EXPECT_OK(getpeername(accept.socket, (struct sockaddr *)&got, &length));
    EXPECT_OK(getsockname(accept.socket, (struct sockaddr *)&got, &length));
    check_same_name((struct sockaddr *)&got, &name);
    EXPECT_OK(shutdown(accept.socket, SD_BOTH));
    check_end(client);
    accept_end_all(&accept, client);
}

/* 04 8: shutdown of sending is one of the few that need no context. */
static void sending_can_be_shut_before_the_context(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept;

    accept_start(&accept, listener, 0);
    client = accept_connect(&accept, &name);
    CHECK_OK(shutdown(accept.socket, SD_SEND));
    check_end(client);
    accept_end_all(&accept, client);
}

/* The listener's options come with it: those that a socket has to have, a time
   limit, and one that is only kept. */
static void the_context_s_properties(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept;

    set_int_option(listener, SOL_SOCKET, SO_RCVTIMEO, 4321);
    set_int_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_int_option(listener, SOL_SOCKET, SO_DEBUG, 1);
    set_int_option(listener, IPPROTO_TCP, TCP_MAXRT, 77);
    accept_start(&accept, listener, 0);
    set_int_option(accept.socket, SOL_SOCKET, SO_RCVTIMEO, 99);
    client = accept_connect(&accept, &name);
    EXPECT_EQ(get_int_option(accept.socket, SOL_SOCKET, SO_RCVTIMEO), 99);
    update_context(&accept);
    EXPECT_EQ(get_int_option(accept.socket, SOL_SOCKET, SO_RCVTIMEO), 4321);
    EXPECT_EQ(get_int_option(accept.socket, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(get_int_option(accept.socket, SOL_SOCKET, SO_DEBUG), 1);
    EXPECT_EQ(get_int_option(accept.socket, IPPROTO_TCP, TCP_MAXRT), 77);
    EXPECT_EQ(is_nonblocking(accept.socket), 0);
    accept_end_all(&accept, client);
}

static void the_accepted_socket_can_be_shared(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client, duplicate;
    struct accept accept;

    accept_start(&accept, listener, 0);
    client = accept_connect(&accept, &name);
    update_context(&accept);
    duplicate = duplicate_here(accept.socket);
    check_passes(client, duplicate, "by the duplicate");
    accept_end(&accept);
    check_passes(duplicate, client, "still open");
    close_socket(duplicate);
    check_end(client);
    close_sockets(client, listener);
}

/* Overlapped calls on what was accepted. */
static void overlapped_receive_on_it(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    OVERLAPPED overlapped;
    struct accept accept;
    char buffer[8];
    WSABUF data = {sizeof(buffer), buffer};
    DWORD flags = 0;

    accept_start(&accept, listener, 0);
    client = accept_connect(&accept, &name);
    overlapped_init(&overlapped);
    CHECK_ERROR(WSARecv(accept.socket, &data, 1, NULL, &flags, &overlapped,
                        NULL),
                WSA_IO_PENDING);
    send_all(client, "abc", 3);
    CHECK_EQ(overlapped_bytes(accept.socket, &overlapped), 3);
    overlapped_free(&overlapped);
    accept_end_all(&accept, client);
}

/* An event registration does not see what AcceptEx takes. */
static void events_do_not_see_it(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client, other;
    WSAEVENT event = event_create();
    struct accept accept;

    accept_start(&accept, listener, 0);
    CHECK_OK(WSAEventSelect(listener, event, FD_ACCEPT));
    client = accept_connect(&accept, &name);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    other = tcp_connect(&name);
    event_wait(event);
    close_socket(other);
    accept_end_all(&accept, client);
    CHECK(WSACloseEvent(event));
}

static void again_and_again(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client;
    struct accept accept;
    int i;

    for (i = 0; i < 100; i++) {
        accept_start(&accept, listener, i & 1 ? 8 : 0);
        client = tcp_connect(&name);
        if (i & 1)
            send_all(client, "data", 4);
        CHECK_EQ(accept_bytes(&accept), i & 1 ? 4 : 0);
        check_passes(accept.socket, client, "answer");
        close_socket(client);
        accept_end(&accept);
    }
    close_socket(listener);
}

static const struct test_case cases[] = {
    TEST_CASE(bad_arguments, "04 8: the table of errors"),
    TEST_CASE(accepts_a_connection, "04 8: without data; addresses, context"),
    TEST_CASE(a_waiting_connection_is_taken, "04 8: one that came before"),
    TEST_CASE(waits_for_data, "04 8: completes on the first data; "
                              "SO_CONNECT_TIME tells of an idle one"),
    TEST_CASE(data_beyond_the_buffer_stays, "04 8: at most so much"),
    TEST_CASE(disconnect_without_data, "04 8: success with 0 bytes"),
    TEST_CASE(order_without_data, "04 5: in the order of their starts"),
    TEST_CASE(data_in_another_order, "04 8: an idle one holds no other up"),
    TEST_CASE(closing_the_accepting_socket_cancels, "04 7: STATUS_CANCELLED"),
    TEST_CASE(closing_the_listener_cancels, "04 7: STATUS_CANCELLED"),
    TEST_CASE(blocks_that_are_too_small, "04 8: told at the connection, which "
                                         "stays"),
    TEST_CASE(no_local_address, "04 8: GetAcceptExSockaddrs leaves it alone"),
    TEST_CASE(the_accepting_socket_is_in_use, "04 8: WSAEINVAL meanwhile"),
    TEST_CASE(the_mode_stays, "04 8: only SO_UPDATE_ACCEPT_CONTEXT copies the "
                              "listener's"),
    TEST_CASE(before_the_context, "04 8: send, receive and close only"),
    TEST_CASE(sending_can_be_shut_before_the_context,
              "04 8: shutdown(SD_SEND)"),
    TEST_CASE(the_context_s_properties, "04 8: SO_UPDATE_ACCEPT_CONTEXT copies "
                                        "the listener's"),
    TEST_CASE(the_accepted_socket_can_be_shared, "01: WSADuplicateSocket"),
    TEST_CASE(overlapped_receive_on_it, "04 8: usable at once"),
    TEST_CASE(events_do_not_see_it, "04 8: served before FD_ACCEPT"),
    TEST_CASE(again_and_again, "nothing is left behind"),
    TEST_END
};

TEST_MAIN("accept_ex", cases, NULL)
