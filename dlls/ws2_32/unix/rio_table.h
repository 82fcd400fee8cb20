/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ids of Registered I/O: which object a number of the program's stands for.
 *
 * An object embeds struct rio_entry as its first member.  Its memory is never
 * given back, only used again, with another generation and so another id: a
 * number that is no id (any more) is found out without a lock.
 *
 * An id is, from the top: 32 bits of generation, which is not 0 and keeps an id
 * apart from Winsock's invalid ones; the place in the table; 2 bits of the
 * table's kind.
 *
 * Invariant: `state` is the generation, RIO_ENTRY_OPEN while the id is good,
 * and the count of references, of which one is the open id's.  Who takes the
 * last one off ends the object.
 */
#ifndef WS2EMU_UNIX_RIO_TABLE_H
#define WS2EMU_UNIX_RIO_TABLE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define RIO_ENTRY_OPEN 0x80000000u

struct rio_entry {
    uint64_t state; /* atomic */
    uint32_t place;
    struct rio_entry *next_free;
};

struct rio_chunk;

struct rio_table {
    uint32_t kind;      /* 1 to 3 */
    size_t object_size;
    /* Of an object without references: gives back what it holds. */
    void (*end)(struct rio_entry *);
    pthread_mutex_t lock;
    struct rio_entry *first_free;
    uint32_t n_places;         /* under the lock */
    struct rio_chunk **chunks; /* RIO_CHUNKS of them, atomic */
};

#define RIO_CHUNK_PLACES 1024
#define RIO_CHUNKS 1024
struct rio_chunk {
    struct rio_entry *entries[RIO_CHUNK_PLACES]; /* atomic */
};

/* A table: RIO_TABLE(buffers, 1, struct rio_buffer, buffer_end); */
#define RIO_TABLE(name, table_kind, type, end_function)                        \
    static struct rio_chunk *name##_chunks[RIO_CHUNKS];                        \
    static struct rio_table name = {                                           \
        .kind = (table_kind),                                                  \
        .object_size = sizeof(type),                                           \
        .end = (end_function),                                                 \
        .lock = PTHREAD_MUTEX_INITIALIZER,                                     \
        .chunks = name##_chunks,                                               \
    }

/* An object that nobody knows yet, with the caller's reference, as it was left
   by the one before (zeroed at first).  NULL: no memory. */
struct rio_entry *rio_table_new(struct rio_table *table);
/* Its id is good from now on, and has a reference of its own. */
uint64_t rio_table_open(struct rio_table *table, struct rio_entry *entry);

/* The object of an id with a reference; NULL: there is none. */
struct rio_entry *rio_table_acquire(struct rio_table *table, uint64_t id);
/* The same, and the id is good no more: the reference was the id's. */
struct rio_entry *rio_table_close(struct rio_table *table, uint64_t id);

void rio_table_reference(struct rio_entry *entry);
void rio_table_release(struct rio_table *table, struct rio_entry *entry);

/* In the child of a fork there are no objects. */
void rio_table_forget(struct rio_table *table);

#endif
