/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSASendMsg and WSARecvMsg: control data both ways, what is cut, and errors.
 */
#include "support/sockets.h"

#include <mswsock.h>

#include "support/memory.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef IP_RECVTTL
#define IP_RECVTTL 21
#endif
#ifndef IP_RECVTOS
#define IP_RECVTOS 40
#endif
#ifndef IP_ECN
#define IP_ECN 50
#endif
#ifndef IPV6_HOPLIMIT
#define IPV6_HOPLIMIT 21
#endif
#ifndef IPV6_TCLASS
#define IPV6_TCLASS 39
#endif
#ifndef IPV6_RECVTCLASS
#define IPV6_RECVTCLASS 40
#endif
#ifndef IPV6_ECN
#define IPV6_ECN 50
#endif
#define IP_RECVDSTADDR_ 25
#define UDP_SEND_MSG_SIZE_ 2
#define UDP_RECV_MAX_COALESCED_SIZE_ 3

int WINAPI WSASendMsg(SOCKET s, LPWSAMSG msg, DWORD flags, LPDWORD sent,
                      LPWSAOVERLAPPED overlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

static LPFN_WSASENDMSG send_message;
static LPFN_WSARECVMSG receive_message;

static void *extension(SOCKET s, GUID id)
{
    void *function = NULL;
    DWORD size = 0;

    CHECK_OK(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id),
                      &function, sizeof(function), &size, NULL, NULL));
    CHECK_EQ(size, sizeof(function));
    CHECK(function != NULL);
    return function;
}

static void find_functions(SOCKET s)
{
    GUID send_id = WSAID_WSASENDMSG, receive_id = WSAID_WSARECVMSG;

    send_message = (LPFN_WSASENDMSG)extension(s, send_id);
    receive_message = (LPFN_WSARECVMSG)extension(s, receive_id);
}

/* A message with room for everything. */
struct message {
    WSAMSG msg;
    WSABUF data;
    struct sockaddr_storage name;
    char bytes[64];
    _Alignas(8) char control[256];
    DWORD count;
};

static void message_init(struct message *m)
{
    memset(m, 0, sizeof(*m));
    m->data = (WSABUF){sizeof(m->bytes), m->bytes};
    m->msg = (WSAMSG){(struct sockaddr *)&m->name, sizeof(m->name), &m->data, 1,
                      {sizeof(m->control), m->control}, 0};
}

static int receive(SOCKET s, struct message *m)
{
    message_init(m);
    return receive_message(s, &m->msg, &m->count, NULL, NULL);
}

/* The entry of this kind, NULL: there is none. *ret_size: of its data. */
static const void *control_of(const struct message *m, int level, int type,
                              size_t *ret_size)
{
    const WSAMSG *msg = &m->msg;
    WSACMSGHDR *header;

    for (header = WSA_CMSG_FIRSTHDR(msg); header != NULL;
         header = WSA_CMSG_NXTHDR(msg, header))
        if (header->cmsg_level == level && header->cmsg_type == type) {
            *ret_size = header->cmsg_len - sizeof(*header);
            return WSA_CMSG_DATA(header);
        }
    return NULL;
}

static int int_control(const struct message *m, int level, int type)
{
    size_t size = 0;
    const void *data = control_of(m, level, type, &size);
    int value = -1;

    CHECK_THAT(data != NULL, "no control data %d %d", level, type);
    CHECK_EQ(size, sizeof(value));
    memcpy(&value, data, sizeof(value));
    return value;
}

/* Adds an entry to what is sent. */
static void add_control(struct message *m, int level, int type,
                        const void *data, size_t size)
{
    WSACMSGHDR header = {sizeof(header) + size, level, type};
    char *at = m->control + m->msg.Control.len;

    memcpy(at, &header, sizeof(header));
    memcpy(at + sizeof(header), data, size);
    m->msg.Control.len += (ULONG)((header.cmsg_len + 7) & ~(size_t)7);
}

static void message_to(struct message *m, const void *name, int length,
                       const char *text)
{
    message_init(m);
    memcpy(&m->name, name, (size_t)length);
    m->msg.namelen = length;
    m->msg.Control.len = 0;
    strcpy(m->bytes, text);
    m->data.len = (ULONG)strlen(text);
}

