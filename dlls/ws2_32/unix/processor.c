/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets and processors: SIO_CPU_AFFINITY, SIO_QUERY_RSS_PROCESSOR_INFO.
 *
 * Datagram sockets that are each for one processor may be bound to one address
 * (server/core/binding.c).  The kernel shares them by SO_REUSEPORT, where the
 * datagrams of one peer all go to one socket, and SO_INCOMING_CPU.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/connection.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/option.h"
#include "unix/path_socket.h"

/* More than any machine's. */
#define MAX_NODES 64

static int set_processor(struct descriptor *descriptor, uint32_t processor)
{
    const long count = sysconf(_SC_NPROCESSORS_CONF);
    int error;

    if (name_is_bound(descriptor) ||
        descriptor_flags(descriptor) & WIRE_RECORD_REUSE ||
        option_is_on(descriptor, WIRE_OPTION_REUSE_MULTICAST) ||
        (count > 0 && processor >= (uint32_t)count))
        return WS2_EINVAL;
    error = option_set_kernel_int(descriptor, SOL_SOCKET, SO_INCOMING_CPU,
                                  (int)processor);
    return error ? error
                 : option_keep(descriptor, WIRE_OPTION_PROCESSOR, 0,
                               processor + 1);
}

int unix_socket_set_processor(ws2_handle s, uint32_t processor)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = set_processor(descriptor, processor);
    descriptor_release(descriptor);
    return error;
}

/* The kernel shows each processor's node as a link in its folder. */
static uint32_t node_of(uint32_t processor)
{
    char path[64];
    uint32_t node;

    for (node = 0; node < MAX_NODES; node++) {
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/node%u",
                 processor, node);
        if (access(path, F_OK) == 0)
            return node;
    }
    return 0; /* there is one */
}

static int find_processor(struct descriptor *descriptor,
                          uint32_t *ret_processor)
{
    int processor;

    if (path_socket_is(descriptor))
        return WS2_ENOPROTOOPT;
    if (descriptor->identity.type == WS2_SOCK_STREAM
            ? !connection_is_established(descriptor)
            : !kernel_socket_has_peer(descriptor->fd))
        return WS2_ENOTCONN;
    processor =
        kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_INCOMING_CPU);
    if (processor < 0) /* nothing has arrived yet */
        processor = sched_getcpu();
    *ret_processor = processor < 0 ? 0 : (uint32_t)processor;
    return WS2_SUCCESS;
}

int unix_socket_find_processor(ws2_handle s, uint32_t *ret_processor,
                               uint32_t *ret_node)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = find_processor(descriptor, ret_processor);
    descriptor_release(descriptor);
    if (!error)
        *ret_node = node_of(*ret_processor);
    return error;
}
