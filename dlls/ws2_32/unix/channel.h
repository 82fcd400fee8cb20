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
void channel_close(void);

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

/* A slot that the server granted, and its record. WS2_ENOBUFS: none left. */
int channel_take_slot(uint32_t *ret_slot, const struct wire_record **ret_record);
void channel_give_back_slot(uint32_t slot);
const struct wire_record *channel_record(uint32_t slot);

/* --- For recovery.c: calls that do not themselves recover. ---------------- */

void channel_lock(void);
void channel_unlock(void);
int channel_is_open_locked(void);
uint32_t channel_generation_locked(void);
int channel_connect_locked(uint64_t fork_token);
void channel_drop_locked(void);
int channel_take_slot_locked(uint32_t *ret_slot,
                             const struct wire_record **ret_record);
void channel_give_back_slot_locked(uint32_t slot);
/* -1: the connection broke, errno tells. 0: *reply is filled. */
int channel_exchange_locked(void *request, const int *fds, size_t n_fds,
                            void *reply, int *ret_fd);
/* In a fork child: closes the parent's connection here. */
void channel_after_fork(void);

#endif
