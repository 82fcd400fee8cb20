/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs that AcceptEx has filled, or DisconnectEx has made new, as handles:
 * what a child process inherits and what DuplicateHandle copies is the
 * connection, or the new socket.
 *
 * Specification 01, sections 6 and 7.
 */
#include "support/accepting.h"
#include "support/platform.h"
#include "support/remote.h"

#include <stdlib.h>

/* --- Inheritance ---------------------------------------------------------- */

static void a_child_inherits_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    struct peer *child;

    client = accept_fill(s, listener, &name);
    child = remote_start_inheriting();
    CHECK_OK(remote_close(child, client)); /* it has the other end, too */
    remote_check_passes(child, s, client, "child");
    check_passes(s, client, "parent");
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 4321); /* one object */
    CHECK_OK(remote_set_option(child, s, SOL_SOCKET, SO_SNDTIMEO,
                               &(int){1234}, sizeof(int)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_SNDTIMEO), 1234);
    close_socket(s);
    check_quiet(client);
    remote_check_passes(child, s, client, "alone");
    CHECK_OK(remote_close(child, s));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(child);
}

/* The parent may be gone before the child looks at the handle, and the child
   need not look at it at all. */
static void the_child_s_end_is_the_connection_s(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    struct peer *child;

    client = accept_fill(s, listener, &name);
    set_int_option(client, SOL_SOCKET, SO_RCVTIMEO, test_timeout(10000));
    child = remote_start_inheriting();
    CHECK_OK(remote_close(child, client));
    close_socket(s);
    check_quiet(client);
    remote_exit(child);
    check_end(client);
    close_socket(client);
    close_socket(listener);
}

/* Each leads to its own connection, whatever handles lie between. */
static void many_are_inherited(void)
{
    enum { MANY = 20 };
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), sockets[MANY], clients[MANY], between[MANY];
    struct peer *child;
    int i;

    for (i = 0; i < MANY; i++) {
        between[i] = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0,
                                WSA_FLAG_OVERLAPPED |
                                    (i % 2 ? WSA_FLAG_NO_HANDLE_INHERIT : 0));
        sockets[i] = tcp_socket();
    }
    for (i = MANY; i-- > 0;)
        clients[i] = accept_fill(sockets[i], listener, &name);
    child = remote_start_inheriting();
    for (i = 0; i < MANY; i++) {
        remote_check_passes(child, sockets[i], clients[i], "child");
        CHECK_OK(remote_close(child, clients[i]));
        close_socket(sockets[i]);
        close_socket(between[i]);
    }
    remote_exit(child);
    for (i = 0; i < MANY; i++) {
        check_end(clients[i]);
        close_socket(clients[i]);
    }
    close_socket(listener);
}

static void one_that_is_not_inherited(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), client, s;
    struct peer *child;

    s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    CHECK(s != INVALID_SOCKET);
    client = accept_fill(s, listener, &name);
    child = remote_start_inheriting();
    CHECK_OK(remote_close(child, client));
    close_socket(s);
    check_end(client); /* the child has nothing of it */
    close_socket(client);
    close_socket(listener);
    remote_end(child);
}

static void a_child_inherits_a_socket_made_new(void)
{
    LPFN_DISCONNECTEX disconnect_ex =
        (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    struct sockaddr_in name, bound = loopback(0), found;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    struct peer *child;

    client = accept_fill(s, listener, &name);
    CHECK(disconnect_ex(s, NULL, TF_REUSE_SOCKET, 0));
    close_socket(client);
    child = remote_start_inheriting();
    CHECK_OK(remote_bind(child, s, &bound));
    bound = local_name(s);
    CHECK(bound.sin_port != 0);
    CHECK_OK(remote_local_name(child, s, &found));
    CHECK_EQ(found.sin_port, bound.sin_port);
    close_socket(s);
    close_socket(listener);
    remote_end(child);
}

/* --- DuplicateHandle ------------------------------------------------------ */

static void a_copy_is_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;

    client = accept_fill(s, listener, &name);
    copy = (SOCKET)handle_duplicate(s);
    CHECK(copy != 0 && copy != s);
    check_passes(copy, client, "through the copy");
    set_int_option(copy, SOL_SOCKET, SO_RCVTIMEO, 999);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), 999);
    close_socket(s);
    check_quiet(client);
    close_socket(copy);
    check_end(client);
    close_socket(client);
    close_socket(listener);
}

