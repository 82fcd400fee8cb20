/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of hosts from the name-space providers that programs installed, for
 * getaddrinfo and its forms.
 */
#ifndef WS2EMU_PROVIDER_ADDRESSES_H
#define WS2EMU_PROVIDER_ADDRESSES_H

#include <winsock2.h>

#include "unix/boundary.h"

/* Which providers a question concerns. */
struct provider_filter {
    DWORD name_space; /* NS_ALL: any */
    BOOL has_id;
    GUID id; /* of the one provider */
};

/* Whether the filter admits the system's resolver, as which the library's
   provider of the DNS is. */
BOOL provider_filter_has_dns(const struct provider_filter *filter);
/* Whether it admits a provider that a program installed. */
BOOL provider_filter_has_others(const struct provider_filter *filter);

/*
 * Asks these for the addresses of a name (UTF-8), one after the other in the
 * catalog's order, and adds what they tell to *addresses, with the port
 * (network order) and the type and protocol given.  family: AF_UNSPEC: both.  Returns 0,
 * also when there are none, or WSA_NOT_ENOUGH_MEMORY.
 */
int provider_addresses_add(const struct provider_filter *filter,
                           const char *name, int family, uint16_t port,
                           int type, int protocol,
                           struct unix_addresses *addresses);

#endif
