/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests about sockets and who holds them: REGISTER, ATTACH, RELEASE,
 * DUPLICATE, OPEN, HANDLE, SET, BIND.
 *
 * A client may name only slots that it was granted or of whose socket it has a
 * descriptor.  A descriptor that comes with a request proves which socket it
 * is by its cookie.
 */
#include <fcntl.h>

#include "core/client.h"
#include "core/duplicate.h"
#include "core/holder.h"
#include "core/registration.h"
#include "core/request.h"
#include "core/reservation.h"
#include "core/server.h"
#include "core/socket.h"
#include "util/fd.h"

/* The client's holder of the socket in the slot.  Returns 0 or WS2_EINVAL. */
int request_find_holder(struct request *request, uint32_t slot,
                        struct holder **ret_holder)
{
    request->slot = slot;
    *ret_holder = holder_find(request->client, slot);
    return *ret_holder ? 0 : WS2_EINVAL;
}

/* Whether the request's first descriptor is the socket with the cookie.
   Returns 0, WS2_ENOTSOCK or WS2_EINVAL. */
int request_check_fd(const struct request *request, uint64_t cookie)
{
    uint64_t actual;

    if (fd_cookie(request->fds[0], &actual))
        return WS2_ENOTSOCK;
    return actual == cookie ? 0 : WS2_EINVAL;
}

/* Makes a socket in a granted slot, with its first descriptor.  Returns 0 or
   an error, with the slot still granted. */
static int make_socket(struct client *client, uint32_t slot, uint64_t cookie,
                       uint64_t handle, const struct socket_kind *kind,
                       struct socket **ret_socket)
{
    struct socket *socket;
    int error;

    if (!client_is_granted(client, slot) || cookie == 0 ||
        socket_find(client->server, cookie))
        return WS2_EINVAL;
    socket = socket_new(client->server, slot, cookie, kind);
    if (!socket)
        return WS2_ENOBUFS;
    client_use_grant(client, slot);
    error = holder_add(client, socket, handle);
    if (error) {
        socket_free(socket); /* with it goes the slot */
        return error;
    }
    *ret_socket = socket;
    return 0;
}

/* A listener's state and registration for the socket that it has accepted, or
   those of a socket for the one that takes its place. */
static void inherit(struct request *request, struct socket *socket,
                    uint64_t handle, uint32_t parent_slot)
{
    struct client *client = request->client;
    struct holder *holder = holder_find(client, parent_slot);
    const struct registration *registration;
    bool takes_place;

    if (!socket_is_datagram(socket))
        socket_change_flags(socket, WIRE_RECORD_ACCEPTED, 0);
    if (!holder)
        return; /* another thread has closed the listener by now */
    socket_inherit(socket, holder->socket);
    takes_place = holder_has_handle(holder, handle);
    if (takes_place)
        reservation_move(holder->socket, socket);
    else
        socket_forget_address(socket);
    if (request->n_fds == 0 || request_check_fd(request, socket->cookie))
        return;
    socket_lend_fd(socket, &request->fds[0]);
    registration = holder->socket->registration;
    if (registration && registration->client == client)
        registration_inherit(socket, client, handle, registration);
    if (takes_place) {
        duplicate_move_all(holder->socket, socket);
        socket_settle(holder->socket); /* the holder is left */
    }
    socket_settle(socket);
}

/* One descriptor fewer. */
static int release(struct holder *holder, uint64_t handle)
{
    struct socket *socket = holder->socket;
    int error = holder_release(holder, handle);

    if (!error)
        socket_settle(socket);
    return error;
}

/* The socket that was the SOCKET's until now, if the client still has it. */
static void release_former(struct client *client, uint32_t slot,
                           uint64_t handle)
{
    struct holder *holder = holder_find(client, slot);

    if (holder)
        (void)release(holder, handle);
}

int request_register(struct request *request,
                     const struct wire_register_request *frame,
                     struct wire_register_reply *reply)
{
    const struct socket_kind kind = {
        .family = frame->family,
        .type = frame->type,
        .protocol = frame->protocol,
        .flags = frame->socket_flags,
    };
    struct socket *socket;
    int error;

    (void)reply;
    request->slot = frame->slot;
    if (frame->handle == 0)
        return WS2_EINVAL;
    if (request->n_fds > 0) {
        error = request_check_fd(request, frame->cookie);
        if (error)
            return error;
    }
    error = make_socket(request->client, frame->slot, frame->cookie,
                        frame->handle, &kind, &socket);
    if (error)
        return error;
    if (frame->parent_slot != WIRE_NO_SLOT)
        inherit(request, socket, frame->handle, frame->parent_slot);
    if (frame->former_slot != WIRE_NO_SLOT &&
        frame->former_slot != frame->slot)
        release_former(request->client, frame->former_slot, frame->handle);
    return 0;
}

/* One descriptor more of a socket that is known. */
static int attach_known(struct client *client, struct socket *socket,
                        uint64_t handle)
{
    const struct holder *holder = holder_find(client, socket->slot);

    if (holder && holder_has_handle(holder, handle))
        return 0;
    return holder_add(client, socket, handle);
}

int request_attach(struct request *request,
                   const struct wire_attach_request *frame,
                   struct wire_attach_reply *reply)
{
    const struct socket_kind kind = {
        .family = frame->family,
        .type = frame->type,
        .protocol = frame->protocol,
        .flags = frame->socket_flags,
    };
    struct client *client = request->client;
    struct socket *socket = socket_find(client->server, frame->cookie);
    int error;

