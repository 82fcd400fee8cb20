/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports as such: packets that are posted, threads that wait, and
 * packets from elsewhere on the same port.  For Wine: ports are no Winsock.
 */
#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

#include <stdio.h>

/* --- Helpers -------------------------------------------------------------- */

static HANDLE port_create(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);

    CHECK(port != NULL);
    return port;
}

static void post(HANDLE port, ULONG_PTR key)
{
    CHECK(PostQueuedCompletionStatus(port, (DWORD)key + 1, key,
                                     (OVERLAPPED *)(key + 2)));
}

/* The next packet is that of post(). */
static void check_posted(HANDLE port, ULONG_PTR key, int ms)
{
    OVERLAPPED *overlapped = NULL;
    ULONG_PTR got = 0;
    DWORD bytes = 0;

    CHECK_THAT(GetQueuedCompletionStatus(port, &bytes, &got, &overlapped,
                                         (DWORD)ms),
               "error %u", (unsigned)GetLastError());
    CHECK_EQ(got, key);
    CHECK_EQ(bytes, key + 1);
    CHECK_EQ((ULONG_PTR)overlapped, key + 2);
}

/* No packet within ms. */
static void check_empty(HANDLE port, int ms)
{
    OVERLAPPED *overlapped = (OVERLAPPED *)8;
    ULONG_PTR key;
    DWORD bytes;

    SetLastError(0);
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped,
                                     (DWORD)ms));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    CHECK(overlapped == NULL);
}

static void close_handle(HANDLE handle)
{
    CHECK(CloseHandle(handle));
}

/* --- One thread ----------------------------------------------------------- */

static void packets_come_in_order(void)
{
    HANDLE port = port_create();
    ULONG_PTR i;

    for (i = 0; i < 1000; i++)
        post(port, i);
    for (i = 0; i < 1000; i++)
        check_posted(port, i, 0);
    check_empty(port, 0);
    close_handle(port);
}

static void waiting_ends_in_time(void)
{
    HANDLE port = port_create();
    int64_t start = test_clock();

    check_empty(port, 0);
    check_empty(port, 1);
    check_empty(port, 100);
    CHECK(test_clock() - start >= 95);
    CHECK(test_clock() - start < test_timeout(5000));
    close_handle(port);
}

static void several_packets_at_once(void)
{
    HANDLE port = port_create();
    OVERLAPPED_ENTRY entries[8];
    ULONG n = 0;
    ULONG_PTR i;

    for (i = 0; i < 10; i++)
        post(port, i);
    CHECK(GetQueuedCompletionStatusEx(port, entries, 8, &n, 0, FALSE));
    CHECK_EQ(n, 8);
    for (i = 0; i < 8; i++) {
        CHECK_EQ(entries[i].lpCompletionKey, i);
        CHECK_EQ(entries[i].dwNumberOfBytesTransferred, i + 1);
        CHECK_EQ((ULONG_PTR)entries[i].lpOverlapped, i + 2);
    }
    CHECK(GetQueuedCompletionStatusEx(port, entries, 8, &n, INFINITE, FALSE));
    CHECK_EQ(n, 2);
    CHECK_EQ(entries[1].lpCompletionKey, 9);
    CHECK(!GetQueuedCompletionStatusEx(port, entries, 8, &n, 10, FALSE));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    close_handle(port);
}

static void WINAPI count_apc(ULONG_PTR counter)
{
    ++*(int *)counter;
}

static void alertable_waits_run_apcs(void)
{
    HANDLE port = port_create();
    OVERLAPPED_ENTRY entry;
    int n_apcs = 0;
    ULONG n = 0;

    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), (ULONG_PTR)&n_apcs));
    CHECK(!GetQueuedCompletionStatusEx(port, &entry, 1, &n, 50, FALSE));
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    CHECK_EQ(n_apcs, 0);
    CHECK(!GetQueuedCompletionStatusEx(port, &entry, 1, &n, INFINITE, TRUE));
    CHECK_EQ(GetLastError(), WAIT_IO_COMPLETION);
    CHECK_EQ(n_apcs, 1);
    post(port, 5);
    CHECK(GetQueuedCompletionStatusEx(port, &entry, 1, &n, INFINITE, TRUE));
    CHECK_EQ(n, 1);
    CHECK_EQ(entry.lpCompletionKey, 5);
    close_handle(port);
}

