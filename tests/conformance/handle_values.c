/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handles of SOCKETs in a program that uses AcceptEx, or makes many: closed
 * ones are no handles any more, though their values come again, and new ones
 * are what they were made to be.  For Wine: the calls are Windows' own.
 *
 * Specification 01, sections 6 and 7.
 */
#include "support/extensions.h"
#include "support/remote.h"

#include <stdlib.h>

#define BLOCK (sizeof(struct sockaddr_in) + 16)

static HANDLE as_handle(SOCKET s)
{
    return (HANDLE)s;
}

/* Fills a new socket with a connection; its other end. */
static SOCKET fill(SOCKET *ret_server, SOCKET listener,
                   const struct sockaddr_in *name)
{
    LPFN_ACCEPTEX accept_ex = (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    char buffer[2 * BLOCK];
    OVERLAPPED overlapped;
    DWORD received;
    SOCKET client;

    *ret_server = tcp_socket();
    overlapped_init(&overlapped);
    CHECK_PENDS(accept_ex(listener, *ret_server, buffer, 0, BLOCK, BLOCK,
                          &received, &overlapped));
    client = tcp_connect(name);
    CHECK_EQ(overlapped_bytes(listener, &overlapped), 0);
    CHECK_OK(setsockopt(*ret_server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                        (char *)&listener, sizeof(listener)));
    overlapped_free(&overlapped);
    return client;
}

/* From then on the program is one that uses AcceptEx. */
static void use_accept_ex(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), server, client;

    client = fill(&server, listener, &name);
    check_passes(client, server, "first");
    close_socket(client);
    close_socket(server);
    close_socket(listener);
}

/* The same without AcceptEx. */
static void use_many(void)
{
    int i;

    for (i = 0; i < 50; i++)
        close_socket(tcp_socket());
}

