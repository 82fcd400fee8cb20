/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may bind what while another socket is bound: Microsoft's table of
 * "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", Windows Server 2003 and later,
 * one user.  In one process and in two, before and after somebody listens.
 *
 * A server of Windows listens on the wildcard while another one listens on a
 * specific address of the same port, without any option; and an option that
 * one of them forgets makes the second one fail, not steal.
 */
#include "support/places.h"
#include "support/remote.h"

/* --- Sockets here and there ----------------------------------------------- */

static struct sockaddr_in address_of(int specific, unsigned port)
{
    return specific ? loopback(port) : wildcard(port);
}

/* In the peer, or here when there is none. */
struct party {
    struct peer *peer;
    SOCKET s;
};

static void party_open(struct party *party, struct peer *peer, int type,
                       enum sharing sharing)
{
    int option = sharing == SHARING_REUSE ? SO_REUSEADDR : SO_EXCLUSIVEADDRUSE;
    int on = 1;

    party->peer = peer;
    party->s = peer ? remote_socket(peer, AF_INET, type, 0)
                    : socket(AF_INET, type, 0);
    CHECK(party->s != INVALID_SOCKET);
    if (!peer)
        set_sharing(party->s, sharing);
    else if (sharing != SHARING_DEFAULT)
        CHECK_OK(remote_set_option(peer, party->s, SOL_SOCKET, option, &on,
                                   sizeof(on)));
}

/* 0 or the error. */
static int party_bind(struct party *party, const struct sockaddr_in *name)
{
    int result = party->peer ? remote_bind(party->peer, party->s, name)
                             : bind_to(party->s, name);

    return result == 0 ? 0 : WSAGetLastError();
}

static int party_listen(struct party *party)
{
    int result = party->peer ? remote_listen(party->peer, party->s, 5)
                             : listen(party->s, 5);

    return result == 0 ? 0 : WSAGetLastError();
}

static int party_waits(struct party *party, int ms)
{
    return party->peer ? remote_wait_readable(party->peer, party->s, ms)
                       : wait_readable(party->s, ms);
}

/* Takes a connection, which must be there, and ends it. */
static void party_accept(struct party *party)
{
    SOCKET s;

    CHECK(party_waits(party, test_timeout(5000)));
    if (party->peer) {
        s = remote_accept(party->peer, party->s);
        CHECK(s != INVALID_SOCKET);
        CHECK_OK(remote_close(party->peer, s));
    } else {
        close_socket(CHECK_SOCKET(accept(party->s, NULL, NULL)));
    }
}

static void party_close(struct party *party)
{
    if (party->peer)
        CHECK_OK(remote_close(party->peer, party->s));
    else
        close_socket(party->s);
}

/* --- The table (03 3.1) --------------------------------------------------- */

enum { OK = 0, USED = WSAEADDRINUSE, ACCES = WSAEACCES };

/* First in rows, second in columns: default, reuse, exclusive, each with the
   wildcard and a specific address. */
static const int table[6][6] = {
    {USED, OK, ACCES, OK, USED, OK},
    {OK, USED, OK, ACCES, USED, USED},
    {USED, OK, OK, OK, USED, OK},
    {OK, USED, OK, OK, USED, USED},
    {USED, ACCES, ACCES, ACCES, USED, ACCES},
    {OK, USED, OK, ACCES, USED, USED},
};
static const char *const side[6] = {
    "default W", "default S", "reuse W", "reuse S", "exclusive W",
    "exclusive S",
};

/* When who listens. */
enum listening { NOBODY, FIRST_AT_ONCE, FIRST_THEN_SECOND, SECOND_THEN_FIRST };

static void expect_listens(struct party *party, int row, int column)
{
    int error = party_listen(party);

    EXPECT_THAT(error == 0, "%s, then %s: listen: %s", side[row], side[column],
                error_name(error));
}

static void try_cell(struct peer *peer, int type, int row, int column,
                     enum listening listening, unsigned port)
{
    struct sockaddr_in first_name = address_of(row % 2, port);
    struct sockaddr_in second_name = address_of(column % 2, port);
    struct party first, second;
    int error;

