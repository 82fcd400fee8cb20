/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GetAddrInfoExW overlapped: by event, by completion routine, cancelled, with
 * a time limit, many at once.  All of what is asked here is answered without a
 * network.
 *
 * The statements are those of Microsoft's pages on GetAddrInfoExW,
 * GetAddrInfoExCancel, GetAddrInfoExOverlappedResult and WSACleanup.
 */
#include "support/sockets.h"

#include <stdlib.h>

/* Wine's headers lack it. */
int WINAPI GetAddrInfoExOverlappedResult(OVERLAPPED *overlapped);
int WINAPI GetAddrInfoExCancel(HANDLE *handle);

#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

enum { WAIT_MS = 10000 };

/* A question under way. */
struct question {
    OVERLAPPED overlapped; /* first: the routine finds the rest by it */
    ADDRINFOEXW *list;
    HANDLE handle;
    int n_calls;
    DWORD error, bytes;
    WSAEVENT called, gate, left; /* of the routine, or NULL */
};

/* Asks for a literal address or a name, and expects it to be under way. */
static void begin(struct question *q, const char *node,
                  LPLOOKUPSERVICE_COMPLETION_ROUTINE routine)
{
    WCHAR wide[WIDE_TEXT];

    q->list = (ADDRINFOEXW *)q;
    WSASetLastError(0);
    CHECK_EQ(GetAddrInfoExW(widen(node, wide), NULL, NS_DNS, NULL, NULL,
                            &q->list, NULL, &q->overlapped, routine,
                            &q->handle),
             WSA_IO_PENDING);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

static struct in_addr first_address(const ADDRINFOEXW *list)
{
    CHECK(list != NULL);
    CHECK_EQ(list->ai_family, AF_INET);
    CHECK_EQ(list->ai_addrlen, sizeof(struct sockaddr_in));
    return ((struct sockaddr_in *)list->ai_addr)->sin_addr;
}

static void WINAPI routine_called(DWORD error, DWORD bytes,
                                  OVERLAPPED *overlapped)
{
    struct question *q = (struct question *)overlapped;
    WSAEVENT called = q->called, gate = q->gate, left = q->left;

    q->error = error;
    q->bytes = bytes;
    __atomic_add_fetch(&q->n_calls, 1, __ATOMIC_SEQ_CST);
    /* The question may be gone from here on, unless it has a gate. */
    if (called)
        WSASetEvent(called);
    if (gate)
        event_wait(gate);
    if (left)
        WSASetEvent(left);
}

/* --- By event ------------------------------------------------------------- */

static void an_event_is_signalled(void)
{
    struct question q = {.overlapped = {.Internal = 0xdeadbeef}};
    WSAEVENT event = event_create();

    q.overlapped.hEvent = event;
    begin(&q, "127.0.0.1", NULL);
    event_wait(event);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), 0);
    CHECK_EQ(q.overlapped.Internal, 0);
    CHECK(q.overlapped.hEvent == event);
    CHECK(q.overlapped.Pointer == &q.list);
    CHECK_EQ(first_address(q.list).s_addr, htonl(INADDR_LOOPBACK));
    CHECK(q.list->ai_blob == NULL && q.list->ai_provider == NULL);
    FreeAddrInfoExW(q.list);
    WSACloseEvent(event);
}

static void a_failure_is_told(void)
{
    struct question q = {.n_calls = 0};

    q.overlapped.hEvent = event_create();
    begin(&q, "no-such-host.invalid", NULL);
    event_wait(q.overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), WSAHOST_NOT_FOUND);
    CHECK(q.list == NULL);
    WSACloseEvent(q.overlapped.hEvent);
}

static void nothing_fails_at_once(void)
{
    struct question q = {.list = (ADDRINFOEXW *)&q};

    q.overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(NULL, NULL, NS_DNS, NULL, NULL, &q.list, NULL,
                            &q.overlapped, NULL, NULL),
             WSAHOST_NOT_FOUND);
    CHECK(q.list == NULL);
    CHECK(!event_is_signalled(q.overlapped.hEvent, TEST_QUIET_MS));
    WSACloseEvent(q.overlapped.hEvent);
}

