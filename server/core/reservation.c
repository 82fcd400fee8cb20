/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reservations of ports: SIO_ACQUIRE_PORT_RESERVATION and its kin.
 *
 * A reservation is a block of ports of one protocol, of both families.  It
 * lives as long as the socket that it was acquired on, its owner, unless it is
 * released before.  Only sockets that were associated with it, by the process
 * that acquired it, are bound to its ports; the binding table has the rules
 * among them.  A socket keeps its token in its options (WIRE_OPTION_PORTS_LOW
 * and _HIGH), so a server that takes over knows it, too.
 *
 * So that the kernel chooses none of the ports for anybody, and foreign
 * programs get none, each is held by a kernel socket here.  It is bound to the
 * wildcard of both families, and to a device that there is not: nothing ever
 * arrives at it, but it conflicts like any other.  Like all who share a port it
 * has SO_REUSEPORT (see binding.c), which the sockets that consume the
 * reservation have, too.
 */
#include "core/reservation.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <ws2emu/constants.h>

#include "core/binding.h"
#include "core/client.h"
#include "core/limits.h"
#include "core/server.h"
#include "core/socket.h"
#include "util/fd.h"

/* No interface gets this index. */
#define NO_DEVICE INT32_MAX
/* Where blocks are looked for that may be anywhere: the ports that the IANA
   leaves to such uses. */
#define FIRST_DYNAMIC 49152
#define LAST_PORT 65535
/* Linux 5.0's; not all headers have it. */
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

/* --- Holding a port in the kernel ----------------------------------------- */

static int new_holder(int family, int type)
{
    const int on = 1, off = 0, device = NO_DEVICE;
    int fd = socket(family, type | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if ((family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0) ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &device,
                   sizeof device) < 0) {
        fd_close(&fd);
        return -1;
    }
    return fd;
}

static int bind_holder(int fd, int family, uint16_t port)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons(port) };
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };

    return family == AF_INET6
               ? bind(fd, (struct sockaddr *)&v6, sizeof v6)
               : bind(fd, (struct sockaddr *)&v4, sizeof v4);
}

