/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A socket that has overlapped operations: which descriptors lead to it, its
 * completion port, and what becomes of it at closesocket, exchange and fork.
 * See socket_operations.h; its queues are in operation_queues.c.
 */
#include "unix/socket_operations.h"

#include <stddef.h>
#include <stdlib.h>

#include "host/host.h"
#include "unix/proactor.h"

/* Cookies are counted up, so they spread well. */
#define PLACES 4096

static pthread_mutex_t table_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct socket_operations *table[PLACES];
static struct socket_operations *all_objects; /* atomic; only grows */
static struct socket_operations *free_objects;
static struct operation *forgotten; /* in the child of a fork, for a moment */
static uint32_t n_shared; /* descriptors that were not the first of a socket */

/* --- The object ----------------------------------------------------------- */

static struct socket_operations *object_new_locked(void)
{
    struct socket_operations *socket = free_objects;
    int i;

    if (socket != NULL) {
        free_objects = socket->next_place;
        return socket;
    }
    socket = calloc(1, sizeof(*socket));
    if (socket == NULL)
        return NULL;
    for (i = 0; i < OPERATION_DIRECTIONS; i++) {
        pthread_mutex_init(&socket->queues[i].lock, NULL);
        socket->queues[i].last = &socket->queues[i].first;
    }
    pthread_mutex_init(&socket->lock, NULL);
    socket->armed_fd = -1;
    socket->next = all_objects;
    __atomic_store_n(&all_objects, socket, __ATOMIC_RELEASE);
    return socket;
}

static struct socket_operations **place_of(uint64_t cookie)
{
    return &table[cookie % PLACES];
}

static struct socket_operations *find_locked(uint64_t cookie)
{
    struct socket_operations *socket = *place_of(cookie);

    while (socket != NULL && socket->cookie != cookie)
        socket = socket->next_place;
    return socket;
}

void socket_operations_reference(struct socket_operations *socket)
{
    __atomic_add_fetch(&socket->references, 1, __ATOMIC_RELAXED);
}

static void free_associations(struct socket_operations *socket,
                              void (*close_port)(uint64_t))
{
    struct port_association *association;

    __atomic_store_n(&socket->association, NULL, __ATOMIC_RELAXED);
    while ((association = socket->associations) != NULL) {
        socket->associations = association->before;
        if (close_port != NULL)
            close_port(association->port);
        free(association);
    }
}

