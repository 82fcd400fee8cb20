/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winsock's rules of sharing local addresses; see binding.c. */
#ifndef CORE_BINDING_H
#define CORE_BINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "util/list.h"

struct socket;
struct binding_port;

enum binding_share {
    BINDING_DEFAULT,
    BINDING_REUSE,
    BINDING_EXCLUSIVE,
    BINDING_PROCESSOR, /* SIO_CPU_AFFINITY: shares with its like, else default */
};

struct binding_address {
    bool ipv6;
    bool wildcard;
    bool dual_stack;  /* a wildcard that covers IPv4 as well */
    uint16_t port;    /* host order */
    uint8_t bytes[16]; /* 4 used for IPv4 */
    uint32_t scope;   /* IPv6 link-local */
};

/* One address of one socket.  Lives in the list of its port. */
struct binding {
    struct list link;
    struct binding_port *port;
    struct socket *socket;
    struct binding_address address;
    enum binding_share share;
};

struct binding_table {
    struct binding_port *ports; /* hash by protocol and port */
};

int binding_read_address(const uint8_t *bytes, uint32_t length,
                         bool dual_stack, struct binding_address *ret_address);
int binding_conflict(const struct binding_address *first,
                     enum binding_share first_share,
                     const struct binding_address *second,
                     enum binding_share second_share);
int binding_reserve(struct binding_table *table, struct socket *socket,
                    uint32_t protocol, const struct binding_address *address,
                    enum binding_share share);
int binding_record(struct binding_table *table, struct socket *socket,
                   uint32_t protocol, const struct binding_address *address,
                   enum binding_share share);
bool binding_is_used(struct binding_table *table, uint32_t protocol,
                     uint16_t port);
void binding_free(struct binding_table *table, struct binding *binding);

#endif
