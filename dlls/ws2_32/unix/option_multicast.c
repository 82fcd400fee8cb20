/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Multicast: the outgoing interface, memberships of groups, source filters.
 *
 * Winsock lets an IPv4 interface be named by one of its addresses, or by its
 * index as the address 0.x.y.z.
 */
#include <netinet/in.h>
#include <string.h>

#include "unix/address.h"
#include "unix/error.h"
#include "unix/group_socket.h"
#include "unix/memory.h"
#include "unix/option.h"

static void interface_of(uint32_t address, struct ip_mreqn *request)
{
    request->imr_address.s_addr = address;
    if (address != 0 && ntohl(address) < 0x01000000) {
        request->imr_ifindex = (int)ntohl(address);
        request->imr_address.s_addr = 0;
    }
}

/* The kernel reads back addresses only, so what was set is kept. */
int option_set_multicast_if(struct descriptor *descriptor, int value)
{
    struct ip_mreqn request = {.imr_ifindex = 0};

    interface_of((uint32_t)value, &request);
    return option_set_kernel(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &request,
                             sizeof(request));
}

void option_carry_multicast_if(const struct descriptor *descriptor, int fd)
{
    const uint32_t value = option_kept(descriptor, WIRE_OPTION_MULTICAST_IF, 0);
    struct ip_mreqn request = {.imr_ifindex = 0};

    if (value == 0)
        return;
    interface_of(value, &request);
    (void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request,
                     sizeof(request));
}

int option_join(struct descriptor *descriptor, int level, int name,
                const void *request, socklen_t length)
{
    int error = option_set_kernel(descriptor, level, name, request, length);

    if (!error)
        group_socket_joined(descriptor, level, name, request, length);
    return error;
}

/* Whether a join with a source is of what is no group at all. */
static int is_no_group(int name, const void *request)
{
    const struct ip_mreq_source *v4 = request;
    const struct group_source_req *any = request;
    const struct sockaddr_in *group;

    if (name == IP_ADD_SOURCE_MEMBERSHIP)
        return !IN_MULTICAST(ntohl(v4->imr_multiaddr.s_addr));
    if (name != MCAST_JOIN_SOURCE_GROUP)
        return 1;
    group = (const struct sockaddr_in *)&any->gsr_group;
    return any->gsr_group.ss_family == AF_INET &&
           !IN_MULTICAST(ntohl(group->sin_addr.s_addr));
}

/* Whether a request of one source is for a group of which the socket hears all
   sources: the kernel would turn the one membership into the other. */
static int hears_all_sources(const struct descriptor *descriptor, int level,
                             const void *request, int by_index)
{
    const struct ip_mreq_source *v4 = request;
    const struct group_source_req *any = request;
    struct group_filter by_number;
    struct ip_msfilter filter;
    socklen_t length = by_index ? GROUP_FILTER_SIZE(0) : IP_MSFILTER_SIZE(0);

    if (!by_index) {
        filter.imsf_multiaddr = v4->imr_multiaddr;
        filter.imsf_interface = v4->imr_interface;
        filter.imsf_numsrc = 0;
        return getsockopt(descriptor->fd, level, IP_MSFILTER, &filter,
                          &length) == 0 &&
               filter.imsf_fmode == MCAST_EXCLUDE;
    }
    memset(&by_number, 0, sizeof(by_number));
    by_number.gf_interface = any->gsr_interface;
    by_number.gf_group = any->gsr_group;
    return getsockopt(descriptor->fd, level, MCAST_MSFILTER, &by_number,
                      &length) == 0 &&
           by_number.gf_fmode == MCAST_EXCLUDE;
}

/*
 * Hands a membership or a source filter to the kernel.  By the page of the
 * behaviour of multicast options, joining what the socket is a member of is
 * WSAEADDRNOTAVAIL, and changing what it is no member of WSAEINVAL.
 */
