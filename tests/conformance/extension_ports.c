/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AcceptEx, ConnectEx and DisconnectEx with completion ports: association,
 * packets and keys, cancelling and closing while they pend, and many at once.
 */
#include "support/extensions.h"
#include "support/overlapped.h"
#include "support/ports.h"

#include <stdlib.h>

#define BLOCK (sizeof(struct sockaddr_in) + 16)
#define DATA 16
#define LISTENER_KEY 0x11u
#define KEY 0x22u
#define NOT_FOUND 1168 /* ERROR_NOT_FOUND */
#define NT_CONNECTION_REFUSED 0xC0000236u

static LPFN_ACCEPTEX accept_ex;
static LPFN_CONNECTEX connect_ex;
static LPFN_DISCONNECTEX disconnect_ex;
static LPFN_GETACCEPTEXSOCKADDRS get_sockaddrs;

/* --- A listener and its port ---------------------------------------------- */

struct scene {
    struct sockaddr_in name;
    SOCKET listener;
    uint64_t port;
};

static void scene_open(struct scene *scene)
{
    accept_ex = (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    connect_ex = (LPFN_CONNECTEX)extension((GUID)WSAID_CONNECTEX);
    disconnect_ex = (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    get_sockaddrs = (LPFN_GETACCEPTEXSOCKADDRS)extension(
        (GUID)WSAID_GETACCEPTEXSOCKADDRS);
    scene->listener = tcp_listener(&scene->name);
    scene->port = port_create();
}

static void scene_associate(struct scene *scene)
{
    CHECK_EQ(port_associate(scene->port, scene->listener, LISTENER_KEY), 0);
}

/* With the listener on the port. */
static void scene_begin(struct scene *scene)
{
    scene_open(scene);
    scene_associate(scene);
}

static void scene_close(struct scene *scene)
{
    struct packet packet;

    CHECK(!port_get(scene->port, 0, &packet));
    port_close(scene->port);
    if (scene->listener != INVALID_SOCKET)
        close_socket(scene->listener);
}

/* The next packet, which has come in time. */
static void *next_packet(struct scene *scene, uint64_t key, uint32_t status,
                         uint32_t bytes)
{
    struct packet packet;

    CHECK(port_get(scene->port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, key);
    CHECK_EQ(packet.status, status);
    CHECK_EQ(packet.bytes, bytes);
    CHECK_EQ(STATUS_OF((OVERLAPPED *)packet.overlapped), status);
    return packet.overlapped;
}

static void check_no_packet(struct scene *scene)
{
    struct packet packet;

    CHECK(!port_get(scene->port, TEST_QUIET_MS, &packet));
}

/* --- One AcceptEx --------------------------------------------------------- */

struct accept {
    OVERLAPPED overlapped; /* first: the packet leads to it */
    SOCKET socket;
    DWORD length;
    char buffer[DATA + 2 * BLOCK];
};

static void accept_start_with(struct accept *accept, SOCKET listener,
                              SOCKET socket, DWORD length)
{
    DWORD received = 0;

    memset(accept, 0, sizeof(*accept));
    accept->socket = socket;
    accept->length = length;
    CHECK_PENDS(accept_ex(listener, socket, accept->buffer, length, BLOCK,
                          BLOCK, &received, &accept->overlapped));
}

static void accept_start(struct accept *accept, SOCKET listener, DWORD length)
{
    accept_start_with(accept, listener, tcp_socket(), length);
}

static void accept_update(struct accept *accept, SOCKET listener)
{
    CHECK_OK(setsockopt(accept->socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                        (char *)&listener, sizeof(listener)));
}

/* The peer's port, in network order. */
static unsigned accept_peer(struct accept *accept)
{
    struct sockaddr *local, *remote;
    INT local_length, remote_length;

    get_sockaddrs(accept->buffer, accept->length, BLOCK, BLOCK, &local,
                  &local_length, &remote, &remote_length);
    return ((struct sockaddr_in *)remote)->sin_port;
}

static void a_connection_is_a_packet(void)
{
    struct accept without, with;
    struct scene scene;
    SOCKET one, two;

    scene_begin(&scene);
    accept_start(&without, scene.listener, 0);
    check_no_packet(&scene);
    one = tcp_connect(&scene.name);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &without.overlapped);
    accept_start(&with, scene.listener, DATA);
    two = tcp_connect(&scene.name);
    check_no_packet(&scene); /* it waits for data */
    send_all(two, "four", 4);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 4) == &with.overlapped);
    CHECK_MEMORY(with.buffer, "four", 4);
    close_sockets(one, two, without.socket, with.socket);
    scene_close(&scene);
}

