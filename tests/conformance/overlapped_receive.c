/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped receives: when they pend, in which order they end, and with what.
 */
#include "support/overlapped.h"

#include "support/memory.h"

#define IN_TIME 10000

/* A connection, and a call with an event of its own for its server end. */
static void connect_for(struct call *call, int length, SOCKET *ret_client,
                        SOCKET *ret_server)
{
    tcp_pair(ret_client, ret_server);
    call_init(call, length, 1);
}

/* The end of all three; a client that has gone already is INVALID_SOCKET. */
static void call_over(struct call *call, SOCKET client, SOCKET server)
{
    call_done(call);
    if (client != INVALID_SOCKET)
        close_socket(client);
    close_socket(server);
}

/* --- Pending and ending --------------------------------------------------- */

static void a_receive_pends_until_data_comes(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    CHECK(WSASetEvent(call.overlapped.hEvent)); /* the start resets it */
    call_pends(&call, server);
    call_still_pends(&call);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    CHECK_EQ(STATUS_OF(&call.overlapped), 0);
    CHECK_EQ(call.count, COUNT_UNTOUCHED);
    call_over(&call, client, server);
}

static void data_that_is_there_is_received_at_once(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    send_all(client, "data", 4);
    CHECK(wait_readable(server, IN_TIME));
    CHECK_OK(call_receive(&call, server));
    CHECK_EQ(call.count, 4);
    CHECK_EQ(call.flags, 0);
    CHECK_EQ(STATUS_OF(&call.overlapped), 0);
    CHECK(event_is_signalled(call.overlapped.hEvent, 0));
    call_receives(&call, server, "data");
    call_over(&call, client, server);
}

static void a_receive_without_event_is_waited_for(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call_pends(&call, server);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    close_socket(client);
    close_socket(server);
}

static void a_nonblocking_socket_pends_too(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    set_nonblocking(server, 1);
    CHECK_ERROR(WSARecv(server, &call.buffer, 1, &call.count, &call.flags, NULL,
                        NULL),
                WSAEWOULDBLOCK);
    call_pends(&call, server);
    send_all(client, "x", 1);
    call_receives(&call, server, "x");
    call_over(&call, client, server);
}

static void the_array_of_buffers_is_captured(void)
{
    SOCKET client, server;
    struct call call;
    WSABUF buffers[2];
    DWORD flags = 0;

    connect_for(&call, 16, &client, &server);
    buffers[0] = (WSABUF){3, call.data};
    buffers[1] = (WSABUF){5, call.data + 3};
    CHECK_ERROR(WSARecv(server, buffers, 2, NULL, &flags, &call.overlapped,
                        NULL),
                WSA_IO_PENDING);
    memset(buffers, 0, sizeof(buffers));
    send_all(client, "abcdefgh", 8);
    call_receives(&call, server, "abcdefgh");
    call_over(&call, client, server);
}

/* --- Order ---------------------------------------------------------------- */

static void receives_end_in_the_order_of_their_starts(void)
{
    SOCKET client, server;
    struct call calls[3];
    int i;

    tcp_pair(&client, &server);
    for (i = 0; i < 3; i++) {
        call_init(&calls[i], 16, 1);
        call_pends(&calls[i], server);
    }
    send_all(client, "0123456789abcdefFEDCBA9876543210", 32);
    call_receives(&calls[0], server, "0123456789abcdef");
    call_receives(&calls[1], server, "FEDCBA9876543210");
    call_still_pends(&calls[2]);
    send_all(client, "x", 1);
    call_receives(&calls[2], server, "x");
    for (i = 0; i < 3; i++)
        call_done(&calls[i]);
    close_socket(client);
    close_socket(server);
}

struct blocked {
    SOCKET s;
    char data[4];
    int result;
};

static void receive_blocking(void *argument)
{
    struct blocked *blocked = argument;

    blocked->result = recv(blocked->s, blocked->data, 4, 0);
}

