/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shared sockets and the life of processes: listening sockets that several
 * processes accept on, inherited and duplicated handles, and what the end of a
 * process does to the sockets that it holds.
 *
 * Specification 01, sections 6 to 8, and 02, section 10.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <stdlib.h>

/* --- Listening sockets ---------------------------------------------------- */

static void accepting_in_two_processes(void)
{
    struct sockaddr_in name;
    char byte;
    SOCKET listener = tcp_listener(&name);
    struct peer *b = remote_start(), *c = remote_start();
    SOCKET in_b = remote_take(b, listener), in_c = remote_take(c, listener);
    close_socket(listener);

    remote_begin_accept(b, in_b); /* both block there */
    remote_begin_accept(c, in_c);
    SOCKET first = tcp_connect(&name), second = tcp_connect(&name);
    SOCKET of_b = CHECK_SOCKET((SOCKET)remote_finish(b, NULL, 0));
    SOCKET of_c = CHECK_SOCKET((SOCKET)remote_finish(c, NULL, 0));
    CHECK_RESULT(remote_send(b, of_b, "b", 1, 0), 1);
    CHECK_RESULT(remote_send(c, of_c, "c", 1, 0), 1);
    receive_all(first, &byte, 1);
    char other = byte == 'b' ? 'c' : 'b';
    receive_all(second, &byte, 1);
    CHECK_EQ(byte, other);
    close_socket(first);
    close_socket(second);
    remote_end(b);
    remote_end(c);
}

static void connection_is_accepted_once(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name);
    struct peer *b = remote_start();
    u_long on = 1;
    SOCKET in_b = remote_take(b, listener);
    CHECK_OK(remote_ioctl(b, in_b, FIONBIO, &on));
    SOCKET client = tcp_connect(&name);
    CHECK(wait_readable(listener, test_timeout(10000)));
    CHECK(remote_wait_readable(b, in_b, test_timeout(10000)));
    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_ERROR(remote_accept(b, in_b), WSAEWOULDBLOCK);
    check_passes(client, accepted, "once");
    close_socket(client);
    close_socket(accepted);
    close_socket(listener);
    remote_end(b);
}

enum { N_CONNECTIONS = 40 };

/* Accepts until told to stop, and gives each connection one byte: its mark. */
static void acceptor(struct peer *parent, int n_arguments, char **arguments)
{
    WSAPROTOCOL_INFOW info;
    int n = 0;
    CHECK_EQ(n_arguments, 1);
    peer_receive(parent, &info, sizeof(info));
    SOCKET listener = open_duplicate(&info);
    set_nonblocking(listener, 1);
    peer_send(parent, &n, sizeof(n)); /* ready */
    for (;;) {
        CHECK(wait_readable(listener, test_timeout(15000)));
        SOCKET s = accept(listener, NULL, NULL);
        if (s == INVALID_SOCKET) {
            CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK); /* lost the race */
            continue;
        }
        char order = 0;
        set_nonblocking(s, 0);
        receive_all(s, &order, 1);
        if (order == 'n') {
            send_all(s, arguments[0], 1);
            n++;
        }
        close_socket(s);
        if (order == 'q') break; /* for whoever gets it: quit */
    }
    close_socket(listener);
    peer_send(parent, &n, sizeof(n));
}

static void order_connection(const struct sockaddr_in *name, SOCKET *ret,
                             char c)
{
    *ret = tcp_connect(name);
    send_all(*ret, &c, 1);
}

static void each_connection_goes_to_one_process(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s[N_CONNECTIONS];
    struct peer *peers[2] = { peer_start("acceptor", "a", NULL),
                              peer_start("acceptor", "b", NULL) };
    int n, total = 0, counted[2] = { 0, 0 };
    for (int i = 0; i < 2; i++) {
        WSAPROTOCOL_INFOW info;
        duplicate(listener, peer_pid(peers[i]), &info);
        peer_send(peers[i], &info, sizeof(info));
        peer_receive(peers[i], &n, sizeof(n));
    }
    for (int i = 0; i < N_CONNECTIONS; i++)
        order_connection(&name, &s[i], 'n');
    for (int i = 0; i < N_CONNECTIONS; i++) {
        char mark;
        receive_all(s[i], &mark, 1);
        CHECK(mark == 'a' || mark == 'b');
        counted[mark - 'a']++;
        check_end(s[i]);
        close_socket(s[i]);
    }
    for (int i = 0; i < 2; i++) {
        order_connection(&name, &s[i], 'q');
        check_end(s[i]);
        close_socket(s[i]);
    }
    for (int i = 0; i < 2; i++) {
        peer_receive(peers[i], &n, sizeof(n));
        CHECK_EQ(n, counted[i]);
        total += n;
        CHECK_EQ(peer_wait(peers[i]), 0);
    }
    CHECK_EQ(total, N_CONNECTIONS);
    close_socket(listener);
}