/* --- Descriptors that were made before ------------------------------------ */

/* All of them are the connection. */
static void check_both(SOCKET s, SOCKET other, SOCKET client)
{
    struct sockaddr_in one = local_name(s), two = local_name(other);

    CHECK_EQ(one.sin_port, two.sin_port);
    check_passes(s, client, "by the first");
    check_passes(other, client, "by the other");
    check_passes(client, other, "to the other");
    set_int_option(other, SOL_SOCKET, SO_RCVTIMEO, 4321);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), 4321);
    close_socket(s);
    check_quiet(client);
    check_passes(other, client, "alone");
    close_socket(other);
    check_end(client);
}

static void a_copy_made_before_is_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    int i;

    for (i = 0; i < 2; i++) {
        copy = (SOCKET)handle_duplicate(s);
        CHECK(copy != 0);
        set_int_option(copy, IPPROTO_TCP, TCP_NODELAY, 1);
        client = accept_fill(i ? copy : s, listener, &name);
        CHECK_EQ(get_int_option(copy, IPPROTO_TCP, TCP_NODELAY), 1);
        CHECK_EQ(get_int_option(s, IPPROTO_TCP, TCP_NODELAY), 1);
        check_both(s, copy, client);
        close_socket(client);
        s = tcp_socket();
    }
    close_socket(s);
    close_socket(listener);
}

/* Nobody has looked at the copy before. */
static void an_unused_copy_made_before(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;

    copy = (SOCKET)handle_duplicate(s);
    client = accept_fill(s, listener, &name);
    check_both(s, copy, client);
    close_socket(client);
    s = tcp_socket();
    copy = (SOCKET)handle_duplicate(s);
    client = accept_fill(copy, listener, &name);
    check_both(s, copy, client);
    close_socket(client);
    close_socket(listener);
}

static void duplicates_made_before_are_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    SOCKET one = duplicate_here(s), two = duplicate_here(one);

    client = accept_fill(one, listener, &name);
    check_passes(two, client, "two");
    close_socket(two);
    check_both(s, one, client);
    close_socket(client);
    close_socket(listener);
}

