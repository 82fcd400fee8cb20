/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control codes of TCP connections. */
#include <winsock2.h>

#include <mstcpip.h>
#include <ws2spi.h>

#include "provider/ioctl.h"

#include <string.h>

/* What Windows answers for a new connection. */
#define IDEAL_SEND_BACKLOG 0x10000

/* Milliseconds in seconds, as the kernel counts them; at least 1. */
static int to_seconds(u_long milliseconds)
{
    return milliseconds < 1000 ? 1 : (int)(milliseconds / 1000);
}

int ioctl_set_keepalive(const struct ioctl_call *call, DWORD *ret_size)
{
    struct tcp_keepalive values;
    int error = unix_memory_read(&values, call->in, sizeof values);

    *ret_size = 0;
    if (!error && values.onoff) {
        error = ioctl_set_option(call, WS2_IPPROTO_TCP, WS2_TCP_KEEPIDLE,
                                 to_seconds(values.keepalivetime));
        if (!error)
            error = ioctl_set_option(call, WS2_IPPROTO_TCP, WS2_TCP_KEEPINTVL,
                                     to_seconds(values.keepaliveinterval));
    }
    return error ? error
                 : ioctl_set_option(call, WS2_SOL_SOCKET, WS2_SO_KEEPALIVE,
                                    values.onoff != 0);
}

/* The input is the version of the struct that is wanted. */
int ioctl_get_tcp_info(const struct ioctl_call *call, DWORD *ret_size)
{
    static const DWORD sizes[] = {UNIX_TCP_INFO_V0_SIZE,
                                  sizeof(struct unix_tcp_info)};
    struct unix_tcp_info info;
    DWORD version;
    int error = ioctl_read_number(call, &version);

    if (error)
        return error;
    if (version >= sizeof sizes / sizeof *sizes)
        return WSAEINVAL;
    if (call->out == NULL || call->out_size < sizes[version])
        return WSAEFAULT;
    error = unix_socket_tcp_info(call->s, &info);
    if (error)
        return error;
    *ret_size = sizes[version];
    return unix_memory_write(call->out, &info, sizes[version]);
}

/* TCP_INITIAL_RTO_PARAMETERS: the time is the system's to choose, the number
   of repeated SYNs is not. */
int ioctl_set_initial_rto(const struct ioctl_call *call, DWORD *ret_size)
{
    struct {
        USHORT time;
        UCHAR retransmissions;
        UCHAR padding;
    } parameters;
    int error = unix_memory_read(&parameters, call->in, sizeof parameters);

    *ret_size = 0;
    return error ? error
                 : unix_socket_set_syn_retries(call->s,
                                               parameters.retransmissions);
}

/* After how many segments an acknowledgement is sent; 1: no delay. */
int ioctl_set_ack_frequency(const struct ioctl_call *call, DWORD *ret_size)
{
    UCHAR frequency;
    int error = unix_memory_read(&frequency, call->in, sizeof frequency);

    *ret_size = 0;
    return error ? error
                 : unix_socket_set_quick_acknowledgement(call->s,
                                                         frequency == 1);
}

/* PRIORITY_HINT */
enum { PRIORITY_VERY_LOW, PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_END };

/* "If the requested priority value is IoPriorityHintVeryLow, TCP uses a
   modified version of the LEDBAT algorithm." */
int ioctl_set_priority_hint(const struct ioctl_call *call, DWORD *ret_size)
{
    DWORD hint;
    int error = ioctl_read_number(call, &hint);

    *ret_size = 0;
    if (!error && hint >= PRIORITY_END)
        error = WSAEINVAL;
    return error ? error
                 : unix_socket_set_scavenging(call->s,
                                              hint == PRIORITY_VERY_LOW);
}

/* WSA_COMPATIBILITY_MODE.  Systems before Vista have no scaled windows; the
   kernel lets receive buffers shrink whatever the system. */
int ioctl_set_compatibility_mode(const struct ioctl_call *call,
                                 DWORD *ret_size)
{
    enum { ALL, RECEIVE_BUFFERING, AUTO_TUNING, BEHAVIORS, VISTA = 0x06000000 };
    DWORD mode[2]; /* behavior, version of the system */
    int error = unix_memory_read(mode, call->in, sizeof mode);

    *ret_size = 0;
    if (error)
        return error;
    if (mode[0] >= BEHAVIORS)
        return WSAEINVAL;
    return mode[0] == RECEIVE_BUFFERING
               ? 0
               : unix_socket_limit_window(call->s, mode[1] < VISTA);
}

static int check_connected(const struct ioctl_call *call)
{
    struct unix_tcp_info info;
    int error = unix_socket_tcp_info(call->s, &info);

    return error ? error : unix_tcp_is_connected(&info) ? 0 : WSAENOTCONN;
}

int ioctl_get_send_backlog(const struct ioctl_call *call, DWORD *ret_size)
{
    const ULONG size = IDEAL_SEND_BACKLOG;
    int error = check_connected(call);

    if (error)
        return error;
    *ret_size = sizeof size;
    return unix_memory_write(call->out, &size, sizeof size);
}

/* The value never changes: the call waits until the connection ends. */
int ioctl_wait_send_backlog(const struct ioctl_call *call, DWORD *ret_size)
{
    int error = check_connected(call);

    *ret_size = 0;
    return error ? error : ioctl_wait_for_change(call, UNIX_CHANGE_NONE);
}
