/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registered I/O: its table of functions, and the life of buffers, completion
 * queues and request queues.  Sources: Microsoft's pages of the functions
 * (mswsock.h, LPFN_RIO...); WSAID_MULTIPLE_RIO on the page of WSAIoctl.
 */
#include "support/memory.h"
#include "support/registered.h"

#define FORGED ((void *)(uintptr_t)0x123456789abcdef0)
#define BAD ((void *)16)

/* --- The table ------------------------------------------------------------ */

static int ask(SOCKET s, void *in, DWORD in_size, void *out, DWORD out_size,
               DWORD *size)
{
    return WSAIoctl(s, SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, in, in_size,
                    out, out_size, size, NULL, NULL);
}

static void the_table_of_functions(void)
{
    void *const *function;
    SOCKET u = udp_socket();
    RIO_EXTENSION_FUNCTION_TABLE again;
    GUID id = WSAID_MULTIPLE_RIO;
    DWORD size = 0;

    rio_load();
    for (function = (void *const *)&rio.RIOReceive;
         function < (void *const *)(&rio + 1); function++)
        CHECK(*function != NULL);
    /* Any socket will do, and the functions are the same. */
    CHECK_OK(ask(u, &id, sizeof(id), &again, sizeof(again), &size));
    CHECK_EQ(size, sizeof(again));
    CHECK_MEMORY(&again.RIOReceive, &rio.RIOReceive,
                 sizeof(rio) - offsetof(RIO_EXTENSION_FUNCTION_TABLE,
                                        RIOReceive));
    close_socket(u);
}

static void asking_for_it_badly(void)
{
    GUID id = WSAID_MULTIPLE_RIO, other = {0x12345678, 1, 2, {3}};
    SOCKET s = tcp_socket();
    DWORD size = 0;

    rio_load();
    EXPECT_ERROR(ask(s, &other, sizeof(other), &rio, sizeof(rio), &size),
                 WSAEINVAL);
    EXPECT_ERROR(ask(s, &id, sizeof(id) - 1, &rio, sizeof(rio), &size),
                 WSAEFAULT);
    EXPECT_ERROR(ask(s, &id, sizeof(id), &rio, sizeof(rio) - 1, &size),
                 WSAEFAULT);
    EXPECT_ERROR(ask(s, &id, sizeof(id), NULL, sizeof(rio), &size), WSAEFAULT);
    EXPECT_ERROR(ask(s, BAD, sizeof(id), &rio, sizeof(rio), &size), WSAEFAULT);
    EXPECT_ERROR(ask(s, &id, sizeof(id), BAD, sizeof(rio), &size), WSAEFAULT);
    close_socket(s);
    EXPECT_ERROR(ask(s, &id, sizeof(id), &rio, sizeof(rio), &size),
                 WSAENOTSOCK);
}

/* --- Buffers -------------------------------------------------------------- */

static void check_no_buffer(PCHAR memory, DWORD length, int error)
{
    WSASetLastError(0);
    CHECK(rio.RIORegisterBuffer(memory, length) == RIO_INVALID_BUFFERID);
    CHECK_EQ(WSAGetLastError(), error);
}

static void buffers_that_are_none(void)
{
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    char data[16];

    rio_load();
    check_no_buffer(data, 0, WSAEINVAL);
    check_no_buffer(NULL, 16, WSAEFAULT);
    check_no_buffer(BAD, 16, WSAEFAULT);
    check_no_buffer(bad, 16, WSAEFAULT);
    memory_delete(bad, 1);
}

static void buffer_ids_are_good_once(void)
{
    RIO_BUFFERID ids[100], again;
    char data[16];
    int i, j;

    rio_load();
    for (i = 0; i < 100; i++) {
        ids[i] = rio.RIORegisterBuffer(data, sizeof(data));
        CHECK(ids[i] != RIO_INVALID_BUFFERID && ids[i] != NULL);
        for (j = 0; j < i; j++)
            CHECK(ids[i] != ids[j]);
    }
    for (i = 0; i < 100; i++)
        rio.RIODeregisterBuffer(ids[i]);
    again = rio.RIORegisterBuffer(data, sizeof(data));
    for (i = 0; i < 100; i++)
        CHECK(again != ids[i]);
    rio.RIODeregisterBuffer(again);
    /* What is none is ignored. */
    rio.RIODeregisterBuffer(again);
    rio.RIODeregisterBuffer(RIO_INVALID_BUFFERID);
    rio.RIODeregisterBuffer(NULL);
    rio.RIODeregisterBuffer(FORGED);
}

/* --- Completion queues ---------------------------------------------------- */

