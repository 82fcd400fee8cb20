/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options that are more than a number: SO_BSP_STATE, the contexts of AcceptEx
 * and ConnectEx, IP_OPTIONS, IP_MTU, multicast memberships and source filters,
 * lists of interfaces; and what some numbers do.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <mswsock.h>
#include <stddef.h>

#define GROUP 0xefff4c01 /* 239.255.76.1 */
enum { JOIN_GROUP = 41, LEAVE_GROUP, BLOCK_SOURCE, UNBLOCK_SOURCE,
       JOIN_SOURCE_GROUP, LEAVE_SOURCE_GROUP };

static int set_error(SOCKET s, int level, int name, const void *value,
                     int length)
{
    WSASetLastError(0);
    return setsockopt(s, level, name, value, length) ? WSAGetLastError() : 0;
}

static int get_error(SOCKET s, int level, int name, void *value, int *length)
{
    WSASetLastError(0);
    return getsockopt(s, level, name, value, length) ? WSAGetLastError() : 0;
}

/* --- SO_BSP_STATE --------------------------------------------------------- */

/* CSADDR_INFO; not all headers of the suites have it. */
struct address {
    struct sockaddr_in *name;
    INT length;
};
struct state {
    struct address local, remote;
    INT type, protocol;
    char names[64];
};
enum { STATE_SIZE = offsetof(struct state, names) + 2 * 16 };

static void bsp_state(void)
{
    SOCKET client, server, s = tcp_socket(), u = udp_bound(NULL);
    struct sockaddr_in name;
    struct state state;
    int length = STATE_SIZE;

    memset(&state, 0x55, sizeof(state));
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_BSP_STATE, (char *)&state, &length));
    EXPECT_EQ(length, STATE_SIZE);
    EXPECT_EQ(state.type, SOCK_STREAM);
    EXPECT_EQ(state.protocol, IPPROTO_TCP);
    EXPECT(state.local.name == NULL && state.local.length == 0);
    EXPECT(state.remote.name == NULL && state.remote.length == 0);

    length = sizeof(state);
    CHECK_OK(getsockopt(u, SOL_SOCKET, SO_BSP_STATE, (char *)&state, &length));
    name = local_name(u);
    CHECK(state.local.name != NULL);
    EXPECT((char *)state.local.name > (char *)&state &&
           (char *)state.local.name < (char *)(&state + 1));
    EXPECT_EQ(state.local.name->sin_port, name.sin_port);
    EXPECT_EQ(state.local.name->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    EXPECT(state.remote.name == NULL);

    tcp_pair(&client, &server);
    length = sizeof(state);
    CHECK_OK(getsockopt(client, SOL_SOCKET, SO_BSP_STATE, (char *)&state,
                        &length));
    name = local_name(server);
    CHECK(state.remote.name != NULL);
    EXPECT_EQ(state.remote.length, sizeof(name));
    EXPECT_EQ(state.remote.name->sin_port, name.sin_port);

    length = STATE_SIZE - 1;
    EXPECT_EQ(get_error(s, SOL_SOCKET, SO_BSP_STATE, &state, &length),
              WSAEFAULT);
    EXPECT_EQ(length, STATE_SIZE - 1);
    length = sizeof(state);
    EXPECT_EQ(get_error(s, SOL_SOCKET, SO_BSP_STATE, NULL, &length), WSAEFAULT);
    EXPECT_EQ(get_error(s, SOL_SOCKET, SO_BSP_STATE, (void *)16, &length),
              WSAEFAULT);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_BSP_STATE, &state, sizeof(state)),
              WSAENOPROTOOPT);
    close_socket(client);
    close_socket(server);
    close_socket(s);
    close_socket(u);
}

/* --- Linger and timeouts -------------------------------------------------- */

