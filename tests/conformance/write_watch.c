/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Buffers that Wine watches or guards: the kernel answers EFAULT there until
 * the program itself has touched them, and the call succeeds all the same.
 * Garbage collectors receive into such memory.
 */
#include "support/sockets.h"

#include <mswsock.h>

#include "support/memory.h"

#include <stdio.h>

#define PAGES 4
#define LENGTH (2 * MEMORY_PAGE) /* over three pages, as it begins in one */

static char sent[LENGTH];

static void fill(void)
{
    int i;

    for (i = 0; i < LENGTH; i++)
        sent[i] = (char)(i * 13 + i / 256);
}

struct scene {
    SOCKET client, server; /* of a connection */
    SOCKET s;              /* datagrams to itself */
    struct sockaddr_in name;
};

static void scene_init(struct scene *scene)
{
    fill();
    tcp_pair(&scene->client, &scene->server);
    scene->s = udp_bound(&scene->name);
}

static void scene_end(struct scene *scene)
{
    close_socket(scene->client);
    close_socket(scene->server);
    close_socket(scene->s);
}

static void send_datagram(struct scene *scene, const void *data, int length)
{
    CHECK_RESULT(sendto(scene->s, data, length, 0,
                        (struct sockaddr *)&scene->name, sizeof(scene->name)),
                 length);
}

/* --- Each call that receives, of LENGTH bytes into a buffer --------------- */

static void by_recv(struct scene *scene, char *buffer)
{
    send_all(scene->client, sent, LENGTH);
    CHECK_RESULT(recv(scene->server, buffer, LENGTH, MSG_WAITALL), LENGTH);
}

static void by_recv_of_a_datagram(struct scene *scene, char *buffer)
{
    send_datagram(scene, sent, LENGTH);
    CHECK_RESULT(recv(scene->s, buffer, LENGTH, 0), LENGTH);
}

static void by_recvfrom(struct scene *scene, char *buffer)
{
    struct sockaddr_in from;
    int length = sizeof(from);

    send_datagram(scene, sent, LENGTH);
    CHECK_RESULT(recvfrom(scene->s, buffer, LENGTH, 0,
                          (struct sockaddr *)&from, &length),
                 LENGTH);
    CHECK_EQ(from.sin_port, scene->name.sin_port);
}

static void by_peek(struct scene *scene, char *buffer)
{
    send_datagram(scene, sent, LENGTH);
    CHECK_RESULT(recv(scene->s, buffer, LENGTH, MSG_PEEK), LENGTH);
    CHECK_RESULT(recv(scene->s, buffer, LENGTH, 0), LENGTH);
}

static void by_wsarecv(struct scene *scene, char *buffer)
{
    WSABUF parts[2] = {{100, buffer}, {LENGTH - 100, buffer + 100}};
    DWORD count = 0, flags = MSG_WAITALL;

    send_all(scene->client, sent, LENGTH);
    CHECK_OK(WSARecv(scene->server, parts, 2, &count, &flags, NULL, NULL));
    CHECK_EQ(count, LENGTH);
}

static void by_wsarecvfrom(struct scene *scene, char *buffer)
{
    WSABUF parts[2] = {{100, buffer}, {LENGTH - 100, buffer + 100}};
    DWORD count = 0, flags = 0;

    send_datagram(scene, sent, LENGTH);
    CHECK_OK(WSARecvFrom(scene->s, parts, 2, &count, &flags, NULL, NULL, NULL,
                         NULL));
    CHECK_EQ(count, LENGTH);
}

static void by_wsarecvmsg(struct scene *scene, char *buffer)
{
    GUID id = WSAID_WSARECVMSG;
    LPFN_WSARECVMSG receive_message;
    WSABUF part = {LENGTH, buffer};
    WSAMSG message = {NULL, 0, &part, 1, {0, NULL}, 0};
    DWORD count = 0;

    CHECK_OK(WSAIoctl(scene->s, SIO_GET_EXTENSION_FUNCTION_POINTER, &id,
                      sizeof(id), &receive_message, sizeof(receive_message),
                      &count, NULL, NULL));
    send_datagram(scene, sent, LENGTH);
    CHECK_OK(receive_message(scene->s, &message, &count, NULL, NULL));
    CHECK_EQ(count, LENGTH);
}

static void (*const receivers[])(struct scene *, char *) = {
    by_recv, by_recv_of_a_datagram, by_recvfrom, by_peek, by_wsarecv,
    by_wsarecvfrom, by_wsarecvmsg,
};

static void check_receivers(enum memory_kind kind)
{
    char *memory = memory_new(kind, PAGES), *buffer = memory + 1000;
    struct scene scene;
    size_t i;

    CHECK(memory != NULL);
    scene_init(&scene);
    for (i = 0; i < sizeof(receivers) / sizeof(*receivers); i++) {
        if (kind == MEMORY_WATCHED)
            memory_watch_again(memory, PAGES);
        else
            memory_change(memory, PAGES, kind);
        receivers[i](&scene, buffer);
        if (kind == MEMORY_WATCHED)
            CHECK_EQ(memory_written_pages(memory, PAGES), 3);
        CHECK_MEMORY(buffer, sent, LENGTH);
        memory_change(memory, PAGES, MEMORY_PLAIN);
        memset(memory, 0, PAGES * MEMORY_PAGE);
    }
    scene_end(&scene);
    memory_delete(memory, PAGES);
}

