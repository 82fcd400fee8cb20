/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ProcessSocketNotifications: registrations from their beginning to their end,
 * what the call takes off the port, and bad input.  The sources are those of
 * socket_notifications.c.
 */
#include "support/memory.h"
#include "support/notifications.h"

#define BAD_HANDLE 6   /* ERROR_INVALID_HANDLE */
#define NOT_FOUND 1168 /* ERROR_NOT_FOUND */

/* --- Registrations -------------------------------------------------------- */

static void no_events(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, SOCK_NOTIFY_REGISTER_EVENT_NONE,
                  LEVEL);
    send_all(scene.client, "data", 4);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

static void disabled_and_enabled_again(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_DISABLE),
             0);
    send_all(scene.client, "data", 4);
    notify_check_none(scene.port);
    notify_enable(scene.port, scene.server, READY, LEVEL);
    CHECK_EQ(notify_awaited(scene.port), READY);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_DISABLE),
             0);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

static void registering_again_changes_it(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, EDGE);
    notify_enable(scene.port, scene.server, ROOM, LEVEL | ONCE);
    CHECK_EQ(notify_awaited(scene.port), ROOM);
    send_all(scene.client, "data", 4);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

/* "To change the completion key, remove the registration and re-register." */
static void the_key_stays(void)
{
    struct notify_scene scene;
    SOCK_NOTIFY_REGISTRATION info;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    info = notify_registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM,
                               LEVEL | ONCE);
    info.completionKey = (void *)(ULONG_PTR)(NOTIFY_KEY + 1);
    CHECK_EQ(notify_result(scene.port, info), 0);
    CHECK_EQ(notify_awaited(scene.port), ROOM); /* checks the key */
    notify_scene_close(&scene);
}

/* The last packet says so, and is the last. */
static void removed(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             0);
    CHECK(notify_awaited(scene.port) & SOCK_NOTIFY_EVENT_REMOVE);
    notify_check_none(scene.port);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             NOT_FOUND);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    CHECK_EQ(notify_awaited(scene.port), READY);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             0);
    CHECK(notify_awaited(scene.port) & SOCK_NOTIFY_EVENT_REMOVE);
    notify_scene_close(&scene);
}

static void on_another_port(void)
{
    struct notify_scene scene;
    uint64_t other = port_create();

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    CHECK_EQ(notify_operate(other, scene.server, SOCK_NOTIFY_OP_DISABLE),
             NOT_FOUND);
    CHECK_EQ(notify_operate(other, scene.server, SOCK_NOTIFY_OP_REMOVE),
             NOT_FOUND);
    notify_enable(other, scene.server, READY, LEVEL | ONCE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(other), READY);
    notify_check_none(scene.port);
    port_close(other);
    notify_scene_close(&scene);
}

/* closesocket ends it without another word. */
static void closed(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY | HANGUP, LEVEL);
    close_socket(scene.server);
    scene.server = INVALID_SOCKET;
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

static void closed_with_a_packet_on_the_port(void)
{
    struct notify_scene scene;
    UINT32 events;

    notify_scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, NOTIFY_TIME));
    notify_enable(scene.port, scene.server, READY, LEVEL);
    close_socket(scene.server);
    scene.server = INVALID_SOCKET;
    /* It "might still be delivered". */
    events = notify_events(scene.port, TEST_QUIET_MS);
    CHECK(events == 0 || events == READY);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

static void the_port_is_closed_first(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, NOTIFY_TIME));
    port_close(scene.port);
    close_socket(scene.client);
    close_socket(scene.server);
}

/* A registration is the socket's, not the descriptor's. */
static void duplicates(void)
{
    struct notify_scene scene;
    SOCKET copy;

    notify_scene_open(&scene);
    copy = duplicate_here(scene.server);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    notify_enable(scene.port, copy, ROOM, LEVEL | ONCE);
    CHECK_EQ(notify_awaited(scene.port), ROOM);
    notify_check_none(scene.port);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             0);
    CHECK(notify_awaited(scene.port) & SOCK_NOTIFY_EVENT_REMOVE);
    close_socket(copy);
    notify_scene_close(&scene);
}

