/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostent, servent, protoent; see database_entries.h.
 */
#include "database_entries.h"

#include <ws2tcpip.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- Hosts ---------------------------------------------------------------- */

/* The answer's arrays for one family; FALSE: out of memory. */
static BOOL answer_prepare(struct host_answer *answer, int family,
                           size_t length, uint32_t count)
{
    answer->family = family;
    answer->length = length;
    answer->count = count;
    answer->addresses = malloc(length * count);
    return answer->addresses != NULL;
}

void host_answer_free(struct host_answer *answer)
{
    free(answer->addresses);
    answer->addresses = NULL;
}

static int answer_fill(struct host_answer *answer, const char *name,
                       const struct unix_addresses *list)
{
    const char *canonical = *list->canonical_name ? list->canonical_name : name;
    uint32_t i;

    if (!answer_prepare(answer, AF_INET, 4, list->count))
        return WSAENOBUFS;
    for (i = 0; i < list->count; i++)
        memcpy(answer->addresses + 4 * i, list->items[i].bytes + 4, 4);
    snprintf(answer->name, sizeof(answer->name), "%s", canonical);
    if (strcasecmp(name, canonical))
        snprintf(answer->alias, sizeof(answer->alias), "%s", name);
    return 0;
}

int host_answer_by_name(const char *name, struct host_answer *ret)
{
    struct unix_addresses list = {.count = 0};
    int error;

    memset(ret, 0, sizeof(*ret));
    error = unix_resolve(name, NULL, AI_CANONNAME, AF_INET, 0, 0, &list);
    if (error)
        return error;
    error = answer_fill(ret, name, &list);
    unix_addresses_free(&list);
    return error;
}

/* The sockaddr of an address; 0: it is not of this family and length. */
static int sockaddr_of(const void *address, int length, int family,
                       struct sockaddr_storage *ret)
{
    SOCKADDR_IN *inet = (SOCKADDR_IN *)ret;
    SOCKADDR_IN6 *inet6 = (SOCKADDR_IN6 *)ret;

    memset(ret, 0, sizeof(*ret));
    ret->ss_family = (short)family;
    if (family == AF_INET && length == 4) {
        memcpy(&inet->sin_addr, address, 4);
        return sizeof(*inet);
    }
    if (family == AF_INET6 && length == 16) {
        memcpy(&inet6->sin6_addr, address, 16);
        return sizeof(*inet6);
    }
    return 0;
}

int host_answer_by_address(const void *address, int length, int family,
                           struct host_answer *ret)
{
    struct sockaddr_storage name;
    int error, name_length;

    memset(ret, 0, sizeof(*ret));
    if (family != AF_INET && family != AF_INET6)
        return WSAEAFNOSUPPORT;
    name_length = sockaddr_of(address, length, family, &name);
    if (!name_length)
        return WSAEFAULT;
    error = unix_resolve_name(&name, name_length, ret->name,
                              sizeof(ret->name), NULL, 0, NI_NAMEREQD);
    if (error)
        return error;
    if (!answer_prepare(ret, family, (size_t)length, 1))
        return WSAENOBUFS;
    memcpy(ret->addresses, address, (size_t)length);
    return 0;
}

/* --- Blocks --------------------------------------------------------------- */

/* A block in the making.  Its parts are measured in any case, and written
   when there is room for all of them. */
struct block {
    char *to; /* NULL: only measure */
    uintptr_t base;
    size_t used;
};

/* Returns where the part will be. */
static void *block_put(struct block *block, const void *part, size_t size)
{
    void *place = (void *)(block->base + block->used);

    if (block->to && size)
        memcpy(block->to + block->used, part, size);
    block->used += size;
    return place;
}

static char *block_put_text(struct block *block, const char *text)
{
    return block_put(block, text, strlen(text) + 1);
}

static void block_put_pointer(struct block *block, const void *pointer)
{
    block_put(block, &pointer, sizeof(pointer));
}

/* The aliases, NUL-separated up to an empty one: their array at the end of the
   block, their strings at *text, which is moved on. */
