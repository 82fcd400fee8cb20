/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registered I/O: notifications by event and by completion port.  Sources:
 * Microsoft's pages of RIONotify, RIOCreateCompletionQueue and
 * RIO_NOTIFICATION_COMPLETION.
 */
#include "support/ports.h"
#include "support/registered.h"

#define KEY 0x4711

static WSAOVERLAPPED overlapped; /* of the port's packets */

static RIO_NOTIFICATION_COMPLETION by_event(WSAEVENT event, BOOL resets)
{
    RIO_NOTIFICATION_COMPLETION told = {.Type = RIO_EVENT_COMPLETION};

    told.Event.EventHandle = event;
    told.Event.NotifyReset = resets;
    return told;
}

static RIO_NOTIFICATION_COMPLETION by_port(uint64_t port)
{
    RIO_NOTIFICATION_COMPLETION told = {.Type = RIO_IOCP_COMPLETION};

    told.Iocp.IocpHandle = (HANDLE)(uintptr_t)port;
    told.Iocp.CompletionKey = (PVOID)KEY;
    told.Iocp.Overlapped = &overlapped;
    return told;
}

/* --- Events --------------------------------------------------------------- */

static void an_event_tells_of_a_result(void)
{
    WSAEVENT event = event_create();
    RIO_NOTIFICATION_COMPLETION told = by_event(event, FALSE);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    /* Nobody asked. */
    rio_sends(&scene, 0, "x", 0, 1);
    check_receives(scene.peer, "x");
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    rio_ends(scene.sends, 1, 0, 1);
    /* Asked before it comes. */
    rio_receives(&scene, 0, 8, 0, 2);
    CHECK_EQ(rio.RIONotify(scene.receives), 0);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    send_all(scene.peer, "data", 4);
    event_wait(event);
    rio_ends(scene.receives, 2, 0, 4);
    /* Once: the next result tells nobody, and the event stays as it is. */
    CHECK(event_is_signalled(event, 0));
    CHECK(WSAResetEvent(event));
    rio_sends(&scene, 0, "x", 0, 3);
    rio_ends(scene.sends, 3, 0, 1);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    rio_scene_close(&scene);
    CHECK(WSACloseEvent(event));
}

static void a_result_that_is_there(void)
{
    WSAEVENT event = event_create();
    RIO_NOTIFICATION_COMPLETION told = by_event(event, TRUE);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    rio_sends(&scene, 0, "x", 0, 1);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    event_wait(event);
    /* The notification has come, so another one may be asked for. */
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    event_wait(event);
    rio_ends(scene.sends, 1, 0, 1);
    rio_scene_close(&scene);
    CHECK(WSACloseEvent(event));
}

static void asking_resets_the_event_if_wanted(void)
{
    WSAEVENT event = event_create();
    int resets;

    for (resets = 0; resets < 2; resets++) {
        RIO_NOTIFICATION_COMPLETION told = by_event(event, resets);
        struct rio_scene scene;

        rio_scene_open(&scene, SOCK_STREAM, &told);
        CHECK(WSASetEvent(event));
        CHECK_EQ(rio.RIONotify(scene.sends), 0);
        CHECK_EQ(event_is_signalled(event, 0), !resets);
        CHECK(WSAResetEvent(event));
        rio_sends(&scene, 0, "x", 0, 1);
        event_wait(event);
        rio_ends(scene.sends, 1, 0, 1);
        rio_scene_close(&scene);
        CHECK(WSAResetEvent(event));
    }
    CHECK(WSACloseEvent(event));
}

static void asking_twice(void)
{
    WSAEVENT event = event_create();
    RIO_NOTIFICATION_COMPLETION told = by_event(event, TRUE);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    CHECK_EQ(rio.RIONotify(scene.sends), WSAEALREADY);
    rio_sends(&scene, 0, "x", 0, 1);
    event_wait(event);
    rio_ends(scene.sends, 1, 0, 1);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    CHECK_EQ(rio.RIONotify(scene.sends), WSAEALREADY);
    /* What does not come for a closed queue is not missed. */
    rio_scene_close(&scene);
    CHECK(!event_is_signalled(event, 0));
    CHECK(WSACloseEvent(event));
}

