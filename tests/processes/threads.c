/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many threads at once: nothing hangs, crashes or leaks, whatever they do to
 * the sockets of each other, and neither fork nor the server's death disturbs
 * them.  Native only; meant for the builds with sanitizers as well.
 */
#include "support/remote.h"
#include "support/server.h"
#include "support/sockets.h"

#include <pthread.h>
#include <stdlib.h>

/* TSan takes connect for what makes a descriptor, and so every other use of the
   socket at the same time for a race.  It calls this. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:connect_datagram\nrace:start_connect\n";
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* --- Everything at once --------------------------------------------------- */

#define STRESS_MS 3000
#define STRESS_THREADS 6
#define PLACES 24

static SOCKET places[PLACES]; /* atomic; 0: empty */
static struct sockaddr_in stress_name;

static SOCKET random_socket(unsigned *state)
{
    return __atomic_load_n(&places[next_random(state) % PLACES],
                           __ATOMIC_RELAXED);
}

/* Into the table; what was there is closed. */
static void put(unsigned *state, SOCKET s)
{
    SOCKET before;

    if (s == INVALID_SOCKET)
        return;
    before = __atomic_exchange_n(&places[next_random(state) % PLACES], s,
                                 __ATOMIC_RELAXED);
    if (before != 0)
        (void)closesocket(before);
}

/* Most of the threads' sockets never block, so that the threads do not stop
   each other. */
static SOCKET make_one(unsigned *state)
{
    SOCKET s = socket(AF_INET, next_random(state) % 2 ? SOCK_STREAM
                                                      : SOCK_DGRAM, 0);
    struct sockaddr_in any = loopback(0);
    u_long on = 1;
    int timeout = 20;

    if (s == INVALID_SOCKET)
        return s;
    if (next_random(state) % 4)
        (void)ioctlsocket(s, FIONBIO, &on);
    (void)setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&timeout,
                     sizeof(timeout));
    (void)setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, (char *)&timeout,
                     sizeof(timeout));
    if (next_random(state) % 3 == 0)
        (void)bind(s, (struct sockaddr *)&any, sizeof(any));
    return s;
}

static void wait_for_some(unsigned *state)
{
    struct timeval time = {0, (int)(next_random(state) % 3000)};
    WSAPOLLFD entries[4];
    fd_set read, write;
    SOCKET s;
    int i;

    FD_ZERO(&read);
    FD_ZERO(&write);
    for (i = 0; i < 4; i++) {
        s = random_socket(state);
        entries[i] = (WSAPOLLFD){.fd = s, .events = POLLIN | POLLOUT};
        if (s != 0 && i % 2)
            FD_SET(s, &read);
        else if (s != 0)
            FD_SET(s, &write);
    }
    if (next_random(state) % 2)
        (void)select(0, &read, &write, NULL, &time);
    else
        (void)WSAPoll(entries, 4, 2);
}

static void copy_one(unsigned *state, SOCKET s)
{
    WSAPROTOCOL_INFOW info;

    if (WSADuplicateSocketW(s, test_process_id(), &info) == 0)
        put(state, WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                              FROM_PROTOCOL_INFO, &info, 0, 0));
}

static void do_something(unsigned *state, WSAEVENT event)
{
    SOCKET s = random_socket(state);
    struct sockaddr_in name = stress_name;
    WSANETWORKEVENTS events;
    int length = sizeof(name);
    u_long on = next_random(state) % 2;
    char buffer[300] = {0};

    switch (next_random(state) % 16) {
    case 0: case 1: put(state, make_one(state)); break;
    case 2: (void)connect(s, (struct sockaddr *)&name, length); break;
    case 3: case 4: (void)send(s, buffer, sizeof(buffer), 0); break;
    case 5: case 6: (void)recv(s, buffer, sizeof(buffer), 0); break;
    case 7: wait_for_some(state); break;
    case 8: (void)WSAEventSelect(s, event, FD_READ | FD_WRITE | FD_CLOSE);
            break;
    case 9: (void)WSAEnumNetworkEvents(s, event, &events); break;
    case 10: (void)WSAEventSelect(s, NULL, 0); break;
    case 11: copy_one(state, s); break;
    case 12: (void)closesocket(s); break;
    case 13: (void)ioctlsocket(s, FIONBIO, &on); break;
    case 14: (void)shutdown(s, (int)(next_random(state) % 3)); break;
    case 15: (void)getpeername(s, (struct sockaddr *)&name, &length);
             (void)sendto(s, buffer, 10, 0, (struct sockaddr *)&stress_name,
                          sizeof(stress_name));
             break;
    }
}

