/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the network answers to datagrams: a port that nobody has is
 * WSAECONNRESET of a later receive, each time, whether or not the socket has a
 * peer.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <stdio.h>

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET 0x9800000C
#endif

/* A name that nobody has. */
static struct sockaddr_in dead_name(void)
{
    struct sockaddr_in name;

    close_socket(udp_bound(&name));
    return name;
}

static void send_one(SOCKET s, const struct sockaddr_in *to)
{
    CHECK_RESULT(sendto(s, "x", 1, 0, (const struct sockaddr *)to, sizeof(*to)),
                 1);
}

/* Where no answer comes the case is over soon. */
static void be_impatient(SOCKET s)
{
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, test_timeout(2000));
}

static void each_answer_is_told_once(void)
{
    struct sockaddr_in dead = dead_name();
    SOCKET s = udp_bound(NULL);
    char byte;
    int i;

    be_impatient(s);
    for (i = 0; i < 3; i++)
        send_one(s, &dead); /* none fails for the one before */
    for (i = 0; i < 3; i++)
        CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    set_nonblocking(s, 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    close_socket(s);
}

static void data_comes_beside_answers(void)
{
    struct sockaddr_in dead = dead_name(), name;
    SOCKET s = udp_bound(&name), t = udp_bound(NULL);
    char byte;
    int resets = 0, received = 0, i;

    send_one(s, &dead);
    send_one(t, &name);
    send_one(s, &dead);
    set_nonblocking(s, 1);
    for (i = 0; i < 4; i++)
        if (recv(s, &byte, 1, 0) == 1)
            received++;
        else if (WSAGetLastError() == WSAECONNRESET)
            resets++;
    CHECK_EQ(received, 1);
    CHECK_EQ(resets, 2);
    close_socket(s);
    close_socket(t);
}

static void an_answer_makes_readable(void)
{
    struct sockaddr_in dead = dead_name(), from;
    SOCKET s = udp_bound(NULL);
    int length = sizeof(from);
    char byte;

    send_one(s, &dead);
    CHECK(wait_readable(s, test_timeout(2000)));
    CHECK_ERROR(recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &length),
                WSAECONNRESET);
    CHECK(!wait_readable(s, 0));
    close_socket(s);
}

static void a_blocked_receive_hears_it(void)
{
    struct sockaddr_in dead = dead_name();
    SOCKET s = udp_bound(NULL);
    char byte;

    be_impatient(s);
    send_one(s, &dead);
    send_one(s, &dead);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 50);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAETIMEDOUT);
    close_socket(s);
}

static void connected_sockets_hear_it(void)
{
    struct sockaddr_in dead = dead_name();
    SOCKET s = udp_socket();
    char byte = 'x';

    CHECK_OK(connect(s, (struct sockaddr *)&dead, sizeof(dead)));
    CHECK_RESULT(send(s, &byte, 1, 0), 1);
    CHECK_RESULT(send(s, &byte, 1, 0), 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    set_nonblocking(s, 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    close_socket(s);
}

static void version_six_does_too(void)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6};
    int length = sizeof(name);
    SOCKET s = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)), t;
    char byte = 'x';

    t = CHECK_SOCKET(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));
    name.sin6_addr.s6_addr[15] = 1;
    if (bind(t, (struct sockaddr *)&name, sizeof(name)))
        SKIP("no IPv6 here");
    CHECK_OK(getsockname(t, (struct sockaddr *)&name, &length));
    close_socket(t);
    be_impatient(s);
    CHECK_RESULT(sendto(s, &byte, 1, 0, (struct sockaddr *)&name, length), 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    close_socket(s);
}

static void tell_of_resets(SOCKET s, BOOL on)
{
    DWORD size = 0;

    CHECK_OK(WSAIoctl(s, SIO_UDP_CONNRESET, &on, sizeof(on), NULL, 0, &size,
                      NULL, NULL));
}

static void it_can_be_turned_off(void)
{
    struct sockaddr_in dead = dead_name();
    SOCKET s = udp_bound(NULL), connected = udp_socket();
    char byte = 'x';

    CHECK_OK(connect(connected, (struct sockaddr *)&dead, sizeof(dead)));
    tell_of_resets(s, FALSE);
    tell_of_resets(connected, FALSE);
    send_one(s, &dead);
    CHECK_RESULT(send(connected, &byte, 1, 0), 1);
    CHECK_RESULT(send(connected, &byte, 1, 0), 1);
    set_nonblocking(s, 1);
    set_nonblocking(connected, 1);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_ERROR(recv(connected, &byte, 1, 0), WSAEWOULDBLOCK);
    tell_of_resets(s, TRUE);
    send_one(s, &dead);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    close_socket(s);
    close_socket(connected);
}

