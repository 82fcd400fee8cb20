/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Advertisements: providers of name spaces that a client's process hosts.
 *
 * A client that wants to ask one gets one end of a new connection, and the host
 * the other, over a connection of the advertisement's own.  What the two say to
 * each other does not pass here, so neither can hold up the server.
 *
 * An advertisement ends when the host closes its end of that connection, or is
 * a client no more.
 */
#include "core/advertisement.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/client.h"
#include "core/limits.h"
#include "core/server.h"
#include "util/fd.h"
#include "wire/frame.h"

static void advertisement_free(struct advertisement *advertisement)
{
    struct server *server = advertisement->server;

    loop_remove(&server->loop, &advertisement->source);
    HASH_DELETE(hh, server->advertisements, advertisement);
    list_remove(&advertisement->in_client);
    advertisement->client->n_advertisements--;
    fd_close(&advertisement->fd);
    free(advertisement);
}

void advertisements_free(struct client *client)
{
    struct list *link, *following;

    list_for_each(link, following, &client->advertisements)
        advertisement_free(list_entry(link, struct advertisement, in_client));
}

/* The host has closed its end; it has nothing to say. */
static void source_ready(struct loop_source *source, uint32_t events)
{
    (void)events;
    advertisement_free(list_entry(source, struct advertisement, source));
}

/* That of a provider whose host is still there. */
static struct advertisement *find(struct server *server,
                                  const uint8_t *provider)
{
    struct advertisement *found;
    struct pollfd end = { .events = POLLIN };

    HASH_FIND(hh, server->advertisements, provider, WIRE_PROVIDER_LENGTH,
              found);
    if (!found)
        return NULL;
    end.fd = found->fd;
    if (poll(&end, 1, 0) == 0)
        return found;
    advertisement_free(found);
    return NULL;
}

static int make_pair(int *ret_ours, int *ret_other)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return WS2_ENOBUFS;
    *ret_ours = ends[0];
    *ret_other = ends[1];
    return 0;
}

/* Makes the client the host of a provider.  *ret_fd: its end.  Returns 0,
   WS2_EINVAL: there is a host; WS2_EMFILE: it hosts too many; WS2_ENOBUFS. */
int advertisement_make(struct client *client, const uint8_t *provider,
                       int *ret_fd)
{
    FD_CLEANUP int ours = -1;
    FD_CLEANUP int other = -1;
    struct server *server = client->server;
    struct advertisement *new;

    if (find(server, provider))
        return WS2_EINVAL;
    if (client->n_advertisements >= LIMIT_ADVERTISEMENTS_PER_CLIENT)
        return WS2_EMFILE;
    if (make_pair(&ours, &other) || fd_set_nonblocking(ours))
        return WS2_ENOBUFS;
    new = calloc(1, sizeof *new);
    if (!new)
        return WS2_ENOBUFS;
    loop_source_init(&new->source, source_ready);
    if (loop_add(&server->loop, &new->source, ours, EPOLLIN)) {
        free(new);
        return WS2_ENOBUFS;
    }
    new->server = server;
    new->client = client;
    memcpy(new->provider, provider, sizeof new->provider);
    HASH_ADD(hh, server->advertisements, provider, WIRE_PROVIDER_LENGTH, new);
    list_append(&client->advertisements, &new->in_client);
    client->n_advertisements++;
    new->fd = ours;
    ours = -1;
    *ret_fd = other;
    other = -1;
    return 0;
}

/* Connects a client with the host of a provider.  *ret_fd: the client's end.
   Returns 0, WS2_SERVICE_NOT_FOUND: there is no host; WS2_TRY_AGAIN: it does
   not take those that came before; WS2_ENOBUFS. */
int advertisement_contact(struct client *client, const uint8_t *provider,
                          int *ret_fd)
{
    FD_CLEANUP int hosts = -1;
    FD_CLEANUP int clients = -1;
    struct advertisement *advertisement = find(client->server, provider);
    struct wire_arrival arrival = {
        .unix_pid = client->unix_pid,
        .process_id = client->process_id,
    };

    if (!advertisement)
        return WS2_SERVICE_NOT_FOUND;
    if (make_pair(&hosts, &clients))
        return WS2_ENOBUFS;
    if (frame_send(advertisement->fd, &arrival, sizeof arrival, &hosts, 1))
        return WS2_TRY_AGAIN;
    *ret_fd = clients;
    clients = -1;
    return 0;
}
