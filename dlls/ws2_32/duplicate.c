/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSADuplicateSocket: names a socket for one WSASocket of another process.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "protocol.h"
#include "unix/boundary.h"

/*
 * Fills lpProtocolInfo.  In this order: WSANOTINITIALISED; WSAENOTSOCK;
 * WSAEINVAL: no such process; WSAEFAULT; WSAEMFILE, WSAENOBUFS.
 */
INT WINAPI WSADuplicateSocketW(SOCKET s, DWORD dwProcessId,
                               LPWSAPROTOCOL_INFOW lpProtocolInfo)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPDuplicateSocket(s, dwProcessId, lpProtocolInfo, &error))
        return api_failure(error);
    return api_success();
}

/* Whether the program's struct can be written: with what it holds already. */
static int probe(WSAPROTOCOL_INFOA *info)
{
    WSAPROTOCOL_INFOA content;
    int error = unix_memory_read(&content, info, sizeof content);

    return error ? error : unix_memory_write(info, &content, sizeof content);
}

/*
 * As WSADuplicateSocketW.  The provider speaks the W form: where the program's
 * struct cannot be written it is asked with none, so that it finds the errors
 * that come first and makes no name that would be lost.
 */
INT WINAPI WSADuplicateSocketA(SOCKET s, DWORD dwProcessId,
                               LPWSAPROTOCOL_INFOA lpProtocolInfo)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSAPROTOCOL_INFOW info;
    WSAPROTOCOL_INFOA ansi;
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPDuplicateSocket(
            s, dwProcessId, probe(lpProtocolInfo) ? NULL : &info, &error))
        return api_failure(error);
    protocol_to_ansi(&info, &ansi);
    return api_result(unix_memory_write(lpProtocolInfo, &ansi, sizeof ansi));
}
