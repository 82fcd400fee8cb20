/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contexts of AcceptEx and ConnectEx.
 *
 * A connection that one of them made can send, receive and be closed.  What
 * else there is about a connection the SOCKET has only after
 * SO_UPDATE_ACCEPT_CONTEXT or SO_UPDATE_CONNECT_CONTEXT: until then it is not
 * connected to getpeername and shutdown, and an accepted one is not bound to
 * getsockname.
 */
#ifndef WS2EMU_UNIX_CONNECTION_CONTEXT_H
#define WS2EMU_UNIX_CONNECTION_CONTEXT_H

#include "unix/descriptor.h"

/* WS2_EINVAL, WS2_ENOTCONN: the call needs the context. */
int connection_context_check_local_name(const struct descriptor *descriptor);
int connection_context_check_peer_name(const struct descriptor *descriptor);
/* how: WS2_SD_*. */
int connection_context_check_shutdown(const struct descriptor *descriptor,
                                      int how);

/* The two options.  The value of the first is the listener's SOCKET, whose
   options the socket gets.  WS2_ENOTCONN; WS2_EFAULT, WS2_ENOTSOCK: no such
   listener. */
int connection_context_update_accept(struct descriptor *descriptor,
                                     const void *value, int length);
int connection_context_update_connect(struct descriptor *descriptor,
                                      const void *value, int length);

#endif
