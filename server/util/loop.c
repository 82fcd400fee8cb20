/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event loop over epoll.
 *
 * Callbacks free objects, their own and others', while a batch of wake-ups is
 * being handed out.  So removing a source also strikes it out of the rest of
 * the batch: LOOP_BATCH bounds that work.  The timers are a sorted list; all
 * timers of one kind have the same length, so a new one belongs near the end,
 * where the search begins.
 */
#include "util/loop.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Returns 0 or -errno. */
int loop_init(struct loop *loop)
{
    list_init(&loop->timers);
    loop->batch_next = loop->batch_count = 0;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return loop->epoll_fd < 0 ? -errno : 0;
}

/* Ends the loop.  Sources that are still watched are simply forgotten. */
void loop_deinit(struct loop *loop)
{
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    loop->epoll_fd = -1;
}

static struct loop_timer *first_timer(const struct loop *loop)
{
    return list_is_empty(&loop->timers)
               ? NULL
               : list_entry(loop->timers.next, struct loop_timer, link);
}

/* The ms to wait: until the first timer is due, or what the caller wants. */
static int time_to_wait(const struct loop *loop, int timeout_ms)
{
    const struct loop_timer *timer = first_timer(loop);
    uint64_t now = now_ms();
    int wait;

    if (!timer)
        return timeout_ms;
    wait = timer->deadline > now ? (int)(timer->deadline - now) : 0;
    return timeout_ms >= 0 && timeout_ms < wait ? timeout_ms : wait;
}

/* Fires the timers that are due. */
static void run_timers(struct loop *loop)
{
    uint64_t now = now_ms();
    struct loop_timer *timer;

    while ((timer = first_timer(loop)) && timer->deadline <= now) {
        list_remove(&timer->link);
        timer->fired(timer);
    }
}

/*
 * Waits for at most timeout_ms (-1: for ever), runs the callbacks of what came
 * up, and the timers.  Returns the number of wake-ups or -errno.
 */
int loop_turn(struct loop *loop, int timeout_ms)
{
    loop->batch_next = 0;
    loop->batch_count = epoll_wait(loop->epoll_fd, loop->batch, LOOP_BATCH,
                                   time_to_wait(loop, timeout_ms));
    if (loop->batch_count < 0) {
        loop->batch_count = 0;
        return errno == EINTR ? 0 : -errno;
    }
    while (loop->batch_next < loop->batch_count) {
        struct epoll_event *event = &loop->batch[loop->batch_next++];
        struct loop_source *source = event->data.ptr;

        if (source)
            source->ready(source, event->events);
    }
    run_timers(loop);
    return loop->batch_count;
}

/* Makes a source that is not watched yet. */
void loop_source_init(struct loop_source *source,
                      void (*ready)(struct loop_source *source,
                                    uint32_t events))
{
    source->fd = -1;
    source->ready = ready;
}

/* Watches fd, which stays the caller's, for the EPOLL* events.
   Returns 0 or -errno. */
int loop_add(struct loop *loop, struct loop_source *source, int fd,
             uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = source };

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        return -errno;
    source->fd = fd;
    return 0;
}

/* Changes what a watched source waits for.  Returns 0 or -errno. */
int loop_modify(struct loop *loop, struct loop_source *source, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = source };

    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) < 0)
        return -errno;
    return 0;
}

/* Ends watching; no callback comes any more.  To be called before the fd is
   closed.  Nothing happens when the source is not watched. */
void loop_remove(struct loop *loop, struct loop_source *source)
{
    int i;

    if (source->fd < 0)
        return;
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    source->fd = -1;
    for (i = loop->batch_next; i < loop->batch_count; i++) {
        if (loop->batch[i].data.ptr == source)
            loop->batch[i].data.ptr = NULL;
    }
}

/* Makes a timer that is not armed. */
void loop_timer_init(struct loop_timer *timer,
                     void (*fired)(struct loop_timer *timer))
{
    list_init(&timer->link);
    timer->fired = fired;
}

/* Arms the timer, anew when it was armed: it fires once. */
void loop_timer_start(struct loop *loop, struct loop_timer *timer,
                      unsigned after_ms)
{
    struct list *position = &loop->timers;

    loop_timer_stop(timer);
    timer->deadline = now_ms() + after_ms;
    while (position->previous != &loop->timers &&
           list_entry(position->previous, struct loop_timer, link)->deadline >
               timer->deadline)
        position = position->previous;
    list_insert(position, &timer->link);
}

/* Disarms the timer; nothing happens when it was not armed. */
void loop_timer_stop(struct loop_timer *timer)
{
    list_remove(&timer->link);
}

bool loop_timer_is_armed(const struct loop_timer *timer)
{
    return !list_is_empty(&timer->link);
}
