/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bad input: each call with what is no socket, with null and unreadable
 * pointers, and with short lengths.  Nothing may be harmed: after each round
 * the innocent socket still works.
 */
#include "support/sockets.h"

#include <stdio.h>
#include <stdlib.h>

/* --- No socket ------------------------------------------------------------ */

struct fixture {
    char buffer[64];
    struct sockaddr_in name;
    int length;
    int value;
    u_long number;
    DWORD count, flags;
    WSABUF data;
    WSAPROTOCOL_INFOA info_a;
    WSAPROTOCOL_INFOW info_w;
    WSANETWORKEVENTS events;
    WSAEVENT event;
};

static struct fixture f;

static void reset_fixture(void)
{
    WSAEVENT event = f.event;

    memset(&f, 0, sizeof(f));
    f.event = event != NULL ? event : WSACreateEvent();
    f.name = loopback(9);
    f.length = sizeof(f.name);
    f.value = 1;
    f.number = 1;
    f.data.buf = f.buffer;
    f.data.len = sizeof(f.buffer);
}

/* Every call that takes a SOCKET, with arguments that are good. */
#define CALLS(X)                                                               \
    X(closesocket, closesocket(s))                                             \
    X(bind, bind(s, (struct sockaddr *)&f.name, sizeof(f.name)))               \
    X(listen, listen(s, 1))                                                    \
    X(connect, connect(s, (struct sockaddr *)&f.name, sizeof(f.name)))         \
    X(WSAConnect, WSAConnect(s, (struct sockaddr *)&f.name, sizeof(f.name),    \
                             NULL, NULL, NULL, NULL))                          \
    X(accept, accept(s, NULL, NULL))                                           \
    X(WSAAccept, WSAAccept(s, NULL, NULL, NULL, 0))                            \
    X(send, send(s, f.buffer, 1, 0))                                           \
    X(recv, recv(s, f.buffer, 1, 0))                                           \
    X(sendto, sendto(s, f.buffer, 1, 0, (struct sockaddr *)&f.name,            \
                     sizeof(f.name)))                                          \
    X(recvfrom, recvfrom(s, f.buffer, 1, 0, (struct sockaddr *)&f.name,        \
                         &f.length))                                           \
    X(WSASend, WSASend(s, &f.data, 1, &f.count, 0, NULL, NULL))                \
    X(WSARecv, WSARecv(s, &f.data, 1, &f.count, &f.flags, NULL, NULL))         \
    X(WSASendTo, WSASendTo(s, &f.data, 1, &f.count, 0,                         \
                           (struct sockaddr *)&f.name, sizeof(f.name), NULL,   \
                           NULL))                                              \
    X(WSARecvFrom, WSARecvFrom(s, &f.data, 1, &f.count, &f.flags,              \
                               (struct sockaddr *)&f.name, &f.length, NULL,    \
                               NULL))                                          \
    X(shutdown, shutdown(s, SD_BOTH))                                          \
    X(WSARecvDisconnect, WSARecvDisconnect(s, NULL))                           \
    X(WSASendDisconnect, WSASendDisconnect(s, NULL))                           \
    X(getsockname, getsockname(s, (struct sockaddr *)&f.name, &f.length))      \
    X(getpeername, getpeername(s, (struct sockaddr *)&f.name, &f.length))      \
    X(getsockopt, getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&f.value,         \
                             &f.length))                                       \
    X(setsockopt, setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&f.value,    \
                             sizeof(f.value)))                                 \
    X(ioctlsocket, ioctlsocket(s, FIONBIO, &f.number))                         \
    X(WSAIoctl, WSAIoctl(s, FIONBIO, &f.number, sizeof(f.number), NULL, 0,     \
                         &f.count, NULL, NULL))                                \
    X(WSAEventSelect, WSAEventSelect(s, f.event, FD_READ))                     \
    X(WSAEventSelect_cancel, WSAEventSelect(s, NULL, 0))                       \
    X(WSAEnumNetworkEvents, WSAEnumNetworkEvents(s, f.event, &f.events))       \
    X(WSAAsyncSelect, WSAAsyncSelect(s, NULL, WM_USER, 0))                     \
    X(WSADuplicateSocketA, WSADuplicateSocketA(s, test_process_id(),           \
                                               &f.info_a))                     \
    X(WSADuplicateSocketW, WSADuplicateSocketW(s, test_process_id(),           \
                                               &f.info_w))

