/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAJoinLeaf: multipoint sessions of datagram sockets, which are multicast
 * groups.
 */
#include <netinet/in.h>
#include <string.h>

#include "unix/address.h"
#include "unix/boundary.h"
#include "unix/name.h"
#include "unix/option.h"
#include "unix/socket.h"

/* By the interface of the local address; the wildcard leaves it to the
   system. */
static int join_inet(struct descriptor *descriptor,
                     const struct sockaddr_storage *group)
{
    struct ip_mreqn request = {
        .imr_multiaddr = ((const struct sockaddr_in *)group)->sin_addr,
    };
    struct sockaddr_storage local;
    socklen_t length;
    int error;

    if (name_get_local(descriptor, &local, &length) == 0)
        request.imr_address = ((struct sockaddr_in *)&local)->sin_addr;
    error = option_join(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                        sizeof(request));
    if (error != WS2_EADDRNOTAVAIL || request.imr_address.s_addr != INADDR_ANY)
        return error;
    /* A host without a network has the loopback interface alone. */
    request.imr_address.s_addr = htonl(INADDR_LOOPBACK);
    return option_join(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                       sizeof(request));
}

static int join_inet6(struct descriptor *descriptor,
                      const struct sockaddr_storage *group)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)group;
    struct ipv6_mreq request = {
        .ipv6mr_multiaddr = v6->sin6_addr,
        .ipv6mr_interface = v6->sin6_scope_id,
    };

    return option_join(descriptor, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request,
                       sizeof(request));
}

static int join(struct descriptor *descriptor, const void *name,
                uint32_t length)
{
    struct sockaddr_storage group;
    socklen_t group_length;
    int error = address_to_kernel(name, length, &group, &group_length);

    if (!error)
        error = group.ss_family == AF_INET6 ? join_inet6(descriptor, &group)
                                            : join_inet(descriptor, &group);
    return error == WS2_EADDRINUSE ? WS2_EISCONN : error;
}

int unix_socket_join_session(ws2_handle s, const void *name, uint32_t length,
                             int receives)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (receives)
        error = join(descriptor, name, length);
    if (!error)
        error = socket_set_property(descriptor, WIRE_SET_JOINED, 1);
    descriptor_release(descriptor);
    return error;
}
