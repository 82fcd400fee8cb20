/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocked operations; see wait.h. */
#include "unix/wait.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/error.h"
#include "unix/kernel_call.h"

/* IDLE <-> WAITING are the owner's steps and take no lock; all others are under
   the mutex. */
enum waiter_state {
    WAITER_CLOSED = 0, /* no eventfd */
    WAITER_IDLE,
    WAITER_WAITING,
    WAITER_STATES, /* a mask */
};

/* A thread's own, made when it blocks for the first time. */
struct waiter {
    /* enum waiter_state in the low two bits, atomic; above them the waits of
       the thread are counted, so that no two of them have the same word. */
    uint32_t word;
    uint32_t woken;     /* its eventfd has been written to; atomic */
    uint32_t cancelled; /* the word of the wait that is cancelled; atomic */
    int wake_fd;
    uint64_t thread; /* host_thread_id */
    uint64_t cookie; /* of the socket waited for, 0: several; atomic */
    struct waiter *next;
    struct waiter **link; /* what points at this one */
};

static struct waiter *waiters; /* of all threads */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local struct waiter *own_waiter;
/* Ends the waiter with its thread. */
static pthread_key_t waiter_key;
static pthread_once_t waiter_key_once = PTHREAD_ONCE_INIT;
static int waiter_key_error;

int64_t wait_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t OFF_HOT_PATH wait_deadline_in(uint32_t milliseconds)
{
    return wait_now() + milliseconds * INT64_C(1000000);
}

static void waiter_link(struct waiter *waiter)
{
    waiter->next = waiters;
    waiter->link = &waiters;
    if (waiter->next != NULL)
        waiter->next->link = &waiter->next;
    waiters = waiter;
}

static void waiter_unlink(struct waiter *waiter)
{
    *waiter->link = waiter->next;
    if (waiter->next != NULL)
        waiter->next->link = waiter->link;
}

/* The owner has ended, or never came to be. */
static void waiter_free(void *argument)
{
    struct waiter *waiter = argument;

    own_waiter = NULL;
    pthread_mutex_lock(&mutex);
    waiter_unlink(waiter);
    pthread_mutex_unlock(&mutex);
    if (waiter->wake_fd >= 0)
        close(waiter->wake_fd);
    free(waiter);
}

static void make_key(void)
{
    waiter_key_error = pthread_key_create(&waiter_key, waiter_free);
}

static struct waiter *waiter_new(void)
{
    struct waiter *waiter;

    pthread_once(&waiter_key_once, make_key);
    if (waiter_key_error)
        return NULL;
    waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL)
        return NULL;
    waiter->wake_fd = -1;
    waiter->thread = host_thread_id();
    pthread_mutex_lock(&mutex);
    waiter_link(waiter);
    pthread_mutex_unlock(&mutex);
    if (pthread_setspecific(waiter_key, waiter) != 0) {
        waiter_free(waiter);
        return NULL;
    }
    own_waiter = waiter;
    return waiter;
}

static uint32_t word_of(const struct waiter *waiter)
{
    return __atomic_load_n(&waiter->word, __ATOMIC_SEQ_CST);
}

static int is_waiting(uint32_t word)
{
    return (word & WAITER_STATES) == WAITER_WAITING;
}

static int waiter_open(struct waiter *waiter)
{
    int error = WS2_SUCCESS;

    pthread_mutex_lock(&mutex);
    waiter->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (waiter->wake_fd < 0)
        error = WS2_ENOBUFS;
    else
        __atomic_store_n(&waiter->word,
                         (waiter->word & ~(uint32_t)WAITER_STATES) |
                             WAITER_WAITING,
                         __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&mutex);
    return error;
}

/* The thread's first wait, or the first one after wait_cleanup. */
static struct waiter *
    OFF_HOT_PATH waiter_enter_first(uint64_t cookie)
{
    struct waiter *waiter = own_waiter ? own_waiter : waiter_new();

    if (waiter == NULL)
        return NULL;
    __atomic_store_n(&waiter->cookie, cookie, __ATOMIC_RELEASE);
    return waiter_open(waiter) ? NULL : waiter;
}

