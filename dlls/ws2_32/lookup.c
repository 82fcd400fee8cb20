/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSALookupService*, WSASetService, WSANSPIoctl: asking the name spaces.
 *
 * A look-up is a list of those providers that took the question, each with a
 * handle of its own; WSALookupServiceNext asks them one after the other.  The
 * program's handle is a number that is not used again, so one that is none
 * does no harm.
 *
 * A look-up has a reference of the table's, until WSALookupServiceEnd, and one
 * of each call that is at it.  The providers' own end it at once, so that a
 * call that is waiting for one of them returns (WSA_E_CANCELLED).
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "lookup.h"
#include "lookup_results.h"
#include "name_spaces.h"
#include "query_set.h"
#include "service_classes.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LOOKUPS = 4096, MAX_PROVIDERS = 32 };

struct asked_provider {
    struct name_space_provider *provider;
    HANDLE handle;
};

struct lookup {
    uint32_t id;
    unsigned int references; /* under the table's lock */
    BOOL ended;              /* so */
    struct lookup *next;     /* so */
    pthread_mutex_t lock;    /* of what follows: one call after the other */
    unsigned int current;    /* the provider to ask next */
    BOOL found;              /* there has been a result */
    int error;               /* why a provider had none */
    WSAQUERYSETW *kept; /* a result that the program had no room for */
    unsigned int n_providers;
    struct asked_provider providers[MAX_PROVIDERS];
};

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *lookups; /* under table_lock, so for the next two */
static unsigned int n_lookups;
static uint32_t last_id;

/* --- The table ------------------------------------------------------------ */

static void lookup_free(struct lookup *lookup)
{
    unsigned int i;

    for (i = 0; i < lookup->n_providers; i++)
        name_space_release(lookup->providers[i].provider);
    free(lookup->kept);
    pthread_mutex_destroy(&lookup->lock);
    free(lookup);
}

static struct lookup *lookup_new(void)
{
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (lookup) {
        pthread_mutex_init(&lookup->lock, NULL);
        lookup->references = 1;
    }
    return lookup;
}

/* Gives the look-up its handle.  FALSE: there are too many. */
static BOOL lookup_enter(struct lookup *lookup)
{
    BOOL room;

    pthread_mutex_lock(&table_lock);
    room = n_lookups < MAX_LOOKUPS;
    if (room) {
        last_id = last_id % 0x1fffffff + 1;
        lookup->id = 4 * last_id;
        lookup->next = lookups;
        lookups = lookup;
        n_lookups++;
    }
    pthread_mutex_unlock(&table_lock);
    return room;
}

/* The place of a look-up in the list; under table_lock. */
static struct lookup **lookup_place(uint32_t id)
{
    struct lookup **place = &lookups;

    while (*place && (*place)->id != id)
        place = &(*place)->next;
    return place;
}

/* NULL: WSA_INVALID_HANDLE. */
static struct lookup *lookup_acquire(HANDLE handle)
{
    struct lookup *lookup = NULL;

    if (handle && (ULONG_PTR)handle <= UINT32_MAX) {
        pthread_mutex_lock(&table_lock);
        lookup = *lookup_place((uint32_t)(ULONG_PTR)handle);
        if (lookup)
            lookup->references++;
        pthread_mutex_unlock(&table_lock);
    }
    return lookup;
}

static void lookup_release(struct lookup *lookup)
{
    BOOL last;

    pthread_mutex_lock(&table_lock);
    last = --lookup->references == 0;
    pthread_mutex_unlock(&table_lock);
    if (last)
        lookup_free(lookup);
}

static BOOL lookup_has_ended(struct lookup *lookup)
{
    BOOL ended;

    pthread_mutex_lock(&table_lock);
    ended = lookup->ended;
    pthread_mutex_unlock(&table_lock);
    return ended;
}