static void a_failure_is_told_with_its_packet(void)
{
    HANDLE port = port_create();
    OVERLAPPED *overlapped = NULL;
    ULONG_PTR key = 0;
    DWORD bytes = 0;

    CHECK_EQ(NtSetIoCompletion(port, 7, 8, STATUS_CONNECTION_RESET, 9), 0);
    CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0));
    CHECK_EQ(GetLastError(), ERROR_NETNAME_DELETED);
    CHECK_EQ(key, 7);
    CHECK_EQ((ULONG_PTR)overlapped, 8);
    CHECK_EQ(bytes, 9);
    close_handle(port);
}

static void handles_that_are_no_ports(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD bytes;

    CHECK(!GetQueuedCompletionStatus(event, &bytes, &key, &overlapped, 0));
    CHECK(!PostQueuedCompletionStatus(event, 0, 0, NULL));
    close_handle(event);
    CHECK(!GetQueuedCompletionStatus((HANDLE)0x7ffffffc, &bytes, &key,
                                     &overlapped, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(!PostQueuedCompletionStatus((HANDLE)0x7ffffffc, 0, 0, NULL));
}

/* --- Several handles ------------------------------------------------------ */

static void a_copy_is_the_same_port(void)
{
    HANDLE port = port_create(), copy, event;

    CHECK(DuplicateHandle(GetCurrentProcess(), port, GetCurrentProcess(),
                          &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    post(port, 1);
    post(copy, 2);
    check_posted(copy, 1, 0);
    check_posted(port, 2, 0);
    post(port, 3);
    close_handle(port);
    check_posted(copy, 3, 0);
    check_empty(copy, 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), copy, GetCurrentProcess(),
                          &port, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    post(port, 4);
    check_posted(port, 4, 0);
    close_handle(port);
    /* Values are used again, and are other things then. */
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK(!PostQueuedCompletionStatus(event, 0, 0, NULL));
    close_handle(event);
}

/* --- Several threads ------------------------------------------------------ */

struct ping {
    HANDLE in, out;
};

static void answer(void *argument)
{
    struct ping *ping = argument;
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD bytes;

    do {
        CHECK(GetQueuedCompletionStatus(ping->in, &bytes, &key, &overlapped,
                                        INFINITE));
        post(ping->out, key);
    } while (key);
}

static void a_packet_wakes_a_sleeper(void)
{
    struct ping ping = {port_create(), port_create()};
    struct thread *thread = thread_start(answer, &ping);
    ULONG_PTR i;

    for (i = 500; i > 0; i--) {
        post(ping.in, i);
        check_posted(ping.out, i, test_timeout(5000));
    }
    /* Asleep for long enough to be somewhere else. */
    for (i = 3; i-- > 0;) {
        check_empty(ping.out, 100);
        post(ping.in, i);
        check_posted(ping.out, i, test_timeout(5000));
    }
    thread_join(thread);
    close_handle(ping.in);
    close_handle(ping.out);
}

enum { N_THREADS = 4, N_PACKETS = 2000 };

struct crowd {
    HANDLE port;
    LONG seen[N_PACKETS];
};

static void take_packets(void *argument)
{
    struct crowd *crowd = argument;
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD bytes;

    for (;;) {
        CHECK(GetQueuedCompletionStatus(crowd->port, &bytes, &key, &overlapped,
                                        (DWORD)test_timeout(10000)));
        if (key == N_PACKETS)
            return;
        CHECK(key < N_PACKETS);
        __atomic_add_fetch(&crowd->seen[key], 1, __ATOMIC_RELAXED);
    }
}

static void each_packet_comes_once(void)
{
    static struct crowd crowd;
    struct thread *threads[N_THREADS];
    ULONG_PTR i;

    crowd.port = port_create();
    for (i = 0; i < N_THREADS; i++)
        threads[i] = thread_start(take_packets, &crowd);
    for (i = 0; i < N_PACKETS; i++) {
        post(crowd.port, i);
        if (i % 500 == 0) /* let them fall asleep */
            (void)thread_ended(threads[0], 50);
    }
    for (i = 0; i < N_THREADS; i++)
        post(crowd.port, N_PACKETS);
    for (i = 0; i < N_THREADS; i++)
        thread_join(threads[i]);
    for (i = 0; i < N_PACKETS; i++)
        CHECK_EQ(crowd.seen[i], 1);
    close_handle(crowd.port);
}

struct sleeper {
    HANDLE port;
    DWORD error;
};

static void sleep_until_closed(void *argument)
{
    struct sleeper *sleeper = argument;
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD bytes;

    if (!GetQueuedCompletionStatus(sleeper->port, &bytes, &key, &overlapped,
                                   (DWORD)test_timeout(10000)))
        sleeper->error = GetLastError();
}

static void closing_wakes_the_sleepers(void)
{
    struct sleeper sleepers[2] = {{port_create(), 0}};
    struct thread *threads[2];

    sleepers[1] = sleepers[0];
    threads[0] = thread_start(sleep_until_closed, &sleepers[0]);
    threads[1] = thread_start(sleep_until_closed, &sleepers[1]);
    check_empty(sleepers[0].port, 100); /* until they sleep */
    close_handle(sleepers[0].port);
    thread_join(threads[0]);
    thread_join(threads[1]);
    CHECK_EQ(sleepers[0].error, ERROR_ABANDONED_WAIT_0);
    CHECK_EQ(sleepers[1].error, ERROR_ABANDONED_WAIT_0);
}

/* --- Packets from elsewhere ----------------------------------------------- */

/* A pipe's ends, both associated with the port: the server's has key 100. */
static void pipe_create(HANDLE port, HANDLE *ret_server, HANDLE *ret_client)
{
    char name[64];

    sprintf(name, "\\\\.\\pipe\\ws2emu-port-%u", test_process_id());
    *ret_server = CreateNamedPipeA(
        name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1,
        4096, 4096, 0, NULL);
    CHECK(*ret_server != INVALID_HANDLE_VALUE);
    *ret_client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL,
                              OPEN_EXISTING, 0, NULL);
    CHECK(*ret_client != INVALID_HANDLE_VALUE);
    CHECK(CreateIoCompletionPort(*ret_server, port, 100, 0) == port);
}

static void pipe_write(HANDLE pipe)
{
    DWORD n;

    CHECK(WriteFile(pipe, "x", 1, &n, NULL) && n == 1);
}

static void pipe_read(HANDLE pipe, OVERLAPPED *overlapped, char *byte)
{
    memset(overlapped, 0, sizeof(*overlapped));
    CHECK(ReadFile(pipe, byte, 1, NULL, overlapped) ||
          GetLastError() == ERROR_IO_PENDING);
}

static void files_share_the_port(void)
{
    HANDLE port = port_create(), server, client;
    OVERLAPPED overlapped, *got;
    int n_posted = 0, n_read = 0, i;
    ULONG_PTR key;
    DWORD bytes;
    char byte;

    pipe_create(port, &server, &client);
    pipe_read(server, &overlapped, &byte);
    pipe_write(client);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &got,
                                    (DWORD)test_timeout(5000)));
    CHECK_EQ(key, 100);
    CHECK(got == &overlapped);

    /* While packets of our own never end, the file's comes in its turn. */
    pipe_read(server, &overlapped, &byte);
    pipe_write(client);
    for (i = 0; i < 4; i++)
        post(port, 1);
    while (n_read == 0 && n_posted < 100000) {
        post(port, 1);
        CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &got, 0));
        n_posted += key == 1;
        n_read += key == 100;
    }
    CHECK_EQ(n_read, 1);
    while (GetQueuedCompletionStatus(port, &bytes, &key, &got, 0))
        CHECK_EQ(key, 1);
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    close_handle(client);
    close_handle(server);
    close_handle(port);
}

