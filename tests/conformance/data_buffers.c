/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The buffers of the data calls: many, empty, huge, and bad ones.  A bad one is
 * WSAEFAULT, and what waits to be received waits on.
 */
#include "support/sockets.h"

#include "support/memory.h"

#include <stdio.h>
#include <stdlib.h>

#define MANY 3000 /* more than the kernel takes at a time */

#ifndef MSG_PUSH_IMMEDIATE
#define MSG_PUSH_IMMEDIATE 0x20
#endif

static void fill(char *data, int length)
{
    int i;

    for (i = 0; i < length; i++)
        data[i] = (char)(i * 7 + i / 251);
}

/* n buffers of size bytes each, one after the other in data, with an empty one
   before each. */
static WSABUF *buffers_of(char *data, int n, int size)
{
    WSABUF *buffers = calloc(2 * (size_t)n, sizeof(*buffers));
    int i;

    CHECK(buffers != NULL);
    for (i = 0; i < n; i++)
        buffers[2 * i + 1] = (WSABUF){(ULONG)size, data + (size_t)i * size};
    return buffers;
}

static void a_stream_takes_many_buffers(void)
{
    static char out[MANY * 3], in[MANY * 3];
    WSABUF *sent = buffers_of(out, MANY, 3),
           *received = buffers_of(in, MANY, 3);
    SOCKET client, server;
    DWORD count = 0, flags = MSG_WAITALL;

    fill(out, sizeof(out));
    tcp_pair(&client, &server);
    CHECK_OK(WSASend(client, sent, 2 * MANY, &count, 0, NULL, NULL));
    CHECK_EQ(count, sizeof(out));
    CHECK_OK(WSARecv(server, received, 2 * MANY, &count, &flags, NULL, NULL));
    CHECK_EQ(count, sizeof(in));
    CHECK_MEMORY(in, out, sizeof(in));
    CHECK_EQ(flags, 0);
    close_socket(client);
    close_socket(server);
    free(sent);
    free(received);
}

static void a_datagram_takes_many_buffers(void)
{
    static char out[MANY * 3], in[MANY * 3];
    WSABUF *sent = buffers_of(out, MANY, 3),
           *received = buffers_of(in, MANY, 3);
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    DWORD count = 0, flags = 0;

    fill(out, sizeof(out));
    CHECK_OK(WSASendTo(s, sent, 2 * MANY, &count, 0, (struct sockaddr *)&name,
                       sizeof(name), NULL, NULL));
    CHECK_EQ(count, sizeof(out));
    CHECK_OK(WSARecv(s, received, 2 * MANY, &count, &flags, NULL, NULL));
    CHECK_EQ(count, sizeof(in));
    CHECK_MEMORY(in, out, sizeof(in));
    /* And one that is too long for many buffers, or too short for few. */
    CHECK_OK(WSASendTo(s, sent, 2 * MANY, &count, 0, (struct sockaddr *)&name,
                       sizeof(name), NULL, NULL));
    memset(in, 0, sizeof(in));
    CHECK_ERROR(WSARecv(s, received, 2 * MANY - 2, &count, &flags, NULL, NULL),
                WSAEMSGSIZE);
    CHECK_MEMORY(in, out, sizeof(in) - 3);
    CHECK_EQ(flags, MSG_PARTIAL);
    close_socket(s);
    free(sent);
    free(received);
}

static void too_many_bytes_are_no_datagram(void)
{
    static char out[70000];
    WSABUF *sent = buffers_of(out, 2000, 35);
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    DWORD count = 0;

    CHECK_ERROR(WSASendTo(s, sent, 4000, &count, 0, (struct sockaddr *)&name,
                          sizeof(name), NULL, NULL),
                WSAEMSGSIZE);
    close_socket(s);
    free(sent);
}

