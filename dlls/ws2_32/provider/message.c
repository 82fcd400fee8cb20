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
#include "provider/provider.h"

static int report(int error)
{
    host_set_last_error((uint32_t)error);
    return error ? SOCKET_ERROR : 0;
}

/* The checks that both have in common; 0 to go on. */
static int check_message(SOCKET s, const WSAMSG *message, int writing,
                         LPDWORD count, BOOL overlapped)
{
    if (overlapped)
        return buffers_refuse(s, WSAEOPNOTSUPP);
    if (unix_memory_check(message, sizeof *message, writing) ||
        buffers_bad_number(count) ||
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
    int error = check_message(s, lpMsg, 0, lpNumberOfBytesSent,
                              lpOverlapped != NULL ||
                                  lpCompletionRoutine != NULL);

    if (!error) {
        message = message_of(lpMsg);
        error = unix_socket_send_message(s, &message, dwFlags, &sent);
    }
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
    int error = check_message(s, lpMsg, 1, lpdwNumberOfBytesRecvd,
                              lpOverlapped != NULL ||
                                  lpCompletionRoutine != NULL);

    if (error) {
        int first = unix_socket_refuse_receive(s, 0);

        return report(first ? first : error);
    }
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
