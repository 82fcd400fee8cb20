/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Winsock calls cost.  Plain Winsock: the same text is measured linked
 * with libws2_32.so, as an .exe on Wine's builtin ws2_32, and as an .exe on
 * ws2emu.  kernel.c has the same measurements with the kernel's own calls.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdlib.h>
#include <string.h>

#include "measure.h"

static void check(int good, const char *what)
{
    if (!good)
        bench_fail(what, WSAGetLastError());
}

/* --- Sockets ----------------------------------------------------------------- */

static struct sockaddr_in loopback(void)
{
    struct sockaddr_in name;

    memset(&name, 0, sizeof(name));
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
}

static SOCKET make_socket(int type)
{
    SOCKET s = socket(AF_INET, type, 0);

    check(s != INVALID_SOCKET, "socket");
    return s;
}

/* A socket bound to a free port of the loopback. */
static SOCKET make_bound(int type, struct sockaddr_in *ret_name)
{
    SOCKET s = make_socket(type);
    int length = sizeof(*ret_name);

    *ret_name = loopback();
    check(bind(s, (struct sockaddr *)ret_name, sizeof(*ret_name)) == 0,
          "bind");
    check(getsockname(s, (struct sockaddr *)ret_name, &length) == 0,
          "getsockname");
    return s;
}

static SOCKET make_listener(struct sockaddr_in *ret_name)
{
    SOCKET s = make_bound(SOCK_STREAM, ret_name);

    check(listen(s, 16) == 0, "listen");
    return s;
}

static SOCKET make_connected(const struct sockaddr_in *name)
{
    SOCKET s = make_socket(SOCK_STREAM);

    check(connect(s, (const struct sockaddr *)name, sizeof(*name)) == 0,
          "connect");
    return s;
}

/* A UDP socket that is its own peer. */
static SOCKET make_mirror(void)
{
    struct sockaddr_in name;
    SOCKET s = make_bound(SOCK_DGRAM, &name);

    check(connect(s, (struct sockaddr *)&name, sizeof(name)) == 0, "connect");
    return s;
}

static void set_option(SOCKET s, int level, int name, int value)
{
    check(setsockopt(s, level, name, (const char *)&value, sizeof(value)) == 0,
          "setsockopt");
}

/* Closes without leaving the port in TIME_WAIT. */
static void abort_connection(SOCKET s)
{
    struct linger at_once = {1, 0};

    check(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&at_once,
                     sizeof(at_once)) == 0, "SO_LINGER");
    check(closesocket(s) == 0, "closesocket");
}

/* --- A TCP connection, mostly with a thread at its other end ----------------- */

struct connection {
    SOCKET near_end, far_end;
    struct thread *peer; /* NULL: none */
};

static void echo(void *argument)
{
    struct connection *connection = argument;
    char buffer[SMALL_SIZE];
    int n;

    while ((n = recv(connection->far_end, buffer, sizeof(buffer), 0)) > 0)
        check(send(connection->far_end, buffer, n, 0) == n, "send");
}

static void drain(void *argument)
{
    struct connection *connection = argument;
    char *buffer = malloc(BULK_SIZE);

    while (recv(connection->far_end, buffer, BULK_SIZE, 0) > 0)
        ;
    free(buffer);
}

static struct connection *connection_open(void (*peer)(void *))
{
    struct connection *connection = malloc(sizeof(*connection));
    struct sockaddr_in name;
    SOCKET listener = make_listener(&name);

    connection->near_end = make_connected(&name);
    connection->far_end = accept(listener, NULL, NULL);
    check(connection->far_end != INVALID_SOCKET, "accept");
    check(closesocket(listener) == 0, "closesocket");
    connection->peer = NULL;
    if (peer) {
        threads_share_cpu(1);
        connection->peer = thread_start(peer, connection);
    }
    return connection;
}

static void connection_close(void *state)
{
    struct connection *connection = state;

    check(shutdown(connection->near_end, SD_SEND) == 0, "shutdown");
    if (connection->peer) {
        thread_join(connection->peer);
        threads_share_cpu(0);
    }
    closesocket(connection->far_end);
    closesocket(connection->near_end);
    free(connection);
}