static void no_buffers_send_nothing(void)
{
    struct sockaddr_in name;
    SOCKET client, server, s = udp_bound(&name);
    WSABUF empty[2] = {{0, NULL}, {0, NULL}};
    DWORD count = 7, flags = 0;
    char byte;
    WSABUF in = {1, &byte};

    tcp_pair(&client, &server);
    CHECK_OK(WSASend(client, NULL, 0, &count, 0, NULL, NULL));
    CHECK_EQ(count, 0);
    count = 7;
    CHECK_OK(WSASend(client, empty, 2, &count, 0, NULL, NULL));
    CHECK_EQ(count, 0);
    check_quiet(server);
    count = 7;
    CHECK_OK(WSASendTo(s, empty, 2, &count, 0, (struct sockaddr *)&name,
                       sizeof(name), NULL, NULL));
    CHECK_EQ(count, 0);
    count = 7;
    CHECK_OK(WSARecv(s, &in, 1, &count, &flags, NULL, NULL));
    CHECK_EQ(count, 0);
    close_socket(client);
    close_socket(server);
    close_socket(s);
}

/* A datagram is taken and lost, a stream's data stays. */
static void empty_buffers_receive_nothing(void)
{
    struct sockaddr_in name;
    SOCKET client, server, s = udp_bound(&name);
    WSABUF empty[2] = {{0, NULL}, {0, NULL}};
    DWORD count = 7, flags = 0;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "data", 4, 0), 4);
    CHECK_OK(WSARecv(server, empty, 2, &count, &flags, NULL, NULL));
    CHECK_EQ(count, 0);
    check_receives(server, "data");
    CHECK_RESULT(sendto(s, "abc", 3, 0, (struct sockaddr *)&name, sizeof(name)),
                 3);
    CHECK_ERROR(WSARecv(s, empty, 2, &count, &flags, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(count, 0);
    set_nonblocking(s, 1);
    CHECK_ERROR(recv(s, (char *)&name, sizeof(name), 0), WSAEWOULDBLOCK);
    close_socket(client);
    close_socket(server);
    close_socket(s);
}

static void huge_lengths_are_refused(void)
{
    SOCKET client, server;
    char byte = 'x';
    WSABUF huge = {0xffffffff, &byte};
    DWORD count, flags = 0;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "data", 4, 0), 4);
    CHECK(wait_readable(server, test_timeout(5000)));
    EXPECT_ERROR(recv(server, &byte, -1, 0), WSAEFAULT);
    EXPECT_ERROR(WSARecv(server, &huge, 1, &count, &flags, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSASend(client, &huge, 1, &count, 0, NULL, NULL), WSAEFAULT);
    check_receives(server, "data");
    close_socket(client);
    close_socket(server);
}

static void flags_are_checked(void)
{
    static const int bad[] = {0x40, 0x1000, 0x4000, 0x10000,
                              MSG_WAITALL | MSG_PEEK, MSG_WAITALL | MSG_OOB,
                              MSG_WAITALL | MSG_PARTIAL};
    SOCKET client, server, u = udp_bound(NULL);
    char byte = 'x';
    size_t i;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 100);
    set_int_option(u, SOL_SOCKET, SO_RCVTIMEO, 100);
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        EXPECT_ERROR(recv(server, &byte, 1, bad[i]), WSAEOPNOTSUPP);
    EXPECT_ERROR(recv(u, &byte, 1, MSG_WAITALL), WSAEOPNOTSUPP);
    EXPECT_ERROR(recv(u, &byte, 1, MSG_OOB), WSAEOPNOTSUPP);
    EXPECT_ERROR(send(client, &byte, 1, MSG_PARTIAL), WSAEOPNOTSUPP);
    EXPECT_ERROR(send(client, &byte, 1, MSG_PEEK), WSAEOPNOTSUPP);
    EXPECT_ERROR(send(client, &byte, 1, MSG_WAITALL), WSAEOPNOTSUPP);
    set_nonblocking(server, 1);
    EXPECT_ERROR(recv(server, &byte, 1, MSG_WAITALL), WSAEOPNOTSUPP);
    CHECK_RESULT(send(client, &byte, 1, MSG_DONTROUTE), 1);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_RESULT(recv(server, &byte, 1, MSG_PUSH_IMMEDIATE), 1);
    close_socket(client);
    close_socket(server);
    close_socket(u);
}

/* --- Ends of MSG_WAITALL -------------------------------------------------- */