static void a_file_s_packet_wakes_a_sleeper(void)
{
    struct ping ping = {port_create(), port_create()};
    struct thread *thread = thread_start(answer, &ping);
    HANDLE server, client;
    OVERLAPPED overlapped;
    char byte;
    int i;

    check_empty(ping.out, 30); /* until it sleeps: then the port is mixed */
    pipe_create(ping.in, &server, &client);
    for (i = 0; i < 3; i++) {
        pipe_read(server, &overlapped, &byte);
        check_empty(ping.out, 50);
        pipe_write(client);
        check_posted(ping.out, 100, test_timeout(5000));
        post(ping.in, 3);
        check_posted(ping.out, 3, test_timeout(5000));
    }
    post(ping.in, 0);
    check_posted(ping.out, 0, test_timeout(5000));
    thread_join(thread);
    close_handle(client);
    close_handle(server);
    close_handle(ping.in);
    close_handle(ping.out);
}

/* Posts to the port that it is told. */
static void poster(struct peer *parent, int n_arguments, char **arguments)
{
    HANDLE port;
    ULONG_PTR key;

    (void)n_arguments, (void)arguments;
    peer_receive(parent, &port, sizeof(port));
    do {
        peer_receive(parent, &key, sizeof(key));
        post(port, key);
    } while (key);
}