static int send_it(SOCKET s, struct message *m)
{
    return WSASendMsg(s, &m->msg, 0, &m->count, NULL, NULL);
}

static SOCKET udp6_bound(struct sockaddr_in6 *ret_name)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6};
    int length = sizeof(name);
    SOCKET s = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));

    name.sin6_addr.s6_addr[15] = 1;
    if (bind(s, (struct sockaddr *)&name, sizeof(name)))
        SKIP("no IPv6 here");
    CHECK_OK(getsockname(s, (struct sockaddr *)&name, &length));
    *ret_name = name;
    return s;
}

static unsigned long loopback_interface(SOCKET s, const struct sockaddr_in *name)
{
    struct message m;
    size_t size;
    const IN_PKTINFO *info;

    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    CHECK_RESULT(sendto(s, "x", 1, 0, (const struct sockaddr *)name,
                        sizeof(*name)),
                 1);
    CHECK_OK(receive(s, &m));
    info = control_of(&m, IPPROTO_IP, IP_PKTINFO, &size);
    CHECK(info != NULL && size == sizeof(*info));
    CHECK_EQ(info->ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    return info->ipi_ifindex;
}

/* --- Without control data ----------------------------------------------------------- */

static void messages_are_datagrams(void)
{
    struct sockaddr_in a_name, b_name;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    const struct sockaddr_in *from;
    struct message m;

    find_functions(a);
    message_to(&m, &b_name, sizeof(b_name), "hello");
    CHECK_OK(send_it(a, &m));
    CHECK_EQ(m.count, 5);
    CHECK_OK(send_message(a, &m.msg, 0, &m.count, NULL, NULL));
    CHECK_OK(receive(b, &m));
    CHECK_EQ(m.count, 5);
    CHECK_MEMORY(m.bytes, "hello", 5);
    from = (struct sockaddr_in *)&m.name;
    CHECK_EQ(m.msg.namelen, sizeof(*from));
    CHECK_EQ(from->sin_port, a_name.sin_port);
    CHECK_EQ(m.msg.Control.len, 0); /* nothing was asked for */
    CHECK_EQ(m.msg.dwFlags, 0);
    message_init(&m);
    m.msg.name = NULL;
    m.msg.namelen = 0;
    m.msg.Control = (WSABUF){0, NULL};
    CHECK_OK(receive_message(b, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 5);
    close_socket(a);
    close_socket(b);
}

static void a_message_needs_no_name_when_connected(void)
{
    struct sockaddr_in a_name, b_name;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    struct message m;

    find_functions(a);
    message_to(&m, &b_name, sizeof(b_name), "hello");
    m.msg.name = NULL;
    m.msg.namelen = 0;
    CHECK_ERROR(send_it(a, &m), WSAENOTCONN);
    CHECK_OK(connect(a, (struct sockaddr *)&b_name, sizeof(b_name)));
    CHECK_OK(send_it(a, &m));
    CHECK_OK(receive(b, &m));
    CHECK_EQ(m.count, 5);
    close_socket(a);
    close_socket(b);
}

static void sending_a_message_binds(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_socket(), t = udp_bound(&name);
    struct message m;

    message_to(&m, &name, sizeof(name), "x");
    CHECK_OK(send_it(s, &m));
    CHECK(local_name(s).sin_port != 0);
    close_socket(s);
    close_socket(t);
}

static void messages_are_gathered_and_scattered(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSABUF out[3] = {{2, (char *)"ab"}, {0, NULL}, {3, (char *)"cde"}};
    char one[1], rest[8];
    WSABUF in[2] = {{1, one}, {8, rest}};
    struct message m;

    find_functions(s);
    message_to(&m, &name, sizeof(name), "");
    m.msg.lpBuffers = out;
    m.msg.dwBufferCount = 3;
    CHECK_OK(send_it(s, &m));
    CHECK_EQ(m.count, 5);
    message_init(&m);
    m.msg.lpBuffers = in;
    m.msg.dwBufferCount = 2;
    CHECK_OK(receive_message(s, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 5);
    CHECK_EQ(one[0], 'a');
    CHECK_MEMORY(rest, "bcde", 4);
    close_socket(s);
}

static void peeking_at_a_message(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    CHECK_RESULT(sendto(s, "abc", 3, 0, (struct sockaddr *)&name, sizeof(name)),
                 3);
    message_init(&m);
    m.msg.dwFlags = MSG_PEEK;
    CHECK_OK(receive_message(s, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 3);
    CHECK_EQ(m.msg.dwFlags, 0);
    CHECK_OK(receive(s, &m));
    CHECK_EQ(m.count, 3);
    set_nonblocking(s, 1);
    CHECK_ERROR(receive(s, &m), WSAEWOULDBLOCK);
    close_socket(s);
}

/* --- Received control data ------------------------------------------------------------- */

static void packet_info_is_told_when_asked_for(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    size_t size;

    find_functions(s);
    CHECK_EQ(loopback_interface(s, &name), 1);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 0);
    CHECK_RESULT(sendto(s, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_OK(receive(s, &m));
    CHECK(control_of(&m, IPPROTO_IP, IP_PKTINFO, &size) == NULL);
    CHECK_EQ(m.msg.Control.len, 0);
    close_socket(s);
}

static void time_to_live_and_service_are_told(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    int ttl = 7;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_RECVTTL, 1);
    set_int_option(s, IPPROTO_IP, IP_RECVTOS, 1);
    set_int_option(s, IPPROTO_IP, IP_TTL, ttl);
    CHECK_RESULT(sendto(s, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_OK(receive(s, &m));
    CHECK_EQ(int_control(&m, IPPROTO_IP, IP_TTL), ttl);
    CHECK_EQ(int_control(&m, IPPROTO_IP, IP_TOS), 0);
    CHECK_EQ(m.msg.Control.len, 48);
    close_socket(s);
}

/* Demand 8. */
static void congestion_is_told(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    size_t size;
    int ecn;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_ECN, 1);
    for (ecn = 0; ecn <= 3; ecn++) {
        message_to(&m, &name, sizeof(name), "x");
        add_control(&m, IPPROTO_IP, IP_ECN, &ecn, sizeof(ecn));
        CHECK_OK(send_it(s, &m));
        CHECK_OK(receive(s, &m));
        CHECK_EQ(int_control(&m, IPPROTO_IP, IP_ECN), ecn);
        CHECK(control_of(&m, IPPROTO_IP, IP_TOS, &size) == NULL);
    }
    close_socket(s);
}

static void the_destination_is_told(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    size_t size;
    const struct in_addr *address;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_RECVDSTADDR_, 1);
    message_to(&m, &name, sizeof(name), "x");
    CHECK_OK(send_it(s, &m));
    CHECK_OK(receive(s, &m));
    address = control_of(&m, IPPROTO_IP, IP_RECVDSTADDR_, &size);
    CHECK(address != NULL && size == sizeof(*address));
    CHECK_EQ(address->s_addr, htonl(INADDR_LOOPBACK));
    close_socket(s);
}

static void version_six_has_its_own(void)
{
    struct sockaddr_in6 name;
    SOCKET s = udp6_bound(&name);
    const IN6_PKTINFO *info;
    struct message m;
    size_t size;
    int hops = 9, class = 0x28;

    find_functions(s);
    set_int_option(s, IPPROTO_IPV6, IPV6_PKTINFO, 1);
    set_int_option(s, IPPROTO_IPV6, IPV6_HOPLIMIT, 1);
    set_int_option(s, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    message_to(&m, &name, sizeof(name), "six");
    add_control(&m, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof(hops));
    add_control(&m, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class));
    CHECK_OK(send_it(s, &m));
    CHECK_OK(receive(s, &m));
    CHECK_EQ(m.msg.namelen, sizeof(name));
    CHECK_EQ(int_control(&m, IPPROTO_IPV6, IPV6_HOPLIMIT), hops);
    CHECK_EQ(int_control(&m, IPPROTO_IPV6, IPV6_TCLASS), class);
    info = control_of(&m, IPPROTO_IPV6, IPV6_PKTINFO, &size);
    CHECK(info != NULL && size == sizeof(*info));
    CHECK_MEMORY(&info->ipi6_addr, &name.sin6_addr, sizeof(info->ipi6_addr));
    CHECK_EQ(info->ipi6_ifindex, 1);
    close_socket(s);
}

/* Demand 8: quinn's shape. */
static void large_sends_are_cut_and_joined(void)
{
    static char data[3000];
    struct sockaddr_in a_name, b_name;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    struct message m;
    DWORD size = 1000;
    int i;

    find_functions(a);
    for (i = 0; i < 2; i++) {
        message_to(&m, &b_name, sizeof(b_name), "");
        m.data = (WSABUF){2500, data};
        add_control(&m, IPPROTO_UDP, UDP_SEND_MSG_SIZE_, &size, sizeof(size));
        CHECK_OK(send_it(a, &m));
        CHECK_EQ(m.count, 2500);
        if (i == 0) {
            CHECK_RESULT(recv(b, data, sizeof(data), 0), 1000);
            CHECK_RESULT(recv(b, data, sizeof(data), 0), 1000);
            CHECK_RESULT(recv(b, data, sizeof(data), 0), 500);
            set_int_option(b, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE_, 65535);
        }
    }
    message_init(&m);
    m.data = (WSABUF){sizeof(data), data};
    CHECK_OK(receive_message(b, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 2500);
    CHECK_EQ(int_control(&m, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE_), 1000);
    close_socket(a);
    close_socket(b);
}

static void the_way_of_a_message_is_told(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET}, group;
    struct ip_mreq membership;
    SOCKET s = udp_socket();
    struct message m;

    find_functions(s);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(s);
    set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
    name.sin_addr.s_addr = htonl(0x7fffffff);
    message_to(&m, &name, sizeof(name), "all");
    set_nonblocking(s, 1);
    CHECK_ERROR(receive(s, &m), WSAEWOULDBLOCK);
    set_nonblocking(s, 0);
    message_to(&m, &name, sizeof(name), "all");
    CHECK_OK(send_it(s, &m));
    CHECK_OK(receive(s, &m));
    CHECK_EQ(m.msg.dwFlags, MSG_BCAST);

    group = name;
    group.sin_addr.s_addr = htonl(0xefff0123);
    membership.imr_multiaddr = group.sin_addr;
    membership.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&membership,
                        sizeof(membership)));
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF,
                        (char *)&membership.imr_interface,
                        sizeof(membership.imr_interface)));
    message_to(&m, &group, sizeof(group), "some");
    CHECK_OK(send_it(s, &m));
    CHECK_OK(receive(s, &m));
    CHECK_EQ(m.msg.dwFlags, MSG_MCAST);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    message_to(&m, &name, sizeof(name), "one");
    CHECK_OK(send_it(s, &m));
    CHECK_OK(receive(s, &m));
    CHECK_EQ(m.msg.dwFlags, 0);
    close_socket(s);
}

