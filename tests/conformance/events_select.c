/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAEventSelect and WSAEnumNetworkEvents: the observed sequences of
 * support/event_scenes.c, and the rules of the calls.  Those of event objects
 * are in event_objects.c.
 */
#include "support/events.h"

enum { SOON_MS = 4000 };

#define PLAY(name, text)                                                       \
    static void name(void) { scene_play(&scene_##name, WATCH_EVENT); }
EVENT_SCENES(PLAY)

/* --- Registering: A9 to A11, and the errors ------------------------------- */

static void unreported_event(void)
{
    struct watch watch;
    struct marker marker;
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client;

    watch_open(&watch, WATCH_EVENT);
    marker_open(&marker, WATCH_EVENT);
    watch_select(&watch, listener, FD_ACCEPT | FD_READ);
    client = tcp_connect(&name);
    CHECK(watch_signalled(&watch, test_timeout(SOON_MS)));

    watch_select(&watch, listener, FD_READ);
    EXPECT_THAT(watch_signalled(&watch, 0), "A9: the event stays set");
    CHECK(WSAResetEvent(watch.event));
    watch_select(&watch, listener, FD_READ | FD_OOB);
    marker_pass(&marker);
    EXPECT_THAT(!watch_signalled(&watch, 0), "A10: the event is not set");
    watch_select(&watch, listener, FD_ACCEPT | FD_READ);
    check_reports(&watch, listener, FD_ACCEPT, 0);

    close_socket(client);
    close_socket(listener);
    marker_close(&marker);
    watch_close(&watch);
}

static void errors_of_the_calls(void)
{
    WSANETWORKEVENTS events;
    WSAEVENT event = event_create();
    SOCKET s = tcp_socket();

    CHECK_OK(closesocket(s));
    EXPECT_ERROR(WSAEventSelect(s, event, FD_READ), WSAENOTSOCK);
    EXPECT_ERROR(WSAEventSelect(s, NULL, 0), WSAENOTSOCK);
    EXPECT_ERROR(WSAEventSelect(INVALID_SOCKET, event, FD_READ), WSAENOTSOCK);
    EXPECT_ERROR(WSAEnumNetworkEvents(s, event, &events), WSAENOTSOCK);
    EXPECT_ERROR(WSAEnumNetworkEvents(INVALID_SOCKET, NULL, &events),
                 WSAENOTSOCK);
    s = tcp_socket();
    EXPECT_ERROR(WSAEventSelect(s, NULL, FD_READ), WSAEINVAL);
    EXPECT_ERROR(WSAEventSelect(s, (WSAEVENT)(ULONG_PTR)0xdead0, FD_READ),
                 WSAEINVAL);
    EXPECT_OK(WSAEventSelect(s, NULL, 0));
    EXPECT_OK(WSAEventSelect(s, event, 0));
    close_socket(s);
    CHECK(WSACloseEvent(event));
}

static void calls_before_startup(void)
{
    WSANETWORKEVENTS events;

    EXPECT_ERROR(WSAEventSelect(4, NULL, 0), WSANOTINITIALISED);
    EXPECT_ERROR(WSAEnumNetworkEvents(4, NULL, &events), WSANOTINITIALISED);
}

static void failed_select_keeps_registration(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    CHECK_ERROR(WSAEventSelect(stage.watched, NULL, FD_CLOSE), WSAEINVAL);
    send_all(stage.peer, "x", 1);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    stage_close(&stage);
}

/* --- Blocking mode -------------------------------------------------------- */

static void sets_nonblocking(void)
{
    static const long masks[] = { FD_READ, 0 };

    for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        struct stage stage;
        stage_open(&stage, WATCH_EVENT);
        EXPECT(!is_nonblocking(stage.watched));
        watch_select(&stage.watch, stage.watched, masks[i]);
        EXPECT_THAT(is_nonblocking(stage.watched), "mask %#lx", masks[i]);
        stage_close(&stage);
    }
}

static void blocking_mode_is_locked(void)
{
    struct stage stage;
    u_long off = 0, on = 1;
    DWORD n_bytes = 77;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    EXPECT_ERROR(ioctlsocket(stage.watched, FIONBIO, &off), WSAEINVAL);
    EXPECT_ERROR(WSAIoctl(stage.watched, FIONBIO, &off, sizeof(off), NULL, 0,
                          &n_bytes, NULL, NULL),
                 WSAEINVAL);
    EXPECT_EQ(n_bytes, 0);
    EXPECT_OK(ioctlsocket(stage.watched, FIONBIO, &on));
    watch_select(&stage.watch, stage.watched, 0);
    EXPECT_THAT(is_nonblocking(stage.watched), "cancelling leaves it");
    EXPECT_OK(ioctlsocket(stage.watched, FIONBIO, &off));
    EXPECT(!is_nonblocking(stage.watched));
    stage_close(&stage);
}

/* --- The record ----------------------------------------------------------- */

static void cancel_hides_and_keeps(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    CHECK_OK(WSAEventSelect(stage.watched, NULL, 0));
    EXPECT_THAT(watch_signalled(&stage.watch, 0),
                "cancelling does not touch the event");
    EXPECT_EQ(watch_enumerate(&stage.watch, stage.watched, NULL), 0);
    EXPECT_THAT(!watch_signalled(&stage.watch, 0), "enumerating resets it");
    watch_select(&stage.watch, stage.watched, FD_READ);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    watch_select(&stage.watch, stage.watched, 0);
    watch_select(&stage.watch, stage.watched, FD_READ);
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    stage_close(&stage);
}

static void cancelled_is_silent(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    /* The handle is ignored. */
    CHECK_OK(WSAEventSelect(stage.watched, stage.marker.watch.event, 0));
    send_all(stage.peer, "x", 1);
    CHECK_OK(shutdown(stage.peer, SD_SEND));
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    stage_close(&stage);
}

static void other_calls_do_not_take_events(void)
{
    struct stage stage;
    struct timeval at_once = { 0, 0 };
    fd_set readable;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    FD_ZERO(&readable);
    FD_SET(stage.watched, &readable);
    EXPECT_RESULT(select(0, &readable, NULL, NULL, &at_once), 1);
    EXPECT(wait_readable(stage.watched, 0));
    EXPECT_THAT(watch_signalled(&stage.watch, 0), "the event is still set");
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    FD_ZERO(&readable);
    FD_SET(stage.watched, &readable);
    EXPECT_RESULT(select(0, &readable, NULL, NULL, &at_once), 1);
    EXPECT(wait_readable(stage.watched, 0));
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    stage_close(&stage);
}

static void refused_connect_is_observable(void)
{
    struct watch watch;
    SOCKET nobody = tcp_socket(), s = tcp_socket();
    struct sockaddr_in name = loopback(0);
    struct timeval soon = { 4, 0 };
    fd_set failed;

    CHECK_OK(bind(nobody, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(nobody);
    watch_open(&watch, WATCH_EVENT);
    watch_select(&watch, s, FD_CONNECT | FD_WRITE | FD_CLOSE);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    FD_ZERO(&failed);
    FD_SET(s, &failed);
    EXPECT_RESULT(select(0, NULL, NULL, &failed, &soon), 1);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), WSAECONNREFUSED);
    check_reports(&watch, s, FD_CONNECT, WSAECONNREFUSED);
    close_socket(s);
    close_socket(nobody);
    watch_close(&watch);
}

static void own_close_is_no_event(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_CLOSE | FD_READ);
    close_socket(stage.watched);
    check_nothing(&stage.watch, INVALID_SOCKET, &stage.marker);
    stage.watched = tcp_socket();
    stage_close(&stage);
}