    party_open(&first, peer, type, (enum sharing)(row / 2));
    party_open(&second, NULL, type, (enum sharing)(column / 2));
    CHECK_EQ(party_bind(&first, &first_name), 0);
    if (listening == FIRST_AT_ONCE)
        CHECK_EQ(party_listen(&first), 0);
    error = party_bind(&second, &second_name);
    EXPECT_THAT(error == table[row][column], "%s, then %s: %s", side[row],
                side[column], error ? error_name(error) : "succeeds");
    if (error == 0 && listening != NOBODY) {
        int second_first = listening == SECOND_THEN_FIRST;

        expect_listens(second_first ? &second : &first, row, column);
        expect_listens(second_first ? &first : &second, row, column);
    }
    party_close(&second);
    party_close(&first);
}

static void try_table(int type, int in_two_processes, enum listening listening)
{
    struct peer *peer = in_two_processes ? remote_start() : NULL;
    struct place place = place_find(type);
    int row, column;

    for (row = 0; row < 6; row++)
        for (column = 0; column < 6; column++)
            try_cell(peer, type, row, column, listening, place.port);
    place_leave(&place);
    if (peer)
        remote_end(peer);
}

static void streams_bind_by_the_table(void)
{
    try_table(SOCK_STREAM, 0, NOBODY);
}

static void streams_of_two_processes_bind_by_the_table(void)
{
    try_table(SOCK_STREAM, 1, NOBODY);
}

static void datagrams_bind_by_the_table(void)
{
    try_table(SOCK_DGRAM, 0, NOBODY);
}

static void datagrams_of_two_processes_bind_by_the_table(void)
{
    try_table(SOCK_DGRAM, 1, NOBODY);
}

static void a_listener_changes_nothing(void)
{
    try_table(SOCK_STREAM, 0, FIRST_AT_ONCE);
}

static void a_listener_elsewhere_changes_nothing(void)
{
    try_table(SOCK_STREAM, 1, FIRST_AT_ONCE);
}

static void who_may_bind_may_listen(void)
{
    try_table(SOCK_STREAM, 0, FIRST_THEN_SECOND);
    try_table(SOCK_STREAM, 1, FIRST_THEN_SECOND);
}

static void the_second_may_listen_first(void)
{
    try_table(SOCK_STREAM, 0, SECOND_THEN_FIRST);
    try_table(SOCK_STREAM, 1, SECOND_THEN_FIRST);
}

/* --- Who gets the connection, the datagram -------------------------------- */

/* The first party is bound to the wildcard or to the specific address. */
static void try_listeners(int first_is_specific, int in_two_processes)
{
    struct peer *peer = in_two_processes ? remote_start() : NULL;
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in names[2];
    struct party parties[2];
    int i, round;

    for (i = 0; i < 2; i++) {
        names[i] = address_of(first_is_specific ^ i, place.port);
        party_open(&parties[i], i == 0 ? peer : NULL, SOCK_STREAM,
                   SHARING_DEFAULT);
        CHECK_EQ(party_bind(&parties[i], &names[i]), 0);
        CHECK_EQ(party_listen(&parties[i]), 0);
    }
    for (round = 0; round < 8; round++) {
        /* 127.0.0.1 is the specific one's, 127.0.0.2 is not. */
        struct sockaddr_in name = loopback(place.port);
        int expected = first_is_specific ^ (round % 2) ? 0 : 1;
        SOCKET client;

        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (round % 2));
        client = tcp_connect(&name);
        party_accept(&parties[expected]);
        CHECK(!party_waits(&parties[!expected], 0));
        close_socket(client);
    }
    for (i = 0; i < 2; i++)
        party_close(&parties[i]);
    place_leave(&place);
    if (peer)
        remote_end(peer);
}

static void the_specific_listener_gets_its_connections(void)
{
    try_listeners(0, 0);
    try_listeners(1, 0);
}

static void so_it_does_in_two_processes(void)
{
    try_listeners(0, 1);
    try_listeners(1, 1);
}

/* Which of the two is undefined. */
static void reusing_listeners_get_each_connection_once(void)
{
    struct peer *peer = remote_start();
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = wildcard(place.port);
    struct sockaddr_in destination = loopback(place.port);
    struct party parties[2];
    int i, round;

    for (i = 0; i < 2; i++) {
        party_open(&parties[i], i == 0 ? peer : NULL, SOCK_STREAM,
                   SHARING_REUSE);
        CHECK_EQ(party_bind(&parties[i], &name), 0);
        CHECK_EQ(party_listen(&parties[i]), 0);
    }
    for (round = 0; round < 16; round++) {
        SOCKET client = tcp_connect(&destination);
        int waits[2] = {0, 0};
        int64_t end = test_clock() + test_timeout(5000);

        while (!waits[0] && !waits[1] && test_clock() < end)
            for (i = 0; i < 2; i++)
                waits[i] = party_waits(&parties[i], 10);
        CHECK_EQ(waits[0] + waits[1], 1);
        party_accept(&parties[waits[1]]);
        close_socket(client);
    }
    for (i = 0; i < 2; i++)
        party_close(&parties[i]);
    place_leave(&place);
    remote_end(peer);
}

