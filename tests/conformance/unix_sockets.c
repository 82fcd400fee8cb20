/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets of AF_UNIX, as "AF_UNIX comes to Windows" (Windows command line blog)
 * describes them and as Windows programs report them to be.
 */
#include "support/paths.h"

#include <stdlib.h>

/* --- Making --------------------------------------------------------------- */

static void the_catalog_has_an_entry(void)
{
    WSAPROTOCOL_INFOW info[64], own;
    DWORD size = sizeof(info);
    int count = WSAEnumProtocolsW(NULL, info, &size), i, found = -1;
    int length = sizeof(own);
    SOCKET s;

    for (i = 0; i < count; i++)
        if (info[i].iAddressFamily == AF_UNIX) {
            CHECK_EQ(found, -1);
            found = i;
        }
    CHECK(found >= 0);
    CHECK_EQ(info[found].iSocketType, SOCK_STREAM);
    CHECK_EQ(info[found].iProtocol, 0);
    CHECK_EQ(info[found].dwServiceFlags1, 0x20026);
    CHECK_EQ(info[found].dwProviderFlags, PFL_MATCHES_PROTOCOL_ZERO);
    CHECK_EQ(info[found].iMaxSockAddr, sizeof(struct sockaddr_un));
    CHECK(same_text(info[found].szProtocol, "AF_UNIX"));
    s = CHECK_SOCKET(WSASocketW(-1, -1, -1, &info[found], 0, 0));
    CHECK_OK(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&own,
                        &length));
    CHECK_EQ(own.iAddressFamily, AF_UNIX);
    CHECK_EQ(own.dwCatalogEntryId, info[found].dwCatalogEntryId);
    close_socket(s);
}

static void only_streams_can_be_made(void)
{
    close_socket(unix_socket());
    close_socket(CHECK_SOCKET(socket(AF_UNIX, 0, 0)));
    EXPECT_ERROR(socket(AF_UNIX, SOCK_DGRAM, 0), WSAEAFNOSUPPORT);
    EXPECT_ERROR(socket(AF_UNIX, SOCK_RAW, 0), WSAEAFNOSUPPORT);
    EXPECT_ERROR(socket(AF_UNIX, SOCK_SEQPACKET, 0), WSAESOCKTNOSUPPORT);
    EXPECT_ERROR(socket(AF_UNIX, SOCK_STREAM, IPPROTO_TCP),
                 WSAEPROTONOSUPPORT);
}

/* --- Data ----------------------------------------------------------------- */

static void data_passes_both_ways(void)
{
    SOCKET client, server;
    char *large = malloc(1 << 20);
    u_long waiting;

    unix_pair(&client, &server);
    check_passes(client, server, "there");
    check_passes(server, client, "and back");
    CHECK_RESULT(send(client, "peek", 4, 0), 4);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_OK(ioctlsocket(server, FIONREAD, &waiting));
    CHECK_EQ(waiting, 4);
    CHECK_RESULT(recv(server, large, 4, MSG_PEEK), 4);
    check_receives(server, "peek");
    CHECK_OK(shutdown(client, SD_SEND));
    CHECK_RESULT(recv(server, large, 4, 0), 0);
    check_passes(server, client, "half");
    CHECK_ERROR(send(client, "x", 1, 0), WSAESHUTDOWN);
    close_socket(client);
    close_socket(server);
    free(large);
}

/* --- Blocking ------------------------------------------------------------- */

static void a_nonblocking_connect_is_soon_over(void)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("soon", &name), s = unix_socket(), server;

    set_nonblocking(s, 1);
    CHECK_ERROR(unix_connect(s, &name), WSAEWOULDBLOCK);
    CHECK(wait_writable(s, test_timeout(5000)));
    CHECK_ERROR(unix_connect(s, &name), WSAEISCONN);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(server, s, "hello");
    set_nonblocking(listener, 1);
    CHECK_ERROR(accept(listener, NULL, NULL), WSAEWOULDBLOCK);
    CHECK_ERROR(recv(s, (char *)&name, 1, 0), WSAEWOULDBLOCK);
    close_socket(s);
    close_socket(server);
    close_socket(listener);
    path_forget("soon");
}

