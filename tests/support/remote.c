/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * remote.h: a request names an operation and carries its operands in fixed
 * fields, the reply has the result, the last error and the data.
 */
#include "support/remote.h"

#include "support/platform.h"

enum operation {
    OP_STARTUP, OP_CLEANUP, OP_EXIT, OP_END,
    OP_SOCKET, OP_OPEN, OP_DUPLICATE, OP_COPY, OP_CLOSE,
    OP_BIND, OP_LISTEN, OP_CONNECT, OP_ACCEPT, OP_LOCAL_NAME, OP_PEER_NAME,
    OP_SHUTDOWN, OP_SEND, OP_RECEIVE, OP_WAIT_READABLE,
    OP_SET_OPTION, OP_GET_OPTION, OP_IOCTL,
    OP_EVENT_CREATE, OP_EVENT_CLOSE, OP_EVENT_RESET, OP_EVENT_WAIT,
    OP_EVENT_SELECT, OP_ENUM, OP_ASYNC_SELECT, OP_NEXT_MESSAGE,
};

struct request {
    int operation;
    int a, b, c;
    int length; /* of data: given, or wanted */
    uint64_t socket, event;
    char data[REMOTE_DATA];
};

struct reply {
    long long result;
    int error;
    int length;
    char data[REMOTE_DATA];
};

/* --- In the peer ---------------------------------------------------------- */

struct server {
    struct window *window;
    int is_started;
    int is_at_end;
};

static long long do_next_message(struct server *server, int ms,
                                 struct reply *reply)
{
    struct {
        uint64_t wparam;
        int64_t lparam;
        unsigned message;
    } found;
    if (!server->window ||
        !window_next_message(server->window, ms, &found.message, &found.wparam,
                             &found.lparam))
        return 0;
    memcpy(reply->data, &found, sizeof(found));
    reply->length = sizeof(found);
    return 1;
}

/* An event made in the peer lives until OP_EVENT_CLOSE or its end. */
static long long do_event(struct server *server, struct request *request,
                          struct reply *reply)
{
    WSAEVENT event = (WSAEVENT)(ULONG_PTR)request->event;
    SOCKET s = (SOCKET)request->socket;

    switch (request->operation) {
    case OP_EVENT_CREATE: return (long long)(ULONG_PTR)WSACreateEvent();
    case OP_EVENT_CLOSE: return WSACloseEvent(event) ? 0 : -1;
    case OP_EVENT_RESET: return WSAResetEvent(event) ? 0 : -1;
    case OP_EVENT_WAIT:
        return WSAWaitForMultipleEvents(1, &event, FALSE, (DWORD)request->a,
                                        FALSE) == WSA_WAIT_EVENT_0;
    case OP_EVENT_SELECT: return WSAEventSelect(s, event, request->a);
    case OP_ENUM:
        reply->length = sizeof(WSANETWORKEVENTS);
        return WSAEnumNetworkEvents(s, event, (WSANETWORKEVENTS *)reply->data);
    case OP_ASYNC_SELECT:
        if (!server->window) server->window = window_create();
        return WSAAsyncSelect(
            s, (HWND)(ULONG_PTR)window_handle(server->window),
            (u_int)request->a, request->b);
    default: return do_next_message(server, request->a, reply);
    }
}

static long long do_life(struct server *server, struct request *request,
                         struct reply *reply)
{
    SOCKET s = (SOCKET)request->socket;
    WSADATA data;
    int result;

    switch (request->operation) {
    case OP_STARTUP:
        result = WSAStartup(MAKEWORD(2, 2), &data);
        server->is_started += result == 0;
        return result;
    case OP_CLEANUP:
        result = WSACleanup();
        server->is_started -= result == 0;
        return result;
    case OP_EXIT: return 0;
    case OP_END: server->is_at_end = 1; return 0;
    case OP_SOCKET:
        return (long long)socket(request->a, request->b, request->c);
    case OP_OPEN:
        return (long long)WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                     FROM_PROTOCOL_INFO,
                                     (WSAPROTOCOL_INFOW *)request->data, 0,
                                     (DWORD)request->a);
    case OP_DUPLICATE:
        reply->length = sizeof(WSAPROTOCOL_INFOW);
        return WSADuplicateSocketW(s, (DWORD)request->a,
                                   (WSAPROTOCOL_INFOW *)reply->data);
    case OP_COPY:
        return (long long)handle_copy(
            request->a ? (unsigned)request->a : platform_process_id(), s,
            request->b ? (unsigned)request->b : platform_process_id(),
            request->c);
    default: return closesocket(s);
    }
}

