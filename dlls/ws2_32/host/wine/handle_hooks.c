/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that end or copy handles.
 *
 * CloseHandle on a SOCKET must end the descriptor as closesocket does, and so
 * must a DuplicateHandle that closes its source.  Every handle of the process
 * passes here, so what is not a SOCKET of the table leaves at once.
 *
 * Not seen here: another process that closes handles of this one (a
 * DuplicateHandle with DUPLICATE_CLOSE_SOURCE from outside).  The descriptor
 * then lives on until it is closed or the process ends.
 */
#include "handle_hooks.h"

#include <stdint.h>

#include "hook.h"
#include "unix/boundary.h"

typedef NTSTATUS(WINAPI *close_function)(HANDLE);
typedef NTSTATUS(WINAPI *duplicate_function)(HANDLE, HANDLE, HANDLE, HANDLE *,
                                             ACCESS_MASK, ULONG, ULONG);

/* Before the hooks are in, and where they cannot be: ntdll's own. */
static close_function original_close = NtClose;
static duplicate_function original_duplicate = NtDuplicateObject;

/* The low two bits of a handle are the program's own. */
static ws2_handle handle_as_socket(HANDLE handle)
{
    return (uintptr_t)handle & ~(uintptr_t)3;
}

/* The descriptor ends before the handle: as long as the handle is open, its
   value cannot become another socket's. */
static NTSTATUS WINAPI close_hook(HANDLE handle)
{
    (void)unix_socket_handle_closed(handle_as_socket(handle));
    return original_close(handle);
}

static int is_this_process(HANDLE process)
{
    return process == GetCurrentProcess() ||
           (process && GetProcessId(process) == GetCurrentProcessId());
}

/* A copy that stays here is shown to the server while its source still holds
   the socket: the socket then never is without a holder, and keeps its state. */
static NTSTATUS WINAPI duplicate_hook(HANDLE source_process, HANDLE source,
                                      HANDLE target_process, HANDLE *target,
                                      ACCESS_MASK access, ULONG attributes,
                                      ULONG options)
{
    struct unix_identity identity;
    NTSTATUS status;

    if (!(options & DUPLICATE_CLOSE_SOURCE) || !is_this_process(source_process))
        return original_duplicate(source_process, source, target_process,
                                  target, access, attributes, options);

    status = original_duplicate(source_process, source, target_process, target,
                                access, attributes,
                                options & ~(ULONG)DUPLICATE_CLOSE_SOURCE);
    if (!status && target && is_this_process(target_process))
        (void)unix_socket_identity(handle_as_socket(*target), &identity);
    /* The source is closed whatever became of the copy. */
    (void)close_hook(source);
    return status;
}

NTSTATUS handle_close_unhooked(HANDLE handle)
{
    return original_close(handle);
}

void handle_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtClose", (void *)close_hook, (void **)&original_close},
        {"NtDuplicateObject", (void *)duplicate_hook,
         (void **)&original_duplicate},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
