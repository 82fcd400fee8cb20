/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions with providers that other programs host; see hosted_session.h.
 *
 * A call waits on a condition of its own; the links' thread finds it by its
 * number and gives it its reply.  A session has references: one of the list,
 * until it is broken or ended, and one of each use.
 */
#include "hosted_session.h"

#include "api.h"
#include "query_set.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* On the stack of who waits. */
struct hosted_call {
    struct hosted_call *next;
    uint32_t number;
    uint64_t lookup;  /* of NEXT, else 0 */
    BOOL done;
    int error;        /* why there is no reply */
    void *reply;      /* the message, from malloc */
    uint32_t size;
    pthread_cond_t over;
};

struct hosted_session {
    struct hosted_session *next; /* under lock, so for what follows */
    GUID provider;
    unsigned int references;
    BOOL is_listed;
    BOOL is_connecting; /* its maker is at it */
    int error;          /* why nothing can be asked any more */
    struct unix_link *link;
    struct hosted_call *calls;
    uint32_t last_number;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t connected = PTHREAD_COND_INITIALIZER;
static struct hosted_session *sessions; /* under lock */

/* --- Life ----------------------------------------------------------------- */

/* Under lock.  Returns the session if nobody has it any more, for the caller to
   free. */
static struct hosted_session *session_unref(struct hosted_session *session)
{
    return --session->references == 0 ? session : NULL;
}

static void session_free(struct hosted_session *session)
{
    if (session && session->link)
        unix_link_close(session->link);
    free(session);
}

void hosted_session_release(struct hosted_session *session)
{
    pthread_mutex_lock(&lock);
    session = session_unref(session);
    pthread_mutex_unlock(&lock);
    session_free(session);
}

/* Under lock; the call is its waiter's again. */
static void call_end(struct hosted_session *session, struct hosted_call *call,
                     int error)
{
    struct hosted_call **place = &session->calls;

    while (*place != call)
        place = &(*place)->next;
    *place = call->next;
    call->error = error;
    call->done = TRUE;
    pthread_cond_signal(&call->over);
}

/* Nothing can be asked any more.  Under lock; the list's reference is the
   caller's, if it had one: TRUE. */
static BOOL session_break(struct hosted_session *session, int error)
{
    struct hosted_session **place = &sessions;
    const BOOL was_listed = session->is_listed;

    if (!session->error)
        session->error = error;
    while (session->calls)
        call_end(session, session->calls, session->error);
    if (was_listed) {
        while (*place != session)
            place = &(*place)->next;
        *place = session->next;
        session->is_listed = FALSE;
    }
    return was_listed;
}

/* --- Replies, on the links' thread ---------------------------------------- */

static void session_received(void *context, const void *message, uint32_t size)
{
    struct hosted_session *session = context;
    const struct hosted_message *head = message;
    struct hosted_call *call;
    void *copy;

    if (size < sizeof(*head)) {
        unix_link_shut(session->link);
        return;
    }
    copy = malloc(size);
    if (copy)
        memcpy(copy, message, size);
    pthread_mutex_lock(&lock);
    call = session->calls;
    while (call && call->number != head->call)
        call = call->next;
    if (call) {
        call->reply = copy;
        call->size = size;
        copy = NULL;
        call_end(session, call, call->reply ? 0 : WSA_NOT_ENOUGH_MEMORY);
    }
    pthread_mutex_unlock(&lock);
    free(copy); /* nobody waits for it any more */
}

static void session_ended(void *context)
{
    struct hosted_session *session = context, *last = NULL;

    pthread_mutex_lock(&lock);
    if (session_break(session, WSASERVICE_NOT_FOUND))
        last = session_unref(session);
    pthread_mutex_unlock(&lock);
    session_free(last);
}

static const struct unix_link_calls link_calls = {
    .received = session_received,
    .ended = session_ended,
};

/* --- Asking --------------------------------------------------------------- */

/* Makes a block of the set and sends both. */
static int send_request(struct hosted_session *session,
                        struct hosted_message *request, const WSAQUERYSETW *set)
{
    size_t size = set ? query_set_write(set, TRUE, NULL, 0, 0) : 0;
    void *block = NULL;
    int error;

