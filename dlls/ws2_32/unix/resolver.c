/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Host names: the system's resolver under Winsock's rules.
 *
 * What the rules of getaddrinfo answer by themselves never reaches the
 * resolver: literals, no name at all, the machine's own name (whose addresses
 * are those of its interfaces), localhost, and names under .invalid.  The rest
 * goes to libc, which asks whatever the system is set up to ask.
 *
 * Winsock gives one entry for each address, with the type and the protocol of
 * the hints; libc would give one for each combination.  So libc is asked for
 * one type alone, and the hints are echoed here.
 */
#include "address.h"
#include "boundary.h"
#include "host/host.h"
#include "interfaces.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { HOST_NAME_SIZE = 256 };

/* A question, and the list of its answers as far as it is made. */
struct query {
    int flags, family, type, protocol; /* Winsock's */
    uint16_t port;                     /* network order */
    struct unix_addresses answer;
};

/* --- The list of answers -------------------------------------------------- */

void unix_addresses_free(struct unix_addresses *addresses)
{
    free(addresses->items);
    addresses->items = NULL;
    addresses->count = 0;
}

static bool answer_has(const struct unix_addresses *answer,
                       const struct unix_address *address)
{
    uint32_t i;

    for (i = 0; i < answer->count; i++)
        if (answer->items[i].length == address->length &&
            !memcmp(answer->items[i].bytes, address->bytes,
                    (size_t)address->length))
            return true;
    return false;
}

/* Adds a kernel address, with the query's port; one that is there already is
   not added again. */
static int query_add(struct query *query, const struct sockaddr *address,
                     socklen_t length)
{
    struct unix_addresses *answer = &query->answer;
    struct unix_address item = {.type = query->type,
                                .protocol = query->protocol};
    struct unix_address *larger;
    struct sockaddr_storage storage = {0};

    if (length > sizeof(storage) ||
        (address->sa_family != AF_INET && address->sa_family != AF_INET6))
        return 0;
    memcpy(&storage, address, length);
    item.length = (int)address_from_kernel(&storage, length, item.bytes);
    if (!item.length)
        return 0;
    item.family = address_family_from_kernel(storage.ss_family);
    /* The port is at the same place in both families. */
    memcpy(item.bytes + 2, &query->port, sizeof(query->port));
    if (answer_has(answer, &item))
        return 0;

    larger = realloc(answer->items, (answer->count + 1) * sizeof(item));
    if (!larger)
        return WS2_NOT_ENOUGH_MEMORY;
    answer->items = larger;
    answer->items[answer->count++] = item;
    return 0;
}

static int query_visit(const struct sockaddr *address, socklen_t length,
                       void *context)
{
    return query_add(context, address, length);
}

static int query_add_inet(struct query *query, uint32_t host_order)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    address.sin_addr.s_addr = htonl(host_order);
    return query_add(query, (const struct sockaddr *)&address,
                     sizeof(address));
}

static int query_add_inet6(struct query *query, const struct in6_addr *bytes)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_addr = *bytes};

    return query_add(query, (const struct sockaddr *)&address,
                     sizeof(address));
}

/* Adds an IPv4 address as ::ffff:a.b.c.d. */
static int query_add_mapped(struct query *query,
                            const struct sockaddr_in *address)
{
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

    memcpy(&mapped.s6_addr[12], &address->sin_addr, sizeof(address->sin_addr));
    return query_add_inet6(query, &mapped);
}

static void query_set_canonical_name(struct query *query, const char *name)
{
    if (query->flags & WS2_AI_CANONNAME)
        snprintf(query->answer.canonical_name,
                 sizeof(query->answer.canonical_name), "%s", name);
}

static bool query_wants(const struct query *query, int winsock_family)
{
    return query->family == WS2_AF_UNSPEC || query->family == winsock_family;
}

static bool query_wants_mapped(const struct query *query)
{
    return query->family == WS2_AF_INET6 && (query->flags & WS2_AI_V4MAPPED);
}

/* --- Services ------------------------------------------------------------- */

static int find_port(const char *service, const char *protocol,
                     uint16_t *ret_port)
{
    struct unix_database_entry entry;
    int error = unix_find_service(service, 0, protocol, &entry);

    if (!error)
        *ret_port = htons((uint16_t)entry.number);
    return error == WS2_NO_DATA ? WS2_TYPE_NOT_FOUND : error;
}

