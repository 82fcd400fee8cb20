/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The observed sequences of network events; see events.h.
 *
 * The masks hold events that cannot occur, too: they never do.
 *
 * One row of the observations is missing, a second urgent byte behind the
 * first: the kernel keeps one urgent byte for a connection, and a new one takes
 * its place.
 */
#include "support/events.h"

#include <mswsock.h>

/* What all rows of a table register, unless it says more. */
#define COMMON (FD_READ | FD_OOB | FD_CONNECT)
#define LISTENER_MASK (COMMON | FD_ACCEPT)
#define DATA_MASK (COMMON | FD_ACCEPT)
#define CLOSE_MASK (COMMON | FD_ACCEPT | FD_CLOSE)

#define POSTS(...) { __VA_ARGS__ }
#define NO_POST { 0 }
#define ROWS_END { .text = NULL }

static void keep(struct scene *scene, SOCKET s)
{
    CHECK(scene->n_kept < sizeof(scene->kept) / sizeof(scene->kept[0]));
    scene->kept[scene->n_kept++] = s;
}

/* --- Preparations --------------------------------------------------------------- */

static void fresh_stream(struct scene *scene)
{
    scene->watched = tcp_socket();
}

static void bound_listener(struct scene *scene)
{
    scene->watched = tcp_listener(&scene->name);
}

static void client_to_listener(struct scene *scene)
{
    keep(scene, tcp_listener(&scene->name));
    scene->watched = tcp_socket();
}

/* A port that is taken, and on which nobody listens. */
static void client_to_nobody(struct scene *scene)
{
    SOCKET s = tcp_socket();
    struct sockaddr_in name = loopback(0);

    CHECK_OK(bind(s, (struct sockaddr *)&name, sizeof(name)));
    scene->name = local_name(s);
    keep(scene, s);
    scene->watched = tcp_socket();
}

static void connected_client(struct scene *scene)
{
    tcp_pair(&scene->watched, &scene->peer);
}

static void accepted_socket(struct scene *scene)
{
    tcp_pair(&scene->peer, &scene->watched);
}

static void fresh_datagram(struct scene *scene)
{
    scene->peer = udp_bound(&scene->name);
    scene->watched = udp_socket();
}

static void bound_datagram(struct scene *scene)
{
    struct sockaddr_in name;

    scene->watched = udp_bound(&name);
    scene->peer = udp_socket();
    CHECK_OK(connect(scene->peer, (struct sockaddr *)&name, sizeof(name)));
}

/* --- Actions ----------------------------------------------------------------------- */

static void reg(struct scene *scene, long mask)
{
    watch_select(&scene->watch, scene->watched, mask);
}

static void cancel_and_reg(struct scene *scene, long mask)
{
    watch_select(&scene->watch, scene->watched, 0);
    watch_select(&scene->watch, scene->watched, mask);
}

static void reg_bind_listen(struct scene *scene, long mask)
{
    struct sockaddr_in name = loopback(0);

    reg(scene, mask);
    CHECK_OK(bind(scene->watched, (struct sockaddr *)&name, sizeof(name)));
    CHECK_OK(listen(scene->watched, SOMAXCONN));
    scene->name = local_name(scene->watched);
}

static void client_connects(struct scene *scene, long unused)
{
    (void)unused;
    keep(scene, tcp_connect(&scene->name));
}

static void client_connects_then_reg(struct scene *scene, long mask)
{
    client_connects(scene, 0);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    reg(scene, mask);
}

static SOCKET accept_here(struct scene *scene)
{
    return CHECK_SOCKET(accept(scene->watched, NULL, NULL));
}

static void accept_one(struct scene *scene, long unused)
{
    (void)unused;
    keep(scene, accept_here(scene));
}

static void accept_one_then_reg(struct scene *scene, long mask)
{
    accept_one(scene, 0);
    reg(scene, mask);
}

/* From now on the new socket is looked at. */
static void accept_and_watch(struct scene *scene, long unused)
{
    SOCKET s = accept_here(scene);

    (void)unused;
    keep(scene, scene->watched);
    scene->watched = s;
}

