/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holders: which client has which descriptors of which socket.
 *
 * One holder stands for all descriptors of one socket in one client, by their
 * SOCKET values.  Handle 0 is a descriptor that OPEN has made and HANDLE has
 * not named yet.  A holder has one handle at least.
 */
#ifndef CORE_HOLDER_H
#define CORE_HOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include <uthash.h>

#include "util/list.h"

struct client;
struct socket;

struct holder {
    UT_hash_handle hh; /* in client.holders, by slot */
    struct list in_socket;
    struct client *client;
    struct socket *socket;
    uint32_t slot;
    uint32_t taken; /* FD_*: the client's operations take what arrives */
    uint32_t put_aside; /* connections that the client keeps for accept */
    uint32_t n_handles;
    uint32_t room;
    uint64_t *handles;
};

struct holder *holder_find(const struct client *client, uint32_t slot);
bool holder_has_handle(const struct holder *holder, uint64_t handle);
int holder_add(struct client *client, struct socket *socket, uint64_t handle);
int holder_name_handle(struct holder *holder, uint64_t handle);
int holder_release(struct holder *holder, uint64_t handle);
void holder_set_taken(struct holder *holder, uint32_t events);
void holder_set_put_aside(struct holder *holder, uint32_t count);
void holder_free(struct holder *holder);
int holder_copy_all(struct client *to, const struct client *from);

#endif
