/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_POLL on \Device\Afd and on SOCKETs, as wepoll, libuv and mio use
 * it.  For Wine: natively there is no such device.
 */
#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

#include <mswsock.h>

#define IOCTL_AFD_POLL 0x00012024

enum {
    POLL_READ = 1, POLL_OOB = 2, POLL_WRITE = 4, POLL_HUP = 8,
    POLL_RESET = 0x10, POLL_CLOSE = 0x20, POLL_CONNECT = 0x40,
    POLL_ACCEPT = 0x80, POLL_CONNECT_ERR = 0x100,
    POLL_ALL = 0x1ff
};

enum { MAX_SOCKETS = 4 };

struct poll_info {
    LARGE_INTEGER timeout;
    ULONG count;
    BOOLEAN exclusive;
    struct {
        SOCKET s;
        int flags;
        NTSTATUS status;
    } sockets[MAX_SOCKETS];
};

/* One poll and all that belongs to it. */
struct poll {
    HANDLE carrier, event;
    IO_STATUS_BLOCK block;
    struct poll_info in, out;
};

#define HEADER ((ULONG)offsetof(struct poll_info, sockets))
#define SIZE(n) (HEADER + (n) * 16)

/* --- Helpers ------------------------------------------------------------------------ */

static HANDLE afd_open(void)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof(attributes),
                                    .ObjectName = &name};
    IO_STATUS_BLOCK block;
    WCHAR wide[WIDE_TEXT];
    HANDLE handle;

    RtlInitUnicodeString(&name, widen("\\Device\\Afd\\ws2emu", wide));
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &block, NULL, 0,
                          FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0,
                          NULL, 0), 0);
    return handle;
}

/* A poll without sockets and without an end. */
static void poll_init(struct poll *poll, HANDLE carrier)
{
    memset(poll, 0, sizeof(*poll));
    poll->carrier = carrier;
    poll->event = event_create();
    poll->in.timeout.QuadPart = INT64_MAX;
}

static void poll_add(struct poll *poll, SOCKET s, int flags)
{
    poll->in.sockets[poll->in.count].s = s;
    poll->in.sockets[poll->in.count].flags = flags;
    poll->in.sockets[poll->in.count].status = 0xdead;
    poll->in.count++;
}

static NTSTATUS poll_issue(struct poll *poll, void *context)
{
    memset(&poll->out, 0xcc, sizeof(poll->out));
    poll->block.Status = 0xdead;
    poll->block.Information = 0xdead;
    return NtDeviceIoControlFile(poll->carrier, poll->event, NULL, context,
                                 &poll->block, IOCTL_AFD_POLL, &poll->in,
                                 SIZE(poll->in.count), &poll->out,
                                 sizeof(poll->out));
}

static void poll_start(struct poll *poll)
{
    CHECK_EQ(poll_issue(poll, NULL), STATUS_PENDING);
}

static void poll_end(struct poll *poll)
{
    CHECK(CloseHandle(poll->event));
}

/* It ends in time with this status and n sockets. */
static void poll_ends(struct poll *poll, NTSTATUS status, ULONG n)
{
    event_wait(poll->event);
    CHECK_EQ(poll->block.Status, status);
    if (status == STATUS_CANCELLED)
        return;
    CHECK_EQ(poll->out.count, n);
    CHECK_EQ(poll->block.Information, SIZE(n));
}

static int poll_is_pending(struct poll *poll)
{
    return !event_is_signalled(poll->event, TEST_QUIET_MS);
}

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
    CHECK_EQ(poll.block.Information, SIZE(poll.out.count));
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

/* --- States --------------------------------------------------------------------------- */

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

/* --- One poll ---------------------------------------------------------------------------- */

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
    CHECK_EQ(issue_sizes(&poll, &poll.in, SIZE(1), SIZE(1) - 1),
             STATUS_INVALID_PARAMETER);
    CHECK_EQ(issue_sizes(&poll, NULL, 0, SIZE(1)), STATUS_INVALID_PARAMETER);
    CHECK_EQ(issue_sizes(&poll, &poll.in, SIZE(1) - 1, SIZE(1)),
             STATUS_INVALID_PARAMETER);
    poll.in.count = 0;
    CHECK_EQ(issue_sizes(&poll, &poll.in, SIZE(1), SIZE(1)),
             STATUS_INVALID_PARAMETER);
    poll.in.count = 1;
    poll.in.sockets[0].s = 0x7ffffffc;
    CHECK_EQ(issue_sizes(&poll, &poll.in, SIZE(1), SIZE(1)),
             STATUS_INVALID_HANDLE);
    CHECK_EQ(poll.block.Status, 0xdead);
    poll.in.sockets[0].s = s;
    CHECK_EQ(issue_sizes(&poll, &poll.in, SIZE(3), SIZE(4)), STATUS_SUCCESS);
    CHECK_EQ(poll.out.count, 1);
    poll_end(&poll);
    close_socket(s);
    CHECK(CloseHandle(carrier));
}

/* --- Closing and cancelling --------------------------------------------------------------- */

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

/* --- How the end is told --------------------------------------------------------------------- */

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
    CHECK_EQ(bytes, SIZE(1));
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
                                   IOCTL_AFD_POLL, &poll.in, SIZE(1),
                                   &poll.out, SIZE(1)), STATUS_PENDING);
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

/* --- The end of the thread ---------------------------------------------------------------------- */

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
            &poll->block, IOCTL_AFD_POLL, &poll->in, SIZE(poll->in.count),
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

/* --- What others take -------------------------------------------------------------------------- */

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

