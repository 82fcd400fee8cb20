/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of <ws2emu/port.h> that take a SOCKET: they are the unix side's. */
#include <stddef.h>

#include <ws2emu/constants.h>
#include <ws2emu/port.h>

#include "host/host.h"
#include "host/native/native.h"
#include "unix/overlapped.h"

#define EXPORT __attribute__((visibility("default")))

#define ERROR_NOT_FOUND 1168

EXPORT int ws2emu_port_associate(uint64_t handle, uint64_t s, uint64_t key)
{
    uint64_t port;
    int error = host_completion_port_open(handle, &port);

    if (error)
        return error;
    /* The reference is the handle's from now on. */
    error = unix_socket_associate(s, port, key);
    if (error == WS2_ENOTSOCK)
        error = host_handle_calls()->associate(s, port, key);
    if (error)
        host_completion_port_close(port);
    return error;
}

EXPORT int ws2emu_set_notification_modes(uint64_t s, uint32_t modes)
{
    if (modes & ~(uint32_t)(UNIX_SKIP_PORT_ON_SUCCESS |
                            UNIX_SKIP_EVENT_ON_HANDLE))
        return WS2_INVALID_PARAMETER;
    return unix_socket_set_notification_modes(s, modes);
}

EXPORT int ws2emu_cancel(uint64_t s, void *overlapped)
{
    uint32_t count;
    int error = unix_socket_cancel(s, overlapped, 0, &count);

    return !error && count == 0 ? ERROR_NOT_FOUND : error;
}

EXPORT int ws2emu_cancel_of_thread(uint64_t s)
{
    uint32_t count;

    return unix_socket_cancel(s, NULL, 1, &count);
}