static void other_processes_post(void)
{
    HANDLE port = port_create(), theirs, process;
    struct peer *peer = peer_start("poster", NULL);
    ULONG_PTR key;

    post(port, 1000);
    process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, peer_pid(peer));
    CHECK(process != NULL);
    CHECK(DuplicateHandle(GetCurrentProcess(), port, process, &theirs, 0,
                          FALSE, DUPLICATE_SAME_ACCESS));
    peer_send(peer, &theirs, sizeof(theirs));
    check_posted(port, 1000, 0);
    for (key = 3; key-- > 0;) {
        peer_send(peer, &key, sizeof(key));
        check_posted(port, key, test_timeout(5000));
        post(port, 77);
        check_posted(port, 77, test_timeout(5000));
    }
    CHECK_EQ(peer_wait(peer), 0);
    check_empty(port, 0);
    close_handle(process);
    close_handle(port);
}

/* --- Main ----------------------------------------------------------------- */

static const struct test_case cases[] = {
    TEST_CASE(packets_come_in_order, "04 6: first in, first out"),
    TEST_CASE(waiting_ends_in_time, "GetQueuedCompletionStatus: timeouts"),
    TEST_CASE(several_packets_at_once, "GetQueuedCompletionStatusEx"),
    TEST_CASE(alertable_waits_run_apcs, "GetQueuedCompletionStatusEx: APCs"),
    TEST_CASE(a_failure_is_told_with_its_packet,
              "04 6: FALSE, overlapped non-NULL, key filled"),
    TEST_CASE(handles_that_are_no_ports, "ERROR_INVALID_HANDLE"),
    TEST_CASE(a_copy_is_the_same_port, "DuplicateHandle"),
    TEST_CASE_WITH(a_packet_wakes_a_sleeper, "a packet ends a wait",
                   .waiting_threads = 1),
    TEST_CASE(each_packet_comes_once, "04 6: one packet, one thread"),
    TEST_CASE(closing_wakes_the_sleepers, "ERROR_ABANDONED_WAIT_0"),
    TEST_CASE(files_share_the_port, "packets of files on the same port"),
    TEST_CASE(a_file_s_packet_wakes_a_sleeper,
              "packets of files on the same port"),
    TEST_CASE(other_processes_post, "a port of two processes"),
    TEST_END
};

static const struct test_role roles[] = {
    TEST_ROLE(poster),
    TEST_ROLES_END
};

TEST_MAIN("completion_port", cases, roles)
