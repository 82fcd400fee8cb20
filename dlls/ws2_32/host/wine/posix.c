/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the Wine host asks of the kernel. */
#include "posix.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "util/runtime_directory.h"

int posix_is_socket(int fd)
{
    int domain, type;
    socklen_t length = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
        return 0;
    if (domain != AF_UNIX)
        return domain == AF_INET || domain == AF_INET6;
    length = sizeof(type);
    return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) &&
           type == SOCK_STREAM;
}

int posix_nobodys_socket(void)
{
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

int posix_is_nobodys_socket(int fd)
{
    int domain, type;
    socklen_t length = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 ||
        domain != AF_UNIX)
        return 0;
    length = sizeof(type);
    return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) &&
           type == SOCK_DGRAM;
}

void posix_close(int fd)
{
    (void)close(fd);
}

/* The prefix directory's device and inode; 0: done. */
static int prefix_stat(const char *inside, struct stat *ret_stat)
{
    const char *end = strstr(inside, "/dosdevices/");
    char *prefix;
    int failed;

    if (!end)
        return -1;
    prefix = strndup(inside, (size_t)(end - inside));
    if (!prefix)
        return -1;
    failed = stat(prefix[0] ? prefix : "/", ret_stat);
    free(prefix);
    return failed;
}

int posix_runtime_directory(const char *inside, char *path, size_t size)
{
    struct stat status;

    if (prefix_stat(inside, &status) ||
        runtime_directory(&status, path, size))
        return WS2_SYSNOTREADY;
    return 0;
}

int64_t posix_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int posix_futex_wait(uint32_t *word, uint32_t expected, int64_t nanoseconds)
{
    const struct timespec timeout = {nanoseconds / 1000000000,
                                     nanoseconds % 1000000000};

    return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected,
                   nanoseconds == INT64_MAX ? NULL : &timeout, NULL, 0) == 0 ||
           errno != ETIMEDOUT;
}

void posix_futex_wake(uint32_t *word, int n_threads)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n_threads, NULL, NULL,
                  0);
}

const char *posix_environment(const char *name)
{
    return getenv(name);
}

static int64_t nanoseconds(struct timespec time)
{
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int posix_is_socket_file(const char *path, struct posix_times *ret_times)
{
    struct stat status;

    if (lstat(path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return 0;
    ret_times->accessed = nanoseconds(status.st_atim);
    ret_times->modified = nanoseconds(status.st_mtim);
    ret_times->changed = nanoseconds(status.st_ctim);
    return 1;
}

int posix_remove(const char *path)
{
    return unlink(path);
}
