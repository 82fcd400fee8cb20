/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AFD polls; see afd_poll.h.
 *
 * A poll that cannot end at once has a part for each of its sockets, a watching
 * operation of the engine.  Whatever decides a poll first (a part that sees its
 * state, the time, a cancellation, an exclusive poll that comes later) cancels
 * the parts that are left, and when all of them have ended the host is told.
 *
 * Locks: a poll's lock is held while its parts are cancelled, and the engine
 * completes them on the same thread meanwhile; so it is recursive, and comes
 * before the engine's.  The registry's lock is held alone.
 */
#include "unix/afd_poll.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "host/host.h"
#include "unix/descriptor.h"
#include "unix/operation.h"
#include "unix/proactor.h"
#include "unix/socket_state.h"
#include "unix/wait.h"

struct poll;

struct part {
    struct operation operation; /* the first member */
    struct poll *poll;
    struct unix_poll_entry entry; /* events: wanted */
    uint32_t events, status;      /* that are there */
    uint64_t cookie;
    int is_done;                  /* under the poll's lock */
    int is_main;                  /* under the registry's */
    UT_hash_handle hh;            /* of mains */
};

struct poll {
    pthread_mutex_t lock; /* recursive */
    uint32_t references;  /* atomic: parts that were started, and the poll */
    uint32_t n_left;      /* parts that have not ended */
    int is_starting, is_cancelling, is_decided, is_abandoned;
    uint32_t status;
    int is_exclusive;
    int has_timer;
    struct proactor_timer timer; /* has a reference while it runs */
    uint64_t carrier;
    const void *status_block;
    uint64_t thread; /* under the registry's lock; 0: it has ended */
    int (*outlives_thread)(uint64_t);
    void (*complete)(void *, const struct unix_poll_end *);
    void *context;
    struct poll *next, **link; /* in the registry */
    UT_hash_handle hh;         /* of polls by their status block */
    uint32_t n_parts;
    struct part parts[];
};

/* The polls that are pending.  A socket's main poll is the first that was
   issued while it had none. */
static struct {
    pthread_mutex_t lock;
    struct poll *first, *by_block;
    struct part *mains; /* by cookie */
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- Ends ----------------------------------------------------------------- */

static struct part *as_part(struct operation *operation)
{
    return (struct part *)operation;
}

static void poll_hold(struct poll *poll)
{
    __atomic_add_fetch(&poll->references, 1, __ATOMIC_RELAXED);
}

static void poll_release(struct poll *poll)
{
    if (__atomic_sub_fetch(&poll->references, 1, __ATOMIC_ACQ_REL) == 0) {
        pthread_mutex_destroy(&poll->lock);
        free(poll);
    }
}

static void poll_unregister(struct poll *poll)
{
    uint32_t i;

    pthread_mutex_lock(&registry.lock);
    if (poll->link) {
        *poll->link = poll->next;
        if (poll->next)
            poll->next->link = poll->link;
        HASH_DEL(registry.by_block, poll);
        for (i = 0; i < poll->n_parts; i++)
            if (poll->parts[i].is_main) {
                struct part *part = &poll->parts[i];

                HASH_DEL(registry.mains, part);
                part->is_main = 0;
            }
        poll->link = NULL;
    }
    pthread_mutex_unlock(&registry.lock);
}

/* What the parts see that were cancelled because another one saw something. */
static void look_again(struct poll *poll)
{
    struct descriptor *descriptor;
    struct part *part;
    uint32_t i;

    if (poll->status != WS2_STATUS_SUCCESS || poll->n_parts < 2)
        return;
    for (i = 0; i < poll->n_parts; i++) {
        part = &poll->parts[i];
        if (part->events || descriptor_acquire(part->entry.s, &descriptor))
            continue;
        part->events =
            socket_state(descriptor, part->entry.events, &part->status);
        descriptor_release(descriptor);
    }
}

/* All parts have ended: the host is told. */
static void poll_finish(struct poll *poll)
{
    struct unix_poll_entry *entries =
        malloc(poll->n_parts * sizeof(*entries));
    struct unix_poll_end end = {
        .status = entries ? poll->status : WS2_STATUS_CANCELLED,
        .is_abandoned = poll->is_abandoned,
        .entries = entries,
    };
    uint32_t i;

    look_again(poll);
    poll_unregister(poll);
    if (poll->has_timer && proactor_timer_stop(&poll->timer))
        poll_release(poll);
    for (i = 0; entries && i < poll->n_parts; i++) {
        const struct part *part = &poll->parts[i];

        if (poll->status == WS2_STATUS_SUCCESS && part->events)
            entries[end.n_entries++] = (struct unix_poll_entry){
                part->entry.s, part->events, part->status};
    }
    poll->complete(poll->context, &end);
    free(entries);
    poll_release(poll);
}

/* Under the lock: ends the parts that are left. */
static void poll_cancel_parts_locked(struct poll *poll)
{
    uint32_t i;

    poll->is_cancelling = 1;
    for (i = 0; i < poll->n_parts; i++)
        if (!poll->parts[i].is_done)
            (void)operation_cancel(&poll->parts[i].operation);
    poll->is_cancelling = 0;
}

/* Decides it unless it has been; 1: it is this thread that did. */
static int poll_decide(struct poll *poll, uint32_t status, int is_abandoned)
{
    int is_first, is_last;

    pthread_mutex_lock(&poll->lock);
    is_first = !poll->is_decided;
    if (is_first) {
        poll->is_decided = 1;
        poll->status = status;
        poll->is_abandoned = is_abandoned;
        if (!poll->is_starting)
            poll_cancel_parts_locked(poll);
    }
    is_last = is_first && !poll->is_starting && poll->n_left == 0;
    pthread_mutex_unlock(&poll->lock);
    if (is_last)
        poll_finish(poll);
    return is_first;
}

static void poll_expired(struct proactor_timer *timer)
{
    struct poll *poll =
        (struct poll *)((char *)timer - offsetof(struct poll, timer));

    (void)poll_decide(poll, WS2_STATUS_TIMEOUT, 0);
    poll_release(poll);
}

/* --- Parts ---------------------------------------------------------------- */

static int part_perform(struct operation *operation,
                        struct descriptor *descriptor)
{
    struct part *part = as_part(operation);

