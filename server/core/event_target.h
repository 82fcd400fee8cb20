/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Event targets: what a registration signals.
 *
 * An event handle (EVENT) is the client's own word: registrations of a client
 * that name the same one share a target, and the client is told to forget the
 * handle when the last of them ends.  An eventfd (EVENTFD) is signalled here
 * and closed with its last registration.  A window (MESSAGE) is a word as well.
 */
#ifndef CORE_EVENT_TARGET_H
#define CORE_EVENT_TARGET_H

#include <stdint.h>

#include <uthash.h>

#include "util/list.h"

struct client;

struct event_target {
    UT_hash_handle hh; /* EVENT: in client.targets, by word */
    struct list link;  /* in notifier.forgets, when it has no reference */
    struct client *client;
    uint32_t kind; /* enum wire_target_kind */
    uint64_t word;
    int eventfd; /* or -1 */
    unsigned references;
};

struct event_target *event_target_get(struct client *client, uint32_t kind,
                                      uint64_t word, int *eventfd);
struct event_target *event_target_hold(struct event_target *target);
void event_target_release(struct event_target *target);
void event_target_free(struct event_target *target);
void event_target_signal(const struct event_target *target);

#endif
