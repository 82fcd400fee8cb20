/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NAME: the names of AF_UNIX sockets.
 *
 * The kernel knows such a socket by a path of its own world, which may be one
 * that means something in the binding process alone.  So what the programs
 * called it is kept here, for holders who were not there.
 */
#include <stdlib.h>
#include <string.h>

#include "core/holder.h"
#include "core/request.h"
#include "core/socket.h"

/* The name that the frame speaks of, made when it is to be set. */
static struct socket_name **find_name(struct socket *socket, uint16_t side)
{
    switch (side) {
    case WIRE_NAME_LOCAL: return &socket->local_name;
    case WIRE_NAME_PEER: return &socket->peer_name;
    default: return NULL;
    }
}

static int set_name(struct socket_name **name,
                    const struct wire_name_request *frame)
{
    if (!*name)
        *name = calloc(1, sizeof **name);
    if (!*name)
        return WS2_ENOBUFS;
    (*name)->length = frame->path_length;
    memcpy((*name)->path, frame->path, frame->path_length);
    return 0;
}

int request_name(struct request *request, const struct wire_name_request *frame,
                 struct wire_name_reply *reply)
{
    struct socket_name **name;
    struct holder *holder;
    int error = request_find_holder(request, frame->slot, &holder);

    if (error)
        return error;
    name = find_name(holder->socket, frame->side);
    if (!name || frame->set > 1 || frame->path_length > sizeof frame->path ||
        holder->socket->kind.family != WS2_AF_UNIX)
        return WS2_EINVAL;
    if (frame->set)
        return set_name(name, frame);
    if (*name) {
        reply->known = 1;
        reply->path_length = (*name)->length;
        memcpy(reply->path, (*name)->path, (*name)->length);
    }
    return 0;
}
