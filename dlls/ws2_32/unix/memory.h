/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program's memory, read and written so that a bad pointer is an error. */
#ifndef WS2EMU_UNIX_MEMORY_H
#define WS2EMU_UNIX_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* As unix_memory_read and unix_memory_write, but a page that this thread used
   before is taken to be good still, which spares the system call: for the
   small lengths and names of the data calls. */
int memory_read_cached(void *to, const void *program_from, size_t length);
int memory_write_cached(void *program_to, const void *from, size_t length);

/* Several writes by one system call; at most MEMORY_PARTS.  After an error some
   may have been done. */
struct memory_part {
    void *to;
    const void *from;
    uint32_t length;
};
#define MEMORY_PARTS 4
int memory_write_parts(const struct memory_part *parts, uint32_t count);

#endif
