/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ProcessSocketNotifications: what can be done with a socket, as packets of a
 * completion port.  From Microsoft's pages of the function, of
 * SOCK_NOTIFY_REGISTRATION, of SocketNotificationRetrieveEvents and of
 * "Winsock socket state notifications".
 */
#include "support/exports.h"
#include "support/memory.h"
#include "support/ports.h"
#include "support/sockets.h"

#define IN_TIME 10000
#define KEY 0x1234u
#define BAD_HANDLE 6     /* ERROR_INVALID_HANDLE */
#define NOT_FOUND 1168   /* ERROR_NOT_FOUND */
#define TIMED_OUT 258u   /* WAIT_TIMEOUT */

#define READY SOCK_NOTIFY_REGISTER_EVENT_IN
#define ROOM SOCK_NOTIFY_REGISTER_EVENT_OUT
#define HANGUP SOCK_NOTIFY_REGISTER_EVENT_HANGUP
#define LEVEL SOCK_NOTIFY_TRIGGER_LEVEL
#define EDGE SOCK_NOTIFY_TRIGGER_EDGE
#define ONCE SOCK_NOTIFY_TRIGGER_ONESHOT
#define PERSISTENT SOCK_NOTIFY_TRIGGER_PERSISTENT

/* --- The call ----------------------------------------------------------------------- */

typedef DWORD(WINAPI *process_function)(HANDLE, UINT32,
                                        SOCK_NOTIFY_REGISTRATION *, UINT32,
                                        ULONG, OVERLAPPED_ENTRY *, UINT32 *);

/* Older import libraries do not have it. */
static DWORD process(uint64_t port, UINT32 n_infos,
                     SOCK_NOTIFY_REGISTRATION *infos, UINT32 ms,
                     ULONG n_entries, OVERLAPPED_ENTRY *entries,
                     UINT32 *received)
{
    process_function function =
        (process_function)export_named("ProcessSocketNotifications");

    CHECK_THAT(function != NULL, "there is no ProcessSocketNotifications");
    return function((HANDLE)(ULONG_PTR)port, n_infos, infos, ms, n_entries,
                    entries, received);
}

static SOCK_NOTIFY_REGISTRATION registration(SOCKET s, unsigned operation,
                                             unsigned events,
                                             unsigned trigger)
{
    return (SOCK_NOTIFY_REGISTRATION){
        .socket = s,
        .completionKey = (void *)(ULONG_PTR)KEY,
        .eventFilter = (UINT16)events,
        .operation = (UINT8)operation,
        .triggerFlags = (UINT8)trigger,
        .registrationResult = 0xabcd,
    };
}

/* The result of one registration. */
static DWORD result_of(uint64_t port, SOCK_NOTIFY_REGISTRATION info)
{
    CHECK_EQ(process(port, 1, &info, 0, 0, NULL, NULL), 0);
    return info.registrationResult;
}

static void enable(uint64_t port, SOCKET s, unsigned events, unsigned trigger)
{
    CHECK_EQ(result_of(port, registration(s, SOCK_NOTIFY_OP_ENABLE, events,
                                          trigger)),
             0);
}

static DWORD operate(uint64_t port, SOCKET s, unsigned operation)
{
    return result_of(port, registration(s, operation, 0, 0));
}

/* The next packet within ms: its events, and 0 when there is none. */
static UINT32 next_events(uint64_t port, int ms)
{
    OVERLAPPED_ENTRY entry;
    UINT32 received = 77;
    DWORD error = process(port, 0, NULL, (UINT32)ms, 1, &entry, &received);

    if (error == TIMED_OUT) {
        CHECK_EQ(received, 0);
        return 0;
    }
    CHECK_EQ(error, 0);
    CHECK_EQ(received, 1);
    CHECK_EQ(entry.lpCompletionKey, KEY);
    return SocketNotificationRetrieveEvents(&entry);
}

static UINT32 awaited_events(uint64_t port)
{
    return next_events(port, test_timeout(IN_TIME));
}

static void check_none(uint64_t port)
{
    CHECK_EQ(next_events(port, TEST_QUIET_MS), 0);
}

/* --- Scenes --------------------------------------------------------------------------- */

struct scene {
    SOCKET client, server;
    uint64_t port;
};

static void scene_open(struct scene *scene)
{
    tcp_pair(&scene->client, &scene->server);
    set_nonblocking(scene->server, 1);
    scene->port = port_create();
}

