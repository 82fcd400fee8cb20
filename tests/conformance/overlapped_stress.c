/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped operations by the thousand on sockets by the hundred, with random
 * cancels and closes: each operation that was started ends exactly once, by one
 * packet, whatever became of its socket.  Meant for the builds with sanitizers
 * as well.
 */
#include "support/overlapped.h"
#include "support/ports.h"

#include <stdlib.h>

#define SOCKETS 500
#define STARTERS 3
#define COLLECTORS 2
#define OPERATIONS 200000 /* far fewer for the builtin, which is slow */
#define SLOTS 6000 /* that pend at the same time */
#define LARGE 65536

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_STARTED };

struct slot {
    WSAOVERLAPPED overlapped; /* first */
    uint32_t state;           /* enum slot_state, atomic */
    char data[32];
};

static struct slot slots[SLOTS];
static SOCKET sockets[SOCKETS]; /* atomic; pairs are neighbours at first */
static uint64_t port;
static char large[LARGE];

/* All atomic. */
static uint32_t n_left, n_pending, n_ended, n_twice, n_failed, n_cancelled;
static uint32_t is_over;

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static uint32_t n_operations(void)
{
    return TARGET_IS_OURS ? OPERATIONS : OPERATIONS / 200;
}

/* --- Sockets -------------------------------------------------------------- */

/* A new SOCKET may have the value of one that was closed, which a starter has
   read just before: it would start on a socket that has no port yet, and no
   packet would come.  So nobody starts while a pair is made.  Both atomic. */
static uint32_t n_starting, is_placing;

static void begin_start(void)
{
    __atomic_add_fetch(&n_starting, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&is_placing, __ATOMIC_SEQ_CST)) {
        __atomic_sub_fetch(&n_starting, 1, __ATOMIC_SEQ_CST);
        (void)wait_alertably(1);
        __atomic_add_fetch(&n_starting, 1, __ATOMIC_SEQ_CST);
    }
}

static void end_start(void)
{
    __atomic_sub_fetch(&n_starting, 1, __ATOMIC_SEQ_CST);
}

static void begin_place(void)
{
    while (__atomic_exchange_n(&is_placing, 1, __ATOMIC_SEQ_CST))
        (void)wait_alertably(1);
    while (__atomic_load_n(&n_starting, __ATOMIC_SEQ_CST) != 0)
        (void)wait_alertably(1);
}

static void end_place(void)
{
    __atomic_store_n(&is_placing, 0, __ATOMIC_SEQ_CST);
}

static void place_pair(unsigned *random)
{
    unsigned i = next_random(random) % SOCKETS, j;
    SOCKET ends[2], before[2];

    begin_place();
    tcp_pair(&ends[0], &ends[1]);
    for (j = 0; j < 2; j++) {
        set_int_option(ends[j], SOL_SOCKET, SO_SNDBUF, 4096);
        CHECK_EQ(port_associate(port, ends[j], i), 0);
        before[j] = __atomic_exchange_n(&sockets[(i + j) % SOCKETS], ends[j],
                                        __ATOMIC_ACQ_REL);
    }
    end_place();
    for (j = 0; j < 2; j++)
        if (before[j])
            close_socket(before[j]);
}

static SOCKET random_socket(unsigned *random)
{
    return __atomic_load_n(&sockets[next_random(random) % SOCKETS],
                           __ATOMIC_ACQUIRE);
}

/* --- Operations ----------------------------------------------------------- */

static struct slot *take_slot(unsigned *random)
{
    unsigned first = next_random(random), i;
    struct slot *slot;