/* Ends what the providers have of it. */
static void lookup_end_providers(struct lookup *lookup)
{
    unsigned int i;

    for (i = 0; i < lookup->n_providers; i++) {
        struct asked_provider *asked = &lookup->providers[i];

        asked->provider->routines.NSPLookupServiceEnd(asked->handle);
    }
}

/* Takes it out of the table; the caller has the table's reference then.
   NULL: it is not there. */
static struct lookup *lookup_take(uint32_t id)
{
    struct lookup **place, *lookup;

    pthread_mutex_lock(&table_lock);
    place = lookup_place(id);
    lookup = *place;
    if (lookup) {
        *place = lookup->next;
        lookup->ended = TRUE;
        n_lookups--;
    }
    pthread_mutex_unlock(&table_lock);
    return lookup;
}

struct lookup *lookups_detach(void)
{
    struct lookup *all, *lookup;

    pthread_mutex_lock(&table_lock);
    all = lookups;
    lookups = NULL;
    n_lookups = 0;
    for (lookup = all; lookup; lookup = lookup->next)
        lookup->ended = TRUE;
    pthread_mutex_unlock(&table_lock);
    return all;
}

void lookups_end(struct lookup *all)
{
    struct lookup *next;

    for (; all; all = next) {
        next = all->next;
        lookup_end_providers(all);
        lookup_release(all);
    }
}

void lookups_forked(void)
{
    pthread_mutex_init(&table_lock, NULL);
    lookup_results_forked();
}

/* --- Beginning ------------------------------------------------------------ */

/* What a provider said: it sets the last error. */
static int provider_error(void)
{
    int error = (int)host_get_last_error();

    return error ? error : WSANO_RECOVERY;
}

/* What the providers are told of the set's class: all that is known of it, from
   malloc, or in `least` its id. */
static WSASERVICECLASSINFOW *class_of(const WSAQUERYSETW *set,
                                      WSASERVICECLASSINFOW *least)
{
    WSASERVICECLASSINFOW *known = NULL;

    if (set->lpServiceClassId)
        known = service_class_describe(set->lpServiceClassId);
    *least = (WSASERVICECLASSINFOW){.lpServiceClassId = set->lpServiceClassId};
    return known ? known : least;
}

static void class_free(WSASERVICECLASSINFOW *class,
                       const WSASERVICECLASSINFOW *least)
{
    if (class != least)
        free(class);
}

/* Asks one provider; not taking the question is no error of the look-up's. */
static int lookup_ask(struct lookup *lookup,
                      struct name_space_provider *provider, WSAQUERYSETW *set,
                      WSASERVICECLASSINFOW *class, DWORD flags)
{
    HANDLE handle = NULL;

    if (provider->routines.NSPLookupServiceBegin(&provider->provider, set,
                                                 class, flags, &handle))
        return provider_error();
    lookup->providers[lookup->n_providers].provider = provider;
    lookup->providers[lookup->n_providers++].handle = handle;
    return 0;
}

/* Asks all providers that the set admits.  Returns the first one's error that
   says more than that it is not for it, when none took the question. */
static int lookup_ask_all(struct lookup *lookup, WSAQUERYSETW *set,
                          DWORD flags)
{
    WSASERVICECLASSINFOW least, *class = class_of(set, &least);
    struct name_space_provider *provider;
    int error = WSASERVICE_NOT_FOUND, refused;
    unsigned int i;

    for (i = 0; lookup->n_providers < MAX_PROVIDERS; i++) {
        refused = name_space_acquire(set->dwNameSpace, set->lpNSProviderId, i,
                                     &provider);
        if (refused == WSASERVICE_NOT_FOUND)
            break;
        if (!refused) {
            refused = lookup_ask(lookup, provider, set, class, flags);
            if (refused)
                name_space_release(provider);
        }
        if (refused && error == WSASERVICE_NOT_FOUND)
            error = refused;
    }
    class_free(class, &least);
    return lookup->n_providers ? 0 : error;
}

