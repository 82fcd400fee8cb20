/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Raw sockets.
 *
 * The kernel has them for those who may (CAP_NET_RAW).  Who may not still gets
 * one for ICMP and ICMPv6 where the system lets its users send echo requests:
 * an echo socket (echo_socket.h).
 *
 * To the kernel every raw socket is bound, and its port is the protocol;
 * Winsock's is bound by bind, connect or a send, and has no port.
 */
#ifndef WS2EMU_UNIX_RAW_SOCKET_H
#define WS2EMU_UNIX_RAW_SOCKET_H

#include <stdint.h>
#include <sys/socket.h>

#include "unix/descriptor.h"

static inline int raw_socket_is(const struct descriptor *descriptor)
{
    return descriptor->identity.type == WS2_SOCK_RAW;
}

/* A kernel socket of this kernel family. fd, or -1 with errno; EACCES: this
   process may not. */
int raw_socket_new(int family, int protocol);

/* bind; name: the kernel's. */
int raw_socket_bind(struct descriptor *descriptor,
                    struct sockaddr_storage *name, socklen_t length);
int raw_socket_is_bound(const struct descriptor *descriptor);

/* A name without what the kernel takes for a port; and one to connect to: the
   kernel tells no peer whose port is 0. */
void raw_socket_clear_port(struct sockaddr_storage *name);
void raw_socket_set_peer_port(struct sockaddr_storage *name);

#endif
