/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls of files that SOCKETs take part in: reading, writing
 * and the association with completion ports.
 *
 * wineserver takes a SOCKET for a synchronous file, which it can neither read
 * overlapped nor associate.  What is no SOCKET of the table goes straight on.
 */
#include "file_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include "afd_file.h"
#include "bare_handle.h"
#include "cancel_hooks.h"
#include "completion_port.h"
#include "hook.h"
#include "host/host.h"
#include "notification_handle.h"
#include "nt.h"
#include "unix/overlapped.h"

/* The low two bits of a handle are the program's own. */
static ws2_handle as_socket(HANDLE handle)
{
    return (uintptr_t)handle & ~(uintptr_t)3;
}

static int is_socket(HANDLE handle)
{
    return unix_socket_is_known(as_socket(handle));
}

static NTSTATUS status_of(int error)
{
    return (NTSTATUS)unix_status_of_error(error);
}

static NTSTATUS complete(IO_STATUS_BLOCK *block, NTSTATUS status)
{
    block->Information = 0;
    block->Status = status;
    return status;
}

/* --- Association ---------------------------------------------------------- */

/* file NULL: the socket, or what is the API's.  The reference of the port is
   taken when it succeeds. */
static int associate(ws2_handle s, struct afd_file *file,
                     struct completion_port *port, uint64_t key)
{
    int error;

    if (file)
        return afd_file_associate(file, port, key) ? 0 : WS2_INVALID_PARAMETER;
    error = unix_socket_associate(s, (uintptr_t)port, key);
    return error == WS2_ENOTSOCK
               ? host_handle_calls()->associate(s, (uintptr_t)port, key)
               : error;
}

static int replace_port(ws2_handle s, struct afd_file *file,
                        struct completion_port *port, uint64_t key)
{
    int error = 0;

    if (file)
        afd_file_replace_port(file, port, key);
    else
        error = unix_socket_replace_port(s, (uintptr_t)port, key);
    /* What is the API's keeps its port. */
    return error == WS2_ENOTSOCK ? WS2_EOPNOTSUPP : error;
}

static NTSTATUS change_port(ws2_handle s, struct afd_file *file,
                            const FILE_COMPLETION_INFORMATION *information,
                            int replaces)
{
    struct completion_port *port = NULL;
    int error;

    if (information->CompletionPort || !replaces) {
        port = completion_port_of(information->CompletionPort);
        if (!port)
            return STATUS_INVALID_HANDLE;
    }
    error = (replaces ? replace_port : associate)(s, file, port,
                                                  information->CompletionKey);
    if (error && port)
        completion_port_release(port);
    return status_of(error);
}

/* Another file's packets will come from wineserver. */
static void note_file(HANDLE handle)
{
    struct completion_port *port = completion_port_find(handle);

    if (!port)
        return;
    completion_port_mix(port);
    completion_port_release(port);
}

static NTSTATUS set_completion(HANDLE handle, IO_STATUS_BLOCK *block,
                               void *information, ULONG length,
                               FILE_INFORMATION_CLASS class)
{
    const int replaces = class == FileReplaceCompletionInformation;
    const ws2_handle s = as_socket(handle);
    struct afd_file *file = afd_file_find(handle);
    FILE_COMPLETION_INFORMATION copy;
    struct unix_identity identity;
    NTSTATUS status;

    if (length < sizeof(copy)) {
        status = STATUS_INFO_LENGTH_MISMATCH;
    } else if (unix_memory_read(&copy, information, sizeof(copy))) {
        status = STATUS_ACCESS_VIOLATION;
    } else if (file || notification_handle_is(handle) ||
               host_handle_calls()->is_socket(s) ||
               !unix_socket_identity(s, &identity)) {
        /* The last also finds a SOCKET that came from elsewhere. */
        status = complete(block, change_port(s, file, &copy, replaces));
    } else {
        note_file(copy.CompletionPort);
        status = nt.set_information(handle, block, information, length, class);
    }
    if (file)
        afd_file_release(file);
    return status;
}

static NTSTATUS set_modes(HANDLE handle, IO_STATUS_BLOCK *block,
                          ULONG *modes, ULONG length,
                          FILE_INFORMATION_CLASS class)
{
    struct afd_file *file;
    int error = 0;

    if (length < sizeof(*modes))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (is_socket(handle)) {
        error = unix_socket_set_notification_modes(as_socket(handle), *modes);
        return complete(block, status_of(error));
    }
    file = afd_file_find(handle);
    if (!file)
        return nt.set_information(handle, block, modes, length, class);
    afd_file_set_modes(file, *modes);
    afd_file_release(file);
    return complete(block, STATUS_SUCCESS);
}