static long long do_connection(struct request *request, struct reply *reply)
{
    SOCKET s = (SOCKET)request->socket;
    struct sockaddr *name = (struct sockaddr *)request->data;

    switch (request->operation) {
    case OP_BIND: return bind(s, name, request->length);
    case OP_LISTEN: return listen(s, request->a);
    case OP_CONNECT: return connect(s, name, request->length);
    case OP_ACCEPT: return (long long)accept(s, NULL, NULL);
    case OP_LOCAL_NAME:
        reply->length = sizeof(struct sockaddr_in);
        return getsockname(s, (struct sockaddr *)reply->data, &reply->length);
    case OP_PEER_NAME:
        reply->length = sizeof(struct sockaddr_in);
        return getpeername(s, (struct sockaddr *)reply->data, &reply->length);
    default: return shutdown(s, request->a);
    }
}

static long long do_data(struct request *request, struct reply *reply)
{
    SOCKET s = (SOCKET)request->socket;
    long long result;

    switch (request->operation) {
    case OP_SEND: return send(s, request->data, request->length, request->a);
    case OP_RECEIVE:
        result = recv(s, reply->data, request->length, request->a);
        reply->length = result > 0 ? (int)result : 0;
        return result;
    case OP_WAIT_READABLE: return wait_readable(s, request->a);
    case OP_SET_OPTION:
        return setsockopt(s, request->a, request->b, request->data,
                          request->length);
    case OP_GET_OPTION:
        reply->length = request->length;
        return getsockopt(s, request->a, request->b, reply->data,
                          &reply->length);
    default:
        memcpy(reply->data, request->data, sizeof(u_long));
        reply->length = sizeof(u_long);
        return ioctlsocket(s, request->a, (u_long *)reply->data);
    }
}

static void handle(struct server *server, struct request *request,
                   struct reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    WSASetLastError(0);
    if (request->operation <= OP_CLOSE)
        reply->result = do_life(server, request, reply);
    else if (request->operation <= OP_SHUTDOWN)
        reply->result = do_connection(request, reply);
    else if (request->operation <= OP_IOCTL)
        reply->result = do_data(request, reply);
    else
        reply->result = do_event(server, request, reply);
    reply->error = WSAGetLastError();
}

static void serve(struct peer *parent, int is_started)
{
    struct server server = { .is_started = is_started };
    struct request request;
    struct reply reply;
    while (!server.is_at_end) {
        peer_receive(parent, &request, sizeof(request));
        handle(&server, &request, &reply);
        if (request.operation == OP_EXIT) platform_terminate(0);
        peer_send(parent, &reply, sizeof(reply));
    }
    if (server.window) window_destroy(server.window);
    while (server.is_started-- > 0) CHECK_OK(WSACleanup());
}

void remote_serve(struct peer *parent)
{
    serve(parent, 0);
}

void remote_role(struct peer *parent, int n_arguments, char **arguments)
{
    int is_bare = n_arguments > 0 && !strcmp(arguments[0], "bare");
    if (!is_bare) winsock_startup();
    serve(parent, !is_bare);
}

/* --- Here ----------------------------------------------------------------- */

static long long collect(struct peer *peer, void *data, int *length)
{
    struct reply reply;
    peer_receive(peer, &reply, sizeof(reply));
    CHECK(reply.length >= 0 && reply.length <= REMOTE_DATA);
    if (data && reply.length < *length) *length = reply.length;
    if (data) memcpy(data, reply.data, (size_t)*length);
    WSASetLastError(reply.error);
    return reply.result;
}

static void post(struct peer *peer, struct request *request, const void *data,
                 int length)
{
    CHECK(length <= REMOTE_DATA);
    request->length = length;
    if (data) memcpy(request->data, data, (size_t)length);
    peer_send(peer, request, sizeof(*request));
}

static long long call_with(struct peer *peer, struct request request,
                           const void *in, int in_length, void *out,
                           int *out_length)
{
    post(peer, &request, in, in_length);
    return collect(peer, out, out_length);
}

static long long call(struct peer *peer, struct request request)
{
    return call_with(peer, request, NULL, 0, NULL, NULL);
}

#define CALL(op, ...) (struct request){ .operation = op, __VA_ARGS__ }

