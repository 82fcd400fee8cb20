/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server's place: a directory of the user's own.
 *
 *   server.socket  where clients connect
 *   server.lock    locked by the server for as long as it lives
 *   change.lock    locked by a server while it starts or leaves: a server that
 *                  has it and finds server.lock taken knows that the other one
 *                  is there to stay
 *   start.lock     locked by a client while it starts the server, and by the
 *                  server while it makes sure that it may leave
 *
 * The socket is made under another name and renamed when it listens, so the
 * name never leads to a socket that refuses.  Names are reached through the
 * directory's descriptor, however long its path is.
 */
#include "daemon/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/log.h"

/*
 * Opens the directory, making it if it is missing.
 * Returns 0 or -errno: -EPERM when others own it or may enter it.
 */
int place_open(struct place *place, const char *directory)
{
    struct stat status;

    place->directory_fd = place->lock_fd = place->change_fd = -1;
    if (mkdir(directory, 0700) < 0 && errno != EEXIST)
        return -errno;
    place->directory_fd =
        open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (place->directory_fd < 0 || fstat(place->directory_fd, &status) < 0)
        return -errno;
    if (status.st_uid != geteuid() || (status.st_mode & 077))
        return -EPERM;
    return 0;
}

/* The address, a struct sockaddr_un, of a name in the directory. */
void place_address(const struct place *place, const char *name, void *address)
{
    struct sockaddr_un *un = address;

    memset(un, 0, sizeof *un);
    un->sun_family = AF_UNIX;
    snprintf(un->sun_path, sizeof un->sun_path, "/proc/self/fd/%d/%s",
             place->directory_fd, name);
}

static bool server_answers(const struct place *place)
{
    struct sockaddr_un address;
    FD_CLEANUP int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    place_address(place, PLACE_SOCKET, &address);
    return fd >= 0 &&
           connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static int open_lock(const struct place *place, const char *name)
{
    return openat(place->directory_fd, name,
                  O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* flock, whatever signals come.  Returns 0 or -errno. */
static int lock(int fd, int operation)
{
    while (flock(fd, operation) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return 0;
}

/* With change.lock ours, a server that does not answer is dying. */
static enum place_result take_locked(struct place *place)
{
    if (lock(place->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return PLACE_OURS;
    if (server_answers(place))
        return PLACE_TAKEN;
    return lock(place->lock_fd, LOCK_EX) == 0 ? PLACE_OURS : PLACE_FAILED;
}

/*
 * Takes the place for this process's life.  While another server starts or
 * leaves, waits for how that ends.  PLACE_OURS: place_settle is to be called
 * when the server listens.  PLACE_TAKEN: another one serves.
 */
enum place_result place_take(struct place *place)
{
    enum place_result result = PLACE_FAILED;

    place->lock_fd = open_lock(place, "server.lock");
    place->change_fd = open_lock(place, "change.lock");
    if (place->lock_fd >= 0 && place->change_fd >= 0 &&
        lock(place->change_fd, LOCK_EX) == 0)
        result = take_locked(place);
    if (result == PLACE_FAILED)
        log_error("cannot lock the directory: %s", strerror(errno));
    if (result != PLACE_OURS)
        place_settle(place);
    return result;
}

/* The server is there to stay. */
void place_settle(const struct place *place)
{
    if (place->change_fd >= 0)
        (void)lock(place->change_fd, LOCK_UN);
}

/*
 * Begins to leave, if nobody minds: no client is starting a server and no other
 * server is starting.  Returns a descriptor that keeps clients from it until
 * it is closed, or -1.  place_settle ends it.
 */
int place_try_leaving(const struct place *place)
{
    int fd = open_lock(place, "start.lock");

    if (fd >= 0 && lock(fd, LOCK_EX | LOCK_NB))
        fd_close(&fd);
    if (fd >= 0 && lock(place->change_fd, LOCK_EX | LOCK_NB))
        fd_close(&fd);
    return fd;
}

/* Whether the directory was removed. */
bool place_is_gone(const struct place *place)
{
    struct stat status;

    return fstat(place->directory_fd, &status) == 0 && status.st_nlink == 0;
}

/* Begins to leave in any case, after another server that is starting has seen
   that this one is still here. */
void place_leave(const struct place *place)
{
    (void)lock(place->change_fd, LOCK_EX);
}

/* Gives the place up, the lock of the change last. */
void place_close(struct place *place)
{
    fd_close(&place->lock_fd);
    fd_close(&place->change_fd);
    fd_close(&place->directory_fd);
}
