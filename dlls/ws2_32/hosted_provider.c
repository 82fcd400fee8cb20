/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces that other programs host, as name_spaces.h wants
 * them: their routines carry the calls to the host.
 *
 * The host is looked for when there is something to ask, not before; without
 * one a look-up is WSASERVICE_NOT_FOUND.
 *
 * Of e-mail's name space a provider is asked for the domains that it was
 * installed for.  Windows asks a domain's primary provider first, and others
 * only if it has nothing, unless the question is LUP_NON_AUTHORITATIVE; here
 * all of them are asked, in the catalog's order.
 *
 * A look-up is a number, for NSPLookupServiceEnd may come while another thread
 * is in NSPLookupServiceNext.  It has a reference of the table's and one of
 * each call.  A result comes whole and is kept until the program has room for
 * it.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "hosted_session.h"
#include "name_spaces.h"
#include "query_set.h"

#include <pthread.h>
#include <stdlib.h>

struct hosted_lookup {
    struct hosted_lookup *next; /* under lock, so for the next two */
    ULONG_PTR id;
    unsigned int references;
    BOOL has_ended; /* atomic */
    struct hosted_session *session;
    uint64_t number; /* the host's */
    pthread_mutex_t busy; /* of what follows */
    WSAQUERYSETW *kept;   /* a result that the program had no room for */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct hosted_lookup *lookups; /* under lock, so for the next */
static ULONG_PTR last_id;

/* --- Life ----------------------------------------------------------------- */

/* NULL: there is none. */
static struct hosted_lookup *lookup_acquire(HANDLE handle)
{
    struct hosted_lookup *lookup;

    pthread_mutex_lock(&lock);
    lookup = lookups;
    while (lookup && lookup->id != (ULONG_PTR)handle)
        lookup = lookup->next;
    if (lookup)
        lookup->references++;
    pthread_mutex_unlock(&lock);
    return lookup;
}

static void lookup_release(struct hosted_lookup *lookup)
{
    BOOL last;

    pthread_mutex_lock(&lock);
    last = --lookup->references == 0;
    pthread_mutex_unlock(&lock);
    if (!last)
        return;
    hosted_session_release(lookup->session);
    pthread_mutex_destroy(&lookup->busy);
    free(lookup->kept);
    free(lookup);
}

/* Takes it out of the table, whose reference is the caller's then. */
static struct hosted_lookup *lookup_take(HANDLE handle)
{
    struct hosted_lookup **place = &lookups, *lookup;

