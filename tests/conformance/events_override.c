/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A socket has one registration: the last call wins, whichever of the two calls
 * it is and through whichever descriptor in whatever process it is made, and
 * the loser gets nothing more.
 */
#include "support/events.h"
#include "support/remote.h"

enum { SOON_MS = 4000, AFTERWARDS_MS = 25, REMOTE_MESSAGE = WM_USER + 50 };

/* --- Who registers ------------------------------------------------------------------ */

enum place {
    same_descriptor,    /* both through one */
    second_descriptor,  /* the second in the same process */
    other_process,      /* the second in another process */
    from_other_process, /* the first in another process */
};

/* A process, its descriptor, and where its registration reports to. */
struct owner {
    struct peer *peer; /* NULL: this process */
    SOCKET s;
    enum watch_kind kind;
    struct watch watch; /* of this process */
    WSAEVENT event;     /* the peer's; its window is its own */
};

static void owner_open(struct owner *owner, enum watch_kind kind, SOCKET s,
                       struct peer *peer)
{
    *owner = (struct owner){ .peer = peer, .s = s, .kind = kind };
    if (!peer)
        watch_open(&owner->watch, kind);
    else if (kind == WATCH_EVENT)
        CHECK(owner->event = remote_event_create(peer));
}

static void owner_close(struct owner *owner)
{
    if (!owner->peer)
        watch_close(&owner->watch);
    else if (owner->kind == WATCH_EVENT)
        CHECK_OK(remote_event_close(owner->peer, owner->event));
}

static void owner_select(struct owner *owner, long mask)
{
    if (!owner->peer)
        watch_select(&owner->watch, owner->s, mask);
    else if (owner->kind == WATCH_EVENT)
        CHECK_OK(remote_event_select(owner->peer, owner->s, owner->event,
                                     mask));
    else
        CHECK_OK(remote_async_select(owner->peer, owner->s, REMOTE_MESSAGE,
                                     mask));
}

static void remote_check_message(struct owner *owner, long expected)
{
    unsigned message, event;
    SOCKET s;
    int error;

    CHECK_THAT(remote_next_message(owner->peer, test_timeout(SOON_MS),
                                   &message, &s, &event, &error),
               "no message came to the other process");
    CHECK_EQ(message, REMOTE_MESSAGE);
    CHECK_EQ(s, owner->s);
    CHECK_EQ(event, expected);
    CHECK_EQ(error, 0);
}

static void remote_check_event(struct owner *owner, long expected)
{
    WSANETWORKEVENTS events = { 0 };

    CHECK_THAT(remote_event_wait(owner->peer, owner->event,
                                 test_timeout(SOON_MS)),
               "the other process's event was not signalled");
    CHECK_OK(remote_enum(owner->peer, owner->s, owner->event, &events));
    CHECK_EQ(events.lNetworkEvents, expected);
}

/* It gets just this event. */
static void owner_check(struct owner *owner, long expected)
{
    if (!owner->peer)
        check_reports(&owner->watch, owner->s, expected, 0);
    else if (owner->kind == WATCH_EVENT)
        remote_check_event(owner, expected);
    else
        remote_check_message(owner, expected);
}

/* It gets nothing; the marker has passed.  An event is not enumerated: that
   would take what is recorded from its owner. */
static void owner_check_nothing(struct owner *owner, const char *who)
{
    struct message message;
    unsigned number, event;
    SOCKET s;
    int error, got;

    if (!owner->peer)
        got = owner->kind == WATCH_EVENT
                  ? watch_signalled(&owner->watch, AFTERWARDS_MS)
                  : watch_next_message(&owner->watch, AFTERWARDS_MS, &message);
    else if (owner->kind == WATCH_EVENT)
        got = remote_event_wait(owner->peer, owner->event, AFTERWARDS_MS);
    else
        got = remote_next_message(owner->peer, AFTERWARDS_MS, &number, &s,
                                  &event, &error);
    CHECK_THAT(!got, "%s was notified", who);
}

/* --- Two owners of one socket ------------------------------------------------------------- */

struct stage {
    struct marker marker;
    SOCKET socket, second; /* descriptors of one socket; second: or INVALID */
    SOCKET client;         /* its other end */
    struct peer *peer;     /* NULL: not needed */
    SOCKET there;          /* the peer's descriptor */
    struct owner first, then;
};