static void check_no_queue(DWORD size, RIO_NOTIFICATION_COMPLETION *told,
                           int error)
{
    WSASetLastError(0);
    CHECK(rio.RIOCreateCompletionQueue(size, told) == RIO_INVALID_CQ);
    CHECK_EQ(WSAGetLastError(), error);
}

static void completion_queues_that_are_none(void)
{
    RIO_NOTIFICATION_COMPLETION told;
    WSAEVENT event = event_create();
    SOCKET s = tcp_socket();

    rio_load();
    check_no_queue(0, NULL, WSAEINVAL);
    check_no_queue(RIO_MAX_CQ_SIZE + 1, NULL, WSAEINVAL);
    check_no_queue(0xffffffff, NULL, WSAEINVAL);
    check_no_queue(4, BAD, WSAEFAULT);
    memset(&told, 0, sizeof(told));
    check_no_queue(4, &told, WSAEINVAL); /* type 0 */
    told.Type = (RIO_NOTIFICATION_COMPLETION_TYPE)3;
    check_no_queue(4, &told, WSAEINVAL);
    told.Type = RIO_EVENT_COMPLETION;
    check_no_queue(4, &told, WSAEINVAL); /* no event */
    told.Event.EventHandle = (HANDLE)s;
    check_no_queue(4, &told, WSAEINVAL); /* something else */
    CHECK(WSACloseEvent(event));
    told.Event.EventHandle = event;
    check_no_queue(4, &told, WSAEINVAL); /* closed */
    memset(&told, 0, sizeof(told));
    told.Type = RIO_IOCP_COMPLETION;
    told.Iocp.Overlapped = &told;
    check_no_queue(4, &told, WSAEINVAL); /* no port */
    told.Iocp.IocpHandle = (HANDLE)s;
    check_no_queue(4, &told, WSAEINVAL);
    close_socket(s);
}

static void calls_without_a_completion_queue(void)
{
    RIO_CQ none[] = {RIO_INVALID_CQ, (RIO_CQ)FORGED, (RIO_CQ)BAD,
                     (RIO_CQ)(uintptr_t)-1, NULL};
    RIORESULT result;
    RIO_CQ queue, next;
    int i;

    rio_load();
    queue = rio.RIOCreateCompletionQueue(4, NULL);
    CHECK(queue != RIO_INVALID_CQ);
    CHECK_EQ(rio.RIODequeueCompletion(queue, &result, 1), 0);
    rio.RIOCloseCompletionQueue(queue);
    none[4] = queue; /* it was one, and the next one is another */
    next = rio.RIOCreateCompletionQueue(4, NULL);
    for (i = 0; i < 5; i++) {
        CHECK_EQ(rio.RIODequeueCompletion(none[i], &result, 1),
                 (ULONG)RIO_CORRUPT_CQ);
        CHECK_EQ(rio.RIONotify(none[i]), WSAEINVAL);
        CHECK_REFUSED(rio.RIOResizeCompletionQueue(none[i], 8), WSAEINVAL);
        rio.RIOCloseCompletionQueue(none[i]);
    }
    CHECK_EQ(rio.RIODequeueCompletion(next, &result, 1), 0);
    rio.RIOCloseCompletionQueue(next);
}

static void a_polled_queue_notifies_nobody(void)
{
    RIO_CQ queue;

    rio_load();
    queue = rio.RIOCreateCompletionQueue(4, NULL);
    CHECK_EQ(rio.RIONotify(queue), WSAEINVAL);
    rio.RIOCloseCompletionQueue(queue);
}

/* Several at a time and bad memory: what cannot be told is not taken. */
static void taking_results(void)
{
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    RIORESULT results[SCENE_ENTRIES];
    struct rio_scene scene;
    uintptr_t i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    for (i = 0; i < 5; i++)
        rio_sends(&scene, 0, "x", 0, 100 + i);
    CHECK_EQ(rio.RIODequeueCompletion(scene.sends, BAD, 5),
             (ULONG)RIO_CORRUPT_CQ);
    CHECK_EQ(rio.RIODequeueCompletion(scene.sends, bad, 5),
             (ULONG)RIO_CORRUPT_CQ);
    CHECK_EQ(rio.RIODequeueCompletion(scene.sends, NULL, 5),
             (ULONG)RIO_CORRUPT_CQ);
    CHECK_EQ(rio.RIODequeueCompletion(scene.sends, results, 0), 0);
    memset(results, 0x55, sizeof(results));
    CHECK_EQ(rio.RIODequeueCompletion(scene.sends, results, 2), 2);
    CHECK_EQ(results[2].RequestContext, 0x5555555555555555ull);
    CHECK_EQ(rio.RIODequeueCompletion(scene.sends, results + 2, SCENE_ENTRIES),
             3);
    for (i = 0; i < 5; i++) {
        CHECK_EQ(results[i].Status, 0);
        CHECK_EQ(results[i].BytesTransferred, 1);
        CHECK_EQ(results[i].RequestContext, 100 + i);
        CHECK_EQ(results[i].SocketContext, (uintptr_t)SCENE_CONTEXT);
    }
    check_receives(scene.peer, "xxxxx");
    memory_delete(bad, 1);
    rio_scene_close(&scene);
}

