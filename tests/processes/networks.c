/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network location awareness when the networks do change: in a network
 * namespace of the test's own, which it can make only where the kernel lets
 * it, with iproute2.
 */
#define _GNU_SOURCE /* unshare */

#include "support/sockets.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define NOTIFY_CHANGE _WSAIOW(IOC_WS2, 25)

/* A pair of interfaces that are connected with each other. */
static void add_network(void)
{
    CHECK_EQ(system("ip link add one type veth peer name two && "
                    "ip addr add 10.9.8.7/24 dev one && "
                    "ip link set one up && ip link set two up"),
             0);
}

static HANDLE begin(void)
{
    WSAQUERYSETW set = {.dwSize = sizeof(set), .dwNameSpace = NS_NLA};
    HANDLE handle = NULL;

    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ALL, &handle));
    return handle;
}

static unsigned user_id(void)
{
    FILE *status = fopen("/proc/self/status", "re");
    char line[256];
    unsigned id = 0;

    CHECK(status != NULL);
    while (fgets(line, sizeof(line), status))
        if (sscanf(line, "Uid: %u", &id) == 1)
            break;
    fclose(status);
    return id;
}

/* Who is not root becomes root of a user namespace, too. */
static void leave_the_network(void)
{
    unsigned id = user_id();
    FILE *map;

    if (unshare(id ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET))
        SKIP("the kernel allows no network namespace");
    if (id) {
        map = fopen("/proc/self/uid_map", "we");
        CHECK(map != NULL);
        fprintf(map, "0 %u 1", id);
        CHECK_EQ(fclose(map), 0);
    }
    if (system("ip link add probe type veth peer name other && "
               "ip link del probe") != 0)
        SKIP("there is no ip, or there are no veth interfaces");
}

static void a_new_network_is_told(void)
{
    OVERLAPPED overlapped = {.hEvent = NULL};
    WSACOMPLETION completion = {.Type = NSP_NOTIFY_EVENT};
    char buffer[4096];
    WSAQUERYSETW *set = (WSAQUERYSETW *)buffer;
    DWORD length = sizeof(buffer);
    HANDLE handle;
    WSADATA data;

    leave_the_network();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    handle = begin();
    CHECK_ERROR(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, set),
                WSA_E_NO_MORE);
    overlapped.hEvent = event_create();
    completion.Parameters.Event.lpOverlapped = &overlapped;
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &completion),
                WSA_IO_PENDING);
    CHECK_EQ(overlapped.Internal, 0x103); /* STATUS_PENDING */
    add_network();
    event_wait(overlapped.hEvent);
    CHECK_EQ(overlapped.Internal, 0);
    CHECK_OK(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL, NULL));
    CHECK_OK(WSALookupServiceEnd(handle));

    handle = begin();
    length = sizeof(buffer);
    CHECK_OK(WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, set));
    CHECK(same_text(set->lpszServiceInstanceName, "10.9.8.0"));
    CHECK_OK(WSALookupServiceEnd(handle));
    WSACloseEvent(overlapped.hEvent);
    CHECK_OK(WSACleanup());
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(a_new_network_is_told, "WSANSPIoctl: SIO_NSP_NOTIFY_CHANGE",
                   .flags = TEST_BARE | TEST_NATIVE_ONLY),
    TEST_END
};

TEST_MAIN("networks", cases, NULL)
