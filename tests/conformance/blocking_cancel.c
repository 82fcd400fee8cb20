/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CancelIoEx without an OVERLAPPED, and blocking calls of other threads: they
 * end, as they are I/O of the handle, too.  .NET's Socket.Dispose and MariaDB's
 * client get threads out of their calls by it.
 */
#include "support/blocked.h"
#include "support/ports.h"

#define NOT_FOUND 1168 /* ERROR_NOT_FOUND */

/* --- Helpers -------------------------------------------------------------- */

static void begin(struct blocked *blocked, SOCKET s,
                  void (*make)(struct blocked *))
{
    blocked->s = s;
    blocked->make = make;
    blocked->thread = thread_start(make_call, blocked);
}

/* Cancels until the call ends, which may not wait yet; it was aborted. */
static void cancel_until_it_ends(struct blocked *blocked, SOCKET s)
{
    const int64_t end = test_clock() + test_timeout(10000);
    int found = 0, error;

    while (!thread_ended(blocked->thread, 5)) {
        CHECK_THAT(test_clock() < end, "the call goes on");
        error = cancel_operation(s, NULL);
        CHECK(error == 0 || error == NOT_FOUND);
        found |= error == 0;
    }
    thread_join(blocked->thread);
    CHECK(found);
    CHECK_EQ(blocked->result, -1);
    CHECK_EQ(blocked->error, WSA_OPERATION_ABORTED);
}

static void ends(SOCKET s, void (*make)(struct blocked *))
{
    struct blocked blocked;

    begin(&blocked, s, make);
    cancel_until_it_ends(&blocked, s);
}

static void make_recv_oob(struct blocked *blocked)
{
    char data[16];

    blocked->result = recv(blocked->s, data, sizeof(data), MSG_OOB);
}

static void make_recv_all(struct blocked *blocked)
{
    char data[16];

    blocked->result = recv(blocked->s, data, sizeof(data), MSG_WAITALL);
}

static void make_wsarecv(struct blocked *blocked)
{
    char data[2][8];
    WSABUF buffers[2] = {{8, data[0]}, {8, data[1]}};
    DWORD n, flags = 0;

    blocked->result = WSARecv(blocked->s, buffers, 2, &n, &flags, NULL, NULL);
}

static void make_address_change(struct blocked *blocked)
{
    DWORD n;

    blocked->result = WSAIoctl(blocked->s, SIO_ADDRESS_LIST_CHANGE, NULL, 0,
                               NULL, 0, &n, NULL, NULL);
}

/* --- Calls ---------------------------------------------------------------- */

static void receives_of_a_stream(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    ends(server, make_recv);
    ends(server, make_recv_oob);
    ends(server, make_wsarecv);
    check_passes(client, server, "still good");
    check_passes(server, client, "both ways");
    close_socket(client);
    close_socket(server);
}

static void receives_of_datagrams(void)
{
    struct sockaddr_in name;
    SOCKET receiver = udp_bound(&name), sender = udp_socket();

    ends(receiver, make_recv);
    ends(receiver, make_recvfrom);
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)&name,
                        sizeof(name)), 1);
    check_receives(receiver, "x");
    close_socket(receiver);
    close_socket(sender);
}

static void an_accept(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, server;

    ends(listener, make_accept);
    client = tcp_connect(&name);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, server, "accepted");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void a_send(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    ends(client, make_send);
    close_socket(client);
    close_socket(server);
}

static void a_wait_for_a_change(void)
{
    SOCKET s = tcp_socket();

    ends(s, make_address_change);
    close_socket(s);
}

static void a_time_limit_stays(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, test_timeout(60000));
    ends(server, make_recv);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 50);
    CHECK_ERROR(recv(server, &(char){0}, 1, 0), WSAETIMEDOUT);
    close_socket(client);
    close_socket(server);
}

static void one_behind_overlapped_ones(void)
{
    SOCKET client, server;
    struct blocked blocked;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 1);
    call_pends(&call, server);
    begin(&blocked, server, make_recv);
    cancel_until_it_ends(&blocked, server);
    call_ends(&call, server, WSA_OPERATION_ABORTED, 0);
    check_passes(client, server, "still good");
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

static void through_a_duplicate(void)
{
    SOCKET client, server, copy;
    struct blocked blocked;

    tcp_pair(&client, &server);
    copy = duplicate_here(server);
    begin(&blocked, server, make_recv);
    cancel_until_it_ends(&blocked, copy);
    check_passes(client, copy, "still good");
    close_socket(client);
    close_socket(server);
    close_socket(copy);
}