struct peer *remote_start(void)
{
    return peer_start("remote", NULL);
}

struct peer *remote_start_inheriting(void)
{
    return peer_start_inheriting("remote", NULL);
}

struct peer *remote_start_bare(void)
{
    return peer_start("remote", "bare", NULL);
}

void remote_end(struct peer *peer)
{
    call(peer, CALL(OP_END, 0));
    CHECK_EQ(peer_wait(peer), 0);
}

void remote_exit(struct peer *peer)
{
    struct request request = CALL(OP_EXIT, 0);
    post(peer, &request, NULL, 0);
    CHECK_EQ(peer_wait(peer), 0);
}

int remote_startup(struct peer *peer)
{
    return (int)call(peer, CALL(OP_STARTUP, 0));
}

int remote_cleanup(struct peer *peer)
{
    return (int)call(peer, CALL(OP_CLEANUP, 0));
}

SOCKET remote_socket(struct peer *peer, int family, int type, int protocol)
{
    return (SOCKET)call(peer, CALL(OP_SOCKET, family, type, protocol));
}

SOCKET remote_open(struct peer *peer, const WSAPROTOCOL_INFOW *info,
                   DWORD flags)
{
    return (SOCKET)call_with(peer, CALL(OP_OPEN, (int)flags), info,
                             sizeof(*info), NULL, NULL);
}

int remote_duplicate(struct peer *peer, SOCKET s, DWORD process_id,
                     WSAPROTOCOL_INFOW *info)
{
    int length = sizeof(*info);
    return (int)call_with(peer,
                          CALL(OP_DUPLICATE, (int)process_id, .socket = s),
                          NULL, 0, info, &length);
}

SOCKET remote_take(struct peer *peer, SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    duplicate(s, peer_pid(peer), &info);
    return CHECK_SOCKET(remote_open(peer, &info, WSA_FLAG_OVERLAPPED));
}

SOCKET remote_give(struct peer *peer, SOCKET s)
{
    WSAPROTOCOL_INFOW info;
    CHECK_OK(remote_duplicate(peer, s, test_process_id(), &info));
    return open_duplicate(&info);
}

SOCKET remote_copy(struct peer *peer, unsigned from, SOCKET s, unsigned to,
                   int flags)
{
    return (SOCKET)call(peer, CALL(OP_COPY, (int)from, (int)to, flags,
                                   .socket = s));
}

int remote_close(struct peer *peer, SOCKET s)
{
    return (int)call(peer, CALL(OP_CLOSE, .socket = s));
}

int remote_bind(struct peer *peer, SOCKET s, const struct sockaddr_in *name)
{
    return (int)call_with(peer, CALL(OP_BIND, .socket = s), name,
                          sizeof(*name), NULL, NULL);
}

int remote_listen(struct peer *peer, SOCKET s, int backlog)
{
    return (int)call(peer, CALL(OP_LISTEN, backlog, .socket = s));
}

int remote_connect(struct peer *peer, SOCKET s, const struct sockaddr_in *name)
{
    return (int)call_with(peer, CALL(OP_CONNECT, .socket = s), name,
                          sizeof(*name), NULL, NULL);
}

SOCKET remote_accept(struct peer *peer, SOCKET s)
{
    return (SOCKET)call(peer, CALL(OP_ACCEPT, .socket = s));
}

int remote_local_name(struct peer *peer, SOCKET s, struct sockaddr_in *name)
{
    int length = sizeof(*name);
    return (int)call_with(peer, CALL(OP_LOCAL_NAME, .socket = s), NULL, 0, name,
                          &length);
}

int remote_peer_name(struct peer *peer, SOCKET s, struct sockaddr_in *name)
{
    int length = sizeof(*name);
    return (int)call_with(peer, CALL(OP_PEER_NAME, .socket = s), NULL, 0, name,
                          &length);
}

int remote_shutdown(struct peer *peer, SOCKET s, int how)
{
    return (int)call(peer, CALL(OP_SHUTDOWN, how, .socket = s));
}

int remote_send(struct peer *peer, SOCKET s, const void *data, int length,
                int flags)
{
    return (int)call_with(peer, CALL(OP_SEND, flags, .socket = s), data, length,
                          NULL, NULL);
}

void remote_check_passes(struct peer *peer, SOCKET s, SOCKET ours,
                         const char *text)
{
    int length = (int)strlen(text);
    CHECK_RESULT(remote_send(peer, s, text, length, 0), length);
    check_receives(ours, text);
}

