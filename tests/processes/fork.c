/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fork without exec: the child is a holder of every descriptor that its parent
 * had, under the same SOCKET values, and both go on by themselves.  Native
 * only.
 */
#include "support/extensions.h"
#include "support/overlapped.h"
#include "support/registered.h"
#include "support/remote.h"
#include "support/sockets.h"

#include <stdlib.h>

/* The child does as it is told through remote.h; it has its parent's
   WSAStartup, which WSACleanup in the child takes back for the child alone. */
static void obey(struct peer *parent, void *argument)
{
    (void)argument;
    remote_serve(parent);
}

static void child_holds_the_descriptor(void)
{
    SOCKET client, server;
    char buffer[5];
    int found = 0, length = sizeof(found);
    u_long on = 1;
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    CHECK_OK(remote_close(child, server));
    check_passes(server, client, "not closed for the parent");

    remote_check_passes(child, client, server, "child");
    check_passes(client, server, "parent");
    set_int_option(client, SOL_SOCKET, SO_RCVTIMEO, 4321);
    CHECK_OK(remote_get_option(child, client, SOL_SOCKET, SO_RCVTIMEO, &found,
                               &length));
    CHECK_EQ(found, 4321);
    CHECK_OK(remote_ioctl(child, client, FIONBIO, &on));
    CHECK_ERROR(recv(client, buffer, 1, 0), WSAEWOULDBLOCK);

    close_socket(client);
    check_quiet(server);
    remote_check_passes(child, client, server, "alone");
    CHECK_OK(remote_close(child, client));
    check_end(server);
    close_socket(server);
    remote_end(child);
}

static void child_exit_releases(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    CHECK_OK(remote_close(child, server));
    close_socket(client);
    check_quiet(server);
    remote_exit(child);
    check_end(server);
    close_socket(server);
}

static void killed_child_releases(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    CHECK_OK(remote_close(child, server));
    remote_check_passes(child, client, server, "x");
    close_socket(client);
    check_quiet(server);
    peer_kill(child);
    check_end(server);
    close_socket(server);
}

static void grandchild(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    struct peer *second = peer_fork(obey, NULL);
    CHECK_OK(remote_close(child, server));
    CHECK_OK(remote_close(second, server));
    close_socket(client);
    remote_exit(child);
    check_quiet(server);
    remote_check_passes(second, client, server, "x");
    remote_exit(second);
    check_end(server);
    close_socket(server);
}

static void child_makes_sockets(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name);
    struct peer *child = peer_fork(obey, NULL);
    SOCKET s = CHECK_SOCKET(remote_socket(child, AF_INET, SOCK_STREAM, 0));
    CHECK_OK(remote_connect(child, s, &name));
    SOCKET accepted = CHECK_SOCKET(accept(listener, NULL, NULL));
    remote_check_passes(child, s, accepted, "new");
    CHECK_OK(remote_close(child, s));
    check_end(accepted);
    close_socket(accepted);
    close_socket(listener);
    remote_end(child);
}

static void cleanup_in_the_child(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    CHECK_OK(remote_cleanup(child));
    CHECK_RESULT(remote_send(child, client, "x", 1, 0), -1);
    check_passes(client, server, "parent");
    check_passes(server, client, "and back");
    close_socket(client);
    check_end(server);
    close_socket(server);
    remote_end(child);
}

static void tokens_know_parent_from_child(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    CHECK(peer_pid(child) != test_process_id());

    duplicate(client, test_process_id(), &info);
    CHECK_ERROR(remote_open(child, &info, WSA_FLAG_OVERLAPPED), WSAEINVAL);
    close_socket(open_duplicate(&info));

    duplicate(client, peer_pid(child), &info);
    CHECK_ERROR(WSASocketW(-1, -1, -1, &info, 0, WSA_FLAG_OVERLAPPED),
                WSAEINVAL);
    SOCKET there = CHECK_SOCKET(remote_open(child, &info, WSA_FLAG_OVERLAPPED));
    remote_check_passes(child, there, server, "x");

    CHECK_OK(remote_duplicate(child, client, test_process_id(), &info));
    SOCKET back = open_duplicate(&info);
    check_passes(back, server, "from the child");
    close_socket(back);
    close_socket(client);
    remote_end(child);
    check_end(server);
    close_socket(server);
}

static void registration_stays_the_parent_s(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    WSAEVENT event = WSACreateEvent();
    tcp_pair(&client, &server);
    CHECK_OK(WSAEventSelect(client, event, FD_READ));
    struct peer *child = peer_fork(obey, NULL);
    CHECK_OK(remote_close(child, client)); /* the child's descriptor only */
    remote_exit(child);
    send_all(server, "x", 1);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(client, event, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(event));
}

