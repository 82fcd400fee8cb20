/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for several sockets.  All sockets of one call belong to one
 * provider.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider/provider.h"

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

/* Waits for any socket of the sets; see WSPSelect. */
int WINAPI select(int nfds, fd_set *readfds, fd_set *writefds,
                  fd_set *exceptfds, const struct timeval *timeout)
{
    SOCKET first = first_of(
        readfds, first_of(writefds, first_of(exceptfds, INVALID_SOCKET)));
    const WSPPROC_TABLE *provider = provider_of(first);
    INT error = WSANOTINITIALISED;
    int count = SOCKET_ERROR;

    if (provider != NULL)
        count = provider->lpWSPSelect(nfds, readfds, writefds, exceptfds,
                                      timeout, &error);
    if (count == SOCKET_ERROR)
        return api_failure(error);
    api_success();
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

    if (api_started())
        count = WSPPoll(fdArray, fds, timeout, &error);
    if (count == SOCKET_ERROR)
        return api_failure(error);
    api_success();
    return count;
}

/* What FD_ISSET calls: whether s is in the set.  No last error. */
int WINAPI __WSAFDIsSet(SOCKET s, fd_set *set)
{
    const SOCKET *members = set->fd_array;
    u_int i;

    for (i = 0; i < set->fd_count; i++)
        if (members[i] == s)
            return TRUE;
    return FALSE;
}
