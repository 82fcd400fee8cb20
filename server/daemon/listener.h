/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The socket where clients connect; see listener.c. */
#ifndef DAEMON_LISTENER_H
#define DAEMON_LISTENER_H

#include <stdbool.h>

#include "util/loop.h"

struct place;
struct server;

struct listener {
    struct server *server;
    const struct place *place;
    int fd;
    int spare_fd; /* given up to refuse a connection when there is no other */
    struct loop_source source;
    struct loop_timer idle;
    bool leaving; /* the server may end */
};

int listener_init(struct listener *listener, struct server *server,
                  const struct place *place);
void listener_deinit(struct listener *listener);
void listener_check_idle(struct listener *listener);

#endif