static void linger_is_a_struct(void)
{
    struct linger linger = {1, 7};
    SOCKET s = tcp_socket(), u = udp_socket();
    int length = sizeof(linger);

    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    memset(&linger, 0, sizeof(linger));
    EXPECT_EQ(get_error(s, SOL_SOCKET, SO_LINGER, &linger, &length), 0);
    EXPECT_EQ(linger.l_onoff, 1);
    EXPECT_EQ(linger.l_linger, 7);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_LINGER, &linger, 3), WSAEFAULT);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_LINGER, &linger, 0), WSAEFAULT);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_LINGER, NULL, sizeof(linger)),
              WSAEFAULT);
    length = 3;
    EXPECT_EQ(get_error(s, SOL_SOCKET, SO_LINGER, &linger, &length), WSAEFAULT);
    length = sizeof(linger);
    EXPECT_EQ(get_error(u, SOL_SOCKET, SO_LINGER, &linger, &length),
              WSAENOPROTOOPT);
    EXPECT_EQ(set_error(u, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
              WSAENOPROTOOPT);
    close_socket(s);
    close_socket(u);
}

static void sharing_modes_exclude_each_other(void)
{
    SOCKET s = tcp_socket();
    int on = 1;

    set_int_option(s, SOL_SOCKET, SO_REUSEADDR, 1);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, &on, 4), WSAEINVAL);
    set_int_option(s, SOL_SOCKET, SO_REUSEADDR, 0);
    set_int_option(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_REUSEADDR, &on, 4), WSAEINVAL);
    close_socket(s);
}

static void choices_of_ports_exclude_each_other(void)
{
    SOCKET s = tcp_socket();
    int on = 1;

    set_int_option(s, SOL_SOCKET, 0x3007 /* SO_REUSE_UNICASTPORT */, 1);
    EXPECT_EQ(set_error(s, SOL_SOCKET, 0x3005 /* SO_RANDOMIZE_PORT */, &on, 4),
              WSAEINVAL);
    close_socket(s);
}

/* Once chosen it cannot be given up. */
static void expedited_data_cannot_be_taken_back(void)
{
    SOCKET s = tcp_socket();
    int off = 0, on = 1;

    set_int_option(s, IPPROTO_TCP, TCP_EXPEDITED_1122, 1);
    EXPECT_EQ(get_int_option(s, IPPROTO_TCP, TCP_BSDURGENT), 0);
    EXPECT_EQ(set_error(s, IPPROTO_TCP, TCP_EXPEDITED_1122, &off, 4),
              WSAEINVAL);
    EXPECT_EQ(set_error(s, IPPROTO_TCP, TCP_BSDURGENT, &on, 4), WSAEINVAL);
    close_socket(s);
}

/* TCP_NODELAY also while connecting (demand 10). */
static void nodelay_at_any_time(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();

    set_nonblocking(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    set_int_option(s, IPPROTO_TCP, TCP_NODELAY, 1);
    CHECK(wait_writable(s, 5000));
    EXPECT_EQ(get_int_option(s, IPPROTO_TCP, TCP_NODELAY), 1);
    set_int_option(s, IPPROTO_TCP, TCP_NODELAY, 0);
    close_socket(s);
    close_socket(listener);
}

/* What ICMP said of a connect; nothing has come. */
static void errors_of_a_connect(void)
{
    struct {
        char source[28];
        DWORD protocol;
        UCHAR type, code;
    } info;
    SOCKET s = tcp_socket();
    int length = sizeof(info);

    EXPECT_EQ(get_error(s, IPPROTO_TCP, 19 /* TCP_ICMP_ERROR_INFO */, &info,
                        &length), WSAEINVAL);
    set_int_option(s, IPPROTO_TCP, 18 /* TCP_FAIL_CONNECT_ON_ICMP_ERROR */, 1);
    EXPECT_EQ(get_error(s, IPPROTO_TCP, 19, &info, &length), 0);
    EXPECT_EQ(length, 0);
    length = sizeof(info) - 1;
    EXPECT_EQ(get_error(s, IPPROTO_TCP, 19, &info, &length), WSAEFAULT);
    EXPECT_EQ(set_error(s, IPPROTO_TCP, 19, &info, sizeof(info)),
              WSAENOPROTOOPT);
    close_socket(s);
}

static void accept_and_connect_contexts(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);
    SOCKET server = CHECK_SOCKET(accept(listener, NULL, NULL));
    SOCKET s = tcp_socket(), u = udp_socket(), bad;
    int length = sizeof(s);

    EXPECT_EQ(set_error(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, &listener,
                        sizeof(listener)), 0);
    EXPECT_EQ(set_error(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, &listener,
                        2), WSAEFAULT);
    bad = (SOCKET)0x7fff0000;
    EXPECT_EQ(set_error(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, &bad,
                        sizeof(bad)), WSAENOTSOCK);
    EXPECT_EQ(get_error(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, &bad,
                        &length), WSAENOPROTOOPT);
    EXPECT_EQ(set_error(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0),
              0);
    EXPECT_EQ(set_error(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0),
              WSAENOTCONN);
    EXPECT_EQ(set_error(u, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0),
              WSAENOPROTOOPT);
    close_socket(s);
    close_socket(u);
    close_socket(server);
    close_socket(client);
    close_socket(listener);
}

