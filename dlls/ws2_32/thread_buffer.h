/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of a thread for what gethostbyname and kin return.
 *
 * Winsock hands out one structure of each kind to each thread, which the next
 * call of that kind in this thread overwrites; the program frees nothing.
 */
#ifndef WS2EMU_THREAD_BUFFER_H
#define WS2EMU_THREAD_BUFFER_H

#include <stddef.h>

enum thread_buffer_kind {
    THREAD_BUFFER_HOST,
    THREAD_BUFFER_SERVICE,
    THREAD_BUFFER_PROTOCOL,
    THREAD_BUFFER_KINDS,
};

/* At least size bytes, the thread's, until its next call of this kind or its
   end.  The address stays as long as the buffer need not grow.  NULL: out of
   memory. */
void *thread_buffer(enum thread_buffer_kind kind, size_t size);

#endif
