/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAIoctl's codes that tell of the machine's network: its addresses in an
 * order, its interfaces, its routes, and their changes.
 * Sources: Microsoft's "Winsock IOCTLs", WSAIoctl.
 */
#include "support/controls.h"

#include <mstcpip.h>
#include <mswsock.h>
#include <ws2ipdef.h>

/* Not in all headers. */
#define ADDRESS_LIST_SORT 0xc8000019

static void address_list(void)
{
    SOCKET s = tcp_socket();
    char buffer[16384];
    SOCKET_ADDRESS_LIST *list = (SOCKET_ADDRESS_LIST *)buffer;
    struct sockaddr_in *name;
    SOCKET bound;
    DWORD size, needed;
    INT i;

    EXPECT_ERROR(control(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, NULL, 0, &needed),
                 WSAEFAULT);
    CHECK(needed >= sizeof(INT));
    EXPECT_ERROR(control(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, buffer, 3, &size),
                 WSAEINVAL);
    EXPECT_EQ(size, 0);
    EXPECT_ERROR(control(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, buffer,
                         needed - 1, &size), WSAEFAULT);
    EXPECT_EQ(size, needed);
    CHECK_OK(control(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, buffer, needed,
                     &size));
    CHECK_EQ(size, needed);
    CHECK(list->iAddressCount >= 1);
    for (i = 0; i < list->iAddressCount; i++) {
        name = (struct sockaddr_in *)list->Address[i].lpSockaddr;
        EXPECT_EQ(list->Address[i].iSockaddrLength, sizeof(*name));
        EXPECT_EQ(name->sin_family, AF_INET);
        EXPECT_EQ(name->sin_port, 0);
        EXPECT((char *)name >= buffer && (char *)(name + 1) <= buffer + size);
        bound = tcp_socket(); /* it can be bound to */
        EXPECT_OK(bind(bound, (struct sockaddr *)name, sizeof(*name)));
        close_socket(bound);
    }
    close_socket(s);
}

static void sorted_addresses(void)
{
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6}, local = mapped;
    char buffer[sizeof(SOCKET_ADDRESS_LIST) + sizeof(SOCKET_ADDRESS)];
    SOCKET_ADDRESS_LIST *list = (SOCKET_ADDRESS_LIST *)buffer;
    const DWORD whole = (DWORD)((char *)&list->Address[2] - buffer);
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);
    DWORD size;

    if (s == INVALID_SOCKET)
        SKIP("no IPv6 here");
    /* 127.0.0.1 and ::1: the second comes first. */
    mapped.sin6_addr.u.Byte[10] = mapped.sin6_addr.u.Byte[11] = 0xff;
    mapped.sin6_addr.u.Byte[12] = 127;
    mapped.sin6_addr.u.Byte[15] = 1;
    local.sin6_addr.u.Byte[15] = 1;
    memset(buffer, 0, sizeof(buffer));
    list->iAddressCount = 2;
    list->Address[0].lpSockaddr = (struct sockaddr *)&mapped;
    list->Address[0].iSockaddrLength = sizeof(mapped);
    list->Address[1].lpSockaddr = (struct sockaddr *)&local;
    list->Address[1].iSockaddrLength = sizeof(local);
    EXPECT_ERROR(control(s, ADDRESS_LIST_SORT, buffer, whole, buffer,
                         whole - 1, &size), WSAEFAULT);
    EXPECT_EQ(control_error(s, ADDRESS_LIST_SORT, buffer, whole - 1, buffer,
                            whole), WSAEINVAL);
    EXPECT_EQ(control_error(s, ADDRESS_LIST_SORT, buffer, 3, buffer, whole),
              WSAEFAULT);
    CHECK_OK(control(s, ADDRESS_LIST_SORT, buffer, whole, buffer, whole,
                     &size));
    EXPECT_EQ(size, whole);
    EXPECT_EQ(list->iAddressCount, 2);
    EXPECT(list->Address[0].lpSockaddr == (struct sockaddr *)&local);
    EXPECT(list->Address[1].lpSockaddr == (struct sockaddr *)&mapped);
    list->Address[1].lpSockaddr = (struct sockaddr *)16;
    EXPECT_EQ(control_error(s, ADDRESS_LIST_SORT, buffer, whole, buffer, whole),
              WSAEFAULT);
    list->iAddressCount = -1;
    EXPECT_EQ(control_error(s, ADDRESS_LIST_SORT, buffer, whole, buffer, whole),
              WSAEINVAL);
    close_socket(s);
}

