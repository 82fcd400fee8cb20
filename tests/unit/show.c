/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SHOW: a client has another one asked for a socket.  Who may be asked, through
 * what, and that the server neither waits for the answer nor keeps anything.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "util/fd.h"
#include "wire/frame.h"

enum { P1 = 0x40000001, P2 = 0x40000002, HANDLE = 44 };

/* The channel of an answer: the end of who asks, and the other one. */
static void make_channel(int *ends)
{
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

static int show(struct test_client *client, uint32_t process_id,
                const int *fds, size_t n_fds)
{
    struct wire_show_request request = {
        .header.code = WIRE_SHOW,
        .handle = HANDLE,
        .process_id = process_id,
        .closes = 1,
    };
    struct wire_show_reply reply;

    return call(client, &request, fds, n_fds, &reply, NULL);
}

/* The fd that came with a question for HANDLE, or -1: there is none. */
static int next_question(struct test_client *client)
{
    struct wire_notification notification;
    int fds[WIRE_MAX_FDS];
    size_t n_fds;

    fixture_settle();
    if (frame_receive(client->notifications, &notification,
                      sizeof notification, fds, &n_fds) !=
        (ssize_t)sizeof notification)
        return -1;
    CU_ASSERT_EQUAL(notification.kind, WIRE_NOTIFY_SHOW);
    CU_ASSERT_EQUAL(notification.handle, HANDLE);
    CU_ASSERT_EQUAL(notification.message, 1); /* closes */
    CU_ASSERT_EQUAL_FATAL(n_fds, 1);
    return fds[0];
}

/* The answer goes from the one to the other. */
static void a_question_is_passed_on(void)
{
    struct wire_shown shown = { .cookie = 77 }, seen;
    struct test_client asker, shower;
    int ends[2], fd, fds[WIRE_MAX_FDS];
    size_t n_fds;

    fixture_start();
    asker = client_start(P1);
    shower = client_start(P2);
    subscribe(&shower);
    make_channel(ends);
    CU_ASSERT_EQUAL(show(&asker, P2, &ends[1], 1), 0);
    fd_close(&ends[1]);
    fd = next_question(&shower);
    CU_ASSERT_FATAL(fd >= 0);
    /* Who answers cannot be made to wait. */
    CU_ASSERT(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CU_ASSERT_EQUAL(frame_send(fd, &shown, sizeof shown, &fd, 1), 0);
    fd_close(&fd);
    CU_ASSERT_EQUAL(
        frame_receive(ends[0], &seen, sizeof seen, fds, &n_fds),
        (ssize_t)sizeof seen);
    CU_ASSERT_EQUAL(seen.cookie, 77);
    CU_ASSERT_EQUAL(n_fds, 1);
    fd_close(&fds[0]);
    fd_close(&ends[0]);
    client_hang_up(&asker);
    client_hang_up(&shower);
    fixture_stop();
}

static void who_cannot_be_asked(void)
{
    struct test_client asker, other, new;
    int ends[2];

    fixture_start();
    asker = client_start(P1);
    other = client_start(P2);
    new = client_connect();
    make_channel(ends);
    CU_ASSERT_EQUAL(show(&asker, P2, &ends[1], 1), WS2_EINVAL);
    CU_ASSERT_EQUAL(show(&asker, P1, &ends[1], 1), WS2_EINVAL);
    CU_ASSERT_EQUAL(show(&asker, 0, &ends[1], 1), WS2_EINVAL);
    CU_ASSERT_EQUAL(show(&asker, P2 + 1, &ends[1], 1), WS2_EINVAL);
    subscribe(&other);
    CU_ASSERT_EQUAL(show(&new, P2, &ends[1], 1), WS2_EINVAL);
    CU_ASSERT_EQUAL(next_question(&other), -1);
    client_hang_up(&other);
    CU_ASSERT_EQUAL(show(&asker, P2, &ends[1], 1), WS2_EINVAL);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
    client_hang_up(&asker);
    client_hang_up(&new);
    fixture_stop();
}

/* The one that is asked would write into what is another's, or wait for it. */
static void what_is_no_channel(void)
{
    static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
    struct test_client asker, shower;
    int ends[2], pipe_ends[2], fd;
    unsigned i;

    fixture_start();
    asker = client_start(P1);
    shower = client_start(P2);
    subscribe(&shower);
    make_channel(ends);
    CU_ASSERT_EQUAL(show(&asker, P2, NULL, 0), WS2_EINVAL);
    CU_ASSERT_EQUAL(show(&asker, P2, ends, 2), WS2_EINVAL);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
    for (i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(
            socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, ends), 0);
        CU_ASSERT_EQUAL(show(&asker, P2, ends, 1), WS2_EINVAL);
        fd_close(&ends[0]);
        fd_close(&ends[1]);
        fd = socket(AF_INET, types[i] | SOCK_CLOEXEC, 0);
        CU_ASSERT_EQUAL(show(&asker, P2, &fd, 1), WS2_EINVAL);
        fd_close(&fd);
    }
    CU_ASSERT_EQUAL_FATAL(pipe2(pipe_ends, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL(show(&asker, P2, &pipe_ends[1], 1), WS2_EINVAL);
    fd_close(&pipe_ends[0]);
    fd_close(&pipe_ends[1]);
    CU_ASSERT_EQUAL(next_question(&shower), -1);
    client_hang_up(&asker);
    client_hang_up(&shower);
    fixture_stop();
}

/* Who does not read is not asked any more, and goes on being told the rest when
   it reads again. */
static void one_that_does_not_read(void)
{
    struct test_client asker, shower;
    int ends[2], fd, asked = 0, questions = 0, error;

    fixture_start();
    asker = client_start(P1);
    shower = client_start(P2);
    subscribe(&shower);
    make_channel(ends);
    while ((error = show(&asker, P2, &ends[1], 1)) == 0 && asked < 100000)
        asked++;
    CU_ASSERT_EQUAL(error, WS2_ENOBUFS);
    CU_ASSERT(asked > 0);
    while ((fd = next_question(&shower)) >= 0) {
        fd_close(&fd);
        questions++;
    }
    CU_ASSERT_EQUAL(questions, asked);
    CU_ASSERT_EQUAL(show(&asker, P2, &ends[1], 1), 0);
    fd = next_question(&shower);
    CU_ASSERT(fd >= 0);
    fd_close(&fd);
    fd_close(&ends[0]);
    fd_close(&ends[1]);
    client_hang_up(&asker);
    client_hang_up(&shower);
    fixture_stop();
}

/* The end of the one that was asked is the end of the channel. */
static void one_that_ends(void)
{
    struct test_client asker, shower;
    char byte;
    int ends[2];

    fixture_start();
    asker = client_start(P1);
    shower = client_start(P2);
    subscribe(&shower);
    make_channel(ends);
    CU_ASSERT_EQUAL(show(&asker, P2, &ends[1], 1), 0);
    fd_close(&ends[1]);
    CU_ASSERT_EQUAL(recv(ends[0], &byte, 1, MSG_DONTWAIT), -1);
    client_hang_up(&shower);
    CU_ASSERT_EQUAL(recv(ends[0], &byte, 1, MSG_DONTWAIT), 0);
    fd_close(&ends[0]);
    client_hang_up(&asker);
    fixture_stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "a question is passed on", a_question_is_passed_on },
        { "who cannot be asked", who_cannot_be_asked },
        { "what is no channel", what_is_no_channel },
        { "one that does not read", one_that_does_not_read },
        { "one that ends", one_that_ends },
        CU_TEST_INFO_NULL,
    };

    return test_main("show", tests);
}
