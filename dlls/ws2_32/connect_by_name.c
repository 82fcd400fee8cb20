/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAConnectByName and WSAConnectByList: connecting to the first of several
 * addresses that answers.
 *
 * They block whatever the socket's mode is.  The time limit holds for all of
 * the attempts together; the error is that of the last one.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "address_list.h"
#include "api.h"
#include "provider/provider.h"

#include <stddef.h>
#include <string.h>

#define MAX_ADDRESSES 4096

/* What the calls have in common. */
struct connecting {
    SOCKET s;
    const WSPPROC_TABLE *provider;
    WSAPROTOCOL_INFOW entry; /* of the socket */
    int64_t deadline;
    DWORD *local_length, *remote_length;
    struct sockaddr *local, *remote;
};

static int check_room(const struct connecting *connecting,
                      const struct sockaddr *name, const DWORD *length)
{
    const uint64_t wanted = (uint64_t)connecting->entry.iMinSockAddr;
    DWORD given;

    if (name == NULL)
        return 0;
    if (unix_memory_read(&given, length, sizeof given) || given < wanted ||
        unix_memory_check(name, wanted, 1))
        return WSAEFAULT;
    return unix_memory_check(length, sizeof *length, 1);
}

static int64_t microseconds(const struct timeval *timeout)
{
    return (int64_t)timeout->tv_sec * 1000000 + timeout->tv_usec;
}

/* The checks that come before any address is looked at. */
static int prepare(struct connecting *connecting,
                   const struct timeval *timeout, const void *reserved)
{
    struct timeval limit = {-1, 0};
    int length = sizeof connecting->entry, error;
    INT first = 0;

    connecting->provider = provider_of(connecting->s);
    if (connecting->provider == NULL)
        return WSANOTINITIALISED;
    if (connecting->provider->lpWSPGetSockOpt(
            connecting->s, SOL_SOCKET, SO_PROTOCOL_INFOW,
            (char *)&connecting->entry, &length, &first))
        return first;
    if (connecting->entry.iSocketType != SOCK_STREAM ||
        (connecting->entry.iAddressFamily != AF_INET &&
         connecting->entry.iAddressFamily != AF_INET6) ||
        reserved != NULL)
        return WSAEINVAL;
    error = check_room(connecting, connecting->local, connecting->local_length);
    if (!error)
        error = check_room(connecting, connecting->remote,
                           connecting->remote_length);
    if (!error && timeout != NULL)
        error = unix_memory_read(&limit, timeout, sizeof limit);
    if (!error && timeout != NULL && microseconds(&limit) < 0)
        error = WSAEINVAL;
    connecting->deadline = unix_deadline(microseconds(&limit));
    return error;
}

/* Another provider's socket knows no deadline. */
static int connect_to(const struct connecting *connecting,
                      const struct sockaddr *name, int length)
{
    INT error = 0;

    if (connecting->provider->lpWSPConnect == WSPConnect)
        return unix_socket_connect_until(connecting->s, name, length,
                                         connecting->deadline);
    if (connecting->provider->lpWSPConnect(connecting->s, name, length, NULL,
                                           NULL, NULL, NULL, &error))
        return error;
    return 0;
}

/* Whether another address may do better. */
static BOOL may_go_on(int error)
{
    switch (error) {
    case 0:
    case WSAEISCONN:
    case WSAEALREADY:
    case WSAENOTSOCK:
    case WSAEINTR:
    case WSA_OPERATION_ABORTED:
    case WSAEINVAL:
    case WSAENOBUFS:
        return FALSE;
    }
    return TRUE;
}

static BOOL is_late(const struct connecting *connecting)
{
    return unix_deadline(0) >= connecting->deadline;
}

static int tell_names(const struct connecting *connecting)
{
    INT error = 0;

    if (connecting->local != NULL &&
        connecting->provider->lpWSPGetSockName(
            connecting->s, connecting->local,
            (int *)(void *)connecting->local_length, &error))
        return error;
    if (connecting->remote != NULL &&
        connecting->provider->lpWSPGetPeerName(
            connecting->s, connecting->remote,
            (int *)(void *)connecting->remote_length, &error))
        return error;
    return 0;
}

/* --- By list -------------------------------------------------------------- */

static int connect_to_list(const struct connecting *connecting,
                           const SOCKET_ADDRESS_LIST *list)
{
    SOCKET_ADDRESS address;
    int error = WSAEINVAL;
    INT count, i;

    if (list == NULL)
        return WSAEINVAL;
    if (unix_memory_read(&count, &list->iAddressCount, sizeof count))
        return WSAEFAULT;
    if (count > MAX_ADDRESSES)
        return WSAENOBUFS;
    for (i = 0; i < count; i++) {
        if (i > 0 && is_late(connecting))
            return WSAETIMEDOUT;
        if (unix_memory_read(&address, &list->Address[0] + i, sizeof address))
            return WSAEFAULT;
        error = connect_to(connecting, address.lpSockaddr,
                           address.iSockaddrLength);
        if (!may_go_on(error))
            break;
    }
    return error;
}

BOOL WINAPI WSAConnectByList(SOCKET s, SOCKET_ADDRESS_LIST *SocketAddress,
                             LPDWORD LocalAddressLength,
                             LPSOCKADDR LocalAddress,
                             LPDWORD RemoteAddressLength,
                             LPSOCKADDR RemoteAddress,
                             const struct timeval *timeout,
                             LPWSAOVERLAPPED Reserved);

/*
 * Connects to the first address of the list that answers.  WSAEINVAL: not a
 * TCP socket, no addresses, Reserved; WSAEFAULT: no room for the names;
 * WSAEISCONN; WSAETIMEDOUT; else the error of the last attempt.
 */