static int64_t stress_end;

static void work(void *argument)
{
    unsigned state = (unsigned)(uintptr_t)argument;
    WSAEVENT event = WSACreateEvent();

    CHECK(event != WSA_INVALID_EVENT);
    while (test_clock() < stress_end)
        do_something(&state, event);
    CHECK(WSACloseEvent(event));
}

/* Accepts what the others connect, into the table, too. */
static void take_connections(void *argument)
{
    SOCKET listener = *(SOCKET *)argument;
    unsigned state = 99;

    while (test_clock() < stress_end) {
        if (wait_readable(listener, 10))
            put(&state, accept(listener, NULL, NULL));
    }
}

static void everything_at_once(void)
{
    struct thread *threads[STRESS_THREADS + 1];
    SOCKET listener = tcp_listener(&stress_name), s;
    uintptr_t i;

    set_nonblocking(listener, 1);
    stress_end = test_clock() + STRESS_MS;
    for (i = 0; i < STRESS_THREADS; i++)
        threads[i] = thread_start(work, (void *)(i + 1));
    threads[i] = thread_start(take_connections, &listener);
    for (i = 0; i <= STRESS_THREADS; i++)
        thread_join(threads[i]);
    for (i = 0; i < PLACES; i++)
        if (places[i] != 0)
            (void)closesocket(places[i]);
    closesocket(listener); /* a stale value may have closed it */
    s = tcp_socket();
    set_nonblocking(s, 1);
    close_socket(s);
}

/* --- Values that are not (any more) those of a socket --------------------- */

static int stop; /* atomic */

static int is_stopped(void)
{
    return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static void use_stale(void *argument)
{
    SOCKET s = *(SOCKET *)argument;
    int type, length;

    while (!is_stopped()) {
        length = sizeof(type);
        (void)getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &length);
    }
}

/* Another thread uses the value before the one that makes the socket has it.
   Many times, but for so long at most: ThreadSanitizer slows this down most. */
static void a_value_in_use_again(void)
{
    WSAEVENT event = WSACreateEvent();
    const int64_t end = test_clock() + STRESS_MS;
    struct thread *thread;
    SOCKET s = udp_socket();
    int i;

    close_socket(s);
    thread = thread_start(use_stale, &s);
    for (i = 0; i < 20000 && test_clock() < end; i++) {
        SOCKET again = udp_socket();
        u_long on = 1;

        CHECK_OK(ioctlsocket(again, FIONBIO, &on));
        if (i % 16 == 0)
            CHECK_OK(WSAEventSelect(again, event, FD_READ));
        close_socket(again);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    thread_join(thread);
    CHECK(WSACloseEvent(event));
}

/* --- Closing -------------------------------------------------------------- */

struct ending {
    SOCKET s;
    int result, error;
};

static void close_slowly(void *argument)
{
    struct ending *ending = argument;

    ending->result = closesocket(ending->s);
}

/* SO_LINGER's wait is that of the thread that closes. */
static void lingering_is_one_threads(void)
{
    struct linger linger = {1, 4};
    struct ending ending;
    struct thread *thread;
    SOCKET client, server;
    int64_t begin;
    static char data[1 << 20];

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    while (send(client, data, sizeof(data), 0) > 0)
        ;
    CHECK_OK(setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&linger,
                        sizeof(linger)));
    ending.s = client;
    thread = thread_start(close_slowly, &ending);
    CHECK(!thread_ended(thread, 100));
    begin = test_clock();
    close_socket(tcp_socket());
    close_socket(duplicate_here(server));
    CHECK(test_clock() - begin < 1000);
    close_socket(server); /* resets: the wait is over */
    thread_join(thread);
    CHECK_EQ(ending.result, 0);
}

static void select_for_writing(void *argument)
{
    struct ending *ending = argument;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(ending->s, &set);
    ending->result = select(0, NULL, &set, NULL, NULL);
    ending->error = WSAGetLastError();
}

static void closing_ends_select_for_writing(void)
{
    struct ending ending;
    struct thread *thread;
    SOCKET client, server;
    static char data[1 << 20];

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    while (send(client, data, sizeof(data), 0) > 0)
        ;
    ending.s = client;
    thread = thread_start(select_for_writing, &ending);
    CHECK(!thread_ended(thread, 100));
    close_socket(client);
    thread_join(thread);
    CHECK_EQ(ending.result, SOCKET_ERROR);
    CHECK_EQ(ending.error, WSAENOTSOCK);
    close_socket(server);
}

struct cancelled {
    struct ending ending;
    pthread_t thread; /* atomic */
};

