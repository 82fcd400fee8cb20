/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registered I/O: requests on connections, polled.  Sources: Microsoft's pages
 * of RIOSend, RIOReceive, RIODequeueCompletion, RIOCloseCompletionQueue and
 * RIODeregisterBuffer.
 */
#include "support/memory.h"
#include "support/overlapped.h"
#include "support/registered.h"

#define FORGED ((void *)(uintptr_t)0x123456789abcdef0)
#define BAD ((void *)16)

/* --- Data ----------------------------------------------------------------- */

static void a_send_and_a_receive(void)
{
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    rio_sends(&scene, 100, "to the peer", 0, 1);
    rio_ends(scene.sends, 1, 0, 11);
    check_receives(scene.peer, "to the peer");
    rio_receives(&scene, 200, 64, 0, 2);
    rio_is_empty(scene.receives, TEST_QUIET_MS);
    send_all(scene.peer, "from the peer", 13);
    rio_ends(scene.receives, 2, 0, 13);
    CHECK_MEMORY(scene.memory + 200, "from the peer", 13);
    /* What has come already. */
    send_all(scene.peer, "more", 4);
    CHECK(wait_readable(scene.s, test_timeout(IN_TIME)));
    rio_receives(&scene, 300, 64, 0, 3);
    rio_ends(scene.receives, 3, 0, 4);
    CHECK_MEMORY(scene.memory + 300, "more", 4);
    rio_scene_close(&scene);
}

static void requests_end_in_their_order(void)
{
    struct rio_scene scene;
    uintptr_t i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    for (i = 0; i < 8; i++)
        rio_receives(&scene, (ULONG)i, 1, 0, 10 + i);
    send_all(scene.peer, "abcdefgh", 8);
    for (i = 0; i < 8; i++)
        rio_ends(scene.receives, 10 + i, 0, 1);
    CHECK_MEMORY(scene.memory, "abcdefgh", 8);
    rio_scene_close(&scene);
}

/* They are in one line with the socket's overlapped receives. */
static void among_overlapped_receives(void)
{
    struct rio_scene scene;
    struct call call;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    /* An overlapped call needs WSA_FLAG_OVERLAPPED not to wait. */
    close_socket(scene.peer);
    close_socket(scene.s);
    scene.s = CHECK_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                                      WSA_FLAG_REGISTERED_IO |
                                          WSA_FLAG_OVERLAPPED));
    {
        SOCKET listener = tcp_listener(&scene.peer_name);

        CHECK_OK(connect(scene.s, (struct sockaddr *)&scene.peer_name,
                         sizeof(scene.peer_name)));
        scene.peer = CHECK_SOCKET(accept(listener, NULL, NULL));
        close_socket(listener);
    }
    scene.queue = rio.RIOCreateRequestQueue(scene.s, 8, 1, 8, 1, scene.receives,
                                            scene.sends, SCENE_CONTEXT);
    CHECK(scene.queue != RIO_INVALID_RQ);
    rio_receives(&scene, 0, 1, 0, 1);
    call_init(&call, 1, 1);
    call_pends(&call, scene.s);
    rio_receives(&scene, 1, 1, 0, 2);
    send_all(scene.peer, "abc", 3);
    rio_ends(scene.receives, 1, 0, 1);
    call_receives(&call, scene.s, "b");
    rio_ends(scene.receives, 2, 0, 1);
    CHECK_MEMORY(scene.memory, "ac", 2);
    call_done(&call);
    rio_scene_close(&scene);
}

