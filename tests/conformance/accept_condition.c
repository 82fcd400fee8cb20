/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAAccept with a condition function.
 */
#include "support/events.h"
#include "support/sockets.h"

#include <stdio.h>

#ifndef SO_CONDITIONAL_ACCEPT
#define SO_CONDITIONAL_ACCEPT 0x3002
#endif

/* What the condition function answers, and what it saw. */
struct condition {
    int answer, calls;
    struct sockaddr_in caller, callee;
    ULONG caller_data, callee_data;
    BOOL has_qos;
    DWORD_PTR context;
};

static struct condition *current; /* of this thread's case */

static int CALLBACK decide(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos,
                           LPQOS gqos, LPWSABUF callee_id, LPWSABUF callee_data,
                           GROUP *g, DWORD_PTR context)
{
    (void)g;
    current->calls++;
    current->context = context;
    if (caller_id != NULL && caller_id->len >= sizeof(current->caller))
        memcpy(&current->caller, caller_id->buf, sizeof(current->caller));
    if (callee_id != NULL && callee_id->len >= sizeof(current->callee))
        memcpy(&current->callee, callee_id->buf, sizeof(current->callee));
    current->caller_data = caller_data != NULL ? caller_data->len : 0;
    current->callee_data = callee_data != NULL ? callee_data->len : 0;
    current->has_qos = sqos != NULL || gqos != NULL;
    return current->answer;
}

static SOCKET accept_by(SOCKET listener, struct condition *condition,
                        struct sockaddr_in *name, int *length)
{
    current = condition;
    return WSAAccept(listener, (struct sockaddr *)name, length, decide, 4711);
}

static void the_condition_sees_both_names(void)
{
    struct condition yes = {.answer = CF_ACCEPT};
    struct sockaddr_in name, peer;
    int length = sizeof(peer);
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;

    server = CHECK_SOCKET(accept_by(listener, &yes, &peer, &length));
    CHECK_EQ(yes.calls, 1);
    CHECK_EQ(yes.context, 4711);
    CHECK_EQ(yes.caller.sin_port, local_name(client).sin_port);
    CHECK_EQ(yes.callee.sin_port, name.sin_port);
    CHECK_EQ(yes.caller_data, 0); /* TCP/IP has none */
    CHECK_EQ(yes.callee_data, 0);
    CHECK(!yes.has_qos);
    CHECK_EQ(length, sizeof(peer));
    CHECK_EQ(peer.sin_port, yes.caller.sin_port);
    check_passes(client, server, "accepted");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void a_rejected_peer_is_reset(void)
{
    struct condition no = {.answer = CF_REJECT};
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);
    char byte;

    CHECK_ERROR(accept_by(listener, &no, NULL, NULL), WSAECONNREFUSED);
    CHECK_EQ(no.calls, 1);
    CHECK(wait_readable(client, test_timeout(5000)));
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAECONNRESET);
    set_nonblocking(listener, 1); /* and there is no other */
    CHECK_ERROR(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    close_socket(client);
    close_socket(listener);
}

static void a_deferred_one_comes_again(void)
{
    struct condition later = {.answer = CF_DEFER}, yes = {.answer = CF_ACCEPT};
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;

    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    CHECK_EQ(later.calls, 2);
    CHECK_EQ(later.caller.sin_port, local_name(client).sin_port);
    check_quiet(client); /* it hears nothing of that */
    server = CHECK_SOCKET(accept_by(listener, &yes, NULL, NULL));
    check_passes(client, server, "at last");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void a_plain_accept_takes_a_deferred_one(void)
{
    struct condition later = {.answer = CF_DEFER};
    struct sockaddr_in name, peer;
    int length = sizeof(peer);
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;

    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    server = CHECK_SOCKET(
        accept(listener, (struct sockaddr *)&peer, &length));
    CHECK_EQ(peer.sin_port, local_name(client).sin_port);
    check_passes(server, client, "plain");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void a_deferred_one_is_seen_waiting(void)
{
    struct condition later = {.answer = CF_DEFER};
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;
    WSAPOLLFD entry = {listener, POLLRDNORM, 0};

    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    CHECK(wait_readable(listener, 0));
    CHECK_RESULT(WSAPoll(&entry, 1, 0), 1);
    CHECK_EQ(entry.revents, POLLRDNORM);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK(!wait_readable(listener, 0));
    entry.revents = 0;
    CHECK_RESULT(WSAPoll(&entry, 1, 0), 0);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void closing_the_listener_ends_deferred_ones(void)
{
    struct condition later = {.answer = CF_DEFER};
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);
    char byte;

    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    close_socket(listener);
    CHECK(wait_readable(client, test_timeout(5000)));
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAECONNRESET);
    close_socket(client);
}

static void another_answer_is_invalid(void)
{
    struct condition odd = {.answer = 99};
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);

    CHECK_ERROR(accept_by(listener, &odd, NULL, NULL), WSAEINVAL);
    CHECK_EQ(odd.calls, 1);
    close_socket(client);
    close_socket(listener);
}

