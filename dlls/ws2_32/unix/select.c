/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for many sockets: select and WSAPoll.
 *
 * Both are poll(2) on the sockets' fds, with the answers told in Winsock's
 * terms by readiness.c.
 *
 * To poll(2) an idle stream looks hung up at all times, so it is left out
 * until something happens to it, which may be another process's connect: an
 * epoll instance, edge-triggered, tells.  That has an edge as soon as a socket
 * is put in, so every socket that is left out was looked at after it was.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/descriptor.h"
#include "unix/error.h"
#include "unix/memory.h"
#include "unix/readiness.h"
#include "unix/wait.h"

#define FEW 64

/* The sockets of one call. */
struct poll_set {
    uint32_t count;
    int waits;   /* the call does not only look */
    int woken;   /* what was left out is to be looked at again */
    int idle_fd; /* the epoll instance, -1 as long as nothing is left out */
    struct descriptor **descriptors; /* NULL: no socket there */
    struct pollfd *fds; /* two more than count: idle_fd, and wait.c's */
    struct descriptor *few_descriptors[FEW];
    struct pollfd few_fds[FEW + 2];
};

static int poll_set_init(struct poll_set *set, uint32_t count)
{
    set->count = count;
    set->waits = 0;
    set->woken = 0;
    set->idle_fd = -1;
    set->descriptors = set->few_descriptors;
    set->fds = set->few_fds;
    if (count > FEW) {
        set->descriptors = calloc(count, sizeof(*set->descriptors));
        set->fds = calloc((size_t)count + 2, sizeof(*set->fds));
        if (set->descriptors == NULL || set->fds == NULL) {
            free(set->descriptors);
            free(set->fds);
            return WS2_ENOBUFS;
        }
    } else
        memset(set->few_descriptors, 0, sizeof(set->few_descriptors));
    return WS2_SUCCESS;
}

static void poll_set_deinit(struct poll_set *set)
{
    uint32_t i;

    for (i = 0; i < set->count; i++)
        if (set->descriptors[i] != NULL)
            descriptor_release(set->descriptors[i]);
    if (set->idle_fd >= 0)
        close(set->idle_fd);
    if (set->descriptors != set->few_descriptors) {
        free(set->descriptors);
        free(set->fds);
    }
}

static void poll_set_put(struct poll_set *set, uint32_t i, short events)
{
    set->fds[i].fd = set->descriptors[i] != NULL ? set->descriptors[i]->fd : -1;
    set->fds[i].events = events;
    set->fds[i].revents = 0;
}

/* 1 while every socket of the set is open: nothing was closed meanwhile. */
static int all_open(void *context)
{
    struct poll_set *set = context;
    uint32_t i;

    for (i = 0; i < set->count; i++)
        if (set->descriptors[i] != NULL &&
            !descriptor_is_open(set->descriptors[i]))
            return 0;
    return 1;
}

/* Something happened to a socket that was left out. */
static void take_edges(struct poll_set *set)
{
    struct epoll_event edges[16];

    while (epoll_wait(set->idle_fd, edges, 16, 0) == 16)
        continue;
    set->woken = 1;
}

/*
 * One round: polls, at first without waiting and then until the deadline.
 * 0: over (evaluate and return), 1: evaluate, go on if nothing is ready,
 * < 0: -WS2 error.
 */
static int poll_round(struct poll_set *set, int64_t deadline, int first)
{
    int count;

    set->woken = 0;
    if (first) {
        count = poll(set->fds, set->count, 0);
        if (count < 0 && errno != EINTR)
            return -error_from_errno(errno);
        return deadline > 0;
    }
    set->fds[set->count] =
        (struct pollfd){.fd = set->idle_fd, .events = POLLIN};
    count = wait_for_many(set->fds, set->count + 1, deadline, NULL, all_open,
                          set, &set->woken);
    if (count < 0)
        return count;
    if (set->fds[set->count].revents)
        take_edges(set);
    return count > 0 || set->woken;
}

