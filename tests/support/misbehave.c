/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cases that misbehave, for tests/support/check-harness, which sees that the
 * harness catches each.  A case's statement is the outcome that it must have:
 * PASS, SKIP, or FAIL and a pattern (of grep) that its message has.
 */
#include "support/remote.h"
#include "support/sockets.h"

#include <stdlib.h>

static void passes(void)
{
    CHECK(1);
    CHECK_EQ(2, 2);
    close_socket(tcp_socket());
}

static void is_skipped(void)
{
    SKIP("for the test");
}

static void fails_a_check(void)
{
    CHECK_EQ(1 + 1, 3);
}

static void fails_an_expectation(void)
{
    EXPECT_EQ(1, 2);
    test_note("and goes on");
}

static void fails_with_another_error(void)
{
    CHECK_ERROR(closesocket(INVALID_SOCKET), WSAEINVAL);
}

static void crashes(void)
{
    /* Not by an invalid access: a sanitizer would make an exit of it. */
    abort();
}

static void hangs(void)
{
    SOCKET client, server;
    char byte;
    tcp_pair(&client, &server);
    recv(client, &byte, 1, 0);
}

static void leaks_a_socket(void)
{
    (void)tcp_socket();
}

static void leaks_a_peer(void)
{
    (void)remote_start();
}

static void dying_peer(struct peer *parent, int n_arguments, char **arguments)
{
    (void)parent;
    (void)n_arguments;
    (void)arguments;
    CHECK_EQ(3, 4);
}

static void has_a_peer_that_fails(void)
{
    char byte;
    struct peer *peer = peer_start("dying_peer", NULL);
    peer_receive(peer, &byte, 1);
}

static void waits_for_a_peer_that_fails(void)
{
    CHECK_EQ(peer_wait(peer_start("dying_peer", NULL)), 0);
}

static void brief_peer(struct peer *parent, int n_arguments, char **arguments)
{
    (void)parent, (void)n_arguments, (void)arguments;
}

/* Some of them before this process has opened its end of the channel. */
static void starts_peers_that_end_at_once(void)
{
    for (int i = 0; i < 20; i++)
        CHECK_EQ(peer_wait(peer_start("brief_peer", NULL)), 0);
}

static const struct test_case cases[] = {
    TEST_CASE(passes, "PASS"),
    TEST_CASE(is_skipped, "SKIP for the test"),
    TEST_CASE(fails_a_check, "FAIL 1 + 1 is 2 .*not 3"),
    TEST_CASE(fails_an_expectation, "FAIL 1 is 1 .*not 2"),
    TEST_CASE(fails_with_another_error, "FAIL with WSAENOTSOCK, not WSAEINVAL"),
    TEST_CASE(crashes, "FAIL killed by signal 6"),
    TEST_CASE_WITH(hangs, "FAIL still running at the deadline", .seconds = 2),
    TEST_CASE(leaks_a_socket, "FAIL descriptors before the case"),
    TEST_CASE(leaks_a_peer, "FAIL descriptors before the case"),
    TEST_CASE(has_a_peer_that_fails, "FAIL 3 is 3 .*not 4"),
    TEST_CASE(waits_for_a_peer_that_fails, "FAIL 3 is 3 .*not 4"),
    TEST_CASE(starts_peers_that_end_at_once, "PASS"),
    TEST_END
};

static const struct test_role roles[] = { TEST_ROLE(dying_peer),
                                          TEST_ROLE(brief_peer),
                                          TEST_ROLES_END };

TEST_MAIN("misbehave", cases, roles)
