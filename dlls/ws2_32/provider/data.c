/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data calls.  A WSABUF array is the unix side's buffer array as it stands.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "provider/buffers.h"
#include "provider/provider.h"

/* Overlapped operation is not offered. */
static inline BOOL is_overlapped(LPWSAOVERLAPPED overlapped,
                                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return overlapped != NULL || routine != NULL;
}

/* The checks that both sending calls have in common; 0 to go on. */
static inline int check_send(SOCKET s, LPWSABUF buffers, DWORD n,
                             LPDWORD sent, BOOL overlapped)
{
    if (overlapped)
        return buffers_refuse(s, WSAEOPNOTSUPP);
    if (buffers_bad_number(sent) || !buffers_are_good(buffers, n))
        return buffers_refuse(s, WSAEFAULT);
    return 0;
}

/* Sends on a connected socket.  *lpNumberOfBytesSent is written on success. */
int WSPAPI WSPSend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    uint32_t sent;
    int error;

    (void)lpThreadId;
    error = check_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                       is_overlapped(lpOverlapped, lpCompletionRoutine));
    if (!error)
        error = unix_socket_send(s, buffers_of(lpBuffers), dwBufferCount,
                                 dwFlags, &sent);
    if (!error)
        *lpNumberOfBytesSent = sent;
    return provider_result(error, lpErrno);
}

/* Sends to a name; a connection ignores it. */
int WSPAPI WSPSendTo(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                     LPDWORD lpNumberOfBytesSent, DWORD dwFlags,
                     const struct sockaddr *lpTo, int iTolen,
                     LPWSAOVERLAPPED lpOverlapped,
                     LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                     LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    uint32_t sent;
    int error;

    (void)lpThreadId;
    error = check_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                       is_overlapped(lpOverlapped, lpCompletionRoutine));
    if (!error)
        error = unix_socket_send_to(s, buffers_of(lpBuffers), dwBufferCount,
                                    dwFlags, lpTo, iTolen, &sent);
    if (!error)
        *lpNumberOfBytesSent = sent;
    return provider_result(error, lpErrno);
}

/* The checks that both receiving calls have in common; 0 to go on. */
static int check_receive(SOCKET s, LPWSABUF buffers, DWORD n, LPDWORD received,
                         LPDWORD flags, BOOL overlapped)
{
    int error = 0, first;

    if (overlapped)
        error = WSAEOPNOTSUPP;
    else if (buffers_bad_number(received) || buffers_bad_number(flags))
        error = WSAEFAULT;
    else if (n == 0)
        error = WSAEINVAL;
    else if (!buffers_are_good(buffers, n))
        error = WSAEFAULT;
    if (!error)
        return 0;
    first = unix_socket_refuse_receive(s, buffers_bad_number(flags) ? 0 : *flags);
    return first ? first : error;
}

/* Reports a receive: a cut datagram is an error that still filled the
   buffers. */
static void report_receive(int error, uint32_t count, LPDWORD received,
                           LPDWORD flags)
{
    if (error && error != WSAEMSGSIZE)
        return;
    *received = count;
    *flags = error ? MSG_PARTIAL : 0;
}

/* Receives.  *lpFlags goes in as MSG_* and comes out as what the data was.
   WSAEMSGSIZE: the buffers hold the first part of a larger datagram. */
int WSPAPI WSPRecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                   LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                   LPWSAOVERLAPPED lpOverlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                   LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    uint32_t received = 0;
    int error;

    (void)lpThreadId;
    error = check_receive(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                          lpFlags,
                          is_overlapped(lpOverlapped, lpCompletionRoutine));
    if (!error) {
        error = unix_socket_receive(s, buffers_of(lpBuffers), dwBufferCount,
                                    *lpFlags, &received);
        report_receive(error, received, lpNumberOfBytesRecvd, lpFlags);
    }
    return provider_result(error, lpErrno);
}

/* As WSPRecv, and tells the sender's name; lpFrom may be NULL. */
int WSPAPI WSPRecvFrom(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount,
                       LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags,
                       struct sockaddr *lpFrom, LPINT lpFromlen,
                       LPWSAOVERLAPPED lpOverlapped,
                       LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                       LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    uint32_t received = 0;
    int error;

    (void)lpThreadId;
    error = check_receive(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                          lpFlags,
                          is_overlapped(lpOverlapped, lpCompletionRoutine));
    if (!error) {
        error =
            unix_socket_receive_from(s, buffers_of(lpBuffers), dwBufferCount,
                                     *lpFlags, lpFrom, lpFromlen, &received);
        report_receive(error, received, lpNumberOfBytesRecvd, lpFlags);
    }
    return provider_result(error, lpErrno);
}

/*
 * The result of an overlapped operation.  As none can be started here, only
 * an OVERLAPPED that says it is complete has one.  WSAEFAULT: a NULL pointer;
 * WSA_IO_INCOMPLETE: not complete, and not to be waited for;
 * WSA_INVALID_PARAMETER: not complete, and nothing will complete it.
 */
BOOL WSPAPI WSPGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                   LPDWORD lpcbTransfer, BOOL fWait,
                                   LPDWORD lpdwFlags, LPINT lpErrno)
{
    int error = buffers_refuse(s, 0);

    if (!error &&
        (lpOverlapped == NULL || lpcbTransfer == NULL || lpdwFlags == NULL))
        error = WSAEFAULT;
    if (!error && lpOverlapped->Internal == WSS_OPERATION_IN_PROGRESS)
        error = fWait ? WSA_INVALID_PARAMETER : WSA_IO_INCOMPLETE;
    if (!error) {
        *lpcbTransfer = (DWORD)lpOverlapped->InternalHigh;
        *lpdwFlags = 0;
        if (lpOverlapped->Internal != 0)
            error = WSA_OPERATION_ABORTED;
    }
    return provider_truth(error, lpErrno);
}
