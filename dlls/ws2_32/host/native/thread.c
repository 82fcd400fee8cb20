/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads: starting one, the last error of each, and its queue of APCs.
 *
 * A thread that was opened by host_open_current_thread, or that waited
 * alertably, has a struct thread.  It is owned by the references to it: one of
 * the thread itself, which its end drops, and one for each open.  The handle
 * is its address, which is looked up in the list of all of them: a program may
 * hand in anything.  The eventfd, made when APCs may come, is readable while
 * the queue is not empty.
 *
 * A thread that host_current_thread told of has a number, too, which is odd and
 * never used again.  It holds nothing, and is found as long as the thread
 * lives.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "host/host.h"
#include "host/native/native.h"
#include "unix/overlapped.h"

/* A CALLBACK of Windows' convention: a LPWSAUSERAPC takes the first argument
   alone, which in that convention is a call like any other. */
typedef __attribute__((ms_abi)) void (*apc_routine)(uint64_t first,
                                                    uint64_t second,
                                                    uint64_t third);

struct apc {
    struct apc *next;
    apc_routine routine;
    uint64_t arguments[3];
};

struct thread {
    struct thread *next;   /* under list_lock */
    uint64_t number;       /* under list_lock; 0: it has none */
    uint64_t layer_thread; /* of an embedding layer, or 0; the thread's */

    pthread_mutex_t lock; /* of the members below */
    uint32_t references;  /* 0: it is being freed */
    uint32_t opens;       /* those of the references that are handles */
    int ended;            /* nothing will run the queue any more */
    int is_known;         /* host_thread_id told of it */
    int alert_fd;
    struct apc *first, **last;
};

static _Thread_local uint32_t last_error;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int key_error;

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct thread *threads; /* under list_lock, so for the next */
static uint64_t last_number;

uint32_t HOT_PATH host_get_last_error(void)
{
    return last_error;
}

void HOT_PATH host_set_last_error(uint32_t error)
{
    last_error = error;
}

/* --- Starting ------------------------------------------------------------- */

struct start {
    void (*function)(void *);
    void *argument;
};

static void *run(void *argument)
{
    struct start start = *(struct start *)argument;

    free(argument);
    start.function(start.argument);
    return NULL;
}

/* Starts a detached thread.  It has all signals blocked: they are the
   program's and its own threads'.  WS2_NOT_ENOUGH_MEMORY. */
int host_thread_create(void (*function)(void *), void *argument)
{
    struct start *start = malloc(sizeof *start);
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int error;

    if (!start)
        return WS2_NOT_ENOUGH_MEMORY;
    *start = (struct start){ function, argument };
    error = pthread_attr_init(&attributes);
    if (error)
        goto out;
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, run, start);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
out:
    if (error)
        free(start);
    return error ? WS2_NOT_ENOUGH_MEMORY : WS2_SUCCESS;
}

/* --- The thread's object -------------------------------------------------- */

static void thread_drop_queue(struct thread *thread)
{
    while (thread->first) {
        struct apc *apc = thread->first;

        thread->first = apc->next;
        free(apc);
    }
    thread->last = &thread->first;
}

static void thread_list(struct thread *thread)
{
    pthread_mutex_lock(&list_lock);
    thread->next = threads;
    threads = thread;
    pthread_mutex_unlock(&list_lock);
}

/* Afterwards nobody looks at it any more. */
static void thread_unlist(struct thread *thread)
{
    struct thread **place = &threads;

    pthread_mutex_lock(&list_lock);
    while (*place && *place != thread)
        place = &(*place)->next;
    if (*place)
        *place = thread->next;
    pthread_mutex_unlock(&list_lock);
}

