/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ntdll's calls as they are without the hooks.
 *
 * The host itself calls these: for its own handles, and where a hook hands a
 * call on.  Before the hooks are in, and where they cannot be, the members are
 * ntdll's functions.
 */
#ifndef WS2EMU_HOST_WINE_NT_H
#define WS2EMU_HOST_WINE_NT_H

#include <windows.h>
#include <winternl.h>

struct nt_calls {
    NTSTATUS(WINAPI *close)(HANDLE);
    NTSTATUS(WINAPI *duplicate)
    (HANDLE, HANDLE, HANDLE, HANDLE *, ACCESS_MASK, ULONG, ULONG);

    NTSTATUS(WINAPI *create_port)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
    NTSTATUS(WINAPI *set_completion)
    (HANDLE, ULONG_PTR, ULONG_PTR, NTSTATUS, SIZE_T);
    NTSTATUS(WINAPI *remove_completion)
    (HANDLE, ULONG_PTR *, ULONG_PTR *, IO_STATUS_BLOCK *, LARGE_INTEGER *);
    NTSTATUS(WINAPI *remove_completions)
    (HANDLE, FILE_IO_COMPLETION_INFORMATION *, ULONG, ULONG *, LARGE_INTEGER *,
     BOOLEAN);
    NTSTATUS(WINAPI *query_port)
    (HANDLE, IO_COMPLETION_INFORMATION_CLASS, void *, ULONG, ULONG *);
};

extern struct nt_calls nt;

#endif
