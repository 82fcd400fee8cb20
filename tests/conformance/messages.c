/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSASendMsg and WSARecvMsg: data and names, overlapped, and errors.
 * message_control.c has control data.
 */
#include "support/memory.h"
#include "support/messages.h"

/* --- Without control data ------------------------------------------------- */

static void messages_are_datagrams(void)
{
    struct sockaddr_in a_name, b_name;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    const struct sockaddr_in *from;
    struct message m;

    messages_find(a);
    message_to(&m, &b_name, sizeof(b_name), "hello");
    CHECK_OK(message_send(a, &m));
    CHECK_EQ(m.count, 5);
    CHECK_OK(send_msg(a, &m.msg, 0, &m.count, NULL, NULL));
    CHECK_OK(message_receive(b, &m));
    CHECK_EQ(m.count, 5);
    CHECK_MEMORY(m.bytes, "hello", 5);
    from = (struct sockaddr_in *)&m.name;
    CHECK_EQ(m.msg.namelen, sizeof(*from));
    CHECK_EQ(from->sin_port, a_name.sin_port);
    CHECK_EQ(m.msg.Control.len, 0); /* nothing was asked for */
    CHECK_EQ(m.msg.dwFlags, 0);
    message_init(&m);
    m.msg.name = NULL;
    m.msg.namelen = 0;
    m.msg.Control = (WSABUF){0, NULL};
    CHECK_OK(receive_msg(b, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 5);
    close_socket(a);
    close_socket(b);
}

static void a_message_needs_no_name_when_connected(void)
{
    struct sockaddr_in a_name, b_name;
    SOCKET a = udp_bound(&a_name), b = udp_bound(&b_name);
    struct message m;

    messages_find(a);
    message_to(&m, &b_name, sizeof(b_name), "hello");
    m.msg.name = NULL;
    m.msg.namelen = 0;
    CHECK_ERROR(message_send(a, &m), WSAENOTCONN);
    CHECK_OK(connect(a, (struct sockaddr *)&b_name, sizeof(b_name)));
    CHECK_OK(message_send(a, &m));
    CHECK_OK(message_receive(b, &m));
    CHECK_EQ(m.count, 5);
    close_socket(a);
    close_socket(b);
}

static void sending_a_message_binds(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_socket(), t = udp_bound(&name);
    struct message m;

    message_to(&m, &name, sizeof(name), "x");
    CHECK_OK(message_send(s, &m));
    CHECK(local_name(s).sin_port != 0);
    close_socket(s);
    close_socket(t);
}

static void messages_are_gathered_and_scattered(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSABUF out[3] = {{2, (char *)"ab"}, {0, NULL}, {3, (char *)"cde"}};
    char one[1], rest[8];
    WSABUF in[2] = {{1, one}, {8, rest}};
    struct message m;

    messages_find(s);
    message_to(&m, &name, sizeof(name), "");
    m.msg.lpBuffers = out;
    m.msg.dwBufferCount = 3;
    CHECK_OK(message_send(s, &m));
    CHECK_EQ(m.count, 5);
    message_init(&m);
    m.msg.lpBuffers = in;
    m.msg.dwBufferCount = 2;
    CHECK_OK(receive_msg(s, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 5);
    CHECK_EQ(one[0], 'a');
    CHECK_MEMORY(rest, "bcde", 4);
    close_socket(s);
}

static void peeking_at_a_message(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    CHECK_RESULT(sendto(s, "abc", 3, 0, (struct sockaddr *)&name, sizeof(name)),
                 3);
    message_init(&m);
    m.msg.dwFlags = MSG_PEEK;
    CHECK_OK(receive_msg(s, &m.msg, &m.count, NULL, NULL));
    CHECK_EQ(m.count, 3);
    CHECK_EQ(m.msg.dwFlags, 0);
    CHECK_OK(message_receive(s, &m));
    CHECK_EQ(m.count, 3);
    set_nonblocking(s, 1);
    CHECK_ERROR(message_receive(s, &m), WSAEWOULDBLOCK);
    close_socket(s);
}

/* --- Overlapped ----------------------------------------------------------- */

static void an_overlapped_message_comes_later(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    const IN_PKTINFO *info;
    struct message m;
    DWORD count = 0, flags = 7;
    size_t size;

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    message_init(&m);
    CHECK_ERROR(receive_msg(s, &m.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK(!event_is_signalled(overlapped.hEvent, 0));
    CHECK_RESULT(sendto(s, "later", 5, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 5);
    event_wait(overlapped.hEvent);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(count, 5);
    CHECK_EQ(flags, 0);
    CHECK_MEMORY(m.bytes, "later", 5);
    CHECK_EQ(m.msg.namelen, sizeof(name));
    CHECK_EQ(((struct sockaddr_in *)&m.name)->sin_port, name.sin_port);
    CHECK_EQ(m.msg.dwFlags, 0);
    info = message_control(&m, IPPROTO_IP, IP_PKTINFO, &size);
    CHECK(info != NULL);
    CHECK_EQ(info->ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

static void an_overlapped_message_is_there_at_once(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message m;
    DWORD count = 0, flags = 7;

    messages_find(s);
    message_to(&m, &name, sizeof(name), "now");
    CHECK_OK(WSASendMsg(s, &m.msg, 0, &count, &overlapped, NULL));
    CHECK_EQ(count, 3);
    CHECK(event_is_signalled(overlapped.hEvent, 0));
    message_init(&m);
    count = 0;
    CHECK_OK(receive_msg(s, &m.msg, &count, &overlapped, NULL));
    CHECK_EQ(count, 3);
    CHECK_EQ(m.msg.Control.len, 0);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(count, 3);
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

static void an_overlapped_message_may_be_cut(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message m;
    DWORD count = 0, flags = 0;

    messages_find(s);
    set_int_option(s, IPPROTO_IP, IP_PKTINFO, 1);
    message_init(&m);
    m.msg.Control.len = 8;
    m.data.len = 2;
    CHECK_ERROR(receive_msg(s, &m.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK_RESULT(sendto(s, "long", 4, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 4);
    event_wait(overlapped.hEvent);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(s, &overlapped, &count, FALSE, &flags));
    CHECK_EQ(WSAGetLastError(), WSAEMSGSIZE);
    CHECK_EQ(m.msg.dwFlags, MSG_TRUNC | MSG_CTRUNC);
    CHECK_MEMORY(m.bytes, "lo", 2);
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

static void closing_ends_an_overlapped_message(void)
{
    SOCKET s = udp_bound(NULL);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message m;

    messages_find(s);
    message_init(&m);
    CHECK_ERROR(receive_msg(s, &m.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    close_socket(s);
    event_wait(overlapped.hEvent);
    CHECK(overlapped.Internal != 0x103); /* it does not pend any more */
    CHECK_EQ(overlapped.InternalHigh, 0);
    WSACloseEvent(overlapped.hEvent);
}

static void a_blocking_message_comes_after_overlapped_ones(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    struct message first, second;

    messages_find(s);
    message_init(&first);
    CHECK_ERROR(receive_msg(s, &first.msg, NULL, &overlapped, NULL),
                WSA_IO_PENDING);
    CHECK_RESULT(sendto(s, "1", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_RESULT(sendto(s, "2", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    CHECK_OK(message_receive(s, &second));
    CHECK_EQ(second.count, 1);
    CHECK_EQ(second.msg.namelen, sizeof(name));
    event_wait(overlapped.hEvent);
    CHECK_EQ(first.bytes[0], '1');
    CHECK_EQ(second.bytes[0], '2');
    WSACloseEvent(overlapped.hEvent);
    close_socket(s);
}

/* --- Errors --------------------------------------------------------------- */

static void messages_are_no_streams(void)
{
    SOCKET client, server;
    struct message m;

    tcp_pair(&client, &server);
    messages_find(client);
    message_to(&m, &m.name, 0, "x");
    m.msg.name = NULL;
    EXPECT_ERROR(message_send(client, &m), WSAEINVAL);
    message_init(&m);
    EXPECT_ERROR(receive_msg(server, &m.msg, &m.count, NULL, NULL), WSAEINVAL);
    close_socket(client);
    close_socket(server);
}

static void an_unbound_socket_receives_no_message(void)
{
    SOCKET s = udp_socket();
    struct message m;

    messages_find(s);
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 200);
    CHECK_ERROR(message_receive(s, &m), WSAEINVAL);
    close_socket(s);
}

static void bad_messages_are_refused(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);
    struct message m;
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    WSABUF bad_data = {8, bad};
    GUID unknown = {1, 2, 3, {4}};
    void *function;
    DWORD size;

    messages_find(s);
    EXPECT_ERROR(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown,
                          sizeof(unknown), &function, sizeof(function), &size,
                          NULL, NULL),
                 WSAEINVAL);
    message_to(&m, &name, sizeof(name), "x");
    EXPECT_ERROR(message_send(INVALID_SOCKET, &m), WSAENOTSOCK);
    EXPECT_ERROR(send_msg(INVALID_SOCKET, &m.msg, 0, &m.count, NULL, NULL),
                 WSAENOTSOCK);
    EXPECT_ERROR(message_receive(INVALID_SOCKET, &m), WSAENOTSOCK);
    message_to(&m, &name, sizeof(name), "x");
    EXPECT_ERROR(WSASendMsg(s, NULL, 0, &m.count, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASendMsg(s, &m.msg, 0, NULL, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASendMsg(s, (WSAMSG *)bad, 0, &m.count, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSASendMsg(s, &m.msg, MSG_OOB, &m.count, NULL, NULL),
                 WSAEOPNOTSUPP);
    m.msg.namelen = 4;
    EXPECT_ERROR(message_send(s, &m), WSAEFAULT);
    m.msg.namelen = sizeof(name);
    m.msg.lpBuffers = &bad_data;
    EXPECT_ERROR(message_send(s, &m), WSAEFAULT);
    m.msg.lpBuffers = (WSABUF *)bad;
    EXPECT_ERROR(message_send(s, &m), WSAEFAULT);

    CHECK_RESULT(sendto(s, "stays", 5, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 5);
    message_init(&m);
    EXPECT_ERROR(receive_msg(s, NULL, &m.count, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(receive_msg(s, (WSAMSG *)bad, &m.count, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(receive_msg(s, &m.msg, (DWORD *)bad, NULL, NULL), WSAEFAULT);
    m.msg.lpBuffers = &bad_data;
    EXPECT_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.name = (struct sockaddr *)bad;
    EXPECT_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.namelen = 8;
    EXPECT_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.Control.buf = bad;
    EXPECT_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEFAULT);
    message_init(&m);
    m.msg.dwFlags = 0x4000;
    EXPECT_ERROR(receive_msg(s, &m.msg, &m.count, NULL, NULL), WSAEOPNOTSUPP);
    check_receives(s, "stays");
    close_socket(s);
    memory_delete(bad, 1);
}

static const struct test_case cases[] = {
    TEST_CASE(messages_are_datagrams, "04 12: WSASendMsg, WSARecvMsg"),
    TEST_CASE(a_message_needs_no_name_when_connected, "03 7: ENOTCONN"),
    TEST_CASE(sending_a_message_binds, "03 7: implicit bind"),
    TEST_CASE(messages_are_gathered_and_scattered, "03 7: WSABUF arrays"),
    TEST_CASE(peeking_at_a_message, "03 8: MSG_PEEK"),
    TEST_CASE(an_overlapped_message_comes_later, "04 12: WSARecvMsg"),
    TEST_CASE(an_overlapped_message_is_there_at_once, "04: completion at once"),
    TEST_CASE(an_overlapped_message_may_be_cut, "04 12: MSG_CTRUNC"),
    TEST_CASE(closing_ends_an_overlapped_message, "04: closesocket"),
    TEST_CASE(a_blocking_message_comes_after_overlapped_ones, "04: order"),
    TEST_CASE(messages_are_no_streams, "04 12: STREAM is EINVAL"),
    TEST_CASE_WITH(an_unbound_socket_receives_no_message, "03 8: EINVAL",
                   .seconds = 5),
    TEST_CASE_WITH(bad_messages_are_refused, "03 7, 8: EFAULT", .seconds = 8),
    TEST_END
};
TEST_MAIN("messages", cases, NULL)