static void conditional_accept_works_the_same(void)
{
    struct condition no = {.answer = CF_REJECT}, yes = {.answer = CF_ACCEPT};
    struct sockaddr_in name = loopback(0);
    int length = sizeof(name);
    SOCKET listener = tcp_socket(), client, server;

    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    set_int_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1);
    CHECK_OK(listen(listener, 5));
    CHECK_OK(getsockname(listener, (struct sockaddr *)&name, &length));
    client = tcp_socket();
    set_nonblocking(client, 1);
    CHECK_ERROR(connect(client, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK_ERROR(accept_by(listener, &no, NULL, NULL), WSAECONNREFUSED);
    close_socket(client);
    client = tcp_socket();
    set_nonblocking(client, 1);
    CHECK_ERROR(connect(client, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    server = CHECK_SOCKET(accept_by(listener, &yes, NULL, NULL));
    CHECK(wait_writable(client, test_timeout(5000)));
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void the_condition_is_asked_only_for_connections(void)
{
    struct condition yes = {.answer = CF_ACCEPT};
    struct sockaddr_in name, peer;
    SOCKET listener = tcp_listener(&name), u = udp_bound(NULL), client;
    int shorter = sizeof(peer) - 1;

    set_nonblocking(listener, 1);
    EXPECT_ERROR(accept_by(listener, &yes, NULL, NULL), WSAEWOULDBLOCK);
    EXPECT_ERROR(accept_by(INVALID_SOCKET, &yes, NULL, NULL), WSAENOTSOCK);
    EXPECT_ERROR(accept_by(u, &yes, NULL, NULL), WSAEOPNOTSUPP);
    client = tcp_connect(&name);
    CHECK(wait_readable(listener, test_timeout(5000)));
    EXPECT_ERROR(accept_by(client, &yes, NULL, NULL), WSAEINVAL);
    EXPECT_ERROR(accept_by(listener, &yes, &peer, &shorter), WSAEFAULT);
    EXPECT_EQ(shorter, sizeof(peer) - 1);
    EXPECT_EQ(yes.calls, 0);
    close_socket(client);
    close_socket(u);
    close_socket(listener);
}

static void check_deferred_events(enum watch_kind kind)
{
    struct condition later = {.answer = CF_DEFER}, no = {.answer = CF_REJECT};
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), clients[2], servers[2];
    struct watch watch;
    struct marker marker;

    watch_open(&watch, kind);
    marker_open(&marker, kind);
    watch_select(&watch, listener, FD_ACCEPT);
    clients[0] = tcp_connect(&name);
    check_reports(&watch, listener, FD_ACCEPT, 0);
    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    check_nothing(&watch, listener, &marker);
    watch_select(&watch, listener, FD_ACCEPT); /* the request is queued still */
    if (kind == WATCH_MESSAGES)
        check_reports(&watch, listener, FD_ACCEPT, 0);
    check_nothing(&watch, listener, &marker);
    clients[1] = tcp_connect(&name);
    if (kind == WATCH_EVENT)
        check_reports(&watch, listener, FD_ACCEPT, 0);
    servers[0] = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_reports(&watch, listener, FD_ACCEPT, 0); /* of the second one */
    CHECK_ERROR(accept_by(listener, &later, NULL, NULL), WSATRY_AGAIN);
    check_nothing(&watch, listener, &marker);
    servers[1] = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_nothing(&watch, listener, &marker);
    close_socket(clients[0]);
    clients[0] = tcp_connect(&name); /* an accept that refuses re-enables */
    check_reports(&watch, listener, FD_ACCEPT, 0);
    CHECK_ERROR(accept_by(listener, &no, NULL, NULL), WSAECONNREFUSED);
    check_nothing(&watch, listener, &marker);
    close_socket(clients[0]);
    clients[0] = tcp_connect(&name);
    check_reports(&watch, listener, FD_ACCEPT, 0);
    marker_close(&marker);
    watch_close(&watch);
    close_socket(clients[0]);
    close_socket(clients[1]);
    close_socket(servers[0]);
    close_socket(servers[1]);
    close_socket(listener);
}

/* WSAEventSelect's page: WSAAccept is a re-enabling function of FD_ACCEPT
   unless it fails with WSATRY_AGAIN. */
static void a_deferred_one_stays_an_event(void)
{
    check_deferred_events(WATCH_EVENT);
}

static void a_deferred_one_stays_a_message(void)
{
    check_deferred_events(WATCH_MESSAGES);
}

static const struct test_case cases[] = {
    TEST_CASE(the_condition_sees_both_names, "03 6: CF_ACCEPT"),
    TEST_CASE(a_rejected_peer_is_reset, "03 6: CF_REJECT"),
    TEST_CASE(a_deferred_one_comes_again, "03 6: CF_DEFER"),
    TEST_CASE(a_plain_accept_takes_a_deferred_one, "03 6: CF_DEFER"),
    TEST_CASE(a_deferred_one_is_seen_waiting,
              "03 6, 10: the request is queued"),
    TEST_CASE(a_deferred_one_stays_an_event, "02 5: WSATRY_AGAIN"),
    TEST_CASE_WITH(a_deferred_one_stays_a_message, "02 5: WSATRY_AGAIN",
                   .flags = TEST_WINDOWS),
    TEST_CASE(closing_the_listener_ends_deferred_ones, "03 6: CF_DEFER"),
    TEST_CASE(another_answer_is_invalid, "03 6: EINVAL"),
    TEST_CASE(conditional_accept_works_the_same, "03 6: SO_CONDITIONAL_ACCEPT"),
    TEST_CASE_WITH(the_condition_is_asked_only_for_connections, "03 6: errors",
                   .seconds = 8),
    TEST_END
};
TEST_MAIN("accept_condition", cases, NULL)