#define DEFINE_CALL(name, expression)                                          \
    static long long call_##name(SOCKET s)                                     \
    {                                                                          \
        return (long long)(expression);                                        \
    }
CALLS(DEFINE_CALL)

static const struct call {
    const char *name;
    long long (*run)(SOCKET s);
} calls[] = {
#define LIST_CALL(name, expression) {#name, call_##name},
    CALLS(LIST_CALL)
};

static void expect_no_socket(SOCKET s, const char *what)
{
    size_t i;

    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        long long result;
        int error;

        reset_fixture();
        WSASetLastError(0);
        result = calls[i].run(s);
        error = WSAGetLastError();
        EXPECT_THAT(result == -1 && error == WSAENOTSOCK, "%s of %s: %lld, %s",
                    calls[i].name, what, result, error_name(error));
    }
    WSACloseEvent(f.event);
    f.event = NULL;
}

static void no_socket_is_refused(void)
{
    expect_no_socket(INVALID_SOCKET, "INVALID_SOCKET");
    expect_no_socket(0, "0");
    expect_no_socket((SOCKET)0x7ffffff0, "a large number");
    expect_no_socket((SOCKET)3, "no multiple of 4");
}

static void a_closed_socket_is_refused(void)
{
    SOCKET s = tcp_socket(), t = udp_socket();

    close_socket(s);
    close_socket(t);
    expect_no_socket(s, "a closed stream socket");
    expect_no_socket(t, "a closed datagram socket");
}

static void an_event_is_no_socket(void)
{
    WSAEVENT event = WSACreateEvent();

    CHECK(event != NULL);
    expect_no_socket((SOCKET)(uintptr_t)event, "an event");
    CHECK(WSASetEvent(event)); /* and is unharmed */
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE),
             WSA_WAIT_EVENT_0);
    CHECK(WSACloseEvent(event));
}

static void a_socket_is_no_event(void)
{
    SOCKET s = tcp_socket();
    WSAEVENT as_event = (WSAEVENT)(uintptr_t)s;

    if (test_target() == TARGET_NATIVE) {
        WSASetLastError(0);
        CHECK(!WSASetEvent(as_event));
        CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
        CHECK(!WSAResetEvent(as_event));
        CHECK(!WSACloseEvent(as_event));
    }
    CHECK_ERROR(WSAEventSelect(s, as_event, FD_READ), WSAEINVAL);
    close_socket(s);
}

/* --- Pointers ------------------------------------------------------------- */

#define UNREADABLE ((void *)16)

