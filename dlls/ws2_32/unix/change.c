/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for changes of the machine's network.
 *
 * A blocking call listens to the kernel's notices itself.  For a non-blocking
 * one the server does, which then records the network event.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/descriptor.h"
#include "unix/error.h"
#include "unix/socket.h"
#include "unix/wait.h"

static uint32_t groups_of(int family, int what)
{
    if (what == UNIX_CHANGE_ADDRESSES)
        return family == WS2_AF_INET6 ? RTMGRP_IPV6_IFADDR : RTMGRP_IPV4_IFADDR;
    return family == WS2_AF_INET6 ? RTMGRP_IPV6_ROUTE : RTMGRP_IPV4_ROUTE;
}

static int open_notices(uint32_t groups, int *ret_fd)
{
    struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    NETLINK_ROUTE);
    int error;

    if (fd < 0)
        return error_from_errno(errno);
    if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0) {
        error = error_from_errno(errno);
        close(fd);
        return error;
    }
    *ret_fd = fd;
    return WS2_SUCCESS;
}

static int may_wait(void *context)
{
    return descriptor_is_open(context);
}

static int wait_for_notice(struct descriptor *descriptor, int what)
{
    struct pollfd fds[2] = {{.events = POLLIN}};
    int error, count, woken;

    error = open_notices(groups_of(descriptor->identity.family, what),
                         &fds[0].fd);
    if (error)
        return error;
    do
        count = wait_for_many(fds, 1, WAIT_FOREVER, may_wait, descriptor,
                              &woken);
    while (count == 0 && (!woken || may_wait(descriptor)));
    close(fds[0].fd);
    return count < 0 ? -count : count > 0 ? WS2_SUCCESS : WS2_EINTR;
}

static int await_event(struct descriptor *descriptor, int what)
{
    int error = socket_set_property(descriptor, WIRE_SET_AWAITED_CHANGE,
                                    what == UNIX_CHANGE_ADDRESSES
                                        ? WS2_FD_ADDRESS_LIST_CHANGE
                                        : WS2_FD_ROUTING_INTERFACE_CHANGE);

    return error ? error : WS2_EWOULDBLOCK;
}

int unix_socket_wait_for_change(ws2_handle s, int what)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor), may_block;

    if (error)
        return error;
    may_block = !(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING);
    if (what != UNIX_CHANGE_NONE) {
        error = may_block ? wait_for_notice(descriptor, what)
                          : await_event(descriptor, what);
    } else if (may_block) {
        error = wait_for(descriptor, 0, WAIT_FOREVER);
        if (!error)
            error = WS2_ENOTCONN;
    } else {
        error = WS2_EWOULDBLOCK;
    }
    descriptor_release(descriptor);
    return error;
}
