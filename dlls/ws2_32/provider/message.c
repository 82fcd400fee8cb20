/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSASendMsg and WSARecvMsg: extension functions, which a program asks for by
 * SIO_GET_EXTENSION_FUNCTION_POINTER.  So they report as the API does, by the
 * last error.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <mswsock.h>

#include "host/host.h"
#include "provider/buffers.h"
#include "provider/overlapped.h"
#include "provider/provider.h"

static int report(int error)
{
    host_set_last_error((uint32_t)error);
    return error ? SOCKET_ERROR : 0;
}

/* The checks that both have in common; 0 to go on.  An overlapped call need not
   have a count. */
static int check_message(SOCKET s, const WSAMSG *message, int writing,
                         LPDWORD count, LPWSAOVERLAPPED overlapped)
{
    if (unix_memory_check(message, sizeof *message, writing) ||
        ((count != NULL || overlapped == NULL) && buffers_bad_number(count)) ||
        !buffers_are_good(message->lpBuffers, message->dwBufferCount))
        return buffers_refuse(s, WSAEFAULT);
    return 0;
}

static struct unix_message message_of(const WSAMSG *message)
{
    return (struct unix_message){
        .name = message->name,
        .buffers = buffers_of(message->lpBuffers),
        .control = message->Control.buf,
        .name_length = message->namelen,
        .n_buffers = message->dwBufferCount,
        .control_length = message->Control.len,
        .flags = message->dwFlags,
    };
}

static int send_overlapped(SOCKET s, const struct unix_message *message,
                           DWORD flags, LPDWORD count,
                           LPWSAOVERLAPPED overlapped,
                           LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct unix_completion completion;
    struct unix_result result;
    int error = overlapped_completion(overlapped, routine, NULL, &completion);

    if (!error)
        error = unix_socket_start_send_message(s, &completion, message, flags,
                                               &result);
    if (!error && count != NULL)
        *count = result.bytes;
    return error;
}

static int receive_overlapped(SOCKET s, LPWSAMSG lpMsg, LPDWORD count,
                              LPWSAOVERLAPPED overlapped,
                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    const struct unix_message message = message_of(lpMsg);
    const struct unix_message_outputs outputs = {
        .name_length = (int32_t *)&lpMsg->namelen,
        .control_length = (uint32_t *)&lpMsg->Control.len,
        .flags = (uint32_t *)&lpMsg->dwFlags,
    };
    struct unix_completion completion;
    struct unix_result result;
    int error = overlapped_completion(overlapped, routine, NULL, &completion);

    if (!error)
        error = unix_socket_start_receive_message(s, &completion, &message,
                                                  &outputs, &result);
    if ((!error || error == WSAEMSGSIZE) && count != NULL)
        *count = result.bytes;
    return error;
}

/*
 * Sends a datagram with control data.  WSAEINVAL: a stream, or control data
 * that is malformed or not known; else as WSASendTo.
 */
int WINAPI provider_send_msg(SOCKET s, LPWSAMSG lpMsg, DWORD dwFlags,
                             LPDWORD lpNumberOfBytesSent,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE
                                 lpCompletionRoutine)
{
    struct unix_message message;
    uint32_t sent;
    int error = check_message(s, lpMsg, 0, lpNumberOfBytesSent, lpOverlapped);

    if (error)
        return report(error);
    message = message_of(lpMsg);
    if (lpOverlapped != NULL)
        return report(send_overlapped(s, &message, dwFlags,
                                      lpNumberOfBytesSent, lpOverlapped,
                                      lpCompletionRoutine));
    error = unix_socket_send_message(s, &message, dwFlags, &sent);
    if (!error)
        *lpNumberOfBytesSent = sent;
    return report(error);
}

/*
 * Receives a datagram with control data.  WSAEMSGSIZE: dwFlags says what was
 * cut, MSG_TRUNC or MSG_CTRUNC, and the rest is there; WSAEINVAL: a stream, or
 * not bound.
 */
int WINAPI provider_recv_msg(SOCKET s, LPWSAMSG lpMsg,
                             LPDWORD lpdwNumberOfBytesRecvd,
                             LPWSAOVERLAPPED lpOverlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE
                                 lpCompletionRoutine)
{
    struct unix_message message;
    uint32_t received = 0;
    int error =
        check_message(s, lpMsg, 1, lpdwNumberOfBytesRecvd, lpOverlapped);

    if (error) {
        int first = unix_socket_refuse_receive(s, 0);

        return report(first ? first : error);
    }
    if (lpOverlapped != NULL)
        return report(receive_overlapped(s, lpMsg, lpdwNumberOfBytesRecvd,
                                         lpOverlapped, lpCompletionRoutine));
    message = message_of(lpMsg);
    error = unix_socket_receive_message(s, &message, &received);
    if (!error || error == WSAEMSGSIZE) {
        lpMsg->namelen = message.name_length;
        lpMsg->Control.len = message.control_length;
        lpMsg->dwFlags = message.flags;
        *lpdwNumberOfBytesRecvd = received;
    }
    return report(error);
}
