/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shared sockets: WSADuplicateSocket and the opening of what it returns.
 *
 * Specification 01, sections 1 to 3, 9 and 11.  The struct that it returns, and
 * what else may come in such a struct, is in shared_tokens.c; what the
 * descriptors of one socket then share is in shared_state.c, listening sockets,
 * inherited handles and the ends of processes are in shared_processes.c.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <stdlib.h>

static const DWORD overlapped = WSA_FLAG_OVERLAPPED;

/* --- In one process ------------------------------------------------------- */

static void duplicate_in_the_process(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    SOCKET second = duplicate_here(client);
    CHECK(second != client);
    check_passes(second, server, "through the second");
    check_passes(client, server, "through the first");
    check_passes(server, second, "back");
    close_socket(second);
    CHECK_ERROR(send(second, "x", 1, 0), WSAENOTSOCK);
    check_passes(client, server, "through the first again");
    close_socket(client);
    close_socket(server);
}

struct thread_case {
    SOCKET s;
    int result;
};

static void send_in_thread(void *argument)
{
    struct thread_case *thread_case = argument;
    thread_case->result = send(thread_case->s, "thread", 6, 0);
}

static void threads_need_no_duplicate(void)
{
    SOCKET client, server;
    char buffer[6];
    tcp_pair(&client, &server);
    struct thread_case thread_case = { .s = client };
    thread_join(thread_start(send_in_thread, &thread_case));
    CHECK_EQ(thread_case.result, 6);
    receive_all(server, buffer, 6);
    CHECK_MEMORY(buffer, "thread", 6);
    close_socket(client);
    close_socket(server);
}

static void duplicate_of_a_duplicate(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    SOCKET second = duplicate_here(client);
    close_socket(client);
    SOCKET third = duplicate_here(second);
    close_socket(second);
    check_passes(third, server, "third");
    check_quiet(server);
    close_socket(third);
    check_end(server);
    close_socket(server);
}

/* --- Between processes ---------------------------------------------------- */

/* The canonical hand-off: the target opens, uses and closes on its own. */
static void hand_off_target(struct peer *parent, int n_arguments,
                            char **arguments)
{
    WSAPROTOCOL_INFOW info;
    char byte = 'k', request[4];
    (void)n_arguments;
    (void)arguments;
    peer_receive(parent, &info, sizeof(info));
    SOCKET s = open_duplicate(&info);
    peer_send(parent, &byte, 1); /* the acknowledgement */
    peer_receive(parent, &byte, 1); /* the source has closed */
    receive_all(s, request, 4);
    CHECK_MEMORY(request, "ping", 4);
    send_all(s, "pong", 4);
    close_socket(s);
}

static void hand_off(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    char byte = 'c', answer[4];
    tcp_pair(&client, &server);
    struct peer *target = peer_start("hand_off_target", NULL);
    duplicate(server, peer_pid(target), &info);
    peer_send(target, &info, sizeof(info));
    peer_receive(target, &byte, 1);
    CHECK_EQ(byte, 'k');
    send_all(client, "ping", 4); /* arrives before the source closes */
    CHECK(wait_readable(server, test_timeout(10000)));
    close_socket(server);
    peer_send(target, &byte, 1);
    receive_all(client, answer, 4);
    CHECK_MEMORY(answer, "pong", 4);
    check_end(client);
    CHECK_EQ(peer_wait(target), 0);
    close_socket(client);
}

static void there_and_back(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct peer *b = remote_start();
    SOCKET in_b = remote_take(b, client);
    SOCKET back = remote_give(b, in_b);
    remote_check_passes(b, in_b, server, "b");
    close_socket(client);
    check_passes(back, server, "back here");
    CHECK_OK(remote_close(b, in_b));
    check_passes(back, server, "alone");
    close_socket(back);
    check_end(server);
    close_socket(server);
    remote_end(b);
}

static void chain_of_three(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    char buffer[5];
    tcp_pair(&client, &server);
    struct peer *b = remote_start(), *c = remote_start();
    SOCKET in_b = remote_take(b, client);
    close_socket(client);
    CHECK_OK(remote_duplicate(b, in_b, peer_pid(c), &info));
    SOCKET in_c = CHECK_SOCKET(remote_open(c, &info, overlapped));
    remote_end(b);
    send_all(server, "to c", 4);
    remote_receive_all(c, in_c, buffer, 4);
    CHECK_MEMORY(buffer, "to c", 4);
    check_quiet(server);
    CHECK_OK(remote_close(c, in_c));
    check_end(server);
    close_socket(server);
    remote_end(c);
}

