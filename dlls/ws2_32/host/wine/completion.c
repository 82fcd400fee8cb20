/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: packets of SOCKETs on completion ports.
 *
 * To the unix side a port is the address of what completion_port.h keeps of
 * it, of which the association holds a reference.
 */
#include <windows.h>

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
