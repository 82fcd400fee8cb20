/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Time stamps of datagrams: SIO_TIMESTAMPING, SO_TIMESTAMP, SO_TIMESTAMP_ID,
 * SIO_GET_TX_TIMESTAMP.  Source: Microsoft's "Winsock timestamping"; that a
 * stamp cannot be asked for before they are enabled was measured on Windows 11.
 */
#include "support/messages.h"
#include "support/platform.h"

enum {
    TIMESTAMPING = (int)0x980000eb, GET_TX_TIMESTAMP = (int)0x980000ea,
    TIMESTAMP = 0x300a, TIMESTAMP_ID = 0x300b, RECEIVED = 1, SENT = 2,
};
/* The clock that the kernel stamps by is another one: 1 ms, in 100 ns. */
#define SLACK 10000

struct config {
    ULONG flags;
    USHORT room;
};

static int configure(SOCKET s, unsigned flags, unsigned room)
{
    struct config config = {flags, (USHORT)room};
    DWORD size = 99;

    if (WSAIoctl(s, (DWORD)TIMESTAMPING, &config, sizeof(config), NULL, 0,
                 &size, NULL, NULL) != 0)
        return WSAGetLastError();
    CHECK_EQ(size, 0);
    return 0;
}

static int stamp_of(SOCKET s, DWORD id, ULONGLONG *ret)
{
    DWORD size = 99;

    *ret = 0;
    if (WSAIoctl(s, (DWORD)GET_TX_TIMESTAMP, &id, sizeof(id), ret,
                 sizeof(*ret), &size, NULL, NULL) != 0)
        return WSAGetLastError();
    CHECK_EQ(size, sizeof(*ret));
    return 0;
}

static void check_between(long long before, ULONGLONG stamp, long long after)
{
    EXPECT_THAT((long long)stamp >= before - SLACK &&
                    (long long)stamp <= after + SLACK,
                "the stamp %lld is not within %lld to %lld", (long long)stamp,
                before, after);
}

static void send_with_id(SOCKET s, const struct sockaddr_in *to, DWORD id)
{
    struct message m;

    message_to(&m, to, sizeof(*to), "stamped");
    message_add(&m, SOL_SOCKET, TIMESTAMP_ID, &id, sizeof(id));
    CHECK_OK(message_send(s, &m));
    CHECK_EQ(m.count, 7);
}

static void received_datagrams_are_stamped(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name), from = udp_socket();
    const ULONGLONG *stamp;
    struct message m;
    long long before;
    size_t size;
    int i;

    messages_find(s);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(configure(s, i == 1 ? RECEIVED : 0, 0), 0);
        before = platform_counter();
        CHECK_RESULT(sendto(from, "x", 1, 0, (struct sockaddr *)&name,
                            sizeof(name)), 1);
        CHECK(wait_readable(s, test_timeout(5000)));
        CHECK_OK(message_receive(s, &m));
        CHECK_EQ(m.count, 1);
        stamp = message_control(&m, SOL_SOCKET, TIMESTAMP, &size);
        if (i != 1) { /* off, on, off again */
            EXPECT(stamp == NULL);
            continue;
        }
        CHECK(stamp != NULL);
        EXPECT_EQ(size, sizeof(*stamp));
        check_between(before, *stamp, platform_counter());
    }
    close_socket(s);
    close_socket(from);
}

/* Receives a datagram 5 ms after it was sent.  1: its stamp is from before. */
static int stamp_is_of_arrival(SOCKET s, SOCKET from,
                               const struct sockaddr_in *name)
{
    const ULONGLONG *stamp;
    long long between;
    struct message m;
    size_t size;

    CHECK_RESULT(sendto(from, "x", 1, 0, (const struct sockaddr *)name,
                        sizeof(*name)), 1);
    CHECK(wait_readable(s, test_timeout(5000)));
    between = platform_counter();
    while (platform_counter() < between + 5 * SLACK)
        continue;
    CHECK_OK(message_receive(s, &m));
    stamp = message_control(&m, SOL_SOCKET, TIMESTAMP, &size);
    CHECK(stamp != NULL);
    return (long long)*stamp <= between + SLACK;
}

/* Not of the call that receives it; but for the first moment after a system is
   asked for stamps. */
static void a_stamp_is_of_the_arrival(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name), from = udp_socket();
    int tries;

    messages_find(s);
    CHECK_EQ(configure(s, RECEIVED, 0), 0);
    for (tries = 0; !stamp_is_of_arrival(s, from, &name); tries++)
        CHECK(tries < 200);
    EXPECT(stamp_is_of_arrival(s, from, &name));
    close_socket(s);
    close_socket(from);
}