static void watched_memory_receives(void)
{
    check_receivers(MEMORY_WATCHED);
}

static void guarded_memory_receives(void)
{
    check_receivers(MEMORY_GUARDED);
}

/* What the call did not write was not written. */
static void only_what_comes_is_written(void)
{
    char *memory = memory_new(MEMORY_WATCHED, PAGES);
    struct scene scene;

    CHECK(memory != NULL);
    scene_init(&scene);
    memory_watch_again(memory, PAGES);
    send_all(scene.client, "abc", 3);
    CHECK_RESULT(recv(scene.server, memory, PAGES * MEMORY_PAGE, 0), 3);
    CHECK_EQ(memory_written_pages(memory, PAGES), 1);
    scene_end(&scene);
    memory_delete(memory, PAGES);
}

/* --- Sending from it ------------------------------------------------------ */

static void check_senders(enum memory_kind kind)
{
    char *memory = memory_new(kind, PAGES), *buffer = memory + 1000;
    static char received[LENGTH];
    struct scene scene;
    WSABUF part = {LENGTH, buffer};
    DWORD count = 0;
    int i;

    CHECK(memory != NULL);
    scene_init(&scene);
    for (i = 0; i < 4; i++) {
        memory_change(memory, PAGES, MEMORY_PLAIN);
        memcpy(buffer, sent, LENGTH);
        if (kind == MEMORY_WATCHED)
            memory_watch_again(memory, PAGES);
        else
            memory_change(memory, PAGES, kind);
        switch (i) {
        case 0:
            CHECK_RESULT(send(scene.client, buffer, LENGTH, 0), LENGTH);
            break;
        case 1:
            CHECK_OK(WSASend(scene.client, &part, 1, &count, 0, NULL, NULL));
            CHECK_EQ(count, LENGTH);
            break;
        case 2:
            send_datagram(&scene, buffer, LENGTH);
            break;
        case 3:
            CHECK_OK(WSASendTo(scene.s, &part, 1, &count, 0,
                               (struct sockaddr *)&scene.name,
                               sizeof(scene.name), NULL, NULL));
            CHECK_EQ(count, LENGTH);
            break;
        }
        if (kind == MEMORY_WATCHED)
            CHECK_EQ(memory_written_pages(memory, PAGES), 0);
        receive_all(i < 2 ? scene.server : scene.s, received, LENGTH);
        CHECK_MEMORY(received, sent, LENGTH);
    }
    scene_end(&scene);
    memory_delete(memory, PAGES);
}

static void watched_memory_sends(void)
{
    check_senders(MEMORY_WATCHED);
}

static void guarded_memory_sends(void)
{
    check_senders(MEMORY_GUARDED);
}

/* --- The other pointers --------------------------------------------------- */

static void check_arguments(enum memory_kind kind)
{
    /* One page for each, so that no touch opens another's. */
    char *memory = memory_new(kind, PAGES);
    struct sockaddr_in *from = (struct sockaddr_in *)(void *)memory;
    int *length = (int *)(void *)(memory + MEMORY_PAGE);
    DWORD *count = (DWORD *)(void *)(memory + 2 * MEMORY_PAGE);
    DWORD *flags = (DWORD *)(void *)(memory + 3 * MEMORY_PAGE);
    char buffer[16];
    WSABUF part = {sizeof(buffer), buffer};
    struct scene scene;
    int round;

    CHECK(memory != NULL);
    scene_init(&scene);
    /* A page that a thread has used for arguments may be watched, but not be
       guarded anew. */
    for (round = 0; round < (kind == MEMORY_WATCHED ? 2 : 1); round++) {
        memory_change(memory, PAGES, MEMORY_PLAIN);
        *length = sizeof(*from);
        *flags = 0;
        if (kind == MEMORY_WATCHED)
            memory_watch_again(memory, PAGES);
        else
            memory_change(memory, PAGES, kind);
        send_datagram(&scene, "abc", 3);
        CHECK_OK(WSARecvFrom(scene.s, &part, 1, count, flags,
                             (struct sockaddr *)from, length, NULL, NULL));
        if (kind == MEMORY_WATCHED)
            CHECK_EQ(memory_written_pages(memory, PAGES), PAGES);
        CHECK_EQ(*count, 3);
        CHECK_EQ(*length, sizeof(*from));
        CHECK_EQ(from->sin_port, scene.name.sin_port);
    }
    scene_end(&scene);
    memory_delete(memory, PAGES);
}

static void watched_arguments_are_written(void)
{
    check_arguments(MEMORY_WATCHED);
}

static void guarded_arguments_are_written(void)
{
    check_arguments(MEMORY_GUARDED);
}

#define WINE_CASE(function, text)                                              \
    TEST_CASE_WITH(function, text, .flags = TEST_WINE_ONLY)

static const struct test_case cases[] = {
    WINE_CASE(watched_memory_receives, "buffers: GetWriteWatch"),
    WINE_CASE(guarded_memory_receives, "buffers: guard pages"),
    WINE_CASE(only_what_comes_is_written, "buffers: GetWriteWatch"),
    WINE_CASE(watched_memory_sends, "buffers: GetWriteWatch"),
    WINE_CASE(guarded_memory_sends, "buffers: guard pages"),
    WINE_CASE(watched_arguments_are_written, "buffers: GetWriteWatch"),
    WINE_CASE(guarded_arguments_are_written, "buffers: guard pages"),
    TEST_END
};
TEST_MAIN("write_watch", cases, NULL)
