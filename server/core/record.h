/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shared memory of published records; see record.c. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdint.h>

#include <ws2emu/wire.h>

struct record_pool {
    int fd;        /* the memory; sealed against other writers */
    int client_fd; /* the same, read-only, for clients */
    struct wire_record *records;
    uint32_t count;
    uint32_t *free_slots; /* ring of n_free slots from free_first */
    uint32_t free_first;
    uint32_t n_free;
};

int record_pool_init(struct record_pool *pool, uint32_t count);
void record_pool_deinit(struct record_pool *pool);
uint32_t record_take(struct record_pool *pool);
void record_give(struct record_pool *pool, uint32_t slot);
void record_set_options(struct wire_record *record,
                        const struct wire_options *options);

/* Stores one member for readers in other processes. */
#define record_publish(member, value) \
    __atomic_store_n(&(member), (value), __ATOMIC_RELEASE)

#endif