static void waiting_for_all(void)
{
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    rio_receives(&scene, 0, 8, RIO_MSG_WAITALL, 1);
    send_all(scene.peer, "half", 4);
    rio_is_empty(scene.receives, TEST_QUIET_MS);
    send_all(scene.peer, "full", 4);
    rio_ends(scene.receives, 1, 0, 8);
    CHECK_MEMORY(scene.memory, "halffull", 8);
    /* The connection's end is one, too. */
    rio_receives(&scene, 0, 8, RIO_MSG_WAITALL, 2);
    send_all(scene.peer, "end", 3);
    CHECK_OK(shutdown(scene.peer, SD_SEND));
    rio_ends(scene.receives, 2, 0, 3);
    rio_receives(&scene, 0, 8, 0, 3);
    rio_ends(scene.receives, 3, 0, 0);
    rio_scene_close(&scene);
}

/* A send ends when the transport has all of it. */
static void a_send_that_waits(void)
{
    static char large[1 << 20], received[1 << 20];
    struct rio_scene scene;
    RIO_BUFFERID buffer;
    RIO_BUF slice;
    int i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    set_int_option(scene.s, SOL_SOCKET, SO_SNDBUF, 4096);
    buffer = rio.RIORegisterBuffer(large, sizeof(large));
    slice = (RIO_BUF){buffer, 0, sizeof(large)};
    for (i = 0; i < 8; i++)
        CHECK(rio.RIOSend(scene.queue, &slice, 1, 0, (PVOID)(uintptr_t)i));
    /* All eight do not fit into the two sockets' buffers. */
    for (i = 0; i < 8; i++)
        receive_all(scene.peer, received, sizeof(received));
    for (i = 0; i < 8; i++)
        rio_ends(scene.sends, (uintptr_t)i, 0, sizeof(large));
    rio.RIODeregisterBuffer(buffer);
    rio_scene_close(&scene);
}

/* --- Deferred requests ---------------------------------------------------- */