    pthread_mutex_lock(&lock);
    while (*place && (*place)->id != (ULONG_PTR)handle)
        place = &(*place)->next;
    lookup = *place;
    if (lookup) {
        *place = lookup->next;
        __atomic_store_n(&lookup->has_ended, TRUE, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return lookup;
}

void hosted_lookups_forked(void)
{
    pthread_mutex_init(&lock, NULL);
    lookups = NULL; /* the parent's */
}

/* --- Calls ---------------------------------------------------------------- */

static int begin(const GUID *provider, WSAQUERYSETW *set, DWORD flags,
                 HANDLE *handle)
{
    struct hosted_message request = {.code = HOSTED_BEGIN, .flags = flags};
    struct hosted_lookup *lookup;
    int error;

    /* Without a name it is the preferred ones that are asked for. */
    if (!(flags & QUERY_PREFERRED_NAMES) &&
        !name_space_hosted_serves(provider, set->lpszServiceInstanceName))
        return WSASERVICE_NOT_FOUND;
    lookup = calloc(1, sizeof(*lookup));
    if (!lookup)
        return WSA_NOT_ENOUGH_MEMORY;
    error = hosted_session_acquire(provider, &lookup->session);
    if (!error) {
        error = hosted_session_ask(lookup->session, &request, set, NULL, NULL);
        if (error)
            hosted_session_release(lookup->session);
    }
    if (error) {
        free(lookup);
        return error;
    }
    lookup->number = request.lookup;
    lookup->references = 1;
    pthread_mutex_init(&lookup->busy, NULL);
    pthread_mutex_lock(&lock);
    lookup->id = ++last_id;
    lookup->next = lookups;
    lookups = lookup;
    *handle = (HANDLE)lookup->id;
    pthread_mutex_unlock(&lock);
    return 0;
}

static INT WSPAPI lookup_begin(LPGUID provider, LPWSAQUERYSETW set,
                               LPWSASERVICECLASSINFOW class, DWORD flags,
                               LPHANDLE handle)
{
    int error;

    (void)class; /* version 2 has none */
    error = begin(provider, set, flags, handle);
    return error ? api_failure(error) : 0;
}

/* Its calls come one after the other. */
static int next(struct hosted_lookup *lookup, DWORD flags, DWORD *length,
                WSAQUERYSETW *to)
{
    struct hosted_message request = {
        .code = HOSTED_NEXT,
        .lookup = lookup->number,
        .flags = flags & ~(DWORD)QUERY_FLUSH_PREVIOUS,
    };
    int error = 0;

    if (lookup->kept && (flags & QUERY_FLUSH_PREVIOUS)) {
        free(lookup->kept);
        lookup->kept = NULL;
    }
    if (!lookup->kept)
        error = hosted_session_ask(lookup->session, &request, NULL,
                                   &lookup->has_ended, &lookup->kept);
    if (__atomic_load_n(&lookup->has_ended, __ATOMIC_ACQUIRE))
        return WSA_E_CANCELLED;
    if (!error)
        error = query_set_hand_out(lookup->kept, TRUE, to, length);
    if (!error) {
        free(lookup->kept);
        lookup->kept = NULL;
    }
    return error;
}

static INT WSPAPI lookup_next(HANDLE handle, DWORD flags, LPDWORD length,
                              LPWSAQUERYSETW to)
{
    struct hosted_lookup *lookup = lookup_acquire(handle);
    int error;

    if (!lookup)
        return api_failure(WSA_INVALID_HANDLE);
    pthread_mutex_lock(&lookup->busy);
    error = next(lookup, flags, length, to);
    pthread_mutex_unlock(&lookup->busy);
    lookup_release(lookup);
    return error ? api_failure(error) : 0;
}

/* Who waits for a result is let go at once, and nobody waits for the host. */
static INT WSPAPI lookup_end(HANDLE handle)
{
    struct hosted_lookup *lookup = lookup_take(handle);
    struct hosted_message request = {.code = HOSTED_END};

    if (!lookup)
        return api_failure(WSA_INVALID_HANDLE);
    request.lookup = lookup->number;
    hosted_session_cancel(lookup->session, lookup->number);
    hosted_session_tell(lookup->session, &request);
    lookup_release(lookup);
    return 0;
}

static INT WSPAPI set_service(LPGUID provider, LPWSASERVICECLASSINFOW class,
                              LPWSAQUERYSETW set, WSAESETSERVICEOP operation,
                              DWORD flags)
{
    struct hosted_message request = {
        .code = HOSTED_SET,
        .flags = flags,
        .operation = (uint32_t)operation,
    };
    struct hosted_session *session;
    int error;

    (void)class;
    if (!name_space_hosted_serves(provider, set->lpszServiceInstanceName))
        return api_failure(WSASERVICE_NOT_FOUND);
    error = hosted_session_acquire(provider, &session);
    if (!error) {
        error = hosted_session_ask(session, &request, set, NULL, NULL);
        hosted_session_release(session);
    }
    return error ? api_failure(error) : 0;
}

INT WSPAPI name_space_hosted_startup(LPGUID provider, LPNSP_ROUTINE routines)
{
    (void)provider;
    name_space_fill_routines(routines);
    routines->NSPLookupServiceBegin = lookup_begin;
    routines->NSPLookupServiceNext = lookup_next;
    routines->NSPLookupServiceEnd = lookup_end;
    routines->NSPSetService = set_service;
    return 0;
}