/* The port of a service: its number, or a name of TCP or UDP. */
static int query_set_service(struct query *query, const char *service)
{
    bool tcp = query->type == WS2_SOCK_STREAM ||
               (!query->type && query->protocol != WS2_IPPROTO_UDP);
    bool udp = query->type == WS2_SOCK_DGRAM ||
               (!query->type && query->protocol != WS2_IPPROTO_TCP);
    int error = WS2_TYPE_NOT_FOUND;

    if (!service || !*service)
        return 0;
    /* As on Windows, of a number beyond 65535 the low half counts. */
    if (strspn(service, "0123456789") == strlen(service)) {
        query->port = htons((uint16_t)strtoul(service, NULL, 10));
        return 0;
    }
    if (query->flags & WS2_AI_NUMERICSERV)
        return WS2_HOST_NOT_FOUND;
    if (tcp)
        error = find_port(service, "tcp", &query->port);
    if (udp && error == WS2_TYPE_NOT_FOUND)
        error = find_port(service, "udp", &query->port);
    return error;
}

/* --- Answers without a resolver ------------------------------------------- */

/* No name: the addresses to listen at, or those of the machine to itself. */
static int resolve_none(struct query *query)
{
    const bool passive = query->flags & WS2_AI_PASSIVE;
    const bool inet_first = passive && host_wildcard_is_inet_first();
    const uint32_t inet = passive ? INADDR_ANY : INADDR_LOOPBACK;
    struct interfaces_summary summary;
    int error = 0;

    interfaces_summarize(&summary);
    if (inet_first && query_wants(query, WS2_AF_INET))
        error = query_add_inet(query, inet);
    if (!error && (query->family == WS2_AF_INET6 ||
                   (query->family == WS2_AF_UNSPEC &&
                    summary.has_inet6_loopback)))
        error = query_add_inet6(query,
                                passive ? &in6addr_any : &in6addr_loopback);
    if (!error && !inet_first && query_wants(query, WS2_AF_INET))
        error = query_add_inet(query, inet);
    return error;
}

static int resolve_localhost(struct query *query)
{
    int flags = query->flags, error;

    query->flags &= ~WS2_AI_PASSIVE;
    error = resolve_none(query);
    query->flags = flags;
    query_set_canonical_name(query, "localhost");
    return error;
}

static int resolve_own_name(struct query *query)
{
    char name[HOST_NAME_SIZE] = "";
    struct interfaces_summary summary;
    int error = 0;

    interfaces_summarize(&summary);
    if (query_wants(query, WS2_AF_INET6) && summary.has_global_inet6)
        error = interfaces_for_each_address(AF_INET6, query_visit, query);
    if (!error && query_wants(query, WS2_AF_INET))
        error = interfaces_for_each_address(AF_INET, query_visit, query);
    /* Off the network the machine still has itself. */
    if (!error && !query->answer.count && query_wants(query, WS2_AF_INET))
        error = query_add_inet(query, INADDR_LOOPBACK);
    unix_host_name(name, sizeof(name));
    query_set_canonical_name(query, name);
    return error;
}

static bool is_own_name(const char *node)
{
    char name[HOST_NAME_SIZE];

    if (!*node || !strcmp(node, "..localmachine"))
        return true;
    if (unix_host_name(name, sizeof(name)))
        return false;
    if (!strcasecmp(node, name))
        return true;
    name[strcspn(name, ".")] = '\0';
    return !strcasecmp(node, name);
}

/* Names that RFC 6761 says never exist. */
static bool is_invalid_name(const char *node)
{
    static const char suffix[] = "invalid";
    size_t length = strlen(node), n = sizeof(suffix) - 1;

    if (length && node[length - 1] == '.')
        length--;
    if (length < n || strncasecmp(node + length - n, suffix, n))
        return false;
    return length == n || node[length - n - 1] == '.';
}

/* --- Literals ------------------------------------------------------------- */

/* Takes the brackets off "[address]" and "[address]:port"; the port is
   ignored.  False: they do not match, or the literal is too long. */
static bool strip_brackets(const char *node, char *ret, size_t size)
{
    const char *end = node[0] == '[' ? strchr(node, ']') : node + strlen(node);
    const char *start = node[0] == '[' ? node + 1 : node;

    if (!end || (size_t)(end - start) >= size)
        return false;
    if (*end && end[1] &&
        (end[1] != ':' || strspn(end + 2, "0123456789") != strlen(end + 2)))
        return false;
    memcpy(ret, start, (size_t)(end - start));
    ret[end - start] = '\0';
    return true;
}

