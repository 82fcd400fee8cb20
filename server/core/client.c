/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clients.
 *
 * A client is a connection and everything that the process behind it has: its
 * granted slots, its descriptors, its registrations, its duplicates, the
 * providers that it hosts.  When the connection hangs up, for whatever reason,
 * all of that is given up as if the process had closed its descriptors.
 *
 * A client may have to end while others, or itself, are at work: client_end
 * only marks it, and it is freed when the turn of the loop is over.
 *
 * FORK leaves a copy of the client's holdings, a client without a connection,
 * that the child takes over by its HELLO.  So no socket is without a holder
 * between the fork and the child's first request, even when the parent leaves
 * at once.
 */
#include "core/client.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/advertisement.h"
#include "core/dispatch.h"
#include "core/duplicate.h"
#include "core/holder.h"
#include "core/limits.h"
#include "core/registration.h"
#include "core/server.h"
#include "core/socket.h"
#include "util/fd.h"
#include "util/log.h"

static void fork_lapsed(struct loop_timer *timer);

static void client_source_ready(struct loop_source *source, uint32_t events)
{
    (void)events; /* a hang-up is read as the end, after what was sent */
    dispatch_client(list_entry(source, struct client, source));
}

static struct client *allocate(struct server *server, enum client_state state)
{
    struct client *new = calloc(1, sizeof *new);

    if (!new)
        return NULL;
    new->server = server;
    new->state = state;
    new->serial = ++server->last_serial;
    new->fd = -1;
    list_init(&new->link);
    list_init(&new->registrations);
    list_init(&new->duplicates_made);
    list_init(&new->duplicates_awaited);
    list_init(&new->advertisements);
    list_init(&new->forks);
    list_init(&new->in_parent);
    loop_source_init(&new->source, client_source_ready);
    loop_timer_init(&new->fork_timer, fork_lapsed);
    notifier_init(&new->notifier);
    return new;
}

/* Makes a client of a connection, which it takes over.  Returns NULL, with the
   connection still the caller's, when that is not possible. */
struct client *client_new(struct server *server, int fd, uint32_t unix_pid)
{
    struct client *new = allocate(server, CLIENT_NEW);

    if (!new)
        return NULL;
    if (loop_add(&server->loop, &new->source, fd, EPOLLIN)) {
        free(new);
        return NULL;
    }
    new->fd = fd;
    new->unix_pid = unix_pid;
    list_append(&server->clients, &new->link);
    server->n_clients++;
    return new;
}

/* HELLO was in order: duplicates that wait for this process find it. */
void client_ready(struct client *client)
{
    client->state = CLIENT_READY;
    duplicate_target_came(client);
}

/* Ends a client at the end of the turn; it gets no more replies.  reason is
   for the trace. */
void client_end(struct client *client, const char *reason)
{
    if (client->state == CLIENT_ENDING)
        return;
    log_trace("client %llu (pid %u %s): ends: %s",
              (unsigned long long)client->serial, client->unix_pid,
              client->program, reason);
    client->state = CLIENT_ENDING;
    client->server->n_clients--;
    loop_remove(&client->server->loop, &client->source);
    list_remove(&client->link);
    list_append(&client->server->ending, &client->link);
}

/* The connected client that another one calls by process_id: of its own kind if
   there is one. */
struct client *client_find(const struct client *asker, uint32_t process_id)
{
    struct client *found = NULL;
    struct list *link, *following;

    list_for_each(link, following, &asker->server->clients) {
        struct client *client = list_entry(link, struct client, link);

        if (client->state != CLIENT_READY || client->process_id != process_id)
            continue;
        if (client->native == asker->native)
            return client;
        found = client;
    }
    return found;
}

/* Whether the process has gone or cut the connection, even if what it sent
   before is still to be read. */
bool client_has_hung_up(const struct client *client)
{
    struct pollfd connection = { .fd = client->fd };

    return poll(&connection, 1, 0) == 1 &&
           (connection.revents & (POLLHUP | POLLERR));
}

static void free_grants(struct client *client)
{
    uint32_t i;

    for (i = 0; i < client->n_granted; i++) {
        client->server->slots[client->granted[i]].grantee = NULL;
        record_give(&client->server->records, client->granted[i]);
    }
    free(client->granted);
    client->granted = NULL;
    client->n_granted = 0;
}

static void free_holdings(struct client *client)
{
    while (client->holders) {
        struct holder *holder = client->holders;
        struct socket *socket = holder->socket;

        holder_free(holder);
        socket_settle(socket);
    }
}

static void leave_forks(struct client *client)
{
    struct list *link, *following;

    list_for_each(link, following, &client->forks) {
        list_entry(link, struct client, in_parent)->parent = NULL;
        list_remove(link);
    }
    if (client->state != CLIENT_FORKED)
        return;
    loop_timer_stop(&client->fork_timer);
    HASH_DELETE(hh, client->server->forked, client);
    if (client->parent)
        client->parent->n_forks--;
    list_remove(&client->in_parent);
}

