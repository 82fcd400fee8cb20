/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winsock's table of sharing addresses, whole, and its dual-stack facts. */
#include "core/binding.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/socket.h"
#include "fixture.h"
#include "util/fd.h"

#define OK 0
#define INUSE WS2_EADDRINUSE
#define ACCES WS2_EACCES

static struct binding_address address_of(const char *text, bool dual_stack)
{
    struct binding_address address;
    uint8_t bytes[28] = { 0 };
    uint16_t family = strchr(text, ':') ? WS2_AF_INET6 : WS2_AF_INET;

    memcpy(bytes, &family, sizeof family);
    bytes[2] = 80 >> 8, bytes[3] = 80;
    if (family == WS2_AF_INET)
        inet_pton(AF_INET, text, bytes + 4);
    else
        inet_pton(AF_INET6, text, bytes + 8);
    CU_ASSERT_EQUAL(binding_read_address(bytes,
                                         family == WS2_AF_INET ? 16 : 28,
                                         dual_stack, &address),
                    0);
    CU_ASSERT_EQUAL(address.port, 80);
    return address;
}

static int conflict(const char *first, enum binding_share first_share,
                    const char *second, enum binding_share second_share)
{
    /* "::" is dual-stack here unless it is written "::0". */
    struct binding_address a = address_of(first, strcmp(first, "::") == 0);
    struct binding_address b = address_of(second, strcmp(second, "::") == 0);

    return binding_conflict(&a, first_share, &b, second_share);
}

static void the_table_of_one_user(void)
{
    static const int expected[6][6] = {
        { INUSE, OK, ACCES, OK, INUSE, OK },
        { OK, INUSE, OK, ACCES, INUSE, INUSE },
        { INUSE, OK, OK, OK, INUSE, OK },
        { OK, INUSE, OK, OK, INUSE, INUSE },
        { INUSE, ACCES, ACCES, ACCES, INUSE, ACCES },
        { OK, INUSE, OK, ACCES, INUSE, INUSE },
    };
    static const char *const v4[] = { "0.0.0.0", "127.0.0.1" };
    static const char *const v6[] = { "::0", "::1" };
    int row, column;

    for (row = 0; row < 6; row++) {
        for (column = 0; column < 6; column++) {
            CU_ASSERT_EQUAL(conflict(v4[row % 2], row / 2, v4[column % 2],
                                     column / 2),
                            expected[row][column]);
            CU_ASSERT_EQUAL(conflict(v6[row % 2], row / 2, v6[column % 2],
                                     column / 2),
                            expected[row][column]);
        }
    }
}

static void different_addresses_never_conflict(void)
{
    CU_ASSERT_EQUAL(conflict("127.0.0.1", BINDING_EXCLUSIVE, "127.0.0.2",
                             BINDING_EXCLUSIVE),
                    OK);
    CU_ASSERT_EQUAL(conflict("::1", BINDING_EXCLUSIVE, "fe80::1",
                             BINDING_EXCLUSIVE),
                    OK);
}

static void dual_stack(void)
{
    const enum binding_share D = BINDING_DEFAULT, E = BINDING_EXCLUSIVE;

    CU_ASSERT_EQUAL(conflict("::", E, "127.0.0.1", D), ACCES);
    CU_ASSERT_EQUAL(conflict("::", E, "0.0.0.0", D), ACCES);
    CU_ASSERT_EQUAL(conflict("::", E, "0.0.0.0", E), ACCES);
    CU_ASSERT_EQUAL(conflict("::", D, "0.0.0.0", D), OK);
    CU_ASSERT_EQUAL(conflict("::", D, "0.0.0.0", E), OK);
    CU_ASSERT_EQUAL(conflict("127.0.0.1", D, "::", E), INUSE);
    CU_ASSERT_EQUAL(conflict("127.0.0.1", D, "::", D), OK);
    CU_ASSERT_EQUAL(conflict("::1", D, "0.0.0.0", E), OK);
    CU_ASSERT_EQUAL(conflict("::1", E, "127.0.0.1", E), OK);
    CU_ASSERT_EQUAL(conflict("::0", E, "0.0.0.0", E), OK);
    CU_ASSERT_EQUAL(conflict("::ffff:127.0.0.1", D, "127.0.0.1", D), INUSE);
    CU_ASSERT_EQUAL(conflict("::ffff:0.0.0.0", D, "0.0.0.0", D), INUSE);
    CU_ASSERT_EQUAL(conflict("127.0.0.1", D, "0.0.0.0", E), INUSE);
    CU_ASSERT_EQUAL(conflict("127.0.0.1", E, "0.0.0.0", D), OK);
}

