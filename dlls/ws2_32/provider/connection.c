/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and connections: bind, listen, connect, shutdown.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "provider/provider.h"

#include <string.h>

/* Gives the socket a local name.  WSAEFAULT, WSAEAFNOSUPPORT,
   WSAEADDRNOTAVAIL; WSAEINVAL: it has one; WSAEADDRINUSE, WSAEACCES: by
   Winsock's table of shared ports. */
int WSPAPI WSPBind(SOCKET s, const struct sockaddr *name, int namelen,
                   LPINT lpErrno)
{
    return provider_result(unix_socket_bind(s, name, namelen), lpErrno);
}

/* Makes the socket a listener.  WSAEINVAL: not bound; WSAEISCONN;
   WSAEOPNOTSUPP: a datagram socket. */
int WSPAPI WSPListen(SOCKET s, int backlog, LPINT lpErrno)
{
    return provider_result(unix_socket_listen(s, backlog), lpErrno);
}

/* Connects.  TCP/IP carries no user data with a connect and knows no QOS:
   those are ignored. */
int WSPAPI WSPConnect(SOCKET s, const struct sockaddr *name, int namelen,
                      LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                      LPQOS lpSQOS, LPQOS lpGQOS, LPINT lpErrno)
{
    (void)lpCallerData;
    (void)lpCalleeData;
    (void)lpSQOS;
    (void)lpGQOS;
    return provider_result(unix_socket_connect(s, name, namelen), lpErrno);
}

/* Ends sending, receiving or both, for every holder of the socket.  WSAEINVAL:
   how is none of SD_*; WSAENOTCONN: a stream without a connection. */
int WSPAPI WSPShutdown(SOCKET s, int how, LPINT lpErrno)
{
    return provider_result(unix_socket_shutdown(s, how), lpErrno);
}

/* Ends receiving.  There is no disconnect data in TCP/IP: none comes. */
int WSPAPI WSPRecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData,
                             LPINT lpErrno)
{
    int error = unix_socket_shutdown(s, SD_RECEIVE);

    if (!error && lpInboundDisconnectData != NULL)
        lpInboundDisconnectData->len = 0;
    return provider_result(error, lpErrno);
}

/* Ends sending.  Disconnect data is ignored, as TCP/IP carries none. */
int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData,
                             LPINT lpErrno)
{
    (void)lpOutboundDisconnectData;
    return provider_result(unix_socket_shutdown(s, SD_SEND), lpErrno);
}

/* The local name.  WSAEINVAL: not bound; WSAEFAULT: too little room. */
int WSPAPI WSPGetSockName(SOCKET s, struct sockaddr *name, LPINT namelen,
                          LPINT lpErrno)
{
    return provider_result(unix_socket_get_local_name(s, name, namelen),
                           lpErrno);
}

/* The peer's name.  WSAENOTCONN; WSAEFAULT: too little room. */
int WSPAPI WSPGetPeerName(SOCKET s, struct sockaddr *name, LPINT namelen,
                          LPINT lpErrno)
{
    return provider_result(unix_socket_get_peer_name(s, name, namelen),
                           lpErrno);
}

static int join_group(SOCKET s, int family, const struct sockaddr *name,
                      int namelen)
{
    struct ipv6_mreq group6;
    struct ip_mreq group4;

    if (name == NULL)
        return WSAEFAULT;
    if (family == AF_INET6) {
        struct sockaddr_in6 address;

        if (namelen < (int)sizeof address ||
            unix_memory_read(&address, name, sizeof address))
            return WSAEFAULT;
        if (address.sin6_family != AF_INET6)
            return WSAEAFNOSUPPORT;
        memset(&group6, 0, sizeof group6);
        group6.ipv6mr_multiaddr = address.sin6_addr;
        group6.ipv6mr_interface = address.sin6_scope_id;
        return unix_socket_set_option(s, WS2_IPPROTO_IPV6,
                                      WS2_IPV6_ADD_MEMBERSHIP, &group6,
                                      sizeof group6);
    } else {
        struct sockaddr_in address;

        if (namelen < (int)sizeof address ||
            unix_memory_read(&address, name, sizeof address))
            return WSAEFAULT;
        if (address.sin_family != AF_INET)
            return WSAEAFNOSUPPORT;
        memset(&group4, 0, sizeof group4);
        group4.imr_multiaddr = address.sin_addr;
        return unix_socket_set_option(s, WS2_IPPROTO_IP, WS2_IP_ADD_MEMBERSHIP,
                                      &group4, sizeof group4);
    }
}

/*
 * Joins a multicast group.  UDP's multipoint sessions have no root, so the
 * descriptor that is returned is s itself.  WSAEOPNOTSUPP: not a datagram
 * socket; WSAEINVAL: dwFlags is none of JL_*; WSAEFAULT, WSAEAFNOSUPPORT.
 */
SOCKET WSPAPI WSPJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
                          LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                          LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags,
                          LPINT lpErrno)
{
    struct unix_identity identity;
    int error;

    (void)lpCallerData;
    (void)lpCalleeData;
    (void)lpSQOS;
    (void)lpGQOS;
    error = unix_socket_identity(s, &identity);
    if (!error && identity.type != SOCK_DGRAM)
        error = WSAEOPNOTSUPP;
    if (!error && (dwFlags == 0 || dwFlags > JL_BOTH))
        error = WSAEINVAL;
    if (!error && dwFlags != JL_SENDER_ONLY)
        error = join_group(s, identity.family, name, namelen);
    provider_report(error, lpErrno);
    return error ? INVALID_SOCKET : s;
}

/* QOS templates: there is no provider of them. */
BOOL WSPAPI WSPGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS,
                            LPINT lpErrno)
{
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    (void)lpQOSName;
    (void)lpQOS;
    return provider_truth(error ? error : WSAEOPNOTSUPP, lpErrno);
}

/* Winsock 1.1's blocking hooks are not run by this provider, so no blocking
   call is there to be cancelled. */
int WSPAPI WSPCancelBlockingCall(LPINT lpErrno)
{
    return provider_result(WSAEINVAL, lpErrno);
}
