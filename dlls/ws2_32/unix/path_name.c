/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Binding and connecting to paths; see path_name.h. */
#include "unix/path_name.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PRIVATE_FOLDER "/proc/self/fd/"

/* 1: the path fits.  The kernel needs no NUL at the end. */
static int make_name(struct sockaddr_un *ret_name, socklen_t *ret_length,
                     const char *path)
{
    size_t length = strlen(path);

    if (length > sizeof(ret_name->sun_path))
        return 0;
    memset(ret_name, 0, sizeof(*ret_name));
    ret_name->sun_family = AF_UNIX;
    memcpy(ret_name->sun_path, path, length);
    *ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return 1;
}

/* Opens the folder of a path.  fd, or -errno; *ret_file: its last part. */
static int open_folder(const char *path, const char **ret_file)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    int fd;

    *ret_file = slash == NULL ? path : slash + 1;
    if (length >= sizeof(folder))
        return -ENAMETOOLONG;
    memcpy(folder, path, length);
    folder[length] = '\0';
    fd = open(slash == NULL ? "." : length == 0 ? "/" : folder,
              O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int bind_name(int fd, const char *path)
{
    struct sockaddr_un name;
    socklen_t length;

    if (!make_name(&name, &length, path))
        return -ENAMETOOLONG;
    return bind(fd, (const struct sockaddr *)&name, length) < 0 ? -errno : 0;
}

/* Binds to a file whose name alone is too long: to a short one beside it, that
   then gets its name. */
static int bind_beside(int fd, int folder, const char *file)
{
    char path[64], *beside;
    struct stat status;
    int error;

    if (fstatat(folder, file, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return -EADDRINUSE;
    snprintf(path, sizeof(path), PRIVATE_FOLDER "%d/.ws2-%x-%x", folder,
             (unsigned)getpid(), (unsigned)fd);
    beside = strrchr(path, '/') + 1;
    (void)unlinkat(folder, beside, 0); /* of a process that was killed */
    error = bind_name(fd, path);
    if (error)
        return error;
    if (linkat(folder, beside, folder, file, 0) < 0)
        error = errno == EEXIST ? -EADDRINUSE : -errno;
    (void)unlinkat(folder, beside, 0);
    return error;
}

int path_name_bind(int fd, const char *path)
{
    char through[PATH_MAX];
    const char *file;
    int folder, error;

    if (strlen(path) <= sizeof(((struct sockaddr_un *)0)->sun_path))
        return bind_name(fd, path);
    folder = open_folder(path, &file);
    if (folder < 0)
        return folder;
    snprintf(through, sizeof(through), PRIVATE_FOLDER "%d/%s", folder, file);
    error = bind_name(fd, through);
    if (error == -ENAMETOOLONG && strlen(file) <= NAME_MAX)
        error = bind_beside(fd, folder, file);
    close(folder);
    return error;
}

int path_name_connect(int fd, const char *path)
{
    struct sockaddr_un name;
    char through[64];
    int file = -1, error = 0;
    socklen_t length;

    if (!make_name(&name, &length, path)) {
        file = open(path, O_PATH | O_CLOEXEC);
        if (file < 0)
            return -errno;
        snprintf(through, sizeof(through), PRIVATE_FOLDER "%d", file);
        (void)make_name(&name, &length, through);
    }
    if (connect(fd, (const struct sockaddr *)&name, length) < 0)
        error = -errno;
    if (file >= 0)
        close(file);
    return error;
}

int path_name_is_private(const char *path)
{
    return strncmp(path, PRIVATE_FOLDER, strlen(PRIVATE_FOLDER)) == 0;
}
