/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ProcessSocketNotifications: what can be done with a socket, as packets of a
 * completion port.  From Microsoft's pages of the function, of
 * SOCK_NOTIFY_REGISTRATION, of SocketNotificationRetrieveEvents and of
 * "Winsock socket state notifications".
 */
#include "support/notifications.h"

/* --- Data ----------------------------------------------------------------- */

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

/* --- Level-triggered ------------------------------------------------------ */

static void level_tells_while_it_holds(void)
{
    struct notify_scene scene;
    int i;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | PERSISTENT);
    notify_check_none(scene.port);
    send_all(scene.client, "data", 4);
    for (i = 0; i < 3; i++)
        CHECK_EQ(notify_awaited(scene.port), READY);
    drain(scene.server);
    notify_check_none(scene.port);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    notify_scene_close(&scene);
}

static void level_tells_what_was_there_before(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, NOTIFY_TIME));
    notify_enable(scene.port, scene.server, READY | ROOM | HANGUP, LEVEL);
    CHECK_EQ(notify_awaited(scene.port), READY | ROOM);
    notify_scene_close(&scene);
}

static void one_packet_tells_all(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY | HANGUP, LEVEL);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, NOTIFY_TIME));
    CHECK_OK(shutdown(scene.client, SD_SEND));
    while (!(notify_awaited(scene.port) & HANGUP))
        continue;
    CHECK_EQ(notify_awaited(scene.port), READY | HANGUP);
    drain(scene.server);
    CHECK_EQ(notify_awaited(scene.port), HANGUP);
    notify_scene_close(&scene);
}

static void one_shot_is_disabled_by_its_packet(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    notify_check_none(scene.port);
    send_all(scene.client, "more", 4);
    notify_check_none(scene.port);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    CHECK_EQ(notify_awaited(scene.port), READY);
    drain(scene.server);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    notify_check_none(scene.port);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

static void one_shot_outlives_what_is_over(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, NOTIFY_TIME));
    check_receives(scene.server, "data");
    notify_check_none(scene.port);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    notify_scene_close(&scene);
}

/* --- Edge-triggered ------------------------------------------------------- */

static void edge_tells_when_it_begins(void)
{
    struct notify_scene scene;
    int i;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY | HANGUP, EDGE | PERSISTENT);
    notify_check_none(scene.port);
    for (i = 0; i < 3; i++) {
        send_all(scene.client, "data", 4);
        CHECK_EQ(notify_awaited(scene.port), READY);
        notify_check_none(scene.port);
        drain(scene.server);
    }
    CHECK_OK(shutdown(scene.client, SD_SEND));
    CHECK(notify_awaited(scene.port) & HANGUP);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

static void edge_tells_nothing_while_it_holds(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, EDGE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    send_all(scene.client, "data", 4);
    notify_check_none(scene.port);
    drain(scene.server);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    notify_scene_close(&scene);
}

static void edge_is_not_what_was_there_before(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, NOTIFY_TIME));
    notify_enable(scene.port, scene.server, READY | ROOM, EDGE);
    notify_check_none(scene.port);
    drain(scene.server);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    notify_scene_close(&scene);
}

/* Nobody found it empty, but it was. */
static void edge_after_an_exact_receive(void)
{
    struct notify_scene scene;
    int i;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, EDGE);
    for (i = 0; i < 3; i++) {
        send_all(scene.client, "data", 4);
        CHECK_EQ(notify_awaited(scene.port), READY);
        check_receives(scene.server, "data");
    }
    notify_scene_close(&scene);
}

static void edge_of_room_for_sending(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, ROOM, EDGE);
    notify_check_none(scene.port);
    fill(scene.server);
    notify_check_none(scene.port);
    make_room(scene.client, scene.server);
    CHECK_EQ(notify_awaited(scene.port), ROOM);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
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

    notify_enable(port, listener, READY, EDGE);
    client = tcp_connect(&name);
    CHECK_EQ(notify_awaited(port), READY);
    close_socket(CHECK_SOCKET(accept(listener, NULL, NULL)));
    client2 = tcp_connect(&name);
    CHECK_EQ(notify_awaited(port), READY);
    notify_enable(port, receiver, READY, EDGE);
    for (i = 0; i < 3; i++) {
        CHECK_RESULT(sendto(sender, "data", 4, 0, (struct sockaddr *)&udp_name,
                            sizeof(udp_name)),
                     4);
        CHECK_EQ(notify_awaited(port), READY);
        notify_check_none(port);
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
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, EDGE | ONCE);
    send_all(scene.client, "data", 4);
    CHECK_EQ(notify_awaited(scene.port), READY);
    drain(scene.server);
    send_all(scene.client, "data", 4);
    notify_check_none(scene.port);
    notify_scene_close(&scene);
}

/* --- States --------------------------------------------------------------- */

static void a_reset_is_an_error_and_a_hangup(void)
{
    struct notify_scene scene;
    UINT32 events;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, HANGUP, LEVEL | ONCE);
    set_linger(scene.client, 0);
    close_socket(scene.client);
    scene.client = INVALID_SOCKET;
    events = notify_awaited(scene.port);
    CHECK_EQ(events & ~(UINT32)READY, HANGUP | SOCK_NOTIFY_EVENT_ERR);
    notify_scene_close(&scene);
}

/* Whatever the filter. */
static void errors_are_always_told(void)
{
    struct notify_scene scene;

    notify_scene_open(&scene);
    notify_enable(scene.port, scene.server, READY, LEVEL | ONCE);
    set_linger(scene.client, 0);
    close_socket(scene.client);
    scene.client = INVALID_SOCKET;
    CHECK(notify_awaited(scene.port) & SOCK_NOTIFY_EVENT_ERR);
    notify_scene_close(&scene);
}

static void a_connection_that_is_made(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket();
    uint64_t port = port_create();

    set_nonblocking(s, 1);
    notify_enable(port, s, ROOM, LEVEL | ONCE);
    notify_check_none(port);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK_EQ(notify_awaited(port), ROOM);
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
    notify_enable(port, s, ROOM, LEVEL | ONCE);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK_EQ(notify_awaited(port), SOCK_NOTIFY_EVENT_ERR);
    close_socket(s);
    port_close(port);
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
    TEST_CASE(a_reset_is_an_error_and_a_hangup,
              "HANGUP: disconnected, aborted"),
    TEST_CASE(errors_are_always_told, "ERR whatever the filter"),
    TEST_CASE(a_connection_that_is_made, "OUT of a connect"),
    TEST_CASE(a_connection_that_fails, "ERR of a connect"),
    TEST_END};

TEST_MAIN("socket_notifications", cases, NULL)
