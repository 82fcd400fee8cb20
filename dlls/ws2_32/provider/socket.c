/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPSocket and WSPCloseSocket: descriptors, new and of duplicates.
 *
 * A WSAPROTOCOL_INFO whose dwProviderReserved is not 0 names an existing
 * socket by a token; nothing else in it matters then, the socket is what it
 * is.  With 0 it is a plain catalog entry and the socket is a new one.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "protocol.h"
#include "provider/provider.h"

#define MULTIPOINT_FLAGS \
    (WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_C_LEAF | \
     WSA_FLAG_MULTIPOINT_D_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF)

#define KNOWN_FLAGS \
    (WSA_FLAG_OVERLAPPED | MULTIPOINT_FLAGS | \
     WSA_FLAG_ACCESS_SYSTEM_SECURITY | WSA_FLAG_NO_HANDLE_INHERIT | \
     WSA_FLAG_REGISTERED_IO)

/* UDP has no root in either plane: every member is a leaf of both. */
static int check_flags(const WSAPROTOCOL_INFOW *entry, DWORD flags)
{
    DWORD multipoint = flags & MULTIPOINT_FLAGS;

    if (flags & ~(DWORD)KNOWN_FLAGS)
        return WSAEINVAL;
    if (multipoint == 0)
        return 0;
    if (!(entry->dwServiceFlags1 & XP1_SUPPORT_MULTIPOINT))
        return WSAEINVAL;
    return multipoint ==
                   (WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF)
               ? 0
               : WSAEINVAL;
}

/* No group exists but the two that ask for a new one. */
static int check_group(GROUP g)
{
    return g == 0 || g == SG_UNCONSTRAINED_GROUP || g == SG_CONSTRAINED_GROUP
               ? 0
               : WSAEINVAL;
}

/* 0 and FROM_PROTOCOL_INFO take the part from the info. */
static int choose(int given, int from_info)
{
    return given == 0 || given == FROM_PROTOCOL_INFO ? from_info : given;
}

static int create(int af, int type, int protocol, const WSAPROTOCOL_INFOW *info,
                  DWORD flags, ws2_handle *ret)
{
    const WSAPROTOCOL_INFOW *entry;
    struct unix_identity identity;
    int error;

    if (info != NULL) {
        af = choose(af, info->iAddressFamily);
        type = choose(type, info->iSocketType);
        protocol = choose(protocol, info->iProtocol);
    }
    error = protocol_find(provider_entries, PROVIDER_ENTRIES, af, type,
                          protocol, &entry);
    if (error)
        return error;
    error = check_flags(entry, flags);
    if (error)
        return error;
    identity = (struct unix_identity){
        .family = entry->iAddressFamily,
        .type = entry->iSocketType,
        .protocol = entry->iProtocolMaxOffset ? protocol : entry->iProtocol,
        .flags = flags,
    };
    return unix_socket_create(&identity, ret);
}

/*
 * A new socket, or a new descriptor of the socket that lpProtocolInfo names.
 * Errors: those of protocol_find for the triple; WSAEINVAL: flags or group
 * are no valid ones, or the token is not good in this process (any more);
 * WSAEMFILE, WSAENOBUFS.
 */
SOCKET WSPAPI WSPSocket(int af, int type, int protocol,
                        LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g,
                        DWORD dwFlags, LPINT lpErrno)
{
    ws2_handle s = WS2_INVALID_HANDLE_VALUE;
    int error;

    error = check_group(g);
    if (!error) {
        if (lpProtocolInfo != NULL && lpProtocolInfo->dwProviderReserved != 0)
            error = unix_socket_open(lpProtocolInfo->dwProviderReserved,
                                     dwFlags, &s);
        else
            error = create(af, type, protocol, lpProtocolInfo, dwFlags, &s);
    }
    if (!error)
        error = provider_admit(s);
    provider_report(error, lpErrno);
    return error ? INVALID_SOCKET : (SOCKET)s;
}

/* Ends a descriptor, and the socket with its last one.  WSAENOTSOCK;
   WSAEWOULDBLOCK where the linger time asks for it. */
int WSPAPI WSPCloseSocket(SOCKET s, LPINT lpErrno)
{
    provider_drop_deferred(s);
    return provider_result(unix_socket_close(s), lpErrno);
}
