/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that cancel: CancelIo, CancelIoEx, CancelSynchronousIo.
 *
 * The last one names a thread.  A blocking call of Winsock's waits in the unix
 * side, which knows the threads that wait there; a ReadFile or WriteFile that
 * waits for its operation is noted here.
 */
#include "cancel_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <pthread.h>
#include <stdint.h>

#include "afd_file.h"
#include "afd_poll.h"
#include "bare_handle.h"
#include "hook.h"
#include "host/host.h"
#include "nt.h"
#include "unix/overlapped.h"

/* A call that waits for its operation; on the stack of its thread. */
struct synchronous_call {
    uint64_t thread;
    ws2_handle s;
    IO_STATUS_BLOCK *block;
    struct synchronous_call *next, **link;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct synchronous_call *calls; /* under lock */

/* The low two bits of a handle are the program's own. */
static ws2_handle as_socket(HANDLE handle)
{
    return (uintptr_t)handle & ~(uintptr_t)3;
}

static int is_socket(HANDLE handle)
{
    return unix_socket_is_known(as_socket(handle));
}

static NTSTATUS complete(IO_STATUS_BLOCK *block, NTSTATUS status)
{
    block->Information = 0;
    block->Status = status;
    return status;
}

static NTSTATUS status_of(int error)
{
    return (NTSTATUS)unix_status_of_error(error);
}

/* --- By handle ------------------------------------------------------------ */

static NTSTATUS WINAPI cancel_hook(HANDLE handle, IO_STATUS_BLOCK *block)
{
    uint32_t n;
    int error = 0;

    if (is_socket(handle))
        error = unix_socket_cancel(as_socket(handle), NULL, 1, &n);
    else if (bare_handle_is(handle))
        return STATUS_INVALID_HANDLE;
    else if (!afd_file_is(handle))
        return nt.cancel(handle, block);
    (void)afd_poll_cancel(handle, NULL, host_thread_id());
    return complete(block, status_of(error));
}

static NTSTATUS WINAPI cancel_one_hook(HANDLE handle, IO_STATUS_BLOCK *what,
                                       IO_STATUS_BLOCK *block)
{
    uint32_t n = 0;
    int error = 0;

    if (is_socket(handle))
        error = unix_socket_cancel(as_socket(handle), what, 0, &n);
    else if (bare_handle_is(handle))
        return STATUS_INVALID_HANDLE;
    else if (!afd_file_is(handle))
        return nt.cancel_one(handle, what, block);
    n += afd_poll_cancel(handle, what, 0);
    return complete(block, error ? status_of(error)
                                 : n ? STATUS_SUCCESS : STATUS_NOT_FOUND);
}

/* --- By thread ------------------------------------------------------------ */

int cancel_hooks_wait(ws2_handle s, IO_STATUS_BLOCK *block)
{
    struct synchronous_call call = {host_thread_id(), s, block, NULL, &calls};
    int error;

    pthread_mutex_lock(&lock);
    call.next = calls;
    if (calls)
        calls->link = &call.next;
    calls = &call;
    pthread_mutex_unlock(&lock);
    error = unix_completion_wait(block);
    pthread_mutex_lock(&lock);
    *call.link = call.next;
    if (call.next)
        call.next->link = call.link;
    pthread_mutex_unlock(&lock);
    return error;
}

/* The call that the thread waits in, if it is the one of this status block, or
   `block` is NULL.  1: there is one. */
static int find_call(uint64_t thread, const IO_STATUS_BLOCK *block,
                     struct synchronous_call *ret_call)
{
    const struct synchronous_call *call;

    pthread_mutex_lock(&lock);
    for (call = calls; call; call = call->next)
        if (call->thread == thread && (!block || call->block == block))
            break;
    if (call)
        *ret_call = *call;
    pthread_mutex_unlock(&lock);
    return call != NULL;
}

static uint32_t cancel_calls(uint64_t thread, const IO_STATUS_BLOCK *block)
{
    struct synchronous_call call;
    uint32_t n = 0;

    if (find_call(thread, block, &call)) {
        if (unix_socket_cancel(call.s, call.block, 0, &n))
            n = 0;
    } else if (!block) {
        n = unix_thread_cancel(thread);
    }
    return n;
}

/* The right to end a thread is not the one to ask for its number. */
static uint64_t thread_id(HANDLE thread)
{
    DWORD id = GetThreadId(thread);
    HANDLE copy;

    if (id || nt.duplicate(GetCurrentProcess(), thread, GetCurrentProcess(),
                           &copy, THREAD_QUERY_LIMITED_INFORMATION, 0, 0))
        return id;
    id = GetThreadId(copy);
    (void)nt.close(copy);
    return id;
}

static NTSTATUS WINAPI cancel_synchronous_hook(HANDLE thread,
                                               IO_STATUS_BLOCK *what,
                                               IO_STATUS_BLOCK *block)
{
    NTSTATUS status = nt.cancel_synchronous(thread, what, block);
    uint64_t id;

    if (status != STATUS_NOT_FOUND)
        return status;
    id = thread_id(thread);
    if (id && cancel_calls(id, what))
        status = complete(block, STATUS_SUCCESS);
    return status;
}

void cancel_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtCancelIoFile", (void *)cancel_hook, (void **)&nt.cancel},
        {"NtCancelIoFileEx", (void *)cancel_one_hook,
         (void **)&nt.cancel_one},
        {"NtCancelSynchronousIoFile", (void *)cancel_synchronous_hook,
         (void **)&nt.cancel_synchronous},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
