/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports and sockets: CreateIoCompletionPort in Wine, and the ports
 * of <ws2emu/port.h> natively.
 */
#include "support/overlapped.h"
#include "support/ports.h"

#define IN_TIME 10000
#define KEY 0x1234u
#define BAD_PARAMETER 87 /* ERROR_INVALID_PARAMETER */

/* A connection whose server end has a port. */
struct scene {
    SOCKET client, server;
    uint64_t port;
    struct call call;
};

static void scene_open(struct scene *scene)
{
    tcp_pair(&scene->client, &scene->server);
    scene->port = port_create();
    CHECK_EQ(port_associate(scene->port, scene->server, KEY), 0);
    call_init(&scene->call, 16, 0);
}

static void scene_close(struct scene *scene)
{
    struct packet packet;

    CHECK(!port_get(scene->port, 0, &packet));
    port_close(scene->port);
    close_socket(scene->client);
    if (scene->server != INVALID_SOCKET)
        close_socket(scene->server);
}

/* The next packet is this one. */
static void check_packet(uint64_t port, uint64_t key, const struct call *call,
                         uint32_t status, uint32_t bytes)
{
    struct packet packet;

    CHECK(port_get(port, test_timeout(IN_TIME), &packet));
    CHECK_EQ(packet.key, key);
    CHECK(packet.overlapped == &call->overlapped);
    CHECK_EQ(packet.status, status);
    CHECK_EQ(packet.bytes, bytes);
    CHECK_EQ(STATUS_OF(&call->overlapped), status);
}

static void check_no_packet(uint64_t port, int ms)
{
    struct packet packet;

    CHECK(!port_get(port, ms, &packet));
}

static void a_pending_operation_ends_with_a_packet(void)
{
    struct scene scene;

    scene_open(&scene);
    call_pends(&scene.call, scene.server);
    check_no_packet(scene.port, TEST_QUIET_MS);
    send_all(scene.client, "data", 4);
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    CHECK_MEMORY(scene.call.data, "data", 4);
    scene_close(&scene);
}

static void success_at_once_has_a_packet(void)
{
    struct scene scene;

    scene_open(&scene);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    CHECK_OK(call_receive(&scene.call, scene.server));
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    memcpy(scene.call.data, "ping", 4);
    scene.call.buffer.len = 4;
    CHECK_OK(call_send(&scene.call, scene.server));
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    check_receives(scene.client, "ping");
    scene_close(&scene);
}

static void failure_at_once_has_no_packet(void)
{
    uint64_t port = port_create();
    SOCKET s = tcp_socket();
    struct call call;

    CHECK_EQ(port_associate(port, s, KEY), 0);
    call_init(&call, 16, 0);
    CHECK_ERROR(call_receive(&call, s), WSAENOTCONN);
    check_no_packet(port, TEST_QUIET_MS);
    port_close(port);
    close_socket(s);
}

static void failure_later_has_a_packet(void)
{
    struct scene scene;

    scene_open(&scene);
    call_pends(&scene.call, scene.server);
    reset_connection(scene.client);
    check_packet(scene.port, KEY, &scene.call, NT_CONNECTION_RESET, 0);
    CHECK_ERROR(call_receive(&scene.call, scene.server), WSAECONNRESET);
    scene.client = tcp_socket();
    scene_close(&scene);
}

static void plain_calls_have_no_packets(void)
{
    struct scene scene;

    scene_open(&scene);
    check_passes(scene.client, scene.server, "one way");
    check_passes(scene.server, scene.client, "the other");
    CHECK_OK(shutdown(scene.server, SD_SEND));
    check_no_packet(scene.port, TEST_QUIET_MS);
    scene_close(&scene);
}

static void packets_come_in_order(void)
{
    struct call calls[8];
    struct scene scene;
    int i;

    scene_open(&scene);
    for (i = 0; i < 8; i++) {
        call_init(&calls[i], 1, 0);
        call_pends(&calls[i], scene.server);
    }
    send_all(scene.client, "abcdefgh", 8);
    for (i = 0; i < 8; i++) {
        check_packet(scene.port, KEY, &calls[i], 0, 1);
        CHECK_EQ(calls[i].data[0], 'a' + i);
    }
    scene_close(&scene);
}

