/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The benchmark's threads and clock on Linux. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

struct thread {
    pthread_t id;
    void (*start)(void *);
    void *argument;
};

unsigned long long clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000000000ull +
           (unsigned long long)now.tv_nsec;
}

unsigned long bench_process_id(void)
{
    return (unsigned long)getpid();
}

static void *enter(void *argument)
{
    struct thread *thread = argument;

    thread->start(thread->argument);
    return NULL;
}

struct thread *thread_start(void (*start)(void *), void *argument)
{
    struct thread *thread = malloc(sizeof(*thread));
    int error;

    if (!thread)
        bench_fail("malloc", 0);
    thread->start = start;
    thread->argument = argument;
    error = pthread_create(&thread->id, NULL, enter, thread);
    if (error)
        bench_fail("pthread_create", error);
    return thread;
}

void thread_join(struct thread *thread)
{
    pthread_join(thread->id, NULL);
    free(thread);
}
