/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the host knows of handles; see handle_table.h for the invariants. */
#include "handle_table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* As in the table of descriptors: two levels, handles below 2^26. */
#define PAGE_ENTRIES 4096
#define PAGES 4096

static struct handle_object **table[PAGES];

/* The table's place for a handle, NULL when it has none (and may not make
   one).  The low two bits of a handle are the program's own. */
static struct handle_object **place_of(HANDLE handle, int make)
{
    uint64_t index = (uintptr_t)handle >> 2;
    struct handle_object **page, **expected = NULL;

    if (index == 0 || index >= PAGES * PAGE_ENTRIES)
        return NULL;
    page = __atomic_load_n(&table[index / PAGE_ENTRIES], __ATOMIC_ACQUIRE);
    if (!page && make) {
        page = calloc(PAGE_ENTRIES, sizeof(struct handle_object *));
        if (page &&
            !__atomic_compare_exchange_n(&table[index / PAGE_ENTRIES],
                                         &expected, page, 0, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
            free(page);
            page = expected;
        }
    }
    return page ? &page[index % PAGE_ENTRIES] : NULL;
}

/* 1: there was one already, so it was not about to end. */
static int add_reference(struct handle_object *object)
{
    uint32_t count = __atomic_load_n(&object->references, __ATOMIC_RELAXED);

    do {
        if (count == 0)
            return 0;
    } while (!__atomic_compare_exchange_n(&object->references, &count,
                                          count + 1, 1, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return 1;
}

static struct handle_object *find(HANDLE handle)
{
    struct handle_object **place = place_of(handle, 0);
    struct handle_object *object;

    while (place && (object = __atomic_load_n(place, __ATOMIC_ACQUIRE))) {
        if (!add_reference(object))
            continue; /* left the table since */
        if (__atomic_load_n(place, __ATOMIC_ACQUIRE) == object)
            return object;
        handle_object_release(object); /* was used again elsewhere */
    }
    return NULL;
}

int handle_table_has(HANDLE handle)
{
    struct handle_object **place = place_of(handle, 0);

    return place && __atomic_load_n(place, __ATOMIC_RELAXED);
}

void *handle_table_find(HANDLE handle, const struct handle_kind *kind)
{
    struct handle_object *object =
        handle_table_has(handle) ? find(handle) : NULL;

    if (object && object->kind != kind) {
        handle_object_release(object);
        object = NULL;
    }
    return object;
}

int handle_table_put(HANDLE handle, struct handle_object *object)
{
    struct handle_object **place = place_of(handle, 1), *expected = NULL;

    if (!place)
        return 0;
    handle_object_hold(object);
    __atomic_add_fetch(&object->handles, 1, __ATOMIC_RELAXED);
    if (__atomic_compare_exchange_n(place, &expected, object, 0,
                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return 1;
    __atomic_sub_fetch(&object->handles, 1, __ATOMIC_RELAXED);
    handle_object_release(object);
    return 0;
}

void handle_table_remove(HANDLE handle)
{
    struct handle_object **place = place_of(handle, 0), *object;

    if (!place || !__atomic_load_n(place, __ATOMIC_RELAXED))
        return;
    object = __atomic_exchange_n(place, NULL, __ATOMIC_ACQ_REL);
    if (!object)
        return;
    if (__atomic_sub_fetch(&object->handles, 1, __ATOMIC_ACQ_REL) == 0 &&
        object->kind->closed)
        object->kind->closed(object);
    handle_object_release(object);
}

void handle_table_copy(HANDLE handle, HANDLE copy)
{
    struct handle_object *object = find(handle);

    if (!object)
        return;
    (void)handle_table_put(copy, object);
    handle_object_release(object);
}

/* --- Objects -------------------------------------------------------------- */

static pthread_mutex_t unused_lock = PTHREAD_MUTEX_INITIALIZER;

static struct handle_object *take_unused(struct handle_kind *kind)
{
    struct handle_object *object;

    pthread_mutex_lock(&unused_lock);
    object = kind->unused;
    if (object)
        kind->unused = object->next_unused;
    pthread_mutex_unlock(&unused_lock);
    return object;
}

/* Whoever finds it by a lost race finds no references until it is made. */
void *handle_object_new(struct handle_kind *kind)
{
    struct handle_object *object = take_unused(kind);

    if (object)
        memset(object + 1, 0, kind->size - sizeof(*object));
    else
        object = calloc(1, kind->size);
    if (!object)
        return NULL;
    object->kind = kind;
    object->handles = 0;
    if (kind->begin)
        kind->begin(object);
    __atomic_store_n(&object->references, 1, __ATOMIC_RELEASE);
    return object;
}

void handle_object_hold(struct handle_object *object)
{
    __atomic_add_fetch(&object->references, 1, __ATOMIC_RELAXED);
}

void handle_object_release(struct handle_object *object)
{
    struct handle_kind *kind = object->kind;

    if (__atomic_sub_fetch(&object->references, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    if (kind->end)
        kind->end(object);
    pthread_mutex_lock(&unused_lock);
    object->next_unused = kind->unused;
    kind->unused = object;
    pthread_mutex_unlock(&unused_lock);
}
