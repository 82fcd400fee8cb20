/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See provider_addresses.h.
 *
 * The question is the one that Windows has for hosts: a look-up of the class
 * SVCID_INET_HOSTADDRBYNAME for IPv4, of DNS_TYPE_AAAA's for IPv6.
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
    int family, type, protocol;
    uint16_t port;
    struct unix_addresses *addresses;
};

static int add(const struct shape *shape, const SOCKET_ADDRESS *name)
{
    const int length = shape->family == AF_INET
                           ? (int)sizeof(struct sockaddr_in)
                           : (int)sizeof(struct sockaddr_in6);
    struct unix_addresses *addresses = shape->addresses;
    struct unix_address *larger, *entry;

    if (!name->lpSockaddr || name->iSockaddrLength < length ||
        name->lpSockaddr->sa_family != shape->family)
        return 0;
    larger = realloc(addresses->items,
                     (addresses->count + 1) * sizeof(*addresses->items));
    if (!larger)
        return WSA_NOT_ENOUGH_MEMORY;
    addresses->items = larger;
    entry = &larger[addresses->count++];
    memset(entry, 0, sizeof(*entry));
    entry->family = shape->family;
    entry->type = shape->type;
    entry->protocol = shape->protocol;
    entry->length = length;
    memcpy(entry->bytes, name->lpSockaddr, (size_t)length);
    /* The port is at the same place in both families. */
    memcpy(entry->bytes + 2, &shape->port, sizeof(shape->port));
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

static int ask_provider(struct name_space_provider *provider, WCHAR *name,
                        const struct shape *shape)
{
    GUID *id = shape->family == AF_INET ? &inet_class : &inet6_class;
    WSASERVICECLASSINFOW class = {.lpServiceClassId = id};
    WSAQUERYSETW question = {
        .dwSize = sizeof(question),
        .lpszServiceInstanceName = name,
        .lpServiceClassId = id,
        .dwNameSpace = provider->name_space,
        .lpNSProviderId = &provider->provider,
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

int provider_addresses_add(const struct provider_filter *filter,
                           const char *name, int family, uint16_t port,
                           int type, int protocol,
                           struct unix_addresses *addresses)
{
    struct shape shape = {.type = type, .protocol = protocol, .port = port,
                          .addresses = addresses};
    struct name_space_provider *provider;
    WCHAR wide[NAME_SIZE];
    unsigned int i;
    int error = 0;

    if (wide_text_from_utf8(name, wide, NAME_SIZE) > NAME_SIZE)
        return 0;
    for (i = 0; error != WSA_NOT_ENOUGH_MEMORY; i++) {
        error = acquire(filter, i, &provider);
        if (error == WSASERVICE_NOT_FOUND)
            return 0;
        if (error)
            continue;
        shape.family = AF_INET6;
        if (is_installed(provider) && family != AF_INET)
            error = ask_provider(provider, wide, &shape);
        shape.family = AF_INET;
        if (!error && is_installed(provider) && family != AF_INET6)
            error = ask_provider(provider, wide, &shape);
        name_space_release(provider);
    }
    return error;
}
