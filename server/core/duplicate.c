/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Duplicates under way: WSADuplicateSocket has been called and the target has
 * not opened the socket yet.
 *
 * A duplicate keeps its socket, and a descriptor of it, whatever becomes of the
 * source.  It is known by a random token that only its target process can use,
 * once.  It ends when the target opens it or exits:
 *
 *   - a target that is connected exits when its connection hangs up;
 *   - another native process is watched by a pidfd, so a process that gets the
 *     same pid later is not taken for it;
 *   - another process that has only a Windows process id cannot be watched.
 *     The duplicate waits for it to connect, as long as the source stays and
 *     for a while after that.
 */
#include "core/duplicate.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/client.h"
#include "core/limits.h"
#include "core/server.h"
#include "core/socket.h"
#include "util/fd.h"

/* Ends a duplicate and settles its socket. */
static void lapse(struct duplicate *duplicate)
{
    struct socket *socket = duplicate->socket;

    duplicate_free(duplicate);
    socket_settle(socket);
}

static void target_exited(struct loop_source *source, uint32_t events)
{
    (void)events;
    lapse(list_entry(source, struct duplicate, exit_source));
}

static void target_stayed_away(struct loop_timer *timer)
{
    lapse(list_entry(timer, struct duplicate, timer));
}

/* Why a process could not be sent signal 0. */
static int watch_error(int unix_errno)
{
    return unix_errno == EPERM ? WS2_EACCES : WS2_EINVAL;
}

/* Without pidfds (Linux before 5.3, valgrind 3.19) a native process that is
   not connected cannot be watched either. */
static int check_existence(pid_t pid)
{
    if (pid <= 0)
        return WS2_EINVAL;
    return kill(pid, 0) == 0 ? 0 : watch_error(errno);
}

/* Watches for the exit of a native process.  Returns 0, WS2_EINVAL when there
   is none, WS2_EACCES when it is another user's, or WS2_ENOBUFS. */
static int watch_exit(struct duplicate *duplicate)
{
    struct pollfd exited = { .events = POLLIN };

    duplicate->pidfd =
        (int)syscall(SYS_pidfd_open, (pid_t)duplicate->process_id, 0);
    if (duplicate->pidfd < 0 && errno == ENOSYS)
        return check_existence((pid_t)duplicate->process_id);
    if (duplicate->pidfd < 0)
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM
                   ? WS2_ENOBUFS
                   : WS2_EINVAL;
    exited.fd = duplicate->pidfd;
    if (poll(&exited, 1, 0) > 0)
        return WS2_EINVAL; /* it waits for its parent only */
    if (syscall(SYS_pidfd_send_signal, duplicate->pidfd, 0, NULL, 0) < 0)
        return watch_error(errno);
    if (loop_add(&duplicate->server->loop, &duplicate->exit_source,
                 duplicate->pidfd, EPOLLIN))
        return WS2_ENOBUFS;
    return 0;
}

static void bind_target(struct duplicate *duplicate, struct client *target)
{
    duplicate->target = target;
    duplicate->native = target->native;
    list_append(&target->duplicates_awaited, &duplicate->in_target);
    loop_timer_stop(&duplicate->timer);
}

static int find_process(struct duplicate *duplicate)
{
    struct client *target =
        client_find(duplicate->source, duplicate->process_id);

    if (target) {
        bind_target(duplicate, target);
        return 0;
    }
    return duplicate->native ? watch_exit(duplicate) : 0;
}

static struct duplicate *find_token(const struct server *server, uint32_t token)
{
    struct duplicate *found;

    HASH_FIND(hh, server->tokens, &token, sizeof token, found);
    return found;
}

static int new_token(const struct server *server, uint32_t *ret_token)
{
    do {
        if (getrandom(ret_token, sizeof *ret_token, GRND_NONBLOCK) !=
            (ssize_t)sizeof *ret_token)
            return WS2_ENOBUFS;
    } while (*ret_token == 0 || find_token(server, *ret_token));
    return 0;
}

static struct duplicate *duplicate_new(struct client *source,
                                       struct socket *socket, uint32_t token)
{
    struct server *server = source->server;
    struct duplicate *new = calloc(1, sizeof *new);

