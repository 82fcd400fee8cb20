/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * socks5: a layered provider that carries a program's TCP connections through
 * a SOCKS5 proxy.
 *
 * Data needs no care once a connection is made, so it is an IFS provider that
 * changes connecting alone: WSPConnect connects to the proxy and asks it for
 * the target, and WSPGetPeerName tells the target.  What would go around it is
 * refused (ConnectEx).
 *
 *     SOCKS5_PROXY      1.2.3.4:1080; not set: connections are direct
 *     SOCKS5_USER       a name and a password, if the proxy wants them
 *     SOCKS5_PASSWORD
 *
 * On a non-blocking socket connect takes as long as the proxy takes, and is
 * done when it returns.  A socket whose connect failed can only be closed.
 */
#include "platform.h"
#include "proxy.h"
#include "relay.h"

#include <mswsock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_SECONDS 60 /* for each step of the conversation */

#ifndef IPV6_V6ONLY
#define IPV6_V6ONLY 27
#endif

static const GUID own_id = {
    0x50c55a11, 0x8b27, 0x4d90, {0xb3, 0x0e, 0x77, 0x73, 0x32, 0x65, 0x6d, 0x75}};

/* The parts of a socket address that we need, at the same place in both
   families: 16 bits of family, then the port. */
struct address {
    short family;
    uint8_t port[2];
    union {
        uint8_t ipv4[4];
        struct {
            uint8_t flow[4], address[16], scope[4];
        } ipv6;
    } of;
};

/* --- Targets, by SOCKET --------------------------------------------------- */

struct target {
    struct target *next;
    SOCKET s;
    int length;
    struct address address;
};

static struct platform_lock lock;
static struct target *targets; /* under lock */

static void remember_target(SOCKET s, const struct address *address, int length)
{
    struct target *target = calloc(1, sizeof(*target));

    if (target == NULL)
        return;
    target->s = s;
    target->length = length;
    target->address = *address;
    platform_lock(&lock);
    target->next = targets;
    targets = target;
    platform_unlock(&lock);
}

static void forget_target(SOCKET s)
{
    struct target **at, *target;

    platform_lock(&lock);
    for (at = &targets; *at != NULL && (*at)->s != s; at = &(*at)->next)
        ;
    target = *at;
    if (target != NULL)
        *at = target->next;
    platform_unlock(&lock);
    free(target);
}

/* 0: the connection is direct. */
static int find_target(SOCKET s, struct address *ret)
{
    struct target *target;
    int length = 0;

    platform_lock(&lock);
    for (target = targets; target != NULL && target->s != s;
         target = target->next)
        ;
    if (target != NULL) {
        *ret = target->address;
        length = target->length;
    }
    platform_unlock(&lock);
    return length;
}

/* --- The proxy ------------------------------------------------------------ */

/* FALSE: there is none. */
static BOOL read_proxy(struct address *ret)
{
    unsigned parts[4], port;
    char text[64];
    int i, end = 0;

    memset(ret, 0, sizeof(*ret));
    if (!platform_environment("SOCKS5_PROXY", text, sizeof(text)) ||
        sscanf(text, "%3u.%3u.%3u.%3u:%5u%n", &parts[0], &parts[1], &parts[2],
               &parts[3], &port, &end) != 5 ||
        text[end] || port > 65535)
        return FALSE;
    ret->family = AF_INET;
    ret->port[0] = (uint8_t)(port >> 8);
    ret->port[1] = (uint8_t)port;
    for (i = 0; i < 4; i++)
        ret->of.ipv4[i] = (uint8_t)parts[i];
    return TRUE;
}

/* The proxy's address for an IPv6 socket: ::ffff:1.2.3.4. */
static void map_to_ipv6(struct address *address)
{
    struct address mapped = {.family = AF_INET6};

    memcpy(mapped.port, address->port, 2);
    mapped.of.ipv6.address[10] = mapped.of.ipv6.address[11] = 0xff;
    memcpy(mapped.of.ipv6.address + 12, address->of.ipv4, 4);
    *address = mapped;
}

/* A socket that the conversation goes over. */
struct conversation {
    const WSPPROC_TABLE *lower;
    SOCKET s;
};

/* Waits until the socket can be written or read, or failed. */
static int wait_for(const struct conversation *on, BOOL writable)
{
    struct timeval timeout = {TIMEOUT_SECONDS, 0};
    fd_set wanted = {1, {on->s}}, failed = {1, {on->s}};
    INT error = 0;
    int n = on->lower->lpWSPSelect(0, writable ? NULL : &wanted,
                                   writable ? &wanted : NULL, &failed, &timeout,
                                   &error);

    if (n == SOCKET_ERROR)
        return error;
    return n == 0 ? WSAETIMEDOUT : 0;
}

static int converse_send(void *context, const void *data, size_t length)
{
    const struct conversation *on = context;
    WSABUF buffer = {(ULONG)length, (CHAR *)data};
    DWORD n;
    INT error;

    while (buffer.len > 0) {
        n = 0;
        error = 0;
        if (on->lower->lpWSPSend(on->s, &buffer, 1, &n, 0, NULL, NULL, NULL,
                                 &error)) {
            if (error == WSAEWOULDBLOCK)
                error = wait_for(on, TRUE);
            if (error)
                return error;
        }
        buffer.buf += n;
        buffer.len -= n;
    }
    return 0;
}

