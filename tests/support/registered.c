/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registered I/O for suites; see registered.h. */
#include "support/registered.h"

RIO_EXTENSION_FUNCTION_TABLE rio;

void rio_load(void)
{
    GUID id = WSAID_MULTIPLE_RIO;
    SOCKET s = tcp_socket();
    DWORD size = 0;
    int result = WSAIoctl(s, SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER, &id,
                          sizeof(id), &rio, sizeof(rio), &size, NULL, NULL);

    close_socket(s);
    if (!TARGET_IS_OURS && result != 0)
        SKIP("there is no Registered I/O here");
    CHECK_EQ(result, 0);
    CHECK_EQ(size, sizeof(rio));
    CHECK_EQ(rio.cbSize, sizeof(rio));
}

SOCKET rio_socket(int type)
{
    return CHECK_SOCKET(WSASocketW(AF_INET, type, 0, NULL, 0,
                                   WSA_FLAG_REGISTERED_IO));
}

void rio_pair(SOCKET *ret_client, SOCKET *ret_server)
{
    struct sockaddr_in name = loopback(0);
    SOCKET listener = rio_socket(SOCK_STREAM);

    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    name = local_name(listener);
    *ret_client = rio_socket(SOCK_STREAM);
    CHECK_OK(connect(*ret_client, (struct sockaddr *)&name, sizeof(name)));
    *ret_server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
}

static void connect_scene(struct rio_scene *scene)
{
    SOCKET listener = tcp_listener(&scene->peer_name);

    CHECK_OK(connect(scene->s, (struct sockaddr *)&scene->peer_name,
                     sizeof(scene->peer_name)));
    scene->peer = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(listener);
    scene->name = local_name(scene->s);
}

static void bind_scene(struct rio_scene *scene)
{
    scene->name = loopback(0);
    CHECK_OK(bind(scene->s, (struct sockaddr *)&scene->name,
                  sizeof(scene->name)));
    scene->name = local_name(scene->s);
    scene->peer = udp_bound(&scene->peer_name);
}

void rio_scene_open(struct rio_scene *scene, int type,
                    RIO_NOTIFICATION_COMPLETION *notification)
{
    rio_load();
    memset(scene, 0, sizeof(*scene));
    scene->s = rio_socket(type);
    if (type == SOCK_STREAM)
        connect_scene(scene);
    else
        bind_scene(scene);
    scene->receives = rio.RIOCreateCompletionQueue(SCENE_ENTRIES, notification);
    CHECK(scene->receives != RIO_INVALID_CQ);
    scene->sends = rio.RIOCreateCompletionQueue(SCENE_ENTRIES, notification);
    CHECK(scene->sends != RIO_INVALID_CQ);
    scene->queue = rio.RIOCreateRequestQueue(
        scene->s, SCENE_ENTRIES / 2, 1, SCENE_ENTRIES / 2, 1, scene->receives,
        scene->sends, SCENE_CONTEXT);
    CHECK(scene->queue != RIO_INVALID_RQ);
    scene->buffer = rio.RIORegisterBuffer(scene->memory, SCENE_MEMORY);
    CHECK(scene->buffer != RIO_INVALID_BUFFERID);
}

void rio_scene_close(struct rio_scene *scene)
{
    rio_is_empty(scene->receives, 0);
    rio_is_empty(scene->sends, 0);
    if (scene->s != INVALID_SOCKET)
        close_socket(scene->s);
    if (scene->peer != INVALID_SOCKET)
        close_socket(scene->peer);
    rio.RIOCloseCompletionQueue(scene->receives);
    rio.RIOCloseCompletionQueue(scene->sends);
    rio.RIODeregisterBuffer(scene->buffer);
}

RIO_BUF rio_slice(const struct rio_scene *scene, ULONG offset, ULONG length)
{
    return (RIO_BUF){scene->buffer, offset, length};
}

void rio_receives(struct rio_scene *scene, ULONG offset, ULONG length,
                  DWORD flags, uintptr_t context)
{
    RIO_BUF slice = rio_slice(scene, offset, length);

    CHECK_THAT(rio.RIOReceive(scene->queue, &slice, 1, flags, (PVOID)context),
               "RIOReceive: %s", error_name(WSAGetLastError()));
}

void rio_sends(struct rio_scene *scene, ULONG offset, const char *text,
               DWORD flags, uintptr_t context)
{
    RIO_BUF slice = rio_slice(scene, offset, (ULONG)strlen(text));

    memcpy(scene->memory + offset, text, strlen(text));
    CHECK_THAT(rio.RIOSend(scene->queue, &slice, 1, flags, (PVOID)context),
               "RIOSend: %s", error_name(WSAGetLastError()));
}

RIORESULT rio_next(RIO_CQ queue)
{
    const int64_t deadline = test_clock() + test_timeout(IN_TIME);
    RIORESULT result;
    ULONG n;

    do {
        n = rio.RIODequeueCompletion(queue, &result, 1);
        CHECK(n <= 1);
    } while (n == 0 && test_clock() < deadline);
    CHECK_THAT(n == 1, "no result came");
    return result;
}

void rio_ends(RIO_CQ queue, uintptr_t context, int error, ULONG bytes)
{
    const RIORESULT result = rio_next(queue);

    CHECK_THAT(result.Status == error, "the result is %s, not %s",
               error_name(result.Status), error_name(error));
    CHECK_EQ(result.BytesTransferred, bytes);
    CHECK_EQ(result.RequestContext, context);
    CHECK_EQ(result.SocketContext, (uintptr_t)SCENE_CONTEXT);
}

void rio_is_empty(RIO_CQ queue, int ms)
{
    const int64_t end = test_clock() + ms;
    RIORESULT result;

    do
        CHECK_EQ(rio.RIODequeueCompletion(queue, &result, 1), 0);
    while (test_clock() < end);
}
