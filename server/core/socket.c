/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets.
 *
 * A socket is known by its kernel cookie and by the slot of its record.  The
 * record is where its state is kept: the server is the only writer, clients
 * only look.  A socket is freed, by socket_settle, when no holder and no
 * duplicate names it any more.
 */
#include "core/socket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/client.h"
#include "core/holder.h"
#include "core/monitor.h"
#include "core/network_changes.h"
#include "core/registration.h"
#include "core/reservation.h"
#include "core/server.h"
#include "util/fd.h"

/* Flags that are a socket's state, as opposed to what the server does. */
enum {
    STATE_FLAGS = WIRE_RECORD_NONBLOCKING | WIRE_RECORD_SHUT_RECEIVE |
                  WIRE_RECORD_SHUT_SEND | WIRE_RECORD_CONNECT_FAILED |
                  WIRE_RECORD_RESET | WIRE_RECORD_ACCEPTED |
                  WIRE_RECORD_EXCLUSIVE | WIRE_RECORD_REUSE |
                  WIRE_RECORD_CONDITIONAL_ACCEPT | WIRE_RECORD_DEBUG |
                  WIRE_RECORD_DONTROUTE | WIRE_RECORD_OPTIONS,
    INHERITED_FLAGS = WIRE_RECORD_NONBLOCKING | WIRE_RECORD_REUSE |
                      WIRE_RECORD_DEBUG | WIRE_RECORD_DONTROUTE |
                      WIRE_RECORD_OPTIONS,
};

/*
 * Makes a socket in a slot that is nobody's, with no holder yet, and publishes
 * it.  Returns NULL when there is no memory; the slot is the caller's then.
 */
struct socket *socket_new(struct server *server, uint32_t slot,
                          uint64_t cookie, const struct socket_kind *kind)
{
    struct socket *new = calloc(1, sizeof *new);

    if (!new)
        return NULL;
    new->server = server;
    new->cookie = cookie;
    new->slot = slot;
    new->record = &server->records.records[slot];
    new->kind = *kind;
    new->fd = -1;
    list_init(&new->holders);
    list_init(&new->duplicates);
    list_init(&new->in_awaiting);
    loop_source_init(&new->source, monitor_ready);
    server->slots[slot].socket = new;
    HASH_ADD(hh, server->sockets, cookie, sizeof new->cookie, new);
    record_publish(new->record->cookie, cookie);
    return new;
}

/* The socket with the cookie, or NULL. */
struct socket *socket_find(const struct server *server, uint64_t cookie)
{
    struct socket *found;

    HASH_FIND(hh, server->sockets, &cookie, sizeof cookie, found);
    return found;
}

/* Closes the server's descriptor.  It may be the socket's last: SO_LINGER's
   wait is for the program, not for the server, where it would stop everybody;
   an abortive close (no time) stays one. */
