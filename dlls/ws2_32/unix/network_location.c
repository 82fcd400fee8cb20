/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The networks that this machine is on, as far as Windows' network location
 * awareness tells programs of them, and waiting for them to change.
 *
 * There is one for each interface that leads anywhere.  Its name is the DNS
 * domain where the default route is, if there is one, else the subnet.
 */
#include "boundary.h"
#include "interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/error.h"
#include "util/watch.h"

/* Types of interfaces as the IANA numbers them. */
enum { TYPE_OTHER = 1, TYPE_ETHERNET = 6, TYPE_PPP = 23, TYPE_WIRELESS = 71,
       TYPE_TUNNEL = 131 };

/* --- An interface --------------------------------------------------------- */

/* A number of /sys; -1: there is none. */
static long read_number(const char *interface, const char *file)
{
    char path[128];
    FILE *stream;
    long number = -1;

    snprintf(path, sizeof(path), "/sys/class/net/%s/%s", interface, file);
    stream = fopen(path, "re");
    if (!stream)
        return -1;
    if (fscanf(stream, "%ld", &number) != 1)
        number = -1;
    fclose(stream);
    return number;
}

static uint32_t type_of(const char *interface)
{
    char path[128];

    snprintf(path, sizeof(path), "/sys/class/net/%s/wireless", interface);
    if (!access(path, F_OK))
        return TYPE_WIRELESS;
    switch (read_number(interface, "type")) {
    case ARPHRD_ETHER:
        return TYPE_ETHERNET;
    case ARPHRD_PPP:
        return TYPE_PPP;
    case ARPHRD_NONE:
    case ARPHRD_TUNNEL:
        return TYPE_TUNNEL;
    default:
        return TYPE_OTHER;
    }
}

/* Bits a second, 0: unknown. */
static uint32_t speed_of(const char *interface)
{
    long megabits = read_number(interface, "speed");

    if (megabits <= 0)
        return 0;
    return megabits > 4294 ? UINT32_MAX : (uint32_t)megabits * 1000000;
}

/* --- Names ---------------------------------------------------------------- */

/* The DNS domain that the resolver looks in first; "": none. */
static void read_domain(char *ret, size_t size)
{
    FILE *stream = fopen("/etc/resolv.conf", "re");
    char line[512], key[16], value[256];

    ret[0] = '\0';
    if (!stream)
        return;
    while (!ret[0] && fgets(line, sizeof(line), stream))
        if (sscanf(line, "%15s %255s", key, value) == 2 &&
            (!strcmp(key, "search") || !strcmp(key, "domain")) &&
            strcmp(value, "."))
            snprintf(ret, size, "%s", value);
    fclose(stream);
}

static void write_subnet(const struct ifaddrs *entry, char *ret, size_t size)
{
    uint8_t bytes[16] = {0}, mask[16];
    int family = entry->ifa_addr->sa_family;
    size_t i, length = family == AF_INET ? 4 : 16;
    size_t offset = family == AF_INET
                        ? offsetof(struct sockaddr_in, sin_addr)
                        : offsetof(struct sockaddr_in6, sin6_addr);

    memset(mask, 0xff, sizeof(mask));
    memcpy(bytes, (const char *)entry->ifa_addr + offset, length);
    if (entry->ifa_netmask)
        memcpy(mask, (const char *)entry->ifa_netmask + offset, length);
    for (i = 0; i < length; i++)
        bytes[i] &= mask[i];
    inet_ntop(family, bytes, ret, (socklen_t)size);
}

/* --- The list ------------------------------------------------------------- */

/* Whether an entry says that its interface leads anywhere. */
static bool is_usable(const struct ifaddrs *entry)
{
    int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;
    const struct sockaddr_in6 *inet6 = (const void *)entry->ifa_addr;

    if ((entry->ifa_flags & (IFF_UP | IFF_RUNNING)) != (IFF_UP | IFF_RUNNING))
        return false;
    if (entry->ifa_flags & IFF_LOOPBACK)
        return false;
    return family == AF_INET ||
           (family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&inet6->sin6_addr));
}

static bool has_adapter(const struct unix_networks *networks, const char *name)
{
    uint32_t i;

    for (i = 0; i < networks->count; i++)
        if (!strcmp(networks->items[i].adapter, name))
            return true;
    return false;
}

static void describe(const struct ifaddrs *entry, const char *default_name,
                     struct unix_network *ret)
{
    memset(ret, 0, sizeof(*ret));
    snprintf(ret->adapter, sizeof(ret->adapter), "%s", entry->ifa_name);
    ret->type = type_of(entry->ifa_name);
    ret->speed = speed_of(entry->ifa_name);
    ret->internet = !strcmp(entry->ifa_name, default_name);
    if (ret->internet)
        read_domain(ret->name, sizeof(ret->name));
    if (!ret->name[0])
        write_subnet(entry, ret->name, sizeof(ret->name));
}

/* The first address of an interface names its network, IPv4 before IPv6. */
int unix_list_networks(struct unix_networks *ret)
{
    struct ifaddrs *list = NULL, *entry;
    char default_name[IF_NAMESIZE];
    int family;

    memset(ret, 0, sizeof(*ret));
    if (getifaddrs(&list))
        return error_from_errno(errno);
    interfaces_default(default_name);
    for (family = AF_INET; family; family = family == AF_INET ? AF_INET6 : 0)
        for (entry = list; entry; entry = entry->ifa_next)
            if (is_usable(entry) && entry->ifa_addr->sa_family == family &&
                ret->count < UNIX_NETWORKS &&
                !has_adapter(ret, entry->ifa_name))
                describe(entry, default_name, &ret->items[ret->count++]);
    freeifaddrs(list);
    return WS2_SUCCESS;
}

/* --- Waiting for a change ------------------------------------------------- */

void unix_network_watch_free(void *watch)
{
    watch_deinit(watch);
    free(watch);
}

int unix_network_watch_new(void **ret_watch)
{
    struct sockaddr_nl name = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    struct watch *watch = malloc(sizeof(*watch));

    if (!watch)
        return WS2_NOT_ENOUGH_MEMORY;
    if (watch_init(watch, socket(AF_NETLINK,
                                 SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                 NETLINK_ROUTE)) ||
        bind(watch->notices, (const struct sockaddr *)&name, sizeof(name))) {
        unix_network_watch_free(watch);
        return WS2_NOT_ENOUGH_MEMORY;
    }
    *ret_watch = watch;
    return WS2_SUCCESS;
}

int unix_network_watch_wait(void *watch)
{
    return watch_wait(watch) ? WS2_SUCCESS : WS2_EINTR;
}

void unix_network_watch_stop(void *watch)
{
    watch_stop(watch);
}
