/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Raw sockets of a process that may make none: they are refused, but for ICMP
 * and ICMPv6 where the system lets its users send echo requests.
 */
#include "support/echo.h"
#include "support/platform.h"
#include "support/privileges.h"

static void start_without(int echo)
{
    if (!privileges_give_up(echo))
        SKIP("privileges cannot be given up here");
    winsock_startup();
}

static void raw_sockets_are_refused(void)
{
    start_without(0);
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), WSAEACCES);
    EXPECT_ERROR(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), WSAEACCES);
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, IPPROTO_UDP), WSAEACCES);
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, 0), WSAEACCES);
    CHECK_OK(WSACleanup());
}

static void only_requests_may_be_sent(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    struct icmp request = echo_request(13, IDENTIFIER, 1);
    struct sockaddr_in to = loopback(0);

    CHECK_ERROR(sendto(s, (char *)&request, sizeof(request), 0,
                       (struct sockaddr *)&to, sizeof(to)),
                WSAEACCES);
    request = echo_request(8, IDENTIFIER, 1);
    CHECK_ERROR(sendto(s, (char *)&request, 7, 0, (struct sockaddr *)&to,
                       sizeof(to)),
                WSAEACCES);
    CHECK_ERROR(sendto(s, (char *)8, sizeof(request), 0,
                       (struct sockaddr *)&to, sizeof(to)),
                WSAEFAULT);
    close_socket(s);
}

static void echoes_come_back_all_the_same(void)
{
    start_without(1);
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, IPPROTO_UDP), WSAEACCES);
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, IPPROTO_ICMPV6), WSAEACCES);
    only_requests_may_be_sent();
    echo_in_turns();
    echo_of_ipv6();
    echo_hides_its_entry();
    echo_binds_without_port();
    echo_connects();
    echo_is_cut();
    echo_is_scattered();
    echo_through_duplicates();
    CHECK_OK(WSACleanup());
}

/* Two sockets of one identifier, and one of several. */
static void identifiers_are_the_program_s(void)
{
    SOCKET s[2];

    start_without(1);
    s[0] = raw_socket(AF_INET, IPPROTO_ICMP);
    s[1] = raw_socket(AF_INET, IPPROTO_ICMP);
    send_echo(s[0], IDENTIFIER, 1);
    send_echo(s[1], IDENTIFIER, 2);
    send_echo(s[1], IDENTIFIER + 1, 3);
    send_echo(s[0], 0, 4);
    receive_echo(s[0], IDENTIFIER, 1);
    receive_echo(s[0], 0, 4);
    receive_echo(s[1], IDENTIFIER, 2);
    receive_echo(s[1], IDENTIFIER + 1, 3);
    close_socket(s[0]);
    close_socket(s[1]);
    CHECK_OK(WSACleanup());
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(raw_sockets_are_refused, "03 2: EACCES", .flags = TEST_BARE),
    TEST_CASE_WITH(echoes_come_back_all_the_same, "ICMP echo without raw",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(identifiers_are_the_program_s, "ICMP echo without raw",
                   .flags = TEST_BARE),
    TEST_END
};
TEST_MAIN("unprivileged", cases, NULL)
