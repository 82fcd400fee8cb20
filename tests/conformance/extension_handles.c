/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs that AcceptEx has filled, or DisconnectEx has made new, as handles:
 * what a child process inherits and what DuplicateHandle copies is the
 * connection, or the new socket.
 *
 * Specification 01, sections 6 and 7.
 */
#include "support/extensions.h"
#include "support/remote.h"

#include <stdlib.h>

#define BLOCK (sizeof(struct sockaddr_in) + 16)

static LPFN_ACCEPTEX accept_ex;

static SOCKET begin(struct sockaddr_in *name)
{
    accept_ex = (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    return tcp_listener(name);
}

/* Fills the socket with a connection; its other end. */
static SOCKET fill(SOCKET s, SOCKET listener, const struct sockaddr_in *name)
{
    OVERLAPPED overlapped;
    char buffer[2 * BLOCK];
    DWORD received;
    SOCKET client;

    overlapped_init(&overlapped);
    CHECK_PENDS(accept_ex(listener, s, buffer, 0, BLOCK, BLOCK, &received,
                          &overlapped));
    client = tcp_connect(name);
    CHECK_EQ(overlapped_bytes(listener, &overlapped), 0);
    CHECK_OK(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                        (char *)&listener, sizeof(listener)));
    overlapped_free(&overlapped);
    return client;
}

/* --- Inheritance ------------------------------------------------------------------------ */

static void a_child_inherits_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *child;

    client = fill(s, listener, &name);
    child = remote_start_inheriting();
    CHECK_OK(remote_close(child, client)); /* it has the other end, too */
    remote_check_passes(child, s, client, "child");
    check_passes(s, client, "parent");
    set_int_option(s, SOL_SOCKET, SO_RCVTIMEO, 4321); /* one object */
    CHECK_OK(remote_set_option(child, s, SOL_SOCKET, SO_SNDTIMEO,
                               &(int){1234}, sizeof(int)));
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_SNDTIMEO), 1234);
    close_socket(s);
    check_quiet(client);
    remote_check_passes(child, s, client, "alone");
    CHECK_OK(remote_close(child, s));
    check_end(client);
    close_socket(client);
    close_socket(listener);
    remote_end(child);
}

/* The parent may be gone before the child looks at the handle, and the child
   need not look at it at all. */
static void the_child_s_end_is_the_connection_s(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *child;

    client = fill(s, listener, &name);
    set_int_option(client, SOL_SOCKET, SO_RCVTIMEO, test_timeout(10000));
    child = remote_start_inheriting();
    CHECK_OK(remote_close(child, client));
    close_socket(s);
    check_quiet(client);
    remote_exit(child);
    check_end(client);
    close_socket(client);
    close_socket(listener);
}

/* Each leads to its own connection, whatever handles lie between. */
static void many_are_inherited(void)
{
    enum { MANY = 20 };
    struct sockaddr_in name;
    SOCKET listener = begin(&name), sockets[MANY], clients[MANY], between[MANY];
    struct peer *child;
    int i;

    for (i = 0; i < MANY; i++) {
        between[i] = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0,
                                WSA_FLAG_OVERLAPPED |
                                    (i % 2 ? WSA_FLAG_NO_HANDLE_INHERIT : 0));
        sockets[i] = tcp_socket();
    }
    for (i = MANY; i-- > 0;)
        clients[i] = fill(sockets[i], listener, &name);
    child = remote_start_inheriting();
    for (i = 0; i < MANY; i++) {
        remote_check_passes(child, sockets[i], clients[i], "child");
        CHECK_OK(remote_close(child, clients[i]));
        close_socket(sockets[i]);
        close_socket(between[i]);
    }
    remote_exit(child);
    for (i = 0; i < MANY; i++) {
        check_end(clients[i]);
        close_socket(clients[i]);
    }
    close_socket(listener);
}

static void one_that_is_not_inherited(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), client, s;
    struct peer *child;

    s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    CHECK(s != INVALID_SOCKET);
    client = fill(s, listener, &name);
    child = remote_start_inheriting();
    CHECK_OK(remote_close(child, client));
    close_socket(s);
    check_end(client); /* the child has nothing of it */
    close_socket(client);
    close_socket(listener);
    remote_end(child);
}

static void a_child_inherits_a_socket_made_new(void)
{
    LPFN_DISCONNECTEX disconnect_ex =
        (LPFN_DISCONNECTEX)extension((GUID)WSAID_DISCONNECTEX);
    struct sockaddr_in name, bound = loopback(0), found;
    SOCKET listener = begin(&name), s = tcp_socket(), client;
    struct peer *child;

    client = fill(s, listener, &name);
    CHECK(disconnect_ex(s, NULL, TF_REUSE_SOCKET, 0));
    close_socket(client);
    child = remote_start_inheriting();
    CHECK_OK(remote_bind(child, s, &bound));
    bound = local_name(s);
    CHECK(bound.sin_port != 0);
    CHECK_OK(remote_local_name(child, s, &found));
    CHECK_EQ(found.sin_port, bound.sin_port);
    close_socket(s);
    close_socket(listener);
    remote_end(child);
}

/* --- DuplicateHandle ---------------------------------------------------------------------- */

static void a_copy_is_the_connection(void)
{
    struct sockaddr_in name;
    SOCKET listener = begin(&name), s = tcp_socket(), client, copy;

    client = fill(s, listener, &name);
    copy = (SOCKET)handle_duplicate(s);
    CHECK(copy != 0 && copy != s);
    check_passes(copy, client, "through the copy");
    set_int_option(copy, SOL_SOCKET, SO_RCVTIMEO, 999);
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_RCVTIMEO), 999);
    close_socket(s);
    check_quiet(client);
    close_socket(copy);
    check_end(client);
    close_socket(client);
    close_socket(listener);
}

static const struct test_case cases[] = {
    TEST_CASE(a_child_inherits_the_connection, "01 7: inherited, AcceptEx"),
    TEST_CASE(the_child_s_end_is_the_connection_s, "01 6: inherited, AcceptEx"),
    TEST_CASE(many_are_inherited, "01 7: inherited, AcceptEx"),
    TEST_CASE(one_that_is_not_inherited, "01 7: WSA_FLAG_NO_HANDLE_INHERIT"),
    TEST_CASE(a_child_inherits_a_socket_made_new, "01 7: TF_REUSE_SOCKET"),
    TEST_CASE(a_copy_is_the_connection, "01 7: DuplicateHandle, AcceptEx"),
    TEST_END
};
TEST_MAIN("extension_handles", cases, NULL)
