/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_POLL: the states that it tells, what ends a poll, exclusive ones.
 * afd_poll_ends.c has the other ends.
 */
#include "support/afd.h"

/* What a poll of timeout 0 says of the flags; 0: nothing. */
static int state_of(SOCKET s, int flags, NTSTATUS *ret_status)
{
    HANDLE carrier = afd_open();
    struct poll poll;
    int events;

    poll_init(&poll, carrier);
    poll_add(&poll, s, flags);
    poll.in.timeout.QuadPart = 0;
    CHECK_EQ(poll_issue(&poll, NULL), STATUS_SUCCESS);
    CHECK_EQ(poll.block.Status, STATUS_SUCCESS);
    CHECK(event_is_signalled(poll.event, 0));
    CHECK(poll.out.count <= 1);
    CHECK_EQ(poll.block.Information, POLL_SIZE(poll.out.count));
    events = poll.out.count ? poll.out.sockets[0].flags : 0;
    if (poll.out.count)
        CHECK_EQ(poll.out.sockets[0].s, s);
    if (ret_status)
        *ret_status = poll.out.count ? poll.out.sockets[0].status : 0;
    poll_end(&poll);
    CHECK(CloseHandle(carrier));
    return events;
}

/* Until the socket has exactly these events. */
static void check_state(SOCKET s, int events)
{
    const int64_t end = test_clock() + test_timeout(5000);
    WSAEVENT never = event_create();
    int got;

    while ((got = state_of(s, POLL_ALL, NULL)) != events && test_clock() < end)
        (void)event_is_signalled(never, 1);
    CHECK(WSACloseEvent(never));
    CHECK_THAT(got == events, "events are 0x%x, not 0x%x", got, events);
}

/* --- States --------------------------------------------------------------- */

static void datagram_states(void)
{
    struct sockaddr_in name;
    SOCKET unbound = udp_socket(), s = udp_bound(&name);

    check_state(unbound, POLL_WRITE);
    check_state(s, POLL_WRITE);
    CHECK_RESULT(sendto(unbound, "x", 1, 0, (struct sockaddr *)&name,
                        sizeof(name)), 1);
    check_state(s, POLL_WRITE | POLL_READ);
    CHECK_OK(connect(unbound, (struct sockaddr *)&name, sizeof(name)));
    CHECK(state_of(unbound, POLL_ALL, NULL) & POLL_WRITE);
    close_socket(unbound);
    close_socket(s);
}

