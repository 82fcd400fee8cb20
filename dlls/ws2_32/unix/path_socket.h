/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets of AF_UNIX: streams whose names are paths.
 *
 * A program's path is the host's to translate; what the program called its
 * sockets is remembered in the descriptor and at the server, because the
 * kernel's path is another one under Wine.  A name whose path is empty, or
 * begins with NUL, is none: binding to it makes a socket that cannot be
 * reached, connecting to it is an error.
 */
#ifndef WS2EMU_UNIX_PATH_SOCKET_H
#define WS2EMU_UNIX_PATH_SOCKET_H

#include <stdint.h>

#include "unix/descriptor.h"

int path_socket_is(const struct descriptor *descriptor);

/* bind and connect of it; name, length: the program's. */
int path_socket_bind(struct descriptor *descriptor, const void *name,
                     int length);
int path_socket_connect(struct descriptor *descriptor, const void *name,
                        int length);

/* The Winsock name, of ADDRESS_LENGTH_UNIX bytes: its length, or 0: there is
   none.  Both ask the server and the host; no lock may be held. */
uint32_t path_socket_local(struct descriptor *descriptor, uint8_t *bytes);
uint32_t path_socket_peer(struct descriptor *descriptor, uint8_t *bytes);

/* What accept makes has the listener's name.  The table lock is held. */
void path_socket_inherit_locked(struct descriptor *child,
                                const struct descriptor *listener);

/* The request that makes a name known to a new server; 0: it is not known
   here.  side: enum wire_name_side.  The table lock is held. */
int path_socket_describe_locked(const struct descriptor *descriptor, int side,
                                struct wire_name_request *ret_request);

#endif
