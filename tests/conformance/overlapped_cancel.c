/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How overlapped operations end that are not wanted any more: cancelled, by the
 * end of their thread, or closed.
 */
#include "support/overlapped.h"
#include "support/ports.h"

#define NOT_FOUND 1168 /* ERROR_NOT_FOUND */

/* --- Cancelling ----------------------------------------------------------- */

static void one_is_cancelled(void)
{
    struct call first, second;
    SOCKET client, server;

    tcp_pair(&client, &server);
    call_init(&first, 16, 1);
    call_init(&second, 16, 1);
    call_pends(&first, server);
    call_pends(&second, server);
    CHECK_EQ(cancel_operation(server, &first.overlapped), 0);
    call_ends(&first, server, WSA_OPERATION_ABORTED, 0);
    CHECK_EQ(STATUS_OF(&first.overlapped), NT_CANCELLED);
    call_still_pends(&second);
    send_all(client, "data", 4);
    call_receives(&second, server, "data");
    call_done(&first);
    call_done(&second);
    close_socket(client);
    close_socket(server);
}

static void all_are_cancelled(void)
{
    struct call calls[3];
    SOCKET client, server;
    int i;

    tcp_pair(&client, &server);
    for (i = 0; i < 3; i++) {
        call_init(&calls[i], 16, 1);
        call_pends(&calls[i], server);
    }
    CHECK_EQ(cancel_operation(server, NULL), 0);
    for (i = 0; i < 3; i++) {
        call_ends(&calls[i], server, WSA_OPERATION_ABORTED, 0);
        call_done(&calls[i]);
    }
    check_passes(client, server, "still good");
    close_socket(client);
    close_socket(server);
}

static void what_does_not_pend_is_not_found(void)
{
    SOCKET client, server;
    struct call call, other;

    tcp_pair(&client, &server);
    call_init(&call, 16, 1);
    call_init(&other, 16, 1);
    CHECK_EQ(cancel_operation(server, NULL), NOT_FOUND);
    CHECK_EQ(cancel_operation(server, &call.overlapped), NOT_FOUND);
    call_pends(&call, server);
    CHECK_EQ(cancel_operation(server, &other.overlapped), NOT_FOUND);
    CHECK_EQ(cancel_operation(client, NULL), NOT_FOUND);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    CHECK_EQ(cancel_operation(server, &call.overlapped), NOT_FOUND);
    CHECK_EQ(cancel_of_thread(server), 0);
    call_done(&call);
    call_done(&other);
    close_socket(client);
    close_socket(server);
}

static void a_routine_hears_of_its_cancellation(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    CHECK_EQ(cancel_operation(server, &call.overlapped), 0);
    CHECK_EQ(wait_alertably(test_timeout(10000)), 1);
    CHECK_EQ(call.n_routines, 1);
    CHECK_EQ(call.routine_error, WSA_OPERATION_ABORTED);
    close_socket(client);
    close_socket(server);
}

/* --- Threads -------------------------------------------------------------- */

struct starter {
    SOCKET s;
    struct call *call;
    int with_routine;
    WSAEVENT started, may_end;
};

static void start_and_linger(void *argument)
{
    struct starter *starter = argument;

    CHECK_ERROR(starter->with_routine
                    ? call_receive_with_routine(starter->call, starter->s)
                    : call_receive(starter->call, starter->s),
                WSA_IO_PENDING);
    CHECK(WSASetEvent(starter->started));
    event_wait(starter->may_end);
}

static struct thread *starter_start(struct starter *starter, SOCKET s,
                                    struct call *call)
{
    struct thread *thread;

    starter->s = s;
    starter->call = call;
    starter->started = event_create();
    starter->may_end = event_create();
    thread = thread_start(start_and_linger, starter);
    event_wait(starter->started);
    return thread;
}

static void starter_end(struct starter *starter, struct thread *thread)
{
    CHECK(WSASetEvent(starter->may_end));
    thread_join(thread);
    CHECK(WSACloseEvent(starter->started));
    CHECK(WSACloseEvent(starter->may_end));
}

