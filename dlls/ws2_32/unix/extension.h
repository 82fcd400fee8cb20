/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boundary's half of the extension functions: AcceptEx, ConnectEx,
 * DisconnectEx, TransmitFile and TransmitPackets.
 *
 * Results are as unix/overlapped.h says.  completion NULL: the call waits.
 */
#ifndef WS2EMU_UNIX_EXTENSION_H
#define WS2EMU_UNIX_EXTENSION_H

#include <stdint.h>

#include "unix/overlapped.h"

/* --- AcceptEx ------------------------------------------------------------- */

/* The program's buffer: data, then a block for each address.  A block has the
   address at its beginning and the address's length in its last 4 bytes. */
struct unix_accept_buffer {
    void *data;
    uint32_t receive_length, local_length, remote_length;
};

/* A block has this much room beyond the address. */
#define UNIX_ACCEPT_BLOCK_EXTRA 16

/* deferred: a SOCKET that the provider has accepted already and whose
   connection is used (the SOCKET is closed), or WS2_INVALID_HANDLE_VALUE.
   WS2_ENOTSOCK, WS2_EINVAL: not listening, or accept is used already;
   WS2_EFAULT: no buffer, or no room for the remote address. */
int unix_socket_start_accept(ws2_handle listener, ws2_handle accept,
                             const struct unix_completion *completion,
                             const struct unix_accept_buffer *buffer,
                             ws2_handle deferred);

/* --- ConnectEx, DisconnectEx ---------------------------------------------- */

/* buffer: what is sent first; NULL: nothing.  WS2_EINVAL: not bound, listening,
   or connecting; WS2_EISCONN. */
int unix_socket_start_connect(ws2_handle s,
                              const struct unix_completion *completion,
                              const void *name, int length,
                              const struct unix_buffer *buffer);

/* reuse 1: the SOCKET is like a new one afterwards.  WS2_ENOTCONN. */
int unix_socket_start_disconnect(ws2_handle s,
                                 const struct unix_completion *completion,
                                 int reuse);

/* --- TransmitFile, TransmitPackets ---------------------------------------- */

struct unix_transmit_part {
    const void *memory;    /* the program's; NULL: of the file */
    uint64_t file;         /* a handle of the host's */
    int64_t offset;        /* -1: where the file stands, which then moves on */
    uint64_t length;       /* of a file, 0: to its end */
    int ends_packet;       /* of a datagram socket: the next one is of another
                              datagram */
};
enum {
    UNIX_TRANSMIT_DISCONNECT = 1,
    UNIX_TRANSMIT_REUSE = 2, /* with DISCONNECT */
};
struct unix_transmit_request {
    const struct unix_transmit_part *parts; /* copied */
    uint32_t n_parts;
    uint32_t flags;       /* of the above */
    uint32_t packet_size; /* bytes that a datagram has at most; 0: not on a
                             datagram socket */
};
/* WS2_ENOTCONN; WS2_EOPNOTSUPP: what streams alone can do. */
int unix_socket_start_transmit(ws2_handle s,
                               const struct unix_completion *completion,
                               const struct unix_transmit_request *request,
                               uint32_t *ret_count);

#endif
