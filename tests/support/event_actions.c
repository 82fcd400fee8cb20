/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the rows of scenes do; see event_actions.h.  An action that needs no
 * argument ignores it.
 */
#include "support/event_actions.h"

#include <mswsock.h>

static void keep(struct scene *scene, SOCKET s)
{
    CHECK(scene->n_kept < sizeof(scene->kept) / sizeof(scene->kept[0]));
    scene->kept[scene->n_kept++] = s;
}

/* --- Preparations --------------------------------------------------------- */

void fresh_stream(struct scene *scene)
{
    scene->watched = tcp_socket();
}

void bound_listener(struct scene *scene)
{
    scene->watched = tcp_listener(&scene->name);
}

void client_to_listener(struct scene *scene)
{
    keep(scene, tcp_listener(&scene->name));
    scene->watched = tcp_socket();
}

/* A port that is taken, and on which nobody listens. */
void client_to_nobody(struct scene *scene)
{
    SOCKET s = tcp_socket();
    struct sockaddr_in name = loopback(0);

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    scene->name = local_name(s);
    keep(scene, s);
    scene->watched = tcp_socket();
}

void connected_client(struct scene *scene)
{
    tcp_pair(&scene->watched, &scene->peer);
}

void accepted_socket(struct scene *scene)
{
    tcp_pair(&scene->peer, &scene->watched);
}

void fresh_datagram(struct scene *scene)
{
    scene->peer = udp_bound(&scene->name);
    scene->watched = udp_socket();
}

void bound_datagram(struct scene *scene)
{
    struct sockaddr_in name;

    scene->watched = udp_bound(&name);
    scene->peer = udp_socket();
    CHECK_OK(connect(scene->peer, (struct sockaddr *)&name, sizeof(name)));
}

/* --- Actions -------------------------------------------------------------- */

void select_mask(struct scene *scene, long mask)
{
    watch_select(&scene->watch, scene->watched, mask);
}

void cancel_and_select(struct scene *scene, long mask)
{
    watch_select(&scene->watch, scene->watched, 0);
    watch_select(&scene->watch, scene->watched, mask);
}