static void wait_all_keeps_what_came_before_a_reset(void)
{
    SOCKET client, server;
    char buffer[10];

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, test_timeout(5000));
    CHECK_RESULT(send(client, "abc", 3, 0), 3);
    CHECK_RESULT(recv(server, buffer, 1, MSG_WAITALL), 1);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 50);
    CHECK_RESULT(recv(server, buffer, 10, MSG_WAITALL), 2); /* the time is over */
    CHECK_MEMORY(buffer, "bc", 2);
    close_socket(client);
    close_socket(server);
}

struct waiting {
    SOCKET s;
    int result, error;
    char buffer[10];
};

static void wait_for_all(void *argument)
{
    struct waiting *waiting = argument;

    waiting->result = recv(waiting->s, waiting->buffer, 10, MSG_WAITALL);
    waiting->error = WSAGetLastError();
}

static void a_reset_ends_wait_all(void)
{
    struct waiting waiting = {.result = 0};
    struct thread *thread;
    SOCKET client;
    u_long left = 1;
    int64_t end = test_clock() + test_timeout(5000);

    tcp_pair(&client, &waiting.s);
    thread = thread_start(wait_for_all, &waiting);
    CHECK_RESULT(send(client, "abc", 3, 0), 3);
    /* The other thread has it. */
    while (left > 0 && test_clock() < end) {
        CHECK(!thread_ended(thread, 20));
        CHECK_OK(ioctlsocket(waiting.s, FIONREAD, &left));
    }
    set_linger(client, 0);
    close_socket(client);
    thread_join(thread);
    CHECK_EQ(waiting.result, 3);
    CHECK_MEMORY(waiting.buffer, "abc", 3);
    CHECK_ERROR(recv(waiting.s, waiting.buffer, 10, 0), WSAECONNRESET);
    close_socket(waiting.s);
}

/* --- Bad pointers --------------------------------------------------------- */

