/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gethostname, gethostbyname, gethostbyaddr.
 *
 * A hostent and all that it points to are in one buffer of the thread.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include "api.h"
#include "database_entries.h"
#include "program_text.h"
#include "thread_buffer.h"
#include "unix/boundary.h"
#include "wide_text.h"

#include <string.h>

enum { NAME_SIZE = 1026 };

/* --- The own name --------------------------------------------------------- */

/* WSAEFAULT: the size is more than there is room for. */
static int put_own_name(void *to, int room, const void *name, size_t length,
                        size_t size_of_character)
{
    if (room < 0 || length > (size_t)room)
        return WSAEFAULT;
    return unix_memory_write(to, name, (uint32_t)(length * size_of_character));
}

/* The name that the DNS knows this machine by.  WSAEFAULT: a bad pointer, or
   too little room, and nothing is written. */
int WINAPI gethostname(char *name, int namelen)
{
    char own[NAME_SIZE];
    int error;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    error = unix_host_name(own, sizeof(own));
    if (!error)
        error = put_own_name(name, namelen, own, strlen(own) + 1,
                             sizeof(char));
    return api_result(error);
}

/* As gethostname; the length in WCHARs. */
int WINAPI GetHostNameW(WCHAR *name, int namelen)
{
    char own[NAME_SIZE];
    WCHAR wide[NAME_SIZE];
    int error;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    error = unix_host_name(own, sizeof(own));
    if (!error)
        error = put_own_name(name, namelen, wide,
                             wide_text_from_utf8(own, wide, NAME_SIZE),
                             sizeof(WCHAR));
    return api_result(error);
}

/* --- Hosts ---------------------------------------------------------------- */

/* The thread's hostent; NULL, with the last error. */
static struct hostent *finish(struct host_answer *answer, int error)
{
    struct hostent *host = NULL;
    size_t size;

    if (!error) {
        size = hostent_write(answer, NULL, 0, 0);
        host = thread_buffer(THREAD_BUFFER_HOST, size);
        if (host)
            hostent_write(answer, host, size, (uintptr_t)host);
        else
            error = WSAENOBUFS;
    }
    host_answer_free(answer);
    host_set_last_error((uint32_t)error);
    return host;
}

/*
 * The IPv4 addresses of a name or a literal; NULL and "" are this machine.
 * Errors: WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN, WSANO_RECOVERY,
 * WSAEFAULT, WSANOTINITIALISED.
 */
struct hostent *WINAPI gethostbyname(const char *name)
{
    struct host_answer answer = {.addresses = NULL};
    char copy[NAME_SIZE] = "";
    int error = 0;

    if (!api_started())
        return finish(&answer, WSANOTINITIALISED);
    if (name)
        error = program_text_read(name, copy, sizeof(copy));
    if (error == WSAENAMETOOLONG)
        error = WSAHOST_NOT_FOUND;
    if (!error)
        error = host_answer_by_name(copy, &answer);
    return finish(&answer, error);
}

/*
 * The name of an address.  Errors: WSAEAFNOSUPPORT, WSAEFAULT (a bad pointer,
 * or another length than the family's), WSAHOST_NOT_FOUND, WSATRY_AGAIN,
 * WSANO_RECOVERY, WSANOTINITIALISED.
 */
struct hostent *WINAPI gethostbyaddr(const char *addr, int len, int type)
{
    struct host_answer answer = {.addresses = NULL};
    char copy[16] = "";
    int error = 0;

    if (!api_started())
        return finish(&answer, WSANOTINITIALISED);
    if (len < 0 || (size_t)len > sizeof(copy))
        error = WSAEFAULT;
    if (!error)
        error = unix_memory_read(copy, addr, (uint32_t)len);
    if (!error || (type != AF_INET && type != AF_INET6 && addr))
        error = host_answer_by_address(copy, len, type, &answer);
    return finish(&answer, error);
}