void select_bind_listen(struct scene *scene, long mask)
{
    struct sockaddr_in name = loopback(0);

    select_mask(scene, mask);
    CHECK_OK(bind(scene->watched, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(scene->watched, SOMAXCONN));
    scene->name = local_name(scene->watched);
}

void client_connects(struct scene *scene, long unused)
{
    (void)unused;
    keep(scene, tcp_connect(&scene->name));
}

void client_connects_then_select(struct scene *scene, long mask)
{
    client_connects(scene, 0);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    select_mask(scene, mask);
}

static SOCKET accept_here(struct scene *scene)
{
    return CHECK_SOCKET(accept(scene->watched, NULL, NULL));
}

void accept_one(struct scene *scene, long unused)
{
    (void)unused;
    keep(scene, accept_here(scene));
}

void accept_one_then_select(struct scene *scene, long mask)
{
    accept_one(scene, 0);
    select_mask(scene, mask);
}

void accept_and_watch(struct scene *scene, long unused)
{
    SOCKET s = accept_here(scene);

    (void)unused;
    keep(scene, scene->watched);
    scene->watched = s;
}

void client_sends(struct scene *scene, long length)
{
    CHECK_EQ(length, 1);
    send_all(scene->kept[0], "x", 1);
}

void accept_badly(struct scene *scene, long unused)
{
    struct sockaddr_in name;
    int length = 3;

    (void)unused;
    CHECK_ERROR(accept(scene->watched, (struct sockaddr *)&name, &length),
                WSAEFAULT);
}

void accept_empty(struct scene *scene, long unused)
{
    (void)unused;
    CHECK_ERROR(accept(scene->watched, NULL, NULL), WSAEWOULDBLOCK);
}

void connect_here(struct scene *scene, long unused)
{
    (void)unused;
    WSASetLastError(0);
    int result = connect(scene->watched, (struct sockaddr *)&scene->name,
                         sizeof(scene->name));
    CHECK_THAT(result == 0 || WSAGetLastError() == WSAEWOULDBLOCK,
               "connect failed with %s", error_name(WSAGetLastError()));
}

void peer_sends(struct scene *scene, long length)
{
    static const char data[] = "0123456789";

    CHECK(length < (long)sizeof(data));
    send_all(scene->peer, data, (int)length);
}

static void peer_sends_then_select(struct scene *scene, long mask)
{
    peer_sends(scene, 3);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    select_mask(scene, mask);
}

void cancel_and_peer_sends_then_select(struct scene *scene, long mask)
{
    select_mask(scene, 0);
    peer_sends_then_select(scene, mask);
}

void receive(struct scene *scene, long length)
{
    char buffer[16];

    CHECK_RESULT(recv(scene->watched, buffer, (int)length, 0), length);
}

void cancel_and_receive_then_select(struct scene *scene, long mask)
{
    select_mask(scene, 0);
    peer_sends(scene, 3);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    receive(scene, 3);
    select_mask(scene, mask);
}

void peek(struct scene *scene, long length)
{
    char buffer[16];

    CHECK_RESULT(recv(scene->watched, buffer, (int)length, MSG_PEEK), length);
}

void receive_badly(struct scene *scene, long length)
{
    char buffer[16];

    CHECK_ERROR(recv(scene->watched, buffer, (int)length, 0), WSAEFAULT);
}

void receive_nothing(struct scene *scene, long unused)
{
    char buffer[16];

    (void)unused;
    CHECK_ERROR(recv(scene->watched, buffer, sizeof(buffer), 0),
                WSAEWOULDBLOCK);
}

void peer_sends_urgent(struct scene *scene, long byte)
{
    char data = (char)byte;

    CHECK_RESULT(send(scene->peer, &data, 1, MSG_OOB), 1);
}

void receive_urgent(struct scene *scene, long byte)
{
    char data = 0;

    CHECK_RESULT(recv(scene->watched, &data, 1, MSG_OOB), 1);
    CHECK_EQ(data, byte);
}

void inline_and_select(struct scene *scene, long mask)
{
    set_int_option(scene->watched, SOL_SOCKET, SO_OOBINLINE, 1);
    select_mask(scene, mask);
}

void send_here(struct scene *scene, long length)
{
    char buffer[16] = "data";

    send_all(scene->watched, buffer, (int)length);
    receive_all(scene->peer, buffer, (int)length);
}

void select_and_send(struct scene *scene, long mask)
{
    select_mask(scene, mask);
    send_here(scene, 4);
}

void send_until_blocked(struct scene *scene)
{
    static const char data[65536];
    int n;

    while ((n = send(scene->watched, data, sizeof(data), 0)) > 0)
        scene->n_sent += (unsigned)n;
    CHECK_EQ(n, -1);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
}

/* What is still under way to the peer gives its space back when it has arrived,
   and then WRITE comes: on a busy machine after the failure. */
void send_until_full(struct scene *scene, long unused)
{
    (void)unused;
    send_until_blocked(scene);
    while (wait_writable(scene->watched, TEST_QUIET_MS)) {
        check_reports(&scene->watch, scene->watched, FD_WRITE, 0);
        send_until_blocked(scene);
    }
}

void peer_drains(struct scene *scene, long unused)
{
    static char data[65536];

    (void)unused;
    while (scene->n_sent > 0) {
        int n = recv(scene->peer, data, sizeof(data), 0);
        CHECK_THAT(n > 0, "recv failed with %s", error_name(WSAGetLastError()));
        scene->n_sent -= (unsigned)n;
    }
}

void peer_goes(struct scene *scene, long unused)
{
    (void)unused;
    close_socket(scene->peer);
    scene->peer = INVALID_SOCKET;
}

void peer_goes_then_select(struct scene *scene, long mask)
{
    peer_goes(scene, 0);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    select_mask(scene, mask);
}

void peer_aborts(struct scene *scene, long unused)
{
    set_linger(scene->peer, 0);
    peer_goes(scene, unused);
}

void peer_shuts(struct scene *scene, long how)
{
    CHECK_OK(shutdown(scene->peer, (int)how));
}

void peer_shuts_receive_and_we_both(struct scene *scene, long unused)
{
    (void)unused;
    CHECK_OK(shutdown(scene->peer, SD_RECEIVE));
    CHECK_OK(shutdown(scene->watched, SD_BOTH));
}

void receive_end(struct scene *scene, long unused)
{
    char byte;

    (void)unused;
    CHECK_RESULT(recv(scene->watched, &byte, 1, 0), 0);
}

/* --- Overlapped operations, where they are offered ------------------------ */

static void overlap(struct scene *scene)
{
    scene->overlapped.hEvent = event_create();
}

static void check_pended(int result)
{
    int error = WSAGetLastError();

    if (result != 0 && error == WSAEOPNOTSUPP)
        SKIP("overlapped operations are not offered");
    CHECK(result != 0);
    CHECK_EQ(error, WSA_IO_PENDING);
}

static void finish(struct scene *scene)
{
    event_wait(scene->overlapped.hEvent);
}

void select_and_pend_receive(struct scene *scene, long mask)
{
    WSABUF buffer = { sizeof(scene->buffer), scene->buffer };
    DWORD flags = 0;

    select_mask(scene, mask);
    overlap(scene);
    check_pended(WSARecv(scene->watched, &buffer, 1, NULL, &flags,
                         &scene->overlapped, NULL));
}

void peer_sends_and_it_finishes(struct scene *scene, long length)
{
    peer_sends(scene, length);
    finish(scene);
}

void select_and_pend_accept(struct scene *scene, long mask)
{
    static const GUID id = WSAID_ACCEPTEX;
    const DWORD name_size = sizeof(struct sockaddr_in) + 16;
    LPFN_ACCEPTEX accept_ex;
    DWORD n_bytes;
    SOCKET s = tcp_socket();

    keep(scene, s);
    select_mask(scene, mask);
    overlap(scene);
    if (WSAIoctl(scene->watched, SIO_GET_EXTENSION_FUNCTION_POINTER,
                 (void *)&id, sizeof(id), &accept_ex, sizeof(accept_ex),
                 &n_bytes, NULL, NULL))
        SKIP("AcceptEx is not offered");
    check_pended(accept_ex(scene->watched, s, scene->buffer, 0, name_size,
                           name_size, &n_bytes, &scene->overlapped)
                     ? 0
                     : -1);
}

void client_connects_and_it_finishes(struct scene *scene, long unused)
{
    client_connects(scene, unused);
    finish(scene);
}

/* --- Our own end ---------------------------------------------------------- */

void close_here(struct scene *scene, long unused)
{
    (void)unused;
    close_socket(scene->watched);
    scene->is_gone = 1;
}

void close_handle_here(struct scene *scene, long unused)
{
    (void)unused;
    if (test_target() == TARGET_NATIVE) SKIP("a SOCKET is no handle here");
    CHECK(handle_close(scene->watched));
    scene->is_gone = 1;
}
