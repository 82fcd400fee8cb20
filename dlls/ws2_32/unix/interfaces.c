/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The addresses of this machine's network interfaces, which a Windows program
 * gets for its own host name whatever /etc/hosts says of it.
 */
#include "interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct in6_addr *inet6_address(const struct ifaddrs *entry)
{
    return &((const struct sockaddr_in6 *)(const void *)entry->ifa_addr)
                ->sin6_addr;
}

static bool is_of_family(const struct ifaddrs *entry, int family)
{
    return entry->ifa_addr && entry->ifa_addr->sa_family == family;
}

/* Whether others reach the machine by this address. */
static bool is_reachable(const struct ifaddrs *entry)
{
    if (!(entry->ifa_flags & IFF_UP) || (entry->ifa_flags & IFF_LOOPBACK))
        return false;
    if (is_of_family(entry, AF_INET))
        return true;
    return is_of_family(entry, AF_INET6) &&
           !IN6_IS_ADDR_LOOPBACK(inet6_address(entry)) &&
           !IN6_IS_ADDR_LINKLOCAL(inet6_address(entry));
}

void interfaces_summarize(struct interfaces_summary *ret)
{
    struct ifaddrs *list = NULL, *entry;

    memset(ret, 0, sizeof(*ret));
    if (getifaddrs(&list))
        return;
    for (entry = list; entry; entry = entry->ifa_next) {
        if (!is_of_family(entry, AF_INET6))
            continue;
        if (IN6_IS_ADDR_LOOPBACK(inet6_address(entry)))
            ret->has_inet6_loopback = true;
        if (is_reachable(entry))
            ret->has_global_inet6 = true;
    }
    freeifaddrs(list);
}

static uint32_t inet_address(const struct sockaddr *name)
{
    return ntohl(
        ((const struct sockaddr_in *)(const void *)name)->sin_addr.s_addr);
}

uint32_t interfaces_broadcast(uint32_t address)
{
    struct ifaddrs *list = NULL, *entry;
    uint32_t mask, best = UINT32_MAX;

    if (getifaddrs(&list))
        return address;
    for (entry = list; entry; entry = entry->ifa_next) {
        if (!is_of_family(entry, AF_INET) || !entry->ifa_netmask)
            continue;
        mask = inet_address(entry->ifa_netmask);
        if (((address ^ inet_address(entry->ifa_addr)) & mask) == 0 &&
            mask != 0 && (best == UINT32_MAX || mask > best))
            best = mask;
    }
    freeifaddrs(list);
    return address | ~best;
}

uint32_t interfaces_index_of(const struct in6_addr *address)
{
    struct ifaddrs *list = NULL, *entry;
    uint32_t index = 0;

    if (getifaddrs(&list))
        return 0;
    for (entry = list; entry && !index; entry = entry->ifa_next)
        if (is_of_family(entry, AF_INET6) &&
            IN6_ARE_ADDR_EQUAL(inet6_address(entry), address))
            index = if_nametoindex(entry->ifa_name);
    freeifaddrs(list);
    return index;
}

void interfaces_default(char name[IF_NAMESIZE])
{
    FILE *routes = fopen("/proc/net/route", "re");
    char line[256], interface[IF_NAMESIZE];
    uint32_t destination;
    bool found = false;

    name[0] = '\0';
    if (!routes)
        return;
    /* Of several default routes the first has the best metric. */
    while (!found && fgets(line, sizeof(line), routes)) {
        if (sscanf(line, "%15s %8x", interface, &destination) == 2 &&
            destination == 0) {
            memcpy(name, interface, sizeof(interface));
            found = true;
        }
    }
    fclose(routes);
}

int interfaces_for_each_address(int family,
                                int (*visit)(const struct sockaddr *address,
                                             socklen_t length, void *context),
                                void *context)
{
    socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in)
                                         : sizeof(struct sockaddr_in6);
    struct ifaddrs *list = NULL, *entry;
    char first[IF_NAMESIZE];
    int error = 0, pass;

    if (getifaddrs(&list))
        return 0;
    interfaces_default(first);
    for (pass = 0; pass < 2 && !error; pass++)
        for (entry = list; entry && !error; entry = entry->ifa_next)
            if (is_of_family(entry, family) && is_reachable(entry) &&
                !strcmp(entry->ifa_name, first) == !pass)
                error = visit(entry->ifa_addr, length, context);
    freeifaddrs(list);
    return error;
}