/* A request may ask for no notification. */
static void quiet_requests(void)
{
    WSAEVENT event = event_create();
    RIO_NOTIFICATION_COMPLETION told = by_event(event, TRUE);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    rio_sends(&scene, 0, "x", RIO_MSG_DONT_NOTIFY, 1);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    /* The next one does notify. */
    rio_sends(&scene, 0, "x", 0, 2);
    event_wait(event);
    rio_ends(scene.sends, 1, 0, 1);
    rio_ends(scene.sends, 2, 0, 1);
    /* A queue with only quiet ones counts as empty. */
    rio_sends(&scene, 0, "x", RIO_MSG_DONT_NOTIFY, 3);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    CHECK_EQ(rio.RIONotify(scene.sends), WSAEALREADY);
    rio_ends(scene.sends, 3, 0, 1);
    check_receives(scene.peer, "xxx");
    rio_scene_close(&scene);
    CHECK(WSACloseEvent(event));
}

static void the_event_s_handle_may_be_closed(void)
{
    WSAEVENT event = event_create();
    RIO_NOTIFICATION_COMPLETION told = by_event(event, TRUE);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    CHECK(WSACloseEvent(event));
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    rio_sends(&scene, 0, "x", 0, 1);
    rio_ends(scene.sends, 1, 0, 1);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    rio_scene_close(&scene);
}

static void closing_the_socket_notifies(void)
{
    WSAEVENT event = event_create();
    RIO_NOTIFICATION_COMPLETION told = by_event(event, TRUE);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    rio_receives(&scene, 0, 8, 0, 1);
    CHECK_EQ(rio.RIONotify(scene.receives), 0);
    close_socket(scene.s);
    scene.s = INVALID_SOCKET;
    event_wait(event);
    rio_ends(scene.receives, 1, WSA_OPERATION_ABORTED, 0);
    rio_scene_close(&scene);
    CHECK(WSACloseEvent(event));
}

/* --- Completion ports ----------------------------------------------------- */

static void check_packet(uint64_t port)
{
    struct packet packet;

    CHECK(port_get(port, test_timeout(IN_TIME), &packet));
    CHECK_EQ(packet.key, KEY);
    CHECK(packet.overlapped == &overlapped);
    CHECK_EQ(packet.status, 0);
}

static void check_no_packet(uint64_t port, int ms)
{
    struct packet packet;

    CHECK(!port_get(port, ms, &packet));
}

static void a_packet_tells_of_a_result(void)
{
    uint64_t port = port_create();
    RIO_NOTIFICATION_COMPLETION told = by_port(port);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    rio_receives(&scene, 0, 8, 0, 1);
    CHECK_EQ(rio.RIONotify(scene.receives), 0);
    CHECK_EQ(rio.RIONotify(scene.receives), WSAEALREADY);
    check_no_packet(port, TEST_QUIET_MS);
    send_all(scene.peer, "data", 4);
    check_packet(port);
    check_no_packet(port, 0);
    rio_ends(scene.receives, 1, 0, 4);
    /* One that is there already; a quiet one is not. */
    rio_sends(&scene, 0, "x", 0, 2);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    check_packet(port);
    rio_ends(scene.sends, 2, 0, 1);
    rio_sends(&scene, 0, "x", RIO_MSG_DONT_NOTIFY, 3);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    check_no_packet(port, TEST_QUIET_MS);
    rio_ends(scene.sends, 3, 0, 1);
    check_receives(scene.peer, "xx");
    rio_scene_close(&scene);
    port_close(port);
}

static void a_port_without_an_overlapped(void)
{
    uint64_t port = port_create();
    RIO_NOTIFICATION_COMPLETION told = by_port(port);

    rio_load();
    told.Iocp.Overlapped = NULL;
    WSASetLastError(0);
    CHECK(rio.RIOCreateCompletionQueue(4, &told) == RIO_INVALID_CQ);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    port_close(port);
}

