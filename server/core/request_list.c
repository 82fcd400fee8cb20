/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The LIST request: the server's tables, one row for each request.
 *
 * A cursor says where the search for the next row begins, in terms that stay
 * true while the tables change: slots and serial numbers.  A reply without a
 * next cursor has no row.
 */
#include <string.h>

#include "core/client.h"
#include "core/duplicate.h"
#include "core/event_target.h"
#include "core/holder.h"
#include "core/registration.h"
#include "core/request.h"
#include "core/server.h"
#include "core/socket.h"

/* HOLDERS: the slot above, the ordinal of the descriptor below. */
enum { CURSOR_SLOT_SHIFT = 32 };

static void describe_socket(const struct socket *socket,
                            struct wire_list_row *row)
{
    row->cookie = socket->cookie;
    row->slot = socket->slot;
    row->family = socket->kind.family;
    row->type = socket->kind.type;
    row->protocol = socket->kind.protocol;
    row->flags = socket->record->flags;
    row->holders = socket_count_descriptors(socket);
    row->duplicates = socket->n_duplicates;
    row->pending = socket->events.pending;
}

static void describe_client(const struct client *client,
                            struct wire_list_row *row)
{
    row->unix_pid = client->unix_pid;
    row->process_id = client->process_id;
    memcpy(row->program, client->program, sizeof row->program);
}

/* The next slot with a socket, from `slot` on; or the number of slots. */
static uint32_t next_socket(const struct server *server, uint64_t slot)
{
    while (slot < server->records.count && !server->slots[slot].socket)
        slot++;
    return slot < server->records.count ? (uint32_t)slot
                                        : server->records.count;
}

static void list_sockets(const struct server *server, uint64_t cursor,
                         struct wire_list_reply *reply)
{
    uint32_t slot = next_socket(server, cursor);
    const struct registration *registration;
    const struct socket *socket;

    if (slot == server->records.count)
        return;
    socket = server->slots[slot].socket;
    registration = socket->registration;
    describe_socket(socket, &reply->row);
    if (registration) {
        describe_client(registration->client, &reply->row);
        reply->row.handle = registration->handle;
        reply->row.mask = registration->mask;
        reply->row.kind = registration->target->kind;
    }
    reply->next = (uint64_t)slot + 1;
}

/* The descriptor with the ordinal among those of connected clients. */
static const struct holder *nth_descriptor(const struct socket *socket,
                                           uint32_t ordinal,
                                           uint64_t *ret_handle)
{
    struct list *link, *following;

    list_for_each(link, following, &socket->holders) {
        const struct holder *holder =
            list_entry(link, struct holder, in_socket);

        if (holder->client->state != CLIENT_READY)
            continue;
        if (ordinal < holder->n_handles) {
            *ret_handle = holder->handles[ordinal];
            return holder;
        }
        ordinal -= holder->n_handles;
    }
    return NULL;
}

static void list_holders(const struct server *server, uint64_t cursor,
                         struct wire_list_reply *reply)
{
    uint64_t slot = cursor >> CURSOR_SLOT_SHIFT;
    uint32_t ordinal = (uint32_t)cursor;

    for (;; slot++, ordinal = 0) {
        const struct holder *holder;
        uint32_t found = next_socket(server, slot);

        if (found == server->records.count)
            return;
        if (found != slot)
            ordinal = 0;
        slot = found;
        holder = nth_descriptor(server->slots[slot].socket, ordinal,
                                &reply->row.handle);
        if (!holder)
            continue;
        describe_socket(holder->socket, &reply->row);
        describe_client(holder->client, &reply->row);
        reply->next = (slot << CURSOR_SLOT_SHIFT) + ordinal + 1;
        return;
    }
}

static void list_duplicates(const struct server *server, uint64_t cursor,
                            struct wire_list_reply *reply)
{
    struct list *link, *following;

    list_for_each(link, following, &server->duplicates) {
        const struct duplicate *duplicate =
            list_entry(link, struct duplicate, link);

        if (duplicate->serial <= cursor)
            continue;
        describe_socket(duplicate->socket, &reply->row);
        reply->row.unix_pid = duplicate->source_unix_pid;
        reply->row.process_id = duplicate->process_id;
        memcpy(reply->row.program, duplicate->source_program,
               sizeof reply->row.program);
        reply->next = duplicate->serial;
        return;
    }
}

static void list_clients(const struct server *server, uint64_t cursor,
                         struct wire_list_reply *reply)
{
    struct list *link, *following;

    list_for_each(link, following, &server->clients) {
        const struct client *client = list_entry(link, struct client, link);

        if (client->serial <= cursor || client->state != CLIENT_READY)
            continue;
        describe_client(client, &reply->row);
        reply->row.holders = client->n_descriptors;
        reply->row.duplicates = client->n_duplicates;
        reply->next = client->serial;
        return;
    }
}

int request_list(struct request *request, const struct wire_list_request *frame,
                 struct wire_list_reply *reply)
{
    const struct server *server = request->client->server;

    switch (frame->section) {
    case WIRE_LIST_SOCKETS: list_sockets(server, frame->cursor, reply); break;
    case WIRE_LIST_HOLDERS: list_holders(server, frame->cursor, reply); break;
    case WIRE_LIST_DUPLICATES:
        list_duplicates(server, frame->cursor, reply);
        break;
    case WIRE_LIST_CLIENTS: list_clients(server, frame->cursor, reply); break;
    default: return WS2_EINVAL;
    }
    return 0;
}
