/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests: what is refused, what it leaves unharmed, and the requests that
 * have no test of their own.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/limits.h"
#include "fixture.h"
#include "util/fd.h"
#include "wire/frame.h"

enum { P1 = 0x40000001, P2 = 0x40000002 };

union any_frame {
    struct wire_header header;
    struct wire_reply_header reply_header;
    unsigned char bytes[WIRE_MAX_FRAME + 64];
};

/* Sends bytes; returns the reply's error, -1 for none, -2 for a hang-up. */
static int send_raw(struct test_client *client, const void *bytes, size_t size,
                    const int *fds, size_t n_fds)
{
    union any_frame reply;
    int reply_fds[WIRE_MAX_FDS];
    size_t n_reply_fds;
    ssize_t received;

    CU_ASSERT_EQUAL(frame_send(client->fd, bytes, size, fds, n_fds), 0);
    fixture_settle();
    received = frame_receive(client->fd, &reply, sizeof reply, reply_fds,
                             &n_reply_fds);
    CU_ASSERT_EQUAL(n_reply_fds, 0);
    if (received == 0)
        return -2;
    return received < 0 ? -1 : reply.reply_header.error;
}

static void wrong_sizes(void)
{
    union any_frame frame;
    struct test_client client;
    uint32_t code;

    fixture_start();
    client = client_start(P1);
    for (code = 1; code < WIRE_CODE_COUNT; code++) {
        size_t size = wire_request_size(code);

        memset(&frame, 0, sizeof frame);
        frame.header.code = code;
        frame.header.serial = 5;
        CU_ASSERT_EQUAL(send_raw(&client, &frame, size + 8, NULL, 0),
                        WS2_EINVAL);
        if (size > sizeof frame.header)
            CU_ASSERT_EQUAL(send_raw(&client, &frame, sizeof frame.header,
                                     NULL, 0),
                            WS2_EINVAL);
        frame.header.serial = 0;
        CU_ASSERT_EQUAL(send_raw(&client, &frame, size + 8, NULL, 0), -1);
    }
    client_hang_up(&client);
    fixture_stop();
}

static void wrong_codes(void)
{
    struct wire_header frame = { .serial = 5 };
    struct test_client client;

    fixture_start();
    client = client_start(P1);
    CU_ASSERT_EQUAL(send_raw(&client, &frame, sizeof frame, NULL, 0),
                    WS2_EINVAL);
    frame.code = WIRE_CODE_COUNT;
    CU_ASSERT_EQUAL(send_raw(&client, &frame, sizeof frame, NULL, 0),
                    WS2_EINVAL);
    frame.code = UINT32_MAX;
    CU_ASSERT_EQUAL(send_raw(&client, &frame, sizeof frame, NULL, 0),
                    WS2_EINVAL);
    client_hang_up(&client);
    fixture_stop();
}

static void what_is_no_frame_ends_the_client(void)
{
    unsigned char bytes[WIRE_MAX_FRAME + 1] = { 0 };
    struct test_client client, other;

    fixture_start();
    other = client_start(P2);
    client = client_start(P1);
    CU_ASSERT_EQUAL(send_raw(&client, bytes, 7, NULL, 0), -2);
    client_hang_up(&client);
    client = client_start(P1);
    CU_ASSERT_EQUAL(send_raw(&client, bytes, sizeof bytes, NULL, 0), -2);
    client_hang_up(&client);
    client = client_connect();
    CU_ASSERT_EQUAL(send_raw(&client, bytes, 0, NULL, 0), -2);
    client_hang_up(&client);
    CU_ASSERT_EQUAL(fixture_server.n_clients, 1);
    CU_ASSERT(take_slot(&other) != WIRE_NO_SLOT);
    client_hang_up(&other);
    fixture_stop();
}

