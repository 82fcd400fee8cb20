/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every option that is a number: one row each, with the sockets that have it,
 * its lengths, its default and a value to set; and what others are told.
 * Sources: Microsoft's pages of SOL_SOCKET, IPPROTO_TCP, IPPROTO_UDP,
 * IPPROTO_IP and IPPROTO_IPV6 socket options, getsockopt, setsockopt.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <mswsock.h>
#include <stdio.h>

/* The kinds of socket, as bits. */
enum { TCP4 = 1, UDP4 = 2, TCP6 = 4, UDP6 = 8, KINDS = 4 };
enum { TCP = TCP4 | TCP6, UDP = UDP4 | UDP6, V4 = TCP4 | UDP4,
       V6 = TCP6 | UDP6, ALL = 15 };

enum form {
    AS_BOOL, /* 4 bytes, or 1; another number than 0 is 1 */
    AS_BYTE,   /* read with 1 byte */
    AS_SHORT,  /* a number, 1 to 4 bytes */
    AS_INT,   /* a number, 4 bytes */
    AS_TRUTH,   /* a BOOL, 4 bytes */
};
enum { ANYTHING = -12345 }; /* no default is documented */
enum { READ_ONLY = 1, WRITE_ONLY = 2 };

struct row {
    const char *text;
    int level, name, kinds, form, initial;
    int value;     /* to be set and read back */
    int bad_value; /* WSAEINVAL, unless 0 */
    int flags;
};
#define ROW(level, name, ...) {.text = #name, level, name, __VA_ARGS__}
/* Names that not all headers have. */
#define NUMBER(label, level, number, ...)                                      \
    {.text = label, level, number, __VA_ARGS__}

