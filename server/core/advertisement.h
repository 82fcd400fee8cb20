/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Providers of name spaces that a client hosts; see advertisement.c. */
#ifndef CORE_ADVERTISEMENT_H
#define CORE_ADVERTISEMENT_H

#include <stdint.h>

#include <uthash.h>

#include <ws2emu/wire.h>

#include "util/list.h"
#include "util/loop.h"

struct client;
struct server;

struct advertisement {
    UT_hash_handle hh; /* in server.advertisements */
    struct list in_client;
    struct server *server;
    struct client *client;
    uint8_t provider[WIRE_PROVIDER_LENGTH];
    int fd; /* our end */
    struct loop_source source;
};

int advertisement_make(struct client *client, const uint8_t *provider,
                       int *ret_fd);
int advertisement_contact(struct client *client, const uint8_t *provider,
                          int *ret_fd);
void advertisements_free(struct client *client);

#endif