static void client_sends(struct scene *scene, long length)
{
    CHECK_EQ(length, 1);
    send_all(scene->kept[0], "x", 1);
}

static void accept_badly(struct scene *scene, long unused)
{
    struct sockaddr_in name;
    int length = 3;

    (void)unused;
    CHECK_ERROR(accept(scene->watched, (struct sockaddr *)&name, &length),
                WSAEFAULT);
}

static void accept_empty(struct scene *scene, long unused)
{
    (void)unused;
    CHECK_ERROR(accept(scene->watched, NULL, NULL), WSAEWOULDBLOCK);
}

static void connect_here(struct scene *scene, long unused)
{
    (void)unused;
    WSASetLastError(0);
    int result = connect(scene->watched, (struct sockaddr *)&scene->name,
                         sizeof(scene->name));
    CHECK_THAT(result == 0 || WSAGetLastError() == WSAEWOULDBLOCK,
               "connect failed with %s", error_name(WSAGetLastError()));
}

static void peer_sends(struct scene *scene, long length)
{
    static const char data[] = "0123456789";

    CHECK(length < (long)sizeof(data));
    send_all(scene->peer, data, (int)length);
}

static void peer_sends_then_reg(struct scene *scene, long mask)
{
    peer_sends(scene, 3);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    reg(scene, mask);
}

static void cancel_and_peer_sends_then_reg(struct scene *scene, long mask)
{
    reg(scene, 0);
    peer_sends_then_reg(scene, mask);
}

static void receive(struct scene *scene, long length)
{
    char buffer[16];

    CHECK_RESULT(recv(scene->watched, buffer, (int)length, 0), length);
}

static void cancel_and_receive_then_reg(struct scene *scene, long mask)
{
    reg(scene, 0);
    peer_sends(scene, 3);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    receive(scene, 3);
    reg(scene, mask);
}

static void peek(struct scene *scene, long length)
{
    char buffer[16];

    CHECK_RESULT(recv(scene->watched, buffer, (int)length, MSG_PEEK), length);
}

static void receive_badly(struct scene *scene, long length)
{
    char buffer[16];

    CHECK_ERROR(recv(scene->watched, buffer, (int)length, 0), WSAEFAULT);
}

static void receive_nothing(struct scene *scene, long unused)
{
    char buffer[16];

    (void)unused;
    CHECK_ERROR(recv(scene->watched, buffer, sizeof(buffer), 0),
                WSAEWOULDBLOCK);
}

static void peer_sends_urgent(struct scene *scene, long byte)
{
    char data = (char)byte;

    CHECK_RESULT(send(scene->peer, &data, 1, MSG_OOB), 1);
}

static void receive_urgent(struct scene *scene, long byte)
{
    char data = 0;

    CHECK_RESULT(recv(scene->watched, &data, 1, MSG_OOB), 1);
    CHECK_EQ(data, byte);
}

static void inline_and_reg(struct scene *scene, long mask)
{
    set_int_option(scene->watched, SOL_SOCKET, SO_OOBINLINE, 1);
    reg(scene, mask);
}

static void send_here(struct scene *scene, long length)
{
    char buffer[16] = "data";

    send_all(scene->watched, buffer, (int)length);
    receive_all(scene->peer, buffer, (int)length);
}

static void reg_and_send(struct scene *scene, long mask)
{
    reg(scene, mask);
    send_here(scene, 4);
}

static void send_until_full(struct scene *scene, long unused)
{
    static const char data[65536];
    int n;

    (void)unused;
    while ((n = send(scene->watched, data, sizeof(data), 0)) > 0)
        scene->n_sent += (unsigned)n;
    CHECK_EQ(n, -1);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
}

static void peer_drains(struct scene *scene, long unused)
{
    static char data[65536];

    (void)unused;
    while (scene->n_sent > 0) {
        int n = recv(scene->peer, data, sizeof(data), 0);
        CHECK_THAT(n > 0, "recv failed with %s", error_name(WSAGetLastError()));
        scene->n_sent -= (unsigned)n;
    }
}

