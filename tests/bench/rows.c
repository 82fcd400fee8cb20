/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What socket calls cost.  Plain Winsock: the same text is measured linked with
 * libws2_32.so, as an .exe on Wine's builtin ws2_32, and as an .exe on ws2emu;
 * and once more with the kernel's own calls.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

/* --- Sockets -------------------------------------------------------------- */

static struct sockaddr_in loopback(void)
{
    struct sockaddr_in name;

    memset(&name, 0, sizeof(name));
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return name;
}

/* To a free port of the loopback. */
static struct sockaddr_in bind_socket(SOCKET s)
{
    struct sockaddr_in name = loopback();
    socklen_t length = sizeof(name);

    check(bind(s, (struct sockaddr *)&name, sizeof(name)) == 0, "bind");
    check(getsockname(s, (struct sockaddr *)&name, &length) == 0,
          "getsockname");
    return name;
}

SOCKET make_listener(struct sockaddr_in *ret_name)
{
    SOCKET s = make_socket(SOCK_STREAM);

    *ret_name = bind_socket(s);
    check(listen(s, 16) == 0, "listen");
    return s;
}

SOCKET make_connected(const struct sockaddr_in *name)
{
    SOCKET s = make_socket(SOCK_STREAM);

    check(connect(s, (const struct sockaddr *)name, sizeof(*name)) == 0,
          "connect");
    return s;
}

SOCKET mirror(SOCKET s)
{
    struct sockaddr_in name = bind_socket(s);

    check(connect(s, (struct sockaddr *)&name, sizeof(name)) == 0, "connect");
    return s;
}

SOCKET make_mirror(void)
{
    return mirror(make_socket(SOCK_DGRAM));
}

static void set_option(SOCKET s, int level, int name, int value)
{
    check(setsockopt(s, level, name, (const char *)&value, sizeof(value)) == 0,
          "setsockopt");
}

void abort_connection(SOCKET s)
{
    struct linger at_once = {1, 0};

    check(setsockopt(s, SOL_SOCKET, SO_LINGER, (const char *)&at_once,
                     sizeof(at_once)) == 0, "SO_LINGER");
    check(closesocket(s) == 0, "closesocket");
}

/* --- A TCP connection, mostly with a thread at its other end -------------- */

struct connection {
    SOCKET near_end, far_end;
    struct thread *peer; /* NULL: none */
};

static void echo(void *argument)
{
    struct connection *connection = argument;
    char buffer[SMALL_SIZE];
    int n;

    while ((n = (int)recv(connection->far_end, buffer, sizeof(buffer), 0)) > 0)
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
    connection->far_end = accept_socket(listener);
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
            got = (int)recv(connection->far_end, buffer, left, 0);
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

/* --- One socket ----------------------------------------------------------- */

struct single {
    SOCKET s;
};

static void *single_open(SOCKET s)
{
    struct single *single = malloc(sizeof(*single));

    single->s = s;
    return single;
}

void *mirror_open(void)
{
    return single_open(make_mirror());
}

static void *stream_open(void)
{
    return single_open(make_socket(SOCK_STREAM));
}

static void *listener_open(void)
{
    struct sockaddr_in name;

    return single_open(make_listener(&name));
}

void single_close(void *state)
{
    struct single *single = state;

    check(closesocket(single->s) == 0, "closesocket");
    free(single);
}

void udp_to_itself(void *state, unsigned long count)
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
    int value;
    socklen_t length;

    while (count-- > 0) {
        length = sizeof(value);
        check(getsockopt(single->s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value,
                         &length) == 0, "getsockopt");
    }
}

static void accept_cycle(void *state, unsigned long count)
{
    struct single *single = state;
    struct sockaddr_in name;
    socklen_t length = sizeof(name);
    SOCKET near_end, far_end;

    check(getsockname(single->s, (struct sockaddr *)&name, &length) == 0,
          "getsockname");
    while (count-- > 0) {
        near_end = make_connected(&name);
        far_end = accept_socket(single->s);
        abort_connection(near_end);
        check(closesocket(far_end) == 0, "closesocket");
    }
}

/* --- No socket, many sockets ---------------------------------------------- */

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
    {"registered-self", registered_open, registered_run, registered_close},
    {"socket-close", nothing_open, socket_close, nothing_close},
    {"getsockopt", stream_open, get_option, single_close},
    {"poll-500", poll_open, poll_many, poll_close},
    {"duplicate", duplicate_open, duplicate_run, duplicate_close},
    {"event-cycle", event_cycle_open, event_cycle_run, event_close},
    {"event-select", event_select_open, event_select_run, event_close},
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
    for (entry = port_measurements; entry->name; entry++)
        all[n++] = *entry;
    return all;
}

int main(int argc, char **argv)
{
    int status;

    calls_begin();
    status = measure_main(argc, argv, all_measurements());
    calls_end();
    return status;
}