static const struct row rows[] = {
    ROW(SOL_SOCKET, SO_DEBUG, ALL, AS_BOOL, 0, 1),
    ROW(SOL_SOCKET, SO_ACCEPTCONN, ALL, AS_BOOL, 0, 0, 0, READ_ONLY),
    ROW(SOL_SOCKET, SO_REUSEADDR, ALL, AS_BOOL, 0, 1),
    ROW(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, ALL, AS_BOOL, 0, 1),
    ROW(SOL_SOCKET, SO_KEEPALIVE, TCP, AS_BYTE, 0, 1),
    ROW(SOL_SOCKET, SO_DONTROUTE, V4, AS_BYTE, 0, 1),
    ROW(SOL_SOCKET, SO_BROADCAST, UDP, AS_BOOL, 0, 1),
    ROW(SOL_SOCKET, SO_DONTLINGER, TCP, AS_BOOL, 1, 0),
    ROW(SOL_SOCKET, SO_OOBINLINE, TCP, AS_BOOL, 0, 1),
    ROW(SOL_SOCKET, SO_SNDBUF, ALL, AS_INT, ANYTHING, 4321),
    ROW(SOL_SOCKET, SO_RCVBUF, ALL, AS_INT, ANYTHING, 54321),
    ROW(SOL_SOCKET, SO_SNDTIMEO, ALL, AS_INT, 0, 1501),
    ROW(SOL_SOCKET, SO_RCVTIMEO, ALL, AS_INT, 0, 999),
    ROW(SOL_SOCKET, SO_ERROR, ALL, AS_INT, 0, 0),
    ROW(SOL_SOCKET, SO_TYPE, TCP, AS_INT, SOCK_STREAM, 0, 0, READ_ONLY),
    ROW(SOL_SOCKET, SO_GROUP_ID, ALL, AS_INT, 0, 0, 0, READ_ONLY),
    ROW(SOL_SOCKET, SO_GROUP_PRIORITY, ALL, AS_INT, 0, 7),
    ROW(SOL_SOCKET, SO_MAX_MSG_SIZE, UDP, AS_INT, ANYTHING, 0, 0, READ_ONLY),
    ROW(SOL_SOCKET, SO_MAXDG, UDP, AS_INT, ANYTHING, 0, 0, READ_ONLY),
    ROW(SOL_SOCKET, SO_MAXPATHDG, UDP, AS_INT, ANYTHING, 0, 0, READ_ONLY),
    ROW(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, ALL, AS_BOOL, 0, 1),
    NUMBER("SO_PAUSE_ACCEPT", SOL_SOCKET, 0x3003, TCP, AS_BOOL, 0, 1),
    NUMBER("SO_COMPARTMENT_ID", SOL_SOCKET, 0x3004, ALL, AS_INT, 1, 1, 99),
    NUMBER("SO_RANDOMIZE_PORT", SOL_SOCKET, 0x3005, ALL, AS_BOOL, 0, 1),
    NUMBER("SO_PORT_SCALABILITY", SOL_SOCKET, 0x3006, ALL, AS_BOOL, 0, 1),
    NUMBER("SO_REUSE_UNICASTPORT", SOL_SOCKET, 0x3007, ALL, AS_BOOL, 0, 1),
    NUMBER("SO_REUSE_MULTICASTPORT", SOL_SOCKET, 0x3008, UDP, AS_BOOL, 0, 1),
    ROW(SOL_SOCKET, SO_CONNECT_TIME, ALL, AS_INT, -1, 0, 0, READ_ONLY),

    ROW(IPPROTO_TCP, TCP_NODELAY, TCP, AS_BYTE, 0, 1),
    ROW(IPPROTO_TCP, TCP_EXPEDITED_1122, TCP, AS_TRUTH, 0, 1),
    ROW(IPPROTO_TCP, TCP_BSDURGENT, TCP, AS_TRUTH, 1, 0),
    NUMBER("TCP_KEEPIDLE", IPPROTO_TCP, 3, TCP, AS_INT, 7200, 100000),
    ROW(IPPROTO_TCP, TCP_MAXSEG, TCP, AS_INT, ANYTHING, 0, 0, READ_ONLY),
    ROW(IPPROTO_TCP, TCP_MAXRT, TCP, AS_INT, ANYTHING, 77, -2),
    ROW(IPPROTO_TCP, TCP_STDURG, TCP, AS_TRUTH, 0, 1),
    ROW(IPPROTO_TCP, TCP_NOURG, TCP, AS_TRUTH, 0, 1),
    ROW(IPPROTO_TCP, TCP_ATMARK, TCP, AS_TRUTH, 1, 0, 0, READ_ONLY),
    ROW(IPPROTO_TCP, TCP_NOSYNRETRIES, TCP, AS_TRUTH, 0, 1),
    ROW(IPPROTO_TCP, TCP_TIMESTAMPS, TCP, AS_TRUTH, ANYTHING, 1),
    ROW(IPPROTO_TCP, TCP_OFFLOAD_PREFERENCE, TCP, AS_INT, 0, 2, 3),
    ROW(IPPROTO_TCP, TCP_CONGESTION_ALGORITHM, TCP, AS_INT, ANYTHING, 2),
    ROW(IPPROTO_TCP, TCP_DELAY_FIN_ACK, TCP, AS_TRUTH, 0, 1),
    NUMBER("TCP_MAXRTMS", IPPROTO_TCP, 14, TCP, AS_INT, ANYTHING, 7777),
    NUMBER("TCP_FASTOPEN", IPPROTO_TCP, 15, TCP, AS_TRUTH, 0, 1),
    NUMBER("TCP_KEEPCNT", IPPROTO_TCP, 16, TCP, AS_INT, 10, 200, 256),
    NUMBER("TCP_KEEPINTVL", IPPROTO_TCP, 17, TCP, AS_INT, 1, 40000),
    NUMBER("TCP_FAIL_CONNECT_ON_ICMP_ERROR", IPPROTO_TCP, 18, TCP, AS_TRUTH, 0,
           1),

    NUMBER("UDP_NOCHECKSUM", IPPROTO_UDP, 1, UDP4, AS_TRUTH, 0, 1),
    NUMBER("UDP_SEND_MSG_SIZE", IPPROTO_UDP, 2, UDP, AS_INT, 0, 1200),
    NUMBER("UDP_RECV_MAX_COALESCED_SIZE", IPPROTO_UDP, 3, UDP, AS_INT, 0,
           65527),
    NUMBER("UDP_CHECKSUM_COVERAGE", IPPROTO_UDP, 20, UDP4, AS_TRUTH, 1, 0),

    ROW(IPPROTO_IP, IP_TOS, V4, AS_SHORT, 0, 0x20, 256),
    ROW(IPPROTO_IP, IP_TTL, V4, AS_SHORT, ANYTHING, 42, 256),
    ROW(IPPROTO_IP, IP_HDRINCL, 0, AS_BOOL, 0, 1),
    ROW(IPPROTO_IP, IP_MULTICAST_IF, UDP4, AS_INT, 0, 0),
    ROW(IPPROTO_IP, IP_MULTICAST_TTL, UDP4, AS_SHORT, 1, 200, 256),
    ROW(IPPROTO_IP, IP_MULTICAST_LOOP, UDP4, AS_BOOL, 1, 0),
    ROW(IPPROTO_IP, IP_DONTFRAGMENT, UDP4, AS_BOOL, 0, 1),
    ROW(IPPROTO_IP, IP_PKTINFO, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_RECVTTL, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_RECEIVE_BROADCAST, UDP4, AS_TRUTH, 1, 0),
    ROW(IPPROTO_IP, IP_RECVIF, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_RECVDSTADDR, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_IFLIST, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_UNICAST_IF, V4, AS_INT, 0, 0),
    ROW(IPPROTO_IP, IP_RECVTOS, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_ORIGINAL_ARRIVAL_IF, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_ECN, UDP4, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IP, IP_MTU_DISCOVER, V4, AS_INT, 0, 2, 4),
    ROW(IPPROTO_IP, IP_USER_MTU, V4, AS_INT, -1, 1400),
    ROW(IPPROTO_IP, IP_RECVERR, UDP4, AS_TRUTH, 0, 1),

    ROW(IPPROTO_IPV6, IPV6_HDRINCL, 0, AS_BOOL, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_UNICAST_HOPS, V6, AS_SHORT, ANYTHING, 42, 256),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_IF, UDP6, AS_INT, 0, 0),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, UDP6, AS_SHORT, 1, 200, 256),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, UDP6, AS_BOOL, 1, 0),
    ROW(IPPROTO_IPV6, IPV6_DONTFRAG, UDP6, AS_BOOL, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_PKTINFO, UDP6, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_HOPLIMIT, UDP6, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_PROTECTION_LEVEL, V6, AS_INT, ANYTHING, 10, 15),
    ROW(IPPROTO_IPV6, IPV6_RECVIF, UDP6, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_RECVDSTADDR, UDP6, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_V6ONLY, ALL, AS_BYTE, 1, 1),
    ROW(IPPROTO_IPV6, IPV6_UNICAST_IF, V6, AS_INT, 0, 0),
    ROW(IPPROTO_IPV6, IPV6_RECVTCLASS, UDP6, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_ECN, UDP6, AS_TRUTH, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_MTU_DISCOVER, V6, AS_INT, 0, 2, 4),
    ROW(IPPROTO_IPV6, IPV6_USER_MTU, V6, AS_INT, -1, 1400),
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* --- Going through the table ---------------------------------------------- */