static void scene_close(struct scene *scene)
{
    if (scene->client != INVALID_SOCKET)
        close_socket(scene->client);
    if (scene->server != INVALID_SOCKET)
        close_socket(scene->server);
    port_close(scene->port);
}

/* All that is there. */
static void drain(SOCKET s)
{
    char data[4096];
    int n;

    while ((n = recv(s, data, sizeof(data), 0)) > 0)
        continue;
    CHECK(n == 0 || WSAGetLastError() == WSAEWOULDBLOCK);
}

/* Until the kernel takes no more. */
static void fill(SOCKET s)
{
    static char data[65536];

    while (send(s, data, sizeof(data), 0) > 0)
        continue;
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
}

/* Reads the peer's data until the other end can be written to again. */
static void make_room(SOCKET from, SOCKET blocked)
{
    static char data[65536];
    int n;

    do {
        n = recv(from, data, sizeof(data), 0);
        CHECK(n > 0);
    } while (!wait_writable(blocked, 0));
}

/* --- Level-triggered ---------------------------------------------------------------------- */

static void level_tells_while_it_holds(void)
{
    struct scene scene;
    int i;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | PERSISTENT);
    check_none(scene.port);
    send_all(scene.client, "data", 4);
    for (i = 0; i < 3; i++)
        CHECK_EQ(awaited_events(scene.port), READY);
    drain(scene.server);
    check_none(scene.port);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    scene_close(&scene);
}

static void level_tells_what_was_there_before(void)
{
    struct scene scene;

    scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    enable(scene.port, scene.server, READY | ROOM | HANGUP, LEVEL);
    CHECK_EQ(awaited_events(scene.port), READY | ROOM);
    scene_close(&scene);
}

static void one_packet_tells_all(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY | HANGUP, LEVEL);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    CHECK_OK(shutdown(scene.client, SD_SEND));
    while (!(awaited_events(scene.port) & HANGUP))
        continue;
    CHECK_EQ(awaited_events(scene.port), READY | HANGUP);
    drain(scene.server);
    CHECK_EQ(awaited_events(scene.port), HANGUP);
    scene_close(&scene);
}

static void one_shot_is_disabled_by_its_packet(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    check_none(scene.port);
    send_all(scene.client, "more", 4);
    check_none(scene.port);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    CHECK_EQ(awaited_events(scene.port), READY);
    drain(scene.server);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    check_none(scene.port);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    check_none(scene.port);
    scene_close(&scene);
}

static void one_shot_outlives_what_is_over(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    check_receives(scene.server, "data");
    check_none(scene.port);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    scene_close(&scene);
}

/* --- Edge-triggered ------------------------------------------------------------------------ */

static void edge_tells_when_it_begins(void)
{
    struct scene scene;
    int i;

    scene_open(&scene);
    enable(scene.port, scene.server, READY | HANGUP, EDGE | PERSISTENT);
    check_none(scene.port);
    for (i = 0; i < 3; i++) {
        send_all(scene.client, "data", 4);
        CHECK_EQ(awaited_events(scene.port), READY);
        check_none(scene.port);
        drain(scene.server);
    }
    CHECK_OK(shutdown(scene.client, SD_SEND));
    CHECK(awaited_events(scene.port) & HANGUP);
    check_none(scene.port);
    scene_close(&scene);
}

static void edge_tells_nothing_while_it_holds(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, EDGE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    send_all(scene.client, "data", 4);
    check_none(scene.port);
    drain(scene.server);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    scene_close(&scene);
}

static void edge_is_not_what_was_there_before(void)
{
    struct scene scene;

    scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    enable(scene.port, scene.server, READY | ROOM, EDGE);
    check_none(scene.port);
    drain(scene.server);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    scene_close(&scene);
}

/* Nobody found it empty, but it was. */
static void edge_after_an_exact_receive(void)
{
    struct scene scene;
    int i;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, EDGE);
    for (i = 0; i < 3; i++) {
        send_all(scene.client, "data", 4);
        CHECK_EQ(awaited_events(scene.port), READY);
        check_receives(scene.server, "data");
    }
    scene_close(&scene);
}

static void edge_of_room_for_sending(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, ROOM, EDGE);
    check_none(scene.port);
    fill(scene.server);
    check_none(scene.port);
    make_room(scene.client, scene.server);
    CHECK_EQ(awaited_events(scene.port), ROOM);
    check_none(scene.port);
    scene_close(&scene);
}

