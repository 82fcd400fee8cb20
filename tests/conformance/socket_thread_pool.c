/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs in the system's thread pool: CreateThreadpoolIo,
 * BindIoCompletionCallback, and waits of pool threads for events and for
 * SOCKETs.  For Wine: the pool is Windows' own.
 *
 * The pool keeps its threads and its port as long as the process, so each case
 * has one of its own.
 *
 * The pages of these functions; that of StartThreadpoolIo: before each
 * operation, and CancelThreadpoolIo when it fails at once.
 */
#include "support/overlapped.h"
#include "support/ports.h"

#include <mswsock.h>

/* FILE_SKIP_COMPLETION_PORT_ON_SUCCESS, which some headers lack. */
#define SKIP_ON_SUCCESS 1

/* --- Helpers -------------------------------------------------------------- */

/* What a callback was given. */
struct told {
    struct call call; /* first: the callback finds this by it */
    HANDLE event;
    volatile LONG n;
    ULONG error;
    ULONG_PTR bytes;
    void *context;
    DWORD thread;
};

static void told_init(struct told *told)
{
    memset(told, 0, sizeof(*told));
    call_init(&told->call, 16, 0);
    told->event = event_create();
}

static void told_done(struct told *told)
{
    call_done(&told->call);
    CHECK(CloseHandle(told->event));
}

static void note_end(struct told *told, void *context, ULONG error,
                 ULONG_PTR bytes)
{
    told->context = context;
    told->error = error;
    told->bytes = bytes;
    told->thread = GetCurrentThreadId();
    InterlockedIncrement(&told->n);
    CHECK(SetEvent(told->event));
}

/* It was told once, with this. */
static void check_told(struct told *told, void *context, ULONG error,
                       ULONG_PTR bytes)
{
    event_wait(told->event);
    CHECK_EQ(told->n, 1);
    CHECK(told->context == context);
    CHECK_EQ(told->error, error);
    CHECK_EQ(told->bytes, bytes);
    CHECK(told->thread != GetCurrentThreadId());
    CHECK(ResetEvent(told->event));
    told->n = 0;
}

static void CALLBACK io_ended(PTP_CALLBACK_INSTANCE instance, void *context,
                              void *overlapped, ULONG error, ULONG_PTR bytes,
                              PTP_IO io)
{
    (void)instance, (void)io;
    note_end(overlapped, context, error, bytes);
}

static PTP_IO pool_io(SOCKET s, void *context)
{
    PTP_IO io = CreateThreadpoolIo((HANDLE)s, io_ended, context, NULL);

    CHECK(io != NULL);
    return io;
}

static void end_pool_io(PTP_IO io)
{
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CloseThreadpoolIo(io);
}

/* --- CreateThreadpoolIo --------------------------------------------------- */

static void receives(void)
{
    SOCKET client, server;
    struct told told;
    PTP_IO io;
    int i;

    tcp_pair(&client, &server);
    io = pool_io(server, &told);
    for (i = 0; i < 20; i++) {
        told_init(&told);
        if (i % 2)
            send_all(client, "data", 4);
        StartThreadpoolIo(io);
        if (call_receive(&told.call, server))
            CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
        if (i % 2 == 0)
            send_all(client, "data", 4);
        check_told(&told, &told, NO_ERROR, 4);
        CHECK_MEMORY(told.call.data, "data", 4);
        told_done(&told);
    }
    end_pool_io(io);
    close_socket(client);
    close_socket(server);
}

/* Nothing was started: the pool must not wait for it. */
static void failures(void)
{
    SOCKET s = tcp_socket();
    struct told told;
    PTP_IO io = pool_io(s, NULL);

    told_init(&told);
    StartThreadpoolIo(io);
    CHECK_ERROR(call_receive(&told.call, s), WSAENOTCONN);
    CancelThreadpoolIo(io);
    end_pool_io(io);
    CHECK_EQ(told.n, 0);
    told_done(&told);
    close_socket(s);
}

static void cancelled_ones(void)
{
    SOCKET client, server;
    struct told told;
    PTP_IO io;

    tcp_pair(&client, &server);
    told_init(&told);
    io = pool_io(server, &told);
    StartThreadpoolIo(io);
    call_pends(&told.call, server);
    CHECK_EQ(cancel_operation(server, NULL), 0);
    check_told(&told, &told, ERROR_OPERATION_ABORTED, 0);
    StartThreadpoolIo(io);
    call_pends(&told.call, server);
    reset_connection(client);
    check_told(&told, &told, ERROR_NETNAME_DELETED, 0);
    end_pool_io(io);
    told_done(&told);
    close_socket(server);
}

