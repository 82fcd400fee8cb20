/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The benchmark's threads and clock on Windows. */
#include <stdlib.h>
#include <windows.h>

#include "measure.h"

struct thread {
    HANDLE handle;
    void (*start)(void *);
    void *argument;
};

unsigned long long clock_now(void)
{
    LARGE_INTEGER now, frequency;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (unsigned long long)((double)now.QuadPart * 1e9 /
                                (double)frequency.QuadPart);
}

unsigned long bench_process_id(void)
{
    return GetCurrentProcessId();
}

static DWORD WINAPI enter(void *argument)
{
    struct thread *thread = argument;

    thread->start(thread->argument);
    return 0;
}

struct thread *thread_start(void (*start)(void *), void *argument)
{
    struct thread *thread = malloc(sizeof(*thread));

    if (!thread)
        bench_fail("malloc", 0);
    thread->start = start;
    thread->argument = argument;
    thread->handle = CreateThread(NULL, 0, enter, thread, 0, NULL);
    if (!thread->handle)
        bench_fail("CreateThread", (long)GetLastError());
    return thread;
}

void thread_join(struct thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}