/* The last reference is gone: nobody completes operations of it any more. */
void socket_operations_release(struct socket_operations *socket)
{
    if (__atomic_sub_fetch(&socket->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    free_associations(socket, host_completion_port_close);
    __atomic_store_n(&socket->modes, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&socket->is_unsignalled, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&socket->taken, 0, __ATOMIC_RELAXED);
    pthread_mutex_lock(&table_mutex);
    socket->next_place = free_objects;
    free_objects = socket;
    pthread_mutex_unlock(&table_mutex);
}

void socket_operations_for_each(void (*visit)(struct socket_operations *,
                                              const void *),
                                const void *context)
{
    struct socket_operations *socket =
        __atomic_load_n(&all_objects, __ATOMIC_ACQUIRE);

    for (; socket != NULL; socket = socket->next)
        visit(socket, context);
}

/* --- Its descriptors ------------------------------------------------------ */

static void attach_locked(struct socket_operations *socket,
                          struct descriptor *descriptor)
{
    descriptor->next_attached = socket->descriptors;
    socket->descriptors = descriptor;
    socket_operations_reference(socket);
    __atomic_store_n(&descriptor->operations, socket, __ATOMIC_RELEASE);
}

static void attach_same(struct descriptor *descriptor, void *context)
{
    struct socket_operations *socket = context;

    /* One that is not open may have left already. */
    if (descriptor->cookie == socket->cookie &&
        descriptor->operations == NULL && descriptor_is_open(descriptor))
        attach_locked(socket, descriptor);
}

static struct socket_operations *make_locked(struct descriptor *descriptor)
{
    struct socket_operations *socket = object_new_locked();
    struct socket_operations **place = place_of(descriptor->cookie);

    if (socket == NULL)
        return NULL;
    socket->cookie = descriptor->cookie;
    socket->descriptors = NULL;
    socket->next_place = *place;
    *place = socket;
    __atomic_store_n(&socket->descriptor, descriptor, __ATOMIC_RELEASE);
    attach_locked(socket, descriptor);
    if (n_shared != 0)
        descriptor_for_each(attach_same, socket);
    return socket;
}

struct socket_operations *socket_operations_of(struct descriptor *descriptor)
{
    struct socket_operations *socket =
        __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);

    if (socket != NULL)
        return socket;
    descriptor_table_lock();
    pthread_mutex_lock(&table_mutex);
    socket = descriptor->operations;
    if (socket == NULL) {
        socket = find_locked(descriptor->cookie);
        if (socket != NULL)
            attach_locked(socket, descriptor);
        else
            socket = make_locked(descriptor);
    }
    pthread_mutex_unlock(&table_mutex);
    descriptor_table_unlock();
    return socket;
}

void socket_operations_join_locked(struct descriptor *descriptor)
{
    struct socket_operations *socket;

    pthread_mutex_lock(&table_mutex);
    n_shared++;
    socket = find_locked(descriptor->cookie);
    if (socket != NULL)
        attach_locked(socket, descriptor);
    pthread_mutex_unlock(&table_mutex);
}

static void lock_queues(struct socket_operations *socket)
{
    int i;

    for (i = 0; i < OPERATION_DIRECTIONS; i++)
        pthread_mutex_lock(&socket->queues[i].lock);
}

static void unlock_queues(struct socket_operations *socket)
{
    int i;

    for (i = OPERATION_DIRECTIONS; i-- > 0;)
        pthread_mutex_unlock(&socket->queues[i].lock);
}

/* Another descriptor to go on through, with a reference; NULL: none is open. */
static struct descriptor *successor_locked(struct socket_operations *socket)
{
    struct descriptor *descriptor = socket->descriptors;

    while (descriptor != NULL && !descriptor_reference(descriptor))
        descriptor = descriptor->next_attached;
    return descriptor;
}

/* Takes a descriptor off; 1: it was the last, and nobody finds the object any
   more. */
static int detach_locked(struct socket_operations *socket,
                         struct descriptor *descriptor)
{
    struct descriptor **link = &socket->descriptors;
    struct socket_operations **place = place_of(socket->cookie);

    while (*link != descriptor)
        link = &(*link)->next_attached;
    *link = descriptor->next_attached;
    __atomic_store_n(&descriptor->operations, NULL, __ATOMIC_RELAXED);
    if (socket->descriptors != NULL)
        return 0;
    while (*place != socket)
        place = &(*place)->next_place;
    *place = socket->next_place;
    return 1;
}

/* The fd that is about to close is not used any more, be there another or
   not. */
static void change_descriptor(struct socket_operations *socket,
                              struct descriptor *from, struct descriptor *to)
{
    uint32_t armed;

    lock_queues(socket);
    if (socket->descriptor == from) {
        armed = socket->armed;
        proactor_forget(socket);
        __atomic_store_n(&socket->descriptor, to, __ATOMIC_RELEASE);
        if (to != NULL && armed != 0)
            (void)proactor_arm(socket, armed);
    }
    unlock_queues(socket);
}

static int fits_all(const struct operation *operation, const void *context)
{
    (void)operation, (void)context;
    return 1;
}

void socket_operations_leave(struct descriptor *descriptor)
{
    struct socket_operations *socket;
    struct descriptor *successor = NULL;
    int was_last = 0;

    pthread_mutex_lock(&table_mutex);
    if (descriptor->may_be_shared)
        n_shared--;
    descriptor->may_be_shared = 0;
    socket = descriptor->operations;
    if (socket != NULL) {
        was_last = detach_locked(socket, descriptor);
        successor = successor_locked(socket);
    }
    pthread_mutex_unlock(&table_mutex);
    if (socket == NULL)
        return;
    change_descriptor(socket, descriptor, successor);
    if (successor != NULL)
        descriptor_release(successor);
    if (was_last)
        (void)socket_operations_end(socket, fits_all, NULL, OPERATION_CLOSED);
    socket_operations_release(socket);
}

/* --- Another kernel socket ------------------------------------------------ */

/* Others that have stayed with the socket before find an object of their own at
   their next operation. */
static void detach_others_locked(struct socket_operations *socket,
                                 struct descriptor *descriptor)
{
    struct descriptor **link = &socket->descriptors, *other;

    while ((other = *link) != NULL) {
        if (other->cookie == descriptor->cookie) {
            link = &other->next_attached;
            continue;
        }
        *link = other->next_attached;
        __atomic_store_n(&other->operations, NULL, __ATOMIC_RELAXED);
        __atomic_sub_fetch(&socket->references, 1, __ATOMIC_ACQ_REL);
    }
    socket->descriptor = descriptor;
}

static void change_cookie(struct socket_operations *socket,
                          struct descriptor *descriptor)
{
    struct socket_operations **place;

    pthread_mutex_lock(&table_mutex);
    detach_others_locked(socket, descriptor);
    place = place_of(socket->cookie);
    while (*place != socket)
        place = &(*place)->next_place;
    *place = socket->next_place;
    socket->cookie = descriptor->cookie;
    place = place_of(socket->cookie);
    socket->next_place = *place;
    *place = socket;
    pthread_mutex_unlock(&table_mutex);
}

/* With the locks of the queues and of the table of descriptors. */
static int exchange_locked(struct socket_operations *socket,
                           struct descriptor *descriptor,
                           int (*exchange)(struct descriptor *, void *),
                           void *context)
{
    uint32_t armed;
    int error;

    if (socket == NULL)
        return exchange(descriptor, context);
    armed = socket->armed;
    proactor_forget(socket);
    error = exchange(descriptor, context);
    if (!error) {
        change_cookie(socket, descriptor);
        __atomic_store_n(&socket->taken, 0, __ATOMIC_RELAXED);
    }
    if (armed != 0)
        (void)proactor_arm(socket, armed);
    return error;
}

int socket_operations_exchange(struct descriptor *descriptor,
                               int (*exchange)(struct descriptor *, void *),
                               void *context)
{
    struct socket_operations *socket;
    int is_same = 0, error = WS2_SUCCESS;

    while (!is_same) {
        socket = __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);
        if (socket != NULL)
            lock_queues(socket);
        descriptor_table_lock();
        is_same = descriptor->operations == socket;
        if (is_same)
            error = exchange_locked(socket, descriptor, exchange, context);
        descriptor_table_unlock();
        if (socket != NULL)
            unlock_queues(socket);
    }
    return error;
}

