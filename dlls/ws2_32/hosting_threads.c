/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads of providers in this program; see hosting_threads.h. */
#include "hosting_threads.h"

#include "api.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

enum { MAX_THREADS = 64, MAX_WORK = 8192, IDLE_SECONDS = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
/* All of this under lock. */
static struct hosting_work *first, **last = &first;
static unsigned int n_work, n_threads, n_idle;
static BOOL shall_end; /* no thread waits for work */

/* Waits for work; FALSE: there is none for too long.  Under lock. */
static BOOL await_work(void)
{
    struct timespec deadline;
    int error = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += IDLE_SECONDS;
    n_idle++;
    while (!first && !shall_end && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&changed, &lock, &deadline);
    n_idle--;
    return first != NULL;
}

static void work_off(void *argument)
{
    struct hosting_work *work;

    (void)argument;
    pthread_mutex_lock(&lock);
    while (first || await_work()) {
        work = first;
        first = work->next;
        if (!first)
            last = &first;
        n_work--;
        pthread_mutex_unlock(&lock);
        work->run(work);
        pthread_mutex_lock(&lock);
    }
    n_threads--;
    pthread_mutex_unlock(&lock);
}

/* Under lock: making a thread calls nobody.  Returns whether there is one that
   will look at the queue. */
static BOOL provide_thread(BOOL urgent)
{
    if (n_work > n_idle && (urgent || n_threads < MAX_THREADS)) {
        n_threads++;
        if (host_thread_create(work_off, NULL))
            n_threads--;
    }
    return n_threads > 0;
}

/* Under lock. */
static void queue(struct hosting_work *work, BOOL urgent)
{
    if (urgent) {
        work->next = first;
        if (!first)
            last = &work->next;
        first = work;
    } else {
        work->next = NULL;
        *last = work;
        last = &work->next;
    }
    n_work++;
}

BOOL hosting_threads_run(struct hosting_work *work, BOOL urgent)
{
    BOOL taken = FALSE;

    pthread_mutex_lock(&lock);
    if (urgent || n_work < MAX_WORK) {
        shall_end = FALSE;
        queue(work, urgent);
        taken = provide_thread(urgent);
        pthread_cond_signal(&changed);
        if (!taken) { /* then it is alone there */
            first = NULL;
            last = &first;
            n_work = 0;
        }
    }
    pthread_mutex_unlock(&lock);
    return taken;
}

void hosting_threads_end(void)
{
    pthread_mutex_lock(&lock);
    shall_end = TRUE;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void hosting_threads_forked(void)
{
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&changed, NULL);
    first = NULL;
    last = &first;
    n_work = n_threads = n_idle = 0;
    shall_end = FALSE;
}