static void edge_of_datagrams_and_connections(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client, client2;
    uint64_t port = port_create();
    struct sockaddr_in udp_name;
    SOCKET receiver = udp_bound(&udp_name), sender = udp_socket();
    char data[8];
    int i;

    enable(port, listener, READY, EDGE);
    client = tcp_connect(&name);
    CHECK_EQ(awaited_events(port), READY);
    close_socket(CHECK_SOCKET(accept(listener, NULL, NULL)));
    client2 = tcp_connect(&name);
    CHECK_EQ(awaited_events(port), READY);
    enable(port, receiver, READY, EDGE);
    for (i = 0; i < 3; i++) {
        CHECK_RESULT(sendto(sender, "data", 4, 0, (struct sockaddr *)&udp_name,
                            sizeof(udp_name)),
                     4);
        CHECK_EQ(awaited_events(port), READY);
        check_none(port);
        CHECK_RESULT(recv(receiver, data, sizeof(data), 0), 4);
    }
    close_socket(listener);
    close_socket(client);
    close_socket(client2);
    close_socket(receiver);
    close_socket(sender);
    port_close(port);
}

static void edge_one_shot(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, EDGE | ONCE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    drain(scene.server);
    send_all(scene.client, "data", 4);
    check_none(scene.port);
    scene_close(&scene);
}

/* --- States ---------------------------------------------------------------------------------- */

static void a_reset_is_an_error_and_a_hangup(void)
{
    struct scene scene;
    UINT32 events;

    scene_open(&scene);
    enable(scene.port, scene.server, HANGUP, LEVEL | ONCE);
    set_linger(scene.client, 0);
    close_socket(scene.client);
    scene.client = INVALID_SOCKET;
    events = awaited_events(scene.port);
    CHECK_EQ(events & ~(UINT32)READY, HANGUP | SOCK_NOTIFY_EVENT_ERR);
    scene_close(&scene);
}

/* Whatever the filter. */
static void errors_are_always_told(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    set_linger(scene.client, 0);
    close_socket(scene.client);
    scene.client = INVALID_SOCKET;
    CHECK(awaited_events(scene.port) & SOCK_NOTIFY_EVENT_ERR);
    scene_close(&scene);
}

static void a_connection_that_is_made(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    uint64_t port = port_create();

    set_nonblocking(s, 1);
    enable(port, s, ROOM, LEVEL | ONCE);
    check_none(port);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK_EQ(awaited_events(port), ROOM);
    close_socket(s);
    close_socket(listener);
    port_close(port);
}

static void a_connection_that_fails(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    uint64_t port = port_create();

    close_socket(listener);
    set_nonblocking(s, 1);
    enable(port, s, ROOM, LEVEL | ONCE);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK_EQ(awaited_events(port), SOCK_NOTIFY_EVENT_ERR);
    close_socket(s);
    port_close(port);
}

/* --- Registrations ------------------------------------------------------------------------------ */

static void no_events(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, SOCK_NOTIFY_REGISTER_EVENT_NONE, LEVEL);
    send_all(scene.client, "data", 4);
    check_none(scene.port);
    scene_close(&scene);
}

static void disabled_and_enabled_again(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_DISABLE), 0);
    send_all(scene.client, "data", 4);
    check_none(scene.port);
    enable(scene.port, scene.server, READY, LEVEL);
    CHECK_EQ(awaited_events(scene.port), READY);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_DISABLE), 0);
    check_none(scene.port);
    scene_close(&scene);
}

static void registering_again_changes_it(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, EDGE);
    enable(scene.port, scene.server, ROOM, LEVEL | ONCE);
    CHECK_EQ(awaited_events(scene.port), ROOM);
    send_all(scene.client, "data", 4);
    check_none(scene.port);
    scene_close(&scene);
}

/* "To change the completion key, remove the registration and re-register." */
static void the_key_stays(void)
{
    struct scene scene;
    SOCK_NOTIFY_REGISTRATION info;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    info = registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM,
                        LEVEL | ONCE);
    info.completionKey = (void *)(ULONG_PTR)(KEY + 1);
    CHECK_EQ(result_of(scene.port, info), 0);
    CHECK_EQ(awaited_events(scene.port), ROOM); /* checks the key */
    scene_close(&scene);
}

/* The last packet says so, and is the last. */
static void removed(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(scene.port), READY);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE), 0);
    CHECK(awaited_events(scene.port) & SOCK_NOTIFY_EVENT_REMOVE);
    check_none(scene.port);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             NOT_FOUND);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    CHECK_EQ(awaited_events(scene.port), READY);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE), 0);
    CHECK(awaited_events(scene.port) & SOCK_NOTIFY_EVENT_REMOVE);
    scene_close(&scene);
}

