/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs that AcceptEx has filled, or DisconnectEx has made new, as handles:
 * what a child process inherits and what DuplicateHandle copies is the
 * connection, or the new socket.
 *
 * Specification 01, sections 6 and 7.
 */
#include "support/extensions.h"
#include "support/platform.h"
#include "support/remote.h"

#include <stdlib.h>

#define BLOCK (sizeof(struct sockaddr_in) + 16)

static LPFN_ACCEPTEX accept_ex;

static SOCKET begin(struct sockaddr_in *name)
{
    accept_ex = (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    return tcp_listener(name);
}

/* Fills the socket with a connection; its other end. */
static SOCKET fill(SOCKET s, SOCKET listener, const struct sockaddr_in *name)
{
    OVERLAPPED overlapped;
    char buffer[2 * BLOCK];
    DWORD received;
    SOCKET client;

    overlapped_init(&overlapped);
    CHECK_PENDS(accept_ex(listener, s, buffer, 0, BLOCK, BLOCK, &received,
                          &overlapped));
    client = tcp_connect(name);
    CHECK_EQ(overlapped_bytes(listener, &overlapped), 0);
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                        (char *)&listener, sizeof(listener)));
    overlapped_free(&overlapped);
    return client;
}

/* --- Inheritance ------------------------------------------------------------------------ */

static void a_child_inherits_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *child;

    client = fill(s, listener, &name);
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
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *child;

    client = fill(s, listener, &name);
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
    SOCKET listener = begin(&name), sockets[MANY], clients[MANY], between[MANY];
    struct peer *child;
    int i;

    for (i = 0; i < MANY; i++) {
        between[i] = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0,
                                WSA_FLAG_OVERLAPPED |
                                    (i % 2 ? WSA_FLAG_NO_HANDLE_INHERIT : 0));
        sockets[i] = tcp_socket();
    }
    for (i = MANY; i-- > 0;)
        clients[i] = fill(sockets[i], listener, &name);
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
    SOCKET listener = begin(&name), client, s;
    struct peer *child;

    s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    CHECK(s != INVALID_SOCKET);
    client = fill(s, listener, &name);
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
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *child;

    client = fill(s, listener, &name);
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

/* --- DuplicateHandle ---------------------------------------------------------------------- */

static void a_copy_is_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;

    client = fill(s, listener, &name);
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

/* --- Descriptors that were made before --------------------------------------- */

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
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    int i;

    for (i = 0; i < 2; i++) {
        copy = (SOCKET)handle_duplicate(s);
        CHECK(copy != 0);
        set_int_option(copy, IPPROTO_TCP, TCP_NODELAY, 1);
        client = fill(i ? copy : s, listener, &name);
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
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;

    copy = (SOCKET)handle_duplicate(s);
    client = fill(s, listener, &name);
    check_both(s, copy, client);
    close_socket(client);
    s = tcp_socket();
    copy = (SOCKET)handle_duplicate(s);
    client = fill(copy, listener, &name);
    check_both(s, copy, client);
    close_socket(client);
    close_socket(listener);
}