/* Each socket anew, also where one was before. */
static void later_sockets_are_told_too(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    struct message m;
    int round;

    for (round = 0; round < 3; round++) {
        struct sockaddr_in any = {.sin_family = AF_INET};
        SOCKET s = udp_socket();

        find_functions(s);
        CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
        set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
        set_nonblocking(s, 1);
        CHECK_ERROR(receive(s, &m), WSAEWOULDBLOCK);
        set_nonblocking(s, 0);
        name = local_name(s);
        name.sin_addr.s_addr = htonl(0x7fffffff);
        message_to(&m, &name, sizeof(name), "all");
        CHECK_OK(send_it(s, &m));
        CHECK_OK(receive(s, &m));
        CHECK_EQ(m.msg.dwFlags, MSG_BCAST);
        close_socket(s);
    }
}

/* --- Sent control data ------------------------------------------------------------------ */

static void the_sender_chooses_its_address(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET}, name;
    SOCKET s = udp_socket(), t = udp_bound(&name);
    IN_PKTINFO info = {.ipi_ifindex = 0};
    struct message m;

    find_functions(s);
    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    info.ipi_addr.s_addr = htonl(0x7f000005);
    message_to(&m, &name, sizeof(name), "from 5");
    add_control(&m, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
    CHECK_OK(send_it(s, &m));
    CHECK_OK(receive(t, &m));
    CHECK_EQ(((struct sockaddr_in *)&m.name)->sin_addr.s_addr,
             htonl(0x7f000005));
    close_socket(s);
    close_socket(t);
}

