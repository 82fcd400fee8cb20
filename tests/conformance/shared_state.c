/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the descriptors of one socket share: options, blocking mode, names,
 * connection, data, shutdown, registration; and what closing one of them does.
 *
 * Specification 01, sections 4 to 6.  In most cases s is ours and in_b is the
 * descriptor of a second process.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <stdlib.h>

/* --- Options -------------------------------------------------------------- */

struct option_case {
    const char *name;
    int type; /* of the socket */
    int level, option;
    int first, second; /* set here, set there */
};

static const struct option_case options[] = {
    { "SO_KEEPALIVE", SOCK_STREAM, SOL_SOCKET, SO_KEEPALIVE, 1, 0 },
    { "SO_OOBINLINE", SOCK_STREAM, SOL_SOCKET, SO_OOBINLINE, 1, 0 },
    { "SO_RCVTIMEO", SOCK_STREAM, SOL_SOCKET, SO_RCVTIMEO, 2500, 700 },
    { "SO_SNDTIMEO", SOCK_STREAM, SOL_SOCKET, SO_SNDTIMEO, 1500, 800 },
    { "SO_RCVBUF", SOCK_STREAM, SOL_SOCKET, SO_RCVBUF, 16384, 32768 },
    { "SO_SNDBUF", SOCK_STREAM, SOL_SOCKET, SO_SNDBUF, 16384, 32768 },
    { "SO_REUSEADDR", SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, 1, 0 },
    { "SO_EXCLUSIVEADDRUSE", SOCK_STREAM, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1,
      0 },
    { "TCP_NODELAY", SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY, 1, 0 },
    { "IP_TTL", SOCK_STREAM, IPPROTO_IP, IP_TTL, 77, 33 },
    { "SO_BROADCAST", SOCK_DGRAM, SOL_SOCKET, SO_BROADCAST, 1, 0 },
    { "SO_RCVTIMEO of UDP", SOCK_DGRAM, SOL_SOCKET, SO_RCVTIMEO, 2500, 0 },
    { "IP_MULTICAST_TTL", SOCK_DGRAM, IPPROTO_IP, IP_MULTICAST_TTL, 7, 3 },
    { "IP_MULTICAST_LOOP", SOCK_DGRAM, IPPROTO_IP, IP_MULTICAST_LOOP, 0, 1 },
};

/* Some options come back as one byte, others as four. */
static void check_value(const struct option_case *option, const char *where,
                        const int *value, int expected)
{
    EXPECT_THAT(*value == expected, "%s read %s is %d, not %d", option->name,
                where, *value, expected);
}

static void check_option(struct peer *b, const struct option_case *option)
{
    int value, length = sizeof(value);
    SOCKET s = CHECK_SOCKET(socket(AF_INET, option->type, 0));
    SOCKET in_b = remote_take(b, s), here = duplicate_here(s);

    set_int_option(s, option->level, option->option, option->first);
    value = 0;
    CHECK_OK(remote_get_option(b, in_b, option->level, option->option, &value,
                               &length));
    check_value(option, "there", &value, option->first);
    value = get_int_option(here, option->level, option->option);
    check_value(option, "in the process", &value, option->first);

    value = option->second;
    CHECK_OK(remote_set_option(b, in_b, option->level, option->option, &value,
                               sizeof(value)));
    value = get_int_option(s, option->level, option->option);
    check_value(option, "here", &value, option->second);

    CHECK_OK(remote_close(b, in_b));
    close_socket(here);
    value = get_int_option(s, option->level, option->option);
    check_value(option, "after the closes", &value, option->second);
    close_socket(s);
}

static void options_are_shared(void)
{
    struct peer *b = remote_start();
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        check_option(b, &options[i]);
    remote_end(b);
}

static void linger_is_shared(void)
{
    struct linger linger = { 1, 9 }, found = { 0, 0 };
    int length = sizeof(found), off = 1;
    struct peer *b = remote_start();
    SOCKET s = tcp_socket(), in_b = remote_take(b, s);
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger,
                        sizeof(linger)));
    CHECK_OK(remote_get_option(b, in_b, SOL_SOCKET, SO_LINGER, &found,
                               &length));
    CHECK_EQ(found.l_onoff, 1);
    CHECK_EQ(found.l_linger, 9);
    CHECK_OK(remote_set_option(b, in_b, SOL_SOCKET, SO_DONTLINGER, &off,
                               sizeof(off)));
    length = sizeof(found);
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&found, &length));
    CHECK_EQ(found.l_onoff, 0);
    close_socket(s);
    remote_end(b);
}