static void receive_uncancelled(void *argument)
{
    struct cancelled *cancelled = argument;
    int before;
    char byte;

    __atomic_store_n(&cancelled->thread, pthread_self(), __ATOMIC_RELEASE);
    cancelled->ending.result = recv(cancelled->ending.s, &byte, 1, 0);
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    cancelled->ending.error = WSAGetLastError();
}

/* A call of Winsock's is no place where a thread can be cancelled: it would
   never end what it has begun. */
static void a_cancelled_thread_ends_its_call(void)
{
    struct cancelled cancelled;
    struct thread *thread;
    SOCKET client, server;

    tcp_pair(&client, &server);
    cancelled.ending.s = client;
    thread = thread_start(receive_uncancelled, &cancelled);
    CHECK(!thread_ended(thread, 100));
    CHECK_EQ(pthread_cancel(
                 __atomic_load_n(&cancelled.thread, __ATOMIC_ACQUIRE)), 0);
    CHECK(!thread_ended(thread, 100));
    close_socket(client);
    thread_join(thread);
    CHECK_EQ(cancelled.ending.result, SOCKET_ERROR);
    CHECK_EQ(cancelled.ending.error, WSAEINTR);
    close_socket(server);
}

/* --- Waiting for what another process does -------------------------------- */

static void select_sees_a_connect_elsewhere(void)
{
    struct peer *b = remote_start();
    struct ending ending;
    struct thread *thread;
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), there;

    there = remote_take(b, s);
    ending.s = s;
    thread = thread_start(select_for_writing, &ending);
    CHECK(!thread_ended(thread, 100));
    CHECK_OK(remote_connect(b, there, &name));
    thread_join(thread);
    CHECK_EQ(ending.result, 1);
    CHECK_OK(remote_close(b, there));
    close_socket(s);
    close_socket(listener);
    remote_end(b);
}

static void poll_for_reading(void *argument)
{
    struct ending *ending = argument;
    WSAPOLLFD entry = {.fd = ending->s, .events = POLLIN};

    ending->result = WSAPoll(&entry, 1, -1);
    ending->error = entry.revents;
}

static void poll_sees_a_listener_elsewhere(void)
{
    struct peer *b = remote_start();
    struct ending ending;
    struct thread *thread;
    struct sockaddr_in name = loopback(0);
    SOCKET s = tcp_socket(), there, client;

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(s);
    there = remote_take(b, s);
    ending.s = s;
    thread = thread_start(poll_for_reading, &ending);
    CHECK(!thread_ended(thread, 100));
    CHECK_OK(remote_listen(b, there, 5));
    client = CHECK_SOCKET(remote_socket(b, AF_INET, SOCK_STREAM, 0));
    CHECK_OK(remote_connect(b, client, &name));
    thread_join(thread);
    CHECK_EQ(ending.result, 1);
    CHECK_EQ(ending.error, POLLRDNORM);
    CHECK_OK(remote_close(b, client));
    CHECK_OK(remote_close(b, there));
    close_socket(s);
    remote_end(b);
}

/* --- fork ----------------------------------------------------------------- */

static void make_and_close(void *argument)
{
    (void)argument;
    while (!is_stopped()) {
        SOCKET s = udp_socket(), copy = duplicate_here(s);

        close_socket(s);
        close_socket(copy);
    }
}

static void live_in_child(struct peer *parent, void *argument)
{
    u_long on = 1;
    SOCKET s = udp_socket();
    char byte;

    (void)argument;
    CHECK_OK(ioctlsocket(s, FIONBIO, &on));
    close_socket(duplicate_here(s));
    close_socket(s);
    peer_receive(parent, &byte, 1);
}

static void fork_while_threads_work(void)
{
    struct thread *threads[3];
    int i;

    SKIP_IN_SANITIZERS();
    for (i = 0; i < 3; i++)
        threads[i] = thread_start(make_and_close, NULL);
    for (i = 0; i < 60; i++) {
        struct peer *child = peer_fork(live_in_child, NULL);

        peer_send(child, "x", 1);
        CHECK_EQ(peer_wait(child), 0);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 3; i++)
        thread_join(threads[i]);
}

static struct sockaddr_in server_name;
static int served; /* atomic: the acceptors may end */

static void connect_and_close(void *argument)
{
    (void)argument;
    while (!is_stopped()) {
        SOCKET s = tcp_connect(&server_name);

        check_end(s); /* whoever else has the other end keeps us waiting */
        close_socket(s);
    }
}