static void bad_control_data_is_not_sent(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    int value = 1;
    struct message m;

    message_to(&m, &name, sizeof(name), "x");
    add_control(&m, IPPROTO_IP, 200, &value, sizeof(value)); /* not known */
    EXPECT_ERROR(send_it(s, &m), WSAEINVAL);
    message_to(&m, &name, sizeof(name), "x");
    add_control(&m, IPPROTO_IP, IP_PKTINFO, &value, sizeof(value)); /* short */
    EXPECT_ERROR(send_it(s, &m), WSAEINVAL);
    message_to(&m, &name, sizeof(name), "x");
    add_control(&m, IPPROTO_IP, IP_TTL, &value, sizeof(value));
    ((WSACMSGHDR *)(void *)m.control)->cmsg_len = 4; /* less than a header */
    EXPECT_ERROR(send_it(s, &m), WSAEINVAL);
    ((WSACMSGHDR *)(void *)m.control)->cmsg_len = 1000; /* beyond the end */
    EXPECT_ERROR(send_it(s, &m), WSAEINVAL);
    m.msg.Control = (WSABUF){24, (char *)16};
    EXPECT_ERROR(send_it(s, &m), WSAEFAULT);
    m.msg.Control = (WSABUF){0x7fffffff, m.control};
    EXPECT_ERROR(send_it(s, &m), WSAEINVAL);
    check_quiet(s);
    close_socket(s);
}