static void *block_put_aliases(struct block *block, const char *aliases,
                               size_t *text)
{
    void *array = (void *)(block->base + block->used);
    size_t size;

    for (; *aliases; aliases += size) {
        size = strlen(aliases) + 1;
        block_put_pointer(block, (void *)(block->base + *text));
        if (block->to)
            memcpy(block->to + *text, aliases, size);
        *text += size;
    }
    block_put_pointer(block, NULL);
    return array;
}

static size_t count_aliases(const char *aliases)
{
    size_t n = 0;

    for (; *aliases; aliases += strlen(aliases) + 1)
        n++;
    return n;
}

/* The bytes of the strings. */
static size_t aliases_size(const char *aliases)
{
    const char *alias = aliases;

    while (*alias)
        alias += strlen(alias) + 1;
    return (size_t)(alias - aliases);
}

/* The strings of a host are its name and its alias; the answer's members are
   followed by other members, so the list is made here. */
static void hostent_put(const struct host_answer *answer, struct block *block)
{
    size_t pointers = ((*answer->alias ? 1 : 0) + 1 + answer->count + 1) *
                      sizeof(void *);
    size_t addresses = sizeof(struct hostent) + pointers, text;
    char aliases[sizeof(answer->alias) + 1] = "";
    struct hostent host = {.h_addrtype = (short)answer->family,
                           .h_length = (short)answer->length};
    uint32_t i;

    memcpy(aliases, answer->alias, sizeof(answer->alias));
    text = addresses + answer->count * answer->length;
    host.h_name = (char *)(block->base + text + aliases_size(aliases));
    host.h_aliases = (char **)(block->base + sizeof(host));
    host.h_addr_list = (char **)(block->base + sizeof(host) +
                                 (count_aliases(aliases) + 1) *
                                     sizeof(char *));
    block_put(block, &host, sizeof(host));
    block_put_aliases(block, aliases, &text);
    for (i = 0; i < answer->count; i++)
        block_put_pointer(block, (void *)(block->base + addresses +
                                          i * answer->length));
    block_put_pointer(block, NULL);
    block_put(block, answer->addresses, answer->count * answer->length);
    block->used = text;
    block_put_text(block, answer->name);
}

static void servent_put(const struct unix_database_entry *entry,
                        struct block *block)
{
    size_t text = sizeof(struct servent) +
                  (count_aliases(entry->aliases) + 1) * sizeof(char *);
    size_t name = text + aliases_size(entry->aliases);
    struct servent service = {
        .s_name = (char *)(block->base + name),
        .s_aliases = (char **)(block->base + sizeof(service)),
        .s_proto = (char *)(block->base + name + strlen(entry->name) + 1),
        .s_port = (short)__builtin_bswap16((uint16_t)entry->number),
    };

    block_put(block, &service, sizeof(service));
    block_put_aliases(block, entry->aliases, &text);
    block->used = text;
    block_put_text(block, entry->name);
    block_put_text(block, entry->protocol);
}

static void protoent_put(const struct unix_database_entry *entry,
                         struct block *block)
{
    size_t text = sizeof(struct protoent) +
                  (count_aliases(entry->aliases) + 1) * sizeof(char *);
    struct protoent protocol = {
        .p_name = (char *)(block->base + text + aliases_size(entry->aliases)),
        .p_aliases = (char **)(block->base + sizeof(protocol)),
        .p_proto = (short)entry->number,
    };

    block_put(block, &protocol, sizeof(protocol));
    block_put_aliases(block, entry->aliases, &text);
    block->used = text;
    block_put_text(block, entry->name);
}

#define DEFINE_WRITE(type, answer_type)                                        \
    size_t type##_write(const answer_type *answer, void *to, size_t size,      \
                        uintptr_t base)                                        \
    {                                                                          \
        struct block measure = {NULL, base, 0}, block = {to, base, 0};         \
                                                                               \
        type##_put(answer, &measure);                                          \
        if (to && measure.used <= size)                                        \
            type##_put(answer, &block);                                        \
        return measure.used;                                                   \
    }

DEFINE_WRITE(hostent, struct host_answer)
DEFINE_WRITE(servent, struct unix_database_entry)
DEFINE_WRITE(protoent, struct unix_database_entry)