/* --- IP ------------------------------------------------------------------- */

static void header_options(void)
{
    SOCKET u = udp_socket();
    char bytes[60] = {1, 1, 1, 0}; /* no-operation, end */
    int length = sizeof(bytes);

    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_OPTIONS, bytes, &length), 0);
    EXPECT_EQ(length, 0);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_OPTIONS, bytes, 4), 0);
    length = sizeof(bytes);
    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_OPTIONS, bytes, &length), 0);
    EXPECT_EQ(length, 4);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_OPTIONS, bytes, 41), WSAEFAULT);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_OPTIONS, bytes, 0), 0);
    close_socket(u);
}

static void path_mtu(void)
{
    struct sockaddr_in name;
    SOCKET u = udp_socket(), other = udp_bound(&name);
    DWORD mtu = 0;
    int length = sizeof(mtu), zero = 0;

    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_MTU, &mtu, &length), WSAENOTCONN);
    CHECK_OK(connect(u, (struct sockaddr *)&name, sizeof(name)));
    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_MTU, &mtu, &length), 0);
    EXPECT(mtu >= 576);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_MTU, &mtu, sizeof(mtu)),
              WSAENOPROTOOPT);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_MTU_DISCOVER, &zero, sizeof(zero)),
              WSAEINVAL);
    close_socket(u);
    close_socket(other);
}

/* Demand 8: the options of IPv4 are there for a socket that speaks both. */
static void dual_stack_sockets_have_both(void)
{
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);
    int value = 1, length = sizeof(value);

    if (s == INVALID_SOCKET)
        SKIP("no IPv6 here");
    EXPECT_EQ(get_error(s, IPPROTO_IP, IP_PKTINFO, &value, &length), WSAEINVAL);
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_ECN, &value, sizeof(value)),
              WSAEINVAL);
    set_int_option(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    value = 1;
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_PKTINFO, &value, sizeof(value)), 0);
    EXPECT_EQ(get_int_option(s, IPPROTO_IP, IP_PKTINFO), 1);
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_ECN, &value, sizeof(value)), 0);
    EXPECT_EQ(get_int_option(s, IPPROTO_IPV6, IPV6_PKTINFO), 0);
    close_socket(s);
}

/* Only what comes in by the interfaces of the list is received. */
static void lists_of_interfaces(void)
{
    struct sockaddr_in name;
    SOCKET u = udp_bound(&name), sender = udp_socket();
    DWORD list[4], interface_index = 1, other = 99;
    int length = sizeof(list);

    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_GET_IFLIST, list, &length),
              WSAEINVAL);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_ADD_IFLIST, &other, 4), WSAEINVAL);
    set_int_option(u, IPPROTO_IP, IP_IFLIST, 1);
    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_GET_IFLIST, list, &length), 0);
    EXPECT_EQ(length, 0);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_ADD_IFLIST, &other, 4), 0);
    CHECK_RESULT(sendto(sender, "lost", 4, 0, (struct sockaddr *)&name,
                        sizeof(name)), 4);
    EXPECT(!wait_readable(u, TEST_QUIET_MS));
    /* The loopback interface. */
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_ADD_IFLIST, &interface_index, 4), 0);
    length = sizeof(list);
    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_GET_IFLIST, list, &length), 0);
    EXPECT_EQ(length, 8);
    EXPECT_EQ(list[0] + list[1], 100);
    CHECK_RESULT(sendto(sender, "comes", 5, 0, (struct sockaddr *)&name,
                        sizeof(name)), 5);
    check_receives(u, "comes");
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_DEL_IFLIST, &interface_index, 4), 0);
    EXPECT_EQ(set_error(u, IPPROTO_IP, IP_DEL_IFLIST, &interface_index, 4),
              WSAEINVAL);
    length = 3;
    EXPECT_EQ(get_error(u, IPPROTO_IP, IP_GET_IFLIST, list, &length),
              WSAEFAULT);
    set_int_option(u, IPPROTO_IP, IP_IFLIST, 0);
    CHECK_RESULT(sendto(sender, "again", 5, 0, (struct sockaddr *)&name,
                        sizeof(name)), 5);
    check_receives(u, "again");
    close_socket(u);
    close_socket(sender);
}