/* Frees a client and gives up all that it has. */
void client_free(struct client *client)
{
    struct list *link, *following;

    leave_forks(client);
    list_for_each(link, following, &client->registrations) {
        struct socket *socket =
            list_entry(link, struct registration, in_client)->socket;

        registration_end(socket->registration);
        socket_settle(socket);
    }
    duplicate_target_left(client);
    duplicate_source_left(client);
    advertisements_free(client);
    free_holdings(client);
    free_grants(client);
    notifier_deinit(client);
    list_remove(&client->link);
    fd_close(&client->fd);
    free(client);
}

/* --- Granted slots -------------------------------------------------------- */

static int make_grant_room(struct client *client, uint32_t count)
{
    uint32_t *granted;

    if (client->n_granted + count <= client->granted_room)
        return 0;
    granted = realloc(client->granted,
                      (client->n_granted + count) * sizeof *granted);
    if (!granted)
        return WS2_ENOBUFS;
    client->granted = granted;
    client->granted_room = client->n_granted + count;
    return 0;
}

/* Grants up to WIRE_GRANT_SLOTS slots.  Returns 0, WS2_EMFILE at the client's
   limit of descriptors, or WS2_ENOBUFS when there is none, or the client has
   too many that it has not used. */
int client_grant(struct client *client, uint32_t *slots, uint32_t *ret_count)
{
    struct server *server = client->server;
    uint32_t count = 0;

    if (client->n_descriptors + client->n_granted + WIRE_GRANT_SLOTS >
        LIMIT_DESCRIPTORS_PER_CLIENT)
        return WS2_EMFILE;
    if (client->n_granted + WIRE_GRANT_SLOTS > LIMIT_GRANTED_PER_CLIENT ||
        make_grant_room(client, WIRE_GRANT_SLOTS))
        return WS2_ENOBUFS;
    while (count < WIRE_GRANT_SLOTS) {
        uint32_t slot = record_take(&server->records);

        if (slot == WIRE_NO_SLOT)
            break;
        server->slots[slot].grantee = client;
        server->slots[slot].grant_index = client->n_granted;
        client->granted[client->n_granted++] = slot;
        slots[count++] = slot;
    }
    *ret_count = count;
    return count ? 0 : WS2_ENOBUFS;
}

bool client_is_granted(const struct client *client, uint32_t slot)
{
    return slot < client->server->records.count &&
           client->server->slots[slot].grantee == client;
}

/* A granted slot gets its socket. */
void client_use_grant(struct client *client, uint32_t slot)
{
    struct slot *slots = client->server->slots;
    uint32_t last = client->granted[--client->n_granted];

    client->granted[slots[slot].grant_index] = last;
    slots[last].grant_index = slots[slot].grant_index;
    slots[slot].grantee = NULL;
}

/* --- Forks ---------------------------------------------------------------- */

static void fork_lapsed(struct loop_timer *timer)
{
    client_free(list_entry(timer, struct client, fork_timer));
}

static struct client *find_fork(const struct server *server, uint64_t token)
{
    struct client *found;

    HASH_FIND(hh, server->forked, &token, sizeof token, found);
    return found;
}

static int new_fork_token(const struct server *server, uint64_t *ret_token)
{
    do {
        if (getrandom(ret_token, sizeof *ret_token, GRND_NONBLOCK) !=
            (ssize_t)sizeof *ret_token)
            return WS2_ENOBUFS;
    } while (*ret_token == 0 || find_fork(server, *ret_token));
    return 0;
}

/* Leaves a copy of the client's holdings for a child.  Returns 0 or
   WS2_ENOBUFS. */
int client_fork(struct client *client, uint64_t *ret_token)
{
    struct server *server = client->server;
    struct client *forked;
    uint64_t token;

    if (client->n_forks >= LIMIT_FORKS_PER_CLIENT ||
        new_fork_token(server, &token))
        return WS2_ENOBUFS;
    forked = allocate(server, CLIENT_FORKED);
    if (!forked)
        return WS2_ENOBUFS;
    forked->fork_token = token;
    HASH_ADD(hh, server->forked, fork_token, sizeof token, forked);
    forked->parent = client;
    list_append(&client->forks, &forked->in_parent);
    client->n_forks++;
    if (holder_copy_all(forked, client)) {
        client_free(forked);
        return WS2_ENOBUFS;
    }
    loop_timer_start(&server->loop, &forked->fork_timer, LIMIT_FORK_MS);
    *ret_token = token;
    return 0;
}

/* Takes over the holdings that a fork has left.  Returns 0, WS2_EINVAL when the
   token is none (any more), or WS2_ENOBUFS. */
int client_claim_fork(struct client *client, uint64_t token)
{
    struct client *forked = find_fork(client->server, token);
    int error;

    if (!forked)
        return WS2_EINVAL;
    error = holder_copy_all(client, forked);
    client_free(forked);
    return error;
}
