/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A completion port under load: receives end by data, by being cancelled and by
 * closesocket, each once, while they are started and taken by several threads.
 * For Wine: the calls are Windows' own.
 */
#include "support/overlapped.h"

enum { N_SOCKETS = 500, N_OPERATIONS = 1500, N_WORKERS = 3 };

struct operation {
    struct call call; /* the first member, whose overlapped is its first */
    LONG pending;     /* 0 or 1 */
};

static struct {
    HANDLE port;
    SOCKET sockets[N_SOCKETS];
    struct operation operations[N_OPERATIONS];
    LONG started, ended, total;
} storm;

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* A UDP socket that is its own peer, on the port. */
static SOCKET make_mirror(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name);

    CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
    CHECK(CreateIoCompletionPort((HANDLE)s, storm.port, 1, 0) != NULL);
    return s;
}

/* Starts it on some socket; those that are being closed refuse. */
static void start_somewhere(struct operation *operation, uint32_t *seed)
{
    int error;

    do {
        LONG n = __atomic_add_fetch(&storm.started, 1, __ATOMIC_SEQ_CST);
        SOCKET s = __atomic_load_n(
            &storm.sockets[next_random(seed) % N_SOCKETS], __ATOMIC_RELAXED);

        if (n > storm.total) {
            __atomic_sub_fetch(&storm.started, 1, __ATOMIC_SEQ_CST);
            return;
        }
        CHECK_EQ(__atomic_exchange_n(&operation->pending, 1, __ATOMIC_SEQ_CST),
                 0);
        call_init(&operation->call, 16, 0);
        error = call_receive(&operation->call, s) ? WSAGetLastError() : 0;
        if (error && error != WSA_IO_PENDING) {
            CHECK_EQ(__atomic_exchange_n(&operation->pending, 0,
                                         __ATOMIC_SEQ_CST), 1);
            __atomic_sub_fetch(&storm.started, 1, __ATOMIC_SEQ_CST);
        }
    } while (error && error != WSA_IO_PENDING);
}

static void work(void *argument)
{
    uint32_t seed = (uint32_t)(uintptr_t)argument;
    struct operation *operation;
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD n;

    for (;;) {
        (void)GetQueuedCompletionStatus(storm.port, &n, &key, &overlapped,
                                        INFINITE);
        CHECK(overlapped != NULL || key == 2);
        if (!overlapped)
            return;
        operation = (struct operation *)(void *)overlapped;
        CHECK_EQ(__atomic_exchange_n(&operation->pending, 0, __ATOMIC_SEQ_CST),
                 1);
        __atomic_add_fetch(&storm.ended, 1, __ATOMIC_SEQ_CST);
        start_somewhere(operation, &seed);
    }
}

/* Data, cancels and closes, until all have been started. */
static void make_weather(void)
{
    uint32_t seed = 7, i, what;
    SOCKET s;

    while (__atomic_load_n(&storm.started, __ATOMIC_SEQ_CST) < storm.total) {
        i = next_random(&seed) % N_SOCKETS;
        what = next_random(&seed) % 100;
        if (what == 0) {
            s = storm.sockets[i];
            __atomic_store_n(&storm.sockets[i], make_mirror(),
                             __ATOMIC_RELAXED);
            close_socket(s);
        } else if (what < 10) {
            (void)CancelIoEx((HANDLE)storm.sockets[i], NULL);
        } else {
            (void)send(storm.sockets[i], "x", 1, 0);
        }
    }
}

static void each_operation_ends_once(void)
{
    struct thread *workers[N_WORKERS];
    uint32_t seed = 1, i;
    int64_t limit;

    storm.total = TARGET_IS_OURS ? 200000 : 1000;
    storm.port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (i = 0; i < N_SOCKETS; i++)
        storm.sockets[i] = make_mirror();
    for (i = 0; i < N_OPERATIONS; i++)
        start_somewhere(&storm.operations[i], &seed);
    for (i = 0; i < N_WORKERS; i++)
        workers[i] = thread_start(work, (void *)(uintptr_t)(i + 100));
    make_weather();
    for (i = 0; i < N_SOCKETS; i++)
        close_socket(storm.sockets[i]);
    limit = test_clock() + test_timeout(10000);
    while (__atomic_load_n(&storm.ended, __ATOMIC_SEQ_CST) < storm.total &&
           test_clock() < limit)
        (void)thread_ended(workers[0], 10);
    CHECK_EQ(storm.started, storm.total);
    CHECK_EQ(storm.ended, storm.total);
    for (i = 0; i < N_WORKERS; i++)
        CHECK(PostQueuedCompletionStatus(storm.port, 0, 2, NULL));
    for (i = 0; i < N_WORKERS; i++)
        thread_join(workers[i]);
    for (i = 0; i < N_OPERATIONS; i++)
        CHECK_EQ(storm.operations[i].pending, 0);
    CHECK(CloseHandle(storm.port));
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(each_operation_ends_once, "04 6: one packet per operation",
                   .seconds = 90, .waiting_threads = 4),
    TEST_END
};

TEST_MAIN("completion_stress", cases, NULL)
