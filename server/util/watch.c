/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for notices; see watch.h. */
#include "util/watch.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/fd.h"

/* Takes the descriptor, also when it fails: 0 or -errno.  A negative one is an
   error that errno tells, so that the call which makes it can be the
   argument. */
int watch_init(struct watch *watch, int notices)
{
    int error = notices < 0 ? -errno : 0;

    watch->notices = notices;
    watch->stop = -1;
    if (error)
        return error;
    watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->stop >= 0)
        return 0;
    error = -errno;
    watch_deinit(watch);
    return error;
}

/* Closes both descriptors; also of a watch whose watch_init failed. */
void watch_deinit(struct watch *watch)
{
    fd_close(&watch->notices);
    fd_close(&watch->stop);
}

/* Sleeps until there are notices, and takes all that there are: true.  False:
   it was stopped. */
bool watch_wait(const struct watch *watch)
{
    struct pollfd fds[2] = {{.fd = watch->stop, .events = POLLIN},
                            {.fd = watch->notices, .events = POLLIN}};
    char notices[4096];

    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    if (fds[0].revents)
        return false;
    while (read(watch->notices, notices, sizeof notices) > 0)
        ;
    return true;
}

/* Ends a wait, and each one to come; any thread. */
void watch_stop(const struct watch *watch)
{
    (void)eventfd_write(watch->stop, 1);
}
