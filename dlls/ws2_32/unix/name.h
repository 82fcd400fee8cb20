/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of sockets: bind, getsockname, getpeername, and the program's
   sockaddr arguments. */
#ifndef WS2EMU_UNIX_NAME_H
#define WS2EMU_UNIX_NAME_H

#include <stdint.h>
#include <sys/socket.h>

#include "unix/descriptor.h"

/* The kernel's form of a program's sockaddr for this socket. WS2_EFAULT: bad
   or short, WS2_EAFNOSUPPORT: not of the socket's family. */
int name_read(const struct descriptor *descriptor, const void *name, int length,
              struct sockaddr_storage *ret, socklen_t *ret_length);
/* The same for the destination of a datagram. WS2_EADDRNOTAVAIL: Winsock has
   none to 0.0.0.0, to :: and to UDP's port 0. */
int name_read_destination(const struct descriptor *descriptor,
                          const void *name, int length,
                          struct sockaddr_storage *ret, socklen_t *ret_length);
/* 1 when a program's sockaddr is of family AF_UNSPEC. */
int name_is_unspecified(const void *name, int length);

/* WS2_EFAULT unless name and length, the program's, have room for a name of
   this socket's family. */
int name_check_room(const struct descriptor *descriptor, const void *name,
                    const int *length);
/* Writes a Winsock sockaddr of ours to the program's buffer and length. */
int name_write(const void *from, uint32_t from_length, void *name, int *length);

/* The local address as the kernel has it, and of a group socket as the program
   has it (group_socket.h).  -1: errno tells. */
int name_get_local(const struct descriptor *descriptor,
                   struct sockaddr_storage *ret, socklen_t *ret_length);
/* Before the kernel binds the socket by itself (connect, a first send): a
   socket that takes its port from a reservation is bound to one. */
int name_bind_implicitly(struct descriptor *descriptor);
/* Whether the program, or the system, has bound the socket.  It need not have a
   port yet (SO_REUSE_UNICASTPORT). */
int name_is_bound(const struct descriptor *descriptor);
/* The request that enters the local address at the server. 0: it has none. */
int name_describe_binding(const struct descriptor *descriptor,
                          struct wire_bind_request *ret_request);
/* Makes the kernel share the port with the sockets that the server knows to
   share it: before the kernel's bind and listen. */
void name_follow_sharing(const struct descriptor *descriptor);
/* Enters an address at the server that the kernel has given to the socket. */
void name_record_binding(struct descriptor *descriptor,
                         const struct sockaddr_storage *name, socklen_t length);
/* After the kernel's bind of a datagram socket: who may join it. */
void name_follow_bind(const struct descriptor *descriptor);
/* After the kernel's listen, which gives a port to who has none yet. */
void name_follow_listen(struct descriptor *descriptor);
/* Lets sockets join that the server will allow to: from the moment on that the
   kernel guards the address by itself, after a datagram socket's bind and a
   stream's listen. */
void name_allow_joining(const struct descriptor *descriptor);

/* Keeps the peer's name in the descriptor: the kernel forgets it when the
   connection ends, and does not tell it while connecting. */
void name_remember_peer(struct descriptor *descriptor,
                        const struct sockaddr_storage *peer, socklen_t length);
/* There is none any more. */
void name_forget_peer(struct descriptor *descriptor);

#endif
