/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion ports of the native host. */
#include <ws2emu/constants.h>

#include "host/host.h"
#include "host/native/native.h"

int host_completion_port_post(uint64_t port, uint64_t key, uint64_t context,
                              uint32_t status, uint32_t bytes)
{
    const struct ws2emu_embedding *embedding = native_embedding();

    if (!embedding->complete)
        return WS2_INVALID_HANDLE;
    return embedding->complete(port, key, (void *)(uintptr_t)context, status,
                               bytes);
}

/* Nothing waits for a SOCKET itself here. */
void host_socket_signal(uint64_t cookie)
{
    (void)cookie;
}

void host_completion_port_close(uint64_t port)
{
    (void)port;
}
