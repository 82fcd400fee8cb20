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
#include "support/event_actions.h"

/* What all rows of a table register, unless it says more. */
#define COMMON (FD_READ | FD_OOB | FD_CONNECT)
#define LISTENER_MASK (COMMON | FD_ACCEPT)
#define DATA_MASK (COMMON | FD_ACCEPT)
#define CLOSE_MASK (COMMON | FD_ACCEPT | FD_CLOSE)

#define POSTS(...) { __VA_ARGS__ }
#define NO_POST { 0 }
#define ROWS_END { .text = NULL }
#define TABLE(name, preparation)                                               \
    const struct scene_table scene_##name = { preparation, name##_rows }

/* --- Listeners ------------------------------------------------------------ */

static const struct row connections_arrive_rows[] = {
    { "A1: unbound, bind, listen", select_bind_listen, LISTENER_MASK, NO_POST,
      0, 0 },
    { "A2: a client connects", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    { "A3: registered again, it still waits", select_mask, LISTENER_MASK,
      POSTS(FD_ACCEPT), 0, 0 },
    { "A4: cancelled and registered", cancel_and_select, LISTENER_MASK,
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
    { "registered", select_mask, LISTENER_MASK, NO_POST, 0, 0 },
    { "a client connects", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    { "accept fails with WSAEFAULT", accept_badly, 0, POSTS(FD_ACCEPT), 0, 0 },
    { "accept", accept_one, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(accept_fails, bound_listener);

static const struct row connection_waits_rows[] = {
    { "A8: connected, then registered", client_connects_then_select,
      LISTENER_MASK, POSTS(FD_ACCEPT), FD_ACCEPT, 0 },
    ROWS_END
};
TABLE(connection_waits, bound_listener);

static const struct row accept_unselected_rows[] = {
    { "A12: registered without ACCEPT", select_mask, COMMON, NO_POST, 0, 0 },
    { "A12: a client connects", client_connects, 0, NO_POST, 0, 0 },
    { "A12: registered with ACCEPT", select_mask, LISTENER_MASK,
      POSTS(FD_ACCEPT), FD_ACCEPT, 0 },
    ROWS_END
};
TABLE(accept_unselected, bound_listener);

static const struct row accept_taken_rows[] = {
    { "A13: registered without ACCEPT", select_mask, COMMON, NO_POST, 0, 0 },
    { "A13: a client connects", client_connects, 0, NO_POST, 0, 0 },
    { "A13: accept, registered with ACCEPT", accept_one_then_select,
      LISTENER_MASK, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(accept_taken, bound_listener);

static const struct row accept_inherits_rows[] = {
    { "A16: the listener, with WRITE", select_mask, LISTENER_MASK | FD_WRITE,
      NO_POST, 0, 0 },
    { "A16: a client connects", client_connects, 0, POSTS(FD_ACCEPT),
      FD_ACCEPT, 0 },
    { "A16: the accepted socket", accept_and_watch, 0, POSTS(FD_WRITE),
      FD_WRITE, 0 },
    { "02 10: READ is inherited", client_sends, 1, POSTS(FD_READ), FD_READ, 0 },
    { "02 10: it is not blocking", receive, 1, NO_POST, 0, 0 },
    { "02 10: it is not blocking", receive_nothing, 0, NO_POST, 0, 0 },
    { "02 10: and can be registered for itself", select_mask, FD_WRITE,
      POSTS(FD_WRITE), 0, 0 },
    { "02 10: which ends what it inherited", client_sends, 1, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(accept_inherits, bound_listener);

/* --- Connecting ----------------------------------------------------------- */

#define CONNECT_MASK (COMMON | FD_WRITE)

static const struct row connect_succeeds_rows[] = {
    { "U4: not connected", select_mask, CONNECT_MASK, NO_POST, 0, 0 },
    { "C1: connected", connect_here, 0, POSTS(FD_CONNECT, FD_WRITE),
      FD_CONNECT | FD_WRITE, 0 },
    { "C2: cancelled and registered", cancel_and_select, CONNECT_MASK,
      POSTS(FD_WRITE), 0, 0 },
    ROWS_END
};
TABLE(connect_succeeds, client_to_listener);

static const struct row accepted_writes_rows[] = {
    { "C3: an accepted socket", select_mask, CONNECT_MASK, POSTS(FD_WRITE),
      FD_WRITE, 0 },
    ROWS_END
};
TABLE(accepted_writes, accepted_socket);

static const struct row connected_before_rows[] = {
    { "C4: registered after connect", select_mask, CONNECT_MASK,
      POSTS(FD_WRITE), FD_CONNECT | FD_WRITE, 0 },
    ROWS_END
};
TABLE(connected_before, connected_client);

static const struct row connect_unselected_rows[] = {
    { "C5: registered without CONNECT", select_mask,
      FD_READ | FD_OOB | FD_WRITE, NO_POST, 0, 0 },
    { "C5: connected", connect_here, 0, POSTS(FD_WRITE), FD_WRITE, 0 },
    { "C6: registered with CONNECT", select_mask, CONNECT_MASK, POSTS(FD_WRITE),
      FD_CONNECT, 0 },
    ROWS_END
};
TABLE(connect_unselected, client_to_listener);

static const struct row connect_refused_rows[] = {
    { "C7: registered before", select_mask, CONNECT_MASK | FD_CLOSE, NO_POST, 0,
      0 },
    { "C7: refused", connect_here, 0, POSTS(FD_CONNECT), FD_CONNECT,
      WSAECONNREFUSED },
    { "02 8: nothing once it is reported", select_mask, CONNECT_MASK | FD_CLOSE,
      NO_POST, 0, 0 },
    ROWS_END
};
TABLE(connect_refused, client_to_nobody);

/* --- Datagrams ------------------------------------------------------------ */

static const struct row datagram_unbound_rows[] = {
    { "U1: unbound", select_mask, CONNECT_MASK, POSTS(FD_WRITE), 0, 0 },
    { "U2: connected", connect_here, 0, POSTS(FD_WRITE),
      FD_CONNECT | FD_WRITE, 0 },
    ROWS_END
};
TABLE(datagram_unbound, fresh_datagram);

static const struct row datagram_bound_rows[] = {
    { "U3: bound", select_mask, FD_READ | FD_OOB | FD_WRITE | FD_CLOSE,
      POSTS(FD_WRITE), FD_WRITE, 0 },
    { "U3: once", cancel_and_select, FD_READ | FD_OOB | FD_WRITE | FD_CLOSE,
      POSTS(FD_WRITE), 0, 0 },
    ROWS_END
};
TABLE(datagram_bound, bound_datagram);

static const struct row datagram_data_rows[] = {
    { "bound", select_mask, FD_READ | FD_OOB | FD_CLOSE, NO_POST, 0, 0 },
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

/* --- Sending -------------------------------------------------------------- */

static const struct row write_registered_rows[] = {
    { "W1: connected, registered", select_mask, DATA_MASK | FD_WRITE,
      POSTS(FD_WRITE), FD_WRITE, 0 },
    { "W1: again", select_mask, DATA_MASK | FD_WRITE, POSTS(FD_WRITE), 0, 0 },
    { "W1: cancelled and registered", cancel_and_select, DATA_MASK | FD_WRITE,
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
    { "W4: without WRITE", select_mask, DATA_MASK, NO_POST, 0, 0 },
    { "W4: with WRITE", select_mask, DATA_MASK | FD_WRITE, POSTS(FD_WRITE),
      FD_WRITE, 0 },
    ROWS_END
};
TABLE(write_unselected, accepted_socket);

static const struct row write_recorded_rows[] = {
    { "W5: registered, a send", select_and_send, DATA_MASK | FD_WRITE,
      POSTS(FD_WRITE), FD_WRITE, 0 },
    ROWS_END
};
TABLE(write_recorded, accepted_socket);

/* --- Receiving ------------------------------------------------------------ */

static const struct row data_arrives_rows[] = {
    { "R1: registered", select_mask, DATA_MASK, NO_POST, 0, 0 },
    { "R1: data arrives", peer_sends, 3, POSTS(FD_READ), FD_READ, 0 },
    { "R2: registered again", select_mask, DATA_MASK, POSTS(FD_READ), 0, 0 },
    { "R2: cancelled and registered", cancel_and_select, DATA_MASK,
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
    { "R8: data, then registered", cancel_and_peer_sends_then_select, DATA_MASK,
      POSTS(FD_READ), FD_READ, 0 },
    { "R7: received", receive, 3, NO_POST, 0, 0 },
    { "R9: data is received, then registered", cancel_and_receive_then_select,
      DATA_MASK, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(data_waits, accepted_socket);

static const struct row data_unselected_rows[] = {
    { "R10: without READ", select_mask, FD_ACCEPT | FD_OOB, NO_POST, 0, 0 },
    { "R10: data; enumerating shows nothing", peer_sends, 3, NO_POST, 0, 0 },
    { "R10: with READ and WRITE", select_mask, DATA_MASK | FD_WRITE,
      POSTS(FD_READ, FD_WRITE), FD_READ | FD_WRITE, 0 },
    ROWS_END
};
TABLE(data_unselected, accepted_socket);

static const struct row data_peeked_rows[] = {
    { "registered", select_mask, DATA_MASK, NO_POST, 0, 0 },
    { "data arrives", peer_sends, 2, POSTS(FD_READ), FD_READ, 0 },
    { "a peek leaves it all", peek, 2, POSTS(FD_READ), FD_READ, 0 },
    { "received", receive, 2, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(data_peeked, accepted_socket);

static const struct row data_read_empty_rows[] = {
    { "registered", select_mask, DATA_MASK, NO_POST, 0, 0 },
    { "recv finds nothing", receive_nothing, 0, NO_POST, 0, 0 },
    { "data arrives", peer_sends, 2, POSTS(FD_READ), FD_READ, 0 },
    { "received", receive, 2, NO_POST, 0, 0 },
    { "recv finds nothing", receive_nothing, 0, NO_POST, 0, 0 },
    { "data arrives", peer_sends, 2, POSTS(FD_READ), FD_READ, 0 },
    ROWS_END
};
TABLE(data_read_empty, accepted_socket);

/* --- Urgent data ---------------------------------------------------------- */

static const struct row urgent_arrives_rows[] = {
    { "O1: registered", select_mask, DATA_MASK, NO_POST, 0, 0 },
    { "O1: an urgent byte", peer_sends_urgent, 'a', POSTS(FD_OOB), FD_OOB, 0 },
    { "O2: registered again", select_mask, DATA_MASK, POSTS(FD_OOB), 0, 0 },
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
    { "O6: registered", inline_and_select, DATA_MASK, NO_POST, 0, 0 },
    { "O6: an urgent byte", peer_sends_urgent, 'a', POSTS(FD_READ), FD_READ,
      0 },
    ROWS_END
};
TABLE(urgent_inline, accepted_socket);

/* --- The end -------------------------------------------------------------- */

static const struct row peer_closes_rows[] = {
    { "K1: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
    { "K1: the peer closes", peer_goes, 0, POSTS(FD_CLOSE), FD_CLOSE, 0 },
    { "K2: registered again", select_mask, CLOSE_MASK, POSTS(FD_CLOSE), 0, 0 },
    { "K2: cancelled and registered", cancel_and_select, CLOSE_MASK,
      POSTS(FD_CLOSE), 0, 0 },
    { "K3: recv returns 0", receive_end, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(peer_closes, accepted_socket);

static const struct row peer_shuts_down_rows[] = {
    { "K4: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
    { "K4: the peer's SD_SEND", peer_shuts, SD_SEND, POSTS(FD_CLOSE), FD_CLOSE,
      0 },
    { "K5: then it closes", peer_goes, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(peer_shuts_down, accepted_socket);

static const struct row both_shut_down_rows[] = {
    { "K6: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
    { "K6: the peer's SD_RECEIVE, our SD_BOTH", peer_shuts_receive_and_we_both,
      0, NO_POST, 0, 0 },
    { "K7: the peer's SD_SEND", peer_shuts, SD_SEND, POSTS(FD_CLOSE), FD_CLOSE,
      0 },
    ROWS_END
};
TABLE(both_shut_down, accepted_socket);

static const struct row peer_closes_unread_rows[] = {
    { "K8: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
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
    { "K11: the peer closed, then registered", peer_goes_then_select,
      CLOSE_MASK, POSTS(FD_CLOSE), FD_CLOSE, 0 },
    ROWS_END
};
TABLE(peer_closed_before, accepted_socket);

static const struct row close_unselected_rows[] = {
    { "K12: registered without CLOSE", select_mask, DATA_MASK, NO_POST, 0, 0 },
    { "K12: the peer closes", peer_goes, 0, NO_POST, 0, 0 },
    { "K12: registered with CLOSE", select_mask, CLOSE_MASK, POSTS(FD_CLOSE),
      FD_CLOSE, 0 },
    ROWS_END
};
TABLE(close_unselected, accepted_socket);

static const struct row peer_resets_rows[] = {
    { "K13: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
    { "K13: the peer resets", peer_aborts, 0, POSTS(FD_CLOSE), FD_CLOSE,
      WSAECONNABORTED },
    { "K14: registered again", select_mask, CLOSE_MASK, POSTS(FD_CLOSE), 0,
      WSAECONNABORTED },
    ROWS_END
};
TABLE(peer_resets, accepted_socket);

static const struct row closed_here_rows[] = {
    { "02 3: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
    { "02 3: closesocket", close_here, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(closed_here, accepted_socket);

static const struct row handle_closed_here_rows[] = {
    { "L2: registered", select_mask, CLOSE_MASK, NO_POST, 0, 0 },
    { "L2: CloseHandle", close_handle_here, 0, POSTS(FD_CLOSE), 0, 0 },
    ROWS_END
};
TABLE(handle_closed_here, accepted_socket);

/* --- Beside overlapped operations ----------------------------------------- */

static const struct row accept_pended_rows[] = {
    { "A14: registered, AcceptEx pends", select_and_pend_accept, LISTENER_MASK,
      NO_POST, 0, 0 },
    { "A14: a client connects", client_connects_and_it_finishes, 0, NO_POST, 0,
      0 },
    { "A15: the next one", client_connects, 0, POSTS(FD_ACCEPT), FD_ACCEPT,
      0 },
    ROWS_END
};
TABLE(accept_pended, bound_listener);

static const struct row receive_pended_rows[] = {
    { "R11: registered, a receive pends", select_and_pend_receive, DATA_MASK,
      NO_POST, 0, 0 },
    { "R11: data arrives", peer_sends_and_it_finishes, 3, NO_POST, 0, 0 },
    { "R12: the next data", peer_sends, 3, POSTS(FD_READ), FD_READ, 0 },
    ROWS_END
};
TABLE(receive_pended, accepted_socket);

static const struct row closed_while_pended_rows[] = {
    { "L1: registered, a receive pends", select_and_pend_receive, CLOSE_MASK,
      NO_POST, 0, 0 },
    { "L1: closesocket", close_here, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(closed_while_pended, accepted_socket);

/* --- Quality of service --------------------------------------------------- */

static const struct row service_quality_rows[] = {
    { "accepted silently", select_mask, FD_QOS | FD_GROUP_QOS, NO_POST, 0, 0 },
    { "nothing occurs", peer_sends, 3, NO_POST, 0, 0 },
    { "nothing occurs", peer_goes, 0, NO_POST, 0, 0 },
    ROWS_END
};
TABLE(service_quality, accepted_socket);