static NTSTATUS WINAPI set_information_hook(HANDLE handle,
                                            IO_STATUS_BLOCK *block,
                                            void *information, ULONG length,
                                            FILE_INFORMATION_CLASS class)
{
    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    if (class == FileCompletionInformation ||
        class == FileReplaceCompletionInformation)
        return set_completion(handle, block, information, length, class);
    if (class == FileIoCompletionNotificationInformation)
        return set_modes(handle, block, information, length, class);
    /* The system keeps a position, AFD knows of nothing. */
    if (class != FilePositionInformation && is_socket(handle))
        return STATUS_INVALID_DEVICE_REQUEST;
    (void)bare_handle_use(handle);
    return nt.set_information(handle, block, information, length, class);
}

/* --- Reading and writing -------------------------------------------------- */

static struct unix_completion completion_of(HANDLE event,
                                            PIO_APC_ROUTINE routine,
                                            void *context,
                                            IO_STATUS_BLOCK *block)
{
    struct unix_completion completion = {
        .status_block = block,
        .event = (uintptr_t)event,
        .routine = (uintptr_t)routine,
    };

    if (routine)
        completion.routine_context = (uintptr_t)context;
    else
        completion.port_context = (uintptr_t)context;
    return completion;
}

/* What the call answers when the operation was started.  Who gave no way to be
   told waits here, whatever the socket is. */
static NTSTATUS started(HANDLE handle, int error,
                        const struct unix_completion *completion,
                        const struct unix_result *result)
{
    IO_STATUS_BLOCK *block = completion->status_block;
    NTSTATUS status = status_of(error);

    if (error == WS2_IO_PENDING && !completion->event &&
        !completion->routine && !completion->port_context) {
        error = cancel_hooks_wait(as_socket(handle), block);
        return error ? status_of(error) : block->Status;
    }
    if (error == WS2_EMSGSIZE) {
        block->Information = result->bytes;
        block->Status = status;
    }
    return status;
}

/* A SOCKET that has no kernel handle. */
static NTSTATUS transfer(HANDLE handle, int writing,
                         const struct unix_completion *completion,
                         void *buffer, ULONG length)
{
    const struct host_transfer transfer = {
        .writing = writing,
        .buffer = buffer,
        .length = length,
        .status_block = completion->status_block,
        .event = completion->event,
        .routine = completion->routine,
        .context = completion->routine ? completion->routine_context
                                       : completion->port_context,
    };
    const IO_STATUS_BLOCK *block = completion->status_block;
    int error = host_handle_calls()->transfer((uintptr_t)handle, &transfer);

    return error ? status_of(error) : block->Status;
}

static NTSTATUS WINAPI read_hook(HANDLE handle, HANDLE event,
                                 PIO_APC_ROUTINE routine, void *context,
                                 IO_STATUS_BLOCK *block, void *buffer,
                                 ULONG length, LARGE_INTEGER *offset,
                                 ULONG *key)
{
    const struct unix_buffer buffers = {.length = length, .data = buffer};
    struct unix_completion completion;
    struct unix_result result = {0};
    int error;

    completion = completion_of(event, routine, context, block);
    if (host_handle_calls()->is_socket((uintptr_t)handle))
        return transfer(handle, /* writing= */ 0, &completion, buffer,
                        length);
    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    if (!is_socket(handle))
        return nt.read(handle, event, routine, context, block, buffer, length,
                       offset, key);
    error = unix_socket_start_receive(as_socket(handle), &completion, &buffers,
                                      1, 0, NULL, NULL, &result);
    return started(handle, error, &completion, &result);
}

static NTSTATUS WINAPI write_hook(HANDLE handle, HANDLE event,
                                  PIO_APC_ROUTINE routine, void *context,
                                  IO_STATUS_BLOCK *block, const void *buffer,
                                  ULONG length, LARGE_INTEGER *offset,
                                  ULONG *key)
{
    const struct unix_buffer buffers = {.length = length,
                                        .data = (void *)(uintptr_t)buffer};
    struct unix_completion completion;
    struct unix_result result = {0};
    int error;

    completion = completion_of(event, routine, context, block);
    if (host_handle_calls()->is_socket((uintptr_t)handle))
        return transfer(handle, /* writing= */ 1, &completion,
                        (void *)(uintptr_t)buffer, length);
    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    if (!is_socket(handle))
        return nt.write(handle, event, routine, context, block, buffer, length,
                        offset, key);
    error = unix_socket_start_send(as_socket(handle), &completion, &buffers, 1,
                                   0, NULL, 0, &result);
    return started(handle, error, &completion, &result);
}

void file_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtSetInformationFile", (void *)set_information_hook,
         (void **)&nt.set_information},
        {"NtReadFile", (void *)read_hook, (void **)&nt.read},
        {"NtWriteFile", (void *)write_hook, (void **)&nt.write},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