static void wrong_numbers_of_descriptors(void)
{
    union any_frame frame;
    struct test_client client;
    uint32_t code;
    size_t n_fds;

    fixture_start();
    client = client_start(P1);
    for (code = 1; code < WIRE_CODE_COUNT; code++) {
        const struct wire_rule *rule = wire_rule(code);

        for (n_fds = 0; n_fds <= WIRE_MAX_FDS; n_fds++) {
            if (n_fds >= rule->fds_min && n_fds <= rule->fds_max)
                continue;
            memset(&frame, 0, sizeof frame);
            frame.header.code = code;
            frame.header.serial = 5;
            CU_ASSERT_EQUAL(send_raw(&client, &frame, rule->request_size,
                                     (int[]){ 0, 1 }, n_fds),
                            WS2_EINVAL);
        }
    }
    client_hang_up(&client);
    fixture_stop();
}

static void states(void)
{
    union any_frame frame;
    struct wire_hello_request hello = {
        .header = { WIRE_HELLO, 1 },
        .version = WIRE_VERSION,
        .process_id = P1,
    };
    struct wire_hello_reply reply;
    struct test_client client;
    uint32_t code;

    fixture_start();
    client = client_connect();
    for (code = WIRE_HELLO + 1; code < WIRE_CODE_COUNT; code++) {
        memset(&frame, 0, sizeof frame);
        frame.header.code = code;
        frame.header.serial = 5;
        CU_ASSERT_EQUAL(send_raw(&client, &frame, wire_request_size(code),
                                 (int[]){ 0 }, wire_rule(code)->fds_min),
                        WS2_EINVAL);
    }
    hello.version = WIRE_VERSION + 1;
    CU_ASSERT_EQUAL(call(&client, &hello, NULL, 0, &reply, NULL),
                    WS2_VERNOTSUPPORTED);
    hello.version = WIRE_VERSION;
    hello.process_id = 0;
    CU_ASSERT_EQUAL(call(&client, &hello, NULL, 0, &reply, NULL), WS2_EINVAL);
    hello.process_id = P1;
    hello.fork_token = 12345;
    CU_ASSERT_EQUAL(call(&client, &hello, NULL, 0, &reply, NULL), WS2_EINVAL);
    hello.fork_token = 0;
    CU_ASSERT_EQUAL(call(&client, &hello, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(reply.record_count, LIMIT_RECORDS);
    CU_ASSERT_EQUAL(reply.server_process_id, (uint32_t)getpid());
    CU_ASSERT_EQUAL(call(&client, &hello, NULL, 0, &reply, NULL), WS2_EINVAL);
    client_hang_up(&client);
    fixture_stop();
}

static void only_slots_of_ones_own(void)
{
    struct test_client client, other;
    struct test_socket s, t;
    struct wire_register_request request = {
        .header.code = WIRE_REGISTER,
        .cookie = 1,
        .handle = 4,
        .parent_slot = WIRE_NO_SLOT,
        .former_slot = WIRE_NO_SLOT,
    };
    struct wire_register_reply reply;
    struct wire_release_request release = { .header.code = WIRE_RELEASE };
    struct wire_release_reply release_reply;
    const uint32_t *slot;

    fixture_start();
    client = client_start(P1), other = client_start(P2);
    s = socket_create(&client, AF_INET, SOCK_STREAM);

    /* Free, the other's, used, out of range. */
    for (slot = (uint32_t[]){ 60000, take_slot(&other), s.slot, LIMIT_RECORDS,
                              UINT32_MAX };
         ; slot++) {
        request.slot = *slot;
        CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL),
                        WS2_EINVAL);
        if (*slot == UINT32_MAX)
            break;
    }
    request.slot = take_slot(&client);
    request.cookie = 0;
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL),
                    WS2_EINVAL);
    request.cookie = s.cookie; /* known */
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL),
                    WS2_EINVAL);

    /* The other holds nothing of it. */
    CU_ASSERT_EQUAL(set_property(&other, &s, WIRE_SET_DEBUG, 1), WS2_EINVAL);
    release.slot = s.slot;
    release.handle = s.handle;
    CU_ASSERT_EQUAL(call(&other, &release, NULL, 0, &release_reply, NULL),
                    WS2_EINVAL);
    release.handle++;
    CU_ASSERT_EQUAL(call(&client, &release, NULL, 0, &release_reply, NULL),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(record_of(&s)->cookie, s.cookie);
    CU_ASSERT_EQUAL(record_of(&s)->flags, 0);

    t = socket_create(&other, AF_INET, SOCK_STREAM);
    fd_close(&t.fd);
    fd_close(&s.fd);
    client_hang_up(&client);
    client_hang_up(&other);
    fixture_stop();
}