static void many_at_once(void)
{
    enum { N = 100 };
    static struct question questions[N];
    WCHAR wide[WIDE_TEXT];
    int i;

    for (i = 0; i < N; i++) {
        char node[] = "10.0.0.00";

        node[7] = (char)('0' + i / 10);
        node[8] = (char)('0' + i % 10);
        if (i < 10)
            memmove(&node[7], &node[8], 2);
        questions[i].overlapped.hEvent = event_create();
        CHECK_EQ(GetAddrInfoExW(widen(node, wide), NULL, NS_ALL, NULL, NULL,
                                &questions[i].list, NULL,
                                &questions[i].overlapped, NULL, NULL),
                 WSA_IO_PENDING);
        /* The name is the caller's again. */
        memset(wide, 0xff, sizeof(wide));
    }
    for (i = 0; i < N; i++) {
        event_wait(questions[i].overlapped.hEvent);
        CHECK_EQ(GetAddrInfoExOverlappedResult(&questions[i].overlapped), 0);
        CHECK_EQ(first_address(questions[i].list).s_addr,
                 htonl(0x0a000000 + (unsigned)i));
        FreeAddrInfoExW(questions[i].list);
        WSACloseEvent(questions[i].overlapped.hEvent);
    }
}

/* --- By completion routine ------------------------------------------------ */

static void a_routine_is_called(void)
{
    struct question q = {.called = event_create()};
    struct question failing = {.called = event_create()};

    begin(&q, "127.0.0.1", routine_called);
    event_wait(q.called);
    CHECK_EQ(q.n_calls, 1);
    CHECK_EQ(q.error, 0);
    CHECK_EQ(q.bytes, 0);
    CHECK_EQ(q.overlapped.Internal, 0);
    CHECK_EQ(first_address(q.list).s_addr, htonl(INADDR_LOOPBACK));
    FreeAddrInfoExW(q.list);

    begin(&failing, "no-such-host.invalid", routine_called);
    event_wait(failing.called);
    CHECK_EQ(failing.n_calls, 1);
    CHECK_EQ(failing.error, WSAHOST_NOT_FOUND);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&failing.overlapped),
             WSAHOST_NOT_FOUND);
    CHECK(failing.list == NULL);
    WSACloseEvent(q.called);
    WSACloseEvent(failing.called);
}

static void event_and_routine_exclude_each_other(void)
{
    struct question q = {.list = (ADDRINFOEXW *)&q};
    WCHAR wide[WIDE_TEXT];

    q.overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &q.list, NULL, &q.overlapped, routine_called,
                            NULL),
             WSAEINVAL);
    CHECK(q.list == NULL);
    CHECK(!event_is_signalled(q.overlapped.hEvent, TEST_QUIET_MS));
    CHECK_EQ(q.n_calls, 0);
    WSACloseEvent(q.overlapped.hEvent);
}

/* A routine may ask again. */
static void WINAPI routine_asks(DWORD error, DWORD bytes,
                                OVERLAPPED *overlapped)
{
    struct question *q = (struct question *)overlapped;
    WCHAR wide[WIDE_TEXT];

    (void)bytes;
    EXPECT_EQ(error, 0);
    FreeAddrInfoExW(q->list);
    if (++q->n_calls == 10) {
        WSASetEvent(q->called);
        return;
    }
    EXPECT_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL,
                             NULL, &q->list, NULL, &q->overlapped,
                             routine_asks, NULL),
              WSA_IO_PENDING);
}

static void a_routine_may_ask_again(void)
{
    struct question q = {.called = event_create()};

    begin(&q, "127.0.0.1", routine_asks);
    event_wait(q.called);
    CHECK_EQ(q.n_calls, 10);
    WSACloseEvent(q.called);
}

/* --- Cancelling ----------------------------------------------------------- */

/* More questions than the library runs at a time, whose routines wait at the
   gate, so that what is asked afterwards waits, too. */
enum { N_BLOCKING = 64 };
static struct question blocking[N_BLOCKING];

static WSAEVENT block_all(void)
{
    WSAEVENT gate = event_create();
    int i;

    for (i = 0; i < N_BLOCKING; i++) {
        blocking[i] = (struct question){.left = event_create(),
                                        .gate = gate};
        begin(&blocking[i], "127.0.0.1", routine_called);
    }
    return gate;
}