static void a_blocking_receive_comes_after_pending_ones(void)
{
    struct blocked blocked = {.result = -2};
    SOCKET client, server;
    struct thread *thread;
    struct call call;

    connect_for(&call, 4, &client, &server);
    call_pends(&call, server);
    blocked.s = server;
    thread = thread_start(receive_blocking, &blocked);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    send_all(client, "1111", 4);
    call_receives(&call, server, "1111");
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    send_all(client, "2222", 4);
    thread_join(thread);
    CHECK_EQ(blocked.result, 4);
    CHECK_MEMORY(blocked.data, "2222", 4);
    call_over(&call, client, server);
}

static void closing_ends_a_blocking_receive_after_pending_ones(void)
{
    struct blocked blocked = {.result = -2};
    SOCKET client, server;
    struct thread *thread;
    struct call call;

    connect_for(&call, 4, &client, &server);
    call_pends(&call, server);
    blocked.s = server;
    thread = thread_start(receive_blocking, &blocked);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(server);
    thread_join(thread);
    CHECK_EQ(blocked.result, -1);
    event_wait(call.overlapped.hEvent);
    call_done(&call);
    close_socket(client);
}

static void taken_data_makes_nothing_readable(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    call_pends(&call, server);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    CHECK(!wait_readable(server, 0));
    CHECK_EQ(is_nonblocking(server), 0);
    call_over(&call, client, server);
}

/* --- Sizes and flags ------------------------------------------------------ */

static void an_empty_receive_waits_for_data_and_leaves_it(void)
{
    SOCKET client, server;
    struct call probe, call;

    tcp_pair(&client, &server);
    call_init(&probe, 0, 1);
    call_init(&call, 16, 1);
    call_pends(&probe, server);
    call_still_pends(&probe);
    send_all(client, "data", 4);
    call_ends(&probe, server, 0, 0);
    CHECK_OK(call_receive(&probe, server)); /* at once, as data is there */
    CHECK_EQ(probe.count, 0);
    CHECK_OK(call_receive(&call, server));
    call_receives(&call, server, "data");
    call_done(&probe);
    call_over(&call, client, server);
}

/* How libuv reads a stream.  Whoever was told of a receive's end is not in the
   way of it any more. */
static void what_a_probe_has_found_is_received(void)
{
    SOCKET client, server;
    struct call call;
    char byte;
    int i;

    connect_for(&call, 0, &client, &server);
    set_nonblocking(server, 1);
    for (i = 0; i < 3000; i++) {
        call_pends(&call, server);
        send_all(client, "x", 1);
        call_ends(&call, server, 0, 0);
        CHECK_RESULT(recv(server, &byte, 1, 0), 1);
    }
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

static void no_buffers_are_refused(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    CHECK_ERROR(WSARecv(server, &call.buffer, 0, NULL, &call.flags,
                        &call.overlapped, NULL),
                WSAEINVAL);
    call_over(&call, client, server);
}

static void wait_all_fills_the_buffers(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 8, &client, &server);
    set_nonblocking(server, 1); /* does not matter here */
    call.flags = MSG_WAITALL;
    call_pends(&call, server);
    send_all(client, "abc", 3);
    call_still_pends(&call);
    send_all(client, "defgh", 5);
    call_receives(&call, server, "abcdefgh");
    call_over(&call, client, server);
}

static void the_end_ends_wait_all(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 8, &client, &server);
    call.flags = MSG_WAITALL;
    call_pends(&call, server);
    send_all(client, "abc", 3);
    close_socket(client);
    call_receives(&call, server, "abc");
    call_over(&call, INVALID_SOCKET, server);
}

