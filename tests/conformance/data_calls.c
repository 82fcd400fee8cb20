/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The data calls: send and receive, their errors, waiting and its ends.
 */
#include "support/sockets.h"

#include <stdio.h>
#include <stdlib.h>

/* --- Streams -------------------------------------------------------------- */

static void bytes_arrive_in_order(void)
{
    SOCKET client, server;
    char buffer[16];
    int got;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "hello ", 6, 0), 6);
    CHECK_RESULT(send(client, "world", 5, 0), 5);
    receive_all(server, buffer, 11);
    CHECK_MEMORY(buffer, "hello world", 11);
    CHECK_RESULT(send(server, "back", 4, 0), 4);
    got = recv(client, buffer, sizeof(buffer), 0);
    CHECK_EQ(got, 4);
    CHECK_MEMORY(buffer, "back", 4);
    close_socket(client);
    close_socket(server);
}

static void scattered_buffers_are_gathered(void)
{
    SOCKET client, server;
    WSABUF out[3] = {{3, (char *)"abc"}, {0, NULL}, {2, (char *)"de"}};
    char first[2], second[8];
    WSABUF in[2] = {{sizeof(first), first}, {sizeof(second), second}};
    DWORD count = 0, flags = 0;

    tcp_pair(&client, &server);
    CHECK_OK(WSASend(client, out, 3, &count, 0, NULL, NULL));
    CHECK_EQ(count, 5);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_OK(WSARecv(server, in, 2, &count, &flags, NULL, NULL));
    CHECK_EQ(count, 5);
    CHECK_MEMORY(first, "ab", 2);
    CHECK_MEMORY(second, "cde", 3);
    CHECK_EQ(flags, 0);
    close_socket(client);
    close_socket(server);
}

static void receiving_into_nothing_is_refused(void)
{
    SOCKET client, server;
    DWORD count = 0, flags = 0;
    char byte;
    WSABUF in = {1, &byte};

    tcp_pair(&client, &server);
    CHECK_ERROR(WSARecv(server, &in, 0, &count, &flags, NULL, NULL), WSAEINVAL);
    close_socket(client);
    close_socket(server);
}

static void peeking_leaves_the_data(void)
{
    SOCKET client, server;
    char buffer[8];

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "data", 4, 0), 4);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_RESULT(recv(server, buffer, sizeof(buffer), MSG_PEEK), 4);
    CHECK_RESULT(recv(server, buffer, sizeof(buffer), 0), 4);
    close_socket(client);
    close_socket(server);
}

static void an_empty_receive_leaves_the_data(void)
{
    SOCKET client, server;
    char buffer[8];

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "data", 4, 0), 4);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_RESULT(recv(server, buffer, 0, 0), 0);
    CHECK_RESULT(recv(server, buffer, sizeof(buffer), 0), 4);
    CHECK_RESULT(send(client, buffer, 0, 0), 0);
    close_socket(client);
    close_socket(server);
}

static void the_end_is_told_again_and_again(void)
{
    SOCKET client, server;
    char byte;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    close_socket(client);
    CHECK_RESULT(recv(server, &byte, 1, 0), 1);
    CHECK_RESULT(recv(server, &byte, 1, 0), 0);
    CHECK_RESULT(recv(server, &byte, 1, 0), 0);
    close_socket(server);
}

static void unconnected_streams_refuse_data(void)
{
    SOCKET s = tcp_socket(), listener = tcp_listener(NULL);
    char byte = 'x';

    CHECK_ERROR(send(s, &byte, 1, 0), WSAENOTCONN);
    CHECK_ERROR(recv(s, &byte, 1, 0), WSAENOTCONN);
    CHECK_ERROR(recv(listener, &byte, 1, 0), WSAENOTCONN);
    CHECK_ERROR(send(listener, &byte, 1, 0), WSAENOTCONN);
    close_socket(s);
    close_socket(listener);
}

static void wait_all_waits_for_all(void)
{
    SOCKET client, server;
    char buffer[10];

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "01234", 5, 0), 5);
    CHECK_RESULT(send(client, "56789", 5, 0), 5);
    CHECK_RESULT(recv(server, buffer, 10, MSG_WAITALL), 10);
    CHECK_MEMORY(buffer, "0123456789", 10);
    CHECK_RESULT(send(client, "abc", 3, 0), 3);
    CHECK_OK(shutdown(client, SD_SEND)); /* ends it early */
    CHECK_RESULT(recv(server, buffer, 10, MSG_WAITALL), 3);
    close_socket(client);
    close_socket(server);
}

