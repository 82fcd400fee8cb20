/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPAccept, with its condition function.
 *
 * The kernel has completed the handshake before the condition function is
 * asked, so a rejected connection is reset.  A deferred one is put aside and
 * is what the next accept on the listener, with a condition function or
 * without, gets first.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include "provider/provider.h"

#include <pthread.h>
#include <stdlib.h>

/* --- Deferred connections ------------------------------------------------- */

struct deferred {
    struct deferred *next;
    SOCKET listener, accepted;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct deferred *first; /* oldest first; under lock */
static unsigned int count;     /* its length; read without the lock */

BOOL provider_none_deferred(void)
{
    return __atomic_load_n(&count, __ATOMIC_ACQUIRE) == 0;
}

/* Puts an accepted connection before those of its listener, or behind all. */
static int put_aside(SOCKET listener, SOCKET accepted, BOOL before)
{
    struct deferred *entry = malloc(sizeof *entry), **link;

    if (entry == NULL)
        return WSAENOBUFS;
    *entry = (struct deferred){.listener = listener, .accepted = accepted};
    pthread_mutex_lock(&lock);
    for (link = &first; !before && *link != NULL; link = &(*link)->next)
        ;
    entry->next = *link;
    *link = entry;
    unix_socket_keep_for_accept(accepted, 1);
    __atomic_add_fetch(&count, 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
    return 0;
}

/* Keeps an accepted connection for the next accept on its listener. */
static int defer(SOCKET listener, SOCKET accepted)
{
    return put_aside(listener, accepted, /* before= */ FALSE);
}

BOOL provider_has_deferred(SOCKET listener)
{
    const struct deferred *entry;

    if (provider_none_deferred())
        return FALSE;
    pthread_mutex_lock(&lock);
    for (entry = first; entry != NULL; entry = entry->next)
        if (entry->listener == listener)
            break;
    pthread_mutex_unlock(&lock);
    return entry != NULL;
}

SOCKET provider_take_deferred(SOCKET listener)
{
    struct deferred *entry, **link;
    SOCKET accepted = INVALID_SOCKET;

    if (provider_none_deferred())
        return INVALID_SOCKET;
    pthread_mutex_lock(&lock);
    for (link = &first; (entry = *link) != NULL; link = &entry->next)
        if (entry->listener == listener)
            break;
    if (entry != NULL) {
        accepted = entry->accepted;
        *link = entry->next;
        __atomic_sub_fetch(&count, 1, __ATOMIC_RELEASE);
        unix_socket_keep_for_accept(accepted, 0);
    }
    pthread_mutex_unlock(&lock);
    free(entry);
    return accepted;
}

/* FD_ACCEPT is for all that wait, here and in the kernel's queue.  An accept
   that defers (again) is none of its re-enabling functions. */
void provider_tell_deferred(SOCKET listener, BOOL again)
{
    const struct deferred *entry;
    uint32_t waiting = 0;

    pthread_mutex_lock(&lock);
    for (entry = first; entry != NULL; entry = entry->next)
        waiting += entry->listener == listener;
    pthread_mutex_unlock(&lock);
    unix_socket_put_aside(listener, waiting, again);
}

/* Closes with a reset, as a connection that nobody wants. */
static void abort_connection(SOCKET s)
{
    struct linger abort = {.l_onoff = 1, .l_linger = 0};

    unix_socket_set_option(s, WS2_SOL_SOCKET, WS2_SO_LINGER, &abort,
                           sizeof abort);
    unix_socket_close(s);
}

void provider_return_deferred(SOCKET listener, SOCKET accepted)
{
    if (unix_socket_is_known(accepted) &&
        put_aside(listener, accepted, /* before= */ TRUE))
        abort_connection(accepted);
}

void provider_drop_deferred(SOCKET listener)
{
    SOCKET accepted;

    while ((accepted = provider_take_deferred(listener)) != INVALID_SOCKET)
        abort_connection(accepted);
}

void provider_forget_deferred(void)
{
    struct deferred *entry;

    pthread_mutex_lock(&lock);
    while ((entry = first) != NULL) {
        first = entry->next;
        free(entry);
    }
    __atomic_store_n(&count, 0, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&lock);
}

/* In the child of a fork: they are the parent's.  A list that was being changed
   is let go as it is. */
void provider_deferred_forked(void)
{
    if (pthread_mutex_trylock(&lock) == 0) {
        pthread_mutex_unlock(&lock);
        provider_forget_deferred();
    }
    pthread_mutex_init(&lock, NULL);
    first = NULL;
    __atomic_store_n(&count, 0, __ATOMIC_RELEASE);
}

/* --- Accepting ------------------------------------------------------------ */

/* The next connection: one put aside, else the kernel's.  decides: the caller
   goes on to tell what becomes of it. */
static int next_connection(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                           BOOL decides, SOCKET *ret)
{
    SOCKET accepted = provider_take_deferred(s);
    ws2_handle handle;
    int error;

    if (accepted == INVALID_SOCKET) {
        error = unix_socket_accept(s, addr, addrlen, decides, &handle);
        if (!error)
            *ret = (SOCKET)handle;
        return error;
    }
    if (!decides)
        provider_tell_deferred(s, FALSE);
    error = addr == NULL || addrlen == NULL
                ? 0
                : unix_socket_get_peer_name(accepted, addr, addrlen);
    if (error)
        abort_connection(accepted);
    else
        *ret = accepted;
    return error;
}

/* Asks the program; returns what accept then does: 0, WSAECONNREFUSED,
   WSATRY_AGAIN, or WSAEINVAL for an answer that is none. */
static int ask(SOCKET accepted, LPCONDITIONPROC condition, DWORD_PTR context)
{
    struct sockaddr_storage caller, callee;
    INT caller_length = sizeof caller, callee_length = sizeof callee;
    WSABUF caller_id, callee_id, caller_data = {0}, callee_data = {0};
    GROUP group = 0;
    int error;

    error = unix_socket_get_peer_name(accepted, &caller, &caller_length);
    if (!error)
        error = unix_socket_get_local_name(accepted, &callee, &callee_length);
    if (error)
        return WSAECONNRESET; /* the caller has withdrawn */
    caller_id = (WSABUF){(ULONG)caller_length, (CHAR *)&caller};
    callee_id = (WSABUF){(ULONG)callee_length, (CHAR *)&callee};
    switch (condition(&caller_id, &caller_data, NULL, NULL, &callee_id,
                      &callee_data, &group, context)) {
    case CF_ACCEPT: return 0;
    case CF_REJECT: return WSAECONNREFUSED;
    case CF_DEFER: return WSATRY_AGAIN;
    default: return WSAEINVAL;
    }
}

/* Whether the program's name has room for a peer's; nobody need be asked when
   it has not. */
static int check_room(SOCKET s, const struct sockaddr *addr,
                      const INT *addrlen)
{
    struct unix_identity identity;
    int error = unix_socket_identity(s, &identity);
    INT room, wanted = 0;

    if (error || addr == NULL || addrlen == NULL)
        return error;
    if (identity.family == AF_INET)
        wanted = sizeof(struct sockaddr_in);
    else if (identity.family == AF_INET6)
        wanted = sizeof(struct sockaddr_in6);
    error = unix_memory_read(&room, addrlen, sizeof room);
    if (!error && room < wanted)
        error = WSAEFAULT;
    return error ? error : unix_memory_check(addr, (uint64_t)wanted, 1);
}

/* Accepts for a condition function, which sees the connection before the
   program gets the address. */
static int accept_if(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                     LPCONDITIONPROC condition, DWORD_PTR context, SOCKET *ret)
{
    SOCKET accepted = INVALID_SOCKET;
    int error;

    error = check_room(s, addr, addrlen);
    if (!error)
        error = next_connection(s, NULL, NULL, TRUE, &accepted);
    if (error)
        return error;
    error = ask(accepted, condition, context);
    if (error == WSATRY_AGAIN) {
        int deferred = defer(s, accepted);

        if (deferred) {
            abort_connection(accepted);
            error = deferred;
        }
        provider_tell_deferred(s, !deferred);
        return error;
    }
    provider_tell_deferred(s, FALSE);
    if (!error && addr != NULL && addrlen != NULL)
        error = unix_socket_get_peer_name(accepted, addr, addrlen);
    if (error)
        abort_connection(accepted);
    else
        *ret = accepted;
    return error;
}

/*
 * The next connection of a listener.  WSAEINVAL: not listening;
 * WSAEOPNOTSUPP: not connection-oriented; WSAEWOULDBLOCK; WSAEFAULT: *addrlen
 * is too small; with a condition function also WSAECONNREFUSED (CF_REJECT) and
 * WSATRY_AGAIN (CF_DEFER).
 */
SOCKET WSPAPI WSPAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData,
                        LPINT lpErrno)
{
    SOCKET accepted = INVALID_SOCKET;
    int error;

    if (lpfnCondition != NULL)
        error = accept_if(s, addr, addrlen, lpfnCondition, dwCallbackData,
                          &accepted);
    else
        error = next_connection(s, addr, addrlen, FALSE, &accepted);
    if (!error)
        error = provider_admit(accepted);
    provider_report(error, lpErrno);
    return error ? INVALID_SOCKET : accepted;
}
