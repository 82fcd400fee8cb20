/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Another kernel socket for a SOCKET.
 *
 * AcceptEx gives the connection to a SOCKET that is there already, a SOCKET
 * that was disconnected for reuse is a new one, and a datagram socket may have
 * to be bound anew (group_socket.h).  Linux can do none of it to a kernel
 * socket, so the descriptor's fd becomes one of another kernel socket (dup3,
 * the number stays), and the server is shown the other cookie under the same
 * handle.
 *
 * What comes along: the SOCKET's value, its state at the server (blocking mode,
 * time limits, options that the kernel lacks), a registration, a completion
 * port.  The options of the kernel socket before: option_carry.h.
 *
 * The process's other descriptors of the socket before get the other one, too,
 * and so do duplicates that are under way.  Those of other processes stay what
 * they were; so does the NT handle under Wine as wineserver knows it
 * (descriptor->is_exchanged): the host makes copies from the fd.
 */
#ifndef WS2EMU_UNIX_EXCHANGE_H
#define WS2EMU_UNIX_EXCHANGE_H

#include "unix/descriptor.h"

/* Gives the descriptor, of which the caller has a reference, the kernel socket
   of an fd, which is the callee's, also after an error.  settle, with the table
   lock held: makes what the descriptor knows of the socket true.  No lock but
   the queue's of another socket may be held. */
int exchange_kernel_socket(struct descriptor *descriptor, int fd,
                           void (*settle)(struct descriptor *, const void *),
                           const void *context);

/* Makes the host's handle of a descriptor that is about to be published.  In a
   process that exchanges the sockets of streams, or makes many SOCKETs, it is
   one that leads to none of them from its beginning
   (host_socket_handle_create_bare).  The table lock is held. */
int exchange_make_handle(struct descriptor *descriptor, int inherit);

#endif
