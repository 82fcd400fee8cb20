/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs that came by other ways than WSASocket and accept.
 *
 * The kernel's socket cookie is a socket's identity, so a descriptor that was
 * inherited or duplicated as a plain handle finds the same socket at the
 * server as the one that it was made from.
 */
#include "unix/attach.h"

#include <fcntl.h>
#include <sys/socket.h>

#include "host/host.h"
#include "unix/channel.h"
#include "unix/descriptor.h"
#include "unix/kernel_socket.h"
#include "unix/option_carry.h"

static int attach_locked(ws2_handle handle)
{
    struct descriptor *descriptor = NULL;
    int error, fd;

    if (descriptor_is_known_locked(handle))
        return WS2_SUCCESS; /* another thread was first */
    error = host_socket_handle_to_fd(handle, &fd);
    if (error)
        return WS2_ENOTSOCK;
    descriptor = descriptor_new();
    if (descriptor == NULL)
        return WS2_ENOBUFS; /* the fd belongs to the handle, or is lost */
    descriptor->handle = handle;
    descriptor->fd = fd;
    descriptor->has_binding = 1; /* for all that is known here */
    descriptor->may_be_shared = 1;
    descriptor->set_options = OPTION_CARRY_UNKNOWN;
    error = kernel_socket_identify(fd, &descriptor->identity);
    if (!error)
        error = kernel_socket_cookie(fd, &descriptor->cookie);
    if (!error && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        error = WS2_ENOTSOCK;
    if (!error)
        error = channel_attach(descriptor);
    if (!error)
        error = descriptor_publish_locked(descriptor);
    if (error) {
        host_socket_handle_give_back(handle, fd);
        descriptor->fd = -1;
        descriptor_free(descriptor);
    }
    return error;
}

int attach_handle(ws2_handle handle)
{
    int error;

    if (handle == 0 || (handle & 3) != 0)
        return WS2_ENOTSOCK;
    descriptor_table_lock();
    error = attach_locked(handle);
    descriptor_table_unlock();
    return error;
}
