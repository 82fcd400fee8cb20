/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests of Registered I/O: operations whose end goes into a completion
 * queue.
 *
 * The transfer is the one that every send and receive makes.  A request always
 * pends for its caller, and whatever becomes of it is told by the result: also
 * what a plain call would have refused, at the request's turn.
 */
#ifndef WS2EMU_UNIX_RIO_REQUEST_H
#define WS2EMU_UNIX_RIO_REQUEST_H

#include "unix/operation.h"
#include "unix/rio.h"
#include "unix/rio_completion_queue.h"

struct transfer;

struct rio_request {
    struct operation operation; /* the first member */
    struct transfer *transfer;
    struct rio_quota *quota;    /* it was charged to; NULL: not yet */
    uint64_t socket_context, context;
    uint32_t flags;             /* RIO_MSG_* */
    int refused;                /* before it began: the error, or 0 */
    int error;                  /* what decided it */
    struct rio_request *next;   /* in a line */
};

/* Makes a request of the program's arguments.  WS2_EFAULT, WS2_EINVAL,
   WS2_ENOBUFS. */
int rio_request_new(struct descriptor *descriptor,
                    enum operation_direction direction,
                    const struct unix_rio_request *program,
                    struct rio_request **ret_request);
/* One that was not charged. */
void rio_request_free(struct rio_request *request);

/* Starts one that was charged; its result comes. */
void rio_request_start(struct rio_request *request,
                       struct descriptor *descriptor);
/* Several of one socket's sends in their order: what the kernel takes at once,
   it gets by one call. */
void rio_request_start_sends(struct rio_request *const *requests, uint32_t n,
                             struct descriptor *descriptor);
/* Ends one that was charged and not started. */
void rio_request_abort(struct rio_request *request);

#endif