static void urgent_data_is_waited_for(void)
{
    SOCKET client, server;
    struct call call, other;

    connect_for(&call, 1, &client, &server);
    call_init(&other, 16, 1);
    call.flags = MSG_OOB;
    call_pends(&call, server);
    call_pends(&other, server);
    send_all(client, "plain", 5);
    call_receives(&other, server, "plain");
    call_still_pends(&call);
    CHECK_EQ(send(client, "!", 1, MSG_OOB), 1);
    call_receives(&call, server, "!");
    call_done(&call);
    call_done(&other);
    close_socket(client);
    close_socket(server);
}

/* --- The end of the connection -------------------------------------------- */

static void the_peer_s_end_is_a_success(void)
{
    SOCKET client, server;
    struct call first, second;

    tcp_pair(&client, &server);
    call_init(&first, 16, 1);
    call_init(&second, 16, 1);
    call_pends(&first, server);
    call_pends(&second, server);
    close_socket(client);
    call_ends(&first, server, 0, 0);
    call_ends(&second, server, 0, 0);
    CHECK_OK(call_receive(&first, server));
    CHECK_EQ(first.count, 0);
    call_done(&first);
    call_done(&second);
    close_socket(server);
}

static void a_reset_is_an_error(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    call_pends(&call, server);
    reset_connection(client);
    call_ends(&call, server, WSAECONNRESET, 0);
    CHECK_EQ(STATUS_OF(&call.overlapped), NT_CONNECTION_RESET);
    CHECK_ERROR(call_receive(&call, server), WSAECONNRESET);
    CHECK_ERROR(call_send(&call, server), WSAECONNRESET);
    call_over(&call, INVALID_SOCKET, server);
}

static void shutting_receiving_leaves_pending_ones(void)
{
    SOCKET client, server;
    struct call call;

    connect_for(&call, 16, &client, &server);
    call_pends(&call, server);
    CHECK_OK(shutdown(server, SD_RECEIVE));
    call_still_pends(&call);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    CHECK_ERROR(call_receive(&call, server), WSAESHUTDOWN);
    call_over(&call, client, server);
}

static void unconnected_streams_are_refused(void)
{
    SOCKET s = tcp_socket();
    struct call call;

    call_init(&call, 16, 1);
    CHECK_ERROR(call_receive(&call, s), WSAENOTCONN);
    CHECK_ERROR(call_send(&call, s), WSAENOTCONN);
    CHECK_EQ(call.count, COUNT_UNTOUCHED);
    call_done(&call);
    close_socket(s);
}

static void time_limits_do_not_matter(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 50);
    call_init(&call, 16, 1);
    call_pends(&call, server);
    call_still_pends(&call);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    call_over(&call, client, server);
}

/* --- Datagrams ------------------------------------------------------------ */

static void a_datagram_comes_with_its_sender(void)
{
    struct sockaddr_in to, from;
    SOCKET receiver = udp_bound(&to), sender = udp_bound(&from);
    struct call call;

    call_init(&call, 16, 1);
    CHECK_ERROR(call_receive_from(&call, receiver), WSA_IO_PENDING);
    CHECK_EQ(sendto(sender, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)),
             5);
    call_receives(&call, receiver, "hello");
    CHECK_EQ(call.name_length, sizeof(call.name));
    CHECK_EQ(call.name.sin_port, from.sin_port);
    CHECK_EQ(call.name.sin_addr.s_addr, from.sin_addr.s_addr);
    call_done(&call);
    close_socket(receiver);
    close_socket(sender);
}

static void datagrams_are_received_in_order(void)
{
    struct sockaddr_in to;
    SOCKET receiver = udp_bound(&to), sender = udp_socket();
    struct call first, second;

    call_init(&first, 16, 1);
    call_init(&second, 16, 1);
    call_pends(&first, receiver);
    call_pends(&second, receiver);
    sendto(sender, "one", 3, 0, (struct sockaddr *)&to, sizeof(to));
    sendto(sender, "two", 3, 0, (struct sockaddr *)&to, sizeof(to));
    call_receives(&first, receiver, "one");
    call_receives(&second, receiver, "two");
    call_done(&first);
    call_done(&second);
    close_socket(receiver);
    close_socket(sender);
}