    part->events = socket_state(descriptor, part->entry.events, &part->status);
    return part->events ? WS2_SUCCESS : WS2_EWOULDBLOCK;
}

/* The first part that ends decides its poll, unless it was cancelled. */
static void part_complete(struct operation *operation)
{
    struct part *part = as_part(operation);
    struct poll *poll = part->poll;
    int is_last;

    pthread_mutex_lock(&poll->lock);
    if (operation->end == OPERATION_CLOSED)
        part->events = UNIX_POLL_CLOSE;
    else if (operation->end != OPERATION_PERFORMED)
        part->events = 0;
    part->is_done = 1;
    poll->n_left--;
    if (!poll->is_decided) {
        poll->is_decided = 1;
        poll->status = part->events ? WS2_STATUS_SUCCESS
                                    : WS2_STATUS_CANCELLED;
        if (!poll->is_starting)
            poll_cancel_parts_locked(poll);
    }
    is_last = !poll->is_starting && !poll->is_cancelling && poll->n_left == 0;
    pthread_mutex_unlock(&poll->lock);
    if (is_last)
        poll_finish(poll);
}

static void part_free(struct operation *operation)
{
    poll_release(as_part(operation)->poll);
}

static const struct operation_kind part_kind = {
    .name = "AFD poll",
    .perform = part_perform,
    .complete = part_complete,
    .free = part_free,
};

/* --- Exclusive polls ------------------------------------------------------ */

/* The exclusive main poll of the socket, with a reference, or NULL. */
static struct poll *find_exclusive_main(uint64_t cookie)
{
    struct poll *poll = NULL;
    struct part *main;

