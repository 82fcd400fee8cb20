/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of IPPROTO_IPV6. */
#include <netinet/in.h>
#include <string.h>

#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/name.h"
#include "unix/option.h"
#include "unix/option_tcp.h"

#define MAX_HOP_OPTIONS 2048
/* Of IPv6 (RFC 8200), and the kernel's. */
#define LEAST_MTU 1280
#ifndef IPV6_UNICAST_IF
#define IPV6_UNICAST_IF 76
#endif

enum winsock_protection {
    PROTECTION_UNSET = -1,
    PROTECTION_UNRESTRICTED = 10,
    PROTECTION_EDGERESTRICTED = 20,
    PROTECTION_RESTRICTED = 30,
};

/* --- IPV6_HOPOPTS: bytes of the header ------------------------------------ */

static int give_hop_options(struct descriptor *descriptor, void *value,
                            int *length, int32_t room)
{
    uint8_t bytes[MAX_HOP_OPTIONS];
    socklen_t size = sizeof(bytes);

    if (getsockopt(descriptor->fd, IPPROTO_IPV6, IPV6_HOPOPTS, bytes, &size) <
        0)
        return WS2_ENOPROTOOPT;
    return room < 0 ? WS2_EFAULT
                    : option_give(value, length, room, bytes, (int32_t)size);
}

static int take_hop_options(struct descriptor *descriptor, const void *value,
                            int length)
{
    uint8_t bytes[MAX_HOP_OPTIONS];
    int error;

    if (length < 0 || length > MAX_HOP_OPTIONS)
        return WS2_EFAULT;
    error = length == 0 ? WS2_SUCCESS
                        : memory_read_cached(bytes, value, (size_t)length);
    return error ? error
                 : option_set_kernel(descriptor, IPPROTO_IPV6, IPV6_HOPOPTS,
                                     bytes, (socklen_t)length);
}

/* --- Numbers with ways of their own --------------------------------------- */

/* An IPv4 socket takes the option too, without effect, until it is bound. */
static int get_v6only(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = 1;
    if (descriptor->identity.family != WS2_AF_INET6)
        return WS2_SUCCESS;
    return option_get_kernel_int(descriptor, IPPROTO_IPV6, IPV6_V6ONLY,
                                 ret_value);
}

static int set_v6only(struct descriptor *descriptor, int value)
{
    if (name_is_bound(descriptor))
        return WS2_EINVAL;
    if (descriptor->identity.family != WS2_AF_INET6)
        return WS2_SUCCESS;
    return option_set_kernel_int(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, value);
}

/* The kernel's is in network byte order. */
static int get_unicast_if(struct descriptor *descriptor, int *ret_value)
{
    int error = option_get_kernel_int(descriptor, IPPROTO_IPV6,
                                      IPV6_UNICAST_IF, ret_value);

    *ret_value = (int)ntohl((uint32_t)*ret_value);
    return error;
}

static int set_unicast_if(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_IPV6, IPV6_UNICAST_IF,
                                 (int)htonl((uint32_t)value));
}

static int set_mtu_discover(struct descriptor *descriptor, int value)
{
    static const int modes[] = {-1, IPV6_PMTUDISC_DO, IPV6_PMTUDISC_DONT,
                                IPV6_PMTUDISC_PROBE};

    return value == 0 ? WS2_EINVAL
                      : option_set_kernel_int(descriptor, IPPROTO_IPV6,
                                              IPV6_MTU_DISCOVER, modes[value]);
}

/* A message is cut, or refused when it must not be (IPV6_DONTFRAG). */
static int set_user_mtu(struct descriptor *descriptor, int value)
{
    uint32_t mtu = (uint32_t)value;

    if (descriptor->identity.protocol == WS2_IPPROTO_TCP)
        return option_tcp_limit_packets(descriptor, mtu);
    if (mtu < LEAST_MTU)
        mtu = LEAST_MTU;
    return option_set_kernel_int(descriptor, IPPROTO_IPV6, IPV6_MTU,
                                 mtu > INT32_MAX ? 0 : (int)mtu);
}

static int check_protection(struct descriptor *descriptor, int value)
{
    (void)descriptor;
    return value == PROTECTION_UNRESTRICTED ||
                   value == PROTECTION_EDGERESTRICTED ||
                   value == PROTECTION_RESTRICTED
               ? WS2_SUCCESS
               : WS2_EINVAL;
}

/* --- Control data --------------------------------------------------------- */

/* As option_ip.c's. */
static const struct option_group interface_of_message = {
    IPPROTO_IPV6, IPV6_RECVPKTINFO,
    {WIRE_OPTION_PKTINFO6, WIRE_OPTION_RECVIF6, WIRE_OPTION_ARRIVAL_IF6},
};
static const struct option_group class_of_message = {
    IPPROTO_IPV6, IPV6_RECVTCLASS,
    {WIRE_OPTION_RECVTCLASS, WIRE_OPTION_RECVECN6},
};

