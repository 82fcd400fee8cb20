/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holders.
 *
 * Losing a descriptor ends the registration that was made through it; losing
 * the last one of a client ends the holder.  Neither settles the socket: the
 * caller does, when it no longer needs it.
 */
#include "core/holder.h"

#include <stdlib.h>
#include <string.h>

#include <ws2emu/constants.h>

#include "core/client.h"
#include "core/limits.h"
#include "core/monitor.h"
#include "core/registration.h"
#include "core/socket.h"

/* The client's holder of the socket in a slot, or NULL. */
struct holder *holder_find(const struct client *client, uint32_t slot)
{
    struct holder *found;

    HASH_FIND(hh, client->holders, &slot, sizeof slot, found);
    return found;
}

static uint32_t find_handle(const struct holder *holder, uint64_t handle)
{
    uint32_t i = 0;

    while (i < holder->n_handles && holder->handles[i] != handle)
        i++;
    return i;
}

bool holder_has_handle(const struct holder *holder, uint64_t handle)
{
    return find_handle(holder, handle) < holder->n_handles;
}

static struct holder *holder_new(struct client *client, struct socket *socket)
{
    struct holder *new = calloc(1, sizeof *new);

    if (!new)
        return NULL;
    new->client = client;
    new->socket = socket;
    new->slot = socket->slot;
    HASH_ADD(hh, client->holders, slot, sizeof new->slot, new);
    list_append(&socket->holders, &new->in_socket);
    return new;
}

static int make_room(struct holder *holder)
{
    uint32_t room = holder->room ? 2 * holder->room : 1;
    uint64_t *handles;

    if (holder->n_handles < holder->room)
        return 0;
    handles = realloc(holder->handles, room * sizeof *handles);
    if (!handles)
        return WS2_ENOBUFS;
    holder->handles = handles;
    holder->room = room;
    return 0;
}

/*
 * Adds a descriptor of the socket to what the client holds.  A granted slot
 * counts as one: its socket must not be refused when it comes.
 * Returns 0, WS2_EMFILE at the client's limit, or WS2_ENOBUFS.
 */
int holder_add(struct client *client, struct socket *socket, uint64_t handle)
{
    struct holder *holder = holder_find(client, socket->slot);

    if (client->n_descriptors + client->n_granted >=
        LIMIT_DESCRIPTORS_PER_CLIENT)
        return WS2_EMFILE;
    if (!holder)
        holder = holder_new(client, socket);
    if (!holder)
        return WS2_ENOBUFS;
    if (make_room(holder)) {
        if (holder->n_handles == 0)
            holder_free(holder);
        return WS2_ENOBUFS;
    }
    holder->handles[holder->n_handles++] = handle;
    client->n_descriptors++;
    return 0;
}

/* Names a descriptor that OPEN has made.  Returns 0, or WS2_EINVAL when there
   is none without a name or the name is taken. */
int holder_name_handle(struct holder *holder, uint64_t handle)
{
    uint32_t i = find_handle(holder, 0);

    if (i == holder->n_handles || handle == 0 ||
        holder_has_handle(holder, handle))
        return WS2_EINVAL;
    holder->handles[i] = handle;
    return 0;
}

static void end_registration_of(struct holder *holder, uint64_t handle)
{
    struct registration *registration = holder->socket->registration;

    if (registration && registration->client == holder->client &&
        registration->handle == handle)
        registration_end(registration);
}

/* Takes a descriptor away; with the last one the holder is freed.  Returns 0,
   or WS2_EINVAL when there is no such descriptor. */
int holder_release(struct holder *holder, uint64_t handle)
{
    uint32_t i = find_handle(holder, handle);

    if (i == holder->n_handles)
        return WS2_EINVAL;
    end_registration_of(holder, handle);
    holder->handles[i] = holder->handles[--holder->n_handles];
    holder->client->n_descriptors--;
    if (holder->n_handles == 0)
        holder_free(holder);
    return 0;
}

/* What arrives goes to operations that pend in a holder's process, if in one
   at all: the others see none of it. */
void holder_set_taken(struct holder *holder, uint32_t events)
{
    struct socket *socket = holder->socket;
    struct list *link, *following;
    uint32_t taken = 0;

    holder->taken = events;
    list_for_each (link, following, &socket->holders)
        taken |= list_entry(link, struct holder, in_socket)->taken;
    if (taken == socket->taken)
        return;
    socket->taken = taken;
    monitor_look(socket);
}

/* Connections that a holder's process has taken out of the kernel's queue and
   keeps for a later accept are in the listener's queue to all. */
void holder_set_put_aside(struct holder *holder, uint32_t count)
{
    struct socket *socket = holder->socket;

    if (count == holder->put_aside)
        return;
    socket->put_aside += count - holder->put_aside;
    holder->put_aside = count;
    monitor_look(socket);
}

/* Takes all descriptors of the holder away. */
void holder_free(struct holder *holder)
{
    struct registration *registration = holder->socket->registration;

    if (registration && registration->client == holder->client)
        registration_end(registration);
    holder_set_taken(holder, 0);
    holder_set_put_aside(holder, 0);
    holder->client->n_descriptors -= holder->n_handles;
    HASH_DELETE(hh, holder->client->holders, holder);
    list_remove(&holder->in_socket);
    free(holder->handles);
    free(holder);
}

/* Gives a client a copy of everything that another one holds, under the same
   handles.  Returns 0, or WS2_ENOBUFS with a part of it copied. */
int holder_copy_all(struct client *to, const struct client *from)
{
    const struct holder *holder;
    uint32_t i;
    int error;

    for (holder = from->holders; holder; holder = holder->hh.next) {
        for (i = 0; i < holder->n_handles; i++) {
            error = holder_add(to, holder->socket, holder->handles[i]);
            if (error)
                return error;
        }
    }
    return 0;
}
