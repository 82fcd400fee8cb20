/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames: boundaries, descriptors, and what is thrown away. */
#include "wire/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

static int ends[2];

static void open_ends(void)
{
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   ends),
        0);
}

static void close_ends(void)
{
    close(ends[0]);
    close(ends[1]);
}

static void a_frame_arrives_whole(void)
{
    char sent[40] = "frame", received[WIRE_MAX_FRAME];
    int fds[WIRE_MAX_FDS];
    size_t n_fds = 9;

    open_ends();
    CU_ASSERT_EQUAL(frame_send(ends[0], sent, sizeof sent, NULL, 0), 0);
    CU_ASSERT_EQUAL(frame_send(ends[0], sent, 8, NULL, 0), 0);
    CU_ASSERT_EQUAL(
        frame_receive(ends[1], received, sizeof received, fds, &n_fds), 40);
    CU_ASSERT_EQUAL(memcmp(sent, received, sizeof sent), 0);
    CU_ASSERT_EQUAL(n_fds, 0);
    CU_ASSERT_EQUAL(
        frame_receive(ends[1], received, sizeof received, fds, &n_fds), 8);
    CU_ASSERT_EQUAL(
        frame_receive(ends[1], received, sizeof received, fds, &n_fds),
        -EAGAIN);
    close_ends();
}

static void descriptors_arrive_close_on_exec(void)
{
    char byte = 1;
    int fds[WIRE_MAX_FDS], count = fixture_count_fds();
    size_t n_fds;

    open_ends();
    CU_ASSERT_EQUAL(frame_send(ends[0], &byte, 1, (int[]){ 0, 1 }, 2), 0);
    CU_ASSERT_EQUAL(frame_receive(ends[1], &byte, 1, fds, &n_fds), 1);
    CU_ASSERT_EQUAL_FATAL(n_fds, 2);
    CU_ASSERT(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    CU_ASSERT(fcntl(fds[1], F_GETFD) & FD_CLOEXEC);
    close(fds[0]);
    close(fds[1]);
    CU_ASSERT_EQUAL(frame_send(ends[0], &byte, 1, (int[]){ 0, 1, 2 }, 3),
                    -EINVAL);
    close_ends();
    CU_ASSERT_EQUAL(fixture_count_fds(), count);
}

/* Sends more descriptors than frame_send would. */
static void send_many(int n_fds)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(16 * sizeof(int))];
    } control;
    char byte = 1;
    struct iovec part = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = CMSG_SPACE((size_t)n_fds * sizeof(int)),
    };
    struct cmsghdr *header;
    int i;

    memset(&control, 0, sizeof control);
    header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN((size_t)n_fds * sizeof(int));
    for (i = 0; i < n_fds; i++)
        memcpy(CMSG_DATA(header) + i * sizeof(int), &ends[0], sizeof(int));
    CU_ASSERT_EQUAL(sendmsg(ends[0], &message, 0), 1);
}

static void surplus_descriptors_are_closed(void)
{
    char byte;
    int fds[WIRE_MAX_FDS], n, count = fixture_count_fds();
    size_t n_fds;

    open_ends();
    for (n = WIRE_MAX_FDS + 1; n <= 16; n++) {
        send_many(n);
        CU_ASSERT_EQUAL(frame_receive(ends[1], &byte, 1, fds, &n_fds), 1);
        CU_ASSERT_EQUAL(n_fds, FRAME_FDS_LOST);
        CU_ASSERT_EQUAL(fds[0], -1);
        CU_ASSERT_EQUAL(fds[1], -1);
    }
    close_ends();
    CU_ASSERT_EQUAL(fixture_count_fds(), count);
}

static void a_long_frame_is_dropped_with_its_descriptors(void)
{
    char data[WIRE_MAX_FRAME + 1] = "";
    int fds[WIRE_MAX_FDS], count = fixture_count_fds();
    size_t n_fds;

    open_ends();
    CU_ASSERT_EQUAL(frame_send(ends[0], data, sizeof data, ends, 1), 0);
    CU_ASSERT_EQUAL(frame_receive(ends[1], data, WIRE_MAX_FRAME, fds, &n_fds),
                    -EMSGSIZE);
    CU_ASSERT_EQUAL(n_fds, 0);
    CU_ASSERT_EQUAL(fds[0], -1);
    close_ends();
    CU_ASSERT_EQUAL(fixture_count_fds(), count);
}

static void the_peer_hangs_up(void)
{
    char byte = 1;
    int fds[WIRE_MAX_FDS];
    size_t n_fds;

    open_ends();
    CU_ASSERT_EQUAL(frame_send(ends[0], &byte, 1, NULL, 0), 0);
    close(ends[0]);
    CU_ASSERT_EQUAL(frame_receive(ends[1], &byte, 1, fds, &n_fds), 1);
    CU_ASSERT_EQUAL(frame_receive(ends[1], &byte, 1, fds, &n_fds), 0);
    CU_ASSERT_EQUAL(frame_send(ends[1], &byte, 1, NULL, 0), -EPIPE);
    close(ends[1]);
}

static void a_full_channel_says_so(void)
{
    char data[40] = "";
    int error;

    open_ends();
    do
        error = frame_send(ends[0], data, sizeof data, NULL, 0);
    while (!error);
    CU_ASSERT_EQUAL(error, -EAGAIN);
    close_ends();
}

static void the_rules_are_those_of_the_list(void)
{
    CU_ASSERT_STRING_EQUAL(wire_code_name(WIRE_HELLO), "HELLO");
    CU_ASSERT_STRING_EQUAL(wire_code_name(WIRE_LIST), "LIST");
    CU_ASSERT_STRING_EQUAL(wire_code_name(WIRE_NONE), "?");
    CU_ASSERT_STRING_EQUAL(wire_code_name(WIRE_CODE_COUNT), "?");
    CU_ASSERT_STRING_EQUAL(wire_code_name(UINT32_MAX), "?");
    CU_ASSERT_EQUAL(wire_request_size(WIRE_ATTACH),
                    sizeof(struct wire_attach_request));
    CU_ASSERT_EQUAL(wire_reply_size(WIRE_LIST), sizeof(struct wire_list_reply));
    CU_ASSERT_EQUAL(wire_request_size(0), 0);
    CU_ASSERT_EQUAL(wire_reply_size(WIRE_CODE_COUNT), 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "a frame arrives whole", a_frame_arrives_whole },
        { "descriptors arrive, close-on-exec",
          descriptors_arrive_close_on_exec },
        { "surplus descriptors are closed", surplus_descriptors_are_closed },
        { "a long frame is dropped with its descriptors",
          a_long_frame_is_dropped_with_its_descriptors },
        { "the peer hangs up", the_peer_hangs_up },
        { "a full channel says so", a_full_channel_says_so },
        { "the rules are those of the list", the_rules_are_those_of_the_list },
        CU_TEST_INFO_NULL,
    };

    return test_main("frame", tests);
}
