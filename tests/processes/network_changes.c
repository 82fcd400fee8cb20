/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's addresses and routes change: who awaits it is told.  In a
 * network of the test's own, which takes a privilege.
 */
#include "support/network.h"
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

static const struct test_case cases[] = {
    TEST_CASE(an_address_comes, "02 11: FD_ADDRESS_LIST_CHANGE"),
    TEST_CASE(a_route_comes, "02 11: FD_ROUTING_INTERFACE_CHANGE"),
    TEST_CASE(a_blocking_call_waits, "SIO_ADDRESS_LIST_CHANGE"),
    TEST_END
};
TEST_MAIN("network_changes", cases, NULL)
