/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped sends, which end with all of their bytes, and programs that send
 * when FD_WRITE says so.
 */
#include "support/overlapped.h"

#include "support/memory.h"

#include <stdlib.h>

#define IN_TIME 10000
#define LARGE (8 * 1024 * 1024) /* more than the kernel takes at once */

/* A large send, of bytes that tell where they belong. */
struct large {
    WSAOVERLAPPED overlapped;
    WSABUF buffers[2];
    char *data;
    unsigned seed;
};

static char pattern(unsigned seed, size_t i)
{
    return (char)((i * 31 + i / 4099) ^ seed);
}

static void large_init(struct large *large, unsigned seed)
{
    size_t i;

    memset(large, 0, sizeof(*large));
    large->seed = seed;
    large->data = malloc(LARGE);
    CHECK(large->data != NULL);
    for (i = 0; i < LARGE; i++)
        large->data[i] = pattern(seed, i);
    large->buffers[0] = (WSABUF){LARGE / 3, large->data};
    large->buffers[1] = (WSABUF){LARGE - LARGE / 3, large->data + LARGE / 3};
    large->overlapped.hEvent = event_create();
}

static void large_done(struct large *large)
{
    CHECK(WSACloseEvent(large->overlapped.hEvent));
    free(large->data);
}

static void large_pends(struct large *large, SOCKET s)
{
    CHECK_ERROR(WSASend(s, large->buffers, 2, NULL, 0, &large->overlapped,
                        NULL),
                WSA_IO_PENDING);
    CHECK_EQ(STATUS_OF(&large->overlapped), NT_PENDING);
}

static void large_ends(struct large *large, SOCKET s)
{
    DWORD count = 0, flags;

    event_wait(large->overlapped.hEvent);
    CHECK(WSAGetOverlappedResult(s, &large->overlapped, &count, FALSE, &flags));
    CHECK_EQ(count, LARGE);
}

/* Receives the whole of it and compares. */
static void large_arrives(const struct large *large, SOCKET s)
{
    static char data[65536];
    size_t done = 0, i;
    int count;

    while (done < LARGE) {
        size_t left = LARGE - done;

        count = recv(s, data, (int)(left < sizeof(data) ? left : sizeof(data)),
                     0);
        CHECK_THAT(count > 0, "recv: %d after %zu bytes", count, done);
        for (i = 0; i < (size_t)count; i++)
            if (data[i] != pattern(large->seed, done + i))
                FAIL("byte %zu is wrong", done + i);
        done += (size_t)count;
    }
}

/* --- Sends ---------------------------------------------------------------- */

static void a_small_send_ends_at_once(void)
{
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 5, 1);
    memcpy(call.data, "hello", 5);
    CHECK_OK(call_send(&call, client));
    CHECK_EQ(call.count, 5);
    CHECK_EQ(STATUS_OF(&call.overlapped), 0);
    call_ends(&call, client, 0, 5);
    check_receives(server, "hello");
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

static void check_large_sends(int nonblocking)
{
    struct large first, second;
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_nonblocking(client, nonblocking);
    large_init(&first, 0x11);
    large_init(&second, 0x77);
    large_pends(&first, client);
    large_pends(&second, client);
    CHECK(!event_is_signalled(first.overlapped.hEvent, TEST_QUIET_MS));
    large_arrives(&first, server);
    large_arrives(&second, server);
    large_ends(&first, client);
    large_ends(&second, client);
    large_done(&first);
    large_done(&second);
    close_socket(client);
    close_socket(server);
}

static void sends_end_with_all_bytes_in_order(void)
{
    check_large_sends(0);
}

static void a_nonblocking_socket_sends_all_too(void)
{
    check_large_sends(1);
}

struct sender {
    struct large *large;
    SOCKET s;
    DWORD count;
    int result;
};

static void send_blocking(void *argument)
{
    struct sender *sender = argument;

    sender->result = WSASend(sender->s, sender->large->buffers, 2,
                             &sender->count, 0, NULL, NULL);
}