/* --- Taking --------------------------------------------------------------- */

static void other_packets_come_too(void)
{
    const struct packet posted = {
        .key = NOTIFY_KEY, .overlapped = (void *)8, .bytes = 5};
    struct notify_scene scene;
    struct packet packet;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    port_post(scene.port, &posted);
    CHECK_EQ(notify_events(scene.port, 0), 5);
    send_all(scene.client, "data", 4);
    CHECK(port_get(scene.port, test_timeout(NOTIFY_TIME), &packet));
    CHECK_EQ(packet.key, NOTIFY_KEY);
    CHECK_EQ(packet.bytes, READY);
    notify_scene_close(&scene);
}

static void several_at_once(void)
{
    struct notify_scene scene;
    SOCK_NOTIFY_REGISTRATION infos[3];
    OVERLAPPED_ENTRY entries[4];
    UINT32 received = 0;

    notify_scene_open(&scene);
    infos[0] = notify_registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM,
                                   LEVEL | ONCE);
    infos[1] = notify_registration(scene.client, SOCK_NOTIFY_OP_NONE, 0, 0);
    infos[2] = notify_registration(scene.client, SOCK_NOTIFY_OP_ENABLE, ROOM,
                                   LEVEL | ONCE);
    infos[2].completionKey = (void *)(ULONG_PTR)(NOTIFY_KEY + 2);
    CHECK_EQ(notify_process(scene.port, 3, infos, NOTIFY_TIME, 4, entries,
                            &received),
             0);
    CHECK_EQ(infos[0].registrationResult, 0);
    CHECK_EQ(infos[1].registrationResult, 0);
    CHECK_EQ(infos[2].registrationResult, 0);
    CHECK_EQ(received, 2);
    CHECK_EQ(entries[0].lpCompletionKey + entries[1].lpCompletionKey,
             2 * NOTIFY_KEY + 2);
    CHECK_EQ(entries[0].dwNumberOfBytesTransferred, ROOM);
    CHECK_EQ(entries[1].dwNumberOfBytesTransferred, ROOM);
    notify_scene_close(&scene);
}

/* --- Many sockets, several threads ---------------------------------------- */

enum { N_CONNECTIONS = 40, N_THREADS = 4, N_ROUNDS = 25, STOP = 1 };

struct crowd {
    uint64_t port;
    unsigned trigger;
    SOCKET clients[N_CONNECTIONS], servers[N_CONNECTIONS];
};

static void crowd_enable(const struct crowd *crowd, SOCKET s)
{
    SOCK_NOTIFY_REGISTRATION info = notify_registration(
        s, SOCK_NOTIFY_OP_ENABLE, READY, crowd->trigger);

    info.completionKey = (void *)(ULONG_PTR)s;
    CHECK_EQ(notify_result(crowd->port, info), 0);
}

/* All that is there goes back. */
static void answer(SOCKET s)
{
    char data[64];
    int n;

    while ((n = recv(s, data, sizeof(data), 0)) > 0)
        send_all(s, data, n);
    CHECK(WSAGetLastError() == WSAEWOULDBLOCK);
}

static void serve(void *argument)
{
    const struct crowd *crowd = argument;
    OVERLAPPED_ENTRY entry;
    UINT32 received;

    for (;;) {
        CHECK_EQ(notify_process(crowd->port, 0, NULL, INFINITE, 1, &entry,
                                &received),
                 0);
        if (entry.lpCompletionKey == STOP)
            return;
        CHECK_EQ(SocketNotificationRetrieveEvents(&entry), READY);
        answer((SOCKET)entry.lpCompletionKey);
        if (crowd->trigger & ONCE)
            crowd_enable(crowd, (SOCKET)entry.lpCompletionKey);
    }
}