static SOCKET socket_of(int kind)
{
    int family = (1 << kind) & V4 ? AF_INET : AF_INET6;
    int type = (1 << kind) & TCP ? SOCK_STREAM : SOCK_DGRAM;

    return socket(family, type, 0);
}

static const char *kind_name(int kind)
{
    static const char *const names[] = {"TCP", "UDP", "TCP/IPv6", "UDP/IPv6"};

    return names[kind];
}

/* Calls look for each row and kind of socket, a new one each. */
static void for_each(void (*look)(const struct row *row, SOCKET s,
                                  const char *where))
{
    char where[100];
    SOCKET s;
    int i, kind;

    for (i = 0; i < ROWS; i++)
        for (kind = 0; kind < KINDS; kind++) {
            if (!(rows[i].kinds & 1 << kind))
                continue;
            s = socket_of(kind);
            if (s == INVALID_SOCKET)
                continue; /* no IPv6 here */
            snprintf(where, sizeof(where), "%s on %s", rows[i].text,
                     kind_name(kind));
            look(&rows[i], s, where);
            close_socket(s);
        }
}

/* 0 or the error. */
static int get(SOCKET s, const struct row *row, int room, int *ret_value,
               int *ret_length)
{
    *ret_value = 0;
    *ret_length = room;
    return getsockopt(s, row->level, row->name, (char *)ret_value,
                      ret_length) == 0
               ? 0
               : WSAGetLastError();
}