    if (size > HOSTED_SET_SIZE)
        return WSAEINVAL;
    if (size) {
        block = malloc(size);
        if (!block)
            return WSA_NOT_ENOUGH_MEMORY;
        query_set_write(set, TRUE, block, size, 0);
    }
    request->set_size = (uint32_t)size;
    error = unix_link_send(session->link, request, sizeof(*request), block,
                           (uint32_t)size);
    free(block);
    return error;
}

/* Sends the request and waits for the end of the call. */
static int exchange(struct hosted_session *session, struct hosted_call *call,
                    struct hosted_message *request, const WSAQUERYSETW *set,
                    const BOOL *ended)
{
    int error;

    pthread_mutex_lock(&lock);
    error = session->error;
    if (!error && ended && __atomic_load_n(ended, __ATOMIC_ACQUIRE))
        error = WSA_E_CANCELLED;
    if (!error) {
        call->number = request->call = ++session->last_number;
        call->next = session->calls;
        session->calls = call;
    }
    pthread_mutex_unlock(&lock);
    if (error)
        return error;
    error = send_request(session, request, set);
    pthread_mutex_lock(&lock);
    if (error && !call->done)
        call_end(session, call, error);
    while (!call->done)
        pthread_cond_wait(&call->over, &lock);
    pthread_mutex_unlock(&lock);
    return call->error;
}

/* Takes the reply apart. */
static int read_reply(struct hosted_call *call, struct hosted_message *request,
                      WSAQUERYSETW **ret_set)
{
    const uint32_t code = request->code, number = request->call;
    const size_t head = sizeof(*request);
    void *set;

    memcpy(request, call->reply, head);
    if (request->code != code || request->call != number ||
        request->set_size != call->size - head)
        return WSANO_DATA;
    if (request->error)
        return request->error > 0 ? request->error : WSANO_RECOVERY;
    if (!ret_set || !request->set_size)
        return ret_set ? WSANO_DATA : 0;
    set = malloc(request->set_size);
    if (!set)
        return WSA_NOT_ENOUGH_MEMORY;
    memcpy(set, (const char *)call->reply + head, request->set_size);
    if (!query_set_adopt(set, request->set_size)) {
        free(set);
        return WSANO_DATA;
    }
    *ret_set = set;
    return 0;
}

int hosted_session_ask(struct hosted_session *session,
                       struct hosted_message *request, const WSAQUERYSETW *set,
                       const BOOL *ended, WSAQUERYSETW **ret_set)
{
    struct hosted_call call = {
        .lookup = request->code == HOSTED_NEXT ? request->lookup : 0,
    };
    int error;

    if (ret_set)
        *ret_set = NULL;
    pthread_cond_init(&call.over, NULL);
    error = exchange(session, &call, request, set, ended);
    pthread_cond_destroy(&call.over);
    if (!error)
        error = read_reply(&call, request, ret_set);
    free(call.reply);
    return error;
}

void hosted_session_tell(struct hosted_session *session,
                         const struct hosted_message *request)
{
    (void)unix_link_send(session->link, request, sizeof(*request), NULL, 0);
}

void hosted_session_cancel(struct hosted_session *session, uint64_t lookup)
{
    struct hosted_call *call, *next;

    pthread_mutex_lock(&lock);
    for (call = session->calls; call; call = next) {
        next = call->next;
        if (call->lookup == lookup)
            call_end(session, call, WSA_E_CANCELLED);
    }
    pthread_mutex_unlock(&lock);
}

/* --- Connecting ----------------------------------------------------------- */

/* The one with the provider that can be asked, or is about to be.  Under
   lock. */
static struct hosted_session *find(const GUID *provider)
{
    struct hosted_session *session = sessions;