/* --- What is cut ---------------------------------------------------------------------------- */

static void a_cut_message_says_so(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;

    find_functions(s);
    CHECK_EQ(loopback_interface(s, &name), 1);
    CHECK_RESULT(sendto(s, "abcdefgh", 8, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 8);
    message_init(&m);
    m.data.len = 4;
    CHECK_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(m.msg.dwFlags, MSG_TRUNC);
    CHECK_EQ(m.count, 4);
    CHECK_MEMORY(m.bytes, "abcd", 4);
    CHECK_EQ(((struct sockaddr_in *)&m.name)->sin_port, name.sin_port);
    close_socket(s);
}

static void cut_control_data_says_so(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    ULONG room;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_RECVTTL, 1);
    CHECK_EQ(loopback_interface(s, &name), 1);
    for (room = 0; room < 40; room += 8) {
        CHECK_RESULT(sendto(s, "abc", 3, 0, (struct sockaddr *)&name,
                            sizeof(name)),
                     3);
        message_init(&m);
        m.msg.Control.len = room;
        CHECK_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL),
                    WSAEMSGSIZE);
        CHECK_EQ(m.msg.dwFlags, MSG_CTRUNC);
        CHECK(m.msg.Control.len <= room);
        CHECK_EQ(m.count, 3);
        CHECK_MEMORY(m.bytes, "abc", 3);
    }
    close_socket(s);
}

/* --- Overlapped --------------------------------------------------------------------------- */