    for (i = 0; i < 64; i++) {
        uint32_t expected = SLOT_FREE;

        slot = &slots[(first + i) % SLOTS];
        if (__atomic_compare_exchange_n(&slot->state, &expected, SLOT_TAKEN, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return slot;
    }
    return NULL;
}

static int start(struct slot *slot, SOCKET s, unsigned choice)
{
    WSABUF buffer = {sizeof(slot->data), slot->data};
    DWORD flags = 0;

    memset(&slot->overlapped, 0, sizeof(slot->overlapped));
    if (choice % 2)
        return WSARecv(s, &buffer, 1, NULL, &flags, &slot->overlapped, NULL);
    if (choice % 32 == 0)
        buffer = (WSABUF){LARGE, large};
    return WSASend(s, &buffer, 1, NULL, 0, &slot->overlapped, NULL);
}

/* 0: no room, or all have been started. */
static int start_one(unsigned *random)
{
    struct slot *slot = take_slot(random);
    uint32_t state;
    int error = 0;

    if (slot == NULL)
        return 0;
    __atomic_add_fetch(&n_pending, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&slot->state, SLOT_STARTED, __ATOMIC_RELEASE);
    begin_start();
    if (start(slot, random_socket(random), next_random(random)))
        error = WSAGetLastError();
    end_start();
    if (!error || error == WSA_IO_PENDING)
        return 1;
    /* It failed: nobody tells of it. */
    state = __atomic_exchange_n(&slot->state, SLOT_FREE, __ATOMIC_ACQ_REL);
    if (state != SLOT_STARTED)
        __atomic_add_fetch(&n_twice, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&n_failed, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&n_pending, 1, __ATOMIC_SEQ_CST);
    return 1;
}

static void start_many(void *argument)
{
    unsigned random = *(unsigned *)argument, choice;

    while ((int32_t)__atomic_sub_fetch(&n_left, 1, __ATOMIC_RELAXED) >= 0) {
        if (!start_one(&random) || next_random(&random) % 128 == 0)
            (void)cancel_operation(random_socket(&random), NULL);
        choice = next_random(&random);
        if (choice % 64 == 0)
            (void)cancel_operation(
                random_socket(&random),
                &slots[next_random(&random) % SLOTS].overlapped);
        if (choice % 256 == 1)
            place_pair(&random);
    }
}

static void end_slot(struct slot *slot, const struct packet *packet)
{
    const uint32_t status = STATUS_OF(&slot->overlapped);
    uint32_t state;

    if (status != packet->status || status == NT_PENDING)
        __atomic_add_fetch(&n_twice, 1, __ATOMIC_RELAXED);
    if (status == NT_CANCELLED || status == NT_CONNECTION_ABORTED)
        __atomic_add_fetch(&n_cancelled, 1, __ATOMIC_RELAXED);
    state = __atomic_exchange_n(&slot->state, SLOT_FREE, __ATOMIC_ACQ_REL);
    if (state != SLOT_STARTED)
        __atomic_add_fetch(&n_twice, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&n_ended, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&n_pending, 1, __ATOMIC_SEQ_CST);
}

static void collect(void *unused)
{
    struct packet packet;

    (void)unused;
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE))
        if (port_get(port, 100, &packet) && packet.overlapped != NULL)
            end_slot(packet.overlapped, &packet);
}

static void every_operation_ends_once(void)
{
    struct thread *starters[STARTERS], *collectors[COLLECTORS];
    unsigned seeds[STARTERS], random = 4711, i;
    const uint32_t n = n_operations();
    int64_t deadline;
    SOCKET s;

    port = port_create();
    n_left = n;
    for (i = 0; i < SOCKETS; i++)
        while (sockets[i] == 0)
            place_pair(&random);
    for (i = 0; i < COLLECTORS; i++)
        collectors[i] = thread_start(collect, NULL);
    for (i = 0; i < STARTERS; i++) {
        seeds[i] = i * 77 + 1;
        starters[i] = thread_start(start_many, &seeds[i]);
    }
    for (i = 0; i < STARTERS; i++)
        while (!thread_ended(starters[i], test_timeout(60000)))
            CHECK_THAT(0, "starter %u hangs", i);
    for (i = 0; i < STARTERS; i++)
        thread_join(starters[i]);
    for (i = 0; i < SOCKETS; i++) {
        s = __atomic_exchange_n(&sockets[i], 0, __ATOMIC_ACQ_REL);
        if (s)
            close_socket(s);
    }
    deadline = test_clock() + test_timeout(20000);
    while (__atomic_load_n(&n_pending, __ATOMIC_SEQ_CST) != 0 &&
           test_clock() < deadline)
        (void)wait_alertably(10);
    __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
    for (i = 0; i < COLLECTORS; i++)
        thread_join(collectors[i]);
    test_note("%u ended, %u of them cancelled; %u failed at once", n_ended,
              n_cancelled, n_failed);
    CHECK_EQ(n_pending, 0);
    CHECK_EQ(n_twice, 0);
    CHECK_THAT(n_ended > n / 4, "only %u of %u operations ended", n_ended, n);
    port_close(port);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(every_operation_ends_once,
                   "04 6: one packet for each operation", .seconds = 120),
    TEST_END
};
TEST_MAIN("overlapped_stress", cases, NULL)
