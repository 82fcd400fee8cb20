/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clients: the processes that use the server; see client.c. */
#ifndef CORE_CLIENT_H
#define CORE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include <ws2emu/wire.h>

#include "core/notifier.h"
#include "util/list.h"
#include "util/loop.h"

struct event_target;
struct holder;
struct server;

enum client_state {
    CLIENT_NEW,    /* connected, HELLO is to come */
    CLIENT_READY,
    CLIENT_FORKED, /* no connection: holdings that wait for a fork's child */
    CLIENT_ENDING, /* freed at the end of the turn */
};

struct client {
    struct list link; /* in server.clients or server.ending */
    struct server *server;
    enum client_state state;
    uint64_t serial;
    int fd; /* -1 when FORKED */
    struct loop_source source;

    /* Who it is.  A native process calls itself by its unix pid; process ids
       of Windows have a name space of their own. */
    uint32_t unix_pid;
    uint32_t process_id;
    bool native;
    char program[WIRE_PROGRAM_LENGTH];

    /* What it has. */
    uint32_t *granted; /* slots granted and not used */
    uint32_t n_granted;
    uint32_t granted_room;
    struct holder *holders; /* hash by slot */
    uint32_t n_descriptors;
    struct list registrations;
    struct event_target *targets; /* hash by word */
    struct notifier notifier;
    struct list duplicates_made;
    struct list duplicates_awaited;
    uint32_t n_duplicates; /* made */
    struct list advertisements;
    uint32_t n_advertisements;

    /* Forks: of a client, its children to be; of a FORKED one, its own. */
    struct list forks;
    uint32_t n_forks;
    struct list in_parent;
    struct client *parent;
    uint64_t fork_token;
    UT_hash_handle hh; /* in server.forked */
    struct loop_timer fork_timer;
};

struct client *client_new(struct server *server, int fd, uint32_t unix_pid);
void client_ready(struct client *client);
void client_end(struct client *client, const char *reason);
void client_free(struct client *client);
struct client *client_find(const struct client *asker, uint32_t process_id);
bool client_has_hung_up(const struct client *client);

int client_grant(struct client *client, uint32_t *slots, uint32_t *ret_count);
bool client_is_granted(const struct client *client, uint32_t slot);
void client_use_grant(struct client *client, uint32_t slot);

int client_fork(struct client *client, uint64_t *ret_token);
int client_claim_fork(struct client *client, uint64_t token);

#endif
