/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion queues of Registered I/O; see rio_completion_queue.h. */
#include "unix/rio_completion_queue.h"

#include <stdlib.h>

#include <ws2emu/wire.h>

#include "host/host.h"
#include "unix/memory.h"
#include "unix/rio_request_queue.h"

/* So many results leave the queue at a time. */
#define BATCH 32

struct rio_completion_queue {
    struct rio_entry entry; /* the first member */
    struct unix_rio_notification notification;
    uint64_t reference; /* of the event, or the port: the host's */

    pthread_mutex_t lock; /* of all below */
    struct rio_completion *ring;
    uint32_t size, first;
    uint32_t count;    /* atomic: read without the lock, too */
    uint32_t reserved; /* of `size`: the sum of the quotas */
    uint32_t n_notifying; /* of `count`: those whose request notifies */
    int is_notified;   /* somebody wants to hear of the next one of them */
    int is_closed;
};

static void queue_end(struct rio_entry *entry)
{
    struct rio_completion_queue *queue = (struct rio_completion_queue *)entry;

    if (queue->notification.kind == UNIX_RIO_EVENT)
        host_event_reference_close(queue->reference);
    else if (queue->notification.kind == UNIX_RIO_PORT)
        host_completion_port_close(queue->reference);
    free(queue->ring);
    queue->ring = NULL;
    pthread_mutex_destroy(&queue->lock);
}

RIO_TABLE(queues, 2, struct rio_completion_queue, queue_end);

struct rio_completion_queue *rio_completion_queue_acquire(uint64_t id)
{
    return (struct rio_completion_queue *)rio_table_acquire(&queues, id);
}

void rio_completion_queue_release(struct rio_completion_queue *queue)
{
    rio_table_release(&queues, &queue->entry);
}

/* --- Notification --------------------------------------------------------- */

/* A reference to what is told. */
static int hold_target(const struct unix_rio_notification *notification,
                       uint64_t *ret_reference)
{
    uint64_t target;
    uint32_t kind;
    int error = WS2_SUCCESS, fd;

    *ret_reference = 0;
    if (notification->kind == UNIX_RIO_EVENT) {
        /* Asked as a registration's target: a reference alone may be of a
           handle that is no event. */
        error = host_event_target(notification->target, &kind, &target, &fd);
        if (error)
            return WS2_EINVAL;
        error = host_event_reference(notification->target, ret_reference);
        if (kind == WIRE_TARGET_EVENT)
            host_event_forget(target);
    } else if (notification->kind == UNIX_RIO_PORT) {
        error = host_completion_port_open(notification->target, ret_reference);
    }
    return error ? WS2_EINVAL : WS2_SUCCESS;
}

/* With no lock held: it is the program that is told. */
static void tell(const struct rio_completion_queue *queue)
{
    const struct unix_rio_notification *notification = &queue->notification;

    if (notification->kind == UNIX_RIO_EVENT)
        host_event_reference_set(queue->reference);
    else
        (void)host_completion_port_post(queue->reference, notification->key,
                                        notification->overlapped,
                                        WS2_STATUS_SUCCESS, 0);
}

static int notify(struct rio_completion_queue *queue)
{
    int is_notified, is_there = 0;

    if (queue->notification.kind == UNIX_RIO_POLLED)
        return WS2_EINVAL;
    pthread_mutex_lock(&queue->lock);
    is_notified = queue->is_notified;
    pthread_mutex_unlock(&queue->lock);
    if (is_notified)
        return WS2_EALREADY;
    /* Before the queue is looked at, as what comes then sets the event. */
    if (queue->notification.kind == UNIX_RIO_EVENT &&
        queue->notification.resets)
        host_event_reference_reset(queue->reference);
    pthread_mutex_lock(&queue->lock);
    is_notified = queue->is_notified;
    is_there = queue->n_notifying > 0;
    queue->is_notified = is_notified || !is_there;
    pthread_mutex_unlock(&queue->lock);
    if (is_notified)
        return WS2_EALREADY;
    if (is_there)
        tell(queue);
    return WS2_SUCCESS;
}

int unix_rio_completion_queue_notify(uint64_t id)
{
    struct rio_completion_queue *queue = rio_completion_queue_acquire(id);
    int error;

    if (queue == NULL)
        return WS2_EINVAL;
    error = notify(queue);
    rio_completion_queue_release(queue);
    return error;
}

/* --- Life ----------------------------------------------------------------- */

static int is_good_size(uint32_t size)
{
    return size >= 1 && size <= WS2_RIO_MAX_CQ_SIZE;
}

