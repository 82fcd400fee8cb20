/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: threads, APCs and the last error.
 *
 * Code that makes Windows calls needs a thread that Wine knows, so the
 * library's own threads are made here too.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>
#include <stdlib.h>

#include <ws2emu/constants.h>

#include "handle_hooks.h"
#include "host/host.h"
#include "thread.h"

/* What a thread of Windows has: the system's resolver and the program's
   completion routines run on such threads, too. */
#define THREAD_STACK_SIZE (1024 * 1024)

struct thread_start {
    void (*start)(void *);
    void *argument;
};

static DWORD WINAPI thread_main(void *parameter)
{
    struct thread_start start = *(struct thread_start *)parameter;

    free(parameter);
    start.start(start.argument);
    return 0;
}

int host_thread_create(void (*start)(void *), void *argument)
{
    struct thread_start *parameter = malloc(sizeof(*parameter));
    HANDLE thread;

    if (!parameter)
        return WS2_NOT_ENOUGH_MEMORY;
    parameter->start = start;
    parameter->argument = argument;
    thread = CreateThread(NULL, THREAD_STACK_SIZE, thread_main, parameter,
                          STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    if (!thread) {
        free(parameter);
        return WS2_NOT_ENOUGH_MEMORY;
    }
    handle_close_unhooked(thread);
    return 0;
}

int host_open_current_thread(uint64_t *ret_thread)
{
    HANDLE thread;

    if (!DuplicateHandle(GetCurrentProcess(), GetCurrentThread(),
                         GetCurrentProcess(), &thread, 0, FALSE,
                         DUPLICATE_SAME_ACCESS))
        return WS2_NOT_ENOUGH_MEMORY;
    *ret_thread = (uintptr_t)thread;
    return 0;
}

/* --- The calling thread's own handle -------------------------------------- */

static DWORD own_handle = TLS_OUT_OF_INDEXES; /* of the thread's storage */

void thread_attach_process(void)
{
    own_handle = TlsAlloc();
}

void thread_detach(void)
{
    HANDLE thread = TlsGetValue(own_handle);

    if (thread)
        handle_close_unhooked(thread);
}

int host_current_thread(uint64_t *ret_thread)
{
    HANDLE thread = TlsGetValue(own_handle);
    int error = 0;

    *ret_thread = (uintptr_t)thread;
    if (!thread) {
        error = host_open_current_thread(ret_thread);
        if (!error && !TlsSetValue(own_handle,
                                   (HANDLE)(uintptr_t)*ret_thread)) {
            (void)host_close_thread(*ret_thread);
            error = WS2_NOT_ENOUGH_MEMORY;
        }
    }
    return error;
}

int host_thread_reference(uint64_t thread, uint64_t *ret_reference)
{
    HANDLE copy;

    if (!DuplicateHandle(GetCurrentProcess(), (HANDLE)(uintptr_t)thread,
                         GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS))
        return WS2_EFAULT;
    *ret_reference = (uintptr_t)copy;
    return 0;
}

/* WS2_EFAULT: not a thread's handle; another kind's is not ours to close. */
int host_close_thread(uint64_t thread)
{
    if (!GetThreadId((HANDLE)(uintptr_t)thread))
        return WS2_EFAULT;
    return handle_close_unhooked((HANDLE)(uintptr_t)thread) ? WS2_EFAULT : 0;
}

int host_queue_apc(uint64_t thread, void *routine, uint64_t context)
{
    return QueueUserAPC((PAPCFUNC)routine, (HANDLE)(uintptr_t)thread,
                        (ULONG_PTR)context)
               ? 0
               : WS2_EFAULT;
}

uint64_t host_thread_id(void)
{
    return GetCurrentThreadId();
}

int host_queue_routine(uint64_t thread, uint64_t routine, uint64_t first,
                       uint64_t second, uint64_t third)
{
    return NtQueueApcThread((HANDLE)(uintptr_t)thread,
                            (PNTAPCFUNC)(uintptr_t)routine, first, second,
                            third)
               ? WS2_EFAULT
               : 0;
}

uint32_t HOT_PATH host_get_last_error(void)
{
    return GetLastError();
}

void HOT_PATH host_set_last_error(uint32_t error)
{
    SetLastError(error);
}