static int converse_receive(void *context, void *data, size_t length)
{
    const struct conversation *on = context;
    WSABUF buffer = {(ULONG)length, data};
    DWORD n, flags;
    INT error;

    while (buffer.len > 0) {
        n = flags = 0;
        error = wait_for(on, FALSE);
        if (!error && on->lower->lpWSPRecv(on->s, &buffer, 1, &n, &flags, NULL,
                                           NULL, NULL, &error) == 0 &&
            n == 0)
            return WSAECONNABORTED; /* the proxy ends it */
        if (error && error != WSAEWOULDBLOCK)
            return error;
        buffer.buf += n;
        buffer.len -= n;
    }
    return 0;
}

static int connect_to_proxy(const struct conversation *on,
                            const struct address *proxy, int length)
{
    int failure = 0, size = sizeof(failure);
    INT error = 0;

    if (on->lower->lpWSPConnect(on->s, (const struct sockaddr *)proxy, length,
                                NULL, NULL, NULL, NULL, &error) == 0)
        return 0;
    if (error != WSAEWOULDBLOCK)
        return error;
    error = wait_for(on, TRUE);
    if (!error && on->lower->lpWSPGetSockOpt(on->s, SOL_SOCKET, SO_ERROR,
                                             (char *)&failure, &size, &error))
        return error;
    return error ? error : failure;
}

static int connect_through(const struct conversation *on, struct address proxy,
                           const struct address *address, int length)
{
    const struct proxy_channel channel = {converse_send, converse_receive,
                                          (void *)on};
    struct proxy_target target = {.is_ipv6 = address->family == AF_INET6};
    char user[256], password[256] = "";
    BOOL has_user = platform_environment("SOCKS5_USER", user, sizeof(user));
    int error, off = 0;
    INT ignored;

    (void)platform_environment("SOCKS5_PASSWORD", password, sizeof(password));
    target.port = (uint16_t)(address->port[0] << 8 | address->port[1]);
    if (target.is_ipv6) {
        memcpy(target.address, address->of.ipv6.address, 16);
        map_to_ipv6(&proxy);
        on->lower->lpWSPSetSockOpt(on->s, IPPROTO_IPV6, IPV6_V6ONLY,
                                   (const char *)&off, sizeof(off), &ignored);
    } else {
        memcpy(target.address, address->of.ipv4, 4);
    }
    error = connect_to_proxy(on, &proxy, length);
    if (error)
        return error;
    error = proxy_connect(&channel, &target, has_user ? user : NULL, password);
    if (error)
        on->lower->lpWSPShutdown(on->s, SD_BOTH, &ignored);
    return error;
}

/* --- What is changed ------------------------------------------------------ */

static int WSPAPI socks_connect(SOCKET s, const struct sockaddr *name,
                                int length, LPWSABUF caller, LPWSABUF callee,
                                LPQOS sqos, LPQOS gqos, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    const struct conversation on = {&chain->lower, s};
    struct address proxy, address = {0};

    if (name == NULL || length < 16 || !read_proxy(&proxy) ||
        (name->sa_family != AF_INET && name->sa_family != AF_INET6))
        return chain->lower.lpWSPConnect(s, name, length, caller, callee, sqos,
                                         gqos, error);
    if (name->sa_family == AF_INET6)
        length = length > (int)sizeof(address) ? (int)sizeof(address) : length;
    else
        length = 16;
    memcpy(&address, name,
           length < (int)sizeof(address) ? (size_t)length : sizeof(address));
    *error = connect_through(&on, proxy, &address, length);
    if (*error)
        return SOCKET_ERROR;
    remember_target(s, &address, length);
    return 0;
}

static int WSPAPI socks_peer_name(SOCKET s, struct sockaddr *name,
                                  LPINT length, LPINT error)
{
    struct chain *chain = chain_of_socket(s);
    struct address address;
    int result = chain->lower.lpWSPGetPeerName(s, name, length, error);
    int target_length = find_target(s, &address);

    /* It checked the room, for an address of the same length. */
    if (result == 0 && target_length > 0)
        memcpy(name, &address,
               target_length < (int)sizeof(address) ? (size_t)target_length
                                                    : sizeof(address));
    return result;
}

/* ConnectEx would go around the proxy. */
static int WSPAPI socks_ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size,
                              LPVOID out, DWORD out_size, LPDWORD returned,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                              LPWSATHREADID thread, LPINT error)
{
    static const GUID connect_ex = WSAID_CONNECTEX;

    if (code == SIO_GET_EXTENSION_FUNCTION_POINTER && in != NULL &&
        in_size >= sizeof(connect_ex) &&
        !memcmp(in, &connect_ex, sizeof(connect_ex))) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return chain_of_socket(s)->lower.lpWSPIoctl(s, code, in, in_size, out,
                                                out_size, returned, overlapped,
                                                routine, thread, error);
}

static int WSPAPI socks_close(SOCKET s, LPINT error)
{
    forget_target(s);
    return relay_close(s, error);
}

/* --- The entry point ------------------------------------------------------ */

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE table, LPWSPPROC_TABLE procedures)
{
    int error = relay_start(&own_id, L"ws2emu example: SOCKS5", version, data,
                            info, table, procedures);

    if (error)
        return error;
    procedures->lpWSPCloseSocket = socks_close;
    procedures->lpWSPConnect = socks_connect;
    procedures->lpWSPGetPeerName = socks_peer_name;
    procedures->lpWSPIoctl = socks_ioctl;
    return 0;
}
