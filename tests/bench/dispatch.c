/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the way from ws2_32 to a provider costs: a datagram of 64 bytes to
 * oneself, sent and received by send and recv, by the base provider's WSPSend
 * and WSPRecv called directly, and through the first entry of the catalog,
 * which WS2EMU_CATALOG may make a chain of layers.
 *
 * The time is the thread's own, the least of many rounds taken in turns, so
 * that other programs count little.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 60, CALLS = 2000 };

static WSPPROC_TABLE base;

static SOCKET WSPAPI keep_handle(DWORD entry, SOCKET s, LPINT error)
{
    (void)entry;
    (void)error;
    return s;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* A UDP socket that is its own peer, of an entry of the catalog (NULL: of the
   first one). */
static SOCKET make_mirror(WSAPROTOCOL_INFOW *entry)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    int length = sizeof(name);
    SOCKET s = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, entry, 0, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (s == INVALID_SOCKET ||
        bind(s, (struct sockaddr *)&name, sizeof(name)) ||
        getsockname(s, (struct sockaddr *)&name, &length) ||
        connect(s, (struct sockaddr *)&name, sizeof(name))) {
        fprintf(stderr, "dispatch: error %d\n", WSAGetLastError());
        exit(1);
    }
    return s;
}

static double by_the_api(SOCKET s)
{
    char data[64] = "";
    double begin = now();
    int i;

    for (i = 0; i < CALLS; i++)
        if (send(s, data, sizeof(data), 0) != sizeof(data) ||
            recv(s, data, sizeof(data), 0) != sizeof(data))
            exit(1);
    return (now() - begin) / CALLS;
}

static double directly(SOCKET s)
{
    char data[64] = "";
    WSABUF buffer = {sizeof(data), data};
    double begin = now();
    DWORD n, flags;
    INT error;
    int i;

    for (i = 0; i < CALLS; i++) {
        flags = 0;
        if (base.lpWSPSend(s, &buffer, 1, &n, 0, NULL, NULL, NULL, &error) ||
            base.lpWSPRecv(s, &buffer, 1, &n, &flags, NULL, NULL, NULL,
                           &error))
            exit(1);
    }
    return (now() - begin) / CALLS;
}

/* The first base entry for UDP. */
static WSAPROTOCOL_INFOW find_base(void)
{
    static WSAPROTOCOL_INFOW entries[64];
    DWORD size = sizeof(entries);
    int i, error, n = WSCEnumProtocols(NULL, entries, &size, &error);

    for (i = 0; i < n; i++)
        if (entries[i].iAddressFamily == AF_INET &&
            entries[i].iSocketType == SOCK_DGRAM &&
            entries[i].ProtocolChain.ChainLen == BASE_PROTOCOL)
            return entries[i];
    exit(1);
}

static void keep_least(double *least, double value)
{
    if (*least == 0 || value < *least)
        *least = value;
}

int main(void)
{
    double api = 0, direct = 0, first = 0;
    WSPUPCALLTABLE upcalls = {.lpWPUModifyIFSHandle = keep_handle};
    WSAPROTOCOL_INFOW entry;
    WSADATA data;
    WSPDATA description;
    SOCKET s, chained;
    int i;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return 1;
    entry = find_base();
    s = make_mirror(&entry);
    if (WSPStartup(MAKEWORD(2, 2), &description, &entry, upcalls, &base))
        return 1;
    for (i = 0; i < ROUNDS; i++) {
        keep_least(&api, by_the_api(s));
        keep_least(&direct, directly(s));
    }
    printf("send and recv          %7.0f ns\n", api);
    printf("WSPSend and WSPRecv    %7.0f ns  %+.1f %%\n", direct,
           (api / direct - 1) * 100);
    chained = make_mirror(NULL);
    for (i = 0; i < ROUNDS; i++)
        keep_least(&first, by_the_api(chained));
    printf("by the first entry     %7.0f ns  %+.1f %%\n", first,
           (first / direct - 1) * 100);
    return 0;
}
