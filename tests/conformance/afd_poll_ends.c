/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of an AFD poll: with what it polls or is carried by, by cancelling,
 * with its thread; and how it is told: by an event, a packet or a routine.
 */
#include "support/afd.h"

/* --- Closing and cancelling ----------------------------------------------- */

static void closing_the_polled_socket(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = tcp_socket();
    struct poll poll;

    poll_init(&poll, carrier);
    poll_add(&poll, s, 0); /* told all the same */
    poll_start(&poll);
    close_socket(s);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    CHECK_EQ(poll.out.sockets[0].s, s);
    CHECK_EQ(poll.out.sockets[0].flags, POLL_CLOSE);
    poll_end(&poll);
    CHECK(CloseHandle(carrier));
}

static void closing_the_carrier(void)
{
    HANDLE carrier = afd_open();
    SOCKET client, server;
    struct poll poll;

    tcp_pair(&client, &server);
    poll_init(&poll, carrier);
    poll_add(&poll, server, POLL_READ);
    poll_start(&poll);
    CHECK(CloseHandle(carrier));
    CHECK(poll_is_pending(&poll));
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    poll_end(&poll);
    close_socket(client);
    close_socket(server);
}

static void cancelling(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = tcp_socket(), other = tcp_socket();
    struct poll poll, second;
    IO_STATUS_BLOCK block;

    poll_init(&poll, carrier);
    poll_add(&poll, s, POLL_ALL);
    poll_init(&second, carrier);
    poll_add(&second, other, POLL_ALL);
    poll_start(&poll);
    poll_start(&second);
    CHECK_EQ(NtCancelIoFileEx(carrier, &poll.block, &block), STATUS_SUCCESS);
    poll_ends(&poll, STATUS_CANCELLED, 0);
    CHECK(poll_is_pending(&second));
    CHECK_EQ(NtCancelIoFileEx(carrier, &poll.block, &block), STATUS_NOT_FOUND);
    CHECK(CancelIoEx(carrier, NULL));
    poll_ends(&second, STATUS_CANCELLED, 0);
    CHECK(!CancelIoEx(carrier, NULL));
    CHECK_EQ(GetLastError(), ERROR_NOT_FOUND);
    poll_start(&poll);
    CHECK(CancelIo(carrier));
    poll_ends(&poll, STATUS_CANCELLED, 0);
    poll_end(&poll);
    poll_end(&second);
    close_socket(s);
    close_socket(other);
    CHECK(CloseHandle(carrier));
}

struct canceller {
    HANDLE carrier;
    SOCKET s;
};

static void start_for_data(struct poll *poll, HANDLE carrier, SOCKET s)
{
    poll_init(poll, carrier);
    poll_add(poll, s, POLL_READ);
    poll_start(poll);
}

/* CancelIo is for what the calling thread has issued. */
static void poll_and_cancel(void *argument)
{
    const struct canceller *canceller = argument;
    struct poll poll;

    CHECK(CancelIo(canceller->carrier));
    start_for_data(&poll, canceller->carrier, canceller->s);
    CHECK(CancelIo(canceller->carrier));
    poll_ends(&poll, STATUS_CANCELLED, 0);
    poll_end(&poll);
}

static void check_cancels_own(HANDLE carrier, SOCKET s, SOCKET sender,
                              const struct sockaddr_in *name)
{
    struct canceller canceller = {carrier, s};
    struct poll poll;
    char byte;

    start_for_data(&poll, carrier, s);
    thread_join(thread_start(poll_and_cancel, &canceller));
    CHECK(poll_is_pending(&poll));
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)name,
                        sizeof(*name)), 1);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    poll_end(&poll);
    CHECK_RESULT(recv(s, &byte, 1, 0), 1);
}

static void cancelling_those_of_a_thread(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name), sender = udp_socket();
    HANDLE carrier = afd_open();

    check_cancels_own(carrier, s, sender, &name);
    check_cancels_own((HANDLE)s, s, sender, &name);
    close_socket(s);
    close_socket(sender);
    CHECK(CloseHandle(carrier));
}

/* --- How the end is told -------------------------------------------------- */

