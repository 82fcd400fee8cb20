/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control data; see control_data.h. */
#include "unix/control_data.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#include "unix/kernel_socket.h"
#include "unix/option.h"
#include "unix/time_stamp.h"

#ifndef SCM_TIMESTAMPNS
#define SCM_TIMESTAMPNS SO_TIMESTAMPNS
#endif

/* The kernel's <linux/in.h> and <linux/in6.h> clash with libc's. */
#ifndef IP_RECVORIGDSTADDR
#define IP_RECVORIGDSTADDR 20
#endif
#ifndef IPV6_RECVORIGDSTADDR
#define IPV6_RECVORIGDSTADDR 74
#endif

enum { ECN_BITS = 3 };

/* WSACMSGHDR; the data follows at once, and the next one at a multiple of 8. */
struct control_header {
    uint64_t length; /* with the header */
    int32_t level, type;
};
_Static_assert(sizeof(struct control_header) == CMSG_LEN(0),
               "the kernel's layout");

/* IN_PKTINFO and IN6_PKTINFO. */
struct packet_info {
    struct in_addr address;
    uint32_t interface;
};
struct packet_info6 {
    struct in6_addr address;
    uint32_t interface;
};

static size_t aligned(size_t length)
{
    return (length + 7) & ~(size_t)7;
}

/* --- Where a message was sent to ------------------------------------------ */

void control_data_ask_destination(struct descriptor *descriptor)
{
    const int on = 1;

    if (__atomic_exchange_n(&descriptor->tells_destination, 1,
                            __ATOMIC_RELAXED))
        return;
    (void)setsockopt(descriptor->fd, IPPROTO_IP, IP_RECVORIGDSTADDR, &on,
                     sizeof(on));
    if (descriptor->identity.family == WS2_AF_INET6)
        (void)setsockopt(descriptor->fd, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR,
                         &on, sizeof(on));
}

/* The kernel knows a network's broadcast address: there is no way to it without
   permission.  Of the last two bits both are set in each of them. */
static int is_broadcast(struct in_addr address)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(9),
                               .sin_addr = address};
    int fd, refused;

    if (address.s_addr == htonl(INADDR_BROADCAST))
        return 1;
    if ((ntohl(address.s_addr) & 3) != 3)
        return 0;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    refused = connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0 &&
              errno == EACCES;
    close(fd);
    return refused;
}

static uint32_t kind_of_destination(const struct sockaddr_storage *name)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;
    struct in_addr v4 = ((const struct sockaddr_in *)name)->sin_addr;

    if (name->ss_family == AF_INET6) {
        if (IN6_IS_ADDR_MULTICAST(&v6->sin6_addr))
            return WS2_MSG_MCAST;
        if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            return 0;
        memcpy(&v4, &v6->sin6_addr.s6_addr[12], sizeof(v4));
    }
    if (IN_MULTICAST(ntohl(v4.s_addr)))
        return WS2_MSG_MCAST;
    return is_broadcast(v4) ? WS2_MSG_BCAST : 0;
}

/* --- Received ------------------------------------------------------------- */

struct writer {
    const struct descriptor *descriptor;
    uint8_t *to;
    uint32_t room, length;
    uint32_t flags;
};

static void put(struct writer *writer, int level, int type, const void *data,
                size_t size)
{
    struct control_header header = {sizeof(header) + size, level, type};

    if (writer->flags & WS2_MSG_CTRUNC ||
        writer->length + header.length > writer->room) {
        writer->flags |= WS2_MSG_CTRUNC;
        return;
    }
    memset(writer->to + writer->length, 0, aligned(header.length));
    memcpy(writer->to + writer->length, &header, sizeof(header));
    memcpy(writer->to + writer->length + sizeof(header), data, size);
    writer->length += (uint32_t)aligned(header.length);
    if (writer->length > writer->room) /* no padding after the last */
        writer->length = writer->room;
}

static void put_int(struct writer *writer, int level, int type, int32_t value)
{
    put(writer, level, type, &value, sizeof(value));
}

static int wants(const struct writer *writer, uint32_t option)
{
    return option_kept(writer->descriptor, option, 0) != 0;
}

static void put_traffic_class(struct writer *writer, int level, int value)
{
    const int v6 = level == WS2_IPPROTO_IPV6;

    if (wants(writer, v6 ? WIRE_OPTION_RECVTCLASS : WIRE_OPTION_RECVTOS))
        put_int(writer, level, v6 ? WS2_IPV6_TCLASS : WS2_IP_TOS, value);
    if (wants(writer, v6 ? WIRE_OPTION_RECVECN6 : WIRE_OPTION_RECVECN))
        put_int(writer, level, v6 ? WS2_IPV6_ECN : WS2_IP_ECN,
                value & ECN_BITS);
}