/* The SOCKET has another kernel socket from now on. */
static void a_socket_takes_another_s_place(void)
{
    struct test_client client, other;
    struct test_socket former, s, others;
    struct wire_register_request request = {
        .header.code = WIRE_REGISTER,
        .family = WS2_AF_INET,
        .type = WS2_SOCK_STREAM,
        .parent_slot = WIRE_NO_SLOT,
    };
    struct wire_register_reply reply;
    uint32_t n_free;

    fixture_start();
    client = client_start(P1), other = client_start(P2);
    former = socket_create(&client, AF_INET, SOCK_STREAM);
    s = socket_create(&client, AF_INET, SOCK_STREAM);
    others = socket_create(&other, AF_INET, SOCK_STREAM);
    n_free = fixture_server.records.n_free;

    /* After an error nothing was released. */
    request.handle = former.handle;
    request.former_slot = former.slot;
    request.slot = take_slot(&client);
    request.cookie = s.cookie; /* known */
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(record_of(&former)->cookie, former.cookie);

    request.cookie = 12345;
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(record_of(&former)->cookie, 0);
    CU_ASSERT_EQUAL(fixture_server.records.records[request.slot].cookie, 12345);
    CU_ASSERT_EQUAL(fixture_server.records.n_free, n_free + 1);

    /* Another's, one of another handle, and none are left alone. */
    request.former_slot = others.slot;
    request.slot = take_slot(&client);
    request.cookie++;
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(record_of(&others)->cookie, others.cookie);
    request.former_slot = s.slot;
    request.slot = take_slot(&client);
    request.cookie++;
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(record_of(&s)->cookie, s.cookie);
    request.former_slot = request.slot = take_slot(&client);
    request.cookie++;
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(fixture_server.records.records[request.slot].cookie,
                    request.cookie);

    fd_close(&former.fd);
    fd_close(&s.fd);
    fd_close(&others.fd);
    client_hang_up(&client);
    client_hang_up(&other);
    fixture_stop();
}

static void grants_are_limited(void)
{
    struct wire_grant_request request = { .header.code = WIRE_GRANT };
    struct wire_grant_reply reply;
    struct test_client client;
    uint32_t granted = 0;

    fixture_start();
    client = client_start(P1);
    while (call(&client, &request, NULL, 0, &reply, NULL) == 0)
        granted += reply.count;
    CU_ASSERT_EQUAL(reply.header.error, WS2_ENOBUFS);
    CU_ASSERT_EQUAL(granted, LIMIT_GRANTED_PER_CLIENT);
    CU_ASSERT_EQUAL(fixture_server.records.n_free, LIMIT_RECORDS - granted);
    client_hang_up(&client);
    CU_ASSERT_EQUAL(fixture_server.records.n_free, LIMIT_RECORDS);
    fixture_stop();
}

/* A client that was granted a slot gets its socket: REGISTER has no reply that
   could tell it otherwise. */