static void peer_goes(struct scene *scene, long unused)
{
    (void)unused;
    close_socket(scene->peer);
    scene->peer = INVALID_SOCKET;
}

static void peer_goes_then_reg(struct scene *scene, long mask)
{
    peer_goes(scene, 0);
    CHECK(wait_readable(scene->watched, test_timeout(5000)));
    reg(scene, mask);
}

static void peer_aborts(struct scene *scene, long unused)
{
    struct linger abort_at_once = { 1, 0 };

    CHECK_OK(setsockopt(scene->peer, SOL_SOCKET, SO_LINGER,
                        (char *)&abort_at_once, sizeof(abort_at_once)));
    peer_goes(scene, unused);
}

static void peer_shuts(struct scene *scene, long how)
{
    CHECK_OK(shutdown(scene->peer, (int)how));
}

static void peer_shuts_receive_and_we_both(struct scene *scene, long unused)
{
    (void)unused;
    CHECK_OK(shutdown(scene->peer, SD_RECEIVE));
    CHECK_OK(shutdown(scene->watched, SD_BOTH));
}

static void receive_end(struct scene *scene, long unused)
{
    char byte;

    (void)unused;
    CHECK_RESULT(recv(scene->watched, &byte, 1, 0), 0);
}

/* --- Overlapped operations, where they are offered ------------------------------------- */

static void overlap(struct scene *scene)
{
    scene->overlapped.hEvent = WSACreateEvent();
    CHECK(scene->overlapped.hEvent != WSA_INVALID_EVENT);
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
    CHECK_EQ(WSAWaitForMultipleEvents(1, &scene->overlapped.hEvent, FALSE,
                                      (DWORD)test_timeout(4000), FALSE),
             WSA_WAIT_EVENT_0);
}

static void reg_and_pend_receive(struct scene *scene, long mask)
{
    WSABUF buffer = { sizeof(scene->buffer), scene->buffer };
    DWORD flags = 0;

    reg(scene, mask);
    overlap(scene);
    check_pended(WSARecv(scene->watched, &buffer, 1, NULL, &flags,
                         &scene->overlapped, NULL));
}

static void peer_sends_and_it_finishes(struct scene *scene, long length)
{
    peer_sends(scene, length);
    finish(scene);
}