enum { N_PROCESSES = 10, N_EACH = 10, N_ALL = N_PROCESSES * N_EACH };

/* A fixed order: the same in every run. */
static void shuffle(int *items, int n)
{
    unsigned state = 20260101;
    for (int i = 0; i < n; i++) items[i] = i;
    for (int i = n - 1; i > 0; i--) {
        state = state * 1103515245u + 12345u;
        int j = (int)(state >> 16) % (i + 1), item = items[i];
        items[i] = items[j];
        items[j] = item;
    }
}

static void hundred_descriptors(void)
{
    SOCKET client, server, all[N_ALL];
    struct peer *peers[N_PROCESSES];
    int order[N_ALL];
    char byte;
    tcp_pair(&client, &server);
    for (int i = 0; i < N_PROCESSES; i++) peers[i] = remote_start();
    for (int i = 0; i < N_ALL; i++)
        all[i] = remote_take(peers[i % N_PROCESSES], client);
    close_socket(client);

    shuffle(order, N_ALL);
    for (int i = 0; i < N_ALL; i++) {
        struct peer *peer = peers[order[i] % N_PROCESSES];
        if (i % 25 == 0 || i == N_ALL - 1) {
            CHECK_RESULT(remote_send(peer, all[order[i]], "x", 1, 0), 1);
            receive_all(server, &byte, 1);
            check_quiet(server);
        }
        CHECK_OK(remote_close(peer, all[order[i]]));
    }
    check_end(server);
    close_socket(server);
    for (int i = 0; i < N_PROCESSES; i++) remote_end(peers[i]);
}

/* --- Time of opening ------------------------------------------------------ */

static void source_closes_before_the_open(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    char buffer[5];
    tcp_pair(&client, &server);
    struct peer *b = remote_start();
    duplicate(client, peer_pid(b), &info);
    close_socket(client);
    check_quiet(server);
    send_all(server, "early", 5);
    SOCKET in_b = CHECK_SOCKET(remote_open(b, &info, overlapped));
    remote_receive_all(b, in_b, buffer, 5);
    CHECK_MEMORY(buffer, "early", 5);
    CHECK_OK(remote_close(b, in_b));
    check_end(server);
    close_socket(server);
    remote_end(b);
}

static void source_exits_before_the_open(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *source = remote_start(), *target = remote_start();
    SOCKET in_source = remote_take(source, client);
    close_socket(client);
    CHECK_OK(remote_duplicate(source, in_source, peer_pid(target), &info));
    remote_exit(source);
    check_quiet(server);
    SOCKET in_target = CHECK_SOCKET(remote_open(target, &info, overlapped));
    remote_check_passes(target, in_target, server, "alive");
    remote_end(target);
    check_end(server);
    close_socket(server);
}

static void source_is_killed_before_the_open(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *source = remote_start();
    SOCKET in_source = remote_take(source, client);
    close_socket(client);
    CHECK_OK(remote_duplicate(source, in_source, test_process_id(), &info));
    peer_kill(source);
    SOCKET s = open_duplicate(&info);
    check_passes(s, server, "alive");
    close_socket(s);
    check_end(server);
    close_socket(server);
}

static void target_exits_without_opening(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *b = remote_start();
    duplicate(client, peer_pid(b), &info);
    close_socket(client);
    check_quiet(server);
    remote_end(b);
    check_end(server);
    close_socket(server);
}

static void target_is_killed_without_opening(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *b = remote_start();
    duplicate(client, peer_pid(b), &info);
    peer_kill(b);
    check_passes(client, server, "unharmed");
    close_socket(client);
    check_end(server);
    close_socket(server);
}

static void target_calls_startup_later(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *b = remote_start_bare();
    duplicate(client, peer_pid(b), &info);
    CHECK_ERROR(remote_open(b, &info, overlapped), WSANOTINITIALISED);
    CHECK_OK(remote_startup(b));
    SOCKET in_b = CHECK_SOCKET(remote_open(b, &info, overlapped));
    remote_check_passes(b, in_b, server, "x");
    remote_end(b);
    close_socket(client);
    check_end(server);
    close_socket(server);
}

/* --- Any state may be duplicated; the calls' own errors ------------------- */

static void every_state_can_be_duplicated(void)
{
    struct sockaddr_in name;
    SOCKET client, server;
    SOCKET unbound = tcp_socket(), bound = udp_bound(&name);
    SOCKET listener = tcp_listener(&name);
    tcp_pair(&client, &server);
    CHECK_OK(shutdown(client, SD_SEND));
    const SOCKET all[] = { unbound, bound, listener, client, server };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        SOCKET s = duplicate_here(all[i]);
        close_socket(all[i]);
        close_socket(s);
    }
}

