/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reservations of ports: SIO_ACQUIRE_PORT_RESERVATION,
 * SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION.  Their structs
 * are not in all headers.
 */
#include <winsock2.h>

#include <ws2spi.h>

#include "provider/ioctl.h"

#include <string.h>

/* INET_PORT_RANGE */
struct port_range {
    USHORT start; /* network order */
    USHORT count;
};
/* INET_PORT_RESERVATION_INSTANCE */
struct port_reservation_instance {
    struct port_range range;
    DWORD padding;
    uint64_t token;
};
C_ASSERT(sizeof(struct port_reservation_instance) == 16);

/* A short output buffer is WSAEINVAL here. */
int ioctl_acquire_ports(const struct ioctl_call *call, DWORD *ret_size)
{
    struct port_reservation_instance instance;
    struct unix_port_block block = {.token = 0};
    struct port_range range;
    int error = unix_memory_read(&range, call->in, sizeof range);

    *ret_size = 0;
    if (!error && call->out_size < sizeof instance)
        error = WSAEINVAL;
    if (!error)
        error = call->out == NULL
                    ? WSAEFAULT
                    : unix_memory_check(call->out, sizeof instance, 1);
    if (error)
        return error;
    block.first = ntohs(range.start);
    block.count = range.count;
    error = unix_socket_acquire_ports(call->s, &block);
    if (error)
        return error;
    memset(&instance, 0, sizeof instance);
    instance.range.start = htons(block.first);
    instance.range.count = block.count;
    instance.token = block.token;
    *ret_size = sizeof instance;
    return unix_memory_write(call->out, &instance, sizeof instance);
}

static int read_token(const struct ioctl_call *call, uint64_t *ret_token)
{
    return unix_memory_read(ret_token, call->in, sizeof *ret_token);
}

int ioctl_associate_ports(const struct ioctl_call *call, DWORD *ret_size)
{
    uint64_t token;
    int error = read_token(call, &token);

    *ret_size = 0;
    return error ? error : unix_socket_associate_ports(call->s, token);
}

int ioctl_release_ports(const struct ioctl_call *call, DWORD *ret_size)
{
    uint64_t token;
    int error = read_token(call, &token);

    *ret_size = 0;
    return error ? error : unix_socket_release_ports(call->s, token);
}