static int lookup_begin(const void *restrictions, BOOL wide, DWORD flags,
                        HANDLE *ret_handle)
{
    struct lookup *lookup = NULL;
    WSAQUERYSETW *set = NULL;
    HANDLE handle = NULL;
    int error;

    if (!api_started())
        return WSANOTINITIALISED;
    if (unix_memory_write(ret_handle, &handle, sizeof(handle)))
        return WSAEFAULT;
    error = query_set_read(restrictions, wide, &set);
    if (error)
        return error;
    lookup = lookup_new();
    error = lookup ? lookup_ask_all(lookup, set, flags)
                   : WSA_NOT_ENOUGH_MEMORY;
    if (!error && !lookup_enter(lookup))
        error = WSA_NOT_ENOUGH_MEMORY;
    query_set_free(set);
    if (error) {
        if (lookup) {
            lookup_end_providers(lookup);
            lookup_free(lookup);
        }
        return error;
    }
    handle = (HANDLE)(ULONG_PTR)lookup->id;
    return unix_memory_write(ret_handle, &handle, sizeof(handle));
}

/*
 * Begins a look-up, whose results WSALookupServiceNext brings.  The set's
 * dwNameSpace and lpNSProviderId say who is asked, its lpServiceClassId what
 * for.  WSAEFAULT; WSAEINVAL: its size, or no class; WSASERVICE_NOT_FOUND:
 * there is no such name space, or it has nothing of the class; WSANO_DATA,
 * WSA_NOT_ENOUGH_MEMORY, WSANOTINITIALISED.
 */
INT WINAPI WSALookupServiceBeginW(LPWSAQUERYSETW lpqsRestrictions,
                                  DWORD dwControlFlags, LPHANDLE lphLookup)
{
    return api_result(lookup_begin(lpqsRestrictions, TRUE, dwControlFlags,
                                   lphLookup));
}

/* As the W form. */
INT WINAPI WSALookupServiceBeginA(LPWSAQUERYSETA lpqsRestrictions,
                                  DWORD dwControlFlags, LPHANDLE lphLookup)
{
    return api_result(lookup_begin(lpqsRestrictions, FALSE, dwControlFlags,
                                   lphLookup));
}

/* --- Results -------------------------------------------------------------- */

/* The next result of the providers.  *length: as of WSALookupServiceNext. */
static int lookup_next_wide(struct lookup *lookup, DWORD flags, DWORD *length,
                            WSAQUERYSETW *results)
{
    int error;

    for (; lookup->current < lookup->n_providers; lookup->current++) {
        struct asked_provider *asked = &lookup->providers[lookup->current];

        if (lookup_has_ended(lookup))
            return WSA_E_CANCELLED;
        if (!asked->provider->routines.NSPLookupServiceNext(
                asked->handle, flags, length, results)) {
            lookup->found = TRUE;
            return 0;
        }
        error = provider_error();
        if (error == WSAEFAULT)
            return error;
        if (error != WSA_E_NO_MORE && error != WSAENOMORE)
            lookup->error = error;
        flags &= ~(DWORD)QUERY_FLUSH_PREVIOUS;
    }
    if (lookup_has_ended(lookup))
        return WSA_E_CANCELLED;
    /* Why there was nothing at all is told once. */
    error = lookup->found || !lookup->error ? WSA_E_NO_MORE : lookup->error;
    lookup->found = TRUE;
    return error;
}

/* The next result, in memory of the library's. */
static int lookup_keep_next(struct lookup *lookup, DWORD flags)
{
    DWORD length = 2048;
    WSAQUERYSETW *set = NULL, *larger;
    int error, tries;

    /* A provider says by WSAEFAULT how much it needs. */
    for (tries = 0; tries < 4; tries++) {
        larger = realloc(set, length);
        if (!larger) {
            free(set);
            return WSA_NOT_ENOUGH_MEMORY;
        }
        set = larger;
        memset(set, 0, sizeof(*set));
        set->dwSize = sizeof(*set);
        error = lookup_next_wide(lookup, flags, &length, set);
        if (error != WSAEFAULT)
            break;
        flags &= ~(DWORD)QUERY_FLUSH_PREVIOUS;
    }
    if (error)
        free(set);
    else
        lookup->kept = set;
    return error;
}