/* The end that follows the last byte at once is not taken for data. */
static void end_is_no_data(void)
{
    struct stage stage;
    SOCKET s, peer;
    char byte;

    stage_open(&stage, WATCH_EVENT);
    for (int round = 0; round < 200; round++) {
        tcp_pair(&peer, &s);
        watch_select(&stage.watch, s, FD_READ);
        send_all(peer, "x", 1);
        check_reports(&stage.watch, s, FD_READ, 0);
        CHECK_RESULT(recv(s, &byte, 1, 0), 1);
        CHECK_OK(shutdown(peer, SD_SEND));
        marker_pass(&stage.marker);
        CHECK_THAT(!watch_signalled(&stage.watch, 0), "round %d", round);
        close_socket(s);
        close_socket(peer);
    }
    stage_close(&stage);
}

/* --- WSAEnumNetworkEvents ------------------------------------------------- */

static void enumerate_leaves_other_codes(void)
{
    struct stage stage;
    WSANETWORKEVENTS events;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    stage_send(&stage);
    memset(&events, 0x5a, sizeof(events));
    CHECK_OK(WSAEnumNetworkEvents(stage.watched, stage.watch.event, &events));
    EXPECT_EQ(events.lNetworkEvents, FD_READ);
    EXPECT_EQ(events.iErrorCode[FD_READ_BIT], 0);
    for (int i = FD_READ_BIT + 1; i < FD_MAX_EVENTS; i++)
        EXPECT_THAT(events.iErrorCode[i] == 0x5a5a5a5a, "iErrorCode[%d]", i);
    stage_close(&stage);
}

