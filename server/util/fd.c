/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File descriptors: closing, and finding out what one is.
 *
 * Descriptors come from other processes and are taken for nothing until the
 * kernel has said what they are.
 */
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Closes *fd unless it is negative, and makes it -1.  errno stays. */
void fd_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

/* fd_close as a cleanup attribute. */
void fd_cleanup(int *fd)
{
    fd_close(fd);
}

/*
 * The socket's cookie, which names it for as long as the system runs.
 * Returns 0 or -errno: -ENOTSOCK when it is no socket.
 */
int fd_cookie(int fd, uint64_t *ret_cookie)
{
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;

    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) < 0)
        return -errno;
    *ret_cookie = cookie;
    return 0;
}

/* Whether the descriptor is an eventfd.  The kernel tells it by the name of
   the descriptor's link in /proc and nowhere else. */
bool fd_is_eventfd(int fd)
{
    static const char expected[] = "anon_inode:[eventfd]";
    char path[32], target[sizeof expected];
    ssize_t length;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    length = readlink(path, target, sizeof target);
    return length == (ssize_t)sizeof expected - 1 &&
           memcmp(target, expected, sizeof expected - 1) == 0;
}

/* Whether the descriptor is a local socket that keeps the bounds of
   messages. */
bool fd_is_channel(int fd)
{
    int family = 0, type = 0;
    socklen_t size = sizeof family;

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0)
        return false;
    size = sizeof type;
    return family == AF_UNIX &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

/* Sets O_NONBLOCK, for every process that shares the file description.
   Returns 0 or -errno. */
int fd_set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        return -errno;
    if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    return 0;
}
