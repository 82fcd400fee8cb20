/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server in the test's own process; see fixture.h. */
#include "fixture.h"

#include <dirent.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/fd.h"
#include "wire/frame.h"

struct server fixture_server;

static int fds_at_start;
static uint64_t last_handle;

/* The open descriptors of this process. */
int fixture_count_fds(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

void fixture_start(void)
{
    fds_at_start = fixture_count_fds();
    last_handle = 0;
    CU_ASSERT_EQUAL_FATAL(server_init(&fixture_server), 0);
}

/* Ends the server; what it has opened must be closed. */
void fixture_stop(void)
{
    fixture_settle();
    server_deinit(&fixture_server);
    CU_ASSERT_EQUAL(fixture_count_fds(), fds_at_start);
}

/* Lets the server work until nothing is left to do. */
void fixture_settle(void)
{
    do {
        CU_ASSERT_EQUAL_FATAL(server_turn(&fixture_server, 0), 0);
    } while (fixture_server.loop.batch_count > 0);
}

struct test_client client_connect(void)
{
    struct test_client client = { .notifications = -1 };
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    CU_ASSERT_EQUAL_FATAL(server_add_connection(&fixture_server, ends[1]), 0);
    fd_set_nonblocking(ends[0]);
    client.fd = ends[0];
    return client;
}

struct test_client client_start(uint32_t process_id)
{
    struct test_client client = client_connect();
    struct wire_hello_request request = {
        .header.code = WIRE_HELLO,
        .version = WIRE_VERSION,
        .process_id = process_id,
        .program = "unit",
    };
    struct wire_hello_reply reply;
    int fd = -1;

    client.process_id = process_id;
    CU_ASSERT_EQUAL_FATAL(call(&client, &request, NULL, 0, &reply, &fd), 0);
    fd_close(&fd);
    return client;
}

void client_hang_up(struct test_client *client)
{
    fd_close(&client->fd);
    fd_close(&client->notifications);
    fixture_settle();
}

void post(struct test_client *client, void *request, const int *fds,
          size_t n_fds)
{
    struct wire_header *header = request;

    CU_ASSERT_EQUAL(frame_send(client->fd, request,
                               wire_request_size(header->code), fds, n_fds),
                    0);
    fixture_settle();
}

int call(struct test_client *client, void *request, const int *fds,
         size_t n_fds, void *reply, int *ret_fd)
{
    struct wire_header *header = request;
    struct wire_reply_header *reply_header = reply;
    int reply_fds[WIRE_MAX_FDS];
    size_t n_reply_fds;
    ssize_t size;

    if (header->serial == 0)
        header->serial = 1;
    post(client, request, fds, n_fds);
    size = frame_receive(client->fd, reply, wire_reply_size(header->code),
                         reply_fds, &n_reply_fds);
    if (size <= 0)
        return -1;
    CU_ASSERT_EQUAL(size, (ssize_t)wire_reply_size(header->code));
    CU_ASSERT_EQUAL(reply_header->code, header->code);
    CU_ASSERT_EQUAL(reply_header->serial, header->serial);
    CU_ASSERT(n_reply_fds <= 1);
    if (n_reply_fds == 1 && ret_fd)
        *ret_fd = reply_fds[0];
    else if (n_reply_fds == 1)
        fd_close(&reply_fds[0]);
    return reply_header->error;
}

uint32_t take_slot(struct test_client *client)
{
    struct wire_grant_request request = { .header.code = WIRE_GRANT };
    struct wire_grant_reply reply;

    if (client->n_slots == 0) {
        CU_ASSERT_EQUAL_FATAL(call(client, &request, NULL, 0, &reply, NULL),
                              0);
        client->n_slots = reply.count;
        memcpy(client->slots, reply.slots, sizeof client->slots);
    }
    return client->slots[--client->n_slots];
}

struct test_socket socket_make(struct test_client *client, int fd,
                               uint32_t parent_slot)
{
    struct test_socket s = { .fd = fd, .handle = last_handle += 4 };
    struct wire_register_request request = {
        .header.code = WIRE_REGISTER,
        .handle = s.handle,
        .parent_slot = parent_slot,
        .former_slot = WIRE_NO_SLOT,
        .family = WS2_AF_INET,
    };
    struct wire_register_reply reply;
    int type = 0, domain = 0;
    socklen_t size = sizeof type;

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(fd_cookie(fd, &s.cookie), 0);
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    request.type = (uint32_t)type;
    request.protocol =
        type == SOCK_STREAM ? WS2_IPPROTO_TCP : WS2_IPPROTO_UDP;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    if (domain == AF_UNIX) {
        request.family = WS2_AF_UNIX;
        request.protocol = 0;
    }
    request.cookie = s.cookie;
    request.slot = s.slot = take_slot(client);
    CU_ASSERT_EQUAL_FATAL(call(client, &request, &fd,
                               parent_slot != WIRE_NO_SLOT, &reply, NULL),
                          0);
    return s;
}

struct test_socket socket_create(struct test_client *client, int family,
                                 int type)
{
    return socket_make(client,
                       socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                       WIRE_NO_SLOT);
}

/* closesocket: ours first, then the server is told. */
void socket_release(struct test_client *client, struct test_socket *s)
{
    struct wire_release_request request = {
        .header.code = WIRE_RELEASE,
        .handle = s->handle,
        .slot = s->slot,
    };
    struct wire_release_reply reply;

    fd_close(&s->fd);
    CU_ASSERT_EQUAL(call(client, &request, NULL, 0, &reply, NULL), 0);
}

const struct wire_record *record_of(const struct test_socket *s)
{
    return &fixture_server.records.records[s->slot];
}

int select_eventfd(struct test_client *client, const struct test_socket *s,
                   int eventfd, uint32_t mask)
{
    struct wire_select_request request = {
        .header.code = WIRE_SELECT,
        .handle = s->handle,
        .slot = s->slot,
        .mask = mask,
        .kind = WIRE_TARGET_EVENTFD,
    };
    struct wire_select_reply reply;
    const int fds[] = { s->fd, eventfd };

    return call(client, &request, fds, 2, &reply, NULL);
}

int select_word(struct test_client *client, const struct test_socket *s,
                uint32_t kind, uint64_t target, uint32_t mask)
{
    struct wire_select_request request = {
        .header.code = WIRE_SELECT,
        .handle = s->handle,
        .target = target,
        .slot = s->slot,
        .mask = mask,
        .kind = kind,
        .message = 0x401,
    };
    struct wire_select_reply reply;

    return call(client, &request, &s->fd, 1, &reply, NULL);
}

int select_none(struct test_client *client, const struct test_socket *s)
{
    struct wire_select_request request = {
        .header.code = WIRE_SELECT,
        .handle = s->handle,
        .slot = s->slot,
    };
    struct wire_select_reply reply;

    return call(client, &request, NULL, 0, &reply, NULL);
}

uint32_t enumerate(struct test_client *client, const struct test_socket *s,
                   int eventfd, int32_t *errors)
{
    struct wire_enum_request request = {
        .header.code = WIRE_ENUM,
        .slot = s->slot,
    };
    struct wire_enum_reply reply;

    CU_ASSERT_EQUAL(
        call(client, &request, &eventfd, eventfd >= 0, &reply, NULL), 0);
    if (errors)
        memcpy(errors, reply.errors, sizeof reply.errors);
    return reply.events;
}

/* What a client does after a re-enabling call. */
void reenable(struct test_client *client, const struct test_socket *s,
              uint32_t events, uint32_t would_block)
{
    uint32_t awaited = record_of(s)->reenable;
    struct wire_reenable_request request = {
        .header.code = WIRE_REENABLE,
        .slot = s->slot,
        .events = events & awaited,
        .would_block = would_block & awaited,
    };

    if (request.events)
        post(client, &request, NULL, 0);
}

void subscribe(struct test_client *client)
{
    struct wire_subscribe_request request = { .header.code = WIRE_SUBSCRIBE };
    struct wire_subscribe_reply reply;

    CU_ASSERT_EQUAL_FATAL(call(client, &request, NULL, 0, &reply,
                               &client->notifications),
                          0);
    CU_ASSERT_FATAL(client->notifications >= 0);
    fd_set_nonblocking(client->notifications);
}

bool next_notification(struct test_client *client,
                       struct wire_notification *ret)
{
    int fds[WIRE_MAX_FDS];
    size_t n_fds;

    fixture_settle();
    return frame_receive(client->notifications, ret, sizeof *ret, fds,
                         &n_fds) == (ssize_t)sizeof *ret;
}

int set_property(struct test_client *client, const struct test_socket *s,
                 uint32_t property, uint64_t value)
{
    struct wire_set_request request = {
        .header.code = WIRE_SET,
        .slot = s->slot,
        .property = property,
        .value = value,
    };
    struct wire_set_reply reply;

    return call(client, &request, NULL, 0, &reply, NULL);
}
