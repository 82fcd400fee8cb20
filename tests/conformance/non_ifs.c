/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A provider without kernel handles: its SOCKETs come from
 * WPUCreateSocketHandle, and every call on them goes to its functions.
 *
 * Specification 05, sections 4 to 7.  The provider is
 * tests/support/handle_layer.c, which stands upon the base provider.
 */
#include "support/catalog.h"
#include "support/events.h"
#include "support/overlapped.h"
#include "support/ports.h"
#include "support/remote.h"

static WSADATA data;

static void begin(void)
{
    catalog_private();
    provider_install("handle_layer", 9, 0);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

static void end(void)
{
    CHECK_OK(WSACleanup());
}

/* WPUCreateSocketHandle's values are no kernel handles: only for those
   WPUCompleteOverlappedRequest gets as far as the OVERLAPPED. */
static int is_non_ifs(SOCKET s)
{
    WSAOVERLAPPED overlapped = { .Internal = WSS_OPERATION_IN_PROGRESS };
    int error = 0;
    if (WPUCompleteOverlappedRequest(s, &overlapped, 0, 7, &error)) {
        CHECK_EQ(error, WSAEINVAL);
        return 0;
    }
    CHECK_EQ(overlapped.Internal, 0);
    CHECK_EQ(overlapped.InternalHigh, 7);
    return 1;
}

static void calls_reach_the_provider(void)
{
    SOCKET client, server;
    char byte;
    begin();
    tcp_pair(&client, &server);
    CHECK(is_non_ifs(client));
    CHECK(is_non_ifs(server));
    SOCKET other = CHECK_SOCKET(socket(AF_INET6, SOCK_STREAM, 0));
    CHECK(!is_non_ifs(other)); /* the base provider's */
    close_socket(other);
    check_passes(client, server, "request");
    check_passes(server, client, "answer");
    CHECK_EQ(get_int_option(client, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    set_nonblocking(client, 1);
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAEWOULDBLOCK);
    CHECK_OK(shutdown(client, SD_SEND));
    check_end(server);
    close_socket(server);
    close_socket(client);
    CHECK_ERROR(closesocket(client), WSAENOTSOCK);
    CHECK_ERROR(send(client, "x", 1, 0), WSAENOTSOCK);
    end();
}

static void protocol_info_is_the_provider_s(void)
{
    WSAPROTOCOL_INFOW info;
    int length = sizeof(info);
    begin();
    SOCKET s = tcp_socket();
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info,
                        &length));
    CHECK_EQ(info.ProtocolChain.ChainLen, 2);
    CHECK(!(info.dwServiceFlags1 & XP1_IFS_HANDLES));
    close_socket(s);
    end();
}

static void waiting_for_them(void)
{
    SOCKET client, server;
    struct timeval now = { 0, 0 };
    fd_set read, write;
    begin();
    tcp_pair(&client, &server);
    send_all(client, "x", 1);
    CHECK(wait_readable(server, test_timeout(10000)));
    FD_ZERO(&read);
    FD_ZERO(&write);
    FD_SET(client, &read);
    FD_SET(server, &read);
    FD_SET(client, &write);
    CHECK_RESULT(select(0, &read, &write, NULL, &now), 2);
    CHECK(FD_ISSET(server, &read) && !FD_ISSET(client, &read));
    CHECK(FD_ISSET(client, &write));

    WSAPOLLFD polled[2] = { { client, POLLRDNORM, 0 },
                            { server, POLLRDNORM, 0 } };
    CHECK_RESULT(WSAPoll(polled, 2, 0), 1);
    CHECK_EQ(polled[0].revents, 0);
    CHECK_EQ(polled[1].revents, POLLRDNORM);
    close_socket(client);
    close_socket(server);
    polled[0].fd = server;
    CHECK_ERROR(WSAPoll(polled, 1, 0), WSAENOTSOCK);
    end();
}

static void mixed_sets(void)
{
    struct timeval now = { 0, 0 };
    fd_set set;
    begin();
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    SOCKET handle = tcp_socket();
    SOCKET kernel = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
    FD_ZERO(&set);
    FD_SET(kernel, &set);
    FD_SET(handle, &set);
    CHECK_ERROR(select(0, &set, NULL, NULL, &now), WSAEINVAL);
    FD_ZERO(&set);
    FD_SET(handle, &set);
    CHECK_ERROR(select(0, &set, &(fd_set){ 1, { kernel } }, NULL, &now),
                WSAEINVAL);
    close_socket(handle);
    close_socket(kernel);
    end();
}