static void a_blocking_send_comes_after_pending_ones(void)
{
    struct large first, second;
    struct sender sender = {.large = &second, .result = -2};
    struct thread *thread;
    SOCKET client, server;

    tcp_pair(&client, &server);
    large_init(&first, 0x11);
    large_init(&second, 0x77);
    large_pends(&first, client);
    sender.s = client;
    thread = thread_start(send_blocking, &sender);
    large_arrives(&first, server);
    large_arrives(&second, server);
    thread_join(thread);
    CHECK_EQ(sender.result, 0);
    CHECK_EQ(sender.count, LARGE);
    large_ends(&first, client);
    large_done(&first);
    large_done(&second);
    close_socket(client);
    close_socket(server);
}

static void a_nonblocking_send_after_pending_ones_would_block(void)
{
    struct large first;
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    large_init(&first, 0x11);
    large_pends(&first, client);
    CHECK_ERROR(send(client, "x", 1, 0), WSAEWOULDBLOCK);
    large_arrives(&first, server);
    large_ends(&first, client);
    large_done(&first);
    close_socket(client);
    close_socket(server);
}

static void the_end_comes_after_pending_sends(void)
{
    struct large large;
    SOCKET client, server;
    char byte;

    tcp_pair(&client, &server);
    large_init(&large, 0x11);
    large_pends(&large, client);
    CHECK_OK(shutdown(client, SD_SEND));
    CHECK_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    large_arrives(&large, server);
    CHECK_EQ(recv(server, &byte, 1, 0), 0);
    large_ends(&large, client);
    large_done(&large);
    close_socket(client);
    close_socket(server);
}

static void a_reset_ends_a_send(void)
{
    struct large large;
    SOCKET client, server;
    DWORD count, flags;

    tcp_pair(&client, &server);
    large_init(&large, 0x11);
    large_pends(&large, client);
    reset_connection(server);
    event_wait(large.overlapped.hEvent);
    WSASetLastError(0);
    CHECK(!WSAGetOverlappedResult(client, &large.overlapped, &count, FALSE,
                                  &flags));
    CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
    large_done(&large);
    close_socket(client);
}

static void a_time_limit_does_not_matter(void)
{
    struct large large;
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_int_option(client, SOL_SOCKET, SO_SNDTIMEO, 50);
    large_init(&large, 0x11);
    large_pends(&large, client);
    CHECK(!event_is_signalled(large.overlapped.hEvent, TEST_QUIET_MS));
    large_arrives(&large, server);
    large_ends(&large, client);
    large_done(&large);
    close_socket(client);
    close_socket(server);
}

static void a_datagram_is_sent_at_once(void)
{
    struct sockaddr_in to;
    SOCKET receiver = udp_bound(&to), sender = udp_socket();
    struct call call;

    call_init(&call, 5, 1);
    memcpy(call.data, "hello", 5);
    CHECK_OK(WSASendTo(sender, &call.buffer, 1, &call.count, 0,
                       (struct sockaddr *)&to, sizeof(to), &call.overlapped,
                       NULL));
    CHECK_EQ(call.count, 5);
    call_ends(&call, sender, 0, 5);
    check_receives(receiver, "hello");
    call_done(&call);
    close_socket(receiver);
    close_socket(sender);
}

/* libuv's udp_dgram_too_big: the call itself does not fail. */
static void too_long_a_datagram_pends(void)
{
    static char data[65536];
    WSABUF buffer = {sizeof(data), data};
    struct sockaddr_in to;
    SOCKET receiver = udp_bound(&to), sender = udp_socket();
    struct call call;

    call_init(&call, 1, 1);
    CHECK_ERROR(WSASendTo(sender, &buffer, 1, &call.count, 0,
                          (struct sockaddr *)&to, sizeof(to), &call.overlapped,
                          NULL),
                WSA_IO_PENDING);
    call_ends(&call, sender, WSAEMSGSIZE, 0);
    check_quiet(receiver);
    /* Without an OVERLAPPED it is the call's error. */
    CHECK_ERROR(WSASendTo(sender, &buffer, 1, &call.count, 0,
                          (struct sockaddr *)&to, sizeof(to), NULL, NULL),
                WSAEMSGSIZE);
    call_done(&call);
    close_socket(receiver);
    close_socket(sender);
}

