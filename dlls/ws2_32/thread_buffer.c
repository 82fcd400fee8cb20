/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of a thread for returned structures; see thread_buffer.h.
 */
#include "thread_buffer.h"

#include <stdlib.h>
#include <threads.h>

struct buffers {
    struct {
        void *memory;
        size_t size;
    } of_kind[THREAD_BUFFER_KINDS];
};

static once_flag once = ONCE_FLAG_INIT;
static tss_t key;
static int key_created;

static void buffers_free(void *argument)
{
    struct buffers *buffers = argument;
    int kind;

    for (kind = 0; kind < THREAD_BUFFER_KINDS; kind++)
        free(buffers->of_kind[kind].memory);
    free(buffers);
}

static void create_key(void)
{
    key_created = tss_create(&key, buffers_free) == thrd_success;
}

/* The thread's, made at its first use. */
static struct buffers *buffers_get(void)
{
    struct buffers *buffers;

    call_once(&once, create_key);
    if (!key_created)
        return NULL;
    buffers = tss_get(key);
    if (!buffers) {
        buffers = calloc(1, sizeof(*buffers));
        if (buffers && tss_set(key, buffers) != thrd_success) {
            free(buffers);
            buffers = NULL;
        }
    }
    return buffers;
}

void *thread_buffer(enum thread_buffer_kind kind, size_t size)
{
    struct buffers *buffers = buffers_get();
    void *larger;

    if (!buffers)
        return NULL;
    if (size > buffers->of_kind[kind].size) {
        larger = realloc(buffers->of_kind[kind].memory, size);
        if (!larger)
            return NULL;
        buffers->of_kind[kind].memory = larger;
        buffers->of_kind[kind].size = size;
    }
    return buffers->of_kind[kind].memory;
}