static void out_of_band_data_is_apart(void)
{
    SOCKET client, server;
    u_long at_mark = 7;
    fd_set urgent;
    struct timeval wait = {test_timeout(5000) / 1000, 0};
    char buffer[8];

    tcp_pair(&client, &server);
    CHECK_OK(ioctlsocket(server, SIOCATMARK, &at_mark));
    CHECK_EQ(at_mark, TRUE);
    CHECK_RESULT(send(client, "!", 1, MSG_OOB), 1);
    FD_ZERO(&urgent);
    FD_SET(server, &urgent);
    CHECK_EQ(select(0, NULL, NULL, &urgent, &wait), 1);
    CHECK_OK(ioctlsocket(server, SIOCATMARK, &at_mark));
    CHECK_EQ(at_mark, FALSE);
    CHECK_RESULT(recv(server, buffer, sizeof(buffer), MSG_OOB), 1);
    CHECK_EQ(buffer[0], '!');
    check_passes(client, server, "normal data");
    set_int_option(server, SOL_SOCKET, SO_OOBINLINE, 1);
    CHECK_ERROR(recv(server, buffer, sizeof(buffer), MSG_OOB), WSAEINVAL);
    close_socket(client);
    close_socket(server);
}

static void drain(void *argument)
{
    SOCKET s = *(SOCKET *)argument;
    static char buffer[65536];

    while (recv(s, buffer, sizeof(buffer), 0) > 0)
        continue;
}

/* Demand 2: a blocking send is never short. */
static void a_blocking_send_takes_all(void)
{
    enum { SIZE = 8 << 20 };
    char *data = calloc(1, SIZE);
    struct thread *reader;
    SOCKET client, server;

    CHECK(data != NULL);
    tcp_pair(&client, &server);
    reader = thread_start(drain, &server);
    CHECK_RESULT(send(client, data, SIZE, 0), SIZE);
    CHECK_OK(shutdown(client, SD_SEND));
    thread_join(reader);
    close_socket(client);
    close_socket(server);
    free(data);
}

static void a_full_pipe_would_block(void)
{
    SOCKET client, server;
    static char data[65536];
    int i, sent = 0;

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    for (i = 0; i < 1000 && sent >= 0; i++)
        sent = send(client, data, sizeof(data), 0);
    CHECK_EQ(sent, SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    close_socket(client);
    close_socket(server);
}

/* Bytes that depend on their place. */
static char byte_at(int place)
{
    return (char)(place * 2654435761u >> 24);
}

struct reading {
    SOCKET s;
    int size, wrong;
};

static void read_and_compare(void *argument)
{
    struct reading *reading = argument;
    static char buffer[65536];
    int count, i;

    while ((count = recv(reading->s, buffer, sizeof(buffer), 0)) > 0)
        for (i = 0; i < count; i++, reading->size++)
            reading->wrong += buffer[i] != byte_at(reading->size);
}

/* send's page: on a non-blocking stream from one byte to all are taken.  What
   was not goes with the next call, once the socket is writable, and nothing is
   lost or sent twice. */
static void a_nonblocking_send_tells_what_it_took(void)
{
    enum { SIZE = 16 << 20 };
    char *data = malloc(SIZE);
    struct reading reading = {INVALID_SOCKET, 0, 0};
    struct thread *reader = NULL;
    int sent = 0, count, i;
    SOCKET client;

    CHECK(data != NULL);
    for (i = 0; i < SIZE; i++)
        data[i] = byte_at(i);
    tcp_pair(&client, &reading.s);
    set_nonblocking(client, 1);
    while (sent < SIZE) {
        count = send(client, data + sent, SIZE - sent, 0);
        if (count == SOCKET_ERROR) {
            CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
            if (reader == NULL)
                reader = thread_start(read_and_compare, &reading);
            CHECK(wait_writable(client, test_timeout(10000)));
            continue;
        }
        CHECK(count >= 1 && count <= SIZE - sent);
        sent += count;
    }
    if (reader == NULL)
        reader = thread_start(read_and_compare, &reading);
    CHECK_OK(shutdown(client, SD_SEND));
    thread_join(reader);
    CHECK_EQ(reading.size, SIZE);
    CHECK_EQ(reading.wrong, 0);
    close_socket(client);
    close_socket(reading.s);
    free(data);
}

static void a_timeout_ends_a_receive(void)
{
    SOCKET client, server, u = udp_bound(NULL);
    int64_t before;
    char byte;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 100);
    set_int_option(u, SOL_SOCKET, SO_RCVTIMEO, 100);
    before = test_clock();
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAETIMEDOUT);
    CHECK(test_clock() - before >= 90);
    CHECK_ERROR(recv(u, &byte, 1, 0), WSAETIMEDOUT);
    check_passes(client, server, "still good");
    close_socket(client);
    close_socket(server);
    close_socket(u);
}

