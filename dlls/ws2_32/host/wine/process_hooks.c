/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on making and ending processes.
 *
 * The end: ExitProcess ends the other threads wherever they are, and with them
 * nobody gives back the locks and references that they have.  From then on the
 * hooks are out, and closing and ending Winsock do nothing
 * (host_process_is_ending): the process's end closes everything.
 *
 * What a child inherits:
 *
 * A child gets a copy of the parent's inheritable handles.  The handle of a
 * SOCKET that AcceptEx has filled, or that was made new, leads to the socket
 * before (unix/exchange.h), so the child's is replaced: with a handle of the
 * right socket, under the same value.
 *
 * That can be done while the child's first thread has not begun, as nobody else
 * uses its handles then.  A new handle gets the lowest value that is free: so
 * those below are filled first, and freed afterwards.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "process_hooks.h"

#include <stdint.h>
#include <stdlib.h>

#include "bare_handle.h"
#include "hook.h"
#include "host/host.h"
#include "nt.h"
#include "posix.h"
#include "unix/boundary.h"

/* A child, and the handles there that only keep their values from being
   taken. */
struct child {
    HANDLE process;
    HANDLE *fillers;
    size_t n_fillers, room;
};

/* Closing a handle of another process is part of copying it. */
static void close_in(const struct child *child, HANDLE handle)
{
    HANDLE copy;

    if (!nt.duplicate(child->process, handle, GetCurrentProcess(), &copy, 0, 0,
                      DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE))
        nt.close(copy);
}

/* 1: the child has inherited the handle, and the value is not of something else
   that it has made. */
static int has_inherited(const struct child *child, HANDLE handle)
{
    DWORD flags = 0;
    HANDLE copy;
    int is_same;

    if (!GetHandleInformation(handle, &flags) ||
        !(flags & HANDLE_FLAG_INHERIT) ||
        nt.duplicate(child->process, handle, GetCurrentProcess(), &copy, 0, 0,
                     DUPLICATE_SAME_ACCESS))
        return 0;
    is_same = NtCompareObjects(copy, handle) == STATUS_SUCCESS;
    nt.close(copy);
    return is_same;
}

/* Gives the child copies of the object until one has the value. */
static void place(struct child *child, HANDLE value, HANDLE object)
{
    HANDLE copy;

    while (child->n_fillers < child->room &&
           !nt.duplicate(GetCurrentProcess(), object, child->process, &copy, 0,
                         OBJ_INHERIT, DUPLICATE_SAME_ACCESS) &&
           copy != value)
        child->fillers[child->n_fillers++] = copy;
}

static void replace(struct child *child, ws2_handle s)
{
    HANDLE handle = (HANDLE)(uintptr_t)s;
    uint64_t object;
    int fd;

    if (!has_inherited(child, handle) || unix_socket_exchanged_fd(s, &fd))
        return;
    if (!host_socket_handle_create(fd, /* inherit= */ 0, &object)) {
        close_in(child, handle);
        place(child, handle, (HANDLE)(uintptr_t)object);
        host_socket_handle_close(object);
    }
    posix_close(fd);
}

static int compare_handles(const void *one, const void *two)
{
    const ws2_handle a = *(const ws2_handle *)one;
    const ws2_handle b = *(const ws2_handle *)two;

    return a < b ? -1 : a > b;
}

/* Upwards: what is filled for one SOCKET is filled for the next, too. */
static void replace_all(struct child *child, ws2_handle *sockets,
                        uint32_t count)
{
    uint32_t i;

    qsort(sockets, count, sizeof(*sockets), compare_handles);
    child->room = (size_t)(sockets[count - 1] / 4);
    child->fillers = calloc(child->room, sizeof(*child->fillers));
    for (i = 0; i < count && child->fillers; i++)
        replace(child, sockets[i]);
    while (child->n_fillers > 0)
        close_in(child, child->fillers[--child->n_fillers]);
    free(child->fillers);
}

static void correct(HANDLE process)
{
    uint32_t room = unix_socket_list_exchanged(NULL, 0), count;
    ws2_handle *sockets = room ? calloc(room, sizeof(*sockets)) : NULL;
    struct child child = {.process = process};

    if (!sockets)
        return;
    count = unix_socket_list_exchanged(sockets, room);
    if (count > room)
        count = room;
    if (count > 0)
        replace_all(&child, sockets, count);
    free(sockets);
}

static NTSTATUS WINAPI
create_process_hook(HANDLE *process, HANDLE *thread, ACCESS_MASK process_access,
                    ACCESS_MASK thread_access,
                    OBJECT_ATTRIBUTES *process_attributes,
                    OBJECT_ATTRIBUTES *thread_attributes, ULONG process_flags,
                    ULONG thread_flags, RTL_USER_PROCESS_PARAMETERS *parameters,
                    PS_CREATE_INFO *information, PS_ATTRIBUTE_LIST *attributes)
{
    NTSTATUS status;

    if (process_flags & PROCESS_CREATE_FLAGS_INHERIT_HANDLES)
        bare_handle_before_child();
    status = nt.create_process(
        process, thread, process_access, thread_access, process_attributes,
        thread_attributes, process_flags, thread_flags, parameters,
        information, attributes);

    /* CreateProcess always asks for a thread that is suspended. */
    if (!status && (process_flags & PROCESS_CREATE_FLAGS_INHERIT_HANDLES) &&
        (thread_flags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED))
        correct(*process);
    return status;
}

static int is_ending; /* from then on there is one thread */

int host_process_is_ending(void)
{
    return __atomic_load_n(&is_ending, __ATOMIC_RELAXED);
}

/* Without a process it ends the other threads of this one, and returns. */
static NTSTATUS WINAPI terminate_hook(HANDLE process, LONG status)
{
    NTSTATUS result = nt.terminate(process, status);

    if (!process) {
        __atomic_store_n(&is_ending, 1, __ATOMIC_RELAXED);
        hook_remove_all();
    }
    return result;
}

void process_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtCreateUserProcess", (void *)create_process_hook,
         (void **)&nt.create_process},
        {"NtTerminateProcess", (void *)terminate_hook, (void **)&nt.terminate},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