static void deferred_sends(void)
{
    struct rio_scene scene;
    RIO_BUF slice;
    int i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    slice = rio_slice(&scene, 0, 1);
    for (i = 0; i < 3; i++)
        rio_sends(&scene, (ULONG)i, "123" + i, RIO_MSG_DEFER, 1 + (uintptr_t)i);
    CHECK(rio.RIOSend(scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    rio_ends(scene.sends, 1, 0, 3);
    rio_ends(scene.sends, 2, 0, 2);
    rio_ends(scene.sends, 3, 0, 1);
    check_receives(scene.peer, "123233");
    /* One that is not deferred commits those before it. */
    rio_sends(&scene, 0, "a", RIO_MSG_DEFER, 4);
    rio_sends(&scene, 1, "b", RIO_MSG_DEFER, 5);
    rio_sends(&scene, 2, "c", 0, 6);
    for (i = 4; i < 7; i++)
        rio_ends(scene.sends, (uintptr_t)i, 0, 1);
    check_receives(scene.peer, "abc");
    /* They count from the beginning. */
    for (i = 0; i < SCENE_ENTRIES / 2; i++)
        CHECK(rio.RIOSend(scene.queue, &slice, 1, RIO_MSG_DEFER, NULL));
    CHECK_REFUSED(rio.RIOSend(scene.queue, &slice, 1, RIO_MSG_DEFER, NULL),
                  WSAENOBUFS);
    CHECK(rio.RIOSend(scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    for (i = 0; i < SCENE_ENTRIES / 2; i++)
        rio_ends(scene.sends, 0, 0, 1);
    check_receives(scene.peer, "aaaaaaaa");
    /* With nothing to commit. */
    CHECK(rio.RIOSend(scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    CHECK(rio.RIOReceive(scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    rio_scene_close(&scene);
}

static void deferred_receives(void)
{
    struct rio_scene scene;
    uintptr_t i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    for (i = 0; i < 3; i++)
        rio_receives(&scene, (ULONG)i, 1, RIO_MSG_DEFER, i);
    CHECK(rio.RIOReceive(scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    rio_receives(&scene, 3, 1, RIO_MSG_DEFER, 3);
    rio_receives(&scene, 4, 1, 0, 4);
    send_all(scene.peer, "abcde", 5);
    for (i = 0; i < 5; i++)
        rio_ends(scene.receives, i, 0, 1);
    CHECK_MEMORY(scene.memory, "abcde", 5);
    rio_scene_close(&scene);
}

struct committer {
    RIO_RQ queue;
    uint32_t is_over; /* atomic */
};

static void commit_again_and_again(void *argument)
{
    struct committer *committer = argument;

    while (!__atomic_load_n(&committer->is_over, __ATOMIC_ACQUIRE))
        CHECK(rio.RIOSend(committer->queue, NULL, 0, RIO_MSG_COMMIT_ONLY,
                          NULL));
}

/* RIO_MSG_COMMIT_ONLY is the one call that may come from another thread. */
static void committing_from_another_thread(void)
{
    struct committer committer = {.is_over = 0};
    struct rio_scene scene;
    struct thread *thread;
    uintptr_t i, j;
    char data[8];

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    committer.queue = scene.queue;
    thread = thread_start(commit_again_and_again, &committer);
    for (i = 0; i < 200; i++) {
        for (j = 0; j < 8; j++) {
            char text[2] = {(char)('a' + j), 0};

            rio_sends(&scene, (ULONG)j, text, j % 3 ? RIO_MSG_DEFER : 0, j);
        }
        for (j = 0; j < 8; j++)
            rio_ends(scene.sends, j, 0, 1);
        receive_all(scene.peer, data, 8);
        CHECK_MEMORY(data, "abcdefgh", 8);
    }
    __atomic_store_n(&committer.is_over, 1, __ATOMIC_RELEASE);
    thread_join(thread);
    rio_scene_close(&scene);
}

/* --- Ends ----------------------------------------------------------------- */

static void closing_ends_what_pends(void)
{
    struct rio_scene scene;
    uintptr_t i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    for (i = 0; i < 3; i++)
        rio_receives(&scene, 0, 8, 0, i);
    rio_receives(&scene, 0, 8, RIO_MSG_DEFER, 3);
    close_socket(scene.s);
    scene.s = INVALID_SOCKET;
    for (i = 0; i < 4; i++)
        rio_ends(scene.receives, i, WSA_OPERATION_ABORTED, 0);
    check_end(scene.peer);
    rio_scene_close(&scene);
}

/* The results of a closed socket keep their entries, and no more. */
static void results_outlive_the_socket(void)
{
    struct rio_scene scene;
    SOCKET s;
    int i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    for (i = 0; i < 6; i++)
        rio_sends(&scene, 0, "x", 0, (uintptr_t)i);
    check_receives(scene.peer, "xxxxxx");
    close_socket(scene.s);
    scene.s = INVALID_SOCKET;
    CHECK_REFUSED(rio.RIOResizeCompletionQueue(scene.sends, 5),
                  WSAETOOMANYREFS);
    s = rio_socket(SOCK_STREAM);
    CHECK(rio.RIOCreateRequestQueue(s, 0, 1, SCENE_ENTRIES - 5, 1,
                                    scene.receives, scene.sends, NULL) ==
          RIO_INVALID_RQ);
    CHECK(rio.RIOCreateRequestQueue(s, 0, 1, SCENE_ENTRIES - 6, 1,
                                    scene.receives, scene.sends, NULL) !=
          RIO_INVALID_RQ);
    for (i = 0; i < 6; i++)
        rio_ends(scene.sends, (uintptr_t)i, 0, 1);
    close_socket(s);
    CHECK(rio.RIOResizeCompletionQueue(scene.sends, 1));
    rio_scene_close(&scene);
}

static void closing_the_completion_queue_drops_results(void)
{
    struct rio_scene scene;
    RIO_BUF slice;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    slice = rio_slice(&scene, 0, 8);
    rio_receives(&scene, 0, 8, 0, 1);
    rio_sends(&scene, 16, "sent", 0, 2);
    check_receives(scene.peer, "sent");
    rio.RIOCloseCompletionQueue(scene.receives);
    rio.RIOCloseCompletionQueue(scene.sends);
    send_all(scene.peer, "1234", 4);
    /* It is received still, and nobody told. */
    CHECK_REFUSED(rio.RIOReceive(scene.queue, &slice, 1, 0, NULL), WSAEINVAL);
    CHECK_REFUSED(rio.RIOSend(scene.queue, &slice, 1, 0, NULL), WSAEINVAL);
    close_socket(scene.s);
    scene.s = INVALID_SOCKET;
    scene.receives = rio.RIOCreateCompletionQueue(4, NULL);
    scene.sends = rio.RIOCreateCompletionQueue(4, NULL);
    rio_scene_close(&scene);
}

static void a_reset_is_a_result(void)
{
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    rio_receives(&scene, 0, 8, 0, 1);
    reset_connection(scene.peer);
    scene.peer = INVALID_SOCKET;
    rio_ends(scene.receives, 1, WSAECONNRESET, 0);
    rio_receives(&scene, 0, 8, 0, 2);
    rio_ends(scene.receives, 2, WSAECONNRESET, 0);
    rio_sends(&scene, 0, "x", 0, 3);
    rio_ends(scene.sends, 3, WSAECONNRESET, 0);
    rio_scene_close(&scene);
}

/* What the socket is not fit for is told by results, too. */
static void unfit_sockets(void)
{
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    CHECK_OK(shutdown(scene.s, SD_SEND));
    rio_sends(&scene, 0, "x", 0, 1);
    rio_ends(scene.sends, 1, WSAESHUTDOWN, 0);
    CHECK_OK(shutdown(scene.s, SD_RECEIVE));
    rio_receives(&scene, 0, 1, 0, 2);
    rio_ends(scene.receives, 2, WSAESHUTDOWN, 0);
    close_socket(scene.s);
    scene.s = rio_socket(SOCK_STREAM); /* not connected */
    scene.queue = rio.RIOCreateRequestQueue(scene.s, 8, 1, 8, 1, scene.receives,
                                            scene.sends, SCENE_CONTEXT);
    CHECK(scene.queue != RIO_INVALID_RQ);
    rio_sends(&scene, 0, "x", 0, 3);
    rio_ends(scene.sends, 3, WSAENOTCONN, 0);
    rio_receives(&scene, 0, 1, 0, 4);
    rio_ends(scene.receives, 4, WSAENOTCONN, 0);
    rio_scene_close(&scene);
}

/* What pends goes on when its buffer is deregistered. */
static void deregistering_a_buffer_in_use(void)
{
    struct rio_scene scene;
    RIO_BUF slice;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    slice = rio_slice(&scene, 0, 8);
    rio_receives(&scene, 0, 8, 0, 1);
    rio.RIODeregisterBuffer(scene.buffer);
    /* Another one does not make the id good again. */
    scene.buffer = rio.RIORegisterBuffer(scene.memory, SCENE_MEMORY);
    CHECK(scene.buffer != slice.BufferId);
    CHECK_REFUSED(rio.RIOReceive(scene.queue, &slice, 1, 0, NULL), WSAEFAULT);
    CHECK_REFUSED(rio.RIOSend(scene.queue, &slice, 1, 0, NULL), WSAEFAULT);
    send_all(scene.peer, "data", 4);
    rio_ends(scene.receives, 1, 0, 4);
    CHECK_MEMORY(scene.memory, "data", 4);
    rio_scene_close(&scene);
}

static void memory_that_went_away(void)
{
    char *memory = memory_new(MEMORY_PLAIN, 1);
    struct rio_scene scene;
    RIO_BUFFERID buffer;
    RIO_BUF slice;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    buffer = rio.RIORegisterBuffer(memory, MEMORY_PAGE);
    CHECK(buffer != RIO_INVALID_BUFFERID);
    slice = (RIO_BUF){buffer, 0, 16};
    memory_delete(memory, 1);
    CHECK(rio.RIOSend(scene.queue, &slice, 1, 0, (PVOID)1));
    rio_ends(scene.sends, 1, WSAEFAULT, 0);
    send_all(scene.peer, "data", 4);
    CHECK(wait_readable(scene.s, test_timeout(IN_TIME)));
    CHECK(rio.RIOReceive(scene.queue, &slice, 1, 0, (PVOID)2));
    rio_ends(scene.receives, 2, WSAEFAULT, 0);
    rio.RIODeregisterBuffer(buffer);
    rio_scene_close(&scene);
}

/* --- Bad requests --------------------------------------------------------- */

static void limits_of_the_queue(void)
{
    struct rio_scene scene;
    RIO_BUF slice;
    SOCKET s;
    RIO_RQ queue;
    int i;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    slice = rio_slice(&scene, 0, 1);
    for (i = 0; i < SCENE_ENTRIES / 2; i++)
        rio_sends(&scene, 0, "x", 0, 0);
    /* All have ended, but nobody has dequeued them. */
    CHECK_REFUSED(rio.RIOSend(scene.queue, &slice, 1, 0, NULL), WSAENOBUFS);
    rio_ends(scene.sends, 0, 0, 1);
    rio_sends(&scene, 0, "x", 0, 0);
    CHECK_REFUSED(rio.RIOSend(scene.queue, &slice, 1, 0, NULL), WSAENOBUFS);
    for (i = 0; i < SCENE_ENTRIES / 2; i++)
        rio_ends(scene.sends, 0, 0, 1);
    check_receives(scene.peer, "xxxxxxxxx");
    /* A queue for one direction. */
    s = rio_socket(SOCK_STREAM);
    queue = rio.RIOCreateRequestQueue(s, 1, 1, 0, 1, scene.receives,
                                      scene.sends, NULL);
    CHECK(queue != RIO_INVALID_RQ);
    CHECK_REFUSED(rio.RIOSend(queue, &slice, 1, 0, NULL), WSAENOBUFS);
    close_socket(s);
    rio_scene_close(&scene);
}

static void refuse(struct rio_scene *scene, RIO_RQ queue, PRIO_BUF slice,
                   ULONG n, DWORD flags, PVOID context, int error)
{
    CHECK_REFUSED(rio.RIOSend(queue, slice, n, flags, context), error);
    CHECK_REFUSED(rio.RIOReceive(queue, slice, n, flags, context), error);
    rio_is_empty(scene->sends, 0);
    rio_is_empty(scene->receives, 0);
}

static void requests_that_are_none(void)
{
    void *bad = memory_new(MEMORY_UNREADABLE, 1);
    struct rio_scene scene;
    RIO_BUF slice, other;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    slice = rio_slice(&scene, 0, 16);
    refuse(&scene, RIO_INVALID_RQ, &slice, 1, 0, NULL, WSAEINVAL);
    refuse(&scene, (RIO_RQ)FORGED, &slice, 1, 0, NULL, WSAEINVAL);
    refuse(&scene, (RIO_RQ)scene.receives, &slice, 1, 0, NULL, WSAEINVAL);
    /* Flags. */
    refuse(&scene, scene.queue, &slice, 1, 0x10, NULL, WSAEINVAL);
    CHECK_REFUSED(rio.RIOSend(scene.queue, &slice, 1, RIO_MSG_WAITALL, NULL),
                  WSAEINVAL);
    refuse(&scene, scene.queue, &slice, 1, RIO_MSG_COMMIT_ONLY, NULL,
           WSAEINVAL);
    refuse(&scene, scene.queue, NULL, 1, RIO_MSG_COMMIT_ONLY, NULL, WSAEINVAL);
    refuse(&scene, scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY, (PVOID)1,
           WSAEINVAL);
    refuse(&scene, scene.queue, NULL, 0, RIO_MSG_COMMIT_ONLY | RIO_MSG_DEFER,
           NULL, WSAEINVAL);
    /* The slice. */
    refuse(&scene, scene.queue, &slice, 2, 0, NULL, WSAEINVAL);
    refuse(&scene, scene.queue, &slice, 0, 0, NULL, WSAEINVAL);
    refuse(&scene, scene.queue, NULL, 1, 0, NULL, WSAEINVAL);
    refuse(&scene, scene.queue, NULL, 0, 0, NULL, WSAEINVAL); /* a stream */
    refuse(&scene, scene.queue, BAD, 1, 0, NULL, WSAEFAULT);
    refuse(&scene, scene.queue, bad, 1, 0, NULL, WSAEFAULT);
    other = (RIO_BUF){RIO_INVALID_BUFFERID, 0, 1};
    refuse(&scene, scene.queue, &other, 1, 0, NULL, WSAEFAULT);
    other.BufferId = (RIO_BUFFERID)FORGED;
    refuse(&scene, scene.queue, &other, 1, 0, NULL, WSAEFAULT);
    other.BufferId = (RIO_BUFFERID)scene.queue;
    refuse(&scene, scene.queue, &other, 1, 0, NULL, WSAEFAULT);
    other = rio_slice(&scene, SCENE_MEMORY - 1, 2);
    refuse(&scene, scene.queue, &other, 1, 0, NULL, WSAEINVAL);
    other = rio_slice(&scene, SCENE_MEMORY + 1, 0);
    refuse(&scene, scene.queue, &other, 1, 0, NULL, WSAEINVAL);
    other = rio_slice(&scene, 0xffffffff, 2);
    refuse(&scene, scene.queue, &other, 1, 0, NULL, WSAEINVAL);
    /* The last byte of it is good. */
    rio_sends(&scene, SCENE_MEMORY - 1, "x", 0, 1);
    rio_ends(scene.sends, 1, 0, 1);
    check_receives(scene.peer, "x");
    memory_delete(bad, 1);
    rio_scene_close(&scene);
}

static const struct test_case cases[] = {
    TEST_CASE(a_send_and_a_receive, "RIOSend, RIOReceive"),
    TEST_CASE(requests_end_in_their_order, "RIO_RQ: a queue"),
    TEST_CASE(among_overlapped_receives, "04 5: receives end in order"),
    TEST_CASE(waiting_for_all, "RIOReceive: RIO_MSG_WAITALL"),
    TEST_CASE(a_send_that_waits, "RIOSend: BytesTransferred"),
    TEST_CASE(deferred_sends, "RIOSend: RIO_MSG_DEFER, RIO_MSG_COMMIT_ONLY"),
    TEST_CASE(deferred_receives,
              "RIOReceive: RIO_MSG_DEFER, RIO_MSG_COMMIT_ONLY"),
    TEST_CASE(committing_from_another_thread,
              "RIOSend: RIO_MSG_COMMIT_ONLY need not be serialized"),
    TEST_CASE(closing_ends_what_pends,
              "RIOReceive: WSA_OPERATION_ABORTED when closed locally"),
    TEST_CASE(results_outlive_the_socket,
              "RIODequeueCompletion: only then the quota is released"),
    TEST_CASE(closing_the_completion_queue_drops_results,
              "RIOCloseCompletionQueue: silently dropped"),
    TEST_CASE(a_reset_is_a_result, "RIORESULT: Status"),
    TEST_CASE(unfit_sockets, "RIORESULT: Status"),
    TEST_CASE(deregistering_a_buffer_in_use,
              "RIODeregisterBuffer: later calls fail, the status is unchanged"),
    TEST_CASE(memory_that_went_away, "RIOSend: WSAEFAULT"),
    TEST_CASE(limits_of_the_queue, "RIOSend: WSAENOBUFS"),
    TEST_CASE(requests_that_are_none, "RIOSend, RIOReceive: errors"),
    TEST_END
};
TEST_MAIN("registered_io_requests", cases, NULL)
