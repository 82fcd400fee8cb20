/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The socket where clients connect, and the end of an idle server.
 *
 * A server that nobody needs leaves after LIMIT_IDLE_MS.  It must not leave a
 * client behind that is just connecting: it takes start.lock, so that no
 * client is between starting it and connecting, takes its name away, and looks
 * once more whether somebody has come.  Then it stays, and has its name back.
 */
#include "daemon/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/limits.h"
#include "core/server.h"
#include "daemon/place.h"
#include "util/fd.h"
#include "util/log.h"

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* There is no descriptor for the connection that waits; it is refused rather
   than left to wake us for ever. */
static void refuse_one(struct listener *listener)
{
    int fd;

    fd_close(&listener->spare_fd);
    fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    fd_close(&fd);
    listener->spare_fd = open_spare();
    log_error("out of descriptors: a connection is refused");
}

/* Accepts all connections that wait; returns whether there was one. */
static bool accept_all(struct listener *listener)
{
    bool some = false;

    for (;;) {
        int error;
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            refuse_one(listener);
            return some;
        }
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0)
            return some;
        error = server_add_connection(listener->server, fd);
        if (error)
            log_error("a connection is refused: %s", strerror(-error));
        else
            some = true;
    }
}

static void listener_ready(struct loop_source *source, uint32_t events)
{
    (void)events;
    accept_all(list_entry(source, struct listener, source));
}

static bool rename_socket(const struct listener *listener, const char *from,
                          const char *to)
{
    int fd = listener->place->directory_fd;

    return renameat(fd, from, fd, to) == 0;
}

static void idle_for_long(struct loop_timer *timer)
{
    struct listener *listener = list_entry(timer, struct listener, idle);
    FD_CLEANUP int start_lock = place_try_leaving(listener->place);

    if (place_is_gone(listener->place)) { /* nobody can come any more */
        listener->leaving = true;
        return;
    }
    if (start_lock < 0)
        return; /* somebody is coming; listener_check_idle arms it anew */
    rename_socket(listener, PLACE_SOCKET, PLACE_NEW_SOCKET);
    if (accept_all(listener)) {
        rename_socket(listener, PLACE_NEW_SOCKET, PLACE_SOCKET);
        place_settle(listener->place);
    } else
        listener->leaving = true;
}

static int listen_at(struct listener *listener)
{
    struct sockaddr_un address;

    listener->fd =
        socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener->fd < 0)
        return -errno;
    (void)unlinkat(listener->place->directory_fd, PLACE_NEW_SOCKET, 0);
    place_address(listener->place, PLACE_NEW_SOCKET, &address);
    if (bind(listener->fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener->fd, SOMAXCONN) < 0 ||
        !rename_socket(listener, PLACE_NEW_SOCKET, PLACE_SOCKET))
        return -errno;
    return loop_add(&listener->server->loop, &listener->source, listener->fd,
                    EPOLLIN);
}

/* Listens in a place that is ours.  Returns 0 or -errno. */
int listener_init(struct listener *listener, struct server *server,
                  const struct place *place)
{
    memset(listener, 0, sizeof *listener);
    listener->server = server;
    listener->place = place;
    listener->spare_fd = open_spare();
    loop_source_init(&listener->source, listener_ready);
    loop_timer_init(&listener->idle, idle_for_long);
    return listen_at(listener);
}

/* Ends listening and takes the names away; the place is still locked. */
void listener_deinit(struct listener *listener)
{
    loop_timer_stop(&listener->idle);
    loop_remove(&listener->server->loop, &listener->source);
    (void)unlinkat(listener->place->directory_fd, PLACE_SOCKET, 0);
    (void)unlinkat(listener->place->directory_fd, PLACE_NEW_SOCKET, 0);
    fd_close(&listener->fd);
    fd_close(&listener->spare_fd);
}

/* To be called after each turn: starts or stops the clock of an idle server. */
void listener_check_idle(struct listener *listener)
{
    bool idle = server_is_idle(listener->server);

    if (!idle)
        loop_timer_stop(&listener->idle);
    else if (!loop_timer_is_armed(&listener->idle))
        loop_timer_start(&listener->server->loop, &listener->idle,
                         LIMIT_IDLE_MS);
}
