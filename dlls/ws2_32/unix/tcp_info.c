/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel tells of a TCP connection, in the layout of Windows'
 * TCP_INFO, and the parameters of its beginning.  What the kernel does not
 * count is 0.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux 5.14's; not all headers have it. */
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

#include "unix/connection.h"
#include "unix/descriptor.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/option.h"

_Static_assert(sizeof(struct unix_tcp_info) == 136 &&
                   offsetof(struct unix_tcp_info, limited_by_receiver) ==
                       UNIX_TCP_INFO_V0_SIZE,
               "TCP_INFO_v0 and v1");

/* TCP_INITIAL_RTO_PARAMETERS. */
enum {
    SYN_RETRIES_DEFAULT = 0,
    SYN_RETRIES_NONE = 254,
    SYN_RETRIES_UNSPECIFIED = 255,
    KERNEL_SYN_RETRIES = 6, /* the kernel's own number */
    KERNEL_MAX_SYN_RETRIES = 127,
    WINDOW_WITHOUT_SCALE = 65535,
    WINDOW_UNLIMITED = 1 << 30, /* the largest that TCP has */
};

/* TCPSTATE of the kernel's state. */
static uint32_t winsock_state(uint8_t state)
{
    static const uint8_t states[] = {
        [1] = 4,  /* ESTABLISHED */
        [2] = 2,  /* SYN_SENT */
        [3] = 3,  /* SYN_RCVD */
        [4] = 5,  /* FIN_WAIT_1 */
        [5] = 6,  /* FIN_WAIT_2 */
        [6] = 10, /* TIME_WAIT */
        [7] = 0,  /* CLOSED */
        [8] = 7,  /* CLOSE_WAIT */
        [9] = 9,  /* LAST_ACK */
        [10] = 1, /* LISTEN */
        [11] = 8, /* CLOSING */
    };

    return state < sizeof(states) ? states[state] : 0;
}

int unix_tcp_is_connected(const struct unix_tcp_info *info)
{
    return info->state >= 4 && info->state <= 9;
}

static void convert(const struct tcp_info *from, struct unix_tcp_info *to)
{
    to->state = winsock_state(from->tcpi_state);
    to->mss = from->tcpi_snd_mss;
    to->timestamps = !!(from->tcpi_options & TCPI_OPT_TIMESTAMPS);
    to->rtt = from->tcpi_rtt;
    to->min_rtt = from->tcpi_min_rtt == UINT32_MAX ? 0 : from->tcpi_min_rtt;
    to->congestion_window = from->tcpi_snd_cwnd * from->tcpi_snd_mss;
    to->send_window = from->tcpi_snd_wnd;
    to->receive_window = from->tcpi_rcv_ssthresh; /* of an empty buffer */
    to->bytes_out = from->tcpi_bytes_sent;
    to->bytes_in = from->tcpi_bytes_received;
    to->bytes_reordered = from->tcpi_rcv_ooopack * from->tcpi_rcv_mss;
    to->bytes_retransmitted = (uint32_t)from->tcpi_bytes_retrans;
    to->fast_retransmissions = from->tcpi_total_retrans;
    if (to->state != 1) /* of a listener it is the backlog */
        to->bytes_in_flight = from->tcpi_unacked * from->tcpi_snd_mss;
    if (to->state == 2)
        to->syn_retransmissions = from->tcpi_retransmits;
    to->limited_by_receiver.time = (uint32_t)(from->tcpi_rwnd_limited / 1000);
    to->limited_by_sender.time = (uint32_t)(from->tcpi_sndbuf_limited / 1000);
}

static int get_tcp_info(struct descriptor *descriptor,
                        struct unix_tcp_info *ret_info)
{
    struct tcp_info info;
    socklen_t length = sizeof(info);
    int buffer;
    uint64_t since;

    if (descriptor->identity.protocol != WS2_IPPROTO_TCP)
        return WS2_EOPNOTSUPP;
    memset(&info, 0, sizeof(info));
    if (getsockopt(descriptor->fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        return error_from_errno(errno);
    memset(ret_info, 0, sizeof(*ret_info));
    convert(&info, ret_info);
    buffer = kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_RCVBUF);
    ret_info->receive_buffer = buffer < 0 ? 0 : (uint32_t)buffer;
    since = __atomic_load_n(&descriptor->connected_at, __ATOMIC_RELAXED);
    if (since != 0 && unix_tcp_is_connected(ret_info))
        ret_info->connection_time = (connection_clock() - since) * 1000;
    return WS2_SUCCESS;
}

int unix_socket_tcp_info(ws2_handle s, struct unix_tcp_info *ret_info)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = get_tcp_info(descriptor, ret_info);
    descriptor_release(descriptor);
    return error;
}