static void thread_unref(struct thread *thread)
{
    uint32_t references;

    pthread_mutex_lock(&thread->lock);
    references = --thread->references;
    pthread_mutex_unlock(&thread->lock);
    if (references > 0)
        return;
    thread_unlist(thread);
    thread_drop_queue(thread);
    if (thread->alert_fd >= 0)
        close(thread->alert_fd);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

/* Nobody finds it by its number any more. */
static void thread_drop_number(struct thread *thread)
{
    if (thread->layer_thread)
        (void)host_close_thread(thread->layer_thread);
    pthread_mutex_lock(&list_lock);
    thread->number = 0;
    pthread_mutex_unlock(&list_lock);
}

static void thread_end(void *argument)
{
    struct thread *thread = argument;

    if (thread->is_known)
        unix_thread_ended((uint64_t)(uintptr_t)thread);
    thread_drop_number(thread);
    pthread_mutex_lock(&thread->lock);
    thread->ended = 1;
    thread_drop_queue(thread);
    pthread_mutex_unlock(&thread->lock);
    thread_unref(thread);
}

/* Only a thread that may get APCs has an eventfd. 0: it has none, and cannot
   have one. */
static int thread_open_alert(struct thread *thread)
{
    int is_open;

    pthread_mutex_lock(&thread->lock);
    if (thread->alert_fd < 0)
        thread->alert_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    is_open = thread->alert_fd >= 0;
    pthread_mutex_unlock(&thread->lock);
    return is_open;
}

static void make_key(void)
{
    key_error = pthread_key_create(&key, thread_end);
}

static struct thread *thread_new(void)
{
    struct thread *thread = calloc(1, sizeof *thread);

    if (!thread)
        return NULL;
    pthread_mutex_init(&thread->lock, NULL);
    thread->references = 1;
    thread->last = &thread->first;
    thread->alert_fd = -1;
    thread_list(thread);
    if (pthread_setspecific(key, thread)) {
        thread_unref(thread);
        return NULL;
    }
    return thread;
}

/* The calling thread's object, made when it has none; NULL: no memory. */
static struct thread *thread_current(void)
{
    struct thread *thread;

    (void)pthread_once(&key_once, make_key);
    if (key_error)
        return NULL;
    thread = pthread_getspecific(key);
    return thread ? thread : thread_new();
}

/* One that the child of a fork has not, unless it was being changed. */
static void forget_thread(struct thread *thread)
{
    struct apc *apc;

    if (pthread_mutex_trylock(&thread->lock))
        return;
    while ((apc = thread->first) != NULL) {
        thread->first = apc->next;
        free(apc);
    }
    if (thread->alert_fd >= 0)
        close(thread->alert_fd);
    free(thread);
}

static void forget_others(const struct thread *own)
{
    struct thread *thread, *next;

    if (pthread_mutex_trylock(&list_lock))
        return;
    for (thread = threads; thread; thread = next) {
        next = thread->next;
        if (thread != own)
            forget_thread(thread);
    }
}

/*
 * In the child of a fork, whose one thread is a copy of the one that forked:
 * its queue starts empty (a user APC belongs to one thread of one process),
 * and on an eventfd that it does not share with the parent.
 */
void native_threads_forked(void)
{
    struct thread *thread;

    (void)pthread_once(&key_once, make_key);
    thread = key_error ? NULL : pthread_getspecific(key);
    forget_others(thread);
    pthread_mutex_init(&list_lock, NULL);
    threads = thread;
    if (!thread)
        return;
    thread->next = NULL;
    pthread_mutex_init(&thread->lock, NULL);
    /* What another thread of the parent was changing may be half done, so
       the queue is let go, not freed. */
    thread->first = NULL;
    thread->last = &thread->first;
    if (thread->alert_fd < 0)
        return;
    close(thread->alert_fd);
    thread->alert_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* --- Which thread --------------------------------------------------------- */

/* One more reference of a handle, or of somebody else; 0: it is being freed. */
static int thread_hold(struct thread *thread, uint32_t opens)
{
    int is_there;

    pthread_mutex_lock(&thread->lock);
    is_there = thread->references > 0;
    if (is_there) {
        thread->references++;
        thread->opens += opens;
    }
    pthread_mutex_unlock(&thread->lock);
    return is_there;
}

static int is_handle(const struct thread *thread, uint64_t handle)
{
    return handle & 1 ? thread->number == handle
                      : (uintptr_t)thread == handle;
}

/* The thread of a handle or a number, with a reference; NULL: none. */
static struct thread *thread_of(uint64_t handle, uint32_t opens)
{
    struct thread *thread;

    pthread_mutex_lock(&list_lock);
    thread = threads;
    while (thread && !is_handle(thread, handle))
        thread = thread->next;
    if (thread && !thread_hold(thread, opens))
        thread = NULL;
    pthread_mutex_unlock(&list_lock);
    return thread;
}

static void thread_number(struct thread *thread)
{
    pthread_mutex_lock(&list_lock);
    last_number += 2;
    thread->number = last_number | 1;
    pthread_mutex_unlock(&list_lock);
}

/* A layer's thread is opened once, and closed when the thread ends. */
static int layer_thread(struct thread *thread, uint64_t *ret_thread)
{
    int error = WS2_SUCCESS;

    if (!thread->layer_thread)
        error = native_embedding()->open_current_thread(&thread->layer_thread);
    *ret_thread = thread->layer_thread;
    return error;
}

int host_current_thread(uint64_t *ret_thread)
{
    struct thread *thread = thread_current();

    if (!thread)
        return WS2_NOT_ENOUGH_MEMORY;
    if (native_embedding()->open_current_thread)
        return layer_thread(thread, ret_thread);
    if (!thread_open_alert(thread))
        return WS2_NOT_ENOUGH_MEMORY;
    if (!thread->number)
        thread_number(thread);
    *ret_thread = thread->number;
    return WS2_SUCCESS;
}

int host_thread_reference(uint64_t handle, uint64_t *ret_reference)
{
    struct thread *thread;

    if (native_embedding()->open_current_thread) {
        /* A layer's threads are opened by themselves alone. */
        *ret_reference = 0;
        thread = thread_current();
        return thread && thread->layer_thread == handle
                   ? native_embedding()->open_current_thread(ret_reference)
                   : WS2_SUCCESS;
    }
    thread = thread_of(handle, 1);
    *ret_reference = (uint64_t)(uintptr_t)thread;
    return thread ? WS2_SUCCESS : WS2_EFAULT;
}

/* --- APCs ----------------------------------------------------------------- */

/* WPUOpenCurrentThread.  WS2_NOT_ENOUGH_MEMORY. */
int host_open_current_thread(uint64_t *ret_thread)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    struct thread *thread;

    if (embedding->open_current_thread)
        return embedding->open_current_thread(ret_thread);
    thread = thread_current();
    if (!thread || !thread_open_alert(thread))
        return WS2_NOT_ENOUGH_MEMORY;
    (void)thread_hold(thread, 1);
    *ret_thread = (uint64_t)(uintptr_t)thread;
    return WS2_SUCCESS;
}

/* 0: it is not open. */
static int thread_close(struct thread *thread)
{
    int was_open;

    pthread_mutex_lock(&thread->lock);
    was_open = thread->opens > 0;
    if (was_open)
        thread->opens--;
    pthread_mutex_unlock(&thread->lock);
    if (was_open)
        thread_unref(thread);
    return was_open;
}

/* WPUCloseThread.  WS2_EFAULT: not a thread that is open. */
int host_close_thread(uint64_t handle)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    struct thread *thread;
    int was_open;

    if (embedding->close_thread)
        return embedding->close_thread(handle);
    /* A number is nobody's to close. */
    thread = handle & 1 ? NULL : thread_of(handle, 0);
    if (!thread)
        return WS2_EFAULT;
    was_open = thread_close(thread);
    thread_unref(thread);
    return was_open ? WS2_SUCCESS : WS2_EFAULT;
}