static void an_event_is_set_too(void)
{
    struct scene scene;
    WSAEVENT event = event_create();

    scene_open(&scene);
    scene.call.overlapped.hEvent = event;
    call_pends(&scene.call, scene.server);
    send_all(scene.client, "data", 4);
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    event_wait(event);
    CHECK(WSACloseEvent(event));
    scene_close(&scene);
}

static void the_low_bit_of_the_event_asks_for_no_packet(void)
{
    struct scene scene;
    WSAEVENT event = event_create();

    scene_open(&scene);
    scene.call.overlapped.hEvent = (WSAEVENT)((ULONG_PTR)event | 1);
    CHECK_ERROR(call_receive(&scene.call, scene.server), WSA_IO_PENDING);
    send_all(scene.client, "data", 4);
    event_wait(event);
    check_no_packet(scene.port, TEST_QUIET_MS);
    CHECK(WSACloseEvent(event));
    scene_close(&scene);
}

static void a_routine_is_refused(void)
{
    struct scene scene;

    scene_open(&scene);
    CHECK_ERROR(call_receive_with_routine(&scene.call, scene.server),
                WSAEINVAL);
    scene_close(&scene);
}

/* --- The association ------------------------------------------------------ */

static void a_second_association_is_refused(void)
{
    uint64_t other = port_create();
    struct scene scene;

    scene_open(&scene);
    CHECK_EQ(port_associate(other, scene.server, 2), BAD_PARAMETER);
    CHECK_EQ(port_associate(scene.port, scene.server, 3), BAD_PARAMETER);
    call_pends(&scene.call, scene.server);
    send_all(scene.client, "data", 4);
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    check_no_packet(other, 0);
    port_close(other);
    scene_close(&scene);
}

static void what_pended_before_has_a_packet(void)
{
    uint64_t port = port_create();
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call_pends(&call, server);
    CHECK_EQ(port_associate(port, server, KEY), 0);
    send_all(client, "data", 4);
    check_packet(port, KEY, &call, 0, 4);
    port_close(port);
    close_socket(client);
    close_socket(server);
}

static void several_sockets_share_a_port(void)
{
    struct call a, b;
    struct scene scene;

    scene_open(&scene);
    CHECK_EQ(port_associate(scene.port, scene.client, KEY + 1), 0);
    call_init(&a, 16, 0);
    call_init(&b, 16, 0);
    call_pends(&a, scene.client);
    send_all(scene.server, "x", 1);
    check_packet(scene.port, KEY + 1, &a, 0, 1);
    call_pends(&b, scene.server);
    send_all(scene.client, "yz", 2);
    check_packet(scene.port, KEY, &b, 0, 2);
    scene_close(&scene);
}

static void a_duplicate_has_the_same_port(void)
{
    struct scene scene;
    SOCKET copy;

    scene_open(&scene);
    copy = duplicate_here(scene.server);
    call_pends(&scene.call, copy);
    send_all(scene.client, "data", 4);
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    CHECK_EQ(port_associate(scene.port, copy, 2), BAD_PARAMETER);
    close_socket(copy);
    call_pends(&scene.call, scene.server);
    send_all(scene.client, "more", 4);
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    scene_close(&scene);
}

/* --- Skipping ------------------------------------------------------------- */

static void packets_can_be_skipped_on_success(void)
{
    struct scene scene;

    scene_open(&scene);
    CHECK_EQ(port_set_modes(scene.server, 1), 0);
    send_all(scene.client, "data", 4);
    CHECK(wait_readable(scene.server, IN_TIME));
    CHECK_OK(call_receive(&scene.call, scene.server));
    CHECK_EQ(STATUS_OF(&scene.call.overlapped), 0);
    CHECK_EQ(scene.call.overlapped.InternalHigh, 4);
    check_no_packet(scene.port, TEST_QUIET_MS);
    scene.call.count = COUNT_UNTOUCHED;
    call_pends(&scene.call, scene.server);
    send_all(scene.client, "more", 4);
    check_packet(scene.port, KEY, &scene.call, 0, 4);
    scene_close(&scene);
}

