/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* select and WSAPoll: the corners, and many sockets in one call. */
#include "support/sockets.h"

#include <time.h>

static const struct timeval at_once = {0, 0};

static int select_in(fd_set *r, fd_set *w, fd_set *e, int ms)
{
    struct timeval wait = {ms / 1000, ms % 1000 * 1000};

    return select(0, r, w, e, &wait);
}

static void set_of(fd_set *set, SOCKET s)
{
    FD_ZERO(set);
    FD_SET(s, set);
}

static int poll_one(SOCKET s, int events, int ms)
{
    WSAPOLLFD fd = {s, (SHORT)events, 0x55};

    CHECK(WSAPoll(&fd, 1, ms) >= 0);
    return fd.revents;
}

/* --- What shows where ----------------------------------------------------- */

static void a_failed_connect_is_an_exception(void)
{
    struct sockaddr_in name;
    SOCKET s = tcp_socket();
    fd_set r, w, e;
    int i;

    close_socket(tcp_listener(&name));
    set_nonblocking(s, 1);
    CHECK_ERROR(connect(s, (struct sockaddr *)&name, sizeof(name)),
                WSAEWOULDBLOCK);
    for (i = 0; i < 2; i++) { /* it stays */
        set_of(&r, s);
        set_of(&w, s);
        set_of(&e, s);
        CHECK_EQ(select_in(&r, &w, &e, test_timeout(10000)), 1);
        CHECK_EQ(r.fd_count + w.fd_count, 0);
        CHECK(FD_ISSET(s, &e));
    }
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_ERROR), WSAECONNREFUSED);
    set_of(&r, s);
    set_of(&w, s);
    CHECK_EQ(select(0, &r, &w, NULL, &at_once), 0);
    close_socket(s);
}

static void urgent_data_is_an_exception(void)
{
    SOCKET client, server;
    fd_set r, e;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "u", 1, MSG_OOB), 1);
    set_of(&r, server);
    set_of(&e, server);
    CHECK_EQ(select_in(&r, NULL, &e, test_timeout(5000)), 1);
    CHECK_EQ(r.fd_count, 0);
    CHECK_EQ(e.fd_count, 1);
    CHECK_EQ(poll_one(server, POLLIN, 0), POLLRDBAND);
    CHECK_EQ(poll_one(server, POLLRDNORM, 0), 0);
    set_int_option(server, SOL_SOCKET, SO_OOBINLINE, 1);
    set_of(&r, server);
    set_of(&e, server);
    CHECK_EQ(select_in(&r, NULL, &e, test_timeout(5000)), 1);
    CHECK_EQ(r.fd_count, 1);
    CHECK_EQ(e.fd_count, 0);
    CHECK_EQ(poll_one(server, POLLIN, 0), POLLRDNORM);
    close_socket(client);
    close_socket(server);
}

static void a_socket_may_be_in_several_sets(void)
{
    SOCKET client, server;
    fd_set r, w, e;

    tcp_pair(&client, &server);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK(wait_readable(server, test_timeout(5000)));
    set_of(&r, server);
    set_of(&w, server);
    set_of(&e, server);
    CHECK_EQ(select(0, &r, &w, &e, &at_once), 2);
    CHECK_EQ(r.fd_count, 1);
    CHECK_EQ(w.fd_count, 1);
    CHECK_EQ(e.fd_count, 0);
    close_socket(client);
    close_socket(server);
}

static void repetitions_count_once(void)
{
    SOCKET u = udp_socket(), v = udp_socket();
    fd_set w = {.fd_count = 5};

    w.fd_array[0] = w.fd_array[2] = w.fd_array[3] = u;
    w.fd_array[1] = w.fd_array[4] = v;
    CHECK_EQ(select(0, NULL, &w, NULL, &at_once), 2);
    CHECK_EQ(w.fd_count, 2);
    CHECK_EQ(w.fd_array[0], u);
    CHECK_EQ(w.fd_array[1], v);
    close_socket(u);
    close_socket(v);
}

static void one_set_may_be_passed_twice(void)
{
    SOCKET u = udp_socket();
    fd_set both;

    set_of(&both, u);
    CHECK_EQ(select(0, &both, &both, NULL, &at_once), 1);
    CHECK_EQ(both.fd_count, 1);
    close_socket(u);
}

