/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server's tables and its turn.
 *
 * server_turn is all that drives the server: it waits, runs the callbacks of
 * what came up, and then frees the clients that have ended.  It knows of no
 * file name and no signal, so a test can run a server in its own process over a
 * socketpair.
 */
#include "core/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/client.h"
#include "core/duplicate.h"
#include "core/limits.h"
#include "core/socket.h"
#include "util/fd.h"

/* Makes an empty server.  Returns 0 or -errno. */
int server_init(struct server *server)
{
    int error;

    memset(server, 0, sizeof *server);
    server->loop.epoll_fd = -1;
    list_init(&server->clients);
    list_init(&server->ending);
    list_init(&server->duplicates);
    list_init(&server->reservations);
    network_changes_init(&server->changes);
    error = record_pool_init(&server->records, LIMIT_RECORDS);
    if (error)
        return error;
    server->slots = calloc(LIMIT_RECORDS, sizeof *server->slots);
    error = server->slots ? loop_init(&server->loop) : -ENOMEM;
    if (error) {
        free(server->slots);
        record_pool_deinit(&server->records);
    }
    return error;
}

static void free_ending(struct server *server)
{
    while (!list_is_empty(&server->ending))
        client_free(list_entry(server->ending.next, struct client, link));
}

/* Ends all clients and frees everything. */
void server_deinit(struct server *server)
{
    struct list *link, *following;

    list_for_each(link, following, &server->clients)
        client_end(list_entry(link, struct client, link), "the server ends");
    free_ending(server);
    while (server->forked)
        client_free(server->forked);
    while (!list_is_empty(&server->duplicates)) {
        struct duplicate *duplicate =
            list_entry(server->duplicates.next, struct duplicate, link);
        struct socket *socket = duplicate->socket;

        duplicate_free(duplicate);
        socket_settle(socket);
    }
    network_changes_deinit(server);
    loop_deinit(&server->loop);
    record_pool_deinit(&server->records);
    free(server->slots);
    server->slots = NULL;
}

/*
 * Makes a connected SOCK_SEQPACKET socket a client.  Takes it over in any case.
 * Returns 0 or -errno: -EPERM when it is another user's, -EUSERS when there are
 * too many.
 */
int server_add_connection(struct server *server, int fd)
{
    FD_CLEANUP int connection = fd;
    struct ucred peer;
    socklen_t size = sizeof peer;
    int error;

    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return -errno;
    if (peer.uid != geteuid())
        return -EPERM;
    if (server->n_clients >= LIMIT_CLIENTS)
        return -EUSERS;
    error = fd_set_nonblocking(connection);
    if (error)
        return error;
    if (!client_new(server, connection, (uint32_t)peer.pid))
        return -ENOMEM;
    connection = -1;
    return 0;
}

/* Waits up to timeout_ms (-1: for ever) for something to do, and does it.
   Returns 0 or -errno. */
int server_turn(struct server *server, int timeout_ms)
{
    int result = loop_turn(&server->loop, timeout_ms);

    free_ending(server);
    return result < 0 ? result : 0;
}

/* Whether nobody needs the server. */
bool server_is_idle(const struct server *server)
{
    return server->n_clients == 0 && server->n_duplicates == 0 &&
           !server->forked;
}
