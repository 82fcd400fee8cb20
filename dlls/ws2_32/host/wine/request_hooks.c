/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls of files that are none of sockets: flushing, locking,
 * sizes, times, pipes' control codes.
 *
 * Windows asks the device, and AFD refuses what it does not know.  To
 * wineserver a SOCKET is a file, of which some of these calls succeed and
 * others fail as those of files do.
 */
#include "request_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include "bare_handle.h"
#include "hook.h"
#include "nt.h"
#include "unix/boundary.h"

static struct {
    NTSTATUS(WINAPI *flush)(HANDLE, IO_STATUS_BLOCK *);
    NTSTATUS(WINAPI *lock)
    (HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *,
     LARGE_INTEGER *, LARGE_INTEGER *, ULONG *, BOOLEAN, BOOLEAN);
    NTSTATUS(WINAPI *unlock)
    (HANDLE, IO_STATUS_BLOCK *, LARGE_INTEGER *, LARGE_INTEGER *, ULONG *);
    NTSTATUS(WINAPI *fs_control)
    (HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *, ULONG, void *,
     ULONG, void *, ULONG);
} original;

/* The low two bits of a handle are the program's own. */
static ws2_handle as_socket(HANDLE handle)
{
    return (uintptr_t)handle & ~(uintptr_t)3;
}

static int is_socket(HANDLE handle)
{
    return unix_socket_is_known(as_socket(handle));
}

/* STATUS_SUCCESS: Wine has the file. */
static NTSTATUS refuse_socket(HANDLE handle)
{
    if (is_socket(handle))
        return STATUS_INVALID_DEVICE_REQUEST;
    return bare_handle_is_closed(handle) ? STATUS_INVALID_HANDLE
                                         : STATUS_SUCCESS;
}

static NTSTATUS WINAPI flush_hook(HANDLE handle, IO_STATUS_BLOCK *block)
{
    NTSTATUS status = refuse_socket(handle);

    return status ? status : original.flush(handle, block);
}

static NTSTATUS WINAPI lock_hook(HANDLE handle, HANDLE event,
                                 PIO_APC_ROUTINE routine, void *context,
                                 IO_STATUS_BLOCK *block, LARGE_INTEGER *offset,
                                 LARGE_INTEGER *count, ULONG *key,
                                 BOOLEAN at_once, BOOLEAN exclusive)
{
    NTSTATUS status = refuse_socket(handle);

    return status ? status
                  : original.lock(handle, event, routine, context, block,
                                  offset, count, key, at_once, exclusive);
}

static NTSTATUS WINAPI unlock_hook(HANDLE handle, IO_STATUS_BLOCK *block,
                                   LARGE_INTEGER *offset, LARGE_INTEGER *count,
                                   ULONG *key)
{
    NTSTATUS status = refuse_socket(handle);

    return status ? status
                  : original.unlock(handle, block, offset, count, key);
}

static NTSTATUS WINAPI fs_control_hook(HANDLE handle, HANDLE event,
                                       PIO_APC_ROUTINE routine, void *context,
                                       IO_STATUS_BLOCK *block, ULONG code,
                                       void *in, ULONG in_size, void *out,
                                       ULONG out_size)
{
    NTSTATUS status = refuse_socket(handle);

    return status ? status
                  : original.fs_control(handle, event, routine, context, block,
                                        code, in, in_size, out, out_size);
}

/* Whether its calls wait by themselves: libuv and .NET ask pipes. */
static NTSTATUS query_mode(HANDLE handle, IO_STATUS_BLOCK *block, void *out,
                           ULONG length)
{
    struct unix_identity identity;
    ULONG mode;

    if (length < sizeof(mode))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (unix_socket_identity(as_socket(handle), &identity))
        return STATUS_INVALID_HANDLE;
    mode = identity.flags & WS2_FLAG_OVERLAPPED ? 0
                                                : FILE_SYNCHRONOUS_IO_NONALERT;
    if (unix_memory_write(out, &mode, sizeof(mode)))
        return STATUS_ACCESS_VIOLATION;
    block->Information = sizeof(mode);
    block->Status = STATUS_SUCCESS;
    return STATUS_SUCCESS;
}

static NTSTATUS WINAPI query_file_hook(HANDLE handle, IO_STATUS_BLOCK *block,
                                       void *out, ULONG length,
                                       FILE_INFORMATION_CLASS class)
{
    NTSTATUS status = refuse_socket(handle);

    if (status != STATUS_INVALID_DEVICE_REQUEST)
        return status ? status
                      : nt.query_file(handle, block, out, length, class);
    switch (class) {
    case FileModeInformation:
        return query_mode(handle, block, out, length);
    /* The system answers these itself. */
    case FileAccessInformation:
    case FilePositionInformation:
    case FileAlignmentInformation:
    case FileIoCompletionNotificationInformation:
        (void)bare_handle_use(handle);
        return nt.query_file(handle, block, out, length, class);
    default:
        return status;
    }
}

/* GetFileType asks what the device is. */
static NTSTATUS WINAPI query_volume_hook(HANDLE handle, IO_STATUS_BLOCK *block,
                                         void *out, ULONG length,
                                         FS_INFORMATION_CLASS class)
{
    NTSTATUS status = refuse_socket(handle);

    if (status == STATUS_INVALID_DEVICE_REQUEST &&
        class == FileFsDeviceInformation)
        status = bare_handle_use(handle);
    return status ? status
                  : nt.query_volume(handle, block, out, length, class);
}

void request_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtFlushBuffersFile", (void *)flush_hook, (void **)&original.flush},
        {"NtLockFile", (void *)lock_hook, (void **)&original.lock},
        {"NtUnlockFile", (void *)unlock_hook, (void **)&original.unlock},
        {"NtFsControlFile", (void *)fs_control_hook,
         (void **)&original.fs_control},
        {"NtQueryInformationFile", (void *)query_file_hook,
         (void **)&nt.query_file},
        {"NtQueryVolumeInformationFile", (void *)query_volume_hook,
         (void **)&nt.query_volume},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