static void the_specific_socket_gets_its_datagrams(void)
{
    int first_is_specific, i;

    for (first_is_specific = 0; first_is_specific < 2; first_is_specific++) {
        struct place place = place_find(SOCK_DGRAM);
        struct sockaddr_in destination = loopback(place.port);
        SOCKET sockets[2], from = udp_socket();

        for (i = 0; i < 2; i++) {
            struct sockaddr_in name = address_of(first_is_specific ^ i,
                                                 place.port);

            sockets[i] = udp_socket();
            CHECK_OK(bind_to(sockets[i], &name));
        }
        CHECK_RESULT(sendto(from, "x", 1, 0, (struct sockaddr *)&destination,
                            sizeof(destination)),
                     1);
        CHECK(wait_readable(sockets[!first_is_specific], test_timeout(5000)));
        CHECK(!wait_readable(sockets[first_is_specific], 0));
        close_socket(from);
        for (i = 0; i < 2; i++)
            close_socket(sockets[i]);
        place_leave(&place);
    }
}

static void multicast_reaches_all_who_share(void)
{
    struct place place = place_find(SOCK_DGRAM);
    struct sockaddr_in name = wildcard(place.port), group = name;
    struct in_addr interface_address = {.s_addr = htonl(INADDR_LOOPBACK)};
    struct ip_mreq membership;
    SOCKET sockets[3], from = udp_socket();
    int i;

    memset(&membership, 0, sizeof(membership));
    group.sin_addr.s_addr = htonl(0xefff4711); /* 239.255.71.17 */
    membership.imr_multiaddr = group.sin_addr;
    membership.imr_interface = interface_address;
    for (i = 0; i < 3; i++) {
        sockets[i] = udp_socket();
        set_int_option(sockets[i], SOL_SOCKET, SO_REUSEADDR, 1);
        CHECK_OK(bind_to(sockets[i], &name));
        CHECK_OK(setsockopt(sockets[i], IPPROTO_IP, IP_ADD_MEMBERSHIP,
                            (char *)&membership, sizeof(membership)));
    }
    CHECK_OK(setsockopt(from, IPPROTO_IP, IP_MULTICAST_IF,
                        (char *)&interface_address,
                        sizeof(interface_address)));
    CHECK_RESULT(sendto(from, "x", 1, 0, (struct sockaddr *)&group,
                        sizeof(group)),
                 1);
    for (i = 0; i < 3; i++) {
        CHECK(wait_readable(sockets[i], test_timeout(5000)));
        close_socket(sockets[i]);
    }
    close_socket(from);
    place_leave(&place);
}

static const struct test_case cases[] = {
    TEST_CASE(streams_bind_by_the_table, "03 3.1: the table, in one process"),
    TEST_CASE(streams_of_two_processes_bind_by_the_table,
              "03 3.1: the table, the first in another process"),
    TEST_CASE(a_listener_changes_nothing,
              "03 3.1: the table, the first listens"),
    TEST_CASE(a_listener_elsewhere_changes_nothing,
              "03 3.1: the table, the first listens in another process"),
    TEST_CASE(who_may_bind_may_listen, "03 3.1: both listen"),
    TEST_CASE(the_second_may_listen_first,
              "03 3.1: both listen, in the other order"),
    TEST_CASE(datagrams_bind_by_the_table, "03 3.1: the table, for datagrams"),
    TEST_CASE(datagrams_of_two_processes_bind_by_the_table,
              "03 3.1: the table, for datagrams of two processes"),
    TEST_CASE(the_specific_listener_gets_its_connections,
              "03 3.1: wildcard and specific listener coexist in either order"),
    TEST_CASE(so_it_does_in_two_processes,
              "03 3.1: the same in two processes"),
    TEST_CASE(reusing_listeners_get_each_connection_once,
              "03 3.1: both SO_REUSEADDR: both listen, one gets a connection"),
    TEST_CASE(the_specific_socket_gets_its_datagrams,
              "03 3.1: wildcard and specific datagram socket coexist"),
    TEST_CASE(multicast_reaches_all_who_share,
              "03 13: SO_REUSEADDR and multicast"),
    TEST_END
};

TEST_MAIN("binding", cases, NULL)
