/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time stamps of datagrams: SIO_TIMESTAMPING, SIO_GET_TX_TIMESTAMP. */
#include <winsock2.h>

#include <ws2spi.h>

#include "provider/ioctl.h"

/* TIMESTAMPING_CONFIG, which not all headers have. */
struct timestamping_config {
    ULONG flags;
    USHORT sent_room, padding;
};
enum { FLAG_RECEIVED = 1, FLAG_SENT = 2 };

int ioctl_set_time_stamps(const struct ioctl_call *call, DWORD *ret_size)
{
    struct timestamping_config config;
    int error = unix_memory_read(&config, call->in, sizeof config);

    *ret_size = 0;
    if (!error && config.flags & ~(ULONG)(FLAG_RECEIVED | FLAG_SENT))
        error = WSAEINVAL;
    return error ? error
                 : unix_socket_set_time_stamps(call->s,
                                               config.flags & FLAG_RECEIVED,
                                               config.flags & FLAG_SENT,
                                               config.sent_room);
}

int ioctl_take_sent_stamp(const struct ioctl_call *call, DWORD *ret_size)
{
    uint64_t counter;
    DWORD id;
    int error = unix_memory_read(&id, call->in, sizeof id);

    *ret_size = 0;
    if (!error)
        error = unix_memory_check(call->out, sizeof counter, 1);
    if (!error)
        error = unix_socket_take_sent_stamp(call->s, id, &counter);
    if (error)
        return error;
    *ret_size = sizeof counter;
    return unix_memory_write(call->out, &counter, sizeof counter);
}