static void interface_list(void)
{
    INTERFACE_INFO infos[64];
    SOCKET u = udp_socket();
    DWORD size, i;
    int loopbacks = 0;

    CHECK_EQ(sizeof(infos[0]), 76);
    CHECK_OK(control(u, SIO_GET_INTERFACE_LIST, NULL, 0, infos, sizeof(infos),
                     &size));
    CHECK(size >= 76 && size % 76 == 0);
    for (i = 0; i < size / 76; i++) {
        EXPECT_EQ(infos[i].iiAddress.AddressIn.sin_family, AF_INET);
        if (infos[i].iiFlags & IFF_LOOPBACK &&
            infos[i].iiAddress.AddressIn.sin_addr.s_addr ==
                htonl(INADDR_LOOPBACK)) {
            loopbacks++;
            EXPECT_EQ(infos[i].iiNetmask.AddressIn.sin_addr.s_addr,
                      htonl(0xff000000));
            EXPECT(infos[i].iiFlags & IFF_UP);
        }
    }
    EXPECT_EQ(loopbacks, 1);
    EXPECT_EQ(control_error(u, SIO_GET_INTERFACE_LIST, NULL, 0, infos, 75),
              WSAEFAULT);
    EXPECT_EQ(control_error(u, SIO_GET_INTERFACE_LIST, NULL, 0, NULL, 0),
              WSAEFAULT);
    EXPECT_EQ(control_error(u, SIO_GET_INTERFACE_LIST, NULL, 0, (void *)16,
                            sizeof(infos)), WSAEFAULT);
    close_socket(u);
}