static int set(SOCKET s, const struct row *row, int value, int length)
{
    return setsockopt(s, row->level, row->name, (char *)&value, length) == 0
               ? 0
               : WSAGetLastError();
}

#define EXPECT_ERROR_IS(actual, expected, what)                                \
    do {                                                                       \
        int actual_ = (actual), expected_ = (expected);                        \
                                                                               \
        EXPECT_THAT(actual_ == expected_, "%s, %s: %s, not %s", where, what,   \
                    error_name(actual_), error_name(expected_));               \
    } while (0)

/* --- The cases ------------------------------------------------------------ */

static void look_at_default(const struct row *row, SOCKET s, const char *where)
{
    int value, length;

    EXPECT_ERROR_IS(get(s, row, 4, &value, &length), 0, "get");
    if (row->initial != ANYTHING)
        EXPECT_THAT(value == row->initial, "%s is %d, not %d", where, value,
                    row->initial);
    EXPECT_THAT(length == (row->form == AS_BYTE ? 1 : 4), "%s has length %d",
                where, length);
}

static void defaults_and_lengths(void)
{
    for_each(look_at_default);
}

static void look_at_value(const struct row *row, SOCKET s, const char *where)
{
    int value, length;

    if (row->flags & READ_ONLY) {
        EXPECT_ERROR_IS(set(s, row, row->value, 4), WSAENOPROTOOPT,
                        "set, read-only");
        return;
    }
    EXPECT_ERROR_IS(set(s, row, row->value, 4), 0, "set");
    EXPECT_ERROR_IS(get(s, row, 4, &value, &length), 0, "get");
    EXPECT_THAT(value == row->value, "%s was set to %d and is %d", where,
                row->value, value);
    if (row->bad_value)
        EXPECT_ERROR_IS(set(s, row, row->bad_value, 4), WSAEINVAL, "bad value");
}

static void values_are_read_back(void)
{
    for_each(look_at_value);
}

static void look_at_room(const struct row *row, SOCKET s, const char *where)
{
    const int whole = row->form == AS_INT || row->form == AS_TRUTH;
    int value, length;

    EXPECT_ERROR_IS(get(s, row, 0, &value, &length), WSAEFAULT, "no room");
    EXPECT_ERROR_IS(get(s, row, -1, &value, &length), WSAEFAULT, "room -1");
    EXPECT_ERROR_IS(get(s, row, 1, &value, &length), whole ? WSAEFAULT : 0,
                    "room for a byte");
    if (!whole)
        EXPECT_THAT(length == 1, "%s has length %d in a byte", where, length);
    EXPECT_ERROR_IS(get(s, row, 400, &value, &length), 0, "much room");
}

static void reading_needs_room(void)
{
    for_each(look_at_room);
}

static void look_at_short(const struct row *row, SOCKET s, const char *where)
{
    const int whole = row->form == AS_INT || row->form == AS_TRUTH;

    if (row->flags & READ_ONLY)
        return;
    if (whole)
        EXPECT_ERROR_IS(set(s, row, row->value, 3), WSAEFAULT, "3 bytes");
    if (row->level != SOL_SOCKET || whole)
        EXPECT_ERROR_IS(set(s, row, row->value, 0), WSAEFAULT, "no bytes");
    if (row->level != SOL_SOCKET)
        EXPECT_ERROR_IS(set(s, row, row->value, -1), WSAENOBUFS, "-1 bytes");
    if (!whole)
        EXPECT_ERROR_IS(set(s, row, row->value, 1), 0, "a byte");
}

