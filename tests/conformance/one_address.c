/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Multicast and broadcast: what reaches a socket that is bound to one address.
 */
#include "support/overlapped.h"
#include "support/sockets.h"

#define SO_REUSE_MULTICASTPORT_ 0x3008

static struct sockaddr_in group_name(unsigned port)
{
    struct sockaddr_in name = loopback(port);

    name.sin_addr.s_addr = htonl(0xefff0777);
    return name;
}

/* Windows gives a socket that is bound to a local address what is sent to the
   groups that it has joined and to its network's broadcast address, at its
   port.  127.0.0.2 is an address that is not chosen by itself. */
static struct sockaddr_in own_address(unsigned port)
{
    struct sockaddr_in name = loopback(port);

    name.sin_addr.s_addr = htonl(0x7f000002);
    return name;
}

static unsigned bind_own(SOCKET s, unsigned port)
{
    struct sockaddr_in name = own_address(port);

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    return ntohs(local_name(s).sin_port);
}

static struct ip_mreq membership(void)
{
    struct ip_mreq request;

    request.imr_multiaddr = group_name(0).sin_addr;
    request.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    return request;
}

static void join_group(SOCKET s)
{
    struct ip_mreq request = membership();

    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP,
                        (const char *)&request, sizeof(request)));
}

static void leave_group(SOCKET s)
{
    struct ip_mreq request = membership();

    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP,
                        (const char *)&request, sizeof(request)));
}

/* A sender on 127.0.0.1 to groups and to all. */
static SOCKET sender_to_all(void)
{
    SOCKET s = udp_bound(NULL);

    set_int_option(s, IPPROTO_IP, IP_MULTICAST_IF, (int)htonl(INADDR_LOOPBACK));
    set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
    return s;
}

static void send_to(SOCKET s, const struct sockaddr_in *name, const char *text)
{
    const int length = (int)strlen(text);

    CHECK_RESULT(sendto(s, text, length, 0, (const struct sockaddr *)name,
                        sizeof(*name)),
                 length);
}

static void send_to_group(SOCKET s, unsigned port, const char *text)
{
    const struct sockaddr_in group = group_name(port);

    send_to(s, &group, text);
}

static void send_to_own(SOCKET s, unsigned port, const char *text)
{
    const struct sockaddr_in name = own_address(port);

    send_to(s, &name, text);
}

/* s is 127.0.0.2 to itself and to others, and its traffic is its own. */
static void check_keeps_address(SOCKET s, unsigned port)
{
    struct sockaddr_in other, from = {.sin_family = 0};
    SOCKET peer = udp_bound(&other);
    const struct sockaddr_in elsewhere = loopback(port);
    int length = sizeof(from);
    char data[8];

    CHECK_EQ(local_name(s).sin_addr.s_addr, own_address(0).sin_addr.s_addr);
    CHECK_EQ(ntohs(local_name(s).sin_port), port);
    send_to(s, &other, "from");
    CHECK(wait_readable(peer, 5000));
    CHECK_RESULT(recvfrom(peer, data, sizeof(data), 0,
                          (struct sockaddr *)&from, &length),
                 4);
    CHECK_EQ(from.sin_addr.s_addr, own_address(0).sin_addr.s_addr);
    CHECK_EQ(ntohs(from.sin_port), port);
    send_to(peer, &elsewhere, "for 127.0.0.1");
    send_to_own(peer, port, "for it");
    check_receives(s, "for it");
    close_socket(peer);
}

static void a_group_reaches_one_address(void)
{
    SOCKET s = udp_socket(), sender = sender_to_all();
    const unsigned port = bind_own(s, 0);

    send_to_group(sender, port, "not yet");
    join_group(s);
    send_to_group(sender, port, "to all");
    check_receives(s, "to all");
    check_keeps_address(s, port);
    leave_group(s);
    send_to_group(sender, port, "no more");
    check_quiet(s);
    check_keeps_address(s, port);
    close_socket(s);
    close_socket(sender);
}

static void joining_before_bind(void)
{
    SOCKET s = udp_socket(), sender = sender_to_all();
    unsigned port;

    join_group(s);
    port = bind_own(s, 0);
    send_to_group(sender, port, "to all");
    check_receives(s, "to all");
    check_keeps_address(s, port);
    close_socket(s);
    close_socket(sender);
}