int unix_rio_completion_queue_create(
    uint32_t size, const struct unix_rio_notification *notification,
    uint64_t *ret_queue)
{
    struct rio_completion_queue *queue;
    struct rio_completion *ring;
    uint64_t reference;
    int error;

    if (!is_good_size(size))
        return WS2_EINVAL;
    error = hold_target(notification, &reference);
    if (error)
        return error;
    queue = (struct rio_completion_queue *)rio_table_new(&queues);
    if (queue == NULL)
        goto no_memory;
    queue->notification = *notification;
    queue->reference = reference;
    pthread_mutex_init(&queue->lock, NULL);
    /* A large one costs nothing before it is used. */
    ring = malloc(size * sizeof(*ring));
    queue->ring = ring;
    queue->size = size;
    queue->first = queue->count = queue->reserved = queue->n_notifying = 0;
    queue->is_notified = queue->is_closed = 0;
    if (ring != NULL)
        *ret_queue = rio_table_open(&queues, &queue->entry);
    rio_completion_queue_release(queue);
    return ring == NULL ? WS2_ENOBUFS : WS2_SUCCESS;
no_memory:
    if (notification->kind == UNIX_RIO_EVENT)
        host_event_reference_close(reference);
    else if (notification->kind == UNIX_RIO_PORT)
        host_completion_port_close(reference);
    return WS2_ENOBUFS;
}

static void copy_ring(struct rio_completion *to,
                      const struct rio_completion_queue *queue)
{
    uint32_t i;

    for (i = 0; i < queue->count; i++)
        to[i] = queue->ring[(queue->first + i) % queue->size];
}

static int resize(struct rio_completion_queue *queue, uint32_t size)
{
    struct rio_completion *ring = malloc(size * sizeof(*ring)), *before = ring;
    int error = WS2_SUCCESS;

    if (ring == NULL)
        return WS2_ENOBUFS;
    pthread_mutex_lock(&queue->lock);
    if (size < queue->reserved)
        error = WS2_ETOOMANYREFS;
    else {
        copy_ring(ring, queue);
        before = queue->ring;
        queue->ring = ring;
        queue->size = size;
        queue->first = 0;
    }
    pthread_mutex_unlock(&queue->lock);
    free(before);
    return error;
}

int unix_rio_completion_queue_resize(uint64_t id, uint32_t size)
{
    struct rio_completion_queue *queue;
    int error;

    if (!is_good_size(size))
        return WS2_EINVAL;
    queue = rio_completion_queue_acquire(id);
    if (queue == NULL)
        return WS2_EINVAL;
    error = resize(queue, size);
    rio_completion_queue_release(queue);
    return error;
}

/* --- Quotas --------------------------------------------------------------- */

int rio_quota_open(struct rio_quota *quota, struct rio_completion_queue *queue,
                   struct rio_entry *owner, uint32_t maximum)
{
    int error = WS2_SUCCESS;

    pthread_mutex_lock(&queue->lock);
    if (maximum > queue->size - queue->reserved)
        error = WS2_ENOBUFS;
    else {
        queue->reserved += maximum;
        *quota = (struct rio_quota){
            .queue = queue, .owner = owner, .maximum = maximum};
    }
    pthread_mutex_unlock(&queue->lock);
    return error;
}

int rio_quota_resize(struct rio_quota *quota, uint32_t maximum)
{
    struct rio_completion_queue *queue = quota->queue;
    int error = WS2_SUCCESS;

    pthread_mutex_lock(&queue->lock);
    if (maximum < quota->outstanding)
        error = WS2_ETOOMANYREFS;
    else if (maximum > quota->maximum &&
             maximum - quota->maximum > queue->size - queue->reserved)
        error = WS2_ENOBUFS;
    else {
        queue->reserved += maximum - quota->maximum;
        quota->maximum = maximum;
    }
    pthread_mutex_unlock(&queue->lock);
    return error;
}

void rio_quota_close(struct rio_quota *quota)
{
    pthread_mutex_lock(&quota->queue->lock);
    quota->is_closed = 1;
    quota->queue->reserved -= quota->maximum - quota->outstanding;
    pthread_mutex_unlock(&quota->queue->lock);
}

int rio_quota_charge(struct rio_quota *quota)
{
    int error = WS2_SUCCESS;

    pthread_mutex_lock(&quota->queue->lock);
    if (quota->queue->is_closed)
        error = WS2_EINVAL;
    else if (quota->outstanding >= quota->maximum)
        error = WS2_ENOBUFS;
    else {
        quota->outstanding++;
        rio_table_reference(quota->owner);
    }
    pthread_mutex_unlock(&quota->queue->lock);
    return error;
}

