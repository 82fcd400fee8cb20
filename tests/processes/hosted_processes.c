/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces in other programs, when the server dies and when a
 * process forks.  Native only.
 */
#include "support/hosted.h"
#include "support/server.h"

static void begin(void)
{
    static WSADATA data;

    hosted_install();
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
}

/* How many results the name has; -1: the look-up cannot be begun. */
static int results_of(const char *name)
{
    WCHAR wide[WIDE_TEXT];
    WSAQUERYSETW set = {
        .dwSize = sizeof(set),
        .lpszServiceInstanceName = widen(name, wide),
        .dwNameSpace = NS_HOSTED,
    };
    union {
        char bytes[2048];
        WSAQUERYSETW set;
    } result;
    DWORD length = sizeof(result);
    HANDLE handle;
    int n = 0;

    if (WSALookupServiceBeginW(&set, LUP_RETURN_ALL, &handle)) {
        CHECK_EQ(WSAGetLastError(), WSASERVICE_NOT_FOUND);
        return -1;
    }
    while (!WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length, &result.set))
        n++;
    CHECK_OK(WSALookupServiceEnd(handle));
    return n;
}

/* Asks until the provider is found. */
static void client(struct peer *parent, int n_arguments, char **arguments)
{
    const int64_t end = test_clock() + test_timeout(10000);
    int n;

    (void)n_arguments, (void)arguments;
    do
        n = results_of("many");
    while (n < 0 && test_clock() < end);
    peer_send(parent, &n, sizeof(n));
}

static void the_server_dies(void)
{
    struct hosted_counts counts;
    struct peer *one, *another;
    int i, n;

    begin();
    one = host_start();
    CHECK_EQ(results_of("many"), 5);
    for (i = 0; i < 3; i++) {
        server_kill();
        CHECK_EQ(results_of("both"), 2); /* it has no part in this */
        another = peer_start("client", NULL);
        peer_receive(another, &n, sizeof(n));
        CHECK_EQ(n, 5);
        CHECK_EQ(peer_wait(another), 0);
    }
    CHECK_EQ(host_advertise(one, 0), WSAEINVAL);
    another = host_start_of(0, WSAEINVAL);
    host_end(another);
    CHECK_OK(WSACleanup());
    counts = HOST_WAIT(one, cleanups, 4);
    CHECK_EQ(counts.mistakes, 0);
    CHECK_EQ(counts.rundowns, 0);
    host_end(one);
}

/* The child hosts nothing, and has sessions of its own. */
static void in_child(struct peer *parent, void *argument)
{
    int n;

    (void)argument;
    CHECK_EQ(hosted_unadvertise(0), WSAEINVAL);
    CHECK_EQ(hosted_advertise(0), WSAEINVAL); /* its parent does */
    n = results_of("many");
    peer_send(parent, &n, sizeof(n));
    peer_receive(parent, &n, sizeof(n));
    CHECK_OK(WSACleanup());
}

static void a_host_forks(void)
{
    struct peer *child;
    int n;

    SKIP_IN_SANITIZERS();
    begin();
    CHECK_EQ(hosted_advertise(0), 0);
    CHECK_EQ(results_of("one"), 1);
    child = peer_fork(in_child, NULL);
    peer_receive(child, &n, sizeof(n));
    CHECK_EQ(n, 5);
    CHECK_EQ(results_of("both"), 2);
    CHECK_EQ(hosted_unadvertise(0), 0);
    /* Nothing of the child's keeps it. */
    CHECK_EQ(results_of("one"), -1);
    CHECK_EQ(hosted_advertise(0), 0);
    CHECK_EQ(results_of("one"), 1);
    peer_send(child, &n, sizeof(n));
    CHECK_EQ(peer_wait(child), 0);
    CHECK_OK(WSACleanup());
    CHECK_EQ(hosted_counts.mistakes, 0);
    CHECK_EQ(hosted_counts.startups,
             hosted_counts.cleanups + hosted_counts.rundowns);
}

/* Uses the session that its parent had, and dies. */
static void ask_and_die(struct peer *parent, void *argument)
{
    int n = results_of("many");

    (void)argument;
    peer_send(parent, &n, sizeof(n));
}

static void a_client_forks(void)
{
    struct hosted_counts counts;
    struct peer *one, *child;
    int n;

    SKIP_IN_SANITIZERS();
    begin();
    one = host_start();
    CHECK_EQ(results_of("one"), 1);
    child = peer_fork(ask_and_die, NULL);
    peer_receive(child, &n, sizeof(n));
    CHECK_EQ(n, 5);
    CHECK_EQ(peer_wait(child), 0);
    counts = HOST_WAIT(one, rundowns, 1);
    CHECK_EQ(counts.startups, 2);
    CHECK_EQ(results_of("both"), 2);
    CHECK_OK(WSACleanup());
    counts = HOST_WAIT(one, cleanups, 1);
    CHECK_EQ(counts.mistakes, 0);
    host_end(one);
}

#define BARE_CASE(function, statement)                                         \
    TEST_CASE_WITH(function, statement, .flags = TEST_BARE, .seconds = 60)

static const struct test_role roles[] = {
    TEST_ROLE(host),
    TEST_ROLE(client),
    TEST_ROLES_END
};

static const struct test_case cases[] = {
    BARE_CASE(the_server_dies, "a new server is told of the provider"),
    BARE_CASE(a_host_forks, "the child of a host"),
    BARE_CASE(a_client_forks, "the child of a client"),
    TEST_END
};

TEST_MAIN("hosted_processes", cases, roles)