static void other_holders_hear_it(void)
{
    struct sockaddr_in dead = dead_name();
    SOCKET s = udp_bound(NULL), t = duplicate_here(s);
    char byte;

    be_impatient(s);
    send_one(s, &dead);
    send_one(s, &dead);
    CHECK_ERROR(recv(t, &byte, 1, 0), WSAECONNRESET);
    close_socket(s);
    CHECK_ERROR(recv(t, &byte, 1, 0), WSAECONNRESET);
    close_socket(t);
}

/* An answer that nobody is told of makes nothing ready. */
static void what_is_off_is_not_seen(void)
{
    struct sockaddr_in dead = dead_name(), name;
    SOCKET s = udp_bound(&name);

    tell_of_resets(s, FALSE);
    send_one(s, &dead);
    CHECK(!wait_readable(s, TEST_QUIET_MS));
    send_one(s, &name);
    CHECK(wait_readable(s, test_timeout(2000)));
    close_socket(s);
}

/* Who looks does not take it away. */
static void another_process_takes_what_is_seen_here(void)
{
    struct sockaddr_in dead = dead_name();
    struct peer *peer = remote_start();
    SOCKET s = udp_bound(NULL), there;
    char byte;

    set_nonblocking(s, 1);
    there = remote_take(peer, s);
    send_one(s, &dead);
    CHECK(wait_readable(s, test_timeout(2000)));
    CHECK(remote_wait_readable(peer, there, test_timeout(5000)));
    CHECK_RESULT(remote_receive(peer, there, &byte, 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK(!wait_readable(s, 0));
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_OK(remote_close(peer, there));
    close_socket(s);
    remote_end(peer);
}

/* However many: there is room for what comes. */
static void answers_leave_room(void)
{
    struct sockaddr_in dead = dead_name(), name;
    SOCKET s = udp_bound(&name), t = udp_bound(NULL);
    int i, received = 0;
    char byte;

    for (i = 0; i < 3000; i++)
        send_one(s, &dead);
    for (i = 0; i < 20; i++)
        send_one(t, &name);
    set_nonblocking(s, 1);
    for (i = 0; i < 3020 && received < 20; i++)
        if (recv(s, &byte, 1, 0) == 1)
            received++;
        else
            CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    CHECK_EQ(received, 20);
    close_socket(s);
    close_socket(t);
}

/* A receive would end at once, so FD_READ tells. */
static void events_tell_of_it(void)
{
    struct sockaddr_in dead = dead_name();
    WSAEVENT event = event_create();
    WSANETWORKEVENTS events;
    SOCKET s = udp_bound(NULL);
    char byte;

    CHECK_OK(WSAEventSelect(s, event, FD_READ));
    send_one(s, &dead);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(s, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_READ);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEWOULDBLOCK);
    send_one(s, &dead);
    event_wait(event);
    CHECK(WSACloseEvent(event));
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(each_answer_is_told_once, "03 8: UDP and ICMP",
                   .seconds = 5),
    TEST_CASE_WITH(data_comes_beside_answers, "03 8: UDP and ICMP",
                   .seconds = 5),
    TEST_CASE_WITH(an_answer_makes_readable, "03 8, 10: UDP and ICMP",
                   .seconds = 8),
    TEST_CASE_WITH(a_blocked_receive_hears_it, "03 8: UDP and ICMP",
                   .seconds = 8),
    TEST_CASE_WITH(connected_sockets_hear_it, "03 8: UDP and ICMP",
                   .seconds = 5),
    TEST_CASE_WITH(version_six_does_too, "03 8: UDP and ICMP", .seconds = 5),
    TEST_CASE_WITH(it_can_be_turned_off, "03 8: SIO_UDP_CONNRESET",
                   .seconds = 5),
    TEST_CASE_WITH(other_holders_hear_it, "01: one socket", .seconds = 5),
    TEST_CASE(what_is_off_is_not_seen, "03 8: SIO_UDP_CONNRESET"),
    TEST_CASE(another_process_takes_what_is_seen_here, "01: one socket"),
    TEST_CASE(answers_leave_room, "03 8: UDP and ICMP"),
    TEST_CASE(events_tell_of_it, "02: FD_READ"),
    TEST_END
};
TEST_MAIN("datagram_errors", cases, NULL)