static void those_of_a_thread_are_cancelled(void)
{
    struct starter starter = {.with_routine = 0};
    struct call mine, its;
    struct thread *thread;
    SOCKET client, server;

    tcp_pair(&client, &server);
    call_init(&mine, 16, 1);
    call_init(&its, 16, 1);
    call_pends(&mine, server);
    thread = starter_start(&starter, server, &its);
    CHECK_EQ(cancel_of_thread(server), 0);
    call_ends(&mine, server, WSA_OPERATION_ABORTED, 0);
    call_still_pends(&its);
    send_all(client, "data", 4);
    call_receives(&its, server, "data");
    starter_end(&starter, thread);
    call_done(&mine);
    call_done(&its);
    close_socket(client);
    close_socket(server);
}

static void another_thread_s_is_cancelled(void)
{
    struct starter starter = {.with_routine = 0};
    struct thread *thread;
    SOCKET client, server;
    struct call its;

    tcp_pair(&client, &server);
    call_init(&its, 16, 1);
    thread = starter_start(&starter, server, &its);
    CHECK_EQ(cancel_operation(server, &its.overlapped), 0);
    call_ends(&its, server, WSA_OPERATION_ABORTED, 0);
    starter_end(&starter, thread);
    call_done(&its);
    close_socket(client);
    close_socket(server);
}

static void the_end_of_a_thread_cancels(void)
{
    struct starter starter = {.with_routine = 0};
    struct thread *thread;
    SOCKET client, server;
    struct call its, mine;

    tcp_pair(&client, &server);
    call_init(&its, 16, 1);
    call_init(&mine, 16, 1);
    thread = starter_start(&starter, server, &its);
    call_pends(&mine, server);
    starter_end(&starter, thread);
    call_ends(&its, server, WSA_OPERATION_ABORTED, 0);
    send_all(client, "data", 4);
    call_receives(&mine, server, "data");
    call_done(&its);
    call_done(&mine);
    close_socket(client);
    close_socket(server);
}

/* The routine would be the ended thread's to run. */
static void the_end_of_a_thread_queues_no_routine(void)
{
    struct starter starter = {.with_routine = 1};
    struct thread *thread;
    SOCKET client, server;
    struct call its;

    tcp_pair(&client, &server);
    call_init(&its, 16, 0);
    thread = starter_start(&starter, server, &its);
    starter_end(&starter, thread);
    CHECK_EQ(STATUS_OF(&its.overlapped), NT_CANCELLED);
    CHECK_EQ(wait_alertably(TEST_QUIET_MS), 0);
    CHECK_EQ(its.n_routines, 0);
    check_passes(client, server, "nobody else takes it");
    close_socket(client);
    close_socket(server);
}

static void the_end_of_a_thread_leaves_packets(void)
{
    struct starter starter = {.with_routine = 0};
    uint64_t port = port_create();
    struct packet packet;
    struct thread *thread;
    SOCKET client, server;
    struct call its;

    tcp_pair(&client, &server);
    CHECK_EQ(port_associate(port, server, 7), 0);
    call_init(&its, 16, 0);
    thread = starter_start(&starter, server, &its);
    starter_end(&starter, thread);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    send_all(client, "data", 4);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 7);
    CHECK(packet.overlapped == &its.overlapped);
    CHECK_EQ(packet.status, 0);
    CHECK_EQ(packet.bytes, 4);
    port_close(port);
    close_socket(client);
    close_socket(server);
}

/* --- Closing -------------------------------------------------------------- */

/* What the OVERLAPPED says when no descriptor is left to ask by. */
static void call_was_ended(struct call *call, uint32_t status)
{
    event_wait(call->overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&call->overlapped), status);
    CHECK_EQ(call->overlapped.InternalHigh, 0);
    call_done(call);
}

static void closing_aborts_a_stream_s_receives(void)
{
    struct call first, second;
    SOCKET client, server;

    tcp_pair(&client, &server);
    call_init(&first, 16, 1);
    call_init(&second, 16, 1);
    call_pends(&first, server);
    call_pends(&second, server);
    close_socket(server);
    call_was_ended(&first, NT_CONNECTION_ABORTED);
    call_was_ended(&second, NT_CONNECTION_ABORTED);
    check_end(client);
    close_socket(client);
}