/* The calling thread's, WAITING: from now on a wake reaches it. NULL: no
   memory or descriptors. */
static inline struct waiter *waiter_enter(uint64_t cookie)
{
    struct waiter *waiter = own_waiter;
    uint32_t word;

    if (HOT_LIKELY(waiter != NULL)) {
        word = (__atomic_load_n(&waiter->word, __ATOMIC_RELAXED) &
                ~(uint32_t)WAITER_STATES) | WAITER_IDLE;
        __atomic_store_n(&waiter->cookie, cookie, __ATOMIC_RELEASE);
        if (HOT_LIKELY(__atomic_compare_exchange_n(
                &waiter->word, &word, word - WAITER_IDLE + WAITER_WAITING, 0,
                __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)))
            return waiter;
    }
    return waiter_enter_first(cookie);
}

static void OFF_HOT_PATH waiter_take_wake(struct waiter *waiter)
{
    pthread_mutex_lock(&mutex);
    if (kernel_take_event(waiter->wake_fd))
        __atomic_store_n(&waiter->woken, 0, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&mutex);
}

/* Whether the wait that the thread is in is the one that was cancelled. */
static inline int waiter_is_cancelled(const struct waiter *waiter)
{
    return __atomic_load_n(&waiter->cancelled, __ATOMIC_ACQUIRE) ==
           __atomic_load_n(&waiter->word, __ATOMIC_RELAXED);
}

/* A wake that comes too late makes the thread's next wait a short one. */
static inline void waiter_leave(struct waiter *waiter)
{
    if (HOT_UNLIKELY(__atomic_load_n(&waiter->woken, __ATOMIC_RELAXED)))
        waiter_take_wake(waiter);
    __atomic_store_n(&waiter->word,
                     __atomic_load_n(&waiter->word, __ATOMIC_RELAXED) -
                         WAITER_WAITING + WAITER_STATES + 1 + WAITER_IDLE,
                     __ATOMIC_RELEASE);
}

static void waiter_wake_locked(struct waiter *waiter)
{
    if (kernel_set_event(waiter->wake_fd))
        __atomic_store_n(&waiter->woken, 1, __ATOMIC_RELAXED);
}

void wait_wake_all(void)
{
    struct waiter *waiter;

    pthread_mutex_lock(&mutex);
    for (waiter = waiters; waiter != NULL; waiter = waiter->next)
        if (is_waiting(word_of(waiter)))
            waiter_wake_locked(waiter);
    pthread_mutex_unlock(&mutex);
}

uint32_t wait_cancel(uint64_t thread, uint64_t cookie)
{
    struct waiter *waiter;
    uint32_t word, count = 0;

    pthread_mutex_lock(&mutex);
    for (waiter = waiters; waiter != NULL; waiter = waiter->next) {
        word = word_of(waiter);
        if (!is_waiting(word) || (thread != 0 && waiter->thread != thread) ||
            (cookie != 0 &&
             __atomic_load_n(&waiter->cookie, __ATOMIC_ACQUIRE) != cookie) ||
            word_of(waiter) != word)
            continue; /* the last: the cookie was that of a later wait */
        __atomic_store_n(&waiter->cancelled, word, __ATOMIC_RELEASE);
        waiter_wake_locked(waiter);
        count++;
    }
    pthread_mutex_unlock(&mutex);
    return count;
}

static int OFF_HOT_PATH poll_up_to(struct pollfd *fds, uint32_t n_fds,
                                   int64_t deadline)
{
    struct timespec timeout;
    int64_t left = deadline - wait_now();

    if (left < 0)
        left = 0;
    timeout.tv_sec = left / INT64_C(1000000000);
    timeout.tv_nsec = left % INT64_C(1000000000);
    return kernel_poll(fds, n_fds, &timeout);
}

/* Polls until ready, the deadline or a wake.  Returns the count, or -errno. */
static inline int poll_until(struct pollfd *fds, uint32_t n_fds,
                             int64_t deadline)
{
    int count;

    do
        count = deadline == WAIT_FOREVER ? kernel_poll(fds, n_fds, NULL)
                                         : poll_up_to(fds, n_fds, deadline);
    while (HOT_UNLIKELY(count == -EINTR));
    return count;
}