static void a_failed_connect_can_be_tried_again(void)
{
    struct sockaddr_un name, nobody = path_place("nobody");
    SOCKET listener = unix_listener("again", &name), s = unix_socket(), server;
    WSAEVENT event = event_create();
    WSANETWORKEVENTS events;
    fd_set e;

    CHECK_OK(WSAEventSelect(s, event, FD_CONNECT | FD_CLOSE));
    CHECK_ERROR(unix_connect(s, &nobody), WSAECONNREFUSED);
    CHECK_ERROR(unix_connect(s, &name), WSAEWOULDBLOCK);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(s, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_CONNECT);
    CHECK_EQ(events.iErrorCode[FD_CONNECT_BIT], 0);
    FD_ZERO(&e);
    FD_SET(s, &e);
    CHECK_EQ(select(0, NULL, NULL, &e, &(struct timeval){0, 0}), 0);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(server);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(s, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_CLOSE);
    close_socket(s);
    close_socket(listener);
    WSACloseEvent(event);
    path_forget("again");
}

static void connect_one(void *argument)
{
    SOCKET *s = argument;
    struct sockaddr_un name = path_place("full");

    CHECK_OK(unix_connect(*s, &name));
}

static void a_full_backlog_holds_a_blocking_connect(void)
{
    enum { MOST = 32 };
    struct sockaddr_un name = path_place("full");
    SOCKET listener = unix_socket(), clients[MOST], last = unix_socket();
    struct thread *thread;
    int n = 0, error = 0;

    CHECK_OK(unix_bind(listener, &name));
    CHECK_OK(listen(listener, 1));
    while (n < MOST && !error) {
        clients[n] = unix_socket();
        set_nonblocking(clients[n], 1);
        CHECK(unix_connect(clients[n], &name) == SOCKET_ERROR);
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            error = WSAGetLastError();
        n++;
    }
    CHECK_EQ(error, WSAECONNREFUSED);
    thread = thread_start(connect_one, &last);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(CHECK_SOCKET(accept(listener, NULL, NULL)));
    thread_join(thread);
    close_socket(last);
    while (n > 0)
        close_socket(clients[--n]);
    close_socket(listener);
    path_forget("full");
}

static void connect_in_vain(void *argument)
{
    SOCKET *s = argument;
    struct sockaddr_un name = path_place("full");

    CHECK(unix_connect(*s, &name) == SOCKET_ERROR);
}

static void closing_ends_a_held_connect(void)
{
    struct sockaddr_un name = path_place("full");
    SOCKET listener = unix_socket(), s[2] = {unix_socket(), unix_socket()};
    SOCKET last = unix_socket();
    struct thread *thread;

    CHECK_OK(unix_bind(listener, &name));
    CHECK_OK(listen(listener, 1));
    CHECK_OK(unix_connect(s[0], &name));
    CHECK_OK(unix_connect(s[1], &name));
    thread = thread_start(connect_in_vain, &last);
    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(last);
    thread_join(thread);
    close_socket(s[0]);
    close_socket(s[1]);
    close_socket(listener);
    path_forget("full");
}

/* --- Ends ----------------------------------------------------------------- */

static void the_end_is_seen(void)
{
    SOCKET client, server;
    char byte;

    unix_pair(&client, &server);
    CHECK_RESULT(send(client, "ab", 2, 0), 2);
    close_socket(client);
    check_receives(server, "ab");
    CHECK_RESULT(recv(server, &byte, 1, 0), 0);
    CHECK_RESULT(recv(server, &byte, 1, 0), 0);
    CHECK_ERROR(send(server, "x", 1, 0), WSAECONNRESET);
    close_socket(server);
}

static void closing_with_unread_data_resets(void)
{
    SOCKET client, server;
    char byte;

    unix_pair(&client, &server);
    CHECK_RESULT(send(client, "unread", 6, 0), 6);
    CHECK(wait_readable(server, test_timeout(5000)));
    close_socket(server);
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAECONNRESET);
    CHECK_ERROR(recv(client, &byte, 1, 0), WSAECONNRESET);
    close_socket(client);
}

static void there_is_no_urgent_data(void)
{
    SOCKET client, server;
    char byte;

    unix_pair(&client, &server);
    CHECK_ERROR(send(client, "x", 1, MSG_OOB), WSAEOPNOTSUPP);
    CHECK_ERROR(recv(server, &byte, 1, MSG_OOB), WSAEOPNOTSUPP);
    close_socket(client);
    close_socket(server);
}

/* --- Waiting -------------------------------------------------------------- */

static int poll_one(SOCKET s, int events, int ms)
{
    WSAPOLLFD fd = {s, (SHORT)events, 0};

    CHECK(WSAPoll(&fd, 1, ms) >= 0);
    return fd.revents;
}