static int set_membership(struct descriptor *descriptor, int level, int name,
                          const void *request, socklen_t length)
{
    int error;

    switch (name) {
    case IP_DROP_SOURCE_MEMBERSHIP:
    case MCAST_LEAVE_SOURCE_GROUP:
        if (hears_all_sources(descriptor, level, request,
                              name == MCAST_LEAVE_SOURCE_GROUP))
            return WS2_EINVAL;
        break;
    case IP_ADD_SOURCE_MEMBERSHIP:
    case MCAST_JOIN_SOURCE_GROUP:
        if (hears_all_sources(descriptor, level, request,
                              name == MCAST_JOIN_SOURCE_GROUP))
            return WS2_EADDRNOTAVAIL;
        /* fall through */
    case IP_ADD_MEMBERSHIP:
    case IPV6_ADD_MEMBERSHIP:
    case MCAST_JOIN_GROUP:
        error = option_join(descriptor, level, name, request, length);
        return error == WS2_EADDRINUSE ||
                       (error == WS2_EINVAL && !is_no_group(name, request))
                   ? WS2_EADDRNOTAVAIL
                   : error;
    }
    error = option_set_kernel(descriptor, level, name, request, length);
    return error == WS2_EADDRNOTAVAIL ? WS2_EINVAL : error;
}

/* --- ip_mreq and ipv6_mreq ------------------------------------------------ */

static int membership(struct descriptor *descriptor, int name,
                      const void *value, int length)
{
    struct ip_mreqn request = {.imr_ifindex = 0};
    uint32_t wanted[2]; /* group, interface */
    int error = option_take(wanted, sizeof(wanted), value, length);

    if (error)
        return error;
    request.imr_multiaddr.s_addr = wanted[0];
    interface_of(wanted[1], &request);
    return set_membership(descriptor, IPPROTO_IP, name, &request,
                          sizeof(request));
}

int option_take_add_membership(struct descriptor *descriptor, const void *value,
                               int length)
{
    return membership(descriptor, IP_ADD_MEMBERSHIP, value, length);
}

int option_take_drop_membership(struct descriptor *descriptor,
                                const void *value, int length)
{
    return membership(descriptor, IP_DROP_MEMBERSHIP, value, length);
}

static int membership6(struct descriptor *descriptor, int name,
                       const void *value, int length)
{
    struct ipv6_mreq request; /* the same layout */
    int error = option_take(&request, sizeof(request), value, length);

    return error ? error
                 : set_membership(descriptor, IPPROTO_IPV6, name, &request,
                                  sizeof(request));
}

int option_take_add_membership6(struct descriptor *descriptor,
                                const void *value, int length)
{
    return membership6(descriptor, IPV6_ADD_MEMBERSHIP, value, length);
}

int option_take_drop_membership6(struct descriptor *descriptor,
                                 const void *value, int length)
{
    return membership6(descriptor, IPV6_DROP_MEMBERSHIP, value, length);
}

/* --- Groups of any family, with or without a source ----------------------- */

/* GROUP_REQ and GROUP_SOURCE_REQ: a SOCKADDR_STORAGE has 128 bytes. */
struct winsock_group_request {
    uint32_t interface, padding;
    uint8_t group[128];
};
struct winsock_group_source_request {
    uint32_t interface, padding;
    uint8_t group[128];
    uint8_t source[128];
};

static int read_address(const uint8_t bytes[128],
                        struct sockaddr_storage *ret_address)
{
    socklen_t length;
    int error = address_to_kernel(bytes, 128, ret_address, &length);

    return error ? WS2_EINVAL : WS2_SUCCESS;
}