/* As mDNS and SSDP do it: one port, a socket for each address. */
static void members_on_one_port(void)
{
    SOCKET a = udp_socket(), b = udp_socket(), none = udp_socket();
    SOCKET sender = sender_to_all();
    struct sockaddr_in name = loopback(0), any = {.sin_family = AF_INET};
    unsigned port;

    set_int_option(a, SOL_SOCKET, SO_REUSEADDR, 1);
    set_int_option(b, SOL_SOCKET, SO_REUSEADDR, 1);
    set_int_option(none, SOL_SOCKET, SO_REUSEADDR, 1);
    port = bind_own(a, 0);
    name = loopback(port);
    any.sin_port = htons((u_short)port);
    CHECK_OK(bind(b, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(bind(none, (struct sockaddr *)&any, sizeof(any)));
    join_group(a);
    join_group(b);
    send_to_group(sender, port, "to all");
    check_receives(a, "to all");
    check_receives(b, "to all");
    check_quiet(none); /* it has not joined */
    close_socket(a);
    close_socket(b);
    close_socket(none);
    close_socket(sender);
}

/* SO_REUSE_MULTICASTPORT lets members share a port, also with those that have
   SO_REUSEADDR. */
static void a_port_is_shared_for_groups(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    SOCKET a = udp_socket(), b = udp_socket(), c = udp_socket();
    SOCKET plain = udp_socket(), sender = sender_to_all();
    unsigned port;

    set_int_option(a, SOL_SOCKET, SO_REUSE_MULTICASTPORT_, 1);
    set_int_option(b, SOL_SOCKET, SO_REUSE_MULTICASTPORT_, 1);
    set_int_option(c, SOL_SOCKET, SO_REUSEADDR, 1);
    CHECK_OK(bind(a, (struct sockaddr *)&any, sizeof(any)));
    port = ntohs(local_name(a).sin_port);
    any.sin_port = htons((u_short)port);
    CHECK_OK(bind(b, (struct sockaddr *)&any, sizeof(any)));
    CHECK_OK(bind(c, (struct sockaddr *)&any, sizeof(any)));
    CHECK_ERROR(bind(plain, (struct sockaddr *)&any, sizeof(any)),
                WSAEADDRINUSE);
    join_group(a);
    join_group(b);
    join_group(c);
    send_to_group(sender, port, "to all");
    check_receives(a, "to all");
    check_receives(b, "to all");
    check_receives(c, "to all");
    close_socket(a);
    close_socket(b);
    close_socket(c);
    close_socket(plain);
    close_socket(sender);
}

static void options_stay_when_joining(void)
{
    static const struct {
        int level, name, value;
    } options[] = {
        {SOL_SOCKET, SO_RCVBUF, 30000},
        {SOL_SOCKET, SO_SNDBUF, 20000},
        {SOL_SOCKET, SO_RCVTIMEO, 5000},
        {SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1},
        {IPPROTO_IP, IP_TTL, 17},
        {IPPROTO_IP, IP_MULTICAST_TTL, 3},
        {IPPROTO_IP, IP_MULTICAST_LOOP, 0},
        {IPPROTO_IP, IP_PKTINFO, 1},
        {IPPROTO_IP, IP_DONTFRAGMENT, 1},
    };
    SOCKET s = udp_socket();
    unsigned port;
    size_t i;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        set_int_option(s, options[i].level, options[i].name,
                       options[i].value);
    port = bind_own(s, 0);
    set_nonblocking(s, 1);
    join_group(s);
    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        EXPECT_EQ(get_int_option(s, options[i].level, options[i].name),
                  options[i].value);
    EXPECT_EQ(is_nonblocking(s), 1);
    set_nonblocking(s, 0);
    check_keeps_address(s, port);
    close_socket(s);
}

static void a_group_s_datagram_is_an_event(void)
{
    SOCKET s = udp_socket(), sender = sender_to_all();
    const unsigned port = bind_own(s, 0);
    WSAEVENT event = event_create();
    WSANETWORKEVENTS events;

    CHECK_OK(WSAEventSelect(s, event, FD_READ));
    join_group(s);
    send_to_group(sender, port, "to all");
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(s, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_READ);
    check_receives(s, "to all");
    close_socket(s);
    close_socket(sender);
    CHECK(WSACloseEvent(event));
}

static void a_group_s_datagram_ends_a_receive(void)
{
    SOCKET s = udp_socket(), sender = sender_to_all();
    const unsigned port = bind_own(s, 0);
    struct call call;

    call_init(&call, sizeof(call.data), 1);
    call_pends(&call, s);
    join_group(s);
    call_still_pends(&call);
    send_to_group(sender, port, "to all");
    call_ends(&call, s, 0, 6);
    call_done(&call);
    close_socket(s);
    close_socket(sender);
}

/* A duplicate is the same socket, whenever it is made. */
static void members_have_duplicates(void)
{
    SOCKET s = udp_socket(), sender = sender_to_all(), same, before;
    unsigned port = bind_own(s, 0);

    join_group(s);
    same = duplicate_here(s);
    send_to_group(sender, port, "to all");
    check_receives(same, "to all");
    check_keeps_address(same, port);
    close_socket(same);
    check_keeps_address(s, port);
    close_socket(s);

    s = udp_socket();
    port = bind_own(s, 0);
    before = duplicate_here(s);
    join_group(s);
    check_keeps_address(s, port);
    check_keeps_address(before, port);
    close_socket(before);
    close_socket(s);
    close_socket(sender);
}

static void members_connect(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_socket(), peer = udp_bound(&name), other = udp_bound(NULL);
    const unsigned port = bind_own(s, 0);

    join_group(s);
    CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_EQ(local_name(s).sin_addr.s_addr, own_address(0).sin_addr.s_addr);
    CHECK_RESULT(send(s, "hello", 5, 0), 5);
    check_receives(peer, "hello");
    send_to_own(other, port, "not for it");
    send_to_own(peer, port, "for it");
    check_receives(s, "for it");
    close_socket(s);
    close_socket(peer);
    close_socket(other);
}

static struct sockaddr_in broadcast_name(unsigned port)
{
    struct sockaddr_in name = loopback(port);

    name.sin_addr.s_addr = htonl(0x7fffffff);
    return name;
}

static void broadcasts_reach_one_address(void)
{
    SOCKET s = udp_socket(), early = udp_socket(), sender = sender_to_all();
    struct sockaddr_in all;
    unsigned port = bind_own(s, 0);

    set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
    all = broadcast_name(port);
    send_to(sender, &all, "to all");
    check_receives(s, "to all");
    check_keeps_address(s, port);

    set_int_option(early, SOL_SOCKET, SO_BROADCAST, 1);
    port = bind_own(early, 0);
    all = broadcast_name(port);
    send_to(sender, &all, "to all");
    check_receives(early, "to all");
    check_keeps_address(early, port);
    close_socket(s);
    close_socket(early);
    close_socket(sender);
}

/* Two servers with one port, each with an address of its own, may both be able
   to broadcast: what is for one does not reach the other. */
static void broadcasters_on_one_port(void)
{
    SOCKET a = udp_socket(), b = udp_socket(), sender = sender_to_all();
    struct sockaddr_in name;
    unsigned port;
    int i;

    set_int_option(a, SOL_SOCKET, SO_BROADCAST, 1);
    port = bind_own(a, 0);
    name = loopback(port);
    CHECK_OK(bind(b, (struct sockaddr *)&name, sizeof(name)));
    set_int_option(b, SOL_SOCKET, SO_BROADCAST, 1);
    for (i = 0; i < 8; i++) {
        send_to_own(sender, port, "for a");
        check_receives(a, "for a");
        send_to(sender, &name, "for b");
        check_receives(b, "for b");
    }
    close_socket(a);
    close_socket(b);
    close_socket(sender);
}

/* A link-local address of this machine; 0: it has none. */
static int find_link_local(SOCKET s, struct sockaddr_in6 *ret)
{
    struct {
        SOCKET_ADDRESS_LIST list;
        char more[4096];
    } answer;
    const SOCKET_ADDRESS *each = answer.list.Address;
    DWORD size;
    int i;

    CHECK_OK(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, &answer,
                      sizeof(answer), &size, NULL, NULL));
    for (i = 0; i < answer.list.iAddressCount; i++) {
        *ret = *(const struct sockaddr_in6 *)each[i].lpSockaddr;
        if (IN6_IS_ADDR_LINKLOCAL(&ret->sin6_addr) && ret->sin6_scope_id != 0)
            return 1;
    }
    return 0;
}

static SOCKET bound_to(const struct sockaddr_in6 *name)
{
    SOCKET s = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, 0));

    CHECK_OK(bind(s, (const struct sockaddr *)name, sizeof(*name)));
    return s;
}