static void states_show_when_waited_for(void)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("states", &name), client = unix_socket();
    SOCKET server;

    CHECK_EQ(poll_one(client, POLLIN | POLLOUT, 0), 0);
    CHECK(!wait_writable(client, 0));
    CHECK_EQ(poll_one(listener, POLLIN | POLLOUT, 0), 0);
    CHECK_OK(unix_connect(client, &name));
    CHECK_EQ(poll_one(listener, POLLIN, test_timeout(5000)), POLLRDNORM);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, 0), POLLWRNORM);
    CHECK(!wait_readable(server, 0));
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, 0), POLLRDNORM | POLLWRNORM);
    check_receives(server, "x");
    close_socket(client);
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, test_timeout(5000)),
             POLLHUP | POLLWRNORM);
    CHECK(wait_readable(server, 0));
    close_socket(server);
    close_socket(listener);
    path_forget("states");
}

static void check_event(SOCKET s, WSAEVENT event, long expected)
{
    WSANETWORKEVENTS events;

    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(s, event, &events));
    CHECK_EQ(events.lNetworkEvents, expected);
}

static void events_occur(void)
{
    const long all = FD_READ | FD_WRITE | FD_ACCEPT | FD_CONNECT | FD_CLOSE;
    WSAEVENT at_listener = event_create(), at_client = event_create();
    struct sockaddr_un name;
    SOCKET listener = unix_listener("events", &name), client = unix_socket();
    SOCKET server;

    CHECK_OK(WSAEventSelect(listener, at_listener, FD_ACCEPT));
    CHECK_OK(WSAEventSelect(client, at_client, all));
    CHECK(!event_is_signalled(at_client, 0));
    CHECK_ERROR(unix_connect(client, &name), WSAEWOULDBLOCK);
    check_event(client, at_client, FD_CONNECT | FD_WRITE);
    check_event(listener, at_listener, FD_ACCEPT);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_OK(WSAEventSelect(server, NULL, 0));
    CHECK_RESULT(send(server, "one", 3, 0), 3);
    check_event(client, at_client, FD_READ);
    check_receives(client, "one");
    CHECK_RESULT(send(server, "two", 3, 0), 3);
    check_event(client, at_client, FD_READ);
    check_receives(client, "two");
    close_socket(server);
    check_event(client, at_client, FD_CLOSE);
    close_socket(client);
    close_socket(listener);
    WSACloseEvent(at_client);
    WSACloseEvent(at_listener);
    path_forget("events");
}

/* --- Other processes ------------------------------------------------------ */

static void connect_there(struct peer *parent, int n_arguments,
                          char **arguments)
{
    struct sockaddr_un name;
    SOCKET s = unix_socket();
    char byte;

    (void)n_arguments;
    (void)arguments;
    peer_receive(parent, &name, sizeof(name));
    CHECK_OK(unix_connect(s, &name));
    CHECK_RESULT(recv(s, &byte, 1, 0), 0);
    close_socket(s);
}

static int peer_process(SOCKET s, ULONG *ret, DWORD size)
{
    DWORD count = 0;

    return WSAIoctl(s, SIO_AF_UNIX_GETPEERPID, NULL, 0, ret, size, &count, NULL,
                    NULL);
}

static void the_peer_s_process_is_known(void)
{
    struct peer *peer = peer_start("connect_there", NULL);
    SOCKET listener, server, client, tcp = tcp_socket();
    struct sockaddr_un name;
    ULONG id = 0;

    listener = unix_listener("who", &name);
    CHECK_ERROR(peer_process(listener, &id, sizeof(id)), WSAENOTCONN);
    CHECK_ERROR(peer_process(tcp, &id, sizeof(id)), WSAEOPNOTSUPP);
    peer_send(peer, &name, sizeof(name));
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_ERROR(peer_process(server, &id, sizeof(id) - 1), WSAEFAULT);
    CHECK_OK(peer_process(server, &id, sizeof(id)));
    CHECK_EQ(id, peer_pid(peer));
    close_socket(server);
    CHECK_EQ(peer_wait(peer), 0);
    client = unix_socket();
    CHECK_OK(unix_connect(client, &name));
    CHECK_OK(peer_process(client, &id, sizeof(id)));
    CHECK_EQ(id, test_process_id());
    close_socket(client);
    close_socket(listener);
    close_socket(tcp);
    path_forget("who");
}

/* --- Options, accept's condition ------------------------------------------ */

static int set_option(SOCKET s, int level, int name, int value)
{
    return setsockopt(s, level, name, (char *)&value, sizeof(value));
}

