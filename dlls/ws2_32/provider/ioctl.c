/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPIoctl: a table of codes, each with its least buffer sizes.
 *
 * A buffer that is too short is WSAEFAULT, an unknown code WSAEOPNOTSUPP.  The
 * handler then sees valid sizes, not valid pointers: it goes through
 * unix_memory_read and unix_memory_write.
 */
#include <winsock2.h>

#include <afunix.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <ws2spi.h>

#include "provider/provider.h"

#include <stddef.h>
#include <string.h>

#ifndef SIO_BASE_HANDLE
#define SIO_BASE_HANDLE 0x48000022
#endif
#ifndef SIO_BSP_HANDLE
#define SIO_BSP_HANDLE 0x4800001B
#endif
#ifndef SIO_BSP_HANDLE_SELECT
#define SIO_BSP_HANDLE_SELECT 0x4800001C
#endif
#ifndef SIO_BSP_HANDLE_POLL
#define SIO_BSP_HANDLE_POLL 0x4800001D
#endif
#ifndef SIO_LOOPBACK_FAST_PATH
#define SIO_LOOPBACK_FAST_PATH 0x98000010
#endif
#ifndef SIO_SET_COMPATIBILITY_MODE
#define SIO_SET_COMPATIBILITY_MODE 0x9800012C
#endif

struct call {
    SOCKET s;
    const void *in;
    void *out;
};

/* --- The handlers: 0 or an error ----------------------------------------- */

static int set_nonblocking(const struct call *call)
{
    u_long on;
    int error = unix_memory_read(&on, call->in, sizeof on);

    return error ? error : unix_socket_set_nonblocking(call->s, on != 0);
}

static int get_readable_bytes(const struct call *call)
{
    uint32_t bytes;
    int error = unix_socket_readable_bytes(call->s, &bytes);

    return error ? error : unix_memory_write(call->out, &bytes, sizeof bytes);
}

static int get_at_mark(const struct call *call)
{
    uint32_t at_mark;
    int error = unix_socket_at_mark(call->s, &at_mark);

    return error ? error
                 : unix_memory_write(call->out, &at_mark, sizeof at_mark);
}

/* The base provider's sockets have no other below them. */
static int get_base_handle(const struct call *call)
{
    return unix_memory_write(call->out, &call->s, sizeof call->s);
}

/* Extension functions are asked for by GUID; an unknown one is WSAEINVAL. */
static int get_extension_function(const struct call *call)
{
    static const GUID poll_id = {
        0x18c76f85,
        0xdc66,
        0x4964,
        {0x97, 0x2e, 0x23, 0xc2, 0x72, 0x38, 0x31, 0x2b}};
    static const GUID send_msg_id = WSAID_WSASENDMSG;
    static const GUID recv_msg_id = WSAID_WSARECVMSG;
    const struct {
        const GUID *id;
        void (*function)(void);
    } functions[] = {
        {&poll_id, (void (*)(void))WSAPoll},
        {&send_msg_id, (void (*)(void))provider_send_msg},
        {&recv_msg_id, (void (*)(void))provider_recv_msg},
    };
    size_t i;
    GUID id;
    int error = unix_memory_read(&id, call->in, sizeof id);

    if (error)
        return error;
    for (i = 0; i < sizeof functions / sizeof *functions; i++)
        if (memcmp(&id, functions[i].id, sizeof id) == 0)
            return unix_memory_write(call->out, &functions[i].function,
                                     sizeof functions[i].function);
    return WSAEINVAL;
}

static int set_option(SOCKET s, int level, int name, int value)
{
    return unix_socket_set_option(s, level, name, &value, sizeof value);
}

/* Milliseconds in seconds, as the kernel counts them; at least 1. */
static int to_seconds(u_long milliseconds)
{
    return milliseconds < 1000 ? 1 : (int)(milliseconds / 1000);
}

static int set_keepalive(const struct call *call)
{
    struct tcp_keepalive values;
    int error = unix_memory_read(&values, call->in, sizeof values);

    if (!error)
        error = set_option(call->s, WS2_SOL_SOCKET, WS2_SO_KEEPALIVE,
                           values.onoff != 0);
    if (error || !values.onoff)
        return error;
    error = set_option(call->s, WS2_IPPROTO_TCP, WS2_TCP_KEEPIDLE,
                       to_seconds(values.keepalivetime));
    if (error)
        return error;
    return set_option(call->s, WS2_IPPROTO_TCP, WS2_TCP_KEEPINTVL,
                      to_seconds(values.keepaliveinterval));
}

