/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's rules of sharing local addresses.
 *
 * Who may bind what is decided by the first socket's mode and the second's
 * (default, SO_REUSEADDR, SO_EXCLUSIVEADDRUSE) and by whether each is bound to
 * the wildcard or to a specific address.  The kernel's rules differ, so a bind
 * is put to this table first.  It knows the sockets of this server alone;
 * foreign programs' are the kernel's to refuse.
 *
 * A dual-stack wildcard covers IPv4, too.  Towards it every IPv4 address, also
 * IPv4's own wildcard, is the more specific one.
 *
 * Sockets whose entries overlap are published as WIRE_RECORD_SHARED.  Their
 * processes then make the kernel share the port, which it does among sockets
 * that ask for it alone.  To the kernel a group socket
 * (WIRE_OPTION_GROUP_SOCKET) has the wildcard, so it overlaps all others of its
 * port.
 *
 * An entry lives until its socket dies.  It stops counting before that when
 * the socket has no holder but the leftover of a fork, or processes that have
 * ended, because the kernel has freed the port by then.
 */
#include "core/binding.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include <ws2emu/constants.h>

#include "core/reservation.h"
#include "core/socket.h"

struct binding_port {
    UT_hash_handle hh;
    uint32_t key; /* protocol << 16 | port */
    struct list bindings;
};

/* Winsock's sockaddr_in and sockaddr_in6 as they come over the wire. */
struct winsock_address_in {
    uint16_t family;
    uint16_t port; /* network order */
    uint8_t address[4];
    uint8_t zero[8];
};
struct winsock_address_in6 {
    uint16_t family;
    uint16_t port; /* network order */
    uint32_t flow;
    uint8_t address[16];
    uint32_t scope;
};
_Static_assert(sizeof(struct winsock_address_in) == 16 &&
                   sizeof(struct winsock_address_in6) == 28,
               "Winsock's address layouts");

static bool all_zero(const uint8_t *bytes, size_t size)
{
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    return size == 0;
}

static void read_ipv6(const struct winsock_address_in6 *in6, bool dual_stack,
                      struct binding_address *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    address->port = ntohs(in6->port);
    if (memcmp(in6->address, mapped, sizeof mapped) == 0) {
        /* Conflicts like the IPv4 address that it stands for. */
        memcpy(address->bytes, in6->address + sizeof mapped, 4);
        address->wildcard = all_zero(address->bytes, 4);
        return;
    }
    address->ipv6 = true;
    memcpy(address->bytes, in6->address, sizeof in6->address);
    address->wildcard = all_zero(address->bytes, sizeof address->bytes);
    address->dual_stack = address->wildcard && dual_stack;
    address->scope = in6->scope;
}

/*
 * Reads a Winsock address.  Returns 0, WS2_EFAULT when it is too short, or
 * WS2_EAFNOSUPPORT when it is no IP address.
 */
int binding_read_address(const uint8_t *bytes, uint32_t length,
                         bool dual_stack, struct binding_address *ret_address)
{
    struct winsock_address_in in;
    struct winsock_address_in6 in6;
    uint16_t family;

    memset(ret_address, 0, sizeof *ret_address);
    if (length < sizeof family)
        return WS2_EFAULT;
    memcpy(&family, bytes, sizeof family);
    if (family == WS2_AF_INET) {
        if (length < sizeof in)
            return WS2_EFAULT;
        memcpy(&in, bytes, sizeof in);
        ret_address->port = ntohs(in.port);
        memcpy(ret_address->bytes, in.address, sizeof in.address);
        ret_address->wildcard = all_zero(in.address, sizeof in.address);
        return 0;
    }
    if (family == WS2_AF_INET6) {
        if (length < sizeof in6)
            return WS2_EFAULT;
        memcpy(&in6, bytes, sizeof in6);
        read_ipv6(&in6, dual_stack, ret_address);
        return 0;
    }
    return WS2_EAFNOSUPPORT;
}

/* Whether the two name different places, so that they never conflict. */
static bool apart(const struct binding_address *first,
                  const struct binding_address *second)
{
    if (first->port != second->port)
        return true;
    if (first->ipv6 != second->ipv6)
        return !(first->ipv6 ? first : second)->dual_stack;
    if (first->wildcard || second->wildcard)
        return false;
    return memcmp(first->bytes, second->bytes, sizeof first->bytes) != 0 ||
           first->scope != second->scope;
}

/* Whether `address` counts as a wildcard towards `other`. */
static bool is_wildcard(const struct binding_address *address,
                        const struct binding_address *other)
{
    return address->wildcard && address->ipv6 >= other->ipv6;
}

/* The row or column of the table. */
static int mode_of(enum binding_share share)
{
    return share == BINDING_PROCESSOR ? (int)BINDING_DEFAULT : (int)share;
}

/*
 * What binding `second` gives while `first` is bound, both by the same user:
 * 0, WS2_EADDRINUSE or WS2_EACCES.  The table is Microsoft's, "Using
 * SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", Windows Server 2003 and later.
 */
