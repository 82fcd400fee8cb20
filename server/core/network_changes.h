/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of the machine's network; see network_changes.c. */
#ifndef CORE_NETWORK_CHANGES_H
#define CORE_NETWORK_CHANGES_H

#include <stdint.h>

#include "util/list.h"
#include "util/loop.h"

struct server;
struct socket;

struct network_changes {
    struct list sockets;       /* that await one, by in_awaiting */
    int fd;                    /* the kernel's notices; -1: not listening */
    struct loop_source source;
};

void network_changes_init(struct network_changes *changes);
void network_changes_deinit(struct server *server);
int network_changes_await(struct socket *socket, uint64_t event);
void network_changes_forget(struct socket *socket);

#endif
