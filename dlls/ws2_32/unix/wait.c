/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocked operations; see wait.h. */
#include "unix/wait.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "unix/error.h"

struct waiter {
    int wake_fd; /* eventfd */
    int woken;   /* it has been written to */
    struct waiter *next;
    struct waiter **link; /* what points at this one, while in a list */
};

static struct waiter *waiters;      /* blocked now */
static struct waiter *idle_waiters; /* kept with their eventfd, for reuse */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

int64_t wait_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t wait_deadline(uint32_t timeout)
{
    return timeout ? wait_now() + timeout * INT64_C(1000000) : WAIT_FOREVER;
}

static void link_into(struct waiter **list, struct waiter *waiter)
{
    waiter->next = *list;
    waiter->link = list;
    if (waiter->next != NULL)
        waiter->next->link = &waiter->next;
    *list = waiter;
}

static void unlink_from_list(struct waiter *waiter)
{
    *waiter->link = waiter->next;
    if (waiter->next != NULL)
        waiter->next->link = waiter->link;
}

static struct waiter *waiter_enter(void)
{
    struct waiter *waiter;

    pthread_mutex_lock(&mutex);
    waiter = idle_waiters;
    if (waiter != NULL)
        unlink_from_list(waiter);
    else if ((waiter = malloc(sizeof(*waiter))) != NULL) {
        waiter->woken = 0;
        waiter->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (waiter->wake_fd < 0) {
            free(waiter);
            waiter = NULL;
        }
    }
    if (waiter != NULL)
        link_into(&waiters, waiter);
    pthread_mutex_unlock(&mutex);
    return waiter;
}

static void waiter_leave(struct waiter *waiter)
{
    uint64_t count;

    pthread_mutex_lock(&mutex);
    unlink_from_list(waiter);
    if (waiter->woken && read(waiter->wake_fd, &count, sizeof(count)) > 0)
        waiter->woken = 0;
    link_into(&idle_waiters, waiter);
    pthread_mutex_unlock(&mutex);
}

void wait_wake_all(void)
{
    const uint64_t one = 1;
    struct waiter *waiter;

    pthread_mutex_lock(&mutex);
    for (waiter = waiters; waiter != NULL; waiter = waiter->next)
        if (write(waiter->wake_fd, &one, sizeof(one)) > 0)
            waiter->woken = 1;
    pthread_mutex_unlock(&mutex);
}

/* ppoll until ready, the deadline or a wake. Returns poll's count. */
static int poll_until(struct pollfd *fds, uint32_t n_fds, int64_t deadline)
{
    struct timespec timeout, *timeout_pointer = NULL;
    int64_t left;
    int count;

    do {
        if (deadline != WAIT_FOREVER) {
            left = deadline - wait_now();
            if (left < 0)
                left = 0;
            timeout.tv_sec = left / INT64_C(1000000000);
            timeout.tv_nsec = left % INT64_C(1000000000);
            timeout_pointer = &timeout;
        }
        count = ppoll(fds, n_fds, timeout_pointer, NULL);
    } while (count < 0 && errno == EINTR);
    return count;
}

int wait_for_many(struct pollfd *fds, uint32_t n_fds, int64_t deadline,
                  int (*may_wait)(void *), void *context, int *ret_woken)
{
    struct waiter *waiter = waiter_enter();
    int count = 0;

    if (waiter == NULL)
        return -WS2_ENOBUFS;
    fds[n_fds].fd = waiter->wake_fd;
    fds[n_fds].events = POLLIN;
    fds[n_fds].revents = 0;
    *ret_woken = !may_wait(context);
    if (!*ret_woken) {
        count = poll_until(fds, n_fds + 1, deadline);
        if (count < 0)
            count = -error_from_errno(errno);
        else if (fds[n_fds].revents) {
            *ret_woken = 1;
            count--;
        }
    }
    waiter_leave(waiter);
    return count;
}

static int one_is_open(void *context)
{
    return descriptor_is_open(context);
}

int wait_for(struct descriptor *descriptor, short events, int64_t deadline)
{
    struct pollfd fds[2] = {{.fd = descriptor->fd, .events = events}};
    int woken, count;

    for (;;) {
        count = wait_for_many(fds, 1, deadline, one_is_open, descriptor,
                              &woken);
        if (count < 0)
            return -count;
        if (woken && !descriptor_is_open(descriptor))
            return WS2_EINTR;
        if (count > 0)
            return WS2_SUCCESS;
        if (!woken)
            return WS2_ETIMEDOUT;
    }
}

void wait_cleanup(void)
{
    struct waiter *waiter;

    pthread_mutex_lock(&mutex);
    while ((waiter = idle_waiters) != NULL) {
        unlink_from_list(waiter);
        close(waiter->wake_fd);
        free(waiter);
    }
    pthread_mutex_unlock(&mutex);
}

void wait_after_fork(void)
{
    struct waiter *waiter;

    /* The threads that were blocked do not exist here. Their eventfds are
       shared with the parent: close all, make new ones when needed. */
    pthread_mutex_init(&mutex, NULL);
    while ((waiter = waiters) != NULL) {
        unlink_from_list(waiter);
        link_into(&idle_waiters, waiter);
    }
    wait_cleanup();
}