/* The port may be closed first. */
static void closing_the_port(void)
{
    uint64_t port = port_create();
    RIO_NOTIFICATION_COMPLETION told = by_port(port);
    struct rio_scene scene;

    rio_scene_open(&scene, SOCK_STREAM, &told);
    CHECK_EQ(rio.RIONotify(scene.sends), 0);
    port_close(port);
    rio_sends(&scene, 0, "x", 0, 1);
    rio_ends(scene.sends, 1, 0, 1);
    rio_scene_close(&scene);
}

/* --- A server's loop ------------------------------------------------------ */

struct echo {
    struct rio_scene scene;
    uint64_t port;
    unsigned n_rounds;
};

/* Takes everything the queue has whenever the port tells of it. */
static void echo_all(void *argument)
{
    struct echo *echo = argument;
    struct rio_scene *scene = &echo->scene;
    RIORESULT results[4];
    unsigned done = 0;
    ULONG n, i;

    while (done < echo->n_rounds) {
        CHECK_EQ(rio.RIONotify(scene->receives), 0);
        check_packet(echo->port);
        n = rio.RIODequeueCompletion(scene->receives, results, 4);
        CHECK(n >= 1 && n <= 4);
        for (i = 0; i < n; i++, done++) {
            RIO_BUF slice = rio_slice(scene, 0, 1);

            CHECK_EQ(results[i].Status, 0);
            CHECK_EQ(results[i].BytesTransferred, 1);
            CHECK(rio.RIOSend(scene->queue, &slice, 1, RIO_MSG_DONT_NOTIFY,
                              NULL));
            (void)rio_next(scene->sends);
            rio_receives(scene, 0, 1, 0, 0);
        }
    }
}

static void a_loop_misses_nothing(void)
{
    struct echo echo = {.port = port_create(), .n_rounds = 1000};
    RIO_NOTIFICATION_COMPLETION told = by_port(echo.port);
    struct thread *thread;
    unsigned i;
    char byte;

    rio_scene_open(&echo.scene, SOCK_STREAM, &told);
    rio_receives(&echo.scene, 0, 1, 0, 0);
    thread = thread_start(echo_all, &echo);
    for (i = 0; i < echo.n_rounds; i++) {
        byte = (char)i;
        send_all(echo.scene.peer, &byte, 1);
        receive_all(echo.scene.peer, &byte, 1);
        CHECK_EQ(byte, (char)i);
    }
    thread_join(thread);
    close_socket(echo.scene.s);
    echo.scene.s = INVALID_SOCKET;
    rio_ends(echo.scene.receives, 0, WSA_OPERATION_ABORTED, 0);
    rio_scene_close(&echo.scene);
    port_close(echo.port);
}

static const struct test_case cases[] = {
    TEST_CASE(an_event_tells_of_a_result, "RIONotify: RIO_EVENT_COMPLETION"),
    TEST_CASE(a_result_that_is_there, "RIONotify: the queue is not empty"),
    TEST_CASE(asking_resets_the_event_if_wanted,
              "RIO_NOTIFICATION_COMPLETION: NotifyReset"),
    TEST_CASE(asking_twice, "RIONotify: WSAEALREADY"),
    TEST_CASE(quiet_requests, "RIONotify: RIO_MSG_DONT_NOTIFY"),
    TEST_CASE(the_event_s_handle_may_be_closed,
              "RIOCreateCompletionQueue: the event is referenced"),
    TEST_CASE(closing_the_socket_notifies,
              "RIOReceive: WSA_OPERATION_ABORTED is a result"),
    TEST_CASE(a_packet_tells_of_a_result, "RIONotify: RIO_IOCP_COMPLETION"),
    TEST_CASE(a_port_without_an_overlapped,
              "RIOCreateCompletionQueue: Iocp.Overlapped must not be NULL"),
    TEST_CASE(closing_the_port, "RIO_NOTIFICATION_COMPLETION: IocpHandle"),
    TEST_CASE_WITH(a_loop_misses_nothing,
                   "RIONotify: each result is told of", .seconds = 60),
    TEST_END
};
TEST_MAIN("registered_io_notify", cases, NULL)