/* 04 6: what pends when the association comes delivers to it. */
static void the_listener_may_be_associated_later(void)
{
    struct accept accept, next;
    struct scene scene;
    SOCKET client, other;

    scene_open(&scene);
    accept_start(&accept, scene.listener, 0);
    scene_associate(&scene);
    client = tcp_connect(&scene.name);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &accept.overlapped);
    accept_start(&next, scene.listener, 0);
    other = tcp_connect(&scene.name);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &next.overlapped);
    close_sockets(client, other, accept.socket, next.socket);
    scene_close(&scene);
}

static void receive_on(struct scene *scene, SOCKET s, SOCKET peer, uint64_t key)
{
    struct call call;

    call_init(&call, 16, 0);
    call_pends(&call, s);
    send_all(peer, "data", 4);
    CHECK(next_packet(scene, key, 0, 4) == &call.overlapped);
    CHECK_MEMORY(call.data, "data", 4);
}

/* AcceptEx is the listener's; what comes later is the accepted socket's, be
   that associated before, meanwhile or afterwards. */
static void the_accepting_socket_s_port_is_its_own(void)
{
    struct accept accept[3];
    struct scene scene;
    SOCKET client;
    int i;

    scene_begin(&scene);
    for (i = 0; i < 3; i++) {
        SOCKET s = tcp_socket();

        if (i == 0)
            CHECK_EQ(port_associate(scene.port, s, KEY), 0);
        accept_start_with(&accept[i], scene.listener, s, 0);
        if (i == 1)
            CHECK_EQ(port_associate(scene.port, s, KEY), 0);
        client = tcp_connect(&scene.name);
        CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &accept[i].overlapped);
        if (i == 2)
            CHECK_EQ(port_associate(scene.port, s, KEY), 0);
        receive_on(&scene, s, client, KEY);
        accept_update(&accept[i], scene.listener);
        receive_on(&scene, s, client, KEY);
        close_sockets(client, s);
    }
    scene_close(&scene);
}

/* 04 6: it returned that it pends, so there is a packet; also where it
   failed. */
static void a_packet_comes_in_skip_mode(void)
{
    struct sockaddr_in refused;
    SOCKET taken = tcp_listener(&refused), s = tcp_socket(), waiting;
    struct sockaddr_in any = loopback(0);
    struct accept accept;
    struct scene scene;
    OVERLAPPED overlapped;
    DWORD sent;

    scene_begin(&scene);
    CHECK_EQ(port_set_modes(scene.listener, 1), 0); /* skip on success */
    waiting = tcp_connect(&scene.name);
    CHECK(wait_readable(scene.listener, 10000));
    accept_start(&accept, scene.listener, 0);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &accept.overlapped);

    close_socket(taken);
    CHECK_OK(bind(s, (struct sockaddr *)&any, sizeof(any)));
    CHECK_EQ(port_associate(scene.port, s, KEY), 0);
    CHECK_EQ(port_set_modes(s, 1), 0);
    memset(&overlapped, 0, sizeof(overlapped));
    CHECK_FAILS(connect_ex(s, (struct sockaddr *)&refused, sizeof(refused),
                           NULL, 0, &sent, &overlapped),
                WSA_IO_PENDING);
    CHECK(next_packet(&scene, KEY, NT_CONNECTION_REFUSED, 0) == &overlapped);
    close_sockets(s, waiting, accept.socket);
    scene_close(&scene);
}