static void broadcasts_can_be_blocked(void)
{
    struct sockaddr_in any = loopback(0), broadcast;
    SOCKET u = udp_socket(), sender = udp_socket();

    any.sin_addr.s_addr = INADDR_ANY;
    CHECK_OK(bind(u, (struct sockaddr *)&any, sizeof(any)));
    broadcast = local_name(u);
    broadcast.sin_addr.s_addr = htonl(0x7fffffff);
    EXPECT_ERROR(sendto(sender, "x", 1, 0, (struct sockaddr *)&broadcast,
                        sizeof(broadcast)), WSAEACCES);
    set_int_option(sender, SOL_SOCKET, SO_BROADCAST, 1);
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)&broadcast,
                        sizeof(broadcast)), 1);
    check_receives(u, "x");
    set_int_option(u, IPPROTO_IP, IP_RECEIVE_BROADCAST, 0);
    CHECK_RESULT(sendto(sender, "y", 1, 0, (struct sockaddr *)&broadcast,
                        sizeof(broadcast)), 1);
    EXPECT(!wait_readable(u, TEST_QUIET_MS));
    broadcast.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_RESULT(sendto(sender, "z", 1, 0, (struct sockaddr *)&broadcast,
                        sizeof(broadcast)), 1);
    check_receives(u, "z");
    set_int_option(u, IPPROTO_IP, IP_RECEIVE_BROADCAST, 1);
    EXPECT_EQ(get_int_option(u, IPPROTO_IP, IP_RECEIVE_BROADCAST), 1);
    close_socket(u);
    close_socket(sender);
}

/* A large buffer leaves as datagrams of this size. */
static void sends_are_cut_into_messages(void)
{
    struct sockaddr_in name;
    SOCKET u = udp_bound(&name), sender = udp_socket();
    char data[250] = "", received[300];

    set_int_option(sender, IPPROTO_UDP, 2 /* UDP_SEND_MSG_SIZE */, 100);
    CHECK_RESULT(sendto(sender, data, sizeof(data), 0, (struct sockaddr *)&name,
                        sizeof(name)), sizeof(data));
    CHECK(wait_readable(u, 5000));
    EXPECT_EQ(recv(u, received, sizeof(received), 0), 100);
    EXPECT_EQ(recv(u, received, sizeof(received), 0), 100);
    EXPECT_EQ(recv(u, received, sizeof(received), 0), 50);
    close_socket(u);
    close_socket(sender);
}

/* --- Multicast ------------------------------------------------------------ */

/* A socket for the group's datagrams on the loopback interface. */
static SOCKET member(struct sockaddr_in *ret_group)
{
    SOCKET s = udp_socket();
    struct sockaddr_in any = loopback(0);

    any.sin_addr.s_addr = INADDR_ANY;
    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    *ret_group = local_name(s);
    ret_group->sin_addr.s_addr = htonl(GROUP);
    return s;
}

/* Sends from 127.0.0.1 by the loopback interface. */
static SOCKET multicaster(void)
{
    SOCKET s = udp_bound(NULL);
    DWORD address = htonl(INADDR_LOOPBACK);

    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, (char *)&address,
                        sizeof(address)));
    return s;
}

static void send_to_group(SOCKET s, const struct sockaddr_in *group)
{
    CHECK_RESULT(sendto(s, "m", 1, 0, (const struct sockaddr *)group,
                        sizeof(*group)), 1);
}

