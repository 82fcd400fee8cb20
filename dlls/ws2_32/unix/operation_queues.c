/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queues of a socket's overlapped operations, one for each direction: how
 * they are run, and what event registrations must know of them.  See
 * socket_operations.h.
 */
#include <poll.h>
#include <stddef.h>

#include "unix/channel.h"
#include "unix/proactor.h"
#include "unix/socket_operations.h"

/* --- The queues ----------------------------------------------------------- */

void socket_operations_append_locked(struct socket_operations *socket,
                                     struct operation *operation)
{
    struct operation_queue *queue = &socket->queues[operation->direction];

    socket_operations_reference(socket);
    operation->next = NULL;
    operation->link = queue->last;
    *queue->last = operation;
    queue->last = &operation->next;
    __atomic_store_n(&queue->count, queue->count + 1, __ATOMIC_SEQ_CST);
}

/* One less is open. */
static void count_off_locked(struct operation_queue *queue)
{
    __atomic_store_n(&queue->count, queue->count - 1, __ATOMIC_RELEASE);
}

static void unlink_locked(struct operation_queue *queue,
                          struct operation *operation)
{
    *operation->link = operation->next;
    if (operation->next != NULL)
        operation->next->link = operation->link;
    else
        queue->last = operation->link;
}

static void remove_locked(struct operation_queue *queue,
                          struct operation *operation)
{
    unlink_locked(queue, operation);
    count_off_locked(queue);
}

void socket_operations_remove_locked(struct socket_operations *socket,
                                     struct operation *operation)
{
    remove_locked(&socket->queues[operation->direction], operation);
    socket_operations_release(socket); /* not the last: its descriptor's is */
}

/* Arrivals are everybody's again. */
static void tell_if_empty_locked(struct socket_operations *socket,
                                 const struct operation_queue *queue)
{
    struct descriptor *descriptor =
        __atomic_load_n(&socket->descriptor, __ATOMIC_ACQUIRE);

    if (queue->first == NULL && descriptor != NULL)
        socket_operations_tell_taken(socket, descriptor, 0, /* wait= */ 0);
}

/* Decides the operation by a step; 0: not yet. */
static int perform_locked(struct socket_operations *socket,
                          struct operation *operation)
{
    int error = operation->kind->perform(operation, socket->descriptor);

    if (error == WS2_EWOULDBLOCK)
        return 0;
    operation_perform_end(operation, error);
    return 1;
}

/* The next one that has something to tell, NULL: none.  In a direction with an
   order only the first is looked at. */
static struct operation *next_decided_locked(struct socket_operations *socket,
                                             int direction)
{
    struct operation *operation = socket->queues[direction].first;

    for (; operation != NULL; operation = operation->next) {
        if (socket->descriptor == NULL)
            return NULL;
        if (operation->end == OPERATION_OPEN &&
            perform_locked(socket, operation))
            return operation;
        if (direction != OPERATION_WATCH)
            return NULL;
    }
    return NULL;
}

/* 1: something ended. */
static int run_queue(struct socket_operations *socket, int direction)
{
    struct operation_queue *queue = &socket->queues[direction];
    struct operation *operation;
    int ended = 0;

    pthread_mutex_lock(&queue->lock);
    if (queue->busy)
        goto out;
    if (queue->first == NULL)
        proactor_disarm_idle(socket);
    queue->busy = 1;
    while ((operation = next_decided_locked(socket, direction)) != NULL) {
        /* Before anybody is told: who is may call without an OVERLAPPED. */
        count_off_locked(queue);
        pthread_mutex_unlock(&queue->lock);
        ended = 1;
        operation_tell(operation);
        pthread_mutex_lock(&queue->lock);
        unlink_locked(queue, operation);
        pthread_mutex_unlock(&queue->lock);
        operation_free(operation);
        socket_operations_release(socket);
        pthread_mutex_lock(&queue->lock);
    }
    queue->busy = 0;
    tell_if_empty_locked(socket, queue);
out:
    pthread_mutex_unlock(&queue->lock);
    return ended;
}

/* Receives come before watches, which see what those leave: while one is queued
   a watch sees nothing to receive, so it is asked again at the end of each. */
void socket_operations_run(struct socket_operations *socket,
                           uint32_t directions)
{
    int i;

    for (i = 0; i < OPERATION_DIRECTIONS; i++) {
        if (!(directions & 1u << i))
            continue;
        if (i == OPERATION_WATCH &&
            __atomic_load_n(&socket->queues[i].count, __ATOMIC_ACQUIRE) == 0)
            continue;
        if (run_queue(socket, i))
            directions |= 1u << OPERATION_WATCH;
    }
}

