/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's addresses, interfaces and routes, and the order in which to try
 * destinations.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/address.h"
#include "unix/boundary.h"
#include "unix/error.h"

/* --- Local addresses ------------------------------------------------------ */

static int kernel_family(int family)
{
    return family == WS2_AF_INET6 ? AF_INET6 : AF_INET;
}

static int is_wanted(const struct ifaddrs *entry, int family, int loopback)
{
    return entry->ifa_addr != NULL &&
           entry->ifa_addr->sa_family == kernel_family(family) &&
           (entry->ifa_flags & IFF_UP) &&
           !(entry->ifa_flags & IFF_LOOPBACK) == !loopback;
}

static void add_address(const struct ifaddrs *entry,
                        struct unix_addresses *addresses)
{
    struct unix_address *item = &addresses->items[addresses->count];
    socklen_t length = entry->ifa_addr->sa_family == AF_INET6
                           ? sizeof(struct sockaddr_in6)
                           : sizeof(struct sockaddr_in);
    struct sockaddr_storage address;

    memset(&address, 0, sizeof(address));
    memcpy(&address, entry->ifa_addr, length);
    item->length = (int)address_from_kernel(&address, length, item->bytes);
    addresses->count++;
}

int unix_list_local_addresses(int family, struct unix_addresses *ret)
{
    struct ifaddrs *list = NULL, *entry;
    uint32_t room = 0;
    int loopback;

    memset(ret, 0, sizeof(*ret));
    if (getifaddrs(&list) < 0)
        return error_from_errno(errno);
    for (entry = list; entry != NULL; entry = entry->ifa_next)
        room++;
    ret->items = calloc(room + 1, sizeof(*ret->items));
    for (loopback = 0; ret->items != NULL && loopback < 2 && ret->count == 0;
         loopback++)
        for (entry = list; entry != NULL; entry = entry->ifa_next)
            if (is_wanted(entry, family, loopback))
                add_address(entry, ret);
    freeifaddrs(list);
    return ret->items != NULL ? WS2_SUCCESS : WS2_ENOBUFS;
}

/* --- Interfaces ----------------------------------------------------------- */

static void describe_interface(const struct ifaddrs *entry,
                               struct unix_interface *ret)
{
    const struct sockaddr_in *address = (const void *)entry->ifa_addr;
    const struct sockaddr_in *netmask = (const void *)entry->ifa_netmask;
    const unsigned flags = entry->ifa_flags;

    ret->flags = (flags & IFF_UP ? UNIX_INTERFACE_UP : 0u) |
                 (flags & IFF_BROADCAST ? UNIX_INTERFACE_BROADCAST : 0u) |
                 (flags & IFF_LOOPBACK ? UNIX_INTERFACE_LOOPBACK : 0u) |
                 (flags & IFF_POINTOPOINT ? UNIX_INTERFACE_POINTTOPOINT : 0u) |
                 (flags & IFF_MULTICAST ? UNIX_INTERFACE_MULTICAST : 0u);
    memcpy(ret->address, &address->sin_addr, sizeof(ret->address));
    if (netmask != NULL)
        memcpy(ret->netmask, &netmask->sin_addr, sizeof(ret->netmask));
}

int unix_list_interfaces(struct unix_interfaces *ret)
{
    struct ifaddrs *list = NULL, *entry;
    uint32_t room = 0;

    memset(ret, 0, sizeof(*ret));
    if (getifaddrs(&list) < 0)
        return error_from_errno(errno);
    for (entry = list; entry != NULL; entry = entry->ifa_next)
        room++;
    ret->items = calloc(room + 1, sizeof(*ret->items));
    for (entry = list; ret->items != NULL && entry != NULL;
         entry = entry->ifa_next)
        if (entry->ifa_addr != NULL && entry->ifa_addr->sa_family == AF_INET)
            describe_interface(entry, &ret->items[ret->count++]);
    freeifaddrs(list);
    return ret->items != NULL ? WS2_SUCCESS : WS2_ENOBUFS;
}

void unix_interfaces_free(struct unix_interfaces *interfaces)
{
    free(interfaces->items);
    interfaces->items = NULL;
    interfaces->count = 0;
}

/* --- The source of a destination ------------------------------------------ */

