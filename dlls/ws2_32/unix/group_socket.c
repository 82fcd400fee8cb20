/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Group sockets; see group_socket.h. */
#include "unix/group_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "unix/exchange.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/option.h"
#include "unix/option_carry.h"
#include "unix/socket.h"

/* The peer of a kernel socket that is to receive nothing more: nobody sends
   from this port. */
#define NOBODY_S_PORT 1

_Static_assert(GROUP_SOCKET_SOURCE_ROOM ==
                       CMSG_SPACE(sizeof(struct in6_pktinfo)) &&
                   GROUP_SOCKET_SOURCE_ROOM >=
                       CMSG_SPACE(sizeof(struct in_pktinfo)),
               "room for either");

static int is_group_socket(const struct descriptor *descriptor)
{
    return option_is_on(descriptor, WIRE_OPTION_GROUP_SOCKET);
}

/* --- Addresses ------------------------------------------------------------ */

/* Neither the wildcard nor a group, and of the socket's own protocol. */
static int is_one_address(const struct sockaddr_storage *name)
{
    const struct in6_addr *v6 =
        &((const struct sockaddr_in6 *)name)->sin6_addr;
    uint32_t v4 =
        ntohl(((const struct sockaddr_in *)name)->sin_addr.s_addr);

    if (name->ss_family == AF_INET6)
        return !IN6_IS_ADDR_UNSPECIFIED(v6) && !IN6_IS_ADDR_MULTICAST(v6) &&
               !IN6_IS_ADDR_V4MAPPED(v6);
    return v4 != INADDR_ANY && v4 != INADDR_BROADCAST && !IN_MULTICAST(v4);
}

/* The wildcard with the port of a name. */
static struct sockaddr_storage wildcard_of(const struct sockaddr_storage *name)
{
    struct sockaddr_storage any = {.ss_family = name->ss_family};

    ((struct sockaddr_in *)&any)->sin_port =
        ((const struct sockaddr_in *)name)->sin_port; /* sin6_port, too */
    return any;
}

void group_socket_correct_name(const struct descriptor *descriptor,
                               struct sockaddr_storage *name)
{
    if (descriptor->identity.type == WS2_SOCK_DGRAM &&
        is_group_socket(descriptor))
        option_filter_get_address(descriptor->fd, name);
}

/* --- What a socket hears -------------------------------------------------- */

static int is_member(const struct descriptor *descriptor)
{
    return option_is_on(descriptor, WIRE_OPTION_MEMBER);
}

static int hears_more(const struct descriptor *descriptor)
{
    return is_member(descriptor) ||
           (descriptor->identity.family == WS2_AF_INET &&
            kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_BROADCAST) ==
                1);
}

/* A dual-stack socket's wildcard would take IPv4, too. */
static int is_datagram_socket(const struct descriptor *descriptor)
{
    return descriptor->identity.type == WS2_SOCK_DGRAM &&
           (descriptor->identity.family == WS2_AF_INET ||
            kernel_socket_option(descriptor->fd, IPPROTO_IPV6, IPV6_V6ONLY) ==
                1);
}

static void turn_on(int fd, int name)
{
    const int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, name, &on, sizeof(on));
}

int group_socket_bind(struct descriptor *descriptor,
                      const struct sockaddr_storage *name, socklen_t length)
{
    const int fd = descriptor->fd;
    struct sockaddr_storage any = wildcard_of(name);
    const int has_port = ((struct sockaddr_in *)&any)->sin_port != 0;

    if (is_datagram_socket(descriptor) && is_one_address(name) &&
        hears_more(descriptor) &&
        option_filter_set_address(fd, fd, name) == WS2_SUCCESS) {
        if (is_member(descriptor) && has_port)
            turn_on(fd, SO_REUSEPORT); /* others' sockets have it, too */
        if (bind(fd, (const struct sockaddr *)&any, length) == 0) {
            option_keep(descriptor, WIRE_OPTION_GROUP_SOCKET, 0, 1);
            return 0;
        }
        option_filter_set_address(fd, fd, NULL);
        name_follow_sharing(descriptor);
    }
    return bind(fd, (const struct sockaddr *)name, length);
}

/* --- One that is bound already -------------------------------------------- */