static void sent_datagrams_are_stamped(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_socket(), to = udp_bound(&name);
    ULONGLONG stamp;
    long long before;

    messages_find(s);
    EXPECT_EQ(stamp_of(s, 123, &stamp), WSAEOPNOTSUPP);
    CHECK_EQ(configure(s, SENT, 2), 0);
    EXPECT_EQ(stamp_of(s, 123, &stamp), WSAEWOULDBLOCK);
    before = platform_counter();
    send_with_id(s, &name, 123);
    send_with_id(s, &name, 124);
    send_with_id(s, &name, 125); /* there is no room for it */
    CHECK_EQ(stamp_of(s, 124, &stamp), 0);
    check_between(before, stamp, platform_counter());
    EXPECT_EQ(stamp_of(s, 124, &stamp), WSAEWOULDBLOCK); /* it was taken */
    EXPECT_EQ(stamp_of(s, 125, &stamp), WSAEWOULDBLOCK);
    CHECK_EQ(stamp_of(s, 123, &stamp), 0);
    check_between(before, stamp, platform_counter());
    send_with_id(s, &name, 126); /* there is again */
    CHECK_EQ(stamp_of(s, 126, &stamp), 0);
    check_receives(to, "stamped");
    CHECK_EQ(configure(s, 0, 0), 0);
    EXPECT_EQ(stamp_of(s, 126, &stamp), WSAEOPNOTSUPP);
    send_with_id(s, &name, 127); /* nobody asked for it */
    close_socket(s);
    close_socket(to);
}

static void overlapped_sends_are_stamped(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_socket(), to = udp_bound(&name);
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    ULONGLONG stamp;
    DWORD id = 7, bytes, flags;
    struct message m;

    messages_find(s);
    CHECK_EQ(configure(s, SENT | RECEIVED, 1), 0);
    message_to(&m, &name, sizeof(name), "stamped");
    message_add(&m, SOL_SOCKET, TIMESTAMP_ID, &id, sizeof(id));
    if (send_msg(s, &m.msg, 0, NULL, &overlapped, NULL) != 0)
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    event_wait(overlapped.hEvent);
    CHECK(WSAGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags));
    CHECK_EQ(bytes, 7);
    CHECK_EQ(stamp_of(s, 7, &stamp), 0);
    CHECK(WSACloseEvent(overlapped.hEvent));
    close_socket(s);
    close_socket(to);
}

static int control_error(SOCKET s, int code, const void *in, DWORD in_size,
                         void *out, DWORD out_size)
{
    DWORD size = 99;

    return WSAIoctl(s, (DWORD)code, (void *)in, in_size, out, out_size, &size,
                    NULL, NULL) == 0
               ? 0
               : WSAGetLastError();
}

static void bad_input(void)
{
    struct config config = {4, 0};
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name), t = tcp_socket();
    ULONGLONG stamp;
    struct message m;
    DWORD id = 1;

    messages_find(s);
    EXPECT_EQ(control_error(s, TIMESTAMPING, &config, sizeof(config), NULL, 0),
              WSAEINVAL);
    config.flags = SENT;
    EXPECT_EQ(control_error(s, TIMESTAMPING, &config, sizeof(config) - 1, NULL,
                            0), WSAEFAULT);
    EXPECT_EQ(control_error(s, TIMESTAMPING, NULL, sizeof(config), NULL, 0),
              WSAEFAULT);
    EXPECT_EQ(control_error(s, TIMESTAMPING, (void *)16, sizeof(config), NULL,
                            0), WSAEFAULT);
    /* "Only valid for datagram sockets." */
    EXPECT_EQ(control_error(t, TIMESTAMPING, &config, sizeof(config), NULL, 0),
              WSAEOPNOTSUPP);
    EXPECT_EQ(control_error(t, GET_TX_TIMESTAMP, &id, sizeof(id), &stamp,
                            sizeof(stamp)), WSAEOPNOTSUPP);
    CHECK_EQ(configure(s, SENT, 1), 0);
    send_with_id(s, &name, 1);
    EXPECT_EQ(control_error(s, GET_TX_TIMESTAMP, &id, 3, &stamp,
                            sizeof(stamp)), WSAEFAULT);
    EXPECT_EQ(control_error(s, GET_TX_TIMESTAMP, &id, sizeof(id), &stamp, 7),
              WSAEFAULT);
    EXPECT_EQ(control_error(s, GET_TX_TIMESTAMP, &id, sizeof(id), NULL, 8),
              WSAEFAULT);
    EXPECT_EQ(control_error(s, GET_TX_TIMESTAMP, &id, sizeof(id), (void *)16,
                            8), WSAEFAULT);
    EXPECT_EQ(stamp_of(s, 1, &stamp), 0); /* it is there still */
    message_to(&m, &name, sizeof(name), "x");
    message_add(&m, SOL_SOCKET, TIMESTAMP_ID, &id, 3);
    EXPECT_ERROR(message_send(s, &m), WSAEINVAL);
    close_socket(s);
    close_socket(t);
    EXPECT_EQ(configure(s, SENT, 1), WSAENOTSOCK);
}

static const struct test_case cases[] = {
    TEST_CASE(received_datagrams_are_stamped, "receive timestamps"),
    TEST_CASE(a_stamp_is_of_the_arrival, "receive timestamps"),
    TEST_CASE(sent_datagrams_are_stamped, "transmit timestamps"),
    TEST_CASE(overlapped_sends_are_stamped, "transmit timestamps"),
    TEST_CASE(bad_input, "WSAEINVAL, WSAEFAULT, WSAEOPNOTSUPP"),
    TEST_END
};

TEST_MAIN("time_stamps", cases, NULL)
