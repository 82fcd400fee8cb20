/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registrations, over real sockets of this machine: who is told, what is
 * published, when the server lets a socket go, and what becomes of the news for
 * a client that does not read them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/limits.h"
#include "fixture.h"
#include "util/fd.h"

#define ALL WS2_FD_ALL_EVENTS
#define READ WS2_FD_READ
#define WRITE WS2_FD_WRITE
#define ACCEPT WS2_FD_ACCEPT
#define CONNECT WS2_FD_CONNECT
#define CLOSE WS2_FD_CLOSE

enum { P1 = 0x40000001, P2 = 0x40000002 };

static struct test_client client;
static struct test_socket listener;
static struct sockaddr_in address;
static int event;

static bool signalled(int fd)
{
    struct pollfd query = { .fd = fd, .events = POLLIN };

    fixture_settle();
    return poll(&query, 1, 0) == 1;
}

static void start(void)
{
    socklen_t size = sizeof address;

    fixture_start();
    client = client_start(P1);
    event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    listener = socket_create(&client, AF_INET, SOCK_STREAM);
    address = (struct sockaddr_in){ .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_EQUAL_FATAL(
        bind(listener.fd, (struct sockaddr *)&address, sizeof address), 0);
    getsockname(listener.fd, (struct sockaddr *)&address, &size);
    CU_ASSERT_EQUAL_FATAL(listen(listener.fd, 16), 0);
}

static void stop(void)
{
    fd_close(&listener.fd);
    fd_close(&event);
    client_hang_up(&client);
    CU_ASSERT_PTR_NULL(fixture_server.sockets);
    fixture_stop();
}

/* A peer's connection; it is in the listener's queue. */
static int connect_peer(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;

    /* What is sent arrives before send returns. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    CU_ASSERT_EQUAL_FATAL(
        connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static struct test_socket accept_one(void)
{
    int fd = accept4(listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    reenable(&client, &listener, ACCEPT, 0);
    return socket_make(&client, fd, listener.slot);
}

static void an_eventfd_is_signalled(void)
{
    struct test_socket s;
    int peer;
    char data[8];

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ | CLOSE), 0);
    CU_ASSERT_EQUAL(record_of(&s)->mask, READ | CLOSE);
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_REGISTERED);
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_NONBLOCKING);
    CU_ASSERT(!signalled(event));
    CU_ASSERT_EQUAL(send(peer, "data", 4, 0), 4);
    CU_ASSERT(signalled(event));
    CU_ASSERT(record_of(&s)->reenable & READ);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), READ);
    CU_ASSERT(!signalled(event));
    CU_ASSERT_EQUAL(recv(s.fd, data, 1, 0), 1);
    reenable(&client, &s, READ, 0);
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(recv(s.fd, data, 3, 0), 3);
    reenable(&client, &s, READ, 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), 0);
    CU_ASSERT(!(record_of(&s)->reenable & READ));
    fd_close(&peer);
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), CLOSE);
    fd_close(&s.fd);
    stop();
}

static void an_answer_does_not_lag(void)
{
    struct wire_enum_request request = { .header = { WIRE_ENUM, 7 } };
    struct test_socket s;
    int peer;

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    /* The request is handled before the wake-up for the data. */
    request.slot = s.slot;
    CU_ASSERT_EQUAL(send(client.fd, &request, sizeof request, 0),
                    (ssize_t)sizeof request);
    CU_ASSERT_EQUAL(send(peer, "data", 4, 0), 4);
    fixture_settle();
    {
        struct wire_enum_reply reply;

        CU_ASSERT_EQUAL(recv(client.fd, &reply, sizeof reply, 0),
                        (ssize_t)sizeof reply);
        CU_ASSERT_EQUAL(reply.events, READ);
    }
    CU_ASSERT_EQUAL(enumerate(&client, &s, -1, NULL), 0);
    fd_close(&peer);
    fd_close(&s.fd);
    stop();
}

static void a_reset_is_left_to_the_holder(void)
{
    const struct linger abort = { .l_onoff = 1 };
    int32_t errors[WS2_FD_MAX_EVENTS];
    struct test_socket s;
    char data[8];
    int peer;

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, CLOSE), 0);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    fd_close(&peer);
    CU_ASSERT(signalled(event));
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_RESET);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, errors), CLOSE);
    CU_ASSERT_EQUAL(errors[5], WS2_ECONNABORTED);
    CU_ASSERT_EQUAL(recv(s.fd, data, sizeof data, 0), -1);
    CU_ASSERT_EQUAL(errno, ECONNRESET);
    fd_close(&s.fd);
    stop();
}

