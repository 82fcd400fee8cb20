/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the way from ws2_32 to a provider costs: a datagram of 64 bytes to
 * oneself, sent and received by send and recv, and by the provider's WSPSend
 * and WSPRecv called directly; with the base provider, and with the first entry
 * of the catalog when WS2EMU_CATALOG makes that a chain of layers.  The
 * difference between the two direct ways is the layers' own work.
 *
 * The time is the thread's own, the least of many rounds taken in turns, so
 * that other programs count little.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 60, CALLS = 2000 };

static WSPPROC_TABLE base, top;
static WSPUPCALLTABLE upcalls;

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

static double directly(const WSPPROC_TABLE *provider, SOCKET s)
{
    char data[64] = "";
    WSABUF buffer = {sizeof(data), data};
    double begin = now();
    DWORD n, flags;
    INT error;
    int i;

    for (i = 0; i < CALLS; i++) {
        flags = 0;
        if (provider->lpWSPSend(s, &buffer, 1, &n, 0, NULL, NULL, NULL,
                                &error) ||
            provider->lpWSPRecv(s, &buffer, 1, &n, &flags, NULL, NULL, NULL,
                                &error))
            exit(1);
    }
    return (now() - begin) / CALLS;
}

/* The first entry for UDP, or the first base one. */
static WSAPROTOCOL_INFOW find_entry(BOOL wants_base)
{
    static WSAPROTOCOL_INFOW entries[64];
    DWORD size = sizeof(entries);
    int i, error, n = WSCEnumProtocols(NULL, entries, &size, &error);

    for (i = 0; i < n; i++)
        if (entries[i].iAddressFamily == AF_INET &&
            entries[i].iSocketType == SOCK_DGRAM &&
            entries[i].ProtocolChain.ChainLen != LAYERED_PROTOCOL &&
            (!wants_base ||
             entries[i].ProtocolChain.ChainLen == BASE_PROTOCOL))
            return entries[i];
    exit(1);
}

/* The library that ws2_32 has loaded for an entry, by the path of the catalog
   (which is plain ASCII here), started once more for its table. */
static void start_top(WSAPROTOCOL_INFOW *entry)
{
    LPWSPSTARTUP start = NULL;
    WSPDATA description;
    WCHAR wide[512];
    char path[512];
    INT length = 512, error, i;
    void *library;

    if (WSCGetProviderPath(&entry->ProviderId, wide, &length, &error))
        exit(1);
    for (i = 0; i < length; i++)
        path[i] = (char)wide[i];
    library = dlopen(path, RTLD_NOW);
    if (library != NULL)
        start = (LPWSPSTARTUP)dlsym(library, "WSPStartup");
    if (start == NULL ||
        start(MAKEWORD(2, 2), &description, entry, upcalls, &top)) {
        fprintf(stderr, "dispatch: %s does not start\n", path);
        exit(1);
    }
}

static void keep_least(double *least, double value)
{
    if (*least == 0 || value < *least)
        *least = value;
}

struct cost {
    double api, direct;
};

static void report(const char *title, struct cost cost)
{
    printf("%s\n", title);
    printf("  WSPSend and WSPRecv  %7.0f ns\n", cost.direct);
    printf("  send and recv        %7.0f ns  %+.0f ns, %+.1f %%\n", cost.api,
           cost.api - cost.direct, (cost.api / cost.direct - 1) * 100);
}

int main(void)
{
    struct cost plain = {0}, chained = {0};
    WSAPROTOCOL_INFOW entry, first;
    SOCKET s, s_chained;
    WSPDATA description;
    WSADATA data;
    BOOL is_chain;
    int i;

    if (WSAStartup(MAKEWORD(2, 2), &data))
        return 1;
    upcalls.lpWPUModifyIFSHandle = keep_handle;
    entry = find_entry(TRUE);
    first = find_entry(FALSE);
    is_chain = first.ProtocolChain.ChainLen > BASE_PROTOCOL;
    s = make_mirror(&entry);
    if (WSPStartup(MAKEWORD(2, 2), &description, &entry, upcalls, &base))
        return 1;
    s_chained = is_chain ? make_mirror(&first) : s;
    if (is_chain)
        start_top(&first);
    for (i = 0; i < ROUNDS; i++) {
        keep_least(&plain.api, by_the_api(s));
        keep_least(&plain.direct, directly(&base, s));
        if (is_chain) {
            keep_least(&chained.api, by_the_api(s_chained));
            keep_least(&chained.direct, directly(&top, s_chained));
        }
    }
    report("the base provider", plain);
    if (is_chain) {
        report("through the catalog's first chain", chained);
        printf("  its layers' own work %7.0f ns\n",
               chained.direct - plain.direct);
    }
    return 0;
}
