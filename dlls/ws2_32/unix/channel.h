/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The channel: this process's connection to its ws2server.
 *
 * One connection carries all requests; a mutex makes each call (request and
 * reply) one step.  When the server is gone, a new one is started and gets
 * shown all sockets (recovery.c), and the call is made again: that is why
 * calls about a socket name the descriptor and the place of the slot number
 * in the request, which may have changed by then.
 *
 * Lock order: table of descriptors, then channel.
 */
#ifndef WS2EMU_UNIX_CHANNEL_H
#define WS2EMU_UNIX_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include <ws2emu/wire.h>

#include "unix/descriptor.h"

/* Connects, starting a server when there is none, and says HELLO.  A
   connection that stands is left alone.  WS2_SYSNOTREADY. */
int channel_open(void);

/* One request and its reply.  reply->error is the result.  ret_fd gets the
   reply's fd, for the requests that have one. */
int channel_call(void *request, const int *fds, size_t n_fds, void *reply,
                 int *ret_fd);
/* The same about a descriptor: slot_field is the request's slot. */
int channel_call_for(struct descriptor *descriptor, void *request,
                     uint32_t *slot_field, const int *fds, size_t n_fds,
                     void *reply);
/* A one-way request about a descriptor: no reply, no error. */
void channel_post_for(struct descriptor *descriptor, void *request,
                      uint32_t *slot_field);

/* ATTACH and REGISTER of the descriptor, which get a slot that the server
   granted: one step of one connection, because a slot is that server's alone.
   The descriptor then has its slot and its record.  The table lock is held, so
   that nobody else recovers between this and the descriptor's being published.
   cookie: of the socket that it has, or is about to have; parent: whose state
   and registration it inherits, or NULL; fd -1: none is sent; wait 0: no reply,
   no error of REGISTER's own.  WS2_ENOBUFS: no slot is left. */
int channel_attach(struct descriptor *descriptor);
int channel_register(struct descriptor *descriptor, uint64_t cookie,
                     const struct descriptor *parent, int fd, int wait);
/* The same, one-way, of a descriptor that has a slot: the socket there is
   released in the same step. */
int channel_register_anew(struct descriptor *descriptor, uint64_t cookie);
const struct wire_record *channel_record(uint32_t slot);

/* --- For recovery.c: calls that do not themselves recover. ---------------- */

void channel_lock(void);
void channel_unlock(void);
int channel_is_open_locked(void);
uint32_t channel_generation_locked(void);
int channel_connect_locked(uint64_t fork_token);
void channel_drop_locked(void);
/* state: the last that was published, for a server that lacks the socket; or
   NULL. */
int channel_attach_locked(struct descriptor *descriptor,
                          const struct wire_record *state);
/* -1: the connection broke, errno tells. 0: *reply is filled; its error is
   WS2_EMFILE, with the rest as the server has filled it, when this process had
   no room for the reply's fd. */
int channel_exchange_locked(void *request, const int *fds, size_t n_fds,
                            void *reply, int *ret_fd);
/* In a fork child: closes the parent's connection here. */
void channel_after_fork(void);

#endif