static void reg_and_pend_accept(struct scene *scene, long mask)
{
    static const GUID id = WSAID_ACCEPTEX;
    const DWORD name_size = sizeof(struct sockaddr_in) + 16;
    LPFN_ACCEPTEX accept_ex;
    DWORD n_bytes;
    SOCKET s = tcp_socket();

    keep(scene, s);
    reg(scene, mask);
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

static void client_connects_and_it_finishes(struct scene *scene, long unused)
{
    client_connects(scene, unused);
    finish(scene);
}

static void close_here(struct scene *scene, long unused)
{
    (void)unused;
    close_socket(scene->watched);
    scene->is_gone = 1;
}

static void close_handle_here(struct scene *scene, long unused)
{
    (void)unused;
    if (test_target() == TARGET_NATIVE) SKIP("a SOCKET is no handle here");
    CHECK(handle_close(scene->watched));
    scene->is_gone = 1;
}

/* --- Listeners ------------------------------------------------------------------------- */

#define TABLE(name, preparation)                                               \
    const struct scene_table scene_##name = { preparation, name##_rows }

static const struct row connections_arrive_rows[] = {
    { "A1: unbound, bind, listen", reg_bind_listen, LISTENER_MASK, NO_POST, 0,
      0 },
    { "A2: a client connects", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    { "A3: registered again, it still waits", reg, LISTENER_MASK,
      POSTS(FD_ACCEPT), 0, 0 },
    { "A4: cancelled and registered", cancel_and_reg, LISTENER_MASK,
      POSTS(FD_ACCEPT), 0, 0 },
    { "A5: a second one connects, none accepted", client_connects, 0, NO_POST,
      FD_ACCEPT, 0 },
    { "A6: accept, one remains", accept_one, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    { "A7: accept, none remains", accept_one, 0, NO_POST, 0, 0 },
    { "02 5: accept that fails re-enables", accept_empty, 0, NO_POST, 0, 0 },
    { "02 6: the next one", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    ROWS_END
};
TABLE(connections_arrive, fresh_stream);

static const struct row accept_fails_rows[] = {
    { "registered", reg, LISTENER_MASK, NO_POST, 0, 0 },
    { "a client connects", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    { "accept fails with WSAEFAULT", accept_badly, 0, POSTS(FD_ACCEPT), 0, 0 },
    { "accept", accept_one, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(accept_fails, bound_listener);

static const struct row connection_waits_rows[] = {
    { "A8: connected, then registered", client_connects_then_reg,
      LISTENER_MASK, POSTS(FD_ACCEPT), FD_ACCEPT, 0 },
    ROWS_END
};
TABLE(connection_waits, bound_listener);

static const struct row accept_unselected_rows[] = {
    { "A12: registered without ACCEPT", reg, COMMON, NO_POST, 0, 0 },
    { "A12: a client connects", client_connects, 0, NO_POST, 0, 0 },
    { "A12: registered with ACCEPT", reg, LISTENER_MASK, POSTS(FD_ACCEPT),
      FD_ACCEPT, 0 },
    ROWS_END
};
TABLE(accept_unselected, bound_listener);

static const struct row accept_taken_rows[] = {
    { "A13: registered without ACCEPT", reg, COMMON, NO_POST, 0, 0 },
    { "A13: a client connects", client_connects, 0, NO_POST, 0, 0 },
    { "A13: accept, registered with ACCEPT", accept_one_then_reg,
      LISTENER_MASK, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(accept_taken, bound_listener);

static const struct row accept_inherits_rows[] = {
    { "A16: the listener, with WRITE", reg, LISTENER_MASK | FD_WRITE, NO_POST,
      0, 0 },
    { "A16: a client connects", client_connects, 0, POSTS(FD_ACCEPT),
      FD_ACCEPT, 0 },
    { "A16: the accepted socket", accept_and_watch, 0, POSTS(FD_WRITE),
      FD_WRITE, 0 },
    { "02 10: READ is inherited", client_sends, 1, POSTS(FD_READ), FD_READ, 0 },
    { "02 10: it is not blocking", receive, 1, NO_POST, 0, 0 },
    { "02 10: it is not blocking", receive_nothing, 0, NO_POST, 0, 0 },
    { "02 10: and can be registered for itself", reg, FD_WRITE,
      POSTS(FD_WRITE), 0, 0 },
    { "02 10: which ends what it inherited", client_sends, 1, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(accept_inherits, bound_listener);

/* --- Connecting -------------------------------------------------------------------------- */

#define CONNECT_MASK (COMMON | FD_WRITE)

static const struct row connect_succeeds_rows[] = {
    { "U4: not connected", reg, CONNECT_MASK, NO_POST, 0, 0 },
    { "C1: connected", connect_here, 0, POSTS(FD_CONNECT, FD_WRITE),
      FD_CONNECT | FD_WRITE, 0 },
    { "C2: cancelled and registered", cancel_and_reg, CONNECT_MASK,
      POSTS(FD_WRITE), 0, 0 },
    ROWS_END
};
TABLE(connect_succeeds, client_to_listener);

static const struct row accepted_writes_rows[] = {
    { "C3: an accepted socket", reg, CONNECT_MASK, POSTS(FD_WRITE), FD_WRITE,
      0 },
    ROWS_END
};
TABLE(accepted_writes, accepted_socket);

static const struct row connected_before_rows[] = {
    { "C4: registered after connect", reg, CONNECT_MASK, POSTS(FD_WRITE),
      FD_CONNECT | FD_WRITE, 0 },
    ROWS_END
};
TABLE(connected_before, connected_client);

static const struct row connect_unselected_rows[] = {
    { "C5: registered without CONNECT", reg, FD_READ | FD_OOB | FD_WRITE,
      NO_POST, 0, 0 },
    { "C5: connected", connect_here, 0, POSTS(FD_WRITE), FD_WRITE, 0 },
    { "C6: registered with CONNECT", reg, CONNECT_MASK, POSTS(FD_WRITE),
      FD_CONNECT, 0 },
    ROWS_END
};
TABLE(connect_unselected, client_to_listener);

static const struct row connect_refused_rows[] = {
    { "C7: registered before", reg, CONNECT_MASK | FD_CLOSE, NO_POST, 0, 0 },
    { "C7: refused", connect_here, 0, POSTS(FD_CONNECT), FD_CONNECT,
      WSAECONNREFUSED },
    { "02 8: nothing once it is reported", reg, CONNECT_MASK | FD_CLOSE,
      NO_POST, 0, 0 },
    ROWS_END
};
TABLE(connect_refused, client_to_nobody);

/* --- Datagrams ----------------------------------------------------------------------------- */

static const struct row datagram_unbound_rows[] = {
    { "U1: unbound", reg, CONNECT_MASK, POSTS(FD_WRITE), 0, 0 },
    { "U2: connected", connect_here, 0, POSTS(FD_WRITE),
      FD_CONNECT | FD_WRITE, 0 },
    ROWS_END
};
TABLE(datagram_unbound, fresh_datagram);

static const struct row datagram_bound_rows[] = {
    { "U3: bound", reg, FD_READ | FD_OOB | FD_WRITE | FD_CLOSE,
      POSTS(FD_WRITE), FD_WRITE, 0 },
    { "U3: once", cancel_and_reg, FD_READ | FD_OOB | FD_WRITE | FD_CLOSE,
      POSTS(FD_WRITE), 0, 0 },
    ROWS_END
};
TABLE(datagram_bound, bound_datagram);

static const struct row datagram_data_rows[] = {
    { "bound", reg, FD_READ | FD_OOB | FD_CLOSE, NO_POST, 0, 0 },
    { "a datagram", peer_sends, 3, POSTS(FD_READ), FD_READ, 0 },
    { "another while it is unread", peer_sends, 4, NO_POST, FD_READ, 0 },
    { "one is received, one remains", receive, 3, POSTS(FD_READ), FD_READ, 0 },
    { "the last one is received", receive, 4, NO_POST, 0, 0 },
    { "one more", peer_sends, 5, POSTS(FD_READ), FD_READ, 0 },
    { "and received", receive, 5, NO_POST, 0, 0 },
    { "the sender goes: no CLOSE", peer_goes, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(datagram_data, bound_datagram);

/* --- Sending --------------------------------------------------------------------------------- */

static const struct row write_registered_rows[] = {
    { "W1: connected, registered", reg, DATA_MASK | FD_WRITE, POSTS(FD_WRITE),
      FD_WRITE, 0 },
    { "W1: again", reg, DATA_MASK | FD_WRITE, POSTS(FD_WRITE), 0, 0 },
    { "W1: cancelled and registered", cancel_and_reg, DATA_MASK | FD_WRITE,
      POSTS(FD_WRITE), 0, 0 },
    { "W2: send, and the peer reads", send_here, 4, NO_POST, 0, 0 },
    { "W3: send until WSAEWOULDBLOCK", send_until_full, 0, NO_POST, 0, 0 },
    { "W3: the peer drains", peer_drains, 0, POSTS(FD_WRITE), FD_WRITE, 0 },
    { "W2: send, and the peer reads", send_here, 4, NO_POST, 0, 0 },
    { "W3: once more", send_until_full, 0, NO_POST, 0, 0 },
    { "W3: the peer drains", peer_drains, 0, POSTS(FD_WRITE), FD_WRITE, 0 },
    ROWS_END
};
TABLE(write_registered, accepted_socket);

static const struct row write_unselected_rows[] = {
    { "W4: without WRITE", reg, DATA_MASK, NO_POST, 0, 0 },
    { "W4: with WRITE", reg, DATA_MASK | FD_WRITE, POSTS(FD_WRITE), FD_WRITE,
      0 },
    ROWS_END
};
TABLE(write_unselected, accepted_socket);

static const struct row write_recorded_rows[] = {
    { "W5: registered, a send", reg_and_send, DATA_MASK | FD_WRITE,
      POSTS(FD_WRITE), FD_WRITE, 0 },
    ROWS_END
};
TABLE(write_recorded, accepted_socket);

/* --- Receiving ------------------------------------------------------------------------------- */

static const struct row data_arrives_rows[] = {
    { "R1: registered", reg, DATA_MASK, NO_POST, 0, 0 },
    { "R1: data arrives", peer_sends, 3, POSTS(FD_READ), FD_READ, 0 },
    { "R2: registered again", reg, DATA_MASK, POSTS(FD_READ), 0, 0 },
    { "R2: cancelled and registered", cancel_and_reg, DATA_MASK,
      POSTS(FD_READ), 0, 0 },
    { "R3: more data while unread", peer_sends, 3, NO_POST, FD_READ, 0 },
    { "R4: a part is received", receive, 2, POSTS(FD_READ), FD_READ, 0 },
    { "R5: recv fails with WSAEFAULT", receive_badly, -1, POSTS(FD_READ), 0,
      0 },
    { "R6: a byte, three remain", receive, 1, POSTS(FD_READ), FD_READ, 0 },
    { "R6: a byte, two remain", receive, 1, POSTS(FD_READ), FD_READ, 0 },
    { "R6: a byte, one remains", receive, 1, POSTS(FD_READ), FD_READ, 0 },
    { "R7: the last byte", receive, 1, NO_POST, 0, 0 },
    { "R1: data arrives anew", peer_sends, 1, POSTS(FD_READ), FD_READ, 0 },
    ROWS_END
};
TABLE(data_arrives, accepted_socket);

static const struct row data_waits_rows[] = {
    { "R8: data, then registered", cancel_and_peer_sends_then_reg, DATA_MASK,
      POSTS(FD_READ), FD_READ, 0 },
    { "R7: received", receive, 3, NO_POST, 0, 0 },
    { "R9: data is received, then registered", cancel_and_receive_then_reg,
      DATA_MASK, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(data_waits, accepted_socket);

static const struct row data_unselected_rows[] = {
    { "R10: without READ", reg, FD_ACCEPT | FD_OOB, NO_POST, 0, 0 },
    { "R10: data; enumerating shows nothing", peer_sends, 3, NO_POST, 0, 0 },
    { "R10: with READ and WRITE", reg, DATA_MASK | FD_WRITE,
      POSTS(FD_READ, FD_WRITE), FD_READ | FD_WRITE, 0 },
    ROWS_END
};
TABLE(data_unselected, accepted_socket);

static const struct row data_peeked_rows[] = {
    { "registered", reg, DATA_MASK, NO_POST, 0, 0 },
    { "data arrives", peer_sends, 2, POSTS(FD_READ), FD_READ, 0 },
    { "a peek leaves it all", peek, 2, POSTS(FD_READ), FD_READ, 0 },
    { "received", receive, 2, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(data_peeked, accepted_socket);

static const struct row data_read_empty_rows[] = {
    { "registered", reg, DATA_MASK, NO_POST, 0, 0 },
    { "recv finds nothing", receive_nothing, 0, NO_POST, 0, 0 },
    { "data arrives", peer_sends, 2, POSTS(FD_READ), FD_READ, 0 },
    { "received", receive, 2, NO_POST, 0, 0 },
    { "recv finds nothing", receive_nothing, 0, NO_POST, 0, 0 },
    { "data arrives", peer_sends, 2, POSTS(FD_READ), FD_READ, 0 },
    ROWS_END
};
TABLE(data_read_empty, accepted_socket);

/* --- Urgent data ------------------------------------------------------------------------------ */

static const struct row urgent_arrives_rows[] = {
    { "O1: registered", reg, DATA_MASK, NO_POST, 0, 0 },
    { "O1: an urgent byte", peer_sends_urgent, 'a', POSTS(FD_OOB), FD_OOB, 0 },
    { "O2: registered again", reg, DATA_MASK, POSTS(FD_OOB), 0, 0 },
    { "O3: a second one", peer_sends_urgent, 'b', NO_POST, FD_OOB, 0 },
    { "O5: the last is received", receive_urgent, 'b', NO_POST, 0, 0 },
    { "O1: one more", peer_sends_urgent, 'c', POSTS(FD_OOB), FD_OOB, 0 },
    { "O5: received", receive_urgent, 'c', NO_POST, 0, 0 },
    { "02 6: data is no urgent data", peer_sends, 2, POSTS(FD_READ), FD_READ,
      0 },
    { "02 5: received", receive, 2, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(urgent_arrives, accepted_socket);

static const struct row urgent_inline_rows[] = {
    { "O6: registered", inline_and_reg, DATA_MASK, NO_POST, 0, 0 },
    { "O6: an urgent byte", peer_sends_urgent, 'a', POSTS(FD_READ), FD_READ,
      0 },
    ROWS_END
};
TABLE(urgent_inline, accepted_socket);

/* --- The end ------------------------------------------------------------------------------------ */

static const struct row peer_closes_rows[] = {
    { "K1: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "K1: the peer closes", peer_goes, 0, POSTS(FD_CLOSE), FD_CLOSE, 0 },
    { "K2: registered again", reg, CLOSE_MASK, POSTS(FD_CLOSE), 0, 0 },
    { "K2: cancelled and registered", cancel_and_reg, CLOSE_MASK,
      POSTS(FD_CLOSE), 0, 0 },
    { "K3: recv returns 0", receive_end, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(peer_closes, accepted_socket);

static const struct row peer_shuts_down_rows[] = {
    { "K4: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "K4: the peer's SD_SEND", peer_shuts, SD_SEND, POSTS(FD_CLOSE), FD_CLOSE,
      0 },
    { "K5: then it closes", peer_goes, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(peer_shuts_down, accepted_socket);

static const struct row both_shut_down_rows[] = {
    { "K6: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "K6: the peer's SD_RECEIVE, our SD_BOTH", peer_shuts_receive_and_we_both,
      0, NO_POST, 0, 0 },
    { "K7: the peer's SD_SEND", peer_shuts, SD_SEND, POSTS(FD_CLOSE), FD_CLOSE,
      0 },
    ROWS_END
};
TABLE(both_shut_down, accepted_socket);

static const struct row peer_closes_unread_rows[] = {
    { "K8: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "K8: data arrives", peer_sends, 4, POSTS(FD_READ), FD_READ, 0 },
    { "K8: the peer closes, at once", peer_goes, 0, POSTS(FD_CLOSE), FD_CLOSE,
      0 },
    { "K9: a part is received", receive, 2, POSTS(FD_READ), FD_READ, 0 },
    { "K10: the rest is received", receive, 2, NO_POST, 0, 0 },
    { "K3: recv returns 0", receive_end, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(peer_closes_unread, accepted_socket);

static const struct row peer_closed_before_rows[] = {
    { "K11: the peer closed, then registered", peer_goes_then_reg, CLOSE_MASK,
      POSTS(FD_CLOSE), FD_CLOSE, 0 },
    ROWS_END
};
TABLE(peer_closed_before, accepted_socket);

static const struct row close_unselected_rows[] = {
    { "K12: registered without CLOSE", reg, DATA_MASK, NO_POST, 0, 0 },
    { "K12: the peer closes", peer_goes, 0, NO_POST, 0, 0 },
    { "K12: registered with CLOSE", reg, CLOSE_MASK, POSTS(FD_CLOSE), FD_CLOSE,
      0 },
    ROWS_END
};
TABLE(close_unselected, accepted_socket);

static const struct row peer_resets_rows[] = {
    { "K13: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "K13: the peer resets", peer_aborts, 0, POSTS(FD_CLOSE), FD_CLOSE,
      WSAECONNABORTED },
    { "K14: registered again", reg, CLOSE_MASK, POSTS(FD_CLOSE), 0,
      WSAECONNABORTED },
    ROWS_END
};
TABLE(peer_resets, accepted_socket);

static const struct row closed_here_rows[] = {
    { "02 3: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "02 3: closesocket", close_here, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(closed_here, accepted_socket);

static const struct row handle_closed_here_rows[] = {
    { "L2: registered", reg, CLOSE_MASK, NO_POST, 0, 0 },
    { "L2: CloseHandle", close_handle_here, 0, POSTS(FD_CLOSE), 0, 0 },
    ROWS_END
};
TABLE(handle_closed_here, accepted_socket);

/* --- Beside overlapped operations ----------------------------------------------------------------- */

static const struct row accept_pended_rows[] = {
    { "A14: registered, AcceptEx pends", reg_and_pend_accept, LISTENER_MASK,
      NO_POST, 0, 0 },
    { "A14: a client connects", client_connects_and_it_finishes, 0, NO_POST, 0,
      0 },
    { "A15: the next one", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    ROWS_END
};
TABLE(accept_pended, bound_listener);

static const struct row receive_pended_rows[] = {
    { "R11: registered, a receive pends", reg_and_pend_receive, DATA_MASK,
      NO_POST, 0, 0 },
    { "R11: data arrives", peer_sends_and_it_finishes, 3, NO_POST, 0, 0 },
    { "R12: the next data", peer_sends, 3, POSTS(FD_READ), FD_READ, 0 },
    ROWS_END
};
TABLE(receive_pended, accepted_socket);

static const struct row closed_while_pended_rows[] = {
    { "L1: registered, a receive pends", reg_and_pend_receive, CLOSE_MASK,
      NO_POST, 0, 0 },
    { "L1: closesocket", close_here, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(closed_while_pended, accepted_socket);

/* --- Quality of service ----------------------------------------------------------------------------- */

static const struct row service_quality_rows[] = {
    { "accepted silently", reg, FD_QOS | FD_GROUP_QOS, NO_POST, 0, 0 },
    { "nothing occurs", peer_sends, 3, NO_POST, 0, 0 },
    { "nothing occurs", peer_goes, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(service_quality, accepted_socket);

/* --- A transfer ---------------------------------------------------------------------------------------- */

struct transfer {
    struct scene scene;
    int total;
    int received;
};

static int transfer_send(struct transfer *transfer)
{
    static const char data[65536];
    struct scene *scene = &transfer->scene;
    int n, sent = 0;

    while (sent < transfer->total) {
        check_reports(&scene->watch, scene->watched, FD_WRITE, 0);
        while (sent < transfer->total &&
               (n = send(scene->watched, data, sizeof(data), 0)) > 0)
            sent += n;
        if (sent < transfer->total) CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    }
    CHECK_OK(shutdown(scene->watched, SD_SEND));
    return sent;
}

static void transfer_receive(void *argument)
{
    static char data[65536];
    struct transfer *transfer = argument;
    int n;

    while ((n = recv(transfer->scene.peer, data, sizeof(data), 0)) > 0)
        transfer->received += n;
    EXPECT_THAT(n == 0, "recv failed with %s", error_name(WSAGetLastError()));
}

/* First in turns: full, then empty.  Then both ends at once, where space may
   return between the failure and the news of it. */
void send_only_on_write(enum watch_kind kind)
{
    enum { ROUNDS = 10, TOTAL = 8 << 20, BUFFER = 16384 };
    struct transfer transfer = { .total = TOTAL };
    struct scene *scene = &transfer.scene;

    accepted_socket(scene);
    watch_open(&scene->watch, kind);
    set_int_option(scene->watched, SOL_SOCKET, SO_SNDBUF, BUFFER);
    set_int_option(scene->peer, SOL_SOCKET, SO_RCVBUF, BUFFER);
    reg(scene, FD_WRITE);
    for (int round = 0; round < ROUNDS; round++) {
        check_reports(&scene->watch, scene->watched, FD_WRITE, 0);
        send_until_full(scene, 0);
        peer_drains(scene, 0);
    }
    struct thread *thread = thread_start(transfer_receive, &transfer);
    int sent = transfer_send(&transfer);
    thread_join(thread);
    EXPECT_EQ(transfer.received, sent);
    close_socket(scene->watched);
    close_socket(scene->peer);
    watch_close(&scene->watch);
}
