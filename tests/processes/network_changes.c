/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's addresses and routes change: who awaits it is told.  In a
 * network of the test's own, which takes a privilege.
 */
#include "support/network.h"
#include "support/overlapped.h"
#include "support/ports.h"
#include "support/remote.h"
#include "support/server.h"
#include "support/sockets.h"

/* The server of the warm-up is in the machine's network. */
static void enter(void)
{
    server_kill();
    if (!network_leave())
        SKIP("this user cannot have a network");
}

static void await_addresses(SOCKET s)
{
    DWORD size;

    CHECK_ERROR(WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &size,
                         NULL, NULL), WSAEWOULDBLOCK);
}

static long events_of(SOCKET s, WSAEVENT event)
{
    WSANETWORKEVENTS events;

    CHECK_OK(WSAEnumNetworkEvents(s, event, &events));
    return events.lNetworkEvents;
}

/* 02 11: the event comes once for each time that the socket awaited it. */
static void an_address_comes(void)
{
    WSAEVENT event = event_create();
    SOCKET s, other;

    enter();
    s = udp_socket();
    other = socket(AF_INET6, SOCK_DGRAM, 0);
    set_nonblocking(s, 1);
    CHECK_OK(WSAEventSelect(s, event, FD_ADDRESS_LIST_CHANGE));
    network_add_address(5);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS)); /* it did not ask */
    await_addresses(s);
    network_add_address(6);
    event_wait(event);
    CHECK_EQ(events_of(s, event), FD_ADDRESS_LIST_CHANGE);
    network_add_address(7);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS)); /* nor again */
    await_addresses(s);
    network_add_address(8);
    event_wait(event);
    CHECK_EQ(events_of(s, event), FD_ADDRESS_LIST_CHANGE);

    if (other != INVALID_SOCKET) { /* its family has not changed */
        set_nonblocking(other, 1);
        CHECK_OK(WSAEventSelect(other, event, FD_ADDRESS_LIST_CHANGE));
        await_addresses(other);
        network_add_address(9);
        CHECK(!event_is_signalled(event, TEST_QUIET_MS));
        close_socket(other);
    }
    close_socket(s);
    CHECK(WSACloseEvent(event));
}

static void a_route_comes(void)
{
    WSAEVENT event = event_create();
    struct sockaddr_in name = loopback(0);
    DWORD size;
    SOCKET s;

    enter();
    s = udp_socket();
    CHECK_OK(WSAEventSelect(s, event, FD_ROUTING_INTERFACE_CHANGE));
    CHECK_ERROR(WSAIoctl(s, SIO_ROUTING_INTERFACE_CHANGE, &name, sizeof(name),
                         NULL, 0, &size, NULL, NULL), WSAEWOULDBLOCK);
    network_add_address(5);
    event_wait(event);
    CHECK_EQ(events_of(s, event), FD_ROUTING_INTERFACE_CHANGE);
    close_socket(s);
    CHECK(WSACloseEvent(event));
}

static void wait_for_change(void *argument)
{
    DWORD size;

    CHECK_OK(WSAIoctl(*(SOCKET *)argument, SIO_ADDRESS_LIST_CHANGE, NULL, 0,
                      NULL, 0, &size, NULL, NULL));
    CHECK_EQ(size, 0);
}

/* A blocking socket waits itself. */
static void a_blocking_call_waits(void)
{
    struct thread *thread;
    int number = 5;
    SOCKET s;

    enter();
    s = udp_socket();
    thread = thread_start(wait_for_change, &s);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    while (number < 100 && !thread_ended(thread, TEST_QUIET_MS))
        network_add_address(number++);
    thread_join(thread);
    close_socket(s);
}

/* --- Overlapped ----------------------------------------------------------- */

static void start(SOCKET s, struct call *call, DWORD code, void *in, DWORD size)
{
    CHECK_ERROR(WSAIoctl(s, code, in, size, NULL, 0, &call->count,
                         &call->overlapped, NULL), WSA_IO_PENDING);
}

/* All that wait hear of it, also those on a socket that does not block; the
   ones of another family do not. */
static void overlapped_calls_end(void)
{
    struct sockaddr_in name = loopback(0);
    struct call first, second, route, other;
    SOCKET s, six;

    enter();
    s = udp_socket();
    six = socket(AF_INET6, SOCK_DGRAM, 0);
    set_nonblocking(s, 1);
    call_init(&first, 0, 1);
    call_init(&second, 0, 1);
    call_init(&route, 0, 1);
    call_init(&other, 0, 1);
    start(s, &first, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
    start(s, &second, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
    start(s, &route, SIO_ROUTING_INTERFACE_CHANGE, &name, sizeof(name));
    if (six != INVALID_SOCKET)
        start(six, &other, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
    call_still_pends(&first);
    network_add_address(5);
    call_ends(&first, s, 0, 0);
    call_ends(&second, s, 0, 0);
    call_ends(&route, s, 0, 0);
    CHECK_EQ(first.count, COUNT_UNTOUCHED);

    start(s, &first, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
    call_still_pends(&first);
    network_add_address(6);
    call_ends(&first, s, 0, 0);
    if (six != INVALID_SOCKET) {
        call_still_pends(&other);
        close_socket(six);
    }
    close_socket(s);
    call_done(&first);
    call_done(&second);
    call_done(&route);
    call_done(&other);
}

static void a_change_runs_a_routine(void)
{
    struct call call;
    SOCKET s;

    enter();
    s = udp_socket();
    call_init(&call, 0, 0);
    CHECK_ERROR(WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, NULL,
                         &call.overlapped, call_routine), WSA_IO_PENDING);
    network_add_address(5);
    while (call.n_routines == 0)
        CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(call.n_routines, 1);
    CHECK_EQ(call.routine_error, 0);
    CHECK_EQ(call.routine_count, 0);
    close_socket(s);
}

static void a_change_is_a_packet(void)
{
    struct packet packet = {.key = 0};
    uint64_t port;
    struct call call;
    SOCKET s;

    enter();
    s = udp_socket();
    port = port_create();
    call_init(&call, 0, 0);
    CHECK_EQ(port_associate(port, s, 5), 0);
    start(s, &call, SIO_ADDRESS_LIST_CHANGE, NULL, 0);
    network_add_address(5);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 5);
    CHECK(packet.overlapped == &call.overlapped);
    CHECK_EQ(packet.status, 0);
    CHECK_EQ(packet.bytes, 0);
    close_socket(s);
    port_close(port);
}

static const struct test_case cases[] = {
    TEST_CASE(an_address_comes, "02 11: FD_ADDRESS_LIST_CHANGE"),
    TEST_CASE(a_route_comes, "02 11: FD_ROUTING_INTERFACE_CHANGE"),
    TEST_CASE(a_blocking_call_waits, "SIO_ADDRESS_LIST_CHANGE"),
    TEST_CASE(overlapped_calls_end, "04 1: overlapped, by event"),
    TEST_CASE(a_change_runs_a_routine, "04 3: overlapped, by routine"),
    TEST_CASE(a_change_is_a_packet, "04 6: overlapped, by port"),
    TEST_END
};
TEST_MAIN("network_changes", cases, NULL)
