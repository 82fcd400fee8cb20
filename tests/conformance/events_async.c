/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAAsyncSelect: the observed sequences of support/event_scenes.c, the rules
 * of the call, and those of its messages.
 */
#include "support/events.h"

enum { SOON_MS = 4000 };

#define PLAY(name, text)                                                       \
    static void name(void) { scene_play(&scene_##name, WATCH_MESSAGES); }
EVENT_SCENES(PLAY)

static HWND hwnd(const struct watch *watch)
{
    return (HWND)(ULONG_PTR)window_handle(watch->window);
}

/* --- The call ------------------------------------------------------------- */

static void errors_of_the_call(void)
{
    struct watch watch, gone;
    SOCKET s = tcp_socket();

    watch_open(&watch, WATCH_MESSAGES);
    watch_open(&gone, WATCH_MESSAGES);
    HWND destroyed = hwnd(&gone);
    watch_close(&gone);
    CHECK_OK(closesocket(s));
    EXPECT_ERROR(WSAAsyncSelect(s, hwnd(&watch), WM_USER, FD_READ),
                 WSAENOTSOCK);
    EXPECT_ERROR(WSAAsyncSelect(INVALID_SOCKET, hwnd(&watch), WM_USER, 0),
                 WSAENOTSOCK);
    s = tcp_socket();
    EXPECT_ERROR(WSAAsyncSelect(s, (HWND)(ULONG_PTR)0xdead0, WM_USER, FD_READ),
                 WSAEINVAL);
    EXPECT_ERROR(WSAAsyncSelect(s, destroyed, WM_USER, FD_READ), WSAEINVAL);
    EXPECT_ERROR(WSAAsyncSelect(s, hwnd(&watch), WM_USER, 1 << 20), WSAEINVAL);
    EXPECT_OK(WSAAsyncSelect(s, hwnd(&watch), 0, 0));
    close_socket(s);
    watch_close(&watch);
}

static void call_before_startup(void)
{
    EXPECT_ERROR(WSAAsyncSelect(4, NULL, 0, 0), WSANOTINITIALISED);
}

static void failed_select_keeps_registration(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ);
    CHECK_ERROR(WSAAsyncSelect(stage.watched, (HWND)(ULONG_PTR)0xdead0,
                               WM_USER, FD_CLOSE),
                WSAEINVAL);
    send_all(stage.peer, "x", 1);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    stage_close(&stage);
}

static void sets_nonblocking(void)
{
    static const long masks[] = { FD_READ, 0 };

    for (unsigned i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        struct stage stage;
        stage_open(&stage, WATCH_MESSAGES);
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

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ);
    EXPECT_ERROR(ioctlsocket(stage.watched, FIONBIO, &off), WSAEINVAL);
    EXPECT_OK(ioctlsocket(stage.watched, FIONBIO, &on));
    CHECK_OK(WSAAsyncSelect(stage.watched, hwnd(&stage.watch), 0, 0));
    EXPECT_THAT(is_nonblocking(stage.watched), "cancelling leaves it");
    EXPECT_OK(ioctlsocket(stage.watched, FIONBIO, &off));
    EXPECT(!is_nonblocking(stage.watched));
    stage_close(&stage);
}

/* --- Messages ------------------------------------------------------------- */

static void cancelled_is_silent(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    watch_select(&stage.watch, stage.watched, 0);
    send_all(stage.peer, "x", 1);
    CHECK_OK(shutdown(stage.peer, SD_SEND));
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    stage_close(&stage);
}

/* The message was posted before the registration ended. */
static void check_old_message(struct stage *stage)
{
    struct message message;

    CHECK(watch_next_message(&stage->watch, 0, &message));
    EXPECT_EQ(message.socket, stage->watched);
    EXPECT_EQ(message.event, FD_READ);
}

static void posted_survives_cancel(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    send_all(stage.peer, "x", 1);
    marker_pass(&stage.marker);
    watch_select(&stage.watch, stage.watched, 0);
    CHECK_OK(shutdown(stage.peer, SD_SEND));
    marker_pass(&stage.marker);
    check_old_message(&stage);
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    stage_close(&stage);
}

static void posted_survives_close(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    send_all(stage.peer, "x", 1);
    marker_pass(&stage.marker);
    close_socket(stage.watched);
    check_old_message(&stage);
    check_nothing(&stage.watch, INVALID_SOCKET, &stage.marker);
    stage.watched = tcp_socket();
    stage_close(&stage);
}

static void destroyed_window(void)
{
    struct stage stage;
    char byte;

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    watch_close(&stage.watch);
    send_all(stage.peer, "x", 1);
    marker_pass(&stage.marker);
    CHECK_RESULT(recv(stage.watched, &byte, 1, 0), 1);
    EXPECT_THAT(is_nonblocking(stage.watched), "the registration stays");
    u_long off = 0;
    EXPECT_ERROR(ioctlsocket(stage.watched, FIONBIO, &off), WSAEINVAL);
    watch_open(&stage.watch, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    send_all(stage.peer, "x", 1);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    stage_close(&stage);
}

static void other_calls_do_not_take_events(void)
{
    struct stage stage;
    struct timeval at_once = { 0, 0 };
    fd_set readable;

    stage_open(&stage, WATCH_MESSAGES);
    watch_select(&stage.watch, stage.watched, FD_READ);
    send_all(stage.peer, "x", 1);
    CHECK(wait_readable(stage.watched, test_timeout(SOON_MS)));
    FD_ZERO(&readable);
    FD_SET(stage.watched, &readable);
    EXPECT_RESULT(select(0, &readable, NULL, NULL, &at_once), 1);
    check_reports(&stage.watch, stage.watched, FD_READ, 0);
    EXPECT(wait_readable(stage.watched, 0));
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    stage_close(&stage);
}

/* Two messages for two events of one socket cannot be had. */
static void one_message_for_a_socket(void)
{
    struct stage stage;
    char byte = 'x';

    stage_open(&stage, WATCH_MESSAGES);
    CHECK_OK(WSAAsyncSelect(stage.watched, hwnd(&stage.watch), WM_USER + 1,
                            FD_READ));
    watch_select(&stage.watch, stage.watched, FD_CLOSE);
    send_all(stage.peer, &byte, 1);
    check_nothing(&stage.watch, stage.watched, &stage.marker);
    CHECK_RESULT(recv(stage.watched, &byte, 1, 0), 1);
    CHECK_OK(shutdown(stage.peer, SD_SEND));
    check_reports(&stage.watch, stage.watched, FD_CLOSE, 0);
    stage_close(&stage);
}

/* --- Deferred connections ------------------------------------------------- */

static int CALLBACK defer(LPWSABUF caller, LPWSABUF caller_data, LPQOS qos,
                          LPQOS group_qos, LPWSABUF callee,
                          LPWSABUF callee_data, GROUP *group,
                          DWORD_PTR argument)
{
    (void)caller, (void)caller_data, (void)qos, (void)group_qos;
    (void)callee, (void)callee_data, (void)group, (void)argument;
    return CF_DEFER;
}

static void deferred_connection(void)
{
    struct watch watch;
    struct marker marker;
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, accepted;

    watch_open(&watch, WATCH_MESSAGES);
    marker_open(&marker, WATCH_MESSAGES);
    watch_select(&watch, listener, FD_ACCEPT);
    client = tcp_connect(&name);
    check_reports(&watch, listener, FD_ACCEPT, 0);
    EXPECT_ERROR(WSAAccept(listener, NULL, NULL, defer, 0), WSATRY_AGAIN);
    check_nothing(&watch, listener, &marker);
    accepted = CHECK_SOCKET(WSAAccept(listener, NULL, NULL, NULL, 0));
    check_nothing(&watch, listener, &marker);
    close_socket(accepted);
    close_socket(client);
    close_socket(listener);
    marker_close(&marker);
    watch_close(&watch);
}

/* --- What programs rely on ------------------------------------------------ */

struct transfer {
    SOCKET s;
    int length;
};

/* Sends without a pause, on a blocking socket. */
static void send_all_of_it(void *argument)
{
    static char data[65536];
    struct transfer *transfer = argument;

    for (int done = 0; done < transfer->length; done += (int)sizeof(data))
        send_all(transfer->s, data, sizeof(data));
    CHECK_OK(shutdown(transfer->s, SD_SEND));
}

/* One recv for each FD_READ message: the transfer never stands still. */
static void one_recv_for_each_message(void)
{
    struct stage stage;
    struct transfer transfer = { .length = 2 << 20 };
    struct message message;
    static char data[4096];
    int received = 0, n;

    stage_open(&stage, WATCH_MESSAGES);
    transfer.s = stage.peer;
    watch_select(&stage.watch, stage.watched, FD_READ | FD_CLOSE);
    struct thread *thread = thread_start(send_all_of_it, &transfer);
    for (;;) {
        CHECK_THAT(watch_next_message(&stage.watch, test_timeout(SOON_MS),
                                      &message),
                   "no message after %d bytes", received);
        CHECK_EQ(message.error, 0);
        if (message.event == FD_CLOSE) break;
        CHECK_EQ(message.event, FD_READ);
        n = recv(stage.watched, data, sizeof(data), 0);
        if (n > 0) received += n;
        /* FD_READ may be stale, the end is told by FD_CLOSE. */
        CHECK(n >= 0 || WSAGetLastError() == WSAEWOULDBLOCK);
    }
    while ((n = recv(stage.watched, data, sizeof(data), 0)) > 0) received += n;
    CHECK_EQ(n, 0);
    EXPECT_EQ(received, transfer.length);
    thread_join(thread);
    stage_close(&stage);
}

static void fd_write_latch_rearms(void)
{
    send_only_on_write(WATCH_MESSAGES);
}

/* A server of one window: the accepted sockets inherit, and may be given a
   message and a mask of their own, while the listener keeps its. */
static void wsaasyncselect_on_accepted_sockets(void)
{
    struct watch listening, serving;
    struct marker marker;
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), clients[3], accepted[3];
    char byte;

    watch_open(&listening, WATCH_MESSAGES);
    watch_open(&serving, WATCH_MESSAGES);
    marker_open(&marker, WATCH_MESSAGES);
    watch_select(&listening, listener, FD_ACCEPT | FD_READ | FD_CLOSE);
    for (int i = 0; i < 3; i++) {
        clients[i] = tcp_connect(&name);
        check_reports(&listening, listener, FD_ACCEPT, 0);
        accepted[i] = CHECK_SOCKET(accept(listener, NULL, NULL));
        send_all(clients[i], "a", 1);
        check_reports(&listening, accepted[i], FD_READ, 0);
        CHECK_RESULT(recv(accepted[i], &byte, 1, 0), 1);

        watch_select(&serving, accepted[i], FD_READ | FD_WRITE | FD_CLOSE);
        check_reports(&serving, accepted[i], FD_WRITE, 0);
        send_all(clients[i], "b", 1);
        check_reports(&serving, accepted[i], FD_READ, 0);
        CHECK_RESULT(recv(accepted[i], &byte, 1, 0), 1);
        check_nothing(&listening, listener, &marker);
    }
    for (int i = 0; i < 3; i++) {
        close_socket(clients[i]);
        check_reports(&serving, accepted[i], FD_CLOSE, 0);
        close_socket(accepted[i]);
    }
    check_nothing(&listening, listener, &marker);
    close_socket(listener);
    marker_close(&marker);
    watch_close(&serving);
    watch_close(&listening);
}

#define WINDOW_CASE(function, statement)                                       \
    TEST_CASE_WITH(function, statement, .flags = TEST_WINDOWS)
#define SCENE_CASE(name, text) WINDOW_CASE(name, text),
static const struct test_case cases[] = {
    EVENT_SCENES(SCENE_CASE)
    WINDOW_CASE(errors_of_the_call,
                "02 2: WSAENOTSOCK; WSAEINVAL for no window and unknown "
                "events"),
    TEST_CASE_WITH(call_before_startup, "02 2: WSANOTINITIALISED",
                   .flags = TEST_BARE),
    WINDOW_CASE(failed_select_keeps_registration,
                "02 2: a call that fails changes nothing"),
    WINDOW_CASE(sets_nonblocking, "02 2: non-blocking, whatever the mask"),
    WINDOW_CASE(blocking_mode_is_locked,
                "02 2: FIONBIO 0 fails until the registration is cancelled"),
    WINDOW_CASE(cancelled_is_silent, "02 3: mask 0 cancels"),
    WINDOW_CASE(posted_survives_cancel,
                "02 3, 13 X10: queued messages may still be retrieved"),
    WINDOW_CASE(posted_survives_close,
                "02 3, 13 X11: closesocket posts nothing and takes nothing "
                "back"),
    WINDOW_CASE(destroyed_window,
                "02 3: posts to a window that is gone fail silently"),
    WINDOW_CASE(other_calls_do_not_take_events,
                "02 2: select and WSAPoll do not disturb the registration"),
    WINDOW_CASE(one_message_for_a_socket,
                "02 3, 13 X4: two messages for two events are impossible"),
    WINDOW_CASE(deferred_connection,
                "02 5: WSAAccept does not re-enable ACCEPT with "
                "WSATRY_AGAIN"),
    WINDOW_CASE(one_recv_for_each_message,
                "02 5: one recv for each FD_READ is the intended pattern"),
    WINDOW_CASE(fd_write_latch_rearms,
                "02 5: FD_WRITE after every WSAEWOULDBLOCK"),
    WINDOW_CASE(wsaasyncselect_on_accepted_sockets,
                "02 10: accepted sockets inherit window, message and mask"),
    TEST_END
};

TEST_MAIN("events_async", cases, NULL)
