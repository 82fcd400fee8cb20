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

    NTSTATUS(WINAPI *query_object)
    (HANDLE, OBJECT_INFORMATION_CLASS, void *, ULONG, ULONG *);
    NTSTATUS(WINAPI *set_object)
    (HANDLE, OBJECT_INFORMATION_CLASS, void *, ULONG);

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

    NTSTATUS(WINAPI *set_information)
    (HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FILE_INFORMATION_CLASS);
    NTSTATUS(WINAPI *query_file)
    (HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FILE_INFORMATION_CLASS);
    NTSTATUS(WINAPI *query_volume)
    (HANDLE, IO_STATUS_BLOCK *, void *, ULONG, FS_INFORMATION_CLASS);
    NTSTATUS(WINAPI *read)
    (HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *, void *, ULONG,
     LARGE_INTEGER *, ULONG *);
    NTSTATUS(WINAPI *write)
    (HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *, const void *,
     ULONG, LARGE_INTEGER *, ULONG *);
    NTSTATUS(WINAPI *cancel)(HANDLE, IO_STATUS_BLOCK *);
    NTSTATUS(WINAPI *cancel_one)
    (HANDLE, IO_STATUS_BLOCK *, IO_STATUS_BLOCK *);
    NTSTATUS(WINAPI *cancel_synchronous)
    (HANDLE, IO_STATUS_BLOCK *, IO_STATUS_BLOCK *);

    NTSTATUS(WINAPI *open_file)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG,
     ULONG);
    NTSTATUS(WINAPI *create_file)
    (HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *,
     LARGE_INTEGER *, ULONG, ULONG, ULONG, ULONG, void *, ULONG);
    NTSTATUS(WINAPI *control)
    (HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *, ULONG, void *,
     ULONG, void *, ULONG);

    NTSTATUS(WINAPI *create_process)
    (HANDLE *, HANDLE *, ACCESS_MASK, ACCESS_MASK, OBJECT_ATTRIBUTES *,
     OBJECT_ATTRIBUTES *, ULONG, ULONG, RTL_USER_PROCESS_PARAMETERS *,
     PS_CREATE_INFO *, PS_ATTRIBUTE_LIST *);
    NTSTATUS(WINAPI *terminate)(HANDLE, LONG);

    NTSTATUS(WINAPI *wait_one)(HANDLE, BOOLEAN, const LARGE_INTEGER *);
    NTSTATUS(WINAPI *wait_many)
    (ULONG, const HANDLE *, BOOLEAN, BOOLEAN, const LARGE_INTEGER *);
};

extern struct nt_calls nt;

#endif
