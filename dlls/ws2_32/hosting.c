/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces that this program hosts; see hosting.h and
 * hosting_session.h.
 *
 * The links' thread must not wait, so it queues what comes in, and the threads
 * of hosting_threads.c call the provider.  All that happens to a session, its
 * end included, is a job of such a thread.
 *
 * When ws2server was replaced the new one is told of the provider; sessions do
 * not notice, because their links do not go through the server.
 *
 * Microsoft's pages leave open what follows NSPv2ClientSessionRundown: here it
 * comes in the place of NSPv2Cleanup when the client died, so that a provider
 * ends each session once.  One that has no such function gets NSPv2Cleanup.
 */
#include "hosting.h"

#include "api.h"
#include "hosting_session.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_JOBS = 1024 }; /* of a session, at a time */

pthread_mutex_t hosting_lock = PTHREAD_MUTEX_INITIALIZER;
/* All of this under it. */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct hosting *hostings;
static struct hosting_job *running;

/* --- Life of the two ------------------------------------------------------ */

/* Under the lock. */
static void hosting_release_locked(struct hosting *hosting)
{
    if (--hosting->references == 0)
        free(hosting);
}

void hosting_session_release(struct hosting_session *session)
{
    BOOL last;

    pthread_mutex_lock(&hosting_lock);
    last = --session->references == 0;
    pthread_mutex_unlock(&hosting_lock);
    if (last) {
        unix_link_close(session->link);
        free(session);
    }
}

/* --- Jobs ----------------------------------------------------------------- */

static void say_farewell(struct hosting_session *session)
{
    struct hosting *hosting = session->hosting;
    const NSPV2_ROUTINE *routines = &hosting->routines;
    GUID id = hosting->id;
    BOOL died;

    pthread_mutex_lock(&hosting_lock);
    died = !session->said_cleanup && !hosting->has_ended;
    pthread_mutex_unlock(&hosting_lock);
    if (!session->is_started)
        return;
    if (died && routines->NSPv2ClientSessionRundown)
        routines->NSPv2ClientSessionRundown(&id, session->argument);
    else if (routines->NSPv2Cleanup)
        routines->NSPv2Cleanup(&id, session->argument);
}

/* The last of its jobs is done, and there will be none any more. */
static void session_finish(struct hosting_session *session)
{
    struct hosting_session **place = &session->hosting->sessions;

    hosting_session_end_lookups(session); /* one that has just begun */
    hosting_session_forget_calls(session);
    say_farewell(session);
    pthread_mutex_lock(&hosting_lock);
    while (*place != session)
        place = &(*place)->next;
    *place = session->next;
    hosting_release_locked(session->hosting);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&hosting_lock);
    hosting_session_release(session);
}

static void enter_running(struct hosting_job *job)
{
    job->thread = host_thread_id();
    pthread_mutex_lock(&hosting_lock);
    job->next_running = running;
    running = job;
    pthread_mutex_unlock(&hosting_lock);
}

static void leave_running(struct hosting_job *job)
{
    struct hosting_job **place = &running;

    pthread_mutex_lock(&hosting_lock);
    while (*place != job)
        place = &(*place)->next_running;
    *place = job->next_running;
    pthread_mutex_unlock(&hosting_lock);
}

/* A job is done, or was not taken.  The session may be gone afterwards. */
static void session_job_over(struct hosting_session *session)
{
    BOOL is_last;

    pthread_mutex_lock(&hosting_lock);
    session->n_jobs--;
    is_last = session->n_jobs == 0 && session->has_left;
    pthread_mutex_unlock(&hosting_lock);
    if (is_last)
        session_finish(session);
}

static void job_run(struct hosting_work *work)
{
    struct hosting_job *job = (struct hosting_job *)work, self = *job;
    struct hosting_session *session = job->session;
    const BOOL is_embedded = job == &session->leave;
    BOOL keep = FALSE;

    enter_running(&self);
    if (is_embedded)
        hosting_session_end_lookups(session);
    else
        hosting_job_perform(job, &keep);
    session_job_over(session);
    leave_running(&self);
    if (!is_embedded && !keep)
        free(job);
}

/* One more, unless the session is over or has more than a client can need. */
static BOOL count_job(struct hosting_session *session)
{
    BOOL counted;

    pthread_mutex_lock(&hosting_lock);
    counted = !session->has_left && session->n_jobs < MAX_JOBS;
    session->n_jobs += counted;
    pthread_mutex_unlock(&hosting_lock);
    return counted;
}