static void expect_bad_receives(SOCKET s, void *bad)
{
    struct sockaddr_in from;
    int length = sizeof(from);
    DWORD count = 7, flags = 0;
    char byte;
    WSABUF good = {1, &byte}, in = {8, bad};

    EXPECT_ERROR(recv(s, bad, 8, 0), WSAEFAULT);
    EXPECT_ERROR(recv(s, bad, 8, MSG_PEEK), WSAEFAULT);
    EXPECT_ERROR(recvfrom(s, bad, 8, 0, (struct sockaddr *)&from, &length),
                 WSAEFAULT);
    EXPECT_ERROR(WSARecv(s, &in, 1, &count, &flags, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSARecvFrom(s, &in, 1, &count, &flags,
                             (struct sockaddr *)&from, &length, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSARecv(s, &good, 1, bad, &flags, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSARecv(s, &good, 1, &count, bad, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSARecv(s, bad, 1, &count, &flags, NULL, NULL), WSAEFAULT);
    EXPECT_EQ(count, 7);
}

static void a_bad_buffer_loses_nothing(enum memory_kind kind)
{
    struct sockaddr_in name;
    SOCKET client, server, u = udp_bound(&name);
    char *bad = memory_new(kind, 1), buffer[16];
    int length = sizeof(name);

    CHECK(bad != NULL);
    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "stream", 6, 0), 6);
    CHECK(wait_readable(server, test_timeout(5000)));
    expect_bad_receives(server, bad);
    check_receives(server, "stream");
    CHECK_RESULT(send(client, "!", 1, MSG_OOB), 1);
    CHECK_RESULT(sendto(u, "datagram", 8, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 8);
    expect_bad_receives(u, bad);
    EXPECT_ERROR(recvfrom(u, buffer, 8, 0, (struct sockaddr *)bad, &length),
                 WSAEFAULT);
    EXPECT_ERROR(recvfrom(u, buffer, 8, 0, (struct sockaddr *)&name,
                          (int *)bad),
                 WSAEFAULT);
    CHECK_RESULT(recv(u, buffer, sizeof(buffer), 0), 8);
    CHECK_MEMORY(buffer, "datagram", 8);
    close_socket(client);
    close_socket(server);
    close_socket(u);
    memory_delete(bad, 1);
}

static void unreadable_buffers_lose_nothing(void)
{
    a_bad_buffer_loses_nothing(MEMORY_UNREADABLE);
}

static void the_urgent_byte_is_not_lost(void)
{
    SOCKET client, server;
    fd_set urgent;
    struct timeval wait = {test_timeout(5000) / 1000, 0};
    char *bad = memory_new(MEMORY_READ_ONLY, 1), byte = 0;

    CHECK(bad != NULL);
    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "!", 1, MSG_OOB), 1);
    FD_ZERO(&urgent);
    FD_SET(server, &urgent);
    CHECK_EQ(select(0, NULL, NULL, &urgent, &wait), 1);
    CHECK_ERROR(recv(server, bad, 1, MSG_OOB), WSAEFAULT);
    CHECK_RESULT(recv(server, &byte, 1, MSG_OOB), 1);
    CHECK_EQ(byte, '!');
    close_socket(client);
    close_socket(server);
    memory_delete(bad, 1);
}

static void read_only_buffers_lose_nothing(void)
{
    struct sockaddr_in name;
    SOCKET u = udp_bound(&name);
    char *bad = memory_new(MEMORY_READ_ONLY, 2), buffer[16];
    WSABUF in[2] = {{4, buffer}, {8, bad}};
    DWORD count, flags = 0;
    int i;

    CHECK(bad != NULL);
    CHECK_RESULT(sendto(u, "datagram", 8, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 8);
    EXPECT_ERROR(recv(u, bad, 8, 0), WSAEFAULT);
    EXPECT_ERROR(WSARecv(u, in, 2, &count, &flags, NULL, NULL), WSAEFAULT);
    /* Good ones first, so that the page is known, and then not any more. */
    memory_change(bad, 2, MEMORY_PLAIN);
    CHECK_RESULT(recv(u, bad, 8, MSG_PEEK), 8);
    for (i = 0; i < 8; i++)
        CHECK_EQ(bad[i], "datagram"[i]);
    CHECK_RESULT(recv(u, buffer, sizeof(buffer), 0), 8);
    close_socket(u);
    memory_delete(bad, 2);
}

static void many_bad_buffers_lose_nothing(void)
{
    static char out[MANY * 3], in[MANY * 3];
    WSABUF *received = buffers_of(in, MANY, 3), all = {sizeof(in), in};
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    DWORD count = 0, flags = 0;

    fill(out, sizeof(out));
    received[2 * MANY - 1].buf = bad;
    CHECK_RESULT(sendto(s, out, sizeof(out), 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 sizeof(out));
    CHECK_ERROR(WSARecv(s, received, 2 * MANY, &count, &flags, NULL, NULL),
                WSAEFAULT);
    CHECK_OK(WSARecv(s, &all, 1, &count, &flags, NULL, NULL));
    CHECK_EQ(count, sizeof(in));
    CHECK_ERROR(WSASendTo(s, received, 2 * MANY, &count, 0,
                          (struct sockaddr *)&name, sizeof(name), NULL, NULL),
                WSAEFAULT);
    close_socket(s);
    free(received);
    memory_delete(bad, 1);
}

static void bad_buffers_are_not_sent(void)
{
    struct sockaddr_in name;
    SOCKET client, server, u = udp_bound(&name);
    char *bad = memory_new(MEMORY_UNREADABLE, 1), byte = 'x';
    WSABUF out = {8, bad}, good = {1, &byte};
    DWORD count = 7;

    CHECK(bad != NULL);
    tcp_pair(&client, &server);
    EXPECT_ERROR(send(client, bad, 8, 0), WSAEFAULT);
    EXPECT_ERROR(WSASend(client, &out, 1, &count, 0, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASend(client, (WSABUF *)bad, 1, &count, 0, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSASend(client, &good, 1, (DWORD *)bad, 0, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(sendto(u, bad, 8, 0, (struct sockaddr *)&name, sizeof(name)),
                 WSAEFAULT);
    EXPECT_ERROR(sendto(u, &byte, 1, 0, (struct sockaddr *)bad, sizeof(name)),
                 WSAEFAULT);
    EXPECT_EQ(count, 7);
    check_quiet(server);
    check_quiet(u);
    close_socket(client);
    close_socket(server);
    close_socket(u);
    memory_delete(bad, 1);
}

static void datagrams_go_to_an_address(void)
{
    struct sockaddr_in name = loopback(9), nowhere = loopback(9);
    SOCKET s = udp_socket();
    char byte = 'x';

    nowhere.sin_addr.s_addr = 0;
    name.sin_port = 0;
    EXPECT_ERROR(sendto(s, &byte, 1, 0, (struct sockaddr *)&nowhere,
                        sizeof(nowhere)),
                 WSAEADDRNOTAVAIL);
    EXPECT_ERROR(sendto(s, &byte, 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 WSAEADDRNOTAVAIL);
    EXPECT_ERROR(sendto(s, &byte, 1, 0, NULL, 0), WSAENOTCONN);
    close_socket(s);
}

/* Demand 11: what Windows refuses is refused. */
static void broadcasts_want_their_option(void)
{
    struct sockaddr_in name = loopback(9);
    SOCKET s = udp_socket();
    char byte = 'x';

    name.sin_addr.s_addr = htonl(0x7fffffff);
    CHECK_ERROR(sendto(s, &byte, 1, 0, (struct sockaddr *)&name, sizeof(name)),
                WSAEACCES);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)), WSAEACCES);
    set_int_option(s, SOL_SOCKET, SO_BROADCAST, 1);
    CHECK_RESULT(sendto(s, &byte, 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    close_socket(s);
}

/* Unlike BSD's. */
static void a_connected_socket_sends_elsewhere(void)
{
    struct sockaddr_in name, other;
    SOCKET s = udp_socket(), t = udp_bound(&name), u = udp_bound(&other);

    CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK_RESULT(sendto(s, "to u", 4, 0, (struct sockaddr *)&other,
                        sizeof(other)),
                 4);
    check_receives(u, "to u");
    CHECK_RESULT(send(s, "to t", 4, 0), 4);
    check_receives(t, "to t");
    close_socket(s);
    close_socket(t);
    close_socket(u);
}

static const struct test_case cases[] = {
    TEST_CASE(a_stream_takes_many_buffers, "03 7, 8: WSABUF arrays"),
    TEST_CASE(a_datagram_takes_many_buffers, "03 7, 8: WSABUF arrays"),
    TEST_CASE(too_many_bytes_are_no_datagram, "03 7: EMSGSIZE"),
    TEST_CASE(no_buffers_send_nothing, "03 7: zero-length send"),
    TEST_CASE(empty_buffers_receive_nothing, "03 8: recv len 0, EMSGSIZE"),
    TEST_CASE(huge_lengths_are_refused, "03 8: buffer length -1"),
    TEST_CASE_WITH(flags_are_checked, "03 7, 8: flags", .seconds = 5),
    TEST_CASE_WITH(wait_all_keeps_what_came_before_a_reset,
                   "03 8: MSG_WAITALL ends early on", .seconds = 8),
    TEST_CASE_WITH(a_reset_ends_wait_all, "03 8: MSG_WAITALL ends early on",
                   .waiting_threads = 1),
    TEST_CASE_WITH(unreadable_buffers_lose_nothing, "03 8: EFAULT",
                   .seconds = 8),
    TEST_CASE_WITH(the_urgent_byte_is_not_lost, "03 8: EFAULT", .seconds = 8),
    TEST_CASE_WITH(read_only_buffers_lose_nothing, "03 8: EFAULT",
                   .seconds = 8),
    TEST_CASE_WITH(many_bad_buffers_lose_nothing, "03 8: EFAULT",
                   .seconds = 8),
    TEST_CASE(bad_buffers_are_not_sent, "03 7: EFAULT"),
    TEST_CASE(datagrams_go_to_an_address, "03 7: EADDRNOTAVAIL"),
    TEST_CASE(broadcasts_want_their_option, "03 7: EACCES, demand 11"),
    TEST_CASE(a_connected_socket_sends_elsewhere, "03 5: UDP connect"),
    TEST_END
};
TEST_MAIN("data_buffers", cases, NULL)
