/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSASendMsg.  It is no function of the SPI: ws2_32 asks the provider of the
 * SOCKET for it, so that layered providers see it.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <mswsock.h>

#include "api.h"

int WINAPI WSASendMsg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
                      LPDWORD lpNumberOfBytesSent,
                      LPWSAOVERLAPPED lpOverlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);

/* Sends a datagram with control data; see provider_send_msg. */
int WINAPI WSASendMsg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
                      LPDWORD lpNumberOfBytesSent,
                      LPWSAOVERLAPPED lpOverlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    GUID id = WSAID_WSASENDMSG;
    LPFN_WSASENDMSG send_message;
    INT error = WSANOTINITIALISED;
    DWORD size;

    if (provider == NULL ||
        provider->lpWSPIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id,
                             sizeof id, &send_message, sizeof send_message,
                             &size, NULL, NULL, NULL, &error))
        return api_failure(error);
    return send_message(s, lpMsg, dwFlags, lpNumberOfBytesSent, lpOverlapped,
                        lpCompletionRoutine);
}
