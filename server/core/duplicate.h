/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Duplicates under way; see duplicate.c. */
#ifndef CORE_DUPLICATE_H
#define CORE_DUPLICATE_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include <ws2emu/wire.h>

#include "util/list.h"
#include "util/loop.h"

struct client;
struct server;
struct socket;

struct duplicate {
    UT_hash_handle hh;      /* in server.tokens */
    struct list link;       /* in server.duplicates */
    struct list in_socket;
    struct list in_source;  /* while the source is connected */
    struct list in_target;  /* while bound to a connected target */
    struct server *server;
    struct socket *socket;
    struct client *source;  /* NULL when it has left */
    struct client *target;  /* NULL when not (yet) bound to a connection */
    uint64_t serial;
    uint64_t connected_at;
    uint32_t token;
    uint32_t process_id;    /* the target */
    bool native;            /* the target is named by its unix pid */
    uint32_t source_unix_pid;
    char source_program[WIRE_PROGRAM_LENGTH];
    int pidfd;              /* of a native target that is not connected */
    struct loop_source exit_source;
    struct loop_timer timer; /* of a target that may never come */
};

int duplicate_make(struct client *source, struct socket *socket,
                   uint32_t process_id, uint64_t connected_at, int *fd,
                   uint32_t *ret_token);
struct duplicate *duplicate_find(const struct client *target, uint32_t token);
void duplicate_free(struct duplicate *duplicate);
void duplicate_move_all(struct socket *from, struct socket *to);
void duplicate_target_came(struct client *target);
void duplicate_target_left(struct client *target);
void duplicate_source_left(struct client *source);

#endif
