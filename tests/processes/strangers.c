/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ports and those whom the server does not know: programs without Winsock, and
 * the programs of another server.  Winsock's sharing is for the programs of
 * one server; nobody else gets into a port by it, and it gets nobody into
 * another's port.
 */
#include "support/places.h"
#include "support/remote.h"
#include "support/stranger.h"

#include <stdio.h>
#include <stdlib.h>

static const enum sharing every[] = {SHARING_DEFAULT, SHARING_REUSE,
                                     SHARING_EXCLUSIVE};

static SOCKET open_sharing(int type, enum sharing sharing)
{
    SOCKET s = CHECK_SOCKET(socket(AF_INET, type, 0));

    set_sharing(s, sharing);
    return s;
}

static void a_foreign_port_is_taken(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    int reuse_port, i, fd;

    for (reuse_port = 0; reuse_port < 2; reuse_port++)
        for (i = 0; i < 3; i++) {
            SOCKET s = open_sharing(SOCK_STREAM, every[i]);

            fd = stranger_listen(place.port, reuse_port);
            CHECK(fd >= 0);
            CHECK_ERROR(bind_to(s, &any), WSAEADDRINUSE);
            CHECK_ERROR(bind_to(s, &one), WSAEADDRINUSE);
            stranger_close(fd);
            CHECK_OK(bind_to(s, &any));
            CHECK_OK(listen(s, 5));
            close_socket(s);
        }
    place_leave(&place);
}

static void a_listener_s_port_is_taken(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port);
    int i;

    for (i = 0; i < 3; i++) {
        SOCKET s = open_sharing(SOCK_STREAM, every[i]);

        CHECK_OK(bind_to(s, &any));
        CHECK_OK(listen(s, 5));
        CHECK_EQ(stranger_listen(place.port, 0), -1);
        /* Whoever wants to share with programs that cannot know of it. */
        if (every[i] == SHARING_EXCLUSIVE)
            CHECK_EQ(stranger_listen(place.port, 1), -1);
        close_socket(s);
    }
    place_leave(&place);
}

static void a_reserved_port_is_taken(void)
{
    struct place place = place_find(SOCK_STREAM);
    const u_short range[2] = {htons((u_short)place.port), 1};
    char instance[16];
    DWORD size;
    SOCKET s = tcp_socket();
    int fd;

    CHECK_OK(WSAIoctl(s, 0x98000064, (void *)range, sizeof(range), instance,
                      sizeof(instance), &size, NULL, NULL));
    CHECK_EQ(stranger_listen(place.port, 0), -1);
    close_socket(s);
    fd = stranger_listen(place.port, 0);
    CHECK(fd >= 0);
    s = tcp_socket();
    CHECK_ERROR(WSAIoctl(s, 0x98000064, (void *)range, sizeof(range), instance,
                         sizeof(instance), &size, NULL, NULL), WSAEADDRINUSE);
    stranger_close(fd);
    close_socket(s);
    place_leave(&place);
}

/* A process whose server is another one. */
static struct peer *start_elsewhere(void)
{
    const char *here = getenv("WS2EMU_DIR");
    char own[256], other[256];
    struct peer *peer;

    CHECK(here != NULL);
    snprintf(own, sizeof(own), "%s", here);
    snprintf(other, sizeof(other), "%s-elsewhere", here);
    CHECK_EQ(setenv("WS2EMU_DIR", other, 1), 0);
    peer = remote_start();
    CHECK_EQ(setenv("WS2EMU_DIR", own, 1), 0);
    return peer;
}

static SOCKET open_elsewhere(struct peer *peer, int type, enum sharing sharing)
{
    int option = sharing == SHARING_REUSE ? SO_REUSEADDR : SO_EXCLUSIVEADDRUSE;
    SOCKET s = remote_socket(peer, AF_INET, type, 0);
    int on = 1;

    CHECK(s != INVALID_SOCKET);
    if (sharing != SHARING_DEFAULT)
        CHECK_OK(remote_set_option(peer, s, SOL_SOCKET, option, &on,
                                   sizeof(on)));
    return s;
}

