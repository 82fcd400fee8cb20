/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that uses what Winsock's headers and libc's both name.  orders.test
 * compiles it, as C and as C++, with other headers before winsock2.h and after
 * it, and runs it: each name is Winsock's.
 *
 * FD_SETSIZE: what the program asked for (Winsock: "defined before including
 * the Winsock2.h file"), or 0.
 */
#ifdef FD_SETSIZE
enum { wanted_size = FD_SETSIZE };
#else
enum { wanted_size = 0 };
#endif

#include <winsock2.h>
#include <mswsock.h>
#include <ws2tcpip.h>
#include <ws2emu/ws2help.h>
#include AFTER

static int set_is_winsocks(void)
{
    fd_set set;

    FD_ZERO(&set);
    FD_SET((SOCKET)4, &set);
    FD_SET((SOCKET)8, &set);
    FD_CLR((SOCKET)4, &set);
    return set.fd_count == 1 && FD_ISSET((SOCKET)8, &set) &&
           !FD_ISSET((SOCKET)4, &set) &&
           (wanted_size == 0 ||
            sizeof(set.fd_array) / sizeof(set.fd_array[0]) == wanted_size);
}

/* A bound datagram socket is writable, and has nothing to read. */
static int select_is_winsocks(void)
{
    struct sockaddr_in address;
    struct timeval moment;
    fd_set readable, writable;
    u_long nonblocking = 1;
    socklen_t size = sizeof(address);
    int ready;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

    ZeroMemory(&address, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(s, (struct sockaddr *)&address, size) ||
        getsockname(s, (struct sockaddr *)&address, &size) ||
        ioctlsocket(s, FIONBIO, &nonblocking))
        return 0;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(s, &readable);
    FD_SET(s, &writable);
    moment.tv_sec = 0;
    moment.tv_usec = 1000;
    ready = select(0, &readable, &writable, NULL, &moment);
    closesocket(s);
    return ready == 1 && writable.fd_count == 1 && readable.fd_count == 0;
}

/* Winsock's fails with an error of its own, where libc's sets errno. */
static int gethostname_is_winsocks(void)
{
    char name[256];

    return gethostname(name, sizeof(name)) == 0 && name[0] &&
           gethostname(NULL, 1) == SOCKET_ERROR &&
           WSAGetLastError() == WSAEFAULT;
}

int main(void)
{
    WSADATA data;
    int result = 0;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return 1;
    if (!set_is_winsocks())
        result = 2;
    else if (!select_is_winsocks())
        result = 3;
    else if (!gethostname_is_winsocks())
        result = 4;
    WSACleanup();
    return result;
}