/* Holds a port.  Returns 0, WS2_EADDRINUSE, WS2_EACCES or WS2_ENOBUFS. */
static int hold_port(uint32_t protocol, uint16_t port, int *ret_fd)
{
    const int type = protocol == WS2_IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
    int family = AF_INET6;
    int fd = new_holder(family, type), error;

    if (fd < 0) { /* there may be no IPv6 */
        family = AF_INET;
        fd = new_holder(family, type);
    }
    if (fd < 0)
        return WS2_ENOBUFS;
    if (bind_holder(fd, family, port) < 0) {
        error = errno == EACCES || errno == EPERM ? WS2_EACCES
                                                  : WS2_EADDRINUSE;
        fd_close(&fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

/* --- Objects -------------------------------------------------------------- */

static bool is_in(const struct port_range *range, uint32_t protocol,
                  uint32_t port)
{
    return range->protocol == protocol && port >= range->first &&
           port < (uint32_t)range->first + range->count;
}

static bool overlap(const struct port_range *a, const struct port_range *b)
{
    return is_in(a, b->protocol, b->first) || is_in(b, a->protocol, a->first);
}

static struct reservation *find(const struct server *server, uint64_t token)
{
    struct list *link, *following;

    list_for_each(link, following, &server->reservations) {
        struct reservation *found = list_entry(link, struct reservation, link);

        if (found->token == token)
            return found;
    }
    return NULL;
}

static void reservation_free(struct reservation *reservation)
{
    uint32_t i;

    for (i = 0; i < reservation->range.count; i++)
        fd_close(&reservation->fds[i]);
    reservation->server->n_reserved -= reservation->range.count;
    list_remove(&reservation->link);
    free(reservation->fds);
    free(reservation);
}

/* The client's own reservation of that token, or NULL. */
static struct reservation *find_own(const struct client *client,
                                    uint32_t protocol, uint64_t token)
{
    struct reservation *found = find(client->server, token);

    return found && found->client == client->serial &&
                   found->range.protocol == protocol &&
                   socket_is_in_use(found->owner)
               ? found
               : NULL;
}

/* Makes an entry that holds nothing yet. */
static struct reservation *reservation_new(struct client *client,
                                           struct socket *owner,
                                           const struct port_range *range,
                                           uint64_t token)
{
    struct reservation *new = calloc(1, sizeof *new);
    uint32_t i;

    if (!new)
        return NULL;
    new->fds = malloc(range->count * sizeof *new->fds);
    if (!new->fds) {
        free(new);
        return NULL;
    }
    for (i = 0; i < range->count; i++)
        new->fds[i] = -1;
    new->server = client->server;
    new->owner = owner;
    new->client = client->serial;
    new->token = token;
    new->range = *range;
    list_append(&new->server->reservations, &new->link);
    new->server->n_reserved += range->count;
    (void)socket_set_option(owner, WIRE_OPTION_OWNS_PORTS, 1);
    return new;
}

static int check_limits(const struct server *server,
                        const struct port_range *range)
{
    return server->n_reserved + range->count > LIMIT_RESERVED_PORTS
               ? WS2_ENOBUFS
               : 0;
}

/* The low word says whether a socket has one, so it is not 0. */
static int new_token(const struct server *server, uint64_t *ret_token)
{
    do {
        if (getrandom(ret_token, sizeof *ret_token, GRND_NONBLOCK) !=
            (ssize_t)sizeof *ret_token)
            return WS2_ENOBUFS;
    } while ((uint32_t)*ret_token == 0 || find(server, *ret_token));
    return 0;
}

/* --- Acquiring ------------------------------------------------------------ */

/* Reserves a block, if no port of it is reserved or bound. */
static int acquire_range(struct client *client, struct socket *owner,
                         const struct port_range *range, uint64_t token)
{
    struct server *server = client->server;
    struct reservation *new;
    struct list *link, *following;
    uint32_t i;
    int error = 0;

    list_for_each(link, following, &server->reservations) {
        const struct reservation *other =
            list_entry(link, struct reservation, link);

        if (overlap(&other->range, range) && socket_is_in_use(other->owner))
            return WS2_EADDRINUSE;
    }
    for (i = 0; i < range->count; i++)
        if (binding_is_used(&server->bindings, range->protocol,
                            (uint16_t)(range->first + i)))
            return WS2_EADDRINUSE;
    new = reservation_new(client, owner, range, token);
    if (!new)
        return WS2_ENOBUFS;
    for (i = 0; i < range->count && !error; i++)
        error = hold_port(range->protocol, (uint16_t)(range->first + i),
                          &new->fds[i]);
    if (error)
        reservation_free(new);
    return error;
}

/* Blocks one after the other, from a random one on. */
static int acquire_anywhere(struct client *client, struct socket *owner,
                            struct port_range *range, uint64_t token)
{
    const uint32_t last_first = LAST_PORT + 1 - range->count;
    const uint32_t places =
        last_first >= FIRST_DYNAMIC ? last_first - FIRST_DYNAMIC + 1 : 1;
    const uint32_t lowest = last_first >= FIRST_DYNAMIC ? FIRST_DYNAMIC
                                                        : last_first;
    uint32_t offset = (uint32_t)(token >> 32) % places, gone;
    int error = WS2_ENOBUFS;

    for (gone = 0; gone < places; gone += range->count) {
        range->first =
            (uint16_t)(lowest + (offset + gone) % places);
        error = acquire_range(client, owner, range, token);
        if (error != WS2_EADDRINUSE && error != WS2_EACCES)
            return error;
    }
    return WS2_ENOBUFS;
}

/*
 * Reserves a block of ports for the client; `owner` is one of its sockets.
 * `first` 0 asks for any; the block comes back.  Returns 0; WS2_EINVAL for no
 * port, or ports that there are not; WS2_EADDRINUSE when one is bound or
 * reserved; WS2_EACCES when the system keeps one from this user; WS2_ENOBUFS.
 */
int reservation_acquire(struct client *client, struct socket *owner,
                        struct port_range *range, uint64_t *ret_token)
{
    int error;

    if (range->count == 0 ||
        (uint32_t)range->first + range->count > LAST_PORT + 1)
        return WS2_EINVAL;
    error = check_limits(client->server, range);
    if (!error)
        error = new_token(client->server, ret_token);
    if (error)
        return error;
    return range->first == 0
               ? acquire_anywhere(client, owner, range, *ret_token)
               : acquire_range(client, owner, range, *ret_token);
}

/*
 * Enters a reservation that the client had at another server.  Ports that
 * cannot be held now are reserved here still.  Returns 0, WS2_EINVAL or
 * WS2_ENOBUFS.
 */
int reservation_renew(struct client *client, struct socket *owner,
                      const struct port_range *range, uint64_t token)
{
    struct reservation *new;
    uint32_t i;
    int error;

    if (range->first == 0 || range->count == 0 ||
        (uint32_t)range->first + range->count > LAST_PORT + 1 ||
        (uint32_t)token == 0 || find(client->server, token))
        return WS2_EINVAL;
    error = check_limits(client->server, range);
    if (error)
        return error;
    new = reservation_new(client, owner, range, token);
    if (!new)
        return WS2_ENOBUFS;
    for (i = 0; i < range->count; i++)
        (void)hold_port(range->protocol, (uint16_t)(range->first + i),
                        &new->fds[i]);
    return 0;
}

/* --- Using ---------------------------------------------------------------- */

static uint64_t token_of(const struct socket *socket)
{
    const uint32_t *numbers = socket->record->options.numbers;

    return (uint64_t)numbers[WIRE_OPTION_PORTS_HIGH] << 32 |
           numbers[WIRE_OPTION_PORTS_LOW];
}

/* From now on the socket is bound to ports of the reservation alone.  Returns
   0, or WS2_EINVAL when it is not the client's, of another protocol, or the
   socket is bound or associated already. */
int reservation_associate(const struct client *client, struct socket *socket,
                          uint32_t protocol, uint64_t token)
{
    if (!find_own(client, protocol, token) || token_of(socket) != 0 ||
        socket->binding)
        return WS2_EINVAL;
    socket_set_option(socket, WIRE_OPTION_PORTS_LOW, (uint32_t)token);
    socket_set_option(socket, WIRE_OPTION_PORTS_HIGH, (uint32_t)(token >> 32));
    return 0;
}

/* Ends a reservation of the client's; who is bound stays so.  Returns 0 or
   WS2_EINVAL. */
int reservation_release(const struct client *client, uint32_t protocol,
                        uint64_t token)
{
    struct reservation *own = find_own(client, protocol, token);

    if (!own)
        return WS2_EINVAL;
    reservation_free(own);
    return 0;
}

/* Whether the port is reserved for whoever is associated. */
bool reservation_has(const struct server *server, uint32_t protocol,
                     uint16_t port)
{
    struct list *link, *following;

    list_for_each(link, following, &server->reservations) {
        const struct reservation *reservation =
            list_entry(link, struct reservation, link);

        if (is_in(&reservation->range, protocol, port) &&
            socket_is_in_use(reservation->owner))
            return true;
    }
    return false;
}

/*
 * Whether the socket may be bound to the address as far as reservations are
 * concerned.  The port 0 of an associated socket becomes a free one of its
 * reservation.  Returns 0; WS2_EACCES: reserved; of an associated socket
 * WS2_EINVAL: not of its reservation, WS2_ENOBUFS: no port is left.
 */
int reservation_allow(const struct socket *socket, uint32_t protocol,
                      struct binding_address *address)
{
    const uint64_t token = token_of(socket);
    const struct reservation *reservation;
    uint32_t i;

    if (token == 0)
        return address->port != 0 && reservation_has(socket->server, protocol,
                                                     address->port)
                   ? WS2_EACCES
                   : 0;
    reservation = find(socket->server, token);
    if (!reservation || !socket_is_in_use(reservation->owner))
        return WS2_ENOBUFS;
    if (address->port != 0)
        return is_in(&reservation->range, protocol, address->port)
                   ? 0
                   : WS2_EINVAL;
    for (i = 0; i < reservation->range.count; i++) {
        address->port = (uint16_t)(reservation->range.first + i);
        if (!binding_is_used(&socket->server->bindings, protocol,
                             address->port))
            return 0;
    }
    return WS2_ENOBUFS;
}

/* Another socket takes the place of an owner. */
void reservation_move(struct socket *from, struct socket *to)
{
    struct list *link, *following;

    list_for_each(link, following, &from->server->reservations) {
        struct reservation *reservation =
            list_entry(link, struct reservation, link);

        if (reservation->owner == from)
            reservation->owner = to;
    }
}

/* The socket ends, and its reservations with it. */
void reservation_end_of(struct socket *owner)
{
    struct list *link, *following;

    list_for_each(link, following, &owner->server->reservations) {
        struct reservation *reservation =
            list_entry(link, struct reservation, link);

        if (reservation->owner == owner)
            reservation_free(reservation);
    }
}