/* An option set before the duplicate is there in the target, too. */
static void options_set_before_the_duplicate(void)
{
    int value = 0, length = sizeof(value);
    struct peer *b = remote_start();
    SOCKET s = tcp_socket();
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 4321);
    set_int_option(s, SOL_SOCKET, SO_KEEPALIVE, 1);
    SOCKET in_b = remote_take(b, s);
    close_socket(s);
    CHECK_OK(remote_get_option(b, in_b, SOL_SOCKET, SO_RCVTIMEO, &value,
                               &length));
    CHECK_EQ(value, 4321);
    value = 0;
    CHECK_OK(remote_get_option(b, in_b, SOL_SOCKET, SO_KEEPALIVE, &value,
                               &length));
    CHECK_EQ(value, 1);
    remote_end(b);
}

static void receive_timeout_set_there_works_here(void)
{
    SOCKET client, server;
    int ms = 150;
    char byte;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    CHECK_OK(remote_set_option(b, in_b, SOL_SOCKET, SO_RCVTIMEO, &ms,
                               sizeof(ms)));
    int64_t start = test_clock();
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAETIMEDOUT);
    CHECK_THAT(test_clock() - start >= 100, "after %d ms",
               (int)(test_clock() - start));
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

/* --- Blocking mode -------------------------------------------------------- */

