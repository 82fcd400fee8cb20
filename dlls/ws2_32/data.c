/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data calls.  Nothing is locked, looked up or allocated here: they go through
 * the provider's table as they are.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"

/* --- Winsock 2's forms ---------------------------------------------------- */

/* Sends buffers on a connected socket.  A blocking stream sends all of them. */
int WINAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;
    WSATHREADID thread;

    if (provider == NULL ||
        provider->lpWSPSend(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                            dwFlags, lpOverlapped, lpCompletionRoutine,
                            api_thread(lpCompletionRoutine != NULL, &thread),
                            &error))
        return api_failure(error);
    return api_success();
}

/* Sends buffers to a name. */
int WINAPI WSASendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                     const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;
    WSATHREADID thread;

    if (provider == NULL ||
        provider->lpWSPSendTo(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                              dwFlags, lpTo, iTolen, lpOverlapped,
                              lpCompletionRoutine,
                              api_thread(lpCompletionRoutine != NULL, &thread),
                            &error))
        return api_failure(error);
    return api_success();
}

/* Receives into buffers.  WSAEMSGSIZE: they hold the first part of a datagram
   that is larger. */
int WINAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;
    WSATHREADID thread;

    if (provider == NULL ||
        provider->lpWSPRecv(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                            lpFlags, lpOverlapped, lpCompletionRoutine,
                            api_thread(lpCompletionRoutine != NULL, &thread),
                            &error))
        return api_failure(error);
    return api_success();
}

/* Receives into buffers and tells the sender's name. */
int WINAPI WSARecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                       struct sockaddr *lpFrom, LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;
    WSATHREADID thread;

    if (provider == NULL ||
        provider->lpWSPRecvFrom(
            s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, lpFrom,
            lpFromlen, lpOverlapped, lpCompletionRoutine,
            api_thread(lpCompletionRoutine != NULL, &thread), &error))
        return api_failure(error);
    return api_success();
}

/* The result of an overlapped operation; see WSPGetOverlappedResult. */
BOOL WINAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                   LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        !provider->lpWSPGetOverlappedResult(s, lpOverlapped, lpcbTransfer,
                                            fWait, lpdwFlags, &error))
        return api_truth(error);
    return api_truth(0);
}

/* --- Winsock 1.1's forms -------------------------------------------------- */

/* Sends; returns the count of bytes, which for a blocking stream is len. */
int WINAPI send(SOCKET s, const char *buf, int len, int flags)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSABUF buffer = {(ULONG)len, (CHAR *)buf};
    INT error = WSANOTINITIALISED;
    DWORD count;

    if (provider == NULL ||
        provider->lpWSPSend(s, &buffer, 1, &count, (DWORD)flags, NULL, NULL,
                            NULL, &error))
        return api_failure(error);
    host_set_last_error(0);
    return (int)count;
}

/* Sends to a name; returns the count of bytes. */
int WINAPI sendto(SOCKET s, const char *buf, int len, int flags,
                  const struct sockaddr *to, int tolen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSABUF buffer = {(ULONG)len, (CHAR *)buf};
    INT error = WSANOTINITIALISED;
    DWORD count;

    if (provider == NULL ||
        provider->lpWSPSendTo(s, &buffer, 1, &count, (DWORD)flags, to, tolen,
                              NULL, NULL, NULL, &error))
        return api_failure(error);
    host_set_last_error(0);
    return (int)count;
}

/* Receives; returns the count of bytes, 0: the peer has ended sending. */
int WINAPI recv(SOCKET s, char *buf, int len, int flags)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSABUF buffer = {(ULONG)len, buf};
    INT error = WSANOTINITIALISED;
    DWORD count, in_out_flags = (DWORD)flags;

    if (provider == NULL ||
        provider->lpWSPRecv(s, &buffer, 1, &count, &in_out_flags, NULL, NULL,
                            NULL, &error))
        return api_failure(error);
    host_set_last_error(0);
    return (int)count;
}

/* Receives and tells the sender's name; returns the count of bytes. */
int WINAPI recvfrom(SOCKET s, char *buf, int len, int flags,
                    struct sockaddr *from, int *fromlen)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    WSABUF buffer = {(ULONG)len, buf};
    INT error = WSANOTINITIALISED;
    DWORD count, in_out_flags = (DWORD)flags;

    if (provider == NULL ||
        provider->lpWSPRecvFrom(s, &buffer, 1, &count, &in_out_flags, from,
                                fromlen, NULL, NULL, NULL, &error))
        return api_failure(error);
    host_set_last_error(0);
    return (int)count;
}