int wait_for_many(struct pollfd *fds, uint32_t n_fds, int64_t deadline,
                  const struct descriptor *descriptor,
                  int (*may_wait)(void *), void *context, int *ret_woken)
{
    struct waiter *waiter = waiter_enter(descriptor ? descriptor->cookie : 0);
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
            count = -error_from_errno(-count);
        else if (fds[n_fds].revents) {
            *ret_woken = 1;
            count--;
            if (count == 0 && waiter_is_cancelled(waiter))
                count = -WS2_OPERATION_ABORTED;
        }
    }
    waiter_leave(waiter);
    return count;
}

static int OFF_HOT_PATH failure(int unix_errno)
{
    return error_from_errno(unix_errno);
}

static int one_is_open(void *context)
{
    return descriptor_is_open(context);
}

/* wait_for_many for one, which nearly every wait is. */
int HOT_PATH wait_for(struct descriptor *descriptor, short events,
                      int64_t deadline)
{
    struct pollfd fds[2];
    struct waiter *waiter;
    int count = 0, is_woken, is_cancelled;

    do {
        waiter = waiter_enter(descriptor->cookie);
        if (HOT_UNLIKELY(waiter == NULL))
            return WS2_ENOBUFS;
        fds[0] = (struct pollfd){.fd = descriptor->fd, .events = events};
        fds[1] = (struct pollfd){.fd = waiter->wake_fd, .events = POLLIN};
        is_woken = !descriptor_is_open(descriptor);
        if (HOT_LIKELY(!is_woken)) {
            count = poll_until(fds, 2, deadline);
            is_woken = count > 0 && fds[1].revents != 0;
        }
        is_cancelled = HOT_UNLIKELY(is_woken) && waiter_is_cancelled(waiter);
        waiter_leave(waiter);
        if (HOT_UNLIKELY(is_woken) && !descriptor_is_open(descriptor))
            return WS2_EINTR;
        if (HOT_UNLIKELY(is_cancelled) && fds[0].revents == 0)
            return WS2_OPERATION_ABORTED;
    } while (is_woken && fds[0].revents == 0);
    if (HOT_LIKELY(count > 0))
        return WS2_SUCCESS;
    return count == 0 ? WS2_ETIMEDOUT : failure(-count);
}

int wait_open(struct descriptor *descriptor, int64_t deadline)
{
    struct pollfd none;
    int woken, count;

    do {
        count = wait_for_many(&none, 0, deadline, descriptor, one_is_open,
                              descriptor, &woken);
        if (count < 0)
            return -count;
        if (!descriptor_is_open(descriptor))
            return WS2_EINTR;
    } while (woken);
    return WS2_SUCCESS;
}

void wait_cleanup(void)
{
    struct waiter *waiter;
    uint32_t word;

    pthread_mutex_lock(&mutex);
    for (waiter = waiters; waiter != NULL; waiter = waiter->next) {
        word = word_of(waiter);
        if ((word & WAITER_STATES) != WAITER_IDLE ||
            !__atomic_compare_exchange_n(
                &waiter->word, &word, word - WAITER_IDLE + WAITER_CLOSED, 0,
                __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue; /* its owner is on its way out of a call */
        close(waiter->wake_fd);
        waiter->wake_fd = -1;
        waiter->woken = 0;
    }
    pthread_mutex_unlock(&mutex);
}

void wait_after_fork(void)
{
    struct waiter *waiter, *next;

    /* The other threads do not exist here; the eventfds are shared with the
       parent: close all, make new ones when needed. */
    pthread_mutex_init(&mutex, NULL);
    for (waiter = waiters; waiter != NULL; waiter = next) {
        next = waiter->next;
        if (waiter->wake_fd >= 0)
            close(waiter->wake_fd);
        waiter->wake_fd = -1;
        waiter->word &= ~(uint32_t)WAITER_STATES;
        waiter->woken = 0;
        if (waiter != own_waiter) {
            waiter_unlink(waiter);
            free(waiter);
        }
    }
}
