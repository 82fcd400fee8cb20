/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bound ports: the options about them, both families, and when a port is free
 * again.  The table of who may bind what is binding.c's.
 */
#include "support/places.h"
#include "support/remote.h"

/* --- Options -------------------------------------------------------------- */

static void reuse_and_exclusive_exclude_each_other(void)
{
    static const int options[2] = {SO_REUSEADDR, SO_EXCLUSIVEADDRUSE};
    int i, on = 1;

    for (i = 0; i < 4; i++) {
        int one = options[i % 2], other = options[!(i % 2)];
        SOCKET s = i < 2 ? tcp_socket() : udp_socket();

        set_int_option(s, SOL_SOCKET, one, 1);
        CHECK_ERROR(setsockopt(s, SOL_SOCKET, other, (char *)&on, sizeof(on)),
                    WSAEINVAL);
        CHECK_EQ(get_int_option(s, SOL_SOCKET, one), 1);
        CHECK_EQ(get_int_option(s, SOL_SOCKET, other), 0);
        set_int_option(s, SOL_SOCKET, one, 0);
        set_int_option(s, SOL_SOCKET, other, 1);
        CHECK_EQ(get_int_option(s, SOL_SOCKET, other), 1);
        CHECK_ERROR(setsockopt(s, SOL_SOCKET, one, (char *)&on, sizeof(on)),
                    WSAEINVAL);
        close_socket(s);
    }
}

/* SO_REUSEADDR is not needed, and what one program sets is not enough. */
static void reuse_of_the_second_alone_steals_nothing(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = loopback(place.port);
    SOCKET first = tcp_socket(), second = tcp_socket(), client;

    CHECK_OK(bind_to(first, &name));
    CHECK_OK(listen(first, 5));
    set_int_option(second, SOL_SOCKET, SO_REUSEADDR, 1);
    CHECK_ERROR(bind_to(second, &name), WSAEACCES);
    CHECK_ERROR(listen(second, 5), WSAEINVAL);
    /* The refused socket is as good as new. */
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    CHECK_OK(bind_to(second, &name));
    CHECK_OK(listen(second, 5));
    name = loopback(place.port);
    client = tcp_connect(&name);
    close_socket(CHECK_SOCKET(accept(first, NULL, NULL)));
    close_socket(client);
    close_socket(second);
    close_socket(first);
    place_leave(&place);
}

/* A port that the system chooses is a free one, whatever the options. */
static void chosen_ports_are_not_shared(void)
{
    enum { N = 64 };
    struct sockaddr_in name = wildcard(0);
    int kind, i, j;

    for (kind = 0; kind < 2; kind++) {
        SOCKET s[N];
        u_short ports[N];

        for (i = 0; i < N; i++) {
            s[i] = kind ? udp_socket() : tcp_socket();
            set_int_option(s[i], SOL_SOCKET, SO_REUSEADDR, 1);
            CHECK_OK(bind_to(s[i], &name));
            ports[i] = local_name(s[i]).sin_port;
            for (j = 0; j < i; j++)
                CHECK(ports[i] != ports[j]);
        }
        for (i = 0; i < N; i++)
            close_socket(s[i]);
    }
}

/* --- Both families -------------------------------------------------------- */

/* An address of either family; "::" is dual-stack where dual is set. */
struct place_name {
    const char *text;
    int dual;
    int sharing; /* enum sharing */
};

static SOCKET open_named(const struct place_name *name, unsigned port,
                         int *ret_error)
{
    union {
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr any;
    } address;
    int ipv6 = strchr(name->text, ':') != NULL;
    SOCKET s = CHECK_SOCKET(socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0));

    memset(&address, 0, sizeof(address));
    address.any.sa_family = ipv6 ? AF_INET6 : AF_INET;
    CHECK_RESULT(inet_pton(ipv6 ? AF_INET6 : AF_INET, name->text,
                           ipv6 ? (void *)&address.v6.sin6_addr
                                : (void *)&address.v4.sin_addr),
                 1);
    address.v4.sin_port = htons((u_short)port); /* at the same place in both */
    if (name->dual)
        set_int_option(s, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set_sharing(s, (enum sharing)name->sharing);
    *ret_error = bind(s, &address.any,
                      ipv6 ? sizeof(address.v6) : sizeof(address.v4)) == 0
                     ? 0
                     : WSAGetLastError();
    return s;
}

static void dual_stack_counts_for_both_families(void)
{
    enum { D = SHARING_DEFAULT, E = SHARING_EXCLUSIVE };
    static const struct {
        struct place_name first, second;
        int error;
    } rows[] = {
        {{"::", 1, E}, {"127.0.0.1", 0, D}, WSAEACCES},
        {{"::", 1, E}, {"0.0.0.0", 0, D}, WSAEACCES},
        {{"::", 1, E}, {"0.0.0.0", 0, E}, WSAEACCES},
        {{"::", 1, D}, {"0.0.0.0", 0, D}, 0},
        {{"::", 1, D}, {"0.0.0.0", 0, E}, 0},
        {{"::", 1, D}, {"127.0.0.1", 0, D}, 0},
        {{"127.0.0.1", 0, D}, {"::", 1, D}, 0},
        {{"127.0.0.1", 0, D}, {"::", 1, E}, WSAEADDRINUSE},
        {{"127.0.0.1", 0, D}, {"0.0.0.0", 0, E}, WSAEADDRINUSE},
        {{"127.0.0.1", 0, E}, {"0.0.0.0", 0, D}, 0},
        {{"::", 0, E}, {"0.0.0.0", 0, E}, 0},
        {{"::1", 0, E}, {"0.0.0.0", 0, E}, 0},
        {{"::1", 0, D}, {"127.0.0.1", 0, D}, 0},
        {{"::1", 0, D}, {"::", 1, D}, 0},
        {{"::1", 0, D}, {"::1", 0, D}, WSAEADDRINUSE},
        {{"127.0.0.1", 0, D},
         {"::ffff:127.0.0.1", 1, D},
         WSAEADDRINUSE},
        {{"::ffff:127.0.0.1", 1, D},
         {"127.0.0.1", 0, D},
         WSAEADDRINUSE},
    };
    struct place place = place_find(SOCK_STREAM);
    size_t i;
    int listening;

    for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        const struct place_name *first = &rows[i / 2].first;
        const struct place_name *second = &rows[i / 2].second;
        SOCKET one, other;
        int error;

        listening = i % 2;
        one = open_named(first, place.port, &error);
        CHECK_THAT(error == 0, "%s: %s", first->text, error_name(error));
        if (listening)
            CHECK_OK(listen(one, 5));
        other = open_named(second, place.port, &error);
        EXPECT_THAT(error == rows[i / 2].error, "row %d, %s, then %s: %s",
                    (int)i / 2, first->text, second->text, error_name(error));
        if (error == 0 && listening)
            EXPECT_OK(listen(other, 5));
        close_socket(other);
        close_socket(one);
    }
    place_leave(&place);
}