static void *echo_open(void)
{
    struct connection *connection = connection_open(echo);

    set_option(connection->near_end, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(connection->far_end, IPPROTO_TCP, TCP_NODELAY, 1);
    return connection;
}

static void *drain_open(void)
{
    return connection_open(drain);
}

static void *lonely_open(void)
{
    return connection_open(NULL);
}

static void ping_pong(void *state, unsigned long count)
{
    struct connection *connection = state;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(connection->near_end, buffer, SMALL_SIZE, 0) == SMALL_SIZE,
              "send");
        check(recv(connection->near_end, buffer, SMALL_SIZE, 0) == SMALL_SIZE,
              "recv");
    }
}

/* Bursts, each of which is received by the same thread before the next: what
   the peer does meanwhile is no part of it. */
static void small_sends(void *state, unsigned long count)
{
    struct connection *connection = state;
    char buffer[SMALL_SIZE * SMALL_BURST] = {0};
    unsigned long n, i;
    int left, got;

    for (; count > 0; count -= n) {
        n = count < SMALL_BURST ? count : SMALL_BURST;
        for (i = 0; i < n; i++)
            check(send(connection->near_end, buffer, SMALL_SIZE, 0) ==
                      SMALL_SIZE, "send");
        for (left = (int)n * SMALL_SIZE; left > 0; left -= got) {
            got = recv(connection->far_end, buffer, left, 0);
            check(got > 0, "recv");
        }
    }
}

static void bulk_sends(void *state, unsigned long count)
{
    struct connection *connection = state;
    char *buffer = calloc(1, BULK_SIZE);

    while (count-- > 0)
        check(send(connection->near_end, buffer, BULK_SIZE, 0) == BULK_SIZE,
              "send");
    free(buffer);
}

/* --- One socket ---------------------------------------------------------------- */

struct single {
    SOCKET s;
    WSAEVENT event;
};

static void *mirror_open(void)
{
    struct single *single = malloc(sizeof(*single));

    single->s = make_mirror();
    single->event = WSA_INVALID_EVENT;
    return single;
}

static void *stream_open(void)
{
    struct single *single = malloc(sizeof(*single));

    single->s = make_socket(SOCK_STREAM);
    single->event = WSA_INVALID_EVENT;
    return single;
}

static void *registered_open(void)
{
    struct single *single = mirror_open();

    single->event = WSACreateEvent();
    check(WSAEventSelect(single->s, single->event, FD_READ) == 0,
          "WSAEventSelect");
    return single;
}

static void *event_open(void)
{
    struct single *single = mirror_open();

    single->event = WSACreateEvent();
    return single;
}

static void *listener_open(void)
{
    struct single *single = malloc(sizeof(*single));
    struct sockaddr_in name;

    single->s = make_listener(&name);
    single->event = WSA_INVALID_EVENT;
    return single;
}

static void single_close(void *state)
{
    struct single *single = state;

    check(closesocket(single->s) == 0, "closesocket");
    if (single->event != WSA_INVALID_EVENT)
        WSACloseEvent(single->event);
    free(single);
}

static void udp_to_itself(void *state, unsigned long count)
{
    struct single *single = state;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(single->s, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "send");
        check(recv(single->s, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "recv");
    }
}

static void get_option(void *state, unsigned long count)
{
    struct single *single = state;
    int value, length;

    while (count-- > 0) {
        length = sizeof(value);
        check(getsockopt(single->s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value,
                         &length) == 0, "getsockopt");
    }
}

static void duplicate(void *state, unsigned long count)
{
    struct single *single = state;
    DWORD id = (DWORD)bench_process_id();
    WSAPROTOCOL_INFOA info;
    SOCKET s;

    while (count-- > 0) {
        check(WSADuplicateSocketA(single->s, id, &info) == 0,
              "WSADuplicateSocket");
        s = WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                       FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
        check(s != INVALID_SOCKET, "WSASocket");
        check(closesocket(s) == 0, "closesocket");
    }
}