/* *ret_literal: whether the node is an address and not a name. */
static int resolve_literal(struct query *query, const char *node,
                           bool *ret_literal)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *info = NULL;
    char literal[INET6_ADDRSTRLEN + 32];
    int error, family;

    *ret_literal = node[0] == '[';
    if (!strip_brackets(node, literal, sizeof(literal)) ||
        getaddrinfo(literal, NULL, &hints, &info))
        return WS2_HOST_NOT_FOUND;

    *ret_literal = true;
    family = address_family_from_kernel(info->ai_family);
    if (query_wants(query, family))
        error = query_add(query, info->ai_addr, info->ai_addrlen);
    else if (family == WS2_AF_INET && query_wants_mapped(query))
        error = query_add_mapped(
            query, (const struct sockaddr_in *)(const void *)info->ai_addr);
    else
        error = WS2_HOST_NOT_FOUND;
    query_set_canonical_name(query, literal);
    freeaddrinfo(info);
    return error;
}

/* --- The system's resolver ------------------------------------------------ */

static int error_from_eai(int eai)
{
    switch (eai) {
    case 0:
        return 0;
    case EAI_AGAIN:
        return WS2_TRY_AGAIN;
    case EAI_MEMORY:
        return WS2_NOT_ENOUGH_MEMORY;
    case EAI_NONAME:
        return WS2_HOST_NOT_FOUND;
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        return WS2_NO_DATA;
    case EAI_OVERFLOW:
        return WS2_EFAULT;
    default:
        return WS2_NO_RECOVERY;
    }
}

/* Adds libc's answers of one kernel family. */
static int add_answers(struct query *query, const struct addrinfo *list,
                       int family, bool mapped)
{
    const struct addrinfo *info;
    int error = 0;

    for (info = list; info && !error; info = info->ai_next) {
        if (family != AF_UNSPEC && info->ai_family != family)
            continue;
        if (mapped)
            error = query_add_mapped(
                query,
                (const struct sockaddr_in *)(const void *)info->ai_addr);
        else
            error = query_add(query, info->ai_addr, info->ai_addrlen);
    }
    return error;
}

/*
 * Without an IPv6 address that leads beyond the link Winsock leaves IPv6
 * answers out, whatever the flags say.  When only those are wanted the name is
 * looked up all the same, because a name that does not exist is another error.
 */
static int resolve_name(struct query *query, const char *node)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    struct interfaces_summary summary;
    bool inet, inet6;
    int error;

    interfaces_summarize(&summary);
    inet6 = query_wants(query, WS2_AF_INET6) && summary.has_global_inet6;
    inet = query_wants(query, WS2_AF_INET) || query_wants_mapped(query);
    hints.ai_family = inet == inet6 ? AF_UNSPEC : inet ? AF_INET : AF_INET6;
    if (query->flags & WS2_AI_CANONNAME)
        hints.ai_flags |= AI_CANONNAME;
    if (query->flags & WS2_AI_ADDRCONFIG)
        hints.ai_flags |= AI_ADDRCONFIG;

    error = error_from_eai(getaddrinfo(node, NULL, &hints, &list));
    if (error)
        return error;
    if (inet6 && query_wants(query, WS2_AF_INET))
        error = add_answers(query, list, AF_UNSPEC, false);
    else if (inet6)
        error = add_answers(query, list, AF_INET6, false);
    else if (query_wants(query, WS2_AF_INET))
        error = add_answers(query, list, AF_INET, false);
    if (!error && query_wants_mapped(query) &&
        (!query->answer.count || (query->flags & WS2_AI_ALL)))
        error = add_answers(query, list, AF_INET, true);
    query_set_canonical_name(query, list->ai_canonname ? list->ai_canonname
                                                       : node);
    freeaddrinfo(list);
    return error;
}

/* --- Names to addresses --------------------------------------------------- */

static int resolve_node(struct query *query, const char *node)
{
    bool literal;
    int error;

    if (!node)
        return resolve_none(query);
    if (!*node)
        return resolve_own_name(query);
    error = resolve_literal(query, node, &literal);
    if (literal || (query->flags & WS2_AI_NUMERICHOST))
        return error;
    if (!strcasecmp(node, "localhost") || !strcasecmp(node, "localhost."))
        return resolve_localhost(query);
    if (is_own_name(node))
        return resolve_own_name(query);
    if (is_invalid_name(node))
        return WS2_HOST_NOT_FOUND;
    return resolve_name(query, node);
}

