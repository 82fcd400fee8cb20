/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What options do, beyond being read back: ports that are chosen late, TCP Fast
 * Open, the size of packets, the interface of multicasts.
 * Sources: Microsoft's pages of the SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP and
 * IPPROTO_IPV6 options.
 */
#include "support/extensions.h"
#include "support/remote.h"

#include <ws2ipdef.h>

enum {
    REUSE_UNICASTPORT = 0x3007, PORT_SCALABILITY = 0x3006, FASTOPEN = 15,
    NOSYNRETRIES = 9, USER_MTU = 76, BSP_STATE = 0x1009,
    UPDATE_CONNECT_CONTEXT = 0x7010,
};

/* --- SO_REUSE_UNICASTPORT: "defer ephemeral port allocation" -------------- */

static SOCKET deferred(unsigned address)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = tcp_socket();

    name.sin_addr.s_addr = htonl(address);
    set_int_option(s, SOL_SOCKET, REUSE_UNICASTPORT, 1);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    return s;
}

/* ConnectEx and its end. */
static void connect_ex(SOCKET s, const struct sockaddr_in *name,
                       const char *data)
{
    static const GUID id = WSAID_CONNECTEX;
    LPFN_CONNECTEX ConnectEx = (LPFN_CONNECTEX)extension_of(s, &id);
    OVERLAPPED overlapped;
    DWORD sent = 99;

    overlapped_init(&overlapped);
    CHECK_PENDS(ConnectEx(s, (const struct sockaddr *)name, sizeof(*name),
                          (void *)data, (DWORD)strlen(data), &sent,
                          &overlapped));
    CHECK_EQ(overlapped_bytes(s, &overlapped), strlen(data));
    overlapped_free(&overlapped);
    CHECK_OK(setsockopt(s, SOL_SOCKET, UPDATE_CONNECT_CONTEXT, NULL, 0));
}

static void a_port_is_chosen_at_the_connect(void)
{
    static const unsigned addresses[] = {INADDR_LOOPBACK, INADDR_ANY};
    struct sockaddr_in name, own;
    SOCKET listener = tcp_listener(&name), s, server;
    int i;

    for (i = 0; i < 2; i++) {
        s = deferred(addresses[i]);
        own = local_name(s); /* it is bound */
        CHECK_EQ(own.sin_port, 0);
        CHECK_EQ(own.sin_addr.s_addr, htonl(addresses[i]));
        connect_ex(s, &name, "hello");
        own = local_name(s);
        CHECK(own.sin_port != 0);
        CHECK_EQ(own.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        check_receives(server, "hello");
        check_passes(server, s, "and back");
        close_socket(s);
        close_socket(server);

        s = deferred(addresses[i]);
        CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
        CHECK(local_name(s).sin_port != 0);
        close_socket(CHECK_SOCKET(accept(listener, NULL, NULL)));
        close_socket(s);
    }
    close_socket(listener);
}

static void until_then_it_is_bound(void)
{
    struct sockaddr_in any = loopback(0), name;
    int on = 1;
    SOCKET s = deferred(INADDR_ANY), client;

    CHECK_ERROR(bind(s, (struct sockaddr *)&any, sizeof(any)), WSAEINVAL);
    CHECK_ERROR(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&on,
                           sizeof(on)), WSAEINVAL);
    CHECK_OK(listen(s, 5));
    name = local_name(s);
    CHECK(name.sin_port != 0);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client = tcp_connect(&name);
    close_socket(CHECK_SOCKET(accept(s, NULL, NULL)));
    close_socket(client);
    /* Others know of the port. */
    client = tcp_socket();
    name.sin_addr.s_addr = htonl(INADDR_ANY);
    CHECK_ERROR(bind(client, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRINUSE);
    close_socket(client);
    close_socket(s);
}

static void other_descriptors_know_it(void)
{
    struct peer *peer = remote_start();
    struct sockaddr_in any = loopback(0), name;
    SOCKET s = deferred(INADDR_ANY), there = remote_take(peer, s);

    CHECK_OK(remote_local_name(peer, there, &name));
    CHECK_EQ(name.sin_port, 0);
    CHECK_ERROR(remote_bind(peer, there, &any), WSAEINVAL);
    CHECK_OK(remote_listen(peer, there, 5));
    CHECK(local_name(s).sin_port != 0);
    CHECK_OK(remote_close(peer, there));
    remote_end(peer);
    close_socket(s);
}

/* What the program chooses, and what is no stream, has its port at once. */
static void other_binds_have_their_port(void)
{
    struct sockaddr_in any = loopback(0), name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), u = udp_socket();

    close_socket(listener);
    set_int_option(s, SOL_SOCKET, REUSE_UNICASTPORT, 1);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_EQ(local_name(s).sin_port, name.sin_port);
    close_socket(s);
    s = tcp_socket();
    set_int_option(s, SOL_SOCKET, PORT_SCALABILITY, 1);
    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    CHECK(local_name(s).sin_port != 0);
    close_socket(s);
    set_int_option(u, SOL_SOCKET, REUSE_UNICASTPORT, 1);
    CHECK_OK(bind(u, (struct sockaddr *)&any, sizeof(any)));
    CHECK(local_name(u).sin_port != 0);
    close_socket(u);
}

