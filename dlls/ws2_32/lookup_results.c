/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look-ups of the library's own providers; see lookup_results.h.
 *
 * NSPLookupServiceEnd may come while another thread is in
 * NSPLookupServiceNext, or about to be: so handles are numbers, and a look-up
 * has a reference of the table's and one of each call.
 */
#include "lookup_results.h"

#include "api.h"
#include "query_set.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct result {
    struct result *next;
    WSAQUERYSETW *set; /* one block */
};

struct lookup_results {
    ULONG_PTR id;
    struct lookup_results *next; /* under lock, so for the next two */
    unsigned int references;
    BOOL ended;
    DWORD flags;
    lookup_fill fill;
    void *question;
    pthread_mutex_t busy; /* of what follows */
    BOOL filled;
    struct result *first, **last; /* those still to be handed out */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup_results *all; /* under lock, so for the next */
static ULONG_PTR last_id;

/* --- Life ----------------------------------------------------------------- */

static void drop_first(struct lookup_results *results)
{
    struct result *result = results->first;

    results->first = result->next;
    if (!results->first)
        results->last = &results->first;
    free(result->set);
    free(result);
}

static void results_free(struct lookup_results *results)
{
    while (results->first)
        drop_first(results);
    pthread_mutex_destroy(&results->busy);
    free(results->question);
    free(results);
}

int lookup_results_begin(DWORD flags, lookup_fill fill, void *question,
                         HANDLE *ret_handle)
{
    struct lookup_results *results = calloc(1, sizeof(*results));

    if (!results) {
        free(question);
        return WSA_NOT_ENOUGH_MEMORY;
    }
    results->references = 1;
    results->flags = flags;
    results->fill = fill;
    results->question = question;
    results->last = &results->first;
    pthread_mutex_init(&results->busy, NULL);
    pthread_mutex_lock(&lock);
    results->id = ++last_id;
    results->next = all;
    all = results;
    pthread_mutex_unlock(&lock);
    *ret_handle = (HANDLE)results->id;
    return 0;
}

void lookup_results_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}

/* NULL: there is none. */
static struct lookup_results *results_acquire(HANDLE handle)
{
    struct lookup_results *results;

    pthread_mutex_lock(&lock);
    results = all;
    while (results && results->id != (ULONG_PTR)handle)
        results = results->next;
    if (results)
        results->references++;
    pthread_mutex_unlock(&lock);
    return results;
}

void lookup_results_release(struct lookup_results *results)
{
    BOOL last;

    pthread_mutex_lock(&lock);
    last = --results->references == 0;
    pthread_mutex_unlock(&lock);
    if (last)
        results_free(results);
}

void *lookup_results_question(HANDLE handle, lookup_fill fill,
                              struct lookup_results **ret_results)
{
    struct lookup_results *results = results_acquire(handle);

    if (results && results->fill != fill) {
        lookup_results_release(results);
        results = NULL;
    }
    *ret_results = results;
    return results ? results->question : NULL;
}

static BOOL has_ended(struct lookup_results *results)
{
    BOOL ended;

    pthread_mutex_lock(&lock);
    ended = results->ended;
    pthread_mutex_unlock(&lock);
    return ended;
}

INT WSPAPI lookup_results_end(HANDLE handle)
{
    struct lookup_results **place, *results;

    pthread_mutex_lock(&lock);
    place = &all;
    while (*place && (*place)->id != (ULONG_PTR)handle)
        place = &(*place)->next;
    results = *place;
    if (results) {
        *place = results->next;
        results->ended = TRUE;
    }
    pthread_mutex_unlock(&lock);
    if (!results)
        return api_failure(WSA_INVALID_HANDLE);
    lookup_results_release(results);
    return 0;
}

/* --- Results -------------------------------------------------------------- */

int lookup_results_add(struct lookup_results *results, const WSAQUERYSETW *set)
{
    size_t size = query_set_write(set, TRUE, NULL, 0, 0);
    struct result *result = calloc(1, sizeof(*result));

    if (result)
        result->set = malloc(size);
    if (!result || !result->set) {
        free(result);
        return WSA_NOT_ENOUGH_MEMORY;
    }
    query_set_write(set, TRUE, result->set, size, (uintptr_t)result->set);
    *results->last = result;
    results->last = &result->next;
    return 0;
}

/* What the flags ask for of a set.  Its name space and provider are always
   told. */
static WSAQUERYSETW restrict_set(const WSAQUERYSETW *set, DWORD flags)
{
    WSAQUERYSETW copy = *set;

    if (!(flags & LUP_RETURN_NAME))
        copy.lpszServiceInstanceName = NULL;
    if (!(flags & LUP_RETURN_TYPE))
        copy.lpServiceClassId = NULL;
    if (!(flags & LUP_RETURN_VERSION))
        copy.lpVersion = NULL;
    if (!(flags & LUP_RETURN_COMMENT))
        copy.lpszComment = NULL;
    if (!(flags & LUP_RETURN_ADDR))
        copy.dwNumberOfCsAddrs = 0;
    if (!(flags & LUP_RETURN_BLOB))
        copy.lpBlob = NULL;
    if (!(flags & LUP_RETURN_QUERY_STRING))
        copy.lpszQueryString = NULL;
    return copy;
}

/* The first result to be handed out is made with the others. */
static int results_fill(struct lookup_results *results)
{
    int error = 0;

    if (!results->filled)
        error = results->fill(results, results->question);
    results->filled = TRUE;
    return error;
}

static int results_next(struct lookup_results *results, DWORD flags,
                        DWORD *length, WSAQUERYSETW *to)
{
    WSAQUERYSETW set;
    int error = results_fill(results);

    if (has_ended(results))
        return WSA_E_CANCELLED;
    if (error)
        return error;
    if (results->first && (flags & QUERY_FLUSH_PREVIOUS))
        drop_first(results);
    if (!results->first)
        return WSA_E_NO_MORE;
    set = restrict_set(results->first->set, results->flags & flags);
    error = query_set_hand_out(&set, TRUE, to, length);
    if (!error)
        drop_first(results);
    return error;
}

INT WSPAPI lookup_results_next(HANDLE handle, DWORD flags, LPDWORD length,
                               LPWSAQUERYSETW to)
{
    struct lookup_results *results = results_acquire(handle);
    int error;

    if (!results)
        return api_failure(WSA_INVALID_HANDLE);
    pthread_mutex_lock(&results->busy);
    error = results_next(results, flags, length, to);
    pthread_mutex_unlock(&results->busy);
    lookup_results_release(results);
    return error ? api_failure(error) : 0;
}
