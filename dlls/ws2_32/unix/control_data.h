/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control data of messages (WSACMSGHDR), to and from the kernel's.
 *
 * The layouts are the same on 64-bit machines; levels, types and some contents
 * are not.  The kernel may tell more than the program asked for, so what is
 * handed on is decided by the options that the server keeps.
 */
#ifndef WS2EMU_UNIX_CONTROL_DATA_H
#define WS2EMU_UNIX_CONTROL_DATA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "unix/descriptor.h"

/* Room for all that the kernel tells of a message, and for the converted. */
#define CONTROL_DATA_ROOM 512

/* The kernel tells where a message was sent to from now on. */
void control_data_ask_destination(struct descriptor *descriptor);

/* Converts what came with a message; to has CONTROL_DATA_ROOM bytes.  Whole
   entries up to room are written; *ret_length: their bytes.  Returns
   WS2_MSG_CTRUNC when some did not fit, and WS2_MSG_BCAST or WS2_MSG_MCAST when
   the message was sent to more than this host. */
uint32_t control_data_from_kernel(const struct descriptor *descriptor,
                                  struct msghdr *message, void *to,
                                  uint32_t room, uint32_t *ret_length);

/* Where a message that came was sent to, into the address of name, a local name
   of the socket, when the kernel told it. */
void control_data_destination(struct msghdr *message,
                              struct sockaddr_storage *name);

/* Converts what a program sends along; to has CONTROL_DATA_ROOM bytes.
   *ret_stamp_id: SO_TIMESTAMP_ID, or -1.  WS2_EINVAL: malformed, or of no known
   kind. */
int control_data_to_kernel(const struct descriptor *descriptor,
                           const void *from, uint32_t length, void *to,
                           size_t *ret_length, int64_t *ret_stamp_id);

#endif
