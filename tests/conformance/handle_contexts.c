/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of handle contexts (ws2emu/ws2help.h): what a library knows of a
 * handle, found by it in any thread.
 *
 * No page of Microsoft's is about them; the header says what holds here.
 */
#include "support/exports.h"
#include "support/memory.h"
#include "support/sockets.h"

#include <ws2emu/ws2help.h>

#include <stdlib.h>

#define FUNCTION(name) __typeof__(&name) name

static struct {
    FUNCTION(WahCreateHandleContextTable);
    FUNCTION(WahDestroyHandleContextTable);
    FUNCTION(WahInsertHandleContext);
    FUNCTION(WahReferenceContextByHandle);
    FUNCTION(WahRemoveHandleContext);
    FUNCTION(WahEnumerateHandleContexts);
} wah;

#define LOAD(name)                                                             \
    CHECK_THAT((wah.name = (__typeof__(&name))export_named(#name)) != NULL,    \
               "there is no %s", #name)

static void load(void)
{
    LOAD(WahCreateHandleContextTable);
    LOAD(WahDestroyHandleContextTable);
    LOAD(WahInsertHandleContext);
    LOAD(WahReferenceContextByHandle);
    LOAD(WahRemoveHandleContext);
    LOAD(WahEnumerateHandleContexts);
}

static PWAH_HANDLE_TABLE create(void)
{
    PWAH_HANDLE_TABLE table = NULL;
    load();
    CHECK_EQ(wah.WahCreateHandleContextTable(&table), 0);
    CHECK(table != NULL);
    return table;
}

static void destroy(PWAH_HANDLE_TABLE table)
{
    CHECK_EQ(wah.WahDestroyHandleContextTable(table), 0);
}

/* A context as owners have them: the struct, then what is the owner's. */
struct context {
    WSH_HANDLE base;
    int visits;
};

static HANDLE handle_of(size_t number)
{
    return (HANDLE)(ULONG_PTR)(4 * number);
}

static void put(PWAH_HANDLE_TABLE table, struct context *context, size_t number)
{
    *context = (struct context){ .base = { 1, handle_of(number) } };
    CHECK(wah.WahInsertHandleContext(table, &context->base) == &context->base);
}

static PWAH_HANDLE look(PWAH_HANDLE_TABLE table, size_t number)
{
    return wah.WahReferenceContextByHandle(table, handle_of(number));
}

/* --- Contexts ------------------------------------------------------------- */

static void contexts_are_found(void)
{
    PWAH_HANDLE_TABLE table = create();
    struct context a, b;
    put(table, &a, 1);
    put(table, &b, 2);
    CHECK_EQ(a.base.RefCount, 1); /* the table's is the owner's to count */
    CHECK(look(table, 1) == &a.base);
    CHECK_EQ(a.base.RefCount, 2);
    CHECK(look(table, 1) == &a.base);
    CHECK_EQ(a.base.RefCount, 3);
    CHECK(look(table, 2) == &b.base);
    CHECK_EQ(b.base.RefCount, 2);
    WSASetLastError(WSAEINVAL);
    CHECK(look(table, 3) == NULL);
    CHECK_EQ(WSAGetLastError(), 0);

    CHECK_EQ(wah.WahRemoveHandleContext(table, &a.base), 0);
    CHECK_EQ(a.base.RefCount, 3);
    CHECK(look(table, 1) == NULL);
    CHECK(look(table, 2) == &b.base);
    CHECK_EQ(wah.WahRemoveHandleContext(table, &a.base), WSA_INVALID_PARAMETER);
    destroy(table);
    CHECK_EQ(b.base.RefCount, 3);
}

static void one_takes_the_place_of_another(void)
{
    PWAH_HANDLE_TABLE table = create();
    struct context first, second = { .base = { 1, handle_of(5) } };
    put(table, &first, 5);
    CHECK(wah.WahInsertHandleContext(table, &second.base) == &first.base);
    CHECK_EQ(first.base.RefCount, 1);
    CHECK(look(table, 5) == &second.base);
    /* The first one is not in it any more, whatever its handle. */
    CHECK_EQ(wah.WahRemoveHandleContext(table, &first.base),
             WSA_INVALID_PARAMETER);
    CHECK(look(table, 5) == &second.base);
    /* Once more the same one. */
    CHECK(wah.WahInsertHandleContext(table, &second.base) == &second.base);
    CHECK_EQ(wah.WahRemoveHandleContext(table, &second.base), 0);
    CHECK(look(table, 5) == NULL);
    destroy(table);
}

/* Any handle is one, also those that are none. */
static void special_handles(void)
{
    static const ULONG_PTR handles[] = { 0, 1, 2, 3, 4, 0x40000000,
                                         (ULONG_PTR)-1, (ULONG_PTR)-2,
                                         (ULONG_PTR)INT64_MIN };
    enum { N = sizeof(handles) / sizeof(*handles) };
    PWAH_HANDLE_TABLE table = create();
    struct context contexts[N];
    for (int i = 0; i < N; i++) {
        contexts[i] = (struct context){ .base = { 1, (HANDLE)handles[i] } };
        CHECK(wah.WahInsertHandleContext(table, &contexts[i].base) ==
              &contexts[i].base);
    }
    for (int i = 0; i < N; i++)
        CHECK(wah.WahReferenceContextByHandle(table, (HANDLE)handles[i]) ==
              &contexts[i].base);
    for (int i = 0; i < N; i++) {
        CHECK_EQ(wah.WahRemoveHandleContext(table, &contexts[i].base), 0);
        for (int j = 0; j < N; j++)
            CHECK((wah.WahReferenceContextByHandle(
                       table, (HANDLE)handles[j]) == NULL) == (j <= i));
    }
    destroy(table);
}

/* Put in and taken out in another order, against a plain list. */
static void many_contexts(void)
{
    enum { N = 5000, STEPS = 40000 };
    PWAH_HANDLE_TABLE table = create();
    struct context *contexts = calloc(N, sizeof(*contexts));
    char *is_in = calloc(N, 1);
    uint32_t random = 4711;
    CHECK(contexts && is_in);
    for (int step = 0; step < STEPS; step++) {
        random = random * 1664525u + 1013904223u;
        size_t i = (random >> 8) % N;
        if (is_in[i])
            CHECK_EQ(wah.WahRemoveHandleContext(table, &contexts[i].base), 0);
        else
            put(table, &contexts[i], i);
        is_in[i] = !is_in[i];
    }
    for (size_t i = 0; i < N; i++)
        CHECK(look(table, i) == (is_in[i] ? &contexts[i].base : NULL));
    destroy(table);
    free(contexts);
    free(is_in);
}

static void tables_are_apart(void)
{
    PWAH_HANDLE_TABLE a = create(), b = create();
    struct context of_a, of_b;
    CHECK(a != b);
    put(a, &of_a, 1);
    CHECK(look(b, 1) == NULL);
    put(b, &of_b, 1);
    CHECK(look(a, 1) == &of_a.base);
    CHECK(look(b, 1) == &of_b.base);
    destroy(a);
    CHECK(look(b, 1) == &of_b.base);
    destroy(b);
}

/* --- All of them ---------------------------------------------------------- */

struct visitor {
    PWAH_HANDLE_TABLE table;
    int n, stop_at;
    struct context *replacement;
};

static BOOL WINAPI count_visit(PVOID argument, PWAH_HANDLE context)
{
    struct visitor *visitor = argument;
    ((struct context *)context)->visits++;
    return ++visitor->n != visitor->stop_at;
}

static BOOL WINAPI remove_it(PVOID argument, PWAH_HANDLE context)
{
    struct visitor *visitor = argument;
    CHECK_EQ(wah.WahRemoveHandleContext(visitor->table, context), 0);
    visitor->n++;
    return TRUE;
}

/* Its neighbours, too, and others come in. */
static BOOL WINAPI change_all(PVOID argument, PWAH_HANDLE context)
{
    struct visitor *visitor = argument;
    size_t number = (size_t)(ULONG_PTR)context->Handle / 4;
    PWAH_HANDLE next = look(visitor->table, number + 1);
    if (next) wah.WahRemoveHandleContext(visitor->table, next);
    put(visitor->table, &visitor->replacement[number], 1000 + number);
    visitor->n++;
    return visitor->n < 1000;
}

static BOOL WINAPI destroy_it(PVOID argument, PWAH_HANDLE context)
{
    struct visitor *visitor = argument;
    (void)context;
    CHECK_EQ(wah.WahDestroyHandleContextTable(visitor->table), 0);
    visitor->n++;
    return TRUE;
}

static void all_are_visited(void)
{
    enum { N = 100 };
    static struct context contexts[N];
    PWAH_HANDLE_TABLE table = create();
    struct visitor visitor = { .table = table };
    CHECK(wah.WahEnumerateHandleContexts(table, count_visit, &visitor));
    CHECK_EQ(visitor.n, 0);
    for (size_t i = 0; i < N; i++) put(table, &contexts[i], i);
    CHECK(wah.WahEnumerateHandleContexts(table, count_visit, &visitor));
    CHECK_EQ(visitor.n, N);
    for (size_t i = 0; i < N; i++) {
        CHECK_EQ(contexts[i].visits, 1);
        CHECK_EQ(contexts[i].base.RefCount, 1);
    }
    /* Until one says no. */
    visitor = (struct visitor){ .table = table, .stop_at = 7 };
    CHECK(!wah.WahEnumerateHandleContexts(table, count_visit, &visitor));
    CHECK_EQ(visitor.n, 7);
    destroy(table);
}

static void the_table_changes_under_a_visit(void)
{
    enum { N = 100 };
    static struct context contexts[N + 1], others[N + 1];
    PWAH_HANDLE_TABLE table = create();
    struct visitor visitor = { .table = table, .replacement = others };
    for (size_t i = 0; i < N; i++) put(table, &contexts[i], i);
    CHECK(wah.WahEnumerateHandleContexts(table, change_all, &visitor));
    CHECK(visitor.n >= N / 2 && visitor.n <= N);

    visitor.n = 0;
    CHECK(wah.WahEnumerateHandleContexts(table, remove_it, &visitor));
    CHECK(visitor.n >= N / 2);
    int removed = visitor.n;
    visitor.n = 0;
    CHECK(wah.WahEnumerateHandleContexts(table, remove_it, &visitor));
    CHECK_EQ(visitor.n, 0);
    CHECK(removed > 0);

    for (size_t i = 0; i < N; i++) put(table, &contexts[i], i);
    CHECK(wah.WahEnumerateHandleContexts(table, destroy_it, &visitor));
    CHECK_EQ(visitor.n, 1);
    CHECK_EQ(wah.WahDestroyHandleContextTable(table), WSA_INVALID_PARAMETER);
}

/* --- Threads -------------------------------------------------------------- */

/* Each thread makes contexts, finds those of all, and takes its own out again;
   who takes the last reference away frees it. */
enum { THREADS = 4, HANDLES = 16, ROUNDS = 3000 };

static PWAH_HANDLE_TABLE shared;
static int made, freed, seen; /* atomic */

static void release(PWAH_HANDLE context)
{
    if (__atomic_sub_fetch(&context->RefCount, 1, __ATOMIC_ACQ_REL) > 0) return;
    __atomic_add_fetch(&freed, 1, __ATOMIC_RELAXED);
    free(context);
}

static void work(void *argument)
{
    uint32_t random = (uint32_t)(ULONG_PTR)argument * 7919u + 1;
    for (int round = 0; round < ROUNDS; round++) {
        random = random * 1664525u + 1013904223u;
        size_t number = (random >> 8) % HANDLES;
        struct context *context = calloc(1, sizeof(*context));
        CHECK(context != NULL);
        /* One is the table's, one is ours. */
        context->base = (WSH_HANDLE){ 2, handle_of(number) };
        __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
        PWAH_HANDLE before = wah.WahInsertHandleContext(shared, &context->base);
        CHECK(before != NULL);
        if (before != &context->base) release(before);

        PWAH_HANDLE found = look(shared, (random >> 16) % HANDLES);
        if (found) {
            CHECK(__atomic_load_n(&found->RefCount, __ATOMIC_RELAXED) > 0);
            __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
            release(found);
        }
        /* Unless another one has taken its place. */
        if (wah.WahRemoveHandleContext(shared, &context->base) == 0)
            release(&context->base);
        release(&context->base);
    }
}

static BOOL WINAPI release_it(PVOID argument, PWAH_HANDLE context)
{
    (void)argument;
    CHECK_EQ(wah.WahRemoveHandleContext(shared, context), 0);
    release(context);
    return TRUE;
}

static int stop; /* atomic */

static BOOL WINAPI look_at(PVOID argument, PWAH_HANDLE context)
{
    (void)argument;
    return __atomic_load_n(&context->RefCount, __ATOMIC_RELAXED) > 0;
}

static void visit_all_the_time(void *argument)
{
    (void)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
        CHECK(wah.WahEnumerateHandleContexts(shared, look_at, NULL));
}

static void several_threads(void)
{
    struct thread *threads[THREADS], *visitor;
    shared = create();
    visitor = thread_start(visit_all_the_time, NULL);
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(work, (void *)(ULONG_PTR)(i + 1));
    for (int i = 0; i < THREADS; i++) thread_join(threads[i]);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    thread_join(visitor);
    CHECK(wah.WahEnumerateHandleContexts(shared, release_it, NULL));
    destroy(shared);
    CHECK_EQ(made, THREADS * ROUNDS);
    CHECK_EQ(freed, made);
    CHECK(seen > 0);
}

/* Tables come and go while others are used; a call that comes too late is
   refused. */
static void make_and_end(void *argument)
{
    (void)argument;
    for (int i = 0; i < 300; i++) {
        PWAH_HANDLE_TABLE table = NULL;
        struct context context = { .base = { 1, handle_of(1) } };
        CHECK_EQ(wah.WahCreateHandleContextTable(&table), 0);
        CHECK(wah.WahInsertHandleContext(table, &context.base) ==
              &context.base);
        __atomic_store_n(&shared, table, __ATOMIC_RELEASE);
        CHECK_EQ(wah.WahRemoveHandleContext(table, &context.base), 0);
        CHECK_EQ(wah.WahDestroyHandleContextTable(table), 0);
        CHECK_EQ(wah.WahDestroyHandleContextTable(table),
                 WSA_INVALID_PARAMETER);
    }
}

static void look_for_nothing(void *argument)
{
    (void)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        PWAH_HANDLE_TABLE table =
            __atomic_load_n(&shared, __ATOMIC_ACQUIRE);
        CHECK(look(table, 2) == NULL);
    }
}

static void tables_end_beside_calls(void)
{
    struct thread *makers[2], *looker;
    load();
    looker = thread_start(look_for_nothing, NULL);
    for (int i = 0; i < 2; i++) makers[i] = thread_start(make_and_end, NULL);
    for (int i = 0; i < 2; i++) thread_join(makers[i]);
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    thread_join(looker);
}

/* A child of fork() has the tables as they were. */
static struct context inherited;

static void in_the_child(struct peer *parent, void *argument)
{
    (void)parent;
    struct context own;
    CHECK(look(argument, 1) == &inherited.base);
    put(argument, &own, 2);
    CHECK_EQ(wah.WahRemoveHandleContext(argument, &own.base), 0);
    destroy(argument);
    destroy(create());
}

static void children_of_fork(void)
{
    PWAH_HANDLE_TABLE table = create();
    put(table, &inherited, 1);
    CHECK_EQ(peer_wait(peer_fork(in_the_child, table)), 0);
    CHECK_EQ(inherited.base.RefCount, 1);
    CHECK(look(table, 1) == &inherited.base);
    CHECK(look(table, 2) == NULL);
    destroy(table);
}

/* --- Bad input ------------------------------------------------------------ */

static void expect_no_table(PWAH_HANDLE_TABLE table)
{
    struct context context = { .base = { 1, handle_of(1) } };
    struct visitor visitor = { .n = 0 };
    EXPECT_EQ(wah.WahDestroyHandleContextTable(table), WSA_INVALID_PARAMETER);
    WSASetLastError(0);
    EXPECT(wah.WahInsertHandleContext(table, &context.base) == NULL);
    EXPECT_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    WSASetLastError(0);
    EXPECT(look(table, 1) == NULL);
    EXPECT_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    EXPECT_EQ(wah.WahRemoveHandleContext(table, &context.base),
              WSA_INVALID_PARAMETER);
    WSASetLastError(0);
    EXPECT(!wah.WahEnumerateHandleContexts(table, count_visit, &visitor));
    EXPECT_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    EXPECT_EQ(visitor.n, 0);
    EXPECT_EQ(context.base.RefCount, 1);
}

static void bad_tables(void)
{
    PWAH_HANDLE_TABLE table = create(), gone = create();
    destroy(gone);
    expect_no_table(NULL);
    expect_no_table(gone);
    expect_no_table((PWAH_HANDLE_TABLE)16);
    expect_no_table((PWAH_HANDLE_TABLE)-1);
    expect_no_table((PWAH_HANDLE_TABLE)&table);
    expect_no_table((PWAH_HANDLE_TABLE)((char *)table + 1));
    expect_no_table((PWAH_HANDLE_TABLE)((char *)table + 4));
    destroy(table);
    expect_no_table(table);
    /* Nor does it become another one. */
    PWAH_HANDLE_TABLE next = create(), other = create();
    CHECK(next != table && next != gone && other != table && other != gone);
    expect_no_table(table);
    expect_no_table(gone);
    destroy(next);
    destroy(other);
    CHECK_EQ(wah.WahCreateHandleContextTable(NULL), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahCreateHandleContextTable((PWAH_HANDLE_TABLE *)16),
             WSAEFAULT);
    void *read_only = memory_new(MEMORY_READ_ONLY, 1);
    CHECK(read_only != NULL);
    CHECK_EQ(wah.WahCreateHandleContextTable(read_only), WSAEFAULT);
    memory_delete(read_only, 1);
}

static void bad_contexts(void)
{
    PWAH_HANDLE_TABLE table = create();
    PWAH_HANDLE unreadable = memory_new(MEMORY_UNREADABLE, 1);
    struct context context = { .base = { 1, handle_of(1) } };
    CHECK(unreadable != NULL);
    WSASetLastError(0);
    CHECK(wah.WahInsertHandleContext(table, NULL) == NULL);
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    CHECK(wah.WahInsertHandleContext(table, (PWAH_HANDLE)16) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK(wah.WahInsertHandleContext(table, unreadable) == NULL);
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    CHECK_EQ(wah.WahRemoveHandleContext(table, NULL), WSA_INVALID_PARAMETER);
    CHECK_EQ(wah.WahRemoveHandleContext(table, (PWAH_HANDLE)16), WSAEFAULT);
    CHECK_EQ(wah.WahRemoveHandleContext(table, unreadable), WSAEFAULT);
    CHECK_EQ(wah.WahRemoveHandleContext(table, &context.base),
             WSA_INVALID_PARAMETER);
    WSASetLastError(0);
    CHECK(!wah.WahEnumerateHandleContexts(table, NULL, NULL));
    CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    CHECK(!wah.WahEnumerateHandleContexts(
        table, (PWAH_HANDLE_ENUMERATE_PROC)(ULONG_PTR)16, NULL));
    CHECK_EQ(WSAGetLastError(), WSAEFAULT);
    memory_delete(unreadable, 1);
    destroy(table);
}

/* As many as there are, and again. */
static void too_many_tables(void)
{
    enum { ROOM = 4096 };
    static PWAH_HANDLE_TABLE tables[ROOM];
    int n = 0;
    DWORD error = 0;
    load();
    for (; n < ROOM && !error; n++)
        error = wah.WahCreateHandleContextTable(&tables[n]);
    CHECK_EQ(error, WSA_NOT_ENOUGH_MEMORY);
    CHECK(--n >= 1000);
    CHECK(tables[n] == NULL);
    destroy(tables[0]);
    CHECK_EQ(wah.WahCreateHandleContextTable(&tables[0]), 0);
    while (n > 0) destroy(tables[--n]);
}

static void without_startup(void)
{
    PWAH_HANDLE_TABLE table = create();
    WSADATA data;
    struct context context;
    put(table, &context, 1);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK(look(table, 1) == &context.base);
    CHECK_OK(WSACleanup());
    CHECK(look(table, 1) == &context.base);
    destroy(table);
}

static const struct test_case cases[] = {
    TEST_CASE(contexts_are_found, "a context is found by its handle"),
    TEST_CASE(one_takes_the_place_of_another, "the one before is returned"),
    TEST_CASE(special_handles, "any value is a handle"),
    TEST_CASE(many_contexts, "a table grows"),
    TEST_CASE(tables_are_apart, "each library has its table"),
    TEST_CASE(all_are_visited, "WahEnumerateHandleContexts"),
    TEST_CASE(the_table_changes_under_a_visit, "a visit may change the table"),
    TEST_CASE_WITH(several_threads, "any thread at any time",
                   .waiting_threads = THREADS + 1),
    TEST_CASE_WITH(tables_end_beside_calls, "any thread at any time",
                   .waiting_threads = 3),
    TEST_CASE_WITH(children_of_fork, "fork", .flags = TEST_NATIVE_ONLY),
    TEST_CASE(bad_tables, "WSA_INVALID_PARAMETER, WSAEFAULT"),
    TEST_CASE(bad_contexts, "WSA_INVALID_PARAMETER, WSAEFAULT"),
    TEST_CASE(too_many_tables, "WSA_NOT_ENOUGH_MEMORY"),
    TEST_CASE_WITH(without_startup, "no WSAStartup is needed",
                   .flags = TEST_BARE),
    TEST_END
};

TEST_MAIN("handle_contexts", cases, NULL)
