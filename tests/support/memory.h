/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that is special: what a program hands to Winsock and the kernel does
 * not take.  memory_native.c and memory_wine.c.
 */
#ifndef TESTS_SUPPORT_MEMORY_H
#define TESTS_SUPPORT_MEMORY_H

#include <stddef.h>

#define MEMORY_PAGE 4096

enum memory_kind {
    MEMORY_PLAIN,
    MEMORY_UNREADABLE,
    MEMORY_READ_ONLY,
    MEMORY_WATCHED, /* Wine: MEM_WRITE_WATCH */
    MEMORY_GUARDED, /* Wine: PAGE_GUARD */
};

/* Zeroed pages.  NULL: there is no such memory here, or it failed. */
void *memory_new(enum memory_kind kind, size_t n_pages);
void memory_delete(void *memory, size_t n_pages);

/* Changes the kind: MEMORY_PLAIN, MEMORY_READ_ONLY, MEMORY_GUARDED. */
void memory_change(void *memory, size_t n_pages, enum memory_kind kind);

/* Of MEMORY_WATCHED: how many pages were written since the last
   memory_watch_again. */
unsigned memory_written_pages(void *memory, size_t n_pages);
void memory_watch_again(void *memory, size_t n_pages);

#endif