static int set_number(ws2_handle s, int name, int value)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (descriptor->identity.protocol != WS2_IPPROTO_TCP)
        error = WS2_EOPNOTSUPP;
    else
        error = option_set_kernel_int(descriptor, IPPROTO_TCP, name, value);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_set_syn_retries(ws2_handle s, uint32_t retries)
{
    switch (retries) {
    case SYN_RETRIES_DEFAULT:
    case SYN_RETRIES_UNSPECIFIED:
        retries = KERNEL_SYN_RETRIES;
        break;
    case SYN_RETRIES_NONE:
        retries = 1; /* the kernel's least */
        break;
    }
    if (retries > KERNEL_MAX_SYN_RETRIES)
        retries = KERNEL_MAX_SYN_RETRIES;
    return set_number(s, TCP_SYNCNT, (int)retries);
}

int unix_socket_set_quick_acknowledgement(ws2_handle s, uint32_t on)
{
    return set_number(s, TCP_QUICKACK, on != 0);
}

/* The system's own algorithm, of a new socket. */
static int default_congestion_control(const struct descriptor *descriptor,
                                      char *name, socklen_t *length)
{
    const int family =
        descriptor->identity.family == WS2_AF_INET6 ? AF_INET6 : AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

    if (fd < 0)
        return -1;
    result = getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, length);
    close(fd);
    return result;
}

/* The kernel's scavenger is TCP-LP, where the system has it; and queues that
   know priorities have one for what is never urgent. */
static int set_scavenging(struct descriptor *descriptor, int on)
{
    const int priority = on ? TC_PRIO_FILLER : TC_PRIO_BESTEFFORT;
    char name[16] = "lp";
    socklen_t length = sizeof("lp") - 1;

    if (!on) {
        length = sizeof(name);
        if (default_congestion_control(descriptor, name, &length) < 0)
            length = 0;
    }
    if (length > 0)
        (void)setsockopt(descriptor->fd, IPPROTO_TCP, TCP_CONGESTION, name,
                         length);
    return setsockopt(descriptor->fd, SOL_SOCKET, SO_PRIORITY, &priority,
                      sizeof(priority)) < 0
               ? error_from_errno(errno)
               : WS2_SUCCESS;
}

int unix_socket_set_scavenging(ws2_handle s, uint32_t on)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = descriptor->identity.protocol == WS2_IPPROTO_TCP
                ? set_scavenging(descriptor, on != 0)
                : WS2_EOPNOTSUPP;
    descriptor_release(descriptor);
    return error;
}

/* The kernel adapts a receive buffer, and the window with it, unless its size
   was set. */
static int limit_window(struct descriptor *descriptor, int on)
{
    const struct wire_record *record = descriptor_record(descriptor);
    const int clamp = on ? WINDOW_WITHOUT_SCALE : WINDOW_UNLIMITED;
    const int half = WINDOW_WITHOUT_SCALE / 2; /* the kernel doubles it */
    const int adapts = 0;

    if (__atomic_load_n(&record->receive_buffer, __ATOMIC_RELAXED) == 0) {
        if (on)
            (void)setsockopt(descriptor->fd, SOL_SOCKET, SO_RCVBUF, &half,
                             sizeof(half));
        else
            (void)setsockopt(descriptor->fd, SOL_SOCKET, SO_BUF_LOCK, &adapts,
                             sizeof(adapts));
    }
    return setsockopt(descriptor->fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp,
                      sizeof(clamp)) < 0
               ? error_from_errno(errno)
               : WS2_SUCCESS;
}

int unix_socket_limit_window(ws2_handle s, uint32_t on)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = descriptor->identity.protocol == WS2_IPPROTO_TCP
                ? limit_window(descriptor, on != 0)
                : WS2_EOPNOTSUPP;
    descriptor_release(descriptor);
    return error;
}
