/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches, markers, and the player of scenes; see events.h. */
#include "support/events.h"

#include <stdio.h>

enum {
    ARRIVAL_MS = 4000,  /* what must come */
    AFTERWARDS_MS = 25, /* the look after the marker */
    FIRST_MESSAGE = WM_USER + 100,
    MAX_MESSAGES = 8,
};

/* --- Watching ------------------------------------------------------------- */

void watch_open(struct watch *watch, enum watch_kind kind)
{
    static unsigned n_watches;

    memset(watch, 0, sizeof(*watch));
    watch->kind = kind;
    if (kind == WATCH_EVENT) {
        watch->event = event_create();
    } else {
        watch->window = window_create();
        watch->message = FIRST_MESSAGE + n_watches++;
    }
}

void watch_close(struct watch *watch)
{
    if (watch->kind == WATCH_EVENT)
        CHECK(WSACloseEvent(watch->event));
    else
        window_destroy(watch->window);
}

int watch_try_select(struct watch *watch, SOCKET s, long mask)
{
    if (watch->kind == WATCH_EVENT)
        return WSAEventSelect(s, watch->event, mask);
    return WSAAsyncSelect(s, (HWND)(ULONG_PTR)window_handle(watch->window),
                          watch->message, mask);
}

void watch_select(struct watch *watch, SOCKET s, long mask)
{
    CHECK_OK(watch_try_select(watch, s, mask));
}

int watch_next_message(struct watch *watch, int ms, struct message *ret)
{
    uint64_t wparam;
    int64_t lparam;

    memset(ret, 0, sizeof(*ret));
    if (!window_next_message(watch->window, ms, &ret->message, &wparam,
                             &lparam))
        return 0;
    ret->socket = (SOCKET)wparam;
    ret->event = WSAGETSELECTEVENT(lparam);
    ret->error = WSAGETSELECTERROR(lparam);
    return 1;
}

int watch_signalled(struct watch *watch, int ms)
{
    return event_is_signalled(watch->event, ms);
}

long watch_enumerate(struct watch *watch, SOCKET s, int errors[FD_MAX_EVENTS])
{
    WSANETWORKEVENTS found;

    memset(&found, 0xff, sizeof(found));
    CHECK_OK(WSAEnumNetworkEvents(s, watch->event, &found));
    if (errors) memcpy(errors, found.iErrorCode, sizeof(found.iErrorCode));
    return found.lNetworkEvents;
}

/* --- The marker ----------------------------------------------------------- */

void marker_open(struct marker *marker, enum watch_kind kind)
{
    tcp_pair(&marker->from, &marker->to);
    watch_open(&marker->watch, kind);
    watch_select(&marker->watch, marker->to, FD_READ);
}

void marker_close(struct marker *marker)
{
    close_socket(marker->to);
    close_socket(marker->from);
    watch_close(&marker->watch);
}

void marker_pass(struct marker *marker)
{
    char byte = 'm';

    send_all(marker->from, &byte, 1);
    check_reports(&marker->watch, marker->to, FD_READ, 0);
    CHECK_RESULT(recv(marker->to, &byte, 1, 0), 1);
}

/* --- Checks --------------------------------------------------------------- */

static const char *events_text(long events, char *text, size_t size)
{
    static const char *const names[FD_MAX_EVENTS] = {
        "READ", "WRITE", "OOB", "ACCEPT", "CONNECT",
        "CLOSE", "QOS", "GROUP_QOS", "ROUTING", "ADDRESS_LIST",
    };
    size_t length = 0;

    snprintf(text, size, "nothing");
    for (int i = 0; i < FD_MAX_EVENTS; i++)
        if (events & (1 << i) && length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%s",
                                       length ? "+" : "", names[i]);
    return text;
}

static void check_event_reports(struct watch *watch, SOCKET s, long event,
                                int error)
{
    int errors[FD_MAX_EVENTS], index = __builtin_ctzl((unsigned long)event);
    char text[80];

    CHECK_THAT(watch_signalled(watch, test_timeout(ARRIVAL_MS)),
               "the event was not signalled for %s",
               events_text(event, text, sizeof(text)));
    CHECK_EQ(watch_enumerate(watch, s, errors), event);
    CHECK_EQ(errors[index], error);
}

void check_reports(struct watch *watch, SOCKET s, long event, int error)
{
    struct message message;
    char text[80];

    if (watch->kind == WATCH_EVENT) {
        check_event_reports(watch, s, event, error);
        return;
    }
    CHECK_THAT(watch_next_message(watch, test_timeout(ARRIVAL_MS), &message),
               "no message came for %s",
               events_text(event, text, sizeof(text)));
    CHECK_EQ(message.message, watch->message);
    CHECK_EQ(message.socket, s);
    CHECK_EQ(message.event, event);
    CHECK_EQ(message.error, error);
}

void check_nothing(struct watch *watch, SOCKET s, struct marker *marker)
{
    struct message message;
    char text[80];

    marker_pass(marker);
    if (watch->kind == WATCH_MESSAGES) {
        CHECK_THAT(!watch_next_message(watch, AFTERWARDS_MS, &message),
                   "a message came: %s",
                   events_text((long)message.event, text, sizeof(text)));
        return;
    }
    CHECK_THAT(!watch_signalled(watch, AFTERWARDS_MS),
               "the event was signalled");
    if (s != INVALID_SOCKET) CHECK_EQ(watch_enumerate(watch, s, NULL), 0);
}