/* 04 2, 8: what is refused at once has no packet. */
static void failures_at_once_have_no_packet(void)
{
    struct accept accept, second;
    struct scene scene;
    DWORD received;

    scene_begin(&scene);
    accept_start(&accept, scene.listener, 0);
    memset(&second, 0, sizeof(second));
    CHECK_FAILS(accept_ex(scene.listener, accept.socket, second.buffer, 0,
                          BLOCK, BLOCK, &received, &second.overlapped),
                WSAEINVAL);
    CHECK_FAILS(accept_ex(scene.listener, INVALID_SOCKET, second.buffer, 0,
                          BLOCK, BLOCK, &received, &second.overlapped),
                WSAENOTSOCK);
    check_no_packet(&scene);
    close_socket(accept.socket);
    CHECK(next_packet(&scene, LISTENER_KEY, NT_CANCELLED, 0) ==
          &accept.overlapped);
    scene_close(&scene);
}

/* 04 2: the status says that it pends before anything is looked at, and stays
   so; the count is not touched. */
static void a_failing_call_leaves_the_status_pending(void)
{
    struct scene scene;
    OVERLAPPED overlapped;
    char buffer[2 * BLOCK];
    SOCKET unbound = tcp_socket();
    DWORD n;

    scene_open(&scene);
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.InternalHigh = 77;
    CHECK_FAILS(accept_ex(scene.listener, INVALID_SOCKET, buffer, 0, BLOCK,
                          BLOCK, &n, &overlapped),
                WSAENOTSOCK);
    EXPECT_EQ(overlapped.Internal, NT_PENDING);
    EXPECT_EQ(overlapped.InternalHigh, 77);
    memset(&overlapped, 0, sizeof(overlapped));
    overlapped.InternalHigh = 77;
    CHECK_FAILS(connect_ex(unbound, (struct sockaddr *)&scene.name,
                           sizeof(scene.name), NULL, 0, &n, &overlapped),
                WSAEINVAL);
    EXPECT_EQ(overlapped.Internal, NT_PENDING);
    EXPECT_EQ(overlapped.InternalHigh, 77);
    close_socket(unbound);
    scene_close(&scene);
}

static int CALLBACK put_off(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos,
                            LPQOS gqos, LPWSABUF callee, LPWSABUF callee_data,
                            GROUP *group, DWORD_PTR context)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group, (void)context;
    return CF_DEFER;
}

/* 04 8: a connection that WSAAccept put off is the next AcceptEx's.  One that
   is refused takes nothing. */
static void a_deferred_connection_is_the_first(void)
{
    struct accept accept, next;
    struct scene scene;
    SOCKET first, second;
    DWORD n;

    scene_begin(&scene);
    first = tcp_connect(&scene.name);
    CHECK_ERROR(WSAAccept(scene.listener, NULL, NULL, put_off, 0),
                WSATRY_AGAIN);
    second = tcp_connect(&scene.name);
    CHECK_FAILS(accept_ex(scene.listener, INVALID_SOCKET, accept.buffer, 0,
                          BLOCK, BLOCK, &n, &accept.overlapped),
                WSAENOTSOCK);
    accept_start(&accept, scene.listener, 0);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &accept.overlapped);
    check_passes(first, accept.socket, "the first");
    accept_start(&next, scene.listener, 0);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &next.overlapped);
    check_passes(second, next.socket, "the second");
    close_sockets(first, second, accept.socket, next.socket);
    scene_close(&scene);
}