/* --- What it does not end ------------------------------------------------- */

static void what_is_not_meant_goes_on(void)
{
    SOCKET client, server, other;
    struct blocked blocked;
    struct call call;

    tcp_pair(&client, &server);
    other = udp_bound(&(struct sockaddr_in){0});
    call_init(&call, 16, 1);
    begin(&blocked, server, make_recv);
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    CHECK_EQ(cancel_operation(client, NULL), NOT_FOUND);
    CHECK_EQ(cancel_operation(other, NULL), NOT_FOUND);
    CHECK_EQ(cancel_operation(server, &call.overlapped), NOT_FOUND);
    CHECK_EQ(cancel_of_thread(server), 0);
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    send_all(client, "data", 4);
    thread_join(blocked.thread);
    CHECK_EQ(blocked.result, 4);
    /* Nobody waits any more. */
    CHECK_EQ(cancel_operation(server, NULL), NOT_FOUND);
    call_done(&call);
    close_socket(client);
    close_socket(server);
    close_socket(other);
}

static void bytes_that_came_are_told(void)
{
    SOCKET client, server;
    struct blocked blocked;

    tcp_pair(&client, &server);
    send_all(client, "half", 4);
    begin(&blocked, server, make_recv_all);
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    CHECK_EQ(cancel_operation(server, NULL), 0);
    thread_join(blocked.thread);
    CHECK_EQ(blocked.result, 4);
    close_socket(client);
    close_socket(server);
}

struct twice {
    SOCKET s;
    WSAEVENT cancelled;
    int first, second;
};

static void receive_twice(void *argument)
{
    struct twice *twice = argument;
    char data[1];

    twice->first = recv(twice->s, data, 1, 0);
    event_wait(twice->cancelled);
    twice->second = recv(twice->s, data, 1, 0);
}

/* One that comes when its call has just ended does not end the next one. */
static void a_later_call_goes_on(void)
{
    enum { ROUNDS = 300 };
    SOCKET client, server;
    struct twice twice;
    struct thread *thread;
    int i, error, n_left;

    tcp_pair(&client, &server);
    twice.s = server;
    twice.cancelled = event_create();
    for (i = 0; i < ROUNDS; i++) {
        CHECK(WSAResetEvent(twice.cancelled));
        thread = thread_start(receive_twice, &twice);
        if (i % 2)
            CHECK(!thread_ended(thread, 1)); /* so it may wait already */
        send_all(client, "x", 1);
        error = cancel_operation(server, NULL);
        CHECK(error == 0 || error == NOT_FOUND);
        CHECK(WSASetEvent(twice.cancelled));
        send_all(client, "y", 1);
        thread_join(thread);
        CHECK_EQ(twice.second, 1);
        for (n_left = twice.first == 1 ? 0 : 1; n_left > 0; n_left--)
            CHECK_RESULT(recv(server, &(char){0}, 1, 0), 1);
    }
    CHECK(WSACloseEvent(twice.cancelled));
    close_socket(client);
    close_socket(server);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(receives_of_a_stream, "04 7: CancelIoEx, recv",
                   .waiting_threads = 3),
    TEST_CASE_WITH(receives_of_datagrams, "04 7: CancelIoEx, recvfrom",
                   .waiting_threads = 2),
    TEST_CASE_WITH(an_accept, "04 7: CancelIoEx, accept",
                   .waiting_threads = 1),
    TEST_CASE_WITH(a_send, "04 7: CancelIoEx, send", .waiting_threads = 1),
    TEST_CASE_WITH(a_wait_for_a_change, "04 7: CancelIoEx, WSAIoctl",
                   .waiting_threads = 1),
    TEST_CASE_WITH(a_time_limit_stays, "04 7: CancelIoEx, SO_RCVTIMEO",
                   .waiting_threads = 1),
    TEST_CASE_WITH(one_behind_overlapped_ones, "04 5, 7: it waits behind",
                   .waiting_threads = 1),
    TEST_CASE_WITH(through_a_duplicate, "04 7: any descriptor",
                   .waiting_threads = 1),
    TEST_CASE_WITH(what_is_not_meant_goes_on, "04 7: another OVERLAPPED",
                   .waiting_threads = 1),
    TEST_CASE_WITH(bytes_that_came_are_told, "03: MSG_WAITALL",
                   .waiting_threads = 1),
    TEST_CASE_WITH(a_later_call_goes_on, "04 7: one end each",
                   .waiting_threads = 1, .seconds = 60),
    TEST_END
};
TEST_MAIN("blocking_cancel", cases, NULL)