BOOL hosting_session_queue(struct hosting_session *session,
                           const struct hosted_message *message,
                           const void *set, DWORD room)
{
    struct hosting_job *job = malloc(sizeof(*job) + message->set_size);

    if (!job)
        return FALSE;
    memset(job, 0, sizeof(*job));
    job->work.run = job_run;
    job->session = session;
    job->message = *message;
    job->room = room;
    if (message->set_size)
        memcpy(job + 1, set, message->set_size);
    if (!count_job(session)) {
        free(job);
        return FALSE;
    }
    if (hosting_threads_run(&job->work, message->code == HOSTED_END))
        return TRUE;
    free(job);
    session_job_over(session);
    return FALSE;
}

/* --- Sessions, on the links' thread --------------------------------------- */

static void session_received(void *context, const void *bytes, uint32_t size)
{
    struct hosting_session *session = context;
    struct hosted_message message;

    if (size >= sizeof(message)) {
        memcpy(&message, bytes, sizeof(message));
        if (message.code == HOSTED_CLEANUP) {
            session->said_cleanup = TRUE; /* the end of the link follows */
            return;
        }
        if (message.set_size == size - sizeof(message) &&
            hosting_session_queue(session, &message,
                                  (const char *)bytes + sizeof(message), 0))
            return;
    }
    unix_link_shut(session->link);
}

static void session_ended(void *context)
{
    struct hosting_session *session = context;

    pthread_mutex_lock(&hosting_lock);
    session->has_left = TRUE;
    session->n_jobs++;
    pthread_mutex_unlock(&hosting_lock);
    session->leave.work.run = job_run;
    session->leave.session = session;
    if (!hosting_threads_run(&session->leave.work, TRUE))
        job_run(&session->leave.work); /* no memory: better here than never */
}

static const struct unix_link_calls session_calls = {
    .received = session_received,
    .ended = session_ended,
};

/* Takes the session back that is in no list yet. */
static void hosting_arrived(void *context, int fd)
{
    struct hosting *hosting = context;
    struct hosting_session *session = calloc(1, sizeof(*session));

    if (!session) {
        unix_link_refuse(fd);
        return;
    }
    session->hosting = hosting;
    session->references = 1;
    pthread_mutex_lock(&hosting_lock);
    hosting->references++;
    session->next = hosting->sessions;
    hosting->sessions = session;
    pthread_mutex_unlock(&hosting_lock);
    /* Nothing is heard of it before this thread goes on. */
    if (unix_link_adopt(fd, &session_calls, session, &session->link)) {
        pthread_mutex_lock(&hosting_lock);
        hosting->sessions = session->next; /* who adds them is this thread */
        hosting_release_locked(hosting);
        pthread_mutex_unlock(&hosting_lock);
        free(session);
    }
}

/* --- Advertising ---------------------------------------------------------- */

/* The server was replaced: the next one is to know of the provider. */
struct renewal {
    struct hosting_work work;
    struct hosting *hosting;
};

static void hosting_lost(void *context);

static const struct unix_link_calls advertisement_calls = {
    .arrived = hosting_arrived,
    .ended = hosting_lost,
};

static void renew(struct hosting_work *work)
{
    struct hosting *hosting = ((struct renewal *)work)->hosting;
    struct unix_link *link = NULL;
    BOOL ended;

    pthread_mutex_lock(&hosting_lock);
    while (hosting->is_renewing)
        pthread_cond_wait(&changed, &hosting_lock);
    ended = hosting->has_ended;
    if (!ended) {
        link = hosting->advertisement;
        hosting->advertisement = NULL;
        hosting->is_renewing = TRUE;
    }
    pthread_mutex_unlock(&hosting_lock);
    if (!ended) {
        if (link)
            unix_link_close(link);
        link = NULL;
        if (unix_link_advertise(&hosting->id, &advertisement_calls, hosting,
                                &link))
            link = NULL;
    }
    pthread_mutex_lock(&hosting_lock);
    if (!ended) {
        hosting->advertisement = link;
        hosting->is_renewing = FALSE;
        pthread_cond_broadcast(&changed);
    }
    hosting_release_locked(hosting);
    pthread_mutex_unlock(&hosting_lock);
    free(work);
}

static void hosting_lost(void *context)
{
    struct hosting *hosting = context;
    struct renewal *renewal = calloc(1, sizeof(*renewal));

    if (!renewal)
        return;
    renewal->work.run = renew;
    renewal->hosting = hosting;
    pthread_mutex_lock(&hosting_lock);
    hosting->references++;
    pthread_mutex_unlock(&hosting_lock);
    if (hosting_threads_run(&renewal->work, FALSE))
        return;
    pthread_mutex_lock(&hosting_lock);
    hosting_release_locked(hosting);
    pthread_mutex_unlock(&hosting_lock);
    free(renewal);
}

