/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * FileReplaceCompletionInformation, since Windows 8.1: a SOCKET or an AFD file
 * gets another completion port, or none any more (Go takes files out of its
 * runtime by it).  For Wine: the call is Windows' own.
 *
 * The page of FILE_COMPLETION_INFORMATION.
 */
#include "support/afd.h"
#include "support/overlapped.h"
#include "support/ports.h"

#define REPLACE ((FILE_INFORMATION_CLASS)61)

/* --- Helpers -------------------------------------------------------------- */

static NTSTATUS replace(SOCKET s, uint64_t port, uint64_t key)
{
    FILE_COMPLETION_INFORMATION information = {(HANDLE)port, key};
    IO_STATUS_BLOCK block;

    return NtSetInformationFile((HANDLE)s, &block, &information,
                                sizeof(information), REPLACE);
}

/* The next packet is the call's. */
static void check_packet(uint64_t port, uint64_t key, const struct call *call)
{
    struct packet packet;

    CHECK(port_get(port, test_timeout(5000), &packet));
    CHECK_EQ(packet.key, key);
    CHECK(packet.overlapped == &call->overlapped);
}

static void check_none(uint64_t port)
{
    struct packet packet;

    CHECK(!port_get(port, 0, &packet));
}

struct scene {
    SOCKET client, server;
    uint64_t first, second;
    struct call call;
};

/* The server is associated with the first port. */
static void scene_begin(struct scene *scene)
{
    tcp_pair(&scene->client, &scene->server);
    scene->first = port_create();
    scene->second = port_create();
    CHECK_EQ(port_associate(scene->first, scene->server, 1), 0);
    call_init(&scene->call, 16, 0);
}

static void scene_end(struct scene *scene)
{
    check_none(scene->first);
    check_none(scene->second);
    call_done(&scene->call);
    port_close(scene->first);
    port_close(scene->second);
    close_socket(scene->client);
    close_socket(scene->server);
}

static void receive_by(struct scene *scene, uint64_t port, uint64_t key)
{
    call_pends(&scene->call, scene->server);
    send_all(scene->client, "data", 4);
    check_packet(port, key, &scene->call);
}

/* --- Sockets -------------------------------------------------------------- */

static void another_port(void)
{
    struct scene scene;

    scene_begin(&scene);
    receive_by(&scene, scene.first, 1);
    CHECK_EQ(replace(scene.server, scene.second, 2), STATUS_SUCCESS);
    receive_by(&scene, scene.second, 2);
    /* The same port with another key. */
    CHECK_EQ(replace(scene.server, scene.second, 3), STATUS_SUCCESS);
    receive_by(&scene, scene.second, 3);
    /* It has one. */
    CHECK_EQ(port_associate(scene.first, scene.server, 4),
             ERROR_INVALID_PARAMETER);
    scene_end(&scene);
}

static void what_pends_goes_to_the_new_one(void)
{
    struct scene scene;

    scene_begin(&scene);
    call_pends(&scene.call, scene.server);
    CHECK_EQ(replace(scene.server, scene.second, 2), STATUS_SUCCESS);
    send_all(scene.client, "data", 4);
    check_packet(scene.second, 2, &scene.call);
    scene_end(&scene);
}

static void none_any_more(void)
{
    struct scene scene;
    struct call call;

    scene_begin(&scene);
    CHECK_EQ(replace(scene.server, 0, 0), STATUS_SUCCESS);
    CHECK_EQ(replace(scene.server, 0, 0), STATUS_SUCCESS);
    call_init(&call, 16, 1);
    call_pends(&call, scene.server);
    send_all(scene.client, "data", 4);
    call_receives(&call, scene.server, "data");
    check_none(scene.first);
    /* Routines, which a port excludes. */
    CHECK_ERROR(call_receive_with_routine(&scene.call, scene.server),
                WSA_IO_PENDING);
    send_all(scene.client, "more", 4);
    CHECK_EQ(wait_alertably(test_timeout(5000)), 1);
    CHECK_EQ(scene.call.n_routines, 1);
    /* It can be associated as one that never was. */
    CHECK_EQ(port_associate(scene.second, scene.server, 5), 0);
    receive_by(&scene, scene.second, 5);
    call_done(&call);
    scene_end(&scene);
}

static void one_that_had_none(void)
{
    struct scene scene;

    scene_begin(&scene);
    CHECK_EQ(replace(scene.client, 0, 0), STATUS_SUCCESS);
    CHECK_EQ(replace(scene.client, scene.second, 9), STATUS_SUCCESS);
    call_pends(&scene.call, scene.client);
    send_all(scene.server, "data", 4);
    check_packet(scene.second, 9, &scene.call);
    scene_end(&scene);
}

