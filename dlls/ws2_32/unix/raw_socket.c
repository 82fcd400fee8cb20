/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw sockets; see raw_socket.h. */
#include "unix/raw_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "unix/echo_socket.h"
#include "unix/error.h"

/* Protocol 0 is no protocol to receive, and headers are the system's to write
   until IP_HDRINCL says otherwise. */
static int new_without_protocol(int family)
{
    int off = 0, fd;

    fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
    if (fd < 0)
        return -1;
    if (family == AF_INET)
        (void)setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &off, sizeof(off));
    else
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &off, sizeof(off));
    return fd;
}

int raw_socket_new(int family, int protocol)
{
    int fd;

    if (protocol == 0)
        fd = new_without_protocol(family);
    else
        fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0 && errno == EPERM)
        fd = echo_socket_new(family, protocol);
    return fd;
}

void raw_socket_clear_port(struct sockaddr_storage *name)
{
    ((struct sockaddr_in *)name)->sin_port = 0; /* sin6_port: the same place */
}

void raw_socket_set_peer_port(struct sockaddr_storage *name)
{
    ((struct sockaddr_in *)name)->sin_port = htons(1);
}

static int has_address(const struct sockaddr_storage *name)
{
    if (name->ss_family == AF_INET6)
        return !IN6_IS_ADDR_UNSPECIFIED(
            &((const struct sockaddr_in6 *)name)->sin6_addr);
    return ((const struct sockaddr_in *)name)->sin_addr.s_addr != 0;
}

/* By another process to the wildcard is the one case that does not show. */
int raw_socket_is_bound(const struct descriptor *descriptor)
{
    struct sockaddr_storage name = {0};
    socklen_t length = sizeof(name);

    return __atomic_load_n(&descriptor->bound, __ATOMIC_RELAXED) ||
           (getsockname(descriptor->fd, (struct sockaddr *)&name, &length) ==
                0 &&
            has_address(&name));
}

int raw_socket_bind(struct descriptor *descriptor,
                    struct sockaddr_storage *name, socklen_t length)
{
    if (raw_socket_is_bound(descriptor))
        return WS2_EINVAL;
    raw_socket_clear_port(name);
    if (bind(descriptor->fd, (const struct sockaddr *)name, length) < 0)
        return error_from_errno(errno);
    __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    return WS2_SUCCESS;
}