/* WSAPoll has no such rule: each is asked for in its own way. */
static void mixed_polls(void)
{
    SOCKET client, server, kernel_client, kernel_server;
    struct sockaddr_in name;
    begin();
    WSAPROTOCOL_INFOW base = catalog_base_tcp();
    tcp_pair(&client, &server);
    SOCKET listener = tcp_listener(&name);
    kernel_client = CHECK_SOCKET(WSASocketW(-1, -1, -1, &base, 0, 0));
    CHECK(!is_non_ifs(kernel_client));
    CHECK_OK(connect(kernel_client, (struct sockaddr *)&name, sizeof(name)));
    kernel_server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK(is_non_ifs(kernel_server));
    WSAPOLLFD polled[3] = { { kernel_client, POLLRDNORM, 0 },
                            { server, POLLRDNORM, 0 },
                            { 0xdeadbeec, POLLRDNORM, 0 } };
    CHECK_RESULT(WSAPoll(polled, 2, 0), 0);
    send_all(kernel_server, "x", 1);
    CHECK_RESULT(WSAPoll(polled, 2, test_timeout(10000)), 1);
    CHECK_EQ(polled[0].revents, POLLRDNORM);
    CHECK_EQ(polled[1].revents, 0);
    send_all(client, "y", 1);
    CHECK(wait_readable(server, test_timeout(10000)));
    CHECK_RESULT(WSAPoll(polled, 2, 0), 2);
    CHECK_RESULT(WSAPoll(polled, 3, 0), 2); /* without what is none */
    CHECK_EQ(polled[2].revents, POLLNVAL);
    close_socket(client);
    close_socket(server);
    close_socket(kernel_client);
    close_socket(kernel_server);
    close_socket(listener);
    end();
}