/* Leaves a socket out of poll(2) until something happens to it. */
static int leave_out(struct poll_set *set, uint32_t i)
{
    struct epoll_event wanted = {
        .events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET};

    set->fds[i].fd = -1;
    if (!set->waits)
        return WS2_SUCCESS;
    if (set->idle_fd < 0)
        set->idle_fd = epoll_create1(EPOLL_CLOEXEC);
    if (set->idle_fd < 0 ||
        (epoll_ctl(set->idle_fd, EPOLL_CTL_ADD, set->descriptors[i]->fd,
                   &wanted) < 0 &&
         errno != EEXIST))
        return WS2_ENOBUFS;
    return WS2_SUCCESS;
}

/*
 * Polls until something is ready, or the deadline.  evaluate fills the entries:
 * how many have something, < 0: -WS2 error.
 */
static int poll_set_wait(struct poll_set *set, int64_t deadline,
                         int (*evaluate)(struct poll_set *, void *),
                         void *entries, uint32_t *ret_count)
{
    int first = 1, more, count;
    uint32_t i;

    set->waits = deadline > 0;
    do {
        for (i = 0; i < set->count; i++)
            set->fds[i].revents = 0;
        more = poll_round(set, deadline, first);
        if (more < 0)
            return -more;
        count = evaluate(set, entries);
        if (count < 0)
            return -count;
        if (set->woken)
            for (i = 0; i < set->count; i++)
                poll_set_put(set, i, set->fds[i].events);
        first = 0;
    } while (count == 0 && more);
    *ret_count = (uint32_t)count;
    return WS2_SUCCESS;
}

/* --- select --------------------------------------------------------------- */

static short select_events(uint32_t want)
{
    return (short)((want & UNIX_READABLE ? POLLIN | POLLRDHUP : 0) |
                   (want & UNIX_WRITABLE ? POLLOUT : 0) |
                   (want & UNIX_EXCEPTIONAL ? POLLPRI : 0));
}

static uint32_t select_ready(uint32_t readiness)
{
    uint32_t ready = 0;

    if (readiness & (READINESS_DATA | READINESS_FIN | READINESS_RESET))
        ready |= UNIX_READABLE;
    if (readiness & READINESS_WRITABLE)
        ready |= UNIX_WRITABLE;
    if (readiness & (READINESS_URGENT | READINESS_FAILED))
        ready |= UNIX_EXCEPTIONAL;
    return ready;
}

/* Fills `ready` of all entries. Returns how many have some; < 0: an error, e.g.
   a socket was closed and nobody wants to read from it. */
static int evaluate_select(struct poll_set *set, void *context)
{
    struct unix_select_entry *entries = context;
    uint32_t i, readiness;
    int count = 0, closed = 0, error = WS2_SUCCESS;

    for (i = 0; i < set->count; i++) {
        entries[i].ready = 0;
        if (!descriptor_is_open(set->descriptors[i])) {
            /* Closed by another thread: Winsock shows it readable. */
            entries[i].ready = entries[i].want & UNIX_READABLE;
            closed = 1;
        } else {
            readiness = readiness_of(set->descriptors[i], set->fds[i].revents,
                                     0);
            entries[i].ready = select_ready(readiness) & entries[i].want;
            /* An idle one, and a failed connect that nobody asked about. */
            if (readiness && !entries[i].ready && !error)
                error = leave_out(set, i);
        }
        count += entries[i].ready != 0;
    }
    if (count == 0 && (closed || error))
        return closed ? -WS2_ENOTSOCK : -error;
    return count;
}

static int64_t deadline_in(int64_t nanoseconds)
{
    if (nanoseconds < 0)
        return WAIT_FOREVER;
    return nanoseconds ? wait_now() + nanoseconds : 0;
}

int unix_select_sockets(struct unix_select_entry *entries, uint32_t n_entries,
                        int64_t timeout)
{
    struct poll_set set;
    uint32_t i, n_ready;
    int error = poll_set_init(&set, n_entries);

    if (error)
        return error;
    for (i = 0; i < n_entries && !error; i++) {
        error = descriptor_acquire(entries[i].s, &set.descriptors[i]);
        if (!error)
            poll_set_put(&set, i, select_events(entries[i].want));
    }
    if (!error)
        error = poll_set_wait(&set,
                              deadline_in(timeout < 0 ? -1 : timeout * 1000),
                              evaluate_select, entries, &n_ready);
    poll_set_deinit(&set);
    return error;
}

/* --- WSAPoll -------------------------------------------------------------- */

