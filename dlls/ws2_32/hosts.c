/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gethostname, gethostbyname, gethostbyaddr.
 *
 * A hostent and all that it points to are in one buffer of the thread: the
 * structure, the aliases, the addresses' pointers, the addresses, the name.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "api.h"
#include "thread_buffer.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 1026 };

/* --- The own name -------------------------------------------------------------------- */

/* The name that the DNS knows this machine by.  WSAEFAULT: NULL, or too little
   room, and nothing is written. */
int WINAPI gethostname(char *name, int namelen)
{
    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (!name || namelen < 0)
        return api_failure(WSAEFAULT);
    return api_result(unix_host_name(name, (uint32_t)namelen));
}

/* As gethostname; the length in WCHARs. */
int WINAPI GetHostNameW(WCHAR *name, int namelen)
{
    char narrow[NAME_SIZE];
    int error;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (!name || namelen < 0)
        return api_failure(WSAEFAULT);
    error = unix_host_name(narrow, sizeof(narrow));
    if (error)
        return api_failure(error);
    if (wide_text_from_utf8(narrow, NULL, 0) > (size_t)namelen)
        return api_failure(WSAEFAULT);
    wide_text_from_utf8(narrow, name, (size_t)namelen);
    return api_success();
}

/* --- Hosts ----------------------------------------------------------------------------- */

/* The addresses of one family as a hostent; NULL: out of memory.  addresses
   follow one another, each of the given length. */
static struct hostent *hostent_new(const char *name, int family,
                                   const uint8_t *addresses, uint32_t count,
                                   size_t length)
{
    size_t name_size = strlen(name) + 1;
    /* Both arrays end with NULL; of aliases there are none. */
    size_t pointers = (1 + (size_t)count + 1) * sizeof(char *);
    struct hostent *host =
        thread_buffer(THREAD_BUFFER_HOST, sizeof(*host) + pointers +
                                              count * length + name_size);
    char *bytes;
    uint32_t i;

    if (!host)
        return NULL;
    host->h_aliases = (char **)(host + 1);
    host->h_aliases[0] = NULL;
    host->h_addr_list = host->h_aliases + 1;
    bytes = (char *)(host->h_aliases) + pointers;
    for (i = 0; i < count; i++, bytes += length) {
        memcpy(bytes, addresses + i * length, length);
        host->h_addr_list[i] = bytes;
    }
    host->h_addr_list[count] = NULL;
    host->h_name = memcpy(bytes, name, name_size);
    host->h_addrtype = (short)family;
    host->h_length = (short)length;
    return host;
}

static struct hostent *finish(struct hostent *host, int error)
{
    host_set_last_error((uint32_t)error);
    return host;
}

/* The IPv4 addresses of a list as a hostent. */
static struct hostent *hostent_of(const struct unix_addresses *list,
                                  const char *name, int *error)
{
    uint8_t *bytes = malloc(4 * (size_t)list->count);
    struct hostent *host = NULL;
    uint32_t i;

    if (bytes) {
        for (i = 0; i < list->count; i++)
            memcpy(bytes + 4 * i, list->items[i].bytes + 4, 4);
        host = hostent_new(*list->canonical_name ? list->canonical_name : name,
                           AF_INET, bytes, list->count, 4);
    }
    *error = host ? 0 : WSAENOBUFS;
    free(bytes);
    return host;
}

/*
 * The IPv4 addresses of a name or a literal; NULL and "" are this machine.
 * Errors: WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN, WSANO_RECOVERY,
 * WSANOTINITIALISED.
 */
struct hostent *WINAPI gethostbyname(const char *name)
{
    struct unix_addresses list = {.count = 0};
    struct hostent *host;
    int error;

    if (!api_started())
        return finish(NULL, WSANOTINITIALISED);
    if (!name)
        name = "";
    error = unix_resolve(name, NULL, AI_CANONNAME, AF_INET, 0, 0, &list);
    if (error)
        return finish(NULL, error);
    host = hostent_of(&list, name, &error);
    unix_addresses_free(&list);
    return finish(host, error);
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

/*
 * The name of an address.  Errors: WSAEAFNOSUPPORT, WSAEFAULT (NULL, or
 * another length than the family's), WSAHOST_NOT_FOUND, WSATRY_AGAIN,
 * WSANO_RECOVERY, WSANOTINITIALISED.
 */
struct hostent *WINAPI gethostbyaddr(const char *addr, int len, int type)
{
    char name[NAME_SIZE];
    struct sockaddr_storage address;
    struct hostent *host;
    int error, length;

    if (!api_started())
        return finish(NULL, WSANOTINITIALISED);
    if (!addr)
        return finish(NULL, WSAEFAULT);
    if (type != AF_INET && type != AF_INET6)
        return finish(NULL, WSAEAFNOSUPPORT);
    length = sockaddr_of(addr, len, type, &address);
    if (!length)
        return finish(NULL, WSAEFAULT);
    error = unix_resolve_name(&address, length, name, sizeof(name), NULL, 0,
                              NI_NAMEREQD);
    if (error)
        return finish(NULL, error);
    host = hostent_new(name, type, (const uint8_t *)addr, 1, (size_t)len);
    return finish(host, host ? 0 : WSAENOBUFS);
}
