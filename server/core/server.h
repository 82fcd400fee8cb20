/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server's tables: what all objects of core/ can reach.
 *
 * Ownership: the server owns clients, sockets, duplicates and the sets of
 * holdings that forks leave.  A socket lives as long as a holder or a duplicate
 * names it; a registration as long as the descriptor that it was made through.
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/binding.h"
#include "core/network_changes.h"
#include "core/record.h"
#include "util/list.h"
#include "util/loop.h"

struct advertisement;
struct client;
struct duplicate;
struct socket;

/* A record's slot is free (both NULL), granted, or a socket's. */
struct slot {
    struct socket *socket;
    struct client *grantee;
    uint32_t grant_index; /* in grantee->granted */
};

struct server {
    struct loop loop;
    struct record_pool records;
    struct slot *slots;       /* records.count */
    struct socket *sockets;   /* hash by cookie */
    struct list clients;      /* by serial */
    struct list ending;       /* clients to be freed at the end of the turn */
    struct client *forked;    /* hash of unclaimed holdings by fork token */
    struct list duplicates;   /* by serial */
    struct duplicate *tokens; /* hash of the duplicates by token */
    struct advertisement *advertisements; /* hash by provider */
    struct binding_table bindings;
    struct list reservations; /* of ports */
    struct network_changes changes;
    uint32_t n_clients;
    uint32_t n_duplicates;
    uint32_t n_reserved; /* ports */
    uint64_t last_serial; /* of clients and duplicates, for listing */
};

int server_init(struct server *server);
void server_deinit(struct server *server);
int server_add_connection(struct server *server, int fd);
int server_turn(struct server *server, int timeout_ms);
bool server_is_idle(const struct server *server);

#endif
