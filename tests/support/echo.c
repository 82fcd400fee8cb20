/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ICMP echo for suites; see echo.h. */
#include "support/echo.h"

static unsigned short checksum(const void *data, size_t length)
{
    const unsigned char *bytes = data;
    unsigned sum = 0;
    size_t i;

    for (i = 0; i < length; i++)
        sum += (unsigned)bytes[i] << (i % 2 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((unsigned short)~sum);
}

SOCKET raw_socket(int family, int protocol)
{
    SOCKET s = socket(family, SOCK_RAW, protocol);

    if (s == INVALID_SOCKET && WSAGetLastError() == WSAEACCES)
        SKIP("raw sockets are not allowed here");
    return CHECK_SOCKET(s);
}

struct icmp echo_request(int type, unsigned identifier,
                                unsigned sequence)
{
    struct icmp request = {.type = (unsigned char)type,
                           .identifier = htons((unsigned short)identifier),
                           .sequence = htons((unsigned short)sequence)};

    memset(request.data, 'a' + (int)(sequence % 26), sizeof(request.data));
    request.checksum = checksum(&request, sizeof(request));
    return request;
}

void send_echo(SOCKET s, unsigned identifier, unsigned sequence)
{
    struct sockaddr_in to = loopback(0);
    struct icmp request = echo_request(8, identifier, sequence);

    CHECK_RESULT(sendto(s, (char *)&request, sizeof(request), 0,
                        (struct sockaddr *)&to, sizeof(to)),
                 sizeof(request));
}

void receive_echo(SOCKET s, unsigned identifier, unsigned sequence)
{
    char packet[256];
    struct sockaddr_in from;
    int length, name_length;
    struct ip header;
    struct icmp reply, request = echo_request(8, identifier, sequence);

    do {
        CHECK(wait_readable(s, test_timeout(5000)));
        name_length = sizeof(from);
        length = recvfrom(s, packet, sizeof(packet), 0,
                          (struct sockaddr *)&from, &name_length);
        CHECK_EQ(length, sizeof(header) + sizeof(reply));
        memcpy(&header, packet, sizeof(header));
        memcpy(&reply, packet + sizeof(header), sizeof(reply));
    } while (reply.type == 8 || ntohs(reply.identifier) != identifier ||
             ntohs(reply.sequence) != sequence);

    CHECK_EQ(header.version_and_length, 0x45);
    CHECK_EQ(header.protocol, IPPROTO_ICMP);
    CHECK_EQ(ntohs(header.length), length);
    CHECK_EQ(header.ttl, 64);
    CHECK_EQ(checksum(&header, sizeof(header)), 0);
    CHECK_EQ(header.source.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(header.destination.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(from.sin_port, 0);
    CHECK_EQ(reply.type, 0);
    CHECK_EQ(reply.code, 0);
    CHECK_EQ(checksum(&reply, sizeof(reply)), 0);
    CHECK_MEMORY(reply.data, request.data, sizeof(reply.data));
}

void echo_in_turns(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    unsigned i;

    for (i = 1; i <= 3; i++) {
        send_echo(s, IDENTIFIER, i);
        receive_echo(s, IDENTIFIER, i);
    }
    close_socket(s);
}

void echo_of_ipv6(void)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6}, from;
    SOCKET s = raw_socket(AF_INET6, IPPROTO_ICMPV6);
    struct icmp request = echo_request(128, IDENTIFIER, 7), reply;
    int length = sizeof(from);

    to.sin6_addr.s6_addr[15] = 1;
    if (sendto(s, (char *)&request, sizeof(request), 0, (struct sockaddr *)&to,
               sizeof(to)) == SOCKET_ERROR &&
        (WSAGetLastError() == WSAEADDRNOTAVAIL ||
         WSAGetLastError() == WSAENETUNREACH)) {
        close_socket(s);
        SKIP("there is no IPv6 here");
    }
    do {
        CHECK(wait_readable(s, test_timeout(5000)));
        CHECK_RESULT(recvfrom(s, (char *)&reply, sizeof(reply), 0,
                              (struct sockaddr *)&from, &length),
                     sizeof(reply));
    } while (reply.type != 129 || ntohs(reply.identifier) != IDENTIFIER);
    CHECK_EQ(ntohs(reply.sequence), 7);
    CHECK_EQ(from.sin6_port, 0);
    CHECK_MEMORY(reply.data, request.data, sizeof(reply.data));
    close_socket(s);
}

void echo_hides_its_entry(void)
{
    WSAPROTOCOL_INFOW info[64], own;
    DWORD size = sizeof(info);
    int count = WSAEnumProtocolsW(NULL, info, &size), length = sizeof(own);
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    int i;

    for (i = 0; i < count; i++)
        CHECK(info[i].iSocketType != SOCK_RAW);
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&own,
                        &length));
    CHECK_EQ(own.iSocketType, SOCK_RAW);
    CHECK_EQ(own.iProtocol, 0);
    CHECK_EQ(own.iProtocolMaxOffset, 255);
    CHECK_EQ(own.dwProviderFlags, PFL_MATCHES_PROTOCOL_ZERO | PFL_HIDDEN);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_TYPE), SOCK_RAW);
    close_socket(s);
}