static void no_packet_of_success(void)
{
    SOCKET client, server;
    struct told told;
    PTP_IO io;

    tcp_pair(&client, &server);
    told_init(&told);
    io = pool_io(server, &told);
    CHECK_EQ(port_set_modes(server, SKIP_ON_SUCCESS), 0);
    send_all(client, "data", 4);
    CHECK(wait_readable(server, test_timeout(5000)));
    StartThreadpoolIo(io);
    CHECK_OK(call_receive(&told.call, server));
    CancelThreadpoolIo(io);
    told.call.count = COUNT_UNTOUCHED;
    StartThreadpoolIo(io);
    call_pends(&told.call, server);
    send_all(client, "more", 4);
    check_told(&told, &told, NO_ERROR, 4);
    end_pool_io(io);
    told_done(&told);
    close_socket(client);
    close_socket(server);
}

static LPFN_ACCEPTEX accept_ex(SOCKET s)
{
    GUID guid = WSAID_ACCEPTEX;
    LPFN_ACCEPTEX function;
    DWORD n;

    CHECK_OK(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid,
                      sizeof(guid), &function, sizeof(function), &n, NULL,
                      NULL));
    return function;
}

static void accepting(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), s = tcp_socket(), client;
    PTP_IO io = pool_io(listener, NULL), accepted_io;
    char addresses[64];
    struct told told;
    DWORD n;

    told_init(&told);
    StartThreadpoolIo(io);
    if (!accept_ex(listener)(listener, s, addresses, 0, 32, 32, &n,
                             &told.call.overlapped))
        CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    client = tcp_connect(&name);
    check_told(&told, NULL, NO_ERROR, 0);
    accepted_io = pool_io(s, &told);
    StartThreadpoolIo(accepted_io);
    call_pends(&told.call, s);
    send_all(client, "data", 4);
    check_told(&told, &told, NO_ERROR, 4);
    end_pool_io(io);
    end_pool_io(accepted_io);
    told_done(&told);
    close_socket(client);
    close_socket(s);
    close_socket(listener);
}

static void many_sockets(void)
{
    enum { PAIRS = 20, ROUNDS = 20 };
    SOCKET clients[PAIRS], servers[PAIRS];
    struct told told[PAIRS];
    PTP_IO ios[PAIRS];
    int i, round;

    for (i = 0; i < PAIRS; i++) {
        tcp_pair(&clients[i], &servers[i]);
        told_init(&told[i]);
        ios[i] = pool_io(servers[i], &told[i]);
    }
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < PAIRS; i++) {
            StartThreadpoolIo(ios[i]);
            call_pends(&told[i].call, servers[i]);
        }
        for (i = 0; i < PAIRS; i++)
            send_all(clients[i], "data", 4);
        for (i = 0; i < PAIRS; i++)
            check_told(&told[i], &told[i], NO_ERROR, 4);
    }
    for (i = 0; i < PAIRS; i++) {
        end_pool_io(ios[i]);
        told_done(&told[i]);
        close_socket(clients[i]);
        close_socket(servers[i]);
    }
}