static void null_pointers_are_refused(void)
{
    SOCKET client, server;
    int length = sizeof(struct sockaddr_in), value = 1;
    struct sockaddr_in name;
    DWORD count, flags = 0;
    WSABUF data = {1, (char *)"x"};

    tcp_pair(&client, &server);
    EXPECT_ERROR(getsockname(client, NULL, &length), WSAEFAULT);
    EXPECT_ERROR(getsockname(client, (struct sockaddr *)&name, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(getpeername(client, NULL, &length), WSAEFAULT);
    EXPECT_ERROR(getpeername(client, (struct sockaddr *)&name, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, SO_TYPE, NULL, &length),
                 WSAEFAULT);
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, SO_TYPE, (char *)&value, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, NULL, 4),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_LINGER, NULL, 4), WSAEFAULT);
    EXPECT_ERROR(ioctlsocket(client, FIONBIO, NULL), WSAEFAULT);
    EXPECT_ERROR(ioctlsocket(client, FIONREAD, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASend(client, &data, 1, NULL, 0, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSASend(client, NULL, 1, &count, 0, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(WSARecv(client, NULL, 1, &count, &flags, NULL, NULL),
                 WSAEFAULT);
    EXPECT_ERROR(send(client, NULL, 1, 0), WSAEFAULT);
    EXPECT_ERROR(WSADuplicateSocketW(client, test_process_id(), NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSADuplicateSocketA(client, test_process_id(), NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSAEnumNetworkEvents(client, NULL, NULL), WSAEFAULT);
    EXPECT_ERROR(connect(client, NULL, sizeof(name)), WSAEFAULT);
    check_passes(client, server, "still works");
    close_socket(client);
    close_socket(server);
}

static void a_null_name_cannot_be_bound(void)
{
    SOCKET s = tcp_socket();

    EXPECT_ERROR(bind(s, NULL, 0), WSAEFAULT);
    EXPECT_ERROR(bind(s, NULL, sizeof(struct sockaddr_in)), WSAEFAULT);
    close_socket(s);
}

static void unreadable_pointers_are_refused(void)
{
    SOCKET client, server, datagram = udp_bound(NULL);
    int length = sizeof(struct sockaddr_in), value = 1;
    struct sockaddr_in name;

    tcp_pair(&client, &server);
    EXPECT_ERROR(send(client, UNREADABLE, 8, 0), WSAEFAULT);
    EXPECT_ERROR(getsockname(client, UNREADABLE, &length), WSAEFAULT);
    EXPECT_ERROR(getsockname(client, (struct sockaddr *)&name, UNREADABLE),
                 WSAEFAULT);
    EXPECT_ERROR(getpeername(client, UNREADABLE, &length), WSAEFAULT);
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, SO_TYPE, UNREADABLE, &length),
                 WSAEFAULT);
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, SO_TYPE, (char *)&value,
                            UNREADABLE),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, UNREADABLE, 4),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_LINGER, UNREADABLE, 4),
                 WSAEFAULT);
    EXPECT_ERROR(bind(datagram, UNREADABLE, sizeof(name)), WSAEFAULT);
    EXPECT_ERROR(sendto(datagram, "x", 1, 0, UNREADABLE, sizeof(name)),
                 WSAEFAULT);
    EXPECT_ERROR(WSAEnumNetworkEvents(client, NULL, UNREADABLE), WSAEFAULT);
    EXPECT_ERROR(WSAPoll(UNREADABLE, 1, 0), WSAEFAULT);
    check_passes(client, server, "still works");
    close_socket(client);
    close_socket(server);
    close_socket(datagram);
}

/* --- Lengths -------------------------------------------------------------- */

static void short_lengths_are_refused(void)
{
    SOCKET client, server, s = tcp_socket();
    struct sockaddr_in name = loopback(0);
    int length, value = 1;
    DWORD count;

    tcp_pair(&client, &server);
    EXPECT_ERROR(bind(s, (struct sockaddr *)&name, 0), WSAEFAULT);
    EXPECT_ERROR(bind(s, (struct sockaddr *)&name, 15), WSAEFAULT);
    EXPECT_ERROR(connect(s, (struct sockaddr *)&name, 15), WSAEFAULT);
    length = 15;
    EXPECT_ERROR(getsockname(client, (struct sockaddr *)&name, &length),
                 WSAEFAULT);
    EXPECT_EQ(length, 15);
    EXPECT_ERROR(getpeername(client, (struct sockaddr *)&name, &length),
                 WSAEFAULT);
    EXPECT_EQ(length, 15);
    length = 0;
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, SO_TYPE, (char *)&value,
                            &length),
                 WSAEFAULT);
    length = 3;
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, SO_ERROR, (char *)&value,
                            &length),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_RCVBUF, (char *)&value, 3),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&value, 3),
                 WSAEFAULT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, 2),
                 WSAEFAULT);
    EXPECT_ERROR(WSAIoctl(client, FIONBIO, &value, 3, NULL, 0, &count, NULL,
                          NULL),
                 WSAEFAULT);
    EXPECT_ERROR(WSAIoctl(client, FIONREAD, NULL, 0, &value, 3, &count, NULL,
                          NULL),
                 WSAEFAULT);
    EXPECT_ERROR(recv(client, (char *)&value, -1, 0), WSAEFAULT);
    close_socket(s);
    close_socket(client);
    close_socket(server);
}

static void a_short_accept_name_is_refused(void)
{
    struct sockaddr_in name, peer;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name);
    int length = 0;

    CHECK_ERROR(accept(listener, (struct sockaddr *)&peer, &length), WSAEFAULT);
    CHECK_EQ(length, 0);
    close_socket(client);
    close_socket(listener);
}