static void overlapped_by_event(void)
{
    SOCKET client, server;
    struct call receive, send;
    DWORD count, flags;
    begin();
    tcp_pair(&client, &server);
    call_init(&receive, 16, 1);
    call_init(&send, 5, 1);
    CHECK_EQ(call_receive(&receive, server), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(!event_is_signalled(receive.overlapped.hEvent, 0));
    CHECK(!WSAGetOverlappedResult(server, &receive.overlapped, &count, FALSE,
                                  &flags));
    CHECK_EQ(WSAGetLastError(), WSA_IO_INCOMPLETE);
    memcpy(send.data, "hello", 5);
    CHECK_EQ(call_send(&send, client), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(WSAGetOverlappedResult(client, &send.overlapped, &count, TRUE,
                                 &flags));
    CHECK_EQ(count, 5);
    CHECK(WSAGetOverlappedResult(server, &receive.overlapped, &count, TRUE,
                                 &flags));
    CHECK_EQ(count, 5);
    CHECK_EQ(STATUS_OF(&receive.overlapped), 0);
    CHECK_MEMORY(receive.data, "hello", 5);
    call_done(&receive);
    call_done(&send);
    close_socket(client);
    close_socket(server);
    end();
}

/* The provider is given the calling thread, and its APC comes there. */
static void overlapped_by_routine(void)
{
    SOCKET client, server;
    struct call call;
    begin();
    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    CHECK_EQ(call_receive_with_routine(&call, server), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(!wait_alertably(TEST_QUIET_MS));
    send_all(client, "hello", 5);
    CHECK(wait_alertably(test_timeout(10000)));
    CHECK_EQ(call.n_routines, 1);
    CHECK_EQ(call.routine_error, 0);
    CHECK_EQ(call.routine_count, 5);
    CHECK_MEMORY(call.data, "hello", 5);
    call_done(&call);
    close_socket(client);
    close_socket(server);
    end();
}

static void receive_and_end(void *argument)
{
    struct call *call = argument;
    SOCKET s = (SOCKET)call->name_length; /* free for it */
    WSASetLastError(0);
    call_receive_with_routine(call, s);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
}

/* A thread that has ended runs no routine, and does no harm. */
static void routine_of_a_thread_that_ended(void)
{
    SOCKET client, server;
    static struct call call;
    begin();
    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call.name_length = (int)server;
    thread_join(thread_start(receive_and_end, &call));
    send_all(client, "hello", 5);
    int64_t end_of_wait = test_clock() + test_timeout(10000);
    while (STATUS_OF(&call.overlapped) == NT_PENDING) {
        CHECK(test_clock() < end_of_wait);
        wait_alertably(10);
    }
    CHECK(!wait_alertably(TEST_QUIET_MS));
    CHECK_EQ(call.n_routines, 0);
    call_done(&call);
    close_socket(client);
    close_socket(server);
    end();
}

static void overlapped_by_port(void)
{
    SOCKET client, server;
    struct call call;
    struct packet packet;
    begin();
    tcp_pair(&client, &server);
    uint64_t port = port_create();
    CHECK_EQ(port_associate(port, server, 4711), 0);
    CHECK(port_associate(port, server, 4712) != 0);
    call_init(&call, 16, 0);
    CHECK_EQ(call_receive(&call, server), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    send_all(client, "hello", 5);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 4711);
    CHECK(packet.overlapped == &call.overlapped);
    CHECK_EQ(packet.status, 0);
    CHECK_EQ(packet.bytes, 5);
    CHECK_MEMORY(call.data, "hello", 5);
    call_done(&call);

    /* With an event both are told, and with its low bit set the event alone. */
    call_init(&call, 16, 1);
    call_receive(&call, server);
    send_all(client, "again", 5);
    event_wait(call.overlapped.hEvent);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.bytes, 5);
    WSAEVENT event = call.overlapped.hEvent;
    call.overlapped.hEvent = (HANDLE)((ULONG_PTR)event | 1);
    call_receive(&call, server);
    CHECK(!event_is_signalled(event, 0));
    send_all(client, "third", 5);
    event_wait(event);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    call.overlapped.hEvent = event;
    call_done(&call);

    /* What pends when the SOCKET is closed is told, too. */
    call_init(&call, 16, 0);
    call_receive(&call, server);
    close_socket(server);
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK(packet.overlapped == &call.overlapped);
    CHECK_EQ(packet.status, NT_CANCELLED);
    CHECK_EQ(packet.bytes, 0);
    call_done(&call);
    close_socket(client);
    CHECK(port_associate(port, client, 1) != 0);
    port_close(port);
    end();
}

static void closing_ends_what_pends(void)
{
    SOCKET client, server;
    struct call call;
    begin();
    tcp_pair(&client, &server);
    call_init(&call, 16, 1);
    call_receive(&call, server);
    CHECK(!event_is_signalled(call.overlapped.hEvent, TEST_QUIET_MS));
    close_socket(server);
    event_wait(call.overlapped.hEvent);
    CHECK_EQ(STATUS_OF(&call.overlapped), NT_CANCELLED);
    CHECK_ERROR(closesocket(server), WSAENOTSOCK);
    call_done(&call);
    close_socket(client);
    end();
}

/* A handle that only this process knows: a child has none by this value. */
static void not_inherited(void)
{
    begin();
    SOCKET s = tcp_socket();
    struct peer *peer = peer_start_inheriting("try_value", NULL);
    int error = 0;
    peer_send(peer, &s, sizeof(s));
    peer_receive(peer, &error, sizeof(error));
    CHECK_EQ(error, WSAENOTSOCK);
    CHECK_EQ(peer_wait(peer), 0);
    close_socket(s);
    end();
}

static void try_value(struct peer *parent, int n_arguments, char **arguments)
{
    SOCKET s;
    (void)n_arguments, (void)arguments;
    peer_receive(parent, &s, sizeof(s));
    WSASetLastError(0);
    CHECK_EQ(listen(s, 1), SOCKET_ERROR);
    int error = WSAGetLastError();
    peer_send(parent, &error, sizeof(error));
}

static void events_of_them(void)
{
    SOCKET client, server;
    WSANETWORKEVENTS found;
    begin();
    tcp_pair(&client, &server);
    WSAEVENT event = event_create();
    CHECK_OK(WSAEventSelect(server, event, FD_READ | FD_CLOSE));
    CHECK(is_nonblocking(server));
    send_all(client, "x", 1);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(server, event, &found));
    CHECK_EQ(found.lNetworkEvents, FD_READ);
    CHECK(!event_is_signalled(event, 0));
    check_receives(server, "x");
    close_socket(client);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(server, event, &found));
    CHECK_EQ(found.lNetworkEvents, FD_CLOSE);
    close_socket(server);
    CHECK(WSACloseEvent(event));
    end();
}

static void messages_have_their_socket(void)
{
    SOCKET client, server;
    unsigned message;
    uint64_t wparam;
    int64_t lparam;
    begin();
    struct window *window = window_create();
    tcp_pair(&client, &server);
    CHECK_OK(WSAAsyncSelect(server, (HWND)(ULONG_PTR)window_handle(window),
                            WM_USER + 1, FD_READ));
    send_all(client, "x", 1);
    CHECK(window_next_message(window, test_timeout(10000), &message, &wparam,
                              &lparam));
    CHECK_EQ(message, WM_USER + 1);
    CHECK_EQ(wparam, server);
    CHECK_EQ(WSAGETSELECTEVENT(lparam), FD_READ);
    close_socket(client);
    close_socket(server);
    window_destroy(window);
    end();
}