static void on_another_port(void)
{
    struct scene scene;
    uint64_t other = port_create();

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    CHECK_EQ(operate(other, scene.server, SOCK_NOTIFY_OP_DISABLE), NOT_FOUND);
    CHECK_EQ(operate(other, scene.server, SOCK_NOTIFY_OP_REMOVE), NOT_FOUND);
    enable(other, scene.server, READY, LEVEL | ONCE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(awaited_events(other), READY);
    check_none(scene.port);
    port_close(other);
    scene_close(&scene);
}

/* closesocket ends it without another word. */
static void closed(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY | HANGUP, LEVEL);
    close_socket(scene.server);
    scene.server = INVALID_SOCKET;
    check_none(scene.port);
    scene_close(&scene);
}

static void closed_with_a_packet_on_the_port(void)
{
    struct scene scene;
    UINT32 events;

    scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    enable(scene.port, scene.server, READY, LEVEL);
    close_socket(scene.server);
    scene.server = INVALID_SOCKET;
    /* It "might still be delivered". */
    events = next_events(scene.port, TEST_QUIET_MS);
    CHECK(events == 0 || events == READY);
    check_none(scene.port);
    scene_close(&scene);
}

static void the_port_is_closed_first(void)
{
    struct scene scene;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    port_close(scene.port);
    close_socket(scene.client);
    close_socket(scene.server);
}

/* A registration is the socket's, not the descriptor's. */
static void duplicates(void)
{
    struct scene scene;
    SOCKET copy;

    scene_open(&scene);
    copy = duplicate_here(scene.server);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    enable(scene.port, copy, ROOM, LEVEL | ONCE);
    CHECK_EQ(awaited_events(scene.port), ROOM);
    check_none(scene.port);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE), 0);
    CHECK(awaited_events(scene.port) & SOCK_NOTIFY_EVENT_REMOVE);
    close_socket(copy);
    scene_close(&scene);
}

/* --- Taking ---------------------------------------------------------------------------------------- */

static void other_packets_come_too(void)
{
    const struct packet posted = {.key = KEY, .overlapped = (void *)8,
                                  .bytes = 5};
    struct scene scene;
    struct packet packet;

    scene_open(&scene);
    enable(scene.port, scene.server, READY, LEVEL | ONCE);
    port_post(scene.port, &posted);
    CHECK_EQ(next_events(scene.port, 0), 5);
    send_all(scene.client, "data", 4);
    CHECK(port_get(scene.port, test_timeout(IN_TIME), &packet));
    CHECK_EQ(packet.key, KEY);
    CHECK_EQ(packet.bytes, READY);
    scene_close(&scene);
}

static void several_at_once(void)
{
    struct scene scene;
    SOCK_NOTIFY_REGISTRATION infos[3];
    OVERLAPPED_ENTRY entries[4];
    UINT32 received = 0;

    scene_open(&scene);
    infos[0] = registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM,
                            LEVEL | ONCE);
    infos[1] = registration(scene.client, SOCK_NOTIFY_OP_NONE, 0, 0);
    infos[2] = registration(scene.client, SOCK_NOTIFY_OP_ENABLE, ROOM,
                            LEVEL | ONCE);
    infos[2].completionKey = (void *)(ULONG_PTR)(KEY + 2);
    CHECK_EQ(process(scene.port, 3, infos, IN_TIME, 4, entries, &received), 0);
    CHECK_EQ(infos[0].registrationResult, 0);
    CHECK_EQ(infos[1].registrationResult, 0);
    CHECK_EQ(infos[2].registrationResult, 0);
    CHECK_EQ(received, 2);
    CHECK_EQ(entries[0].lpCompletionKey + entries[1].lpCompletionKey,
             2 * KEY + 2);
    CHECK_EQ(entries[0].dwNumberOfBytesTransferred, ROOM);
    CHECK_EQ(entries[1].dwNumberOfBytesTransferred, ROOM);
    scene_close(&scene);
}

