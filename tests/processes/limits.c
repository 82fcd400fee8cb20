/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What runs out: descriptors, slots, the server itself.  A call that cannot
 * have what it needs fails with its documented error, nothing else suffers,
 * and all is well when there is room again.  Native only, because the limits
 * are the process's.
 */
#include "support/accepting.h"
#include "support/limits.h"
#include "support/server.h"
#include "support/sockets.h"

#include <stdio.h>
#include <stdlib.h>

/* --- Descriptors ---------------------------------------------------------- */

static void new_sockets(void)
{
    SOCKET s = tcp_socket();

    descriptors_exhaust(0);
    CHECK_ERROR(socket(AF_INET, SOCK_STREAM, 0), WSAEMFILE);
    CHECK_ERROR(WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0), WSAEMFILE);
    CHECK(WSACreateEvent() == WSA_INVALID_EVENT);
    CHECK(WSAGetLastError() != 0);
    close_socket(s);
    s = tcp_socket(); /* in its place */
    CHECK_ERROR(socket(AF_INET, SOCK_STREAM, 0), WSAEMFILE);
    descriptors_relax();
    close_socket(tcp_socket());
    close_socket(s);
}

static void accepted_sockets(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), s;

    CHECK(wait_readable(listener, 5000));
    descriptors_exhaust(0);
    CHECK_ERROR(accept(listener, NULL, NULL), WSAEMFILE);
    descriptors_relax();
    s = CHECK_SOCKET(accept(listener, NULL, NULL));
    check_passes(client, s, "the connection has waited");
    close_socket(s);
    close_socket(client);
    close_socket(listener);
}

static int CALLBACK put_off(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos,
                            LPQOS gqos, LPWSABUF callee, LPWSABUF callee_data,
                            GROUP *group, DWORD_PTR context)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group, (void)context;
    return CF_DEFER;
}

/* It is not lost to the AcceptEx that has no room for it. */
static void deferred_connections(void)
{
    struct accept accept = {.socket = INVALID_SOCKET};
    struct sockaddr_in name;
    SOCKET listener = accept_listener(&name), client = tcp_connect(&name);
    DWORD n;

    CHECK_ERROR(WSAAccept(listener, NULL, NULL, put_off, 0), WSATRY_AGAIN);
    accept.socket = tcp_socket();
    overlapped_init(&accept.overlapped);
    descriptors_exhaust(0);
    CHECK_FAILS(accept_ex(listener, accept.socket, accept.buffer, 0,
                          ACCEPT_BLOCK, ACCEPT_BLOCK, &n, &accept.overlapped),
                WSAEMFILE);
    descriptors_relax();
    overlapped_free(&accept.overlapped);
    accept_start_with(&accept, listener, accept.socket, 0);
    CHECK_EQ(accept_bytes(&accept), 0);
    update_context(&accept);
    check_passes(client, accept.socket, "it has waited");
    accept_end(&accept);
    close_socket(client);
    close_socket(listener);
}

/* The server has the descriptor, but there is no room for it here. */
static void opened_duplicates(void)
{
    WSANETWORKEVENTS events;
    WSAPROTOCOL_INFOW info;
    SOCKET client, server, copy;
    WSAEVENT event = WSACreateEvent();

    tcp_pair(&client, &server);
    CHECK_OK(WSAEventSelect(server, event, FD_READ));
    duplicate(client, test_process_id(), &info);
    descriptors_exhaust(0);
    CHECK_ERROR(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                           FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED),
                WSAEMFILE);
    descriptors_relax();
    copy = open_duplicate(&info);
    /* The connection to the server has lived on, with all that it knew. */
    check_passes(server, copy, "through the copy");
    CHECK_OK(WSAEnumNetworkEvents(server, event, &events));
    CHECK_RESULT(send(copy, "x", 1, 0), 1);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, test_timeout(5000),
                                      FALSE),
             WSA_WAIT_EVENT_0);
    close_socket(client);
    close_socket(copy);
    close_socket(server);
    CHECK(WSACloseEvent(event));
}

/* A call that has to wait needs a descriptor the first time. */
static void waits(void)
{
    struct timeval second = {1, 0};
    SOCKET client, server;
    fd_set set;
    char byte;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 50);
    descriptors_exhaust(0);
    CHECK_RESULT(recv(server, &byte, 1, 0), SOCKET_ERROR);
    CHECK(WSAGetLastError() == WSAENOBUFS || WSAGetLastError() == WSAETIMEDOUT);
    FD_ZERO(&set);
    FD_SET(server, &set);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    CHECK_RESULT(select(0, &set, NULL, NULL, &second), 1);
    CHECK_RESULT(recv(server, &byte, 1, 0), 1);
    descriptors_relax();
    CHECK_ERROR(recv(server, &byte, 1, 0), WSAETIMEDOUT);
    check_passes(client, server, "as before");
    close_socket(client);
    close_socket(server);
}

static void a_new_server(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    set_int_option(server, SOL_SOCKET, SO_RCVTIMEO, 77);
    server_kill();
    descriptors_exhaust(0);
    CHECK_RESULT(socket(AF_INET, SOCK_STREAM, 0), INVALID_SOCKET);
    CHECK_RESULT(send(client, "x", 1, 0), 1);
    (void)shutdown(server, SD_SEND); /* needs the server */
    descriptors_relax();
    close_socket(tcp_socket());
    CHECK_EQ(get_int_option(server, SOL_SOCKET, SO_RCVTIMEO), 77);
    set_nonblocking(client, 1);
    close_socket(client);
    close_socket(server);
}

