/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared sockets: descriptors of one socket in one or several processes. */
#include "support/remote.h"
#include "support/sockets.h"

static void duplicate_in_the_process(void)
{
    SOCKET client, server;
    tcp_pair(&client, &server);
    SOCKET second = duplicate_here(client);
    CHECK(second != client);
    check_passes(second, server, "through the second");
    check_passes(client, server, "through the first");
    close_socket(second);
    close_socket(client);
    close_socket(server);
}

static const struct test_case cases[] = {
    TEST_CASE(duplicate_in_the_process,
              "01 1: a second descriptor inside the same process"),
    TEST_END
};

TEST_MAIN("shared_sockets", cases, NULL)
