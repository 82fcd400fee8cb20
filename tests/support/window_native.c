/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Windows of a native program: the embedding layer of the tests.
 *
 * A window is a number and a queue of messages, which the library's notifier
 * thread fills through post_message.  Numbers are never used twice, so a
 * message for a window that is gone is told from one for its successor.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <ws2emu/embed.h>

#include "support/harness.h"

struct message {
    uint32_t message;
    uint64_t wparam, lparam;
    struct message *next;
};

struct window {
    uint64_t handle;
    struct message *first, **last;
    struct window *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct window *windows;
static uint64_t last_handle = 0x10000;

/* With the lock held. */
static struct window *find(uint64_t handle)
{
    struct window *window = windows;
    while (window && window->handle != handle) window = window->next;
    return window;
}

static int window_exists(uint64_t handle)
{
    pthread_mutex_lock(&lock);
    int exists = !!find(handle);
    pthread_mutex_unlock(&lock);
    return exists;
}

static int post_message(uint64_t handle, uint32_t number, uint64_t wparam,
                        uint64_t lparam)
{
    struct message *message = calloc(1, sizeof(*message));
    if (!message) return 0;
    *message = (struct message){ number, wparam, lparam, NULL };
    pthread_mutex_lock(&lock);
    struct window *window = find(handle);
    if (window) {
        *window->last = message;
        window->last = &message->next;
        pthread_cond_broadcast(&arrived);
    }
    pthread_mutex_unlock(&lock);
    if (!window) free(message);
    return !!window;
}

static void embed(void)
{
    static const struct ws2emu_embedding embedding = {
        .size = sizeof(embedding),
        .window_exists = window_exists,
        .post_message = post_message,
    };
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&arrived, &attributes);
    pthread_condattr_destroy(&attributes);
    CHECK_EQ(ws2emu_set_embedding(&embedding), 0);
}

struct window *window_create(void)
{
    pthread_once(&once, embed);
    struct window *window = calloc(1, sizeof(*window));
    CHECK(window);
    window->last = &window->first;
    pthread_mutex_lock(&lock);
    window->handle = last_handle += 2;
    window->next = windows;
    windows = window;
    pthread_mutex_unlock(&lock);
    return window;
}

void window_destroy(struct window *window)
{
    pthread_mutex_lock(&lock);
    struct window **link = &windows;
    while (*link != window) link = &(*link)->next;
    *link = window->next;
    pthread_mutex_unlock(&lock);
    while (window->first) {
        struct message *message = window->first;
        window->first = message->next;
        free(message);
    }
    free(window);
}

uint64_t window_handle(const struct window *window)
{
    return window->handle;
}

/* Takes the first message; NULL when none came within ms. */
static struct message *take(struct window *window, int ms)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += (long)(ms % 1000) * 1000000;
    end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    int error = 0;
    while (!window->first && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&arrived, &lock, &end);
    struct message *message = window->first;
    if (message) {
        window->first = message->next;
        if (!window->first) window->last = &window->first;
    }
    pthread_mutex_unlock(&lock);
    return message;
}

int window_next_message(struct window *window, int ms, unsigned *message,
                        uint64_t *wparam, int64_t *lparam)
{
    struct message *taken = take(window, ms);
    if (!taken) return 0;
    *message = taken->message;
    *wparam = taken->wparam;
    *lparam = (int64_t)taken->lparam;
    free(taken);
    return 1;
}
