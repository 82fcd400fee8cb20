/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proactor; see proactor.h. */
#include "unix/proactor.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

#include "host/host.h"
#include "unix/wait.h"

#define EVENTS_AT_ONCE 64
#define END_WAIT_SECONDS 2

static const struct proactor_backend *const backend = &proactor_epoll;

/* `mutex` is held for moments only, and no other lock is taken under it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int is_running, is_ending;
static struct proactor_timer *timers; /* the next to expire first */

/* --- The thread ----------------------------------------------------------- */

/* The directions that poll(2) events concern; what watches sees all. */
static uint32_t directions_of(uint32_t events)
{
    uint32_t directions = 1 << OPERATION_WATCH;

    if (events & (POLLERR | POLLHUP))
        return (1 << OPERATION_DIRECTIONS) - 1;
    if (events & (POLLIN | POLLRDHUP))
        directions |= 1 << OPERATION_RECEIVE;
    if (events & POLLOUT)
        directions |= 1 << OPERATION_SEND;
    if (events & POLLPRI)
        directions |= 1 << OPERATION_EXPEDITED;
    return directions;
}

/* The first timer whose time has come, or NULL and how long that is in ms. */
static struct proactor_timer *next_expired_locked(int *ret_timeout)
{
    struct proactor_timer *timer = timers;
    int64_t left;

    *ret_timeout = -1;
    if (timer == NULL)
        return NULL;
    left = timer->time - wait_now();
    if (left > 0) {
        left = (left + 999999) / 1000000;
        *ret_timeout = left > INT_MAX ? INT_MAX : (int)left;
        return NULL;
    }
    timers = timer->next;
    if (timers != NULL)
        timers->link = &timers;
    timer->link = NULL;
    return timer;
}

/* Until it is to end: *ret_timeout for the next wait. */
static int run_timers(int *ret_timeout)
{
    struct proactor_timer *timer;
    int go_on;

    for (;;) {
        pthread_mutex_lock(&mutex);
        timer = next_expired_locked(ret_timeout);
        go_on = !is_ending;
        pthread_mutex_unlock(&mutex);
        if (timer == NULL)
            return go_on;
        timer->expired(timer);
    }
}

static void run(void *argument)
{
    struct proactor_event events[EVENTS_AT_ONCE];
    int timeout, n, i;

    (void)argument;
    while (run_timers(&timeout)) {
        n = backend->wait(events, EVENTS_AT_ONCE, timeout);
        for (i = 0; i < n; i++) {
            if (events[i].socket == NULL)
                continue;
            __atomic_add_fetch(&events[i].socket->changes, 1,
                               __ATOMIC_RELEASE);
            socket_operations_run(events[i].socket,
                                  directions_of(events[i].events));
        }
    }
    pthread_mutex_lock(&mutex);
    __atomic_store_n(&is_running, 0, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&mutex);
}

static int start_locked(void)
{
    int error;

    if (is_running)
        return is_ending ? WS2_ENOBUFS : WS2_SUCCESS;
    if (backend->open() != 0)
        return WS2_ENOBUFS;
    __atomic_store_n(&is_running, 1, __ATOMIC_RELEASE);
    error = host_thread_create(run, NULL);
    if (error) {
        __atomic_store_n(&is_running, 0, __ATOMIC_RELEASE);
        backend->close();
    }
    return error ? WS2_ENOBUFS : WS2_SUCCESS;
}

static int start(void)
{
    int error = WS2_SUCCESS;

    if (__atomic_load_n(&is_running, __ATOMIC_ACQUIRE) == 0 ||
        __atomic_load_n(&is_ending, __ATOMIC_RELAXED)) {
        pthread_mutex_lock(&mutex);
        error = start_locked();
        pthread_mutex_unlock(&mutex);
    }
    return error;
}

/* Under Wine the end of the process may have taken the thread: then its end is
   not waited for for ever. */
void proactor_end(void)
{
    struct timespec deadline;

    pthread_mutex_lock(&mutex);
    if (is_running) {
        __atomic_store_n(&is_ending, 1, __ATOMIC_RELEASE);
        backend->wake();
        clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_sec += END_WAIT_SECONDS;
        while (is_running && pthread_cond_timedwait(&ended, &mutex,
                                                    &deadline) != ETIMEDOUT)
            continue;
        if (!is_running)
            backend->close();
        __atomic_store_n(&is_running, 0, __ATOMIC_RELEASE);
        __atomic_store_n(&is_ending, 0, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&mutex);
}

/* --- Sockets -------------------------------------------------------------- */

int proactor_arm(struct socket_operations *socket, uint32_t events)
{
    int error = WS2_SUCCESS, fd;

    if (socket->descriptor == NULL)
        return WS2_ENOTSOCK;
    fd = socket->descriptor->fd;
    pthread_mutex_lock(&socket->lock);
    events |= socket->armed;
    if (events != socket->armed) {
        error = start();
        if (!error &&
            backend->watch(fd, socket, socket->armed_fd < 0, events) != 0)
            error = WS2_ENOBUFS;
        if (!error) {
            socket->armed = events;
            socket->armed_fd = fd;
        }
    }
    pthread_mutex_unlock(&socket->lock);
    return error;
}

/* An operation is counted before it arms, so it is either seen here or arms
   after this. */
void proactor_disarm_idle(struct socket_operations *socket)
{
    uint32_t left;

    pthread_mutex_lock(&socket->lock);
    left = socket->armed & socket_operations_events(socket);
    if (left != socket->armed &&
        backend->watch(socket->armed_fd, socket, 0, left) == 0)
        socket->armed = left;
    pthread_mutex_unlock(&socket->lock);
}

void proactor_forget(struct socket_operations *socket)
{
    pthread_mutex_lock(&socket->lock);
    if (socket->armed_fd >= 0)
        backend->forget(socket->armed_fd);
    socket->armed = 0;
    socket->armed_fd = -1;
    pthread_mutex_unlock(&socket->lock);
}

int proactor_watch(struct socket_operations *socket, int fd)
{
    int error = start();

    if (!error && backend->watch(fd, socket, /* is_new= */ 1, POLLIN) != 0)
        error = WS2_ENOBUFS;
    return error;
}

void proactor_unwatch(int fd)
{
    backend->forget(fd);
}

/* --- Timers --------------------------------------------------------------- */

int proactor_timer_start(struct proactor_timer *timer)
{
    struct proactor_timer **place = &timers;
    int error;

    pthread_mutex_lock(&mutex);
    error = start_locked();
    if (!error) {
        while (*place != NULL && (*place)->time <= timer->time)
            place = &(*place)->next;
        timer->next = *place;
        timer->link = place;
        if (timer->next != NULL)
            timer->next->link = &timer->next;
        *place = timer;
        if (place == &timers)
            backend->wake();
    }
    pthread_mutex_unlock(&mutex);
    return error;
}

int proactor_timer_stop(struct proactor_timer *timer)
{
    int stopped;

    pthread_mutex_lock(&mutex);
    stopped = timer->link != NULL;
    if (stopped) {
        *timer->link = timer->next;
        if (timer->next != NULL)
            timer->next->link = timer->link;
        timer->link = NULL;
    }
    pthread_mutex_unlock(&mutex);
    return stopped;
}

/* --- fork ----------------------------------------------------------------- */

void proactor_before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

void proactor_in_parent(void)
{
    pthread_mutex_unlock(&mutex);
}

/* The epoll instance is the parent's: what is closed here is a copy. */
void proactor_in_child(void)
{
    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&ended, NULL);
    if (is_running)
        backend->close();
    is_running = is_ending = 0;
    timers = NULL;
}