static void grants_count_as_descriptors(void)
{
    struct wire_register_request registers = {
        .header = { .code = WIRE_REGISTER },
        .family = WS2_AF_INET,
        .type = WS2_SOCK_DGRAM,
        .protocol = WS2_IPPROTO_UDP,
        .parent_slot = WIRE_NO_SLOT,
        .former_slot = WIRE_NO_SLOT,
    };
    struct wire_grant_request request = { .header.code = WIRE_GRANT };
    struct wire_register_reply registered;
    struct wire_grant_reply reply;
    struct test_client client;
    uint32_t count = 0, refused = 0, i;

    fixture_start();
    client = client_start(P1);
    while (count < LIMIT_RECORDS &&
           call(&client, &request, NULL, 0, &reply, NULL) == 0) {
        for (i = 0; i < reply.count; i++) {
            registers.slot = reply.slots[i];
            registers.cookie = registers.handle = 4 * ((uint64_t)++count);
            refused += call(&client, &registers, NULL, 0, &registered,
                            NULL) != 0;
        }
    }
    CU_ASSERT_EQUAL(reply.header.error, WS2_EMFILE);
    CU_ASSERT_EQUAL(count, LIMIT_DESCRIPTORS_PER_CLIENT);
    CU_ASSERT_EQUAL(refused, 0);
    client_hang_up(&client);
    CU_ASSERT_EQUAL(fixture_server.records.n_free, LIMIT_RECORDS);
    fixture_stop();
}

static void properties(void)
{
    struct test_client client;
    struct test_socket s;

    fixture_start();
    client = client_start(P1);
    s = socket_create(&client, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_RECEIVE_TIMEOUT, 9), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_SEND_TIMEOUT, 8), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_RECEIVE_BUFFER, 7), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_SEND_BUFFER, 6), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_ERROR, 10060), 0);
    CU_ASSERT_EQUAL(record_of(&s)->receive_timeout, 9);
    CU_ASSERT_EQUAL(record_of(&s)->send_timeout, 8);
    CU_ASSERT_EQUAL(record_of(&s)->receive_buffer, 7);
    CU_ASSERT_EQUAL(record_of(&s)->send_buffer, 6);
    CU_ASSERT_EQUAL(record_of(&s)->error, 10060);

    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_REUSE, 1), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_EXCLUSIVE, 1),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_EXCLUSIVE, 0), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_REUSE, 0), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_EXCLUSIVE, 1), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_REUSE, 1), WS2_EINVAL);

    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_SHUTDOWN, WS2_SD_SEND),
                    0);
    CU_ASSERT_EQUAL(record_of(&s)->flags,
                    WIRE_RECORD_EXCLUSIVE | WIRE_RECORD_SHUT_SEND);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_SHUTDOWN, 3),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_NONBLOCKING, 2),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(
        set_property(&client, &s, WIRE_SET_RECEIVE_TIMEOUT, 1ull << 32),
        WS2_EINVAL);
    CU_ASSERT_EQUAL(set_property(&client, &s, 0, 1), WS2_EINVAL);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_PROPERTY_COUNT, 1),
                    WS2_EINVAL);
    fd_close(&s.fd);
    client_hang_up(&client);
    fixture_stop();
}

static uint64_t option_value(uint64_t option, uint32_t value)
{
    return option << 32 | value;
}

/* Options that the server keeps; the next socket in the slot has none. */
static void options_are_kept(void)
{
    struct test_client client;
    struct test_socket s;

    fixture_start();
    client = client_start(P1);
    s = socket_create(&client, AF_INET, SOCK_STREAM);
#define SET(option, value)                                                     \
    set_property(&client, &s, WIRE_SET_OPTION, option_value(option, value))
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_KEEPCNT, UINT32_MAX), 0);
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_RECVECN6, 1), 0);
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_FASTOPEN, 1), 0);
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_FASTOPEN, 0), 0);
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_FASTOPEN, 2), WS2_EINVAL);
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_NUMBERS, 0), WS2_EINVAL);
    CU_ASSERT_EQUAL(SET(WIRE_OPTION_FLAGS_END, 0), WS2_EINVAL);
    CU_ASSERT_EQUAL(SET(UINT32_MAX, 0), WS2_EINVAL);