static void the_order_stays(void)
{
    enum { COUNT = 10 };
    SOCKET s[COUNT];
    fd_set w;
    int i;

    FD_ZERO(&w);
    for (i = 0; i < COUNT; i++) {
        s[i] = i % 2 ? udp_socket() : tcp_socket();
        FD_SET(s[i], &w);
    }
    CHECK_EQ(select(0, NULL, &w, NULL, &at_once), COUNT / 2);
    for (i = 0; i < COUNT; i++) {
        if (i % 2)
            CHECK_EQ(w.fd_array[i / 2], s[i]);
        CHECK_EQ(!FD_ISSET(s[i], &w), i % 2 == 0);
    }
    for (i = 0; i < COUNT; i++)
        close_socket(s[i]);
}

/* --- Arguments ------------------------------------------------------------ */

static void bad_pointers_are_refused(void)
{
    SOCKET u = udp_socket();
    fd_set w;

    set_of(&w, u);
    EXPECT_ERROR(select(0, (fd_set *)8, NULL, NULL, &at_once), WSAEFAULT);
    EXPECT_ERROR(select(0, NULL, &w, (fd_set *)8, &at_once), WSAEFAULT);
    EXPECT_ERROR(select(0, NULL, &w, NULL, (struct timeval *)8), WSAEFAULT);
    CHECK_EQ(w.fd_count, 1);
    EXPECT_ERROR(WSAPoll((WSAPOLLFD *)8, 1, 0), WSAEFAULT);
    EXPECT_ERROR(WSAPoll(NULL, 1, 0), WSAEFAULT);
    close_socket(u);
}

static void counts_beyond_memory_are_refused(void)
{
    SOCKET u = udp_socket();
    fd_set w;

    set_of(&w, u);
    w.fd_count = 0x0fffffff;
    EXPECT(select(0, NULL, &w, NULL, &at_once) == SOCKET_ERROR);
    w.fd_count = 0xffffffff;
    EXPECT(select(0, NULL, &w, NULL, &at_once) == SOCKET_ERROR);
    close_socket(u);
}

static void a_negative_time_is_refused(void)
{
    struct timeval times[] = {{-1, 0}, {0, -1}};
    SOCKET u = udp_socket();
    fd_set w;
    int i;

    for (i = 0; i < 2; i++) {
        set_of(&w, u);
        EXPECT_ERROR(select(0, NULL, &w, NULL, &times[i]), WSAEINVAL);
        EXPECT_EQ(w.fd_count, 1);
    }
    close_socket(u);
}

static void what_is_no_socket_is_refused(void)
{
    static const SOCKET bad[] = {0, INVALID_SOCKET, 3, 0x7ffffffc};
    SOCKET u = udp_socket();
    fd_set w, e;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        set_of(&w, u);
        set_of(&e, bad[i]);
        EXPECT_ERROR(select(0, NULL, &w, &e, &at_once), WSAENOTSOCK);
        EXPECT_EQ(w.fd_count, 1);
        EXPECT_EQ(e.fd_count, 1);
    }
    close_socket(u);
}

static void FD_ISSET_looks_at_the_count(void)
{
    fd_set set = {.fd_count = 1, .fd_array = {8, 12}};

    CHECK(__WSAFDIsSet(8, &set));
    CHECK(!__WSAFDIsSet(12, &set));
    set.fd_count = 0;
    CHECK(!__WSAFDIsSet(8, &set));
}

static void poll_leaves_negative_ones_out(void)
{
    SOCKET u = udp_socket();
    WSAPOLLFD fds[] = {{(SOCKET)-1, 0x7fff, 0x55},
                       {u, POLLOUT, 0x55},
                       {(SOCKET)-5, POLLIN, 0x55}};

    CHECK_EQ(WSAPoll(fds, 3, 0), 1);
    CHECK_EQ(fds[0].revents, POLLNVAL);
    CHECK_EQ(fds[1].revents, POLLWRNORM);
    CHECK_EQ(fds[2].revents, POLLNVAL);
    CHECK_ERROR(WSAPoll(fds, 1, 0), WSAENOTSOCK);
    close_socket(u);
}

static void poll_takes_one_socket_twice(void)
{
    SOCKET u = udp_socket();
    WSAPOLLFD fds[] = {{u, POLLOUT, 0}, {u, POLLIN, 0x55}, {u, POLLOUT, 0}};

    CHECK_EQ(WSAPoll(fds, 3, 0), 2);
    CHECK_EQ(fds[0].revents, POLLWRNORM);
    CHECK_EQ(fds[1].revents, 0);
    CHECK_EQ(fds[2].revents, POLLWRNORM);
    close_socket(u);
}

/* --- While others act ----------------------------------------------------- */