int remote_receive(struct peer *peer, SOCKET s, void *data, int length,
                   int flags)
{
    int copied = length;
    return (int)call_with(peer, CALL(OP_RECEIVE, flags, .socket = s), NULL,
                          length, data, &copied);
}

void remote_receive_all(struct peer *peer, SOCKET s, void *data, int length)
{
    for (int done = 0; done < length;) {
        CHECK_THAT(remote_wait_readable(peer, s, test_timeout(10000)),
                   "%d of %d bytes came in time", done, length);
        int n = remote_receive(peer, s, (char *)data + done, length - done, 0);
        CHECK_THAT(n > 0, "recv in a peer: %d, %s", n,
                   error_name(WSAGetLastError()));
        done += n;
    }
}

int remote_wait_readable(struct peer *peer, SOCKET s, int ms)
{
    return (int)call(peer, CALL(OP_WAIT_READABLE, ms, .socket = s));
}

int remote_set_option(struct peer *peer, SOCKET s, int level, int name,
                      const void *value, int length)
{
    return (int)call_with(peer, CALL(OP_SET_OPTION, level, name, .socket = s),
                          value, length, NULL, NULL);
}

int remote_get_option(struct peer *peer, SOCKET s, int level, int name,
                      void *value, int *length)
{
    return (int)call_with(peer, CALL(OP_GET_OPTION, level, name, .socket = s),
                          NULL, *length, value, length);
}

int remote_ioctl(struct peer *peer, SOCKET s, long command, u_long *argument)
{
    int length = sizeof(*argument);
    return (int)call_with(peer, CALL(OP_IOCTL, (int)command, .socket = s),
                          argument, sizeof(*argument), argument, &length);
}

WSAEVENT remote_event_create(struct peer *peer)
{
    return (WSAEVENT)(ULONG_PTR)call(peer, CALL(OP_EVENT_CREATE, 0));
}

int remote_event_close(struct peer *peer, WSAEVENT event)
{
    return (int)call(peer, CALL(OP_EVENT_CLOSE, .event = (ULONG_PTR)event));
}

int remote_event_reset(struct peer *peer, WSAEVENT event)
{
    return (int)call(peer, CALL(OP_EVENT_RESET, .event = (ULONG_PTR)event));
}

int remote_event_wait(struct peer *peer, WSAEVENT event, int ms)
{
    return (int)call(peer, CALL(OP_EVENT_WAIT, ms, .event = (ULONG_PTR)event));
}

int remote_event_select(struct peer *peer, SOCKET s, WSAEVENT event, long mask)
{
    return (int)call(peer, CALL(OP_EVENT_SELECT, (int)mask, .socket = s,
                                .event = (ULONG_PTR)event));
}

int remote_enum(struct peer *peer, SOCKET s, WSAEVENT event,
                WSANETWORKEVENTS *events)
{
    int length = sizeof(*events);
    return (int)call_with(
        peer, CALL(OP_ENUM, .socket = s, .event = (ULONG_PTR)event), NULL, 0,
        events, &length);
}

int remote_async_select(struct peer *peer, SOCKET s, unsigned message,
                        long mask)
{
    return (int)call(peer,
                     CALL(OP_ASYNC_SELECT, (int)message, (int)mask,
                          .socket = s));
}

int remote_next_message(struct peer *peer, int ms, unsigned *message,
                        SOCKET *ret_socket, unsigned *event, int *error)
{
    struct {
        uint64_t wparam;
        int64_t lparam;
        unsigned message;
    } found;
    int length = sizeof(found);
    if (!call_with(peer, CALL(OP_NEXT_MESSAGE, ms), NULL, 0, &found, &length))
        return 0;
    *message = found.message;
    *ret_socket = (SOCKET)found.wparam;
    *event = WSAGETSELECTEVENT(found.lparam);
    *error = WSAGETSELECTERROR(found.lparam);
    return 1;
}

void remote_begin_receive(struct peer *peer, SOCKET s, int length)
{
    struct request request = CALL(OP_RECEIVE, .socket = s);
    post(peer, &request, NULL, length);
}

void remote_begin_accept(struct peer *peer, SOCKET s)
{
    struct request request = CALL(OP_ACCEPT, .socket = s);
    post(peer, &request, NULL, 0);
}

long long remote_finish(struct peer *peer, void *data, int length)
{
    return collect(peer, data, &length);
}