static void resizing_a_completion_queue(void)
{
    struct rio_scene scene;
    uintptr_t i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    CHECK_REFUSED(rio.RIOResizeCompletionQueue(scene.sends, 0), WSAEINVAL);
    CHECK_REFUSED(rio.RIOResizeCompletionQueue(scene.sends,
                                               RIO_MAX_CQ_SIZE + 1), WSAEINVAL);
    /* Half of its entries are promised to the request queue. */
    CHECK_REFUSED(rio.RIOResizeCompletionQueue(scene.sends,
                                               SCENE_ENTRIES / 2 - 1),
                  WSAETOOMANYREFS);
    /* Results stay in it, in their order, wherever in the ring they are. */
    for (i = 0; i < 6; i++)
        rio_sends(&scene, 0, "x", 0, i);
    for (i = 0; i < 5; i++)
        rio_ends(scene.sends, i, 0, 1);
    CHECK(rio.RIOResizeCompletionQueue(scene.sends, SCENE_ENTRIES / 2));
    for (i = 6; i < 13; i++)
        rio_sends(&scene, 0, "x", 0, i);
    CHECK(rio.RIOResizeCompletionQueue(scene.sends, 1000));
    for (i = 5; i < 13; i++)
        rio_ends(scene.sends, i, 0, 1);
    check_receives(scene.peer, "xxxxxxxxxxxxx");
    rio_scene_close(&scene);
}

/* --- Request queues ------------------------------------------------------- */

static RIO_RQ make(SOCKET s, ULONG receives, ULONG sends, RIO_CQ queue)
{
    return rio.RIOCreateRequestQueue(s, receives, 1, sends, 1, queue, queue,
                                     NULL);
}

#define CHECK_NO_RQ(call, error)                                               \
    do {                                                                       \
        WSASetLastError(0);                                                    \
        CHECK((call) == RIO_INVALID_RQ);                                       \
        CHECK_EQ(WSAGetLastError(), error);                                    \
    } while (0)

static void request_queues_that_are_none(void)
{
    SOCKET s, plain = tcp_socket();
    RIO_CQ queue, closed;

    rio_load();
    s = rio_socket(SOCK_STREAM);
    queue = rio.RIOCreateCompletionQueue(8, NULL);
    closed = rio.RIOCreateCompletionQueue(8, NULL);
    rio.RIOCloseCompletionQueue(closed);
    CHECK_NO_RQ(make(INVALID_SOCKET, 1, 1, queue), WSAENOTSOCK);
    CHECK_NO_RQ(make(plain, 1, 1, queue), WSAEOPNOTSUPP);
    CHECK_NO_RQ(make(s, 0, 0, queue), WSAEINVAL);
    CHECK_NO_RQ(make(s, 1, 1, RIO_INVALID_CQ), WSAEINVAL);
    CHECK_NO_RQ(make(s, 1, 1, (RIO_CQ)FORGED), WSAEINVAL);
    CHECK_NO_RQ(make(s, 1, 1, closed), WSAEINVAL);
    CHECK_NO_RQ(rio.RIOCreateRequestQueue(s, 1, 1, 1, 1, queue, closed, NULL),
                WSAEINVAL);
    CHECK_NO_RQ(rio.RIOCreateRequestQueue(s, 1, 2, 1, 1, queue, queue, NULL),
                WSAEINVAL);
    CHECK_NO_RQ(rio.RIOCreateRequestQueue(s, 1, 1, 1, 0, queue, queue, NULL),
                WSAEINVAL);
    CHECK_NO_RQ(make(s, 8, 1, queue), WSAENOBUFS);
    CHECK_NO_RQ(make(s, 0xffffffff, 0xffffffff, queue), WSAENOBUFS);
    /* What failed has left nothing behind. */
    CHECK(make(s, 4, 4, queue) != RIO_INVALID_RQ);
    CHECK_NO_RQ(make(s, 0, 1, queue), WSAEINVAL); /* it has one */
    close_socket(plain);
    CHECK_NO_RQ(make(plain, 1, 1, queue), WSAENOTSOCK);
    close_socket(s);
    rio.RIOCloseCompletionQueue(queue);
}