static void an_overlapped_message_comes_later(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    const IN_PKTINFO *info;
    struct message m;
    DWORD count = 0, flags = 7;
    size_t size;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    message_init(&m);
    CHECK_ERROR(receive_message(s, &m.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK(!event_is_signalled(overlapped.hEvent, 0));
    CHECK_RESULT(sendto(s, "later", 5, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 5);
    event_wait(overlapped.hEvent);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(count, 5);
    CHECK_EQ(flags, 0);
    CHECK_MEMORY(m.bytes, "later", 5);
    CHECK_EQ(m.msg.namelen, sizeof(name));
    CHECK_EQ(((struct sockaddr_in *)&m.name)->sin_port, name.sin_port);
    CHECK_EQ(m.msg.dwFlags, 0);
    info = control_of(&m, IPPROTO_IP, IP_PKTINFO, &size);
    CHECK(info != NULL);
    CHECK_EQ(info->ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

static void an_overlapped_message_is_there_at_once(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message m;
    DWORD count = 0, flags = 7;

    find_functions(s);
    message_to(&m, &name, sizeof(name), "now");
    CHECK_OK(WSASendMsg(s, &m.msg, 0, &count, &overlapped, NULL));
    CHECK_EQ(count, 3);
    CHECK(event_is_signalled(overlapped.hEvent, 0));
    message_init(&m);
    count = 0;
    CHECK_OK(receive_message(s, &m.msg, &count, &overlapped, NULL));
    CHECK_EQ(count, 3);
    CHECK_EQ(m.msg.Control.len, 0);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(count, 3);
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

static void an_overlapped_message_may_be_cut(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message m;
    DWORD count = 0, flags = 0;

    find_functions(s);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    message_init(&m);
    m.msg.Control.len = 8;
    m.data.len = 2;
    CHECK_ERROR(receive_message(s, &m.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK_RESULT(sendto(s, "long", 4, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 4);
    event_wait(overlapped.hEvent);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEMSGSIZE);
    CHECK_EQ(m.msg.dwFlags, MSG_TRUNC | MSG_CTRUNC);
    CHECK_MEMORY(m.bytes, "lo", 2);
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

static void closing_ends_an_overlapped_message(void)
{
    SOCKET s = udp_bound(NULL);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message m;

    find_functions(s);
    message_init(&m);
    CHECK_ERROR(receive_message(s, &m.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    close_socket(s);
    event_wait(overlapped.hEvent);
    CHECK(overlapped.Internal != 0x103); /* it does not pend any more */
    CHECK_EQ(overlapped.InternalHigh, 0);
    WSACloseEvent(overlapped.hEvent);
}

static void a_blocking_message_comes_after_overlapped_ones(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message first, second;

    find_functions(s);
    message_init(&first);
    CHECK_ERROR(receive_message(s, &first.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK_RESULT(sendto(s, "1", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_RESULT(sendto(s, "2", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_OK(receive(s, &second));
    CHECK_EQ(second.count, 1);
    CHECK_EQ(second.msg.namelen, sizeof(name));
    event_wait(overlapped.hEvent);
    CHECK_EQ(first.bytes[0], '1');
    CHECK_EQ(second.bytes[0], '2');
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

/* --- Errors --------------------------------------------------------------------------------- */

static void messages_are_no_streams(void)
{
    SOCKET client, server;
    struct message m;

    tcp_pair(&client, &server);
    find_functions(client);
    message_to(&m, &m.name, 0, "x");
    m.msg.name = NULL;
    EXPECT_ERROR(send_it(client, &m), WSAEINVAL);
    message_init(&m);
    EXPECT_ERROR(receive_message(server, &m.msg, &m.count, NULL, NULL),
                 WSAEINVAL);
    close_socket(client);
    close_socket(server);
}

static void an_unbound_socket_receives_no_message(void)
{
    SOCKET s = udp_socket();
    struct message m;

    find_functions(s);
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 200);
    CHECK_ERROR(receive(s, &m), WSAEINVAL);
    close_socket(s);
}

static void bad_messages_are_refused(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    WSABUF bad_data = {8, bad};
    GUID unknown = {1, 2, 3, {4}};
    void *function;
    DWORD size;

    find_functions(s);
    EXPECT_ERROR(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown,
                          sizeof(unknown), &function, sizeof(function), &size,
                          NULL, NULL),
                 WSAEINVAL);
    message_to(&m, &name, sizeof(name), "x");
    EXPECT_ERROR(send_it(INVALID_SOCKET, &m), WSAENOTSOCK);
    EXPECT_ERROR(send_message(INVALID_SOCKET, &m.msg, 0, &m.count, NULL, NULL),
                 WSAENOTSOCK);
    EXPECT_ERROR(receive(INVALID_SOCKET, &m), WSAENOTSOCK);
    message_to(&m, &name, sizeof(name), "x");
    EXPECT_ERROR(WSASendMsg(s, NULL, 0, &m.count, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASendMsg(s, &m.msg, 0, NULL, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASendMsg(s, (WSAMSG *)bad, 0, &m.count, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSASendMsg(s, &m.msg, MSG_OOB, &m.count, NULL, NULL),
                 WSAEOPNOTSUPP);
    m.msg.namelen = 4;
    EXPECT_ERROR(send_it(s, &m), WSAEFAULT);
    m.msg.namelen = sizeof(name);
    m.msg.lpBuffers = &bad_data;
    EXPECT_ERROR(send_it(s, &m), WSAEFAULT);
    m.msg.lpBuffers = (WSABUF *)bad;
    EXPECT_ERROR(send_it(s, &m), WSAEFAULT);

    CHECK_RESULT(sendto(s, "stays", 5, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 5);
    message_init(&m);
    EXPECT_ERROR(receive_message(s, NULL, &m.count, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(receive_message(s, (WSAMSG *)bad, &m.count, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(receive_message(s, &m.msg, (DWORD *)bad, NULL, NULL),
                 WSAEFAULT);
    m.msg.lpBuffers = &bad_data;
    EXPECT_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.name = (struct sockaddr *)bad;
    EXPECT_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.namelen = 8;
    EXPECT_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.Control.buf = bad;
    EXPECT_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.dwFlags = 0x4000;
    EXPECT_ERROR(receive_message(s, &m.msg, &m.count, NULL, NULL),
                 WSAEOPNOTSUPP);
    check_receives(s, "stays");
    close_socket(s);
    memory_delete(bad, 1);
}

static const struct test_case cases[] = {
    TEST_CASE(messages_are_datagrams, "04 12: WSASendMsg, WSARecvMsg"),
    TEST_CASE(a_message_needs_no_name_when_connected, "03 7: ENOTCONN"),
    TEST_CASE(sending_a_message_binds, "03 7: implicit bind"),
    TEST_CASE(messages_are_gathered_and_scattered, "03 7: WSABUF arrays"),
    TEST_CASE(peeking_at_a_message, "03 8: MSG_PEEK"),
    TEST_CASE(packet_info_is_told_when_asked_for, "03 8: IP_PKTINFO, demand 8"),
    TEST_CASE(time_to_live_and_service_are_told, "03 8: IP_TTL, IP_TOS"),
    TEST_CASE(congestion_is_told, "demand 8: IP_ECN"),
    TEST_CASE(the_destination_is_told, "IP_RECVDSTADDR"),
    TEST_CASE(version_six_has_its_own, "03 8: IPV6_PKTINFO and kin"),
    TEST_CASE(large_sends_are_cut_and_joined, "demand 8: GSO, GRO"),
    TEST_CASE(the_way_of_a_message_is_told, "03 8: MSG_BCAST, MSG_MCAST"),
    TEST_CASE(later_sockets_are_told_too, "03 8: MSG_BCAST"),
    TEST_CASE(the_sender_chooses_its_address, "03 7: PKTINFO"),
    TEST_CASE(bad_control_data_is_not_sent, "WSASendMsg: WSAEINVAL"),
    TEST_CASE(a_cut_message_says_so, "04 12: MSG_TRUNC"),
    TEST_CASE(cut_control_data_says_so, "04 12: MSG_CTRUNC"),
    TEST_CASE(an_overlapped_message_comes_later, "04 12: WSARecvMsg"),
    TEST_CASE(an_overlapped_message_is_there_at_once, "04: completion at once"),
    TEST_CASE(an_overlapped_message_may_be_cut, "04 12: MSG_CTRUNC"),
    TEST_CASE(closing_ends_an_overlapped_message, "04: closesocket"),
    TEST_CASE(a_blocking_message_comes_after_overlapped_ones, "04: order"),
    TEST_CASE(messages_are_no_streams, "04 12: STREAM is EINVAL"),
    TEST_CASE_WITH(an_unbound_socket_receives_no_message, "03 8: EINVAL",
                   .seconds = 5),
    TEST_CASE_WITH(bad_messages_are_refused, "03 7, 8: EFAULT", .seconds = 8),
    TEST_END
};
TEST_MAIN("messages", cases, NULL)