    if (!new)
        return NULL;
    new->server = server;
    new->source = source;
    new->source_unix_pid = source->unix_pid;
    memcpy(new->source_program, source->program, sizeof new->source_program);
    new->socket = socket;
    new->serial = ++server->last_serial;
    new->token = token;
    new->native = source->native;
    new->pidfd = -1;
    list_init(&new->in_target);
    loop_source_init(&new->exit_source, target_exited);
    loop_timer_init(&new->timer, target_stayed_away);
    HASH_ADD(hh, server->tokens, token, sizeof new->token, new);
    list_append(&server->duplicates, &new->link);
    list_append(&socket->duplicates, &new->in_socket);
    list_append(&source->duplicates_made, &new->in_source);
    server->n_duplicates++;
    socket->n_duplicates++;
    source->n_duplicates++;
    return new;
}

/*
 * Makes a duplicate of the socket for a process.  The socket may take over *fd.
 * Returns 0 with the token, WS2_EINVAL when there is no such process,
 * WS2_EACCES when it is another user's, or WS2_ENOBUFS.
 */
int duplicate_make(struct client *source, struct socket *socket,
                   uint32_t process_id, uint64_t connected_at, int *fd,
                   uint32_t *ret_token)
{
    struct server *server = source->server;
    struct duplicate *new;
    uint32_t token;
    int error;

    if (process_id == 0)
        return WS2_EINVAL;
    if (server->n_duplicates >= LIMIT_DUPLICATES ||
        source->n_duplicates >= LIMIT_DUPLICATES_PER_CLIENT ||
        new_token(server, &token))
        return WS2_ENOBUFS;
    new = duplicate_new(source, socket, token);
    if (!new)
        return WS2_ENOBUFS;
    new->process_id = process_id;
    new->connected_at = connected_at;
    error = find_process(new);
    if (error) {
        duplicate_free(new);
        return error;
    }
    socket_lend_fd(socket, fd);
    *ret_token = token;
    return 0;
}

/* The duplicate that the token opens for this client, or NULL. */
struct duplicate *duplicate_find(const struct client *target, uint32_t token)
{
    struct duplicate *found = find_token(target->server, token);

    if (found && (found->process_id != target->process_id ||
                  found->native != target->native))
        found = NULL;
    return found;
}

/* Frees a duplicate; the caller settles its socket. */
void duplicate_free(struct duplicate *duplicate)
{
    struct server *server = duplicate->server;

    loop_timer_stop(&duplicate->timer);
    loop_remove(&server->loop, &duplicate->exit_source);
    fd_close(&duplicate->pidfd);
    HASH_DELETE(hh, server->tokens, duplicate);
    list_remove(&duplicate->link);
    list_remove(&duplicate->in_socket);
    list_remove(&duplicate->in_source);
    list_remove(&duplicate->in_target);
    server->n_duplicates--;
    duplicate->socket->n_duplicates--;
    if (duplicate->source)
        duplicate->source->n_duplicates--;
    free(duplicate);
}

/* Another socket, of which the server has a descriptor, takes a socket's place:
   what is opened from now on is that one.  The caller settles both. */
void duplicate_move_all(struct socket *from, struct socket *to)
{
    struct list *link, *following;

    list_for_each(link, following, &from->duplicates) {
        struct duplicate *duplicate =
            list_entry(link, struct duplicate, in_socket);

        list_remove(link);
        list_append(&to->duplicates, link);
        duplicate->socket = to;
        from->n_duplicates--;
        to->n_duplicates++;
    }
}

/* A client has said hello: duplicates that could not be bound to a process
   before may be for it. */
void duplicate_target_came(struct client *target)
{
    struct list *link, *following;

    list_for_each(link, following, &target->server->duplicates) {
        struct duplicate *duplicate =
            list_entry(link, struct duplicate, link);

        if (!duplicate->target && duplicate->pidfd < 0 &&
            duplicate->process_id == target->process_id &&
            duplicate->native == target->native)
            bind_target(duplicate, target);
    }
}

/* A client leaves without having opened what was made for it. */
void duplicate_target_left(struct client *target)
{
    while (!list_is_empty(&target->duplicates_awaited))
        lapse(list_entry(target->duplicates_awaited.next, struct duplicate,
                         in_target));
}

/* A client leaves; what it has made stays. */
void duplicate_source_left(struct client *source)
{
    struct list *link, *following;

    list_for_each(link, following, &source->duplicates_made) {
        struct duplicate *duplicate =
            list_entry(link, struct duplicate, in_source);

        list_remove(link);
        duplicate->source = NULL;
        if (!duplicate->target && duplicate->pidfd < 0)
            loop_timer_start(&source->server->loop, &duplicate->timer,
                             LIMIT_DUPLICATE_MS);
    }
}
