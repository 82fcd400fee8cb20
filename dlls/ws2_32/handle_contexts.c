/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables of handle contexts (ws2emu/ws2help.h): what a library knows of a
 * handle, found by it.
 *
 * A table is an open hash table that is at most half full, so that a search
 * ends, under a lock of its own.  The lock is recursive: a routine that
 * WahEnumerateHandleContexts calls under it may change the table, or destroy
 * it.
 *
 * What the program holds is no address but a number: a place and the place's
 * generation, so that a table that is gone is found out.  The memory of a place
 * is never freed.
 *
 * A context is the program's.  It is counted under the lock, as long as it is
 * in the table: who takes it out does so before the reference that the table
 * had of it goes.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <ws2emu/ws2help.h>

#include "api.h"
#include "helpers.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>

#define MAX_TABLES 1024
#define FIRST_SIZE 16 /* a power of 2, as all sizes are */

struct slot {
    HANDLE handle;
    PWAH_HANDLE context; /* NULL: the slot is free */
};

struct table {
    pthread_mutex_t lock; /* of the members below */
    uint32_t generation;
    BOOL is_there;
    struct slot *slots;
    uint32_t size, used;
};

static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static struct table *tables[MAX_TABLES]; /* atomic; written under places_lock */
static BOOL taken[MAX_TABLES];           /* under places_lock */

/* --- The slots, under the table's lock ------------------------------------ */

static uint32_t slot_of_hash(const struct table *table, HANDLE handle)
{
    const uint64_t hash =
        (uint64_t)(ULONG_PTR)handle * UINT64_C(0x9E3779B97F4A7C15);

    return (uint32_t)(hash >> 32) & (table->size - 1);
}

/* The slot of a handle, or the free one where it belongs. */
static struct slot *slot_find(const struct table *table, HANDLE handle)
{
    uint32_t i = slot_of_hash(table, handle);

    while (table->slots[i].context != NULL && table->slots[i].handle != handle)
        i = (i + 1) & (table->size - 1);
    return &table->slots[i];
}

static BOOL resize(struct table *table, uint32_t size)
{
    struct table larger = {.size = size};
    uint32_t i;

    larger.slots = calloc(size, sizeof(*larger.slots));
    if (larger.slots == NULL)
        return FALSE;
    for (i = 0; i < table->size; i++)
        if (table->slots[i].context != NULL)
            *slot_find(&larger, table->slots[i].handle) = table->slots[i];
    free(table->slots);
    table->slots = larger.slots;
    table->size = size;
    return TRUE;
}

/* Those behind it that were displaced move up, so that no search ends early. */
static void slot_clear(struct table *table, struct slot *slot)
{
    const uint32_t mask = table->size - 1;
    uint32_t free_slot = (uint32_t)(slot - table->slots), i = free_slot, first;

    for (;;) {
        i = (i + 1) & mask;
        if (table->slots[i].context == NULL)
            break;
        first = slot_of_hash(table, table->slots[i].handle);
        if (((i - first) & mask) < ((i - free_slot) & mask))
            continue; /* it begins behind the free one */
        table->slots[free_slot] = table->slots[i];
        free_slot = i;
    }
    table->slots[free_slot].context = NULL;
    table->used--;
}

/* --- Tables --------------------------------------------------------------- */

