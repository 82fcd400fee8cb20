/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The addresses of this machine's network interfaces.
 */
#ifndef WS2EMU_UNIX_INTERFACES_H
#define WS2EMU_UNIX_INTERFACES_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Which addresses the machine has. */
struct interfaces_summary {
    bool has_inet6_loopback;
    bool has_global_inet6; /* wider than link-local */
};

/* All false when the interfaces cannot be read. */
void interfaces_summarize(struct interfaces_summary *ret);

/* The broadcast address of the network that a local IPv4 address is in, or the
   address itself when there is none; both in the host's order. */
uint32_t interfaces_broadcast(uint32_t address);

/* The index of the interface that has an IPv6 address; 0: none has it. */
uint32_t interfaces_index_of(const struct in6_addr *address);

/* The interface of IPv4's default route; "" when there is none. */
void interfaces_default(char name[IF_NAMESIZE]);

/*
 * Calls visit for each address by which others reach the machine: of family
 * AF_INET or AF_INET6, neither loopback nor link-local IPv6, interface up.
 * Those of the interface of the default route come first.  Ends at the first
 * error of visit, which it returns.
 */
int interfaces_for_each_address(int family,
                                int (*visit)(const struct sockaddr *address,
                                             socklen_t length, void *context),
                                void *context);

#endif