static void stage_open(struct stage *stage, enum watch_kind first,
                       enum watch_kind then, enum place place)
{
    memset(stage, 0, sizeof(*stage));
    stage->second = INVALID_SOCKET;
    marker_open(&stage->marker, WATCH_EVENT);
    tcp_pair(&stage->client, &stage->socket);
    if (place == second_descriptor)
        stage->second = duplicate_here(stage->socket);
    if (place == other_process || place == from_other_process) {
        stage->peer = remote_start();
        stage->there = remote_take(stage->peer, stage->socket);
    }
    if (place == from_other_process)
        owner_open(&stage->first, first, stage->there, stage->peer);
    else
        owner_open(&stage->first, first, stage->socket, NULL);
    if (place == other_process)
        owner_open(&stage->then, then, stage->there, stage->peer);
    else
        owner_open(&stage->then, then,
                   place == second_descriptor ? stage->second : stage->socket,
                   NULL);
}

static void stage_close(struct stage *stage)
{
    owner_close(&stage->first);
    owner_close(&stage->then);
    if (stage->peer) {
        CHECK_OK(remote_close(stage->peer, stage->there));
        remote_end(stage->peer);
    }
    if (stage->second != INVALID_SOCKET) close_socket(stage->second);
    close_socket(stage->socket);
    close_socket(stage->client);
    marker_close(&stage->marker);
}

static void receive_byte(SOCKET s)
{
    char byte;

    CHECK_RESULT(recv(s, &byte, 1, 0), 1);
}

static void check_nobody(struct stage *stage)
{
    marker_pass(&stage->marker);
    owner_check_nothing(&stage->first, "the first");
    owner_check_nothing(&stage->then, "the second");
}

/* The first one's registration works. */
static void register_first(struct stage *stage)
{
    owner_select(&stage->first, FD_READ | FD_CLOSE);
    send_all(stage->client, "1", 1);
    owner_check(&stage->first, FD_READ);
    receive_byte(stage->socket);
}

/* The second one's takes its place: what the first one wanted is no more. */
static void override(enum watch_kind first, enum watch_kind then,
                     enum place place)
{
    struct stage stage;

    stage_open(&stage, first, then, place);
    register_first(&stage);
    owner_select(&stage.then, FD_READ);
    check_nobody(&stage);
    send_all(stage.client, "2", 1);
    owner_check(&stage.then, FD_READ);
    check_nobody(&stage);
    receive_byte(stage.socket);
    CHECK_OK(shutdown(stage.client, SD_SEND));
    check_nobody(&stage);
    stage_close(&stage);
}

/* The second one cancels what the first one registered, and the way back to
   blocking mode is open to both. */
static void cancel(enum watch_kind first, enum watch_kind then,
                   enum place place)
{
    struct stage stage;
    u_long off = 0;

    stage_open(&stage, first, then, place);
    register_first(&stage);
    EXPECT_ERROR(ioctlsocket(stage.socket, FIONBIO, &off), WSAEINVAL);
    owner_select(&stage.then, 0);
    send_all(stage.client, "2", 1);
    check_nobody(&stage);
    CHECK_OK(shutdown(stage.client, SD_SEND));
    check_nobody(&stage);
    receive_byte(stage.socket);
    EXPECT_OK(ioctlsocket(stage.socket, FIONBIO, &off));
    stage_close(&stage);
}

#define KIND_event WATCH_EVENT
#define KIND_messages WATCH_MESSAGES
#define PLACES(DO, first, then)                                                \
    DO(first, then, same_descriptor)                                           \
    DO(first, then, second_descriptor)                                         \
    DO(first, then, other_process)                                             \
    DO(first, then, from_other_process)
#define DIRECTIONS(DO)                                                         \
    PLACES(DO, event, event)                                                   \
    PLACES(DO, event, messages)                                                \
    PLACES(DO, messages, event)                                                \
    PLACES(DO, messages, messages)

