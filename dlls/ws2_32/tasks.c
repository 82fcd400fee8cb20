/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tasks; see tasks.h.
 *
 * Threads are made when there is something to do and end when there is not,
 * so that a program that asks nothing has none.  Of MAX_THREADS at most
 * MAX_RUNNING are with the resolver; the others are left for calling the
 * program, so that a resolver that hangs does not hold up what was cancelled.
 * One more, the clock, is there while a task has a deadline.
 *
 * A task is in one of three queues, or in none from its end on.  Its
 * references: one of its queue, then of the thread that ends it; one of the
 * thread that runs it; one of who waits for it.
 */
#include "tasks.h"

#include "api.h"

#include <pthread.h>
#include <time.h>

enum { MAX_THREADS = 24, MAX_RUNNING = 16, MAX_TASKS = 1024 };

#define NO_DEADLINE INT64_MAX

struct queue {
    struct task *first, **last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* All of this under lock. */
static struct queue waiting = {NULL, &waiting.first};
static struct queue running = {NULL, &running.first};
static struct queue calling = {NULL, &calling.first};
static unsigned int n_tasks, n_threads, n_running, n_finishing;
static unsigned int n_ends; /* how often tasks_end was called */
static uint32_t last_id;
static BOOL clock_runs;
static pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
static pthread_cond_t clock_changed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&clock_changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* --- Queues, under lock --------------------------------------------------- */

static void queue_add(struct queue *queue, struct task *task)
{
    task->next = NULL;
    task->link = queue->last;
    *queue->last = task;
    queue->last = &task->next;
}

static void queue_remove(struct queue *queue, struct task *task)
{
    *task->link = task->next;
    if (task->next)
        task->next->link = task->link;
    else
        queue->last = task->link;
    task->link = NULL;
}

static struct task *queue_find(const struct queue *queue, uint32_t id)
{
    struct task *task = queue->first;