static void a_cut_datagram_ends_as_an_error(void)
{
    struct sockaddr_in to;
    SOCKET receiver = udp_bound(&to), sender = udp_socket();
    DWORD count = 0, flags = 0;
    struct call call;

    call_init(&call, 4, 1);
    call_pends(&call, receiver);
    sendto(sender, "toolong", 7, 0, (struct sockaddr *)&to, sizeof(to));
    call_ends(&call, receiver, WSAEMSGSIZE, 4);
    CHECK_EQ(STATUS_OF(&call.overlapped), NT_BUFFER_OVERFLOW);
    CHECK_MEMORY(call.data, "tool", 4);
    CHECK(!WSAGetOverlappedResult(receiver, &call.overlapped, &count, FALSE,
                                  &flags));
    CHECK_EQ(count, 4);
    CHECK_EQ(flags, MSG_PARTIAL);
    call_done(&call);
    close_socket(receiver);
    close_socket(sender);
}

static void a_datagram_that_is_there_may_be_cut(void)
{
    struct sockaddr_in to;
    SOCKET receiver = udp_bound(&to), sender = udp_socket();
    struct call call;

    call_init(&call, 4, 1);
    sendto(sender, "toolong", 7, 0, (struct sockaddr *)&to, sizeof(to));
    CHECK(wait_readable(receiver, IN_TIME));
    CHECK_ERROR(call_receive(&call, receiver), WSAEMSGSIZE);
    CHECK_MEMORY(call.data, "tool", 4);
    call_done(&call);
    close_socket(receiver);
    close_socket(sender);
}

static void an_empty_datagram_ends_a_receive(void)
{
    struct sockaddr_in to;
    SOCKET receiver = udp_bound(&to), sender = udp_socket();
    struct call call;

    call_init(&call, 16, 1);
    call_pends(&call, receiver);
    CHECK_EQ(sendto(sender, "", 0, 0, (struct sockaddr *)&to, sizeof(to)), 0);
    call_ends(&call, receiver, 0, 0);
    call_done(&call);
    close_socket(receiver);
    close_socket(sender);
}

/* --- Bad memory ----------------------------------------------------------- */

static void a_bad_buffer_loses_nothing(void)
{
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    SOCKET client, server;
    struct call call;

    CHECK(bad != NULL);
    connect_for(&call, 16, &client, &server);
    send_all(client, "data", 4);
    CHECK(wait_readable(server, IN_TIME));
    call.buffer.buf = bad;
    CHECK_ERROR(call_receive(&call, server), WSAEFAULT);
    check_receives(server, "data");
    call_over(&call, client, server);
    memory_delete(bad, 1);
}

static void bad_pointers_are_refused(void)
{
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    SOCKET client, server;
    struct call call;

    CHECK(bad != NULL);
    connect_for(&call, 16, &client, &server);
    CHECK_ERROR(WSARecv(server, &call.buffer, 1, NULL, &call.flags,
                        (WSAOVERLAPPED *)bad, NULL),
                WSAEFAULT);
    CHECK_ERROR(WSARecv(server, &call.buffer, 1, NULL, NULL, &call.overlapped,
                        NULL),
                WSAEFAULT);
    CHECK_ERROR(WSARecv(server, &call.buffer, 1, NULL, &call.flags, NULL, NULL),
                WSAEFAULT);
    call_over(&call, client, server);
    memory_delete(bad, 1);
}

/* --- Sockets that are not overlapped -------------------------------------- */

/* A connection whose server end has not the attribute. */
static void plain_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    SOCKET listener = CHECK_SOCKET(
        WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, 0));
    struct sockaddr_in name = loopback(0);

    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    name = local_name(listener);
    *ret_client = tcp_connect(&name);
    *ret_server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
}

struct waiting {
    struct call call;
    SOCKET s;
    int result;
};

