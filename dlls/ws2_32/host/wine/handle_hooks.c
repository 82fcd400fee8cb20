/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that end or copy handles, and on those that ask for their
 * flags.
 *
 * CloseHandle on a SOCKET must end the descriptor as closesocket does, and so
 * must a DuplicateHandle that closes its source.  Every handle of the process
 * passes here, so what is not a SOCKET of the table leaves at once.
 *
 * A copy of a SOCKET is one of the kernel socket that the SOCKET has, whatever
 * its handle leads to (unix/exchange.h), also one that is made out of another
 * process (unix/show.h).
 *
 * Not seen here: another process that closes a handle of this one, when this
 * one has no SOCKETs of that kind or is stopped.  The descriptor then lives on
 * until it is closed or the process ends.
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
#include "socket_handle.h"
#include "unix/boundary.h"

/* Of ntifs.h. */
#ifndef DUPLICATE_SAME_ATTRIBUTES
#define DUPLICATE_SAME_ATTRIBUTES 4
#endif

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

/* 0: it cannot be told.  A handle of a process may be good for copying from it
   alone; another one of the process is good for more. */
static DWORD process_id_of(HANDLE process)
{
    const DWORD last_error = GetLastError();
    DWORD id;
    HANDLE query;

    if (process == GetCurrentProcess())
        return GetCurrentProcessId();
    id = process ? GetProcessId(process) : 0;
    if (!id && process &&
        !nt.duplicate(GetCurrentProcess(), process, GetCurrentProcess(),
                      &query, PROCESS_QUERY_LIMITED_INFORMATION, 0, 0)) {
        id = GetProcessId(query);
        nt.close(query);
    }
    SetLastError(last_error);
    return id;
}

static int is_this_process(HANDLE process)
{
    return process_id_of(process) == GetCurrentProcessId();
}

/* A copy that stays here stands for the same object.  A socket's may have to be
   known at once: if its source is closed then, so that the socket is never
   without a holder and keeps its state; if it awaits a connection, so that the
   copy gets it. */
