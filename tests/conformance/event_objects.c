/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Event objects: the calls on them, and what a registration does with one.
 */
#include "support/events.h"

/* --- Event objects -------------------------------------------------------- */

static void new_event(void)
{
    WSAEVENT event = event_create();

    EXPECT_THAT(!event_is_signalled(event, 0), "not signalled");
    CHECK(WSASetEvent(event));
    EXPECT_THAT(event_is_signalled(event, 0) && event_is_signalled(event, 0),
                "manual-reset");
    CHECK(WSAResetEvent(event));
    EXPECT(!event_is_signalled(event, 0));
    CHECK(WSACloseEvent(event));
}

static void bad_events(void)
{
    static const ULONG_PTR bad[] = { 0, 0xdead0, ~(ULONG_PTR)0 - 0xfff };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        WSAEVENT event = (WSAEVENT)bad[i];
        WSASetLastError(0);
        EXPECT(!WSASetEvent(event));
        EXPECT_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
        WSASetLastError(0);
        EXPECT(!WSAResetEvent(event));
        EXPECT_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
        WSASetLastError(0);
        EXPECT(!WSACloseEvent(event));
        EXPECT_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
    }
}

static void wait_errors(void)
{
    WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS + 1];

    for (unsigned i = 0; i <= WSA_MAXIMUM_WAIT_EVENTS; i++)
        events[i] = event_create();
    WSASetLastError(0);
    EXPECT_EQ(WSAWaitForMultipleEvents(0, events, FALSE, 0, FALSE),
              WSA_WAIT_FAILED);
    EXPECT_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    WSASetLastError(0);
    EXPECT_EQ(WSAWaitForMultipleEvents(WSA_MAXIMUM_WAIT_EVENTS + 1, events,
                                       FALSE, 0, FALSE),
              WSA_WAIT_FAILED);
    EXPECT_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
    EXPECT_EQ(WSAWaitForMultipleEvents(WSA_MAXIMUM_WAIT_EVENTS, events, FALSE,
                                       0, FALSE),
              WSA_WAIT_TIMEOUT);
    for (unsigned i = 0; i <= WSA_MAXIMUM_WAIT_EVENTS; i++)
        CHECK(WSACloseEvent(events[i]));
    events[0] = (WSAEVENT)(ULONG_PTR)0xdead0;
    WSASetLastError(0);
    EXPECT_EQ(WSAWaitForMultipleEvents(1, events, FALSE, 0, FALSE),
              WSA_WAIT_FAILED);
    EXPECT_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
}

static void wait_results(void)
{
    WSAEVENT events[4];
    int64_t start;

    for (unsigned i = 0; i < 4; i++) events[i] = event_create();
    start = test_clock();
    EXPECT_EQ(WSAWaitForMultipleEvents(4, events, FALSE, 60, FALSE),
              WSA_WAIT_TIMEOUT);
    EXPECT_THAT(test_clock() - start >= 50, "it waited for %d ms",
                (int)(test_clock() - start));
    CHECK(WSASetEvent(events[3]));
    EXPECT_EQ(WSAWaitForMultipleEvents(4, events, FALSE, 0, FALSE),
              WSA_WAIT_EVENT_0 + 3);
    CHECK(WSASetEvent(events[1]));
    EXPECT_EQ(WSAWaitForMultipleEvents(4, events, FALSE, WSA_INFINITE, FALSE),
              WSA_WAIT_EVENT_0 + 1);
    EXPECT_EQ(WSAWaitForMultipleEvents(4, events, TRUE, 0, FALSE),
              WSA_WAIT_TIMEOUT);
    CHECK(WSASetEvent(events[0]));
    CHECK(WSASetEvent(events[2]));
    EXPECT_EQ(WSAWaitForMultipleEvents(4, events, TRUE, WSA_INFINITE, FALSE),
              WSA_WAIT_EVENT_0);
    for (unsigned i = 0; i < 4; i++) CHECK(WSACloseEvent(events[i]));
}

static void event_stays_signalled(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    CHECK_OK(recv(stage.watched, (char[1]){ 0 }, 1, 0) - 1);
    marker_pass(&stage.marker);
    EXPECT_THAT(watch_signalled(&stage.watch, 0),
                "until it is reset, also when the data is gone");
    EXPECT_EQ(watch_enumerate(&stage.watch, stage.watched, NULL), 0);
    EXPECT(!watch_signalled(&stage.watch, 0));
    stage_close(&stage);
}

