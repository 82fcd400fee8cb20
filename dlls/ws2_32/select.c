/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for several sockets.  All sockets of one call belong to one
 * provider.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider/provider.h"
#include "unix/boundary.h"

#include <stdlib.h>

#ifndef SIO_BSP_HANDLE_POLL
#define SIO_BSP_HANDLE_POLL 0x4800001D
#endif

/* --- select --------------------------------------------------------------- */

/* The first socket of the sets says whose call it is. */
static SOCKET first_of(const fd_set *set, SOCKET otherwise)
{
    SOCKET first;
    u_int count;

    if (set == NULL ||
        unix_memory_read_again(&count, &set->fd_count, sizeof count) ||
        count == 0 ||
        unix_memory_read_again(&first, set->fd_array, sizeof first))
        return otherwise;
    return first;
}

/* What becomes of a socket that is not the provider's. */
static int error_of_stranger(SOCKET s)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    int type, length = sizeof(type);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPGetSockOpt(s, SOL_SOCKET, SO_TYPE, (char *)&type,
                                  &length, &error))
        return error;
    return WSAEINVAL;
}

/* WSAEINVAL: the set has a socket of another provider; WSAENOTSOCK: one that is
   none at all. */
static int check_set(const fd_set *set, const WSPPROC_TABLE *provider)
{
    const SOCKET *members = set != NULL ? set->fd_array : NULL;
    u_int i;

    for (i = 0; set != NULL && i < set->fd_count; i++)
        if (provider_of(members[i]) != provider)
            return error_of_stranger(members[i]);
    return 0;
}

/*
 * Waits for any socket of the sets; see WSPSelect.  WSAEINVAL also: they belong
 * to more than one provider.
 */
int WINAPI select(int nfds, fd_set *readfds, fd_set *writefds,
                  fd_set *exceptfds, const struct timeval *timeout)
{
    SOCKET first = first_of(
        readfds, first_of(writefds, first_of(exceptfds, INVALID_SOCKET)));
    const WSPPROC_TABLE *provider = provider_of(first);
    INT error = provider == NULL ? WSANOTINITIALISED : 0;
    int count = SOCKET_ERROR;

    if (!error && __atomic_load_n(&provider_sockets_used, __ATOMIC_RELAXED)) {
        error = check_set(readfds, provider);
        if (!error)
            error = check_set(writefds, provider);
        if (!error)
            error = check_set(exceptfds, provider);
    }
    if (!error)
        count = provider->lpWSPSelect(nfds, readfds, writefds, exceptfds,
                                      timeout, &error);
    if (count == SOCKET_ERROR)
        return api_failure(error);
    api_success();
    return count;
}

/* --- WSAPoll -------------------------------------------------------------- */

#define POLL_MAX 0x1000000

/*
 * WSPPROC_TABLE has no entry for it.  The sockets of other providers are asked
 * for the base provider's below them (SIO_BSP_HANDLE_POLL), as Windows does,
 * and the base provider waits for all of them.  One that has none below it
 * gets POLLNVAL, as what is no socket does.
 */
static int poll_below(WSAPOLLFD *entries, ULONG n, int timeout, INT *error)
{
    WSAPOLLFD *below;
    DWORD returned;
    ULONG i;
    int count;

    if (n > POLL_MAX || (below = malloc(n * sizeof(*below))) == NULL) {
        *error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    *error = unix_memory_read(below, entries, n * (uint32_t)sizeof(*below));
    if (*error) {
        free(below);
        return SOCKET_ERROR;
    }
    for (i = 0; i < n; i++) {
        const WSPPROC_TABLE *provider = provider_of(below[i].fd);
        SOCKET base = INVALID_SOCKET;
        INT ignored;

        if (provider == NULL ||
            provider == __atomic_load_n(&provider_table, __ATOMIC_ACQUIRE))
            continue;
        if (!provider->lpWSPIoctl(below[i].fd, SIO_BSP_HANDLE_POLL, NULL, 0,
                                  &base, sizeof(base), &returned, NULL, NULL,
                                  NULL, &ignored))
            below[i].fd = base;
    }
    count = WSPPoll(below, n, timeout, error);
    for (i = 0; count != SOCKET_ERROR && i < n; i++)
        entries[i].revents = below[i].revents;
    free(below);
    return count;
}

/*
 * Waits for any of n sockets; timeout in ms, negative: for ever.  Returns how
 * many have revents.  WSAEINVAL: n is 0, or unknown bits in events; WSAEFAULT:
 * fdArray is NULL; WSAENOTSOCK: none of them is a socket.
 */
int WINAPI WSAPoll(WSAPOLLFD *fdArray, ULONG fds, int timeout)
{
    INT error = WSANOTINITIALISED;
    int count = SOCKET_ERROR;

    if (api_started()) {
        if (__atomic_load_n(&provider_sockets_used, __ATOMIC_RELAXED) &&
            fdArray != NULL && fds > 0)
            count = poll_below(fdArray, fds, timeout, &error);
        else
            count = WSPPoll(fdArray, fds, timeout, &error);
    }
    if (count == SOCKET_ERROR)
        return api_failure(error);
    api_success();
    return count;
}

/* What FD_ISSET calls: whether s is in the set.  No last error; in a set that
   is no memory there is nothing. */
int WINAPI __WSAFDIsSet(SOCKET s, fd_set *set)
{
    const SOCKET *members;
    u_int i, count;

    if (unix_memory_check(set, sizeof(set->fd_count), 0))
        return FALSE;
    count = set->fd_count;
    members = set->fd_array;
    if (unix_memory_check(members, (uint64_t)count * sizeof(*members), 0))
        return FALSE;
    for (i = 0; i < count; i++)
        if (members[i] == s)
            return TRUE;
    return FALSE;
}