#define FUNCTIONS(first, then, place)                                          \
    static void override_##first##_##then##_##place(void)                      \
    {                                                                          \
        override(KIND_##first, KIND_##then, place);                            \
    }                                                                          \
    static void cancel_##first##_##then##_##place(void)                        \
    {                                                                          \
        cancel(KIND_##first, KIND_##then, place);                              \
    }
DIRECTIONS(FUNCTIONS)

/* --- Masks ------------------------------------------------------------------------------------ */

/* First READ, then WRITE, and data arrives: X1 and X5. */
static void write_instead_of_read(enum place place)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT, WATCH_EVENT, place);
    owner_select(&stage.first, FD_READ);
    owner_select(&stage.then, FD_WRITE);
    send_all(stage.client, "x", 1);
    marker_pass(&stage.marker);
    owner_check(&stage.then, FD_WRITE);
    check_nobody(&stage);
    stage_close(&stage);
}

static void masks_do_not_add_up(void)
{
    write_instead_of_read(same_descriptor);
}

static void masks_do_not_add_up_across_processes(void)
{
    write_instead_of_read(other_process);
}

static void same_event_other_mask(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT, WATCH_EVENT, same_descriptor);
    owner_select(&stage.first, FD_READ);
    owner_select(&stage.first, FD_CLOSE);
    send_all(stage.client, "x", 1);
    check_nobody(&stage);
    receive_byte(stage.socket);
    CHECK_OK(shutdown(stage.client, SD_SEND));
    owner_check(&stage.first, FD_CLOSE);
    stage_close(&stage);
}

static void same_window_other_message(void)
{
    struct stage stage;
    struct owner *owner = &stage.first;

    stage_open(&stage, WATCH_MESSAGES, WATCH_MESSAGES, same_descriptor);
    owner_select(owner, FD_READ);
    owner->watch.message++;
    owner_select(owner, FD_WRITE);
    send_all(stage.client, "x", 1);
    marker_pass(&stage.marker);
    owner_check(owner, FD_WRITE);
    check_nobody(&stage);
    stage_close(&stage);
}

/* --- The object and its descriptors ------------------------------------------------------------- */

static void duplicating_keeps_the_registration(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT, WATCH_EVENT, same_descriptor);
    owner_select(&stage.first, FD_READ);
    stage.peer = remote_start();
    stage.there = remote_take(stage.peer, stage.socket);
    stage.second = duplicate_here(stage.socket);
    send_all(stage.client, "x", 1);
    owner_check(&stage.first, FD_READ);
    receive_byte(stage.second);
    stage_close(&stage);
}

static void the_record_is_one(void)
{
    struct stage stage;
    WSANETWORKEVENTS events = { 0 };

    stage_open(&stage, WATCH_EVENT, WATCH_EVENT, other_process);
    owner_select(&stage.first, FD_READ);
    send_all(stage.client, "x", 1);
    CHECK(watch_signalled(&stage.first.watch, test_timeout(SOON_MS)));
    CHECK_OK(remote_enum(stage.peer, stage.there, NULL, &events));
    EXPECT_EQ(events.lNetworkEvents, FD_READ);
    EXPECT_THAT(watch_signalled(&stage.first.watch, 0),
                "the event is left set");
    EXPECT_EQ(watch_enumerate(&stage.first.watch, stage.socket, NULL), 0);
    stage_close(&stage);
}

/* A call there re-enables the event here. */
static void reenabled_from_another_process(enum watch_kind kind)
{
    struct stage stage;
    char byte;

    stage_open(&stage, kind, kind, other_process);
    owner_select(&stage.first, FD_READ);
    send_all(stage.client, "xyz", 3);
    owner_check(&stage.first, FD_READ);
    for (int left = 2; left > 0; left--) {
        CHECK_RESULT(remote_receive(stage.peer, stage.there, &byte, 1, 0), 1);
        owner_check(&stage.first, FD_READ);
    }
    CHECK_RESULT(remote_receive(stage.peer, stage.there, &byte, 1, 0), 1);
    check_nobody(&stage);
    send_all(stage.client, "x", 1);
    owner_check(&stage.first, FD_READ);
    stage_close(&stage);
}

static void reenabled_elsewhere_event(void)
{
    reenabled_from_another_process(WATCH_EVENT);
}

static void reenabled_elsewhere_messages(void)
{
    reenabled_from_another_process(WATCH_MESSAGES);
}