static void writing_needs_enough(void)
{
    for_each(look_at_short);
}

static void look_at_pointers(const struct row *row, SOCKET s, const char *where)
{
    int value, length = 4;

    EXPECT_ERROR_IS(getsockopt(s, row->level, row->name, NULL, &length)
                        ? WSAGetLastError() : 0, WSAEFAULT, "get into NULL");
    EXPECT_ERROR_IS(getsockopt(s, row->level, row->name, (char *)&value, NULL)
                        ? WSAGetLastError() : 0, WSAEFAULT, "no length");
    EXPECT_ERROR_IS(getsockopt(s, row->level, row->name, (char *)16, &length)
                        ? WSAGetLastError() : 0, WSAEFAULT, "bad pointer");
    if (row->flags & READ_ONLY)
        return;
    EXPECT_ERROR_IS(setsockopt(s, row->level, row->name, NULL, 4)
                        ? WSAGetLastError() : 0, WSAEFAULT, "set to NULL");
    EXPECT_ERROR_IS(setsockopt(s, row->level, row->name, (char *)16, 4)
                        ? WSAGetLastError() : 0, WSAEFAULT, "set to bad");
}

static void bad_pointers_are_refused(void)
{
    for_each(look_at_pointers);
}

/* What a socket of another type or family is told. */
static int error_of_others(const struct row *row)
{
    return row->level == IPPROTO_IP || row->level == IPPROTO_IPV6
               ? WSAEINVAL
               : WSAENOPROTOOPT;
}

static void others_do_not_have_it(void)
{
    char where[100];
    SOCKET s;
    int i, kind, value, length;

    for (i = 0; i < ROWS; i++)
        for (kind = 0; kind < KINDS; kind++) {
            if (rows[i].kinds & 1 << kind || rows[i].name == SO_TYPE ||
                rows[i].name == IP_DONTFRAGMENT)
                continue;
            s = socket_of(kind);
            if (s == INVALID_SOCKET)
                continue;
            snprintf(where, sizeof(where), "%s on %s", rows[i].text,
                     kind_name(kind));
            EXPECT_ERROR_IS(get(s, &rows[i], 4, &value, &length),
                            error_of_others(&rows[i]), "get");
            EXPECT_ERROR_IS(set(s, &rows[i], rows[i].value, 4),
                            rows[i].flags & READ_ONLY ? WSAENOPROTOOPT
                                                      : error_of_others(
                                                            &rows[i]),
                            "set");
            close_socket(s);
        }
}

/* An unknown level is WSAEINVAL, an unknown name WSAENOPROTOOPT; and what
   Microsoft names, but says is not supported. */
static void unknown_options(void)
{
    static const struct {
        int level, name, error;
    } unknown[] = {
        {SOL_SOCKET, 0x7654, WSAENOPROTOOPT},
        {SOL_SOCKET, SO_RCVLOWAT, WSAEINVAL},
        {SOL_SOCKET, SO_SNDLOWAT, WSAEINVAL},
        {SOL_SOCKET, SO_USELOOPBACK, WSAEINVAL},
        {SOL_SOCKET, SO_CONNDATA, WSAENOPROTOOPT},
        {SOL_SOCKET, SO_DISCOPTLEN, WSAENOPROTOOPT},
        {SOL_SOCKET, 0x3001 /* PVD_CONFIG */, WSAENOPROTOOPT},
        {IPPROTO_TCP, 999, WSAENOPROTOOPT},
        {IPPROTO_IP, -1, WSAENOPROTOOPT},
        {IPPROTO_IP, 999, WSAENOPROTOOPT},
        {1234, SO_REUSEADDR, WSAEINVAL},
    };
    SOCKET s = tcp_socket(), u = udp_socket();
    int value, length;
    size_t i;

    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        length = sizeof(value);
        value = 1;
        EXPECT_ERROR(getsockopt(s, unknown[i].level, unknown[i].name,
                                (char *)&value, &length), unknown[i].error);
        EXPECT_ERROR(setsockopt(s, unknown[i].level, unknown[i].name,
                                (char *)&value, length), unknown[i].error);
    }
    EXPECT_ERROR(getsockopt(u, IPPROTO_UDP, 999, (char *)&value, &length),
                 WSAENOPROTOOPT);
    close_socket(s);
    EXPECT_ERROR(getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, NULL), WSAENOTSOCK);
    EXPECT_ERROR(setsockopt(s, SOL_SOCKET, SO_DEBUG, NULL, 0), WSAENOTSOCK);
    close_socket(u);
}