    request->slot = frame->slot;
    error = request_check_fd(request, frame->cookie);
    if (!error && frame->handle == 0)
        error = WS2_EINVAL;
    if (error)
        return error;
    reply->known = socket != NULL;
    if (socket)
        error = attach_known(client, socket, frame->handle);
    else
        error = make_socket(client, frame->slot, frame->cookie, frame->handle,
                            &kind, &socket);
    if (error)
        return error;
    if (!reply->known && frame->has_state)
        socket_restore(socket, &frame->record);
    reply->slot = request->slot = socket->slot;
    return 0;
}

int request_release(struct request *request,
                    const struct wire_release_request *frame,
                    struct wire_release_reply *reply)
{
    struct holder *holder;
    struct socket *socket;
    int error = request_find_holder(request, frame->slot, &holder);

    (void)reply;
    if (error)
        return error;
    socket = holder->socket;
    if (frame->behind && holder_has_handle(holder, frame->handle))
        registration_note_handle_closed(socket);
    return release(holder, frame->handle);
}

int request_duplicate(struct request *request,
                      const struct wire_duplicate_request *frame,
                      struct wire_duplicate_reply *reply)
{
    struct holder *holder;
    int error = request_find_holder(request, frame->slot, &holder);

    if (!error)
        error = request_check_fd(request, holder->socket->cookie);
    if (error)
        return error;
    return duplicate_make(request->client, holder->socket, frame->process_id,
                          frame->connected_at, &request->fds[0],
                          &reply->token);
}

int request_open(struct request *request, const struct wire_open_request *frame,
                 struct wire_open_reply *reply)
{
    struct client *client = request->client;
    struct duplicate *duplicate = duplicate_find(client, frame->token);
    struct socket *socket;
    int error;

    if (!duplicate)
        return WS2_EINVAL;
    socket = duplicate->socket;
    request->slot = socket->slot;
    request->reply_fd = fcntl(socket->fd, F_DUPFD_CLOEXEC, 0);
    if (request->reply_fd < 0)
        return WS2_ENOBUFS;
    error = holder_add(client, socket, 0);
    if (error)
        return error;
    reply->cookie = socket->cookie;
    reply->connected_at = duplicate->connected_at;
    reply->slot = socket->slot;
    reply->family = socket->kind.family;
    reply->type = socket->kind.type;
    reply->protocol = socket->kind.protocol;
    reply->socket_flags = socket->kind.flags;
    duplicate_free(duplicate);
    socket_settle(socket);
    return 0;
}

int request_handle(struct request *request,
                   const struct wire_handle_request *frame,
                   struct wire_handle_reply *reply)
{
    struct holder *holder;
    int error = request_find_holder(request, frame->slot, &holder);

    (void)reply;
    return error ? error : holder_name_handle(holder, frame->handle);
}

int request_set(struct request *request, const struct wire_set_request *frame,
                struct wire_set_reply *reply)
{
    struct holder *holder;
    int error = request_find_holder(request, frame->slot, &holder);

    (void)reply;
    if (error)
        return error;
    if (frame->property == WIRE_SET_TAKEN) {
        holder_set_taken(holder, (uint32_t)frame->value);
        return 0;
    }
    if (frame->property == WIRE_SET_PUT_ASIDE) {
        if (frame->value > INT32_MAX)
            return WS2_EINVAL;
        holder_set_put_aside(holder, (uint32_t)frame->value);
        return 0;
    }
    return socket_set(holder->socket, frame->property, frame->value);
}

static enum binding_share share_of(const struct socket *socket)
{
    if (socket_has_flag(socket, WIRE_RECORD_EXCLUSIVE))
        return BINDING_EXCLUSIVE;
    if (socket->record->options.numbers[WIRE_OPTION_PROCESSOR] != 0)
        return BINDING_PROCESSOR;
    return socket_has_flag(socket, WIRE_RECORD_REUSE) ||
                   socket_option_differs(socket, WIRE_OPTION_REUSE_MULTICAST)
               ? BINDING_REUSE
               : BINDING_DEFAULT;
}

static void withdraw(struct binding_table *table, struct socket *socket)
{
    binding_free(table, socket->binding);
    socket->binding = NULL;
    socket_change_flags(socket, 0, WIRE_RECORD_SHARED);
}

int request_bind(struct request *request, const struct wire_bind_request *frame,
                 struct wire_bind_reply *reply)
{
    struct binding_table *table = &request->client->server->bindings;
    struct binding_address address;
    struct holder *holder;
    struct socket *socket;
    uint32_t protocol;
    int error = request_find_holder(request, frame->slot, &holder);

    if (error)
        return error;
    if (frame->address_length > sizeof frame->address)
        return WS2_EINVAL;
    socket = holder->socket;
    if (frame->step == WIRE_BIND_WITHDRAW) {
        withdraw(table, socket);
        return 0;
    }
    if (frame->step != WIRE_BIND_RESERVE && frame->step != WIRE_BIND_RECORD)
        return WS2_EINVAL;
    if (socket->kind.type == WS2_SOCK_STREAM)
        protocol = WS2_IPPROTO_TCP;
    else if (socket->kind.type == WS2_SOCK_DGRAM)
        protocol = WS2_IPPROTO_UDP;
    else
        return 0; /* raw sockets have no ports to share */
    if (socket->kind.family == WS2_AF_UNIX)
        return 0;
    error = binding_read_address(frame->address, frame->address_length,
                                 frame->dual_stack != 0, &address);
    if (error)
        return error;
    if (frame->step == WIRE_BIND_RECORD)
        return binding_record(table, socket, protocol, &address,
                              share_of(socket));
    error = reservation_allow(socket, protocol, &address);
    if (!error)
        error = binding_reserve(table, socket, protocol, &address,
                                share_of(socket));
    reply->port = address.port;
    return error;
}
