/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The measurements of bench.c with the kernel's own calls: what Winsock on
 * this machine could cost at best.  Where Winsock has a call of its own, its
 * nearest kin stands: a descriptor goes through SCM_RIGHTS for the duplicate,
 * epoll for the event registration.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

static void check(int good, const char *what)
{
    if (!good)
        bench_fail(what, errno);
}

/* --- Sockets ----------------------------------------------------------------- */

static struct sockaddr_in loopback(void)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int make_socket(int type)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    check(fd >= 0, "socket");
    return fd;
}

static int make_bound(int type, struct sockaddr_in *ret_name)
{
    int fd = make_socket(type);
    socklen_t length = sizeof(*ret_name);

    *ret_name = loopback();
    check(bind(fd, (struct sockaddr *)ret_name, sizeof(*ret_name)) == 0,
          "bind");
    check(getsockname(fd, (struct sockaddr *)ret_name, &length) == 0,
          "getsockname");
    return fd;
}

static int make_listener(struct sockaddr_in *ret_name)
{
    int fd = make_bound(SOCK_STREAM, ret_name);

    check(listen(fd, 16) == 0, "listen");
    return fd;
}

static int make_connected(const struct sockaddr_in *name)
{
    int fd = make_socket(SOCK_STREAM);

    check(connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0,
          "connect");
    return fd;
}

static int make_mirror(void)
{
    struct sockaddr_in name;
    int fd = make_bound(SOCK_DGRAM, &name);

    check(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0, "connect");
    return fd;
}

static void set_option(int fd, int level, int name, int value)
{
    check(setsockopt(fd, level, name, &value, sizeof(value)) == 0,
          "setsockopt");
}

static void abort_connection(int fd)
{
    struct linger at_once = {1, 0};

    check(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
                     sizeof(at_once)) == 0, "SO_LINGER");
    close(fd);
}

/* --- A TCP connection, mostly with a thread at its other end ----------------- */

struct connection {
    int near_end, far_end;
    struct thread *peer; /* NULL: none */
};

static void echo(void *argument)
{
    struct connection *connection = argument;
    char buffer[SMALL_SIZE];
    ssize_t n;

    while ((n = recv(connection->far_end, buffer, sizeof(buffer), 0)) > 0)
        check(send(connection->far_end, buffer, (size_t)n, 0) == n, "send");
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
    int listener = make_listener(&name);

    connection->near_end = make_connected(&name);
    connection->far_end = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    check(connection->far_end >= 0, "accept");
    close(listener);
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

    check(shutdown(connection->near_end, SHUT_WR) == 0, "shutdown");
    if (connection->peer) {
        thread_join(connection->peer);
        threads_share_cpu(0);
    }
    close(connection->far_end);
    close(connection->near_end);
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

static void small_sends(void *state, unsigned long count)
{
    struct connection *connection = state;
    char buffer[SMALL_SIZE * SMALL_BURST] = {0};
    unsigned long n, i;
    size_t left;
    ssize_t got;

    for (; count > 0; count -= n) {
        n = count < SMALL_BURST ? count : SMALL_BURST;
        for (i = 0; i < n; i++)
            check(send(connection->near_end, buffer, SMALL_SIZE, 0) ==
                      SMALL_SIZE, "send");
        for (left = n * SMALL_SIZE; left > 0; left -= (size_t)got) {
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
    int fd;
    int epoll;   /* -1: none */
    int pair[2]; /* a channel to itself; -1: none */
};

static struct single *single_open(int fd)
{
    struct single *single = malloc(sizeof(*single));

    *single = (struct single){fd, -1, {-1, -1}};
    return single;
}

static void *mirror_open(void)
{
    return single_open(make_mirror());
}

static void *stream_open(void)
{
    return single_open(make_socket(SOCK_STREAM));
}

static void *duplicate_open(void)
{
    struct single *single = single_open(make_socket(SOCK_STREAM));

    check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
                     single->pair) == 0, "socketpair");
    return single;
}

static void *event_open(void)
{
    struct single *single = mirror_open();

    single->epoll = epoll_create1(EPOLL_CLOEXEC);
    check(single->epoll >= 0, "epoll_create1");
    return single;
}

static void *registered_open(void)
{
    struct single *single = event_open();
    struct epoll_event event = {.events = EPOLLIN};

    check(epoll_ctl(single->epoll, EPOLL_CTL_ADD, single->fd, &event) == 0,
          "epoll_ctl");
    return single;
}

static void *listener_open(void)
{
    struct sockaddr_in name;

    return single_open(make_listener(&name));
}

static void single_close(void *state)
{
    struct single *single = state;

    close(single->fd);
    if (single->epoll >= 0)
        close(single->epoll);
    for (int i = 0; i < 2; i++)
        if (single->pair[i] >= 0)
            close(single->pair[i]);
    free(single);
}

static void udp_to_itself(void *state, unsigned long count)
{
    struct single *single = state;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(single->fd, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "send");
        check(recv(single->fd, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "recv");
    }
}

static void get_option(void *state, unsigned long count)
{
    struct single *single = state;
    int value;
    socklen_t length;

    while (count-- > 0) {
        length = sizeof(value);
        check(getsockopt(single->fd, SOL_SOCKET, SO_KEEPALIVE, &value,
                         &length) == 0, "getsockopt");
    }
}

/* A message of one byte and one descriptor. */
struct parcel {
    char byte;
    struct iovec vector;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message;
};

static void parcel_init(struct parcel *parcel)
{
    memset(parcel, 0, sizeof(*parcel));
    parcel->vector = (struct iovec){&parcel->byte, 1};
    parcel->message.msg_iov = &parcel->vector;
    parcel->message.msg_iovlen = 1;
    parcel->message.msg_control = &parcel->control;
    parcel->message.msg_controllen = sizeof(parcel->control);
}

static void duplicate(void *state, unsigned long count)
{
    struct single *single = state;
    struct parcel parcel;
    int fd;

    while (count-- > 0) {
        parcel_init(&parcel);
        parcel.control.header = (struct cmsghdr){CMSG_LEN(sizeof(int)),
                                                 SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&parcel.control.header), &single->fd, sizeof(fd));
        check(sendmsg(single->pair[0], &parcel.message, 0) == 1, "sendmsg");
        parcel_init(&parcel);
        check(recvmsg(single->pair[1], &parcel.message,
                      MSG_CMSG_CLOEXEC) == 1, "recvmsg");
        memcpy(&fd, CMSG_DATA(&parcel.control.header), sizeof(fd));
        close(fd);
    }
}

