/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limit of the network; see network_limit.h. */
#include "unix/network_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <ws2emu/constants.h>

static int limited; /* atomic; what the environment said at the startup */

void network_limit_startup(void)
{
    const char *network = getenv("WS2EMU_NETWORK");

    __atomic_store_n(&limited,
                     network != NULL && strcmp(network, "loopback") == 0,
                     __ATOMIC_RELAXED);
}

static int is_limited(void)
{
    return __atomic_load_n(&limited, __ATOMIC_RELAXED);
}

int network_limit_socket(int fd)
{
    static const char device[] = "lo";

    if (!is_limited())
        return 0;
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, sizeof(device));
}

static int is_loopback(const struct sockaddr_storage *name)
{
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)name)->sin6_addr;
    uint32_t v4 = ((const struct sockaddr_in *)name)->sin_addr.s_addr;

    if (name->ss_family == AF_INET6) {
        if (!IN6_IS_ADDR_V4MAPPED(v6))
            return IN6_IS_ADDR_LOOPBACK(v6);
        memcpy(&v4, &v6->s6_addr[12], sizeof(v4));
    }
    return ntohl(v4) >> 24 == IN_LOOPBACKNET;
}

int network_limit_check(const struct sockaddr_storage *destination)
{
    return is_limited() && !is_loopback(destination) ? WS2_ENETUNREACH
                                                     : WS2_SUCCESS;
}