/* An option belongs to the socket, not to the descriptor: what is set through
   one is read through the other, in another process. */
static void all_descriptors_share_them(void)
{
    struct peer *peer = remote_start();
    char where[100];
    SOCKET s, there;
    int i, kind, value, length;

    for (i = 0; i < ROWS; i++) {
        if (rows[i].flags & READ_ONLY || rows[i].kinds == 0)
            continue;
        kind = rows[i].kinds & TCP4 ? 0 : rows[i].kinds & UDP4 ? 1
               : rows[i].kinds & TCP6 ? 2 : 3;
        s = socket_of(kind);
        if (s == INVALID_SOCKET)
            continue;
        snprintf(where, sizeof(where), "%s on %s", rows[i].text,
                 kind_name(kind));
        there = remote_take(peer, s);
        value = rows[i].value;
        EXPECT_THAT(remote_set_option(peer, there, rows[i].level, rows[i].name,
                                      &value, sizeof(value)) == 0,
                    "%s cannot be set in the other process", where);
        EXPECT_ERROR_IS(get(s, &rows[i], 4, &value, &length), 0, "get");
        EXPECT_THAT(value == rows[i].value,
                    "%s was set to %d in the other process and is %d", where,
                    rows[i].value, value);
        CHECK_OK(remote_close(peer, there));
        close_socket(s);
    }
    remote_end(peer);
}

/* An accepted socket has its listener's. */
static void accepted_sockets_inherit(void)
{
    static const struct {
        int level, name, value;
    } inherited[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},      {SOL_SOCKET, SO_OOBINLINE, 1},
        {SOL_SOCKET, SO_SNDBUF, 4321},      {SOL_SOCKET, SO_RCVBUF, 54321},
        {SOL_SOCKET, SO_SNDTIMEO, 5001},    {SOL_SOCKET, SO_RCVTIMEO, 5002},
        {IPPROTO_TCP, TCP_NODELAY, 1},      {IPPROTO_TCP, 3, 100000},
        {IPPROTO_TCP, 16, 200},             {IPPROTO_TCP, TCP_MAXRT, 77},
    };
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, server;
    size_t i;

    for (i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
        set_int_option(listener, inherited[i].level, inherited[i].name,
                       inherited[i].value);
    client = tcp_connect(&name);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    for (i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
        EXPECT_EQ(get_int_option(server, inherited[i].level,
                                 inherited[i].name), inherited[i].value);
    close_socket(server);
    close_socket(client);
    close_socket(listener);
}

static const struct test_case cases[] = {
    TEST_CASE(defaults_and_lengths, "03 13: type and default of each option"),
    TEST_CASE(values_are_read_back, "03 13: each option's value"),
    TEST_CASE(reading_needs_room, "03 13: getsockopt's length"),
    TEST_CASE(writing_needs_enough, "03 13: setsockopt's length"),
    TEST_CASE(bad_pointers_are_refused, "03 13: WSAEFAULT"),
    TEST_CASE(others_do_not_have_it, "03 13: other types and families"),
    TEST_CASE(unknown_options, "03 13: unknown, not supported"),
    TEST_CASE(all_descriptors_share_them, "01: options are the socket's"),
    TEST_CASE(accepted_sockets_inherit, "03 6: what accept hands down"),
    TEST_END
};
TEST_MAIN("option_table", cases, NULL)