/* --- TCP_FASTOPEN --------------------------------------------------------- */

/* Whatever the system allows: the connection is made and the data arrives. */
static void fast_open_loses_nothing(void)
{
    struct sockaddr_in name, any = loopback(0);
    SOCKET listener = tcp_listener(&name), s, server;
    char data[3000], received[3000];
    int i;

    memset(data, 'x', sizeof(data) - 1);
    data[sizeof(data) - 1] = 0;
    set_int_option(listener, IPPROTO_TCP, FASTOPEN, 1);
    for (i = 0; i < 4; i++) {
        s = tcp_socket();
        set_int_option(s, IPPROTO_TCP, FASTOPEN, 1);
        CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
        connect_ex(s, &name, i % 2 ? data : "first");
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        memset(received, 0, sizeof(received));
        receive_all(server, received, i % 2 ? (int)sizeof(data) - 1 : 5);
        CHECK(strcmp(received, i % 2 ? data : "first") == 0);
        check_passes(s, server, "second");
        check_passes(server, s, "third");
        /* On a connection it does nothing. */
        set_int_option(s, IPPROTO_TCP, FASTOPEN, 0);
        CHECK_EQ(get_int_option(s, IPPROTO_TCP, FASTOPEN), 0);
        close_socket(s);
        close_socket(server);
    }
    close_socket(listener);
}

static void a_fast_open_may_be_refused(void)
{
    static const GUID id = WSAID_CONNECTEX;
    struct sockaddr_in name, any = loopback(0);
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    LPFN_CONNECTEX ConnectEx = (LPFN_CONNECTEX)extension_of(s, &id);
    OVERLAPPED overlapped;
    DWORD sent;

    close_socket(listener);
    set_int_option(s, IPPROTO_TCP, FASTOPEN, 1);
    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    overlapped_init(&overlapped);
    CHECK_PENDS(ConnectEx(s, (struct sockaddr *)&name, sizeof(name),
                          (void *)"x", 1, &sent, &overlapped));
    check_overlapped_fails(s, &overlapped, WSAECONNREFUSED);
    overlapped_free(&overlapped);
    close_socket(s);
}

/* --- The size of packets -------------------------------------------------- */

static SOCKET listener_of(int family, struct sockaddr_storage *ret_name,
                          int *ret_length)
{
    SOCKET s = socket(family, SOCK_STREAM, 0);

    if (s == INVALID_SOCKET)
        return s;
    memset(ret_name, 0, sizeof(*ret_name));
    *ret_length = family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                     : (int)sizeof(struct sockaddr_in);
    ret_name->ss_family = (ADDRESS_FAMILY)family;
    if (family == AF_INET6)
        ((struct sockaddr_in6 *)ret_name)->sin6_addr.s6_addr[15] = 1;
    else
        ((struct sockaddr_in *)ret_name)->sin_addr.s_addr =
            htonl(INADDR_LOOPBACK);
    CHECK_OK(bind(s, (struct sockaddr *)ret_name, *ret_length));
    CHECK_OK(getsockname(s, (struct sockaddr *)ret_name, ret_length));
    CHECK_OK(listen(s, 5));
    return s;
}

/* "an upper bound on the IP layer MTU (in bytes) for the given socket" */
static void user_mtu_limits_segments(void)
{
    static const int families[] = {AF_INET, AF_INET6};
    static const int levels[] = {IPPROTO_IP, IPPROTO_IPV6};
    static const int headers[] = {40, 60};
    struct sockaddr_storage name;
    int i, length, size;
    SOCKET listener, s;

    for (i = 0; i < 2; i++) {
        listener = listener_of(families[i], &name, &length);
        if (listener == INVALID_SOCKET)
            continue; /* no IPv6 here */
        s = socket(families[i], SOCK_STREAM, 0);
        CHECK_EQ(get_int_option(s, levels[i], USER_MTU), -1);
        set_int_option(s, levels[i], USER_MTU, 1400);
        CHECK_OK(connect(s, (struct sockaddr *)&name, length));
        size = get_int_option(s, IPPROTO_TCP, TCP_MAXSEG);
        EXPECT(size > 1000 && size <= 1400 - headers[i]);
        close_socket(s);

        s = socket(families[i], SOCK_STREAM, 0);
        set_int_option(s, levels[i], USER_MTU, 1400);
        set_int_option(s, levels[i], USER_MTU, -1); /* none, again */
        CHECK_OK(connect(s, (struct sockaddr *)&name, length));
        EXPECT(get_int_option(s, IPPROTO_TCP, TCP_MAXSEG) > 1400);
        close_socket(s);
        close_socket(listener);
    }
}

