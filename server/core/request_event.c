/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests about network events: SELECT, ENUM, REENABLE. */
#include <errno.h>
#include <unistd.h>

#include "core/client.h"
#include "core/event_target.h"
#include "core/holder.h"
#include "core/monitor.h"
#include "core/network_events.h"
#include "core/notifier.h"
#include "core/registration.h"
#include "core/request.h"
#include "core/socket.h"
#include "util/fd.h"

/* Cancels, whoever has registered.  The socket is non-blocking all the same. */
static int cancel(struct socket *socket)
{
    if (socket->registration)
        registration_end(socket->registration);
    socket_change_flags(socket, WIRE_RECORD_NONBLOCKING, 0);
    socket_settle(socket);
    return 0;
}

/* The server writes and reads an eventfd, and must never wait for it. */
static int check_eventfd(int fd)
{
    return fd_is_eventfd(fd) && fd_set_nonblocking(fd) == 0 ? 0 : WS2_EINVAL;
}

static int check_select(const struct request *request,
                        const struct wire_select_request *frame,
                        const struct holder *holder)
{
    bool is_eventfd = frame->kind == WIRE_TARGET_EVENTFD;
    int error;

    if ((frame->mask & ~(uint32_t)WS2_FD_ALL_EVENTS) ||
        frame->kind > WIRE_TARGET_MESSAGE ||
        !holder_has_handle(holder, frame->handle))
        return WS2_EINVAL;
    if (request->n_fds > 0) {
        error = request_check_fd(request, holder->socket->cookie);
        if (error)
            return error;
    }
    if (frame->mask == 0)
        return 0;
    if (frame->kind == WIRE_TARGET_NONE ||
        request->n_fds != (is_eventfd ? 2 : 1))
        return WS2_EINVAL;
    return is_eventfd ? check_eventfd(request->fds[1]) : 0;
}

int request_select(struct request *request,
                   const struct wire_select_request *frame,
                   struct wire_select_reply *reply)
{
    struct client *client = request->client;
    struct event_target *target;
    struct holder *holder;
    struct socket *socket;
    int error = request_find_holder(request, frame->slot, &holder);

    (void)reply;
    if (!error)
        error = check_select(request, frame, holder);
    if (error)
        return error;
    socket = holder->socket;
    if (frame->mask == 0)
        return cancel(socket);
    target = event_target_get(client, frame->kind, frame->target,
                              &request->fds[1]);
    if (!target)
        return WS2_ENOBUFS;
    socket_lend_fd(socket, &request->fds[0]);
    error = registration_make(socket, client, frame->handle, frame->mask,
                              frame->message, target);
    if (error)
        socket_settle(socket);
    return error;
}

static void reset_event(int fd)
{
    uint64_t count;
    ssize_t size;

    do
        size = read(fd, &count, sizeof count);
    while (size < 0 && errno == EINTR);
}

int request_enum(struct request *request, const struct wire_enum_request *frame,
                 struct wire_enum_reply *reply)
{
    struct registration *registration;
    struct holder *holder;
    struct socket *socket;
    int error = request_find_holder(request, frame->slot, &holder);

    if (!error && request->n_fds > 0)
        error = check_eventfd(request->fds[0]);
    if (error)
        return error;
    socket = holder->socket;
    registration = socket->registration;
    if (registration && !registration_is_for_messages(registration)) {
        monitor_look(socket);
        reply->events = network_events_enumerate(
            &socket->events, registration->mask, reply->errors);
        notifier_withdraw(registration); /* it is being told here */
    }
    if (request->n_fds > 0)
        reset_event(request->fds[0]);
    reply->sequence = request->client->notifier.sequence;
    return 0;
}

int request_reenable(struct request *request,
                     const struct wire_reenable_request *frame,
                     struct wire_reenable_reply *reply)
{
    struct holder *holder;
    int error = request_find_holder(request, frame->slot, &holder);

    (void)reply;
    if (!error && (((frame->events | frame->would_block | frame->failed) &
                    ~(uint32_t)WS2_FD_ALL_EVENTS) ||
                   (frame->would_block & ~frame->events) ||
                   (frame->failed & ~frame->events)))
        error = WS2_EINVAL;
    if (!error)
        monitor_reenable(holder->socket, frame->events, frame->would_block,
                         frame->failed);
    return error;
}
