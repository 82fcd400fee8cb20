/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs that AcceptEx has filled, or DisconnectEx has made new, whose handles
 * another process copies: the copy is the connection, or the new socket.
 *
 * Specification 01, section 7.
 */
#include "support/accepting.h"
#include "support/platform.h"
#include "support/remote.h"

#include <stdlib.h>

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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
    check_copied_out(peer, s, client);
    close_socket(client);
    close_socket(listener);
    remote_end(peer);
}

/* It is one socket to the server, too. */
static void the_copy_is_the_same_socket(void)
{
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start_bare();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *copier = remote_start(), *third = remote_start();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, one, two, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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
    client = accept_fill(s, listener, &name);
    check_copied_out(peer, s, client);
    CHECK_EQ(remote_copy(peer, platform_process_id(), s, 0, 0), 0);
    CHECK_EQ(remote_copy(peer, platform_process_id(), s, 0,
                         HANDLE_COPY_CLOSES), 0);
    close_socket(client);
    s = tcp_socket();
    client = accept_fill(s, listener, &name);
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
    SOCKET listener = accept_listener(&name), s = tcp_socket(), client, copy;
    struct peer *peer = remote_start();

    client = accept_fill(s, listener, &name);
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

static const struct test_case cases[] = {
    TEST_CASE(another_process_copies_the_connection,
              "01 7: DuplicateHandle out of a process"),
    TEST_CASE(the_copy_is_the_same_socket,
              "01 7: DuplicateHandle out of a process"),
    TEST_CASE(a_copy_before_winsock, "01 7: DuplicateHandle out of a process"),
    TEST_CASE(a_copy_for_a_third_process,
              "01 7: DuplicateHandle out of a process"),
    TEST_CASE(a_copy_into_another_process,
              "01 7: DuplicateHandle into a process"),
    TEST_CASE(a_copy_that_takes_the_source_away,
              "01 7: DUPLICATE_CLOSE_SOURCE"),
    TEST_CASE(another_process_copies_a_socket_made_new,
              "01 7: TF_REUSE_SOCKET"),
    TEST_CASE(other_sockets_are_copied_as_ever,
              "01 7: DuplicateHandle out of a process"),
    TEST_CASE(later_streams_are_copied,
              "01 7: DuplicateHandle out of a process"),
    TEST_CASE(the_source_s_process_is_stopped,
              "01 7: DuplicateHandle out of a process"),
    TEST_END
};
TEST_MAIN("copied_handles", cases, NULL)