/* Both sides close in turn: the closed state is no abort. */
static void both_sides_close(void)
{
    int32_t errors[WS2_FD_MAX_EVENTS];
    struct test_socket s;
    char data[8];
    int peer;

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(send(s.fd, "data", 4, 0), 4);
    CU_ASSERT_EQUAL(recv(peer, data, 4, MSG_WAITALL), 4);
    CU_ASSERT_EQUAL(shutdown(s.fd, SHUT_WR), 0);
    CU_ASSERT_EQUAL(recv(peer, data, 4, 0), 0);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, CLOSE), 0);
    CU_ASSERT(!signalled(event));
    fd_close(&peer);
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, errors), CLOSE);
    CU_ASSERT_EQUAL(errors[5], 0);
    fd_close(&s.fd);
    stop();
}

static void a_refused_connect(void)
{
    int32_t errors[WS2_FD_MAX_EVENTS];
    struct test_socket s;

    start();
    s = socket_create(&client, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, ALL), 0);
    CU_ASSERT(!signalled(event));
    fd_close(&listener.fd);
    CU_ASSERT_EQUAL(connect(s.fd, (struct sockaddr *)&address, sizeof address),
                    -1);
    CU_ASSERT_EQUAL(errno, EINPROGRESS);
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, errors), CONNECT);
    CU_ASSERT_EQUAL(errors[4], WS2_ECONNREFUSED);
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_CONNECT_FAILED);
    CU_ASSERT_EQUAL(record_of(&s)->connect_error, WS2_ECONNREFUSED);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_CONNECTING, 1), 0);
    CU_ASSERT_EQUAL(record_of(&s)->connect_error, 0);
    CU_ASSERT(!signalled(event));
    fd_close(&s.fd);
    stop();
}

static void a_cancelled_socket_is_let_go(void)
{
    struct test_socket s;
    int peer;
    char byte;

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_NONBLOCKING, 0),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(select_none(&client, &s), 0);
    CU_ASSERT(!(record_of(&s)->flags &
                (WIRE_RECORD_SERVER_HAS_FD | WIRE_RECORD_REGISTERED)));
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_NONBLOCKING);
    CU_ASSERT_EQUAL(record_of(&s)->mask, 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_NONBLOCKING, 0), 0);
    CU_ASSERT_EQUAL(send(peer, "data", 4, 0), 4);
    CU_ASSERT(!signalled(event));
    /* Ours was the last descriptor: the peer sees the end at once. */
    CU_ASSERT_EQUAL(recv(s.fd, &byte, 1, 0), 1);
    CU_ASSERT_EQUAL(shutdown(peer, SHUT_WR), 0);
    fd_close(&s.fd);
    CU_ASSERT(recv(peer, &byte, 1, MSG_DONTWAIT) <= 0);
    CU_ASSERT_NOT_EQUAL(errno, EAGAIN);
    fd_close(&peer);
    stop();
}

/* What was known before a cancelling is compared with at the next
   registration. */
static void cancelled_and_registered_anew(void)
{
    struct test_socket s;
    char data[8];
    int peer;

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT_EQUAL(send(peer, "da", 2, 0), 2);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), READ);
    /* R2: reported, unread, nothing new. */
    CU_ASSERT_EQUAL(select_none(&client, &s), 0);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT(!signalled(event));
    /* R8: more came in between. */
    CU_ASSERT_EQUAL(select_none(&client, &s), 0);
    CU_ASSERT_EQUAL(send(peer, "ta", 2, 0), 2);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT(signalled(event));
    /* X12: unreported, so it survives. */
    CU_ASSERT_EQUAL(select_none(&client, &s), 0);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), READ);
    /* A part was taken: what remains counts. */
    CU_ASSERT_EQUAL(select_none(&client, &s), 0);
    CU_ASSERT_EQUAL(recv(s.fd, data, 1, 0), 1);
    reenable(&client, &s, READ, 0);
    CU_ASSERT(!(record_of(&s)->reenable & READ));
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), READ);
    /* R9: all was taken. */
    CU_ASSERT_EQUAL(select_none(&client, &s), 0);
    CU_ASSERT_EQUAL(recv(s.fd, data, 8, 0), 3);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), 0);
    fd_close(&peer);
    fd_close(&s.fd);
    stop();
}

