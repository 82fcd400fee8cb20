/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The channel of notifications to one client; see notifier.c. */
#ifndef CORE_NOTIFIER_H
#define CORE_NOTIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"
#include "util/loop.h"

struct client;
struct event_target;
struct registration;

struct notifier {
    int fd; /* -1: the client has not subscribed */
    struct loop_source source;
    bool blocked;         /* the channel is full: EPOLLOUT is awaited */
    uint64_t sequence;    /* of the last notification sent */
    struct list unsent;   /* registrations with notifications to send */
    struct list forgets;  /* event targets to be forgotten */
    unsigned n_forgets;
};

void notifier_init(struct notifier *notifier);
void notifier_deinit(struct client *client);
int notifier_subscribe(struct client *client, int *ret_peer);
void notifier_post(struct registration *registration, uint32_t events);
void notifier_withdraw(struct registration *registration);
int notifier_ask_to_show(struct client *client, uint64_t handle, bool closes,
                         int fd);
void notifier_forget(struct client *client, struct event_target *target);

#endif