BOOL WINAPI WSAConnectByList(SOCKET s, SOCKET_ADDRESS_LIST *SocketAddress,
                             LPDWORD LocalAddressLength,
                             LPSOCKADDR LocalAddress,
                             LPDWORD RemoteAddressLength,
                             LPSOCKADDR RemoteAddress,
                             const struct timeval *timeout,
                             LPWSAOVERLAPPED Reserved)
{
    struct connecting connecting = {.s = s,
                                    .local_length = LocalAddressLength,
                                    .local = LocalAddress,
                                    .remote_length = RemoteAddressLength,
                                    .remote = RemoteAddress};
    int error = prepare(&connecting, timeout, Reserved);

    if (!error)
        error = connect_to_list(&connecting, SocketAddress);
    if (!error)
        error = tell_names(&connecting);
    return api_truth(error);
}

/* --- By name -------------------------------------------------------------- */

/* Both forms differ in the characters of a name alone. */
C_ASSERT(sizeof(ADDRINFOW) == sizeof(struct addrinfo));
C_ASSERT(offsetof(ADDRINFOW, ai_addr) == offsetof(struct addrinfo, ai_addr));
C_ASSERT(offsetof(ADDRINFOW, ai_next) == offsetof(struct addrinfo, ai_next));

/* The addresses that the socket can connect to: an IPv6 one that speaks IPv4
   takes mapped ones, too. */
static void hints_for(const struct connecting *connecting,
                      struct addrinfo *ret)
{
    DWORD only_v6 = 0; /* one byte may come back */
    int length = sizeof only_v6;
    INT ignored;

    memset(ret, 0, sizeof *ret);
    ret->ai_family = connecting->entry.iAddressFamily;
    ret->ai_socktype = SOCK_STREAM;
    ret->ai_protocol = IPPROTO_TCP;
    if (ret->ai_family == AF_INET6 &&
        connecting->provider->lpWSPGetSockOpt(
            connecting->s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&only_v6, &length,
            &ignored) == 0 &&
        !only_v6)
        ret->ai_flags = AI_V4MAPPED | AI_ALL;
}

static int connect_to_first(const struct connecting *connecting,
                            const struct addrinfo *addresses)
{
    const struct addrinfo *address;
    int error = WSAHOST_NOT_FOUND;

    for (address = addresses; address != NULL; address = address->ai_next) {
        if (address != addresses && is_late(connecting))
            return WSAETIMEDOUT;
        error = connect_to(connecting, address->ai_addr,
                           (int)address->ai_addrlen);
        if (!may_go_on(error))
            break;
    }
    return error;
}

/* The lists of both forms are laid out alike, as far as addresses go. */
static int connect_to_name(const struct connecting *connecting,
                           enum address_list_form form, const void *node,
                           const void *service)
{
    struct address_question question;
    struct addrinfo hints;
    void *addresses = NULL;
    int error;

    hints_for(connecting, &hints);
    error = address_question_read(form, node, service, &hints, &question);
    if (!error)
        error = address_question_ask(&question, &addresses);
    if (!error)
        error = connect_to_first(connecting, addresses);
    address_list_free(addresses, form);
    return error;
}

static BOOL connect_by_name(enum address_list_form form, SOCKET s,
                            const void *node, const void *service,
                            DWORD *local_length, struct sockaddr *local,
                            DWORD *remote_length, struct sockaddr *remote,
                            const struct timeval *timeout,
                            const void *reserved)
{
    struct connecting connecting = {.s = s,
                                    .local_length = local_length,
                                    .local = local,
                                    .remote_length = remote_length,
                                    .remote = remote};
    int error = prepare(&connecting, timeout, reserved);

    if (!error && (node == NULL || service == NULL))
        error = WSAEINVAL;
    if (!error)
        error = connect_to_name(&connecting, form, node, service);
    if (!error)
        error = tell_names(&connecting);
    return api_truth(error);
}

/*
 * Connects to the first address of a host that answers.  WSAEINVAL: not a TCP
 * socket, nodename or servicename is NULL, Reserved; WSAEFAULT: no room for the
 * names; the errors of GetAddrInfoW; WSAEISCONN; WSAETIMEDOUT; else the error
 * of the last attempt.
 */
BOOL WINAPI WSAConnectByNameW(SOCKET s, const WCHAR *nodename,
                              const WCHAR *servicename,
                              DWORD *LocalAddressLength,
                              struct sockaddr *LocalAddress,
                              DWORD *RemoteAddressLength,
                              struct sockaddr *RemoteAddress,
                              const struct timeval *timeout,
                              WSAOVERLAPPED *Reserved)
{
    return connect_by_name(ADDRESS_LIST_WIDE, s, nodename, servicename,
                           LocalAddressLength, LocalAddress,
                           RemoteAddressLength, RemoteAddress, timeout,
                           Reserved);
}

/* As WSAConnectByNameW. */
BOOL WINAPI WSAConnectByNameA(SOCKET s, const char *nodename,
                              const char *servicename,
                              DWORD *LocalAddressLength,
                              struct sockaddr *LocalAddress,
                              DWORD *RemoteAddressLength,
                              struct sockaddr *RemoteAddress,
                              const struct timeval *timeout,
                              WSAOVERLAPPED *Reserved)
{
    return connect_by_name(ADDRESS_LIST_NARROW, s, nodename, servicename,
                           LocalAddressLength, LocalAddress,
                           RemoteAddressLength, RemoteAddress, timeout,
                           Reserved);
}
