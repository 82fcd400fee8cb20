/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to the kernel about a socket fd, in Winsock's terms. */
#ifndef WS2EMU_UNIX_KERNEL_SOCKET_H
#define WS2EMU_UNIX_KERNEL_SOCKET_H

#include <stdint.h>

#include "unix/boundary.h"

/* Family, type and protocol.  WS2_ENOTSOCK: not a socket of a family that
   Winsock knows. */
int kernel_socket_identify(int fd, struct unix_identity *ret_identity);
int kernel_socket_cookie(int fd, uint64_t *ret_cookie);

/* A non-blocking, close-on-exec kernel socket. fd, or -1 with errno. */
int kernel_socket_new(const struct unix_identity *identity);

/* An integer option, or -1. */
int kernel_socket_option(int fd, int level, int name);
int kernel_socket_is_listening(int fd);
int kernel_socket_is_bound(int fd); /* has a local port, or path */

enum kernel_socket_state {
    KERNEL_SOCKET_IDLE,       /* not connected (any more) */
    KERNEL_SOCKET_CONNECTING,
    KERNEL_SOCKET_CONNECTED,  /* established, or half closed */
    KERNEL_SOCKET_LISTENING,
};
/* Of a stream. */
enum kernel_socket_state kernel_socket_stream_state(int fd);
/* Of a datagram socket, or one of AF_UNIX: 1 when it has a peer. */
int kernel_socket_has_peer(int fd);

#endif
