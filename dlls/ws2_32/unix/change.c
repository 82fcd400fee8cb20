/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for changes of the machine's network.
 *
 * A blocking call listens to the kernel's notices itself, and so does each
 * overlapped one: a watching operation of the socket, which the proactor also
 * performs when its notices come.  For a non-blocking call the server listens,
 * which then records the network event.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/descriptor.h"
#include "unix/error.h"
#include "unix/operation.h"
#include "unix/overlapped.h"
#include "unix/proactor.h"
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
        count = wait_for_many(fds, 1, WAIT_FOREVER, descriptor, may_wait,
                              descriptor, &woken);
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

/* --- Overlapped ----------------------------------------------------------- */

struct change_operation {
    struct operation operation;
    int notices;    /* -1: of UNIX_CHANGE_NONE */
    int is_watched; /* by the proactor */
};

static struct change_operation *change_of(struct operation *operation)
{
    return (struct change_operation *)operation;
}

static int watch_notices(struct change_operation *change)
{
    int error = WS2_SUCCESS;

    if (!change->is_watched)
        error = proactor_watch(change->operation.socket, change->notices);
    change->is_watched = !error;
    return error;
}

/* One that came, or that the kernel could not keep. */
static int take_notice(int notices)
{
    char byte;

    return recv(notices, &byte, sizeof(byte), MSG_TRUNC) > 0 ||
           errno == ENOBUFS;
}

static int change_perform(struct operation *operation,
                          struct descriptor *descriptor)
{
    struct change_operation *change = change_of(operation);
    int error;

    (void)descriptor;
    error = watch_notices(change);
    if (error)
        return error;
    return take_notice(change->notices) ? WS2_SUCCESS : WS2_EWOULDBLOCK;
}

/* The value never changes: it is waited for as long as there is a
   connection. */
static int no_change_perform(struct operation *operation,
                             struct descriptor *descriptor)
{
    struct pollfd end = {.fd = descriptor->fd};

    (void)operation;
    return poll(&end, 1, 0) > 0 ? WS2_ENOTCONN : WS2_EWOULDBLOCK;
}

static void change_free(struct operation *operation)
{
    struct change_operation *change = change_of(operation);

    if (change->is_watched)
        proactor_unwatch(change->notices);
    if (change->notices >= 0)
        close(change->notices);
    free(change);
}

static const struct operation_kind change_kind = {
    .name = "change",
    .perform = change_perform,
    .free = change_free,
};

static const struct operation_kind no_change_kind = {
    .name = "no change",
    .perform = no_change_perform,
    .free = change_free,
};

int unix_socket_start_wait_for_change(ws2_handle s,
                                      const struct unix_completion *completion,
                                      int what)
{
    struct change_operation *change = calloc(1, sizeof(*change));
    struct descriptor *descriptor;
    struct unix_result ignored;
    int error = WS2_SUCCESS;

    if (change == NULL)
        return WS2_ENOBUFS;
    change->notices = -1;
    operation_init(&change->operation,
                   what == UNIX_CHANGE_NONE ? &no_change_kind : &change_kind,
                   OPERATION_WATCH, completion);
    change->operation.flags = OPERATION_ALWAYS_PENDS;
    error = descriptor_acquire(s, &descriptor);
    if (error) {
        change_free(&change->operation);
        return error;
    }
    if (what != UNIX_CHANGE_NONE)
        error = open_notices(groups_of(descriptor->identity.family, what),
                             &change->notices);
    if (error)
        change_free(&change->operation);
    else
        error = operation_start(&change->operation, descriptor, &ignored);
    descriptor_release(descriptor);
    return error;
}