void echo_binds_without_port(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    struct icmp request = echo_request(8, IDENTIFIER, 1);
    struct sockaddr_in name = loopback(77);
    char buffer[8];
    int length = sizeof(name);

    set_nonblocking(s, 1);
    CHECK_ERROR(recv(s, buffer, sizeof(buffer), 0), WSAEINVAL);
    CHECK_ERROR(getsockname(s, (struct sockaddr *)&name, &length), WSAEINVAL);
    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_ERROR(bind(s, (struct sockaddr *)&name, sizeof(name)), WSAEINVAL);
    CHECK_EQ(local_name(s).sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(local_name(s).sin_port, 0);
    CHECK_ERROR(listen(s, 1), WSAEOPNOTSUPP);
    CHECK_ERROR(send(s, (char *)&request, sizeof(request), 0), WSAENOTCONN);
    close_socket(s);
}

void echo_connects(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    struct sockaddr_in name = loopback(0), peer;
    struct icmp request = echo_request(8, IDENTIFIER, 9);
    int length = sizeof(peer);

    CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(getpeername(s, (struct sockaddr *)&peer, &length));
    CHECK_EQ(peer.sin_addr.s_addr, name.sin_addr.s_addr);
    CHECK_EQ(peer.sin_port, 0);
    CHECK_RESULT(send(s, (char *)&request, sizeof(request), 0),
                 sizeof(request));
    receive_echo(s, IDENTIFIER, 9);
    close_socket(s);
}

void echo_is_cut(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    struct sockaddr_in name = loopback(0);
    char start[22];
    u_long waiting = 0;

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    send_echo(s, IDENTIFIER, 1);
    CHECK(wait_readable(s, test_timeout(5000)));
    CHECK_OK(ioctlsocket(s, FIONREAD, &waiting));
    CHECK_EQ(waiting, sizeof(struct ip) + sizeof(struct icmp));
    CHECK_ERROR(recv(s, start, sizeof(start), 0), WSAEMSGSIZE);
    CHECK_EQ(start[0], 0x45);
    send_echo(s, IDENTIFIER, 2);
    receive_echo(s, IDENTIFIER, 2);
    send_echo(s, IDENTIFIER, 3);
    CHECK(wait_readable(s, test_timeout(5000)));
    CHECK_ERROR(recv(s, (char *)8, 100, MSG_PEEK), WSAEFAULT);
    receive_echo(s, IDENTIFIER, 3);
    close_socket(s);
}

void echo_is_scattered(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP);
    struct ip header;
    struct icmp reply = {.type = 8};
    WSABUF buffers[3] = {{sizeof(header), (char *)&header},
                         {8, (char *)&reply},
                         {sizeof(reply) - 8, (char *)reply.data}};
    DWORD count, flags;

    send_echo(s, IDENTIFIER, 3);
    while (reply.type == 8 || ntohs(reply.identifier) != IDENTIFIER) {
        flags = 0;
        CHECK_OK(WSARecv(s, buffers, 3, &count, &flags, NULL, NULL));
    }
    CHECK_EQ(count, sizeof(header) + sizeof(reply));
    CHECK_EQ(header.version_and_length, 0x45);
    CHECK_EQ(reply.type, 0);
    CHECK_EQ(reply.data[0], 'a' + 3);
    close_socket(s);
}

void echo_through_duplicates(void)
{
    SOCKET s = raw_socket(AF_INET, IPPROTO_ICMP), copy = duplicate_here(s);

    send_echo(s, IDENTIFIER, 5);
    receive_echo(copy, IDENTIFIER, 5);
    send_echo(copy, IDENTIFIER, 6);
    receive_echo(s, IDENTIFIER, 6);
    close_socket(s);
    close_socket(copy);
}
