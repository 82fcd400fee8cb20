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

/* Kernel and user time, in units of 100 ns. */
unsigned long long cpu_time_now(void)
{
    ULARGE_INTEGER kernel, user;
    FILETIME created, ended, kernel_time, user_time;

    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel_time,
                    &user_time);
    kernel.LowPart = kernel_time.dwLowDateTime;
    kernel.HighPart = kernel_time.dwHighDateTime;
    user.LowPart = user_time.dwLowDateTime;
    user.HighPart = user_time.dwHighDateTime;
    return (kernel.QuadPart + user.QuadPart) * 100;
}

unsigned long bench_process_id(void)
{
    return GetCurrentProcessId();
}

static int is_cpu_shared;

void threads_share_cpu(int on)
{
    DWORD_PTR all, system, one = (DWORD_PTR)1 << 63;

    GetProcessAffinityMask(GetCurrentProcess(), &all, &system);
    while (!(one & all))
        one >>= 1;
    SetThreadAffinityMask(GetCurrentThread(), on ? one : all);
    is_cpu_shared = on;
}

static DWORD WINAPI enter(void *argument)
{
    struct thread *thread = argument;

    if (is_cpu_shared)
        threads_share_cpu(1);
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