static int queue_apc(uint64_t handle, struct apc *apc)
{
    struct thread *thread = thread_of(handle, 0);
    int error = WS2_SUCCESS;

    if (!thread)
        return WS2_EFAULT;
    pthread_mutex_lock(&thread->lock);
    if (thread->ended) {
        error = WS2_EFAULT;
    } else {
        *thread->last = apc;
        thread->last = &apc->next;
        (void)eventfd_write(thread->alert_fd, 1);
    }
    pthread_mutex_unlock(&thread->lock);
    thread_unref(thread);
    return error;
}

static struct apc *apc_new(uint64_t routine, uint64_t first, uint64_t second,
                           uint64_t third)
{
    struct apc *apc = malloc(sizeof *apc);

    if (apc)
        *apc = (struct apc){ .routine = (apc_routine)(uintptr_t)routine,
                             .arguments = { first, second, third } };
    return apc;
}

/* WPUQueueApc: the routine runs in the thread's next alertable wait.
   WS2_EFAULT: no thread, or one that has ended; WS2_NOT_ENOUGH_MEMORY. */
int host_queue_apc(uint64_t handle, void *routine, uint64_t context)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    struct apc *apc;
    int error;

    if (embedding->queue_apc)
        return embedding->queue_apc(handle, routine, context);
    if (!handle || !routine)
        return WS2_EFAULT;
    apc = apc_new((uintptr_t)routine, context, 0, 0);
    if (!apc)
        return WS2_NOT_ENOUGH_MEMORY;
    error = queue_apc(handle, apc);
    if (error)
        free(apc);
    return error;
}

