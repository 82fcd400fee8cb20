/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* select and WSAPoll. */
#include "support/sockets.h"

#include <stdlib.h>

static struct timeval at_once(void)
{
    struct timeval zero = {0, 0};

    return zero;
}

/* What select finds for one socket now, after waiting for something: bits
   1 read, 2 write, 4 except. */
static int select_bits(SOCKET s, int ms)
{
    fd_set r, w, e;
    struct timeval wait = {ms / 1000, ms % 1000 * 1000};

    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&e);
    FD_SET(s, &r);
    FD_SET(s, &w);
    FD_SET(s, &e);
    CHECK(select(0, &r, &w, &e, &wait) >= 0);
    return (FD_ISSET(s, &r) ? 1 : 0) | (FD_ISSET(s, &w) ? 2 : 0) |
           (FD_ISSET(s, &e) ? 4 : 0);
}

static void states_show_in_the_sets(void)
{
    SOCKET s = tcp_socket(), u = udp_socket(), client, server, listener;
    struct sockaddr_in name;

    CHECK_EQ(select_bits(s, 0), 0); /* unconnected: never */
    CHECK_EQ(select_bits(u, 0), 2); /* datagrams: always */
    listener = tcp_listener(&name);
    CHECK_EQ(select_bits(listener, 0), 0);
    client = tcp_connect(&name);
    CHECK_EQ(select_bits(listener, test_timeout(5000)), 1);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_EQ(select_bits(server, 0), 2);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_EQ(select_bits(server, 0), 3);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    close_socket(s);
    close_socket(u);
}

static void a_reset_is_no_exception(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_linger(client, 0);
    close_socket(client);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_EQ(select_bits(server, 0), 3);
    close_socket(server);
}

static void empty_sets_are_refused(void)
{
    struct timeval zero = at_once();
    fd_set none;

    FD_ZERO(&none);
    CHECK_ERROR(select(0, NULL, NULL, NULL, &zero), WSAEINVAL);
    CHECK_ERROR(select(0, &none, &none, &none, &zero), WSAEINVAL);
}

static void a_bad_handle_leaves_the_sets(void)
{
    struct timeval zero = at_once();
    SOCKET u = udp_socket(), closed = udp_socket();
    fd_set w;

    close_socket(closed);
    FD_ZERO(&w);
    FD_SET(u, &w);
    FD_SET(closed, &w);
    CHECK_ERROR(select(0, NULL, &w, NULL, &zero), WSAENOTSOCK);
    CHECK_EQ(w.fd_count, 2);
    CHECK_EQ(w.fd_array[0], u);
    close_socket(u);
}

static void a_timeout_empties_the_sets(void)
{
    struct timeval wait = {0, 50000};
    SOCKET u = udp_bound(NULL);
    int64_t before = test_clock();
    fd_set r;

    FD_ZERO(&r);
    FD_SET(u, &r);
    CHECK_EQ(select(0, &r, NULL, NULL, &wait), 0);
    CHECK_EQ(r.fd_count, 0);
    CHECK(test_clock() - before >= 45);
    CHECK_EQ(wait.tv_usec, 50000);
    close_socket(u);
}

static void sets_may_be_larger_than_64(void)
{
    enum { COUNT = 200 };
    struct {
        u_int fd_count;
        SOCKET fd_array[COUNT];
    } set;
    struct timeval zero = at_once();
    SOCKET sockets[COUNT];
    int i;

    for (i = 0; i < COUNT; i++)
        set.fd_array[i] = sockets[i] = udp_socket();
    set.fd_count = COUNT;
    CHECK_EQ(select(0, NULL, (fd_set *)&set, NULL, &zero), COUNT);
    CHECK_EQ(set.fd_count, COUNT);
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(set.fd_array[i], sockets[i]);
        close_socket(sockets[i]);
    }
}

/* --- WSAPoll (03 11) ------------------------------------------------------ */

static int poll_one(SOCKET s, int events, int ms)
{
    WSAPOLLFD fd = {s, (SHORT)events, 0x55};

    CHECK(WSAPoll(&fd, 1, ms) >= 0);
    return fd.revents;
}