static void accept_and_close(void *argument)
{
    SOCKET listener = *(SOCKET *)argument, s;

    while (!__atomic_load_n(&served, __ATOMIC_RELAXED)) {
        if (!wait_readable(listener, 10))
            continue;
        s = accept(listener, NULL, NULL); /* or the other thread has it */
        if (s != INVALID_SOCKET)
            close_socket(s);
    }
}

static void idle_in_child(struct peer *parent, void *argument)
{
    char byte;

    (void)argument;
    CHECK_OK(WSACleanup());
    peer_receive(parent, &byte, 1);
}

/* A child has what its parent's SOCKETs stood for, and nothing of what was on
   its way to or from being one: it would keep a connection that it does not
   know of. */
static void children_keep_nothing_unknown(void)
{
    enum { CHILDREN = 40 };
    struct peer *children[CHILDREN];
    struct thread *threads[4];
    SOCKET listener;
    int i;

    SKIP_IN_SANITIZERS();
    listener = tcp_listener(&server_name);
    set_nonblocking(listener, 1);
    threads[0] = thread_start(accept_and_close, &listener);
    threads[1] = thread_start(accept_and_close, &listener);
    threads[2] = thread_start(connect_and_close, NULL);
    threads[3] = thread_start(connect_and_close, NULL);
    for (i = 0; i < CHILDREN; i++)
        children[i] = peer_fork(idle_in_child, NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 2; i < 4; i++)
        thread_join(threads[i]);
    for (i = 0; i < CHILDREN; i++) {
        peer_send(children[i], "x", 1);
        CHECK_EQ(peer_wait(children[i]), 0);
    }
    __atomic_store_n(&served, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 2; i++)
        thread_join(threads[i]);
    close_socket(listener);
}

/* --- The server dies ------------------------------------------------------ */

/* Each socket is a whole one, and none is taken for another. */
static void use_sockets(void *argument)
{
    WSAEVENT event = WSACreateEvent();
    int value = 1000 + (int)(uintptr_t)argument;

    while (!is_stopped()) {
        SOCKET s = udp_socket(), t = udp_socket();

        set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, value);
        set_int_option(t, SOL_SOCKET, SO_RCVTIMEO, 2 * value);
        CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), value);
        CHECK_EQ(get_int_option(t, SOL_SOCKET, SO_RCVTIMEO), 2 * value);
        CHECK_OK(WSAEventSelect(s, event, FD_READ | FD_WRITE));
        close_socket(t);
        CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), value);
        close_socket(s);
    }
    CHECK(WSACloseEvent(event));
}

static void the_server_dies(void)
{
    struct thread *threads[3];
    SOCKET s[40];
    uintptr_t i, round;

    for (i = 0; i < 40; i++) {
        s[i] = udp_socket();
        set_int_option(s[i], SOL_SOCKET, SO_RCVTIMEO, (int)i + 1);
    }
    for (i = 0; i < 3; i++)
        threads[i] = thread_start(use_sockets, (void *)i);
    for (round = 0; round < 15; round++) {
        server_kill();
        set_int_option(s[0], SOL_SOCKET, SO_SNDTIMEO, 1); /* a new one */
        for (i = 0; i < 40; i++)
            CHECK_EQ(get_int_option(s[i], SOL_SOCKET, SO_RCVTIMEO), i + 1);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (i = 0; i < 3; i++)
        thread_join(threads[i]);
    for (i = 0; i < 40; i++)
        close_socket(s[i]);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(everything_at_once, "no hang, no crash, no leak",
                   .seconds = 60, .waiting_threads = STRESS_THREADS + 1),
    TEST_CASE_WITH(a_value_in_use_again, "01 6: closed values", .seconds = 60),
    TEST_CASE(lingering_is_one_threads, "03 9: SO_LINGER, t > 0"),
    TEST_CASE_WITH(closing_ends_select_for_writing, "03 10: closed in select",
                   .waiting_threads = 1),
    TEST_CASE_WITH(a_cancelled_thread_ends_its_call, "03 10: closed in a call",
                   .waiting_threads = 1),
    TEST_CASE_WITH(select_sees_a_connect_elsewhere, "01 4: one state",
                   .waiting_threads = 1),
    TEST_CASE_WITH(poll_sees_a_listener_elsewhere, "01 4: one state",
                   .waiting_threads = 1),
    TEST_CASE_WITH(fork_while_threads_work, "the child is a whole process",
                   .seconds = 60),
    TEST_CASE_WITH(children_keep_nothing_unknown, "the peer sees the end",
                   .seconds = 60, .waiting_threads = 4),
    TEST_CASE_WITH(the_server_dies, "while threads work", .seconds = 60),
    TEST_END
};
TEST_MAIN("threads", cases, NULL)