/* Waits until all routines have returned. */
static void unblock_all(WSAEVENT gate)
{
    int i;

    WSASetEvent(gate);
    for (i = 0; i < N_BLOCKING; i++) {
        event_wait(blocking[i].left);
        EXPECT_EQ(blocking[i].n_calls, 1);
        EXPECT_EQ(blocking[i].error, 0);
        FreeAddrInfoExW(blocking[i].list);
        WSACloseEvent(blocking[i].left);
    }
    WSACloseEvent(gate);
}

static void cancelling_signals_the_event(void)
{
    struct question q = {.n_calls = 0};
    WSAEVENT gate = block_all();
    HANDLE again;

    q.overlapped.hEvent = event_create();
    begin(&q, "127.0.0.1", NULL);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), WSAEINPROGRESS);
    CHECK(q.list == NULL);
    again = q.handle;
    CHECK(again != NULL);
    CHECK_EQ(GetAddrInfoExCancel(&q.handle), 0);
    event_wait(q.overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), WSA_E_CANCELLED);
    CHECK(q.list == NULL);
    CHECK_EQ(GetAddrInfoExCancel(&again), WSA_INVALID_HANDLE);
    unblock_all(gate);
    WSACloseEvent(q.overlapped.hEvent);
}

static void cancelling_calls_the_routine(void)
{
    struct question q = {.called = event_create()};
    WSAEVENT gate = block_all();

    begin(&q, "127.0.0.1", routine_called);
    CHECK_EQ(GetAddrInfoExCancel(&q.handle), 0);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), WSA_E_CANCELLED);
    unblock_all(gate);
    event_wait(q.called);
    CHECK_EQ(q.n_calls, 1);
    CHECK_EQ(q.error, WSA_E_CANCELLED);
    CHECK(q.list == NULL);
    WSACloseEvent(q.called);
}

static void cancelling_races_with_the_end(void)
{
    enum { N = 300 };
    static struct question questions[N];
    int i, cancelled;

    for (i = 0; i < N; i++) {
        struct question *q = &questions[i];

        q->called = event_create();
        begin(q, "127.0.0.1", routine_called);
        cancelled = !GetAddrInfoExCancel(&q->handle);
        event_wait(q->called);
        EXPECT_EQ(q->error, cancelled ? WSA_E_CANCELLED : 0);
        EXPECT_EQ(!q->list, cancelled);
        FreeAddrInfoExW(q->list);
        WSACloseEvent(q->called);
    }
    for (i = 0; i < N; i++)
        EXPECT_EQ(questions[i].n_calls, 1);
}

static void handles_that_are_none(void)
{
    static const ULONG_PTR values[] = {0, 1, 3, 0x7ffffff0, 0x123456789a};
    struct question q = {.called = NULL};
    HANDLE handle;
    size_t i;

    CHECK_EQ(GetAddrInfoExCancel(NULL), WSA_INVALID_HANDLE);
    for (i = 0; i < N_ELEMENTS(values); i++) {
        handle = (HANDLE)values[i];
        CHECK_EQ(GetAddrInfoExCancel(&handle), WSA_INVALID_HANDLE);
        CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
    }
    q.overlapped.hEvent = event_create();
    begin(&q, "127.0.0.1", NULL);
    event_wait(q.overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExCancel(&q.handle), WSA_INVALID_HANDLE);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), 0);
    FreeAddrInfoExW(q.list);
    WSACloseEvent(q.overlapped.hEvent);
}

/* --- Time limits ---------------------------------------------------------- */

static void a_question_has_its_time(void)
{
    struct question q = {.n_calls = 0};
    struct timeval time = {0, 20000};
    WSAEVENT gate = block_all();
    WCHAR wide[WIDE_TEXT];

    q.overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &q.list, &time, &q.overlapped, NULL, &q.handle),
             WSA_IO_PENDING);
    event_wait(q.overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), WSATRY_AGAIN);
    CHECK(q.list == NULL);
    CHECK_EQ(GetAddrInfoExCancel(&q.handle), WSA_INVALID_HANDLE);
    /* Also one that is waited for. */
    q.list = (ADDRINFOEXW *)&q;
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &q.list, &time, NULL, NULL, NULL),
             WSATRY_AGAIN);
    CHECK(q.list == NULL);
    unblock_all(gate);
    WSACloseEvent(q.overlapped.hEvent);
}