static void duplicates_made_before_are_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    SOCKET one = duplicate_here(s), two = duplicate_here(one);

    client = fill(one, listener, &name);
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
    SOCKET listener = begin(&name), s = tcp_socket(), client, there;
    struct peer *peer = remote_start();
    WSAPROTOCOL_INFOW here_info, there_info;

    duplicate(s, platform_process_id(), &here_info);
    duplicate(s, peer_pid(peer), &there_info);
    client = fill(s, listener, &name);
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
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    SOCKET other = duplicate_here(s);
    OVERLAPPED overlapped, second;
    char buffer[2 * BLOCK];
    int length = sizeof(got);
    DWORD received;

    overlapped_init(&overlapped);
    overlapped_init(&second);
    CHECK_PENDS(accept_ex(listener, s, buffer, 0, BLOCK, BLOCK, &received,
                          &overlapped));
    CHECK_FAILS(accept_ex(listener, other, buffer, 0, BLOCK, BLOCK, &received,
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
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    SOCKET other = duplicate_here(s), third = duplicate_here(s);

    close_socket(other);
    client = fill(s, listener, &name);
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
    SOCKET listener = begin(&name), s = tcp_socket(), client, other;
    int i;

    other = duplicate_here(s);
    for (i = 0; i < 3; i++) {
        client = fill(i & 1 ? other : s, listener, &name);
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

/* --- Copies that another process makes --------------------------------------------------- */

/* Copied out of this process, by a process that may have nothing else of it. */
static void check_copied_out(struct peer *peer, SOCKET s, SOCKET client)
{
    SOCKET copy =
        remote_copy(peer, platform_process_id(), s, 0, 0);

    CHECK(copy != 0);
    remote_check_passes(peer, copy, client, "by the copy");
    check_passes(s, client, "by the source");
    close_socket(s);
    check_quiet(client);
    remote_check_passes(peer, copy, client, "alone");
    CHECK_OK(remote_close(peer, copy));
    check_end(client);
}

static void another_process_copies_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    check_copied_out(peer, s, client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

/* It is one socket to the server, too. */
static void the_copy_is_the_same_socket(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    copy = remote_copy(peer, platform_process_id(), s, 0, 0);
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 4321);
    CHECK_OK(remote_set_option(peer, copy, SOL_SOCKET, SO_SNDTIMEO,
                               &(int){1234}, sizeof(int)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_SNDTIMEO), 1234);
    CHECK_OK(remote_close(peer, copy));
    close_socket(s);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

/* One that has not called WSAStartup yet copies, too. */
static void a_copy_before_winsock(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start_bare();

    client = fill(s, listener, &name);
    copy = remote_copy(peer, platform_process_id(), s, 0, 0);
    CHECK(copy != 0);
    close_socket(s);
    check_quiet(client);
    CHECK_OK(remote_startup(peer));
    remote_check_passes(peer, copy, client, "later");
    CHECK_OK(remote_close(peer, copy));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

static void a_copy_for_a_third_process(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *copier = remote_start(), *third = remote_start();

    client = fill(s, listener, &name);
    copy = remote_copy(copier, platform_process_id(), s, peer_pid(third), 0);
    CHECK(copy != 0);
    remote_end(copier);
    close_socket(s);
    check_quiet(client);
    remote_check_passes(third, copy, client, "third");
    CHECK_OK(remote_close(third, copy));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(third);
}

static void a_copy_into_another_process(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    copy = (SOCKET)handle_copy(platform_process_id(), s, peer_pid(peer), 0);
    CHECK(copy != 0);
    close_socket(s);
    check_quiet(client);
    remote_check_passes(peer, copy, client, "handed over");
    CHECK_OK(remote_close(peer, copy));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

/* The copier closes the source. */
static void a_copy_that_takes_the_source_away(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    copy = remote_copy(peer, platform_process_id(), s, 0, HANDLE_COPY_CLOSES);
    CHECK(copy != 0);
    remote_check_passes(peer, copy, client, "taken");
    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    check_quiet(client);
    CHECK_OK(remote_close(peer, copy));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

static void another_process_copies_a_socket_made_new(void)
{
    LPFN_DISCONNECTEX disconnect_ex =
        (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    struct sockaddr_in name, bound = loopback(0);
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    CHECK(disconnect_ex(s, NULL, TF_REUSE_SOCKET, 0));
    close_socket(client);
    copy = remote_copy(peer, platform_process_id(), s, 0, 0);
    CHECK(copy != 0);
    CHECK_OK(remote_bind(peer, copy, &bound));
    bound = local_name(s);
    CHECK(bound.sin_port != 0);
    CHECK_OK(remote_close(peer, copy));
    close_socket(s);
    close_socket(listener);
    remote_end(peer);
}

/* SOCKETs that are as their handles, beside one that is not. */
static void other_sockets_are_copied_as_ever(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, one, two, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    tcp_pair(&one, &two);
    check_copied_out(peer, one, two);
    copy = remote_copy(peer, platform_process_id(), listener, 0, 0);
    CHECK(copy != 0);
    close_socket(two);
    close_socket(client);
    client = tcp_connect(&name);
    two = remote_accept(peer, copy);
    CHECK(two != INVALID_SOCKET);
    remote_check_passes(peer, two, client, "accepted");
    CHECK_EQ(remote_copy(peer, platform_process_id(), 0x7ffffff0, 0, 0), 0);
    CHECK_OK(remote_close(peer, two));
    CHECK_OK(remote_close(peer, copy));
    close_socket(client);
    close_socket(s);
    close_socket(listener);
    remote_end(peer);
}

/* Those that a process makes when it has used AcceptEx; before and after their
   own AcceptEx, and when they are closed. */
static void later_streams_are_copied(void)
{
    struct sockaddr_in name, bound = loopback(0);
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    close_socket(client);
    close_socket(s);
    s = tcp_socket();
    copy = remote_copy(peer, platform_process_id(), s, 0, 0);
    CHECK(copy != 0);
    CHECK_OK(remote_bind(peer, copy, &bound));
    CHECK(local_name(s).sin_port != 0);
    CHECK_OK(remote_close(peer, copy));
    close_socket(s);
    s = tcp_socket();
    client = fill(s, listener, &name);
    check_copied_out(peer, s, client);
    CHECK_EQ(remote_copy(peer, platform_process_id(), s, 0, 0), 0);
    CHECK_EQ(remote_copy(peer, platform_process_id(), s, 0,
                         HANDLE_COPY_CLOSES), 0);
    close_socket(client);
    s = tcp_socket();
    client = fill(s, listener, &name);
    copy = remote_copy(peer, platform_process_id(), s, 0, HANDLE_COPY_CLOSES);
    CHECK(copy != 0);
    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    remote_check_passes(peer, copy, client, "taken");
    CHECK_OK(remote_close(peer, copy));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

/* A process that cannot answer is not waited for without end: the copy is then
   the socket that the handle leads to, as the program may see. */
static void the_source_s_process_is_stopped(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = fill(s, listener, &name);
    copy = remote_copy(peer, platform_process_id(), s, 0,
                       HANDLE_COPY_SUSPENDED);
    CHECK(copy != 0);
    CHECK_ERROR(remote_send(peer, copy, "x", 1, 0), WSAENOTCONN);
    CHECK_OK(remote_close(peer, copy));
    check_passes(s, client, "still");
    copy = remote_copy(peer, platform_process_id(), s, 0, 0);
    remote_check_passes(peer, copy, client, "now");
    CHECK_OK(remote_close(peer, copy));
    close_socket(s);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

#define IN_WINE .flags = TEST_WINE_ONLY

static const struct test_case cases[] = {
    TEST_CASE(a_child_inherits_the_connection, "01 7: inherited, AcceptEx"),
    TEST_CASE(the_child_s_end_is_the_connection_s, "01 6: inherited, AcceptEx"),
    TEST_CASE(many_are_inherited, "01 7: inherited, AcceptEx"),
    TEST_CASE(one_that_is_not_inherited, "01 7: WSA_FLAG_NO_HANDLE_INHERIT"),
    TEST_CASE(a_child_inherits_a_socket_made_new, "01 7: TF_REUSE_SOCKET"),
    TEST_CASE(a_copy_is_the_connection, "01 7: DuplicateHandle, AcceptEx"),
    TEST_CASE(a_copy_made_before_is_the_connection, "01: one socket"),
    TEST_CASE_WITH(an_unused_copy_made_before, "01: one socket", IN_WINE),
    TEST_CASE(duplicates_made_before_are_the_connection, "01: one socket"),
    TEST_CASE(a_duplicate_under_way_is_the_connection, "01: one socket"),
    TEST_CASE(a_copy_is_in_use_meanwhile, "01: one socket"),
    TEST_CASE(a_copy_that_is_closed_before, "01: one socket"),
    TEST_CASE(a_copy_of_a_socket_made_new, "01: one socket"),
    TEST_CASE_WITH(another_process_copies_the_connection,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_CASE_WITH(the_copy_is_the_same_socket,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_CASE_WITH(a_copy_before_winsock,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_CASE_WITH(a_copy_for_a_third_process,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_CASE_WITH(a_copy_into_another_process,
                   "01 7: DuplicateHandle into a process", IN_WINE),
    TEST_CASE_WITH(a_copy_that_takes_the_source_away,
                   "01 7: DUPLICATE_CLOSE_SOURCE", IN_WINE),
    TEST_CASE_WITH(another_process_copies_a_socket_made_new,
                   "01 7: TF_REUSE_SOCKET", IN_WINE),
    TEST_CASE_WITH(other_sockets_are_copied_as_ever,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_CASE_WITH(later_streams_are_copied,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_CASE_WITH(the_source_s_process_is_stopped,
                   "01 7: DuplicateHandle out of a process", IN_WINE),
    TEST_END
};
TEST_MAIN("extension_handles", cases, NULL)