/* A layer's APCs have one argument: the three travel behind it. */
static __attribute__((ms_abi)) void run_routine(uint64_t context)
{
    struct apc apc = *(struct apc *)(uintptr_t)context;

    free((struct apc *)(uintptr_t)context);
    apc.routine(apc.arguments[0], apc.arguments[1], apc.arguments[2]);
}

/* An APC with three arguments.  WS2_EFAULT: the thread has ended;
   WS2_NOT_ENOUGH_MEMORY. */
int host_queue_routine(uint64_t handle, uint64_t routine, uint64_t first,
                       uint64_t second, uint64_t third)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    struct apc *apc = apc_new(routine, first, second, third);
    int error;

    if (!apc)
        return WS2_NOT_ENOUGH_MEMORY;
    if (embedding->queue_apc)
        error = embedding->queue_apc(handle, (void *)(uintptr_t)run_routine,
                                     (uintptr_t)apc);
    else
        error = queue_apc(handle, apc);
    if (error)
        free(apc);
    return error;
}

/* The thread's object tells who it is, and of its end. 0: no memory. */
uint64_t host_thread_id(void)
{
    struct thread *thread = thread_current();

    if (thread)
        thread->is_known = 1;
    return (uint64_t)(uintptr_t)thread;
}

/* The calling thread's descriptor that is readable while APCs are queued. */
int native_alert_fd(void)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    struct thread *thread;

    if (embedding->alert_fd)
        return embedding->alert_fd();
    thread = thread_current();
    return thread && thread_open_alert(thread) ? thread->alert_fd : -1;
}

/* The oldest APC, or NULL, with the eventfd reset. */
static struct apc *thread_next_apc(struct thread *thread)
{
    struct apc *apc;
    eventfd_t count;

    pthread_mutex_lock(&thread->lock);
    apc = thread->first;
    if (apc) {
        thread->first = apc->next;
        if (!thread->first)
            thread->last = &thread->first;
    } else if (thread->alert_fd >= 0) {
        (void)eventfd_read(thread->alert_fd, &count);
    }
    pthread_mutex_unlock(&thread->lock);
    return apc;
}

/* Runs the calling thread's APCs in their order, also those that they queue;
   returns how many. */
uint32_t native_run_apcs(void)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    struct thread *thread;
    struct apc *apc;
    uint32_t n = 0;

    if (embedding->run_apcs)
        return embedding->run_apcs();
    thread = thread_current();
    while (thread && (apc = thread_next_apc(thread))) {
        struct apc next = *apc;

        free(apc);
        next.routine(next.arguments[0], next.arguments[1], next.arguments[2]);
        n++;
    }
    return n;
}