static void options_are_few(void)
{
    SOCKET s = unix_socket();

    EXPECT_ERROR(set_option(s, SOL_SOCKET, SO_REUSEADDR, 1), WSAEOPNOTSUPP);
    EXPECT_ERROR(set_option(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1),
                 WSAEOPNOTSUPP);
    EXPECT_ERROR(set_option(s, SOL_SOCKET, SO_KEEPALIVE, 1), WSAENOPROTOOPT);
    EXPECT_ERROR(set_option(s, SOL_SOCKET, SO_BROADCAST, 1), WSAENOPROTOOPT);
    EXPECT_ERROR(set_option(s, SOL_SOCKET, SO_OOBINLINE, 1), WSAENOPROTOOPT);
    EXPECT_ERROR(set_option(s, IPPROTO_TCP, TCP_NODELAY, 1), WSAEOPNOTSUPP);
    EXPECT_ERROR(set_option(s, IPPROTO_IP, IP_TTL, 1), WSAEOPNOTSUPP);
    EXPECT_ERROR(set_option(s, IPPROTO_IPV6, IPV6_V6ONLY, 1), WSAEOPNOTSUPP);
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 70);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), 70);
    set_int_option(s, SOL_SOCKET, SO_SNDBUF, 20000);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_SNDBUF), 20000);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    EXPECT_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), 0);
    set_linger(s, 3);
    close_socket(s);
}

static int CALLBACK judge(LPWSABUF caller, LPWSABUF data, LPQOS sqos,
                          LPQOS gqos, LPWSABUF callee, LPWSABUF callee_data,
                          GROUP *group, DWORD_PTR context)
{
    const struct sockaddr_un *name = (const void *)callee->buf;

    (void)data, (void)sqos, (void)gqos, (void)callee_data, (void)group;
    CHECK_EQ(caller->len, sizeof(*name));
    CHECK_EQ(callee->len, sizeof(*name));
    CHECK_EQ(name->sun_family, AF_UNIX);
    return (int)context;
}

static void a_condition_decides(void)
{
    struct sockaddr_un name;
    SOCKET listener = unix_listener("judge", &name), client = unix_socket();
    SOCKET server;
    char byte;

    CHECK_OK(unix_connect(client, &name));
    CHECK_ERROR(WSAAccept(listener, NULL, NULL, judge, CF_DEFER),
                WSATRY_AGAIN);
    server = CHECK_SOCKET(WSAAccept(listener, NULL, NULL, judge, CF_ACCEPT));
    check_passes(client, server, "in");
    close_socket(server);
    close_socket(client);
    client = unix_socket();
    CHECK_OK(unix_connect(client, &name));
    CHECK_ERROR(WSAAccept(listener, NULL, NULL, judge, CF_REJECT),
                WSAECONNREFUSED);
    CHECK(recv(client, &byte, 1, 0) <= 0);
    close_socket(client);
    close_socket(listener);
    path_forget("judge");
}

static const struct test_case cases[] = {
    TEST_CASE(the_catalog_has_an_entry, "AF_UNIX in the catalog"),
    TEST_CASE(only_streams_can_be_made, "SOCK_STREAM only; 03 2: order"),
    TEST_CASE(data_passes_both_ways, "send, recv, shutdown"),
    TEST_CASE(a_nonblocking_connect_is_soon_over, "03 5: non-blocking"),
    TEST_CASE(a_failed_connect_can_be_tried_again, "03 5: again"),
    TEST_CASE_WITH(a_full_backlog_holds_a_blocking_connect, "03 4: backlog",
                   .waiting_threads = 1),
    TEST_CASE_WITH(closing_ends_a_held_connect, "03 9: other threads",
                   .waiting_threads = 1),
    TEST_CASE(the_end_is_seen, "03 8: peer's close"),
    TEST_CASE(closing_with_unread_data_resets, "03 9: unread data"),
    TEST_CASE(there_is_no_urgent_data, "XP1_EXPEDITED_DATA is not set"),
    TEST_CASE(states_show_when_waited_for, "03 10, 11: select and WSAPoll"),
    TEST_CASE(events_occur, "02: WSAEventSelect"),
    TEST_CASE(the_peer_s_process_is_known, "SIO_AF_UNIX_GETPEERPID"),
    TEST_CASE(options_are_few, "03 13: options"),
    TEST_CASE(a_condition_decides, "03 6: condition function"),
    TEST_END
};
static const struct test_role roles[] = {
    TEST_ROLE(connect_there), TEST_ROLES_END
};
TEST_MAIN("unix_sockets", cases, roles)