static void a_bad_buffer_sends_nothing(void)
{
    char *bad = memory_new(MEMORY_UNREADABLE, 1);
    SOCKET client, server;
    struct call call;

    CHECK(bad != NULL);
    tcp_pair(&client, &server);
    call_init(&call, 5, 1);
    call.buffer.buf = bad;
    CHECK_ERROR(call_send(&call, client), WSAEFAULT);
    check_quiet(server);
    call_done(&call);
    close_socket(client);
    close_socket(server);
    memory_delete(bad, 1);
}

/* --- FD_WRITE ------------------------------------------------------------- */

struct drain {
    SOCKET s;
    size_t total;
    int64_t slowest; /* ms between two receives that found data */
};

static void drain_all(void *argument)
{
    static char data[65536];
    struct drain *drain = argument;
    int64_t last = test_clock(), now;
    int count;

    while ((count = recv(drain->s, data, sizeof(data), 0)) > 0) {
        drain->total += (size_t)count;
        now = test_clock();
        if (now - last > drain->slowest)
            drain->slowest = now - last;
        last = now;
    }
}

/* Demand 1: a program that sends only when FD_WRITE tells it to, until it would
   block, keeps the connection busy: each time that the latch is missed it would
   stand still. */
static void demand_1_sending_on_fd_write_keeps_the_pipe_full(void)
{
    const size_t total = 32 * 1024 * 1024;
    static char data[16384];
    struct drain drain = {.total = 0};
    WSANETWORKEVENTS events;
    struct thread *thread;
    WSAEVENT event = event_create();
    size_t done = 0, rounds = 0;
    SOCKET client;
    int count;

    tcp_pair(&client, &drain.s);
    CHECK_OK(WSAEventSelect(client, event, FD_WRITE | FD_CLOSE));
    thread = thread_start(drain_all, &drain);
    while (done < total) {
        event_wait(event);
        CHECK_OK(WSAEnumNetworkEvents(client, event, &events));
        if (!(events.lNetworkEvents & FD_WRITE))
            continue;
        rounds++;
        while (done < total) {
            count = send(client, data, sizeof(data), 0);
            if (count < 0)
                break;
            done += (size_t)count;
        }
        CHECK(done >= total || WSAGetLastError() == WSAEWOULDBLOCK);
    }
    CHECK_OK(shutdown(client, SD_SEND));
    thread_join(thread);
    test_note("%zu rounds, at most %d ms between two receives", rounds,
              (int)drain.slowest);
    CHECK_EQ(drain.total, done);
    CHECK_OK(WSAEventSelect(client, NULL, 0));
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(drain.s);
}

static const struct test_case cases[] = {
    TEST_CASE(a_small_send_ends_at_once, "04 2: success at once"),
    TEST_CASE(sends_end_with_all_bytes_in_order, "04 5; demand 2: never short"),
    TEST_CASE(a_nonblocking_socket_sends_all_too, "04 1: never EWOULDBLOCK"),
    TEST_CASE(a_blocking_send_comes_after_pending_ones, "04 5: order"),
    TEST_CASE(a_nonblocking_send_after_pending_ones_would_block, "04 5: order"),
    TEST_CASE(the_end_comes_after_pending_sends, "03: shutdown after sends"),
    TEST_CASE(a_reset_ends_a_send, "04 2: RST"),
    TEST_CASE(a_time_limit_does_not_matter, "04 7: SO_SNDTIMEO"),
    TEST_CASE(a_datagram_is_sent_at_once, "04 2: WSASendTo"),
    TEST_CASE(too_long_a_datagram_pends, "03 7: EMSGSIZE"),
    TEST_CASE(a_bad_buffer_sends_nothing, "04: WSAEFAULT"),
    TEST_CASE(demand_1_sending_on_fd_write_keeps_the_pipe_full,
              "demand 1: the latch of FD_WRITE"),
    TEST_END
};
TEST_MAIN("overlapped_send", cases, NULL)