/* 04 13: also what is done at once. */
static void an_overlapped_query_is_a_packet(void)
{
    GUID known = WSAID_ACCEPTEX,
         unknown = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    OVERLAPPED overlapped;
    struct scene scene;
    void *function;
    DWORD size;

    scene_begin(&scene);
    memset(&overlapped, 0, sizeof(overlapped));
    CHECK_OK(WSAIoctl(scene.listener, SIO_GET_EXTENSION_FUNCTION_POINTER,
                      &known, sizeof(known), &function, sizeof(function),
                      &size, &overlapped, NULL));
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &overlapped);
    CHECK(function == (void *)accept_ex);
    CHECK_ERROR(WSAIoctl(scene.listener, SIO_GET_EXTENSION_FUNCTION_POINTER,
                         &unknown, sizeof(unknown), &function,
                         sizeof(function), &size, &overlapped, NULL),
                WSAEINVAL);
    check_no_packet(&scene);
    scene_close(&scene);
}

/* --- Cancelling and closing ----------------------------------------------- */

/* 04 7: the request lives on the listener. */
static void an_accept_can_be_cancelled(void)
{
    struct accept first, second;
    struct scene scene;
    SOCKET client;

    scene_begin(&scene);
    accept_start(&first, scene.listener, 0);
    accept_start(&second, scene.listener, DATA);
    CHECK_EQ(cancel_operation(first.socket, &first.overlapped), NOT_FOUND);
    CHECK_EQ(cancel_operation(first.socket, NULL), NOT_FOUND);
    check_no_packet(&scene);
    CHECK_EQ(cancel_operation(scene.listener, &first.overlapped), 0);
    CHECK(next_packet(&scene, LISTENER_KEY, NT_CANCELLED, 0) ==
          &first.overlapped);
    CHECK_EQ(cancel_operation(scene.listener, &first.overlapped), NOT_FOUND);

    client = tcp_connect(&scene.name);
    send_all(client, "one", 3);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 3) == &second.overlapped);
    close_sockets(client, second.socket);

    /* Its socket is as it was. */
    accept_start_with(&second, scene.listener, first.socket, 0);
    client = tcp_connect(&scene.name);
    CHECK(next_packet(&scene, LISTENER_KEY, 0, 0) == &second.overlapped);
    check_passes(client, second.socket, "after all");
    close_sockets(client, second.socket);
    scene_close(&scene);
}

enum { MANY = 100 };

/* Each once, in whatever order. */
static void take_many(struct scene *scene, struct accept *accepts,
                      uint32_t status)
{
    int seen[MANY] = {0}, i;
    struct accept *accept;

    for (i = 0; i < MANY; i++) {
        accept = next_packet(scene, LISTENER_KEY, status, 0);
        CHECK(accept >= accepts && accept < accepts + MANY);
        CHECK_EQ(seen[accept - accepts]++, 0);
    }
}

static void start_many(struct scene *scene, struct accept *accepts)
{
    int i;

    for (i = 0; i < MANY; i++)
        accept_start(&accepts[i], scene->listener, i % 3 ? 0 : DATA);
}

static void close_many(struct accept *accepts)
{
    int i;

    for (i = 0; i < MANY; i++)
        close_socket(accepts[i].socket);
}

/* All of them end cancelled, by this. */
static void check_cancels_many(void (*end)(struct scene *scene))
{
    struct accept *accepts = calloc(MANY, sizeof(*accepts));
    struct scene scene;

    scene_begin(&scene);
    start_many(&scene, accepts);
    end(&scene);
    take_many(&scene, accepts, NT_CANCELLED);
    close_many(accepts);
    scene_close(&scene);
    free(accepts);
}

static void close_listener(struct scene *scene)
{
    close_socket(scene->listener);
    scene->listener = INVALID_SOCKET;
}

static void closing_the_listener_cancels_all(void)
{
    check_cancels_many(close_listener);
}

static void cancel_all(struct scene *scene)
{
    CHECK_EQ(cancel_operation(scene->listener, NULL), 0);
}

static void all_can_be_cancelled(void)
{
    check_cancels_many(cancel_all);
}