static void join_group6(SOCKET s, const struct sockaddr_in6 *group)
{
    struct ipv6_mreq request = {group->sin6_addr, group->sin6_scope_id};

    CHECK_OK(setsockopt(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP,
                        (const char *)&request, sizeof(request)));
}

static void check_passes6(SOCKET from, const struct sockaddr_in6 *name,
                          SOCKET to, const char *text)
{
    const int length = (int)strlen(text);

    CHECK_RESULT(sendto(from, text, length, 0, (const struct sockaddr *)name,
                        sizeof(*name)),
                 length);
    check_receives(to, text);
}

static void a_group_reaches_an_address_of_version_six(void)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6}, bound, own;
    struct sockaddr_in6 group = {.sin6_family = AF_INET6}, from;
    SOCKET s, sender;
    int length = sizeof(bound), has_network;
    char data[8];

    group.sin6_addr.s6_addr[0] = 0xff;
    group.sin6_addr.s6_addr[1] = 0x12;
    group.sin6_addr.s6_addr[15] = 0x77;
    group.sin6_scope_id = 1;
    name.sin6_addr.s6_addr[15] = 1;
    sender = bound_to(&name);
    has_network = find_link_local(sender, &own);
    if (has_network) {
        close_socket(sender);
        name = own;
        name.sin6_port = 0;
        group.sin6_scope_id = own.sin6_scope_id;
        sender = bound_to(&name);
    }
    s = bound_to(&name);
    join_group6(s, &group);
    CHECK_OK(getsockname(s, (struct sockaddr *)&bound, &length));
    CHECK_MEMORY(&bound.sin6_addr, &name.sin6_addr, sizeof(name.sin6_addr));
    CHECK_EQ(bound.sin6_scope_id, name.sin6_scope_id);
    CHECK(bound.sin6_port != 0);
    check_passes6(sender, &bound, s, "to it");
    group.sin6_port = bound.sin6_port;
    if (has_network) /* the loopback interface has no groups */
        check_passes6(sender, &group, s, "to all");
    length = sizeof(from);
    CHECK_OK(getsockname(sender, (struct sockaddr *)&from, &length));
    CHECK_RESULT(sendto(s, "from", 4, 0, (struct sockaddr *)&from,
                        sizeof(from)),
                 4);
    length = sizeof(from);
    CHECK_RESULT(recvfrom(sender, data, sizeof(data), 0,
                          (struct sockaddr *)&from, &length),
                 4);
    CHECK_MEMORY(&from, &bound, sizeof(from));
    close_socket(s);
    close_socket(sender);
}