static void put_interface(struct writer *writer, int level, uint32_t interface)
{
    const int v6 = level == WS2_IPPROTO_IPV6;

    if (wants(writer, v6 ? WIRE_OPTION_RECVIF6 : WIRE_OPTION_RECVIF))
        put_int(writer, level, v6 ? WS2_IPV6_RECVIF : WS2_IP_RECVIF,
                (int32_t)interface);
    if (wants(writer, v6 ? WIRE_OPTION_ARRIVAL_IF6 : WIRE_OPTION_ARRIVAL_IF))
        put_int(writer, level, WS2_IP_ORIGINAL_ARRIVAL_IF, (int32_t)interface);
}

static void put_destination(struct writer *writer, const void *data,
                            size_t size)
{
    struct sockaddr_storage name = {.ss_family = AF_UNSPEC};
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&name;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&name;

    memcpy(&name, data, size < sizeof(name) ? size : sizeof(name));
    writer->flags |= kind_of_destination(&name);
    if (name.ss_family == AF_INET && wants(writer, WIRE_OPTION_RECVDSTADDR))
        put(writer, WS2_IPPROTO_IP, WS2_IP_RECVDSTADDR, &v4->sin_addr,
            sizeof(v4->sin_addr));
    if (name.ss_family == AF_INET6 && wants(writer, WIRE_OPTION_RECVDSTADDR6))
        put(writer, WS2_IPPROTO_IPV6, WS2_IPV6_RECVDSTADDR, &v6->sin6_addr,
            sizeof(v6->sin6_addr));
}

static int int_of(const struct cmsghdr *from)
{
    const size_t size = from->cmsg_len - CMSG_LEN(0);
    int value = 0;

    memcpy(&value, CMSG_DATA(from), size < sizeof(value) ? size : sizeof(value));
    return value;
}

static void convert_ip(struct writer *writer, const struct cmsghdr *from)
{
    struct in_pktinfo kernel;
    struct packet_info info;

    switch (from->cmsg_type) {
    case IP_PKTINFO:
        memcpy(&kernel, CMSG_DATA(from), sizeof(kernel));
        info.address = kernel.ipi_addr;
        info.interface = (uint32_t)kernel.ipi_ifindex;
        if (wants(writer, WIRE_OPTION_PKTINFO))
            put(writer, WS2_IPPROTO_IP, WS2_IP_PKTINFO, &info, sizeof(info));
        put_interface(writer, WS2_IPPROTO_IP, info.interface);
        break;
    case IP_TTL:
        put_int(writer, WS2_IPPROTO_IP, WS2_IP_TTL, int_of(from));
        break;
    case IP_TOS:
        put_traffic_class(writer, WS2_IPPROTO_IP, int_of(from) & 255);
        break;
    case IP_RECVORIGDSTADDR:
        put_destination(writer, CMSG_DATA(from), from->cmsg_len - CMSG_LEN(0));
        break;
    }
}

static void convert_ipv6(struct writer *writer, const struct cmsghdr *from)
{
    struct in6_pktinfo kernel;
    struct packet_info6 info;

    switch (from->cmsg_type) {
    case IPV6_PKTINFO:
        memcpy(&kernel, CMSG_DATA(from), sizeof(kernel));
        info.address = kernel.ipi6_addr;
        info.interface = kernel.ipi6_ifindex;
        if (wants(writer, WIRE_OPTION_PKTINFO6))
            put(writer, WS2_IPPROTO_IPV6, WS2_IPV6_PKTINFO, &info,
                sizeof(info));
        put_interface(writer, WS2_IPPROTO_IPV6, info.interface);
        break;
    case IPV6_HOPLIMIT:
        put_int(writer, WS2_IPPROTO_IPV6, WS2_IPV6_HOPLIMIT, int_of(from));
        break;
    case IPV6_TCLASS:
        put_traffic_class(writer, WS2_IPPROTO_IPV6, int_of(from));
        break;
    case IPV6_RECVORIGDSTADDR:
        put_destination(writer, CMSG_DATA(from), from->cmsg_len - CMSG_LEN(0));
        break;
    }
}

static void convert_socket(struct writer *writer, const struct cmsghdr *from)
{
    struct timespec time;
    uint64_t counter;

    if (from->cmsg_type != SCM_TIMESTAMPNS ||
        from->cmsg_len < CMSG_LEN(sizeof(time)))
        return;
    memcpy(&time, CMSG_DATA(from), sizeof(time));
    counter = time_stamp_of(&time);
    put(writer, WS2_SOL_SOCKET, WS2_SO_TIMESTAMP, &counter, sizeof(counter));
}

