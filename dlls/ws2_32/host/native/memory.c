/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The native host: whether the program's memory can be used.
 *
 * No fault handler could open memory of a plain process, so touching it asks
 * the kernel, which copies a byte of each page (and back).  Ranges that were
 * good before are taken to be good still, for each thread: who receives into
 * the same buffers again and again pays for it once.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"

#define PAGE_LENGTH 4096
#define KNOWN_RANGES 4
#define BATCH 64 /* pages for each system call */

/* Of whole pages: first to end - 1. */
struct range {
    uintptr_t first, end;
};

static _Thread_local struct {
    struct range ranges[2][KNOWN_RANGES]; /* readable, writable */
    unsigned int next;
} known;

static inline struct range pages_of(const void *memory, size_t length)
{
    uintptr_t from = (uintptr_t)memory;

    /* The end is behind the beginning also where the address would not be. */
    return (struct range){from / PAGE_LENGTH,
                          from / PAGE_LENGTH +
                              (from % PAGE_LENGTH + length - 1) / PAGE_LENGTH +
                              1};
}

static inline int is_known(const struct range *ranges, struct range wanted)
{
    int i;

    for (i = 0; i < KNOWN_RANGES; i++)
        if (wanted.first >= ranges[i].first && wanted.end <= ranges[i].end)
            return 1;
    return 0;
}

/* A range that meets a known one makes it longer. */
static void remember(struct range *ranges, struct range good)
{
    int i;

    for (i = 0; i < KNOWN_RANGES; i++) {
        if (good.first > ranges[i].end || good.end < ranges[i].first)
            continue;
        if (good.first < ranges[i].first)
            ranges[i].first = good.first;
        if (good.end > ranges[i].end)
            ranges[i].end = good.end;
        return;
    }
    ranges[known.next++ % KNOWN_RANGES] = good;
}

/* One byte of each of the next pages, up to a batch.  Addresses are numbers
   here: the program's may be any. */
static unsigned int next_batch(uintptr_t *at, uintptr_t end,
                               struct iovec *parts)
{
    unsigned int n = 0;

    while (n < BATCH && *at < end) {
        parts[n++] = (struct iovec){(void *)*at, 1};
        *at += PAGE_LENGTH - *at % PAGE_LENGTH;
    }
    return n;
}

/* Asks the kernel. */
static int OFF_HOT_PATH touch_unknown(void *memory, size_t length, int write)
{
    char bytes[BATCH];
    struct iovec own = {bytes, 0}, parts[BATCH];
    uintptr_t at = (uintptr_t)memory;
    const uintptr_t end = at + length;

    /* The last page of all has no end that is behind it. */
    if (end < at || end > UINTPTR_MAX - PAGE_LENGTH)
        return 0;
    while (at < end) {
        unsigned int n = next_batch(&at, end, parts);

        own.iov_len = n;
        if (process_vm_readv(getpid(), &own, 1, parts, n, 0) != (ssize_t)n)
            return 0;
        if (write &&
            process_vm_writev(getpid(), &own, 1, parts, n, 0) != (ssize_t)n)
            return 0;
    }
    remember(known.ranges[write != 0], pages_of(memory, length));
    return 1;
}

int HOT_PATH host_memory_touch(void *memory, size_t length, int write)
{
    if (HOT_LIKELY(length == 0 || is_known(known.ranges[write != 0],
                                           pages_of(memory, length))))
        return 1;
    return touch_unknown(memory, length, write);
}

void host_memory_forget(void)
{
    known.next = 0;
    for (int i = 0; i < KNOWN_RANGES; i++)
        known.ranges[0][i] = known.ranges[1][i] = (struct range){0, 0};
}