/* One that is opened afterwards, here and in another process. */
static void a_duplicate_under_way_is_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, there;
    struct peer *peer = remote_start();
    WSAPROTOCOL_INFOW here_info, there_info;

    duplicate(s, platform_process_id(), &here_info);
    duplicate(s, peer_pid(peer), &there_info);
    client = accept_fill(s, listener, &name);
    there = remote_open(peer, &there_info, WSA_FLAG_OVERLAPPED);
    CHECK(there != INVALID_SOCKET);
    remote_check_passes(peer, there, client, "there");
    CHECK_OK(remote_close(peer, there));
    check_both(s, open_duplicate(&here_info), client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

/* It is one socket: it is taken, whichever descriptor is used. */
static void a_copy_is_in_use_meanwhile(void)
{
    struct sockaddr_in name, got;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    SOCKET other = duplicate_here(s);
    OVERLAPPED overlapped, second;
    char buffer[2 * ACCEPT_BLOCK];
    int length = sizeof(got);
    DWORD received;

    overlapped_init(&overlapped);
    overlapped_init(&second);
    CHECK_PENDS(accept_ex(listener, s, buffer, 0, ACCEPT_BLOCK, ACCEPT_BLOCK, &received,
                          &overlapped));
    CHECK_FAILS(accept_ex(listener, other, buffer, 0, ACCEPT_BLOCK, ACCEPT_BLOCK, &received,
                          &second),
                WSAEINVAL);
    CHECK_ERROR(connect(other, (struct sockaddr *)&name, sizeof(name)),
                WSAEINVAL);
    client = tcp_connect(&name);
    CHECK_EQ(overlapped_bytes(listener, &overlapped), 0);
    CHECK_ERROR(getpeername(other, (struct sockaddr *)&got, &length),
                WSAENOTCONN);
    CHECK_OK(setsockopt(other, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                        (char *)&listener, sizeof(listener)));
    CHECK_OK(getpeername(s, (struct sockaddr *)&got, &length));
    overlapped_free(&second);
    overlapped_free(&overlapped);
    check_both(s, other, client);
    close_socket(client);
    close_socket(listener);
}

/* One that is closed before the connection comes leaves nothing. */
static void a_copy_that_is_closed_before(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    SOCKET other = duplicate_here(s), third = duplicate_here(s);

    close_socket(other);
    client = accept_fill(s, listener, &name);
    close_socket(third);
    check_passes(s, client, "left");
    close_socket(s);
    check_end(client);
    close_socket(client);
    close_socket(listener);
}

static void a_copy_of_a_socket_made_new(void)
{
    LPFN_DISCONNECTEX disconnect_ex =
        (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    struct sockaddr_in name, bound = loopback(0);
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, other;
    int i;

    other = duplicate_here(s);
    for (i = 0; i < 3; i++) {
        client = accept_fill(i & 1 ? other : s, listener, &name);
        check_passes(other, client, "connected");
        CHECK(disconnect_ex(i & 1 ? s : other, NULL, TF_REUSE_SOCKET, 0));
        check_end(client);
        close_socket(client);
        CHECK_ERROR(send(s, "x", 1, 0), WSAENOTCONN);
        CHECK_ERROR(send(other, "x", 1, 0), WSAENOTCONN);
    }
    CHECK_OK(bind(other, (struct sockaddr *)&bound, sizeof(bound)));
    CHECK(local_name(s).sin_port != 0);
    CHECK_EQ(local_name(s).sin_port, local_name(other).sin_port);
    close_socket(other);
    close_socket(s);
    close_socket(listener);
}

/* Descriptors of a socket that gets another kernel socket are made, used and
   closed by other threads meanwhile: each is one of one of the two. */
struct churn {
    SOCKET s;
    int is_over; /* atomic */
};

static void make_and_close(void *argument)
{
    struct churn *churn = argument;
    SOCKET copy;
    char byte;

    while (!__atomic_load_n(&churn->is_over, __ATOMIC_ACQUIRE)) {
        copy = duplicate_here(churn->s);
        set_int_option(copy, IPPROTO_TCP, TCP_NODELAY, 1);
        CHECK(recv(copy, &byte, 1, MSG_OOB) < 0); /* there never is any */
        close_socket(copy);
    }
}

static void copies_come_and_go(void)
{
    enum { THREADS = 2, ROUNDS = 60 };
    LPFN_DISCONNECTEX disconnect_ex =
        (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), client;
    struct churn churn = {.s = tcp_socket()};
    SOCKET copy = duplicate_here(churn.s);
    struct thread *threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++)
        threads[i] = thread_start(make_and_close, &churn);
    for (i = 0; i < ROUNDS; i++) {
        client = accept_fill(i & 1 ? copy : churn.s, listener, &name);
        check_passes(copy, client, "by the copy");
        check_passes(client, churn.s, "to the first");
        CHECK(disconnect_ex(copy, NULL, TF_REUSE_SOCKET, 0));
        close_socket(client);
    }
    __atomic_store_n(&churn.is_over, 1, __ATOMIC_RELEASE);
    for (i = 0; i < THREADS; i++)
        thread_join(threads[i]);
    close_socket(copy);
    close_socket(churn.s);
    close_socket(listener);
}

static const struct test_case cases[] = {
    TEST_CASE(a_child_inherits_the_connection, "01 7: inherited, AcceptEx"),
    TEST_CASE(the_child_s_end_is_the_connection_s, "01 6: inherited, AcceptEx"),
    TEST_CASE(many_are_inherited, "01 7: inherited, AcceptEx"),
    TEST_CASE(one_that_is_not_inherited, "01 7: WSA_FLAG_NO_HANDLE_INHERIT"),
    TEST_CASE(a_child_inherits_a_socket_made_new, "01 7: TF_REUSE_SOCKET"),
    TEST_CASE(a_copy_is_the_connection, "01 7: DuplicateHandle, AcceptEx"),
    TEST_CASE(a_copy_made_before_is_the_connection, "01: one socket"),
    TEST_CASE_WITH(an_unused_copy_made_before, "01: one socket",
                   .flags = TEST_WINE_ONLY),
    TEST_CASE(duplicates_made_before_are_the_connection, "01: one socket"),
    TEST_CASE(a_duplicate_under_way_is_the_connection, "01: one socket"),
    TEST_CASE(a_copy_is_in_use_meanwhile, "01: one socket"),
    TEST_CASE(a_copy_that_is_closed_before, "01: one socket"),
    TEST_CASE(a_copy_of_a_socket_made_new, "01: one socket"),
    TEST_CASE_WITH(copies_come_and_go, "01: one socket", .seconds = 40),
    TEST_END
};
TEST_MAIN("extension_handles", cases, NULL)
