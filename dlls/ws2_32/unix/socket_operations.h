/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The overlapped operations of one kernel socket in this process.
 *
 * Made when the first of them starts, and shared by all descriptors of the
 * process that are of the socket (they have its cookie), because the order of
 * receives is the socket's and not a descriptor's.  The memory is never given
 * back, only used again, so that a late event of the proactor finds an object,
 * not garbage.
 *
 * Invariants
 *  - each direction has a queue with a lock of its own.  An operation is in it
 *    from the time that it pends until it was completed, in the order of their
 *    starts.  Its `end` changes from OPERATION_OPEN once, under that lock; who
 *    changes it completes it, and counts it off before.
 *  - while a queue is `busy` one thread performs its operations and completes
 *    them; nobody else does, so completions are in order.
 *  - `descriptor` lends its fd to the operations.  It changes under all of the
 *    queues' locks; NULL: the last one was closed, and nothing is performed.
 *  - a queue's lock is held over a step of an operation, and so over calls of
 *    the server (channel) at most; never over a completion.
 *  - each attached descriptor and each operation in a queue is a reference; the
 *    object ends with the last.
 *
 * Lock order: table of descriptors, then the table of these; a queue's lock,
 * then `lock`, then the proactor's.  Whoever has a queue's lock may take the
 * table's, never the other way round.
 */
#ifndef WS2EMU_UNIX_SOCKET_OPERATIONS_H
#define WS2EMU_UNIX_SOCKET_OPERATIONS_H

#include <pthread.h>
#include <stdint.h>

#include "unix/operation.h"

struct operation_queue {
    pthread_mutex_t lock;
    struct operation *first, **last;
    uint32_t count; /* of open operations; read without the lock, too */
    int busy;
};

struct notification;

/* With a completion port; never changes. */
struct port_association {
    uint64_t port, key;
    struct port_association *before;
};

struct socket_operations {
    struct operation_queue queues[OPERATION_DIRECTIONS];
    struct descriptor *descriptor;

    pthread_mutex_t lock; /* of the next two, and of telling the server */
    uint32_t armed;       /* the poll(2) events that the proactor tells of */
    int armed_fd;         /* of which fd; -1: none */

    /* The present one, atomic; NULL: none.  `associations` are all that there
       were, as they may still be looked at; each has a reference of its
       port. */
    struct port_association *association, *associations;
    uint32_t modes;       /* UNIX_SKIP_*, atomic */
    /* 1 from the start of an operation without an event of its own that pends
       to the next end of one: the SOCKET itself is not signalled. Atomic. */
    uint32_t is_unsignalled;
    uint32_t taken;       /* FD_* that the server was told of; atomic */
    uint32_t references;  /* atomic */
    uint32_t changes;     /* that the kernel has told of; atomic */
    /* Of ProcessSocketNotifications, NULL: none; see notification.c. */
    struct notification *notification;

    /* Under the table's lock. */
    uint64_t cookie;
    struct descriptor *descriptors;       /* attached: next_attached */
    struct socket_operations *next_place; /* of the same hash; or free */
    struct socket_operations *next;       /* of all that were ever made */
};

/* 1 while operations are open in the direction: a call that is not overlapped
   comes after them.  Two loads. */
static inline int operation_is_queued(const struct descriptor *descriptor,
                                      enum operation_direction direction)
{
    const struct socket_operations *socket =
        __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);

    return socket != NULL && __atomic_load_n(&socket->queues[direction].count,
                                             __ATOMIC_ACQUIRE) != 0;
}

/* The descriptor's socket's, made when there is none.  NULL: no memory.  The
   caller's reference of the descriptor keeps it. */
struct socket_operations *socket_operations_of(struct descriptor *descriptor);

/* A descriptor of a socket that others of the process may have too is in the
   table of descriptors now (whose lock the caller holds). */
void socket_operations_join_locked(struct descriptor *descriptor);

/* The descriptor is withdrawn and about to close its fd.  What pends goes on
   through another descriptor of the process, or ends as closed. */
void socket_operations_leave(struct descriptor *descriptor);

/* Calls exchange, which gives the descriptor another fd (under the same number)
   and cookie, with the table of descriptors locked and while nothing is
   performed; afterwards the descriptor's operations, and its port, are those
   of the other cookie.  Returns what exchange returns. */
int socket_operations_exchange(struct descriptor *descriptor,
                               int (*exchange)(struct descriptor *, void *),
                               void *context);

void socket_operations_reference(struct socket_operations *socket);
void socket_operations_release(struct socket_operations *socket);

/* unix_socket_associate, and unix_socket_replace_port. */
int socket_operations_associate(struct socket_operations *socket,
                                uint64_t port, uint64_t key);
int socket_operations_replace_port(struct socket_operations *socket,
                                   uint64_t port, uint64_t key);

/* 1: it has a port. */
static inline int
socket_operations_has_port(const struct socket_operations *socket)
{
    return __atomic_load_n(&socket->association, __ATOMIC_RELAXED) != NULL;
}

/* The kernel socket's state has changed: performs what can be, in these
   directions (bits 1 << enum operation_direction). */
void socket_operations_run(struct socket_operations *socket,
                           uint32_t directions);

/* Puts an operation at its queue's end, or takes it off, with the queue's lock
   held. */
void socket_operations_append_locked(struct socket_operations *socket,
                                     struct operation *operation);
void socket_operations_remove_locked(struct socket_operations *socket,
                                     struct operation *operation);

/* Tells the server what the queues take of what arrives, so that an event
   registration does not see it; only a registered socket's need be told (even
   so: one that is about to be).  Before the kernel could have it, if wait. */
void socket_operations_tell_taken(struct socket_operations *socket,
                                  struct descriptor *descriptor,
                                  int is_registered, int wait);

/* FD_* that the server was told of. */
uint32_t socket_operations_taken(const struct socket_operations *socket);

/* The poll(2) events that its queues wait for. */
uint32_t socket_operations_events(const struct socket_operations *socket);

/* Decides the operations that fit as `end`, and completes them.  Returns how
   many. */
uint32_t
socket_operations_end(struct socket_operations *socket,
                      int (*fits)(const struct operation *, const void *),
                      const void *context, enum operation_end end);

/* Calls visit for each object that was ever made. */
void socket_operations_for_each(void (*visit)(struct socket_operations *,
                                              const void *),
                                const void *context);

/* fork: the table's lock around it, and in the child nothing pends.  What did
   is freed at last, when everything else is as it is to be there. */
void socket_operations_before_fork(void);
void socket_operations_in_parent(void);
void socket_operations_in_child(void);
void socket_operations_free_forgotten(void);

#endif
