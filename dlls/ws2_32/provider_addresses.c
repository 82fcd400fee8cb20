/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See provider_addresses.h.
 *
 * The question is the one that Windows has for hosts: a look-up of the class
 * SVCID_INET_HOSTADDRBYNAME for IPv4, of DNS_TYPE_AAAA's for IPv6.  Version 2
 * of the interface has no classes: a provider that another program hosts is
 * asked once, and for the service in the set's context, where Microsoft's
 * sample "namingapi" looks for it.
 */
#include "provider_addresses.h"

#include <ws2spi.h>
#include <ws2tcpip.h>

#include "api.h"
#include "name_spaces.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 1026, RESULT_SIZE = 4096, MAX_RESULTS = 64 };

static GUID inet_class = {0x0002a803, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
static GUID inet6_class = {0x00090035, 0, 28, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};

/* --- Filters -------------------------------------------------------------- */

/* The provider number index that the filter admits, to be released. */
static int acquire(const struct provider_filter *filter, unsigned int index,
                   struct name_space_provider **ret)
{
    return name_space_acquire(filter->name_space,
                              filter->has_id ? &filter->id : NULL, index, ret);
}

static BOOL is_installed(const struct name_space_provider *provider)
{
    return !name_space_built_in_of(&provider->provider);
}

/* Whether there is one of the library's own that serves the DNS, or (installed)
   one of a program's. */
static BOOL filter_has(const struct provider_filter *filter, BOOL installed)
{
    struct name_space_provider *provider;
    BOOL found = FALSE;
    unsigned int i;
    int error = 0;

    for (i = 0; !found && error != WSASERVICE_NOT_FOUND; i++) {
        error = acquire(filter, i, &provider);
        if (error)
            continue;
        found = installed ? is_installed(provider)
                          : !is_installed(provider) &&
                                provider->name_space == NS_DNS;
        name_space_release(provider);
    }
    return found;
}

BOOL provider_filter_has_dns(const struct provider_filter *filter)
{
    return filter_has(filter, FALSE);
}

BOOL provider_filter_has_others(const struct provider_filter *filter)
{
    return name_spaces_are_installed() && filter_has(filter, TRUE);
}

/* --- Answers -------------------------------------------------------------- */

/* What every entry has. */
struct shape {
    const struct provider_question *question;
    int family; /* AF_UNSPEC: both */
    BOOL keeps_port; /* the provider's, when it tells one */
    struct unix_addresses *addresses;
};

/* Of a family; 0: another one. */
static int length_of(int family)
{
    return family == AF_INET    ? (int)sizeof(struct sockaddr_in)
           : family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                : 0;
}

static int add(const struct shape *shape, const SOCKET_ADDRESS *name)
{
    const int family = name->lpSockaddr ? name->lpSockaddr->sa_family : 0;
    const int length = length_of(family);
    struct unix_addresses *addresses = shape->addresses;
    struct unix_address *larger, *entry;
    uint16_t port;

    if (!length || name->iSockaddrLength < length ||
        (shape->family != AF_UNSPEC && family != shape->family))
        return 0;
    larger = realloc(addresses->items,
                     (addresses->count + 1) * sizeof(*addresses->items));
    if (!larger)
        return WSA_NOT_ENOUGH_MEMORY;
    addresses->items = larger;
    entry = &larger[addresses->count++];
    memset(entry, 0, sizeof(*entry));
    entry->family = family;
    entry->type = shape->question->type;
    entry->protocol = shape->question->protocol;
    entry->length = length;
    memcpy(entry->bytes, name->lpSockaddr, (size_t)length);
    /* The port is at the same place in both families. */
    memcpy(&port, entry->bytes + 2, sizeof(port));
    if (!shape->keeps_port || !port)
        memcpy(entry->bytes + 2, &shape->question->port, sizeof(port));
    return 0;
}

/* The next result, from malloc; NULL: there is none. */
static WSAQUERYSETW *next_result(struct name_space_provider *provider,
                                 HANDLE handle)
{
    DWORD length = RESULT_SIZE;
    WSAQUERYSETW *set = NULL, *larger;
    int tries;

    /* It says by WSAEFAULT how much it needs. */
    for (tries = 0; tries < 3; tries++) {
        larger = realloc(set, length);
        if (!larger)
            break;
        set = larger;
        memset(set, 0, sizeof(*set));
        set->dwSize = sizeof(*set);
        if (!provider->routines.NSPLookupServiceNext(
                handle, LUP_RETURN_ADDR | LUP_RETURN_NAME, &length, set))
            return set;
        if (host_get_last_error() != WSAEFAULT || length > 1 << 20)
            break;
    }
    free(set);
    return NULL;
}

/* The context is the service that a hosted provider is asked for, or NULL. */
static int ask_provider(struct name_space_provider *provider, WCHAR *name,
                        WCHAR *context, const struct shape *shape)
{
    GUID *id = shape->family == AF_INET6 ? &inet6_class : &inet_class;
    WSASERVICECLASSINFOW class = {.lpServiceClassId = id};
    WSAQUERYSETW question = {
        .dwSize = sizeof(question),
        .lpszServiceInstanceName = name,
        .lpServiceClassId = id,
        .dwNameSpace = provider->name_space,
        .lpNSProviderId = &provider->provider,
        .lpszContext = context,
    };
    WSAQUERYSETW *set;
    HANDLE handle = NULL;
    int error = 0, n;
    DWORD i;

    if (provider->routines.NSPLookupServiceBegin(
            &provider->provider, &question, &class,
            LUP_RETURN_ADDR | LUP_RETURN_NAME, &handle))
        return 0;
    for (n = 0; !error && n < MAX_RESULTS &&
                (set = next_result(provider, handle)) != NULL;
         n++) {
        for (i = 0; !error && set->lpcsaBuffer && i < set->dwNumberOfCsAddrs;
             i++)
            error = add(shape, &set->lpcsaBuffer[i].RemoteAddr);
        free(set);
    }
    provider->routines.NSPLookupServiceEnd(handle);
    return error;
}

/* One that another program hosts. */
static int ask_hosted(struct name_space_provider *provider, WCHAR *name,
                      const struct provider_question *question,
                      struct unix_addresses *addresses)
{
    const struct shape shape = {question, question->family, TRUE, addresses};
    WCHAR service[NAME_SIZE] = {0};

    if (question->service &&
        wide_text_from_utf8(question->service, service, NAME_SIZE) > NAME_SIZE)
        return 0;
    return ask_provider(provider, name, service, &shape);
}

/* One that is a library. */
static int ask_library(struct name_space_provider *provider, WCHAR *name,
                       const struct provider_question *question,
                       struct unix_addresses *addresses)
{
    struct shape shape = {question, AF_INET6, FALSE, addresses};
    int error = 0;

    if (question->family != AF_INET)
        error = ask_provider(provider, name, NULL, &shape);
    shape.family = AF_INET;
    if (!error && question->family != AF_INET6)
        error = ask_provider(provider, name, NULL, &shape);
    return error;
}

int provider_addresses_add(const struct provider_filter *filter,
                           const struct provider_question *question,
                           struct unix_addresses *addresses, BOOL *ret_asked)
{
    struct name_space_provider *provider;
    WCHAR wide[NAME_SIZE];
    unsigned int i;
    int error = 0;

    *ret_asked = FALSE;
    if (wide_text_from_utf8(question->name, wide, NAME_SIZE) > NAME_SIZE)
        return 0;
    for (i = 0; error != WSA_NOT_ENOUGH_MEMORY; i++) {
        error = acquire(filter, i, &provider);
        if (error == WSASERVICE_NOT_FOUND)
            return 0;
        if (error)
            continue;
        if (provider->is_hosted) {
            *ret_asked = TRUE;
            error = ask_hosted(provider, wide, question, addresses);
        } else if (is_installed(provider) && question->has_port) {
            *ret_asked = TRUE;
            error = ask_library(provider, wide, question, addresses);
        }
        name_space_release(provider);
    }
    return error;
}
