/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A socket has one registration: the last call wins, whichever of the two calls
 * it is and through whichever descriptor in whatever process it is made, and
 * the loser gets nothing more.
 */
#include "support/events.h"
#include "support/remote.h"

enum { SOON_MS = 4000, AFTERWARDS_MS = 25, REMOTE_MESSAGE = WM_USER + 50 };

/* --- Who registers -------------------------------------------------------- */

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

/* --- Two owners of one socket --------------------------------------------- */

struct contest {
    struct marker marker;
    SOCKET socket, second; /* descriptors of one socket; second: or INVALID */
    SOCKET client;         /* its other end */
    struct peer *peer;     /* NULL: not needed */
    SOCKET there;          /* the peer's descriptor */
    struct owner first, then;
};

static void contest_open(struct contest *contest, enum watch_kind first,
                       enum watch_kind then, enum place place)
{
    memset(contest, 0, sizeof(*contest));
    contest->second = INVALID_SOCKET;
    marker_open(&contest->marker, WATCH_EVENT);
    tcp_pair(&contest->client, &contest->socket);
    if (place == second_descriptor)
        contest->second = duplicate_here(contest->socket);
    if (place == other_process || place == from_other_process) {
        contest->peer = remote_start();
        contest->there = remote_take(contest->peer, contest->socket);
    }
    if (place == from_other_process)
        owner_open(&contest->first, first, contest->there, contest->peer);
    else
        owner_open(&contest->first, first, contest->socket, NULL);
    if (place == other_process)
        owner_open(&contest->then, then, contest->there, contest->peer);
    else
        owner_open(&contest->then, then,
                   place == second_descriptor ? contest->second
                                              : contest->socket,
                   NULL);
}

static void contest_close(struct contest *contest)
{
    owner_close(&contest->first);
    owner_close(&contest->then);
    if (contest->peer) {
        CHECK_OK(remote_close(contest->peer, contest->there));
        remote_end(contest->peer);
    }
    if (contest->second != INVALID_SOCKET) close_socket(contest->second);
    close_socket(contest->socket);
    close_socket(contest->client);
    marker_close(&contest->marker);
}

static void receive_byte(SOCKET s)
{
    char byte;

    CHECK_RESULT(recv(s, &byte, 1, 0), 1);
}

static void check_nobody(struct contest *contest)
{
    marker_pass(&contest->marker);
    owner_check_nothing(&contest->first, "the first");
    owner_check_nothing(&contest->then, "the second");
}

/* The first one's registration works. */
static void register_first(struct contest *contest)
{
    owner_select(&contest->first, FD_READ | FD_CLOSE);
    send_all(contest->client, "1", 1);
    owner_check(&contest->first, FD_READ);
    receive_byte(contest->socket);
}

/* The second one's takes its place: what the first one wanted is no more. */
static void override(enum watch_kind first, enum watch_kind then,
                     enum place place)
{
    struct contest contest;

    contest_open(&contest, first, then, place);
    register_first(&contest);
    owner_select(&contest.then, FD_READ);
    check_nobody(&contest);
    send_all(contest.client, "2", 1);
    owner_check(&contest.then, FD_READ);
    check_nobody(&contest);
    receive_byte(contest.socket);
    CHECK_OK(shutdown(contest.client, SD_SEND));
    check_nobody(&contest);
    contest_close(&contest);
}

/* The second one cancels what the first one registered, and the way back to
   blocking mode is open to both. */
static void cancel(enum watch_kind first, enum watch_kind then,
                   enum place place)
{
    struct contest contest;
    u_long off = 0;

