/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random frames against a server: it must go on serving, keep its tables
 * consistent, and in the end have nothing left.
 *
 * Frames are mostly well-formed, so that they get past the first checks, with
 * members drawn from values that mean something (slots, handles, cookies and
 * tokens that exist) and from values that do not.  Several clients of several
 * process ids come and go.  The sequence is the same in every run;
 * WS2EMU_TEST_SEED makes another one, WS2EMU_TEST_ROUNDS a longer one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/client.h"
#include "core/duplicate.h"
#include "core/holder.h"
#include "core/registration.h"
#include "core/reservation.h"
#include "core/socket.h"
#include "fixture.h"
#include "util/fd.h"
#include "wire/frame.h"

enum { CLIENTS = 6, SOCKETS = 12, ROUNDS = 1 << 16 };

static uint64_t state;
static struct test_client clients[CLIENTS];
static struct {
    int fd;
    uint64_t cookie;
} sockets[SOCKETS];
static int others[5]; /* an eventfd, a pipe's ends, a file, a channel */
static uint32_t tokens[8];
static uint64_t fork_tokens[8];

/* xorshift64: the same on every machine. */
static uint64_t random_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint32_t below(uint32_t limit)
{
    return (uint32_t)((random_bits() >> 16) % limit);
}

static uint64_t environment_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 0) : otherwise;
}

/* --- What frames are made of ---------------------------------------------- */

static uint32_t any_word(void)
{
    static const uint32_t words[] = { 0, 1, 2, 3, 4, 0x3ff, UINT32_MAX,
                                      0x7fffffff, 0x80000000, 65535, 65536 };

    switch (below(4)) {
    case 0: return words[below(sizeof words / sizeof words[0])];
    case 1: return below(48);          /* slots, kinds, small numbers */
    case 2: return 1u << below(32);    /* bits */
    default: return (uint32_t)random_bits();
    }
}

static int any_fd(void)
{
    return below(6) ? sockets[below(SOCKETS)].fd : others[below(5)];
}

