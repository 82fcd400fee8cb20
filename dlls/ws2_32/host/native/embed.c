/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The embedding: callbacks of a compatibility layer without Wine, and the
 * windows, which a plain process has by them alone.
 *
 * The current set is an immutable struct behind one atomic pointer, so that
 * callers read it without a lock.  A set that was replaced is kept, because
 * another thread may be reading it: the number of sets in a process is small.
 */
#include <stdlib.h>
#include <string.h>

#include <ws2emu/constants.h>
#include <ws2emu/embed.h>

#include "host/host.h"
#include "host/native/native.h"

struct embedding_node {
    struct ws2emu_embedding embedding;
    struct embedding_node *previous;
};

static const struct embedding_node nothing;
static const struct embedding_node *current = &nothing;

const struct ws2emu_embedding *native_embedding(void)
{
    return &__atomic_load_n(&current, __ATOMIC_ACQUIRE)->embedding;
}

/* A group's callbacks lean on each other: one alone cannot work. */
static int groups_are_whole(const struct ws2emu_embedding *e)
{
    int n_window = !!e->window_exists + !!e->post_message;
    int n_apc = !!e->open_current_thread + !!e->close_thread + !!e->queue_apc +
                !!e->alert_fd + !!e->run_apcs;
    int n_handle = !!e->socket_handle_create + !!e->socket_handle_close +
                   !!e->socket_handle_to_fd;

    return (n_window == 0 || n_window == 2) && (n_apc == 0 || n_apc == 5) &&
           (n_handle == 0 || n_handle == 3);
}

/* Exported; see <ws2emu/embed.h>. */
__attribute__((visibility("default")))
int ws2emu_set_embedding(const struct ws2emu_embedding *embedding)
{
    struct embedding_node *node;

    if (embedding && embedding->size <= sizeof embedding->size)
        return WS2_EINVAL;
    node = calloc(1, sizeof *node);
    if (!node)
        return WS2_NOT_ENOUGH_MEMORY;
    if (embedding) {
        size_t size = embedding->size;

        if (size > sizeof node->embedding)
            size = sizeof node->embedding;
        memcpy(&node->embedding, embedding, size);
        if (!groups_are_whole(&node->embedding)) {
            free(node);
            return WS2_EINVAL;
        }
    }
    node->previous = (struct embedding_node *)__atomic_exchange_n(
        &current, node, __ATOMIC_ACQ_REL);
    return WS2_SUCCESS;
}

/* 1 or 0: does the window exist?  A plain process has none. */
int host_window_exists(uint64_t window)
{
    const struct ws2emu_embedding *embedding = native_embedding();

    return embedding->window_exists ? embedding->window_exists(window) : 0;
}

/* PostMessage: 1 or 0. */
int host_post_message(uint64_t window, uint32_t message, uint64_t wparam,
                      uint64_t lparam)
{
    const struct ws2emu_embedding *embedding = native_embedding();

    if (!embedding->post_message)
        return 0;
    return embedding->post_message(window, message, wparam, lparam);
}