/* Closing the socket gives its entries of the completion queue free. */
static void closesocket_ends_a_request_queue(void)
{
    RIO_CQ queue;
    RIO_RQ first, second;
    SOCKET s, t;

    rio_load();
    s = rio_socket(SOCK_STREAM);
    t = rio_socket(SOCK_DGRAM);
    queue = rio.RIOCreateCompletionQueue(8, NULL);
    first = make(s, 4, 4, queue);
    CHECK(first != RIO_INVALID_RQ);
    CHECK_NO_RQ(make(t, 1, 0, queue), WSAENOBUFS);
    close_socket(s);
    second = make(t, 4, 4, queue);
    CHECK(second != RIO_INVALID_RQ && second != first);
    CHECK_REFUSED(rio.RIOResizeRequestQueue(first, 1, 1), WSAEINVAL);
    CHECK_REFUSED(rio.RIOSend(first, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL),
                  WSAEINVAL);
    close_socket(t);
    rio.RIOCloseCompletionQueue(queue);
}

static void resizing_a_request_queue(void)
{
    struct rio_scene scene;
    int i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    CHECK_REFUSED(rio.RIOResizeRequestQueue(RIO_INVALID_RQ, 1, 1), WSAEINVAL);
    CHECK_REFUSED(rio.RIOResizeRequestQueue((RIO_RQ)FORGED, 1, 1), WSAEINVAL);
    CHECK_REFUSED(rio.RIOResizeRequestQueue(scene.queue, 0, 0), WSAEINVAL);
    CHECK_REFUSED(rio.RIOResizeRequestQueue(scene.queue, 1, SCENE_ENTRIES + 1),
                  WSAENOBUFS);
    for (i = 0; i < 3; i++)
        rio_receives(&scene, 0, 1, 0, 0);
    CHECK_REFUSED(rio.RIOResizeRequestQueue(scene.queue, 2, 8),
                  WSAETOOMANYREFS);
    CHECK(rio.RIOResizeRequestQueue(scene.queue, 3, SCENE_ENTRIES));
    {
        RIO_BUF slice = rio_slice(&scene, 0, 1);

        CHECK_REFUSED(rio.RIOReceive(scene.queue, &slice, 1, 0, NULL),
                      WSAENOBUFS);
        CHECK(rio.RIOResizeRequestQueue(scene.queue, 4, 1));
        CHECK(rio.RIOReceive(scene.queue, &slice, 1, 0, NULL));
    }
    send_all(scene.peer, "1234", 4);
    for (i = 0; i < 4; i++)
        rio_ends(scene.receives, 0, 0, 1);
    rio_scene_close(&scene);
}

/* A SOCKET is one for requests when the one that accepted it was. */
static void accepted_sockets_have_requests(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET listener, s, peer;
    RIO_CQ queue;

    rio_load();
    listener = rio_socket(SOCK_STREAM);
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    name = local_name(listener);
    peer = tcp_connect(&name);
    s = CHECK_SOCKET(accept(listener, NULL, NULL));
    queue = rio.RIOCreateCompletionQueue(8, NULL);
    CHECK(make(s, 4, 4, queue) != RIO_INVALID_RQ);
    close_socket(s);
    close_socket(peer);
    close_socket(listener);
    rio.RIOCloseCompletionQueue(queue);
}

static const struct test_case cases[] = {
    TEST_CASE(the_table_of_functions, "WSAIoctl: WSAID_MULTIPLE_RIO"),
    TEST_CASE(asking_for_it_badly, "WSAIoctl: WSAEINVAL, WSAEFAULT"),
    TEST_CASE(buffers_that_are_none, "RIORegisterBuffer: errors"),
    TEST_CASE(buffer_ids_are_good_once,
              "RIODeregisterBuffer: an invalid id is ignored"),
    TEST_CASE(completion_queues_that_are_none,
              "RIOCreateCompletionQueue: errors"),
    TEST_CASE(calls_without_a_completion_queue,
              "RIO_CORRUPT_CQ, WSAEINVAL; closing one that is none is ignored"),
    TEST_CASE(a_polled_queue_notifies_nobody, "RIONotify: WSAEINVAL"),
    TEST_CASE(taking_results, "RIODequeueCompletion"),
    TEST_CASE(resizing_a_completion_queue, "RIOResizeCompletionQueue"),
    TEST_CASE(request_queues_that_are_none, "RIOCreateRequestQueue: errors"),
    TEST_CASE(closesocket_ends_a_request_queue,
              "RIOCreateRequestQueue: closesocket frees its slots"),
    TEST_CASE(resizing_a_request_queue, "RIOResizeRequestQueue"),
    TEST_CASE(accepted_sockets_have_requests,
              "accept: the new socket has the listener's properties"),
    TEST_END
};
TEST_MAIN("registered_io", cases, NULL)