static void registration_by_the_child_overrides(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    WSAEVENT event = WSACreateEvent();
    tcp_pair(&client, &server);
    CHECK_OK(WSAEventSelect(client, event, FD_READ));
    struct peer *child = peer_fork(obey, NULL);
    WSAEVENT theirs = remote_event_create(child);
    CHECK_OK(remote_event_select(child, client, theirs, FD_READ));
    send_all(server, "x", 1);
    CHECK(remote_event_wait(child, theirs, test_timeout(10000)));
    CHECK_OK(remote_enum(child, client, theirs, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    CHECK(!event_is_signalled(event, TEST_QUIET_MS));
    remote_exit(child);
    close_socket(client);
    close_socket(server);
    CHECK(WSACloseEvent(event));
}

static void messages_after_the_fork(void)
{
    SOCKET client, server;
    unsigned message, network_event;
    int error;
    uint64_t wparam;
    int64_t lparam;
    SOCKET s;
    struct window *window = window_create();
    tcp_pair(&client, &server);
    struct peer *child = peer_fork(obey, NULL);
    /* Both have a notifier of their own: the parent's messages go on ... */
    CHECK_OK(WSAAsyncSelect(client, (HWND)(ULONG_PTR)window_handle(window),
                            WM_USER, FD_READ));
    send_all(server, "x", 1);
    CHECK(window_next_message(window, test_timeout(10000), &message, &wparam,
                              &lparam));
    CHECK_EQ(wparam, client);
    /* ... and the child gets its own. */
    CHECK_OK(remote_async_select(child, client, WM_USER + 1, FD_READ));
    CHECK(remote_next_message(child, test_timeout(10000), &message, &s,
                              &network_event, &error));
    CHECK_EQ(message, WM_USER + 1);
    CHECK_EQ(s, client);
    CHECK_EQ(network_event, FD_READ);
    CHECK(!window_next_message(window, TEST_QUIET_MS, &message, &wparam,
                               &lparam));
    remote_end(child);
    close_socket(client);
    close_socket(server);
    window_destroy(window);
}

/* The classic server: children accept on the listening socket that they have
   from their parent. */
enum { N_CHILDREN = 4, N_CONNECTIONS = 40 };

static void serve(struct peer *parent, void *argument)
{
    SOCKET listener = *(SOCKET *)argument;
    for (;;) {
        char order = 0;
        SOCKET s = CHECK_SOCKET(accept(listener, NULL, NULL));
        receive_all(s, &order, 1);
        if (order == 'n') send_all(s, "1", 1);
        close_socket(s);
        if (order == 'q') break;
    }
    peer_send(parent, "", 1);
}

static void order(const struct sockaddr_in *name, char c, int answers)
{
    char buffer[8];
    SOCKET s = tcp_connect(name);
    send_all(s, &c, 1);
    if (answers) receive_all(s, buffer, answers);
    check_end(s);
    close_socket(s);
}

static void children_accept(void)
{
    struct sockaddr_in name;
    struct peer *children[N_CHILDREN];
    char byte;
    SOCKET listener = tcp_listener(&name);
    for (int i = 0; i < N_CHILDREN; i++)
        children[i] = peer_fork(serve, &listener);
    for (int i = 0; i < N_CONNECTIONS; i++) order(&name, 'n', 1);
    for (int i = 0; i < N_CHILDREN; i++) order(&name, 'q', 0);
    for (int i = 0; i < N_CHILDREN; i++) {
        peer_receive(children[i], &byte, 1);
        CHECK_EQ(peer_wait(children[i]), 0);
    }
    close_socket(listener);
}

struct receive_case {
    SOCKET s;
    int n;
    char byte;
};

static void receive_in_thread(void *argument)
{
    struct receive_case *receive_case = argument;
    receive_case->n = recv(receive_case->s, &receive_case->byte, 1, 0);
}

/* A fork may happen at any moment of another thread's calls. */
static void fork_while_a_thread_waits(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    struct receive_case receive_case = { .s = client };
    struct thread *thread = thread_start(receive_in_thread, &receive_case);
    for (int i = 0; i < 10; i++) {
        struct peer *child = peer_fork(obey, NULL);
        SOCKET s = CHECK_SOCKET(remote_socket(child, AF_INET, SOCK_DGRAM, 0));
        CHECK_OK(remote_close(child, s));
        CHECK_OK(remote_close(child, client));
        remote_end(child);
    }
    CHECK(!thread_ended(thread, 0));
    send_all(server, "x", 1);
    thread_join(thread);
    CHECK_EQ(receive_case.n, 1);
    CHECK_EQ(receive_case.byte, 'x');
    close_socket(client);
    close_socket(server);
}

static int is_over;

static void make_sockets(void *argument)
{
    (void)argument;
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
        SOCKET s = udp_bound(NULL);
        close_socket(duplicate_here(s));
        close_socket(s);
    }
}

static void fork_while_threads_work(void)
{
    struct thread *threads[2];
    SKIP_IN_SANITIZERS();
    for (int i = 0; i < 2; i++) threads[i] = thread_start(make_sockets, NULL);
    for (int i = 0; i < 20; i++) {
        struct peer *child = peer_fork(obey, NULL);
        SOCKET s = CHECK_SOCKET(remote_socket(child, AF_INET, SOCK_STREAM, 0));
        close_socket(remote_give(child, s));
        CHECK_OK(remote_close(child, s));
        remote_end(child);
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < 2; i++) thread_join(threads[i]);
}

static void fork_before_startup(void)
{
    struct peer *child = peer_fork(obey, NULL);
    WSADATA data;
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_OK(remote_startup(child));
    SOCKET client, server;
    tcp_pair(&client, &server);
    SOCKET there = remote_take(child, client);
    remote_check_passes(child, there, server, "x");
    close_socket(client);
    remote_end(child);
    check_end(server);
    close_socket(server);
    CHECK_OK(WSACleanup());
}

/* --- What pends ----------------------------------------------------------- */

struct pending {
    SOCKET before, after, listener;
};

/* Nothing of the parent's pends here; what it took is free. */
static void without_the_parent_s_operations(struct peer *parent,
                                            void *argument)
{
    enum { MANY = 32 };
    const struct pending *pending = argument;
    SOCKET sockets[MANY];
    int i, between = 0;
    char byte;

    for (i = 0; i < MANY; i++) {
        sockets[i] = tcp_socket();
        between |= sockets[i] > pending->before && sockets[i] < pending->after;
    }
    CHECK_THAT(between, "the descriptor of the parent's operation is open");
    for (i = 0; i < MANY; i++)
        close_socket(sockets[i]);
    peer_receive(parent, &byte, 1);
}

/* A receive, a send, an AcceptEx that waits for data, and a call that waits for
   a change of the network, which needs a descriptor. */
static void operations_stay_the_parent_s(void)
{
    static char data[8 << 20];
    SOCKET client, server, full, drain, accepting = tcp_socket(), accepted;
    struct call receive, send_call, change, accept_call;
    struct pending pending;
    struct sockaddr_in name;
    WSABUF buffer = {sizeof(data), data};
    LPFN_ACCEPTEX accept_ex = extension((GUID)WSAID_ACCEPTEX);
    char addresses[96];
    struct peer *child;
    DWORD n;

    tcp_pair(&client, &server);
    tcp_pair(&full, &drain);
    pending.listener = tcp_listener(&name);
    call_init(&receive, 16, 1);
    call_init(&send_call, 16, 1);
    call_init(&change, 16, 1);
    call_init(&accept_call, 16, 1);
    call_pends(&receive, server);
    CHECK_ERROR(WSASend(full, &buffer, 1, &n, 0, &send_call.overlapped, NULL),
                WSA_IO_PENDING);
    CHECK(!accept_ex(pending.listener, accepting, addresses, 16, 32, 32, &n,
                       &accept_call.overlapped));
    CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
    accepted = tcp_connect(&name);
    CHECK(!event_is_signalled(accept_call.overlapped.hEvent, TEST_QUIET_MS));
    pending.before = tcp_socket();
    CHECK_ERROR(WSAIoctl(client, SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &n,
                         &change.overlapped, NULL), WSA_IO_PENDING);
    pending.after = tcp_socket();
    CHECK_THAT(pending.after > pending.before + 4,
               "nothing is between the two sockets");
    child = peer_fork(without_the_parent_s_operations, &pending);
    call_still_pends(&receive);
    send_all(client, "data", 4);
    call_receives(&receive, server, "data");
    send_all(accepted, "more", 4);
    event_wait(accept_call.overlapped.hEvent);
    CHECK_EQ(accept_call.overlapped.InternalHigh, 4);
    peer_send(child, "x", 1);
    CHECK_EQ(peer_wait(child), 0);
    close_socket(client);
    close_socket(server);
    close_socket(full);
    close_socket(drain);
    close_socket(accepting);
    close_socket(accepted);
    close_socket(pending.listener);
    close_socket(pending.before);
    close_socket(pending.after);
    call_done(&receive);
    call_done(&send_call);
    call_done(&change);
    call_done(&accept_call);
}

static int CALLBACK defer(LPWSABUF caller, LPWSABUF caller_data, LPQOS qos,
                          LPQOS group_qos, LPWSABUF callee,
                          LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)caller, (void)caller_data, (void)qos, (void)group_qos;
    (void)callee, (void)callee_data, (void)group, (void)data;
    return CF_DEFER;
}