static void validation_order(void)
{
    WSAPROTOCOL_INFOW info;
    SOCKET s = tcp_socket();
    EXPECT_ERROR(WSADuplicateSocketW(0xdeadbeec, 0, NULL), WSAENOTSOCK);
    EXPECT_ERROR(WSADuplicateSocketW(INVALID_SOCKET, 0, NULL), WSAENOTSOCK);
    EXPECT_ERROR(WSADuplicateSocketW(s, 0, NULL), WSAEINVAL);
    EXPECT_ERROR(WSADuplicateSocketW(s, 0, &info), WSAEINVAL);
    EXPECT_ERROR(WSADuplicateSocketW(s, ~0u, NULL), WSAEINVAL);
    EXPECT_ERROR(WSADuplicateSocketW(s, ~0u, &info), WSAEINVAL);
    EXPECT_ERROR(WSADuplicateSocketW(s, test_process_id(), NULL), WSAEFAULT);
    EXPECT_ERROR(WSADuplicateSocketA(0xdeadbeec, 0, NULL), WSAENOTSOCK);
    EXPECT_ERROR(WSADuplicateSocketA(s, 0, NULL), WSAEINVAL);
    EXPECT_ERROR(WSADuplicateSocketA(s, ~0u, (WSAPROTOCOL_INFOA *)&info),
                 WSAEINVAL);
    EXPECT_ERROR(WSADuplicateSocketA(s, test_process_id(), NULL), WSAEFAULT);
    close_socket(s);
    EXPECT_ERROR(WSADuplicateSocketW(s, test_process_id(), &info), WSAENOTSOCK);
}

static void process_that_has_ended(void)
{
    WSAPROTOCOL_INFOW info;
    SOCKET s = tcp_socket();
    struct peer *b = remote_start();
    unsigned process_id = peer_pid(b);
    remote_end(b);
    EXPECT_ERROR(WSADuplicateSocketW(s, process_id, &info), WSAEINVAL);
    close_socket(s);
}

static void calls_before_startup(void)
{
    WSAPROTOCOL_INFOW info = { 0 };
    EXPECT_ERROR(WSADuplicateSocketW(4, test_process_id(), &info),
                 WSANOTINITIALISED);
    EXPECT_ERROR(WSADuplicateSocketA(4, test_process_id(), NULL),
                 WSANOTINITIALISED);
    EXPECT_ERROR(WSASocketW(-1, -1, -1, &info, 0, overlapped),
                 WSANOTINITIALISED);
}

static const struct test_case cases[] = {
    TEST_CASE(duplicate_in_the_process,
              "01 1: a second descriptor inside the same process"),
    TEST_CASE(threads_need_no_duplicate,
              "01 1: a descriptor is valid in every thread"),
    TEST_CASE(duplicate_of_a_duplicate,
              "01 2.1: duplicating a duplicate is allowed"),
    TEST_CASE(hand_off,
              "01 9: the canonical hand-off; unread data is not lost"),
    TEST_CASE(there_and_back, "01 1: to another process and back"),
    TEST_CASE(chain_of_three, "01 2.1: a chain of three processes"),
    TEST_CASE_WITH(hundred_descriptors,
                   "01 6: the object goes at the last descriptor's close",
                   .seconds = 60),
    TEST_CASE(source_closes_before_the_open,
              "01 3.1: the source may close before the target opens"),
    TEST_CASE(source_exits_before_the_open,
              "01 3.1: the source may exit before the target opens"),
    TEST_CASE(source_is_killed_before_the_open,
              "01 3.1: the source may die before the target opens"),
    TEST_CASE(target_exits_without_opening,
              "01 3.1: the target's exit destroys the pending duplicate"),
    TEST_CASE(target_is_killed_without_opening,
              "01 3.1: the target's death destroys the pending duplicate"),
    TEST_CASE(target_calls_startup_later,
              "01 3: the target must have called WSAStartup for the open"),
    TEST_CASE(every_state_can_be_duplicated, "01 2.1: no state check"),
    TEST_CASE(validation_order, "01 2.1: validation order"),
    TEST_CASE(process_that_has_ended, "01 2.1: no such process is WSAEINVAL"),
    TEST_CASE_WITH(calls_before_startup, "01 2.1: WSANOTINITIALISED first",
                   .flags = TEST_BARE),
    TEST_END
};

static const struct test_role roles[] = { TEST_ROLE(hand_off_target),
                                          TEST_ROLES_END };

TEST_MAIN("shared_sockets", cases, roles)