static void bad_addresses(void)
{
    struct binding_address address;
    uint8_t bytes[28] = { WS2_AF_INET };

    CU_ASSERT_EQUAL(binding_read_address(bytes, 0, false, &address),
                    WS2_EFAULT);
    CU_ASSERT_EQUAL(binding_read_address(bytes, 1, false, &address),
                    WS2_EFAULT);
    CU_ASSERT_EQUAL(binding_read_address(bytes, 15, false, &address),
                    WS2_EFAULT);
    bytes[0] = WS2_AF_INET6;
    CU_ASSERT_EQUAL(binding_read_address(bytes, 27, false, &address),
                    WS2_EFAULT);
    bytes[0] = 99;
    CU_ASSERT_EQUAL(binding_read_address(bytes, 28, false, &address),
                    WS2_EAFNOSUPPORT);
}

/* --- By requests ---------------------------------------------------------- */

static int bind_request(struct test_client *client, const struct test_socket *s,
                        uint32_t step, uint16_t port)
{
    struct wire_bind_request request = {
        .header.code = WIRE_BIND,
        .slot = s->slot,
        .step = step,
        .address_length = 16,
        .address = { WS2_AF_INET, 0, (uint8_t)(port >> 8), (uint8_t)port, 127,
                     0, 0, 1 },
    };
    struct wire_bind_reply reply;

    return call(client, &request, NULL, 0, &reply, NULL);
}

static void an_address_lives_with_its_socket(void)
{
    struct test_client a, b;
    struct test_socket first, second, datagrams;

    fixture_start();
    a = client_start(1001), b = client_start(1002);
    first = socket_create(&a, AF_INET, SOCK_STREAM);
    second = socket_create(&b, AF_INET, SOCK_STREAM);
    datagrams = socket_create(&b, AF_INET, SOCK_DGRAM);
    CU_ASSERT_EQUAL(bind_request(&a, &first, WIRE_BIND_RESERVE, 80), 0);
    CU_ASSERT_EQUAL(bind_request(&a, &first, WIRE_BIND_RESERVE, 81),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_RESERVE, 80), INUSE);
    CU_ASSERT_EQUAL(bind_request(&b, &datagrams, WIRE_BIND_RESERVE, 80), 0);
    CU_ASSERT_EQUAL(set_property(&b, &second, WIRE_SET_REUSE, 1), 0);
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_RESERVE, 80), ACCES);
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_RESERVE, 0), 0);
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_RECORD, 4000), 0);
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_WITHDRAW, 4000), 0);
    CU_ASSERT_EQUAL(bind_request(&b, &second, 9, 4000), WS2_EINVAL);
    socket_release(&a, &first);
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_RESERVE, 80), 0);
    socket_release(&b, &second);
    socket_release(&b, &datagrams);
    CU_ASSERT_PTR_NULL(fixture_server.bindings.ports);
    client_hang_up(&a);
    client_hang_up(&b);
    fixture_stop();
}

static int ports_request(struct test_client *client,
                         const struct test_socket *s, uint32_t step,
                         uint64_t token, uint16_t first, uint16_t count,
                         struct wire_ports_reply *reply)
{
    struct wire_ports_request request = {
        .header.code = WIRE_PORTS,
        .slot = s->slot,
        .step = step,
        .token = token,
        .first = first,
        .count = count,
    };

    return call(client, &request, NULL, 0, reply, NULL);
}

