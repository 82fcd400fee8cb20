/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A socket: the object that all its descriptors share; see socket.c. */
#ifndef CORE_SOCKET_H
#define CORE_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include <ws2emu/wire.h>

#include "core/network_events.h"
#include "util/list.h"
#include "util/loop.h"

struct binding;
struct registration;
struct server;

/* What the client that made the socket says of it. */
struct socket_kind {
    uint32_t family;
    uint32_t type;
    uint32_t protocol;
    uint32_t flags; /* WSA_FLAG_* */
};

/* Of AF_UNIX, as the program gave it. */
struct socket_name {
    uint32_t length;
    char path[WIRE_PATH_LENGTH];
};

struct socket {
    UT_hash_handle hh; /* in server.sockets */
    struct server *server;
    uint64_t cookie;
    uint32_t slot;
    struct wire_record *record;
    struct socket_kind kind;
    struct list holders;
    struct list duplicates;
    uint32_t n_duplicates;
    struct binding *binding;           /* or NULL */
    struct socket_name *local_name;    /* or NULL */
    struct socket_name *peer_name;     /* or NULL */
    struct registration *registration; /* or NULL */
    struct network_events events;
    /* The server's own descriptor; -1 while no registration and no duplicate
       needs one, so that the last descriptor elsewhere is the last one. */
    int fd;
    struct loop_source source; /* watched while registered */
    uint32_t watched_events;
    uint32_t awaited_changes; /* FD_*, see network_changes.c */
    struct list in_awaiting;
    uint32_t taken; /* FD_*: of all holders */
    uint32_t put_aside; /* of all holders */
};

struct socket *socket_new(struct server *server, uint32_t slot,
                          uint64_t cookie, const struct socket_kind *kind);
struct socket *socket_find(const struct server *server, uint64_t cookie);
void socket_settle(struct socket *socket);
void socket_free(struct socket *socket);
void socket_lend_fd(struct socket *socket, int *fd);
void socket_change_flags(struct socket *socket, uint32_t set, uint32_t clear);
bool socket_has_flag(const struct socket *socket, uint32_t flag);
bool socket_option_differs(const struct socket *socket, uint32_t option);
void socket_inherit(struct socket *socket, const struct socket *parent);
void socket_forget_address(struct socket *socket);
void socket_restore(struct socket *socket, const struct wire_record *record);
int socket_set_option(struct socket *socket, uint32_t option, uint32_t value);
int socket_set(struct socket *socket, uint32_t property, uint64_t value);
bool socket_is_datagram(const struct socket *socket);
bool socket_connects_at_once(const struct socket *socket);
bool socket_is_in_use(const struct socket *socket);
uint32_t socket_count_descriptors(const struct socket *socket);

#endif