static void closing_cancels_a_datagram_receive(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct call call;

    call_init(&call, 16, 1);
    call_pends(&call, s);
    close_socket(s);
    call_was_ended(&call, NT_CANCELLED);
}

static void closing_one_of_two_descriptors_leaves_them(void)
{
    SOCKET client, server, copy;
    struct call call, later;

    tcp_pair(&client, &server);
    copy = duplicate_here(server);
    call_init(&call, 16, 1);
    call_init(&later, 16, 1);
    call_pends(&call, server);
    call_pends(&later, copy);
    close_socket(server);
    call_still_pends(&call);
    send_all(client, "data", 4);
    call_receives(&call, copy, "data");
    send_all(client, "more", 4);
    call_receives(&later, copy, "more");
    call_done(&call);
    call_done(&later);
    close_socket(client);
    close_socket(copy);
}

static void a_duplicate_s_receives_are_in_one_order(void)
{
    SOCKET client, server, copy;
    struct call calls[3];
    int i;

    tcp_pair(&client, &server);
    for (i = 0; i < 3; i++)
        call_init(&calls[i], 1, 1);
    call_pends(&calls[0], server);
    copy = duplicate_here(server);
    call_pends(&calls[1], copy);
    call_pends(&calls[2], server);
    send_all(client, "abc", 3);
    call_receives(&calls[0], copy, "a");
    call_receives(&calls[1], copy, "b");
    call_receives(&calls[2], copy, "c");
    for (i = 0; i < 3; i++)
        call_done(&calls[i]);
    close_socket(client);
    close_socket(server);
    close_socket(copy);
}

static void cleanup_ends_what_pends(void)
{
    SOCKET client, server;
    struct call call;
    WSADATA data;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call_pends(&call, server);
    CHECK_OK(WSACleanup());
    CHECK_THAT(STATUS_OF(&call.overlapped) != NT_PENDING, "it pends still");
}

static void closing_while_data_comes_ends_each_once(void)
{
    enum { ROUNDS = 200 };
    SOCKET client, server;
    struct call call;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        tcp_pair(&client, &server);
        call_init(&call, 16, 0);
        call_pends(&call, server);
        send_all(client, "data", 4);
        if (i % 2)
            (void)cancel_operation(server, &call.overlapped);
        close_socket(server);
        while (STATUS_OF(&call.overlapped) == NT_PENDING)
            wait_alertably(0);
        CHECK(STATUS_OF(&call.overlapped) == 0 ||
              STATUS_OF(&call.overlapped) == NT_CANCELLED ||
              STATUS_OF(&call.overlapped) == NT_CONNECTION_ABORTED);
        close_socket(client);
    }
}

static const struct test_case cases[] = {
    TEST_CASE(one_is_cancelled, "04 7: CancelIoEx of one"),
    TEST_CASE(all_are_cancelled, "04 7: CancelIoEx of all"),
    TEST_CASE(what_does_not_pend_is_not_found, "04 7: ERROR_NOT_FOUND"),
    TEST_CASE(a_routine_hears_of_its_cancellation, "04 3, 7: 995"),
    TEST_CASE(those_of_a_thread_are_cancelled, "04 7: CancelIo"),
    TEST_CASE(another_thread_s_is_cancelled, "04 7: CancelIoEx, any thread"),
    TEST_CASE(the_end_of_a_thread_cancels, "04 7: thread exit"),
    TEST_CASE(the_end_of_a_thread_queues_no_routine, "04 7: no APC"),
    TEST_CASE(the_end_of_a_thread_leaves_packets, "04 7: thread exit, port"),
    TEST_CASE(closing_aborts_a_stream_s_receives, "04 7: closesocket, TCP"),
    TEST_CASE(closing_cancels_a_datagram_receive, "04 7: closesocket, UDP"),
    TEST_CASE(closing_one_of_two_descriptors_leaves_them, "04 7: one of two"),
    TEST_CASE(a_duplicate_s_receives_are_in_one_order, "04 5: one socket"),
    TEST_CASE_WITH(cleanup_ends_what_pends, "04 7: WSACleanup",
                   .flags = TEST_BARE),
    TEST_CASE(closing_while_data_comes_ends_each_once, "04 6: one end each"),
    TEST_END
};
TEST_MAIN("overlapped_cancel", cases, NULL)
