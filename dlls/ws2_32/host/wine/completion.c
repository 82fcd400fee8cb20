/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: packets on completion ports.
 *
 * A port is an NT handle of this process.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include <ws2emu/constants.h>

#include "handle_hooks.h"
#include "host/host.h"

int host_completion_port_post(uint64_t port, uint64_t key, uint64_t context,
                              uint32_t status, uint32_t bytes)
{
    return NtSetIoCompletion((HANDLE)(uintptr_t)port, (ULONG_PTR)key,
                             (ULONG_PTR)context, (NTSTATUS)status, bytes)
               ? WS2_INVALID_HANDLE
               : 0;
}

void host_completion_port_close(uint64_t port)
{
    handle_close_unhooked((HANDLE)(uintptr_t)port);
}
