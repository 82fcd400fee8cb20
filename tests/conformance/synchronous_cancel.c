/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CancelSynchronousIo on a thread that is in a blocking call of Winsock's, or
 * in a ReadFile or WriteFile on a SOCKET.  For Wine: the call is Windows' own.
 *
 * Its page: the operation ends with ERROR_OPERATION_ABORTED, which is
 * WSA_OPERATION_ABORTED; ERROR_NOT_FOUND when there is none.
 */
#include "support/blocked.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

/* --- Helpers -------------------------------------------------------------- */

static void tell_and_call(void *argument)
{
    struct blocked *blocked = argument;

    blocked->thread_id = GetCurrentThreadId();
    CHECK(WSASetEvent(blocked->begun));
    make_call(blocked);
}

static void begin(struct blocked *blocked, SOCKET s,
                  void (*make)(struct blocked *))
{
    blocked->s = s;
    blocked->make = make;
    blocked->begun = event_create();
    blocked->thread = thread_start(tell_and_call, blocked);
    event_wait(blocked->begun);
    CHECK(WSACloseEvent(blocked->begun));
}

/* 0 or the error. */
static int cancel(HANDLE thread)
{
    SetLastError(0);
    return CancelSynchronousIo(thread) ? 0 : (int)GetLastError();
}

static HANDLE handle_of(const struct blocked *blocked, DWORD access)
{
    HANDLE thread = OpenThread(access, FALSE, blocked->thread_id);

    CHECK(thread != NULL);
    return thread;
}

/* Cancels until the call ends, which may not wait yet. */
static void cancel_until_it_ends(struct blocked *blocked)
{
    const int64_t end = test_clock() + test_timeout(10000);
    HANDLE thread = handle_of(blocked, THREAD_TERMINATE);
    int found = 0, error;

    while (!thread_ended(blocked->thread, 5)) {
        CHECK_THAT(test_clock() < end, "the call goes on");
        error = cancel(thread);
        CHECK(error == 0 || error == ERROR_NOT_FOUND);
        found |= error == 0;
    }
    thread_join(blocked->thread);
    CHECK(found);
    CHECK(CloseHandle(thread));
}

/* The call fails as the page says. */
static void ends(struct blocked *blocked, SOCKET s,
                 void (*make)(struct blocked *))
{
    begin(blocked, s, make);
    cancel_until_it_ends(blocked);
    CHECK_EQ(blocked->result, -1);
    CHECK_EQ(blocked->error, WSA_OPERATION_ABORTED);
}

static void make_connect(struct blocked *blocked)
{
    blocked->result = connect(blocked->s, (struct sockaddr *)&blocked->name,
                              sizeof(blocked->name));
}

static void make_select(struct blocked *blocked)
{
    fd_set set;

    FD_ZERO(&set);
    FD_SET(blocked->s, &set);
    blocked->result = select(0, &set, NULL, NULL, NULL);
}

static void make_poll(struct blocked *blocked)
{
    WSAPOLLFD entry = {.fd = blocked->s, .events = POLLRDNORM};

    blocked->result = WSAPoll(&entry, 1, -1);
}

static void make_read_file(struct blocked *blocked)
{
    char data[16];
    DWORD n;

    blocked->result = ReadFile((HANDLE)blocked->s, data, sizeof(data), &n,
                               NULL) ? 0 : -1;
}

static void make_write_file(struct blocked *blocked)
{
    static char data[1 << 20];
    DWORD n;

    while (WriteFile((HANDLE)blocked->s, data, sizeof(data), &n, NULL))
        continue;
    blocked->result = -1;
}

static void make_overlapped_receive(struct blocked *blocked)
{
    DWORD n, flags;

    CHECK_ERROR(call_receive(blocked->call, blocked->s), WSA_IO_PENDING);
    blocked->result = WSAGetOverlappedResult(
        blocked->s, &blocked->call->overlapped, &n, TRUE, &flags);
}

/* --- Calls ---------------------------------------------------------------- */

static void receives(void)
{
    struct sockaddr_in name;
    SOCKET client, server, datagrams = udp_bound(&name);
    struct blocked blocked;

    tcp_pair(&client, &server);
    ends(&blocked, server, make_recv);
    ends(&blocked, datagrams, make_recvfrom);
    check_passes(client, server, "still good");
    close_socket(client);
    close_socket(server);
    close_socket(datagrams);
}