/* Hints that change nothing one could see. */
static int accept_hint(const struct call *call)
{
    (void)call;
    return 0;
}

static int get_broadcast_address(const struct call *call)
{
    struct sockaddr_in address;
    struct unix_identity identity;
    int error = unix_socket_identity(call->s, &identity);

    if (error)
        return error;
    if (identity.family != AF_INET)
        return WSAEOPNOTSUPP;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = INADDR_BROADCAST;
    return unix_memory_write(call->out, &address, sizeof address);
}

static int get_peer_process(const struct call *call)
{
    uint32_t process_id = 0;
    int error = unix_socket_peer_process(call->s, &process_id);

    return error ? error
                 : unix_memory_write(call->out, &process_id,
                                     sizeof process_id);
}

/* --- The table ----------------------------------------------------------- */

static const struct code {
    DWORD code;
    DWORD in, out; /* least sizes; out is also what comes back */
    int (*handler)(const struct call *call);
} codes[] = {
    {(DWORD)FIONBIO, sizeof(u_long), 0, set_nonblocking},
    {(DWORD)FIONREAD, 0, sizeof(u_long), get_readable_bytes},
    {(DWORD)SIOCATMARK, 0, sizeof(BOOL), get_at_mark},
    {SIO_BASE_HANDLE, 0, sizeof(SOCKET), get_base_handle},
    {SIO_BSP_HANDLE, 0, sizeof(SOCKET), get_base_handle},
    {SIO_BSP_HANDLE_SELECT, 0, sizeof(SOCKET), get_base_handle},
    {SIO_BSP_HANDLE_POLL, 0, sizeof(SOCKET), get_base_handle},
    {SIO_GET_EXTENSION_FUNCTION_POINTER, sizeof(GUID), sizeof(void *),
     get_extension_function},
    {SIO_KEEPALIVE_VALS, sizeof(struct tcp_keepalive), 0, set_keepalive},
    {SIO_LOOPBACK_FAST_PATH, 0, 0, accept_hint},
    {SIO_SET_COMPATIBILITY_MODE, 0, 0, accept_hint},
    {SIO_ENABLE_CIRCULAR_QUEUEING, 0, 0, accept_hint},
    {SIO_AF_UNIX_GETPEERPID, 0, sizeof(ULONG), get_peer_process},
    {SIO_GET_BROADCAST_ADDRESS, 0, sizeof(struct sockaddr_in),
     get_broadcast_address},
};

static const struct code *find_code(DWORD value)
{
    size_t i;

    for (i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == value)
            return &codes[i];
    return NULL;
}

/*
 * Controls a socket.  *lpcbBytesReturned is the size of the answer, 0 on
 * failure, but untouched when it is a buffer for an answer that is too short.
 * WSAEFAULT: a buffer or lpcbBytesReturned is bad or too short; WSAEOPNOTSUPP:
 * the code is not known here, or the call is to be overlapped; the code's own.
 */
int WSPAPI WSPIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer,
                    DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                    LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine,
                    LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    const struct call call = {s, lpvInBuffer, lpvOutBuffer};
    const struct code *code = find_code(dwIoControlCode);
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);

    (void)lpThreadId;
    if (error)
        return provider_result(error, lpErrno);
    if (lpcbBytesReturned == NULL)
        return provider_result(WSAEFAULT, lpErrno);
    if (code != NULL && code->out > 0 &&
        (lpvOutBuffer == NULL || cbOutBuffer < code->out))
        return provider_result(WSAEFAULT, lpErrno);
    if (lpOverlapped != NULL || lpCompletionRoutine != NULL || code == NULL)
        error = WSAEOPNOTSUPP;
    else if (code->in > 0 && (lpvInBuffer == NULL || cbInBuffer < code->in))
        error = WSAEFAULT;
    else
        error = code->handler(&call);
    *lpcbBytesReturned = error || code == NULL ? 0 : code->out;
    return provider_result(error, lpErrno);
}