uint32_t control_data_from_kernel(const struct descriptor *descriptor,
                                  struct msghdr *message, void *to,
                                  uint32_t room, uint32_t *ret_length)
{
    struct writer writer = {descriptor, to, room, 0, 0};
    struct cmsghdr *from;

    if (writer.room > CONTROL_DATA_ROOM)
        writer.room = CONTROL_DATA_ROOM;
    for (from = CMSG_FIRSTHDR(message); from != NULL;
         from = CMSG_NXTHDR(message, from))
        switch (from->cmsg_level) {
        case SOL_SOCKET:
            convert_socket(&writer, from);
            break;
        case IPPROTO_IP:
            convert_ip(&writer, from);
            break;
        case IPPROTO_IPV6:
            convert_ipv6(&writer, from);
            break;
        case IPPROTO_UDP:
            if (from->cmsg_type == UDP_GRO)
                put_int(&writer, WS2_IPPROTO_UDP,
                        WS2_UDP_RECV_MAX_COALESCED_SIZE, int_of(from));
            break;
        }
    *ret_length = writer.length;
    return writer.flags;
}

/* The kernel tells an IPv4 destination of a dual-stack socket as such. */
static void take_destination(const struct sockaddr_storage *from,
                             struct sockaddr_storage *name)
{
    const struct in_addr v4 = ((const struct sockaddr_in *)from)->sin_addr;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;

    if (from->ss_family == AF_INET6 && name->ss_family == AF_INET6)
        v6->sin6_addr = ((const struct sockaddr_in6 *)from)->sin6_addr;
    else if (from->ss_family == AF_INET && name->ss_family == AF_INET)
        ((struct sockaddr_in *)name)->sin_addr = v4;
    else if (from->ss_family == AF_INET && name->ss_family == AF_INET6) {
        memset(&v6->sin6_addr, 0, sizeof(v6->sin6_addr));
        memset(&v6->sin6_addr.s6_addr[10], 0xff, 2);
        memcpy(&v6->sin6_addr.s6_addr[12], &v4, sizeof(v4));
    }
}

void control_data_destination(struct msghdr *message,
                              struct sockaddr_storage *name)
{
    struct sockaddr_storage destination;
    struct cmsghdr *from;
    size_t size;

    for (from = CMSG_FIRSTHDR(message); from != NULL;
         from = CMSG_NXTHDR(message, from)) {
        if (!(from->cmsg_level == IPPROTO_IP &&
              from->cmsg_type == IP_RECVORIGDSTADDR) &&
            !(from->cmsg_level == IPPROTO_IPV6 &&
              from->cmsg_type == IPV6_RECVORIGDSTADDR))
            continue;
        size = from->cmsg_len - CMSG_LEN(0);
        memset(&destination, 0, sizeof(destination));
        memcpy(&destination, CMSG_DATA(from),
               size < sizeof(destination) ? size : sizeof(destination));
        take_destination(&destination, name);
    }
}

/* --- Sent ----------------------------------------------------------------- */

struct reader {
    const struct descriptor *descriptor;
    const uint8_t *data; /* of the entry */
    size_t size;
    uint8_t *to;
    size_t length;
    int64_t stamp_id; /* -1: none */
};

static int give(struct reader *reader, int level, int type, const void *data,
                size_t size)
{
    struct cmsghdr header = {.cmsg_len = CMSG_LEN(size), .cmsg_level = level,
                             .cmsg_type = type};

    if (reader->length + CMSG_SPACE(size) > CONTROL_DATA_ROOM)
        return WS2_EINVAL;
    memset(reader->to + reader->length, 0, CMSG_SPACE(size));
    memcpy(reader->to + reader->length, &header, sizeof(header));
    memcpy(reader->to + reader->length + CMSG_LEN(0), data, size);
    reader->length += CMSG_SPACE(size);
    return WS2_SUCCESS;
}

/* A number of the program's, 1 to 4 bytes; -1: it is none. */
static int64_t number_of(const struct reader *reader)
{
    uint32_t value = 0;

    if (reader->size == 0 || reader->size > sizeof(value))
        return -1;
    memcpy(&value, reader->data, reader->size);
    return value;
}

static int give_number(struct reader *reader, int level, int type,
                       int64_t max)
{
    int64_t value = number_of(reader);
    int number = (int)value;

    if (value < 0 || value > max)
        return WS2_EINVAL;
    return give(reader, level, type, &number, sizeof(number));
}