static void groups_are_joined_and_left(void)
{
    struct sockaddr_in group;
    SOCKET s = member(&group), sender = multicaster(), tcp = tcp_socket();
    struct ip_mreq request;

    request.imr_multiaddr.s_addr = group.sin_addr.s_addr;
    request.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                        sizeof(request) - 1), WSAEFAULT);
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, NULL,
                        sizeof(request)), WSAEFAULT);
    EXPECT_EQ(set_error(tcp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                        sizeof(request)), WSAEINVAL);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&request,
                        sizeof(request)));
    send_to_group(sender, &group);
    check_receives(s, "m");
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&request,
                        sizeof(request)));
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, &request,
                        sizeof(request)), WSAEINVAL);
    request.imr_multiaddr.s_addr = htonl(INADDR_LOOPBACK); /* no group */
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                        sizeof(request)), WSAEINVAL);
    /* An interface by its index. */
    request.imr_multiaddr.s_addr = group.sin_addr.s_addr;
    request.imr_interface.s_addr = htonl(1);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&request,
                        sizeof(request)));
    send_to_group(sender, &group);
    check_receives(s, "m");
    close_socket(s);
    close_socket(sender);
    close_socket(tcp);
}

static void loopback_of_multicasts(void)
{
    struct sockaddr_in group;
    SOCKET s = member(&group), sender = multicaster();
    struct ip_mreq request;

    request.imr_multiaddr.s_addr = group.sin_addr.s_addr;
    request.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&request,
                        sizeof(request)));
    set_int_option(sender, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
    send_to_group(sender, &group);
    check_receives(s, "m");
    close_socket(s);
    close_socket(sender);
}

/* One sender of a group can be blocked, or one alone be listened to. */
static void sources_are_filtered(void)
{
    struct sockaddr_in group;
    SOCKET s = member(&group), sender = multicaster();
    struct ip_mreq any;
    struct ip_mreq_source source;

    any.imr_multiaddr.s_addr = group.sin_addr.s_addr;
    any.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    source.imr_multiaddr.s_addr = group.sin_addr.s_addr;
    source.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    source.imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&any,
                        sizeof(any)));
    EXPECT_EQ(set_error(s, IPPROTO_IP, IP_BLOCK_SOURCE, &source,
                        sizeof(source) - 1), WSAEFAULT);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_BLOCK_SOURCE, (char *)&source,
                        sizeof(source)));
    send_to_group(sender, &group);
    EXPECT(!wait_readable(s, TEST_QUIET_MS));
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_UNBLOCK_SOURCE, (char *)&source,
                        sizeof(source)));
    send_to_group(sender, &group);
    check_receives(s, "m");
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&any,
                        sizeof(any)));

    source.imr_sourceaddr.s_addr = htonl(0x7f000009);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP,
                        (char *)&source, sizeof(source)));
    send_to_group(sender, &group);
    EXPECT(!wait_readable(s, TEST_QUIET_MS));
    source.imr_sourceaddr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP,
                        (char *)&source, sizeof(source)));
    send_to_group(sender, &group);
    check_receives(s, "m");
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP,
                        (char *)&source, sizeof(source)));
    close_socket(s);
    close_socket(sender);
}

/* GROUP_REQ and GROUP_SOURCE_REQ. */
struct group_request {
    ULONG interface_index;
    ULONG padding;
    struct sockaddr_storage group;
    struct sockaddr_storage source;
};