struct waiting {
    SOCKET s;
    int except_only, result, error;
    unsigned count;
    SHORT revents;
};

static void wait_in_select(void *argument)
{
    struct waiting *waiting = argument;
    fd_set set;

    set_of(&set, waiting->s);
    waiting->result =
        select_in(waiting->except_only ? NULL : &set, NULL,
                  waiting->except_only ? &set : NULL, test_timeout(10000));
    waiting->error = WSAGetLastError();
    waiting->count = set.fd_count;
}

static void closing_ends_select(void)
{
    struct waiting waiting = {.s = udp_bound(NULL)};
    struct thread *thread = thread_start(wait_in_select, &waiting);

    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(waiting.s);
    thread_join(thread);
    CHECK_EQ(waiting.result, 1);
    CHECK_EQ(waiting.count, 1);
}

static void closing_ends_select_for_exceptions(void)
{
    struct waiting waiting = {.s = udp_bound(NULL), .except_only = 1};
    struct thread *thread = thread_start(wait_in_select, &waiting);

    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(waiting.s);
    thread_join(thread);
    CHECK_EQ(waiting.result, SOCKET_ERROR);
    CHECK_EQ(waiting.error, WSAENOTSOCK);
}

static void wait_in_poll(void *argument)
{
    struct waiting *waiting = argument;
    WSAPOLLFD fd = {waiting->s, POLLIN, 0};

    waiting->result = WSAPoll(&fd, 1, test_timeout(10000));
    waiting->revents = fd.revents;
}

static void closing_ends_poll(void)
{
    struct waiting waiting = {.s = udp_bound(NULL)};
    struct thread *thread = thread_start(wait_in_poll, &waiting);

    CHECK(!thread_ended(thread, TEST_QUIET_MS));
    close_socket(waiting.s);
    thread_join(thread);
    CHECK_EQ(waiting.result, 1);
    CHECK_EQ(waiting.revents, POLLNVAL);
}

static void data_ends_an_endless_wait(void)
{
    struct sockaddr_in name;
    SOCKET u = udp_bound(&name), sender = udp_socket();
    WSAPOLLFD fd = {u, POLLIN, 0};
    fd_set r;

    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 1);
    set_of(&r, u);
    CHECK_EQ(select(0, &r, NULL, NULL, NULL), 1);
    CHECK_EQ(WSAPoll(&fd, 1, -1), 1);
    CHECK_EQ(WSAPoll(&fd, 1, -7), 1);
    close_socket(u);
    close_socket(sender);
}

/* --- Many ----------------------------------------------------------------- */

enum { MANY = 4000 };

struct large_set {
    u_int fd_count;
    SOCKET fd_array[MANY];
};

static SOCKET many[MANY];
static struct large_set sets[3];
static WSAPOLLFD fds[MANY];

/* Microseconds of this process's work: others use the machine, too. */
static int64_t worked(void)
{
    return (int64_t)clock() * 1000000 / CLOCKS_PER_SEC;
}

/* The sets with the first n: all can be written to, the first one read. */
static int64_t time_select(int n)
{
    int64_t start;
    int i;

    for (i = 0; i < 3; i++) {
        sets[i].fd_count = (u_int)n;
        memcpy(sets[i].fd_array, many, (size_t)n * sizeof(*many));
    }
    start = worked();
    CHECK_EQ(select(0, (fd_set *)&sets[0], (fd_set *)&sets[1],
                    (fd_set *)&sets[2], &at_once),
             n + 1);
    start = worked() - start;
    CHECK_EQ(sets[0].fd_count, 1);
    CHECK_EQ(sets[0].fd_array[0], many[0]);
    CHECK_EQ(sets[1].fd_count, n);
    CHECK_EQ(sets[1].fd_array[n - 1], many[n - 1]);
    CHECK_EQ(sets[2].fd_count, 0);
    return start;
}

static int64_t time_poll(int n)
{
    int64_t start;
    int i;

    for (i = 0; i < n; i++)
        fds[i] = (WSAPOLLFD){many[i], POLLIN | POLLOUT, 0};
    start = worked();
    CHECK_EQ(WSAPoll(fds, (ULONG)n, 0), n);
    start = worked() - start;
    CHECK_EQ(fds[0].revents, POLLRDNORM | POLLWRNORM);
    CHECK_EQ(fds[n - 1].revents, POLLWRNORM);
    return start;
}