/* Each connection is accepted once. */
static void deferred_connections_stay_the_parent_s(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;
    struct peer *child;

    CHECK_ERROR(WSAAccept(listener, NULL, NULL, defer, 0), WSATRY_AGAIN);
    set_nonblocking(listener, 1);
    child = peer_fork(obey, NULL);
    CHECK_ERROR(remote_accept(child, listener), WSAEWOULDBLOCK);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, server, "once");
    close_socket(server);
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(child);
}

/* --- Registered I/O ------------------------------------------------------- */

/* The parent's ids are none here; the socket may get a queue of the child's. */
static void registered_in_the_child(struct peer *parent, void *argument)
{
    struct rio_scene *scene = argument;
    RIO_BUF slice = rio_slice(scene, 0, 5);
    RIORESULT result;
    char byte;

    CHECK_EQ(rio.RIODequeueCompletion(scene->receives, &result, 1),
             (ULONG)RIO_CORRUPT_CQ);
    CHECK_REFUSED(rio.RIOSend(scene->queue, &slice, 1, 0, NULL), WSAEINVAL);
    CHECK_REFUSED(rio.RIOResizeRequestQueue(scene->queue, 1, 1), WSAEINVAL);
    scene->sends = rio.RIOCreateCompletionQueue(2, NULL);
    CHECK(scene->sends != RIO_INVALID_CQ);
    scene->queue = rio.RIOCreateRequestQueue(
        scene->s, 1, 1, 1, 1, scene->sends, scene->sends, SCENE_CONTEXT);
    CHECK(scene->queue != RIO_INVALID_RQ);
    CHECK_REFUSED(rio.RIOSend(scene->queue, &slice, 1, 0, NULL), WSAEFAULT);
    scene->buffer = rio.RIORegisterBuffer(scene->memory, SCENE_MEMORY);
    rio_sends(scene, 0, "child", 0, 1);
    rio_ends(scene->sends, 1, 0, 5);
    close_socket(scene->s);
    rio.RIOCloseCompletionQueue(scene->sends);
    peer_receive(parent, &byte, 1);
}