static void close_without_waiting(int *fd)
{
    struct linger linger = { 0 };
    socklen_t length = sizeof linger;

    if (*fd >= 0 &&
        getsockopt(*fd, SOL_SOCKET, SO_LINGER, &linger, &length) == 0 &&
        linger.l_onoff && linger.l_linger > 0) {
        linger.l_onoff = 0;
        (void)setsockopt(*fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
    fd_close(fd);
}

/* Brings a socket in line with what names it: closes the server's descriptor
   when nothing needs it, and frees the socket when nothing is left. */
void socket_settle(struct socket *socket)
{
    if (list_is_empty(&socket->holders) && list_is_empty(&socket->duplicates)) {
        socket_free(socket);
        return;
    }
    if (!socket->registration && list_is_empty(&socket->duplicates) &&
        socket->fd >= 0) {
        fd_close(&socket->fd); /* a holder has another */
        socket_change_flags(socket, 0, WIRE_RECORD_SERVER_HAS_FD);
    }
}

/* Frees a socket that nothing names; its slot is free again. */
void socket_free(struct socket *socket)
{
    struct server *server = socket->server;

    if (socket->registration)
        registration_end(socket->registration);
    network_changes_forget(socket);
    reservation_end_of(socket);
    binding_free(&server->bindings, socket->binding);
    free(socket->local_name);
    free(socket->peer_name);
    close_without_waiting(&socket->fd);
    HASH_DELETE(hh, server->sockets, socket);
    server->slots[socket->slot].socket = NULL;
    record_give(&server->records, socket->slot);
    free(socket);
}

/* Gives the server a descriptor of the socket, for a registration or a
   duplicate.  It takes over *fd, which becomes -1, unless it has one. */
void socket_lend_fd(struct socket *socket, int *fd)
{
    if (socket->fd >= 0)
        return;
    socket->fd = *fd;
    *fd = -1;
    socket_change_flags(socket, WIRE_RECORD_SERVER_HAS_FD, 0);
}

/* Publishes flags. */
void socket_change_flags(struct socket *socket, uint32_t set, uint32_t clear)
{
    record_publish(socket->record->flags,
                   (socket->record->flags & ~clear) | set);
}

bool socket_has_flag(const struct socket *socket, uint32_t flag)
{
    return socket->record->flags & flag;
}

/* What accept hands down from the listener. */
void socket_inherit(struct socket *socket, const struct socket *parent)
{
    const struct wire_record *from = parent->record;
    struct wire_record *to = socket->record;

    socket_change_flags(socket, from->flags & INHERITED_FLAGS, 0);
    record_publish(to->receive_timeout, from->receive_timeout);
    record_publish(to->send_timeout, from->send_timeout);
    record_publish(to->receive_buffer, from->receive_buffer);
    record_publish(to->send_buffer, from->send_buffer);
    if (from->flags & WIRE_RECORD_OPTIONS)
        record_set_options(to, &from->options);
    if (parent->local_name && !socket->local_name) {
        socket->local_name = malloc(sizeof *socket->local_name);
        if (socket->local_name)
            *socket->local_name = *parent->local_name;
    }
}

/* The state that was published before the server was replaced.  It comes from
   a client, so flags that speak of the server are left out. */
void socket_restore(struct socket *socket, const struct wire_record *record)
{
    struct wire_record *to = socket->record;
    uint32_t flags = record->flags & STATE_FLAGS;

    if ((flags & WIRE_RECORD_EXCLUSIVE) && (flags & WIRE_RECORD_REUSE))
        flags &= ~(uint32_t)WIRE_RECORD_REUSE;
    socket_change_flags(socket, flags, 0);
    record_publish(to->receive_timeout, record->receive_timeout);
    record_publish(to->send_timeout, record->send_timeout);
    record_publish(to->receive_buffer, record->receive_buffer);
    record_publish(to->send_buffer, record->send_buffer);
    record_publish(to->connect_error, record->connect_error);
    record_publish(to->error, record->error);
    record_publish(to->datagram_error, record->datagram_error);
    if (flags & WIRE_RECORD_OPTIONS)
        record_set_options(to, &record->options);
}

static int set_flag(struct socket *socket, uint32_t flag, uint64_t on,
                    uint32_t excluding)
{
    if (on > 1 || (on && socket_has_flag(socket, excluding)))
        return WS2_EINVAL;
    socket_change_flags(socket, on ? flag : 0, on ? 0 : flag);
    return 0;
}

static int set_nonblocking(struct socket *socket, uint64_t on)
{
    if (!on && socket->registration)
        return WS2_EINVAL;
    return set_flag(socket, WIRE_RECORD_NONBLOCKING, on, 0);
}

static int set_shutdown(struct socket *socket, uint64_t how)
{
    static const uint32_t flags[] = {
        [WS2_SD_RECEIVE] = WIRE_RECORD_SHUT_RECEIVE,
        [WS2_SD_SEND] = WIRE_RECORD_SHUT_SEND,
        [WS2_SD_BOTH] = WIRE_RECORD_SHUT_RECEIVE | WIRE_RECORD_SHUT_SEND,
    };

    if (how > WS2_SD_BOTH)
        return WS2_EINVAL;
    socket_change_flags(socket, flags[how], 0);
    return 0;
}

static int set_number(uint32_t *member, uint64_t value)
{
    if (value > UINT32_MAX)
        return WS2_EINVAL;
    record_publish(*member, (uint32_t)value);
    return 0;
}

/* Keeps an option; see enum wire_option.  Returns 0 or WS2_EINVAL. */
int socket_set_option(struct socket *socket, uint32_t option, uint32_t value)
{
    struct wire_options *options = &socket->record->options;
    uint32_t bit, *word;

    if (option < WIRE_OPTION_NUMBERS) {
        record_publish(options->numbers[option], value);
    } else if (option >= WIRE_OPTION_FLAG && option < WIRE_OPTION_FLAGS_END &&
               value <= 1) {
        word = &options->flags[(option - WIRE_OPTION_FLAG) / 32];
        bit = UINT32_C(1) << (option - WIRE_OPTION_FLAG) % 32;
        record_publish(*word, value ? *word | bit : *word & ~bit);
    } else {
        return WS2_EINVAL;
    }
    socket_change_flags(socket, WIRE_RECORD_OPTIONS, 0);
    return 0;
}

/* What the options say of the local address of the socket that they were
   inherited from. */
void socket_forget_address(struct socket *socket)
{
    uint32_t option;

    if (!socket_has_flag(socket, WIRE_RECORD_OPTIONS))
        return;
    for (option = 0; option < WIRE_OPTION_FLAGS_END; option++)
        if (wire_option_is_of_address(option))
            (void)socket_set_option(socket, option, 0);
}

/* Whether a switch of enum wire_option is not as it is at first. */
bool socket_option_differs(const struct socket *socket, uint32_t option)
{
    const uint32_t word =
        socket->record->options.flags[(option - WIRE_OPTION_FLAG) / 32];

    return word >> (option - WIRE_OPTION_FLAG) % 32 & 1;
}

static int set_error(int32_t *member, uint64_t value)
{
    if (value > INT32_MAX)
        return WS2_EINVAL;
    record_publish(*member, (int32_t)value);
    return 0;
}

static int set_connect_failed(struct socket *socket, uint64_t value)
{
    int error = set_error(&socket->record->connect_error, value);

    if (error)
        return error;
    socket_change_flags(socket, WIRE_RECORD_CONNECT_FAILED, 0);
    monitor_connect_failed(socket, (int32_t)value);
    return 0;
}

static int set_connecting(struct socket *socket)
{
    socket_change_flags(socket, 0, WIRE_RECORD_CONNECT_FAILED);
    record_publish(socket->record->connect_error, 0);
    network_events_connecting(&socket->events);
    return 0;
}

static int set_joined(struct socket *socket, uint64_t value)
{
    if (value != 1)
        return WS2_EINVAL;
    monitor_occurred(socket, WS2_FD_CONNECT);
    return 0;
}

/* The SET request.  Returns 0, or WS2_EINVAL for an unknown property, a value
   out of range, or a state that forbids it. */
int socket_set(struct socket *socket, uint32_t property, uint64_t value)
{
    struct wire_record *record = socket->record;

    switch (property) {
    case WIRE_SET_NONBLOCKING: return set_nonblocking(socket, value);
    case WIRE_SET_SHUTDOWN: return set_shutdown(socket, value);
    case WIRE_SET_RECEIVE_TIMEOUT:
        return set_number(&record->receive_timeout, value);
    case WIRE_SET_SEND_TIMEOUT:
        return set_number(&record->send_timeout, value);
    case WIRE_SET_RECEIVE_BUFFER:
        return set_number(&record->receive_buffer, value);
    case WIRE_SET_SEND_BUFFER: return set_number(&record->send_buffer, value);
    case WIRE_SET_EXCLUSIVE:
        return set_flag(socket, WIRE_RECORD_EXCLUSIVE, value,
                        WIRE_RECORD_REUSE);
    case WIRE_SET_REUSE:
        return set_flag(socket, WIRE_RECORD_REUSE, value,
                        WIRE_RECORD_EXCLUSIVE);
    case WIRE_SET_CONDITIONAL_ACCEPT:
        return set_flag(socket, WIRE_RECORD_CONDITIONAL_ACCEPT, value, 0);
    case WIRE_SET_DEBUG: return set_flag(socket, WIRE_RECORD_DEBUG, value, 0);
    case WIRE_SET_DONTROUTE:
        return set_flag(socket, WIRE_RECORD_DONTROUTE, value, 0);
    case WIRE_SET_ERROR: return set_error(&record->error, value);
    case WIRE_SET_CONNECTING: return set_connecting(socket);
    case WIRE_SET_CONNECT_FAILED: return set_connect_failed(socket, value);
    case WIRE_SET_RESET: return set_flag(socket, WIRE_RECORD_RESET, value, 0);
    case WIRE_SET_OPTION:
        return socket_set_option(socket, (uint32_t)(value >> 32),
                                 (uint32_t)value);
    case WIRE_SET_DATAGRAM_ERROR:
        return set_error(&record->datagram_error, value);
    case WIRE_SET_JOINED: return set_joined(socket, value);
    case WIRE_SET_AWAITED_CHANGE: return network_changes_await(socket, value);
    default: return WS2_EINVAL;
    }
}

/* Whether the socket is not a stream: it has no connection to lose. */
bool socket_is_datagram(const struct socket *socket)
{
    return socket->kind.type != WS2_SOCK_STREAM;
}

/* Whether a connect is over when the call is, with nothing for epoll to wake
   up for. */
bool socket_connects_at_once(const struct socket *socket)
{
    return socket_is_datagram(socket) || socket->kind.family == WS2_AF_UNIX;
}

/* Whether anybody has it, or will, apart from a fork's unclaimed leftovers and
   processes whose end is still to be read. */
bool socket_is_in_use(const struct socket *socket)
{
    struct list *link, *following;

    if (socket->n_duplicates > 0)
        return true;
    list_for_each(link, following, &socket->holders) {
        const struct holder *holder =
            list_entry(link, struct holder, in_socket);

        if (holder->client->state == CLIENT_READY && holder->n_handles > 0 &&
            !client_has_hung_up(holder->client))
            return true;
    }
    return false;
}

/* The descriptors of connected clients. */
uint32_t socket_count_descriptors(const struct socket *socket)
{
    struct list *link, *following;
    uint32_t count = 0;

    list_for_each(link, following, &socket->holders) {
        const struct holder *holder =
            list_entry(link, struct holder, in_socket);

        if (holder->client->state == CLIENT_READY)
            count += holder->n_handles;
    }
    return count;
}
