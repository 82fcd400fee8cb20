/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own iphlpapi.dll beside our ws2_32: the adapters and their addresses,
 * the tables of connections, which have our sockets in them, and echo requests.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
#include <icmpapi.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define ROOM 65536

/* --- Adapters ------------------------------------------------------------- */

static int has_address(const IP_ADAPTER_ADDRESSES *adapter,
                       const struct sockaddr *name)
{
    const IP_ADAPTER_UNICAST_ADDRESS *unicast;
    const struct sockaddr_in *wanted = (const struct sockaddr_in *)name, *in;

    for (unicast = adapter->FirstUnicastAddress; unicast;
         unicast = unicast->Next) {
        in = (const struct sockaddr_in *)unicast->Address.lpSockaddr;
        if (in->sin_family == AF_INET &&
            in->sin_addr.s_addr == wanted->sin_addr.s_addr)
            return 1;
    }
    return 0;
}

/* Its addresses can be bound to, and one of them is the loopback. */
static void adapters_and_their_addresses(void)
{
    struct sockaddr_in loopback = {.sin_family = AF_INET};
    IP_ADAPTER_ADDRESSES *adapters = malloc(ROOM), *adapter;
    IP_ADAPTER_UNICAST_ADDRESS *unicast;
    ULONG length = ROOM;
    int n_loopbacks = 0, error;
    SOCKET s;

    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!GetAdaptersAddresses(AF_INET, 0, NULL, adapters, &length));
    for (adapter = adapters; !failures && adapter; adapter = adapter->Next) {
        n_loopbacks += has_address(adapter, (struct sockaddr *)&loopback);
        for (unicast = adapter->FirstUnicastAddress; unicast;
             unicast = unicast->Next) {
            s = socket(AF_INET, SOCK_DGRAM, 0);
            error = bind(s, unicast->Address.lpSockaddr,
                         unicast->Address.iSockaddrLength);
            EXPECT(!error);
            EXPECT(!closesocket(s));
        }
    }
    EXPECT(n_loopbacks == 1);
    length = 0;
    EXPECT(GetAdaptersAddresses(AF_INET, 0, NULL, NULL, &length) ==
           ERROR_BUFFER_OVERFLOW);
    EXPECT(length > 0);
    free(adapters);
}

/* The interface to an address, and Winsock's local address to it. */
static void best_interface(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET}, from;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    DWORD index = 0, n = 0;
    MIB_IFROW row;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!GetBestInterface(to.sin_addr.s_addr, &index));
    memset(&row, 0, sizeof(row));
    row.dwIndex = index;
    EXPECT(!GetIfEntry(&row));
    EXPECT(row.dwIndex == index);
    EXPECT(!WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, &to, sizeof(to), &from,
                     sizeof(from), &n, NULL, NULL));
    EXPECT(from.sin_addr.s_addr == to.sin_addr.s_addr);
    EXPECT(!closesocket(s));
}

/* --- Tables --------------------------------------------------------------- */

static int is_in_table(const struct sockaddr_in *name, DWORD state)
{
    MIB_TCPTABLE *table = malloc(ROOM);
    DWORD length = ROOM, i;
    int found = 0;

    EXPECT(!GetTcpTable(table, &length, FALSE));
    for (i = 0; !failures && i < table->dwNumEntries; i++)
        if (table->table[i].dwLocalAddr == name->sin_addr.s_addr &&
            (table->table[i].dwLocalPort & 0xffff) == name->sin_port &&
            table->table[i].dwState == state)
            found = 1;
    free(table);
    return found;
}

static void sockets_are_in_the_tables(void)
{
    struct sockaddr_in name, client_name;
    SOCKET server = listen_here(&name),
           client = socket(AF_INET, SOCK_STREAM, 0);
    int length = sizeof(client_name);

    EXPECT(is_in_table(&name, MIB_TCP_STATE_LISTEN));
    EXPECT(!connect(client, (struct sockaddr *)&name, sizeof(name)));
    EXPECT(!getsockname(client, (struct sockaddr *)&client_name, &length));
    EXPECT(is_in_table(&client_name, MIB_TCP_STATE_ESTAB));
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
    EXPECT(!is_in_table(&name, MIB_TCP_STATE_LISTEN));
}

/* --- Echo requests -------------------------------------------------------- */

static void echo_requests(void)
{
    char data[] = "echo", reply[sizeof(ICMP_ECHO_REPLY) + 64];
    const ICMP_ECHO_REPLY *echo = (const ICMP_ECHO_REPLY *)reply;
    HANDLE icmp = IcmpCreateFile();
    DWORD n;

    if (icmp == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED) {
        skipped = "Wine may make no ICMP sockets";
        return;
    }
    EXPECT(icmp != INVALID_HANDLE_VALUE);
    n = IcmpSendEcho(icmp, htonl(INADDR_LOOPBACK), data, sizeof(data), NULL,
                     reply, sizeof(reply), 5000);
    if (n == 0 && GetLastError() == ERROR_ACCESS_DENIED) {
        skipped = "Wine may make no ICMP sockets";
    } else {
        EXPECT(n == 1);
        EXPECT(n == 1 && echo->Status == IP_SUCCESS);
        EXPECT(n == 1 && echo->Address == htonl(INADDR_LOOPBACK));
        EXPECT(n == 1 && echo->DataSize == sizeof(data) &&
               !memcmp(echo->Data, data, sizeof(data)));
    }
    EXPECT(IcmpCloseHandle(icmp));
}

int main(void)
{
    static const struct test_case cases[] = {
        CASE(adapters_and_their_addresses),
        CASE(best_interface),
        CASE(sockets_are_in_the_tables),
        CASE(echo_requests),
    };
    WSADATA data;

    if (WSAStartup(MAKEWORD(2, 2), &data) || !GetModuleHandleA("ws2emu.dll"))
        return 99;
    return RUN_CASES(cases, NULL);
}
