/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The notifier: the thread that makes the server's notifications upcalls.
 *
 * WSAEnumNetworkEvents has to clear the record and reset the event as one
 * step.  The record is the server's and the event is the process's, so the
 * reply says how far the server had notified when it cleared the record: the
 * event is reset after those notifications were made, and set again when a
 * later one was made meanwhile.  Mostly they were all made before the program
 * asks, as one of them is why it asks: so the event is reset before the server
 * is asked, which also tells whether it is an event, and again only when the
 * reply counts a later notification.
 */
#include "unix/notifier.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/channel.h"
#include "unix/show.h"
#include "wire/frame.h"

/* How long a reset waits for notifications that are under way; they are, as
   the server has sent them.  Only a dead server makes it run out. */
#define RESET_WAIT_SECONDS 2

/* One connection's notifications; belongs to its thread and, by `current`, to
   the process; the thread frees it. */
struct subscription {
    int fd;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER;
static struct unix_upcalls upcalls;
static struct subscription *current; /* NULL: none; written under the mutex,
                                        atomic */
static uint64_t done_sequence;       /* the last one whose upcall is made */

/* The latest event notifications, to know whether an event was set after a
   sequence; a small ring, older ones count as not set. */
#define RECENT 64
static struct {
    ws2_handle s;
    uint64_t sequence;
} recent[RECENT];

void notifier_set_upcalls(const struct unix_upcalls *new_upcalls)
{
    pthread_mutex_lock(&mutex);
    upcalls = *new_upcalls;
    pthread_mutex_unlock(&mutex);
}

static void make_upcall(const struct wire_notification *notification)
{
    struct unix_upcalls calls;

    pthread_mutex_lock(&mutex);
    calls = upcalls;
    pthread_mutex_unlock(&mutex);

    switch (notification->kind) {
    case WIRE_NOTIFY_EVENT:
        /* Under the mutex: a reset sees either neither or both of the event's
           state and its trace in `recent`. */
        pthread_mutex_lock(&mutex);
        calls.set_event(notification->target);
        recent[notification->sequence % RECENT].s = notification->handle;
        recent[notification->sequence % RECENT].sequence =
            notification->sequence;
        pthread_mutex_unlock(&mutex);
        break;
    case WIRE_NOTIFY_MESSAGE:
        calls.post_message(notification->target, notification->message,
                           notification->handle, notification->event,
                           notification->error);
        break;
    case WIRE_NOTIFY_FORGET:
        host_event_forget(notification->target);
        break;
    }
}

static void run(void *argument)
{
    struct subscription *subscription = argument;
    struct wire_notification notification;
    int fds[WIRE_MAX_FDS], is_asked;
    size_t n_fds, i;
    ssize_t size;

    for (;;) {
        n_fds = WIRE_MAX_FDS;
        size = frame_receive(subscription->fd, &notification,
                             sizeof(notification), fds, &n_fds);
        is_asked = size == (ssize_t)sizeof(notification) && n_fds == 1 &&
                   notification.kind == WIRE_NOTIFY_SHOW;
        for (i = 0; i < n_fds && n_fds <= WIRE_MAX_FDS && !is_asked; i++)
            close(fds[i]);
        if (size != (ssize_t)sizeof(notification))
            break;
        if (is_asked)
            show_answer(notification.handle, notification.message == 1,
                        fds[0]);
        else
            make_upcall(&notification);
        pthread_mutex_lock(&mutex);
        if (subscription == current)
            done_sequence = notification.sequence;
        pthread_cond_broadcast(&progress);
        pthread_mutex_unlock(&mutex);
    }
    pthread_mutex_lock(&mutex);
    if (subscription == current)
        __atomic_store_n(&current, NULL, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&progress);
    pthread_mutex_unlock(&mutex);
    close(subscription->fd);
    free(subscription);
}

/* Makes the thread for a new connection's notifications. */
static int start_thread(int fd)
{
    struct subscription *subscription = malloc(sizeof(*subscription));

    if (subscription == NULL) {
        close(fd);
        return WS2_ENOBUFS;
    }
    subscription->fd = fd;
    pthread_mutex_lock(&mutex);
    __atomic_store_n(&current, subscription, __ATOMIC_RELEASE);
    done_sequence = 0;
    pthread_mutex_unlock(&mutex);
    if (host_thread_create(run, subscription) != 0) {
        pthread_mutex_lock(&mutex);
        __atomic_store_n(&current, NULL, __ATOMIC_RELEASE);
        pthread_mutex_unlock(&mutex);
        close(fd);
        free(subscription);
        return WS2_ENOBUFS;
    }
    return WS2_SUCCESS;
}

int notifier_subscribe_locked(void)
{
    struct wire_subscribe_request request = {.header.code = WIRE_SUBSCRIBE};
    struct wire_subscribe_reply reply;
    int fd, subscribed;

    pthread_mutex_lock(&mutex);
    subscribed = current != NULL;
    pthread_mutex_unlock(&mutex);
    if (subscribed)
        return WS2_SUCCESS;
    if (!channel_is_open_locked() ||
        channel_exchange_locked(&request, NULL, 0, &reply, &fd) < 0)
        return WS2_SYSNOTREADY;
    if (reply.header.error)
        return reply.header.error;
    return start_thread(fd);
}

int notifier_is_subscribed(void)
{
    return __atomic_load_n(&current, __ATOMIC_ACQUIRE) != NULL;
}

int notifier_subscribe(void)
{
    int error;

    channel_lock();
    error = notifier_subscribe_locked();
    channel_unlock();
    return error;
}

/* 1 when a notification later than `sequence` has set an event for s. */
static int was_set_since(ws2_handle s, uint64_t sequence)
{
    int i;

    for (i = 0; i < RECENT; i++)
        if (recent[i].s == s && recent[i].sequence > sequence)
            return 1;
    return 0;
}

int notifier_reset_early(ws2_handle event, uint64_t *ret_done)
{
    int error;

    pthread_mutex_lock(&mutex);
    error = host_event_reset(event);
    *ret_done = done_sequence;
    pthread_mutex_unlock(&mutex);
    return error;
}

void notifier_reset_event(ws2_handle event, ws2_handle s, uint64_t sequence,
                          uint64_t done)
{
    struct timespec deadline;

    pthread_mutex_lock(&mutex);
    /* done_sequence is smaller when the server was replaced since. */
    if (sequence > done || done_sequence < done) {
        clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_sec += RESET_WAIT_SECONDS;
        while (current != NULL && done_sequence < sequence)
            if (pthread_cond_timedwait(&progress, &mutex, &deadline) ==
                ETIMEDOUT)
                break;
        host_event_reset(event);
        if (was_set_since(s, sequence))
            host_event_set(event);
    }
    pthread_mutex_unlock(&mutex);
}

void notifier_disconnect_locked(void)
{
    pthread_mutex_lock(&mutex);
    if (current != NULL)
        shutdown(current->fd, SHUT_RDWR); /* its thread ends and frees it */
    __atomic_store_n(&current, NULL, __ATOMIC_RELEASE);
    done_sequence = 0;
    pthread_mutex_unlock(&mutex);
}

void notifier_after_fork(void)
{
    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&progress, NULL);
    if (current != NULL) {
        close(current->fd);
        free(current);
    }
    current = NULL;
    done_sequence = 0;
}