static void through_a_duplicate(void)
{
    struct scene scene;
    SOCKET copy;

    scene_begin(&scene);
    copy = duplicate_here(scene.server);
    CHECK_EQ(replace(copy, scene.second, 2), STATUS_SUCCESS);
    receive_by(&scene, scene.second, 2);
    close_socket(copy);
    scene_end(&scene);
}

static void again_and_again(void)
{
    enum { TIMES = 1000 };
    struct scene scene;
    int i;

    scene_begin(&scene);
    for (i = 0; i < TIMES; i++) {
        CHECK_EQ(replace(scene.server, scene.second, 2), STATUS_SUCCESS);
        if (i % 10 == 0)
            receive_by(&scene, scene.second, 2);
        CHECK_EQ(replace(scene.server, i % 3 ? scene.first : 0, 1),
                 STATUS_SUCCESS);
    }
    CHECK_EQ(replace(scene.server, scene.first, 1), STATUS_SUCCESS);
    receive_by(&scene, scene.first, 1);
    scene_end(&scene);
}

/* The old port may be closed, and its handle be used again. */
static void the_old_port_goes(void)
{
    struct scene scene;

    scene_begin(&scene);
    CHECK_EQ(replace(scene.server, scene.second, 2), STATUS_SUCCESS);
    port_close(scene.first);
    scene.first = port_create();
    receive_by(&scene, scene.second, 2);
    CHECK_EQ(replace(scene.server, scene.first, 3), STATUS_SUCCESS);
    receive_by(&scene, scene.first, 3);
    scene_end(&scene);
}

/* --- AFD files ------------------------------------------------------------ */

/* A poll for writing, which is there; its packet has the poll as context. */
static void poll_at_once(struct poll *poll, HANDLE carrier, SOCKET s)
{
    poll_init(poll, carrier);
    poll_add(poll, s, POLL_WRITE);
    CHECK_EQ(poll_issue(poll, poll), STATUS_SUCCESS);
    poll_end(poll);
}

static void polls(void)
{
    HANDLE carrier = afd_open();
    uint64_t first = port_create(), second = port_create();
    SOCKET s = udp_socket();
    struct packet packet;
    struct poll poll;

    CHECK_EQ(port_associate(first, (uint64_t)(uintptr_t)carrier, 1), 0);
    CHECK_EQ(replace((SOCKET)carrier, second, 2), STATUS_SUCCESS);
    poll_at_once(&poll, carrier, s);
    CHECK(port_get(second, test_timeout(5000), &packet));
    CHECK_EQ(packet.key, 2);
    CHECK(packet.overlapped == (void *)&poll);
    CHECK_EQ(replace((SOCKET)carrier, 0, 0), STATUS_SUCCESS);
    poll_at_once(&poll, carrier, s);
    check_none(first);
    check_none(second);
    close_socket(s);
    CHECK(CloseHandle(carrier));
    port_close(first);
    port_close(second);
}

/* --- Bad input ------------------------------------------------------------ */

static void bad_input(void)
{
    struct scene scene;
    FILE_COMPLETION_INFORMATION information;
    IO_STATUS_BLOCK block;
    WSAEVENT event = event_create();

    scene_begin(&scene);
    information.CompletionPort = (HANDLE)scene.second;
    information.CompletionKey = 2;
    CHECK_EQ(NtSetInformationFile((HANDLE)scene.server, &block, &information,
                                  sizeof(information) - 1, REPLACE),
             STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtSetInformationFile((HANDLE)scene.server, &block, NULL,
                                  sizeof(information), REPLACE),
             STATUS_ACCESS_VIOLATION);
    CHECK(replace(scene.server, 0xdead0, 2) != STATUS_SUCCESS);
    CHECK(replace(scene.server, (uintptr_t)event, 2) != STATUS_SUCCESS);
    CHECK(replace(scene.server, scene.server, 2) != STATUS_SUCCESS);
    CHECK(replace(0xdead0, scene.second, 2) != STATUS_SUCCESS);
    receive_by(&scene, scene.first, 1);
    CHECK(WSACloseEvent(event));
    scene_end(&scene);
}

static const struct test_case cases[] = {
    TEST_CASE(another_port, "FILE_COMPLETION_INFORMATION: new values"),
    TEST_CASE(what_pends_goes_to_the_new_one, "04 6: pending operations"),
    TEST_CASE(none_any_more, "FILE_COMPLETION_INFORMATION: Port NULL"),
    TEST_CASE(one_that_had_none, "FILE_COMPLETION_INFORMATION"),
    TEST_CASE(through_a_duplicate, "04 6: of the object"),
    TEST_CASE(again_and_again, "no leak"),
    TEST_CASE(the_old_port_goes, "FILE_COMPLETION_INFORMATION"),
    TEST_CASE(polls, "04 14: a handle that carries polls"),
    TEST_CASE(bad_input, "bad input leaves the port"),
    TEST_END
};
TEST_MAIN("port_replacement", cases, NULL)
