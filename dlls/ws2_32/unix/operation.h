/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One overlapped operation.
 *
 * An operation is of a kind, which knows how to take a step without waiting
 * (perform) and how to hand its outputs to the program (deliver).  A kind
 * embeds struct operation as the first member of a struct of its own, which it
 * allocates; from operation_start on the operation belongs to the engine, which
 * ends it with the kind's free.
 *
 * Life
 *   - started: the status block says pending.  When nothing is queued before
 *     it, it is performed at once by the calling thread;
 *   - queued: perform said WS2_EWOULDBLOCK, or others are before it.  The
 *     proactor performs the first of each direction when the kernel socket is
 *     ready; the queue's lock is held meanwhile, so a step takes no other lock
 *     that is held over it, makes no upcall, and never waits;
 *   - decided, exactly once: by a perform that says anything else, or by being
 *     cancelled.  It keeps its place at the head of its direction until it was
 *     completed, so completions are in order;
 *   - completed, with no lock held: deliver, then the status block, the event,
 *     and the APC or the packet.  Then it is freed.
 *
 * An operation holds no reference of a descriptor: closesocket never waits for
 * it.  perform gets a descriptor of its socket, open while it runs, which need
 * not be the one it was started through.
 */
#ifndef WS2EMU_UNIX_OPERATION_H
#define WS2EMU_UNIX_OPERATION_H

#include <stdint.h>

#include "unix/descriptor.h"
#include "unix/overlapped.h"

struct operation;
struct socket_operations;

enum operation_direction {
    OPERATION_RECEIVE,   /* data; on a listener, connections */
    OPERATION_SEND,      /* data; also what changes the connection */
    OPERATION_EXPEDITED, /* out-of-band data received */
    OPERATION_WATCH,     /* what waits for a state and takes nothing away: in
                            no order, each is performed at every change */
    OPERATION_DIRECTIONS
};

struct operation_kind {
    const char *name;
    /* A step. WS2_EWOULDBLOCK: not yet.  Anything else decides it: the result
       is the error and operation->result.bytes; result.status may be set where
       unix_status_of_error would not give it. */
    int (*perform)(struct operation *, struct descriptor *);
    /* Outputs to the program's memory, before the status; may change the
       result.  Not called for a cancelled one.  NULL: none. */
    void (*deliver)(struct operation *);
    /* The operation is over, however it ended, and the program not told yet.
       NULL: nothing to do. */
    void (*over)(struct operation *);
    /* Instead of telling the program: for operations that are part of others.
       NULL: operation->completion tells what to do. */
    void (*complete)(struct operation *);
    void (*free)(struct operation *);
    /* Instead of free, in the child of a fork, of one that pends in the parent:
       what it leads to is gone or begins anew.  NULL: free will do. */
    void (*forget)(struct operation *);
    /* The status of one that closesocket ended; 0: WS2_STATUS_CANCELLED. */
    uint32_t closed_status;
};

/* How an operation came to its end. */
enum operation_end {
    OPERATION_OPEN,      /* it has not */
    OPERATION_PERFORMED,
    OPERATION_CANCELLED,
    OPERATION_CLOSED,    /* the socket's last descriptor here was closed */
    OPERATION_ABANDONED, /* its thread ended */
};

struct operation {
    const struct operation_kind *kind;
    enum operation_direction direction;
    uint32_t flags; /* enum operation_flag */

    /* The engine's. */
    struct socket_operations *socket;
    struct operation *next, **link; /* in a queue */
    enum operation_end end;         /* under the queue's lock */
    uint64_t thread;                /* who started it: host_thread_id */
    uint64_t event_reference;       /* host_event_reference, 0: none */
    uint64_t thread_reference;      /* host_open_current_thread, 0: none */
    int has_references;
    struct operation_waiter *waiter; /* of operation_start_and_wait, or NULL */

    struct unix_completion completion;
    struct unix_result result;
};

/* Where the end of an operation is waited for. */
struct operation_waiter {
    uint32_t done; /* atomic; the rest is valid once it is 1 */
    enum operation_end end;
    struct unix_result result;
};

enum operation_flag {
    OPERATION_ALWAYS_PENDS = 1, /* WS2_IO_PENDING also when it is done at once */
};

/* Fills the common part. completion NULL: no status block and nothing to tell
   (the kind has a complete). */
void operation_init(struct operation *operation,
                    const struct operation_kind *kind,
                    enum operation_direction direction,
                    const struct unix_completion *completion);

/* Starts it; it is the engine's then and may be freed already.  As
   unix/overlapped.h says: WS2_SUCCESS, WS2_IO_PENDING or an error; ret_result
   is written unless it pends.  An error that perform or the start itself
   answers at once ends it without completing it. */
int operation_start(struct operation *operation, struct descriptor *descriptor,
                    struct unix_result *ret_result);

/* Starts it and waits for its end, for a blocking call that has to queue behind
   overlapped ones (completion NULL) or is on a socket that is not overlapped.
   Takes over the caller's reference of the descriptor.  WS2_ETIMEDOUT: the
   deadline (wait.h) came and it is cancelled; WS2_OPERATION_ABORTED: it was
   cancelled otherwise; WS2_EINTR: the socket was closed. */
int operation_start_and_wait(struct operation *operation,
                             struct descriptor *descriptor, int64_t deadline,
                             struct unix_result *ret_result);

/* Starts what an overlapped call has made; on a socket that is not overlapped
   it waits for the end.  error: of making it, which then is all of the call.
   Takes over the caller's reference of the descriptor. */
int operation_start_made(int error, struct operation *operation,
                         struct descriptor *descriptor,
                         struct unix_result *ret_result);

/* The same for a blocking call: starts it, waits, and tells how many bytes it
   moved when it succeeds or a datagram was cut (WS2_EMSGSIZE). */
int operation_wait_made(int error, struct operation *operation,
                        struct descriptor *descriptor, int64_t deadline,
                        uint32_t *ret_count);

/* Cancels an operation that is part of another.  1: it will be completed as
   OPERATION_CANCELLED (on this thread, before this returns); 0: it has been
   decided.  Only while the caller knows that it is not freed: until its
   complete was called. */
int operation_cancel(struct operation *operation);

/* For the queues: the error of a step decides the operation; one that was
   decided is completed, with no lock held; one that is in no queue is freed. */
void operation_perform_end(struct operation *operation, int error);
void operation_tell(struct operation *operation);
void operation_free(struct operation *operation);
/* In the child of a fork. */
void operation_forget(struct operation *operation);

#endif