/* Each connection is of one of them, and its data passes. */
static void many_pend_at_once(void)
{
    struct accept *accepts = calloc(MANY, sizeof(*accepts)), *accept;
    SOCKET clients[MANY];
    unsigned ports[MANY];
    struct scene scene;
    int i, j;

    scene_begin(&scene);
    for (i = 0; i < MANY; i++)
        accept_start(&accepts[i], scene.listener, 0);
    for (i = 0; i < MANY; i++) {
        clients[i] = tcp_connect(&scene.name);
        ports[i] = local_name(clients[i]).sin_port;
    }
    take_many(&scene, accepts, 0);
    for (i = 0; i < MANY; i++) {
        accept = &accepts[i];
        for (j = 0; j < MANY && ports[j] != accept_peer(accept); j++)
            continue;
        CHECK(j < MANY);
        check_passes(clients[j], accept->socket, "is it you?");
        ports[j] = 0;
    }
    for (i = 0; i < MANY; i++)
        close_socket(clients[i]);
    close_many(accepts);
    scene_close(&scene);
    free(accepts);
}

/* --- ConnectEx, DisconnectEx ---------------------------------------------- */

static SOCKET bound_socket(void)
{
    struct sockaddr_in name = loopback(0);
    SOCKET s = tcp_socket();

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    return s;
}

static void connect_start(SOCKET s, const struct sockaddr_in *name,
                          void *data, DWORD length, OVERLAPPED *overlapped)
{
    DWORD sent;

    memset(overlapped, 0, sizeof(*overlapped));
    CHECK_PENDS(connect_ex(s, (const struct sockaddr *)name, sizeof(*name),
                           data, length, &sent, overlapped));
}

static void connecting_and_disconnecting_are_packets(void)
{
    SOCKET client = bound_socket(), server;
    struct scene scene;
    OVERLAPPED overlapped;

    scene_open(&scene);
    CHECK_EQ(port_associate(scene.port, client, KEY), 0);
    connect_start(client, &scene.name, (void *)"three", 5, &overlapped);
    CHECK(next_packet(&scene, KEY, 0, 5) == &overlapped);
    server = CHECK_SOCKET(accept(scene.listener, NULL, NULL));
    check_receives(server, "three");
    CHECK_OK(setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL,
                        0));
    receive_on(&scene, client, server, KEY);

    CHECK_EQ(port_set_modes(client, 1), 0); /* also then */
    memset(&overlapped, 0, sizeof(overlapped));
    CHECK_FAILS(disconnect_ex(client, &overlapped, 0, 0), WSA_IO_PENDING);
    CHECK(next_packet(&scene, KEY, 0, 0) == &overlapped);
    check_end(server);
    CHECK(disconnect_ex(client, NULL, 0, 0)); /* 04 6: none without OVERLAPPED */
    check_no_packet(&scene);
    close_sockets(client, server);
    scene_close(&scene);
}

/* A ConnectEx that pends is one whose data nobody reads. */
static void pending_connect(struct scene *scene, SOCKET *ret_client,
                            SOCKET *ret_server, char **ret_data,
                            OVERLAPPED *overlapped)
{
    enum { SIZE = 16 * 1024 * 1024 };
    SOCKET client = bound_socket();

    *ret_data = calloc(1, SIZE);
    connect_start(client, &scene->name, *ret_data, SIZE, overlapped);
    *ret_server = CHECK_SOCKET(accept(scene->listener, NULL, NULL));
    CHECK_EQ(port_associate(scene->port, client, KEY), 0);
    check_no_packet(scene);
    *ret_client = client;
}

