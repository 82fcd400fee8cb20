/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Special memory of a Linux process; see memory.h. */
#include "support/memory.h"

#include <sys/mman.h>

static int protection_of(enum memory_kind kind)
{
    switch (kind) {
    case MEMORY_PLAIN: return PROT_READ | PROT_WRITE;
    case MEMORY_UNREADABLE: return PROT_NONE;
    case MEMORY_READ_ONLY: return PROT_READ;
    default: return -1;
    }
}

void *memory_new(enum memory_kind kind, size_t n_pages)
{
    int protection = protection_of(kind);
    void *memory;

    if (protection < 0)
        return NULL;
    memory = mmap(NULL, n_pages * MEMORY_PAGE, protection,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void memory_delete(void *memory, size_t n_pages)
{
    (void)munmap(memory, n_pages * MEMORY_PAGE);
}

void memory_change(void *memory, size_t n_pages, enum memory_kind kind)
{
    (void)mprotect(memory, n_pages * MEMORY_PAGE, protection_of(kind));
}

unsigned memory_written_pages(void *memory, size_t n_pages)
{
    (void)memory;
    (void)n_pages;
    return 0;
}

void memory_watch_again(void *memory, size_t n_pages)
{
    (void)memory;
    (void)n_pages;
}