static void accepted_socket_handed_on(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name);
    struct peer *b = remote_start();
    SOCKET client = tcp_connect(&name);
    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    SOCKET in_b = remote_take(b, accepted);
    close_socket(accepted);
    remote_check_passes(b, in_b, client, "served");
    remote_end(b);
    check_end(client);
    close_socket(client);
    close_socket(listener);
}

/* --- What accepted sockets inherit ---------------------------------------- */

static void accepted_inherits_options(void)
{
    struct sockaddr_in name;
    struct linger linger = { 1, 7 }, found = { 0, 0 };
    int length = sizeof(found);
    SOCKET listener = tcp_listener(&name);
    set_int_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_int_option(listener, SOL_SOCKET, SO_RCVBUF, 20000);
    CHECK_OK(setsockopt(listener, SOL_SOCKET, SO_LINGER, (char *)&linger,
                        sizeof(linger)));
    SOCKET client = tcp_connect(&name);
    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    EXPECT_EQ(get_int_option(accepted, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(get_int_option(accepted, SOL_SOCKET, SO_RCVBUF), 20000);
    CHECK_OK(getsockopt(accepted, SOL_SOCKET, SO_LINGER, (char *)&found,
                        &length));
    EXPECT_EQ(found.l_onoff, 1);
    EXPECT_EQ(found.l_linger, 7);
    close_socket(client);
    close_socket(accepted);
    close_socket(listener);
}

static void accepted_inherits_the_registration(void)
{
    struct sockaddr_in name;
    WSANETWORKEVENTS found;
    WSAEVENT event = WSACreateEvent();
    u_long off = 0;
    SOCKET listener = tcp_listener(&name);
    CHECK_OK(WSAEventSelect(listener, event, FD_ACCEPT | FD_READ | FD_CLOSE));
    SOCKET client = tcp_connect(&name);
    event_wait(event);
    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_OK(WSAEnumNetworkEvents(listener, event, &found));
    CHECK_ERROR(ioctlsocket(accepted, FIONBIO, &off), WSAEINVAL);

    send_all(client, "x", 1);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(accepted, event, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    close_socket(client);
    close_socket(accepted);
    close_socket(listener);
    CHECK(WSACloseEvent(event));
}

/* --- Inherited handles ---------------------------------------------------- */

static void inherited_handle_is_a_descriptor(void)
{
    SOCKET client, server;
    char buffer[5];
    u_long on = 1;
    int value = 1234, length = sizeof(value);
    tcp_pair(&client, &server);
    struct peer *b = remote_start_inheriting();
    /* The child holds the other end as well. */
    CHECK_OK(remote_close(b, server));

    remote_check_passes(b, client, server, "child");
    check_passes(client, server, "parent");

    /* One object: options and mode go both ways. */
    set_int_option(client, SOL_SOCKET, SO_RCVTIMEO, 4321);
    int found = 0;
    CHECK_OK(remote_get_option(b, client, SOL_SOCKET, SO_RCVTIMEO, &found,
                               &length));
    CHECK_EQ(found, 4321);
    CHECK_OK(remote_set_option(b, client, SOL_SOCKET, SO_SNDTIMEO, &value,
                               sizeof(value)));
    CHECK_EQ(get_int_option(client, SOL_SOCKET, SO_SNDTIMEO), 1234);
    CHECK_OK(remote_ioctl(b, client, FIONBIO, &on));
    CHECK_ERROR(recv(client, buffer, 1, 0), WSAEWOULDBLOCK);

    close_socket(client);
    check_quiet(server);
    CHECK_OK(remote_close(b, client));
    check_end(server);
    close_socket(server);
    remote_end(b);
}

static void inherited_handle_and_the_child_s_exit(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct peer *b = remote_start_inheriting();
    CHECK_OK(remote_close(b, server));
    remote_check_passes(b, client, server, "x");
    close_socket(client);
    check_quiet(server);
    remote_exit(b);
    check_end(server);
    close_socket(server);
}

static void inherited_registration(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    WSAEVENT event = WSACreateEvent();
    tcp_pair(&client, &server);
    struct peer *b = remote_start_inheriting();
    CHECK_OK(remote_close(b, server));
    CHECK_OK(WSAEventSelect(client, event, FD_READ));
    /* The child's call replaces ours. */
    WSAEVENT theirs = remote_event_create(b);
    CHECK_OK(remote_event_select(b, client, theirs, FD_READ));
    send_all(server, "x", 1);
    CHECK(remote_event_wait(b, theirs, test_timeout(10000)));
    CHECK_OK(remote_enum(b, client, theirs, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    CHECK_OK(remote_event_close(b, theirs));
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
    remote_end(b);
}

static void no_handle_inherit(void)
{
    SOCKET plain = tcp_socket();
    SOCKET ours = CHECK_SOCKET(
        WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    WSAPROTOCOL_INFOW info;
    duplicate(plain, test_process_id(), &info);
    SOCKET opened = CHECK_SOCKET(
        WSASocketW(-1, -1, -1, &info, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    struct peer *b = remote_start_inheriting();
    EXPECT_OK(remote_close(b, plain));
    EXPECT_ERROR(remote_listen(b, ours, 1), WSAENOTSOCK);
    EXPECT_ERROR(remote_listen(b, opened, 1), WSAENOTSOCK);
    remote_end(b);
    close_socket(plain);
    close_socket(ours);
    close_socket(opened);
}

static void accepted_handle_is_inheritable(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET listener = CHECK_SOCKET(
        WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    name = local_name(listener);
    SOCKET client = tcp_connect(&name);
    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    struct peer *b = remote_start_inheriting();
    remote_check_passes(b, accepted, client, "x");
    remote_end(b);
    close_socket(client);
    close_socket(accepted);
    close_socket(listener);
}

/* --- DuplicateHandle, CloseHandle ----------------------------------------- */

static void duplicated_handle_is_a_descriptor(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    SOCKET copy = (SOCKET)handle_duplicate(client);
    CHECK(copy != 0 && copy != client);
    check_passes(copy, server, "through the copy");
    set_int_option(copy, SOL_SOCKET, SO_RCVTIMEO, 999);
    CHECK_EQ(get_int_option(client, SOL_SOCKET, SO_RCVTIMEO), 999);
    set_nonblocking(copy, 1);
    char byte;
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAEWOULDBLOCK);
    close_socket(client);
    check_quiet(server);
    check_passes(copy, server, "alone");
    close_socket(copy);
    check_end(server);
    close_socket(server);
}

static void close_handle_closes_the_descriptor(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    CHECK(handle_close(client));
    check_end(server);
    CHECK_ERROR(closesocket(client), WSAENOTSOCK);
    CHECK_ERROR(send(client, "x", 1, 0), WSAENOTSOCK);
    /* The value may come again, and then is a new socket's. */
    SOCKET s[8];
    for (int i = 0; i < 8; i++) s[i] = tcp_socket();
    for (int i = 0; i < 8; i++) close_socket(s[i]);
    close_socket(server);
}

/* --- The ends of processes ------------------------------------------------ */

static void exit_closes_the_descriptors(void)
{
    SOCKET client, server;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    remote_take(b, client);
    remote_take(b, client);
    close_socket(client);
    check_quiet(server);
    remote_exit(b);
    check_end(server);
    close_socket(server);
}

static void killed_holder_releases(void)
{
    SOCKET client, server;
    struct sockaddr_in name;
    struct peer *b = remote_start(), *c = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client), in_c = remote_take(c, client);
    SOCKET bound = udp_bound(&name);
    remote_take(b, bound);
    close_socket(bound);
    close_socket(client);

    remote_begin_receive(b, in_b, 1); /* while it is in a call */
    peer_kill(b);
    check_quiet(server);
    remote_check_passes(c, in_c, server, "x");
    peer_kill(c);
    check_end(server);
    SOCKET again = udp_socket();
    CHECK_OK(bind(again, (struct sockaddr *)&name, sizeof(name)));
    close_socket(again);
    close_socket(server);
}

/* A registration whose owner is gone lapses; the next holder makes its own. */
static void registration_of_an_ended_process(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    WSAEVENT theirs = remote_event_create(b), ours = WSACreateEvent();
    CHECK_OK(remote_event_select(b, in_b, theirs, FD_READ | FD_CLOSE));
    peer_kill(b);
    send_all(server, "x", 1);
    CHECK_OK(WSAEventSelect(client, ours, FD_READ | FD_CLOSE));
    event_wait(ours);
    CHECK_OK(WSAEnumNetworkEvents(client, ours, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(ours));
}

static void cleanup_ends_the_descriptors(void)
{
    SOCKET client, server;
    struct peer *b = remote_start();
    tcp_pair(&client, &server);
    SOCKET in_b = remote_take(b, client);
    CHECK_OK(remote_startup(b)); /* counted: the first cleanup is not the last */
    CHECK_OK(remote_cleanup(b));
    remote_check_passes(b, in_b, server, "x");
    CHECK_OK(remote_cleanup(b));
    CHECK_RESULT(remote_send(b, in_b, "x", 1, 0), -1);
    CHECK_THAT(WSAGetLastError() == WSANOTINITIALISED ||
                   WSAGetLastError() == WSAENOTSOCK,
               "send after the cleanup: %s", error_name(WSAGetLastError()));
    check_passes(client, server, "ours lives");
    CHECK_OK(remote_startup(b));
    CHECK_ERROR(remote_send(b, in_b, "x", 1, 0), WSAENOTSOCK);
    close_socket(client);
    check_end(server);
    close_socket(server);
    remote_end(b);
}

static const struct test_case cases[] = {
    TEST_CASE(accepting_in_two_processes,
              "01 8: blocking waiters: each connection releases one"),
    TEST_CASE(connection_is_accepted_once,
              "01 8: the loser of a race gets WSAEWOULDBLOCK"),
    TEST_CASE(each_connection_goes_to_one_process,
              "01 8: each connection is returned by exactly one accept"),
    TEST_CASE(accepted_socket_handed_on,
              "01 8: hand-off of an accepted socket"),
    TEST_CASE(accepted_inherits_options,
              "03: accept's socket has the listener's properties"),
    TEST_CASE(accepted_inherits_the_registration,
              "02 10: accept's socket inherits mask and event"),
    TEST_CASE(inherited_handle_is_a_descriptor,
              "01 7: plain inherited handles are descriptors of the object"),
    TEST_CASE(inherited_handle_and_the_child_s_exit,
              "01 6: process exit closes inherited descriptors"),
    TEST_CASE(inherited_registration,
              "01 5: one registration, whichever descriptor"),
    TEST_CASE(no_handle_inherit, "01 7: WSA_FLAG_NO_HANDLE_INHERIT"),
    TEST_CASE(accepted_handle_is_inheritable,
              "01 7: accept returns an inheritable handle"),
    TEST_CASE(duplicated_handle_is_a_descriptor,
              "01 7: DuplicateHandle's copy finds the same object"),
    TEST_CASE_WITH(close_handle_closes_the_descriptor,
                   "01 7: CloseHandle closes the descriptor",
                   .flags = TEST_WINE_ONLY),
    TEST_CASE(exit_closes_the_descriptors,
              "01 6: process exit closes every descriptor"),
    TEST_CASE(killed_holder_releases,
              "01 6: a killed process's descriptors are closed"),
    TEST_CASE(registration_of_an_ended_process,
              "01 5: the registration of a process that died lapses"),
    TEST_CASE(cleanup_ends_the_descriptors,
              "01 6: the final WSACleanup ends the process's descriptors"),
    TEST_END
};

static const struct test_role roles[] = { TEST_ROLE(acceptor), TEST_ROLES_END };

TEST_MAIN("shared_processes", cases, roles)
