/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls of providers that this program hosts; see hosting_session.h.
 *
 * NSPv2LookupServiceNextEx and NSPv2SetServiceEx return nothing: their calls
 * end by WSAProviderCompleteAsyncCall, in them or later on any thread (that is
 * how Windows' header declares them, and how Microsoft's sample "namingapi"
 * uses them; the pages of the two say INT).  What such a call was given stays
 * until the provider has ended it, even when its client is gone.
 *
 * A provider that has too little room for a result is asked again with what it
 * says it needs; the client has the whole result and looks for room by itself.
 *
 * What is wrong with a result is WSANO_DATA for the client.
 */
#include "api.h"
#include "hosting.h"
#include "hosting_session.h"
#include "query_set.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096, MAX_CALLS = 8192 };

/* A call that the provider has not ended, or has not returned from. */
struct hosting_call {
    struct hosting_call *next; /* under the lock, so for what follows */
    uint32_t id;
    unsigned int references; /* of the table; of the thread that made it */
    struct hosting_session *session; /* NULL: nobody waits any more */
    struct hosted_message message;
    struct hosting_job *job; /* of SET: the memory of its set, freed with it */
    WSAQUERYSET2W set;
    DWORD room, length;
    WSAQUERYSET2W *result; /* of NEXT: of `room` bytes */
};

/* Under hosting_lock. */
static struct hosting_call *calls;
static unsigned int n_calls;
static uint32_t last_id;

/* --- Replies -------------------------------------------------------------- */

/* A reply that cannot be sent is one that nobody waits for. */
static void reply_with_set(struct hosting_session *session,
                           const struct hosted_message *request, int error,
                           const void *set, uint32_t size)
{
    struct hosted_message reply = {
        .code = request->code,
        .call = request->call,
        .lookup = request->lookup,
        .error = error,
        .set_size = size,
    };

    if (unix_link_send(session->link, &reply, sizeof(reply), set, size))
        unix_link_shut(session->link);
}

static void reply(struct hosting_session *session,
                  const struct hosted_message *request, int error)
{
    reply_with_set(session, request, error, NULL, 0);
}

/* What a provider's function said by its result and the last error. */
static int error_of(INT result)
{
    int error = 0;

    if (result == SOCKET_ERROR) {
        error = (int)host_get_last_error();
        return error ? error : WSANO_RECOVERY;
    }
    return result;
}

/* --- Look-ups ------------------------------------------------------------- */

/* Under the lock; NULL: there is none, or it has ended. */
static struct hosting_lookup *find_lookup(const struct hosting_session *session,
                                          uint64_t number)
{
    struct hosting_lookup *lookup = session->lookups;

    while (lookup && lookup->number != number)
        lookup = lookup->next;
    return lookup && !lookup->has_ended ? lookup : NULL;
}

/* FALSE: there is no such one. */
static BOOL end_lookup(struct hosting_session *session, uint64_t number)
{
    struct hosting_lookup **place = &session->lookups, *lookup;

    pthread_mutex_lock(&hosting_lock);
    lookup = find_lookup(session, number);
    if (lookup) {
        while (*place != lookup)
            place = &(*place)->next;
        *place = lookup->next;
    }
    pthread_mutex_unlock(&hosting_lock);
    if (!lookup)
        return FALSE;
    session->hosting->routines.NSPv2LookupServiceEnd(lookup->handle);
    free(lookup);
    return TRUE;
}

void hosting_session_end_lookups(struct hosting_session *session)
{
    uint64_t number;

    do {
        pthread_mutex_lock(&hosting_lock);
        number = session->lookups ? session->lookups->number : 0;
        pthread_mutex_unlock(&hosting_lock);
    } while (number && end_lookup(session, number));
}

static int begin_lookup(struct hosting_session *session,
                        struct hosting_job *job, uint64_t *ret_number)
{
    struct hosting *hosting = session->hosting;
    struct hosting_lookup *lookup = calloc(1, sizeof(*lookup));
    WSAQUERYSET2W set;
    GUID id = hosting->id;
    int error;

    if (!lookup)
        return WSA_NOT_ENOUGH_MEMORY;
    query_set_make_2((WSAQUERYSETW *)(job + 1), &set);
    host_set_last_error(0);
    error = error_of(hosting->routines.NSPv2LookupServiceBegin(
        &id, &set, job->message.flags, session->argument, &lookup->handle));
    if (error) {
        free(lookup);
        return error;
    }
    pthread_mutex_lock(&hosting_lock);
    lookup->number = *ret_number = ++session->last_lookup;
    lookup->next = session->lookups;
    session->lookups = lookup;
    pthread_mutex_unlock(&hosting_lock);
    return 0;
}

