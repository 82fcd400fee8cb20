/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that delete and ask about files.
 *
 * They look at what has failed only, so other files cost nothing.  DeleteFile
 * opens with FILE_DELETE_ON_CLOSE: a socket's file goes at once, and the handle
 * is that of an event, which nobody but CloseHandle will see.
 */
#include "socket_file_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <string.h>

#include "hook.h"
#include "posix.h"

/* ntdll's; Wine has no header for it. */
extern NTSTATUS CDECL wine_nt_to_unix_file_name(
    const OBJECT_ATTRIBUTES *attributes, char *name, ULONG *size,
    UINT disposition);

#define LONGEST 1024
/* From 1601 to 1970, in the 100 ns of Windows' time. */
#define UNIX_EPOCH 116444736000000000LL

static struct {
    NTSTATUS(WINAPI *create)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *,
     LARGE_INTEGER *, ULONG, ULONG, ULONG, ULONG, void *, ULONG);
    NTSTATUS(WINAPI *delete)(OBJECT_ATTRIBUTES *);
    NTSTATUS(WINAPI *query)
    (const OBJECT_ATTRIBUTES *, FILE_BASIC_INFORMATION *);
    NTSTATUS(WINAPI *query_full)
    (const OBJECT_ATTRIBUTES *, FILE_NETWORK_OPEN_INFORMATION *);
} original;

/* 1: the name is that of a socket's file. */
static int find_socket(const OBJECT_ATTRIBUTES *attributes, char path[LONGEST],
                       struct posix_times *ret_times)
{
    ULONG size = LONGEST;

    return attributes && attributes->ObjectName &&
           !wine_nt_to_unix_file_name(attributes, path, &size, FILE_OPEN) &&
           posix_is_socket_file(path, ret_times);
}

/* --- Deleting ------------------------------------------------------------- */

static NTSTATUS remove_socket(HANDLE *handle, IO_STATUS_BLOCK *block,
                              const char *path)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    if (!event)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (posix_remove(path)) {
        CloseHandle(event);
        return STATUS_ACCESS_DENIED;
    }
    *handle = event;
    block->Status = STATUS_SUCCESS;
    block->Information = FILE_OPENED;
    return STATUS_SUCCESS;
}

static NTSTATUS WINAPI create_hook(HANDLE *handle, ACCESS_MASK access,
                                   OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size,
                                   ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options,
                                   void *extended, ULONG extended_length)
{
    NTSTATUS status =
        original.create(handle, access, attributes, block, size,
                        file_attributes, sharing, disposition, options,
                        extended, extended_length);
    struct posix_times times;
    char path[LONGEST];

    if (status && (options & FILE_DELETE_ON_CLOSE) && (access & DELETE) &&
        find_socket(attributes, path, &times))
        return remove_socket(handle, block, path);
    return status;
}

static NTSTATUS WINAPI delete_hook(OBJECT_ATTRIBUTES *attributes)
{
    NTSTATUS status = original.delete(attributes);
    struct posix_times times;
    char path[LONGEST];

    if (status && find_socket(attributes, path, &times))
        return posix_remove(path) ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
    return status;
}

/* --- Asking --------------------------------------------------------------- */

static int may_be_socket(NTSTATUS status)
{
    return status && status != STATUS_OBJECT_NAME_NOT_FOUND &&
           status != STATUS_OBJECT_PATH_NOT_FOUND;
}

static LARGE_INTEGER windows_time(int64_t nanoseconds)
{
    LARGE_INTEGER time = {.QuadPart = nanoseconds / 100 + UNIX_EPOCH};

    return time;
}

static NTSTATUS WINAPI query_full_hook(const OBJECT_ATTRIBUTES *attributes,
                                       FILE_NETWORK_OPEN_INFORMATION *info)
{
    NTSTATUS status = original.query_full(attributes, info);
    struct posix_times times;
    char path[LONGEST];

    if (!may_be_socket(status) || !find_socket(attributes, path, &times))
        return status;
    memset(info, 0, sizeof(*info));
    info->CreationTime = windows_time(times.changed);
    info->LastAccessTime = windows_time(times.accessed);
    info->LastWriteTime = windows_time(times.modified);
    info->ChangeTime = windows_time(times.changed);
    info->FileAttributes = FILE_ATTRIBUTE_ARCHIVE;
    return STATUS_SUCCESS;
}

static NTSTATUS WINAPI query_hook(const OBJECT_ATTRIBUTES *attributes,
                                  FILE_BASIC_INFORMATION *info)
{
    NTSTATUS status = original.query(attributes, info);
    FILE_NETWORK_OPEN_INFORMATION full;

    if (!may_be_socket(status) || query_full_hook(attributes, &full))
        return status;
    *info = (FILE_BASIC_INFORMATION){
        .CreationTime = full.CreationTime,
        .LastAccessTime = full.LastAccessTime,
        .LastWriteTime = full.LastWriteTime,
        .ChangeTime = full.ChangeTime,
        .FileAttributes = full.FileAttributes,
    };
    return STATUS_SUCCESS;
}

void socket_file_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtCreateFile", (void *)create_hook, (void **)&original.create},
        {"NtDeleteFile", (void *)delete_hook, (void **)&original.delete},
        {"NtQueryAttributesFile", (void *)query_hook,
         (void **)&original.query},
        {"NtQueryFullAttributesFile", (void *)query_full_hook,
         (void **)&original.query_full},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