static void crowd_play(struct crowd *crowd)
{
    char byte;
    int round, i;

    for (round = 0; round < N_ROUNDS; round++) {
        for (i = 0; i < N_CONNECTIONS; i++)
            send_all(crowd->clients[i], &(char){(char)(round + i)}, 1);
        for (i = 0; i < N_CONNECTIONS; i++) {
            receive_all(crowd->clients[i], &byte, 1);
            CHECK_EQ(byte, (char)(round + i));
        }
    }
}

/* No arrival is lost, however many threads take and enable. */
static void serve_a_crowd(unsigned trigger)
{
    static const struct packet stop = {.key = STOP};
    struct crowd crowd = {.port = port_create(), .trigger = trigger};
    struct thread *threads[N_THREADS];
    int i;

    for (i = 0; i < N_CONNECTIONS; i++) {
        tcp_pair(&crowd.clients[i], &crowd.servers[i]);
        set_nonblocking(crowd.servers[i], 1);
        crowd_enable(&crowd, crowd.servers[i]);
    }
    for (i = 0; i < N_THREADS; i++)
        threads[i] = thread_start(serve, &crowd);
    crowd_play(&crowd);
    for (i = 0; i < N_THREADS; i++)
        port_post(crowd.port, &stop);
    for (i = 0; i < N_THREADS; i++)
        thread_join(threads[i]);
    for (i = 0; i < N_CONNECTIONS; i++) {
        close_socket(crowd.clients[i]);
        close_socket(crowd.servers[i]);
    }
    port_close(crowd.port);
}

static void threads_and_one_shot_levels(void)
{
    serve_a_crowd(LEVEL | ONCE);
}

static void threads_and_edges(void)
{
    serve_a_crowd(EDGE | PERSISTENT);
}

/* --- Bad input ------------------------------------------------------------ */

static void each_registration_has_its_result(void)
{
    static const struct {
        unsigned operation, events, trigger;
    } bad[] = {
        {SOCK_NOTIFY_OP_ENABLE, 8, LEVEL},
        {SOCK_NOTIFY_OP_ENABLE, SOCK_NOTIFY_EVENT_ERR, LEVEL},
        {SOCK_NOTIFY_OP_ENABLE, READY, 0},
        {SOCK_NOTIFY_OP_ENABLE, READY, ONCE},
        {SOCK_NOTIFY_OP_ENABLE, READY, LEVEL | EDGE},
        {SOCK_NOTIFY_OP_ENABLE, READY, LEVEL | ONCE | PERSISTENT},
        {SOCK_NOTIFY_OP_ENABLE, READY, LEVEL | 0x10},
        {SOCK_NOTIFY_OP_ENABLE | SOCK_NOTIFY_OP_DISABLE, READY, LEVEL},
        {8, READY, LEVEL},
    };
    struct notify_scene scene;
    SOCK_NOTIFY_REGISTRATION infos[2];
    size_t i;

    notify_scene_open(&scene);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT_THAT(
            notify_result(scene.port,
                          notify_registration(scene.server, bad[i].operation,
                                              bad[i].events, bad[i].trigger)) ==
                WSAEINVAL,
            "row %zu", i);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_DISABLE),
             NOT_FOUND);
    CHECK_EQ(notify_operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             NOT_FOUND);
    CHECK_EQ(notify_operate(scene.port, (SOCKET)0xfffc, SOCK_NOTIFY_OP_REMOVE),
             WSAENOTSOCK);
    infos[0] = notify_registration(INVALID_SOCKET, SOCK_NOTIFY_OP_ENABLE, READY,
                                   LEVEL);
    infos[1] =
        notify_registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM, LEVEL);
    CHECK_EQ(notify_process(scene.port, 2, infos, 0, 0, NULL, NULL), 0);
    CHECK_EQ(infos[0].registrationResult, WSAENOTSOCK);
    CHECK_EQ(infos[1].registrationResult, 0);
    CHECK_EQ(notify_awaited(scene.port), ROOM);
    notify_scene_close(&scene);
}