static void blocking_mode_is_shared(void)
{
    SOCKET client, server;
    char byte;
    u_long off = 0;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    set_nonblocking(client, 1);
    CHECK_ERROR(remote_receive(b, in_b, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_OK(remote_ioctl(b, in_b, FIONBIO, &off));
    CHECK(!is_nonblocking(client));
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

static void blocking_mode_set_before_the_duplicate(void)
{
    SOCKET client, server;
    char byte;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    SOCKET in_b = remote_take(b, client);
    CHECK_ERROR(remote_receive(b, in_b, &byte, 1, 0), WSAEWOULDBLOCK);
    close_socket(client);
    CHECK_ERROR(remote_receive(b, in_b, &byte, 1, 0), WSAEWOULDBLOCK);
    close_socket(server);
    remote_end(b);
}

/* --- The registration ----------------------------------------------------- */

static void registration_makes_all_nonblocking(void)
{
    SOCKET client, server;
    char byte;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    WSAEVENT event = WSACreateEvent();
    CHECK_OK(WSAEventSelect(client, event, FD_READ));
    CHECK_ERROR(remote_receive(b, in_b, &byte, 1, 0), WSAEWOULDBLOCK);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(event));
    remote_end(b);
}

static void no_blocking_mode_while_another_is_registered(void)
{
    SOCKET client, server;
    u_long off = 0;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    WSAEVENT event = remote_event_create(b);
    CHECK_OK(remote_event_select(b, in_b, event, FD_READ));
    CHECK_ERROR(ioctlsocket(client, FIONBIO, &off), WSAEINVAL);
    CHECK_OK(remote_event_select(b, in_b, NULL, 0));
    CHECK_OK(ioctlsocket(client, FIONBIO, &off));
    close_socket(client);
    close_socket(server);
    CHECK_OK(remote_event_close(b, event));
    remote_end(b);
}

static void newest_registration_wins(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    WSAEVENT ours = WSACreateEvent(), theirs = remote_event_create(b);
    CHECK_OK(WSAEventSelect(client, ours, FD_READ));
    CHECK_OK(remote_event_select(b, in_b, theirs, FD_READ));
    send_all(server, "x", 1);
    CHECK(remote_event_wait(b, theirs, test_timeout(10000)));
    CHECK(!event_is_signalled(ours, TEST_QUIET_MS));
    CHECK_OK(remote_enum(b, in_b, theirs, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    close_socket(client);
    close_socket(server);
    CHECK_OK(remote_event_close(b, theirs));
    CHECK(WSACloseEvent(ours));
    remote_end(b);
}

/* --- Names and connection ------------------------------------------------- */

static void names_are_shared(void)
{
    struct sockaddr_in listening, name = loopback(0), found;
    struct peer *b = remote_start();
    SOCKET listener = tcp_listener(&listening);
    SOCKET s = tcp_socket(), in_b = remote_take(b, s);

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(remote_local_name(b, in_b, &found));
    CHECK_EQ(found.sin_port, local_name(s).sin_port);
    CHECK_ERROR(remote_bind(b, in_b, &name), WSAEINVAL); /* bound already */

    CHECK_OK(remote_connect(b, in_b, &listening));
    int length = sizeof(found);
    CHECK_OK(getpeername(s, (struct sockaddr *)&found, &length));
    CHECK_EQ(found.sin_port, listening.sin_port);
    CHECK_ERROR(connect(s, (struct sockaddr *)&listening, sizeof(listening)),
                WSAEISCONN);

    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(s, accepted, "connected there");
    close_socket(accepted);
    close_socket(s);
    close_socket(listener);
    remote_end(b);
}

static void listening_is_shared(void)
{
    struct sockaddr_in name;
    struct peer *b = remote_start();
    SOCKET s = tcp_socket(), in_b = remote_take(b, s);
    name = loopback(0);
    CHECK_OK(remote_bind(b, in_b, &name));
    CHECK_OK(remote_listen(b, in_b, 5));
    name = local_name(s);
    CHECK(get_int_option(s, SOL_SOCKET, SO_ACCEPTCONN) != 0);
    SOCKET client = tcp_connect(&name);
    SOCKET accepted = CHECK_SOCKET(accept(s, NULL, NULL));
    check_passes(client, accepted, "listening there");
    close_socket(client);
    close_socket(accepted);
    close_socket(s);
    remote_end(b);
}

/* --- Data ----------------------------------------------------------------- */

static void stream_is_consumed_once(void)
{
    SOCKET client, server;
    char buffer[8];
    u_long left = 0;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    send_all(server, "12345", 5);
    receive_all(client, buffer, 3);
    CHECK_MEMORY(buffer, "123", 3);
    CHECK_OK(remote_ioctl(b, in_b, FIONREAD, &left));
    CHECK_EQ(left, 2);
    CHECK_RESULT(remote_receive(b, in_b, buffer, sizeof(buffer), 0), 2);
    CHECK_MEMORY(buffer, "45", 2);
    CHECK(!wait_readable(client, 0));
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

static void datagrams_are_consumed_once(void)
{
    struct sockaddr_in name;
    char buffer[8];
    struct peer *b = remote_start();
    SOCKET receiver = udp_bound(&name), sender = udp_socket();
    SOCKET in_b = remote_take(b, receiver);
    for (char c = 'a'; c <= 'c'; c++)
        CHECK_RESULT(sendto(sender, &c, 1, 0, (struct sockaddr *)&name,
                            sizeof(name)), 1);
    CHECK_RESULT(recv(receiver, buffer, sizeof(buffer), 0), 1);
    CHECK_EQ(buffer[0], 'a');
    CHECK_RESULT(remote_receive(b, in_b, buffer, sizeof(buffer), 0), 1);
    CHECK_EQ(buffer[0], 'b');
    CHECK_RESULT(recv(receiver, buffer, sizeof(buffer), 0), 1);
    CHECK_EQ(buffer[0], 'c');
    CHECK(!remote_wait_readable(b, in_b, 0));
    close_socket(receiver);
    close_socket(sender);
    remote_end(b);
}

static void opposite_directions(void)
{
    SOCKET client, server;
    char buffer[4];
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    remote_begin_receive(b, in_b, 4); /* blocks there */
    check_passes(client, server, "sent here meanwhile");
    send_all(server, "read", 4);
    CHECK_EQ(remote_finish(b, buffer, 4), 4);
    CHECK_MEMORY(buffer, "read", 4);
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

static void bound_after_the_duplicate(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = udp_socket(), second = duplicate_here(s);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(second);
    CHECK_RESULT(sendto(s, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    char byte = 0;
    CHECK_RESULT(recv(second, &byte, 1, 0), 1);
    CHECK_EQ(byte, 'x');
    close_socket(s);
    close_socket(second);
}

static void urgent_data_is_shared(void)
{
    SOCKET client, server;
    char byte = 0;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    CHECK_RESULT(send(server, "!", 1, MSG_OOB), 1);
    WSAPOLLFD item = { .fd = client, .events = POLLRDBAND };
    CHECK_EQ(WSAPoll(&item, 1, test_timeout(10000)), 1);
    CHECK_RESULT(remote_receive(b, in_b, &byte, 1, MSG_OOB), 1);
    CHECK_EQ(byte, '!');
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

/* --- shutdown ------------------------------------------------------------- */

static void shutdown_acts_for_all(void)
{
    SOCKET client, server;
    char byte;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);

    CHECK_OK(remote_shutdown(b, in_b, SD_SEND));
    check_end(server); /* although two descriptors are open */
    CHECK_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    CHECK_ERROR(remote_send(b, in_b, "x", 1, 0), WSAESHUTDOWN);
    check_passes(server, client, "the other way");

    CHECK_OK(shutdown(client, SD_RECEIVE));
    CHECK_ERROR(remote_receive(b, in_b, &byte, 1, 0), WSAESHUTDOWN);
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAESHUTDOWN);
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

static void shutdown_both_ends_the_connection(void)
{
    SOCKET client, server;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    CHECK_OK(shutdown(client, SD_BOTH));
    check_end(server);
    CHECK_ERROR(remote_send(b, in_b, "x", 1, 0), WSAESHUTDOWN);
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

/* --- Close ---------------------------------------------------------------- */

static void close_of_one_of_two(void)
{
    SOCKET client, server;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    close_socket(client);
    CHECK_ERROR(closesocket(client), WSAENOTSOCK);
    check_quiet(server);
    remote_check_passes(b, in_b, server, "x");
    CHECK_OK(remote_close(b, in_b));
    CHECK_ERROR(remote_close(b, in_b), WSAENOTSOCK);
    check_end(server);
    close_socket(server);
    remote_end(b);
}

/* With data that cannot leave and a linger time, only the last close waits. */
static void close_of_one_of_two_does_not_linger(void)
{
    SOCKET client, server;
    static char block[65536];
    tcp_pair(&client, &server);
    SOCKET second = duplicate_here(client);
    set_linger(client, 10);
    set_nonblocking(client, 1);
    while (send(client, block, sizeof(block), 0) > 0)
        ;
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);

    int64_t start = test_clock();
    close_socket(client);
    CHECK_THAT(test_clock() - start < 5000, "closesocket took %d ms",
               (int)(test_clock() - start));
    set_linger(second, 0);
    close_socket(second);
    close_socket(server);
}

static void abort_at_the_last_close_only(void)
{
    SOCKET client, server;
    char byte;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    set_linger(client, 0);
    close_socket(client);
    check_quiet(server);
    CHECK_OK(remote_close(b, in_b));
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAECONNRESET);
    close_socket(server);
    remote_end(b);
}

static void port_is_free_at_the_last_close(void)
{
    struct sockaddr_in name;
    struct peer *b = remote_start();
    SOCKET s = udp_bound(&name), in_b = remote_take(b, s);
    close_socket(s);
    SOCKET other = udp_socket();
    CHECK_ERROR(bind(other, (struct sockaddr *)&name, sizeof(name)),
                WSAEADDRINUSE);
    CHECK_OK(remote_close(b, in_b));
    CHECK_OK(bind(other, (struct sockaddr *)&name, sizeof(name)));
    close_socket(other);
    remote_end(b);
}

static const struct test_case cases[] = {
    TEST_CASE(options_are_shared,
              "01 4: options set via one, read via another"),
    TEST_CASE(linger_is_shared, "01 4: SO_LINGER is the object's"),
    TEST_CASE(options_set_before_the_duplicate, "01 4: always visible"),
    TEST_CASE(receive_timeout_set_there_works_here,
              "01 4: SO_RCVTIMEO is shared"),
    TEST_CASE(blocking_mode_is_shared, "01 4: FIONBIO is object state"),
    TEST_CASE(blocking_mode_set_before_the_duplicate,
              "01 4: FIONBIO is object state"),
    TEST_CASE(registration_makes_all_nonblocking,
              "01 5: the automatic non-blocking mode is every descriptor's"),
    TEST_CASE(no_blocking_mode_while_another_is_registered,
              "01 5: FIONBIO 0 fails while any registration is active"),
    TEST_CASE(newest_registration_wins, "01 4: one registration per object"),
    TEST_CASE(names_are_shared, "01 4: addresses and connection state"),
    TEST_CASE(listening_is_shared, "01 4: listen state and backlog"),
    TEST_CASE(stream_is_consumed_once,
              "01 1: each byte goes to exactly one reader"),
    TEST_CASE(datagrams_are_consumed_once,
              "01 4: pending datagrams, each consumed once"),
    TEST_CASE(opposite_directions, "01 4: A sends, B receives"),
    TEST_CASE(bound_after_the_duplicate,
              "01 4.1: the documented behaviour, without NT's stale cache"),
    TEST_CASE(urgent_data_is_shared, "01 4: the OOB queue"),
    TEST_CASE(shutdown_acts_for_all,
              "01 4: one shutdown affects all descriptors"),
    TEST_CASE(shutdown_both_ends_the_connection,
              "01 6: shutdown ends the connection for everybody"),
    TEST_CASE(close_of_one_of_two,
              "01 6: closesocket frees the descriptor only"),
    TEST_CASE(close_of_one_of_two_does_not_linger,
              "01 6: a non-last close returns 0 at once"),
    TEST_CASE(abort_at_the_last_close_only,
              "01 4: SO_LINGER acts at last close"),
    TEST_CASE(port_is_free_at_the_last_close,
              "01 6: release of the local port only at the last close"),
    TEST_END
};

TEST_MAIN("shared_state", cases, NULL)