static void note_copy(HANDLE source, HANDLE copy, int is_to_be_known)
{
    struct unix_identity identity;

    if (is_to_be_known)
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
   is made of its fd, which is the callee's.  `like` is a handle here of the
   attributes that the copy is to have if it is to have its source's. */
static NTSTATUS duplicate_exchanged(int fd, HANDLE like, HANDLE target_process,
                                    HANDLE *target, ACCESS_MASK access,
                                    ULONG attributes, ULONG options)
{
    NTSTATUS status = STATUS_NO_MEMORY;
    uint64_t handle;
    DWORD flags = 0;

    if (options & DUPLICATE_SAME_ATTRIBUTES)
        (void)GetHandleInformation(like, &flags);
    if (!host_socket_handle_create(fd, (flags & HANDLE_FLAG_INHERIT) != 0,
                                   &handle)) {
        status = nt.duplicate(GetCurrentProcess(), (HANDLE)(uintptr_t)handle,
                              target_process, target, access, attributes,
                              options & ~(ULONG)DUPLICATE_CLOSE_SOURCE);
        host_socket_handle_close(handle);
    }
    posix_close(fd);
    return status;
}

/* Closing a handle of another process is part of copying it. */
static void close_in(HANDLE process, HANDLE handle)
{
    HANDLE closed = handle;

    if (is_this_process(process) ||
        !nt.duplicate(process, handle, GetCurrentProcess(), &closed, 0, 0,
                      DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE))
        nt.close(closed);
}

/* What is to be copied out of another process, where to, and how. */
struct copy {
    HANDLE source_process, source;
    DWORD source_id;
    HANDLE process; /* the target */
    ACCESS_MASK access;
    ULONG attributes, options;
};

/* Puts the right copy in the place of one that was made of another process's
   SOCKET.  What that process says is the truth: the SOCKET may have got another
   kernel socket than its handle leads to, and nobody else knows.
   `here` is a handle here of what the copy leads to.
   STATUS_INVALID_HANDLE: the SOCKET is closed there. */
static NTSTATUS correct(const struct copy *copy, HANDLE here, HANDLE *target,
                        int *ret_is_closed)
{
    const enum socket_handle_kind kind = socket_handle_kind(here);
    HANDLE right;
    int fd;

    *ret_is_closed = 0;
    if (kind == SOCKET_HANDLE_NONE)
        return STATUS_SUCCESS;
    if (unix_socket_shown_fd(copy->source_id, handle_as_socket(copy->source),
                             (copy->options & DUPLICATE_CLOSE_SOURCE) != 0,
                             &fd, ret_is_closed))
        return kind == SOCKET_HANDLE_BARE ? STATUS_INVALID_HANDLE
                                          : STATUS_SUCCESS;
    if (duplicate_exchanged(fd, here, copy->process, &right, copy->access,
                            copy->attributes, copy->options))
        return STATUS_NO_MEMORY;
    close_in(copy->process, *target);
    *target = right;
    return STATUS_SUCCESS;
}

/* Makes a copy and corrects it, with the source still open. */
static NTSTATUS copy_from(const struct copy *copy, HANDLE *target,
                          int *ret_is_closed)
{
    const int is_here = is_this_process(copy->process);
    HANDLE here;
    NTSTATUS status = nt.duplicate(
        copy->source_process, copy->source, copy->process, target,
        copy->access, copy->attributes,
        copy->options & ~(ULONG)DUPLICATE_CLOSE_SOURCE);

    *ret_is_closed = 0;
    if (status || !copy->source_id)
        return status;
    here = *target;
    if (!is_here &&
        nt.duplicate(copy->process, *target, GetCurrentProcess(), &here, 0, 0,
                     DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES))
        return STATUS_SUCCESS; /* as it is */
    status = correct(copy, here, target, ret_is_closed);
    if (!is_here)
        nt.close(here);
    if (status) {
        close_in(copy->process, *target);
        *target = NULL;
    }
    return status;
}

/* Out of another process: it costs the look whether the copy is a socket.  The
   source is closed by the process that has it, if it is a SOCKET. */
static NTSTATUS duplicate_from(struct copy *copy, HANDLE *target)
{
    NTSTATUS status;
    HANDLE unwanted;
    int is_closed;

    if (!target) {
        copy->process = GetCurrentProcess();
        copy->options |= DUPLICATE_SAME_ACCESS;
    }
    status = copy_from(copy, target ? target : &unwanted, &is_closed);
    if (!status && !target)
        nt.close(unwanted);
    if (copy->options & DUPLICATE_CLOSE_SOURCE && !is_closed)
        (void)nt.duplicate(copy->source_process, copy->source, NULL, NULL, 0, 0,
                           DUPLICATE_CLOSE_SOURCE);
    return status;
}

static NTSTATUS WINAPI duplicate_hook(HANDLE source_process, HANDLE source,
                                      HANDLE target_process, HANDLE *target,
                                      ACCESS_MASK access, ULONG attributes,
                                      ULONG options)
{
    const DWORD source_id = process_id_of(source_process);
    const int closes_source = (options & DUPLICATE_CLOSE_SOURCE) != 0;
    int fd, is_exchanged, is_to_be_known;
    NTSTATUS status;

    if (source_id != GetCurrentProcessId())
        return duplicate_from(&(struct copy){source_process, source, source_id,
                                             target_process, access,
                                             attributes, options},
                              target);
    is_exchanged = !unix_socket_exchanged_fd(handle_as_socket(source), &fd);
    if (!is_exchanged && bare_handle_is(source))
        return STATUS_INVALID_HANDLE;
    is_to_be_known = closes_source ||
                     unix_socket_awaits_connection(handle_as_socket(source));
    if (!is_exchanged && !is_to_be_known && !handle_table_has(source))
        return nt.duplicate(source_process, source, target_process, target,
                            access, attributes, options);

    if (target && !is_this_process(target_process))
        note_departure(source);
    options &= ~(ULONG)DUPLICATE_CLOSE_SOURCE;
    if (is_exchanged)
        status = duplicate_exchanged(fd, source, target_process, target,
                                     access, attributes, options);
    else
        status = nt.duplicate(source_process, source, target_process, target,
                              access, attributes, options);
    if (!status && target && is_this_process(target_process))
        note_copy(source, *target, is_to_be_known);
    /* The source is closed whatever became of the copy. */
    if (closes_source)
        (void)close_hook(source);
    return status;
}

/* --- Flags ---------------------------------------------------------------- */

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
    if (!bare_handle_is(handle) || class != ObjectDataInformation ||
        length < sizeof(*information))
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