static void a_timeout_ends_a_send(void)
{
    enum { SIZE = 16 << 20 };
    char *data = calloc(1, SIZE);
    SOCKET client, server;

    CHECK(data != NULL);
    tcp_pair(&client, &server);
    set_int_option(client, SOL_SOCKET, SO_SNDTIMEO, 100);
    CHECK_ERROR(send(client, data, SIZE, 0), WSAETIMEDOUT);
    close_socket(client);
    close_socket(server);
    free(data);
}

static void nonblocking_mode_can_be_left(void)
{
    SOCKET client, server;
    char byte;

    tcp_pair(&client, &server);
    set_nonblocking(server, 1);
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAEWOULDBLOCK);
    set_nonblocking(server, 0);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 50);
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAETIMEDOUT);
    close_socket(client);
    close_socket(server);
}

/* --- Closing while another thread waits ----------------------------------- */

struct blocked {
    SOCKET s;
    int call; /* which one */
    int result, error;
};

static void run_blocked(void *argument)
{
    struct blocked *blocked = argument;
    fd_set readable;
    char byte;

    switch (blocked->call) {
    case 0:
        blocked->result = recv(blocked->s, &byte, 1, 0);
        break;
    case 1:
        blocked->result = (int)accept(blocked->s, NULL, NULL);
        break;
    case 2:
        FD_ZERO(&readable);
        FD_SET(blocked->s, &readable);
        blocked->result = select(0, &readable, NULL, NULL, NULL);
        break;
    }
    blocked->error = WSAGetLastError();
}

static void check_close_wakes(SOCKET s, int call)
{
    struct blocked blocked = {s, call, 0, 0};
    struct thread *thread = thread_start(run_blocked, &blocked);

    CHECK(!thread_ended(thread, 100)); /* it waits */
    close_socket(s);
    thread_join(thread);
    if (call == 2)
        CHECK_EQ(blocked.result, 1); /* closed: shown as readable */
    else {
        CHECK_EQ(blocked.result, SOCKET_ERROR);
        CHECK(blocked.error == WSAEINTR || blocked.error == WSAENOTSOCK ||
              blocked.error == WSAECONNABORTED);
    }
}

static void closing_ends_a_blocked_receive(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    check_close_wakes(server, 0);
    check_end(client);
    close_socket(client);
}

static void closing_ends_a_blocked_datagram_receive(void)
{
    check_close_wakes(udp_bound(NULL), 0);
}

static void closing_ends_a_blocked_accept(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), again = tcp_socket();

    check_close_wakes(listener, 1);
    /* The port is free when closesocket returns. */
    CHECK_OK(bind(again, (struct sockaddr *)&name, sizeof(name)));
    close_socket(again);
}

static void closing_ends_a_select(void)
{
    check_close_wakes(udp_bound(NULL), 2);
}

/* --- Datagrams ------------------------------------------------------------ */

static void datagrams_keep_their_bounds(void)
{
    struct sockaddr_in a_name, b_name, from;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    int length = sizeof(from);
    char buffer[16];

    CHECK_RESULT(sendto(a, "one", 3, 0, (struct sockaddr *)&b_name,
                        sizeof(b_name)),
                 3);
    CHECK_RESULT(sendto(a, "", 0, 0, (struct sockaddr *)&b_name,
                        sizeof(b_name)),
                 0);
    CHECK_RESULT(sendto(a, "three", 5, 0, (struct sockaddr *)&b_name,
                        sizeof(b_name)),
                 5);
    CHECK_RESULT(recvfrom(b, buffer, sizeof(buffer), 0,
                          (struct sockaddr *)&from, &length),
                 3);
    CHECK_EQ(length, sizeof(from));
    CHECK_EQ(from.sin_port, a_name.sin_port);
    CHECK_RESULT(recv(b, buffer, sizeof(buffer), 0), 0);
    CHECK_RESULT(recv(b, buffer, sizeof(buffer), 0), 5);
    close_socket(a);
    close_socket(b);
}

static void a_cut_datagram_is_an_error(void)
{
    struct sockaddr_in a_name, b_name, from;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    int length = sizeof(from);
    char buffer[4];

    CHECK_RESULT(sendto(a, "abcdefgh", 8, 0, (struct sockaddr *)&b_name,
                        sizeof(b_name)),
                 8);
    CHECK_ERROR(recvfrom(b, buffer, sizeof(buffer), 0,
                         (struct sockaddr *)&from, &length),
                WSAEMSGSIZE);
    CHECK_MEMORY(buffer, "abcd", 4);
    CHECK_EQ(from.sin_port, a_name.sin_port);
    CHECK_RESULT(sendto(a, "z", 1, 0, (struct sockaddr *)&b_name,
                        sizeof(b_name)),
                 1);
    CHECK_RESULT(recv(b, buffer, sizeof(buffer), 0), 1); /* the rest is lost */
    close_socket(a);
    close_socket(b);
}

