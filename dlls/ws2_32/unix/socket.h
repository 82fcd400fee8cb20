/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the unix side need of a socket's life. */
#ifndef WS2EMU_UNIX_SOCKET_H
#define WS2EMU_UNIX_SOCKET_H

#include <stdint.h>

#include "unix/descriptor.h"

/* Gives a descriptor whose fd and identity are set a slot, a SOCKET and its
   place in the table, and tells the server.  parent: the listener of an
   accepted socket, whose state and registration are inherited.  The table lock
   is held since the fd was made.  After success the descriptor is anybody's. */
int socket_adopt_locked(struct descriptor *descriptor,
                        const struct descriptor *parent,
                        ws2_handle *ret_handle);

/* 1 when a record differs from a new socket's in what accept inherits. */
int socket_has_state(const struct wire_record *record);

/* SET: the server keeps it and publishes it before this returns. */
int socket_set_property(struct descriptor *descriptor, uint32_t property,
                        uint64_t value);

/* RELEASE. wait 1: until the server has let go of its own fd. */
void socket_tell_release(struct descriptor *descriptor, int wait);

#endif