/* Then nothing is done at all. */
static void bad_calls(void)
{
    struct notify_scene scene;
    SOCK_NOTIFY_REGISTRATION info;
    OVERLAPPED_ENTRY entry;
    UINT32 received;
    void *bad = memory_new(MEMORY_UNREADABLE, 1);

    notify_scene_open(&scene);
    info =
        notify_registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM, LEVEL);
    CHECK_EQ(notify_process(scene.port, 0, &info, 0, 0, NULL, NULL), WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, NULL, 0, 0, NULL, NULL), WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, &info, 1, 0, NULL, NULL), WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, &info, 0, 0, &entry, NULL),
             WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, &info, 0, 0, NULL, &received),
             WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, &info, 0, 1, NULL, &received),
             WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, &info, 0, 1, &entry, NULL),
             WSAEINVAL);
    CHECK_EQ(notify_process(scene.port, 1, bad, 0, 0, NULL, NULL), WSAEFAULT);
    CHECK_EQ(notify_process(scene.port, 1, &info, 0, 1, bad, &received),
             WSAEFAULT);
    CHECK_EQ(notify_process(scene.port, 1, &info, 0, 1, &entry, bad),
             WSAEFAULT);
    CHECK_EQ(notify_process(0, 1, &info, 0, 0, NULL, NULL), BAD_HANDLE);
    CHECK_EQ(notify_process(scene.server, 1, &info, 0, 0, NULL, NULL),
             BAD_HANDLE);
    CHECK_EQ(info.registrationResult, 0xabcd);
    notify_check_none(scene.port);
    CHECK_EQ(notify_process(scene.port, 0, NULL, 0, 1, &entry, &received),
             NOTIFY_TIMED_OUT);
    memory_delete(bad, 1);
    notify_scene_close(&scene);
}

static void before_startup(void)
{
    OVERLAPPED_ENTRY entry;
    UINT32 received;

    CHECK_EQ(notify_process(4, 0, NULL, 0, 1, &entry, &received),
             WSANOTINITIALISED);
}

static const struct test_case cases[] = {
    TEST_CASE(no_events, "EVENT_NONE"),
    TEST_CASE(disabled_and_enabled_again, "DISABLE suppresses notifications"),
    TEST_CASE(registering_again_changes_it,
              "re-registering overwrites the registration"),
    TEST_CASE(the_key_stays, "the key is that of the first registration"),
    TEST_CASE(removed, "REMOVE: EVENT_REMOVE is the last notification"),
    TEST_CASE(on_another_port, "one completion port at a time"),
    TEST_CASE(closed, "closesocket deregisters, without EVENT_REMOVE"),
    TEST_CASE(closed_with_a_packet_on_the_port,
              "what is queued at closesocket may come"),
    TEST_CASE(the_port_is_closed_first, "nothing is left over"),
    TEST_CASE(duplicates, "a socket is registered once"),
    TEST_CASE(other_packets_come_too, "as GetQueuedCompletionStatusEx"),
    TEST_CASE(several_at_once, "registers and retrieves in a single call"),
    TEST_CASE_WITH(threads_and_one_shot_levels,
                   "\"the recommended pattern for multi-threaded servers\"",
                   .waiting_threads = N_THREADS),
    TEST_CASE_WITH(threads_and_edges, "edge, many threads",
                   .waiting_threads = N_THREADS),
    TEST_CASE(each_registration_has_its_result, "registrationResult"),
    TEST_CASE(bad_calls, "the entire operation failed, nothing changed"),
    TEST_CASE_WITH(before_startup, "WSAStartup first", .flags = TEST_BARE),
    TEST_END};

TEST_MAIN("socket_notification_calls", cases, NULL)
