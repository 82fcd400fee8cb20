/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_POLL, in the structures of AFD.
 */
#ifndef WS2EMU_HOST_WINE_AFD_POLL_H
#define WS2EMU_HOST_WINE_AFD_POLL_H

#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#define IOCTL_AFD_POLL 0x00012024

/* An NtDeviceIoControlFile. */
struct afd_call {
    HANDLE handle, event;
    PIO_APC_ROUTINE routine;
    void *context;
    IO_STATUS_BLOCK *block;
    const void *in;
    ULONG in_size;
    void *out;
    ULONG out_size;
};

/* The call's status.  The handle is an AFD file's, or a SOCKET. */
NTSTATUS afd_poll(const struct afd_call *call);

/* Cancels polls of the handle that the thread issued (host_thread_id; 0: any);
   block NULL: all, else that one.  How many. */
uint32_t afd_poll_cancel(HANDLE handle, const IO_STATUS_BLOCK *block,
                         uint64_t thread);

#endif
