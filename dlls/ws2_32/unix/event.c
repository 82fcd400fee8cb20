/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network events: the one registration of a socket, and its record.
 *
 * The server owns both; here is what this process has to do with them.
 */
#include <string.h>

#include "host/host.h"
#include "unix/channel.h"
#include "unix/descriptor.h"
#include "unix/notifier.h"
#include "unix/socket_operations.h"

static int register_at_server(struct descriptor *descriptor,
                              const struct unix_event_target *target,
                              uint32_t mask)
{
    struct wire_select_request request = {
        .header.code = WIRE_SELECT,
        .handle = descriptor->handle,
        .target = target->target,
        .mask = mask,
        .kind = target->kind,
        .message = target->message,
    };
    const int fds[2] = {descriptor->fd, target->fd};
    struct wire_select_reply reply;
    size_t n_fds = 1;

    if (target->kind == WIRE_TARGET_NONE)
        n_fds = 0;
    else if (target->kind == WIRE_TARGET_EVENTFD)
        n_fds = 2;
    return channel_call_for(descriptor, &request, &request.slot, fds, n_fds,
                            &reply);
}

/* Before there is a registration: what pends takes what arrives. */
static void tell_taken(struct descriptor *descriptor)
{
    struct socket_operations *socket =
        __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE);

    if (socket != NULL)
        socket_operations_tell_taken(socket, descriptor,
                                     /* is_registered= */ 1, /* wait= */ 1);
}

int unix_socket_register(ws2_handle s, const struct unix_event_target *target,
                         uint32_t mask)
{
    static const struct unix_event_target none = {.kind = WIRE_TARGET_NONE,
                                                  .fd = -1};
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (mask == 0 || target == NULL)
        target = &none;
    if (target->kind == WIRE_TARGET_EVENT ||
        target->kind == WIRE_TARGET_MESSAGE)
        error = notifier_subscribe();
    if (!error && mask != 0)
        tell_taken(descriptor);
    /* Recovery must know of the registration as soon as the server does. */
    descriptor_table_lock();
    if (!error)
        error = register_at_server(descriptor, target, mask);
    if (!error) {
        descriptor->target = *target;
        descriptor->mask = mask;
    }
    descriptor_table_unlock();
    descriptor_release(descriptor);
    return error;
}

int unix_socket_enum_events(ws2_handle s, ws2_handle event,
                            uint32_t *ret_events, int32_t *errors)
{
    struct wire_enum_request request = {.header.code = WIRE_ENUM};
    struct wire_enum_reply reply;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);
    uint64_t done = 0;
    int fd = -1, i;

    if (error)
        return error;
    if (event != 0)
        fd = host_event_fd(event);
    if (event != 0 && fd < 0 && notifier_reset_early(event, &done) != 0) {
        error = WS2_EINVAL;
        goto out;
    }
    error = channel_call_for(descriptor, &request, &request.slot, &fd, fd >= 0,
                             &reply);
    if (!error) {
        if (event != 0 && fd < 0)
            notifier_reset_event(event, descriptor->handle, reply.sequence,
                                 done);
        *ret_events = reply.events;
        for (i = 0; i < WS2_FD_MAX_EVENTS; i++)
            if (reply.events & (1u << i))
                errors[i] = reply.errors[i];
    }
out:
    descriptor_release(descriptor);
    return error;
}
