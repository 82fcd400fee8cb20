/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that wait for handles.
 *
 * A SOCKET is signalled while no overlapped operation without an event of its
 * own is under way; wineserver, which knows nothing of them, thinks that it is
 * signalled always.  So who waits for one that is not waits for an event in
 * its place, which the end of the operation sets.
 */
#include "wait_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <pthread.h>
#include <stdint.h>

#include "bare_handle.h"
#include "hook.h"
#include "host/host.h"
#include "nt.h"
#include "unix/overlapped.h"

struct waiter {
    uint64_t socket; /* its cookie */
    HANDLE event;
    struct waiter *next, **link;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *waiters; /* under lock */
static uint32_t n_waiters;     /* atomic */

void host_socket_signal(uint64_t cookie)
{
    struct waiter *waiter;

    if (__atomic_load_n(&n_waiters, __ATOMIC_SEQ_CST) == 0)
        return;
    pthread_mutex_lock(&lock);
    for (waiter = waiters; waiter; waiter = waiter->next)
        if (waiter->socket == cookie)
            NtSetEvent(waiter->event, NULL);
    pthread_mutex_unlock(&lock);
}

static void waiter_add(struct waiter *waiter)
{
    pthread_mutex_lock(&lock);
    waiter->next = waiters;
    waiter->link = &waiters;
    if (waiters)
        waiters->link = &waiter->next;
    waiters = waiter;
    __atomic_add_fetch(&n_waiters, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&lock);
}

static void waiter_remove(struct waiter *waiter)
{
    if (!waiter->event)
        return;
    pthread_mutex_lock(&lock);
    *waiter->link = waiter->next;
    if (waiter->next)
        waiter->next->link = waiter->link;
    __atomic_sub_fetch(&n_waiters, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&lock);
    (void)nt.close(waiter->event);
}

static int is_socket(HANDLE handle)
{
    return unix_socket_is_known((uintptr_t)handle & ~(uintptr_t)3);
}

/* What to wait for in the place of a handle: itself, the waiter's event, or
   nothing that there is. */
static HANDLE stand_in(HANDLE handle, struct waiter *waiter)
{
    const ws2_handle s = (uintptr_t)handle & ~(uintptr_t)3;

    waiter->event = NULL;
    if (bare_handle_is_closed(handle))
        return NULL;
    if (!is_socket(handle) || unix_socket_is_signalled(s, &waiter->socket))
        return handle;
    if (NtCreateEvent(&waiter->event, EVENT_ALL_ACCESS, NULL,
                      NotificationEvent, FALSE)) {
        waiter->event = NULL;
        return handle;
    }
    waiter_add(waiter);
    if (unix_socket_is_signalled(s, &waiter->socket))
        NtSetEvent(waiter->event, NULL);
    return waiter->event;
}

static NTSTATUS WINAPI wait_one_hook(HANDLE handle, BOOLEAN alertable,
                                     const LARGE_INTEGER *timeout)
{
    struct waiter waiter;
    NTSTATUS status;

    if (!is_socket(handle))
        return bare_handle_is_closed(handle)
                   ? STATUS_INVALID_HANDLE
                   : nt.wait_one(handle, alertable, timeout);
    status = nt.wait_one(stand_in(handle, &waiter), alertable, timeout);
    waiter_remove(&waiter);
    return status;
}

/* Some of the handles are SOCKETs. */
static NTSTATUS wait_for_sockets(ULONG n, const HANDLE *handles,
                                 BOOLEAN any, BOOLEAN alertable,
                                 const LARGE_INTEGER *timeout)
{
    struct waiter array[MAXIMUM_WAIT_OBJECTS];
    HANDLE stand_ins[MAXIMUM_WAIT_OBJECTS] = {NULL};
    NTSTATUS status;
    ULONG i;

    for (i = 0; i < n; i++)
        stand_ins[i] = stand_in(handles[i], &array[i]);
    status = nt.wait_many(n, stand_ins, any, alertable, timeout);
    for (i = 0; i < n; i++)
        waiter_remove(&array[i]);
    return status;
}

static NTSTATUS WINAPI wait_many_hook(ULONG n, const HANDLE *handles,
                                      BOOLEAN any, BOOLEAN alertable,
                                      const LARGE_INTEGER *timeout)
{
    ULONG i;

    for (i = 0; i < n && n <= MAXIMUM_WAIT_OBJECTS; i++)
        if (is_socket(handles[i]) || bare_handle_is(handles[i]))
            return wait_for_sockets(n, handles, any, alertable, timeout);
    return nt.wait_many(n, handles, any, alertable, timeout);
}

void wait_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtWaitForSingleObject", (void *)wait_one_hook,
         (void **)&nt.wait_one},
        {"NtWaitForMultipleObjects", (void *)wait_many_hook,
         (void **)&nt.wait_many},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
