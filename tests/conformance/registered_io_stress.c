/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests of Registered I/O by the thousand, deferred and not, on connections
 * that are closed under them: each request that was taken ends exactly once,
 * and no completion queue runs over.  One queue is told of by an event, the
 * other by a port.  Meant for the builds with sanitizers as well.
 */
#include "support/ports.h"
#include "support/registered.h"

enum {
    PAIRS = 40,
    OUTSTANDING = 8, /* of a request queue, in each direction */
    STARTERS = 3,
    OPERATIONS = 400000, /* fewer when time is dearer: see n_operations */
    SLOTS = 4096,
    LARGE = 32768,
    QUEUES = 2,
    QUEUE_SIZE = 2 * PAIRS * OUTSTANDING, /* for two generations of ends */
};

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_STARTED };

struct slot {
    uint32_t state; /* enum slot_state, atomic */
    char data[32];
};

/* Request queues are for one thread at a time, which has set is_used. */
struct pair {
    uint32_t is_used; /* atomic */
    SOCKET ends[2];   /* 0: none */
    RIO_RQ queues[2];
};

struct collector {
    RIO_CQ queue;
    WSAEVENT event; /* or */
    uint64_t port;
};

static struct slot slots[SLOTS];
static char large[LARGE];
static struct pair pairs[PAIRS];
static struct collector collectors[QUEUES];
static RIO_BUFFERID slot_buffer, large_buffer;

/* All atomic. */
static uint32_t n_left, n_pending, n_ended, n_aborted, n_refused, n_wrong;
static uint32_t is_over;

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static uint32_t n_operations(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return OPERATIONS / 10;
#else
    return OPERATIONS / (uint32_t)(test_timeout(1000) / 1000);
#endif
}

static void add(uint32_t *counter, uint32_t n)
{
    __atomic_add_fetch(counter, n, __ATOMIC_SEQ_CST);
}

/* --- Connections ---------------------------------------------------------- */

static void pair_close(struct pair *pair)
{
    int i;

    for (i = 0; i < 2; i++)
        if (pair->ends[i] != 0)
            close_socket(pair->ends[i]);
    pair->ends[0] = pair->ends[1] = 0;
}

/* Without a request queue where the results of the last one are not taken
   yet. */
static void pair_open(struct pair *pair)
{
    int i;

    rio_pair(&pair->ends[0], &pair->ends[1]);
    for (i = 0; i < 2; i++) {
        pair->queues[i] = rio.RIOCreateRequestQueue(
            pair->ends[i], OUTSTANDING / 2, 1, OUTSTANDING / 2, 1,
            collectors[0].queue, collectors[1].queue, pair);
        if (pair->queues[i] == RIO_INVALID_RQ)
            CHECK_EQ(WSAGetLastError(), WSAENOBUFS);
    }
}

/* --- Requests ------------------------------------------------------------- */

static struct slot *take_slot(unsigned *random)
{
    unsigned first = next_random(random), i;

