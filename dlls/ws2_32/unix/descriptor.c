/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of descriptors; see descriptor.h for its invariants. */
#include "unix/descriptor.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/attach.h"
#include "unix/port_reservation.h"
#include "unix/socket_operations.h"
#include "unix/wait.h"

typedef struct descriptor *entry;

entry *descriptor_table[DESCRIPTOR_PAGES];
/* What find answers for a descriptor that is being closed. */
static struct descriptor closing_mark;
static struct descriptor *all_descriptors, *free_descriptors;
/* Recursive: attaching holds it while it calls the server, and that call may
   have to recover, which visits the table. */
static pthread_mutex_t table_mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void descriptor_table_lock(void)
{
    pthread_mutex_lock(&table_mutex);
}

void descriptor_table_unlock(void)
{
    pthread_mutex_unlock(&table_mutex);
}

/* The table's place for a handle, which may have to be made; NULL: no memory,
   or no such handle can be. */
static entry *make_place(ws2_handle handle)
{
    uint64_t page_index = (handle >> 2) / DESCRIPTOR_PAGE_ENTRIES;
    entry *page, *expected = NULL;

    if (page_index < DESCRIPTOR_PAGES &&
        __atomic_load_n(&descriptor_table[page_index], __ATOMIC_ACQUIRE) ==
            NULL) {
        page = calloc(DESCRIPTOR_PAGE_ENTRIES, sizeof(*page));
        if (page != NULL &&
            !__atomic_compare_exchange_n(&descriptor_table[page_index],
                                         &expected, page, 0, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE))
            free(page);
    }
    return descriptor_place(handle);
}

/* The descriptor in the table with a reference; NULL: there is none;
   &closing_mark, without a reference: it is being closed. */
static struct descriptor *find(ws2_handle handle)
{
    entry *place = descriptor_place(handle);
    struct descriptor *descriptor, *seen;

    while (place != NULL) {
        descriptor = descriptor_acquire_at_once(handle);
        if (descriptor != NULL)
            return descriptor;
        seen = __atomic_load_n(place, __ATOMIC_ACQUIRE);
        if (seen == NULL)
            return NULL;
        if (!descriptor_is_open(seen) &&
            __atomic_load_n(place, __ATOMIC_ACQUIRE) == seen)
            return &closing_mark;
        /* It left the table since. */
    }
    return NULL;
}

int descriptor_acquire(ws2_handle handle, struct descriptor **ret_descriptor)
{
    struct descriptor *descriptor = find(handle);
    int error;

    if (descriptor == NULL) {
        error = attach_handle(handle);
        if (error)
            return error;
        descriptor = find(handle);
    }
    if (descriptor == NULL || descriptor == &closing_mark)
        return WS2_ENOTSOCK;
    *ret_descriptor = descriptor;
    return WS2_SUCCESS;
}

int OFF_HOT_PATH descriptor_acquire_slowly(ws2_handle handle,
                                           struct descriptor **ret_descriptor)
{
    return descriptor_acquire(handle, ret_descriptor);
}

int descriptor_acquire_known(ws2_handle handle,
                             struct descriptor **ret_descriptor)
{
    struct descriptor *descriptor = find(handle);

    if (descriptor == NULL || descriptor == &closing_mark)
        return WS2_ENOTSOCK;
    *ret_descriptor = descriptor;
    return WS2_SUCCESS;
}

void OFF_HOT_PATH descriptor_wake_closer(struct descriptor *descriptor)
{
    syscall(SYS_futex, &descriptor->references, FUTEX_WAKE_PRIVATE, INT_MAX,
            NULL, NULL, 0);
}

int descriptor_is_open(const struct descriptor *descriptor)
{
    /* In one order with what a waiter tells; see wait.h. */
    return (__atomic_load_n(&descriptor->references, __ATOMIC_SEQ_CST) &
            DESCRIPTOR_OPEN) != 0;
}

struct descriptor *descriptor_new(void)
{
    struct descriptor *descriptor;

