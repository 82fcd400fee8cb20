/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A datagram socket that is bound to one address and hears more than that.
 *
 * Winsock gives such a socket what is sent to the groups that it has joined,
 * and broadcasts.  Linux gives these only to a socket that is bound to the
 * group or to the wildcard.  So the kernel socket of one that joins a group, or
 * may broadcast, is bound to the wildcard: it is a *group socket*.  A filter
 * leaves out what is for other addresses of the machine (option_filter.c),
 * getsockname tells the address out of that filter, and each send names it as
 * its source (IP_PKTINFO), in the same system call.
 *
 * The kernel cannot bind a socket a second time, so one that is bound already
 * gets another kernel socket (exchange.h), with the options of the one before.
 * Datagrams that wait at that moment are lost.  One that others hold, too, or
 * that has a peer, is left as it is and hears nothing more.
 *
 * connect would let the kernel choose among the machine's addresses.  A socket
 * with a peer hears nobody else anyhow, so it becomes an ordinary one again,
 * and has left its groups.
 *
 * To the kernel the wildcard is the wildcard: of two group sockets on one port,
 * or one and a socket of Winsock's wildcard, either may be given a datagram to
 * one's address, and the other's filter drops it.  A member of a group takes
 * that risk (what comes to groups reaches all).  A socket that only may
 * broadcast does not become a group socket on a port that others have.
 */
#ifndef WS2EMU_UNIX_GROUP_SOCKET_H
#define WS2EMU_UNIX_GROUP_SOCKET_H

#include <stddef.h>
#include <sys/socket.h>

#include "unix/descriptor.h"

/* bind(2) of a datagram socket, for all addresses if it is to hear more than
   its own.  -1: errno tells. */
int group_socket_bind(struct descriptor *descriptor,
                      const struct sockaddr_storage *name, socklen_t length);

/* The socket has joined a group by this option of the kernel's; it may
   broadcast from now on.  Does what it can. */
void group_socket_joined(struct descriptor *descriptor, int level, int name,
                         const void *request, socklen_t length);
void group_socket_may_broadcast(struct descriptor *descriptor);
/* The socket is about to have a peer. */
void group_socket_connects(struct descriptor *descriptor);

/* Puts the program's address into the kernel's name of the socket. */
void group_socket_correct_name(const struct descriptor *descriptor,
                               struct sockaddr_storage *name);

/* Room for the control data that names the source of a send. */
#define GROUP_SOCKET_SOURCE_ROOM 40

/* Adds the source to a send's control data of *length bytes, for which there
   is room, unless they name one. */
void group_socket_add_source(struct descriptor *descriptor, void *control,
                             size_t *length);

#endif