static void enough_time_changes_nothing(void)
{
    struct question q = {.n_calls = 0};
    struct timeval time = {30, 0};
    WCHAR wide[WIDE_TEXT];

    q.overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &q.list, &time, &q.overlapped, NULL, NULL),
             WSA_IO_PENDING);
    event_wait(q.overlapped.hEvent);
    CHECK_EQ(GetAddrInfoExOverlappedResult(&q.overlapped), 0);
    FreeAddrInfoExW(q.list);
    q.list = NULL;
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &q.list, &time, NULL, NULL, NULL),
             0);
    CHECK_EQ(first_address(q.list).s_addr, htonl(INADDR_LOOPBACK));
    FreeAddrInfoExW(q.list);
    WSACloseEvent(q.overlapped.hEvent);
}

static void times_that_are_none(void)
{
    struct timeval time = {-1, 0};
    ADDRINFOEXW *list = NULL;
    WCHAR wide[WIDE_TEXT];

    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &list, &time, NULL, NULL, NULL),
             WSAEINVAL);
}

/* --- Cleaning up ---------------------------------------------------------- */

static void cleanup_tells_nobody(void)
{
    enum { N = 100 };
    static struct question questions[N];
    WSADATA data;
    int i, done;

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    for (i = 0; i < N; i++) {
        questions[i].overlapped.hEvent = event_create();
        begin(&questions[i], "127.0.0.1", NULL);
    }
    CHECK_OK(WSACleanup());
    /* Each has ended in time, or will never be heard of again. */
    for (i = 0; i < N; i++) {
        done = questions[i].overlapped.Internal == 0;
        EXPECT_EQ(questions[i].overlapped.Internal,
                  done ? 0 : WSA_OPERATION_ABORTED);
        EXPECT_EQ(questions[i].list != NULL, done);
    }
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    for (i = 0; i < N; i++) {
        done = questions[i].overlapped.Internal == 0;
        EXPECT_EQ(event_is_signalled(questions[i].overlapped.hEvent, 0), done);
        FreeAddrInfoExW(questions[i].list);
        WSACloseEvent(questions[i].overlapped.hEvent);
    }
    CHECK_OK(WSACleanup());
}

/* --- Bad input ------------------------------------------------------------ */

static void null_pointers(void)
{
    struct question q = {.n_calls = 0};
    WCHAR wide[WIDE_TEXT];

    CHECK_EQ(GetAddrInfoExOverlappedResult(NULL), WSAEINVAL);
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            NULL, NULL, &q.overlapped, NULL, NULL),
             WSAEFAULT);
    /* A routine wants an OVERLAPPED. */
    CHECK_EQ(GetAddrInfoExW(widen("127.0.0.1", wide), NULL, NS_DNS, NULL, NULL,
                            &q.list, NULL, NULL, routine_called, NULL),
             WSAEINVAL);
}

static void unreadable_pointers(void)
{
    void *const bad = (void *)16;
    struct question q = {.n_calls = 0};
    WCHAR wide[WIDE_TEXT];

    widen("127.0.0.1", wide);
    q.overlapped.hEvent = event_create();
    CHECK_EQ(GetAddrInfoExW(bad, NULL, NS_DNS, NULL, NULL, &q.list, NULL,
                            &q.overlapped, NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, bad, NS_DNS, NULL, NULL, &q.list, NULL,
                            &q.overlapped, NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, bad, NULL, &q.list, NULL,
                            &q.overlapped, NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, NULL, bad, &q.list, NULL,
                            &q.overlapped, NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, NULL, NULL, bad, NULL,
                            &q.overlapped, NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, NULL, NULL, &q.list, bad,
                            &q.overlapped, NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, NULL, NULL, &q.list, NULL, bad,
                            NULL, NULL),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, NULL, NULL, &q.list, NULL,
                            &q.overlapped, NULL, bad),
             WSAEFAULT);
    CHECK_EQ(GetAddrInfoExOverlappedResult(bad), WSAEFAULT);
    CHECK_EQ(GetAddrInfoExCancel(bad), WSA_INVALID_HANDLE);
    CHECK(q.list == NULL);
    CHECK(!event_is_signalled(q.overlapped.hEvent, TEST_QUIET_MS));
    WSACloseEvent(q.overlapped.hEvent);
}

typedef int(WINAPI *narrow_form)(const char *, const char *, DWORD, GUID *,
                                 const ADDRINFOEXA *, ADDRINFOEXA **,
                                 struct timeval *, OVERLAPPED *,
                                 LPLOOKUPSERVICE_COMPLETION_ROUTINE, HANDLE *);