    while (session && memcmp(&session->provider, provider, sizeof(*provider)))
        session = session->next;
    return session;
}

/* Under lock; two references: the list's and the caller's. */
static struct hosted_session *session_new(const GUID *provider)
{
    struct hosted_session *session = calloc(1, sizeof(*session));

    if (!session)
        return NULL;
    session->provider = *provider;
    session->references = 2;
    session->is_connecting = session->is_listed = TRUE;
    session->next = sessions;
    sessions = session;
    return session;
}

static int session_connect(struct hosted_session *session)
{
    struct hosted_message request = {.code = HOSTED_START};
    int error = unix_link_contact(&session->provider, &link_calls, session,
                                  &session->link);
    struct hosted_session *last = NULL;

    if (error == WSATRY_AGAIN || error == (int)WSASYSNOTREADY)
        error = WSASERVICE_NOT_FOUND;
    if (!error)
        error = hosted_session_ask(session, &request, NULL, NULL, NULL);
    pthread_mutex_lock(&lock);
    session->is_connecting = FALSE;
    if (error && session_break(session, error))
        last = session_unref(session);
    pthread_cond_broadcast(&connected);
    pthread_mutex_unlock(&lock);
    session_free(last); /* none: the caller has one */
    return error;
}

/* The session that is to be used, with a reference for the caller; NULL: there
   is none.  One whose host is gone is broken at once, for another program may
   host the provider by now: *ret_last, for the caller to free.  Under lock. */
static struct hosted_session *session_use(const GUID *provider,
                                          struct hosted_session **ret_last)
{
    struct hosted_session *session = find(provider);

    *ret_last = NULL;
    if (session && !session->is_connecting &&
        unix_link_is_over(session->link)) {
        session_break(session, WSASERVICE_NOT_FOUND);
        *ret_last = session_unref(session);
        session = NULL;
    }
    if (session)
        session->references++;
    return session;
}

int hosted_session_acquire(const GUID *provider, struct hosted_session **ret)
{
    struct hosted_session *session, *last;
    BOOL is_new = FALSE;
    int error = 0;

    if (!api_started())
        return WSANOTINITIALISED; /* a thread that the last WSACleanup left */
    pthread_mutex_lock(&lock);
    session = session_use(provider, &last);
    if (session) {
        while (session->is_connecting)
            pthread_cond_wait(&connected, &lock);
        error = session->error;
    } else {
        session = session_new(provider);
        is_new = TRUE;
    }
    pthread_mutex_unlock(&lock);
    session_free(last);
    if (!session)
        return WSA_NOT_ENOUGH_MEMORY;
    if (is_new)
        error = session_connect(session);
    if (error)
        hosted_session_release(session);
    else
        *ret = session;
    return error;
}

/* --- The end -------------------------------------------------------------- */

struct hosted_session *hosted_sessions_detach(void)
{
    struct hosted_session *all = NULL, *session;

    pthread_mutex_lock(&lock);
    while ((session = sessions)) {
        if (session->is_connecting) {
            session_break(session, WSA_E_CANCELLED);
            while (session->is_connecting)
                pthread_cond_wait(&connected, &lock);
        } else {
            sessions = session->next;
            session->is_listed = FALSE;
        }
        session->next = all;
        all = session;
    }
    pthread_mutex_unlock(&lock);
    return all;
}

void hosted_sessions_end(struct hosted_session *all)
{
    struct hosted_message farewell = {.code = HOSTED_CLEANUP};
    struct hosted_session *next;

    for (; all; all = next) {
        next = all->next;
        if (all->link) {
            (void)unix_link_send(all->link, &farewell, sizeof(farewell), NULL,
                                 0);
            unix_link_shut(all->link);
        }
        pthread_mutex_lock(&lock);
        session_break(all, WSA_E_CANCELLED);
        pthread_mutex_unlock(&lock);
        hosted_session_release(all);
    }
}

void hosted_sessions_forked(void)
{
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&connected, NULL);
    sessions = NULL; /* let go: a thread may have been changing it */
}