/* The caller then releases the owner, with no lock held. */
static void uncharge_locked(struct rio_quota *quota)
{
    quota->outstanding--;
    if (quota->is_closed)
        quota->queue->reserved--;
}

/* --- Results -------------------------------------------------------------- */

/* 1: somebody is to be told of it. */
static int put_locked(struct rio_completion_queue *queue,
                      const struct rio_completion *completion)
{
    int is_told;

    queue->ring[(queue->first + queue->count) % queue->size] = *completion;
    __atomic_store_n(&queue->count, queue->count + 1, __ATOMIC_RELEASE);
    if (!completion->notifies)
        return 0;
    queue->n_notifying++;
    is_told = queue->is_notified;
    queue->is_notified = 0;
    return is_told;
}

void rio_completion_queue_add(const struct rio_completion *completion)
{
    struct rio_completion_queue *queue = completion->quota->queue;
    struct rio_entry *owner = completion->quota->owner;
    int is_told = 0, is_dropped;

    pthread_mutex_lock(&queue->lock);
    is_dropped = queue->is_closed;
    if (is_dropped)
        uncharge_locked(completion->quota);
    else
        is_told = put_locked(queue, completion);
    /* Another thread may dequeue the result, and end everything. */
    if (is_told)
        rio_table_reference(&queue->entry);
    pthread_mutex_unlock(&queue->lock);
    if (is_dropped)
        rio_request_queue_release(owner);
    if (is_told) {
        tell(queue);
        rio_completion_queue_release(queue);
    }
}

/* Takes up to n results off; their owners are to be released. */
static uint32_t take(struct rio_completion_queue *queue,
                     struct unix_rio_result *results,
                     struct rio_entry **owners, uint32_t n)
{
    const struct rio_completion *completion;
    uint32_t i;

    pthread_mutex_lock(&queue->lock);
    if (n > queue->count)
        n = queue->count;
    for (i = 0; i < n; i++) {
        completion = &queue->ring[queue->first];
        queue->first = (queue->first + 1) % queue->size;
        queue->n_notifying -= completion->notifies != 0;
        results[i] = completion->result;
        owners[i] = completion->quota->owner;
        uncharge_locked(completion->quota);
    }
    __atomic_store_n(&queue->count, queue->count - n, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&queue->lock);
    return n;
}

static void release_owners(struct rio_entry **owners, uint32_t n)
{
    uint32_t i;

    for (i = 0; i < n; i++)
        rio_request_queue_release(owners[i]);
}

static uint32_t dequeue(struct rio_completion_queue *queue,
                        struct unix_rio_result *program, uint32_t n)
{
    struct unix_rio_result results[BATCH];
    struct rio_entry *owners[BATCH];
    uint32_t done = 0, taken;

    while (done < n) {
        taken = take(queue, results, owners,
                     n - done < BATCH ? n - done : BATCH);
        if (taken == 0)
            break;
        /* Was good just now. */
        (void)memory_write_cached(&program[done], results,
                                  taken * sizeof(results[0]));
        release_owners(owners, taken);
        done += taken;
    }
    return done;
}

uint32_t unix_rio_completion_queue_dequeue(uint64_t id,
                                           struct unix_rio_result *results,
                                           uint32_t n_results)
{
    struct rio_completion_queue *queue = rio_completion_queue_acquire(id);
    uint32_t count;

    if (queue == NULL)
        return WS2_RIO_CORRUPT_CQ;
    count = __atomic_load_n(&queue->count, __ATOMIC_ACQUIRE);
    if (count > n_results)
        count = n_results;
    /* No more than there are now: results that come meanwhile are the next
       call's, whose memory was not looked at. */
    if (count > 0 && unix_memory_check(results, count * sizeof(*results), 1))
        count = WS2_RIO_CORRUPT_CQ;
    else if (count > 0)
        count = dequeue(queue, results, count);
    rio_completion_queue_release(queue);
    return count;
}

void unix_rio_completion_queue_close(uint64_t id)
{
    struct rio_completion_queue *queue =
        (struct rio_completion_queue *)rio_table_close(&queues, id);
    struct unix_rio_result results[BATCH];
    struct rio_entry *owners[BATCH];
    uint32_t n;

    if (queue == NULL)
        return;
    pthread_mutex_lock(&queue->lock);
    queue->is_closed = 1;
    pthread_mutex_unlock(&queue->lock);
    while ((n = take(queue, results, owners, BATCH)) > 0)
        release_owners(owners, n);
    rio_completion_queue_release(queue);
}

void rio_completion_queues_forget(void)
{
    rio_table_forget(&queues);
}