#define POLL_ALLOWED (WS2_POLLRDNORM | WS2_POLLRDBAND | WS2_POLLWRNORM)

static short poll_events(int16_t events)
{
    return (short)(POLLRDHUP | (events & WS2_POLLRDNORM ? POLLIN : 0) |
                   (events & WS2_POLLRDBAND ? POLLPRI : 0) |
                   (events & WS2_POLLWRNORM ? POLLOUT : 0));
}

static int16_t poll_revents(uint32_t readiness, int16_t events)
{
    int asked = 0, always = 0;

    if (readiness & READINESS_DATA)
        asked |= WS2_POLLRDNORM;
    if (readiness & READINESS_URGENT)
        asked |= WS2_POLLRDBAND;
    if (readiness & (READINESS_WRITABLE | READINESS_FAILED))
        asked |= WS2_POLLWRNORM;
    if (readiness & (READINESS_FIN | READINESS_RESET | READINESS_FAILED))
        always |= WS2_POLLHUP;
    if (readiness & (READINESS_RESET | READINESS_FAILED))
        always |= WS2_POLLERR;
    return (int16_t)((asked & events) | always);
}

/* Fills `revents` of all entries.  Returns how many have some; < 0: an
   error. */
static int evaluate_poll(struct poll_set *set, void *context)
{
    struct unix_pollfd *entries = context;
    uint32_t i, readiness;
    int count = 0, error = WS2_SUCCESS;

    for (i = 0; i < set->count; i++) {
        if (set->descriptors[i] == NULL)
            continue; /* WS2_POLLNVAL is there, and does not count */
        if (!descriptor_is_open(set->descriptors[i]))
            entries[i].revents = WS2_POLLNVAL;
        else {
            readiness = readiness_of(set->descriptors[i], set->fds[i].revents,
                                     1);
            entries[i].revents = poll_revents(readiness, entries[i].events);
            if (readiness && entries[i].revents == 0 && !error)
                error = leave_out(set, i);
        }
        count += entries[i].revents != 0;
    }
    return count == 0 && error ? -error : count;
}

/* Finds the sockets.  Entries below zero are left out; others that are no
   sockets too, but it is an error when none is one. */
static int fill_poll(struct poll_set *set, struct unix_pollfd *entries)
{
    uint32_t i, valid = 0;

    for (i = 0; i < set->count; i++) {
        entries[i].revents = WS2_POLLNVAL;
        if ((int64_t)entries[i].s >= 0 &&
            descriptor_acquire(entries[i].s, &set->descriptors[i]) ==
                WS2_SUCCESS) {
            if (entries[i].events & ~POLL_ALLOWED)
                return WS2_EINVAL;
            valid++;
        }
        poll_set_put(set, i, poll_events(entries[i].events));
    }
    return valid ? WS2_SUCCESS : WS2_ENOTSOCK;
}

static int poll_entries(struct unix_pollfd *entries, uint32_t n_entries,
                        int timeout, uint32_t *ret_count)
{
    struct poll_set set;
    int error = poll_set_init(&set, n_entries);

    if (error)
        return error;
    error = fill_poll(&set, entries);
    if (!error)
        error = poll_set_wait(
            &set, deadline_in(timeout < 0 ? -1 : timeout * INT64_C(1000000)),
            evaluate_poll, entries, ret_count);
    poll_set_deinit(&set);
    return error;
}

int unix_poll(struct unix_pollfd *entries, uint32_t n_entries, int timeout,
              uint32_t *ret_count)
{
    struct unix_pollfd few[FEW], *own = few;
    uint32_t size = n_entries * (uint32_t)sizeof(*own);
    int error;

    if (n_entries == 0)
        return WS2_EINVAL;
    if (entries == NULL)
        return WS2_EFAULT;
    if (n_entries > INT32_MAX / sizeof(*own))
        return WS2_ENOBUFS;
    if (n_entries > FEW) {
        own = malloc(size);
        if (own == NULL)
            return WS2_ENOBUFS;
    }
    error = unix_memory_read(own, entries, size);
    if (!error) {
        error = poll_entries(own, n_entries, timeout, ret_count);
        if ((!error || error == WS2_ENOTSOCK) &&
            unix_memory_write(entries, own, size))
            error = WS2_EFAULT;
    }
    if (own != few)
        free(own);
    return error;
}