static void check_is_open(SOCKET s)
{
    CHECK_EQ(get_int_option(s, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
}

static unsigned long flags_of(SOCKET s)
{
    DWORD flags = 77;

    CHECK(GetHandleInformation(as_handle(s), &flags));
    return flags;
}

/* --- Life ----------------------------------------------------------------- */

static void every_way_to_a_socket(void)
{
    struct sockaddr_in name, udp_name;
    SOCKET listener, server, client, copy, udp;
    char text[8];
    int i;

    use_accept_ex();
    for (i = 0; i < 3; i++) {
        listener = tcp_listener(&name);
        client = fill(&server, listener, &name);
        check_passes(client, server, "AcceptEx");
        copy = duplicate_here(server);
        close_socket(server);
        check_passes(client, copy, "duplicate");
        close_socket(client);
        check_end(copy);
        close_socket(copy);
        client = tcp_connect(&name);
        server = CHECK_SOCKET(accept(listener, NULL, NULL));
        check_passes(server, client, "accept");
        copy = (SOCKET)handle_duplicate(server);
        CHECK(copy != 0 && copy != server);
        check_passes(copy, client, "copy");
        close_socket(server);
        check_quiet(client);
        CHECK(CloseHandle(as_handle(copy)));
        check_end(client);
        close_socket(client);
        close_socket(listener);
        udp = udp_bound(&udp_name);
        CHECK_RESULT(sendto(udp, "self", 4, 0, (struct sockaddr *)&udp_name,
                            sizeof(udp_name)), 4);
        receive_all(udp, text, 4);
        close_socket(udp);
    }
}

static void reading_and_writing_files(void)
{
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;

    use_accept_ex();
    tcp_pair(&client, &server);
    CHECK(WriteFile(as_handle(client), "hello", 5, &n, NULL));
    CHECK_EQ(n, 5);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK(ReadFile(as_handle(server), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(n, 5);
    CHECK_MEMORY(buffer, "hello", 5);
    CHECK_EQ(GetFileType(as_handle(server)), FILE_TYPE_PIPE);
    close_socket(client);
    close_socket(server);
}

/* More than a process would keep of anything. */
static void many_at_once_after(void (*use)(void))
{
    enum { MANY = 600 };
    static SOCKET sockets[MANY];
    int i, round;

    use();
    for (round = 0; round < 2; round++) {
        for (i = 0; i < MANY; i++)
            sockets[i] = tcp_socket();
        for (i = 0; i < MANY; i += 2)
            close_socket(sockets[i]);
        for (i = 0; i < MANY; i += 2)
            CHECK_ERROR(send(sockets[i], "x", 1, 0), WSAENOTSOCK);
        for (i = 1; i < MANY; i += 2) {
            check_is_open(sockets[i]);
            close_socket(sockets[i]);
        }
    }
}

static void many_at_once(void)
{
    many_at_once_after(use_accept_ex);
}

static void many_at_once_of_many(void)
{
    many_at_once_after(use_many);
}

static void close_many(void *argument)
{
    const struct sockaddr_in *name = argument;
    SOCKET sockets[8];
    int i, j;

    for (i = 0; i < 60; i++) {
        for (j = 0; j < 8; j++)
            sockets[j] = tcp_socket();
        set_linger(sockets[0], 0);
        CHECK_OK(connect(sockets[0], (const struct sockaddr *)name,
                         sizeof(*name)));
        for (j = 8; j-- > 0;)
            if (j % 2)
                close_socket(sockets[j]);
            else
                CHECK(CloseHandle(as_handle(sockets[j])));
    }
}

static void threads_close_and_make(void)
{
    struct thread *threads[4];
    struct sockaddr_in name;
    SOCKET listener;
    int i;

    use_accept_ex();
    listener = tcp_socket();
    name = loopback(0);
    CHECK_OK(bind(listener, (struct sockaddr *)&name, sizeof(name)));
    name = local_name(listener);
    CHECK_OK(listen(listener, SOMAXCONN));
    for (i = 0; i < 4; i++)
        threads[i] = thread_start(close_many, &name);
    for (i = 0; i < 4; i++)
        thread_join(threads[i]);
    close_socket(listener);
}

static void after_cleanup(void)
{
    WSADATA data;
    SOCKET before, s;
    DWORD flags;

    CHECK_OK(WSAStartup(MAKEWORD(2, 2), &data));
    use_accept_ex();
    before = tcp_socket();
    s = tcp_socket();
    close_socket(s);
    CHECK_OK(WSACleanup());
    CHECK(!GetHandleInformation(as_handle(before), &flags));
    CHECK(!GetHandleInformation(as_handle(s), &flags));
    CHECK_OK(WSAStartup(MAKEWORD(2, 2), &data));
    use_accept_ex();
    s = tcp_socket();
    check_is_open(s);
    close_socket(s);
    CHECK_OK(WSACleanup());
}

/* --- Closed ones ---------------------------------------------------------- */

#define CHECK_INVALID(call)                                                    \
    do {                                                                       \
        SetLastError(0);                                                       \
        CHECK(!(call));                                                        \
        CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);                        \
    } while (0)

static void check_is_closed(SOCKET s)
{
    HANDLE handle = as_handle(s), copy;
    char buffer[4];
    DWORD n;

    CHECK_ERROR(closesocket(s), WSAENOTSOCK);
    CHECK_INVALID(CloseHandle(handle));
    CHECK_ERROR(send(s, "x", 1, 0), WSAENOTSOCK);
    CHECK_ERROR(listen(s, 1), WSAENOTSOCK);
    CHECK_INVALID(GetHandleInformation(handle, &n));
    CHECK_INVALID(SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0));
    CHECK_INVALID(DuplicateHandle(GetCurrentProcess(), handle,
                                  GetCurrentProcess(), &copy, 0, FALSE,
                                  DUPLICATE_SAME_ACCESS));
    CHECK_INVALID(DuplicateHandle(GetCurrentProcess(), handle, NULL, NULL, 0,
                                  FALSE, DUPLICATE_CLOSE_SOURCE));
    CHECK_INVALID(ReadFile(handle, buffer, sizeof(buffer), &n, NULL));
    CHECK_INVALID(WriteFile(handle, "x", 1, &n, NULL));
    CHECK_INVALID(CancelIo(handle));
    CHECK_INVALID(CancelIoEx(handle, NULL));
    CHECK_INVALID(GetFileType(handle) != FILE_TYPE_UNKNOWN);
    CHECK_INVALID(CreateIoCompletionPort(handle, NULL, 0, 0) != NULL);
    CHECK_INVALID(WaitForSingleObject(handle, 0) != WAIT_FAILED);
    CHECK_INVALID(WaitForMultipleObjects(1, &handle, FALSE, 0) != WAIT_FAILED);
}

static void closed_twice_after(void (*use)(void))
{
    SOCKET s, other;

    use();
    s = tcp_socket();
    other = tcp_socket();
    close_socket(s);
    check_is_closed(s);
    CHECK(CloseHandle(as_handle(other)));
    check_is_closed(other);
    check_is_closed(s);
    /* It was not given away. */
    s = tcp_socket();
    other = tcp_socket();
    CHECK(s != other);
    check_is_open(s);
    check_is_open(other);
    close_socket(s);
    close_socket(other);
}

static void closed_twice(void)
{
    closed_twice_after(use_accept_ex);
}

static void closed_twice_among_many(void)
{
    closed_twice_after(use_many);
}

static void moved_by_duplicate_handle(void)
{
    SOCKET client, server;
    HANDLE copy = NULL;

    use_accept_ex();
    tcp_pair(&client, &server);
    CHECK(DuplicateHandle(GetCurrentProcess(), as_handle(server),
                          GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    check_is_closed(server);
    check_passes(client, (SOCKET)copy, "moved");
    close_socket((SOCKET)copy);
    check_end(client);
    close_socket(client);
}

/* --- Flags ---------------------------------------------------------------- */

static SOCKET not_inherited(void)
{
    return CHECK_SOCKET(
        WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

static void each_has_its_own_flags_after(void (*use)(void))
{
    SOCKET s;
    int i;

    use();
    for (i = 0; i < 3; i++) {
        s = tcp_socket();
        CHECK_EQ(flags_of(s), HANDLE_FLAG_INHERIT);
        CHECK(SetHandleInformation(as_handle(s), HANDLE_FLAG_INHERIT, 0));
        CHECK_EQ(flags_of(s), 0);
        close_socket(s);
        s = not_inherited();
        CHECK_EQ(flags_of(s), 0);
        CHECK(SetHandleInformation(as_handle(s), HANDLE_FLAG_INHERIT,
                                   HANDLE_FLAG_INHERIT));
        CHECK_EQ(flags_of(s), HANDLE_FLAG_INHERIT);
        close_socket(s);
    }
}

static void each_has_its_own_flags(void)
{
    each_has_its_own_flags_after(use_accept_ex);
}

static void each_has_its_own_flags_among_many(void)
{
    each_has_its_own_flags_after(use_many);
}

static void one_that_is_protected(void)
{
    SOCKET client, server;

    use_accept_ex();
    tcp_pair(&client, &server);
    CHECK(SetHandleInformation(as_handle(server),
                               HANDLE_FLAG_PROTECT_FROM_CLOSE,
                               HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CHECK(flags_of(server) & HANDLE_FLAG_PROTECT_FROM_CLOSE);
    CHECK(!CloseHandle(as_handle(server)));
    check_passes(client, server, "still there");
    CHECK(SetHandleInformation(as_handle(server),
                               HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    CHECK(CloseHandle(as_handle(server)));
    check_end(client);
    close_socket(client);
}

/* --- Children ------------------------------------------------------------- */

/* The child inherits what is to be inherited when it is made, and nothing of
   what is closed. */
static void what_a_child_inherits_after(void (*use)(void))
{
    struct sockaddr_in name;
    SOCKET listener, inherited, other, closed, kept, turned, kept_client,
        inherited_client, turned_client;
    struct peer *child, *second;

    use();
    listener = tcp_listener(&name);
    closed = tcp_socket();
    other = not_inherited();
    inherited_client = not_inherited();
    CHECK_OK(connect(inherited_client, (struct sockaddr *)&name, sizeof(name)));
    inherited = CHECK_SOCKET(accept(listener, NULL, NULL));
    kept_client = not_inherited();
    CHECK_OK(connect(kept_client, (struct sockaddr *)&name, sizeof(name)));
    kept = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK(SetHandleInformation(as_handle(kept), HANDLE_FLAG_INHERIT, 0));
    turned = not_inherited();
    turned_client = not_inherited();
    CHECK_OK(connect(turned, (struct sockaddr *)&name, sizeof(name)));
    close_socket(turned_client);
    turned_client = CHECK_SOCKET(accept(listener, NULL, NULL));
    CHECK(SetHandleInformation(as_handle(turned), HANDLE_FLAG_INHERIT,
                               HANDLE_FLAG_INHERIT));
    CHECK(SetHandleInformation(as_handle(turned_client), HANDLE_FLAG_INHERIT,
                               0));
    close_socket(closed);

    child = remote_start_inheriting();
    remote_check_passes(child, inherited, inherited_client, "inherited");
    remote_check_passes(child, turned, turned_client, "turned");
    CHECK_ERROR(remote_send(child, kept, "x", 1, 0), WSAENOTSOCK);
    CHECK_ERROR(remote_send(child, other, "x", 1, 0), WSAENOTSOCK);
    CHECK_ERROR(remote_send(child, closed, "x", 1, 0), WSAENOTSOCK);
    close_socket(inherited);
    close_socket(kept);
    check_end(kept_client);
    check_quiet(inherited_client);

    /* What was inherited once need not be again. */
    CHECK(SetHandleInformation(as_handle(turned), HANDLE_FLAG_INHERIT, 0));
    second = remote_start_inheriting();
    CHECK_ERROR(remote_send(second, turned, "x", 1, 0), WSAENOTSOCK);
    CHECK_ERROR(remote_send(second, inherited, "x", 1, 0), WSAENOTSOCK);
    remote_end(second);

    close_socket(turned);
    remote_exit(child);
    check_end(inherited_client);
    check_end(turned_client);
    close_socket(inherited_client);
    close_socket(turned_client);
    close_socket(kept_client);
    close_socket(other);
    close_socket(listener);
}

static void what_a_child_inherits(void)
{
    what_a_child_inherits_after(use_accept_ex);
}

static void what_a_child_inherits_among_many(void)
{
    what_a_child_inherits_after(use_many);
}

static void shared_with_another_process(void)
{
    struct peer *peer = remote_start();
    SOCKET client, server, there;

    use_accept_ex();
    tcp_pair(&client, &server);
    there = remote_take(peer, server);
    remote_check_passes(peer, there, client, "there");
    close_socket(server);
    check_quiet(client);
    server = remote_give(peer, there);
    CHECK_OK(remote_close(peer, there));
    check_passes(server, client, "back");
    close_socket(server);
    check_end(client);
    close_socket(client);
    remote_end(peer);
}

static const struct test_case cases[] = {
    TEST_CASE(every_way_to_a_socket, "01 2: SOCKETs"),
    TEST_CASE(reading_and_writing_files, "04: ReadFile"),
    TEST_CASE(many_at_once, "01 6: closesocket"),
    TEST_CASE(many_at_once_of_many, "01 6: closesocket"),
    TEST_CASE_WITH(threads_close_and_make, "01 6: closesocket", .seconds = 40),
    TEST_CASE_WITH(after_cleanup, "03: WSACleanup", .flags = TEST_BARE),
    TEST_CASE(closed_twice, "01 6: WSAENOTSOCK"),
    TEST_CASE(closed_twice_among_many, "01 6: WSAENOTSOCK"),
    TEST_CASE(moved_by_duplicate_handle, "01 7: DUPLICATE_CLOSE_SOURCE"),
    TEST_CASE(each_has_its_own_flags, "01 7: WSA_FLAG_NO_HANDLE_INHERIT"),
    TEST_CASE(each_has_its_own_flags_among_many,
              "01 7: WSA_FLAG_NO_HANDLE_INHERIT"),
    TEST_CASE(one_that_is_protected, "Windows: SetHandleInformation"),
    TEST_CASE(what_a_child_inherits, "01 7: inherited"),
    TEST_CASE(what_a_child_inherits_among_many, "01 7: inherited"),
    TEST_CASE(shared_with_another_process, "01 3: WSADuplicateSocket"),
    TEST_END
};
TEST_MAIN("handle_values", cases, NULL)