int binding_conflict(const struct binding_address *first,
                     enum binding_share first_share,
                     const struct binding_address *second,
                     enum binding_share second_share)
{
    enum { OK = 0, INUSE = WS2_EADDRINUSE, ACCES = WS2_EACCES };
    /* Rows: the first, columns: the second, each as
       default, reuse, exclusive with wildcard (W) and specific address (S). */
    static const int table[6][6] = {
        /*            DW     DS     RW     RS     EW     ES */
        /* DW */ { INUSE, OK,    ACCES, OK,    INUSE, OK },
        /* DS */ { OK,    INUSE, OK,    ACCES, INUSE, INUSE },
        /* RW */ { INUSE, OK,    OK,    OK,    INUSE, OK },
        /* RS */ { OK,    INUSE, OK,    OK,    INUSE, INUSE },
        /* EW */ { INUSE, ACCES, ACCES, ACCES, INUSE, ACCES },
        /* ES */ { OK,    INUSE, OK,    ACCES, INUSE, INUSE },
    };
    int row, column;

    if (apart(first, second))
        return OK;
    if (first_share == BINDING_PROCESSOR && second_share == BINDING_PROCESSOR)
        return OK;
    row = 2 * mode_of(first_share) + !is_wildcard(first, second);
    column = 2 * mode_of(second_share) + !is_wildcard(second, first);
    return table[row][column];
}

static struct binding_port *find_port(struct binding_table *table,
                                      uint32_t protocol, uint16_t port)
{
    struct binding_port *found;
    uint32_t key = protocol << 16 | port;

    HASH_FIND(hh, table->ports, &key, sizeof key, found);
    return found;
}

static struct binding_port *add_port(struct binding_table *table,
                                     uint32_t protocol, uint16_t port)
{
    struct binding_port *new = find_port(table, protocol, port);

    if (new)
        return new;
    new = calloc(1, sizeof *new);
    if (!new)
        return NULL;
    new->key = protocol << 16 | port;
    list_init(&new->bindings);
    HASH_ADD(hh, table->ports, key, sizeof new->key, new);
    return new;
}

static bool overlap_for_kernel(const struct binding *first,
                               const struct binding *second)
{
    return !apart(&first->address, &second->address) ||
           socket_option_differs(first->socket, WIRE_OPTION_GROUP_SOCKET) ||
           socket_option_differs(second->socket, WIRE_OPTION_GROUP_SOCKET);
}

/* Publishes for each socket of the port that overlaps whether it shares.  A
   reserved port is shared with what holds it. */
static void publish_sharing(const struct binding *new)
{
    const uint32_t shared =
        reservation_has(new->socket->server, new->port->key >> 16,
                        new->address.port)
            ? WIRE_RECORD_SHARED
            : 0;
    struct list *link, *following;

    socket_change_flags(new->socket, shared, WIRE_RECORD_SHARED);
    list_for_each(link, following, &new->port->bindings) {
        const struct binding *other = list_entry(link, struct binding, link);

        if (other == new || !overlap_for_kernel(other, new) ||
            !socket_is_in_use(other->socket))
            continue;
        socket_change_flags(other->socket, WIRE_RECORD_SHARED, 0);
        socket_change_flags(new->socket, WIRE_RECORD_SHARED, 0);
    }
}

/*
 * Enters an address that the kernel has given to the socket, in place of an
 * earlier one.  The socket refers to the entry.  Returns 0 or WS2_ENOBUFS.
 */
int binding_record(struct binding_table *table, struct socket *socket,
                   uint32_t protocol, const struct binding_address *address,
                   enum binding_share share)
{
    struct binding *new = calloc(1, sizeof *new);

    if (!new)
        return WS2_ENOBUFS;
    new->port = add_port(table, protocol, address->port);
    if (!new->port) {
        free(new);
        return WS2_ENOBUFS;
    }
    new->socket = socket;
    new->address = *address;
    new->share = share;
    list_append(&new->port->bindings, &new->link);
    binding_free(table, socket->binding);
    socket->binding = new;
    publish_sharing(new);
    return 0;
}

/*
 * Reserves an address by the rules of sharing.  Port 0 is left to the kernel.
 * Returns 0, WS2_EADDRINUSE, WS2_EACCES, or WS2_EINVAL when the socket has an
 * address already.
 */
int binding_reserve(struct binding_table *table, struct socket *socket,
                    uint32_t protocol, const struct binding_address *address,
                    enum binding_share share)
{
    struct binding_port *port = find_port(table, protocol, address->port);
    struct list *link, *following;
    int error = 0;

    if (socket->binding)
        return WS2_EINVAL;
    if (address->port == 0)
        return 0;
    if (port) {
        list_for_each(link, following, &port->bindings) {
            const struct binding *first =
                list_entry(link, struct binding, link);

            error = binding_conflict(&first->address, first->share, address,
                                     share);
            if (error && socket_is_in_use(first->socket))
                return error;
        }
    }
    return binding_record(table, socket, protocol, address, share);
}

/* Whether a socket that is in use is bound to the port, at whatever address. */
bool binding_is_used(struct binding_table *table, uint32_t protocol,
                     uint16_t port)
{
    struct binding_port *found = find_port(table, protocol, port);
    struct list *link, *following;

    if (!found)
        return false;
    list_for_each(link, following, &found->bindings)
        if (socket_is_in_use(list_entry(link, struct binding, link)->socket))
            return true;
    return false;
}

/* Takes an entry out; the socket must forget it.  NULL: nothing to do. */
void binding_free(struct binding_table *table, struct binding *binding)
{
    struct binding_port *port;

    if (!binding)
        return;
    port = binding->port;
    list_remove(&binding->link);
    free(binding);
    if (list_is_empty(&port->bindings)) {
        HASH_DELETE(hh, table->ports, port);
        free(port);
    }
}