/* --- Ends ----------------------------------------------------------------- */

static void a_cancelled_operation_has_a_packet(void)
{
    struct scene scene;

    scene_open(&scene);
    call_pends(&scene.call, scene.server);
    CHECK_EQ(cancel_operation(scene.server, &scene.call.overlapped), 0);
    check_packet(scene.port, KEY, &scene.call, NT_CANCELLED, 0);
    scene_close(&scene);
}

static void closing_has_a_packet(void)
{
    struct scene scene;

    scene_open(&scene);
    call_pends(&scene.call, scene.server);
    close_socket(scene.server);
    scene.server = INVALID_SOCKET;
    check_packet(scene.port, KEY, &scene.call, NT_CONNECTION_ABORTED, 0);
    scene_close(&scene);
}

static void the_port_may_be_closed_first(void)
{
    SOCKET client, server;
    struct call call;
    uint64_t port = port_create();

    tcp_pair(&client, &server);
    CHECK_EQ(port_associate(port, server, KEY), 0);
    call_init(&call, 16, 1);
    call_pends(&call, server);
    port_close(port);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

/* --- Several threads ------------------------------------------------------ */

enum { WORKERS = 4, PACKETS = 2000 };

struct pool {
    uint64_t port;
    int counts[WORKERS];
};

struct worker {
    struct pool *pool;
    int number;
};

static void work(void *argument)
{
    struct worker *worker = argument;
    struct packet packet;

    while (port_get(worker->pool->port, test_timeout(IN_TIME), &packet) &&
           packet.key != 0)
        worker->pool->counts[worker->number]++;
}

static void each_packet_goes_to_one_thread(void)
{
    struct pool pool = {.port = port_create()};
    struct thread *threads[WORKERS];
    struct worker workers[WORKERS];
    struct packet packet = {.key = 1}, end = {.key = 0};
    int i, total = 0;

    for (i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){&pool, i};
        threads[i] = thread_start(work, &workers[i]);
    }
    for (i = 0; i < PACKETS; i++)
        port_post(pool.port, &packet);
    for (i = 0; i < WORKERS; i++)
        port_post(pool.port, &end);
    for (i = 0; i < WORKERS; i++) {
        thread_join(threads[i]);
        total += pool.counts[i];
    }
    CHECK_EQ(total, PACKETS);
    port_close(pool.port);
}

static const struct test_case cases[] = {
    TEST_CASE(a_pending_operation_ends_with_a_packet, "04 2: a packet later"),
    TEST_CASE(success_at_once_has_a_packet, "04 2: a packet at once"),
    TEST_CASE(failure_at_once_has_no_packet, "04 2: none"),
    TEST_CASE(failure_later_has_a_packet, "04 6: of a failed operation"),
    TEST_CASE(plain_calls_have_no_packets, "04 6: what never queues"),
    TEST_CASE(packets_come_in_order, "04 5: order"),
    TEST_CASE(an_event_is_set_too, "04 3: event and packet"),
    TEST_CASE(the_low_bit_of_the_event_asks_for_no_packet, "04 3: low bit"),
    TEST_CASE(a_routine_is_refused, "04 3: APC and port exclude each other"),
    TEST_CASE(a_second_association_is_refused, "04 6: one association"),
    TEST_CASE(what_pended_before_has_a_packet, "04 6: pending before"),
    TEST_CASE(several_sockets_share_a_port, "04 6: keys"),
    TEST_CASE(a_duplicate_has_the_same_port, "04 6: all descriptors"),
    TEST_CASE(packets_can_be_skipped_on_success, "04 6: skip mode"),
    TEST_CASE(a_cancelled_operation_has_a_packet, "04 7: CancelIoEx"),
    TEST_CASE(closing_has_a_packet, "04 7: closesocket"),
    TEST_CASE(the_port_may_be_closed_first, "04 6: a closed port"),
    TEST_CASE(each_packet_goes_to_one_thread, "04 6: one packet, one thread"),
    TEST_END
};
TEST_MAIN("overlapped_ports", cases, NULL)
