/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's options for another kernel socket; see option_carry.h. */
#include "unix/option_carry.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "unix/kernel_socket.h"
#include "unix/option.h"

#ifndef IPV6_UNICAST_IF
#define IPV6_UNICAST_IF 76
#endif

/* The longest value: IPV6_HOPOPTS. */
#define VALUE_SIZE 2048

/* The number of an entry is its bit.  What is not here is the server's, or not
   to be set on such a socket. */
static const struct { int level, name; } carried[] = {
    {SOL_SOCKET, SO_KEEPALIVE}, {SOL_SOCKET, SO_LINGER},
    {SOL_SOCKET, SO_OOBINLINE}, {SOL_SOCKET, SO_BROADCAST},
    {SOL_SOCKET, SO_NO_CHECK}, {SOL_SOCKET, SO_TIMESTAMPNS},
    {IPPROTO_TCP, TCP_NODELAY}, {IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, TCP_KEEPINTVL}, {IPPROTO_TCP, TCP_KEEPCNT},
    {IPPROTO_TCP, TCP_USER_TIMEOUT}, {IPPROTO_TCP, TCP_SYNCNT},
    {IPPROTO_IP, IP_TTL}, {IPPROTO_IP, IP_MULTICAST_TTL},
    {IPPROTO_IP, IP_MULTICAST_LOOP},
    {IPPROTO_IP, IP_UNICAST_IF}, {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IP, IP_PKTINFO}, {IPPROTO_IP, IP_RECVTTL},
    {IPPROTO_IP, IP_RECVTOS}, {IPPROTO_IP, IP_RECVERR},
    {IPPROTO_IP, IP_OPTIONS},
    {IPPROTO_IPV6, IPV6_V6ONLY}, {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS}, {IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    {IPPROTO_IPV6, IPV6_MULTICAST_IF}, {IPPROTO_IPV6, IPV6_UNICAST_IF},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER}, {IPPROTO_IPV6, IPV6_DONTFRAG},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO}, {IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
    {IPPROTO_IPV6, IPV6_RECVTCLASS}, {IPPROTO_IPV6, IPV6_RECVERR},
    {IPPROTO_IPV6, IPV6_HOPOPTS},
    {IPPROTO_UDP, UDP_SEGMENT}, {IPPROTO_UDP, UDP_GRO},
};
enum { N_CARRIED = sizeof(carried) / sizeof(carried[0]) };
_Static_assert(N_CARRIED < 64, "a bit for each");

static void add(struct descriptor *descriptor, uint64_t options)
{
    if (options & ~__atomic_load_n(&descriptor->set_options, __ATOMIC_RELAXED))
        __atomic_fetch_or(&descriptor->set_options, options, __ATOMIC_RELAXED);
}

void option_carry_note(struct descriptor *descriptor, int level, int name)
{
    size_t i;

    for (i = 0; i < N_CARRIED; i++)
        if (carried[i].name == name && carried[i].level == level)
            add(descriptor, UINT64_C(1) << i);
}

/* The length of a value; 0: the socket does not have the option. */
static socklen_t read_value(int fd, size_t i, uint8_t *value)
{
    socklen_t length = VALUE_SIZE;

    return getsockopt(fd, carried[i].level, carried[i].name, value, &length) < 0
               ? 0
               : length;
}

static void carry_one(int from, int to, size_t i)
{
    uint8_t value[VALUE_SIZE], there[VALUE_SIZE];
    const socklen_t length = read_value(from, i, value);

    if (length != 0 && (read_value(to, i, there) != length ||
                        memcmp(value, there, length) != 0))
        (void)setsockopt(to, carried[i].level, carried[i].name, value, length);
}

/* The kernel tells twice the size that it was given.  One that was never set is
   left to it: it adapts the size while none is. */
static void carry_buffer(int from, int to, int name, const uint32_t *field)
{
    int value;

    if (__atomic_load_n(field, __ATOMIC_RELAXED) == 0)
        return;
    value = kernel_socket_option(from, SOL_SOCKET, name) / 2;
    (void)setsockopt(to, SOL_SOCKET, name, &value, sizeof(value));
}

static void carry_all(const struct descriptor *descriptor, int fd,
                      uint64_t options)
{
    const struct wire_record *record = descriptor_record(descriptor);
    size_t i;

    carry_buffer(descriptor->fd, fd, SO_RCVBUF, &record->receive_buffer);
    carry_buffer(descriptor->fd, fd, SO_SNDBUF, &record->send_buffer);
    for (i = 0; i < N_CARRIED && options != 0; i++)
        if (options >> i & 1)
            carry_one(descriptor->fd, fd, i);
    option_carry_multicast_if(descriptor, fd);
}

void option_carry(const struct descriptor *descriptor, int fd)
{
    uint64_t options =
        __atomic_load_n(&descriptor->set_options, __ATOMIC_RELAXED);

    if (options & OPTION_CARRY_UNKNOWN ||
        __atomic_load_n(&descriptor->has_copies, __ATOMIC_RELAXED) ||
        __atomic_load_n(&descriptor->was_duplicated, __ATOMIC_RELAXED))
        options = UINT64_MAX;
    carry_all(descriptor, fd, options);
}

static uint64_t known_options(const struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor->set_options, __ATOMIC_RELAXED) &
           ~OPTION_CARRY_UNKNOWN;
}

void option_carry_inherit(struct descriptor *descriptor,
                          const struct descriptor *listener)
{
    add(descriptor, known_options(listener));
}

void option_carry_update(struct descriptor *descriptor,
                         const struct descriptor *listener)
{
    carry_all(listener, descriptor->fd, known_options(listener));
    option_carry_inherit(descriptor, listener);
}
