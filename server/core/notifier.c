/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The channel of notifications to one client.
 *
 * Nothing is queued here: a question that finds no room is refused, and what
 * else is to be sent is kept where it belongs, as bits
 * of a registration, so the notifications of one socket coalesce while a client
 * is slow to read, and a registration that ends takes them with it.  Only the
 * event handles to be forgotten add up, up to a limit that ends the client.
 * Sequence numbers are given out when a notification is sent.
 */
#include "core/notifier.h"

#include <errno.h>
#include <sys/socket.h>

#include <ws2emu/wire.h>

#include "core/client.h"
#include "core/event_target.h"
#include "core/limits.h"
#include "core/registration.h"
#include "core/server.h"
#include "core/socket.h"
#include "util/fd.h"
#include "wire/frame.h"

static void notifier_ready(struct loop_source *source, uint32_t events);

/* Makes a notifier that nobody has subscribed to. */
void notifier_init(struct notifier *notifier)
{
    notifier->fd = -1;
    notifier->blocked = false;
    notifier->sequence = 0;
    notifier->n_forgets = 0;
    loop_source_init(&notifier->source, notifier_ready);
    list_init(&notifier->unsent);
    list_init(&notifier->forgets);
}

static void unsubscribe(struct client *client)
{
    loop_remove(&client->server->loop, &client->notifier.source);
    fd_close(&client->notifier.fd);
}

/* Ends a notifier whose client has no registration any more. */
void notifier_deinit(struct client *client)
{
    struct notifier *notifier = &client->notifier;
    struct list *link, *following;

    unsubscribe(client);
    list_for_each(link, following, &notifier->forgets)
        event_target_free(list_entry(link, struct event_target, link));
    notifier->n_forgets = 0;
}

/* Sends one, with a copy of fd unless it is -1.  Returns 0, or -errno with the
   notification unsent. */
static int send_one(struct client *client,
                    struct wire_notification *notification, int fd)
{
    struct notifier *notifier = &client->notifier;
    int error;

    notification->sequence = notifier->sequence + 1;
    error = frame_send(notifier->fd, notification, sizeof *notification, &fd,
                       fd >= 0);
    if (!error)
        notifier->sequence++;
    return error;
}

static int send_registration(struct registration *registration)
{
    /* Winsock posts CONNECT and READ before WRITE. */
    static const uint32_t order[] = {
        WS2_FD_CONNECT, WS2_FD_ACCEPT, WS2_FD_READ, WS2_FD_OOB, WS2_FD_WRITE,
        WS2_FD_CLOSE,
    };
    const int32_t *errors = registration->socket->events.errors;
    struct wire_notification notification = {
        .handle = registration->handle,
        .target = registration->target->word,
        .kind = WIRE_NOTIFY_EVENT,
    };
    int error = 0;
    unsigned i;

    if (registration->target->kind == WIRE_TARGET_EVENT) {
        error = send_one(registration->client, &notification, -1);
        if (!error)
            registration->unsent = 0;
        return error;
    }
    notification.kind = WIRE_NOTIFY_MESSAGE;
    notification.message = registration->message;
    for (i = 0; i < sizeof order / sizeof order[0] && !error; i++) {
        if (!(registration->unsent & order[i]))
            continue;
        notification.event = order[i];
        notification.error = errors[network_event_index(order[i])];
        error = send_one(registration->client, &notification, -1);
        if (!error)
            registration->unsent &= ~order[i];
    }
    return error;
}

static int send_all(struct client *client)
{
    struct notifier *notifier = &client->notifier;
    struct list *link, *following;
    int error;

    list_for_each(link, following, &notifier->unsent) {
        error = send_registration(
            list_entry(link, struct registration, in_unsent));
        if (error)
            return error;
        list_remove(link);
    }
    list_for_each(link, following, &notifier->forgets) {
        struct event_target *target =
            list_entry(link, struct event_target, link);
        struct wire_notification notification = {
            .target = target->word,
            .kind = WIRE_NOTIFY_FORGET,
        };

        error = send_one(client, &notification, -1);
        if (error)
            return error;
        event_target_free(target);
        notifier->n_forgets--;
    }
    return 0;
}

/* Sends what the channel takes, and waits for room for the rest. */
static void flush(struct client *client)
{
    struct notifier *notifier = &client->notifier;
    int error;

    if (notifier->fd < 0 || notifier->blocked)
        return;
    error = send_all(client);
    if (error == -EAGAIN) {
        notifier->blocked = true;
        error = loop_modify(&client->server->loop, &notifier->source, EPOLLOUT);
    }
    if (error)
        unsubscribe(client); /* it has closed its end */
}

static void notifier_ready(struct loop_source *source, uint32_t events)
{
    struct client *client = list_entry(source, struct client, notifier.source);
    struct notifier *notifier = &client->notifier;

    if (events & (EPOLLHUP | EPOLLERR)) {
        unsubscribe(client);
        return;
    }
    notifier->blocked = false;
    if (loop_modify(&client->server->loop, source, 0) == 0)
        flush(client);
}

/*
 * Opens the channel; *ret_peer is the client's end and the caller's to close.
 * What has collected is sent.  Returns 0, WS2_EINVAL when the client has one,
 * or WS2_ENOBUFS.
 */
int notifier_subscribe(struct client *client, int *ret_peer)
{
    struct notifier *notifier = &client->notifier;
    int ends[2];

    if (notifier->fd >= 0)
        return WS2_EINVAL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return WS2_ENOBUFS;
    /* Only our end: the client decides how it waits at its own. */
    if (fd_set_nonblocking(ends[0]) ||
        loop_add(&client->server->loop, &notifier->source, ends[0], 0)) {
        fd_close(&ends[0]);
        fd_close(&ends[1]);
        return WS2_ENOBUFS;
    }
    notifier->fd = ends[0];
    notifier->blocked = false;
    *ret_peer = ends[1];
    flush(client);
    return 0;
}

/* Notifies the registration's owner of the events. */
void notifier_post(struct registration *registration, uint32_t events)
{
    struct client *client = registration->client;

    registration->unsent |= events;
    if (list_is_empty(&registration->in_unsent))
        list_append(&client->notifier.unsent, &registration->in_unsent);
    flush(client);
}

/* Takes back what was not sent yet. */
void notifier_withdraw(struct registration *registration)
{
    registration->unsent = 0;
    list_remove(&registration->in_unsent);
}

/* Has the client told that a target is not used any more, and frees it. */
void notifier_forget(struct client *client, struct event_target *target)
{
    struct notifier *notifier = &client->notifier;

    list_append(&notifier->forgets, &target->link);
    if (++notifier->n_forgets > LIMIT_FORGETS_PER_CLIENT)
        client_end(client, "does not read its notifications");
    else
        flush(client);
}

/*
 * Has the client asked to show what it has under a SOCKET, and maybe to close
 * it, through a descriptor that stays the caller's.  Returns 0, WS2_EINVAL when
 * the client has not subscribed, or WS2_ENOBUFS when it does not read what it
 * is sent.
 */
int notifier_ask_to_show(struct client *client, uint64_t handle, bool closes,
                         int fd)
{
    struct wire_notification notification = {
        .handle = handle,
        .kind = WIRE_NOTIFY_SHOW,
        .message = closes,
    };

    if (client->notifier.fd < 0)
        return WS2_EINVAL;
    return client->notifier.blocked || send_one(client, &notification, fd)
               ? WS2_ENOBUFS
               : 0;
}