/* A kernel socket with the port, options and filter of the descriptor's, for
   one address, or with it in the filter for all.  -1: there cannot be one. */
static int new_kernel_socket(struct descriptor *descriptor,
                             const struct sockaddr_storage *name,
                             socklen_t length, int for_all)
{
    struct sockaddr_storage place = for_all ? wildcard_of(name) : *name;
    int fd = kernel_socket_new(&descriptor->identity);

    if (fd < 0)
        return -1;
    option_carry_note(descriptor, IPPROTO_IP, IP_RECVERR); /* every one has */
    option_carry_note(descriptor, IPPROTO_IPV6, IPV6_RECVERR);
    option_carry(descriptor, fd);
    /* Both have the port for a moment. */
    turn_on(descriptor->fd, SO_REUSEADDR);
    turn_on(fd, SO_REUSEADDR);
    if (is_member(descriptor) || !for_all)
        turn_on(fd, SO_REUSEPORT);
    if (option_filter_set_address(descriptor->fd, fd,
                                  for_all ? name : NULL) == WS2_SUCCESS &&
        bind(fd, (const struct sockaddr *)&place, length) == 0)
        return fd;
    name_follow_bind(descriptor);
    close(fd);
    return -1;
}

/* The kernel socket before may have other owners for a while (wineserver):
   with its own address it would be given what is for the new one. */
static void set_aside(int fd, const struct sockaddr_storage *name,
                      socklen_t length)
{
    struct sockaddr_storage nobody = *name;

    ((struct sockaddr_in *)&nobody)->sin_port = htons(NOBODY_S_PORT);
    (void)connect(fd, (const struct sockaddr *)&nobody, length);
}

static void settle(struct descriptor *descriptor, const void *unused)
{
    (void)unused;
    __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->has_binding, 1, __ATOMIC_RELAXED);
}

/* Whether nobody else would be left with the kernel socket before. */
static int can_change(const struct descriptor *descriptor)
{
    return is_datagram_socket(descriptor) &&
           !kernel_socket_has_peer(descriptor->fd) &&
           !(descriptor_flags(descriptor) &
             (WIRE_RECORD_SHUT_RECEIVE | WIRE_RECORD_SHUT_SEND)) &&
           !descriptor->may_be_shared &&
           !__atomic_load_n(&descriptor->was_duplicated, __ATOMIC_RELAXED);
}

static int exchange(struct descriptor *descriptor, int fd,
                    const struct sockaddr_storage *name, socklen_t length)
{
    const uint32_t flags = descriptor_flags(descriptor);
    const int before = fcntl(descriptor->fd, F_DUPFD_CLOEXEC, 0);
    int error = exchange_kernel_socket(descriptor, fd, settle, NULL);

    if (!error) {
        if (flags & WIRE_RECORD_EXCLUSIVE) /* the one that is not handed on */
            (void)socket_set_property(descriptor, WIRE_SET_EXCLUSIVE, 1);
        name_record_binding(descriptor, name, length);
        name_follow_bind(descriptor);
    }
    if (before >= 0) {
        if (!error)
            set_aside(before, name, length);
        close(before);
    }
    return error;
}

/* The membership, if any, is the option by which the socket before has joined
   a group. */
static void become(struct descriptor *descriptor, int level, int option,
                   const void *membership, socklen_t size)
{
    struct sockaddr_storage name;
    socklen_t length;
    int fd;

    if (is_group_socket(descriptor) || !can_change(descriptor) ||
        !kernel_socket_is_bound(descriptor->fd) ||
        name_get_local(descriptor, &name, &length) < 0 ||
        !is_one_address(&name))
        return;
    fd = new_kernel_socket(descriptor, &name, length, 1);
    if (fd < 0)
        return;
    if (membership != NULL)
        (void)setsockopt(fd, level, option, membership, size);
    option_keep(descriptor, WIRE_OPTION_GROUP_SOCKET, 0, 1);
    if (exchange(descriptor, fd, &name, length))
        option_keep(descriptor, WIRE_OPTION_GROUP_SOCKET, 0, 0);
}

