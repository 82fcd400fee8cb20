/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the data calls do with a transfer that is not overlapped: wait as the
   socket's mode wants, and tell the server of it. */
#ifndef WS2EMU_UNIX_DATA_H
#define WS2EMU_UNIX_DATA_H

#include <stdint.h>

#include "unix/socket_operations.h"
#include "unix/transfer.h"

/* Both end with transfer_free; flags are Winsock's MSG_* of the call. */
int data_send(struct transfer *transfer, uint32_t *ret_count);
/* *ret_count is written on success and with WS2_EMSGSIZE. */
int data_receive(struct transfer *transfer, uint32_t flags,
                 uint32_t *ret_count);
/* A receive that could not be prepared re-enables its event all the same. */
void data_receive_refused(struct descriptor *descriptor, uint32_t flags);

/* What would come behind overlapped operations may wait for them: WS2_SUCCESS.
   In non-blocking mode it may not: WS2_EWOULDBLOCK, and its event is
   re-enabled. */
int data_send_may_wait(struct descriptor *descriptor);
int data_receive_may_wait(struct descriptor *descriptor, uint32_t flags);

/* The event that a receive re-enables. */
static inline uint32_t data_receive_event(uint32_t flags)
{
    return flags & WS2_MSG_OOB ? WS2_FD_OOB : WS2_FD_READ;
}

/* The queue in which an overlapped receive would be. */
static inline enum operation_direction data_direction(uint32_t flags)
{
    return flags & WS2_MSG_OOB ? OPERATION_EXPEDITED : OPERATION_RECEIVE;
}

/* Steps of operations that transfer: the result is what perform of operation.h
   returns, and the bytes.  A receive tells the server of what it re-enables. */
int data_step_send(struct operation *operation, struct transfer *transfer,
                   struct descriptor *descriptor);
int data_step_receive(struct operation *operation, struct transfer *transfer,
                      struct descriptor *descriptor, uint32_t flags);

/* Shuts down sending, after the overlapped sends that pend. */
int data_end_sending(struct descriptor *descriptor);

/* A blocking call, or one that would block, on a socket whose overlapped calls
   pend: it comes after them.  Arguments as of the boundary's calls; takes over
   the reference of the descriptor. */
int data_send_behind(struct descriptor *descriptor,
                     const struct unix_buffer *buffers, uint32_t n_buffers,
                     uint32_t flags, const void *name, int length,
                     uint32_t *ret_count);
int data_receive_behind(struct descriptor *descriptor,
                        const struct unix_buffer *buffers, uint32_t n_buffers,
                        uint32_t flags, void *name, int *length,
                        uint32_t *ret_count);

#endif