static void an_accept(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, server;
    struct blocked blocked;

    ends(&blocked, listener, make_accept);
    client = tcp_connect(&name);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

/* The listener's backlog is full, so the kernel lets the connect wait. */
static void a_connect(void)
{
    enum { MOST = 64 };
    SOCKET listener = tcp_socket(), waiting[MOST], s = tcp_socket();
    struct blocked blocked = {.name = loopback(0)};
    int n;

    CHECK_OK(bind(listener, (struct sockaddr *)&blocked.name,
                  sizeof(blocked.name)));
    CHECK_OK(listen(listener, 1));
    blocked.name = local_name(listener);
    for (n = 0; n < MOST; n++) {
        waiting[n] = tcp_socket();
        set_nonblocking(waiting[n], 1);
        CHECK_ERROR(connect(waiting[n], (struct sockaddr *)&blocked.name,
                            sizeof(blocked.name)), WSAEWOULDBLOCK);
        if (!wait_writable(waiting[n], 300))
            break;
    }
    if (n == MOST)
        SKIP("the kernel takes any number of connections");
    ends(&blocked, s, make_connect);
    for (; n >= 0; n--)
        close_socket(waiting[n]);
    close_socket(s);
    close_socket(listener);
}

static void sends(void)
{
    SOCKET client, server;
    struct blocked blocked;

    tcp_pair(&client, &server);
    ends(&blocked, client, make_send);
    ends(&blocked, client, make_write_file);
    close_socket(client);
    close_socket(server);
}

static void waits_for_several(void)
{
    SOCKET client, server;
    struct blocked blocked;

    tcp_pair(&client, &server);
    ends(&blocked, server, make_select);
    ends(&blocked, server, make_poll);
    check_passes(client, server, "still good");
    close_socket(client);
    close_socket(server);
}

static void reading_a_file(void)
{
    SOCKET client, server;
    struct blocked blocked;

    tcp_pair(&client, &server);
    ends(&blocked, server, make_read_file);
    check_passes(client, server, "still good");
    close_socket(client);
    close_socket(server);
}

static void one_behind_an_overlapped_one(void)
{
    SOCKET client, server;
    struct blocked blocked;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 4, 1);
    call_pends(&call, server);
    ends(&blocked, server, make_recv);
    /* That one is not of the thread. */
    call_still_pends(&call);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

/* --- What it does not end ------------------------------------------------- */

/* An overlapped operation is no synchronous one, though its thread waits. */
static void an_overlapped_one_goes_on(void)
{
    SOCKET client, server;
    struct blocked blocked;
    struct call call;
    HANDLE thread;

    tcp_pair(&client, &server);
    call_init(&call, 16, 1);
    blocked.call = &call;
    begin(&blocked, server, make_overlapped_receive);
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    thread = handle_of(&blocked, THREAD_TERMINATE);
    CHECK_EQ(cancel(thread), ERROR_NOT_FOUND);
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    send_all(client, "data", 4);
    thread_join(blocked.thread);
    CHECK_EQ(blocked.result, TRUE);
    CHECK(CloseHandle(thread));
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

static void another_thread_s_goes_on(void)
{
    SOCKET client, server;
    struct blocked first, second;

    tcp_pair(&client, &server);
    begin(&first, server, make_recv);
    begin(&second, server, make_recv);
    cancel_until_it_ends(&second);
    CHECK_EQ(second.error, WSA_OPERATION_ABORTED);
    CHECK(!thread_ended(first.thread, TEST_QUIET_MS));
    send_all(client, "data", 4);
    thread_join(first.thread);
    CHECK_EQ(first.result, 4);
    close_socket(client);
    close_socket(server);
}

static void bad_input(void)
{
    SOCKET client, server;
    struct blocked blocked;
    IO_STATUS_BLOCK block;
    HANDLE thread;

    tcp_pair(&client, &server);
    CHECK_EQ(cancel(GetCurrentThread()), ERROR_NOT_FOUND);
    CHECK_EQ(cancel(NULL), ERROR_INVALID_HANDLE);
    CHECK_EQ(cancel((HANDLE)server), ERROR_INVALID_HANDLE);
    begin(&blocked, server, make_recv);
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    thread = handle_of(&blocked, THREAD_QUERY_LIMITED_INFORMATION);
    CHECK_EQ(cancel(thread), ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(thread));
    /* A status block that is no operation's. */
    thread = handle_of(&blocked, THREAD_TERMINATE);
    CHECK_EQ(NtCancelSynchronousIoFile(thread, &block, &block),
             STATUS_NOT_FOUND);
    CHECK(CloseHandle(thread));
    CHECK(!thread_ended(blocked.thread, TEST_QUIET_MS));
    cancel_until_it_ends(&blocked);
    close_socket(client);
    close_socket(server);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(receives, "04 7: recv, recvfrom", .waiting_threads = 2),
    TEST_CASE_WITH(an_accept, "04 7: accept", .waiting_threads = 1),
    TEST_CASE_WITH(a_connect, "04 7: connect", .waiting_threads = 1),
    TEST_CASE_WITH(sends, "04 7: send, WriteFile", .waiting_threads = 1),
    TEST_CASE_WITH(waits_for_several, "04 7: select, WSAPoll",
                   .waiting_threads = 2),
    TEST_CASE_WITH(reading_a_file, "04 7: ReadFile", .waiting_threads = 1),
    TEST_CASE_WITH(one_behind_an_overlapped_one, "04 5: it waits behind",
                   .waiting_threads = 1),
    TEST_CASE_WITH(an_overlapped_one_goes_on, "04 7: synchronous ones alone",
                   .waiting_threads = 1),
    TEST_CASE_WITH(another_thread_s_goes_on, "04 7: of one thread",
                   .waiting_threads = 2),
    TEST_CASE_WITH(bad_input, "04 7: ERROR_NOT_FOUND", .waiting_threads = 1),
    TEST_END
};
TEST_MAIN("synchronous_cancel", cases, NULL)