/* The provider's own duplication: a token of its making in
   dwProviderReserved. */
static void duplicates_of_them(void)
{
    SOCKET client, server;
    WSAPROTOCOL_INFOW info;
    begin();
    tcp_pair(&client, &server);
    duplicate(client, test_process_id(), &info);
    CHECK(info.dwProviderReserved != 0);
    CHECK_EQ(info.ProtocolChain.ChainLen, 2);
    SOCKET second = open_duplicate(&info);
    CHECK(is_non_ifs(second));
    CHECK(second != client);
    CHECK_ERROR(WSASocketW(-1, -1, -1, &info, 0, 0), WSAEINVAL);
    set_int_option(second, SOL_SOCKET, SO_KEEPALIVE, 1);
    CHECK(get_int_option(client, SOL_SOCKET, SO_KEEPALIVE));

    struct peer *peer = remote_start();
    SOCKET there = remote_take(peer, client);
    close_socket(client);
    close_socket(second);
    check_quiet(server);
    remote_check_passes(peer, there, server, "from there");
    CHECK_OK(remote_close(peer, there));
    check_end(server);
    close_socket(server);
    remote_end(peer);
    end();
}

/* A process that uses many does not run out, and finds none twice. */
static void handles_are_many(void)
{
    enum { MANY = 300, ROUNDS = 5 };
    SOCKET sockets[MANY], last = INVALID_SOCKET;
    begin();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < MANY; i++) {
            sockets[i] = tcp_socket();
            for (int j = 0; j < i; j++) CHECK(sockets[j] != sockets[i]);
        }
        CHECK(sockets[0] != last); /* the oldest free one is taken */
        last = sockets[MANY - 1];
        for (int i = 0; i < MANY; i++) close_socket(sockets[i]);
    }
    end();
}

static void cleanup_ends_them(void)
{
    begin();
    SOCKET s = tcp_socket();
    CHECK_OK(WSACleanup());
    CHECK_ERROR(closesocket(s), WSANOTINITIALISED);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    close_socket(tcp_socket());
    end();
}

/* Without a warm-up the first wait makes what it keeps. */
#define BARE .flags = TEST_BARE, .waiting_threads = 1
/* The provider's threads wait, too. */
#define THREADS .flags = TEST_BARE, .waiting_threads = 4

static const struct test_case cases[] = {
    TEST_CASE_WITH(calls_reach_the_provider,
                   "05 5: every call goes to the provider's function", BARE),
    TEST_CASE_WITH(protocol_info_is_the_provider_s,
                   "05 5: the chain has no XP1_IFS_HANDLES", BARE),
    TEST_CASE_WITH(waiting_for_them,
                   "05 2, 3: select by WSPSelect, WSAPoll by base handles",
                   BARE),
    TEST_CASE_WITH(mixed_sets, "05 3: sets of several providers", BARE),
    TEST_CASE_WITH(mixed_polls, "05 3: WSAPoll of several providers", BARE),
    TEST_CASE_WITH(overlapped_by_event, "05 4: WPUCompleteOverlappedRequest",
                   THREADS),
    TEST_CASE_WITH(overlapped_by_routine,
                   "05 2: lpThreadId is the calling thread", THREADS),
    TEST_CASE_WITH(routine_of_a_thread_that_ended,
                   "05 4: WPUQueueApc of a thread that ended", THREADS),
    TEST_CASE_WITH(overlapped_by_port,
                   "05 4: WPUCompleteOverlappedRequest and completion ports",
                   THREADS),
    TEST_CASE_WITH(closing_ends_what_pends, "05 5: WSA_OPERATION_ABORTED",
                   THREADS),
    TEST_CASE_WITH(not_inherited, "05 5: no kernel handle, so not inherited",
                   BARE),
    TEST_CASE_WITH(events_of_them, "05 6: WSPEventSelect of the provider",
                   BARE),
    TEST_CASE_WITH(messages_have_their_socket,
                   "05 6: WSAAsyncSelect's message has the upper SOCKET",
                   .flags = TEST_BARE | TEST_WINDOWS, .waiting_threads = 1),
    TEST_CASE_WITH(duplicates_of_them,
                   "05 5, 7: a token of the provider's own", BARE),
    TEST_CASE_WITH(handles_are_many, "05 4: WPUCreateSocketHandle", BARE),
    TEST_CASE_WITH(cleanup_ends_them, "05 1: the last WSACleanup", BARE),
    TEST_END
};

static const struct test_role roles[] = { TEST_ROLE(try_value),
                                          TEST_ROLES_END };

TEST_MAIN("non_ifs", cases, roles)
