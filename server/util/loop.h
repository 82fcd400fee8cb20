/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event loop: file descriptors to watch and timers.
 *
 * Sources and timers are members of the objects that they belong to.  Both may
 * be removed, and their objects freed, at any time, also from a callback: a
 * wake-up that was already fetched for a removed source is dropped.
 */
#ifndef UTIL_LOOP_H
#define UTIL_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "util/list.h"

#define LOOP_BATCH 64 /* wake-ups fetched at once */

struct loop_source {
    int fd; /* -1: not watched; never owned */
    void (*ready)(struct loop_source *source, uint32_t events);
};

struct loop_timer {
    struct list link;  /* in loop.timers while armed */
    uint64_t deadline; /* ms of CLOCK_MONOTONIC */
    void (*fired)(struct loop_timer *timer);
};

struct loop {
    int epoll_fd;
    struct list timers; /* earliest deadline first */
    struct epoll_event batch[LOOP_BATCH];
    int batch_next, batch_count;
};

int loop_init(struct loop *loop);
void loop_deinit(struct loop *loop);
int loop_turn(struct loop *loop, int timeout_ms);

void loop_source_init(struct loop_source *source,
                      void (*ready)(struct loop_source *source,
                                    uint32_t events));
int loop_add(struct loop *loop, struct loop_source *source, int fd,
             uint32_t events);
int loop_modify(struct loop *loop, struct loop_source *source, uint32_t events);
void loop_remove(struct loop *loop, struct loop_source *source);

void loop_timer_init(struct loop_timer *timer,
                     void (*fired)(struct loop_timer *timer));
void loop_timer_start(struct loop *loop, struct loop_timer *timer,
                      unsigned after_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_armed(const struct loop_timer *timer);

#endif