    contest_open(&contest, first, then, place);
    register_first(&contest);
    EXPECT_ERROR(ioctlsocket(contest.socket, FIONBIO, &off), WSAEINVAL);
    owner_select(&contest.then, 0);
    send_all(contest.client, "2", 1);
    check_nobody(&contest);
    CHECK_OK(shutdown(contest.client, SD_SEND));
    check_nobody(&contest);
    receive_byte(contest.socket);
    EXPECT_OK(ioctlsocket(contest.socket, FIONBIO, &off));
    contest_close(&contest);
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

/* --- Masks ---------------------------------------------------------------- */

/* First READ, then WRITE, and data arrives: X1 and X5. */
static void write_instead_of_read(enum place place)
{
    struct contest contest;

    contest_open(&contest, WATCH_EVENT, WATCH_EVENT, place);
    owner_select(&contest.first, FD_READ);
    owner_select(&contest.then, FD_WRITE);
    send_all(contest.client, "x", 1);
    marker_pass(&contest.marker);
    owner_check(&contest.then, FD_WRITE);
    check_nobody(&contest);
    contest_close(&contest);
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
    struct contest contest;

    contest_open(&contest, WATCH_EVENT, WATCH_EVENT, same_descriptor);
    owner_select(&contest.first, FD_READ);
    owner_select(&contest.first, FD_CLOSE);
    send_all(contest.client, "x", 1);
    check_nobody(&contest);
    receive_byte(contest.socket);
    CHECK_OK(shutdown(contest.client, SD_SEND));
    owner_check(&contest.first, FD_CLOSE);
    contest_close(&contest);
}

static void same_window_other_message(void)
{
    struct contest contest;
    struct owner *owner = &contest.first;

    contest_open(&contest, WATCH_MESSAGES, WATCH_MESSAGES, same_descriptor);
    owner_select(owner, FD_READ);
    owner->watch.message++;
    owner_select(owner, FD_WRITE);
    send_all(contest.client, "x", 1);
    marker_pass(&contest.marker);
    owner_check(owner, FD_WRITE);
    check_nobody(&contest);
    contest_close(&contest);
}

/* --- The object and its descriptors --------------------------------------- */

static void duplicating_keeps_the_registration(void)
{
    struct contest contest;

    contest_open(&contest, WATCH_EVENT, WATCH_EVENT, same_descriptor);
    owner_select(&contest.first, FD_READ);
    contest.peer = remote_start();
    contest.there = remote_take(contest.peer, contest.socket);
    contest.second = duplicate_here(contest.socket);
    send_all(contest.client, "x", 1);
    owner_check(&contest.first, FD_READ);
    receive_byte(contest.second);
    contest_close(&contest);
}

static void the_record_is_one(void)
{
    struct contest contest;
    WSANETWORKEVENTS events = { 0 };

    contest_open(&contest, WATCH_EVENT, WATCH_EVENT, other_process);
    owner_select(&contest.first, FD_READ);
    send_all(contest.client, "x", 1);
    CHECK(watch_signalled(&contest.first.watch, test_timeout(SOON_MS)));
    CHECK_OK(remote_enum(contest.peer, contest.there, NULL, &events));
    EXPECT_EQ(events.lNetworkEvents, FD_READ);
    EXPECT_THAT(watch_signalled(&contest.first.watch, 0),
                "the event is left set");
    EXPECT_EQ(watch_enumerate(&contest.first.watch, contest.socket, NULL), 0);
    contest_close(&contest);
}

/* A call there re-enables the event here. */
static void reenabled_from_another_process(enum watch_kind kind)
{
    struct contest contest;
    char byte;

    contest_open(&contest, kind, kind, other_process);
    owner_select(&contest.first, FD_READ);
    send_all(contest.client, "xyz", 3);
    owner_check(&contest.first, FD_READ);
    for (int left = 2; left > 0; left--) {
        CHECK_RESULT(remote_receive(contest.peer, contest.there, &byte, 1, 0),
                     1);
        owner_check(&contest.first, FD_READ);
    }
    CHECK_RESULT(remote_receive(contest.peer, contest.there, &byte, 1, 0), 1);
    check_nobody(&contest);
    send_all(contest.client, "x", 1);
    owner_check(&contest.first, FD_READ);
    contest_close(&contest);
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
    struct contest contest;
    u_long off = 0;

    contest_open(&contest, WATCH_EVENT, WATCH_EVENT, other_process);
    owner_select(&contest.first, FD_READ);
    EXPECT_ERROR(remote_ioctl(contest.peer, contest.there, FIONBIO, &off),
                 WSAEINVAL);
    owner_select(&contest.first, 0);
    EXPECT_OK(remote_ioctl(contest.peer, contest.there, FIONBIO, &off));
    EXPECT(!is_nonblocking(contest.socket));
    contest_close(&contest);
}

/* The process that registered is gone, without a closesocket. */
static void owner_exits(enum watch_kind kind)
{
    struct contest contest;
    struct owner anew;

    contest_open(&contest, kind, kind, from_other_process);
    register_first(&contest);
    remote_exit(contest.peer);
    EXPECT_THAT(is_nonblocking(contest.socket), "the mode remains");
    send_all(contest.client, "x", 1);
    marker_pass(&contest.marker);
    owner_open(&anew, WATCH_EVENT, contest.socket, NULL);
    owner_select(&anew, FD_READ);
    owner_check(&anew, FD_READ);
    receive_byte(contest.socket);
    owner_close(&anew);
    close_socket(contest.socket);
    close_socket(contest.client);
    owner_close(&contest.then);
    marker_close(&contest.marker);
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
    struct contest contest;

    contest_open(&contest, WATCH_EVENT, WATCH_MESSAGES, other_process);
    for (int round = 0; round < 6; round++) {
        struct owner *winner = round % 2 ? &contest.then : &contest.first;
        owner_select(winner, FD_READ);
        send_all(contest.client, "x", 1);
        owner_check(winner, FD_READ);
        receive_byte(contest.socket);
    }
    check_nobody(&contest);
    contest_close(&contest);
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