static void registered_io_stays_the_parent_s(void)
{
    struct rio_scene scene;
    struct peer *child;

    rio_scene_open(&scene, SOCK_STREAM, NULL);
    child = peer_fork(registered_in_the_child, &scene);
    rio_receives(&scene, 0, 8, 0, 1);
    check_receives(scene.peer, "child");
    peer_send(child, "x", 1);
    CHECK_EQ(peer_wait(child), 0);
    rio_is_empty(scene.receives, 0);
    send_all(scene.peer, "data", 4);
    rio_ends(scene.receives, 1, 0, 4);
    rio_sends(&scene, 0, "parent", 0, 2);
    rio_ends(scene.sends, 2, 0, 6);
    check_receives(scene.peer, "parent");
    rio_scene_close(&scene);
}

static const struct test_case cases[] = {
    TEST_CASE(child_holds_the_descriptor,
              "01 1: who can show the descriptor is a holder"),
    TEST_CASE(child_exit_releases, "01 6: process exit closes all"),
    TEST_CASE(killed_child_releases, "01 6: and so does a kill"),
    TEST_CASE(grandchild, "01 6: the last of three holders"),
    TEST_CASE(child_makes_sockets, "the child's Winsock works"),
    TEST_CASE(cleanup_in_the_child,
              "01 6: WSACleanup ends its own descriptors"),
    TEST_CASE(tokens_know_parent_from_child,
              "01 3: good in the named process only"),
    TEST_CASE(registration_stays_the_parent_s,
              "01 5: a close in the child does not cancel it"),
    TEST_CASE(registration_by_the_child_overrides,
              "01 5: one registration for each socket"),
    TEST_CASE_WITH(messages_after_the_fork,
                   "01 5: notifications reach the process that registered",
                   .flags = TEST_WINDOWS),
    TEST_CASE(children_accept, "01 8: a listening socket in several processes"),
    TEST_CASE(fork_while_a_thread_waits, "fork beside a blocked call"),
    TEST_CASE_WITH(fork_while_threads_work, "fork beside calls at work",
                   .seconds = 40),
    TEST_CASE(operations_stay_the_parent_s, "each process has its own"),
    TEST_CASE(deferred_connections_stay_the_parent_s,
              "03: a connection is accepted once"),
    TEST_CASE(registered_io_stays_the_parent_s, "each process has its own"),
    TEST_CASE_WITH(fork_before_startup, "each process starts by itself",
                   .flags = TEST_BARE),
    TEST_END
};

TEST_MAIN("fork", cases, NULL)
