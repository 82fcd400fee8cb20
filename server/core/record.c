/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pool of published records.
 *
 * Records live in a memfd that clients map read-only.  The memory is sealed
 * after the server has mapped it, so no client can make itself a writable
 * mapping, not even by opening the descriptor anew through /proc.
 *
 * A slot is free, granted to a client, or a socket's.  Free slots are used
 * again in the order in which they came back: a late reader of a closed
 * socket's record then sees cookie 0 rather than another socket, and the
 * generation tells the uses apart.
 */
#include "core/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/fd.h"

static int map_records(struct record_pool *pool, size_t size)
{
    void *memory;

    pool->fd = memfd_create("ws2emu-records", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (pool->fd < 0 || ftruncate(pool->fd, (off_t)size) < 0)
        return -errno;
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
    if (memory == MAP_FAILED)
        return -errno;
    pool->records = memory;
    if (fcntl(pool->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
                                         F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) < 0)
        return -errno;
    return 0;
}

static int open_for_clients(struct record_pool *pool)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", pool->fd);
    pool->client_fd = open(path, O_RDONLY | O_CLOEXEC);
    return pool->client_fd < 0 ? -errno : 0;
}

/* Makes a pool of count records, all free.  Returns 0 or -errno. */
int record_pool_init(struct record_pool *pool, uint32_t count)
{
    int error;
    uint32_t slot;

    memset(pool, 0, sizeof *pool);
    pool->fd = pool->client_fd = -1;
    pool->count = pool->n_free = count;
    error = map_records(pool, (size_t)count * sizeof *pool->records);
    if (error)
        goto out;
    error = open_for_clients(pool);
    if (error)
        goto out;
    pool->free_slots = malloc((size_t)count * sizeof *pool->free_slots);
    if (!pool->free_slots) {
        error = -ENOMEM;
        goto out;
    }
    for (slot = 0; slot < count; slot++)
        pool->free_slots[slot] = slot;
out:
    if (error)
        record_pool_deinit(pool);
    return error;
}

/* Unmaps and closes; mappings of clients stay what they are. */
void record_pool_deinit(struct record_pool *pool)
{
    if (pool->records)
        munmap(pool->records, (size_t)pool->count * sizeof *pool->records);
    free(pool->free_slots);
    pool->records = NULL;
    pool->free_slots = NULL;
    fd_close(&pool->fd);
    fd_close(&pool->client_fd);
}

/* Takes the slot that has been free for longest; its record is all zero but
   for the generation.  WIRE_NO_SLOT: none is free. */
uint32_t record_take(struct record_pool *pool)
{
    uint32_t slot;

    if (pool->n_free == 0)
        return WIRE_NO_SLOT;
    slot = pool->free_slots[pool->free_first];
    pool->free_first = (pool->free_first + 1) % pool->count;
    pool->n_free--;
    return slot;
}

/* Publishes other options. */
void record_set_options(struct wire_record *record,
                        const struct wire_options *options)
{
    size_t i;

    for (i = 0; i < sizeof options->flags / sizeof options->flags[0]; i++)
        record_publish(record->options.flags[i], options->flags[i]);
    for (i = 0; i < sizeof options->numbers / sizeof options->numbers[0]; i++)
        record_publish(record->options.numbers[i], options->numbers[i]);
}

/* Gives a taken slot back, cleared, and counts its generation up. */
void record_give(struct record_pool *pool, uint32_t slot)
{
    struct wire_record *record = &pool->records[slot];

    record_publish(record->cookie, 0);
    if (record->flags & WIRE_RECORD_OPTIONS)
        record_set_options(record, &(struct wire_options){ .flags = { 0 } });
    record_publish(record->flags, 0);
    record_publish(record->reenable, 0);
    record_publish(record->mask, 0);
    record_publish(record->generation, record->generation + 1);
    record_publish(record->receive_timeout, 0);
    record_publish(record->send_timeout, 0);
    record_publish(record->receive_buffer, 0);
    record_publish(record->send_buffer, 0);
    record_publish(record->connect_error, 0);
    record_publish(record->error, 0);
    record_publish(record->datagram_error, 0);
    pool->free_slots[(pool->free_first + pool->n_free) % pool->count] = slot;
    pool->n_free++;
}