/* A datagram socket's connect looks up the route and sends nothing. */
static int find_source(const struct sockaddr_storage *destination,
                       socklen_t length, struct sockaddr_storage *ret_source)
{
    socklen_t size = sizeof(*ret_source);
    int fd = socket(destination->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int on = 1, error = WS2_SUCCESS;

    if (fd < 0)
        return error_from_errno(errno);
    (void)setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
    memset(ret_source, 0, sizeof(*ret_source));
    if (connect(fd, (const struct sockaddr *)destination, length) < 0 ||
        getsockname(fd, (struct sockaddr *)ret_source, &size) < 0)
        error = error_from_errno(errno);
    close(fd);
    return error;
}

static void clear_port(struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = 0;
    else
        ((struct sockaddr_in *)address)->sin_port = 0;
}

int unix_find_source(const struct unix_address *destination,
                     struct unix_address *ret_source)
{
    struct sockaddr_storage name, source;
    socklen_t length;
    int error = address_to_kernel(destination->bytes,
                                  (uint32_t)destination->length, &name,
                                  &length);

    if (!error)
        error = find_source(&name, length, &source);
    if (error)
        return error;
    clear_port(&source);
    ret_source->length =
        (int)address_from_kernel(&source, sizeof(source), ret_source->bytes);
    return WS2_SUCCESS;
}

/* --- The order of destinations: RFC 6724, section 6 ----------------------- */

struct policy {
    uint8_t prefix[16];
    uint8_t length, precedence, label;
};

/* The default table; the longest prefixes first. */
static const struct policy policies[] = {
    {{[15] = 1}, 128, 50, 0},
    {{[10] = 0xff, 0xff}, 96, 35, 4},
    {{0}, 96, 1, 3},
    {{0x20, 0x01}, 32, 5, 5},
    {{0x20, 0x02}, 16, 30, 2},
    {{0x3f, 0xfe}, 16, 1, 12},
    {{0xfe, 0xc0}, 10, 1, 11},
    {{0xfc}, 7, 3, 13},
    {{0}, 0, 40, 1},
};

enum { SCOPE_LINK = 2, SCOPE_SITE = 5, SCOPE_GLOBAL = 14 };

/* What the rules compare. */
struct rank {
    struct unix_destination destination;
    int usable, scope_matches, label_matches, precedence, scope, common_bits;
};

/* IPv4 as the mapped address. */
static void as_inet6(const struct sockaddr_storage *address, uint8_t bytes[16])
{
    const struct sockaddr_in *inet = (const void *)address;
    const struct sockaddr_in6 *inet6 = (const void *)address;

    if (address->ss_family == AF_INET6) {
        memcpy(bytes, &inet6->sin6_addr, 16);
        return;
    }
    memset(bytes, 0, 16);
    bytes[10] = bytes[11] = 0xff;
    memcpy(bytes + 12, &inet->sin_addr, 4);
}

static int count_common_bits(const uint8_t a[16], const uint8_t b[16])
{
    int i = 0;

    while (i < 128 && !((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8))
        i++;
    return i;
}

static const struct policy *policy_of(const uint8_t address[16])
{
    const struct policy *policy = policies;

    while (count_common_bits(address, policy->prefix) < policy->length)
        policy++;
    return policy;
}

static int scope_of(const uint8_t address[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
    static const uint8_t loopback[16] = {[15] = 1};

    if (memcmp(address, mapped, sizeof(mapped)) == 0)
        return address[12] == 127 || (address[12] == 169 && address[13] == 254)
                   ? SCOPE_LINK
                   : SCOPE_GLOBAL;
    if (address[0] == 0xff)
        return address[1] & 0xf;
    if (memcmp(address, loopback, sizeof(loopback)) == 0 ||
        (address[0] == 0xfe && (address[1] & 0xc0) == 0x80))
        return SCOPE_LINK;
    return address[0] == 0xfe && (address[1] & 0xc0) == 0xc0 ? SCOPE_SITE
                                                              : SCOPE_GLOBAL;
}

static int find_rank(const struct unix_destination *destination,
                     struct rank *ret)
{
    struct sockaddr_storage name, source;
    uint8_t to[16], from[16];
    socklen_t length;
    int error = address_to_kernel(destination->bytes, destination->length,
                                  &name, &length);

    if (error)
        return WS2_EINVAL;
    ret->destination = *destination;
    as_inet6(&name, to);
    ret->scope = scope_of(to);
    ret->precedence = policy_of(to)->precedence;
    ret->usable = find_source(&name, length, &source) == WS2_SUCCESS;
    if (!ret->usable)
        return WS2_SUCCESS;
    as_inet6(&source, from);
    ret->scope_matches = scope_of(from) == ret->scope;
    ret->label_matches = policy_of(from)->label == policy_of(to)->label;
    ret->common_bits =
        name.ss_family == AF_INET6 ? count_common_bits(from, to) : 0;
    return WS2_SUCCESS;
}

/* Below 0: a comes first. */
static int compare_ranks(const void *a_pointer, const void *b_pointer)
{
    const struct rank *a = a_pointer, *b = b_pointer;

    if (a->usable != b->usable)
        return b->usable - a->usable;
    if (a->scope_matches != b->scope_matches)
        return b->scope_matches - a->scope_matches;
    if (a->label_matches != b->label_matches)
        return b->label_matches - a->label_matches;
    if (a->precedence != b->precedence)
        return b->precedence - a->precedence;
    if (a->scope != b->scope)
        return a->scope - b->scope;
    if (a->common_bits != b->common_bits &&
        a->destination.length == b->destination.length)
        return b->common_bits - a->common_bits;
    return a->destination.index < b->destination.index ? -1 : 1;
}

int unix_sort_destinations(struct unix_destination *destinations,
                           uint32_t count)
{
    struct rank *ranks = calloc(count ? count : 1, sizeof(*ranks));
    int error = ranks != NULL ? WS2_SUCCESS : WS2_ENOBUFS;
    uint32_t i;

    for (i = 0; i < count && !error; i++)
        error = find_rank(&destinations[i], &ranks[i]);
    if (!error) {
        qsort(ranks, count, sizeof(*ranks), compare_ranks);
        for (i = 0; i < count; i++)
            destinations[i] = ranks[i].destination;
    }
    free(ranks);
    return error;
}