/* --- Ports ---------------------------------------------------------------- */

/* One of those that there were, or another one, which has the port's reference
   then.  NULL: no memory. */
static struct port_association *
association_of_locked(struct socket_operations *socket, uint64_t port,
                      uint64_t key, int *ret_is_new)
{
    struct port_association *association = socket->associations;

    while (association != NULL &&
           (association->port != port || association->key != key))
        association = association->before;
    *ret_is_new = association == NULL;
    if (association != NULL)
        return association;
    association = malloc(sizeof(*association));
    if (association != NULL) {
        *association = (struct port_association){port, key,
                                                 socket->associations};
        socket->associations = association;
    }
    return association;
}

static int associate(struct socket_operations *socket, uint64_t port,
                     uint64_t key, int replaces)
{
    struct port_association *association = NULL;
    int error = WS2_SUCCESS, is_new = 1;

    pthread_mutex_lock(&socket->lock);
    if (!replaces && socket->association != NULL)
        error = WS2_INVALID_PARAMETER;
    else if (port != 0)
        association = association_of_locked(socket, port, key, &is_new);
    if (!error && port != 0 && association == NULL)
        error = WS2_ENOBUFS;
    if (!error)
        __atomic_store_n(&socket->association, association, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&socket->lock);
    if (!error && !is_new)
        host_completion_port_close(port); /* it has a reference */
    return error;
}

int socket_operations_associate(struct socket_operations *socket,
                                uint64_t port, uint64_t key)
{
    return associate(socket, port, key, /* replaces= */ 0);
}

int socket_operations_replace_port(struct socket_operations *socket,
                                   uint64_t port, uint64_t key)
{
    return associate(socket, port, key, /* replaces= */ 1);
}

/* --- fork ----------------------------------------------------------------- */

void socket_operations_before_fork(void)
{
    pthread_mutex_lock(&table_mutex);
}

void socket_operations_in_parent(void)
{
    pthread_mutex_unlock(&table_mutex);
}

/* What pends.  Where another thread was at work nothing is known to be whole:
   it is let go as it is. */
static void collect_forgotten(struct operation_queue *queue)
{
    struct operation *operation, *next;

    if (pthread_mutex_trylock(&queue->lock) != 0)
        return;
    for (operation = queue->first; operation != NULL; operation = next) {
        next = operation->next;
        if (operation->end != OPERATION_OPEN)
            continue;
        operation->next = forgotten;
        forgotten = operation;
    }
}

void socket_operations_free_forgotten(void)
{
    struct operation *operation;

    while ((operation = forgotten) != NULL) {
        forgotten = operation->next;
        operation_forget(operation);
    }
}

/* What pends is the parent's. */
static void forget_operations(struct socket_operations *socket)
{
    struct descriptor *descriptor;
    int i;

    for (i = 0; i < OPERATION_DIRECTIONS; i++) {
        collect_forgotten(&socket->queues[i]);
        pthread_mutex_init(&socket->queues[i].lock, NULL);
        socket->queues[i].first = NULL;
        socket->queues[i].last = &socket->queues[i].first;
        socket->queues[i].count = 0;
        socket->queues[i].busy = 0;
    }
    pthread_mutex_init(&socket->lock, NULL);
    socket->armed = 0;
    socket->armed_fd = -1;
    socket->taken = 0;
    socket->notification = NULL;
    socket->references = 0;
    for (descriptor = socket->descriptors; descriptor != NULL;
         descriptor = descriptor->next_attached)
        socket->references++;
    socket->descriptor = socket->descriptors;
    if (socket->references != 0)
        return;
    free_associations(socket, NULL);
    socket->modes = 0;
    socket->next_place = free_objects;
    free_objects = socket;
}

void socket_operations_in_child(void)
{
    struct socket_operations *socket;

    pthread_mutex_init(&table_mutex, NULL);
    free_objects = NULL;
    for (socket = all_objects; socket != NULL; socket = socket->next)
        forget_operations(socket);
}