static void groups_by_interface(void)
{
    const int one = offsetof(struct group_request, source);
    struct group_request request;
    struct sockaddr_in group;
    SOCKET s = member(&group), sender = multicaster();
    struct sockaddr_in *source = (struct sockaddr_in *)&request.source;

    memset(&request, 0, sizeof(request));
    request.interface_index = 1;
    memcpy(&request.group, &group, sizeof(group));
    source->sin_family = AF_INET;
    source->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(set_error(s, IPPROTO_IP, JOIN_GROUP, &request, one - 1),
              WSAEFAULT);
    CHECK_OK(setsockopt(s, IPPROTO_IP, JOIN_GROUP, (char *)&request, one));
    send_to_group(sender, &group);
    check_receives(s, "m");
    CHECK_OK(setsockopt(s, IPPROTO_IP, BLOCK_SOURCE, (char *)&request,
                        sizeof(request)));
    send_to_group(sender, &group);
    EXPECT(!wait_readable(s, TEST_QUIET_MS));
    CHECK_OK(setsockopt(s, IPPROTO_IP, UNBLOCK_SOURCE, (char *)&request,
                        sizeof(request)));
    CHECK_OK(setsockopt(s, IPPROTO_IP, LEAVE_GROUP, (char *)&request, one));
    CHECK_OK(setsockopt(s, IPPROTO_IP, JOIN_SOURCE_GROUP, (char *)&request,
                        sizeof(request)));
    send_to_group(sender, &group);
    check_receives(s, "m");
    CHECK_OK(setsockopt(s, IPPROTO_IP, LEAVE_SOURCE_GROUP, (char *)&request,
                        sizeof(request)));
    request.group.ss_family = 99;
    EXPECT_EQ(set_error(s, IPPROTO_IP, JOIN_GROUP, &request, one), WSAEINVAL);
    close_socket(s);
    close_socket(sender);
}

static void groups_of_ipv6(void)
{
    struct ipv6_mreq request;
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0);
    int error;

    if (s == INVALID_SOCKET)
        SKIP("no IPv6 here");
    memset(&request, 0, sizeof(request));
    request.ipv6mr_multiaddr.u.Byte[0] = 0xff;
    request.ipv6mr_multiaddr.u.Byte[1] = 0x01; /* of this machine */
    request.ipv6mr_multiaddr.u.Byte[15] = 0x77;
    request.ipv6mr_interface = 1;
    EXPECT_EQ(set_error(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request,
                        sizeof(request) - 1), WSAEFAULT);
    error = set_error(s, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request,
                      sizeof(request));
    if (error) {
        close_socket(s);
        SKIP("no IPv6 multicast here");
    }
    CHECK_OK(setsockopt(s, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, (char *)&request,
                        sizeof(request)));
    EXPECT_EQ(set_error(s, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &request,
                        sizeof(request)), WSAEINVAL);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(bsp_state, "03 13: SO_BSP_STATE"),
    TEST_CASE(linger_is_a_struct, "03 13: SO_LINGER"),
    TEST_CASE(sharing_modes_exclude_each_other, "03 3.1: EINVAL; demand 18"),
    TEST_CASE(choices_of_ports_exclude_each_other, "SO_RANDOMIZE_PORT"),
    TEST_CASE(expedited_data_cannot_be_taken_back, "TCP_EXPEDITED_1122"),
    TEST_CASE(nodelay_at_any_time, "03 13: TCP_NODELAY; demand 10"),
    TEST_CASE(errors_of_a_connect, "TCP_ICMP_ERROR_INFO"),
    TEST_CASE(accept_and_connect_contexts, "03 13: SO_UPDATE_*_CONTEXT"),
    TEST_CASE(header_options, "03 13: IP_OPTIONS"),
    TEST_CASE(path_mtu, "03 13: IP_MTU, IP_MTU_DISCOVER"),
    TEST_CASE(dual_stack_sockets_have_both, "demand 8"),
    TEST_CASE(lists_of_interfaces, "IP_IFLIST and kin"),
    TEST_CASE(broadcasts_can_be_blocked, "IP_RECEIVE_BROADCAST"),
    TEST_CASE(sends_are_cut_into_messages, "UDP_SEND_MSG_SIZE"),
    TEST_CASE(groups_are_joined_and_left, "03 13: IP_ADD_MEMBERSHIP"),
    TEST_CASE(loopback_of_multicasts, "03 13: IP_MULTICAST_LOOP"),
    TEST_CASE(sources_are_filtered, "IP_BLOCK_SOURCE and kin"),
    TEST_CASE(groups_by_interface, "MCAST_JOIN_GROUP and kin"),
    TEST_CASE(groups_of_ipv6, "03 13: IPV6_ADD_MEMBERSHIP"),
    TEST_END
};
TEST_MAIN("option_structs", cases, NULL)
