/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options of IPPROTO_IP.  An IPv6 socket has them while it speaks IPv4, too
 * (IPV6_V6ONLY off).
 *
 * IP_TOS is kept and read back but never sent, as on Windows, where only its
 * quality of service sets the field.
 */
#include <netinet/in.h>
#include <string.h>

#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/option.h"
#include "unix/option_tcp.h"

#define MAX_IP_OPTIONS 40

/* --- IP_OPTIONS: bytes of the header -------------------------------------- */

static int give_header_options(struct descriptor *descriptor, void *value,
                               int *length, int32_t room)
{
    uint8_t bytes[MAX_IP_OPTIONS];
    socklen_t size = sizeof(bytes);

    if (getsockopt(descriptor->fd, IPPROTO_IP, IP_OPTIONS, bytes, &size) < 0)
        return WS2_ENOPROTOOPT;
    return room < 0 ? WS2_EFAULT
                    : option_give(value, length, room, bytes, (int32_t)size);
}

static int take_header_options(struct descriptor *descriptor, const void *value,
                               int length)
{
    uint8_t bytes[MAX_IP_OPTIONS];
    int error;

    if (length < 0 || length > MAX_IP_OPTIONS)
        return WS2_EFAULT;
    error = length == 0 ? WS2_SUCCESS
                        : memory_read_cached(bytes, value, (size_t)length);
    return error ? error
                 : option_set_kernel(descriptor, IPPROTO_IP, IP_OPTIONS, bytes,
                                     (socklen_t)length);
}

/* --- Fragments ------------------------------------------------------------ */

static int get_dontfragment(struct descriptor *descriptor, int *ret_value)
{
    int mode;
    int error = option_get_kernel_int(descriptor, IPPROTO_IP, IP_MTU_DISCOVER,
                                      &mode);

    *ret_value = !error && (mode == IP_PMTUDISC_DO ||
                            (mode == IP_PMTUDISC_WANT &&
                             descriptor->identity.type == WS2_SOCK_STREAM));
    return error;
}

static int set_dontfragment(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_IP, IP_MTU_DISCOVER,
                                 value ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
}

/* Winsock's PMTUD_STATE; 0 is only what it reads before it is set. */
static int set_mtu_discover(struct descriptor *descriptor, int value)
{
    static const int modes[] = {-1, IP_PMTUDISC_DO, IP_PMTUDISC_DONT,
                                IP_PMTUDISC_PROBE};

    return value == 0 ? WS2_EINVAL
                      : option_set_kernel_int(descriptor, IPPROTO_IP,
                                              IP_MTU_DISCOVER, modes[value]);
}

/* The kernel cuts packets of IPv4 by the path alone, but knows of segments. */
static int set_user_mtu(struct descriptor *descriptor, int value)
{
    return descriptor->identity.protocol == WS2_IPPROTO_TCP
               ? option_tcp_limit_packets(descriptor, (uint32_t)value)
               : WS2_SUCCESS;
}

/* --- Interfaces ----------------------------------------------------------- */

/* Set in network byte order, read in the host's. */
static int get_unicast_if(struct descriptor *descriptor, int *ret_value)
{
    int error = option_get_kernel_int(descriptor, IPPROTO_IP, IP_UNICAST_IF,
                                      ret_value);

    *ret_value = (int)ntohl((uint32_t)*ret_value);
    return error;
}

static int set_unicast_if(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_IP, IP_UNICAST_IF, value);
}

/* --- Control data --------------------------------------------------------- */

/* What the kernel tells of each message serves several options; which of them
   are set is kept (control_data.c). */
static const struct option_group interface_of_message = {
    IPPROTO_IP, IP_PKTINFO,
    {WIRE_OPTION_PKTINFO, WIRE_OPTION_RECVIF, WIRE_OPTION_ARRIVAL_IF},
};
static const struct option_group tos_of_message = {
    IPPROTO_IP, IP_RECVTOS,
    {WIRE_OPTION_RECVTOS, WIRE_OPTION_RECVECN},
};

