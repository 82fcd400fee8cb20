/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The proactor's back end on epoll. */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "unix/proactor.h"

/* The bits are poll(2)'s. */
_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT &&
                   EPOLLPRI == POLLPRI && EPOLLERR == POLLERR &&
                   EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP,
               "epoll's bits are not poll's");

#define EVENTS_AT_ONCE 64

static int epoll_fd = -1, wake_fd = -1;

static void backend_close(void)
{
    if (epoll_fd >= 0)
        close(epoll_fd);
    if (wake_fd >= 0)
        close(wake_fd);
    epoll_fd = wake_fd = -1;
}

static int backend_open(void)
{
    struct epoll_event wake = {.events = EPOLLIN};
    int error = 0;

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (epoll_fd < 0 || wake_fd < 0 ||
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &wake) < 0) {
        error = errno;
        backend_close();
    }
    return error;
}

static int backend_watch(int fd, struct socket_operations *socket, int is_new,
                         uint32_t events)
{
    struct epoll_event wanted = {.events = events | EPOLLET,
                                 .data.ptr = socket};

    return epoll_ctl(epoll_fd, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd,
                     &wanted) < 0
               ? errno
               : 0;
}

static void backend_forget(int fd)
{
    struct epoll_event ignored = {.events = 0};

    (void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, &ignored);
}

static int backend_wait(struct proactor_event *events, int n_events,
                        int timeout)
{
    struct epoll_event ready[EVENTS_AT_ONCE];
    eventfd_t count;
    int i, n;

    if (n_events > EVENTS_AT_ONCE)
        n_events = EVENTS_AT_ONCE;
    n = epoll_wait(epoll_fd, ready, n_events, timeout);
    if (n < 0)
        return -errno;
    for (i = 0; i < n; i++) {
        events[i].socket = ready[i].data.ptr;
        events[i].events = ready[i].events;
        if (events[i].socket == NULL)
            (void)eventfd_read(wake_fd, &count);
    }
    return n;
}

static void backend_wake(void)
{
    (void)eventfd_write(wake_fd, 1);
}

const struct proactor_backend proactor_epoll = {
    .name = "epoll",
    .open = backend_open,
    .close = backend_close,
    .watch = backend_watch,
    .forget = backend_forget,
    .wait = backend_wait,
    .wake = backend_wake,
};