static void blocking_mode_is_locked_everywhere(void)
{
    struct stage stage;
    u_long off = 0;

    stage_open(&stage, WATCH_EVENT, WATCH_EVENT, other_process);
    owner_select(&stage.first, FD_READ);
    EXPECT_ERROR(remote_ioctl(stage.peer, stage.there, FIONBIO, &off),
                 WSAEINVAL);
    owner_select(&stage.first, 0);
    EXPECT_OK(remote_ioctl(stage.peer, stage.there, FIONBIO, &off));
    EXPECT(!is_nonblocking(stage.socket));
    stage_close(&stage);
}

/* The process that registered is gone, without a closesocket. */
static void owner_exits(enum watch_kind kind)
{
    struct stage stage;
    struct owner anew;

    stage_open(&stage, kind, kind, from_other_process);
    register_first(&stage);
    remote_exit(stage.peer);
    EXPECT_THAT(is_nonblocking(stage.socket), "the mode remains");
    send_all(stage.client, "x", 1);
    marker_pass(&stage.marker);
    owner_open(&anew, WATCH_EVENT, stage.socket, NULL);
    owner_select(&anew, FD_READ);
    owner_check(&anew, FD_READ);
    receive_byte(stage.socket);
    owner_close(&anew);
    close_socket(stage.socket);
    close_socket(stage.client);
    owner_close(&stage.then);
    marker_close(&stage.marker);
}

static void owner_of_event_exits(void)
{
    owner_exits(WATCH_EVENT);
}

static void owner_of_messages_exits(void)
{
    owner_exits(WATCH_MESSAGES);
}

/* Two processes take the registration from each other, again and again. */
static void registration_goes_to_and_fro(void)
{
    struct stage stage;

    stage_open(&stage, WATCH_EVENT, WATCH_MESSAGES, other_process);
    for (int round = 0; round < 6; round++) {
        struct owner *winner = round % 2 ? &stage.then : &stage.first;
        owner_select(winner, FD_READ);
        send_all(stage.client, "x", 1);
        owner_check(winner, FD_READ);
        receive_byte(stage.socket);
    }
    check_nobody(&stage);
    stage_close(&stage);
}

#define WINDOW_CASE(function, statement)                                       \
    TEST_CASE_WITH(function, statement, .flags = TEST_WINDOWS)
#define OVERRIDE_CASE(first, then, place)                                      \
    WINDOW_CASE(override_##first##_##then##_##place,                           \
                "02 3, 13 X1-X5: any registration replaces any other"),
#define CANCEL_CASE(first, then, place)                                        \
    WINDOW_CASE(cancel_##first##_##then##_##place,                             \
                "02 3, 13 X6: mask 0 cancels any registration"),
static const struct test_case cases[] = {
    DIRECTIONS(OVERRIDE_CASE)
    DIRECTIONS(CANCEL_CASE)
    TEST_CASE(masks_do_not_add_up, "02 3, 13 X1: masks never accumulate"),
    TEST_CASE(masks_do_not_add_up_across_processes,
              "02 13 X5: nor across processes"),
    TEST_CASE(same_event_other_mask, "02 3: nor on one event"),
    WINDOW_CASE(same_window_other_message,
                "02 13 X4: one window and message for a socket"),
    TEST_CASE(duplicating_keeps_the_registration,
              "02 10: the registration belongs to the object"),
    TEST_CASE(the_record_is_one, "02 4, 10: and so does the record"),
    TEST_CASE(reenabled_elsewhere_event,
              "02 4: recv through any descriptor re-enables READ"),
    WINDOW_CASE(reenabled_elsewhere_messages,
                "02 4: recv through any descriptor re-enables READ"),
    TEST_CASE(blocking_mode_is_locked_everywhere,
              "02 13 X9: FIONBIO 0 fails in every process"),
    TEST_CASE(owner_of_event_exits,
              "02 13 X15: the registering process ends"),
    WINDOW_CASE(owner_of_messages_exits,
                "02 13 X15: the registering process ends"),
    WINDOW_CASE(registration_goes_to_and_fro,
                "02 3: the last call wins, each time"),
    TEST_END
};

TEST_MAIN("events_override", cases, NULL)
