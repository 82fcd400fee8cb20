/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets and their connections.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "api.h"
#include "protocol.h"
#include "providers.h"
#include "unix/boundary.h"

/* --- Making sockets ------------------------------------------------------- */

/* By the id alone: a duplicate's info has the socket's own triple.  WSAEINVAL:
   of no entry of the catalog, or of a layer, which is no provider by itself. */
static int find_by_info(const WSAPROTOCOL_INFOW *info,
                        const WSAPROTOCOL_INFOW **ret_entry)
{
    *ret_entry = catalog_entry(info->dwCatalogEntryId);
    if (*ret_entry == NULL ||
        (*ret_entry)->ProtocolChain.ChainLen == LAYERED_PROTOCOL)
        return WSAEINVAL;
    return 0;
}

/* info: NULL, or already out of the program's reach. */
static SOCKET make_socket(int af, int type, int protocol,
                          LPWSAPROTOCOL_INFOW info, GROUP g, DWORD flags)
{
    const WSAPROTOCOL_INFOW *entry;
    const WSPPROC_TABLE *provider;
    WSAPROTOCOL_INFOW chosen;
    SOCKET s = INVALID_SOCKET;
    INT error;

    if (!api_started())
        error = WSANOTINITIALISED;
    else if (info != NULL)
        error = find_by_info(info, &entry);
    else
        error = catalog_find(af, type, protocol, &entry);
    if (!error)
        error = provider_of_entry(entry, &provider);
    if (!error) {
        if (info == NULL) {
            chosen = *entry;
            info = &chosen;
        }
        s = provider->lpWSPSocket(af, type, protocol, info, g, flags, &error);
    }
    if (s == INVALID_SOCKET)
        api_failure(error);
    else
        api_success();
    return s;
}

/*
 * A new socket, or, with an info that WSADuplicateSocketW made, another
 * descriptor of that socket.  With an info, 0 and FROM_PROTOCOL_INFO take a
 * part of the triple from it.  Without, the first entry of the catalog that
 * fits is used; see protocol_find for the errors.  WSAEINVAL: the info is of no
 * entry, or names nothing that this process may open (any more); also bad
 * flags or group.  WSAEFAULT: the info cannot be read.
 */
SOCKET WINAPI WSASocketW(int af, int type, int protocol,
                         LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
                         DWORD dwFlags)
{
    WSAPROTOCOL_INFOW info;
    int error;

    if (lpProtocolInfo == NULL || !api_started())
        return make_socket(af, type, protocol, NULL, g, dwFlags);
    error = unix_memory_read(&info, lpProtocolInfo, sizeof info);
    if (error) {
        api_failure(error);
        return INVALID_SOCKET;
    }
    return make_socket(af, type, protocol, &info, g, dwFlags);
}

/* As WSASocketW. */
SOCKET WINAPI WSASocketA(int af, int type, int protocol,
                         LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g,
                         DWORD dwFlags)
{
    WSAPROTOCOL_INFOA ansi;
    WSAPROTOCOL_INFOW info;
    int error;

    if (lpProtocolInfo == NULL || !api_started())
        return make_socket(af, type, protocol, NULL, g, dwFlags);
    error = unix_memory_read(&ansi, lpProtocolInfo, sizeof ansi);
    if (error) {
        api_failure(error);
        return INVALID_SOCKET;
    }
    protocol_from_ansi(&ansi, &info);
    return make_socket(af, type, protocol, &info, g, dwFlags);
}

/* A new socket, overlapped unless the thread's SO_OPENTYPE says otherwise. */
SOCKET WINAPI socket(int af, int type, int protocol)
{
    DWORD flags = api_open_type() == 0 ? WSA_FLAG_OVERLAPPED : 0;

    return make_socket(af, type, protocol, NULL, 0, flags);
}

/* Ends a descriptor.  WSAENOTSOCK. */
int WINAPI closesocket(SOCKET s)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    uint64_t claim = provider_claim_socket(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL || provider->lpWSPCloseSocket(s, &error))
        return api_failure(error);
    provider_release_socket(s, claim);
    return api_success();
}

/* --- Names ---------------------------------------------------------------- */

/* Gives a socket its local name. */
int WINAPI bind(SOCKET s, const struct sockaddr *name, int namelen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL || provider->lpWSPBind(s, name, namelen, &error))
        return api_failure(error);
    return api_success();
}

/* The local name.  WSAEINVAL: not bound; WSAEFAULT. */
int WINAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPGetSockName(s, name, namelen, &error))
        return api_failure(error);
    return api_success();
}

/* The peer's name.  WSAENOTCONN; WSAEFAULT. */
int WINAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPGetPeerName(s, name, namelen, &error))
        return api_failure(error);
    return api_success();
}

/* --- Connections ---------------------------------------------------------- */

/* Makes a bound socket a listener. */
int WINAPI listen(SOCKET s, int backlog)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL || provider->lpWSPListen(s, backlog, &error))
        return api_failure(error);
    return api_success();
}

/* Connects; see WSPConnect for what is done with the data and the QOS. */
int WINAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen,
                      LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                      LPQOS lpSQOS, LPQOS lpGQOS)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPConnect(s, name, namelen, lpCallerData, lpCalleeData,
                               lpSQOS, lpGQOS, &error))
        return api_failure(error);
    return api_success();
}

/* Connects.  WSAEWOULDBLOCK: under way, on a non-blocking socket. */
int WINAPI connect(SOCKET s, const struct sockaddr *name, int namelen)
{
    return WSAConnect(s, name, namelen, NULL, NULL, NULL, NULL);
}

/* The next connection of a listener, with a condition function; see
   WSPAccept. */
SOCKET WINAPI WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    SOCKET accepted = INVALID_SOCKET;
    INT error = WSANOTINITIALISED;

    if (provider != NULL)
        accepted = provider->lpWSPAccept(s, addr, addrlen, lpfnCondition,
                                         dwCallbackData, &error);
    if (accepted == INVALID_SOCKET)
        api_failure(error);
    else
        api_success();
    return accepted;
}

/* The next connection of a listener. */
SOCKET WINAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen)
{
    return WSAAccept(s, addr, addrlen, NULL, 0);
}

/* Ends sending, receiving or both, through whichever descriptor. */
int WINAPI shutdown(SOCKET s, int how)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL || provider->lpWSPShutdown(s, how, &error))
        return api_failure(error);
    return api_success();
}

/* Ends receiving. */
int WINAPI WSARecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPRecvDisconnect(s, lpInboundDisconnectData, &error))
        return api_failure(error);
    return api_success();
}

/* Ends sending. */
int WINAPI WSASendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPSendDisconnect(s, lpOutboundDisconnectData, &error))
        return api_failure(error);
    return api_success();
}

/* Joins a multipoint session; see WSPJoinLeaf. */
SOCKET WINAPI WSAJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
                          LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                          LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    SOCKET leaf = INVALID_SOCKET;
    INT error = WSANOTINITIALISED;

    if (provider != NULL)
        leaf = provider->lpWSPJoinLeaf(s, name, namelen, lpCallerData,
                                       lpCalleeData, lpSQOS, lpGQOS, dwFlags,
                                       &error);
    if (leaf == INVALID_SOCKET)
        api_failure(error);
    else
        api_success();
    return leaf;
}

/* A QOS template; there is no provider of them: WSAEOPNOTSUPP. */
BOOL WINAPI WSAGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        !provider->lpWSPGetQOSByName(s, lpQOSName, lpQOS, &error))
        return api_truth(error);
    return api_truth(0);
}