static void poll_checks_its_arguments(void)
{
    SOCKET u = udp_socket(), closed = udp_socket();
    WSAPOLLFD fds[2] = {{u, POLLERR, 0}, {INVALID_SOCKET, POLLIN, 0}};
    static const int bad[] = {1, 2, 4, 8, 0x20, 0x40, 0x80, 0x400, 0x800};
    size_t i;

    close_socket(closed);
    CHECK_ERROR(WSAPoll(NULL, 0, 0), WSAEINVAL);
    CHECK_ERROR(WSAPoll(NULL, 1, 0), WSAEFAULT);
    CHECK_ERROR(WSAPoll(fds, 0, 0), WSAEINVAL);
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fds[0].events = (SHORT)bad[i];
        EXPECT_ERROR(WSAPoll(fds, 1, 0), WSAEINVAL);
    }
    fds[0].events = POLLOUT;
    CHECK_EQ(WSAPoll(fds, 2, 0), 1);
    CHECK_EQ(fds[0].revents, POLLWRNORM);
    CHECK_EQ(fds[1].revents, POLLNVAL);
    fds[1].fd = closed;
    CHECK_EQ(WSAPoll(fds, 2, 0), 1);
    CHECK_EQ(fds[1].revents, POLLNVAL);
    CHECK_ERROR(WSAPoll(fds + 1, 1, 0), WSAENOTSOCK);
    close_socket(u);
}

static void poll_tells_the_states(void)
{
    struct sockaddr_in name;
    SOCKET s = tcp_socket(), u = udp_socket(), listener, client, server;

    CHECK_EQ(poll_one(s, POLLIN | POLLOUT, 0), 0);
    CHECK_EQ(poll_one(u, POLLIN | POLLOUT, 0), POLLWRNORM);
    listener = tcp_listener(&name);
    CHECK_EQ(poll_one(listener, POLLIN | POLLOUT, 0), 0);
    client = tcp_connect(&name);
    CHECK_EQ(poll_one(listener, POLLIN, test_timeout(5000)), POLLRDNORM);
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, 0), POLLWRNORM);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK_EQ(poll_one(server, POLLIN, test_timeout(5000)), POLLRDNORM);
    CHECK_OK(shutdown(client, SD_SEND));
    CHECK_EQ(poll_one(server, 0, test_timeout(5000)), POLLHUP);
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, 0),
             POLLHUP | POLLRDNORM | POLLWRNORM);
    receive_all(server, &name, 1);
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, 0), POLLHUP | POLLWRNORM);
    close_socket(client);
    close_socket(server);
    close_socket(listener);
    close_socket(s);
    close_socket(u);
}

static void poll_tells_a_reset(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_linger(client, 0);
    close_socket(client);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK_EQ(poll_one(server, POLLIN | POLLOUT, 0),
             POLLERR | POLLHUP | POLLWRNORM);
    close_socket(server);
}

static void poll_tells_a_failed_connect(void)
{
    struct sockaddr_in name;
    SOCKET s = tcp_socket();

    close_socket(tcp_listener(&name));
    set_nonblocking(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    CHECK_EQ(poll_one(s, POLLOUT, test_timeout(5000)),
             POLLWRNORM | POLLHUP | POLLERR);
    close_socket(s);
}

static void poll_times_out(void)
{
    SOCKET u = udp_bound(NULL);
    WSAPOLLFD fd = {u, POLLIN, 0x55};
    int64_t before = test_clock();

    CHECK_EQ(WSAPoll(&fd, 1, 50), 0);
    CHECK(test_clock() - before >= 45);
    CHECK_EQ(fd.revents, 0);
    close_socket(u);
}

static void poll_takes_many(void)
{
    enum { COUNT = 500 };
    WSAPOLLFD *fds = calloc(COUNT, sizeof(*fds));
    int i;

    CHECK(fds != NULL);
    for (i = 0; i < COUNT; i++) {
        fds[i].fd = udp_socket();
        fds[i].events = POLLOUT;
    }
    CHECK_EQ(WSAPoll(fds, COUNT, 0), COUNT);
    for (i = 0; i < COUNT; i++) {
        CHECK_EQ(fds[i].revents, POLLWRNORM);
        close_socket(fds[i].fd);
    }
    free(fds);
}

static const struct test_case cases[] = {
    TEST_CASE(states_show_in_the_sets, "03 10: read, write, except"),
    TEST_CASE(a_reset_is_no_exception, "03 10: RST"),
    TEST_CASE(empty_sets_are_refused, "03 10: EINVAL"),
    TEST_CASE(a_bad_handle_leaves_the_sets, "03 10: ENOTSOCK"),
    TEST_CASE(a_timeout_empties_the_sets, "03 10: timeout"),
    TEST_CASE(sets_may_be_larger_than_64, "03 10: larger sets"),
    TEST_CASE(poll_checks_its_arguments, "03 11: errors"),
    TEST_CASE(poll_tells_the_states, "03 11: table of conditions"),
    TEST_CASE(poll_tells_a_reset, "03 11: RST"),
    TEST_CASE(poll_tells_a_failed_connect, "03 11: connect failed"),
    TEST_CASE(poll_times_out, "03 11: timeout"),
    TEST_CASE(poll_takes_many, "03 11: many"),
    TEST_END
};
TEST_MAIN("select_poll", cases, NULL)