uint32_t socket_operations_events(const struct socket_operations *socket)
{
    static const uint32_t events[OPERATION_DIRECTIONS] = {
        [OPERATION_RECEIVE] = POLLIN | POLLRDHUP,
        [OPERATION_SEND] = POLLOUT,
        [OPERATION_EXPEDITED] = POLLPRI,
        [OPERATION_WATCH] = POLLIN | POLLRDHUP | POLLOUT | POLLPRI,
    };
    uint32_t needed = 0;
    int i;

    for (i = 0; i < OPERATION_DIRECTIONS; i++)
        if (__atomic_load_n(&socket->queues[i].count, __ATOMIC_SEQ_CST) != 0)
            needed |= events[i];
    return needed;
}

/* Moves the open operations that fit from a queue to a list. */
static void take_locked(struct operation_queue *queue,
                        int (*fits)(const struct operation *, const void *),
                        const void *context, enum operation_end end,
                        struct operation ***list)
{
    struct operation *operation, *next;

    for (operation = queue->first; operation != NULL; operation = next) {
        next = operation->next;
        if (operation->end != OPERATION_OPEN || !fits(operation, context))
            continue;
        operation->end = end;
        remove_locked(queue, operation);
        operation->next = NULL;
        **list = operation;
        *list = &operation->next;
    }
}

uint32_t
socket_operations_end(struct socket_operations *socket,
                      int (*fits)(const struct operation *, const void *),
                      const void *context, enum operation_end end)
{
    struct operation *taken = NULL, **last = &taken, *operation;
    struct operation_queue *queue;
    uint32_t count = 0;
    int i, took_receives = 0;

    for (i = 0; i < OPERATION_DIRECTIONS; i++) {
        queue = &socket->queues[i];
        if (__atomic_load_n(&queue->count, __ATOMIC_ACQUIRE) == 0)
            continue;
        pthread_mutex_lock(&queue->lock);
        take_locked(queue, fits, context, end, &last);
        tell_if_empty_locked(socket, queue);
        pthread_mutex_unlock(&queue->lock);
    }
    while ((operation = taken) != NULL) {
        taken = operation->next;
        count++;
        took_receives |= operation->direction == OPERATION_RECEIVE;
        operation_tell(operation);
        operation_free(operation);
        socket_operations_release(socket);
    }
    if (took_receives && end == OPERATION_CANCELLED)
        socket_operations_run(socket, 1u << OPERATION_WATCH);
    return count;
}

/* --- Event registrations -------------------------------------------------- */

static uint32_t taken_events(const struct socket_operations *socket)
{
    uint32_t events = 0;

    if (__atomic_load_n(&socket->queues[OPERATION_RECEIVE].count,
                        __ATOMIC_ACQUIRE) != 0)
        events |= WS2_FD_READ | WS2_FD_ACCEPT;
    if (__atomic_load_n(&socket->queues[OPERATION_EXPEDITED].count,
                        __ATOMIC_ACQUIRE) != 0)
        events |= WS2_FD_OOB;
    return events;
}

/* In the order of what is told: so under the lock. */
static void tell(struct socket_operations *socket,
                 struct descriptor *descriptor, int wait)
{
    struct wire_set_request request = {.header.code = WIRE_SET,
                                       .property = WIRE_SET_TAKEN};
    struct wire_set_reply reply;

    pthread_mutex_lock(&socket->lock);
    request.value = taken_events(socket);
    if (request.value != socket->taken) {
        __atomic_store_n(&socket->taken, (uint32_t)request.value,
                         __ATOMIC_RELEASE);
        if (wait)
            (void)channel_call_for(descriptor, &request, &request.slot, NULL,
                                   0, &reply);
        else
            channel_post_for(descriptor, &request, &request.slot);
    }
    pthread_mutex_unlock(&socket->lock);
}

void socket_operations_tell_taken(struct socket_operations *socket,
                                  struct descriptor *descriptor,
                                  int is_registered, int wait)
{
    if (!is_registered &&
        __atomic_load_n(&socket->taken, __ATOMIC_ACQUIRE) == 0 &&
        __atomic_load_n(&descriptor_record(descriptor)->mask,
                        __ATOMIC_RELAXED) == 0)
        return;
    tell(socket, descriptor, wait);
}

uint32_t socket_operations_taken(const struct socket_operations *socket)
{
    return __atomic_load_n(&socket->taken, __ATOMIC_ACQUIRE);
}
