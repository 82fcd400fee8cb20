/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reservations of ports; see reservation.c. */
#ifndef CORE_RESERVATION_H
#define CORE_RESERVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct binding_address;
struct client;
struct server;
struct socket;

/* A block of ports of one protocol, in host order. */
struct port_range {
    uint32_t protocol; /* WS2_IPPROTO_TCP, WS2_IPPROTO_UDP */
    uint16_t first, count;
};

struct reservation {
    struct list link; /* in server.reservations */
    struct server *server;
    struct socket *owner;
    uint64_t client; /* the serial of the one that may consume it */
    uint64_t token;
    struct port_range range;
    int *fds; /* range.count */
};

int reservation_acquire(struct client *client, struct socket *owner,
                        struct port_range *range, uint64_t *ret_token);
int reservation_renew(struct client *client, struct socket *owner,
                      const struct port_range *range, uint64_t token);
int reservation_associate(const struct client *client, struct socket *socket,
                          uint32_t protocol, uint64_t token);
int reservation_release(const struct client *client, uint32_t protocol,
                        uint64_t token);
int reservation_allow(const struct socket *socket, uint32_t protocol,
                      struct binding_address *address);
bool reservation_has(const struct server *server, uint32_t protocol,
                     uint16_t port);
void reservation_move(struct socket *from, struct socket *to);
void reservation_end_of(struct socket *owner);

#endif