static void lock_init(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static PWAH_HANDLE_TABLE table_name(uint32_t place, uint32_t generation)
{
    return (PWAH_HANDLE_TABLE)helper_value(
        HELPER_TABLE, generation * (uint32_t)MAX_TABLES + place);
}

static BOOL is_named(const struct table *table, uint32_t place,
                     PWAH_HANDLE_TABLE name)
{
    return table->is_there && table_name(place, table->generation) == name;
}

/* Locked; NULL: there is no such table (any more). */
static struct table *table_lock(PWAH_HANDLE_TABLE name)
{
    const uint32_t place = helper_number(name) % MAX_TABLES;
    struct table *table = __atomic_load_n(&tables[place], __ATOMIC_ACQUIRE);

    if (table == NULL)
        return NULL;
    pthread_mutex_lock(&table->lock);
    if (!is_named(table, place, name)) {
        pthread_mutex_unlock(&table->lock);
        return NULL;
    }
    return table;
}

static void table_unlock(struct table *table)
{
    pthread_mutex_unlock(&table->lock);
}

/* A place of the caller's; MAX_TABLES: there is none, or no memory.  No table's
   lock is taken here: who has one may make a table, too. */
static uint32_t place_take(void)
{
    struct table *table;
    uint32_t place = 0;

    pthread_mutex_lock(&places_lock);
    while (place < MAX_TABLES && taken[place])
        place++;
    if (place < MAX_TABLES && tables[place] == NULL) {
        table = calloc(1, sizeof(*table));
        if (table == NULL) {
            place = MAX_TABLES;
        } else {
            lock_init(&table->lock);
            __atomic_store_n(&tables[place], table, __ATOMIC_RELEASE);
        }
    }
    if (place < MAX_TABLES)
        taken[place] = TRUE;
    pthread_mutex_unlock(&places_lock);
    return place;
}

static void place_give_back(uint32_t place)
{
    pthread_mutex_lock(&places_lock);
    taken[place] = FALSE;
    pthread_mutex_unlock(&places_lock);
}

DWORD WINAPI WahCreateHandleContextTable(PWAH_HANDLE_TABLE *Table)
{
    PWAH_HANDLE_TABLE name = NULL;
    struct table *table;
    uint32_t place;
    int error = helper_begin(Table, sizeof(*Table));

    if (error)
        return (DWORD)error;
    place = place_take();
    if (place == MAX_TABLES)
        return WSA_NOT_ENOUGH_MEMORY;
    table = tables[place];
    pthread_mutex_lock(&table->lock);
    if (resize(table, FIRST_SIZE)) {
        table->generation++;
        table->is_there = TRUE;
        name = table_name(place, table->generation);
    }
    pthread_mutex_unlock(&table->lock);
    if (name == NULL) {
        place_give_back(place);
        return WSA_NOT_ENOUGH_MEMORY;
    }
    error = unix_memory_write(Table, &name, sizeof(name));
    if (error)
        (void)WahDestroyHandleContextTable(name);
    return (DWORD)error;
}

DWORD WINAPI WahDestroyHandleContextTable(PWAH_HANDLE_TABLE Table)
{
    struct table *table = table_lock(Table);

    if (table == NULL)
        return WSA_INVALID_PARAMETER;
    table->is_there = FALSE;
    free(table->slots);
    table->slots = NULL;
    table->size = table->used = 0;
    table_unlock(table);
    place_give_back(helper_number(Table) % MAX_TABLES);
    return 0;
}

void handle_contexts_forked(void)
{
    uint32_t i;

    pthread_mutex_init(&places_lock, NULL);
    for (i = 0; i < MAX_TABLES; i++)
        if (tables[i] != NULL)
            lock_init(&tables[i]->lock);
}

/* --- Contexts ------------------------------------------------------------- */

/* In the table's lock.  What it takes the place of, or itself; NULL: no
   memory. */
static PWAH_HANDLE insert(struct table *table, HANDLE handle,
                          PWAH_HANDLE context)
{
    struct slot *slot = slot_find(table, handle);
    PWAH_HANDLE before = slot->context;

    if (before != NULL) {
        slot->context = context;
        return before;
    }
    if (2 * (table->used + 1) > table->size) {
        if (table->size > UINT32_MAX / 4 || !resize(table, 2 * table->size))
            return NULL;
        slot = slot_find(table, handle);
    }
    *slot = (struct slot){handle, context};
    table->used++;
    return context;
}

PWAH_HANDLE WINAPI WahInsertHandleContext(PWAH_HANDLE_TABLE Table,
                                          PWAH_HANDLE Context)
{
    struct table *table;
    PWAH_HANDLE before = NULL;
    WSH_HANDLE copy;
    int error = helper_read(&copy, Context, sizeof(copy));

    if (!error) {
        table = table_lock(Table);
        error = table == NULL ? WSA_INVALID_PARAMETER : 0;
    }
    if (!error) {
        before = insert(table, copy.Handle, Context);
        error = before == NULL ? WSA_NOT_ENOUGH_MEMORY : 0;
        table_unlock(table);
    }
    host_set_last_error((uint32_t)error);
    return before;
}

PWAH_HANDLE WINAPI WahReferenceContextByHandle(PWAH_HANDLE_TABLE Table,
                                               HANDLE Handle)
{
    struct table *table = table_lock(Table);
    PWAH_HANDLE context;

    if (table == NULL) {
        host_set_last_error(WSA_INVALID_PARAMETER);
        return NULL;
    }
    context = slot_find(table, Handle)->context;
    if (context != NULL)
        __atomic_add_fetch(&context->RefCount, 1, __ATOMIC_RELAXED);
    table_unlock(table);
    host_set_last_error(0);
    return context;
}

DWORD WINAPI WahRemoveHandleContext(PWAH_HANDLE_TABLE Table,
                                    PWAH_HANDLE Context)
{
    struct table *table;
    struct slot *slot;
    WSH_HANDLE copy;
    int error = helper_read(&copy, Context, sizeof(copy));

    if (error)
        return (DWORD)error;
    table = table_lock(Table);
    if (table == NULL)
        return WSA_INVALID_PARAMETER;
    slot = slot_find(table, copy.Handle);
    if (slot->context == Context)
        slot_clear(table, slot);
    else
        error = WSA_INVALID_PARAMETER;
    table_unlock(table);
    return (DWORD)error;
}

/* --- Visiting all --------------------------------------------------------- */

/* The handles that are there now, in memory from malloc. */
static HANDLE *handles_of(const struct table *table, uint32_t *ret_count)
{
    HANDLE *handles = malloc((table->used + 1) * sizeof(*handles));
    uint32_t i, n = 0;

    for (i = 0; handles != NULL && i < table->size; i++)
        if (table->slots[i].context != NULL)
            handles[n++] = table->slots[i].handle;
    *ret_count = n;
    return handles;
}

/* Under the lock, which is of this thread: the routine may do what it likes. */
static BOOL visit_all(struct table *table, PWAH_HANDLE_TABLE name,
                      const HANDLE *handles, uint32_t n,
                      PWAH_HANDLE_ENUMERATE_PROC visit, PVOID argument)
{
    const uint32_t place = helper_number(name) % MAX_TABLES;
    PWAH_HANDLE context;
    uint32_t i;

    for (i = 0; i < n && is_named(table, place, name); i++) {
        context = slot_find(table, handles[i])->context;
        if (context != NULL && !visit(argument, context))
            return FALSE;
    }
    return TRUE;
}

BOOL WINAPI WahEnumerateHandleContexts(PWAH_HANDLE_TABLE Table,
                                       PWAH_HANDLE_ENUMERATE_PROC Visit,
                                       PVOID Context)
{
    struct table *table = NULL;
    HANDLE *handles;
    BOOL is_whole = FALSE;
    uint32_t n;
    int error = helper_check((const void *)Visit, 1);

    if (!error) {
        table = table_lock(Table);
        error = table == NULL ? WSA_INVALID_PARAMETER : 0;
    }
    if (!error) {
        handles = handles_of(table, &n);
        error = handles == NULL ? WSA_NOT_ENOUGH_MEMORY : 0;
        host_set_last_error(0);
        if (!error)
            is_whole = visit_all(table, Table, handles, n, Visit, Context);
        free(handles);
        table_unlock(table);
    }
    if (error)
        host_set_last_error((uint32_t)error);
    return is_whole;
}