static void receive_overlapped(void *argument)
{
    struct waiting *waiting = argument;

    waiting->result = call_receive(&waiting->call, waiting->s);
}

static void a_socket_that_is_not_overlapped_waits(void)
{
    struct waiting waiting = {.result = -2};
    SOCKET client;
    struct thread *thread;

    plain_pair(&client, &waiting.s);
    set_nonblocking(waiting.s, 1);
    call_init(&waiting.call, 16, 0);
    CHECK_ERROR(recv(waiting.s, waiting.call.data, 1, 0), WSAEWOULDBLOCK);
    thread = thread_start(receive_overlapped, &waiting);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    send_all(client, "data", 4);
    thread_join(thread);
    CHECK_EQ(waiting.result, 0);
    CHECK_EQ(waiting.call.count, 4);
    CHECK_MEMORY(waiting.call.data, "data", 4);
    close_socket(client);
    close_socket(waiting.s);
}

static const struct test_case cases[] = {
    TEST_CASE(a_receive_pends_until_data_comes, "04 1, 2: pending, then ended"),
    TEST_CASE(data_that_is_there_is_received_at_once, "04 2: success at once"),
    TEST_CASE(a_receive_without_event_is_waited_for, "04 4: fWait, no hEvent"),
    TEST_CASE(a_nonblocking_socket_pends_too, "04 1: never EWOULDBLOCK"),
    TEST_CASE(the_array_of_buffers_is_captured, "04 1: WSABUFs may go"),
    TEST_CASE(receives_end_in_the_order_of_their_starts, "04 5: order"),
    TEST_CASE(a_blocking_receive_comes_after_pending_ones, "04 5: recv waits"),
    TEST_CASE(closing_ends_a_blocking_receive_after_pending_ones,
              "04 5, 7: closesocket"),
    TEST_CASE(taken_data_makes_nothing_readable, "04 5: no readiness"),
    TEST_CASE(an_empty_receive_waits_for_data_and_leaves_it,
              "04 2: zero-byte receives"),
    TEST_CASE(what_a_probe_has_found_is_received, "04 2: zero-byte receives"),
    TEST_CASE(no_buffers_are_refused, "04 2: dwBufferCount 0"),
    TEST_CASE(wait_all_fills_the_buffers, "03: MSG_WAITALL"),
    TEST_CASE(the_end_ends_wait_all, "03: MSG_WAITALL at the end"),
    TEST_CASE(urgent_data_is_waited_for, "03: MSG_OOB"),
    TEST_CASE(the_peer_s_end_is_a_success, "04 2: FIN"),
    TEST_CASE(a_reset_is_an_error, "04 2, 7: RST"),
    TEST_CASE(shutting_receiving_leaves_pending_ones, "04 7: SD_RECEIVE"),
    TEST_CASE(unconnected_streams_are_refused, "04 2: immediate failure"),
    TEST_CASE(time_limits_do_not_matter, "04 7: SO_RCVTIMEO"),
    TEST_CASE(a_datagram_comes_with_its_sender, "04 1: lpFrom at the end"),
    TEST_CASE(datagrams_are_received_in_order, "04 5: order"),
    TEST_CASE(a_cut_datagram_ends_as_an_error, "04 4: BUFFER_OVERFLOW"),
    TEST_CASE(a_datagram_that_is_there_may_be_cut, "04 4: EMSGSIZE at once"),
    TEST_CASE(an_empty_datagram_ends_a_receive, "03: a datagram of 0 bytes"),
    TEST_CASE(a_bad_buffer_loses_nothing, "04: WSAEFAULT"),
    TEST_CASE(bad_pointers_are_refused, "04: WSAEFAULT"),
    TEST_CASE(a_socket_that_is_not_overlapped_waits, "04 1: not overlapped"),
    TEST_END
};
TEST_MAIN("overlapped_receive", cases, NULL)