static void enumerate_bad_pointer(void)
{
    static const ULONG_PTR bad[] = { 0, 8 };
    struct stage stage;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT_ERROR(WSAEnumNetworkEvents(stage.watched, stage.watch.event,
                                          (WSANETWORKEVENTS *)bad[i]),
                     WSAEFAULT);
    EXPECT_THAT(watch_signalled(&stage.watch, 0), "the event is not reset");
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    stage_close(&stage);
}

static void enumerate_bad_event(void)
{
    struct stage stage;
    WSANETWORKEVENTS events;
    WSAEVENT closed = event_create();

    CHECK(WSACloseEvent(closed));
    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    EXPECT_ERROR(WSAEnumNetworkEvents(stage.watched,
                                      (WSAEVENT)(ULONG_PTR)0xdead0, &events),
                 WSAEINVAL);
    EXPECT_THAT(watch_signalled(&stage.watch, 0), "the event is not reset");
    stage_close(&stage);
}

static void enumerate_without_event(void)
{
    struct stage stage;
    WSANETWORKEVENTS events;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    CHECK_OK(WSAEnumNetworkEvents(stage.watched, NULL, &events));
    EXPECT_EQ(events.lNetworkEvents, FD_READ);
    EXPECT_THAT(watch_signalled(&stage.watch, 0), "the event is left set");
    EXPECT_EQ(watch_enumerate(&stage.watch, stage.watched, NULL), 0);
    stage_close(&stage);
}

static void enumerate_resets_what_it_is_given(void)
{
    struct stage stage;
    WSANETWORKEVENTS events;
    WSAEVENT other = event_create();

    stage_open(&stage, WATCH_EVENT);
    CHECK(WSASetEvent(other));
    watch_select(&stage.watch, stage.watched, FD_READ);
    stage_send(&stage);
    CHECK_OK(WSAEnumNetworkEvents(stage.watched, other, &events));
    EXPECT_EQ(events.lNetworkEvents, FD_READ);
    EXPECT_THAT(!event_is_signalled(other, 0), "the given event is reset");
    EXPECT_THAT(watch_signalled(&stage.watch, 0), "the registered one is not");
    stage_close(&stage);
    CHECK(WSACloseEvent(other));
}

/* --- Accepted sockets ----------------------------------------------------- */

static void accepted_socket_goes_its_way(void)
{
    struct watch watch, own;
    struct marker marker;
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, accepted, second;

    watch_open(&watch, WATCH_EVENT);
    watch_open(&own, WATCH_EVENT);
    marker_open(&marker, WATCH_EVENT);
    watch_select(&watch, listener, FD_ACCEPT | FD_READ | FD_CLOSE);
    client = tcp_connect(&name);
    check_reports(&watch, listener, FD_ACCEPT, 0);
    accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    watch_select(&own, accepted, FD_READ);
    send_all(client, "x", 1);
    check_reports(&own, accepted, FD_READ, 0);
    check_nothing(&watch, listener, &marker);
    second = tcp_connect(&name);
    check_reports(&watch, listener, FD_ACCEPT, 0);
    check_nothing(&own, accepted, &marker);
    close_socket(second);
    close_socket(accepted);
    close_socket(client);
    close_socket(listener);
    marker_close(&marker);
    watch_close(&own);
    watch_close(&watch);
}

