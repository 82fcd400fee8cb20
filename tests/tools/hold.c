/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds sockets for tests/tools/ws2ctl.sh to look at: a listener, a connection
 * to it with a WSAEventSelect registration, and a duplicate that its target
 * (the parent process) has not opened.  Prints "ready", ends at the end of
 * standard input.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>

static void check(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s: error %d\n", what, WSAGetLastError());
    exit(1);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    int length = sizeof address;
    WSAPROTOCOL_INFOA info;
    SOCKET listener, client;
    WSAEVENT event;
    WSADATA data;

    check(argc == 2, "usage: hold PROCESS-ID");
    check(WSAStartup(MAKEWORD(2, 2), &data) == 0, "WSAStartup");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    check(bind(listener, (struct sockaddr *)&address, length) == 0, "bind");
    check(listen(listener, 1) == 0, "listen");
    check(getsockname(listener, (struct sockaddr *)&address, &length) == 0,
          "getsockname");
    client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    check(connect(client, (struct sockaddr *)&address, length) == 0,
          "connect");
    event = WSACreateEvent();
    check(WSAEventSelect(client, event, FD_READ | FD_CLOSE) == 0,
          "WSAEventSelect");
    check(WSADuplicateSocketA(client, strtoul(argv[1], NULL, 10), &info) == 0,
          "WSADuplicateSocket");
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
