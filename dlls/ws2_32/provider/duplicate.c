/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPDuplicateSocket: names a socket for one WSPSocket of another process.
 *
 * The name is a token of the server's, which is good once and for that process
 * alone, in dwProviderReserved of the socket's catalog entry.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "host/host.h"
#include "provider/provider.h"

static int duplicate(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW ret)
{
    WSAPROTOCOL_INFOW info;
    uint32_t token;
    int error;

    error = provider_entry_of(s, &info);
    if (error)
        return error;
    if (process_id == 0 || !host_process_exists(process_id))
        return WSAEINVAL;
    /* Before there is a token that nobody would get to see. */
    error = unix_memory_write(ret, &info, sizeof info);
    if (error)
        return error;
    error = unix_socket_duplicate(s, process_id, &token);
    if (error)
        return error;
    info.dwProviderReserved = token;
    return unix_memory_write(ret, &info, sizeof info);
}

/* In this order: WSAENOTSOCK; WSAEINVAL: no such process; WSAEFAULT; WSAEMFILE
   and WSAENOBUFS of the server. */
int WSPAPI WSPDuplicateSocket(SOCKET s, DWORD dwProcessId,
                              LPWSAPROTOCOL_INFOW lpProtocolInfo, LPINT lpErrno)
{
    return provider_result(duplicate(s, dwProcessId, lpProtocolInfo), lpErrno);
}