#undef SET
    CU_ASSERT_EQUAL(record_of(&s)->options.numbers[WIRE_OPTION_KEEPCNT],
                    UINT32_MAX);
    CU_ASSERT_EQUAL(record_of(&s)->options.flags[0] |
                        record_of(&s)->options.flags[1],
                    1u << (WIRE_OPTION_RECVECN6 - WIRE_OPTION_FLAG) % 32);
    CU_ASSERT_EQUAL(record_of(&s)->flags, WIRE_RECORD_OPTIONS);
    fd_close(&s.fd);
    client_hang_up(&client);
    CU_ASSERT_EQUAL(record_of(&s)->options.numbers[WIRE_OPTION_KEEPCNT], 0);
    CU_ASSERT_EQUAL(record_of(&s)->options.flags[0], 0);
    fixture_stop();
}

/* After the server was replaced. */
static void state_is_restored(void)
{
    struct wire_attach_request request = {
        .header.code = WIRE_ATTACH,
        .handle = 4,
        .type = WS2_SOCK_STREAM,
        .has_state = 1,
        .record = { .flags = WIRE_RECORD_NONBLOCKING | WIRE_RECORD_ACCEPTED |
                             WIRE_RECORD_REGISTERED |
                             WIRE_RECORD_SERVER_HAS_FD | 1u << 31,
                    .mask = 1,
                    .reenable = 1,
                    .receive_timeout = 70 },
    };
    struct wire_attach_reply reply;
    struct test_client client;
    struct test_socket s;
    int file;

    fixture_start();
    client = client_start(P1);
    file = dup(STDIN_FILENO);
    s.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fd_cookie(s.fd, &request.cookie);
    request.slot = s.slot = take_slot(&client);
    CU_ASSERT_EQUAL(call(&client, &request, &file, 1, &reply, NULL),
                    WS2_ENOTSOCK);
    request.cookie++;
    CU_ASSERT_EQUAL(call(&client, &request, &s.fd, 1, &reply, NULL),
                    WS2_EINVAL);
    request.cookie--;
    CU_ASSERT_EQUAL(call(&client, &request, &s.fd, 1, &reply, NULL), 0);
    CU_ASSERT_EQUAL(reply.known, 0);
    CU_ASSERT_EQUAL(reply.slot, s.slot);
    CU_ASSERT_EQUAL(record_of(&s)->flags,
                    WIRE_RECORD_NONBLOCKING | WIRE_RECORD_ACCEPTED);
    CU_ASSERT_EQUAL(record_of(&s)->receive_timeout, 70);
    CU_ASSERT_EQUAL(record_of(&s)->mask, 0);
    CU_ASSERT_EQUAL(record_of(&s)->reenable, 0);

    /* Once more, and by another handle. */
    request.slot = take_slot(&client);
    request.record.receive_timeout = 1;
    CU_ASSERT_EQUAL(call(&client, &request, &s.fd, 1, &reply, NULL), 0);
    CU_ASSERT_EQUAL(reply.known, 1);
    CU_ASSERT_EQUAL(reply.slot, s.slot);
    request.handle = s.handle = 8;
    CU_ASSERT_EQUAL(call(&client, &request, &s.fd, 1, &reply, NULL), 0);
    CU_ASSERT_EQUAL(record_of(&s)->receive_timeout, 70);
    socket_release(&client, &s);
    CU_ASSERT_NOT_EQUAL(record_of(&s)->cookie, 0);
    s.handle = 4;
    socket_release(&client, &s);
    CU_ASSERT_EQUAL(record_of(&s)->cookie, 0);
    fd_close(&file);
    client_hang_up(&client);
    fixture_stop();
}

static uint64_t fork_token(struct test_client *client)
{
    struct wire_fork_request request = { .header.code = WIRE_FORK };
    struct wire_fork_reply reply;

    CU_ASSERT_EQUAL_FATAL(call(client, &request, NULL, 0, &reply, NULL), 0);
    return reply.token;
}