    pthread_mutex_lock(&table_mutex);
    descriptor = free_descriptors;
    if (descriptor != NULL)
        free_descriptors = descriptor->next_free;
    else if ((descriptor = aligned_alloc(_Alignof(struct descriptor),
                                         sizeof(*descriptor))) != NULL) {
        memset(descriptor, 0, sizeof(*descriptor));
        descriptor->next = all_descriptors;
        all_descriptors = descriptor;
    }
    pthread_mutex_unlock(&table_mutex);
    if (descriptor != NULL) {
        descriptor->fd = -1;
        descriptor->slot = WIRE_NO_SLOT;
    }
    return descriptor;
}

struct descriptor *descriptor_free(struct descriptor *descriptor)
{
    if (descriptor == NULL)
        return NULL;
    if (descriptor->fd >= 0)
        close(descriptor->fd);
    /* A late reader may still look at `references` and must find it closed. */
    __atomic_store_n(&descriptor->references, 0, __ATOMIC_RELEASE);
    descriptor->handle = 0;
    descriptor->fd = -1;
    descriptor->slot = WIRE_NO_SLOT;
    __atomic_store_n(&descriptor->record, NULL, __ATOMIC_RELAXED);
    descriptor->cookie = 0;
    memset(&descriptor->identity, 0, sizeof(descriptor->identity));
    __atomic_store_n(&descriptor->stage, DESCRIPTOR_UNKNOWN, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->bound, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->has_binding, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->tells_destination, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->connected_at, 0, __ATOMIC_RELAXED);
    descriptor->peer_length = descriptor->local_length = 0;
    port_reservation_forget(descriptor);
    free(descriptor->sent_stamps);
    descriptor->sent_stamps = NULL;
    free(descriptor->echo_requests);
    descriptor->echo_requests = NULL;
    memset(&descriptor->source, 0, sizeof(descriptor->source));
    descriptor->put_aside = descriptor->is_put_aside = 0;
    __atomic_store_n(&descriptor->set_options, 0, __ATOMIC_RELAXED);
    memset(&descriptor->target, 0, sizeof(descriptor->target));
    descriptor->mask = 0;
    __atomic_store_n(&descriptor->operations, NULL, __ATOMIC_RELAXED);
    descriptor->next_attached = NULL;
    descriptor->may_be_shared = 0;
    descriptor->has_copies = 0;
    descriptor->was_duplicated = 0;
    descriptor->is_exchanged = 0;
    descriptor->extension = DESCRIPTOR_PLAIN;
    __atomic_store_n(&descriptor->request_queue, 0, __ATOMIC_RELAXED);

    pthread_mutex_lock(&table_mutex);
    /* An AcceptEx that ends late looks whether the socket is still its own. */
    descriptor->acceptor = NULL;
    descriptor->next_free = free_descriptors;
    free_descriptors = descriptor;
    pthread_mutex_unlock(&table_mutex);
    return NULL;
}

static void note_copy(struct descriptor *other, void *context)
{
    struct descriptor *descriptor = context;

    if (other == descriptor || other->cookie != descriptor->cookie)
        return;
    __atomic_store_n(&other->has_copies, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->has_copies, 1, __ATOMIC_RELAXED);
}

int descriptor_publish_locked(struct descriptor *descriptor)
{
    entry *place = make_place(descriptor->handle);

    if (place == NULL)
        return WS2_EMFILE;
    __atomic_store_n(&descriptor->references, DESCRIPTOR_OPEN | 1,
                     __ATOMIC_RELEASE);
    __atomic_store_n(place, descriptor, __ATOMIC_RELEASE);
    if (descriptor->may_be_shared) {
        descriptor_for_each(note_copy, descriptor);
        socket_operations_join_locked(descriptor);
    }
    return WS2_SUCCESS;
}

int unix_socket_is_known(ws2_handle s)
{
    entry *place = descriptor_place(s);

    return place != NULL && __atomic_load_n(place, __ATOMIC_ACQUIRE) != NULL;
}