/* Without a scope it is that of the interface that has the address. */
static void a_link_local_address_has_its_scope(void)
{
    SOCKET s = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, 0));
    struct sockaddr_in6 own, name;
    int length = sizeof(name);

    if (!find_link_local(s, &own)) {
        close_socket(s);
        SKIP("no link-local address");
    }
    name = own;
    name.sin6_port = 0;
    name.sin6_scope_id = own.sin6_scope_id + 4711;
    EXPECT_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)),
                 WSAEADDRNOTAVAIL);
    name.sin6_scope_id = 0;
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(getsockname(s, (struct sockaddr *)&name, &length));
    CHECK_EQ(name.sin6_scope_id, own.sin6_scope_id);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(a_group_reaches_one_address, "IP_ADD_MEMBERSHIP after bind"),
    TEST_CASE(joining_before_bind, "IP_ADD_MEMBERSHIP before bind"),
    TEST_CASE(members_on_one_port, "SO_REUSEADDR, IP_ADD_MEMBERSHIP"),
    TEST_CASE(a_port_is_shared_for_groups, "SO_REUSE_MULTICASTPORT"),
    TEST_CASE(options_stay_when_joining, "IP_ADD_MEMBERSHIP"),
    TEST_CASE(a_group_s_datagram_is_an_event, "IP_ADD_MEMBERSHIP, FD_READ"),
    TEST_CASE(a_group_s_datagram_ends_a_receive,
              "IP_ADD_MEMBERSHIP, overlapped WSARecv"),
    TEST_CASE(members_have_duplicates, "IP_ADD_MEMBERSHIP, shared sockets"),
    TEST_CASE(members_connect, "IP_ADD_MEMBERSHIP, connect"),
    TEST_CASE(broadcasts_reach_one_address, "SO_BROADCAST, bind"),
    TEST_CASE(broadcasters_on_one_port, "SO_BROADCAST, bind"),
    TEST_CASE(a_group_reaches_an_address_of_version_six,
              "IPV6_ADD_MEMBERSHIP after bind"),
    TEST_CASE(a_link_local_address_has_its_scope, "03 3: scope 0"),
    TEST_END
};
TEST_MAIN("one_address", cases, NULL)