/* A datagram comes, the event says so, the record is read, the datagram is
   received. */
static void event_cycle(void *state, unsigned long count)
{
    struct single *single = state;
    WSANETWORKEVENTS events;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(single->s, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "send");
        check(WSAWaitForMultipleEvents(1, &single->event, FALSE, WSA_INFINITE,
                                       FALSE) == WSA_WAIT_EVENT_0,
              "WSAWaitForMultipleEvents");
        check(WSAEnumNetworkEvents(single->s, single->event, &events) == 0,
              "WSAEnumNetworkEvents");
        check(recv(single->s, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "recv");
    }
}

static void event_select(void *state, unsigned long count)
{
    struct single *single = state;

    while (count-- > 0) {
        check(WSAEventSelect(single->s, single->event, FD_READ) == 0,
              "WSAEventSelect");
        check(WSAEventSelect(single->s, NULL, 0) == 0, "WSAEventSelect");
    }
}

static void accept_cycle(void *state, unsigned long count)
{
    struct single *single = state;
    struct sockaddr_in name;
    int length = sizeof(name);
    SOCKET near_end, far_end;

    check(getsockname(single->s, (struct sockaddr *)&name, &length) == 0,
          "getsockname");
    while (count-- > 0) {
        near_end = make_connected(&name);
        far_end = accept(single->s, NULL, NULL);
        check(far_end != INVALID_SOCKET, "accept");
        abort_connection(near_end);
        check(closesocket(far_end) == 0, "closesocket");
    }
}

/* --- No socket, many sockets --------------------------------------------------- */

static void *nothing_open(void)
{
    return NULL;
}

static void nothing_close(void *state)
{
    (void)state;
}

static void socket_close(void *state, unsigned long count)
{
    (void)state;
    while (count-- > 0)
        check(closesocket(make_socket(SOCK_STREAM)) == 0, "closesocket");
}

static void *poll_open(void)
{
    WSAPOLLFD *entries = calloc(POLL_SOCKETS, sizeof(*entries));

    for (int i = 0; i < POLL_SOCKETS; i++) {
        entries[i].fd = make_mirror();
        entries[i].events = POLLRDNORM;
    }
    check(send(entries[POLL_SOCKETS / 2].fd, "", 1, 0) == 1, "send");
    return entries;
}

static void poll_many(void *state, unsigned long count)
{
    while (count-- > 0)
        check(WSAPoll(state, POLL_SOCKETS, -1) == 1, "WSAPoll");
}

static void poll_close(void *state)
{
    WSAPOLLFD *entries = state;

    for (int i = 0; i < POLL_SOCKETS; i++)
        closesocket(entries[i].fd);
    free(entries);
}

static const struct measurement measurements[] = {
    {"ping-pong", echo_open, ping_pong, connection_close},
    {"small-send", lonely_open, small_sends, connection_close},
    {"bulk-send", drain_open, bulk_sends, connection_close},
    {"udp-self", mirror_open, udp_to_itself, single_close},
    {"socket-close", nothing_open, socket_close, nothing_close},
    {"getsockopt", stream_open, get_option, single_close},
    {"poll-500", poll_open, poll_many, poll_close},
    {"duplicate", stream_open, duplicate, single_close},
    {"event-cycle", registered_open, event_cycle, single_close},
    {"event-select", event_open, event_select, single_close},
    {"accept-cycle", listener_open, accept_cycle, single_close},
    {NULL, NULL, NULL, NULL},
};

/* The tables as one. */
static const struct measurement *all_measurements(void)
{
    static struct measurement all[32];
    const struct measurement *entry;
    size_t n = 0;

    for (entry = measurements; entry->name; entry++)
        all[n++] = *entry;
    for (entry = registered_measurements; entry->name; entry++)
        all[n++] = *entry;
    for (entry = port_measurements; entry->name; entry++)
        all[n++] = *entry;
    return all;
}

int main(int argc, char **argv)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data), status;

    if (error)
        bench_fail("WSAStartup", error);
    status = measure_main(argc, argv, all_measurements());
    WSACleanup();
    return status;
}