static void ports_are_reserved(void)
{
    struct test_client a, b;
    struct test_socket owner, user, other;
    struct wire_ports_reply reply;
    uint64_t token;
    int fds;

    fixture_start();
    a = client_start(1001), b = client_start(1002);
    owner = socket_create(&a, AF_INET, SOCK_STREAM);
    user = socket_create(&a, AF_INET, SOCK_STREAM);
    other = socket_create(&b, AF_INET, SOCK_STREAM);
    fds = fixture_count_fds();
    CU_ASSERT_EQUAL(ports_request(&a, &owner, WIRE_PORTS_ACQUIRE, 0, 0, 2,
                                  &reply), 0);
    CU_ASSERT_EQUAL(fixture_count_fds(), fds + 2);
    token = reply.token;
    CU_ASSERT_EQUAL(bind_request(&b, &other, WIRE_BIND_RESERVE, reply.first),
                    ACCES);
    CU_ASSERT_EQUAL(ports_request(&b, &other, WIRE_PORTS_ACQUIRE, 0,
                                  reply.first, 1, &reply), INUSE);
    CU_ASSERT_EQUAL(ports_request(&b, &other, WIRE_PORTS_ASSOCIATE, token, 0,
                                  0, &reply), WS2_EINVAL);
    CU_ASSERT_EQUAL(ports_request(&b, &other, WIRE_PORTS_RENEW, token, 7, 1,
                                  &reply), WS2_EINVAL);
    CU_ASSERT_EQUAL(ports_request(&b, &other, WIRE_PORTS_RENEW, 5, 65535, 2,
                                  &reply), WS2_EINVAL);
    CU_ASSERT_EQUAL(ports_request(&a, &user, 9, token, 0, 0, &reply),
                    WS2_EINVAL);
    CU_ASSERT_EQUAL(ports_request(&a, &user, WIRE_PORTS_ASSOCIATE, token, 0, 0,
                                  &reply), 0);
    CU_ASSERT_EQUAL(bind_request(&a, &user, WIRE_BIND_RESERVE, 0), 0);
    CU_ASSERT_EQUAL(ports_request(&a, &user, WIRE_PORTS_RELEASE, token, 0, 0,
                                  &reply), 0);
    CU_ASSERT_EQUAL(fixture_count_fds(), fds);
    CU_ASSERT_EQUAL(ports_request(&a, &owner, WIRE_PORTS_ACQUIRE, 0, 0, 3,
                                  &reply), 0);
    CU_ASSERT_EQUAL(ports_request(&a, &owner, WIRE_PORTS_ACQUIRE, 0, 0, 65535,
                                  &reply), WS2_ENOBUFS);
    socket_release(&a, &owner); /* and what it owned */
    socket_release(&a, &user);
    socket_release(&b, &other);
    CU_ASSERT_EQUAL(fixture_server.n_reserved, 0);
    client_hang_up(&a);
    client_hang_up(&b);
    fixture_stop();
}

/* A connection is not its listener: a reservation, and a port that is not
   chosen yet, are none of its business. */