static int kernel_level_of(const struct sockaddr_storage *group)
{
    return group->ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

static int group_request(struct descriptor *descriptor, int name,
                         const void *value, int length)
{
    struct winsock_group_request wanted;
    struct group_req request;
    int error = option_take(&wanted, sizeof(wanted), value, length);

    memset(&request, 0, sizeof(request));
    if (!error)
        error = read_address(wanted.group, &request.gr_group);
    if (error)
        return error;
    request.gr_interface = wanted.interface;
    return set_membership(descriptor, kernel_level_of(&request.gr_group),
                          name, &request, sizeof(request));
}

static int source_request(struct descriptor *descriptor, int name,
                          const struct sockaddr_storage *group,
                          const struct sockaddr_storage *source,
                          uint32_t interface)
{
    struct group_source_req request;

    memset(&request, 0, sizeof(request));
    request.gsr_interface = interface;
    request.gsr_group = *group;
    request.gsr_source = *source;
    return set_membership(descriptor, kernel_level_of(group), name, &request,
                          sizeof(request));
}

static int group_source_request(struct descriptor *descriptor, int name,
                                const void *value, int length)
{
    struct winsock_group_source_request wanted;
    struct sockaddr_storage group, source;
    int error = option_take(&wanted, sizeof(wanted), value, length);

    if (!error)
        error = read_address(wanted.group, &group);
    if (!error)
        error = read_address(wanted.source, &source);
    return error ? error
                 : source_request(descriptor, name, &group, &source,
                                  wanted.interface);
}

int option_take_join_group(struct descriptor *descriptor, const void *value,
                           int length)
{
    return group_request(descriptor, MCAST_JOIN_GROUP, value, length);
}

int option_take_leave_group(struct descriptor *descriptor, const void *value,
                            int length)
{
    return group_request(descriptor, MCAST_LEAVE_GROUP, value, length);
}

int option_take_group_block_source(struct descriptor *descriptor,
                                   const void *value, int length)
{
    return group_source_request(descriptor, MCAST_BLOCK_SOURCE, value, length);
}

int option_take_group_unblock_source(struct descriptor *descriptor,
                                     const void *value, int length)
{
    return group_source_request(descriptor, MCAST_UNBLOCK_SOURCE, value,
                                length);
}

int option_take_group_join_source(struct descriptor *descriptor,
                                  const void *value, int length)
{
    return group_source_request(descriptor, MCAST_JOIN_SOURCE_GROUP, value,
                                length);
}

int option_take_group_leave_source(struct descriptor *descriptor,
                                   const void *value, int length)
{
    return group_source_request(descriptor, MCAST_LEAVE_SOURCE_GROUP, value,
                                length);
}

/* --- ip_mreq_source: the kernel's has another order ----------------------- */

static struct sockaddr_storage inet_address(uint32_t address)
{
    struct sockaddr_in inet = {.sin_family = AF_INET,
                               .sin_addr.s_addr = address};
    struct sockaddr_storage storage;

    memset(&storage, 0, sizeof(storage));
    memcpy(&storage, &inet, sizeof(inet));
    return storage;
}

/* generic: the kernel's option for an interface that is named by index. */
static int source_membership(struct descriptor *descriptor, int name,
                             int generic, const void *value, int length)
{
    uint32_t wanted[3]; /* group, source, interface */
    struct sockaddr_storage group, source;
    struct ip_mreq_source request;
    struct ip_mreqn interface = {.imr_ifindex = 0};
    int error = option_take(wanted, sizeof(wanted), value, length);

    if (error)
        return error;
    interface_of(wanted[2], &interface);
    if (interface.imr_ifindex != 0) {
        group = inet_address(wanted[0]);
        source = inet_address(wanted[1]);
        return source_request(descriptor, generic, &group, &source,
                              (uint32_t)interface.imr_ifindex);
    }
    request.imr_multiaddr.s_addr = wanted[0];
    request.imr_sourceaddr.s_addr = wanted[1];
    request.imr_interface.s_addr = wanted[2];
    return set_membership(descriptor, IPPROTO_IP, name, &request,
                          sizeof(request));
}

int option_take_add_source(struct descriptor *descriptor, const void *value,
                           int length)
{
    return source_membership(descriptor, IP_ADD_SOURCE_MEMBERSHIP,
                             MCAST_JOIN_SOURCE_GROUP, value, length);
}

int option_take_drop_source(struct descriptor *descriptor, const void *value,
                            int length)
{
    return source_membership(descriptor, IP_DROP_SOURCE_MEMBERSHIP,
                             MCAST_LEAVE_SOURCE_GROUP, value, length);
}

int option_take_block_source(struct descriptor *descriptor, const void *value,
                             int length)
{
    return source_membership(descriptor, IP_BLOCK_SOURCE, MCAST_BLOCK_SOURCE,
                             value, length);
}

int option_take_unblock_source(struct descriptor *descriptor,
                               const void *value, int length)
{
    return source_membership(descriptor, IP_UNBLOCK_SOURCE,
                             MCAST_UNBLOCK_SOURCE, value, length);
}