/* Under the lock; NULL: it is not hosted here. */
static struct hosting *find(const GUID *id)
{
    struct hosting *hosting = hostings;

    while (hosting && memcmp(&hosting->id, id, sizeof(*id)))
        hosting = hosting->next;
    return hosting;
}

/* Takes it out of the list; nobody makes it known any more.  Under the lock,
   which it gives up meanwhile. */
static void hosting_take_locked(struct hosting *hosting)
{
    struct hosting **place = &hostings;

    while (*place != hosting)
        place = &(*place)->next;
    *place = hosting->next;
    hosting->next = NULL;
    hosting->has_ended = TRUE;
    while (hosting->is_renewing)
        pthread_cond_wait(&changed, &hosting_lock);
}

/* Whether the calling thread is in a call of the provider's.  Under the
   lock. */
static BOOL is_inside(const struct hosting *hosting)
{
    const uint64_t thread = host_thread_id();
    const struct hosting_job *job = running;

    while (job && (job->thread != thread || job->session->hosting != hosting))
        job = job->next_running;
    return job != NULL;
}

/* Ends one that was taken. */
static void hosting_finish(struct hosting *hosting)
{
    struct hosting_session *session;
    BOOL is_last;

    if (hosting->advertisement)
        unix_link_close(hosting->advertisement); /* nobody arrives any more */
    pthread_mutex_lock(&hosting_lock);
    for (session = hosting->sessions; session; session = session->next)
        unix_link_shut(session->link);
    if (!is_inside(hosting))
        while (hosting->sessions)
            pthread_cond_wait(&changed, &hosting_lock);
    is_last = !hostings;
    hosting_release_locked(hosting);
    pthread_mutex_unlock(&hosting_lock);
    if (is_last)
        hosting_threads_end();
}

int hosting_begin(const GUID *id, const NSPV2_ROUTINE *routines)
{
    struct hosting *hosting = calloc(1, sizeof(*hosting));
    struct unix_link *link;
    int error = 0;

    if (!hosting)
        return WSA_NOT_ENOUGH_MEMORY;
    hosting->id = *id;
    hosting->routines = *routines;
    hosting->references = 1;
    hosting->is_renewing = TRUE;
    pthread_mutex_lock(&hosting_lock);
    if (find(id)) {
        error = WSAEINVAL;
    } else {
        hosting->next = hostings;
        hostings = hosting;
    }
    pthread_mutex_unlock(&hosting_lock);
    if (error) {
        free(hosting);
        return error;
    }
    error = unix_link_advertise(id, &advertisement_calls, hosting, &link);
    pthread_mutex_lock(&hosting_lock);
    hosting->is_renewing = FALSE;
    hosting->advertisement = error ? NULL : link;
    pthread_cond_broadcast(&changed);
    if (error && !hosting->has_ended) {
        hosting_take_locked(hosting);
        hosting_release_locked(hosting);
    }
    pthread_mutex_unlock(&hosting_lock);
    return error == WSAEINVAL || !error      ? error
           : error == (int)WSASYSNOTREADY ? WSAEFAULT
                                             : WSA_NOT_ENOUGH_MEMORY;
}

int hosting_end(const GUID *id)
{
    struct hosting *hosting;

    pthread_mutex_lock(&hosting_lock);
    hosting = find(id);
    if (hosting)
        hosting_take_locked(hosting);
    pthread_mutex_unlock(&hosting_lock);
    if (!hosting)
        return WSAEINVAL;
    hosting_finish(hosting);
    return 0;
}

struct hosting *hostings_detach(void)
{
    struct hosting *all = NULL, *hosting;

    pthread_mutex_lock(&hosting_lock);
    while ((hosting = hostings)) {
        hosting_take_locked(hosting);
        hosting->next = all;
        all = hosting;
    }
    pthread_mutex_unlock(&hosting_lock);
    return all;
}

void hostings_end(struct hosting *all)
{
    struct hosting *next;

    for (; all; all = next) {
        next = all->next;
        hosting_finish(all);
    }
}

void hostings_forked(void)
{
    /* What is there is the parent's; it is let go, because a thread may have
       been changing it. */
    pthread_mutex_init(&hosting_lock, NULL);
    pthread_cond_init(&changed, NULL);
    hostings = NULL;
    running = NULL;
    hosting_calls_forked();
    hosting_threads_forked();
}
