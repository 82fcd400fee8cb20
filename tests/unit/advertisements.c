/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Providers that clients host: ADVERTISE and CONTACT. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/limits.h"
#include "fixture.h"
#include "util/fd.h"
#include "wire/frame.h"

enum { P1 = 0x40000001, P2 = 0x40000002, P3 = 0x40000003 };

static int advertise(struct test_client *client, uint8_t which, int *ret_fd)
{
    struct wire_advertise_request request = { .header.code = WIRE_ADVERTISE };
    struct wire_advertise_reply reply;

    memset(request.provider, which, sizeof request.provider);
    return call(client, &request, NULL, 0, &reply, ret_fd);
}

static int contact(struct test_client *client, uint8_t which, int *ret_fd)
{
    struct wire_contact_request request = { .header.code = WIRE_CONTACT };
    struct wire_contact_reply reply;

    memset(request.provider, which, sizeof request.provider);
    return call(client, &request, NULL, 0, &reply, ret_fd);
}

/* The host's end of the next client's connection, or -1. */
static int arrival(int host, uint32_t *ret_process_id)
{
    struct wire_arrival next;
    int fds[WIRE_MAX_FDS];
    size_t n_fds;

    fd_set_nonblocking(host);
    if (frame_receive(host, &next, sizeof next, fds, &n_fds) != sizeof next)
        return -1;
    CU_ASSERT_EQUAL(n_fds, 1);
    *ret_process_id = next.process_id;
    return fds[0];
}

static void a_client_meets_a_host(void)
{
    struct test_client host, client;
    int end, theirs, ours;
    uint32_t process_id;
    char text[4] = "";

    fixture_start();
    host = client_start(P1);
    client = client_start(P2);
    CU_ASSERT_EQUAL(contact(&client, 1, &ours), WS2_SERVICE_NOT_FOUND);
    CU_ASSERT_EQUAL(advertise(&host, 1, &end), 0);
    CU_ASSERT_EQUAL(contact(&client, 2, &ours), WS2_SERVICE_NOT_FOUND);
    CU_ASSERT_EQUAL(contact(&client, 1, &ours), 0);
    theirs = arrival(end, &process_id);
    CU_ASSERT(theirs >= 0);
    CU_ASSERT_EQUAL(process_id, P2);
    CU_ASSERT_EQUAL(write(ours, "abc", 4), 4);
    CU_ASSERT_EQUAL(read(theirs, text, 4), 4);
    CU_ASSERT_STRING_EQUAL(text, "abc");
    /* The server has no part in it. */
    client_hang_up(&client);
    CU_ASSERT_EQUAL(write(theirs, "def", 4), 4);
    CU_ASSERT_EQUAL(read(ours, text, 4), 4);
    fd_close(&ours);
    fd_close(&theirs);
    fd_close(&end);
    client_hang_up(&host);
    fixture_stop();
}

static void one_host_at_a_time(void)
{
    struct test_client host, other;
    int end, second, ours;

    fixture_start();
    host = client_start(P1);
    other = client_start(P2);
    CU_ASSERT_EQUAL(advertise(&host, 1, &end), 0);
    CU_ASSERT_EQUAL(advertise(&host, 1, &second), WS2_EINVAL);
    CU_ASSERT_EQUAL(advertise(&other, 1, &second), WS2_EINVAL);
    CU_ASSERT_EQUAL(advertise(&other, 2, &second), 0);
    fd_close(&second);
    /* The server need not have noticed it. */
    fd_close(&end);
    CU_ASSERT_EQUAL(advertise(&other, 1, &end), 0);
    CU_ASSERT_EQUAL(fixture_server.n_clients, 2);
    /* A host that is a client no more. */
    client_hang_up(&other);
    fixture_settle();
    CU_ASSERT_EQUAL(contact(&host, 1, &ours), WS2_SERVICE_NOT_FOUND);
    CU_ASSERT(fixture_server.advertisements == NULL);
    fd_close(&end);
    client_hang_up(&host);
    fixture_stop();
}

static void hosts_are_limited(void)
{
    struct test_client host;
    int ends[LIMIT_ADVERTISEMENTS_PER_CLIENT], end;
    uint8_t i;

    fixture_start();
    host = client_start(P1);
    for (i = 0; i < LIMIT_ADVERTISEMENTS_PER_CLIENT; i++)
        CU_ASSERT_EQUAL(advertise(&host, i, &ends[i]), 0);
    CU_ASSERT_EQUAL(advertise(&host, 255, &end), WS2_EMFILE);
    fd_close(&ends[0]);
    fixture_settle();
    CU_ASSERT_EQUAL(advertise(&host, 255, &end), 0);
    for (i = 1; i < LIMIT_ADVERTISEMENTS_PER_CLIENT; i++)
        fd_close(&ends[i]);
    fd_close(&end);
    client_hang_up(&host);
    fixture_stop();
}

/* Clients of a host that does not take them are refused; the server goes on. */
static void a_host_that_does_not_listen(void)
{
    struct test_client host, client;
    int end, ours, error = 0, n = 0;
    uint32_t process_id;

    fixture_start();
    host = client_start(P1);
    client = client_start(P2);
    CU_ASSERT_EQUAL(advertise(&host, 1, &end), 0);
    while (!error && n < 100000) {
        error = contact(&client, 1, &ours);
        if (!error) {
            fd_close(&ours);
            n++;
        }
    }
    CU_ASSERT_EQUAL(error, WS2_TRY_AGAIN);
    while (n-- > 0) {
        ours = arrival(end, &process_id);
        CU_ASSERT(ours >= 0);
        fd_close(&ours);
    }
    CU_ASSERT_EQUAL(contact(&client, 1, &ours), 0);
    fd_close(&ours);
    /* What a host says ends it. */
    CU_ASSERT_EQUAL(write(end, "x", 1), 1);
    fixture_settle();
    CU_ASSERT_EQUAL(contact(&client, 1, &ours), WS2_SERVICE_NOT_FOUND);
    fd_close(&end);
    client_hang_up(&host);
    client_hang_up(&client);
    fixture_stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "a client meets a host", a_client_meets_a_host },
        { "one host at a time", one_host_at_a_time },
        { "hosts are limited", hosts_are_limited },
        { "a host that does not listen", a_host_that_does_not_listen },
        CU_TEST_INFO_NULL,
    };

    return test_main("advertisements", tests);
}