/* --- Calls that the provider ends ----------------------------------------- */

static void call_release(struct hosting_call *call)
{
    BOOL last;

    pthread_mutex_lock(&hosting_lock);
    last = --call->references == 0;
    pthread_mutex_unlock(&hosting_lock);
    if (last) {
        free(call->job);
        free(call->result);
        free(call);
    }
}

/* Makes a call for the provider to end.  NULL: no memory, or too many. */
static struct hosting_call *call_new(struct hosting_session *session,
                                     const struct hosted_message *message,
                                     DWORD room)
{
    struct hosting_call *call = calloc(1, sizeof(*call));
    BOOL entered = FALSE;

    if (!call)
        return NULL;
    call->references = 2;
    call->session = session;
    call->message = *message;
    call->room = call->length = room;
    if (room)
        call->result = calloc(1, room);
    if (call->result || !room) {
        pthread_mutex_lock(&hosting_lock);
        entered = n_calls < MAX_CALLS;
        if (entered) {
            last_id = last_id % 0x1fffffff + 1;
            call->id = 4 * last_id;
            call->next = calls;
            calls = call;
            n_calls++;
        }
        pthread_mutex_unlock(&hosting_lock);
    }
    if (!entered) {
        free(call->result);
        free(call);
        return NULL;
    }
    return call;
}

/* The handle by which the provider ends it. */
static HANDLE handle_of(const struct hosting_call *call)
{
    return (HANDLE)(ULONG_PTR)call->id;
}

static void next(struct hosting_session *session,
                 const struct hosted_message *message, DWORD room)
{
    struct hosting_lookup *lookup;
    struct hosting_call *call;
    HANDLE handle = NULL;

    pthread_mutex_lock(&hosting_lock);
    lookup = find_lookup(session, message->lookup);
    if (lookup)
        handle = lookup->handle;
    pthread_mutex_unlock(&hosting_lock);
    if (!lookup) {
        reply(session, message, WSA_INVALID_HANDLE);
        return;
    }
    call = call_new(session, message, room ? room : FIRST_ROOM);
    if (!call) {
        reply(session, message, WSA_NOT_ENOUGH_MEMORY);
        return;
    }
    session->hosting->routines.NSPv2LookupServiceNextEx(
        handle_of(call), handle, message->flags, &call->length, call->result);
    call_release(call);
}

/* *keep: the provider may look at the set until it ends the call. */
static void set_service(struct hosting_session *session,
                        struct hosting_job *job, BOOL *keep)
{
    struct hosting *hosting = session->hosting;
    const struct hosted_message message = job->message;
    struct hosting_call *call;
    GUID id = hosting->id;

    if (!hosting->routines.NSPv2SetServiceEx) {
        reply(session, &message, WSAEOPNOTSUPP);
        return;
    }
    call = call_new(session, &message, 0);
    if (!call) {
        reply(session, &message, WSA_NOT_ENOUGH_MEMORY);
        return;
    }
    *keep = TRUE;
    call->job = job;
    query_set_make_2((WSAQUERYSETW *)(job + 1), &call->set);
    hosting->routines.NSPv2SetServiceEx(
        handle_of(call), &id, &call->set, (WSAESETSERVICEOP)message.operation,
        message.flags, session->argument);
    call_release(call);
}

void hosting_session_forget_calls(struct hosting_session *session)
{
    struct hosting_call *call;

    pthread_mutex_lock(&hosting_lock);
    for (call = calls; call; call = call->next)
        if (call->session == session)
            call->session = NULL;
    pthread_mutex_unlock(&hosting_lock);
}

/* Sends the result of a look-up.  WSAEFAULT: there is no good one. */
static int send_result(struct hosting_session *session,
                       const struct hosting_call *call)
{
    WSAQUERYSETW *set;
    size_t size;
    void *block;
    int error = query_set_read_2(call->result, &set);

    if (error) {
        reply(session, &call->message,
              error == WSA_NOT_ENOUGH_MEMORY ? error : WSANO_DATA);
        return WSAEFAULT;
    }
    size = query_set_write(set, TRUE, NULL, 0, 0);
    block = size <= HOSTED_SET_SIZE ? malloc(size) : NULL;
    if (block) {
        query_set_write(set, TRUE, block, size, 0);
        reply_with_set(session, &call->message, 0, block, (uint32_t)size);
    } else {
        reply(session, &call->message, WSA_NOT_ENOUGH_MEMORY);
    }
    free(block);
    query_set_free(set);
    return 0;
}

