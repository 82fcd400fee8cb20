/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the data calls do with the program's WSABUF arrays and counts. */
#ifndef WS2EMU_PROVIDER_BUFFERS_H
#define WS2EMU_PROVIDER_BUFFERS_H

#include <winsock2.h>

#include <stddef.h>

#include "unix/boundary.h"

C_ASSERT(sizeof(WSABUF) == sizeof(struct unix_buffer));
C_ASSERT(offsetof(WSABUF, len) == offsetof(struct unix_buffer, length));
C_ASSERT(offsetof(WSABUF, buf) == offsetof(struct unix_buffer, data));
C_ASSERT(sizeof(DWORD) == sizeof(uint32_t));

static inline const struct unix_buffer *buffers_of(LPWSABUF buffers)
{
    return (const struct unix_buffer *)(const void *)buffers;
}

/* What a call that cannot run answers: a bad descriptor comes first
   (data.c). */
int OFF_HOT_PATH buffers_refuse(SOCKET s, int error);

/* Whether memory lies in the page that the calling function's frame is in: as
   what ws2_32 itself passes does mostly, and then it is good. */
static inline __attribute__((always_inline)) BOOL
buffers_are_near(const void *memory, size_t size)
{
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    uintptr_t first = (uintptr_t)memory;

    return ((first ^ frame) | ((first + size - 1) ^ frame)) < 4096;
}

/* Whether the program's DWORD cannot be written. */
static inline __attribute__((always_inline)) BOOL
buffers_bad_number(LPDWORD number)
{
    return !buffers_are_near(number, sizeof *number) &&
           unix_memory_check(number, sizeof *number, 1) != 0;
}

/* Windows refuses a buffer of which no process has so much; the kernel would
   take it for one that may be filled without end. */
static inline __attribute__((always_inline)) BOOL
buffers_are_good(LPWSABUF buffers, DWORD n)
{
    DWORD i;

    if (buffers == NULL)
        return n == 0;
    if (!(n == 1 && buffers_are_near(buffers, sizeof *buffers)) &&
        unix_memory_check(buffers, (uint64_t)n * sizeof *buffers, 0))
        return FALSE;
    for (i = 0; i < n; i++)
        if (buffers[i].len > INT32_MAX)
            return FALSE;
    return TRUE;
}

#endif
