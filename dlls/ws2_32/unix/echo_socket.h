/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Echo sockets: what a raw ICMP socket is where raw sockets are not allowed.
 *
 * Linux lets the groups of net.ipv4.ping_group_range send echo requests and
 * get the replies through datagram sockets of their own kind.  Such a socket
 * shows the ICMP message alone, and has one identifier, which it writes into
 * every request.  Winsock's raw socket shows the IPv4 header before it (not
 * IPv6's), and the identifier is the program's.  So the header is made of what
 * the kernel tells, and the identifiers are translated.
 */
#ifndef WS2EMU_UNIX_ECHO_SOCKET_H
#define WS2EMU_UNIX_ECHO_SOCKET_H

#include <stdint.h>
#include <sys/socket.h>

#include "unix/descriptor.h"

/* fd, or -1 with errno: EACCES. */
int echo_socket_new(int family, int protocol);

/* 1 when a raw socket is one. */
int echo_socket_is(struct descriptor *descriptor);

/* A message is about to be sent.  WS2_EACCES: it is no echo request, and no
   other may be; WS2_EFAULT. */
int echo_socket_note_send(struct descriptor *descriptor,
                          const struct msghdr *message);

/* Receives into the message's buffers, which are the program's, and its name.
   Bytes, with MSG_TRUNC in msg_flags when there were more; -errno. */
ssize_t echo_socket_receive(struct descriptor *descriptor,
                            struct msghdr *message, int flags);

/* The size of the next message, as it would be received; 0: there is none. */
uint32_t echo_socket_waiting(struct descriptor *descriptor);

#endif
