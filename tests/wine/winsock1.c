/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program of Winsock 1.1: <winsock.h>, and nothing but wsock32.dll, which is
 * Wine's own and calls our ws2_32.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 */
#include <winsock.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

/* <mswsock.h>, which declares it, includes <winsock2.h>. */
int WINAPI WSARecvEx(SOCKET, char *, int, int *);

/* The base provider below wsock32.dll is ours. */
static void test_provider(void)
{
    EXPECT(GetModuleHandleA("wsock32.dll"));
    EXPECT(GetModuleHandleA("ws2emu.dll"));
}

/* Version 1.1 gets 1.1, and the numbers that 2.2 leaves 0. */
static void test_startup(void)
{
    WSADATA data = {0};

    EXPECT(!WSAStartup(MAKEWORD(1, 1), &data));
    EXPECT(data.wVersion == MAKEWORD(1, 1));
    EXPECT(data.wHighVersion == MAKEWORD(2, 2));
    EXPECT(data.iMaxSockets > 0 && data.iMaxUdpDg > 0);
    EXPECT(!WSACleanup());
}

static void test_stream(void)
{
    char buffer[16] = "";
    SOCKET client, server;

    tcp_pair(&client, &server);
    EXPECT(send(client, "request", 7, 0) == 7);
    EXPECT(recv(server, buffer, sizeof(buffer), 0) == 7);
    EXPECT(!memcmp(buffer, "request", 7));
    EXPECT(!shutdown(client, 1));
    EXPECT(recv(server, buffer, sizeof(buffer), 0) == 0);
    EXPECT_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
    EXPECT_ERROR(closesocket(server), WSAENOTSOCK);
}

static void test_datagram(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET}, from;
    int length = sizeof(name), from_length = sizeof(from);
    char buffer[4];
    SOCKET one = socket(AF_INET, SOCK_DGRAM, 0);
    SOCKET two = socket(AF_INET, SOCK_DGRAM, 0);

    name.sin_addr.s_addr = inet_addr("127.0.0.1");
    EXPECT(!bind(one, (struct sockaddr *)&name, length));
    EXPECT(!getsockname(one, (struct sockaddr *)&name, &length));
    EXPECT(sendto(two, "datagram", 8, 0, (struct sockaddr *)&name, length) ==
           8);
    EXPECT_ERROR(recvfrom(one, buffer, sizeof(buffer), 0,
                          (struct sockaddr *)&from, &from_length),
                 WSAEMSGSIZE);
    EXPECT(!memcmp(buffer, "data", 4));
    EXPECT(from.sin_addr.s_addr == name.sin_addr.s_addr);
    EXPECT(!closesocket(one));
    EXPECT(!closesocket(two));
}

static void test_select(void)
{
    struct timeval at_once = {0, 0}, long_enough = {10, 0};
    SOCKET client, server;
    fd_set read;
    u_long yes = 1;
    char byte;

    tcp_pair(&client, &server);
    FD_ZERO(&read);
    FD_SET(server, &read);
    EXPECT(select(0, &read, NULL, NULL, &at_once) == 0);
    EXPECT(!FD_ISSET(server, &read));
    EXPECT(!ioctlsocket(server, FIONBIO, &yes));
    EXPECT_ERROR(recv(server, &byte, 1, 0), WSAEWOULDBLOCK);
    EXPECT(send(client, "x", 1, 0) == 1);
    FD_SET(server, &read);
    EXPECT(select(0, &read, NULL, NULL, &long_enough) == 1);
    EXPECT(FD_ISSET(server, &read));
    EXPECT(recv(server, &byte, 1, 0) == 1);
    closesocket(client);
    closesocket(server);
}

/*
 * Winsock 1.1's numbers of the multicast options are others than Winsock 2's;
 * wsock32.dll translates them.
 */
static void test_options(void)
{
    int length = sizeof(int), type = 0;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    int hops = 3;

    EXPECT(!getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &length));
    EXPECT(type == SOCK_DGRAM);
    EXPECT(!setsockopt(s, IPPROTO_IP, 3 /* IP_MULTICAST_TTL of 1.1 */,
                       (char *)&hops, sizeof(hops)));
    hops = 0;
    length = sizeof(hops);
    EXPECT(!getsockopt(s, IPPROTO_IP, 3, (char *)&hops, &length));
    EXPECT((hops & 0xff) == 3);
    closesocket(s);
}

static void test_names(void)
{
    char name[256] = "";
    const struct hostent *host;
    const struct servent *service;

    EXPECT(!gethostname(name, sizeof(name)) && *name);
    host = gethostbyname("localhost");
    EXPECT(host && host->h_addrtype == AF_INET && host->h_length == 4);
    service = getservbyname("http", "tcp");
    EXPECT(service && ntohs((u_short)service->s_port) == 80);
    EXPECT(!strcmp(inet_ntoa(*(struct in_addr *)"\x7f\0\0\1"), "127.0.0.1"));
}

/* Exported by wsock32 and mswsock. */
static void test_WSARecvEx(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    int length = sizeof(name), flags = 0;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    char buffer[16];

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT(!bind(s, (struct sockaddr *)&name, length));
    EXPECT(!getsockname(s, (struct sockaddr *)&name, &length));
    EXPECT(sendto(s, "datagram", 8, 0, (struct sockaddr *)&name, length) == 8);
    EXPECT(WSARecvEx(s, buffer, sizeof(buffer), &flags) == 8);
    EXPECT(flags == 0 && !memcmp(buffer, "datagram", 8));
    closesocket(s);
}

static const struct test_case cases[] = {
    {"wsock32 is on ws2emu", test_provider},
    {"version 1.1", test_startup},
    {"a connection", test_stream},
    {"datagrams", test_datagram},
    {"select", test_select},
    {"options by the numbers of 1.1", test_options},
    {"names", test_names},
    {"WSARecvEx", test_WSARecvEx},
};

int main(void)
{
    WSADATA data;

    if (WSAStartup(MAKEWORD(1, 1), &data))
        return 99;
    return RUN_CASES(cases, NULL);
}
