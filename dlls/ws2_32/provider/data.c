/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data calls.  A WSABUF array is the unix side's buffer array as it stands.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "provider/buffers.h"
#include "provider/overlapped.h"
#include "provider/provider.h"

int OFF_HOT_PATH buffers_refuse(SOCKET s, int error)
{
    struct unix_identity identity;
    int first = unix_socket_identity(s, &identity);

    return first ? first : error;
}

/* The same of a receive. */
static int OFF_HOT_PATH refuse_receive(SOCKET s, LPDWORD flags, int error)
{
    int first = unix_socket_refuse_receive(
        s, buffers_bad_number(flags) ? 0 : *flags);

    return first ? first : error;
}

/* Whether a count has no place to go: an overlapped call need not have one. */
static inline __attribute__((always_inline)) BOOL
is_bad_count(LPDWORD count, LPWSAOVERLAPPED overlapped)
{
    return (count != NULL || overlapped == NULL) && buffers_bad_number(count);
}

/* The checks that both sending calls have in common; 0 to go on. */
static inline __attribute__((always_inline)) int
check_send(SOCKET s, LPWSABUF buffers, DWORD n, LPDWORD sent,
           LPWSAOVERLAPPED overlapped)
{
    if (is_bad_count(sent, overlapped) || !buffers_are_good(buffers, n))
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

    error = check_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                       lpOverlapped);
    if (!error && lpOverlapped != NULL)
        error = overlapped_send(s, buffers_of(lpBuffers), dwBufferCount,
                                dwFlags, NULL, 0, lpOverlapped,
                                lpCompletionRoutine, lpThreadId,
                                lpNumberOfBytesSent);
    else if (!error)
        error = unix_socket_send(s, buffers_of(lpBuffers), dwBufferCount,
                                 dwFlags, &sent);
    if (!error && lpOverlapped == NULL)
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

    error = check_send(s, lpBuffers, dwBufferCount, lpNumberOfBytesSent,
                       lpOverlapped);
    if (!error && lpOverlapped != NULL)
        error = overlapped_send(s, buffers_of(lpBuffers), dwBufferCount,
                                dwFlags, lpTo, iTolen, lpOverlapped,
                                lpCompletionRoutine, lpThreadId,
                                lpNumberOfBytesSent);
    else if (!error)
        error = unix_socket_send_to(s, buffers_of(lpBuffers), dwBufferCount,
                                    dwFlags, lpTo, iTolen, &sent);
    if (!error && lpOverlapped == NULL)
        *lpNumberOfBytesSent = sent;
    return provider_result(error, lpErrno);
}

/* The checks that both receiving calls have in common; 0 to go on. */
static inline __attribute__((always_inline)) int
check_receive(SOCKET s, LPWSABUF buffers, DWORD n, LPDWORD received,
              LPDWORD flags, LPWSAOVERLAPPED overlapped)
{
    int error = 0;

    if (is_bad_count(received, overlapped) || buffers_bad_number(flags))
        error = WSAEFAULT;
    else if (n == 0)
        error = WSAEINVAL;
    else if (!buffers_are_good(buffers, n))
        error = WSAEFAULT;
    return HOT_UNLIKELY(error) ? refuse_receive(s, flags, error) : 0;
}

/* Reports a receive: a cut datagram is an error that still filled the
   buffers. */
static inline void report_receive(int error, uint32_t count, LPDWORD received,
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

    error = check_receive(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                          lpFlags, lpOverlapped);
    if (!error && lpOverlapped != NULL)
        error = overlapped_receive(s, buffers_of(lpBuffers), dwBufferCount,
                                   lpFlags, NULL, NULL, lpOverlapped,
                                   lpCompletionRoutine, lpThreadId,
                                   lpNumberOfBytesRecvd);
    else if (!error) {
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

    error = check_receive(s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd,
                          lpFlags, lpOverlapped);
    if (!error && lpOverlapped != NULL)
        error = overlapped_receive(s, buffers_of(lpBuffers), dwBufferCount,
                                   lpFlags, lpFrom, lpFromlen, lpOverlapped,
                                   lpCompletionRoutine, lpThreadId,
                                   lpNumberOfBytesRecvd);
    else if (!error) {
        error =
            unix_socket_receive_from(s, buffers_of(lpBuffers), dwBufferCount,
                                     *lpFlags, lpFrom, lpFromlen, &received);
        report_receive(error, received, lpNumberOfBytesRecvd, lpFlags);
    }
    return provider_result(error, lpErrno);
}