static void stream_states(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_socket(), server;
    char byte;

    check_state(client, 0);
    check_state(listener, 0);
    CHECK_OK(connect(client, (struct sockaddr *)&name, sizeof(name)));
    check_state(listener, POLL_ACCEPT);
    check_state(client, POLL_WRITE | POLL_CONNECT);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_state(listener, 0);
    check_state(server, POLL_WRITE | POLL_CONNECT);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    check_state(server, POLL_READ | POLL_WRITE | POLL_CONNECT);
    CHECK_RESULT(recv(server, &byte, 1, 0), 1);
    check_state(server, POLL_WRITE | POLL_CONNECT);
    CHECK_RESULT(send(client, "u", 1, MSG_OOB), 1);
    check_state(server, POLL_OOB | POLL_WRITE | POLL_CONNECT);
    CHECK_RESULT(recv(server, &byte, 1, MSG_OOB), 1);
    CHECK_RESULT(send(client, "y", 1, 0), 1);
    CHECK_OK(shutdown(client, SD_SEND));
    check_state(server, POLL_READ | POLL_HUP | POLL_WRITE | POLL_CONNECT);
    CHECK_RESULT(recv(server, &byte, 1, 0), 1);
    check_state(server, POLL_HUP | POLL_WRITE | POLL_CONNECT);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void a_reset_is_a_state(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_linger(client, 0);
    close_socket(client);
    check_state(server, POLL_RESET | POLL_WRITE | POLL_CONNECT);
    close_socket(server);
}

static void a_full_buffer_is_not_writable(void)
{
    static const char data[65536];
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    while (send(client, data, sizeof(data), 0) > 0)
        continue;
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    CHECK(!(state_of(client, POLL_ALL, NULL) & POLL_WRITE));
    close_socket(client);
    close_socket(server);
}

static void a_failed_connect_has_a_status(void)
{
    struct sockaddr_in name;
    SOCKET s = tcp_socket();
    HANDLE carrier = afd_open();
    struct poll poll;
    NTSTATUS status;
    int i;

    close_socket(tcp_listener(&name)); /* a port where nobody listens */
    set_nonblocking(s, 1);
    poll_init(&poll, carrier);
    poll_add(&poll, s, POLL_ALL);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    if (poll_issue(&poll, NULL) == STATUS_PENDING)
        event_wait(poll.event);
    CHECK_EQ(poll.out.count, 1);
    CHECK_EQ(poll.out.sockets[0].flags, POLL_CONNECT_ERR);
    CHECK_EQ(poll.out.sockets[0].status, STATUS_CONNECTION_REFUSED);
    for (i = 0; i < 2; i++) {
        CHECK_EQ(state_of(s, POLL_ALL, &status), POLL_CONNECT_ERR);
        CHECK_EQ(status, STATUS_CONNECTION_REFUSED);
    }
    poll_end(&poll);
    CHECK(CloseHandle(carrier));
    close_socket(s);
}

/* --- One poll ------------------------------------------------------------- */

static void a_poll_ends_with_its_event(void)
{
    HANDLE carrier = afd_open();
    SOCKET client, server;
    struct poll poll;

    tcp_pair(&client, &server);
    poll_init(&poll, carrier);
    poll_add(&poll, server, POLL_READ);
    poll_start(&poll);
    CHECK(poll_is_pending(&poll));
    CHECK_EQ(poll.block.Status, 0xdead);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    CHECK_EQ(poll.out.sockets[0].s, server);
    CHECK_EQ(poll.out.sockets[0].flags, POLL_READ);
    CHECK_EQ(poll.out.sockets[0].status, 0);
    /* Level-triggered: the next ends at once. */
    CHECK_EQ(poll_issue(&poll, NULL), STATUS_SUCCESS);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    poll_end(&poll);
    close_socket(client);
    close_socket(server);
    CHECK(CloseHandle(carrier));
}

static void timeouts(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = tcp_socket();
    struct poll poll;
    int64_t start;

    poll_init(&poll, carrier);
    poll_add(&poll, s, POLL_ALL);
    poll.in.timeout.QuadPart = -1000000; /* 100 ms from now */
    start = test_clock();
    poll_start(&poll);
    poll_ends(&poll, STATUS_TIMEOUT, 0);
    CHECK(test_clock() - start >= 95);
    poll.in.timeout.QuadPart = 1; /* in 1601 */
    poll_start(&poll);
    poll_ends(&poll, STATUS_TIMEOUT, 0);
    poll_end(&poll);
    close_socket(s);
    CHECK(CloseHandle(carrier));
}

static void several_sockets(void)
{
    struct sockaddr_in name;
    HANDLE carrier = afd_open();
    SOCKET quiet = tcp_socket(), s = udp_bound(&name), sender = udp_socket();
    struct poll poll;

    poll_init(&poll, carrier);
    poll_add(&poll, quiet, POLL_ALL);
    poll_add(&poll, s, POLL_WRITE);
    poll_add(&poll, s, POLL_WRITE | POLL_READ);
    CHECK_EQ(poll_issue(&poll, NULL), STATUS_SUCCESS);
    poll_ends(&poll, STATUS_SUCCESS, 2);
    CHECK_EQ(poll.out.sockets[0].s, s);
    CHECK_EQ(poll.out.sockets[0].flags, POLL_WRITE);
    CHECK_EQ(poll.out.sockets[1].s, s);
    poll_end(&poll);

    poll_init(&poll, carrier);
    poll_add(&poll, quiet, POLL_ALL);
    poll_add(&poll, sender, POLL_READ);
    poll_add(&poll, s, POLL_READ);
    poll_start(&poll);
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)&name,
                        sizeof(name)), 1);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    CHECK_EQ(poll.out.sockets[0].s, s);
    CHECK_EQ(poll.out.sockets[0].flags, POLL_READ);
    poll_end(&poll);
    close_socket(quiet);
    close_socket(s);
    close_socket(sender);
    CHECK(CloseHandle(carrier));
}

static NTSTATUS issue_sizes(struct poll *poll, void *in, ULONG in_size,
                            ULONG out_size)
{
    return NtDeviceIoControlFile(poll->carrier, NULL, NULL, NULL, &poll->block,
                                 IOCTL_AFD_POLL, in, in_size, &poll->out,
                                 out_size);
}