static void the_newest_registration_wins(void)
{
    struct wire_notification news;
    struct test_socket s;
    int other, peer;

    start();
    other = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    subscribe(&client);
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    CU_ASSERT_EQUAL(
        select_word(&client, &s, WIRE_TARGET_MESSAGE, 0xabc, READ), 0);
    CU_ASSERT_EQUAL(send(peer, "d", 1, 0), 1);
    CU_ASSERT(next_notification(&client, &news));
    CU_ASSERT_EQUAL(news.kind, WIRE_NOTIFY_MESSAGE);
    CU_ASSERT_EQUAL(news.handle, s.handle);
    CU_ASSERT_EQUAL(news.target, 0xabc);
    CU_ASSERT_EQUAL(news.message, 0x401);
    CU_ASSERT_EQUAL(news.event, READ);
    CU_ASSERT_EQUAL(news.sequence, 1);
    CU_ASSERT(!signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &s, -1, NULL), 0);

    CU_ASSERT_EQUAL(select_eventfd(&client, &s, other, READ | WRITE), 0);
    CU_ASSERT(signalled(other));
    CU_ASSERT_EQUAL(enumerate(&client, &s, other, NULL), READ | WRITE);
    CU_ASSERT_EQUAL(send(peer, "d", 1, 0), 1);
    CU_ASSERT(signalled(other));
    CU_ASSERT(!signalled(event));
    CU_ASSERT(!next_notification(&client, &news));
    fd_close(&other);
    fd_close(&peer);
    fd_close(&s.fd);
    stop();
}

static void an_accepted_socket_inherits(void)
{
    struct wire_notification news;
    struct test_socket s, t;
    int peer, second;

    start();
    subscribe(&client);
    set_property(&client, &listener, WIRE_SET_RECEIVE_TIMEOUT, 250);
    set_property(&client, &listener, WIRE_SET_EXCLUSIVE, 1);
    CU_ASSERT_EQUAL(
        select_eventfd(&client, &listener, event, ACCEPT | WRITE | READ), 0);
    peer = connect_peer();
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &listener, event, NULL), ACCEPT);
    s = accept_one();
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &listener, -1, NULL), 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), WRITE);
    CU_ASSERT_EQUAL(record_of(&s)->receive_timeout, 250);
    CU_ASSERT_EQUAL(record_of(&s)->flags,
                    WIRE_RECORD_ACCEPTED | WIRE_RECORD_NONBLOCKING |
                        WIRE_RECORD_REGISTERED | WIRE_RECORD_SERVER_HAS_FD);
    CU_ASSERT_EQUAL(select_none(&client, &listener), 0);
    CU_ASSERT_EQUAL(send(peer, "d", 1, 0), 1);
    CU_ASSERT(signalled(event)); /* its own registration */

    /* Messages carry the new socket's handle. */
    CU_ASSERT_EQUAL(
        select_word(&client, &listener, WIRE_TARGET_MESSAGE, 5, ALL), 0);
    second = connect_peer();
    CU_ASSERT(next_notification(&client, &news));
    CU_ASSERT_EQUAL(news.event, ACCEPT);
    CU_ASSERT_EQUAL(news.handle, listener.handle);
    t = accept_one();
    CU_ASSERT(next_notification(&client, &news));
    CU_ASSERT_EQUAL(news.event, WRITE);
    CU_ASSERT_EQUAL(news.handle, t.handle);
    fd_close(&peer);
    fd_close(&second);
    fd_close(&s.fd);
    fd_close(&t.fd);
    stop();
}

static void it_ends_with_its_descriptor(void)
{
    struct wire_attach_request request = { .header.code = WIRE_ATTACH };
    struct wire_attach_reply reply;
    struct test_client other;
    struct test_socket s, copy;
    int peer;

    start();
    other = client_start(P2);
    peer = connect_peer();
    s = accept_one();
    copy = s;
    copy.fd = dup(s.fd);
    copy.handle = 1000;
    request.cookie = s.cookie;
    request.handle = copy.handle;
    request.slot = take_slot(&other);
    CU_ASSERT_EQUAL(call(&other, &request, &copy.fd, 1, &reply, NULL), 0);
    CU_ASSERT_EQUAL(reply.known, 1);
    CU_ASSERT_EQUAL(reply.slot, s.slot);

    /* Closing another descriptor leaves it, closing its own ends it. */
    CU_ASSERT_EQUAL(select_eventfd(&other, &copy, event, READ), 0);
    CU_ASSERT_EQUAL(set_property(&client, &s, WIRE_SET_NONBLOCKING, 0),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, READ), 0);
    socket_release(&other, &copy);
    CU_ASSERT_EQUAL(record_of(&s)->mask, READ);

    copy.fd = dup(s.fd);
    CU_ASSERT_EQUAL(call(&other, &request, &copy.fd, 1, &reply, NULL), 0);
    CU_ASSERT_EQUAL(select_eventfd(&other, &copy, event, READ), 0);
    client_hang_up(&other);
    CU_ASSERT_EQUAL(record_of(&s)->mask, 0);
    CU_ASSERT(!(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD));
    CU_ASSERT(record_of(&s)->flags & WIRE_RECORD_NONBLOCKING);
    CU_ASSERT_EQUAL(send(peer, "d", 1, 0), 1);
    CU_ASSERT(!signalled(event));
    fd_close(&copy.fd);
    fd_close(&peer);
    fd_close(&s.fd);
    stop();
}