static void renew_socket(unsigned i)
{
    static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

    fd_close(&sockets[i].fd);
    sockets[i].fd = socket(below(2) ? AF_INET : AF_INET6,
                           types[below(2)] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CU_ASSERT_FATAL(sockets[i].fd >= 0);
    fd_cookie(sockets[i].fd, &sockets[i].cookie);
    if (below(3) == 0)
        (void)listen(sockets[i].fd, 1);
}

/* Something happens to two of the sockets: whatever works. */
static void stir_sockets(void)
{
    int a = sockets[below(SOCKETS)].fd, b = sockets[below(SOCKETS)].fd;
    struct sockaddr_storage name = { 0 };
    socklen_t size = sizeof name;
    char data[64];
    int fd;

    switch (below(6)) {
    case 0: (void)listen(a, 2); break;
    case 1:
        if (getsockname(b, (struct sockaddr *)&name, &size) == 0)
            (void)connect(a, (struct sockaddr *)&name, size);
        break;
    case 2:
        (void)send(a, "data", 1 + below(4),
                   MSG_NOSIGNAL | (below(4) ? 0 : MSG_OOB));
        break;
    case 3: (void)recv(a, data, 1 + below(sizeof data), 0); break;
    case 4: (void)shutdown(a, below(3)); break;
    default:
        fd = accept4(a, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            unsigned i = below(SOCKETS);

            fd_close(&sockets[i].fd);
            sockets[i].fd = fd;
            fd_cookie(fd, &sockets[i].cookie);
        }
    }
    fixture_settle();
}

union frame {
    struct wire_header header;
    struct wire_hello_request hello;
    struct wire_register_request register_;
    struct wire_attach_request attach;
    struct wire_duplicate_request duplicate;
    struct wire_open_request open;
    struct wire_handle_request handle;
    struct wire_release_request release;
    struct wire_select_request select;
    struct wire_enum_request enum_;
    struct wire_reenable_request reenable;
    struct wire_set_request set;
    struct wire_bind_request bind;
    struct wire_ports_request ports;
    struct wire_name_request name;
    struct wire_show_request show;
    struct wire_list_request list;
    uint32_t words[WIRE_MAX_FRAME / 4 + 4];
};

static uint64_t some_handle(void)
{
    return 4 * below(4);
}

static uint32_t some_process(void)
{
    return below(4) ? 0x40000000 + below(4) : (uint32_t)getpid() + below(2);
}

/* The token of a reservation that there is; 0: there is none. */
static uint64_t port_token(void)
{
    const struct list *first = fixture_server.reservations.next;

    return first == &fixture_server.reservations
               ? 0
               : list_entry(first, struct reservation, link)->token;
}

/* Gives the members values that may be right; returns the first descriptor. */
static int make_sensible(const struct test_client *client, union frame *frame)
{
    unsigned i = below(SOCKETS);
    uint32_t slot = client->n_slots ? client->slots[below(client->n_slots)]
                                    : below(256);

    switch (frame->header.code) {
    case WIRE_HELLO:
        frame->hello.version = WIRE_VERSION;
        frame->hello.process_id = some_process();
        frame->hello.fork_token = below(2) ? fork_tokens[below(8)] : 0;
        break;
    case WIRE_REGISTER:
        frame->register_.slot = slot;
        frame->register_.cookie = sockets[i].cookie;
        frame->register_.handle = some_handle();
        frame->register_.type = 1 + below(2);
        frame->register_.parent_slot = below(2) ? WIRE_NO_SLOT : below(256);
        frame->register_.former_slot = below(2) ? WIRE_NO_SLOT : below(256);
        break;
    case WIRE_ATTACH:
        frame->attach.slot = slot;
        frame->attach.cookie = sockets[i].cookie;
        frame->attach.handle = some_handle();
        frame->attach.type = 1 + below(2);
        break;
    case WIRE_RELEASE: frame->release.handle = some_handle(); break;
    case WIRE_DUPLICATE:
        frame->duplicate.process_id = some_process();
        break;
    case WIRE_OPEN: frame->open.token = tokens[below(8)]; break;
    case WIRE_HANDLE: frame->handle.handle = some_handle(); break;
    case WIRE_SELECT:
        frame->select.handle = some_handle();
        frame->select.mask = below(0x400);
        frame->select.kind = below(4);
        break;
    case WIRE_REENABLE:
        frame->reenable.events = below(0x400);
        frame->reenable.would_block = frame->reenable.events & below(0x400);
        frame->reenable.failed = 0;
        break;
    case WIRE_SET:
        frame->set.property = below(WIRE_PROPERTY_COUNT);
        frame->set.value = below(3) | (uint64_t)below(100) << 32;
        break;
    case WIRE_BIND:
        frame->bind.step = 1 + below(3);
        frame->bind.dual_stack = below(2);
        frame->bind.address_length = 28;
        memset(frame->bind.address, 0, 28);
        frame->bind.address[0] = below(2) ? WS2_AF_INET : WS2_AF_INET6;
        frame->bind.address[3] = (uint8_t)below(3);
        break;
    case WIRE_PORTS:
        frame->ports.step = 1 + below(4);
        frame->ports.first = (uint16_t)(below(2) ? 0 : below(65536));
        frame->ports.count = (uint16_t)below(4);
        frame->ports.token = below(2) ? below(4) : port_token();
        break;
    case WIRE_NAME:
        frame->name.side = (uint16_t)(1 + below(2));
        frame->name.set = (uint8_t)below(2);
        frame->name.path_length = (uint8_t)below(WIRE_PATH_LENGTH + 2);
        break;
    case WIRE_SHOW:
        frame->show.process_id = some_process();
        return others[4];
    case WIRE_LIST: frame->list.section = 1 + below(4); break;
    }
    return sockets[i].fd;
}

/* The slot of the socket that comes along, most of the time. */
static void choose_slot(int fd, union frame *frame)
{
    static const size_t offsets[WIRE_CODE_COUNT] = {
        [WIRE_RELEASE] = offsetof(struct wire_release_request, slot),
        [WIRE_DUPLICATE] = offsetof(struct wire_duplicate_request, slot),
        [WIRE_HANDLE] = offsetof(struct wire_handle_request, slot),
        [WIRE_SELECT] = offsetof(struct wire_select_request, slot),
        [WIRE_ENUM] = offsetof(struct wire_enum_request, slot),
        [WIRE_REENABLE] = offsetof(struct wire_reenable_request, slot),
        [WIRE_SET] = offsetof(struct wire_set_request, slot),
        [WIRE_BIND] = offsetof(struct wire_bind_request, slot),
        [WIRE_PORTS] = offsetof(struct wire_ports_request, slot),
        [WIRE_NAME] = offsetof(struct wire_name_request, slot),
    };
    size_t offset = frame->header.code < WIRE_CODE_COUNT
                        ? offsets[frame->header.code]
                        : 0;
    const struct socket *socket;
    uint64_t cookie = 0;

    if (offset == 0 || below(8) == 0 || fd_cookie(fd, &cookie))
        return;
    socket = socket_find(&fixture_server, cookie);
    if (socket)
        frame->words[offset / 4] = socket->slot;
}

/* --- Rounds --------------------------------------------------------------- */

static void keep_reply(struct test_client *client, uint32_t code)
{
    union {
        struct wire_reply_header header;
        struct wire_grant_reply grant;
        struct wire_duplicate_reply duplicate;
        struct wire_fork_reply fork;
        unsigned char bytes[WIRE_MAX_FRAME];
    } reply;
    int fds[WIRE_MAX_FDS];
    size_t n_fds;
    ssize_t size;

    while ((size = frame_receive(client->fd, &reply, sizeof reply, fds,
                                 &n_fds)) > 0) {
        CU_ASSERT_FATAL(n_fds <= 1);
        if (n_fds == 1)
            fd_close(&fds[0]);
        CU_ASSERT_EQUAL(reply.header.code, code);
        if (reply.header.error)
            continue;
        if (code == WIRE_GRANT) {
            client->n_slots = reply.grant.count;
            memcpy(client->slots, reply.grant.slots, sizeof client->slots);
        } else if (code == WIRE_DUPLICATE)
            tokens[below(8)] = reply.duplicate.token;
        else if (code == WIRE_FORK)
            fork_tokens[below(8)] = reply.fork.token;
    }
    if (size == 0) { /* it was no frame */
        client_hang_up(client);
        client->n_slots = 0;
        *client = client_connect();
    }
}

static void send_frame(struct test_client *client)
{
    union frame frame;
    const struct wire_rule *rule;
    int fds[WIRE_MAX_FDS], i;
    size_t size, n_fds;

    for (i = 0; i < (int)(sizeof frame.words / 4); i++)
        frame.words[i] = any_word();
    frame.header.code = below(50) ? 1 + below(WIRE_CODE_COUNT - 1) : any_word();
    rule = wire_rule(frame.header.code);
    size = rule && below(50) ? rule->request_size
                             : 4 * below(sizeof frame.words / 4);
    fds[0] = any_fd();
    if (below(6))
        fds[0] = make_sensible(client, &frame);
    choose_slot(fds[0], &frame);
    fds[1] = below(2) ? others[0] : any_fd();
    n_fds = rule && below(20)
                ? rule->fds_min + below(rule->fds_max - rule->fds_min + 1)
                : below(WIRE_MAX_FDS + 1);
    if (frame.header.code == WIRE_SELECT && below(4))
        n_fds = frame.select.kind == WIRE_TARGET_EVENTFD ? 2 : 1;
    if (frame.header.code == WIRE_ENUM && n_fds == 1)
        fds[0] = fds[1];
    CU_ASSERT_EQUAL(frame_send(client->fd, &frame, size, fds, n_fds), 0);
    fixture_settle();
    keep_reply(client, frame.header.code);
}

/* The tables agree with each other. */
static void check_tables(void)
{
    const struct socket *socket;
    uint32_t n_sockets = 0, n_granted = 0, slot;
    struct list *link, *following;

    for (socket = fixture_server.sockets; socket; socket = socket->hh.next) {
        n_sockets++;
        CU_ASSERT_PTR_EQUAL(fixture_server.slots[socket->slot].socket, socket);
        CU_ASSERT_EQUAL(socket->record->cookie, socket->cookie);
        CU_ASSERT(!list_is_empty(&socket->holders) || socket->n_duplicates);
        CU_ASSERT_EQUAL(socket->fd >= 0,
                        socket->registration || socket->n_duplicates > 0);
        CU_ASSERT_EQUAL(
            (socket->record->flags & WIRE_RECORD_SERVER_HAS_FD) != 0,
            socket->fd >= 0);
        CU_ASSERT_EQUAL(socket->record->mask,
                        socket->registration ? socket->registration->mask : 0);
        CU_ASSERT_EQUAL(socket->source.fd >= 0, socket->registration != NULL);
    }
    for (slot = 0; slot < fixture_server.records.count; slot++)
        n_granted += fixture_server.slots[slot].grantee != NULL;
    CU_ASSERT_EQUAL(fixture_server.records.n_free + n_sockets + n_granted,
                    fixture_server.records.count);
    list_for_each(link, following, &fixture_server.clients) {
        const struct client *client = list_entry(link, struct client, link);
        const struct holder *holder;
        uint32_t count = 0;

        for (holder = client->holders; holder; holder = holder->hh.next)
            count += holder->n_handles;
        CU_ASSERT_EQUAL(count, client->n_descriptors);
    }
}

static void lapse_all_timers(void)
{
    struct list *link, *following;

    list_for_each(link, following, &fixture_server.loop.timers)
        list_entry(link, struct loop_timer, link)->deadline = 0;
    fixture_settle();
}

static void start_client(unsigned i)
{
    client_hang_up(&clients[i]);
    clients[i] = below(8) ? client_start(0x40000000 + below(4))
                          : client_connect();
    clients[i].n_slots = 0;
}

static void random_frames(void)
{
    uint64_t rounds = environment_number("WS2EMU_TEST_ROUNDS", ROUNDS), round;
    unsigned i;
    int count;

    state = environment_number("WS2EMU_TEST_SEED", 0x9e3779b97f4a7c15);
    count = fixture_count_fds();
    fixture_start();
    others[0] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    CU_ASSERT_EQUAL_FATAL(pipe2(&others[1], O_CLOEXEC), 0);
    others[3] = open("/dev/null", O_RDWR | O_CLOEXEC);
    others[4] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    for (i = 0; i < SOCKETS; i++) {
        sockets[i].fd = -1;
        renew_socket(i);
    }
    for (i = 0; i < CLIENTS; i++) {
        clients[i].fd = clients[i].notifications = -1;
        start_client(i);
    }
    for (round = 0; round < rounds; round++) {
        send_frame(&clients[below(CLIENTS)]);
        if (below(64) == 0)
            start_client(below(CLIENTS));
        if (below(64) == 0)
            renew_socket(below(SOCKETS));
        if (below(2))
            stir_sockets();
        if (round % 8192 == 0)
            check_tables();
        if (below(4096) == 0)
            lapse_all_timers();
    }
    check_tables();
    for (i = 0; i < SOCKETS; i++)
        fd_close(&sockets[i].fd);
    for (i = 0; i < 5; i++)
        fd_close(&others[i]);
    for (i = 0; i < CLIENTS; i++)
        client_hang_up(&clients[i]);
    lapse_all_timers();
    /* What is left waits for the exit of a process: of this one. */
    CU_ASSERT_EQUAL(fixture_server.n_clients, 0);
    while (!list_is_empty(&fixture_server.duplicates)) {
        struct duplicate *duplicate = list_entry(
            fixture_server.duplicates.next, struct duplicate, link);
        struct socket *socket = duplicate->socket;

        CU_ASSERT(duplicate->pidfd >= 0);
        duplicate_free(duplicate);
        socket_settle(socket);
    }
    CU_ASSERT_PTR_NULL(fixture_server.sockets);
    CU_ASSERT_EQUAL(fixture_server.records.n_free,
                    fixture_server.records.count);
    CU_ASSERT(server_is_idle(&fixture_server));
    fixture_stop();
    CU_ASSERT_EQUAL(fixture_count_fds(), count);
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "random frames", random_frames },
        CU_TEST_INFO_NULL,
    };

    return test_main("fuzz", tests);
}
