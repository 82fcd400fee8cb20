/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server dies: data goes on flowing, and the first call that needs the
 * server starts a new one and shows it what there is.  Nothing is lost.
 * Native only, because it is the processes that are tested.
 */
#include "support/paths.h"
#include "support/places.h"
#include "support/remote.h"
#include "support/server.h"
#include "support/sockets.h"
#include "support/stranger.h"

static void data_flows_on(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    server_kill();
    check_passes(client, server, "without a server");
    check_passes(server, client, "and back");
    close_socket(client);
    check_end(server);
    close_socket(server);
}

static void state_survives(void)
{
    SOCKET client, server;
    char byte;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 1234);
    set_int_option(server, SOL_SOCKET, SO_RCVBUF, 5678);
    set_int_option(server, IPPROTO_IP, IP_TOS, 12);
    set_int_option(server, SOL_SOCKET, SO_RANDOMIZE_PORT, 1);
    set_nonblocking(server, 1);
    CHECK_OK(shutdown(server, SD_SEND));
    server_kill();
    set_int_option(client, SOL_SOCKET, SO_SNDTIMEO, 1); /* a new server */
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_RCVTIMEO), 1234);
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_RCVBUF), 5678);
    CHECK_EQ(get_int_option(server, IPPROTO_IP, IP_TOS), 12);
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_RANDOMIZE_PORT), 1);
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_ERROR(send(server, "x", 1, 0), WSAESHUTDOWN);
    close_socket(client);
    close_socket(server);
}

static void new_sockets_are_made(void)
{
    SOCKET client, server, s[64];
    int i;

    server_kill();
    for (i = 0; i < 64; i++) /* more than what was granted before */
        s[i] = i % 2 ? udp_socket() : tcp_socket();
    tcp_pair(&client, &server);
    check_passes(client, server, "new ones");
    close_socket(client);
    close_socket(server);
    for (i = 0; i < 64; i++)
        close_socket(s[i]);
}

static void registrations_are_made_again(void)
{
    WSANETWORKEVENTS events;
    WSAEVENT event = WSACreateEvent();
    SOCKET client, server;

    CHECK(event != NULL);
    tcp_pair(&client, &server);
    CHECK_OK(WSAEventSelect(server, event, FD_READ));
    server_kill();
    set_int_option(client, SOL_SOCKET, SO_SNDTIMEO, 1); /* a new server */
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, test_timeout(5000),
                                      FALSE),
             WSA_WAIT_EVENT_0);
    CHECK_OK(WSAEnumNetworkEvents(server, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_READ);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(event));
}

static void holders_find_each_other_again(void)
{
    int length = sizeof(int), value = 0;
    struct peer *b = remote_start();
    SOCKET client, server, there;

    tcp_pair(&client, &server);
    there = remote_take(b, server);
    server_kill();
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 77);
    /* B's first call shows its descriptor: it is the same socket. */
    CHECK_OK(remote_get_option(b, there, SOL_SOCKET, SO_ERROR, &value,
                               &length));
    CHECK_OK(remote_shutdown(b, there, SD_SEND));
    length = sizeof(int);
    CHECK_OK(remote_get_option(b, there, SOL_SOCKET, SO_RCVTIMEO, &value,
                               &length));
    CHECK_EQ(value, 77);
    CHECK_ERROR(send(server, "x", 1, 0), WSAESHUTDOWN);
    close_socket(server);
    CHECK_OK(remote_close(b, there));
    check_end(client);
    close_socket(client);
    remote_end(b);
}

static void duplicates_can_be_made_again(void)
{
    SOCKET client, server, copy;

    tcp_pair(&client, &server);
    server_kill();
    copy = duplicate_here(server);
    close_socket(server);
    check_passes(client, copy, "through the copy");
    close_socket(copy);
    check_end(client);
    close_socket(client);
}

static void addresses_are_known_again(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    SOCKET first = tcp_socket(), second = tcp_socket(), third = tcp_socket();

    CHECK_OK(bind_to(first, &any));
    CHECK_OK(listen(first, 5));
    server_kill();
    set_sharing(third, SHARING_REUSE);
    CHECK_ERROR(bind_to(third, &any), WSAEACCES); /* a new server */
    CHECK_OK(bind_to(second, &one));
    CHECK_OK(listen(second, 5));
    close_socket(third);
    close_socket(second);
    close_socket(first);
    place_leave(&place);
}

static int CALLBACK defer(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos,
                          LPQOS gqos, LPWSABUF callee_id, LPWSABUF callee_data,
                          GROUP *g, DWORD_PTR context)
{
    (void)caller_id, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee_id, (void)callee_data, (void)g, (void)context;
    return CF_DEFER;
}

