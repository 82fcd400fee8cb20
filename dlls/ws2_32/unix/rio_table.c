/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ids of Registered I/O; see rio_table.h. */
#include "unix/rio_table.h"

#include <stdlib.h>

#define GENERATION_SHIFT 32
#define PLACE_SHIFT 2

static uint32_t generation_of(uint64_t state_or_id)
{
    return (uint32_t)(state_or_id >> GENERATION_SHIFT);
}

static struct rio_entry **place_at(struct rio_table *table, uint32_t place)
{
    struct rio_chunk *chunk;

    if (place >= RIO_CHUNKS * RIO_CHUNK_PLACES)
        return NULL;
    chunk = __atomic_load_n(&table->chunks[place / RIO_CHUNK_PLACES],
                            __ATOMIC_ACQUIRE);
    return chunk == NULL ? NULL : &chunk->entries[place % RIO_CHUNK_PLACES];
}

static struct rio_entry *find(struct rio_table *table, uint64_t id)
{
    struct rio_entry **place;

    if ((id & ((1u << PLACE_SHIFT) - 1)) != table->kind)
        return NULL;
    place = place_at(table, (uint32_t)id >> PLACE_SHIFT);
    return place == NULL ? NULL : __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

/* --- Life ----------------------------------------------------------------- */

static struct rio_entry *add_place_locked(struct rio_table *table)
{
    struct rio_entry *entry, **place;
    struct rio_chunk *chunk;

    if (table->n_places == RIO_CHUNKS * RIO_CHUNK_PLACES)
        return NULL;
    place = place_at(table, table->n_places);
    if (place == NULL) {
        chunk = calloc(1, sizeof(*chunk));
        if (chunk == NULL)
            return NULL;
        __atomic_store_n(&table->chunks[table->n_places / RIO_CHUNK_PLACES],
                         chunk, __ATOMIC_RELEASE);
        place = &chunk->entries[0];
    }
    entry = calloc(1, table->object_size);
    if (entry == NULL)
        return NULL;
    entry->place = table->n_places++;
    __atomic_store_n(place, entry, __ATOMIC_RELEASE);
    return entry;
}

struct rio_entry *rio_table_new(struct rio_table *table)
{
    struct rio_entry *entry;
    uint64_t generation;

    pthread_mutex_lock(&table->lock);
    entry = table->first_free;
    if (entry != NULL)
        table->first_free = entry->next_free;
    else
        entry = add_place_locked(table);
    pthread_mutex_unlock(&table->lock);
    if (entry == NULL)
        return NULL;
    generation = generation_of(__atomic_load_n(&entry->state,
                                               __ATOMIC_RELAXED)) + 1;
    if (generation > UINT32_MAX)
        generation = 1;
    __atomic_store_n(&entry->state, generation << GENERATION_SHIFT | 1,
                     __ATOMIC_RELEASE);
    return entry;
}

uint64_t rio_table_open(struct rio_table *table, struct rio_entry *entry)
{
    /* What the object was made of is seen with the bit. */
    const uint64_t state = __atomic_add_fetch(
        &entry->state, RIO_ENTRY_OPEN | 1, __ATOMIC_RELEASE);

    return (uint64_t)generation_of(state) << GENERATION_SHIFT |
           (uint64_t)entry->place << PLACE_SHIFT | table->kind;
}

/* Changes the state of an open id; NULL: it is not open. */
static struct rio_entry *change(struct rio_table *table, uint64_t id,
                                uint64_t less, uint64_t more)
{
    struct rio_entry *entry = find(table, id);
    uint64_t state;

    if (entry == NULL)
        return NULL;
    state = __atomic_load_n(&entry->state, __ATOMIC_RELAXED);
    do {
        if (!(state & RIO_ENTRY_OPEN) ||
            generation_of(state) != generation_of(id))
            return NULL;
    } while (!__atomic_compare_exchange_n(&entry->state, &state,
                                          state - less + more, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return entry;
}

struct rio_entry *rio_table_acquire(struct rio_table *table, uint64_t id)
{
    return change(table, id, 0, 1);
}

struct rio_entry *rio_table_close(struct rio_table *table, uint64_t id)
{
    return change(table, id, RIO_ENTRY_OPEN, 0);
}

void rio_table_reference(struct rio_entry *entry)
{
    __atomic_add_fetch(&entry->state, 1, __ATOMIC_RELAXED);
}

void rio_table_release(struct rio_table *table, struct rio_entry *entry)
{
    const uint64_t state =
        __atomic_sub_fetch(&entry->state, 1, __ATOMIC_ACQ_REL);

    if ((uint32_t)state != 0)
        return;
    table->end(entry);
    pthread_mutex_lock(&table->lock);
    entry->next_free = table->first_free;
    table->first_free = entry;
    pthread_mutex_unlock(&table->lock);
}

/* Their references are of threads that are not there. */
void rio_table_forget(struct rio_table *table)
{
    struct rio_entry *entry;
    uint32_t i;

    pthread_mutex_init(&table->lock, NULL);
    table->first_free = NULL;
    for (i = 0; i < table->n_places; i++) {
        entry = *place_at(table, i);
        entry->state &= ~(uint64_t)RIO_ENTRY_OPEN;
    }
}
