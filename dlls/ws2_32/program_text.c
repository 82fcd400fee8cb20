/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings of the program's; see program_text.h.
 *
 * Where a string ends is known only after it was read, and what follows its
 * NUL may not be readable.  So it is read in pieces that cross no border of a
 * page.
 */
#include "program_text.h"

#include "unix/boundary.h"

#include <stdint.h>

enum { PAGE_SIZE = 4096, PIECE_SIZE = 128 };

/* How much to read next at this address: bytes, at least one. */
static size_t next_piece(const char *from, size_t room)
{
    size_t piece = PAGE_SIZE - (uintptr_t)from % PAGE_SIZE;

    if (piece > PIECE_SIZE)
        piece = PIECE_SIZE;
    return piece < room ? piece : room;
}

int program_text_read(const char *from, char *to, size_t size)
{
    size_t used = 0, piece, i;

    for (; used < size; used += piece) {
        piece = next_piece(from + used, size - used);
        if (from == NULL ||
            unix_memory_read(to + used, from + used, (uint32_t)piece))
            return WSAEFAULT;
        for (i = 0; i < piece; i++)
            if (!to[used + i])
                return 0;
    }
    if (size)
        to[size - 1] = '\0';
    return WSAENAMETOOLONG;
}

int program_text_read_wide(const WCHAR *from, WCHAR *to, size_t size)
{
    char *bytes = (char *)to;
    size_t used = 0, seen = 0, piece;

    for (size *= sizeof(WCHAR); used < size; used += piece) {
        const char *next = (const char *)from + used;

        piece = next_piece(next, size - used);
        if (from == NULL ||
            unix_memory_read(bytes + used, next, (uint32_t)piece))
            return WSAEFAULT;
        /* A character at an odd address may lie in two pieces. */
        for (; (seen + 1) * sizeof(WCHAR) <= used + piece; seen++)
            if (!to[seen])
                return 0;
    }
    if (seen)
        to[seen - 1] = 0;
    return WSAENAMETOOLONG;
}
