/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DisconnectEx: the connection ends, and with reuse the SOCKET begins anew.
 *
 * For reuse the SOCKET gets another kernel socket (exchange.h) and the
 * connection's own is closed as closesocket does it: so FIN and TIME_WAIT are
 * the kernel's business, and a reused SOCKET need not wait for them.  One that
 * was bound is bound to its address again.
 */
#include "unix/disconnect_operation.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/connection.h"
#include "unix/error.h"
#include "unix/exchange.h"
#include "unix/extension.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/operation.h"
#include "unix/option.h"
#include "unix/option_carry.h"
#include "unix/path_socket.h"
#include "unix/wait.h"

/* --- Anew ----------------------------------------------------------------- */

void disconnect_target_init(struct disconnect_target *target,
                            struct descriptor *descriptor)
{
    target->descriptor = descriptor;
    target->handle = descriptor->handle;
    target->cookie = descriptor->cookie;
}

static void settle(struct descriptor *descriptor, const void *is_bound)
{
    __atomic_store_n(&descriptor->connected_at, 0, __ATOMIC_RELAXED);
    descriptor->bound = *(const int *)is_bound != 0;
    descriptor->has_binding = descriptor->bound;
    __atomic_store_n(&descriptor->stage, DESCRIPTOR_UNKNOWN, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->extension, DESCRIPTOR_PLAIN,
                     __ATOMIC_RELAXED);
    name_forget_peer(descriptor);
}

/* Its port was the connection's.  0: the server has no binding of it. */
static int bind_without_port(const struct descriptor *descriptor, int fd)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    const int on = 1;

    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ==
            0 &&
        getsockname(descriptor->fd, (struct sockaddr *)&name, &length) == 0) {
        ((struct sockaddr_in *)&name)->sin_port = 0;
        (void)bind(fd, (const struct sockaddr *)&name, length);
    }
    return 0;
}

/* 1: the new socket has the address that the program has bound the old one to.
   The kernel lets them share it as long as both want it and none listens. */
static int bind_again(const struct descriptor *descriptor, int fd)
{
    struct sockaddr_storage name;
    socklen_t length = sizeof(name);
    const int on = 1;

    if (option_is_on(descriptor, WIRE_OPTION_NO_PORT_YET))
        return bind_without_port(descriptor, fd);
    if (!descriptor->has_binding || path_socket_is(descriptor) ||
        getsockname(descriptor->fd, (struct sockaddr *)&name, &length) < 0)
        return 0;
    (void)setsockopt(descriptor->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return bind(fd, (const struct sockaddr *)&name, length) == 0;
}

static int renew(struct descriptor *descriptor)
{
    int fd = kernel_socket_new(&descriptor->identity), is_bound;

    if (fd < 0)
        return error_from_errno(errno);
    option_carry(descriptor, fd);
    is_bound = bind_again(descriptor, fd);
    return exchange_kernel_socket(descriptor, fd, settle, &is_bound);
}

int disconnect_target_renew(const struct disconnect_target *target)
{
    struct descriptor *descriptor = target->descriptor;
    int error = WS2_SUCCESS;

    if (!descriptor_reference(descriptor))
        return WS2_SUCCESS;
    if (descriptor->handle == target->handle &&
        descriptor->cookie == target->cookie)
        error = renew(descriptor);
    descriptor_release(descriptor);
    return error;
}

/* --- The operation -------------------------------------------------------- */

struct disconnect_operation {
    struct operation operation;
    int reuse;
    struct disconnect_target target;
};

static int disconnect_perform(struct operation *operation,
                              struct descriptor *descriptor)
{
    (void)operation;
    return connection_shut_down(descriptor, WS2_SD_SEND);
}

static void disconnect_over(struct operation *operation)
{
    struct disconnect_operation *disconnect =
        (struct disconnect_operation *)operation;
    int error;

    if (!disconnect->reuse || operation->end != OPERATION_PERFORMED ||
        operation->result.status != WS2_STATUS_SUCCESS)
        return;
    error = disconnect_target_renew(&disconnect->target);
    if (error)
        operation->result.status = unix_status_of_error(error);
}

static void disconnect_free(struct operation *operation)
{
    free(operation);
}

static const struct operation_kind disconnect_kind = {
    .name = "disconnect",
    .perform = disconnect_perform,
    .over = disconnect_over,
    .free = disconnect_free,
};

/* Takes over the reference of the descriptor. */
static int start(struct descriptor *descriptor,
                 const struct unix_completion *completion, int reuse)
{
    struct disconnect_operation *disconnect = malloc(sizeof(*disconnect));
    struct unix_result ignored;
    int error;

    if (disconnect == NULL) {
        descriptor_release(descriptor);
        return WS2_ENOBUFS;
    }
    operation_init(&disconnect->operation, &disconnect_kind, OPERATION_SEND,
                   completion);
    disconnect->reuse = reuse;
    disconnect_target_init(&disconnect->target, descriptor);
    if (completion == NULL)
        return operation_start_and_wait(&disconnect->operation, descriptor,
                                        WAIT_FOREVER, &ignored);
    disconnect->operation.flags = OPERATION_ALWAYS_PENDS;
    error = operation_start(&disconnect->operation, descriptor, &ignored);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_start_disconnect(ws2_handle s,
                                 const struct unix_completion *completion,
                                 int reuse)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (descriptor->identity.type == WS2_SOCK_STREAM &&
        connection_is_established(descriptor))
        return start(descriptor, completion, reuse);
    descriptor_release(descriptor);
    return WS2_ENOTCONN;
}