static void an_event_is_forgotten_once(void)
{
    struct wire_notification news;
    struct test_socket s, t;
    int peer, second;

    start();
    subscribe(&client);
    peer = connect_peer();
    second = connect_peer();
    s = accept_one();
    t = accept_one();
    CU_ASSERT_EQUAL(select_word(&client, &s, WIRE_TARGET_EVENT, 8, READ), 0);
    CU_ASSERT_EQUAL(select_word(&client, &t, WIRE_TARGET_EVENT, 8, READ), 0);
    CU_ASSERT_EQUAL(select_word(&client, &t, WIRE_TARGET_EVENT, 8, CLOSE), 0);
    CU_ASSERT_EQUAL(select_none(&client, &t), 0);
    CU_ASSERT(!next_notification(&client, &news));
    CU_ASSERT_EQUAL(send(peer, "d", 1, 0), 1);
    CU_ASSERT(next_notification(&client, &news));
    CU_ASSERT_EQUAL(news.kind, WIRE_NOTIFY_EVENT);
    CU_ASSERT_EQUAL(news.target, 8);
    CU_ASSERT_EQUAL(select_word(&client, &s, WIRE_TARGET_EVENT, 9, CLOSE), 0);
    CU_ASSERT(next_notification(&client, &news));
    CU_ASSERT_EQUAL(news.kind, WIRE_NOTIFY_FORGET);
    CU_ASSERT_EQUAL(news.target, 8);
    socket_release(&client, &s);
    CU_ASSERT(next_notification(&client, &news));
    CU_ASSERT_EQUAL(news.kind, WIRE_NOTIFY_FORGET);
    CU_ASSERT_EQUAL(news.target, 9);
    CU_ASSERT_EQUAL(news.sequence, 3);
    fd_close(&peer);
    fd_close(&second);
    fd_close(&t.fd);
    stop();
}

/* A datagram socket with a name, which *ret_name gets. */
static struct test_socket datagram_socket(struct sockaddr_in *ret_name)
{
    struct test_socket s = socket_create(&client, AF_INET, SOCK_DGRAM);
    socklen_t size = sizeof *ret_name;

    *ret_name = (struct sockaddr_in){ .sin_family = AF_INET };
    ret_name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CU_ASSERT_EQUAL_FATAL(
        bind(s.fd, (struct sockaddr *)ret_name, sizeof *ret_name), 0);
    getsockname(s.fd, (struct sockaddr *)ret_name, &size);
    return s;
}

static void send_datagram(const struct test_socket *s, const char *text,
                          const struct sockaddr_in *name)
{
    CU_ASSERT_EQUAL(sendto(s->fd, text, strlen(text), 0,
                           (const struct sockaddr *)name, sizeof *name),
                    (ssize_t)strlen(text));
}

/* A client that does not read its notifications: what is new of one socket
   coalesces, nothing is lost, nothing grows. */
static void notifications_coalesce(void)
{
    enum { SENDS = 3000 };
    struct wire_notification news;
    struct sockaddr_in name;
    struct test_socket s;
    uint64_t expected = 1;
    char data[8];
    int i;

    start();
    s = datagram_socket(&name);
    CU_ASSERT_EQUAL(select_word(&client, &s, WIRE_TARGET_EVENT, 8, ALL), 0);
    subscribe(&client); /* what collected before comes now */
    CU_ASSERT(next_notification(&client, &news));
    for (i = 0; i < SENDS; i++) {
        send_datagram(&s, "d", &name);
        fixture_settle();
        CU_ASSERT_EQUAL_FATAL(recv(s.fd, data, sizeof data, 0), 1);
        reenable(&client, &s, READ, 0);
    }
    for (i = 0; next_notification(&client, &news); i++) {
        CU_ASSERT_EQUAL(news.sequence, ++expected);
        CU_ASSERT_EQUAL(news.kind, WIRE_NOTIFY_EVENT);
    }
    CU_ASSERT(i > 0 && i < SENDS);
    send_datagram(&s, "d", &name);
    CU_ASSERT(next_notification(&client, &news));
    fd_close(&s.fd);
    stop();
}

