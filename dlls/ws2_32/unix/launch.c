/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding the server of this user and directory, and starting it.
 *
 * The first client of many that race holds start.lock while it starts the
 * server; the others wait for the lock and then find the server there, so
 * exactly one is started.  The server tells by a byte on its standard output,
 * a pipe, that it listens: nobody polls for it.
 */
#include "unix/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"

#ifndef WS2EMU_SERVER_PATH
#define WS2EMU_SERVER_PATH "ws2server"
#endif

extern char **environ;

/* A connection to the server that listens in the directory, or -1. */
static int connect_to(const char *directory)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd, length;

    length = snprintf(address.sun_path, sizeof(address.sun_path),
                      "%s/server.socket", directory);
    if (length < 0 || (size_t)length >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Default signals, nothing blocked: the server is nobody's child for long. */
static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    if (posix_spawnattr_init(attributes))
        return -1;
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return 0;
}

/* Runs the server, which detaches itself; the process that we spawned is its
   short-lived starter. */
static int spawn_server(const char *directory, int ready_fd)
{
    const char *path = getenv("WS2EMU_SERVER");
    char *arguments[] = {(char *)"ws2server", (char *)"--directory",
                         (char *)directory, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;
    int result = -1, status;

    if (path == NULL || path[0] == '\0')
        path = WS2EMU_SERVER_PATH;
    if (posix_spawn_file_actions_init(&actions))
        return -1;
    if (prepare_attributes(&attributes))
        goto out_actions;
    posix_spawn_file_actions_adddup2(&actions, ready_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    errno = posix_spawn(&pid, path, &actions, &attributes, arguments, environ);
    if (errno)
        goto out_attributes;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    result = 0;
out_attributes:
    posix_spawnattr_destroy(&attributes);
out_actions:
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

/* Starts the server and waits until it listens, or has failed. */
static void start_server(const char *directory)
{
    int ready[2];
    char byte;

    if (pipe2(ready, O_CLOEXEC) < 0)
        return;
    if (spawn_server(directory, ready[1]) == 0) {
        close(ready[1]);
        ready[1] = -1;
        while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
            continue;
    }
    if (ready[1] >= 0)
        close(ready[1]);
    close(ready[0]);
}

static int lock_start(const char *directory)
{
    char path[512];
    int fd;

    snprintf(path, sizeof(path), "%s/start.lock", directory);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    while (flock(fd, LOCK_EX) < 0) {
        if (errno != EINTR) {
            close(fd);
            return -1;
        }
    }
    return fd;
}

/* 1 when the directory is ours alone (made now if it was missing). */
static int prepare_directory(const char *directory)
{
    struct stat status;

    if (mkdir(directory, 0700) < 0 && errno != EEXIST)
        return 0;
    if (lstat(directory, &status) < 0 || !S_ISDIR(status.st_mode))
        return 0;
    return status.st_uid == geteuid() && (status.st_mode & 077) == 0;
}

int launch_connect(void)
{
    char directory[256];
    int fd, lock;

    if (host_runtime_directory(directory, sizeof(directory)) ||
        !prepare_directory(directory))
        return -1;
    fd = connect_to(directory);
    if (fd >= 0)
        return fd;
    lock = lock_start(directory);
    if (lock < 0)
        return -1;
    fd = connect_to(directory);
    if (fd < 0) {
        start_server(directory);
        fd = connect_to(directory);
    }
    close(lock);
    return fd;
}