/* Whether the provider is asked again, with more room. */
static BOOL ask_again(struct hosting_session *session,
                      const struct hosting_call *call)
{
    return call->length > call->room && call->length <= HOSTED_SET_SIZE &&
           hosting_session_queue(session, &call->message, NULL, call->length);
}

static int end_call(struct hosting_session *session,
                    const struct hosting_call *call, int error)
{
    const BOOL is_next = call->message.code == HOSTED_NEXT;

    if (is_next && !error)
        return send_result(session, call);
    if (is_next && error == WSAEFAULT) {
        if (ask_again(session, call))
            return 0;
        error = WSANO_DATA;
    }
    reply(session, &call->message, error);
    return 0;
}

int hosting_complete(HANDLE handle, INT result)
{
    const int said = error_of(result);
    struct hosting_call **place = &calls, *call = NULL;
    struct hosting_session *session = NULL;
    int error = 0;

    pthread_mutex_lock(&hosting_lock);
    while (*place && (ULONG_PTR)handle != (*place)->id)
        place = &(*place)->next;
    call = *place;
    if (call) {
        *place = call->next;
        n_calls--;
        session = call->session;
        if (session)
            session->references++;
    }
    pthread_mutex_unlock(&hosting_lock);
    if (!call)
        return WSAEINVAL;
    if (session) {
        error = end_call(session, call, said);
        hosting_session_release(session);
    }
    call_release(call);
    return error;
}

/* --- Requests ------------------------------------------------------------- */

/* Whether the session begins now: a client says so once. */
static BOOL may_start(struct hosting_session *session)
{
    BOOL may;

    pthread_mutex_lock(&hosting_lock);
    may = !session->is_starting;
    session->is_starting = TRUE;
    pthread_mutex_unlock(&hosting_lock);
    return may;
}

static BOOL has_started(struct hosting_session *session)
{
    BOOL started;

    pthread_mutex_lock(&hosting_lock);
    started = session->is_started;
    pthread_mutex_unlock(&hosting_lock);
    return started;
}

/* A provider without the function says so by WSAEOPNOTSUPP, or NULL. */
static int start(struct hosting_session *session)
{
    struct hosting *hosting = session->hosting;
    GUID id = hosting->id;
    void *argument = NULL;
    int error = 0;

    if (!may_start(session))
        return WSAEINVAL;
    host_set_last_error(0);
    if (hosting->routines.NSPv2Startup)
        error = error_of(hosting->routines.NSPv2Startup(&id, &argument));
    if (error && error != WSAEOPNOTSUPP)
        return error;
    pthread_mutex_lock(&hosting_lock);
    session->argument = argument;
    session->is_started = TRUE;
    pthread_mutex_unlock(&hosting_lock);
    return 0;
}

/* Whether the request has a good set when it should, else none. */
static BOOL check_set(struct hosting_job *job)
{
    const uint32_t code = job->message.code, size = job->message.set_size;

    return code == HOSTED_BEGIN || code == HOSTED_SET
               ? query_set_adopt(job + 1, size)
               : size == 0;
}

void hosting_job_perform(struct hosting_job *job, BOOL *keep)
{
    struct hosting_session *session = job->session;
    struct hosted_message *message = &job->message;
    int error = 0;

    if (!check_set(job) ||
        (message->code != HOSTED_START && !has_started(session))) {
        if (message->code != HOSTED_END) /* has no reply */
            reply(session, message, WSAEINVAL);
        return;
    }
    switch (message->code) {
    case HOSTED_START:
        error = start(session);
        break;
    case HOSTED_BEGIN:
        error = begin_lookup(session, job, &message->lookup);
        break;
    case HOSTED_NEXT:
        next(session, message, job->room);
        return;
    case HOSTED_END:
        end_lookup(session, message->lookup);
        return;
    case HOSTED_SET:
        set_service(session, job, keep);
        return;
    default:
        error = WSAEINVAL;
    }
    reply(session, message, error);
}

void hosting_calls_forked(void)
{
    calls = NULL;
    n_calls = 0;
}
