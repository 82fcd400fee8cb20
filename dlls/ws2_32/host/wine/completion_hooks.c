/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that use completion ports.
 *
 * A port of which nobody else can know is kept in the process from its making
 * on; see completion_port.h.  A call on any other port goes straight on.
 */
#include "completion_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include "completion_port.h"
#include "hook.h"
#include "nt.h"

static int is_private(const OBJECT_ATTRIBUTES *attributes)
{
    return !attributes ||
           (!attributes->ObjectName && !(attributes->Attributes & OBJ_INHERIT));
}

static NTSTATUS WINAPI create_port_hook(HANDLE *handle, ACCESS_MASK access,
                                        OBJECT_ATTRIBUTES *attributes,
                                        ULONG n_threads)
{
    const ACCESS_MASK all = IO_COMPLETION_ALL_ACCESS;
    NTSTATUS status = nt.create_port(handle, access, attributes, n_threads);
    struct completion_port *port;

    if (status || !is_private(attributes) ||
        ((access & all) != all && !(access & GENERIC_ALL)))
        return status;
    port = completion_port_adopt(*handle, 1);
    if (port)
        completion_port_release(port);
    return status;
}

static NTSTATUS WINAPI set_completion_hook(HANDLE handle, ULONG_PTR key,
                                           ULONG_PTR value, NTSTATUS status,
                                           SIZE_T information)
{
    struct completion_port *port = completion_port_find(handle);
    NTSTATUS result;

    if (!port)
        return nt.set_completion(handle, key, value, status, information);
    result = completion_port_post(port, key, value, status, information);
    completion_port_release(port);
    return result;
}

static NTSTATUS WINAPI remove_completion_hook(HANDLE handle, ULONG_PTR *key,
                                              ULONG_PTR *value,
                                              IO_STATUS_BLOCK *block,
                                              LARGE_INTEGER *timeout)
{
    struct completion_port *port = completion_port_find(handle);
    FILE_IO_COMPLETION_INFORMATION packet;
    NTSTATUS status;
    ULONG n;

    if (!port)
        return nt.remove_completion(handle, key, value, block, timeout);
    status = completion_port_remove(port, &packet, 1, &n, timeout, 0);
    completion_port_release(port);
    if (!status) {
        *key = packet.CompletionKey;
        *value = packet.CompletionValue;
        *block = packet.IoStatusBlock;
    }
    return status;
}

static NTSTATUS WINAPI
remove_completions_hook(HANDLE handle, FILE_IO_COMPLETION_INFORMATION *packets,
                        ULONG count, ULONG *written, LARGE_INTEGER *timeout,
                        BOOLEAN alertable)
{
    struct completion_port *port =
        count ? completion_port_find(handle) : NULL;
    NTSTATUS status;
    ULONG n;

    if (!port)
        return nt.remove_completions(handle, packets, count, written, timeout,
                                     alertable);
    status = completion_port_remove(port, packets, count, &n, timeout,
                                    alertable);
    completion_port_release(port);
    /* ntdll says 1 when there is none. */
    *written = n ? n : 1;
    return status;
}

static NTSTATUS WINAPI query_port_hook(HANDLE handle,
                                       IO_COMPLETION_INFORMATION_CLASS class,
                                       void *buffer, ULONG length, ULONG *used)
{
    struct completion_port *port = completion_port_find(handle);
    NTSTATUS status = nt.query_port(handle, class, buffer, length, used);

    if (!port)
        return status;
    if (!status && class == IoCompletionBasicInformation)
        *(ULONG *)buffer += completion_port_depth(port);
    completion_port_release(port);
    return status;
}

void completion_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtCreateIoCompletion", (void *)create_port_hook,
         (void **)&nt.create_port},
        {"NtSetIoCompletion", (void *)set_completion_hook,
         (void **)&nt.set_completion},
        {"NtRemoveIoCompletion", (void *)remove_completion_hook,
         (void **)&nt.remove_completion},
        {"NtRemoveIoCompletionEx", (void *)remove_completions_hook,
         (void **)&nt.remove_completions},
        {"NtQueryIoCompletion", (void *)query_port_hook,
         (void **)&nt.query_port},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
