/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Event targets; see event_target.h. */
#include "core/event_target.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <ws2emu/wire.h>

#include "core/client.h"
#include "core/notifier.h"
#include "util/fd.h"

static struct event_target *find(struct client *client, uint64_t word)
{
    struct event_target *found;

    HASH_FIND(hh, client->targets, &word, sizeof word, found);
    return found;
}

/*
 * A reference to the client's target of the kind.  EVENTFD takes over
 * *eventfd, which becomes -1.  Returns NULL when there is no memory.
 */
struct event_target *event_target_get(struct client *client, uint32_t kind,
                                      uint64_t word, int *eventfd)
{
    struct event_target *target = NULL;

    if (kind == WIRE_TARGET_EVENT)
        target = find(client, word);
    if (target)
        return event_target_hold(target);
    target = calloc(1, sizeof *target);
    if (!target)
        return NULL;
    list_init(&target->link);
    target->client = client;
    target->kind = kind;
    target->word = word;
    target->eventfd = -1;
    target->references = 1;
    if (kind == WIRE_TARGET_EVENTFD) {
        target->eventfd = *eventfd;
        *eventfd = -1;
    }
    if (kind == WIRE_TARGET_EVENT)
        HASH_ADD(hh, client->targets, word, sizeof target->word, target);
    return target;
}

/* Takes a reference more; returns the target. */
struct event_target *event_target_hold(struct event_target *target)
{
    target->references++;
    return target;
}

/* Gives a reference back.  With the last one the target goes; an event handle
   once the client has been told. */
void event_target_release(struct event_target *target)
{
    if (--target->references > 0)
        return;
    if (target->kind == WIRE_TARGET_EVENT) {
        HASH_DELETE(hh, target->client->targets, target);
        notifier_forget(target->client, target);
    } else
        event_target_free(target);
}

/* Frees a target without a reference. */
void event_target_free(struct event_target *target)
{
    list_remove(&target->link);
    fd_close(&target->eventfd);
    free(target);
}

/* Signals the eventfd.  It is non-blocking: when its counter is full it is
   signalled already. */
void event_target_signal(const struct event_target *target)
{
    const uint64_t one = 1;
    ssize_t written;

    do
        written = write(target->eventfd, &one, sizeof one);
    while (written < 0 && errno == EINTR);
}