static void a_connect_can_be_cancelled(void)
{
    OVERLAPPED overlapped;
    struct packet packet;
    struct scene scene;
    SOCKET client, server;
    char *data;

    scene_open(&scene);
    pending_connect(&scene, &client, &server, &data, &overlapped);
    CHECK_EQ(cancel_operation(client, &overlapped), 0);
    CHECK(port_get(scene.port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, KEY); /* of the association that came later */
    CHECK(packet.overlapped == &overlapped);
    CHECK_EQ(packet.status, NT_CANCELLED);
    CHECK_EQ(cancel_operation(client, &overlapped), NOT_FOUND);
    close_sockets(client, server);
    free(data);
    scene_close(&scene);
}

static void closing_ends_a_connect(void)
{
    OVERLAPPED overlapped;
    struct packet packet;
    struct scene scene;
    SOCKET client, server;
    char *data;

    scene_open(&scene);
    pending_connect(&scene, &client, &server, &data, &overlapped);
    close_socket(client);
    CHECK(port_get(scene.port, test_timeout(10000), &packet));
    CHECK(packet.overlapped == &overlapped);
    CHECK(packet.status != 0);
    CHECK_EQ(STATUS_OF(&overlapped), packet.status);
    close_socket(server);
    free(data);
    scene_close(&scene);
}

/* One that waits for the connection itself: the listener's queue is full. */
static void an_unanswered_connect_can_be_cancelled(void)
{
    enum { TRIES = 64 };
    struct sockaddr_in name = loopback(0);
    OVERLAPPED *overlapped = calloc(TRIES, sizeof(*overlapped));
    SOCKET sockets[TRIES], listener = tcp_socket();
    struct packet packet;
    struct scene scene;
    int i, n = 0;

    scene_open(&scene);
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(listener, 1));
    name = local_name(listener);
    do {
        CHECK(n < TRIES);
        sockets[n] = bound_socket();
        CHECK_EQ(port_associate(scene.port, sockets[n], KEY), 0);
        connect_start(sockets[n], &name, NULL, 0, &overlapped[n]);
        n++;
    } while (port_get(scene.port, TEST_QUIET_MS, &packet));
    CHECK_EQ(cancel_operation(sockets[n - 1], &overlapped[n - 1]), 0);
    CHECK(next_packet(&scene, KEY, NT_CANCELLED, 0) == &overlapped[n - 1]);
    for (i = 0; i < n; i++)
        close_socket(sockets[i]);
    close_socket(listener);
    free(overlapped);
    scene_close(&scene);
}

static const struct test_case cases[] = {
    TEST_CASE(a_connection_is_a_packet, "04 6: AcceptEx, the listener's key"),
    TEST_CASE(the_listener_may_be_associated_later, "04 6: pending before"),
    TEST_CASE(the_accepting_socket_s_port_is_its_own, "04 6: of the object"),
    TEST_CASE(a_packet_comes_in_skip_mode, "04 6, 9: what pended has one"),
    TEST_CASE(failures_at_once_have_no_packet, "04 2, 8"),
    TEST_CASE(a_failing_call_leaves_the_status_pending, "04 2: Internal"),
    TEST_CASE(a_deferred_connection_is_the_first, "04 8: CF_DEFER"),
    TEST_CASE(an_overlapped_query_is_a_packet, "04 13"),
    TEST_CASE(an_accept_can_be_cancelled, "04 7: CancelIoEx on the listener"),
    TEST_CASE(closing_the_listener_cancels_all, "04 7: STATUS_CANCELLED"),
    TEST_CASE(all_can_be_cancelled, "04 7: CancelIoEx of all"),
    TEST_CASE(many_pend_at_once, "04 8: many at once"),
    TEST_CASE(connecting_and_disconnecting_are_packets, "04 6, 9, 10"),
    TEST_CASE(a_connect_can_be_cancelled, "04 7: CancelIoEx, ConnectEx"),
    TEST_CASE(closing_ends_a_connect, "04 7: closesocket, ConnectEx"),
    TEST_CASE(an_unanswered_connect_can_be_cancelled, "04 7: before it is one"),
    TEST_END
};
TEST_MAIN("extension_ports", cases, NULL)