typedef HANDLE(WINAPI *create_event_function)(LPSECURITY_ATTRIBUTES, BOOL, BOOL,
                                              LPCSTR);

static void auto_reset_event(void)
{
    struct stage stage;
    create_event_function create_event =
        (create_event_function)library_symbol(u"kernel32.dll", "CreateEventA");
    WSAEVENT event =
        create_event ? create_event(NULL, FALSE, FALSE, NULL) : NULL;

    if (!event) SKIP("the host has no auto-reset events");
    stage_open(&stage, WATCH_EVENT);
    CHECK_OK(WSAEventSelect(stage.watched, event, FD_READ));
    send_all(stage.peer, "x", 1);
    event_wait(event);
    EXPECT_THAT(!event_is_signalled(event, 0), "the wait consumed it");
    EXPECT_EQ(watch_enumerate(&stage.watch, stage.watched, NULL), FD_READ);
    stage_close(&stage);
    CHECK(WSACloseEvent(event));
}

static void two_sockets_share_an_event(void)
{
    struct stage stage;
    SOCKET second, second_peer;

    stage_open(&stage, WATCH_EVENT);
    tcp_pair(&second_peer, &second);
    watch_select(&stage.watch, stage.watched, FD_READ);
    watch_select(&stage.watch, second, FD_READ);
    stage_send(&stage);
    EXPECT_EQ(watch_enumerate(&stage.watch, second, NULL), 0);
    EXPECT_EQ(watch_enumerate(&stage.watch, stage.watched, NULL), FD_READ);
    send_all(second_peer, "x", 1);
    check_reports(&stage.watch, second, FD_READ, 0);
    EXPECT_EQ(watch_enumerate(&stage.watch, stage.watched, NULL), 0);
    close_socket(second);
    close_socket(second_peer);
    stage_close(&stage);
}

static void wait_for_event(void *argument)
{
    event_wait((WSAEVENT)argument);
}

static void threads_share_an_event(void)
{
    struct stage stage;
    struct thread *threads[3];

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    for (unsigned i = 0; i < 3; i++)
        threads[i] = thread_start(wait_for_event, stage.watch.event);
    send_all(stage.peer, "x", 1);
    for (unsigned i = 0; i < 3; i++) thread_join(threads[i]);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    stage_close(&stage);
}

/* The registration holds the object, not the handle, whose value may soon
   name another event. */
static void closed_event(void)
{
    struct stage stage;
    WSAEVENT event = event_create(), others[4];

    stage_open(&stage, WATCH_EVENT);
    CHECK_OK(WSAEventSelect(stage.watched, event, FD_READ));
    CHECK(WSACloseEvent(event));
    for (unsigned i = 0; i < 4; i++) others[i] = event_create();
    send_all(stage.peer, "x", 1);
    marker_pass(&stage.marker);
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_THAT(!event_is_signalled(others[i], 0),
                    "a new event is not signalled");
        CHECK(WSACloseEvent(others[i]));
    }
    watch_select(&stage.watch, stage.watched, FD_READ);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    stage_close(&stage);
}

static const struct test_case cases[] = {
    TEST_CASE(new_event, "02 9: manual-reset, not signalled"),
    TEST_CASE(bad_events, "02 9: WSA_INVALID_HANDLE"),
    TEST_CASE(wait_errors,
              "02 9: WSA_INVALID_PARAMETER for no or too many events"),
    TEST_CASE(wait_results,
              "02 9: the lowest index, all of them, the timeout"),
    TEST_CASE(event_stays_signalled,
              "02 9: it stays signalled until somebody resets it"),
    TEST_CASE(auto_reset_event,
              "02 9: consumed by the wait, and the events are there"),
    TEST_CASE(two_sockets_share_an_event,
              "02 2: an event may be shared between sockets"),
    TEST_CASE(threads_share_an_event,
              "02 2: several threads may wait for an event"),
    TEST_CASE(closed_event,
              "02 9: the registration refers to the object, not to its "
              "handle"),
    TEST_END
};

TEST_MAIN("event_objects", cases, NULL)