int descriptor_is_known_locked(ws2_handle handle)
{
    return unix_socket_is_known(handle);
}

int descriptor_withdraw(ws2_handle handle, struct descriptor **ret_descriptor)
{
    struct descriptor *descriptor = find(handle);
    uint32_t count;

    if (descriptor == NULL || descriptor == &closing_mark)
        return WS2_ENOTSOCK;
    count = __atomic_fetch_and(&descriptor->references, ~DESCRIPTOR_OPEN,
                               __ATOMIC_SEQ_CST);
    if (!(count & DESCRIPTOR_OPEN)) {
        descriptor_release(descriptor); /* another thread was first */
        return WS2_ENOTSOCK;
    }
    /* Our own reference; what is left is the table's, which is ours now. */
    count = __atomic_sub_fetch(&descriptor->references, 1, __ATOMIC_ACQ_REL);
    if (count > 1)
        wait_wake_all();
    while (count > 1) {
        syscall(SYS_futex, &descriptor->references, FUTEX_WAIT_PRIVATE, count,
                NULL, NULL, 0);
        count = __atomic_load_n(&descriptor->references, __ATOMIC_ACQUIRE);
    }
    *ret_descriptor = descriptor;
    return WS2_SUCCESS;
}

void descriptor_end_handle_locked(struct descriptor *descriptor,
                                  int close_handle)
{
    entry *place = descriptor_place(descriptor->handle);

    __atomic_store_n(place, NULL, __ATOMIC_RELEASE);
    if (close_handle)
        host_socket_handle_close(descriptor->handle);
    close(descriptor->fd);
    descriptor->fd = -1;
}

void descriptor_for_each(void (*visit)(struct descriptor *, void *),
                         void *context)
{
    struct descriptor *descriptor;
    entry *page;
    size_t i, j;

    for (i = 0; i < DESCRIPTOR_PAGES; i++) {
        page = __atomic_load_n(&descriptor_table[i], __ATOMIC_ACQUIRE);
        for (j = 0; page != NULL && j < DESCRIPTOR_PAGE_ENTRIES; j++) {
            descriptor = __atomic_load_n(&page[j], __ATOMIC_ACQUIRE);
            if (descriptor != NULL)
                visit(descriptor, context);
        }
    }
}

struct copies {
    const struct descriptor *descriptor;
    uint64_t cookie;
    void (*visit)(struct descriptor *, void *);
    void *context;
};

static void visit_copy(struct descriptor *other, void *context)
{
    const struct copies *copies = context;

    if (other != copies->descriptor && other->cookie == copies->cookie)
        copies->visit(other, copies->context);
}

void descriptor_for_each_copy(struct descriptor *descriptor,
                              void (*visit)(struct descriptor *, void *),
                              void *context)
{
    struct copies copies = {descriptor, descriptor->cookie, visit, context};

    visit(descriptor, context);
    if (__atomic_load_n(&descriptor->has_copies, __ATOMIC_RELAXED))
        descriptor_for_each(visit_copy, &copies);
}

static void forget_references(struct descriptor *descriptor, void *context)
{
    uint32_t is_open =
        __atomic_load_n(&descriptor->references, __ATOMIC_RELAXED) &
        DESCRIPTOR_OPEN;

    (void)context;
    if (descriptor->is_put_aside)
        is_open = 0; /* recovery.c closes it */
    __atomic_store_n(&descriptor->references, is_open | 1, __ATOMIC_RELEASE);
}

/* What is not in the table was free, or a thread's that is not here. */
static void collect_free(void)
{
    struct descriptor *descriptor;
    entry *place;

    free_descriptors = NULL;
    for (descriptor = all_descriptors; descriptor != NULL;
         descriptor = descriptor->next) {
        place = descriptor_place(descriptor->handle);
        if (place == NULL || *place != descriptor)
            descriptor_free(descriptor);
    }
}

void descriptor_table_after_fork(void)
{
    const pthread_mutex_t fresh = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

    table_mutex = fresh;
    collect_free();
    descriptor_for_each(forget_references, NULL);
}