    pthread_mutex_lock(&registry.lock);
    HASH_FIND(hh, registry.mains, &cookie, sizeof(cookie), main);
    if (main && main->poll->is_exclusive) {
        poll = main->poll;
        poll_hold(poll);
    }
    pthread_mutex_unlock(&registry.lock);
    return poll;
}

/* An exclusive poll ends the exclusive main polls of its sockets. */
static void end_exclusive_mains(struct descriptor *const *descriptors,
                                uint32_t n)
{
    struct poll *poll;
    uint32_t i;

    for (i = 0; i < n; i++) {
        poll = find_exclusive_main(descriptors[i]->cookie);
        if (poll) {
            (void)poll_decide(poll, WS2_STATUS_CANCELLED, 0);
            poll_release(poll);
        }
    }
}

static void poll_register(struct poll *poll)
{
    struct part *main, *part;
    uint32_t i;

    pthread_mutex_lock(&registry.lock);
    poll->next = registry.first;
    if (poll->next)
        poll->next->link = &poll->next;
    poll->link = &registry.first;
    registry.first = poll;
    HASH_ADD(hh, registry.by_block, status_block, sizeof(poll->status_block),
             poll);
    for (i = 0; i < poll->n_parts; i++) {
        part = &poll->parts[i];
        HASH_FIND(hh, registry.mains, &part->cookie, sizeof(part->cookie),
                  main);
        if (main)
            continue;
        HASH_ADD(hh, registry.mains, cookie, sizeof(part->cookie), part);
        part->is_main = 1;
    }
    pthread_mutex_unlock(&registry.lock);
}

/* --- Start ---------------------------------------------------------------- */

static uint32_t look(const struct unix_poll_request *request,
                     struct descriptor *const *descriptors,
                     struct unix_poll_entry *ret_entries)
{
    struct unix_poll_entry entry;
    uint32_t n = 0, i;

    for (i = 0; i < request->n_entries; i++) {
        entry = request->entries[i];
        entry.events =
            socket_state(descriptors[i], entry.events, &entry.status);
        if (entry.events)
            ret_entries[n++] = entry;
    }
    return n;
}

static struct poll *poll_new(const struct unix_poll_request *request,
                             struct descriptor *const *descriptors)
{
    struct poll *poll = calloc(1, sizeof(*poll) + request->n_entries *
                                                      sizeof(poll->parts[0]));
    pthread_mutexattr_t recursive;
    struct part *part;
    uint32_t i;

    if (!poll)
        return NULL;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&poll->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    poll->references = 1;
    poll->is_starting = 1;
    poll->is_exclusive = request->is_exclusive;
    poll->has_timer = request->timeout >= 0;
    if (poll->has_timer)
        poll->timer.time = wait_now() + request->timeout;
    poll->timer.expired = poll_expired;
    poll->carrier = request->carrier;
    poll->status_block = request->status_block;
    poll->thread = host_thread_id();
    poll->outlives_thread = request->outlives_thread;
    poll->complete = request->complete;
    poll->context = request->context;
    poll->n_parts = request->n_entries;
    for (i = 0; i < poll->n_parts; i++) {
        part = &poll->parts[i];
        part->poll = poll;
        part->entry = request->entries[i];
        part->cookie = descriptors[i]->cookie;
        part->is_done = 1; /* until it is started */
        operation_init(&part->operation, &part_kind, OPERATION_WATCH, NULL);
    }
    return poll;
}

/* Starts the parts until one of them, or somebody else, has decided the poll.
   From the first on it may end at any time, but is not finished before this
   has returned. */
static void poll_start_parts(struct poll *poll,
                             struct descriptor *const *descriptors)
{
    struct unix_result result;
    struct part *part;
    uint32_t i;
    int error;

    for (i = 0; i < poll->n_parts; i++) {
        part = &poll->parts[i];
        pthread_mutex_lock(&poll->lock);
        if (poll->is_decided) {
            pthread_mutex_unlock(&poll->lock);
            return;
        }
        part->is_done = 0;
        poll->n_left++;
        poll_hold(poll);
        pthread_mutex_unlock(&poll->lock);
        error = operation_start(&part->operation, descriptors[i], &result);
        if (error == WS2_SUCCESS || error == WS2_IO_PENDING)
            continue;
        pthread_mutex_lock(&poll->lock);
        part->is_done = 1;
        poll->n_left--;
        pthread_mutex_unlock(&poll->lock);
        (void)poll_decide(poll, WS2_STATUS_CANCELLED, 0);
        return;
    }
}

/* The parts stand; what has decided the poll meanwhile takes effect. */
static void poll_started(struct poll *poll)
{
    int is_last;

    pthread_mutex_lock(&poll->lock);
    poll->is_starting = 0;
    if (!poll->is_decided && poll->has_timer) {
        poll_hold(poll);
        if (proactor_timer_start(&poll->timer)) {
            poll->is_decided = 1;
            poll->status = WS2_STATUS_CANCELLED;
            poll_release(poll);
        }
    }
    if (poll->is_decided) {
        poll->has_timer = 0;
        poll_cancel_parts_locked(poll);
    }
    is_last = poll->is_decided && poll->n_left == 0;
    pthread_mutex_unlock(&poll->lock);
    if (is_last)
        poll_finish(poll);
}

static int start(const struct unix_poll_request *request,
                 struct descriptor *const *descriptors,
                 struct unix_poll_entry *ret_entries, uint32_t *ret_count)
{
    struct poll *poll;