static void bad_input(void)
{
    HANDLE event = event_create();
    SOCKET s = tcp_socket();
    uint64_t port = port_create();

    CHECK(CreateThreadpoolIo((HANDLE)0xdead0, io_ended, NULL, NULL) == NULL);
    CHECK(CreateThreadpoolIo(event, io_ended, NULL, NULL) == NULL);
    /* It has a port. */
    CHECK_EQ(port_associate(port, s, 0), 0);
    CHECK(CreateThreadpoolIo((HANDLE)s, io_ended, NULL, NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    close_socket(s);
    port_close(port);
    CHECK(CloseHandle(event));
}

/* --- BindIoCompletionCallback --------------------------------------------- */

static void CALLBACK bound_ended(DWORD error, DWORD bytes,
                                 OVERLAPPED *overlapped)
{
    note_end((struct told *)overlapped, NULL, error, bytes);
}

static void bound_callbacks(void)
{
    SOCKET client, server;
    struct told told;

    tcp_pair(&client, &server);
    CHECK(BindIoCompletionCallback((HANDLE)server, bound_ended, 0));
    told_init(&told);
    call_pends(&told.call, server);
    send_all(client, "data", 4);
    check_told(&told, NULL, NO_ERROR, 4);
    send_all(client, "more", 4);
    if (call_receive(&told.call, server))
        CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    check_told(&told, NULL, NO_ERROR, 4);
    CHECK(!BindIoCompletionCallback((HANDLE)server, bound_ended, 0));
    CHECK(!BindIoCompletionCallback((HANDLE)0xdead0, bound_ended, 0));
    told_done(&told);
    close_socket(client);
    close_socket(server);
}

/* --- Waits ---------------------------------------------------------------- */

static void CALLBACK wait_ended(void *context, BOOLEAN timed_out)
{
    note_end(context, NULL, timed_out, 0);
}

static void end_wait(HANDLE wait)
{
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
}

static void waiting_for_network_events(void)
{
    WSAEVENT event = event_create();
    WSANETWORKEVENTS events;
    SOCKET client, server;
    struct told told;
    HANDLE wait;

    tcp_pair(&client, &server);
    told_init(&told);
    CHECK_OK(WSAEventSelect(server, event, FD_READ));
    CHECK(RegisterWaitForSingleObject(&wait, event, wait_ended, &told, INFINITE,
                                      WT_EXECUTEONLYONCE));
    send_all(client, "data", 4);
    check_told(&told, NULL, FALSE, 0);
    CHECK_OK(WSAEnumNetworkEvents(server, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_READ);
    end_wait(wait);
    CHECK(WSACloseEvent(event));
    told_done(&told);
    close_socket(client);
    close_socket(server);
}

static void waiting_for_operations(void)
{
    SOCKET client, server;
    struct told told;
    struct call call;
    HANDLE wait;
    int with_event;

    tcp_pair(&client, &server);
    for (with_event = 0; with_event < 2; with_event++) {
        told_init(&told);
        call_init(&call, 16, with_event);
        call_pends(&call, server);
        CHECK(RegisterWaitForSingleObject(
            &wait, with_event ? call.overlapped.hEvent : (HANDLE)server,
            wait_ended, &told, INFINITE, WT_EXECUTEONLYONCE));
        CHECK(!event_is_signalled(told.event, TEST_QUIET_MS));
        send_all(client, "data", 4);
        check_told(&told, NULL, FALSE, 0);
        call_receives(&call, server, "data");
        end_wait(wait);
        call_done(&call);
        told_done(&told);
    }
    close_socket(client);
    close_socket(server);
}

static void a_wait_that_times_out(void)
{
    SOCKET client, server;
    struct told told;
    struct call call;
    HANDLE wait;

    tcp_pair(&client, &server);
    told_init(&told);
    call_init(&call, 16, 0);
    call_pends(&call, server);
    CHECK(RegisterWaitForSingleObject(&wait, (HANDLE)server, wait_ended, &told,
                                      50, WT_EXECUTEONLYONCE));
    check_told(&told, NULL, TRUE, 0);
    end_wait(wait);
    call_still_pends(&call);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    call_done(&call);
    told_done(&told);
    close_socket(client);
    close_socket(server);
}

/* --- Each in a process ---------------------------------------------------- */

#define USERS(user)                                                            \
    user(receives)                                                             \
    user(failures)                                                             \
    user(cancelled_ones)                                                       \
    user(no_packet_of_success)                                                 \
    user(accepting)                                                            \
    user(many_sockets)                                                         \
    user(bad_input)                                                            \
    user(bound_callbacks)                                                      \
    user(waiting_for_network_events)                                           \
    user(waiting_for_operations)                                               \
    user(a_wait_that_times_out)

#define NAME_OF(user) {#user, user},
static const struct {
    const char *name;
    void (*run)(void);
} users[] = {USERS(NAME_OF)};

/* The role: the case of this name. */
static void user(struct peer *parent, int n_arguments, char **arguments)
{
    size_t i;

    (void)parent;
    CHECK_EQ(n_arguments, 1);
    for (i = 0; i < sizeof(users) / sizeof(users[0]); i++)
        if (strcmp(users[i].name, arguments[0]) == 0)
            users[i].run();
}

#define CASE_OF(user)                                                          \
    static void pool_##user(void)                                              \
    {                                                                          \
        CHECK_EQ(peer_wait(peer_start("user", #user, NULL)), 0);               \
    }
USERS(CASE_OF)

static const struct test_role roles[] = {TEST_ROLE(user), TEST_ROLES_END};

static const struct test_case cases[] = {
    TEST_CASE(pool_receives, "CreateThreadpoolIo"),
    TEST_CASE(pool_failures, "CancelThreadpoolIo"),
    TEST_CASE(pool_cancelled_ones, "04 7: IoResult"),
    TEST_CASE(pool_no_packet_of_success, "04 6: skip on success"),
    TEST_CASE(pool_accepting, "04 8: AcceptEx"),
    TEST_CASE_WITH(pool_many_sockets, "CreateThreadpoolIo", .seconds = 60),
    TEST_CASE(pool_bad_input, "CreateThreadpoolIo"),
    TEST_CASE(pool_bound_callbacks, "BindIoCompletionCallback"),
    TEST_CASE(pool_waiting_for_network_events, "RegisterWaitForSingleObject"),
    TEST_CASE(pool_waiting_for_operations, "04 3: RegisterWaitForSingleObject"),
    TEST_CASE(pool_a_wait_that_times_out, "RegisterWaitForSingleObject"),
    TEST_END
};
TEST_MAIN("socket_thread_pool", cases, roles)
