/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Byte order.  The plain functions work before WSAStartup; the WSA forms ask
 * the socket's protocol, which is big-endian for all that there are.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "unix/boundary.h"

/* Wine's winsock2.h has macros of these names. */
#undef htonl
#undef htons
#undef ntohl
#undef ntohs

ULONG WINAPI htonl(ULONG hostlong);
u_short WINAPI htons(u_short hostshort);
ULONG WINAPI ntohl(ULONG netlong);
u_short WINAPI ntohs(u_short netshort);

/* To network order and back; these four never fail. */
ULONG WINAPI htonl(ULONG hostlong)
{
    return __builtin_bswap32(hostlong);
}

u_short WINAPI htons(u_short hostshort)
{
    return __builtin_bswap16(hostshort);
}

ULONG WINAPI ntohl(ULONG netlong)
{
    return __builtin_bswap32(netlong);
}

u_short WINAPI ntohs(u_short netshort)
{
    return __builtin_bswap16(netshort);
}

/* Whether the protocol of s wants its numbers swapped.  WSANOTINITIALISED,
   WSAENOTSOCK. */
static int get_swap(SOCKET s, BOOL *ret)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSAPROTOCOL_INFOW info;
    INT length = sizeof info, error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW,
                                  (char *)&info, &length, &error))
        return error;
    *ret = info.iNetworkByteOrder == BIGENDIAN;
    return 0;
}

static int convert_long(SOCKET s, ULONG from, ULONG *to)
{
    BOOL swap;
    int error = get_swap(s, &swap);
    ULONG converted;

    if (error)
        return api_failure(error);
    converted = swap ? __builtin_bswap32(from) : from;
    return api_result(unix_memory_write(to, &converted, sizeof converted));
}

static int convert_short(SOCKET s, u_short from, u_short *to)
{
    BOOL swap;
    int error = get_swap(s, &swap);
    u_short converted;

    if (error)
        return api_failure(error);
    converted = swap ? __builtin_bswap16(from) : from;
    return api_result(unix_memory_write(to, &converted, sizeof converted));
}

/* To the order of the socket's protocol and back.  WSANOTINITIALISED,
   WSAENOTSOCK, WSAEFAULT. */
int WINAPI WSAHtonl(SOCKET s, ULONG hostlong, ULONG *lpnetlong)
{
    return convert_long(s, hostlong, lpnetlong);
}

int WINAPI WSAHtons(SOCKET s, u_short hostshort, u_short *lpnetshort)
{
    return convert_short(s, hostshort, lpnetshort);
}

int WINAPI WSANtohl(SOCKET s, ULONG netlong, ULONG *lphostlong)
{
    return convert_long(s, netlong, lphostlong);
}

int WINAPI WSANtohs(SOCKET s, u_short netshort, u_short *lphostshort)
{
    return convert_short(s, netshort, lphostshort);
}