/* The shortest of a few, each of some calls. */
static int64_t shortest(int64_t (*measure)(int), int n)
{
    int64_t best = INT64_MAX, total;
    int round, call;

    for (round = 0; round < 3; round++) {
        for (total = call = 0; call < 8; call++)
            total += measure(n);
        if (total < best)
            best = total;
    }
    return best;
}

/* Eight times as many take about eight times as long, not sixty-four. */
static void check_growth(const char *what, int64_t (*measure)(int))
{
    int64_t few = shortest(measure, MANY / 8), all = shortest(measure, MANY);

    test_note("%s: %d us with %d sockets, %d us with %d", what, (int)few / 8,
              MANY / 8, (int)all / 8, MANY);
    CHECK(!TARGET_IS_OURS || all < 24 * few + 20000);
}

static void four_thousand_sockets_in_one_call(void)
{
    struct sockaddr_in name;
    int i, n = 1;

    many[0] = udp_bound(&name);
    CHECK_RESULT(sendto(many[0], "x", 1, 0, (struct sockaddr *)&name,
                        sizeof(name)),
                 1);
    while (n < MANY &&
           (many[n] = socket(AF_INET, SOCK_DGRAM, 0)) != INVALID_SOCKET)
        n++;
    if (n >= MANY) {
        CHECK(wait_readable(many[0], test_timeout(5000)));
        check_growth("select", time_select);
        check_growth("WSAPoll", time_poll);
    }
    for (i = 0; i < n; i++)
        close_socket(many[i]);
    if (n < MANY)
        SKIP("only %d sockets are allowed here", n);
}

/* Idle ones are waited for, each of them; one wakes. */
static void one_of_many_wakes(void)
{
    enum { COUNT = 500 };
    struct large_set r = {.fd_count = COUNT + 1};
    struct sockaddr_in name;
    SOCKET u = udp_bound(&name);
    int i;

    for (i = 0; i < COUNT; i++)
        r.fd_array[i] = many[i] = tcp_socket();
    r.fd_array[COUNT] = u;
    CHECK_EQ(select_in((fd_set *)&r, NULL, NULL, 20), 0);
    CHECK_EQ(r.fd_count, 0);
    CHECK_RESULT(sendto(u, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)),
                 1);
    memcpy(r.fd_array, many, COUNT * sizeof(*many));
    r.fd_array[COUNT] = u;
    r.fd_count = COUNT + 1;
    CHECK_EQ(select_in((fd_set *)&r, NULL, NULL, test_timeout(5000)), 1);
    CHECK_EQ(r.fd_array[0], u);
    for (i = 0; i < COUNT; i++)
        close_socket(many[i]);
    close_socket(u);
}

static const struct test_case cases[] = {
    TEST_CASE(a_failed_connect_is_an_exception, "03 10: except"),
    TEST_CASE(urgent_data_is_an_exception, "03 10, 11: OOB"),
    TEST_CASE(a_socket_may_be_in_several_sets, "03 10: total of the sets"),
    TEST_CASE(repetitions_count_once, "03 10: duplicates collapse"),
    TEST_CASE(one_set_may_be_passed_twice, "03 10: the same fd_set"),
    TEST_CASE(the_order_stays, "03 10: compacted in order"),
    TEST_CASE(bad_pointers_are_refused, "03 10, 11: EFAULT"),
    TEST_CASE(counts_beyond_memory_are_refused, "bad input"),
    TEST_CASE(a_negative_time_is_refused, "03 10: EINVAL"),
    TEST_CASE(what_is_no_socket_is_refused, "03 10: ENOTSOCK"),
    TEST_CASE(FD_ISSET_looks_at_the_count, "__WSAFDIsSet"),
    TEST_CASE(poll_leaves_negative_ones_out, "03 11: POLLNVAL"),
    TEST_CASE(poll_takes_one_socket_twice, "03 11: entries are apart"),
    TEST_CASE_WITH(closing_ends_select, "03 10: closed while waiting",
                   .waiting_threads = 1),
    TEST_CASE_WITH(closing_ends_select_for_exceptions,
                   "03 10: closed while waiting", .waiting_threads = 1),
    TEST_CASE_WITH(closing_ends_poll, "03 11: closed while waiting",
                   .waiting_threads = 1),
    TEST_CASE(data_ends_an_endless_wait, "03 10, 11: no time limit"),
    TEST_CASE_WITH(four_thousand_sockets_in_one_call, "03 10: larger sets",
                   .seconds = 60),
    TEST_CASE(one_of_many_wakes, "03 10: larger sets"),
    TEST_END
};
TEST_MAIN("select_edges", cases, NULL)