void group_socket_connects(struct descriptor *descriptor)
{
    struct sockaddr_storage name;
    socklen_t length;
    int fd;

    if (!is_group_socket(descriptor) || !can_change(descriptor) ||
        name_get_local(descriptor, &name, &length) < 0)
        return;
    fd = new_kernel_socket(descriptor, &name, length, 0);
    if (fd < 0 || exchange(descriptor, fd, &name, length))
        return;
    option_keep(descriptor, WIRE_OPTION_GROUP_SOCKET, 0, 0);
    option_keep(descriptor, WIRE_OPTION_MEMBER, 0, 0);
}

void group_socket_joined(struct descriptor *descriptor, int level, int name,
                         const void *request, socklen_t length)
{
    if (!is_datagram_socket(descriptor) || is_member(descriptor))
        return;
    option_keep(descriptor, WIRE_OPTION_MEMBER, 0, 1);
    become(descriptor, level, name, request, length);
}

void group_socket_may_broadcast(struct descriptor *descriptor)
{
    int waiting = 0;

    if (descriptor->identity.family != WS2_AF_INET ||
        descriptor_flags(descriptor) & WIRE_RECORD_SHARED ||
        ioctl(descriptor->fd, FIONREAD, &waiting) < 0 || waiting > 0)
        return;
    become(descriptor, 0, 0, NULL, 0);
}

/* --- Sending -------------------------------------------------------------- */

/* The address in the filter does not change any more, so it is asked for
   once. */
static const struct descriptor_source *source_of(struct descriptor *descriptor)
{
    struct descriptor_source *source = &descriptor->source;
    struct sockaddr_storage name;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&name;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&name;
    uint32_t words[4] = {0}, interface = 0;
    size_t i;

    if (__atomic_load_n(&source->family, __ATOMIC_ACQUIRE) != 0)
        return source;
    if (!option_filter_get_address(descriptor->fd, &name))
        return NULL;
    if (name.ss_family == AF_INET6) {
        memcpy(words, &v6->sin6_addr, sizeof(words));
        interface = v6->sin6_scope_id;
    } else
        words[0] = v4->sin_addr.s_addr;
    for (i = 0; i < 4; i++)
        __atomic_store_n(&source->address[i], words[i], __ATOMIC_RELAXED);
    __atomic_store_n(&source->interface, interface, __ATOMIC_RELAXED);
    __atomic_store_n(&source->family, name.ss_family, __ATOMIC_RELEASE);
    return source;
}

static int names_source(const void *control, size_t length)
{
    struct msghdr message = {.msg_control = (void *)control,
                             .msg_controllen = length};
    struct cmsghdr *entry;

    for (entry = CMSG_FIRSTHDR(&message); entry != NULL;
         entry = CMSG_NXTHDR(&message, entry))
        if ((entry->cmsg_level == IPPROTO_IP &&
             entry->cmsg_type == IP_PKTINFO) ||
            (entry->cmsg_level == IPPROTO_IPV6 &&
             entry->cmsg_type == IPV6_PKTINFO))
            return 1;
    return 0;
}

void group_socket_add_source(struct descriptor *descriptor, void *control,
                             size_t *length)
{
    struct cmsghdr header = {.cmsg_level = IPPROTO_IP,
                             .cmsg_type = IP_PKTINFO};
    const struct descriptor_source *source;
    struct in6_pktinfo info6 = {.ipi6_ifindex = 0};
    struct in_pktinfo info = {.ipi_ifindex = 0};
    const void *data = &info;
    size_t size = sizeof(info);

    if (!is_group_socket(descriptor) || names_source(control, *length))
        return;
    source = source_of(descriptor);
    if (source == NULL)
        return;
    info.ipi_spec_dst.s_addr = source->address[0];
    if (source->family == AF_INET6) {
        memcpy(&info6.ipi6_addr, source->address, sizeof(info6.ipi6_addr));
        info6.ipi6_ifindex = source->interface;
        header.cmsg_level = IPPROTO_IPV6;
        header.cmsg_type = IPV6_PKTINFO;
        data = &info6;
        size = sizeof(info6);
    }
    header.cmsg_len = CMSG_LEN(size);
    control = (char *)control + *length;
    memset(control, 0, CMSG_SPACE(size));
    memcpy(control, &header, sizeof(header));
    memcpy((char *)control + CMSG_LEN(0), data, size);
    *length += CMSG_SPACE(size);
}