static void an_unbound_datagram_socket_receives_nothing(void)
{
    SOCKET s = udp_socket();
    char byte;

    CHECK_ERROR(recv(s, &byte, 1, 0), WSAEINVAL);
    CHECK_ERROR(send(s, &byte, 1, 0), WSAENOTCONN);
    close_socket(s);
}

static void sending_binds(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_socket(), t = udp_bound(&name);

    CHECK_RESULT(sendto(s, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK(local_name(s).sin_port != 0);
    close_socket(s);
    close_socket(t);
}

static void too_long_a_datagram_is_refused(void)
{
    static char data[70000];
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);

    CHECK_ERROR(sendto(s, data, sizeof(data), 0, (struct sockaddr *)&name,
                       sizeof(name)),
                WSAEMSGSIZE);
    close_socket(s);
}

static void flags_that_do_not_fit_are_refused(void)
{
    SOCKET client, server, u = udp_bound(NULL);
    char byte = 'x';

    tcp_pair(&client, &server);
    CHECK_ERROR(recv(u, &byte, 1, MSG_OOB), WSAEOPNOTSUPP);
    CHECK_ERROR(send(client, &byte, 1, 0x4000), WSAEOPNOTSUPP);
    close_socket(client);
    close_socket(server);
    close_socket(u);
}

static void readable_bytes_are_counted(void)
{
    SOCKET client, server, s = tcp_socket();
    u_long count = 7;

    CHECK_OK(ioctlsocket(s, FIONREAD, &count));
    CHECK_EQ(count, 0);
    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "12345", 5, 0), 5);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_OK(ioctlsocket(server, FIONREAD, &count));
    CHECK_EQ(count, 5);
    close_socket(client);
    close_socket(server);
    close_socket(s);
}

static const struct test_case cases[] = {
    TEST_CASE(bytes_arrive_in_order, "03 7, 8: streams"),
    TEST_CASE(scattered_buffers_are_gathered, "03 7, 8: WSABUF arrays"),
    TEST_CASE_WITH(receiving_into_nothing_is_refused, "03 8: no buffers",
                   .seconds = 5),
    TEST_CASE(peeking_leaves_the_data, "03 8: MSG_PEEK"),
    TEST_CASE(an_empty_receive_leaves_the_data, "03 8: recv len 0"),
    TEST_CASE(the_end_is_told_again_and_again, "03 8: peer FIN"),
    TEST_CASE(unconnected_streams_refuse_data, "03 7, 8: ENOTCONN"),
    TEST_CASE(wait_all_waits_for_all, "03 8: MSG_WAITALL"),
    TEST_CASE(out_of_band_data_is_apart, "03 8: MSG_OOB, SIOCATMARK"),
    TEST_CASE_WITH(a_blocking_send_takes_all, "demand 2: never short",
                   .waiting_threads = 1),
    TEST_CASE(a_full_pipe_would_block, "03 7: no room"),
    TEST_CASE_WITH(a_nonblocking_send_tells_what_it_took, "03 7: send",
                   .waiting_threads = 1),
    TEST_CASE(a_timeout_ends_a_receive, "03 8: SO_RCVTIMEO"),
    TEST_CASE(a_timeout_ends_a_send, "03 13: SO_SNDTIMEO"),
    TEST_CASE(nonblocking_mode_can_be_left, "03 12: FIONBIO"),
    TEST_CASE(closing_ends_a_blocked_receive, "03 8: closed by other thread"),
    TEST_CASE(closing_ends_a_blocked_datagram_receive, "03 8: the same, UDP"),
    TEST_CASE(closing_ends_a_blocked_accept, "03 6: closed by other thread"),
    TEST_CASE(closing_ends_a_select, "03 10: closed by other thread"),
    TEST_CASE(datagrams_keep_their_bounds, "03 7, 8: datagrams"),
    TEST_CASE(a_cut_datagram_is_an_error, "03 8: EMSGSIZE"),
    TEST_CASE_WITH(an_unbound_datagram_socket_receives_nothing, "03 8: EINVAL",
                   .seconds = 5),
    TEST_CASE(sending_binds, "03 7: implicit bind"),
    TEST_CASE(too_long_a_datagram_is_refused, "03 7: EMSGSIZE"),
    TEST_CASE_WITH(flags_that_do_not_fit_are_refused, "03 7, 8: flags",
                   .seconds = 5),
    TEST_CASE(readable_bytes_are_counted, "03 12: FIONREAD"),
    TEST_END
};
TEST_MAIN("data_calls", cases, NULL)