/* "outbound packets larger than this will be fragmented, or will fail to send,
   depending on the value of IPV6_DONTFRAG" */
static void user_mtu_cuts_datagrams(void)
{
    static char data[4000];
    struct sockaddr_in6 name;
    int length = sizeof(name);
    SOCKET s = socket(AF_INET6, SOCK_DGRAM, 0), to;

    if (s == INVALID_SOCKET)
        return; /* no IPv6 here */
    to = socket(AF_INET6, SOCK_DGRAM, 0);
    memset(&name, 0, sizeof(name));
    name.sin6_family = AF_INET6;
    name.sin6_addr.s6_addr[15] = 1;
    CHECK_OK(bind(to, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(getsockname(to, (struct sockaddr *)&name, &length));
    set_int_option(s, IPPROTO_IPV6, USER_MTU, 1400);
    CHECK_RESULT(sendto(s, data, sizeof(data), 0, (struct sockaddr *)&name,
                        sizeof(name)), sizeof(data));
    CHECK_RESULT(recv(to, data, sizeof(data), 0), sizeof(data));
    set_int_option(s, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
    CHECK_ERROR(sendto(s, data, sizeof(data), 0, (struct sockaddr *)&name,
                       sizeof(name)), WSAEMSGSIZE);
    CHECK_RESULT(sendto(s, data, 1300, 0, (struct sockaddr *)&name,
                        sizeof(name)), 1300);
    set_int_option(s, IPPROTO_IPV6, USER_MTU, -1);
    CHECK_RESULT(sendto(s, data, sizeof(data), 0, (struct sockaddr *)&name,
                        sizeof(name)), sizeof(data));
    close_socket(s);
    close_socket(to);
}

/* --- IP_MULTICAST_IF: an address, or an index as 0.x.y.z ------------------ */

static void the_interface_of_multicasts(void)
{
    const int index = (int)htonl(1), address = (int)htonl(INADDR_LOOPBACK);
    SOCKET s = udp_socket();
    int none = (int)htonl(0x00fffff0);

    set_int_option(s, IPPROTO_IP, IP_MULTICAST_IF, index);
    EXPECT_EQ(get_int_option(s, IPPROTO_IP, IP_MULTICAST_IF), index);
    EXPECT_ERROR(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, (char *)&none,
                            sizeof(none)), WSAEADDRNOTAVAIL);
    EXPECT_EQ(get_int_option(s, IPPROTO_IP, IP_MULTICAST_IF), index);
    set_int_option(s, IPPROTO_IP, IP_MULTICAST_IF, address);
    EXPECT_EQ(get_int_option(s, IPPROTO_IP, IP_MULTICAST_IF), address);
    set_int_option(s, IPPROTO_IP, IP_MULTICAST_IF, 0);
    EXPECT_EQ(get_int_option(s, IPPROTO_IP, IP_MULTICAST_IF), 0);
    close_socket(s);
}

/* Also of a socket that is bound to one address, and has got to hear a
   group. */
static void it_stays_when_joining(void)
{
    const int index = (int)htonl(1);
    struct sockaddr_in group = loopback(0), own;
    SOCKET s = udp_bound(&own);
    struct ip_mreq request;

    group.sin_addr.s_addr = request.imr_multiaddr.s_addr = htonl(0xe8f80001);
    group.sin_port = own.sin_port;
    request.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    set_int_option(s, IPPROTO_IP, IP_MULTICAST_IF, index);
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&request,
                        sizeof(request)));
    EXPECT_EQ(get_int_option(s, IPPROTO_IP, IP_MULTICAST_IF), index);
    CHECK_RESULT(sendto(s, "m", 1, 0, (struct sockaddr *)&group,
                        sizeof(group)), 1);
    check_receives(s, "m");
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(a_port_is_chosen_at_the_connect, "SO_REUSE_UNICASTPORT"),
    TEST_CASE(until_then_it_is_bound, "SO_REUSE_UNICASTPORT"),
    TEST_CASE(other_descriptors_know_it, "SO_REUSE_UNICASTPORT, shared"),
    TEST_CASE(other_binds_have_their_port,
              "SO_REUSE_UNICASTPORT, SO_PORT_SCALABILITY"),
    TEST_CASE(fast_open_loses_nothing, "TCP_FASTOPEN"),
    TEST_CASE(a_fast_open_may_be_refused, "TCP_FASTOPEN"),
    TEST_CASE(user_mtu_limits_segments, "IP_USER_MTU, IPV6_USER_MTU"),
    TEST_CASE(user_mtu_cuts_datagrams, "IPV6_USER_MTU"),
    TEST_CASE(the_interface_of_multicasts, "IP_MULTICAST_IF"),
    TEST_CASE(it_stays_when_joining, "IP_MULTICAST_IF"),
    TEST_END
};

TEST_MAIN("option_effects", cases, NULL)
