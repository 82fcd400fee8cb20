/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extension functions are asked for by GUID:
 * SIO_GET_EXTENSION_FUNCTION_POINTER, and
 * SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER for a table of them.  A GUID that
 * is not here is WSAEINVAL.
 */
#include <winsock2.h>

#include <mswsock.h>
#include <ws2spi.h>

#include "provider/ioctl.h"
#include "provider/registered_io.h"

#include <string.h>

static const struct extension {
    GUID id;
    void (*function)(void);
} extensions[] = {
    {{0x18c76f85, 0xdc66, 0x4964,
      {0x97, 0x2e, 0x23, 0xc2, 0x72, 0x38, 0x31, 0x2b}},
     (void (*)(void))WSAPoll},
    {WSAID_ACCEPTEX, (void (*)(void))provider_accept_ex},
    {WSAID_GETACCEPTEXSOCKADDRS,
     (void (*)(void))provider_get_accept_ex_sockaddrs},
    {WSAID_CONNECTEX, (void (*)(void))provider_connect_ex},
    {WSAID_DISCONNECTEX, (void (*)(void))provider_disconnect_ex},
    {WSAID_TRANSMITFILE, (void (*)(void))provider_transmit_file},
    {WSAID_TRANSMITPACKETS, (void (*)(void))provider_transmit_packets},
    {WSAID_WSASENDMSG, (void (*)(void))provider_send_msg},
    {WSAID_WSARECVMSG, (void (*)(void))provider_recv_msg},
};

int ioctl_get_extension_function(const struct ioctl_call *call, DWORD *ret_size)
{
    size_t i;
    GUID id;
    int error = unix_memory_read(&id, call->in, sizeof id);

    if (error)
        return error;
    for (i = 0; i < sizeof extensions / sizeof *extensions; i++) {
        if (memcmp(&id, &extensions[i].id, sizeof id) != 0)
            continue;
        *ret_size = sizeof extensions[i].function;
        return unix_memory_write(call->out, &extensions[i].function,
                                 sizeof extensions[i].function);
    }
    return WSAEINVAL;
}

/* Tables of functions: there is one. */
int ioctl_get_extension_functions(const struct ioctl_call *call,
                                  DWORD *ret_size)
{
    static const GUID registered_io = WSAID_MULTIPLE_RIO;
    GUID id;
    int error = unix_memory_read(&id, call->in, sizeof id);

    *ret_size = 0;
    if (error)
        return error;
    if (memcmp(&id, &registered_io, sizeof id) != 0)
        return WSAEINVAL;
    *ret_size = sizeof registered_io_functions;
    if (call->out_size < sizeof registered_io_functions)
        return WSAEFAULT;
    return unix_memory_write(call->out, &registered_io_functions,
                             sizeof registered_io_functions);
}