/* --- Bad input -------------------------------------------------------------------------------------- */

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
    struct scene scene;
    SOCK_NOTIFY_REGISTRATION infos[2];
    size_t i;

    scene_open(&scene);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EXPECT_THAT(result_of(scene.port,
                              registration(scene.server, bad[i].operation,
                                           bad[i].events, bad[i].trigger)) ==
                        WSAEINVAL,
                    "row %zu", i);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_DISABLE),
             NOT_FOUND);
    CHECK_EQ(operate(scene.port, scene.server, SOCK_NOTIFY_OP_REMOVE),
             NOT_FOUND);
    CHECK_EQ(operate(scene.port, (SOCKET)0xfffc, SOCK_NOTIFY_OP_REMOVE),
             WSAENOTSOCK);
    infos[0] = registration(INVALID_SOCKET, SOCK_NOTIFY_OP_ENABLE, READY, LEVEL);
    infos[1] = registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM, LEVEL);
    CHECK_EQ(process(scene.port, 2, infos, 0, 0, NULL, NULL), 0);
    CHECK_EQ(infos[0].registrationResult, WSAENOTSOCK);
    CHECK_EQ(infos[1].registrationResult, 0);
    CHECK_EQ(awaited_events(scene.port), ROOM);
    scene_close(&scene);
}

/* Then nothing is done at all. */
static void bad_calls(void)
{
    struct scene scene;
    SOCK_NOTIFY_REGISTRATION info;
    OVERLAPPED_ENTRY entry;
    UINT32 received;
    void *bad = memory_new(MEMORY_UNREADABLE, 1);

    scene_open(&scene);
    info = registration(scene.server, SOCK_NOTIFY_OP_ENABLE, ROOM, LEVEL);
    CHECK_EQ(process(scene.port, 0, &info, 0, 0, NULL, NULL), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, NULL, 0, 0, NULL, NULL), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, &info, 1, 0, NULL, NULL), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, &info, 0, 0, &entry, NULL), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, &info, 0, 0, NULL, &received), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, &info, 0, 1, NULL, &received), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, &info, 0, 1, &entry, NULL), WSAEINVAL);
    CHECK_EQ(process(scene.port, 1, bad, 0, 0, NULL, NULL), WSAEFAULT);
    CHECK_EQ(process(scene.port, 1, &info, 0, 1, bad, &received), WSAEFAULT);
    CHECK_EQ(process(scene.port, 1, &info, 0, 1, &entry, bad), WSAEFAULT);
    CHECK_EQ(process(0, 1, &info, 0, 0, NULL, NULL), BAD_HANDLE);
    CHECK_EQ(process(scene.server, 1, &info, 0, 0, NULL, NULL), BAD_HANDLE);
    CHECK_EQ(info.registrationResult, 0xabcd);
    check_none(scene.port);
    CHECK_EQ(process(scene.port, 0, NULL, 0, 1, &entry, &received), TIMED_OUT);
    memory_delete(bad, 1);
    scene_close(&scene);
}

static void before_startup(void)
{
    OVERLAPPED_ENTRY entry;
    UINT32 received;

    CHECK_EQ(process(4, 0, NULL, 0, 1, &entry, &received), WSANOTINITIALISED);
}

static const struct test_case cases[] = {
    TEST_CASE(level_tells_while_it_holds,
              "level: told whenever the condition holds"),
    TEST_CASE(level_tells_what_was_there_before,
              "level: also what held before it was enabled"),
    TEST_CASE(one_packet_tells_all, "notifications are coalesced"),
    TEST_CASE(one_shot_is_disabled_by_its_packet,
              "one-shot: disabled, not removed, by the next notification"),
    TEST_CASE(one_shot_outlives_what_is_over,
              "one-shot: what is over is no notification"),
    TEST_CASE(edge_tells_when_it_begins,
              "edge: when a condition changes from not holding to holding"),
    TEST_CASE(edge_tells_nothing_while_it_holds, "edge: once"),
    TEST_CASE(edge_is_not_what_was_there_before,
              "edge: the change comes while it is enabled"),
    TEST_CASE(edge_after_an_exact_receive, "edge: drained without a failure"),
    TEST_CASE(edge_of_room_for_sending, "edge: OUT"),
    TEST_CASE(edge_of_datagrams_and_connections,
              "edge: datagrams, and connections of a listener"),
    TEST_CASE(edge_one_shot, "edge and one-shot"),
    TEST_CASE(a_reset_is_an_error_and_a_hangup, "HANGUP: disconnected, aborted"),
    TEST_CASE(errors_are_always_told, "ERR whatever the filter"),
    TEST_CASE(a_connection_that_is_made, "OUT of a connect"),
    TEST_CASE(a_connection_that_fails, "ERR of a connect"),
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
    TEST_CASE(each_registration_has_its_result, "registrationResult"),
    TEST_CASE(bad_calls, "the entire operation failed, nothing changed"),
    TEST_CASE_WITH(before_startup, "WSAStartup first", .flags = TEST_BARE),
    TEST_END
};

TEST_MAIN("socket_notifications", cases, NULL)