    if (request->is_exclusive)
        end_exclusive_mains(descriptors, request->n_entries);
    *ret_count = look(request, descriptors, ret_entries);
    if (*ret_count > 0 || request->timeout == 0)
        return WS2_SUCCESS;
    poll = poll_new(request, descriptors);
    if (!poll)
        return WS2_NOT_ENOUGH_MEMORY;
    poll_register(poll);
    poll_start_parts(poll, descriptors);
    poll_started(poll);
    return WS2_IO_PENDING;
}

int unix_afd_poll_start(const struct unix_poll_request *request,
                        struct unix_poll_entry *ret_entries,
                        uint32_t *ret_count)
{
    struct descriptor **descriptors =
        calloc(request->n_entries, sizeof(struct descriptor *));
    int error = WS2_SUCCESS;
    uint32_t n;

    if (!descriptors)
        return WS2_NOT_ENOUGH_MEMORY;
    for (n = 0; n < request->n_entries && !error; n++)
        error = descriptor_acquire(request->entries[n].s, &descriptors[n]);
    if (error)
        n--;
    else
        error = start(request, descriptors, ret_entries, ret_count);
    while (n-- > 0)
        descriptor_release(descriptors[n]);
    free(descriptors);
    return error;
}

/* --- Cancelling ----------------------------------------------------------- */

/* A pending poll of the carrier that the thread (0: any) issued, with a
   reference, or NULL. */
static struct poll *find_poll(uint64_t carrier, const void *status_block,
                              uint64_t thread)
{
    struct poll *poll;

    pthread_mutex_lock(&registry.lock);
    if (status_block) {
        HASH_FIND(hh, registry.by_block, &status_block, sizeof(status_block),
                  poll);
        if (poll && poll->carrier != carrier)
            poll = NULL;
    } else {
        for (poll = registry.first; poll; poll = poll->next)
            if (poll->carrier == carrier &&
                (thread == 0 || poll->thread == thread) &&
                !__atomic_load_n(&poll->is_decided, __ATOMIC_RELAXED))
                break;
    }
    if (poll)
        poll_hold(poll);
    pthread_mutex_unlock(&registry.lock);
    return poll;
}

uint32_t unix_afd_poll_cancel(uint64_t carrier, const void *status_block,
                              uint64_t thread)
{
    struct poll *poll;
    uint32_t n = 0;

    while ((poll = find_poll(carrier, status_block, thread))) {
        n += poll_decide(poll, WS2_STATUS_CANCELLED, 0) != 0;
        poll_release(poll);
        if (status_block)
            break;
    }
    return n;
}

/* --- The end of a thread -------------------------------------------------- */

/* A pending poll that the thread issued, with a reference, or NULL.  Each comes
   once: another thread may get the same number. */
static struct poll *take_poll_of(uint64_t thread)
{
    struct poll *poll;

    pthread_mutex_lock(&registry.lock);
    for (poll = registry.first; poll; poll = poll->next)
        if (poll->thread == thread)
            break;
    if (poll) {
        poll->thread = 0;
        poll_hold(poll);
    }
    pthread_mutex_unlock(&registry.lock);
    return poll;
}

void unix_afd_poll_thread_ended(uint64_t thread)
{
    struct poll *poll;

    while ((poll = take_poll_of(thread))) {
        if (!poll->outlives_thread || !poll->outlives_thread(poll->carrier))
            (void)poll_decide(poll, WS2_STATUS_CANCELLED, 1);
        poll_release(poll);
    }
}
