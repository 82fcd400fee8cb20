/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion queues of Registered I/O: rings of results, with a promise of room
 * for each request.
 *
 * A request queue has a quota in the completion queue of each direction.  The
 * entries of all quotas are reserved when they are made, so that the end of a
 * request always finds room.  A request counts in its quota from its start
 * until its result was dequeued; a closed quota keeps what is outstanding
 * still.
 *
 * The lock of a queue is held alone: who is to be told, and the request queue
 * of a result that is released, come after it.
 */
#ifndef WS2EMU_UNIX_RIO_COMPLETION_QUEUE_H
#define WS2EMU_UNIX_RIO_COMPLETION_QUEUE_H

#include "unix/rio.h"
#include "unix/rio_table.h"

struct rio_completion_queue;

struct rio_quota {
    struct rio_completion_queue *queue; /* a reference */
    struct rio_entry *owner;            /* the request queue */
    /* Under the completion queue's lock. */
    uint32_t maximum, outstanding;
    int is_closed;
};

struct rio_completion {
    struct unix_rio_result result;
    struct rio_quota *quota;
    int notifies;
};

/* The queue of an id with a reference, or NULL. */
struct rio_completion_queue *rio_completion_queue_acquire(uint64_t id);
void rio_completion_queue_release(struct rio_completion_queue *queue);

/* Reserves the entries.  Takes over the reference of the queue if it succeeds.
   WS2_ENOBUFS: the queue has no room for them. */
int rio_quota_open(struct rio_quota *quota, struct rio_completion_queue *queue,
                   struct rio_entry *owner, uint32_t maximum);
/* WS2_ETOOMANYREFS, WS2_ENOBUFS. */
int rio_quota_resize(struct rio_quota *quota, uint32_t maximum);
/* No more requests. */
void rio_quota_close(struct rio_quota *quota);

/* A request counts from now on, and holds a reference of the owner until it is
   dequeued.  WS2_ENOBUFS: the limit; WS2_EINVAL: the queue was closed. */
int rio_quota_charge(struct rio_quota *quota);

/* The end of a request that was charged. */
void rio_completion_queue_add(const struct rio_completion *completion);

/* In the child of a fork. */
void rio_completion_queues_forget(void);

#endif
