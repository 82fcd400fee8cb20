/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The benchmark's threads and clock on Linux. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

struct thread {
    pthread_t id;
    void (*start)(void *);
    void *argument;
};

static unsigned long long nanoseconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (unsigned long long)now.tv_sec * 1000000000ull +
           (unsigned long long)now.tv_nsec;
}

unsigned long long clock_now(void)
{
    return nanoseconds_of(CLOCK_MONOTONIC);
}

unsigned long long cpu_time_now(void)
{
    return nanoseconds_of(CLOCK_PROCESS_CPUTIME_ID);
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

/* A thread starts with the CPUs of the one that made it. */
void threads_share_cpu(int on)
{
    static cpu_set_t all;
    cpu_set_t one;
    int cpu = CPU_SETSIZE - 1;

    if (on) {
        sched_getaffinity(0, sizeof(all), &all);
        while (cpu > 0 && !CPU_ISSET(cpu, &all))
            cpu--;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
    }
    sched_setaffinity(0, sizeof(all), on ? &one : &all);
}