/* --- Numbers -------------------------------------------------------------- */

static void unknown_numbers_are_refused(void)
{
    SOCKET client, server;
    int value = 0, length = sizeof(value);
    DWORD count;

    tcp_pair(&client, &server);
    EXPECT_ERROR(shutdown(client, 3), WSAEINVAL);
    EXPECT_ERROR(shutdown(client, -1), WSAEINVAL);
    EXPECT_ERROR(getsockopt(client, SOL_SOCKET, 0x4711, (char *)&value,
                            &length),
                 WSAENOPROTOOPT);
    EXPECT_ERROR(setsockopt(client, SOL_SOCKET, 0x4711, (char *)&value, 4),
                 WSAENOPROTOOPT);
    EXPECT_ERROR(getsockopt(client, 0x4711, SO_TYPE, (char *)&value, &length),
                 WSAEINVAL);
    EXPECT_ERROR(setsockopt(client, 0x4711, SO_TYPE, (char *)&value, 4),
                 WSAEINVAL);
    EXPECT_ERROR(ioctlsocket(client, 0x667e, (u_long *)&value),
                 WSAEOPNOTSUPP);
    EXPECT_ERROR(WSAIoctl(client, 0xdeadbeef, NULL, 0, NULL, 0, &count, NULL,
                          NULL),
                 WSAEOPNOTSUPP);
    EXPECT_ERROR(WSAIoctl(client, FIONBIO, &value, sizeof(value), NULL, 0, NULL,
                          NULL, NULL),
                 WSAEFAULT);
    check_passes(client, server, "still works");
    close_socket(client);
    close_socket(server);
}

/* Whatever the SOCKET was. */
static void expect_not_initialised(SOCKET s)
{
    size_t i;

    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        long long result;
        int error;

        memset(&f, 0, sizeof(f));
        WSASetLastError(0);
        result = calls[i].run(s);
        error = WSAGetLastError();
        EXPECT_THAT(result == -1 && error == WSANOTINITIALISED,
                    "%s: %lld, %s", calls[i].name, result, error_name(error));
    }
    EXPECT_ERROR(socket(AF_INET, SOCK_STREAM, 0), WSANOTINITIALISED);
    EXPECT_ERROR(WSACleanup(), WSANOTINITIALISED);
}

static void nothing_works_before_startup(void)
{
    WSADATA data;

    expect_not_initialised((SOCKET)4);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_OK(WSACleanup());
}

/* Nor does it after the last WSACleanup, also with what was a socket. */
static void nothing_works_after_cleanup(void)
{
    WSADATA data;
    SOCKET s;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    s = tcp_socket();
    CHECK_OK(WSACleanup());
    CHECK_ERROR(listen(s, 1), WSAEINVAL); /* not bound; one is left */
    CHECK_OK(WSACleanup());
    expect_not_initialised(s);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(listen(s, 1), WSAENOTSOCK);
    CHECK_OK(WSACleanup());
}

static const struct test_case cases[] = {
    TEST_CASE(no_socket_is_refused, "03 head: the handle is checked first"),
    TEST_CASE(a_closed_socket_is_refused, "03 13: closed or invalid: ENOTSOCK"),
    TEST_CASE(an_event_is_no_socket, "03 13: another handle: ENOTSOCK"),
    TEST_CASE(a_socket_is_no_event, "02 9: bad event handles"),
    TEST_CASE(null_pointers_are_refused, "03: null pointers: EFAULT"),
    TEST_CASE(a_null_name_cannot_be_bound, "03 3: NULL name, any length"),
    TEST_CASE(unreadable_pointers_are_refused, "03: bad pointers: EFAULT"),
    TEST_CASE(short_lengths_are_refused, "03: short lengths: EFAULT"),
    TEST_CASE(a_short_accept_name_is_refused, "03 6: addrlen too small"),
    TEST_CASE(unknown_numbers_are_refused, "03 9, 12, 13: unknown numbers"),
    TEST_CASE_WITH(nothing_works_before_startup, "03 1: NOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_CASE_WITH(nothing_works_after_cleanup, "03 1: NOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_END
};
TEST_MAIN("bad_input", cases, NULL)