static void servers_share_no_listener(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    struct peer *peer = start_elsewhere();
    int i;

    for (i = 0; i < 3; i++) {
        SOCKET here = open_sharing(SOCK_STREAM, every[i]);
        SOCKET there = open_elsewhere(peer, SOCK_STREAM, every[i]);

        CHECK_OK(bind_to(here, &any));
        CHECK_OK(listen(here, 5));
        CHECK_ERROR(remote_bind(peer, there, &any), WSAEADDRINUSE);
        CHECK_ERROR(remote_bind(peer, there, &one), WSAEADDRINUSE);
        close_socket(here);
        CHECK_OK(remote_bind(peer, there, &any));
        CHECK_OK(remote_listen(peer, there, 5));
        CHECK_OK(remote_close(peer, there));
    }
    place_leave(&place);
    remote_end(peer);
}

/* Not even when both were bound before one of them listened. */
static void servers_do_not_listen_side_by_side(void)
{
    struct place place = place_find(SOCK_STREAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    struct peer *peer = start_elsewhere();
    SOCKET here = tcp_socket(), there, third;

    there = open_elsewhere(peer, SOCK_STREAM, SHARING_DEFAULT);
    CHECK_OK(bind_to(here, &any));
    if (remote_bind(peer, there, &any) == 0) {
        CHECK_OK(listen(here, 5));
        CHECK_ERROR(remote_listen(peer, there, 5), WSAEADDRINUSE);
    } else {
        CHECK_EQ(WSAGetLastError(), WSAEADDRINUSE);
        CHECK_OK(listen(here, 5));
    }
    CHECK_OK(remote_close(peer, there));
    /* While two share here, there is no place for one from there. */
    third = tcp_socket();
    CHECK_OK(bind_to(third, &one));
    CHECK_OK(listen(third, 5));
    there = open_elsewhere(peer, SOCK_STREAM, SHARING_DEFAULT);
    CHECK_ERROR(remote_bind(peer, there, &any), WSAEADDRINUSE);
    CHECK_ERROR(remote_bind(peer, there, &one), WSAEADDRINUSE);
    CHECK_OK(remote_close(peer, there));
    close_socket(third);
    close_socket(here);
    place_leave(&place);
    remote_end(peer);
}

/* Datagram sockets share where both want to, as programs of several users do
   that listen to the same multicast group. */
static void servers_share_datagrams_where_both_reuse(void)
{
    struct place place = place_find(SOCK_DGRAM);
    struct sockaddr_in any = wildcard(place.port), one = loopback(place.port);
    struct peer *peer = start_elsewhere();
    int i, j;

    for (i = 0; i < 3; i++)
        for (j = 0; j < 3; j++) {
            SOCKET here = open_sharing(SOCK_DGRAM, every[i]);
            SOCKET there = open_elsewhere(peer, SOCK_DGRAM, every[j]);

            CHECK_OK(bind_to(here, &any));
            if (every[i] == SHARING_REUSE && every[j] == SHARING_REUSE) {
                CHECK_OK(remote_bind(peer, there, &any));
            } else {
                CHECK_ERROR(remote_bind(peer, there, &any), WSAEADDRINUSE);
                CHECK_ERROR(remote_bind(peer, there, &one), WSAEADDRINUSE);
            }
            CHECK_OK(remote_close(peer, there));
            close_socket(here);
        }
    place_leave(&place);
    remote_end(peer);
}

static const struct test_case cases[] = {
    TEST_CASE(a_foreign_port_is_taken, "03 3: port taken: WSAEADDRINUSE"),
    TEST_CASE(a_listener_s_port_is_taken,
              "03 3.1: sharing is for who agrees to it"),
    TEST_CASE(a_reserved_port_is_taken,
              "SIO_ACQUIRE_PORT_RESERVATION and programs without Winsock"),
    TEST_CASE(servers_share_no_listener,
              "03 3.1: two servers, one listens on a port"),
    TEST_CASE(servers_do_not_listen_side_by_side,
              "03 3.1: two servers, one listens on a port"),
    TEST_CASE(servers_share_datagrams_where_both_reuse,
              "03 3.1: different users, both REUSE"),
    TEST_END
};

TEST_MAIN("strangers", cases, NULL)