static void routing_interface(void)
{
    struct sockaddr_in name = loopback(80), answer;
    SOCKET u = udp_socket();
    DWORD size;

    memset(&answer, 0x55, sizeof(answer));
    CHECK_OK(control(u, SIO_ROUTING_INTERFACE_QUERY, &name, sizeof(name),
                     &answer, sizeof(answer), &size));
    EXPECT_EQ(size, sizeof(answer));
    EXPECT_EQ(answer.sin_family, AF_INET);
    EXPECT_EQ(answer.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    EXPECT_EQ(answer.sin_port, 0);

    EXPECT_ERROR(control(u, SIO_ROUTING_INTERFACE_QUERY, &name, sizeof(name),
                         &answer, sizeof(answer) - 1, &size), WSAEFAULT);
    EXPECT_EQ(size, sizeof(answer));
    EXPECT_EQ(control_error(u, SIO_ROUTING_INTERFACE_QUERY, &name,
                            sizeof(name) - 1, &answer, sizeof(answer)),
              WSAEFAULT);
    EXPECT_EQ(control_error(u, SIO_ROUTING_INTERFACE_QUERY, NULL, 0, &answer,
                            sizeof(answer)), WSAEFAULT);
    EXPECT_EQ(control_error(u, SIO_ROUTING_INTERFACE_QUERY, (void *)16,
                            sizeof(name), &answer, sizeof(answer)), WSAEFAULT);
    name.sin_family = AF_UNSPEC;
    EXPECT_EQ(control_error(u, SIO_ROUTING_INTERFACE_QUERY, &name, sizeof(name),
                            &answer, sizeof(answer)), WSAEAFNOSUPPORT);
    close_socket(u);
}

/* On a non-blocking socket they only make the network event come. */
static void changes_are_awaited(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET u = udp_socket();
    WSAEVENT event = event_create();
    WSANETWORKEVENTS events;
    DWORD size;

    set_nonblocking(u, 1);
    CHECK_OK(WSAEventSelect(u, event, FD_ADDRESS_LIST_CHANGE |
                                          FD_ROUTING_INTERFACE_CHANGE));
    EXPECT_ERROR(control(u, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &size),
                 WSAEWOULDBLOCK);
    EXPECT_EQ(size, 0);
    EXPECT_ERROR(control(u, SIO_ROUTING_INTERFACE_CHANGE, &name, sizeof(name),
                         NULL, 0, &size), WSAEWOULDBLOCK);
    EXPECT_EQ(control_error(u, SIO_ROUTING_INTERFACE_CHANGE, NULL, 0, NULL, 0),
              WSAEFAULT);
    name.sin_family = AF_INET6;
    EXPECT_EQ(control_error(u, SIO_ROUTING_INTERFACE_CHANGE, &name,
                            sizeof(name), NULL, 0), WSAEAFNOSUPPORT);
    CHECK_OK(WSAEnumNetworkEvents(u, event, &events));
    CHECK_EQ(events.lNetworkEvents, 0);
    CHECK(WSACloseEvent(event));
    close_socket(u);
}

static void wait_for_change(void *argument)
{
    DWORD size;

    EXPECT_RESULT(WSAIoctl(*(SOCKET *)argument, SIO_ADDRESS_LIST_CHANGE, NULL,
                           0, NULL, 0, &size, NULL, NULL), SOCKET_ERROR);
    EXPECT(WSAGetLastError() == WSAEINTR || WSAGetLastError() == WSAENOTSOCK);
}

/* On a blocking one they wait; closing the socket ends that. */
static void closing_ends_waiting_for_a_change(void)
{
    SOCKET u = udp_socket();
    struct thread *thread = thread_start(wait_for_change, &u);

    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(u);
    thread_join(thread);
}

static void broadcast_address(void)
{
    struct sockaddr_in answer;
    SOCKET u = udp_socket(), u6 = socket(AF_INET6, SOCK_DGRAM, 0);
    DWORD size;

    CHECK_OK(control(u, SIO_GET_BROADCAST_ADDRESS, NULL, 0, &answer,
                     sizeof(answer), &size));
    EXPECT_EQ(size, sizeof(answer));
    EXPECT_EQ(answer.sin_family, AF_INET);
    EXPECT_EQ(answer.sin_addr.s_addr, INADDR_BROADCAST);
    EXPECT_EQ(control_error(u, SIO_GET_BROADCAST_ADDRESS, NULL, 0, &answer,
                            sizeof(answer) - 1), WSAEFAULT);
    if (u6 != INVALID_SOCKET) {
        EXPECT_EQ(control_error(u6, SIO_GET_BROADCAST_ADDRESS, NULL, 0, &answer,
                                sizeof(answer)), WSAENOPROTOOPT);
        close_socket(u6);
    }
    close_socket(u);
}

static const struct test_case cases[] = {
    TEST_CASE(address_list, "03 12: SIO_ADDRESS_LIST_QUERY"),
    TEST_CASE(sorted_addresses, "SIO_ADDRESS_LIST_SORT"),
    TEST_CASE(interface_list, "03 12: SIO_GET_INTERFACE_LIST"),
    TEST_CASE(routing_interface, "03 12: SIO_ROUTING_INTERFACE_QUERY"),
    TEST_CASE(changes_are_awaited, "02 11: special events"),
    TEST_CASE(closing_ends_waiting_for_a_change, "03 8: as a blocked recv"),
    TEST_CASE(broadcast_address, "03 12: SIO_GET_BROADCAST_ADDRESS"),
    TEST_END
};

TEST_MAIN("network_controls", cases, NULL)
