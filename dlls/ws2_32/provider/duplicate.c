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

/* Whether the program's structure can be written, which leaves it as it is:
   there must be no token that nobody would get to see. */
static int check_writable(LPWSAPROTOCOL_INFOW info)
{
    WSAPROTOCOL_INFOW content;
    int error = unix_memory_read(&content, info, sizeof content);

    return error ? error : unix_memory_write(info, &content, sizeof content);
}

static int duplicate(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW ret)
{
    WSAPROTOCOL_INFOW info;
    uint32_t token;
    int error;

    error = provider_entry_of(s, &info);
    if (error)
        return error;
    /* The unix side asks for the process, too; here it is only for the order
       of the errors. */
    error = check_writable(ret);
    if (error)
        return process_id != 0 && host_process_exists(process_id) ? error
                                                                   : WSAEINVAL;
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
