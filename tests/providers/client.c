/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that knows nothing of providers: asks an echo server on this
 * machine.
 *
 *     client PORT [nonblocking]
 *
 * Prints what came back and the port of the peer that it sees, or "error N".
 */
#include <winsock2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(void)
{
    printf("error %d\n", WSAGetLastError());
    return 1;
}

int main(int argc, char **argv)
{
    static const char question[] = "hello, there";
    struct sockaddr_in name = {.sin_family = AF_INET};
    struct timeval timeout = {20, 0};
    fd_set set;
    char answer[sizeof(question)] = "";
    int length = sizeof(name), n = 0, more;
    u_long on = 1;
    WSADATA data;
    SOCKET s;

    if (argc < 2 || WSAStartup(MAKEWORD(2, 2), &data))
        return 2;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons((u_short)atoi(argv[1]));
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == INVALID_SOCKET)
        return fail();
    if (argc > 2 && ioctlsocket(s, (long)FIONBIO, &on))
        return fail();
    if (connect(s, (struct sockaddr *)&name, sizeof(name))) {
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            return fail();
        FD_ZERO(&set);
        FD_SET(s, &set);
        if (select(0, NULL, &set, NULL, &timeout) != 1)
            return fail();
    }
    if (send(s, question, sizeof(question), 0) != sizeof(question))
        return fail();
    while (n < (int)sizeof(answer)) {
        FD_ZERO(&set);
        FD_SET(s, &set);
        if (select(0, &set, NULL, NULL, &timeout) != 1)
            return fail();
        more = recv(s, answer + n, (int)sizeof(answer) - n, 0);
        if (more <= 0)
            return fail();
        n += more;
    }
    if (getpeername(s, (struct sockaddr *)&name, &length))
        return fail();
    printf("%s from %u\n", answer, ntohs(name.sin_port));
    closesocket(s);
    WSACleanup();
    return 0;
}
