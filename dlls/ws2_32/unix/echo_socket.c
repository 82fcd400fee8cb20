/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Echo sockets; see echo_socket.h.
 *
 * The identifiers of the last requests are kept by their sequence numbers, in
 * the descriptor that sent them.  The other descriptors of the process find
 * them there; another process, that received what this one has asked for,
 * would see the kernel's.
 */
#include "unix/echo_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

#include "unix/kernel_call.h"
#include "unix/kernel_socket.h"
#include "unix/raw_socket.h"

#define MESSAGE_MAX 65535
#define KEPT_REQUESTS 64 /* a power of two */

/* The beginning of an ICMP message, of both versions; big-endian. */
struct echo_header {
    uint8_t type, code;
    uint16_t checksum;
    uint16_t identifier;
    uint16_t sequence;
};

struct ipv4_header {
    uint8_t version_and_length, type_of_service;
    uint16_t length, identification, fragment;
    uint8_t time_to_live, protocol;
    uint16_t checksum;
    uint32_t source, destination;
};

_Static_assert(sizeof(struct echo_header) == 8, "ICMP header");
_Static_assert(sizeof(struct ipv4_header) == 20, "IPv4 header");

/* What was sent: 1 << 32 | sequence << 16 | identifier, atomic; 0: nothing. */
struct echo_requests {
    uint64_t sent[KEPT_REQUESTS];
};

int echo_socket_new(int family, int protocol)
{
    static const int on = 1;
    int fd;

    if (protocol != (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
        errno = EACCES;
        return -1;
    }
    fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd >= 0 && family == AF_INET) {
        (void)setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on));
        (void)setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
        (void)setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
    }
    return fd;
}

int echo_socket_is(struct descriptor *descriptor)
{
    return kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_TYPE) ==
           SOCK_DGRAM;
}

/* --- Requests ------------------------------------------------------------- */

/* The first bytes of a message in the program's buffers. */
static int read_header(const struct msghdr *message, struct echo_header *ret)
{
    uint8_t *to = (uint8_t *)ret;
    size_t i, left = sizeof(*ret);

    memset(ret, 0, sizeof(*ret));
    for (i = 0; i < message->msg_iovlen && left > 0; i++) {
        const struct iovec *part = &message->msg_iov[i];
        size_t size = part->iov_len < left ? part->iov_len : left;

        if (size > 0 && unix_memory_read(to, part->iov_base, (uint32_t)size))
            return WS2_EFAULT;
        to += size;
        left -= size;
    }
    return left == 0 ? WS2_SUCCESS : WS2_EACCES;
}

/* Nothing else may be sent. */
static int is_request(const struct descriptor *descriptor,
                      const struct echo_header *header)
{
    return header->code == 0 &&
           header->type == (descriptor->identity.family == WS2_AF_INET
                                ? ICMP_ECHO
                                : ICMP6_ECHO_REQUEST);
}

static struct echo_requests *requests_of(struct descriptor *descriptor)
{
    struct echo_requests *none = NULL, *requests;