    for (i = 0; i < 64; i++) {
        struct slot *slot = &slots[(first + i) % SLOTS];
        uint32_t expected = SLOT_FREE;

        if (__atomic_compare_exchange_n(&slot->state, &expected, SLOT_TAKEN, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return slot;
    }
    return NULL;
}

static BOOL start(struct slot *slot, RIO_RQ queue, unsigned choice)
{
    RIO_BUF slice = {slot_buffer, (ULONG)(slot->data - (char *)slots),
                     sizeof(slot->data)};
    DWORD flags = (choice & 16 ? RIO_MSG_DEFER : 0) |
                  (choice & 32 ? RIO_MSG_DONT_NOTIFY : 0);

    if (choice % 2)
        return rio.RIOReceive(queue, &slice, 1,
                              flags | (choice & 64 ? RIO_MSG_WAITALL : 0),
                              slot);
    if (choice % 16 == 0)
        slice = (RIO_BUF){large_buffer, 0, LARGE};
    return rio.RIOSend(queue, &slice, 1, flags, slot);
}

static void start_one(RIO_RQ queue, unsigned *random)
{
    struct slot *slot = queue != RIO_INVALID_RQ ? take_slot(random) : NULL;

    if (slot == NULL)
        return;
    add(&n_pending, 1);
    __atomic_store_n(&slot->state, SLOT_STARTED, __ATOMIC_RELEASE);
    if (start(slot, queue, next_random(random)))
        return;
    if (WSAGetLastError() != WSAENOBUFS ||
        __atomic_exchange_n(&slot->state, SLOT_FREE, __ATOMIC_ACQ_REL) !=
            SLOT_STARTED)
        add(&n_wrong, 1);
    add(&n_refused, 1);
    add(&n_pending, (uint32_t)-1);
}

static void use_pair(struct pair *pair, unsigned *random)
{
    unsigned end = next_random(random) % 2, i;

    if (pair->ends[0] == 0)
        pair_open(pair);
    for (i = 0; i < 8; i++)
        start_one(pair->queues[end], random);
    if (next_random(random) % 4 == 0 && pair->queues[end] != RIO_INVALID_RQ) {
        CHECK(rio.RIOSend(pair->queues[end], NULL, 0, RIO_MSG_COMMIT_ONLY,
                          NULL));
        CHECK(rio.RIOReceive(pair->queues[end], NULL, 0, RIO_MSG_COMMIT_ONLY,
                             NULL));
    }
    if (next_random(random) % 16 == 0)
        pair_close(pair);
}

static void start_many(void *argument)
{
    unsigned random = *(unsigned *)argument;

    while ((int32_t)__atomic_sub_fetch(&n_left, 8, __ATOMIC_RELAXED) >= 0) {
        struct pair *pair = &pairs[next_random(&random) % PAIRS];

        if (__atomic_exchange_n(&pair->is_used, 1, __ATOMIC_ACQUIRE))
            continue;
        use_pair(pair, &random);
        __atomic_store_n(&pair->is_used, 0, __ATOMIC_RELEASE);
    }
}

/* --- Results -------------------------------------------------------------- */

static void end_slot(const RIORESULT *result)
{
    struct slot *slot = (struct slot *)(uintptr_t)result->RequestContext;

    if (result->Status == WSA_OPERATION_ABORTED)
        add(&n_aborted, 1);
    if (__atomic_exchange_n(&slot->state, SLOT_FREE, __ATOMIC_ACQ_REL) !=
        SLOT_STARTED)
        add(&n_wrong, 1);
    add(&n_ended, 1);
    add(&n_pending, (uint32_t)-1);
}

/* Quiet requests are found when something else wakes the collector, or in the
   end by its patience. */
static void collect(void *argument)
{
    struct collector *collector = argument;
    RIORESULT results[16];
    struct packet packet;
    ULONG n, i;
    int error;

    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
        error = rio.RIONotify(collector->queue);
        if (error && error != WSAEALREADY)
            add(&n_wrong, 1);
        if (collector->port != 0)
            (void)port_get(collector->port, 20, &packet);
        else
            (void)event_is_signalled(collector->event, 20);
        while ((n = rio.RIODequeueCompletion(collector->queue, results, 16)) >
               0) {
            if (n > 16) {
                add(&n_wrong, 1);
                return;
            }
            for (i = 0; i < n; i++)
                end_slot(&results[i]);
        }
    }
}

static void open_collectors(void)
{
    RIO_NOTIFICATION_COMPLETION told = {.Type = RIO_EVENT_COMPLETION};
    static WSAOVERLAPPED overlapped;
    int i;

    collectors[0].event = event_create();
    told.Event.EventHandle = collectors[0].event;
    told.Event.NotifyReset = TRUE;
    collectors[0].queue = rio.RIOCreateCompletionQueue(QUEUE_SIZE, &told);
    collectors[1].port = port_create();
    told = (RIO_NOTIFICATION_COMPLETION){.Type = RIO_IOCP_COMPLETION};
    told.Iocp.IocpHandle = (HANDLE)(uintptr_t)collectors[1].port;
    told.Iocp.Overlapped = &overlapped;
    collectors[1].queue = rio.RIOCreateCompletionQueue(QUEUE_SIZE, &told);
    for (i = 0; i < QUEUES; i++)
        CHECK(collectors[i].queue != RIO_INVALID_CQ);
    slot_buffer = rio.RIORegisterBuffer((char *)slots, sizeof(slots));
    large_buffer = rio.RIORegisterBuffer(large, sizeof(large));
}

static void close_collectors(void)
{
    int i;

    for (i = 0; i < QUEUES; i++) {
        /* No request queue has entries any more. */
        CHECK(rio.RIOResizeCompletionQueue(collectors[i].queue, 1));
        rio.RIOCloseCompletionQueue(collectors[i].queue);
    }
    CHECK(WSACloseEvent(collectors[0].event));
    port_close(collectors[1].port);
    rio.RIODeregisterBuffer(slot_buffer);
    rio.RIODeregisterBuffer(large_buffer);
}

static void every_request_ends_once(void)
{
    struct thread *starters[STARTERS], *takers[QUEUES];
    const uint32_t n = n_operations();
    unsigned seeds[STARTERS], i;
    int64_t deadline;

    rio_load();
    open_collectors();
    n_left = n;
    for (i = 0; i < QUEUES; i++)
        takers[i] = thread_start(collect, &collectors[i]);
    for (i = 0; i < STARTERS; i++) {
        seeds[i] = i * 77 + 1;
        starters[i] = thread_start(start_many, &seeds[i]);
    }
    for (i = 0; i < STARTERS; i++)
        while (!thread_ended(starters[i], test_timeout(60000)))
            CHECK_THAT(0, "starter %u hangs", i);
    for (i = 0; i < STARTERS; i++)
        thread_join(starters[i]);
    for (i = 0; i < PAIRS; i++)
        pair_close(&pairs[i]);
    deadline = test_clock() + test_timeout(20000);
    while (__atomic_load_n(&n_pending, __ATOMIC_SEQ_CST) != 0 &&
           test_clock() < deadline)
        (void)event_is_signalled(collectors[0].event, 10);
    __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
    for (i = 0; i < QUEUES; i++)
        thread_join(takers[i]);
    test_note("%u ended, %u of them aborted; %u refused", n_ended, n_aborted,
              n_refused);
    CHECK_EQ(n_pending, 0);
    CHECK_EQ(n_wrong, 0);
    CHECK_THAT(n_ended > n / 8 && n_aborted > 0, "only %u of %u requests ended",
               n_ended, n);
    close_collectors();
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(every_request_ends_once,
                   "RIOSend, RIOReceive: one result for each request",
                   .seconds = 120, .waiting_threads = 5),
    TEST_END
};
TEST_MAIN("registered_io_stress", cases, NULL)
