/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one event registration of a socket; see registration.c. */
#ifndef CORE_REGISTRATION_H
#define CORE_REGISTRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct client;
struct event_target;
struct observation;
struct socket;

struct registration {
    struct list in_client; /* client.registrations */
    struct list in_unsent; /* notifier.unsent, while unsent != 0 */
    struct socket *socket;
    struct client *client;
    uint64_t handle; /* the descriptor that it was made through */
    uint32_t mask;   /* FD_*, not 0 */
    uint32_t message;
    struct event_target *target;
    uint32_t unsent; /* events of which the client has still to be told */
};

int registration_make(struct socket *socket, struct client *client,
                      uint64_t handle, uint32_t mask, uint32_t message,
                      struct event_target *target);
void registration_inherit(struct socket *socket, struct client *client,
                          uint64_t handle, const struct registration *parent);
void registration_end(struct registration *registration);
void registration_note_handle_closed(struct socket *socket);
void registration_report(struct registration *registration,
                         const struct observation *now, uint32_t recorded);
bool registration_is_for_messages(const struct registration *registration);
bool registration_wants_space(const struct registration *registration);

#endif
