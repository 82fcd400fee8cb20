/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Raw sockets and ICMP.  The cases need the right to make raw sockets;
 * tests/processes/unprivileged.c has those without it.
 */
#include "support/echo.h"

static void protocols_go_to_255(void)
{
    close_socket(raw_socket(AF_INET, 0));
    close_socket(raw_socket(AF_INET, 253));
    close_socket(raw_socket(AF_INET, IPPROTO_UDP));
    close_socket(raw_socket(AF_INET6, IPPROTO_UDP));
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, 256), WSAEPROTONOSUPPORT);
    EXPECT_ERROR(socket(AF_INET, SOCK_RAW, -3), WSAEPROTONOSUPPORT);
    EXPECT_ERROR(socket(AF_INET, 0, IPPROTO_ICMP), WSAEPROTONOSUPPORT);
}

/* --- IP_HDRINCL, other protocols ------------------------------------------ */

static void datagrams_show_their_headers(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_UDP), u = udp_bound(NULL);
    struct sockaddr_in name = loopback(0), to = local_name(u);
    unsigned short ports[2];
    char packet[128];
    struct ip header;
    int length;

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_RESULT(sendto(u, "raw", 3, 0, (struct sockaddr *)&to, sizeof(to)), 3);
    do {
        CHECK(wait_readable(s, test_timeout(5000)));
        length = recv(s, packet, sizeof(packet), 0);
        memcpy(ports, packet + sizeof(header), sizeof(ports));
    } while (length != sizeof(header) + 8 + 3 || ports[1] != to.sin_port);
    memcpy(&header, packet, sizeof(header));
    CHECK_EQ(header.protocol, IPPROTO_UDP);
    CHECK_EQ(ports[0], to.sin_port);
    CHECK_MEMORY(packet + sizeof(header) + 8, "raw", 3);
    close_socket(s);
    close_socket(u);
}

static void the_program_may_write_the_header(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    struct sockaddr_in to = loopback(0);
    char packet[sizeof(struct ip) + sizeof(struct icmp)];
    struct icmp request = echo_request(8, IDENTIFIER, 4);
    struct ip header = {.version_and_length = 0x45,
                        .length = htons(sizeof(packet)),
                        .ttl = 9,
                        .protocol = IPPROTO_ICMP};

    CHECK_EQ(get_int_option(s, IPPROTO_IP, IP_HDRINCL), 0);
    set_int_option(s, IPPROTO_IP, IP_HDRINCL, 1);
    CHECK_EQ(get_int_option(s, IPPROTO_IP, IP_HDRINCL), 1);
    header.source.s_addr = header.destination.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(packet, &header, sizeof(header));
    memcpy(packet + sizeof(header), &request, sizeof(request));
    CHECK_RESULT(sendto(s, packet, sizeof(packet), 0, (struct sockaddr *)&to,
                        sizeof(to)),
                 sizeof(packet));
    receive_echo(s, IDENTIFIER, 4);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(echo_in_turns, "03 2: SOCK_RAW, ICMP"),
    TEST_CASE(echo_of_ipv6, "03 2: SOCK_RAW, ICMPv6: no header"),
    TEST_CASE(echo_hides_its_entry, "03 2: the entry of raw sockets"),
    TEST_CASE(echo_binds_without_port, "03 3, 8, 14: raw"),
    TEST_CASE(echo_connects, "03 5: raw"),
    TEST_CASE(echo_is_cut, "03 8: EMSGSIZE"),
    TEST_CASE(echo_is_scattered, "03 8: WSARecv"),
    TEST_CASE(echo_through_duplicates, "WSADuplicateSocket"),
    TEST_CASE(protocols_go_to_255, "03 2: MaxOffset"),
    TEST_CASE(datagrams_show_their_headers, "raw UDP"),
    TEST_CASE(the_program_may_write_the_header, "03 13: IP_HDRINCL"),
    TEST_END
};
TEST_MAIN("raw_sockets", cases, NULL)