static void accept_hands_no_address_down(void)
{
    struct test_client a;
    struct test_socket listener, child;
    struct wire_ports_reply reply;
    const uint32_t *numbers, *flags;

    fixture_start();
    a = client_start(1001);
    listener = socket_create(&a, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(ports_request(&a, &listener, WIRE_PORTS_ACQUIRE, 0, 0, 1,
                                  &reply), 0);
    CU_ASSERT_EQUAL(ports_request(&a, &listener, WIRE_PORTS_ASSOCIATE,
                                  reply.token, 0, 0, &reply), 0);
    CU_ASSERT_EQUAL(set_property(&a, &listener, WIRE_SET_OPTION,
                                 (uint64_t)WIRE_OPTION_KEEPIDLE << 32 | 7), 0);
    child = socket_make(&a, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                        listener.slot);
    numbers = record_of(&child)->options.numbers;
    flags = record_of(&child)->options.flags;
    CU_ASSERT_EQUAL(numbers[WIRE_OPTION_KEEPIDLE], 7);
    CU_ASSERT_EQUAL(numbers[WIRE_OPTION_PORTS_LOW], 0);
    CU_ASSERT_EQUAL(numbers[WIRE_OPTION_PORTS_HIGH], 0);
    CU_ASSERT_EQUAL(flags[0], 0);
    CU_ASSERT_EQUAL(flags[1], 0);
    socket_release(&a, &listener);
    CU_ASSERT_EQUAL(fixture_server.n_reserved, 0);
    socket_release(&a, &child);
    client_hang_up(&a);
    fixture_stop();
}

static bool is_shared(const struct test_socket *s)
{
    return record_of(s)->flags & WIRE_RECORD_SHARED;
}

static void an_ended_process_does_not_hold_it(void)
{
    struct test_client a, b;
    struct test_socket first, second;
    const struct socket *held;

    fixture_start();
    a = client_start(1001), b = client_start(1002);
    first = socket_create(&a, AF_INET, SOCK_STREAM);
    second = socket_create(&b, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(bind_request(&a, &first, WIRE_BIND_RESERVE, 80), 0);
    held = socket_find(&fixture_server, first.cookie);
    CU_ASSERT_PTR_NOT_NULL_FATAL(held);
    CU_ASSERT_TRUE(socket_is_in_use(held));
    fd_close(&a.fd); /* which the server has not read yet */
    CU_ASSERT_FALSE(socket_is_in_use(held));
    CU_ASSERT_EQUAL(bind_request(&b, &second, WIRE_BIND_RESERVE, 80), 0);
    CU_ASSERT_FALSE(is_shared(&second));
    socket_release(&b, &second);
    fd_close(&first.fd);
    client_hang_up(&a);
    client_hang_up(&b);
    fixture_stop();
}

static void sharing_is_published_for_all_who_share(void)
{
    struct test_client client;
    struct test_socket first, second, third;

    fixture_start();
    client = client_start(1001);
    first = socket_create(&client, AF_INET, SOCK_STREAM);
    second = socket_create(&client, AF_INET, SOCK_STREAM);
    third = socket_create(&client, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(set_property(&client, &first, WIRE_SET_REUSE, 1), 0);
    CU_ASSERT_EQUAL(set_property(&client, &second, WIRE_SET_REUSE, 1), 0);
    CU_ASSERT_EQUAL(bind_request(&client, &first, WIRE_BIND_RESERVE, 80), 0);
    CU_ASSERT_EQUAL(bind_request(&client, &third, WIRE_BIND_RESERVE, 80),
                    INUSE);
    CU_ASSERT_FALSE(is_shared(&first));
    CU_ASSERT_EQUAL(bind_request(&client, &third, WIRE_BIND_RESERVE, 81), 0);
    CU_ASSERT_EQUAL(bind_request(&client, &second, WIRE_BIND_RESERVE, 80), 0);
    CU_ASSERT_TRUE(is_shared(&first));
    CU_ASSERT_TRUE(is_shared(&second));
    CU_ASSERT_FALSE(is_shared(&third));
    /* A refusal of the kernel leaves nothing to follow the socket. */
    CU_ASSERT_EQUAL(bind_request(&client, &second, WIRE_BIND_WITHDRAW, 80), 0);
    CU_ASSERT_FALSE(is_shared(&second));
    CU_ASSERT_EQUAL(bind_request(&client, &second, WIRE_BIND_RESERVE, 82), 0);
    CU_ASSERT_FALSE(is_shared(&second));
    socket_release(&client, &first);
    socket_release(&client, &second);
    socket_release(&client, &third);
    client_hang_up(&client);
    fixture_stop();
}

static void a_forks_leftover_does_not_hold_it(void)
{
    struct wire_fork_request request = { .header.code = WIRE_FORK };
    struct wire_fork_reply reply;
    struct test_client client;
    struct test_socket first, second;

    fixture_start();
    client = client_start(1001);
    first = socket_create(&client, AF_INET, SOCK_STREAM);
    second = socket_create(&client, AF_INET, SOCK_STREAM);
    CU_ASSERT_EQUAL(bind_request(&client, &first, WIRE_BIND_RESERVE, 80), 0);
    CU_ASSERT_EQUAL(call(&client, &request, NULL, 0, &reply, NULL), 0);
    CU_ASSERT_EQUAL(bind_request(&client, &second, WIRE_BIND_RESERVE, 80),
                    INUSE);
    socket_release(&client, &first);
    CU_ASSERT_EQUAL(bind_request(&client, &second, WIRE_BIND_RESERVE, 80), 0);
    fd_close(&second.fd);
    client_hang_up(&client);
    fixture_stop();
}

int main(void)
{
    CU_TestInfo tests[] = {
        { "the table of one user", the_table_of_one_user },
        { "different addresses never conflict",
          different_addresses_never_conflict },
        { "dual stack", dual_stack },
        { "bad addresses", bad_addresses },
        { "an address lives with its socket",
          an_address_lives_with_its_socket },
        { "ports are reserved", ports_are_reserved },
        { "accept hands no address down", accept_hands_no_address_down },
        { "an ended process does not hold it",
          an_ended_process_does_not_hold_it },
        { "sharing is published for all who share",
          sharing_is_published_for_all_who_share },
        { "a fork's leftover does not hold it",
          a_forks_leftover_does_not_hold_it },
        CU_TEST_INFO_NULL,
    };

    return test_main("binding", tests);
}
