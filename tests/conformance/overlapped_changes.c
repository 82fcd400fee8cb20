/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control calls that wait for a change, overlapped: SIO_ADDRESS_LIST_CHANGE,
 * SIO_ROUTING_INTERFACE_CHANGE, SIO_IDEAL_SEND_BACKLOG_CHANGE.
 *
 * Nothing changes here, so they end by being cancelled or closed.  What comes
 * with a change is in tests/processes/network_changes.c.
 */
#include "support/overlapped.h"
#include "support/ports.h"

#include <mstcpip.h>

static int start(struct call *call, SOCKET s, DWORD code, void *in, DWORD size,
                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSAIoctl(s, code, in, size, NULL, 0, &call->count,
                    &call->overlapped, routine);
}

/* As call_pends, by this code. */
static void pends(struct call *call, SOCKET s, DWORD code, void *in, DWORD size)
{
    CHECK_ERROR(start(call, s, code, in, size, NULL), WSA_IO_PENDING);
    CHECK_EQ(call->count, COUNT_UNTOUCHED);
    CHECK_EQ(STATUS_OF(&call->overlapped), NT_PENDING);
    if (call->overlapped.hEvent)
        CHECK(!event_is_signalled(call->overlapped.hEvent, 0));
}

static void addresses_pend(struct call *call, SOCKET s)
{
    pends(call, s, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
}

/* --- Pending, and its ends ------------------------------------------------ */

/* 04 1: also on a non-blocking socket. */
static void they_pend_until_they_are_cancelled(void)
{
    struct sockaddr_in name = loopback(0);
    struct call addresses, route, third;
    SOCKET u = udp_socket();

    set_nonblocking(u, 1);
    call_init(&addresses, 0, 1);
    call_init(&route, 0, 1);
    call_init(&third, 0, 1);
    addresses_pend(&addresses, u);
    pends(&route, u, SIO_ROUTING_INTERFACE_CHANGE, &name, sizeof(name));
    addresses_pend(&third, u);
    call_still_pends(&addresses);
    call_still_pends(&route);

    CHECK_EQ(cancel_operation(u, &addresses.overlapped), 0);
    call_ends(&addresses, u, WSA_OPERATION_ABORTED, 0);
    CHECK_EQ(STATUS_OF(&addresses.overlapped), NT_CANCELLED);
    call_still_pends(&route);
    call_still_pends(&third);
    CHECK_EQ(cancel_operation(u, NULL), 0);
    call_ends(&route, u, WSA_OPERATION_ABORTED, 0);
    call_ends(&third, u, WSA_OPERATION_ABORTED, 0);
    call_done(&addresses);
    call_done(&route);
    call_done(&third);
    close_socket(u);
}

static void closing_cancels_them(void)
{
    struct call call;
    SOCKET u = udp_socket();

    call_init(&call, 0, 1);
    addresses_pend(&call, u);
    close_socket(u);
    event_wait(call.overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&call.overlapped), NT_CANCELLED);
    call_done(&call);
}

static void a_routine_hears_of_the_end(void)
{
    struct call call;
    SOCKET u = udp_socket();

    call_init(&call, 0, 0);
    CHECK_ERROR(start(&call, u, SIO_ADDRESS_LIST_CHANGE, NULL, 0, call_routine),
                WSA_IO_PENDING);
    CHECK(!wait_alertably(TEST_QUIET_MS));
    CHECK_EQ(cancel_operation(u, &call.overlapped), 0);
    while (call.n_routines == 0)
        CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(call.n_routines, 1);
    CHECK_EQ(call.routine_error, WSA_OPERATION_ABORTED);
    CHECK_EQ(call.routine_count, 0);
    close_socket(u);
}

/* 04 6: overlapped WSAIoctl queues a packet. */
static void the_end_is_a_packet(void)
{
    struct packet packet = {.key = 0};
    uint64_t port = port_create();
    SOCKET u = udp_socket();
    struct call call;

    call_init(&call, 0, 0);
    CHECK_EQ(port_associate(port, u, 5), 0);
    addresses_pend(&call, u);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    CHECK_EQ(cancel_operation(u, &call.overlapped), 0);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 5);
    CHECK(packet.overlapped == &call.overlapped);
    CHECK_EQ(packet.status, NT_CANCELLED);
    CHECK_EQ(packet.bytes, 0);
    close_socket(u);
    port_close(port);
}

