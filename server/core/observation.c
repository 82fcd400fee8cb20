/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking the kernel how a socket is.
 *
 * Everything is derived from poll, TCP_INFO and a few questions more; no data
 * is touched.  SO_ERROR of a connection is not read, since reading clears it
 * and the holder's next receive must see the reset; only the error of a connect
 * that failed is taken, and published instead.
 */
#include "core/observation.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "core/record.h"
#include "core/socket.h"
#include "util/icmp_error.h"

/* tcpi_state; <netinet/tcp.h> has the names, but not all of the struct. */
enum {
    TCP_STATE_ESTABLISHED = 1,
    TCP_STATE_SYN_SENT = 2,
    TCP_STATE_SYN_RECEIVED = 3,
    TCP_STATE_CLOSED = 7,
    TCP_STATE_CLOSE_WAIT = 8,
    TCP_STATE_LAST_ACK = 9,
    TCP_STATE_LISTEN = 10,
    TCP_STATE_CLOSING = 11,
};

/* The Winsock error for an errno; WS2_ENETDOWN for one that has no other. */
static int32_t error_of(int unix_error)
{
    static const struct {
        int unix_error;
        int32_t error;
    } map[] = {
#define WS2_ERROR(name, value, unix_errno, text) { unix_errno, value },
#include <ws2emu/errors.def>
#undef WS2_ERROR
    };
    size_t i;

    if (unix_error == 0)
        return 0;
    for (i = 0; i < sizeof map / sizeof map[0]; i++) {
        if (map[i].unix_error == unix_error)
            return map[i].error;
    }
    return WS2_ENETDOWN;
}

static int option(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;

    return getsockopt(fd, level, name, &value, &size) < 0 ? 0 : value;
}

static uint32_t unread_bytes(int fd)
{
    int count = 0;

    return ioctl(fd, FIONREAD, &count) < 0 || count < 0 ? 0 : (uint32_t)count;
}

static bool has_peer(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;

    return getpeername(fd, (struct sockaddr *)&address, &size) == 0;
}

static bool has_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return false;
    if (address.ss_family == AF_INET)
        return ((struct sockaddr_in *)&address)->sin_port != 0;
    if (address.ss_family == AF_INET6)
        return ((struct sockaddr_in6 *)&address)->sin6_port != 0;
    return true;
}

/* Whether a receive would tell an error of a datagram that was sent.  What the
   kernel has is taken out and kept in the record. */
static bool error_waits(const struct socket *socket, short polled)
{
    struct wire_record *record = socket->record;
    enum icmp_error error;

    if (polled & POLLERR && !record->datagram_error) {
        while (!record->datagram_error &&
               (error = icmp_error_next(socket->fd)) != ICMP_ERROR_NONE) {
            if (error == ICMP_ERROR_UNREACHABLE &&
                !socket_option_differs(socket, WIRE_OPTION_UDP_CONNRESET))
                record_publish(record->datagram_error, WS2_ECONNRESET);
            else if (error == ICMP_ERROR_EXPIRED &&
                     !socket_option_differs(socket, WIRE_OPTION_UDP_NETRESET))
                record_publish(record->datagram_error, WS2_ENETRESET);
        }
    }
    return record->datagram_error != 0;
}

static void observe_datagram(const struct socket *socket, short polled,
                             struct observation *now)
{
    const int fd = socket->fd;
    uint32_t memory[SK_MEMINFO_VARS] = { 0 };
    socklen_t size = sizeof memory;

    now->datagram = true;
    now->bound = has_port(fd);
    now->connection = has_peer(fd) ? OBSERVED_CONNECTED : OBSERVED_NONE;
    /* An error that waits (a port unreachable) ends a receive at once, too. */
    now->available = polled & POLLIN || error_waits(socket, polled);
    now->writable = polled & POLLOUT;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0)
        now->received = memory[SK_MEMINFO_RMEM_ALLOC];
}

/* Whether the peer has acknowledged our FIN: it counts as one byte more than
   the data, as does the SYN of the side that connected. */
static bool fin_is_acknowledged(const struct tcp_info *info, bool accepted)
{
    return info->tcpi_bytes_acked ==
           info->tcpi_bytes_sent - info->tcpi_bytes_retrans + !accepted + 1;
}

/* A socket in the closed state: fresh, or a connection or a connect that has
   ended.  The kernel shuts down the latter two, which poll shows. */