/* The narrow form of the next result, which is kept until there is room. */
static int lookup_next_narrow(struct lookup *lookup, DWORD flags,
                              DWORD *length, WSAQUERYSETA *results)
{
    int error = 0;

    if (lookup->kept && (flags & QUERY_FLUSH_PREVIOUS)) {
        free(lookup->kept);
        lookup->kept = NULL;
        flags &= ~(DWORD)QUERY_FLUSH_PREVIOUS;
    }
    if (!lookup->kept)
        error = lookup_keep_next(lookup, flags);
    if (!error)
        error = query_set_hand_out(lookup->kept, FALSE, results, length);
    if (!error) {
        free(lookup->kept);
        lookup->kept = NULL;
    }
    return error;
}

static int lookup_next(HANDLE handle, DWORD flags, DWORD *length,
                       void *results, BOOL wide)
{
    struct lookup *lookup;
    DWORD room;
    int error;

    if (!api_started())
        return WSANOTINITIALISED;
    lookup = lookup_acquire(handle);
    if (!lookup)
        return WSA_INVALID_HANDLE;
    error = unix_memory_read(&room, length, sizeof(room));
    if (!error) {
        pthread_mutex_lock(&lookup->lock);
        error = wide ? lookup_next_wide(lookup, flags, &room, results)
                     : lookup_next_narrow(lookup, flags, &room, results);
        pthread_mutex_unlock(&lookup->lock);
        if (error == WSAEFAULT)
            unix_memory_write(length, &room, sizeof(room));
    }
    lookup_release(lookup);
    return error;
}

/*
 * The next result.  *lpdwBufferLength: bytes at lpqsResults.  WSAEFAULT: a bad
 * pointer, or too little room: the length says how much is needed, and the
 * result comes again unless dwControlFlags has LUP_FLUSHPREVIOUS.
 * WSA_E_NO_MORE; WSA_E_CANCELLED: the look-up was ended meanwhile;
 * WSASERVICE_NOT_FOUND and other errors of the name space: there was no
 * result; WSA_INVALID_HANDLE, WSANOTINITIALISED.
 */
INT WINAPI WSALookupServiceNextW(HANDLE hLookup, DWORD dwControlFlags,
                                 LPDWORD lpdwBufferLength,
                                 LPWSAQUERYSETW lpqsResults)
{
    return api_result(lookup_next(hLookup, dwControlFlags, lpdwBufferLength,
                                  lpqsResults, TRUE));
}

/* As the W form. */
INT WINAPI WSALookupServiceNextA(HANDLE hLookup, DWORD dwControlFlags,
                                 LPDWORD lpdwBufferLength,
                                 LPWSAQUERYSETA lpqsResults)
{
    return api_result(lookup_next(hLookup, dwControlFlags, lpdwBufferLength,
                                  lpqsResults, FALSE));
}

/* Ends a look-up, also one that another thread is waiting for.
   WSA_INVALID_HANDLE, WSANOTINITIALISED. */
INT WINAPI WSALookupServiceEnd(HANDLE hLookup)
{
    struct lookup *lookup = NULL;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    if (hLookup && (ULONG_PTR)hLookup <= UINT32_MAX)
        lookup = lookup_take((uint32_t)(ULONG_PTR)hLookup);
    if (!lookup)
        return api_failure(WSA_INVALID_HANDLE);
    lookup_end_providers(lookup);
    lookup_release(lookup);
    return api_success();
}

/* --- Control codes -------------------------------------------------------- */

static BOOL is_by_routine(const WSACOMPLETION *completion)
{
    WSACOMPLETIONTYPE type;

    return completion != NULL &&
           !unix_memory_read(&type, &completion->Type, sizeof(type)) &&
           type == NSP_NOTIFY_APC;
}