static const struct option options[] = {
    {WS2_IPV6_HOPOPTS, ANY, FORM_STRUCT, .give = give_hop_options,
     .take = take_hop_options},
    {WS2_IPV6_HDRINCL, RAW, FORM_BOOL,
     IN_KERNEL(IPPROTO_IPV6, IPV6_HDRINCL)},
    {WS2_IPV6_UNICAST_HOPS, ANY, FORM_SHORT,
     IN_KERNEL(IPPROTO_IPV6, IPV6_UNICAST_HOPS), .max = 255},
    {WS2_IPV6_MULTICAST_IF, MESSAGES, FORM_INT,
     IN_KERNEL(IPPROTO_IPV6, IPV6_MULTICAST_IF)},
    {WS2_IPV6_MULTICAST_HOPS, MESSAGES, FORM_SHORT,
     IN_KERNEL(IPPROTO_IPV6, IPV6_MULTICAST_HOPS), .max = 255},
    {WS2_IPV6_MULTICAST_LOOP, MESSAGES, FORM_BOOL,
     IN_KERNEL(IPPROTO_IPV6, IPV6_MULTICAST_LOOP)},
    {WS2_IPV6_ADD_MEMBERSHIP, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_add_membership6},
    {WS2_IPV6_DROP_MEMBERSHIP, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_drop_membership6},
    {WS2_IPV6_DONTFRAG, ANY, FORM_BOOL,
     IN_KERNEL(IPPROTO_IPV6, IPV6_DONTFRAG)},
    {WS2_IPV6_PKTINFO, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_PKTINFO6, &interface_of_message)},
    {WS2_IPV6_HOPLIMIT, MESSAGES, FORM_INT_BOOL,
     IN_KERNEL(IPPROTO_IPV6, IPV6_RECVHOPLIMIT)},
    {WS2_IPV6_PROTECTION_LEVEL, ANY, FORM_INT,
     KEPT(WIRE_OPTION_PROTECTION, PROTECTION_UNSET),
     .check = check_protection},
    {WS2_IPV6_RECVIF, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_RECVIF6, &interface_of_message)},
    {WS2_IPV6_RECVDSTADDR, MESSAGES, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_RECVDSTADDR6, 0)},
    {WS2_IPV6_V6ONLY, ANY, FORM_BYTE, .flags = OPTION_ANY_FAMILY,
     .get = get_v6only, .set = set_v6only},
    {WS2_IP_IFLIST, MESSAGES, FORM_INT_BOOL, .get = option_get_iflist,
     .set = option_set_iflist},
    {WS2_IP_ADD_IFLIST, MESSAGES, FORM_INT, .flags = OPTION_WRITE_ONLY,
     .set = option_add_iflist},
    {WS2_IP_DEL_IFLIST, MESSAGES, FORM_INT, .flags = OPTION_WRITE_ONLY,
     .set = option_drop_iflist},
    {WS2_IP_GET_IFLIST, MESSAGES, FORM_STRUCT, .flags = OPTION_READ_ONLY,
     .give = option_give_iflist},
    {WS2_IPV6_UNICAST_IF, ANY, FORM_INT, .get = get_unicast_if,
     .set = set_unicast_if},
    {WS2_IPV6_RECVTCLASS, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_RECVTCLASS, &class_of_message)},
    {WS2_MCAST_JOIN_GROUP, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_join_group},
    {WS2_MCAST_LEAVE_GROUP, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_leave_group},
    {WS2_MCAST_BLOCK_SOURCE, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_group_block_source},
    {WS2_MCAST_UNBLOCK_SOURCE, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_group_unblock_source},
    {WS2_MCAST_JOIN_SOURCE_GROUP, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_group_join_source},
    {WS2_MCAST_LEAVE_SOURCE_GROUP, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_group_leave_source},
    {WS2_IP_ORIGINAL_ARRIVAL_IF, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_ARRIVAL_IF6, &interface_of_message)},
    {WS2_IPV6_ECN, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_RECVECN6, &class_of_message)},
    {WS2_IPV6_MTU_DISCOVER, ANY, FORM_INT, KEPT(WIRE_OPTION_MTU_DISCOVER6, 0),
     .max = 3, .check = set_mtu_discover},
    {WS2_IPV6_MTU, ANY, FORM_INT, .flags = OPTION_READ_ONLY,
     IN_KERNEL(IPPROTO_IPV6, IPV6_MTU)},
    {WS2_IPV6_RECVERR, DGRAM, FORM_INT_BOOL, KEPT(WIRE_OPTION_RECVERR6, 0)},
    {WS2_IPV6_USER_MTU, ANY, FORM_INT,
     KEPT(WIRE_OPTION_USER_MTU6, UINT32_MAX), .check = set_user_mtu},
};

const struct option_level option_level_ipv6 =
    OPTION_LEVEL(WS2_IPPROTO_IPV6, ANY, options);