/* --- What programs rely on ------------------------------------------------ */

static void fd_write_latch_rearms(void)
{
    send_only_on_write(WATCH_EVENT);
}

/* Selecting anew keeps what is recorded, and enumerating does not end the
   registration. */
static void wsaeventselect_exactness(void)
{
    struct stage stage;
    char byte;

    stage_open(&stage, WATCH_EVENT);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    for (int round = 0; round < 5; round++) {
        stage_send(&stage);
        watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
        check_reports(&stage.watch, stage.watched, FD_READ, 0);
        CHECK_RESULT(recv(stage.watched, &byte, 1, 0), 1);
        check_nothing(&stage.watch, stage.watched, &stage.marker);
    }
    CHECK_OK(shutdown(stage.peer, SD_SEND));
    check_reports(&stage.watch, stage.watched, FD_CLOSE, 0);
    stage_close(&stage);
}

#define SCENE_CASE(name, text) TEST_CASE(name, text),
static const struct test_case cases[] = {
    EVENT_SCENES(SCENE_CASE)
    TEST_CASE(unreported_event,
              "02 7 A9-A11: an event that is set and not enumerated"),
    TEST_CASE(errors_of_the_calls,
              "02 2: WSAENOTSOCK; WSAEINVAL for no event with a mask"),
    TEST_CASE_WITH(calls_before_startup, "02 2: WSANOTINITIALISED",
                   .flags = TEST_BARE),
    TEST_CASE(failed_select_keeps_registration,
              "02 2: a call that fails changes nothing"),
    TEST_CASE(sets_nonblocking,
              "02 2: non-blocking, whatever the mask (X8)"),
    TEST_CASE(blocking_mode_is_locked,
              "02 2, 13 X7: FIONBIO 0 fails until the registration is "
              "cancelled"),
    TEST_CASE(cancel_hides_and_keeps,
              "02 3, 13 X12: cancelling leaves the event and what is "
              "unreported"),
    TEST_CASE(cancelled_is_silent,
              "02 2, 3: mask 0 cancels and ignores the handle"),
    TEST_CASE(other_calls_do_not_take_events,
              "02 2: select and WSAPoll do not disturb the record"),
    TEST_CASE(refused_connect_is_observable,
              "02 8: FD_CONNECT, SO_ERROR and exceptfds tell a failed "
              "connect"),
    TEST_CASE(own_close_is_no_event,
              "02 3: closesocket cancels and never produces FD_CLOSE"),
    TEST_CASE(end_is_no_data, "02 6: the peer's FIN is CLOSE, and no READ"),
    TEST_CASE(enumerate_leaves_other_codes,
              "02 8: codes of events that did not occur are left untouched"),
    TEST_CASE(enumerate_bad_pointer,
              "02 2, 13 X13: WSAEFAULT clears and resets nothing"),
    TEST_CASE(enumerate_bad_event, "02 2: WSAEINVAL for an invalid event"),
    TEST_CASE(enumerate_without_event,
              "02 9, 13 X14: without an event the record is cleared, the "
              "event left"),
    TEST_CASE(enumerate_resets_what_it_is_given,
              "02 9: the event need not be the registered one"),
    TEST_CASE(accepted_socket_goes_its_way,
              "02 10: an accepted socket may be registered for itself"),
    TEST_CASE(fd_write_latch_rearms,
              "02 4, 5: every send that would block arms FD_WRITE"),
    TEST_CASE(wsaeventselect_exactness,
              "02 3, 4: re-selecting keeps the record, enumerating the "
              "registration"),
    TEST_END
};

TEST_MAIN("events_select", cases, NULL)