/* Of the provider of a look-up: WSAEINVAL: it has several; WSAEOPNOTSUPP: its
   provider has no such code; WSA_INVALID_HANDLE, WSANOTINITIALISED. */
int WINAPI WSANSPIoctl(HANDLE hLookup, DWORD dwControlCode, LPVOID lpvInBuffer,
                       DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer,
                       LPDWORD lpcbBytesReturned, LPWSACOMPLETION lpCompletion)
{
    struct lookup *lookup;
    struct asked_provider *asked;
    WSATHREADID thread;
    int error = 0;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    lookup = lookup_acquire(hLookup);
    if (!lookup)
        return api_failure(WSA_INVALID_HANDLE);
    asked = &lookup->providers[0];
    if (lookup->n_providers != 1)
        error = WSAEINVAL;
    else if (!asked->provider->routines.NSPIoctl)
        error = WSAEOPNOTSUPP;
    else if (asked->provider->routines.NSPIoctl(
                 asked->handle, dwControlCode, lpvInBuffer, cbInBuffer,
                 lpvOutBuffer, cbOutBuffer, lpcbBytesReturned, lpCompletion,
                 api_thread(is_by_routine(lpCompletion), &thread)))
        error = provider_error();
    lookup_release(lookup);
    return api_result(error);
}

/* --- Registering services ------------------------------------------------- */

int lookup_register(WSAQUERYSETW *set, WSAESETSERVICEOP what, DWORD flags)
{
    WSASERVICECLASSINFOW least, *class = class_of(set, &least);
    int error = set->lpServiceClassId ? WSASERVICE_NOT_FOUND : WSAEINVAL;
    int refused = 0;
    struct name_space_provider *provider;
    BOOL taken = FALSE;
    unsigned int i;

    for (i = 0; refused != WSASERVICE_NOT_FOUND; i++) {
        refused = name_space_acquire(set->dwNameSpace, set->lpNSProviderId, i,
                                     &provider);
        if (refused)
            continue;
        if (!set->lpServiceClassId && !provider->is_hosted)
            error = WSAEINVAL;
        else if (provider->routines.NSPSetService(&provider->provider, class,
                                                  set, what, flags))
            error = provider_error();
        else
            taken = TRUE;
        name_space_release(provider);
    }
    class_free(class, &least);
    return taken ? 0 : error;
}

static int register_service(const void *info, BOOL wide, WSAESETSERVICEOP what,
                            DWORD flags)
{
    WSAQUERYSETW *set = NULL;
    int error;

    if (!api_started())
        return WSANOTINITIALISED;
    error = query_set_read(info, wide, &set);
    if (error)
        return error;
    error = what <= RNRSERVICE_DELETE
                ? lookup_register(set, what, flags)
                : WSAEINVAL;
    query_set_free(set);
    return error;
}

/*
 * Registers a service with the name spaces that the set names, or takes it
 * back.  WSAEFAULT; WSAEINVAL: its size, no such operation, or no class (which
 * providers that programs host do not need);
 * WSASERVICE_NOT_FOUND: no such name space; WSAEOPNOTSUPP: the name space
 * takes no registrations (the DNS); WSANOTINITIALISED.
 */
INT WINAPI WSASetServiceW(LPWSAQUERYSETW lpqsRegInfo,
                          WSAESETSERVICEOP essoperation, DWORD dwControlFlags)
{
    return api_result(register_service(lpqsRegInfo, TRUE, essoperation,
                                       dwControlFlags));
}

/* As the W form. */
INT WINAPI WSASetServiceA(LPWSAQUERYSETA lpqsRegInfo,
                          WSAESETSERVICEOP essoperation, DWORD dwControlFlags)
{
    return api_result(register_service(lpqsRegInfo, FALSE, essoperation,
                                       dwControlFlags));
}