static void observe_closed(const struct socket *socket, int fd, short polled,
                           const struct tcp_info *info, struct observation *now)
{
    bool was_connected = socket->events.connected || now->accepted ||
                         info->tcpi_bytes_acked > 0;

    if (!(polled & (POLLRDHUP | POLLERR)))
        return;
    if (!was_connected) {
        if ((polled & POLLERR) && !socket->events.connect_failed)
            now->connect_error = error_of(option(fd, SOL_SOCKET, SO_ERROR));
        return;
    }
    now->connection = OBSERVED_CONNECTED;
    now->peer_closed = true;
    now->reset = (polled & POLLERR) ||
                 socket_has_flag(socket, WIRE_RECORD_RESET) ||
                 !fin_is_acknowledged(info, now->accepted);
}

static void observe_tcp_state(const struct socket *socket, int fd, short polled,
                              struct observation *now)
{
    struct tcp_info info;
    socklen_t size = sizeof info;

    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return;
    switch (info.tcpi_state) {
    case TCP_STATE_LISTEN:
        now->connection = OBSERVED_LISTENING;
        now->backlog = info.tcpi_unacked;
        return;
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_SYN_RECEIVED: now->connection = OBSERVED_CONNECTING; break;
    case TCP_STATE_CLOSED:
        observe_closed(socket, fd, polled, &info, now);
        break;
    case TCP_STATE_CLOSE_WAIT:
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_CLOSING: now->peer_closed = true; /* fall through */
    default: now->connection = OBSERVED_CONNECTED; break;
    }
    now->received = info.tcpi_bytes_received;
    if (now->peer_closed && !now->reset && now->received > 0)
        now->received--; /* the FIN counts as a byte */
}

/* Streams that are not TCP have no counters; the queue's length serves. */
static void observe_other_stream(const struct socket *socket, int fd,
                                 short polled, struct observation *now)
{
    if (option(fd, SOL_SOCKET, SO_ACCEPTCONN)) {
        now->connection = OBSERVED_LISTENING;
        now->backlog = polled & POLLIN ? 1 : 0;
        return;
    }
    if (!has_peer(fd))
        return;
    now->connection = OBSERVED_CONNECTED;
    now->peer_closed = polled & POLLRDHUP;
    now->reset = (polled & POLLERR) ||
                 socket_has_flag(socket, WIRE_RECORD_RESET);
    now->received = unread_bytes(fd);
}

static void observe_stream(const struct socket *socket, int fd, short polled,
                           struct observation *now)
{
    now->accepted = socket_has_flag(socket, WIRE_RECORD_ACCEPTED);
    if (socket->kind.family == WS2_AF_UNIX)
        observe_other_stream(socket, fd, polled, now);
    else
        observe_tcp_state(socket, fd, polled, now);
    if (now->connection != OBSERVED_CONNECTED || now->reset)
        return;
    now->writable = polled & POLLOUT;
    /* After a FIN poll says readable for ever. */
    now->available = polled & POLLRDHUP ? unread_bytes(fd) > 0
                                        : (polled & POLLIN) != 0;
    if ((polled & POLLPRI) && !option(fd, SOL_SOCKET, SO_OOBINLINE)) {
        now->urgent = true;
        now->mark = unread_bytes(fd);
    }
}

static short ask_poll(int fd)
{
    struct pollfd query = {
        .fd = fd,
        .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP,
    };

    return poll(&query, 1, 0) < 0 ? 0 : query.revents;
}

static void observe(const struct socket *socket, short polled,
                    struct observation *ret_now)
{
    memset(ret_now, 0, sizeof *ret_now);
    if (socket_is_datagram(socket))
        observe_datagram(socket, polled, ret_now);
    else
        observe_stream(socket, socket->fd, polled, ret_now);
}

/*
 * Observes a socket of which the server has a descriptor.
 *
 * While the kernel takes in a FIN, poll, which does not wait for it, may show
 * the FIN as a byte to read.  Asking for TCP_INFO does wait; so when poll
 * afterwards knows of a FIN that it did not show before, all is asked anew.
 */
void observation_make(const struct socket *socket, struct observation *ret_now)
{
    short polled = ask_poll(socket->fd);

    observe(socket, polled, ret_now);
    if (ret_now->connection != OBSERVED_CONNECTED || ret_now->datagram ||
        (polled & (POLLIN | POLLRDHUP)) != POLLIN)
        return;
    polled = ask_poll(socket->fd);
    if (polled & POLLRDHUP)
        observe(socket, polled, ret_now);
}
