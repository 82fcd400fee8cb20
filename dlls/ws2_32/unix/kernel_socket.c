/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to the kernel about a socket fd, in Winsock's terms. */
#include "unix/kernel_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/network_limit.h"
#include "unix/raw_socket.h"

int kernel_socket_option(int fd, int level, int name)
{
    socklen_t length = sizeof(int);
    int value = -1;

    return getsockopt(fd, level, name, &value, &length) < 0 ? -1 : value;
}

int kernel_socket_identify(int fd, struct unix_identity *ret_identity)
{
    int family = kernel_socket_option(fd, SOL_SOCKET, SO_DOMAIN);
    int type = kernel_socket_option(fd, SOL_SOCKET, SO_TYPE);
    int protocol = kernel_socket_option(fd, SOL_SOCKET, SO_PROTOCOL);

    if (type < 0 || protocol < 0)
        return WS2_ENOTSOCK;
    if (family == AF_INET)
        ret_identity->family = WS2_AF_INET;
    else if (family == AF_INET6)
        ret_identity->family = WS2_AF_INET6;
    else if (family == AF_UNIX && type == SOCK_STREAM)
        ret_identity->family = WS2_AF_UNIX;
    else
        return WS2_ENOTSOCK;
    ret_identity->type = type; /* STREAM, DGRAM, RAW have the same numbers */
    ret_identity->protocol = protocol;
    /* Of raw_socket.c: an echo socket, and one without a protocol. */
    if (type == SOCK_DGRAM &&
        (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6))
        ret_identity->type = WS2_SOCK_RAW;
    if (type == SOCK_RAW && protocol == IPPROTO_RAW)
        ret_identity->protocol = 0;
    ret_identity->flags = WS2_FLAG_OVERLAPPED;
    return WS2_SUCCESS;
}

int kernel_socket_cookie(int fd, uint64_t *ret_cookie)
{
    socklen_t length = sizeof(*ret_cookie);

    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, ret_cookie, &length) < 0)
        return WS2_ENOTSOCK;
    return WS2_SUCCESS;
}

/* Winsock gives a socket the datagrams of the groups that it has joined, Linux
   those that anybody on the machine has. */
static void hear_own_groups(int fd, int family)
{
    const int off = 0;

    (void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off,
                         sizeof(off));
}

int kernel_socket_new(const struct unix_identity *identity)
{
    int family = identity->family == WS2_AF_INET6  ? AF_INET6
                 : identity->family == WS2_AF_UNIX ? AF_UNIX
                                                   : AF_INET;
    int on = 1, fd;

    fd = identity->type == WS2_SOCK_RAW
             ? raw_socket_new(family, identity->protocol)
             : socket(family, identity->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                      identity->protocol);
    if (fd >= 0 && family != AF_UNIX && network_limit_socket(fd) < 0) {
        close(fd);
        errno = EACCES;
        return -1;
    }
    /* Winsock's IPV6_V6ONLY is on by default. */
    if (fd >= 0 && family == AF_INET6 && identity->type != WS2_SOCK_RAW)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (fd >= 0 && identity->type == WS2_SOCK_DGRAM)
        hear_own_groups(fd, family);
    return fd;
}

int kernel_socket_is_listening(int fd)
{
    return kernel_socket_option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1;
}

int kernel_socket_is_bound(int fd)
{
    struct sockaddr_in6 name = {0};
    socklen_t length = sizeof(name);

    if (getsockname(fd, (struct sockaddr *)&name, &length) < 0)
        return 0;
    return name.sin6_port != 0; /* sin_port is at the same place */
}

/* Of AF_UNIX: there is no time of connecting. */
static enum kernel_socket_state path_state(int fd)
{
    if (kernel_socket_has_peer(fd))
        return KERNEL_SOCKET_CONNECTED;
    return kernel_socket_is_listening(fd) ? KERNEL_SOCKET_LISTENING
                                          : KERNEL_SOCKET_IDLE;
}

enum kernel_socket_state kernel_socket_stream_state(int fd)
{
    struct tcp_info info = {0};
    socklen_t length = offsetof(struct tcp_info, tcpi_options);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
        return path_state(fd);
    switch (info.tcpi_state) {
    case TCP_LISTEN:
        return KERNEL_SOCKET_LISTENING;
    case TCP_SYN_SENT:
    case TCP_SYN_RECV:
        return KERNEL_SOCKET_CONNECTING;
    case TCP_CLOSE:
        return KERNEL_SOCKET_IDLE;
    }
    return KERNEL_SOCKET_CONNECTED;
}

int kernel_socket_has_peer(int fd)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);

    return getpeername(fd, (struct sockaddr *)&name, &length) == 0;
}