/* What the socket itself does is no change, and is not held up. */
static void data_goes_on(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 0, 1);
    addresses_pend(&call, server);
    check_passes(client, server, "there");
    check_passes(server, client, "and back");
    call_still_pends(&call);
    close_socket(client);
    close_socket(server);
    event_wait(call.overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&call.overlapped), NT_CANCELLED);
    call_done(&call);
}

/* Each waits for the next change, so many wait for the same. */
static void many_at_once(void)
{
    enum { MANY = 50 };
    struct call calls[MANY];
    SOCKET u = udp_socket();
    int i;

    for (i = 0; i < MANY; i++) {
        call_init(&calls[i], 0, 1);
        addresses_pend(&calls[i], u);
    }
    CHECK_EQ(cancel_operation(u, NULL), 0);
    for (i = 0; i < MANY; i++) {
        call_ends(&calls[i], u, WSA_OPERATION_ABORTED, 0);
        call_done(&calls[i]);
    }
    close_socket(u);
}

/* --- The send backlog ----------------------------------------------------- */

static void the_backlog_pends_while_connected(void)
{
    SOCKET client, server;
    struct call call, other;

    tcp_pair(&client, &server);
    call_init(&call, 0, 1);
    call_init(&other, 0, 1);
    pends(&call, client, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0);
    pends(&other, client, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0);
    check_passes(client, server, "data");
    check_passes(server, client, "more");
    call_still_pends(&call);
    CHECK_EQ(cancel_operation(client, &call.overlapped), 0);
    call_ends(&call, client, WSA_OPERATION_ABORTED, 0);
    call_still_pends(&other);
    close_socket(client);
    event_wait(other.overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&other.overlapped), NT_CANCELLED);
    call_done(&call);
    call_done(&other);
    close_socket(server);
}

/* --- Bad input ------------------------------------------------------------ */

/* 04 2: nothing is started then, and nobody is told. */
static void bad_arguments(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET u = udp_socket(), s = tcp_socket(), plain;
    struct call call;
    DWORD size;

    call_init(&call, 0, 1);
    EXPECT_ERROR(start(&call, u, SIO_ROUTING_INTERFACE_CHANGE, NULL, 0, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(start(&call, u, SIO_ROUTING_INTERFACE_CHANGE, &name, 4, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(start(&call, u, SIO_ROUTING_INTERFACE_CHANGE, (void *)16,
                       sizeof(name), NULL), WSAEFAULT);
    name.sin_family = AF_INET6;
    EXPECT_ERROR(start(&call, u, SIO_ROUTING_INTERFACE_CHANGE, &name,
                       sizeof(name), NULL), WSAEAFNOSUPPORT);
    EXPECT_ERROR(start(&call, s, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0, NULL),
                 WSAENOTCONN);
    EXPECT_ERROR(start(&call, u, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0, NULL),
                 WSAEOPNOTSUPP);
    EXPECT_ERROR(WSAIoctl(u, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &size,
                          (void *)16, NULL), WSAEFAULT);
    EXPECT_ERROR(start(&call, INVALID_SOCKET, SIO_ADDRESS_LIST_CHANGE, NULL, 0,
                       NULL), WSAENOTSOCK);
    EXPECT(!event_is_signalled(call.overlapped.hEvent, 0));
    EXPECT_EQ(cancel_operation(u, NULL), 1168); /* ERROR_NOT_FOUND */

    /* A socket that is not overlapped ignores the structure. */
    plain = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0);
    CHECK(plain != INVALID_SOCKET);
    set_nonblocking(plain, 1);
    EXPECT_ERROR(start(&call, plain, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL),
                 WSAEWOULDBLOCK);
    call_done(&call);
    close_socket(plain);
    close_socket(u);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(they_pend_until_they_are_cancelled, "04 1, 7: CancelIoEx"),
    TEST_CASE(closing_cancels_them, "04 7: closesocket"),
    TEST_CASE(a_routine_hears_of_the_end, "04 3: completion routine"),
    TEST_CASE(the_end_is_a_packet, "04 6: overlapped WSAIoctl"),
    TEST_CASE(data_goes_on, "of the network, not of the socket"),
    TEST_CASE(many_at_once, "each waits for the next change"),
    TEST_CASE(the_backlog_pends_while_connected,
              "SIO_IDEAL_SEND_BACKLOG_CHANGE"),
    TEST_CASE(bad_arguments, "04 2: immediate failure"),
    TEST_END
};
TEST_MAIN("overlapped_changes", cases, NULL)
