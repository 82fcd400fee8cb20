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

/* Not in Wine's headers. */
#ifndef SERVICETYPE_NOTRAFFIC
#define SERVICETYPE_NOTRAFFIC 0
#define SERVICETYPE_BESTEFFORT 1
#endif

/* --- What comes with a connect -------------------------------------------- */

/* There is but one quality of service: best effort.  WSAEOPNOTSUPP: more is
   wanted; WSAEFAULT. */
static int check_qos(const QOS *qos)
{
    const FLOWSPEC *flows[2];
    ULONG type;
    int i;

    if (qos == NULL)
        return 0;
    flows[0] = &qos->SendingFlowspec;
    flows[1] = &qos->ReceivingFlowspec;
    for (i = 0; i < 2; i++) {
        if (unix_memory_read(&type, &flows[i]->ServiceType, sizeof type))
            return WSAEFAULT;
        if (type != SERVICETYPE_NOTRAFFIC && type != SERVICETYPE_BESTEFFORT)
            return WSAEOPNOTSUPP;
    }
    return 0;
}

/* TCP/IP and UDP carry no user data: unsupported is the error of some. */
static int check_user_data(const WSABUF *outbound, const WSABUF *inbound,
                           int unsupported)
{
    ULONG length = 0;

    if (outbound != NULL &&
        unix_memory_read(&length, &outbound->len, sizeof length))
        return WSAEFAULT;
    if (inbound != NULL &&
        unix_memory_check(&inbound->len, sizeof inbound->len, 1))
        return WSAEFAULT;
    return length > 0 ? unsupported : 0;
}

/* None came. */
static void give_user_data(WSABUF *inbound)
{
    if (inbound != NULL)
        inbound->len = 0;
}

/* Before the other checks: s is a socket. */
static int check_connect(SOCKET s, const WSABUF *caller, const WSABUF *callee,
                         const QOS *sqos, const QOS *gqos, int unsupported)
{
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    if (!error)
        error = check_user_data(caller, callee, unsupported);
    if (!error)
        error = check_qos(sqos);
    return error ? error : check_qos(gqos);
}

/* Connects.  WSAEINVAL: caller data, which TCP/IP does not carry;
   WSAEOPNOTSUPP: a quality of service beyond best effort. */
int WSPAPI WSPConnect(SOCKET s, const struct sockaddr *name, int namelen,
                      LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                      LPQOS lpSQOS, LPQOS lpGQOS, LPINT lpErrno)
{
    int error = 0;

    if (lpCallerData != NULL || lpCalleeData != NULL || lpSQOS != NULL ||
        lpGQOS != NULL)
        error = check_connect(s, lpCallerData, lpCalleeData, lpSQOS, lpGQOS,
                              WSAEINVAL);
    if (!error)
        error = unix_socket_connect(s, name, namelen);
    if (!error)
        give_user_data(lpCalleeData);
    return provider_result(error, lpErrno);
}

/* --- Ends ----------------------------------------------------------------- */

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
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    if (!error)
        error = check_user_data(NULL, lpInboundDisconnectData, 0);
    if (!error)
        error = unix_socket_shutdown(s, SD_RECEIVE);
    if (!error)
        give_user_data(lpInboundDisconnectData);
    return provider_result(error, lpErrno);
}

/* Ends sending.  Disconnect data is ignored, as TCP/IP carries none. */
int WSPAPI WSPSendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData,
                             LPINT lpErrno)
{
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    if (!error)
        error = check_user_data(lpOutboundDisconnectData, NULL, 0);
    if (!error)
        error = unix_socket_shutdown(s, SD_SEND);
    return provider_result(error, lpErrno);
}

/* --- Names ---------------------------------------------------------------- */

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

/* --- Multipoint sessions -------------------------------------------------- */

static BOOL is_group(struct in_addr address)
{
    return (ntohl(address.s_addr) & 0xf0000000) == 0xe0000000;
}

/* The group's address, of the socket's family.  WSAEADDRNOTAVAIL: no group. */
static int read_group(int family, const struct sockaddr *name, int namelen,
                      struct sockaddr_storage *ret)
{
    const int wanted = family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                          : (int)sizeof(struct sockaddr_in);
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)ret;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ret;

    memset(ret, 0, sizeof *ret);
    if (namelen < wanted || unix_memory_read(ret, name, (uint32_t)wanted))
        return WSAEFAULT;
    if (ret->ss_family != family)
        return WSAEAFNOSUPPORT;
    if (family == AF_INET6)
        return IN6_IS_ADDR_MULTICAST(&v6->sin6_addr) ? 0 : WSAEADDRNOTAVAIL;
    return is_group(v4->sin_addr) ? 0 : WSAEADDRNOTAVAIL;
}

/* An unbound socket gets a name. */
static int bind_somewhere(SOCKET s, int family)
{
    struct sockaddr_storage any = {.ss_family = (unsigned short)family};
    int error = unix_socket_bind(s, &any, sizeof any);

    return error == WSAEINVAL ? 0 : error; /* it has one */
}

/* Only a socket that was made for it is a member of sessions. */
static int check_leaf(SOCKET s, DWORD flags, struct unix_identity *ret)
{
    int error = unix_socket_identity(s, ret);

    if (error)
        return error;
    if (!(ret->flags &
          (WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF)))
        return WSAEINVAL;
    return flags == JL_SENDER_ONLY || flags == JL_RECEIVER_ONLY ||
                   flags == JL_BOTH
               ? 0
               : WSAEINVAL;
}

/*
 * Joins a multicast group.  UDP's multipoint sessions have no root, so the
 * descriptor that is returned is s itself; who only sends need not be a member.
 * FD_CONNECT tells that it is done.
 * WSAEINVAL: s was not made with WSA_FLAG_MULTIPOINT_*_LEAF, or dwFlags is none
 * of JL_*; WSAEPROTONOSUPPORT: caller data; WSAEOPNOTSUPP: a quality of service
 * beyond best effort; WSAEADDRNOTAVAIL: no group; WSAEISCONN; WSAEFAULT,
 * WSAEAFNOSUPPORT.
 */
SOCKET WSPAPI WSPJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
                          LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
                          LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags,
                          LPINT lpErrno)
{
    struct sockaddr_storage group;
    struct unix_identity identity;
    int error = check_leaf(s, dwFlags, &identity);

    if (!error)
        error = check_connect(s, lpCallerData, lpCalleeData, lpSQOS, lpGQOS,
                              WSAEPROTONOSUPPORT);
    if (!error)
        error = read_group(identity.family, name, namelen, &group);
    if (!error)
        error = bind_somewhere(s, identity.family);
    if (!error)
        error = unix_socket_join_session(s, &group, sizeof group,
                                         dwFlags != JL_SENDER_ONLY);
    if (!error)
        give_user_data(lpCalleeData);
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