    requests = __atomic_load_n(&descriptor->echo_requests, __ATOMIC_ACQUIRE);
    if (requests != NULL)
        return requests;
    requests = calloc(1, sizeof(*requests));
    if (requests != NULL &&
        !__atomic_compare_exchange_n(&descriptor->echo_requests, &none,
                                     requests, 0, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
        free(requests); /* another thread was faster */
        requests = none;
    }
    return requests;
}

int echo_socket_note_send(struct descriptor *descriptor,
                          const struct msghdr *message)
{
    struct echo_requests *requests;
    struct echo_header header;
    int error = read_header(message, &header);

    if (!error && !is_request(descriptor, &header))
        error = WS2_EACCES;
    if (error)
        return error;
    requests = requests_of(descriptor);
    if (requests != NULL)
        __atomic_store_n(
            &requests->sent[ntohs(header.sequence) % KEPT_REQUESTS],
            UINT64_C(1) << 32 | (uint64_t)header.sequence << 16 |
                header.identifier,
            __ATOMIC_RELAXED);
    return WS2_SUCCESS;
}

/* --- Replies -------------------------------------------------------------- */

static uint16_t checksum(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t sum = 0;
    size_t i;

    for (i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    if (length % 2)
        sum += (uint32_t)bytes[length - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* The checksum after one 16-bit part of what it is of has changed. */
static uint16_t checksum_update(uint16_t old, uint16_t from, uint16_t to)
{
    uint32_t sum = (uint16_t)~old + (uint32_t)(uint16_t)~from + to;

    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The request with a sequence number that went through a descriptor; 0: none
   that is known. */
static uint64_t find_request(const struct descriptor *descriptor,
                             uint16_t sequence)
{
    const struct echo_requests *requests =
        __atomic_load_n(&descriptor->echo_requests, __ATOMIC_ACQUIRE);
    uint64_t sent;

    if (requests == NULL)
        return 0;
    sent = __atomic_load_n(&requests->sent[ntohs(sequence) % KEPT_REQUESTS],
                           __ATOMIC_RELAXED);
    return (uint16_t)(sent >> 16) == sequence ? sent : 0;
}

struct search {
    uint64_t cookie, found;
    uint16_t sequence;
};

static void search_descriptor(struct descriptor *descriptor, void *context)
{
    struct search *search = context;

    if (search->found == 0 && descriptor->cookie == search->cookie)
        search->found = find_request(descriptor, search->sequence);
}

/* Gives a reply the identifier of its request. */
static void restore_identifier(struct descriptor *descriptor, uint8_t *message)
{
    struct echo_header header;
    struct search search;

    memcpy(&header, message, sizeof(header));
    search = (struct search){.cookie = descriptor->cookie,
                             .found = find_request(descriptor,
                                                   header.sequence),
                             .sequence = header.sequence};
    if (search.found == 0) {
        descriptor_table_lock();
        descriptor_for_each(search_descriptor, &search);
        descriptor_table_unlock();
    }
    if (search.found == 0)
        return;
    header.checksum = checksum_update(header.checksum, header.identifier,
                                      (uint16_t)search.found);
    header.identifier = (uint16_t)search.found;
    memcpy(message, &header, sizeof(header));
}

static void read_control(struct msghdr *message, struct ipv4_header *header)
{
    struct cmsghdr *control;
    struct in_pktinfo packet;
    int number;

    for (control = CMSG_FIRSTHDR(message); control != NULL;
         control = CMSG_NXTHDR(message, control)) {
        if (control->cmsg_level != IPPROTO_IP)
            continue;
        switch (control->cmsg_type) {
        case IP_TTL:
            memcpy(&number, CMSG_DATA(control), sizeof(number));
            header->time_to_live = (uint8_t)number;
            break;
        case IP_TOS:
            header->type_of_service = *CMSG_DATA(control);
            break;
        case IP_PKTINFO:
            memcpy(&packet, CMSG_DATA(control), sizeof(packet));
            header->destination = packet.ipi_addr.s_addr;
            break;
        }
    }
}

/* The IPv4 header that a raw socket would have shown. */
static void make_header(struct msghdr *message, const struct sockaddr_in *from,
                        size_t length, uint8_t *to)
{
    struct ipv4_header header = {
        .version_and_length = 0x45,
        .length = htons((uint16_t)(length + sizeof(header))),
        .time_to_live = 64,
        .protocol = IPPROTO_ICMP,
        .source = from->sin_addr.s_addr,
    };

    read_control(message, &header);
    header.checksum = checksum(&header, sizeof(header));
    memcpy(to, &header, sizeof(header));
}

static int scatter(const struct msghdr *message, const uint8_t *from,
                   size_t length)
{
    size_t i;

    for (i = 0; i < message->msg_iovlen && length > 0; i++) {
        const struct iovec *part = &message->msg_iov[i];
        size_t size = part->iov_len < length ? part->iov_len : length;

        if (size > 0 && unix_memory_write(part->iov_base, from, (uint32_t)size))
            return -1;
        from += size;
        length -= size;
    }
    return 0;
}

static size_t room_in(const struct msghdr *message)
{
    size_t i, room = 0;

    for (i = 0; i < message->msg_iovlen; i++)
        room += message->msg_iov[i].iov_len;
    return room;
}

/* One message into a buffer of MESSAGE_MAX bytes and a header's.  Its length,
   or -errno. */
static ssize_t receive_whole(struct descriptor *descriptor, uint8_t *buffer,
                             struct sockaddr_storage *from,
                             socklen_t *from_length, int flags)
{
    const size_t header_length = descriptor->identity.family == WS2_AF_INET
                                     ? sizeof(struct ipv4_header)
                                     : 0;
    uint8_t control[256] __attribute__((aligned(8)));
    struct iovec part = {buffer + header_length, MESSAGE_MAX};
    struct msghdr message = {
        .msg_name = from,
        .msg_namelen = sizeof(*from),
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    ssize_t count = kernel_receive_message(descriptor->fd, &message, flags);

    if (count < 0)
        return count;
    *from_length = message.msg_namelen;
    if (count >= (ssize_t)sizeof(struct echo_header))
        restore_identifier(descriptor, part.iov_base);
    if (header_length > 0)
        make_header(&message, (const struct sockaddr_in *)from, (size_t)count,
                    buffer);
    return count + (ssize_t)header_length;
}

ssize_t echo_socket_receive(struct descriptor *descriptor,
                            struct msghdr *message, int flags)
{
    const size_t room = room_in(message);
    struct sockaddr_storage from;
    socklen_t from_length = 0;
    ssize_t count;
    uint8_t *buffer = malloc(sizeof(struct ipv4_header) + MESSAGE_MAX);

    if (buffer == NULL)
        return -ENOMEM;
    count = receive_whole(descriptor, buffer, &from, &from_length, flags);
    if (count < 0)
        goto out;
    if ((size_t)count > room) {
        count = (ssize_t)room;
        message->msg_flags |= MSG_TRUNC;
    }
    if (scatter(message, buffer, (size_t)count) < 0) {
        count = -EFAULT;
        goto out;
    }
    if (message->msg_name != NULL) {
        memcpy(message->msg_name, &from, from_length);
        raw_socket_clear_port(message->msg_name);
        message->msg_namelen = from_length;
    }
    message->msg_controllen = 0; /* it was ours, for the header */
out:
    free(buffer);
    return count;
}

/* The kernel tells no length beyond the buffer's here. */
uint32_t echo_socket_waiting(struct descriptor *descriptor)
{
    struct sockaddr_storage from;
    socklen_t from_length;
    ssize_t count = 0;
    uint8_t *buffer = malloc(sizeof(struct ipv4_header) + MESSAGE_MAX);

    if (buffer != NULL)
        count = receive_whole(descriptor, buffer, &from, &from_length,
                              MSG_PEEK | MSG_DONTWAIT);
    free(buffer);
    return count > 0 ? (uint32_t)count : 0;
}