static const struct option options[] = {
    {WS2_IP_OPTIONS, ANY, FORM_STRUCT, .give = give_header_options,
     .take = take_header_options},
    {WS2_IP_HDRINCL, RAW, FORM_BOOL, IN_KERNEL(IPPROTO_IP, IP_HDRINCL)},
    {WS2_IP_TOS, ANY, FORM_SHORT, KEPT(WIRE_OPTION_TOS, 0), .max = 255},
    {WS2_IP_TTL, ANY, FORM_SHORT, IN_KERNEL(IPPROTO_IP, IP_TTL), .max = 255},
    {WS2_IP_MULTICAST_IF, MESSAGES, FORM_INT, KEPT(WIRE_OPTION_MULTICAST_IF, 0),
     .check = option_set_multicast_if},
    {WS2_IP_MULTICAST_TTL, MESSAGES, FORM_SHORT,
     IN_KERNEL(IPPROTO_IP, IP_MULTICAST_TTL), .max = 255},
    {WS2_IP_MULTICAST_LOOP, MESSAGES, FORM_BOOL,
     IN_KERNEL(IPPROTO_IP, IP_MULTICAST_LOOP)},
    {WS2_IP_ADD_MEMBERSHIP, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_add_membership},
    {WS2_IP_DROP_MEMBERSHIP, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_drop_membership},
    {WS2_IP_DONTFRAGMENT, ANY, FORM_BOOL, .get = get_dontfragment,
     .set = set_dontfragment},
    {WS2_IP_ADD_SOURCE_MEMBERSHIP, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_add_source},
    {WS2_IP_DROP_SOURCE_MEMBERSHIP, MESSAGES, FORM_STRUCT,
     .flags = OPTION_WRITE_ONLY, .take = option_take_drop_source},
    {WS2_IP_BLOCK_SOURCE, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_block_source},
    {WS2_IP_UNBLOCK_SOURCE, MESSAGES, FORM_STRUCT, .flags = OPTION_WRITE_ONLY,
     .take = option_take_unblock_source},
    {WS2_IP_PKTINFO, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_PKTINFO, &interface_of_message)},
    {WS2_IP_RECVTTL, MESSAGES, FORM_INT_BOOL,
     IN_KERNEL(IPPROTO_IP, IP_RECVTTL)},
    {WS2_IP_RECEIVE_BROADCAST, MESSAGES, FORM_INT_BOOL,
     .get = option_get_receive_broadcast, .set = option_set_receive_broadcast},
    {WS2_IP_RECVIF, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_RECVIF, &interface_of_message)},
    {WS2_IP_RECVDSTADDR, MESSAGES, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_RECVDSTADDR, 0)},
    {WS2_IP_IFLIST, MESSAGES, FORM_INT_BOOL, .get = option_get_iflist,
     .set = option_set_iflist},
    {WS2_IP_ADD_IFLIST, MESSAGES, FORM_INT, .flags = OPTION_WRITE_ONLY,
     .set = option_add_iflist},
    {WS2_IP_DEL_IFLIST, MESSAGES, FORM_INT, .flags = OPTION_WRITE_ONLY,
     .set = option_drop_iflist},
    {WS2_IP_GET_IFLIST, MESSAGES, FORM_STRUCT, .flags = OPTION_READ_ONLY,
     .give = option_give_iflist},
    {WS2_IP_UNICAST_IF, ANY, FORM_INT, .get = get_unicast_if,
     .set = set_unicast_if},
    {WS2_IP_RECVTOS, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_RECVTOS, &tos_of_message)},
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
     SWITCHED(WIRE_OPTION_ARRIVAL_IF, &interface_of_message)},
    {WS2_IP_ECN, MESSAGES, FORM_INT_BOOL,
     SWITCHED(WIRE_OPTION_RECVECN, &tos_of_message)},
    {WS2_IP_MTU_DISCOVER, ANY, FORM_INT, KEPT(WIRE_OPTION_MTU_DISCOVER, 0),
     .max = 3, .check = set_mtu_discover},
    {WS2_IP_MTU, ANY, FORM_INT, .flags = OPTION_READ_ONLY,
     IN_KERNEL(IPPROTO_IP, IP_MTU)},
    {WS2_IP_RECVERR, DGRAM, FORM_INT_BOOL, KEPT(WIRE_OPTION_RECVERR, 0)},
    {WS2_IP_USER_MTU, ANY, FORM_INT, KEPT(WIRE_OPTION_USER_MTU, UINT32_MAX),
     .check = set_user_mtu},
};

const struct option_level option_level_ip =
    OPTION_LEVEL(WS2_IPPROTO_IP, ANY, options);
