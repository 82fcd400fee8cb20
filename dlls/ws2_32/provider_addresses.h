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

/* What is asked. */
struct provider_question {
    const char *name;    /* UTF-8, so for the next */
    const char *service; /* NULL: none */
    int family;          /* AF_UNSPEC: both */
    int type, protocol;  /* of the entries */
    BOOL has_port;       /* FALSE: the service is none that is known */
    uint16_t port;       /* network order */
};

/*
 * Asks the providers for the addresses of the name, one after the other in the
 * catalog's order, and adds what they tell to *addresses, with the type,
 * protocol and port given.  A provider that another program hosts is told the
 * service, too, and knows the port better.  Without a port it is the only kind
 * that is asked.  *ret_asked: whether one was.  Returns 0, also when there are
 * no addresses, or WSA_NOT_ENOUGH_MEMORY.
 */
int provider_addresses_add(const struct provider_filter *filter,
                           const struct provider_question *question,
                           struct unix_addresses *addresses, BOOL *ret_asked);

#endif