/* --- A connected pair ----------------------------------------------------- */

void stage_open(struct stage *stage, enum watch_kind kind)
{
    watch_open(&stage->watch, kind);
    marker_open(&stage->marker, kind);
    tcp_pair(&stage->peer, &stage->watched);
}

void stage_close(struct stage *stage)
{
    close_socket(stage->watched);
    close_socket(stage->peer);
    marker_close(&stage->marker);
    watch_close(&stage->watch);
}

void stage_send(struct stage *stage)
{
    send_all(stage->peer, "x", 1);
    CHECK(watch_signalled(&stage->watch, test_timeout(ARRIVAL_MS)));
}

/* --- Rows ----------------------------------------------------------------- */

static void check_row_event(struct scene *scene, const struct row *row)
{
    char actual[80], expected[80];
    int errors[FD_MAX_EVENTS];
    int came = row->events
                   ? watch_signalled(&scene->watch, test_timeout(ARRIVAL_MS))
                   : 0;

    marker_pass(&scene->marker);
    if (!came) came = watch_signalled(&scene->watch, AFTERWARDS_MS);
    EXPECT_THAT(came == !!row->events, "%s: the event was %ssignalled",
                row->text, came ? "" : "not ");
    if (scene->is_gone) return;
    long events = watch_enumerate(&scene->watch, scene->watched, errors);
    EXPECT_THAT(events == row->events, "%s: %s, not %s", row->text,
                events_text(events, actual, sizeof(actual)),
                events_text(row->events, expected, sizeof(expected)));
    for (int i = 0; i < FD_MAX_EVENTS; i++)
        if (events & row->events & (1 << i))
            EXPECT_THAT(errors[i] == row->error, "%s: error %s, not %s",
                        row->text, error_name(errors[i]),
                        error_name(row->error));
    EXPECT_THAT(!watch_signalled(&scene->watch, 0) &&
                    watch_enumerate(&scene->watch, scene->watched, NULL) == 0,
                "%s: enumerating took it and reset the event", row->text);
}

static void check_row_message(struct scene *scene, const struct row *row,
                              const struct message *message)
{
    EXPECT_THAT(message->message == scene->watch.message,
                "%s: message %u, not %u", row->text, message->message,
                scene->watch.message);
    EXPECT_THAT(message->socket == scene->watched,
                "%s: for socket %#llx, not %#llx", row->text,
                (unsigned long long)message->socket,
                (unsigned long long)scene->watched);
    EXPECT_THAT(message->error == row->error, "%s: error %s, not %s",
                row->text, error_name(message->error), error_name(row->error));
}

static void list_text(const long *events, unsigned n, char *text, size_t size)
{
    char one[80];
    size_t length = 0;

    snprintf(text, size, "nothing");
    for (unsigned i = 0; i < n && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s%s",
                                   i ? ", " : "",
                                   events_text(events[i], one, sizeof(one)));
}

static void check_row_messages(struct scene *scene, const struct row *row)
{
    struct message messages[MAX_MESSAGES];
    char actual[200], expected[200];
    long events[MAX_MESSAGES];
    unsigned n = 0, n_expected = 0;

    while (n_expected < ROW_MESSAGES && row->messages[n_expected]) n_expected++;
    while (n < n_expected &&
           watch_next_message(&scene->watch, test_timeout(ARRIVAL_MS),
                              &messages[n]))
        n++;
    marker_pass(&scene->marker);
    while (n < MAX_MESSAGES &&
           watch_next_message(&scene->watch, AFTERWARDS_MS, &messages[n]))
        n++;
    for (unsigned i = 0; i < n; i++) events[i] = (long)messages[i].event;
    list_text(events, n, actual, sizeof(actual));
    list_text(row->messages, n_expected, expected, sizeof(expected));
    EXPECT_THAT(n == n_expected &&
                    !memcmp(events, row->messages, n * sizeof(events[0])),
                "%s: %s, not %s", row->text, actual, expected);
    for (unsigned i = 0; i < n; i++)
        check_row_message(scene, row, &messages[i]);
}

void scene_play(const struct scene_table *table, enum watch_kind kind)
{
    struct scene scene = { .watched = INVALID_SOCKET, .peer = INVALID_SOCKET };

    watch_open(&scene.watch, kind);
    marker_open(&scene.marker, kind);
    table->prepare(&scene);
    for (const struct row *row = table->rows; row->text; row++) {
        row->act(&scene, row->argument);
        if (kind == WATCH_EVENT)
            check_row_event(&scene, row);
        else
            check_row_messages(&scene, row);
    }
    if (scene.peer != INVALID_SOCKET) close_socket(scene.peer);
    if (!scene.is_gone) close_socket(scene.watched);
    while (scene.n_kept) close_socket(scene.kept[--scene.n_kept]);
    if (scene.overlapped.hEvent) CHECK(WSACloseEvent(scene.overlapped.hEvent));
    marker_close(&scene.marker);
    watch_close(&scene.watch);
}