static void event_cycle(void *state, unsigned long count)
{
    struct single *single = state;
    struct epoll_event event;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(single->fd, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "send");
        check(epoll_wait(single->epoll, &event, 1, -1) == 1, "epoll_wait");
        check(recv(single->fd, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "recv");
    }
}

static void event_select(void *state, unsigned long count)
{
    struct single *single = state;
    struct epoll_event event = {.events = EPOLLIN};

    while (count-- > 0) {
        check(epoll_ctl(single->epoll, EPOLL_CTL_ADD, single->fd,
                        &event) == 0, "epoll_ctl");
        check(epoll_ctl(single->epoll, EPOLL_CTL_DEL, single->fd,
                        NULL) == 0, "epoll_ctl");
    }
}

static void accept_cycle(void *state, unsigned long count)
{
    struct single *single = state;
    struct sockaddr_in name;
    socklen_t length = sizeof(name);
    int near_end, far_end;

    check(getsockname(single->fd, (struct sockaddr *)&name, &length) == 0,
          "getsockname");
    while (count-- > 0) {
        near_end = make_connected(&name);
        far_end = accept4(single->fd, NULL, NULL, SOCK_CLOEXEC);
        check(far_end >= 0, "accept");
        abort_connection(near_end);
        close(far_end);
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
        close(make_socket(SOCK_STREAM));
}

static void *poll_open(void)
{
    struct pollfd *entries = calloc(POLL_SOCKETS, sizeof(*entries));

    for (int i = 0; i < POLL_SOCKETS; i++)
        entries[i] = (struct pollfd){make_mirror(), POLLIN, 0};
    check(send(entries[POLL_SOCKETS / 2].fd, "", 1, 0) == 1, "send");
    return entries;
}

static void poll_many(void *state, unsigned long count)
{
    while (count-- > 0)
        check(poll(state, POLL_SOCKETS, -1) == 1, "poll");
}

static void poll_close(void *state)
{
    struct pollfd *entries = state;

    for (int i = 0; i < POLL_SOCKETS; i++)
        close(entries[i].fd);
    free(entries);
}

static const struct measurement measurements[] = {
    {"ping-pong", echo_open, ping_pong, connection_close},
    {"small-send", lonely_open, small_sends, connection_close},
    {"bulk-send", drain_open, bulk_sends, connection_close},
    {"udp-self", mirror_open, udp_to_itself, single_close},
    {"registered-self", mirror_open, udp_to_itself, single_close},
    {"socket-close", nothing_open, socket_close, nothing_close},
    {"getsockopt", stream_open, get_option, single_close},
    {"poll-500", poll_open, poll_many, poll_close},
    {"duplicate", duplicate_open, duplicate, single_close},
    {"event-cycle", registered_open, event_cycle, single_close},
    {"event-select", event_open, event_select, single_close},
    {"accept-cycle", listener_open, accept_cycle, single_close},
    {NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
    return measure_main(argc, argv, measurements);
}