/* A deferred connection is one that waits, for the event as well. */
/* With the token that the program has, and held against strangers. */
static void reserved_ports_are_known_again(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = loopback(place.port), any = loopback(0);
    const u_short range[2] = {htons((u_short)place.port), 1};
    SOCKET owner = tcp_socket(), before = tcp_socket(), s = tcp_socket();
    struct {
        u_short range[4];
        ULONGLONG token;
    } instance;
    DWORD size;

    CHECK_OK(WSAIoctl(owner, 0x98000064, (void *)range, sizeof(range),
                      &instance, sizeof(instance), &size, NULL, NULL));
    CHECK_OK(WSAIoctl(before, 0x98000066, &instance.token, 8, NULL, 0, &size,
                      NULL, NULL));
    server_kill();
    CHECK_ERROR(bind_to(s, &name), WSAEACCES); /* a new server */
    CHECK_EQ(stranger_listen(place.port, 0), -1);
    CHECK_OK(WSAIoctl(s, 0x98000066, &instance.token, 8, NULL, 0, &size, NULL,
                      NULL));
    CHECK_OK(bind_to(before, &any));
    CHECK_EQ(local_name(before).sin_port, name.sin_port);
    CHECK_ERROR(bind_to(s, &any), WSAENOBUFS);
    close_socket(before);
    CHECK_OK(bind_to(s, &any));
    close_socket(s);
    close_socket(owner);
    place_leave(&place);
}

static void deferred_connections_are_known_again(void)
{
    WSANETWORKEVENTS events;
    WSAEVENT event = event_create();
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);
    SOCKET server;

    CHECK_ERROR(WSAAccept(listener, NULL, NULL, defer, 0), WSATRY_AGAIN);
    server_kill();
    CHECK_OK(WSAEventSelect(listener, event, FD_ACCEPT)); /* a new server */
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(listener, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_ACCEPT);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, server, "at last");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    CHECK(WSACloseEvent(event));
}

/* A socket with one address that is a member of a group goes by its own
   address, not by that of the kernel's socket. */
static void members_keep_their_address(void)
{
    struct ip_mreq request = {{.s_addr = htonl(0xefff0777)},
                              {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in name = loopback(0), other;
    SOCKET s = udp_socket(), same = udp_socket(), elsewhere = udp_socket();
    SOCKET sender = udp_bound(NULL);

    name.sin_addr.s_addr = htonl(0x7f000002);
    CHECK_OK(bind_to(s, &name));
    CHECK_OK(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP,
                        (const char *)&request, sizeof(request)));
    name = local_name(s);
    other = loopback(ntohs(name.sin_port));
    server_kill();
    CHECK_ERROR(bind_to(same, &name), WSAEADDRINUSE); /* a new server */
    CHECK_OK(bind_to(elsewhere, &other));
    CHECK_EQ(local_name(s).sin_addr.s_addr, htonl(0x7f000002));
    CHECK_RESULT(sendto(sender, "s", 1, 0, (struct sockaddr *)&name,
                        sizeof(name)), 1);
    check_receives(s, "s");
    CHECK_RESULT(sendto(sender, "o", 1, 0, (struct sockaddr *)&other,
                        sizeof(other)), 1);
    check_receives(elsewhere, "o");
    close_socket(s);
    close_socket(same);
    close_socket(elsewhere);
    close_socket(sender);
}

static void paths_are_known_again(void)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("survivor", &name), client = unix_socket();
    SOCKET server, copy;

    CHECK_OK(unix_connect(client, &name));
    server_kill();
    copy = duplicate_here(client); /* a new server */
    path_check_local(copy, "");
    path_check_peer(copy, name.sun_path);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    path_check_local(server, name.sun_path);
    check_passes(copy, server, "still there");
    close_socket(client);
    close_socket(copy);
    close_socket(server);
    close_socket(listener);
    path_forget("survivor");
}

static const struct test_case cases[] = {
    TEST_CASE(data_flows_on, "the data path does not pass through the server"),
    TEST_CASE(state_survives, "the last published state is shown"),
    TEST_CASE(new_sockets_are_made, "slots of a new server"),
    TEST_CASE(registrations_are_made_again, "registrations are re-issued"),
    TEST_CASE(holders_find_each_other_again, "one socket by its cookie"),
    TEST_CASE(duplicates_can_be_made_again, "tokens of a new server"),
    TEST_CASE(addresses_are_known_again, "03 3.1, with a new server"),
    TEST_CASE(reserved_ports_are_known_again,
              "SIO_ACQUIRE_PORT_RESERVATION, with a new server"),
    TEST_CASE(deferred_connections_are_known_again, "03 6, CF_DEFER"),
    TEST_CASE(members_keep_their_address, "03 14, IP_ADD_MEMBERSHIP"),
    TEST_CASE(paths_are_known_again, "03 14, with a new server"),
    TEST_END
};
TEST_MAIN("server_death", cases, NULL)