int unix_resolve(const char *node, const char *service, int flags, int family,
                 int type, int protocol, struct unix_addresses *ret)
{
    struct query query = {.flags = flags,
                          .family = family,
                          .type = type,
                          .protocol = protocol};
    int error;

    if (!node && !service)
        return WS2_HOST_NOT_FOUND;
    error = query_set_service(&query, service);
    if (!error)
        error = resolve_node(&query, node);
    if (!error && !query.answer.count)
        error = WS2_NO_DATA;
    if (error)
        unix_addresses_free(&query.answer);
    else
        *ret = query.answer;
    return error;
}

/* --- Addresses to names --------------------------------------------------- */

/* The address as text; IPv6 scopes are numbers, as on Windows. */
static int host_text(const struct sockaddr_storage *address, char *host,
                     uint32_t size)
{
    const struct sockaddr_in *inet = (const void *)address;
    const struct sockaddr_in6 *inet6 = (const void *)address;
    char text[INET6_ADDRSTRLEN], scope[16] = "";
    int n;

    if (address->ss_family == AF_INET) {
        inet_ntop(AF_INET, &inet->sin_addr, text, sizeof(text));
    } else {
        inet_ntop(AF_INET6, &inet6->sin6_addr, text, sizeof(text));
        if (inet6->sin6_scope_id)
            snprintf(scope, sizeof(scope), "%%%u", inet6->sin6_scope_id);
    }
    n = snprintf(NULL, 0, "%s%s", text, scope);
    if (n < 0 || (uint32_t)n >= size)
        return WS2_EFAULT;
    snprintf(host, size, "%s%s", text, scope);
    return 0;
}

static int host_name_of(const struct sockaddr_storage *address,
                        socklen_t length, int flags, char *host, uint32_t size)
{
    char name[NI_MAXHOST];
    int error;

    error = error_from_eai(getnameinfo((const struct sockaddr *)address,
                                       length, name, sizeof(name), NULL, 0,
                                       NI_NAMEREQD));
    if (error)
        return error;
    if (flags & WS2_NI_NOFQDN)
        name[strcspn(name, ".")] = '\0';
    if (strlen(name) >= size)
        return WS2_EFAULT;
    memcpy(host, name, strlen(name) + 1);
    return 0;
}

static int host_of(const struct sockaddr_storage *address, socklen_t length,
                   int flags, char *host, uint32_t size)
{
    int error;

    if (flags & WS2_NI_NUMERICHOST)
        return flags & WS2_NI_NAMEREQD ? WS2_HOST_NOT_FOUND
                                       : host_text(address, host, size);
    error = host_name_of(address, length, flags, host, size);
    if (error && error != WS2_EFAULT && !(flags & WS2_NI_NAMEREQD))
        error = host_text(address, host, size);
    return error;
}

static int service_of(const struct sockaddr_storage *address, int flags,
                      char *service, uint32_t size)
{
    const struct sockaddr_in *inet = (const void *)address;
    int port = ntohs(inet->sin_port); /* also IPv6's */
    struct unix_database_entry entry = {.name = ""};

    if ((flags & WS2_NI_NUMERICSERV) ||
        unix_find_service(NULL, port, flags & WS2_NI_DGRAM ? "udp" : "tcp",
                          &entry))
        snprintf(entry.name, sizeof(entry.name), "%d", port);
    if (strlen(entry.name) >= size)
        return WS2_EFAULT;
    memcpy(service, entry.name, strlen(entry.name) + 1);
    return 0;
}

int unix_resolve_name(const void *name, int length, char *host,
                      uint32_t host_size, char *service, uint32_t service_size,
                      int flags)
{
    bool want_host = host && host_size, want_service = service && service_size;
    struct sockaddr_storage address;
    socklen_t address_length;
    int error;

    if (!name || length < 0)
        return WS2_EFAULT;
    error = address_to_kernel(name, (uint32_t)length, &address,
                              &address_length);
    if (error)
        return error;
    if (!want_host && !want_service)
        return WS2_HOST_NOT_FOUND;
    if (want_host)
        error = host_of(&address, address_length, flags, host, host_size);
    if (!error && want_service)
        error = service_of(&address, flags, service, service_size);
    return error;
}

int unix_host_name(char *name, uint32_t size)
{
    char own[HOST_NAME_SIZE];

    if (gethostname(own, sizeof(own)))
        return WS2_SYSCALLFAILURE;
    own[sizeof(own) - 1] = '\0';
    if (strlen(own) >= size)
        return WS2_EFAULT;
    memcpy(name, own, strlen(own) + 1);
    return 0;
}
