/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Special memory of a Windows process; see memory.h. */
#include "support/memory.h"

#include <windows.h>

static DWORD protection_of(enum memory_kind kind)
{
    switch (kind) {
    case MEMORY_UNREADABLE: return PAGE_NOACCESS;
    case MEMORY_READ_ONLY: return PAGE_READONLY;
    case MEMORY_GUARDED: return PAGE_READWRITE | PAGE_GUARD;
    default: return PAGE_READWRITE;
    }
}

void *memory_new(enum memory_kind kind, size_t n_pages)
{
    DWORD type = MEM_RESERVE | MEM_COMMIT;

    if (kind == MEMORY_WATCHED)
        type |= MEM_WRITE_WATCH;
    return VirtualAlloc(NULL, n_pages * MEMORY_PAGE, type, protection_of(kind));
}

void memory_delete(void *memory, size_t n_pages)
{
    (void)n_pages;
    VirtualFree(memory, 0, MEM_RELEASE);
}

void memory_change(void *memory, size_t n_pages, enum memory_kind kind)
{
    DWORD before;

    VirtualProtect(memory, n_pages * MEMORY_PAGE, protection_of(kind), &before);
}

unsigned memory_written_pages(void *memory, size_t n_pages)
{
    void *pages[64];
    ULONG_PTR count = sizeof(pages) / sizeof(*pages);
    DWORD granularity;

    if (GetWriteWatch(0, memory, n_pages * MEMORY_PAGE, pages, &count,
                      &granularity))
        return ~0u;
    return (unsigned)count;
}

void memory_watch_again(void *memory, size_t n_pages)
{
    ResetWriteWatch(memory, n_pages * MEMORY_PAGE);
}
