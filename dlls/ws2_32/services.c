/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getservbyname, getservbyport, getprotobyname, getprotobynumber.
 *
 * As for hosts, a structure and all that it points to are in one buffer of
 * the thread.
 */
#include <winsock2.h>

#include "api.h"
#include "thread_buffer.h"
#include "unix/boundary.h"

#include <string.h>

/* Copies a string to *cursor, which it moves on. */
static char *put_text(char **cursor, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*cursor, text, size);

    *cursor += size;
    return copy;
}

static size_t count_aliases(const struct unix_database_entry *entry)
{
    const char *alias = entry->aliases;
    size_t n = 0;

    for (; *alias; alias += strlen(alias) + 1)
        n++;
    return n;
}

/* Makes the NULL-terminated array at list, the strings at *cursor. */
static void put_aliases(const struct unix_database_entry *entry, char **list,
                        char **cursor)
{
    const char *alias = entry->aliases;

    for (; *alias; alias += strlen(alias) + 1)
        *list++ = put_text(cursor, alias);
    *list = NULL;
}

/* The room that an entry's strings and their array take. */
static size_t text_size(const struct unix_database_entry *entry)
{
    return (count_aliases(entry) + 1) * sizeof(char *) +
           sizeof(entry->name) + sizeof(entry->aliases) +
           sizeof(entry->protocol);
}

/* --- Services ---------------------------------------------------------------------------- */

static struct servent *servent_new(const struct unix_database_entry *entry)
{
    struct servent *service = thread_buffer(
        THREAD_BUFFER_SERVICE, sizeof(*service) + text_size(entry));
    char *cursor;

    if (!service)
        return NULL;
    service->s_aliases = (char **)(service + 1);
    cursor = (char *)(service->s_aliases + count_aliases(entry) + 1);
    put_aliases(entry, service->s_aliases, &cursor);
    service->s_name = put_text(&cursor, entry->name);
    service->s_proto = put_text(&cursor, entry->protocol);
    service->s_port = (short)__builtin_bswap16((uint16_t)entry->number);
    return service;
}

static struct servent *find_service(const char *name, int port,
                                    const char *protocol)
{
    struct unix_database_entry entry;
    struct servent *service = NULL;
    int error = unix_find_service(name, port, protocol, &entry);

    if (!error) {
        service = servent_new(&entry);
        error = service ? 0 : WSAENOBUFS;
    }
    host_set_last_error((uint32_t)error);
    return service;
}

/* The service of a name; proto NULL: of any protocol.  WSANO_DATA: none,
   WSANOTINITIALISED. */
struct servent *WINAPI getservbyname(const char *name, const char *proto)
{
    if (!api_started() || !name) {
        host_set_last_error(api_started() ? WSANO_DATA : WSANOTINITIALISED);
        return NULL;
    }
    return find_service(name, 0, proto);
}

/* The service at a port, which is in network order; else as getservbyname. */
struct servent *WINAPI getservbyport(int port, const char *proto)
{
    if (!api_started()) {
        host_set_last_error(WSANOTINITIALISED);
        return NULL;
    }
    return find_service(NULL, __builtin_bswap16((uint16_t)port), proto);
}

/* --- Protocols --------------------------------------------------------------------------- */

static struct protoent *protoent_new(const struct unix_database_entry *entry)
{
    struct protoent *protocol = thread_buffer(
        THREAD_BUFFER_PROTOCOL, sizeof(*protocol) + text_size(entry));
    char *cursor;

    if (!protocol)
        return NULL;
    protocol->p_aliases = (char **)(protocol + 1);
    cursor = (char *)(protocol->p_aliases + count_aliases(entry) + 1);
    put_aliases(entry, protocol->p_aliases, &cursor);
    protocol->p_name = put_text(&cursor, entry->name);
    protocol->p_proto = (short)entry->number;
    return protocol;
}

static struct protoent *find_protocol(const char *name, int number)
{
    struct unix_database_entry entry;
    struct protoent *protocol = NULL;
    int error = unix_find_protocol(name, number, &entry);

    if (!error) {
        protocol = protoent_new(&entry);
        error = protocol ? 0 : WSAENOBUFS;
    }
    host_set_last_error((uint32_t)error);
    return protocol;
}

/* The protocol of a name, whatever its case.  WSANO_DATA: none,
   WSANOTINITIALISED. */
struct protoent *WINAPI getprotobyname(const char *name)
{
    if (!api_started() || !name) {
        host_set_last_error(api_started() ? WSANO_DATA : WSANOTINITIALISED);
        return NULL;
    }
    return find_protocol(name, 0);
}

/* The protocol of a number.  WSANO_DATA: none, WSANOTINITIALISED. */
struct protoent *WINAPI getprotobynumber(int number)
{
    if (!api_started()) {
        host_set_last_error(WSANOTINITIALISED);
        return NULL;
    }
    return find_protocol(NULL, number);
}