static void packets(void)
{
    HANDLE carrier = afd_open();
    HANDLE port = CreateIoCompletionPort(carrier, NULL, 42, 0);
    OVERLAPPED *overlapped;
    SOCKET client, server;
    struct poll poll;
    ULONG_PTR key;
    DWORD bytes;

    CHECK(port != NULL);
    tcp_pair(&client, &server);
    poll_init(&poll, carrier);
    poll_add(&poll, server, POLL_READ);
    CHECK_EQ(poll_issue(&poll, &poll.block), STATUS_PENDING);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped,
                                    (DWORD)test_timeout(5000)));
    CHECK_EQ(key, 42);
    CHECK_EQ(bytes, POLL_SIZE(1));
    CHECK_EQ((uintptr_t)overlapped, (uintptr_t)&poll.block);
    CHECK_EQ(poll.out.sockets[0].flags, POLL_READ);
    CHECK(event_is_signalled(poll.event, 0));
    /* One that ends at once has a packet, too; one without context has none. */
    CHECK_EQ(poll_issue(&poll, NULL), STATUS_SUCCESS);
    CHECK_EQ(poll_issue(&poll, &poll.block), STATUS_SUCCESS);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0));
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0));
    CHECK(SetFileCompletionNotificationModes(
        carrier, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    CHECK_EQ(poll_issue(&poll, &poll.block), STATUS_SUCCESS);
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0));
    poll_end(&poll);
    close_socket(client);
    close_socket(server);
    CHECK(CloseHandle(carrier));
    CHECK(CloseHandle(port));
}

static void WINAPI note_apc(void *context, IO_STATUS_BLOCK *block,
                            ULONG reserved)
{
    (void)reserved;
    *(IO_STATUS_BLOCK **)context = block;
}

static void routines(void)
{
    HANDLE carrier = afd_open();
    IO_STATUS_BLOCK *told = NULL;
    SOCKET client, server;
    struct poll poll;

    tcp_pair(&client, &server);
    poll_init(&poll, carrier);
    poll_add(&poll, server, POLL_READ);
    CHECK_EQ(NtDeviceIoControlFile(carrier, NULL, note_apc, &told, &poll.block,
                                   IOCTL_AFD_POLL, &poll.in, POLL_SIZE(1),
                                   &poll.out, POLL_SIZE(1)), STATUS_PENDING);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK_EQ(SleepEx((DWORD)test_timeout(5000), TRUE), WAIT_IO_COMPLETION);
    CHECK(told == &poll.block);
    CHECK_EQ(poll.out.count, 1);
    poll_end(&poll);
    close_socket(client);
    close_socket(server);
    CHECK(CloseHandle(carrier));
}

static void a_socket_carries_its_own_poll(void)
{
    SOCKET client, server, base = 0;
    struct poll poll;
    DWORD bytes;

    tcp_pair(&client, &server);
    CHECK_OK(WSAIoctl(server, 0x48000022 /* SIO_BASE_HANDLE */, NULL, 0, &base,
                      sizeof(base), &bytes, NULL, NULL));
    CHECK_EQ(base, server);
    poll_init(&poll, (HANDLE)server);
    poll_add(&poll, server, POLL_READ);
    poll_start(&poll);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    poll_ends(&poll, STATUS_SUCCESS, 1);
    poll_end(&poll);
    close_socket(client);
    close_socket(server);
}

/* --- The end of the thread ------------------------------------------------ */

struct issuer {
    struct poll *polls;
    int n;
    void *context; /* NULL: none */
    PIO_APC_ROUTINE routine; /* NULL: none */
    NTSTATUS status; /* of the last that did not pend; 0: all do */
};

static void issue_and_end(void *argument)
{
    struct issuer *issuer = argument;
    struct poll *poll;
    NTSTATUS status;
    int i;

    for (i = 0; i < issuer->n; i++) {
        poll = &issuer->polls[i];
        poll->block.Status = 0xdead;
        status = NtDeviceIoControlFile(
            poll->carrier, poll->event, issuer->routine, issuer->context,
            &poll->block, IOCTL_AFD_POLL, &poll->in, POLL_SIZE(poll->in.count),
            &poll->out, sizeof(poll->out));
        if (status != STATUS_PENDING)
            issuer->status = status;
    }
}

/* Another thread issues the polls, which pend, and ends. */
static void issue_elsewhere(struct poll *polls, int n, PIO_APC_ROUTINE routine,
                            void *context)
{
    struct issuer issuer = {polls, n, context, routine, 0};

    thread_join(thread_start(issue_and_end, &issuer));
    CHECK_EQ(issuer.status, 0);
}