/* --- Receives by AFD ------------------------------------------------------------------------------ */

#define IOCTL_AFD_RECV 0x00012017
#define IOCTL_AFD_RECV_DATAGRAM 0x0001201b

enum { AFD_OVERLAPPED = 2, TDI_NORMAL = 0x20, TDI_EXPEDITED = 0x40 };

struct receive {
    WSABUF *buffers;
    ULONG n_buffers;
    ULONG afd_flags, tdi_flags;
    struct sockaddr *name; /* from here on for datagrams */
    int *length;
};

static NTSTATUS afd_receive(SOCKET s, ULONG code, struct receive *receive,
                            HANDLE event, IO_STATUS_BLOCK *block)
{
    ULONG size = code == IOCTL_AFD_RECV ? offsetof(struct receive, name)
                                        : sizeof(*receive);

    return NtDeviceIoControlFile((HANDLE)s, event, NULL, NULL, block, code,
                                 receive, receive ? size : 0, NULL, 0);
}

static void receiving_a_stream(void)
{
    WSAEVENT event = event_create();
    char buffer[8];
    WSABUF in = {sizeof(buffer), buffer};
    struct receive receive = {&in, 1, AFD_OVERLAPPED, TDI_NORMAL, NULL, NULL};
    struct sockaddr_in name;
    SOCKET client, server, listener = tcp_listener(&name);
    IO_STATUS_BLOCK block;

    tcp_pair(&client, &server);
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_PENDING);
    send_all(client, "abc", 3);
    event_wait(event);
    CHECK_EQ(block.Status, 0);
    CHECK_EQ(block.Information, 3);
    CHECK_MEMORY(buffer, "abc", 3);
    CHECK_EQ(afd_receive(listener, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_INVALID_CONNECTION);
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, NULL, event, &block),
             STATUS_INVALID_PARAMETER);
    receive.tdi_flags = 0;
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_INVALID_PARAMETER);
    receive.tdi_flags = TDI_NORMAL | TDI_EXPEDITED;
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_INVALID_PARAMETER);
    receive.tdi_flags = TDI_NORMAL;
    CHECK_OK(shutdown(server, SD_RECEIVE));
    CHECK_EQ(afd_receive(server, IOCTL_AFD_RECV, &receive, event, &block),
             STATUS_PIPE_DISCONNECTED);
    CHECK(CloseHandle(event));
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

static void receiving_datagrams(void)
{
    WSAEVENT event = event_create();
    char buffer[4];
    WSABUF in = {sizeof(buffer), buffer};
    struct sockaddr_in name, from;
    int length = sizeof(from);
    struct receive receive = {&in, 1, AFD_OVERLAPPED, TDI_NORMAL,
                              (struct sockaddr *)&from, &length};
    SOCKET s = udp_bound(&name), unbound = udp_socket();
    IO_STATUS_BLOCK block;

    CHECK_EQ(afd_receive(unbound, IOCTL_AFD_RECV_DATAGRAM, &receive, event,
                         &block), STATUS_INVALID_PARAMETER);
    CHECK_EQ(afd_receive(s, IOCTL_AFD_RECV_DATAGRAM, &receive, event, &block),
             STATUS_PENDING);
    CHECK_RESULT(sendto(s, "ab", 2, 0, (struct sockaddr *)&name, sizeof(name)),
                 2);
    event_wait(event);
    CHECK_EQ(block.Status, 0);
    CHECK_EQ(block.Information, 2);
    CHECK_EQ(length, sizeof(from));
    CHECK_EQ(from.sin_port, name.sin_port);
    CHECK_RESULT(sendto(s, "abcdef", 6, 0, (struct sockaddr *)&name,
                        sizeof(name)), 6);
    CHECK(wait_readable(s, test_timeout(5000)));
    CHECK_EQ(afd_receive(s, IOCTL_AFD_RECV_DATAGRAM, &receive, event, &block),
             STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(block.Information, 4);
    CHECK_MEMORY(buffer, "abcd", 4);
    CHECK(CloseHandle(event));
    close_socket(s);
    close_socket(unbound);
}

/* --- Exclusive polls ----------------------------------------------------------------------------- */

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

/* --- Main ------------------------------------------------------------------------------------------ */

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
    TEST_CASE(closing_the_polled_socket, "04 14: CLOSE is always reported"),
    TEST_CASE(closing_the_carrier, "04 14: the poll stays alive"),
    TEST_CASE(cancelling, "04 14: STATUS_CANCELLED"),
    TEST_CASE(packets, "04 3: a packet when there is a context"),
    TEST_CASE(routines, "04 14: APCs"),
    TEST_CASE(a_socket_carries_its_own_poll, "04 14: or one of the sockets"),
    TEST_CASE(the_end_of_a_thread_cancels, "04 7: thread exit"),
    TEST_CASE(the_end_of_a_thread_queues_no_routine, "04 7: no APC"),
    TEST_CASE(the_end_of_a_thread_leaves_packets, "04 7: thread exit, port"),
    TEST_CASE(data_of_a_pending_receive, "04 14: data taken is not seen"),
    TEST_CASE(receiving_a_stream, "04 15: AFD_RECV"),
    TEST_CASE(receiving_datagrams, "04 15: AFD_RECV of datagrams"),
    TEST_CASE(an_exclusive_poll_ends_the_main_one, "04 14.1"),
    TEST_CASE(a_main_poll_that_is_not_exclusive_stays, "04 14.1"),
    TEST_END
};

TEST_MAIN("afd_poll", cases, NULL)
