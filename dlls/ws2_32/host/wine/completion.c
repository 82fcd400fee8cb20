/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: packets of SOCKETs on completion ports.
 *
 * To the unix side a port is the address of what completion_port.h keeps of
 * it, of which the association holds a reference.
 */
#include <windows.h>

#include <stddef.h>
#include <stdint.h>

#include <ws2emu/constants.h>

#include "completion_port.h"
#include "host/host.h"

static struct completion_port *as_port(uint64_t port)
{
    return (struct completion_port *)(uintptr_t)port;
}

int host_completion_port_post(uint64_t port, uint64_t key, uint64_t context,
                              uint32_t status, uint32_t bytes)
{
    return completion_port_post(as_port(port), key, context, (NTSTATUS)status,
                                bytes)
               ? WS2_INVALID_HANDLE
               : 0;
}

int host_completion_ports_are_own(void)
{
    return 1;
}

C_ASSERT(sizeof(struct host_packet) == sizeof(OVERLAPPED_ENTRY));
C_ASSERT(offsetof(struct host_packet, bytes) ==
         offsetof(OVERLAPPED_ENTRY, dwNumberOfBytesTransferred));

int host_completion_port_take(uint64_t handle, struct host_packet *packets,
                              uint32_t n_packets, uint32_t timeout,
                              uint32_t *ret_count)
{
    ULONG n = 0;
    const BOOL done = GetQueuedCompletionStatusEx(
        (HANDLE)(uintptr_t)handle, (OVERLAPPED_ENTRY *)packets, n_packets, &n,
        timeout, FALSE);

    *ret_count = done ? n : 0;
    return done ? 0 : (int)GetLastError();
}

void host_completion_port_close(uint64_t port)
{
    completion_port_release(as_port(port));
}

int host_completion_port_open(uint64_t handle, uint64_t *ret_port)
{
    struct completion_port *port =
        completion_port_of((HANDLE)(uintptr_t)handle);

    *ret_port = (uintptr_t)port;
    return port ? 0 : WS2_INVALID_HANDLE;
}

void host_completion_port_hold(uint64_t port)
{
    completion_port_hold(as_port(port));
}