/* The congestion bits, beside the rest of the socket's own field. */
static int give_ecn(struct reader *reader, int level, int type)
{
    int64_t value = number_of(reader);
    int number = kernel_socket_option(reader->descriptor->fd, level, type);

    if (value < 0 || value > ECN_BITS)
        return WS2_EINVAL;
    if (number < 0)
        number = 0;
    number = (number & ~ECN_BITS) | (int)value;
    return give(reader, level, type, &number, sizeof(number));
}

static int give_packet_info(struct reader *reader)
{
    struct in_pktinfo kernel;
    struct packet_info info;

    if (reader->size < sizeof(info))
        return WS2_EINVAL;
    memcpy(&info, reader->data, sizeof(info));
    memset(&kernel, 0, sizeof(kernel));
    kernel.ipi_spec_dst = info.address;
    kernel.ipi_ifindex = (int)info.interface;
    return give(reader, IPPROTO_IP, IP_PKTINFO, &kernel, sizeof(kernel));
}

static int give_packet_info6(struct reader *reader)
{
    struct in6_pktinfo kernel;
    struct packet_info6 info;

    if (reader->size < sizeof(info))
        return WS2_EINVAL;
    memcpy(&info, reader->data, sizeof(info));
    kernel.ipi6_addr = info.address;
    kernel.ipi6_ifindex = info.interface;
    return give(reader, IPPROTO_IPV6, IPV6_PKTINFO, &kernel, sizeof(kernel));
}

/* The size of the datagrams that one large send is cut into. */
static int give_segment_size(struct reader *reader)
{
    int64_t value = number_of(reader);
    uint16_t size = (uint16_t)value;

    if (value < 0 || value > UINT16_MAX)
        return WS2_EINVAL;
    return give(reader, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size));
}

/* By which the program will ask for the time of the send. */
static int take_stamp_id(struct reader *reader)
{
    if (reader->size != sizeof(uint32_t))
        return WS2_EINVAL;
    reader->stamp_id = number_of(reader);
    return WS2_SUCCESS;
}

static int give_entry(struct reader *reader, int level, int type)
{
    switch (level) {
    case WS2_SOL_SOCKET:
        if (type == WS2_SO_TIMESTAMP_ID)
            return take_stamp_id(reader);
        break;
    case WS2_IPPROTO_IP:
        switch (type) {
        case WS2_IP_PKTINFO:
            return give_packet_info(reader);
        case WS2_IP_TTL:
        case WS2_IP_RECVTTL: /* IP_HOPLIMIT */
            return give_number(reader, IPPROTO_IP, IP_TTL, 255);
        case WS2_IP_TOS:
            return give_number(reader, IPPROTO_IP, IP_TOS, 255);
        case WS2_IP_ECN:
            return give_ecn(reader, IPPROTO_IP, IP_TOS);
        }
        break;
    case WS2_IPPROTO_IPV6:
        switch (type) {
        case WS2_IPV6_PKTINFO:
            return give_packet_info6(reader);
        case WS2_IPV6_HOPLIMIT:
            return give_number(reader, IPPROTO_IPV6, IPV6_HOPLIMIT, 255);
        case WS2_IPV6_TCLASS:
            return give_number(reader, IPPROTO_IPV6, IPV6_TCLASS, 255);
        case WS2_IPV6_ECN:
            return give_ecn(reader, IPPROTO_IPV6, IPV6_TCLASS);
        }
        break;
    case WS2_IPPROTO_UDP:
        if (type == WS2_UDP_SEND_MSG_SIZE)
            return give_segment_size(reader);
        break;
    }
    return WS2_EINVAL;
}

int control_data_to_kernel(const struct descriptor *descriptor,
                           const void *from, uint32_t length, void *to,
                           size_t *ret_length, int64_t *ret_stamp_id)
{
    struct reader reader = {.descriptor = descriptor, .to = to,
                            .stamp_id = -1};
    struct control_header header;
    const uint8_t *at = from;
    size_t left = length;
    int error = WS2_SUCCESS;

    while (left >= sizeof(header) && !error) {
        memcpy(&header, at, sizeof(header));
        if (header.length < sizeof(header) || header.length > left)
            return WS2_EINVAL;
        reader.data = at + sizeof(header);
        reader.size = header.length - sizeof(header);
        error = give_entry(&reader, header.level, header.type);
        if (aligned(header.length) >= left)
            break;
        at += aligned(header.length);
        left -= aligned(header.length);
    }
    *ret_length = reader.length;
    *ret_stamp_id = reader.stamp_id;
    return error;
}