    while (task && task->id != id)
        task = task->next;
    return task;
}

/* Returns the task if nobody has it any more, for the caller to free. */
static struct task *task_unref(struct task *task)
{
    if (--task->references)
        return NULL;
    n_tasks--;
    return task;
}

/* --- Threads -------------------------------------------------------------- */

static void work(void *argument);
static void keep_time(void *argument);

static BOOL has_work(void)
{
    return calling.first || (waiting.first && n_running < MAX_RUNNING);
}

/* Under lock, and keeps it: making a thread calls nobody.  Returns whether
   there is a thread that will look at the queues. */
static BOOL threads_provide(void)
{
    if (n_threads < MAX_THREADS && has_work()) {
        n_threads++;
        if (host_thread_create(work, NULL))
            n_threads--;
    }
    return n_threads > 0;
}

/* Finishes a task that has ended.  Called with the lock, which it gives up
   meanwhile.  Returns whether the program is to be called. */
static BOOL task_finish(struct task *task, int error)
{
    unsigned int ends = n_ends;

    n_finishing++;
    pthread_mutex_unlock(&lock);
    if (task->kind->finish)
        task->kind->finish(task, error);
    pthread_mutex_lock(&lock);
    n_finishing--;
    task->error = error;
    task->done = TRUE;
    pthread_cond_broadcast(&finished);
    return task->calls && ends == n_ends;
}

/* The lock as above. */
static void task_call(struct task *task)
{
    pthread_mutex_unlock(&lock);
    task->kind->call(task, task->error);
    pthread_mutex_lock(&lock);
}

/* Drops a reference of the calling thread's; the lock as above. */
static void task_drop(struct task *task)
{
    task = task_unref(task);
    if (!task)
        return;
    pthread_mutex_unlock(&lock);
    task->kind->free(task);
    pthread_mutex_lock(&lock);
}

/* Under lock. */
static void clock_tell(const struct task *task)
{
    if (task->deadline != NO_DEADLINE)
        pthread_cond_signal(&clock_changed);
}

/* Takes a task out of its queue; its reference there is the caller's.  Under
   lock. */
static void task_take(struct task *task)
{
    queue_remove(task->state == TASK_WAITING   ? &waiting
                 : task->state == TASK_RUNNING ? &running
                                               : &calling,
                 task);
    task->state = TASK_ENDED;
    clock_tell(task);
}

/* Runs the first waiting task; the lock as above. */
static void task_run(struct task *task)
{
    int error;

    queue_remove(&waiting, task);
    queue_add(&running, task);
    task->state = TASK_RUNNING;
    task->references++;
    n_running++;
    pthread_mutex_unlock(&lock);
    error = task->kind->run(task);
    pthread_mutex_lock(&lock);
    n_running--;
    if (task->state == TASK_RUNNING) {
        task_take(task);
        /* Calling the program may take this thread long. */
        if (task->calls)
            threads_provide();
        if (task_finish(task, error))
            task_call(task);
        task_drop(task);
    }
    task_drop(task);
}

/* A thread, as long as there is something to do. */
static void work(void *argument)
{
    struct task *task;

    (void)argument;
    pthread_mutex_lock(&lock);
    while (has_work()) {
        task = calling.first;
        if (task) {
            task_take(task);
            task_call(task);
            task_drop(task);
        } else {
            task_run(waiting.first);
        }
    }
    n_threads--;
    pthread_mutex_unlock(&lock);
}

/* --- Ending --------------------------------------------------------------- */

/* Has a task finished with an error, now; what there is to call is called by
   another thread.  The lock as above. */
static void task_end(struct task *task, int error)
{
    task_take(task);
    if (task_finish(task, error)) {
        task->state = TASK_CALLING;
        queue_add(&calling, task);
        if (threads_provide())
            return;
        /* No memory for a thread: better here than never. */
        task_take(task);
        task_call(task);
    }
    task_drop(task);
}

int tasks_cancel(const struct task_kind *kind, uint32_t id, int error)
{
    struct task *task;
    int result = 0;

    pthread_mutex_lock(&lock);
    task = queue_find(&waiting, id);
    if (!task)
        task = queue_find(&running, id);
    if (!task || task->kind != kind) {
        result = id && id % 4 == 0 && id / 4 <= last_id ? WSAEALREADY
                                                        : WSAEINVAL;
    } else if (error) {
        task_end(task, error);
    } else {
        task_take(task);
        task_drop(task);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

/* Ends the tasks of a queue; the lock as above. */
static void queue_abandon(struct queue *queue)
{
    struct task *task;

    while ((task = queue->first)) {
        task_take(task);
        if (!task->done) {
            if (task->kind->abandon) {
                pthread_mutex_unlock(&lock);
                task->kind->abandon(task);
                pthread_mutex_lock(&lock);
            }
            task->error = WSA_E_CANCELLED;
            task->done = TRUE;
            pthread_cond_broadcast(&finished);
        }
        task_drop(task);
    }
}

void tasks_end(void)
{
    pthread_once(&once, prepare);
    pthread_mutex_lock(&lock);
    n_ends++;
    queue_abandon(&waiting);
    queue_abandon(&running);
    queue_abandon(&calling);
    while (n_finishing)
        pthread_cond_wait(&finished, &lock);
    pthread_mutex_unlock(&lock);
}

/* --- The clock ------------------------------------------------------------ */

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* The earliest deadline of a queue, or that of least when it is earlier. */
static struct task *earliest(const struct queue *queue, struct task *least)
{
    struct task *task;

    for (task = queue->first; task; task = task->next)
        if (task->deadline != NO_DEADLINE &&
            (!least || task->deadline < least->deadline))
            least = task;
    return least;
}

/* The clock's thread, as long as a task has a deadline. */
static void keep_time(void *argument)
{
    struct task *task;
    struct timespec end;

    (void)argument;
    pthread_mutex_lock(&lock);
    while ((task = earliest(&running, earliest(&waiting, NULL)))) {
        if (task->deadline <= now()) {
            task_end(task, WSATRY_AGAIN);
            continue;
        }
        end.tv_sec = task->deadline / 1000000000;
        end.tv_nsec = task->deadline % 1000000000;
        pthread_cond_timedwait(&clock_changed, &lock, &end);
    }
    clock_runs = FALSE;
    pthread_mutex_unlock(&lock);
}

/* Under lock. */
static int clock_provide(const struct task *task)
{
    int error = 0;

    if (task->deadline == NO_DEADLINE)
        return 0;
    if (clock_runs) {
        pthread_cond_signal(&clock_changed);
        return 0;
    }
    error = host_thread_create(keep_time, NULL);
    clock_runs = !error;
    return error;
}

/* --- Beginning ------------------------------------------------------------ */

void tasks_name(struct task *task)
{
    pthread_mutex_lock(&lock);
    do {
        /* 29 bits, so that programs may keep it in an int. */
        last_id = last_id % 0x1fffffff + 1;
        task->id = 4 * last_id;
    } while (queue_find(&waiting, task->id) || queue_find(&running, task->id));
    pthread_mutex_unlock(&lock);
}

/* Under lock. */
static int task_begin(struct task *task)
{
    int error = WSA_NOT_ENOUGH_MEMORY;

    task->deadline = task->timeout
                         ? now() + task->timeout * INT64_C(1000000)
                         : NO_DEADLINE;
    task->state = TASK_WAITING;
    task->references = 1;
    if (n_tasks < MAX_TASKS) {
        queue_add(&waiting, task);
        n_tasks++;
        error = threads_provide() ? 0 : WSA_NOT_ENOUGH_MEMORY;
        if (!error)
            error = clock_provide(task);
        if (error) {
            queue_remove(&waiting, task);
            n_tasks--;
        }
    }
    return error;
}

int tasks_begin(struct task *task)
{
    int error;

    pthread_once(&once, prepare);
    pthread_mutex_lock(&lock);
    error = task_begin(task);
    pthread_mutex_unlock(&lock);
    return error;
}

int tasks_perform(struct task *task)
{
    int error;

    pthread_once(&once, prepare);
    pthread_mutex_lock(&lock);
    error = task_begin(task);
    if (error) {
        task->references = 1;
        n_tasks++;
    } else {
        task->references++;
        while (!task->done)
            pthread_cond_wait(&finished, &lock);
        error = task->error;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

void tasks_release(struct task *task)
{
    pthread_mutex_lock(&lock);
    task_drop(task);
    pthread_mutex_unlock(&lock);
}

void tasks_forked(void)
{
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&finished, NULL);
    once = (pthread_once_t)PTHREAD_ONCE_INIT;
    /* What the queues hold is the parent's; it is let go, not freed, because
       a thread may have been changing it. */
    waiting = (struct queue){NULL, &waiting.first};
    running = (struct queue){NULL, &running.first};
    calling = (struct queue){NULL, &calling.first};
    n_tasks = n_threads = n_running = n_finishing = 0;
    clock_runs = FALSE;
}
