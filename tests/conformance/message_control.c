/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control data of WSASendMsg and WSARecvMsg: what is told when it is asked for,
 * what a sender may choose, what is cut.
 */
#include "support/messages.h"

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

static unsigned long loopback_interface(SOCKET s,
                                        const struct sockaddr_in *name)
{
    struct message m;
    size_t size;
    const IN_PKTINFO *info;

    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    CHECK_RESULT(sendto(s, "x", 1, 0, (const struct sockaddr *)name,
                        sizeof(*name)),
                 1);
    CHECK_OK(message_receive(s, &m));
    info = message_control(&m, IPPROTO_IP, IP_PKTINFO, &size);
    CHECK(info != NULL && size == sizeof(*info));
    CHECK_EQ(info->ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    return info->ipi_ifindex;
}

/* --- Received control data ------------------------------------------------ */

static void packet_info_is_told_when_asked_for(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    size_t size;

    messages_find(s);
    CHECK_EQ(loopback_interface(s, &name), 1);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 0);
    CHECK_RESULT(sendto(s, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_OK(message_receive(s, &m));
    CHECK(message_control(&m, IPPROTO_IP, IP_PKTINFO, &size) == NULL);
    CHECK_EQ(m.msg.Control.len, 0);
    close_socket(s);
}

static void time_to_live_and_service_are_told(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    int ttl = 7;

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_RECVTTL, 1);
    set_int_option(s, IPPROTO_IP, IP_RECVTOS, 1);
    set_int_option(s, IPPROTO_IP, IP_TTL, ttl);
    CHECK_RESULT(sendto(s, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_OK(message_receive(s, &m));
    CHECK_EQ(message_int(&m, IPPROTO_IP, IP_TTL), ttl);
    CHECK_EQ(message_int(&m, IPPROTO_IP, IP_TOS), 0);
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

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_ECN, 1);
    for (ecn = 0; ecn <= 3; ecn++) {
        message_to(&m, &name, sizeof(name), "x");
        message_add(&m, IPPROTO_IP, IP_ECN, &ecn, sizeof(ecn));
        CHECK_OK(message_send(s, &m));
        CHECK_OK(message_receive(s, &m));
        CHECK_EQ(message_int(&m, IPPROTO_IP, IP_ECN), ecn);
        CHECK(message_control(&m, IPPROTO_IP, IP_TOS, &size) == NULL);
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

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_RECVDSTADDR_, 1);
    message_to(&m, &name, sizeof(name), "x");
    CHECK_OK(message_send(s, &m));
    CHECK_OK(message_receive(s, &m));
    address = message_control(&m, IPPROTO_IP, IP_RECVDSTADDR_, &size);
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

    messages_find(s);
    set_int_option(s, IPPROTO_IPV6, IPV6_PKTINFO, 1);
    set_int_option(s, IPPROTO_IPV6, IPV6_HOPLIMIT, 1);
    set_int_option(s, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    message_to(&m, &name, sizeof(name), "six");
    message_add(&m, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof(hops));
    message_add(&m, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class));
    CHECK_OK(message_send(s, &m));
    CHECK_OK(message_receive(s, &m));
    CHECK_EQ(m.msg.namelen, sizeof(name));
    CHECK_EQ(message_int(&m, IPPROTO_IPV6, IPV6_HOPLIMIT), hops);
    CHECK_EQ(message_int(&m, IPPROTO_IPV6, IPV6_TCLASS), class);
    info = message_control(&m, IPPROTO_IPV6, IPV6_PKTINFO, &size);
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

    messages_find(a);
    for (i = 0; i < 2; i++) {
        message_to(&m, &b_name, sizeof(b_name), "");
        m.data = (WSABUF){2500, data};
        message_add(&m, IPPROTO_UDP, UDP_SEND_MSG_SIZE_, &size, sizeof(size));
        CHECK_OK(message_send(a, &m));
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
    CHECK_OK(receive_msg(b, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 2500);
    CHECK_EQ(message_int(&m, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE_), 1000);
    close_socket(a);
    close_socket(b);
}

static void the_way_of_a_message_is_told(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET}, group;
    struct ip_mreq membership;
    SOCKET s = udp_socket();
    struct message m;

    messages_find(s);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(s);
    set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
    name.sin_addr.s_addr = htonl(0x7fffffff);
    message_to(&m, &name, sizeof(name), "all");
    set_nonblocking(s, 1);
    CHECK_ERROR(message_receive(s, &m), WSAEWOULDBLOCK);
    set_nonblocking(s, 0);
    message_to(&m, &name, sizeof(name), "all");
    CHECK_OK(message_send(s, &m));
    CHECK_OK(message_receive(s, &m));
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
    CHECK_OK(message_send(s, &m));
    CHECK_OK(message_receive(s, &m));
    CHECK_EQ(m.msg.dwFlags, MSG_MCAST);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    message_to(&m, &name, sizeof(name), "one");
    CHECK_OK(message_send(s, &m));
    CHECK_OK(message_receive(s, &m));
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

        messages_find(s);
        CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
        set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
        set_nonblocking(s, 1);
        CHECK_ERROR(message_receive(s, &m), WSAEWOULDBLOCK);
        set_nonblocking(s, 0);
        name = local_name(s);
        name.sin_addr.s_addr = htonl(0x7fffffff);
        message_to(&m, &name, sizeof(name), "all");
        CHECK_OK(message_send(s, &m));
        CHECK_OK(message_receive(s, &m));
        CHECK_EQ(m.msg.dwFlags, MSG_BCAST);
        close_socket(s);
    }
}

/* --- Sent control data ---------------------------------------------------- */

static void the_sender_chooses_its_address(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET}, name;
    SOCKET s = udp_socket(), t = udp_bound(&name);
    IN_PKTINFO info = {.ipi_ifindex = 0};
    struct message m;

    messages_find(s);
    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    info.ipi_addr.s_addr = htonl(0x7f000005);
    message_to(&m, &name, sizeof(name), "from 5");
    message_add(&m, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
    CHECK_OK(message_send(s, &m));
    CHECK_OK(message_receive(t, &m));
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
    message_add(&m, IPPROTO_IP, 200, &value, sizeof(value)); /* not known */
    EXPECT_ERROR(message_send(s, &m), WSAEINVAL);
    message_to(&m, &name, sizeof(name), "x");
    message_add(&m, IPPROTO_IP, IP_PKTINFO, &value, sizeof(value)); /* short */
    EXPECT_ERROR(message_send(s, &m), WSAEINVAL);
    message_to(&m, &name, sizeof(name), "x");
    message_add(&m, IPPROTO_IP, IP_TTL, &value, sizeof(value));
    ((WSACMSGHDR *)(void *)m.control)->cmsg_len = 4; /* less than a header */
    EXPECT_ERROR(message_send(s, &m), WSAEINVAL);
    ((WSACMSGHDR *)(void *)m.control)->cmsg_len = 1000; /* beyond the end */
    EXPECT_ERROR(message_send(s, &m), WSAEINVAL);
    m.msg.Control = (WSABUF){24, (char *)16};
    EXPECT_ERROR(message_send(s, &m), WSAEFAULT);
    m.msg.Control = (WSABUF){0x7fffffff, m.control};
    EXPECT_ERROR(message_send(s, &m), WSAEINVAL);
    check_quiet(s);
    close_socket(s);
}

/* --- What is cut ---------------------------------------------------------- */

static void a_cut_message_says_so(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;

    messages_find(s);
    CHECK_EQ(loopback_interface(s, &name), 1);
    CHECK_RESULT(sendto(s, "abcdefgh", 8, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 8);
    message_init(&m);
    m.data.len = 4;
    CHECK_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEMSGSIZE);
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

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_RECVTTL, 1);
    CHECK_EQ(loopback_interface(s, &name), 1);
    for (room = 0; room < 40; room += 8) {
        CHECK_RESULT(sendto(s, "abc", 3, 0, (struct sockaddr *)&name,
                            sizeof(name)),
                     3);
        message_init(&m);
        m.msg.Control.len = room;
        CHECK_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEMSGSIZE);
        CHECK_EQ(m.msg.dwFlags, MSG_CTRUNC);
        CHECK(m.msg.Control.len <= room);
        CHECK_EQ(m.count, 3);
        CHECK_MEMORY(m.bytes, "abc", 3);
    }
    close_socket(s);
}

static const struct test_case cases[] = {
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
    TEST_END
};

TEST_MAIN("message_control", cases, NULL)