/* --- When a port is free again -------------------------------------------- */

static void the_port_is_free_after_the_last_close(void)
{
    struct peer *peer = remote_start();
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = wildcard(place.port);
    SOCKET first, second, there;
    int i;

    for (i = 0; i < 8; i++) {
        first = tcp_socket();
        set_int_option(first, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
        CHECK_OK(bind_to(first, &name));
        CHECK_OK(listen(first, 5));
        close_socket(first);
    }
    first = tcp_socket();
    CHECK_OK(bind_to(first, &name));
    CHECK_OK(listen(first, 5));
    there = remote_take(peer, first);
    close_socket(first);
    second = tcp_socket();
    CHECK_ERROR(bind_to(second, &name), WSAEADDRINUSE);
    CHECK_OK(remote_close(peer, there));
    CHECK_OK(bind_to(second, &name));
    CHECK_OK(listen(second, 5));
    close_socket(second);
    place_leave(&place);
    remote_end(peer);
}

/* The server has not yet read that the process has ended. */
static void the_port_of_a_killed_process_is_free(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in name = wildcard(place.port);
    int i;

    for (i = 0; i < 8; i++) {
        struct peer *peer = remote_start();
        SOCKET there = remote_socket(peer, AF_INET, SOCK_STREAM, 0);
        SOCKET here = tcp_socket();

        CHECK_OK(remote_bind(peer, there, &name));
        CHECK_OK(remote_listen(peer, there, 5));
        CHECK_ERROR(bind_to(here, &name), WSAEADDRINUSE);
        peer_kill(peer);
        CHECK_OK(bind_to(here, &name));
        CHECK_OK(listen(here, 5));
        close_socket(here);
    }
    place_leave(&place);
}

/* Who has shared a port leaves nothing behind that lets others share it. */
static void sharing_ends_with_the_sharers(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    SOCKET first = tcp_socket(), second = tcp_socket(), third = tcp_socket();

    CHECK_OK(bind_to(first, &any));
    CHECK_OK(listen(first, 5));
    CHECK_OK(bind_to(second, &one));
    CHECK_OK(listen(second, 5));
    CHECK_ERROR(bind_to(third, &any), WSAEADDRINUSE);
    CHECK_ERROR(bind_to(third, &one), WSAEADDRINUSE);
    close_socket(first);
    CHECK_ERROR(bind_to(third, &one), WSAEADDRINUSE);
    CHECK_OK(bind_to(third, &any));
    CHECK_OK(listen(third, 5));
    close_socket(second);
    second = tcp_socket();
    CHECK_ERROR(bind_to(second, &any), WSAEADDRINUSE);
    CHECK_OK(bind_to(second, &one));
    CHECK_OK(listen(second, 5));
    close_socket(third);
    close_socket(second);
    place_leave(&place);
}

/* The end that closes first keeps the connection in TIME_WAIT. */
static void time_wait_is_no_obstacle(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    int i;

    for (i = 0; i < 6; i++) {
        SOCKET listener = tcp_socket(), client, server;

        set_sharing(listener, (enum sharing)(i / 2));
        CHECK_OK(bind_to(listener, i % 2 ? &one : &any));
        CHECK_OK(listen(listener, 5));
        client = tcp_connect(&one);
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        close_socket(listener);
        close_socket(server);
        check_end(client);
        close_socket(client);
    }
    place_leave(&place);
}

static const struct test_case cases[] = {
    TEST_CASE(reuse_and_exclusive_exclude_each_other,
              "03 3.1: REUSE and EXCL are mutually exclusive: WSAEINVAL"),
    TEST_CASE(reuse_of_the_second_alone_steals_nothing,
              "03 3.1: REUSE on the second only: WSAEACCES"),
    TEST_CASE(chosen_ports_are_not_shared, "03 3: port 0"),
    TEST_CASE(dual_stack_counts_for_both_families, "03 3.1: dual-stack"),
    TEST_CASE(the_port_is_free_after_the_last_close,
              "03 3: the port is free at the last close"),
    /* Wine may report a process's end before its descriptors are closed. */
    TEST_CASE_WITH(the_port_of_a_killed_process_is_free,
                   "03 3: the port is free at the last close",
                   .flags = TEST_NATIVE_ONLY),
    TEST_CASE(sharing_ends_with_the_sharers, "03 3.1: after one has closed"),
    TEST_CASE(time_wait_is_no_obstacle, "03 3: TIME_WAIT"),
    TEST_END
};

TEST_MAIN("ports", cases, NULL)