typedef void(WINAPI *narrow_free)(ADDRINFOEXA *);

/* Not in every Wine's library to link with. */
static void the_narrow_form_is_not_overlapped(void)
{
    narrow_form GetAddrInfoExA =
        (narrow_form)library_symbol(L"ws2_32.dll", "GetAddrInfoExA");
    narrow_free FreeAddrInfoEx =
        (narrow_free)library_symbol(L"ws2_32.dll", "FreeAddrInfoEx");
    struct timeval time = {1, 0};
    OVERLAPPED overlapped = {0};
    ADDRINFOEXA *list = NULL;
    HANDLE handle;

    CHECK(GetAddrInfoExA != NULL && FreeAddrInfoEx != NULL);
    CHECK_EQ(GetAddrInfoExA("127.0.0.1", NULL, NS_DNS, NULL, NULL, &list, NULL,
                            &overlapped, NULL, NULL),
             WSAEINVAL);
    CHECK_EQ(GetAddrInfoExA("127.0.0.1", NULL, NS_DNS, NULL, NULL, &list, NULL,
                            NULL, NULL, &handle),
             WSAEINVAL);
    CHECK_EQ(GetAddrInfoExA("127.0.0.1", NULL, NS_DNS, NULL, NULL, &list,
                            &time, NULL, NULL, NULL),
             WSAEINVAL);
    CHECK(list == NULL);
    CHECK_EQ(GetAddrInfoExA("127.0.0.1", NULL, NS_DNS, NULL, NULL, &list, NULL,
                            NULL, NULL, NULL),
             0);
    FreeAddrInfoEx(list);
}

static void name_spaces_that_are_none(void)
{
    GUID id = {1, 2, 3, {4}};
    ADDRINFOEXW *list = NULL;
    WCHAR wide[WIDE_TEXT];

    widen("127.0.0.1", wide);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, 77, NULL, NULL, &list, NULL, NULL,
                            NULL, NULL),
             WSASERVICE_NOT_FOUND);
    CHECK_EQ(GetAddrInfoExW(wide, NULL, NS_DNS, &id, NULL, &list, NULL, NULL,
                            NULL, NULL),
             WSASERVICE_NOT_FOUND);
    CHECK(list == NULL);
}

static const struct test_case cases[] = {
    TEST_CASE(an_event_is_signalled, "06 2: overlapped, by event"),
    TEST_CASE(a_failure_is_told, "06 2: the result is in Internal"),
    TEST_CASE(nothing_fails_at_once, "06 2: NULL, NULL overlapped"),
    TEST_CASE(many_at_once, "06 2: a hundred at once"),
    TEST_CASE(a_routine_is_called, "06 2: by completion routine, once"),
    TEST_CASE(event_and_routine_exclude_each_other, "06 2: not both"),
    TEST_CASE(a_routine_may_ask_again, "06 2: on a thread of the system's"),
    TEST_CASE_WITH(cancelling_signals_the_event, "06 2: GetAddrInfoExCancel",
                   .waiting_threads = 64),
    TEST_CASE_WITH(cancelling_calls_the_routine, "06 2: GetAddrInfoExCancel",
                   .waiting_threads = 64),
    TEST_CASE(cancelling_races_with_the_end, "06 2: one of the two, once"),
    TEST_CASE(handles_that_are_none, "06 2: WSA_INVALID_HANDLE"),
    TEST_CASE_WITH(a_question_has_its_time, "06 2: timeout",
                   .waiting_threads = 64),
    TEST_CASE(enough_time_changes_nothing, "06 2: timeout"),
    TEST_CASE(times_that_are_none, "06 2: timeout"),
    TEST_CASE_WITH(cleanup_tells_nobody, "WSACleanup: nothing is signalled",
                   .flags = TEST_BARE),
    TEST_CASE(null_pointers, "06 2: bad input"),
    TEST_CASE(unreadable_pointers, "06 2: bad input"),
    TEST_CASE(the_narrow_form_is_not_overlapped, "06 2: GetAddrInfoExA"),
    TEST_CASE(name_spaces_that_are_none, "06 2: WSASERVICE_NOT_FOUND"),
    TEST_END
};

TEST_MAIN("names_async", cases, NULL)