static void the_end_of_a_thread_cancels(void)
{
    HANDLE carrier = afd_open();
    struct poll mine, its[2];
    SOCKET client, server;

    tcp_pair(&client, &server);
    poll_init(&mine, carrier);
    poll_add(&mine, server, POLL_READ);
    poll_init(&its[0], carrier);
    poll_add(&its[0], server, POLL_READ);
    poll_add(&its[0], client, POLL_READ);
    poll_init(&its[1], (HANDLE)server);
    poll_add(&its[1], server, POLL_READ);
    poll_start(&mine);
    issue_elsewhere(its, 2, NULL, NULL);
    poll_ends(&its[0], STATUS_CANCELLED, 0);
    poll_ends(&its[1], STATUS_CANCELLED, 0);
    CHECK(poll_is_pending(&mine));
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    poll_ends(&mine, STATUS_SUCCESS, 1);
    poll_end(&mine);
    poll_end(&its[0]);
    poll_end(&its[1]);
    close_socket(client);
    close_socket(server);
    CHECK(CloseHandle(carrier));
}

/* It would be the ended thread's to run. */
static void the_end_of_a_thread_queues_no_routine(void)
{
    HANDLE carrier = afd_open();
    SOCKET s = tcp_socket();
    IO_STATUS_BLOCK *told = NULL;
    struct poll poll;

    poll_init(&poll, carrier);
    poll_add(&poll, s, POLL_READ);
    issue_elsewhere(&poll, 1, note_apc, &told);
    poll_ends(&poll, STATUS_CANCELLED, 0);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK(told == NULL);
    poll_end(&poll);
    close_socket(s);
    CHECK(CloseHandle(carrier));
}

/* A poll with a context, on a carrier with a port: with an event it is
   cancelled, and a packet says so; without one it goes on. */
static void check_packet_after_the_end(HANDLE carrier, SOCKET server,
                                       SOCKET client, int with_event)
{
    HANDLE port = CreateIoCompletionPort(carrier, NULL, 42, 0);
    HANDLE event;
    OVERLAPPED *overlapped;
    struct poll poll;
    ULONG_PTR key;
    DWORD bytes;

    CHECK(port != NULL);
    poll_init(&poll, carrier);
    poll_add(&poll, server, POLL_READ);
    event = poll.event;
    if (!with_event)
        poll.event = NULL;
    issue_elsewhere(&poll, 1, NULL, &poll.block);
    if (!with_event) {
        CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped,
                                         TEST_QUIET_MS));
        CHECK_RESULT(send(client, "x", 1, 0), 1);
    }
    (void)GetQueuedCompletionStatus(port, &bytes, &key, &overlapped,
                                    (DWORD)test_timeout(5000));
    CHECK_EQ((uintptr_t)overlapped, (uintptr_t)&poll.block);
    CHECK_EQ(poll.block.Status,
             with_event ? STATUS_CANCELLED : STATUS_SUCCESS);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(port));
}

static void the_end_of_a_thread_leaves_packets(void)
{
    SOCKET client, server;
    HANDLE carrier;
    int with_event;

    for (with_event = 0; with_event < 2; with_event++) {
        carrier = afd_open();
        tcp_pair(&client, &server);
        check_packet_after_the_end(carrier, server, client, with_event);
        CHECK(CloseHandle(carrier));
        close_socket(client);
        close_socket(server);
        tcp_pair(&client, &server);
        check_packet_after_the_end((HANDLE)server, server, client, with_event);
        close_socket(client);
        close_socket(server);
    }
}

static const struct test_case cases[] = {
    TEST_CASE(closing_the_polled_socket, "04 14: CLOSE is always reported"),
    TEST_CASE(closing_the_carrier, "04 14: the poll stays alive"),
    TEST_CASE(cancelling, "04 14: STATUS_CANCELLED"),
    TEST_CASE(cancelling_those_of_a_thread, "04 7: CancelIo"),
    TEST_CASE(packets, "04 3: a packet when there is a context"),
    TEST_CASE(routines, "04 14: APCs"),
    TEST_CASE(a_socket_carries_its_own_poll, "04 14: or one of the sockets"),
    TEST_CASE(the_end_of_a_thread_cancels, "04 7: thread exit"),
    TEST_CASE(the_end_of_a_thread_queues_no_routine, "04 7: no APC"),
    TEST_CASE(the_end_of_a_thread_leaves_packets, "04 7: thread exit, port"),
    TEST_END
};

TEST_MAIN("afd_poll_ends", cases, NULL)