static void a_child_takes_over_copies(void)
{
    struct wire_hello_request hello = {
        .header.code = WIRE_HELLO,
        .version = WIRE_VERSION,
        .process_id = P2,
    };
    struct wire_hello_reply reply;
    struct test_client parent, child;
    struct test_socket s;
    uint64_t token;

    fixture_start();
    parent = client_start(P1);
    s = socket_create(&parent, AF_INET, SOCK_STREAM);
    hello.fork_token = token = fork_token(&parent);

    /* The parent leaves before the child has come. */
    fd_close(&s.fd);
    client_hang_up(&parent);
    CU_ASSERT_EQUAL(record_of(&s)->cookie, s.cookie);
    CU_ASSERT(!server_is_idle(&fixture_server));
    child = client_connect();
    CU_ASSERT_EQUAL(call(&child, &hello, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(set_property(&child, &s, WIRE_SET_DEBUG, 1), 0);
    socket_release(&child, &s);
    CU_ASSERT_EQUAL(record_of(&s)->cookie, 0);
    client_hang_up(&child);

    child = client_connect();
    CU_ASSERT_EQUAL(call(&child, &hello, NULL, 0, &reply, NULL), WS2_EINVAL);
    CU_ASSERT_NOT_EQUAL(token, 0);
    client_hang_up(&child);
    CU_ASSERT(server_is_idle(&fixture_server));
    fixture_stop();
}

/* A fork whose child never comes lapses, by the clock. */
static void an_unclaimed_fork_lapses(void)
{
    struct test_client parent;
    struct test_socket s;

    fixture_start();
    parent = client_start(P1);
    s = socket_create(&parent, AF_INET, SOCK_STREAM);
    fork_token(&parent);
    fd_close(&s.fd);
    client_hang_up(&parent);
    CU_ASSERT_PTR_NOT_NULL(fixture_server.forked);
    /* Let it be due now. */
    list_entry(fixture_server.loop.timers.next, struct loop_timer, link)
        ->deadline = 0;
    fixture_settle();
    CU_ASSERT_PTR_NULL(fixture_server.forked);
    CU_ASSERT_PTR_NULL(fixture_server.sockets);
    fixture_stop();
}

static int list_all(struct test_client *client, uint32_t section,
                    struct wire_list_row *rows, int room)
{
    struct wire_list_request request = {
        .header.code = WIRE_LIST,
        .section = section,
    };
    struct wire_list_reply reply;
    int count = 0;

    for (;;) {
        CU_ASSERT_EQUAL_FATAL(call(client, &request, NULL, 0, &reply, NULL),
                              0);
        if (reply.next == 0)
            return count;
        CU_ASSERT(reply.next > request.cursor);
        if (count < room)
            rows[count] = reply.row;
        count++;
        request.cursor = reply.next;
    }
}

static void lists(void)
{
    struct wire_attach_request attach = { .header.code = WIRE_ATTACH };
    struct wire_attach_reply attached;
    struct wire_duplicate_request duplicate = {
        .header.code = WIRE_DUPLICATE,
        .process_id = P2,
    };
    struct wire_duplicate_reply token;
    struct wire_list_row rows[8];
    struct test_client client, other;
    struct test_socket s, t;

    fixture_start();
    client = client_start(P1), other = client_start(P2);
    s = socket_create(&client, AF_INET, SOCK_STREAM);
    t = socket_create(&other, AF_INET, SOCK_DGRAM);
    attach.cookie = s.cookie;
    attach.slot = take_slot(&other);
    attach.handle = 400;
    CU_ASSERT_EQUAL(call(&other, &attach, &s.fd, 1, &attached, NULL), 0);
    attach.handle = 404;
    CU_ASSERT_EQUAL(call(&other, &attach, &s.fd, 1, &attached, NULL), 0);
    duplicate.slot = s.slot;
    CU_ASSERT_EQUAL(call(&client, &duplicate, &s.fd, 1, &token, NULL), 0);
    CU_ASSERT_EQUAL(
        select_word(&client, &s, WIRE_TARGET_MESSAGE, 1, WS2_FD_READ), 0);

    CU_ASSERT_EQUAL(list_all(&client, WIRE_LIST_SOCKETS, rows, 8), 2);
    CU_ASSERT_EQUAL(rows[0].cookie, s.cookie);
    CU_ASSERT_EQUAL(rows[0].holders, 3);
    CU_ASSERT_EQUAL(rows[0].duplicates, 1);
    CU_ASSERT_EQUAL(rows[0].mask, WS2_FD_READ);
    CU_ASSERT_EQUAL(rows[0].kind, WIRE_TARGET_MESSAGE);
    CU_ASSERT_EQUAL(rows[0].process_id, P1);
    CU_ASSERT_EQUAL(rows[0].handle, s.handle);
    CU_ASSERT_EQUAL(rows[1].cookie, t.cookie);
    CU_ASSERT_EQUAL(rows[1].type, WS2_SOCK_DGRAM);
    CU_ASSERT_EQUAL(rows[1].mask, 0);

    CU_ASSERT_EQUAL(list_all(&client, WIRE_LIST_HOLDERS, rows, 8), 4);
    CU_ASSERT_EQUAL(rows[0].process_id, P1);
    CU_ASSERT_EQUAL(rows[0].handle, s.handle);
    CU_ASSERT_EQUAL(rows[1].process_id, P2);
    CU_ASSERT_EQUAL(rows[1].handle, 400);
    CU_ASSERT_EQUAL(rows[2].handle, 404);
    CU_ASSERT_EQUAL(rows[3].cookie, t.cookie);
    CU_ASSERT_STRING_EQUAL(rows[3].program, "unit");

    CU_ASSERT_EQUAL(list_all(&client, WIRE_LIST_DUPLICATES, rows, 8), 1);
    CU_ASSERT_EQUAL(rows[0].cookie, s.cookie);
    CU_ASSERT_EQUAL(rows[0].unix_pid, (uint32_t)getpid());
    CU_ASSERT_EQUAL(rows[0].process_id, P2);

    CU_ASSERT_EQUAL(list_all(&client, WIRE_LIST_CLIENTS, rows, 8), 2);
    CU_ASSERT_EQUAL(rows[0].process_id, P1);
    CU_ASSERT_EQUAL(rows[0].holders, 1);
    CU_ASSERT_EQUAL(rows[1].holders, 3);
    fd_close(&s.fd);
    fd_close(&t.fd);
    client_hang_up(&client);
    client_hang_up(&other);
    fixture_stop();
}

static void too_many_clients(void)
{
    struct test_client client;
    int ends[2];

    fixture_start();
    client = client_connect();
    fixture_server.n_clients += LIMIT_CLIENTS - 1;
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    CU_ASSERT(server_add_connection(&fixture_server, ends[1]) < 0);
    fd_close(&ends[0]);
    fixture_server.n_clients -= LIMIT_CLIENTS - 1;
    client_hang_up(&client);
    fixture_stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "wrong sizes", wrong_sizes },
        { "wrong codes", wrong_codes },
        { "what is no frame ends the client",
          what_is_no_frame_ends_the_client },
        { "wrong numbers of descriptors", wrong_numbers_of_descriptors },
        { "states", states },
        { "only slots of one's own", only_slots_of_ones_own },
        { "a socket takes another's place", a_socket_takes_another_s_place },
        { "grants are limited", grants_are_limited },
        { "grants count as descriptors", grants_count_as_descriptors },
        { "properties", properties },
        { "options are kept", options_are_kept },
        { "state is restored", state_is_restored },
        { "a child takes over copies", a_child_takes_over_copies },
        { "an unclaimed fork lapses", an_unclaimed_fork_lapses },
        { "lists", lists },
        { "too many clients", too_many_clients },
        CU_TEST_INFO_NULL,
    };

    return test_main("requests", tests);
}