/* --- Sockets -------------------------------------------------------------- */

#define MANY 40000

/* Every SOCKET that was given out is a whole one. */
static void very_many_sockets(void)
{
    SOCKET *sockets = calloc(MANY, sizeof(*sockets)), last;
    unsigned count = 0, i;
    u_long on = 1;

    CHECK(sockets != NULL);
    if (!limit_descriptors(MANY + 100))
        SKIP("no %u descriptors in this process", MANY);
    while (count < MANY) {
        sockets[count] = socket(AF_INET, SOCK_DGRAM, 0);
        if (sockets[count] == INVALID_SOCKET)
            break;
        count++;
    }
    CHECK(count == MANY || WSAGetLastError() == WSAEMFILE ||
          WSAGetLastError() == WSAENOBUFS);
    test_note("%u sockets", count);
    CHECK(count > 10000);
    for (i = count - 100; i < count; i++)
        CHECK_OK(ioctlsocket(sockets[i], FIONBIO, &on));
    close_socket(sockets[0]);
    last = CHECK_SOCKET(socket(AF_INET, SOCK_DGRAM, 0));
    CHECK_OK(ioctlsocket(last, FIONBIO, &on));
    close_socket(last);
    for (i = 1; i < count; i++)
        close_socket(sockets[i]);
    free(sockets);
    close_socket(tcp_socket());
}

/* --- Starting ------------------------------------------------------------- */

static void startup_cycles(void)
{
    unsigned before = 0, i;
    WSADATA data;

    for (i = 0; i < 1000; i++) {
        CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
        (void)tcp_socket(); /* ends with the clean-up */
        CHECK_OK(WSACleanup());
        if (i == 10)
            before = mappings_count();
    }
    /* The heap may have grown by a piece. */
    CHECK_THAT(mappings_count() <= before + 2, "%u mappings, then %u", before,
               mappings_count());
}

static void fails_to_start(void)
{
    WSADATA data;
    int64_t begin = test_clock();

    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), WSASYSNOTREADY);
    CHECK_ERROR(socket(AF_INET, SOCK_STREAM, 0), WSANOTINITIALISED);
    CHECK_ERROR(WSACleanup(), WSANOTINITIALISED);
    CHECK(test_clock() - begin < test_timeout(3000));
}

static void no_server_program(void)
{
    char *server = getenv("WS2EMU_SERVER"), directory[512];
    char *kept = server != NULL ? strdup(server) : NULL;
    WSADATA data;

    /* No server is running in there. */
    snprintf(directory, sizeof(directory), "%s/another", getenv("WS2EMU_DIR"));
    setenv("WS2EMU_DIR", directory, 1);
    setenv("WS2EMU_SERVER", "/nonexistent/ws2server", 1);
    fails_to_start();
    setenv("WS2EMU_SERVER", "/bin/false", 1); /* ends without a word */
    fails_to_start();
    if (kept != NULL)
        setenv("WS2EMU_SERVER", kept, 1);
    else
        unsetenv("WS2EMU_SERVER");
    free(kept);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    close_socket(tcp_socket());
    CHECK_OK(WSACleanup());
}

static void no_directory(void)
{
    setenv("WS2EMU_DIR", "/proc/nonexistent", 1);
    fails_to_start();
    setenv("WS2EMU_DIR", "/dev/null/ws2emu", 1);
    fails_to_start();
    setenv("WS2EMU_DIR", "/tmp", 1); /* everybody's */
    fails_to_start();
}

/* With so few descriptors it cannot start; the number it needs is not told. */
static void starts_when_there_is_room(void)
{
    WSADATA data;
    unsigned left;
    int error;

    for (left = 0; left < 8; left++) {
        descriptors_exhaust(left);
        error = WSAStartup(MAKEWORD(2, 2), &data);
        CHECK(error == 0 || error == WSASYSNOTREADY);
        if (!error)
            CHECK_OK(WSACleanup());
        descriptors_relax();
    }
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    close_socket(tcp_socket());
    CHECK_OK(WSACleanup());
}

static const struct test_case cases[] = {
    TEST_CASE(new_sockets, "03 2: EMFILE"),
    TEST_CASE(accepted_sockets, "03 6: a failed accept takes no connection"),
    TEST_CASE(deferred_connections,
              "04 8: a failed AcceptEx takes no connection"),
    TEST_CASE(opened_duplicates, "01 3: no room for the duplicate"),
    TEST_CASE(waits, "calls that wait"),
    TEST_CASE(a_new_server, "no room for the new server's descriptors"),
    TEST_CASE_WITH(very_many_sockets, "03 2: EMFILE, ENOBUFS", .seconds = 60),
    TEST_CASE_WITH(startup_cycles, "03 1: nothing grows", .flags = TEST_BARE,
                   .seconds = 60),
    TEST_CASE_WITH(no_server_program, "03 1: SYSNOTREADY", .flags = TEST_BARE),
    TEST_CASE_WITH(no_directory, "03 1: SYSNOTREADY", .flags = TEST_BARE),
    TEST_CASE_WITH(starts_when_there_is_room, "03 1: SYSNOTREADY",
                   .flags = TEST_BARE),
    TEST_END
};
TEST_MAIN("limits", cases, NULL)