static void validation(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = udp_socket();
    struct poll poll;

    poll_init(&poll, carrier);
    poll_add(&poll, s, POLL_WRITE);
    poll.block.Status = 0xdead;
    CHECK_EQ(issue_sizes(&poll, &poll.in, POLL_SIZE(1), POLL_SIZE(1) - 1),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(issue_sizes(&poll, NULL, 0, POLL_SIZE(1)),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(issue_sizes(&poll, &poll.in, POLL_SIZE(1) - 1, POLL_SIZE(1)),
             STATUS_INVALID_PARAMETER);
    poll.in.count = 0;
    CHECK_EQ(issue_sizes(&poll, &poll.in, POLL_SIZE(1), POLL_SIZE(1)),
             STATUS_INVALID_PARAMETER);
    poll.in.count = 1;
    poll.in.sockets[0].s = 0x7ffffffc;
    CHECK_EQ(issue_sizes(&poll, &poll.in, POLL_SIZE(1), POLL_SIZE(1)),
             STATUS_INVALID_HANDLE);
    CHECK_EQ(poll.block.Status, 0xdead);
    poll.in.sockets[0].s = s;
    CHECK_EQ(issue_sizes(&poll, &poll.in, POLL_SIZE(3), POLL_SIZE(4)),
             STATUS_SUCCESS);
    CHECK_EQ(poll.out.count, 1);
    poll_end(&poll);
    close_socket(s);
    CHECK(CloseHandle(carrier));
}

/* --- What others take ----------------------------------------------------- */

static void data_of_a_pending_receive(void)
{
    HANDLE carrier = afd_open();
    WSAOVERLAPPED overlapped = {.hEvent = event_create()};
    char buffer[8];
    WSABUF in = {sizeof(buffer), buffer};
    SOCKET client, server;
    DWORD flags = 0;
    struct poll poll;

    tcp_pair(&client, &server);
    CHECK_ERROR(WSARecv(server, &in, 1, NULL, &flags, &overlapped, NULL),
                WSA_IO_PENDING);
    poll_init(&poll, carrier);
    poll_add(&poll, server, POLL_READ);
    poll_start(&poll);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    event_wait(overlapped.hEvent);
    CHECK(poll_is_pending(&poll));
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    poll_end(&poll);
    CHECK(WSACloseEvent(overlapped.hEvent));
    close_socket(client);
    close_socket(server);
    CHECK(CloseHandle(carrier));
}

/* --- Exclusive polls ------------------------------------------------------ */

static void an_exclusive_poll_ends_the_main_one(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = tcp_socket(), other = tcp_socket();
    struct poll first, second, third;

    poll_init(&first, carrier);
    poll_add(&first, s, POLL_ALL);
    first.in.exclusive = TRUE;
    poll_init(&second, carrier);
    poll_add(&second, other, POLL_ALL);
    second.in.exclusive = TRUE;
    poll_init(&third, carrier);
    poll_add(&third, s, POLL_ALL);
    third.in.exclusive = TRUE;

    poll_start(&first);
    poll_start(&second); /* of another socket */
    CHECK(poll_is_pending(&first));
    poll_start(&third);
    event_wait(first.event);
    CHECK(poll_is_pending(&second));
    CHECK(poll_is_pending(&third));
    CHECK(CancelIoEx(carrier, NULL));
    event_wait(third.event);
    poll_end(&first);
    poll_end(&second);
    poll_end(&third);
    close_socket(s);
    close_socket(other);
    CHECK(CloseHandle(carrier));
}

static void a_main_poll_that_is_not_exclusive_stays(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = tcp_socket();
    struct poll first, second, third;

    poll_init(&first, carrier);
    poll_add(&first, s, POLL_ALL);
    poll_init(&second, carrier);
    poll_add(&second, s, POLL_ALL);
    second.in.exclusive = TRUE;
    poll_init(&third, carrier);
    poll_add(&third, s, POLL_ALL);
    third.in.exclusive = TRUE;

    poll_start(&first);
    poll_start(&second);
    poll_start(&third);
    CHECK(poll_is_pending(&first));
    CHECK(!event_is_signalled(second.event, 0));
    CHECK(!event_is_signalled(third.event, 0));
    CHECK(CancelIoEx(carrier, NULL));
    event_wait(third.event);
    poll_end(&first);
    poll_end(&second);
    poll_end(&third);
    close_socket(s);
    CHECK(CloseHandle(carrier));
}

static const struct test_case cases[] = {
    TEST_CASE(datagram_states, "04 14: READ, WRITE of datagrams"),
    TEST_CASE(stream_states, "04 14: READ, OOB, WRITE, HUP, CONNECT, ACCEPT"),
    TEST_CASE(a_reset_is_a_state, "04 14: RST: WRITE|CONNECT|RESET"),
    TEST_CASE(a_full_buffer_is_not_writable, "04 14: WRITE drops"),
    TEST_CASE(a_failed_connect_has_a_status, "04 14: CONNECT_ERR persists"),
    TEST_CASE(a_poll_ends_with_its_event, "04 14: level-triggered"),
    TEST_CASE(timeouts, "04 14: STATUS_TIMEOUT"),
    TEST_CASE(several_sockets, "04 14: only entries with events, in order"),
    TEST_CASE(validation, "04 14: sizes first, then sockets"),
    TEST_CASE(data_of_a_pending_receive, "04 14: data taken is not seen"),
    TEST_CASE(an_exclusive_poll_ends_the_main_one, "04 14.1"),
    TEST_CASE(a_main_poll_that_is_not_exclusive_stays, "04 14.1"),
    TEST_END
};

TEST_MAIN("afd_poll", cases, NULL)
