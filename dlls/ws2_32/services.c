/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * getservbyname, getservbyport, getprotobyname, getprotobynumber.
 *
 * As for hosts, a structure and all that it points to are in one buffer of
 * the thread.
 */
#include <winsock2.h>

#include "api.h"
#include "database_entries.h"
#include "program_text.h"
#include "thread_buffer.h"
#include "unix/boundary.h"

enum { NAME_SIZE = 256 }; /* no name in the databases is as long */

/* A string of the program's; what is too long or NULL is in no database. */
static int read_name(const char *from, char to[NAME_SIZE])
{
    int error = from ? program_text_read(from, to, NAME_SIZE) : WSANO_DATA;

    return error == WSAENAMETOOLONG ? WSANO_DATA : error;
}

/* --- Services ------------------------------------------------------------- */

/* name NULL: by port.  protocol: the program's. */
static struct servent *find_service(const char *name, int port,
                                    const char *protocol)
{
    struct unix_database_entry entry;
    struct servent *service = NULL;
    char copy[NAME_SIZE];
    int error = protocol ? read_name(protocol, copy) : 0;

    if (!error)
        error = unix_find_service(name, port, protocol ? copy : NULL, &entry);
    if (!error) {
        service = thread_buffer(THREAD_BUFFER_SERVICE,
                                servent_write(&entry, NULL, 0, 0));
        if (service)
            servent_write(&entry, service, SIZE_MAX, (uintptr_t)service);
        else
            error = WSAENOBUFS;
    }
    host_set_last_error((uint32_t)error);
    return service;
}

/* The service of a name; proto NULL: of any protocol.  WSANO_DATA: none,
   WSAEFAULT, WSANOTINITIALISED. */
struct servent *WINAPI getservbyname(const char *name, const char *proto)
{
    char copy[NAME_SIZE];
    int error = api_started() ? read_name(name, copy) : WSANOTINITIALISED;

    if (error) {
        host_set_last_error((uint32_t)error);
        return NULL;
    }
    return find_service(copy, 0, proto);
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

/* --- Protocols ------------------------------------------------------------ */

/* name NULL: by number. */
static struct protoent *find_protocol(const char *name, int number)
{
    struct unix_database_entry entry;
    struct protoent *protocol = NULL;
    int error = unix_find_protocol(name, number, &entry);

    if (!error) {
        protocol = thread_buffer(THREAD_BUFFER_PROTOCOL,
                                 protoent_write(&entry, NULL, 0, 0));
        if (protocol)
            protoent_write(&entry, protocol, SIZE_MAX, (uintptr_t)protocol);
        else
            error = WSAENOBUFS;
    }
    host_set_last_error((uint32_t)error);
    return protocol;
}

/* The protocol of a name, whatever its case.  WSANO_DATA: none, WSAEFAULT,
   WSANOTINITIALISED. */
struct protoent *WINAPI getprotobyname(const char *name)
{
    char copy[NAME_SIZE];
    int error = api_started() ? read_name(name, copy) : WSANOTINITIALISED;

    if (error) {
        host_set_last_error((uint32_t)error);
        return NULL;
    }
    return find_protocol(copy, 0);
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
