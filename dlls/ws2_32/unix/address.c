/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket addresses: Winsock's layout to the kernel's and back.
 *
 * Winsock's structures are spelled out here with fixed-width types, because
 * this file sees the POSIX headers.  All fields but the family are in network
 * order or opaque on both sides and are copied as bytes.
 */
#include "address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include <ws2emu/constants.h>

struct winsock_sockaddr_in {
    uint16_t family;
    uint16_t port;
    uint8_t address[4];
    uint8_t zero[8];
};

struct winsock_sockaddr_in6 {
    uint16_t family;
    uint16_t port;
    uint32_t flow_information;
    uint8_t address[16];
    uint32_t scope_id;
};

_Static_assert(sizeof(struct winsock_sockaddr_in) == ADDRESS_LENGTH_INET,
               "SOCKADDR_IN");
_Static_assert(sizeof(struct winsock_sockaddr_in6) == ADDRESS_LENGTH_INET6,
               "SOCKADDR_IN6");

int address_family_from_kernel(int kernel_family)
{
    switch (kernel_family) {
    case AF_UNSPEC:
        return WS2_AF_UNSPEC;
    case AF_INET:
        return WS2_AF_INET;
    case AF_INET6:
        return WS2_AF_INET6;
    default:
        return -1;
    }
}

uint32_t address_length(int winsock_family)
{
    switch (winsock_family) {
    case WS2_AF_UNIX:
        return ADDRESS_LENGTH_UNIX;
    case WS2_AF_INET:
        return ADDRESS_LENGTH_INET;
    case WS2_AF_INET6:
        return ADDRESS_LENGTH_INET6;
    default:
        return 0;
    }
}

static void inet_to_kernel(const void *winsock_name,
                           struct sockaddr_storage *ret, socklen_t *ret_length)
{
    struct winsock_sockaddr_in from;
    struct sockaddr_in to = {.sin_family = AF_INET};

    memcpy(&from, winsock_name, sizeof(from));
    to.sin_port = from.port;
    memcpy(&to.sin_addr, from.address, sizeof(from.address));
    memset(ret, 0, sizeof(*ret));
    memcpy(ret, &to, sizeof(to));
    *ret_length = sizeof(to);
}

static void inet6_to_kernel(const void *winsock_name,
                            struct sockaddr_storage *ret, socklen_t *ret_length)
{
    struct winsock_sockaddr_in6 from;
    struct sockaddr_in6 to = {.sin6_family = AF_INET6};

    memcpy(&from, winsock_name, sizeof(from));
    to.sin6_port = from.port;
    to.sin6_flowinfo = from.flow_information;
    memcpy(&to.sin6_addr, from.address, sizeof(from.address));
    to.sin6_scope_id = from.scope_id;
    memset(ret, 0, sizeof(*ret));
    memcpy(ret, &to, sizeof(to));
    *ret_length = sizeof(to);
}

int address_to_kernel(const void *winsock_name, uint32_t length,
                      struct sockaddr_storage *ret, socklen_t *ret_length)
{
    uint16_t family;

    if (!winsock_name || length < sizeof(family))
        return WS2_EFAULT;
    memcpy(&family, winsock_name, sizeof(family));
    if (family != WS2_AF_INET && family != WS2_AF_INET6)
        return WS2_EAFNOSUPPORT;
    if (length < address_length(family))
        return WS2_EFAULT;
    if (family == WS2_AF_INET)
        inet_to_kernel(winsock_name, ret, ret_length);
    else
        inet6_to_kernel(winsock_name, ret, ret_length);
    return 0;
}

static uint32_t inet_from_kernel(const struct sockaddr_storage *from,
                                 void *winsock_name)
{
    struct winsock_sockaddr_in to = {.family = WS2_AF_INET};
    struct sockaddr_in in;

    memcpy(&in, from, sizeof(in));
    to.port = in.sin_port;
    memcpy(to.address, &in.sin_addr, sizeof(to.address));
    memcpy(winsock_name, &to, sizeof(to));
    return sizeof(to);
}

static uint32_t inet6_from_kernel(const struct sockaddr_storage *from,
                                  void *winsock_name)
{
    struct winsock_sockaddr_in6 to = {.family = WS2_AF_INET6};
    struct sockaddr_in6 in;

    memcpy(&in, from, sizeof(in));
    to.port = in.sin6_port;
    to.flow_information = in.sin6_flowinfo;
    memcpy(to.address, &in.sin6_addr, sizeof(to.address));
    to.scope_id = in.sin6_scope_id;
    memcpy(winsock_name, &to, sizeof(to));
    return sizeof(to);
}

/* The path as the kernel has it; path_socket.c knows what the program calls
   it. */
static uint32_t unix_from_kernel(const struct sockaddr_storage *from,
                                 socklen_t length, void *winsock_name)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    uint16_t family = WS2_AF_UNIX;

    if (length > sizeof(un))
        length = sizeof(un);
    memcpy(&un, from, length);
    if (un.sun_path[0] == '\0')
        memset(un.sun_path, 0, sizeof(un.sun_path)); /* "abstract" */
    memcpy(winsock_name, &family, sizeof(family));
    memcpy((char *)winsock_name + sizeof(family), un.sun_path,
           sizeof(un.sun_path));
    return ADDRESS_LENGTH_UNIX;
}

uint32_t address_from_kernel(const struct sockaddr_storage *from,
                             socklen_t length, void *winsock_name)
{
    if (length < offsetof(struct sockaddr_storage, ss_family) +
                     sizeof(from->ss_family))
        return 0;
    if (from->ss_family == AF_INET && length >= sizeof(struct sockaddr_in))
        return inet_from_kernel(from, winsock_name);
    if (from->ss_family == AF_INET6 && length >= sizeof(struct sockaddr_in6))
        return inet6_from_kernel(from, winsock_name);
    if (from->ss_family == AF_UNIX)
        return unix_from_kernel(from, length, winsock_name);
    return 0;
}
