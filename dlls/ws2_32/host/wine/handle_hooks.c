/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that end or copy handles, and on those that ask for their
 * flags.
 *
 * CloseHandle on a SOCKET must end the descriptor as closesocket does, and so
 * must a DuplicateHandle that closes its source.  Every handle of the process
 * passes here, so what is not a SOCKET of the table leaves at once.
 *
 * Not seen here: another process that closes handles of this one (a
 * DuplicateHandle with DUPLICATE_CLOSE_SOURCE from outside).  The descriptor
 * then lives on until it is closed or the process ends.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "handle_hooks.h"

#include <stdint.h>

#include "bare_handle.h"
#include "completion_port.h"
#include "handle_table.h"
#include "hook.h"
#include "host/host.h"
#include "nt.h"
#include "posix.h"
#include "unix/boundary.h"

/* The low two bits of a handle are the program's own. */
static ws2_handle handle_as_socket(HANDLE handle)
{
    return (uintptr_t)handle & ~(uintptr_t)3;
}

static NTSTATUS close_bare(HANDLE handle)
{
    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    if (bare_handle_flags(handle) & BARE_HANDLE_PROTECTED)
        return STATUS_HANDLE_NOT_CLOSABLE;
    if (unix_socket_handle_closed(handle_as_socket(handle)))
        return STATUS_INVALID_HANDLE; /* another thread was first */
    bare_handle_give_back((HANDLE)(uintptr_t)handle_as_socket(handle));
    return STATUS_SUCCESS;
}

/* The descriptor ends before the handle: as long as the handle is open, its
   value cannot become another socket's. */
static NTSTATUS WINAPI close_hook(HANDLE handle)
{
    const struct host_handle_calls *calls = host_handle_calls();

    if (calls->is_socket((uintptr_t)handle))
        return calls->close((uintptr_t)handle) ? STATUS_INVALID_HANDLE
                                               : STATUS_SUCCESS;
    if (bare_handle_is(handle))
        return close_bare(handle);
    (void)unix_socket_handle_closed(handle_as_socket(handle));
    handle_table_remove(handle);
    return nt.close(handle);
}

static int is_this_process(HANDLE process)
{
    return process == GetCurrentProcess() ||
           (process && GetProcessId(process) == GetCurrentProcessId());
}

/* A copy that stays here stands for the same object.  A socket's is shown to
   the server while its source still holds the socket: so the socket is never
   without a holder, and keeps its state. */
static void note_copy(HANDLE source, HANDLE copy, int is_source_closed)
{
    struct unix_identity identity;

    if (is_source_closed)
        (void)unix_socket_identity(handle_as_socket(copy), &identity);
    if (handle_table_has(source))
        handle_table_copy(source, copy);
}

/* A port that another process knows is not private any more, from before on. */
static void note_departure(HANDLE source)
{
    struct completion_port *port = completion_port_find(source);

    if (!port)
        return;
    completion_port_share(port);
    completion_port_release(port);
}

/* A copy of a SOCKET whose handle leads to another kernel socket than its own
   is made of its fd. */
static NTSTATUS duplicate_exchanged(int fd, HANDLE target_process,
                                    HANDLE *target, ACCESS_MASK access,
                                    ULONG attributes, ULONG options)
{
    NTSTATUS status = STATUS_NO_MEMORY;
    uint64_t handle;

    if (!host_socket_handle_create(fd, /* inherit= */ 0, &handle)) {
        status = nt.duplicate(GetCurrentProcess(), (HANDLE)(uintptr_t)handle,
                              target_process, target, access, attributes,
                              options);
        host_socket_handle_close(handle);
    }
    posix_close(fd);
    return status;
}

static NTSTATUS WINAPI duplicate_hook(HANDLE source_process, HANDLE source,
                                      HANDLE target_process, HANDLE *target,
                                      ACCESS_MASK access, ULONG attributes,
                                      ULONG options)
{
    const int closes_source = (options & DUPLICATE_CLOSE_SOURCE) != 0;
    int fd, is_exchanged;
    NTSTATUS status;

    is_exchanged = is_this_process(source_process) &&
                   !unix_socket_exchanged_fd(handle_as_socket(source), &fd);
    if (!is_exchanged && is_this_process(source_process) &&
        bare_handle_is(source))
        return STATUS_INVALID_HANDLE;
    if (!is_exchanged &&
        ((!closes_source && !handle_table_has(source)) ||
         !is_this_process(source_process)))
        return nt.duplicate(source_process, source, target_process, target,
                            access, attributes, options);

    if (target && !is_this_process(target_process))
        note_departure(source);
    options &= ~(ULONG)DUPLICATE_CLOSE_SOURCE;
    if (is_exchanged)
        status = duplicate_exchanged(fd, target_process, target, access,
                                     attributes, options);
    else
        status = nt.duplicate(source_process, source, target_process, target,
                              access, attributes, options);
    if (!status && target && is_this_process(target_process))
        note_copy(source, *target, closes_source);
    /* The source is closed whatever became of the copy. */
    if (closes_source)
        (void)close_hook(source);
    return status;
}

/* --- Flags ------------------------------------------------------------------- */

static NTSTATUS WINAPI query_object_hook(HANDLE handle,
                                         OBJECT_INFORMATION_CLASS class,
                                         void *buffer, ULONG length,
                                         ULONG *used)
{
    const unsigned int flags = bare_handle_flags(handle);
    OBJECT_DATA_INFORMATION *information = buffer;

    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    if (!flags || class != ObjectDataInformation ||
        length < sizeof(*information))
        return nt.query_object(handle, class, buffer, length, used);
    information->InheritHandle = (flags & BARE_HANDLE_INHERITS) != 0;
    information->ProtectFromClose = (flags & BARE_HANDLE_PROTECTED) != 0;
    if (used)
        *used = sizeof(*information);
    return STATUS_SUCCESS;
}

static NTSTATUS WINAPI set_object_hook(HANDLE handle,
                                       OBJECT_INFORMATION_CLASS class,
                                       void *buffer, ULONG length)
{
    const OBJECT_DATA_INFORMATION *information = buffer;

    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    if (!bare_handle_is(handle) || class != ObjectDataInformation || length < sizeof(*information))
        return nt.set_object(handle, class, buffer, length);
    bare_handle_set_flags(handle, information->InheritHandle,
                          information->ProtectFromClose);
    return STATUS_SUCCESS;
}

NTSTATUS handle_close_unhooked(HANDLE handle)
{
    return nt.close(handle);
}

void handle_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtClose", (void *)close_hook, (void **)&nt.close},
        {"NtDuplicateObject", (void *)duplicate_hook,
         (void **)&nt.duplicate},
        {"NtQueryObject", (void *)query_object_hook,
         (void **)&nt.query_object},
        {"NtSetInformationObject", (void *)set_object_hook,
         (void **)&nt.set_object},
    };
    const unsigned int n_hooks = sizeof(hooks) / sizeof(hooks[0]);

    if (hook_install(hooks, n_hooks) == n_hooks)
        bare_handle_allow();
}