/* Handles to forget cannot coalesce: the limit ends the client. */
static void too_many_to_forget(void)
{
    struct test_socket s;
    uint64_t word;
    char byte;
    int error = 0, peer;

    start();
    peer = connect_peer();
    s = accept_one();
    for (word = 1; word <= LIMIT_FORGETS_PER_CLIENT + 2 && !error; word++)
        error = select_word(&client, &s, WIRE_TARGET_EVENT, word, READ);
    CU_ASSERT_EQUAL(error, -1);
    CU_ASSERT(word > LIMIT_FORGETS_PER_CLIENT);
    CU_ASSERT_EQUAL(recv(client.fd, &byte, 1, 0), 0);
    CU_ASSERT_EQUAL(fixture_server.n_clients, 0);
    fd_close(&peer);
    fd_close(&s.fd);
    stop();
}

static void bad_targets_are_refused(void)
{
    struct test_socket s, t;
    int peer;

    start();
    peer = connect_peer();
    s = accept_one();
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, peer, READ), WS2_EINVAL);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, 1 << 10), WS2_EINVAL);
    CU_ASSERT_EQUAL(select_word(&client, &s, WIRE_TARGET_NONE, 1, READ),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(select_word(&client, &s, WIRE_TARGET_EVENTFD, 1, READ),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(select_word(&client, &s, 9, 1, READ), WS2_EINVAL);
    t = s;
    t.fd = event;
    CU_ASSERT_EQUAL(select_eventfd(&client, &t, event, READ), WS2_ENOTSOCK);
    t.fd = peer;
    CU_ASSERT_EQUAL(select_eventfd(&client, &t, event, READ), WS2_EINVAL);
    t = s;
    t.handle = 12345;
    CU_ASSERT_EQUAL(select_eventfd(&client, &t, event, READ), WS2_EINVAL);
    t = s;
    t.slot = s.slot + 1;
    CU_ASSERT_EQUAL(select_eventfd(&client, &t, event, READ), WS2_EINVAL);
    CU_ASSERT_EQUAL(record_of(&s)->mask, 0);
    CU_ASSERT(!(record_of(&s)->flags & WIRE_RECORD_SERVER_HAS_FD));
    fd_close(&peer);
    fd_close(&s.fd);
    stop();
}

/* Datagrams that leave do not wake the server. */
static void datagrams_that_leave_cost_nothing(void)
{
    struct sockaddr_in name;
    struct test_socket s;
    char data[8];

    start();
    s = datagram_socket(&name);
    CU_ASSERT_EQUAL(select_eventfd(&client, &s, event, ALL), 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), WRITE);
    fixture_settle();
    send_datagram(&s, "d", &address);
    CU_ASSERT_EQUAL(loop_turn(&fixture_server.loop, 0), 0);
    /* An empty datagram is data, too. */
    send_datagram(&s, "", &name);
    CU_ASSERT(signalled(event));
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), READ);
    CU_ASSERT_EQUAL(recv(s.fd, data, sizeof data, 0), 0);
    reenable(&client, &s, READ, 0);
    CU_ASSERT_EQUAL(enumerate(&client, &s, event, NULL), 0);
    fd_close(&s.fd);
    stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "an eventfd is signalled", an_eventfd_is_signalled },
        { "an answer does not lag", an_answer_does_not_lag },
        { "a reset is left to the holder", a_reset_is_left_to_the_holder },
        { "both sides close", both_sides_close },
        { "a refused connect", a_refused_connect },
        { "a cancelled socket is let go", a_cancelled_socket_is_let_go },
        { "cancelled and registered anew", cancelled_and_registered_anew },
        { "the newest registration wins", the_newest_registration_wins },
        { "an accepted socket inherits", an_accepted_socket_inherits },
        { "it ends with its descriptor", it_ends_with_its_descriptor },
        { "an event is forgotten once", an_event_is_forgotten_once },
        { "notifications coalesce", notifications_coalesce },
        { "too many to forget", too_many_to_forget },
        { "bad targets are refused", bad_targets_are_refused },
        { "datagrams that leave cost nothing",
          datagrams_that_leave_cost_nothing },
        CU_TEST_INFO_NULL,
    };

    return test_main("registrations", tests);
}
