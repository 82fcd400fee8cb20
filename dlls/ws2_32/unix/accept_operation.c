/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AcceptEx: a connection for a SOCKET that is there already.
 *
 * The operation is the listener's: it is in one of its queues, and its packet
 * goes to its port.  It has two phases.  First a connection is taken and put
 * under the accepting SOCKET (exchange.h).  With room for data it then waits
 * for the first of it.
 *
 * Without room for data it is in the order of receives, so connections go to
 * the operations in the order of their starts.  With room it is a watch,
 * because the ones behind it must not wait for this connection's data; watches
 * are looked at in the same order.  Data arrives at another socket than the
 * listener: an operation there, the arrival, which takes nothing, makes the
 * listener's queue look again.
 *
 * The accepting SOCKET may be closed at any time; descriptor->acceptor leads
 * to the operation then.
 */
#include "unix/accept_operation.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix/address.h"
#include "unix/connection.h"
#include "unix/error.h"
#include "unix/exchange.h"
#include "unix/extension.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/name.h"
#include "unix/operation.h"
#include "unix/option_carry.h"
#include "unix/path_socket.h"
#include "unix/socket_operations.h"
#include "unix/transfer.h"

/* An arrival that is under way, and its operation. */
struct notice {
    uint32_t references; /* atomic */
    uint32_t has_come;   /* atomic */
};

struct accept_operation {
    struct operation operation;
    struct descriptor *target; /* no reference: see forsake */
    struct unix_accept_buffer buffer;
    int fd;           /* a deferred connection, or -1 */
    int is_connected; /* the second phase */
    struct transfer transfer;
    struct notice *notice; /* NULL: no arrival was started */
    uint32_t local_length, remote_length;
    uint8_t local[ADDRESS_LENGTH_MAX], remote[ADDRESS_LENGTH_MAX];
};

static const struct operation_kind accept_kind;

static struct accept_operation *accept_of(struct operation *operation)
{
    return (struct accept_operation *)operation;
}

/* --- The arrival of data -------------------------------------------------- */

struct arrival {
    struct operation operation;
    struct socket_operations *listener; /* a reference */
    struct notice *notice;
    int was_armed;
};

static void notice_release(struct notice *notice)
{
    if (notice != NULL &&
        __atomic_sub_fetch(&notice->references, 1, __ATOMIC_ACQ_REL) == 0)
        free(notice);
}

static int arrival_perform(struct operation *operation,
                           struct descriptor *descriptor)
{
    struct arrival *arrival = (struct arrival *)operation;
    struct pollfd poll_fd = {.fd = descriptor->fd,
                             .events = POLLIN | POLLRDHUP};

    /* Its start holds the listener's queue, which the end of it runs. */
    if (!arrival->was_armed) {
        arrival->was_armed = 1;
        return WS2_EWOULDBLOCK;
    }
    return poll(&poll_fd, 1, 0) > 0 ? WS2_SUCCESS : WS2_EWOULDBLOCK;
}

static void arrival_complete(struct operation *operation)
{
    struct arrival *arrival = (struct arrival *)operation;

    __atomic_store_n(&arrival->notice->has_come, 1, __ATOMIC_RELEASE);
    socket_operations_run(arrival->listener, 1 << OPERATION_WATCH);
}

static void arrival_free(struct operation *operation)
{
    struct arrival *arrival = (struct arrival *)operation;

    notice_release(arrival->notice);
    socket_operations_release(arrival->listener);
    free(arrival);
}

/* The references of the listener have been counted anew. */
static void arrival_forget(struct operation *operation)
{
    struct arrival *arrival = (struct arrival *)operation;

    notice_release(arrival->notice);
    free(arrival);
}

static const struct operation_kind arrival_kind = {
    .name = "arrival",
    .perform = arrival_perform,
    .complete = arrival_complete,
    .free = arrival_free,
    .forget = arrival_forget,
};

static int wait_for_arrival(struct accept_operation *accept)
{
    struct arrival *arrival;
    struct unix_result ignored;
    int error;

    if (accept->notice != NULL &&
        !__atomic_load_n(&accept->notice->has_come, __ATOMIC_ACQUIRE))
        return WS2_EWOULDBLOCK;
    notice_release(accept->notice);
    accept->notice = calloc(1, sizeof(*accept->notice));
    arrival = calloc(1, sizeof(*arrival));
    if (accept->notice == NULL || arrival == NULL) {
        free(arrival);
        return WS2_ENOBUFS;
    }
    accept->notice->references = 2;
    operation_init(&arrival->operation, &arrival_kind, OPERATION_WATCH, NULL);
    arrival->notice = accept->notice;
    arrival->listener = accept->operation.socket;
    socket_operations_reference(arrival->listener);
    error = operation_start(&arrival->operation, accept->target, &ignored);
    return error == WS2_IO_PENDING ? WS2_EWOULDBLOCK : error;
}

static int is_arrival_of(const struct operation *operation, const void *notice)
{
    return operation->kind == &arrival_kind &&
           ((const struct arrival *)operation)->notice == notice;
}

/* Nobody waits for the data any more.  The target may be gone, and its arrival
   with it. */
static void stop_arrival(struct accept_operation *accept)
{
    struct socket_operations *socket;

    if (accept->notice == NULL || !descriptor_reference(accept->target))
        return;
    socket = __atomic_load_n(&accept->target->operations, __ATOMIC_ACQUIRE);
    if (socket != NULL)
        (void)socket_operations_end(socket, is_arrival_of, accept->notice,
                                    OPERATION_CANCELLED);
    descriptor_release(accept->target);
}

/* --- The connection ------------------------------------------------------- */

struct connection {
    const struct descriptor *listener;
    struct sockaddr_storage peer;
    socklen_t peer_length;
};

static void settle(struct descriptor *descriptor, const void *context)
{
    const struct connection *connection = context;

    __atomic_store_n(&descriptor->connected_at, connection_clock(),
                     __ATOMIC_RELAXED);
    descriptor->bound = 1;
    __atomic_store_n(&descriptor->stage, DESCRIPTOR_CONNECTED,
                     __ATOMIC_RELAXED);
    if (path_socket_is(descriptor))
        path_socket_inherit_locked(descriptor, connection->listener);
    else
        name_remember_peer(descriptor, &connection->peer,
                           connection->peer_length);
}

/* WS2_EWOULDBLOCK: there is no connection now. */
static int take_fd(struct accept_operation *accept,
                   const struct descriptor *listener,
                   struct connection *connection, int *ret_fd)
{
    int fd = accept->fd;

    connection->listener = listener;
    connection->peer_length = sizeof(connection->peer);
    if (fd >= 0) {
        accept->fd = -1;
        if (getpeername(fd, (struct sockaddr *)&connection->peer,
                        &connection->peer_length) < 0)
            connection->peer_length = 0;
        *ret_fd = fd;
        return WS2_SUCCESS;
    }
    do {
        connection->peer_length = sizeof(connection->peer);
        fd = accept4(listener->fd, (struct sockaddr *)&connection->peer,
                     &connection->peer_length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == ECONNABORTED || errno == EINTR));
    if (fd < 0)
        return error_from_errno(errno);
    *ret_fd = fd;
    return WS2_SUCCESS;
}

static int take_connection(struct accept_operation *accept,
                           const struct descriptor *listener)
{
    struct connection connection;
    struct sockaddr_storage local;
    socklen_t length = sizeof(local);
    int fd = -1, error = take_fd(accept, listener, &connection, &fd);

    if (error)
        return error;
    if (getsockname(fd, (struct sockaddr *)&local, &length) == 0)
        accept->local_length =
            address_from_kernel(&local, length, accept->local);
    if (connection.peer_length != 0)
        accept->remote_length = address_from_kernel(
            &connection.peer, connection.peer_length, accept->remote);
    option_carry(accept->target, fd);
    return exchange_kernel_socket(accept->target, fd, settle, &connection);
}

static int fits(uint32_t room, uint32_t family_length)
{
    return room == 0 || room >= family_length + UNIX_ACCEPT_BLOCK_EXTRA;
}

/* Blocks that are too small are told when a connection comes, which stays. */
static int check_blocks(struct accept_operation *accept,
                        const struct descriptor *listener)
{
    const uint32_t length = address_length(listener->identity.family);
    struct pollfd poll_fd = {.fd = listener->fd, .events = POLLIN};

    if (fits(accept->buffer.local_length, length) &&
        fits(accept->buffer.remote_length, length))
        return WS2_SUCCESS;
    if (accept->fd < 0 && poll(&poll_fd, 1, 0) <= 0)
        return WS2_EWOULDBLOCK;
    accept->operation.result.status = WS2_STATUS_BUFFER_TOO_SMALL;
    return WS2_EFAULT;
}

/* 1: another watch that began earlier has no connection yet, so the next one is
   not this one's, should it come just now.  Mostly that is the one before. */
static int is_behind_another(const struct accept_operation *accept)
{
    const struct operation_queue *queue =
        &accept->operation.socket->queues[OPERATION_WATCH];
    struct operation **link = accept->operation.link;
    const struct operation *before;

    if (accept->operation.direction != OPERATION_WATCH)
        return 0;
    if (link == NULL) /* not in the queue yet */
        link = queue->last;
    while (link != &queue->first) {
        before = (const struct operation *)((const char *)link -
                                            offsetof(struct operation, next));
        if (before->kind == &accept_kind && before->end == OPERATION_OPEN &&
            !((const struct accept_operation *)before)->is_connected)
            return 1;
        link = before->link;
    }
    return 0;
}

static int connect_target(struct accept_operation *accept,
                          struct descriptor *listener)
{
    int error = is_behind_another(accept) ? WS2_EWOULDBLOCK
                                          : check_blocks(accept, listener);

    if (!error)
        error = take_connection(accept, listener);
    if (error != WS2_EWOULDBLOCK)
        connection_reenable(listener, WS2_FD_ACCEPT, 0);
    accept->is_connected = !error;
    return error;
}

/* --- The operation -------------------------------------------------------- */

static int receive(struct accept_operation *accept)
{
    int error;

    accept->transfer.descriptor = accept->target;
    accept->transfer.record_flags = descriptor_flags(accept->target);
    error = transfer_receive(&accept->transfer);
    accept->operation.result.bytes = (uint32_t)accept->transfer.done;
    return error == WS2_EWOULDBLOCK ? wait_for_arrival(accept) : error;
}

static int accept_perform(struct operation *operation,
                          struct descriptor *listener)
{
    struct accept_operation *accept = accept_of(operation);
    int error = WS2_SUCCESS;

    if (!descriptor_reference(accept->target)) {
        operation->result.status = WS2_STATUS_CANCELLED;
        return WS2_OPERATION_ABORTED;
    }
    if (!accept->is_connected)
        error = connect_target(accept, listener);
    if (!error && accept->buffer.receive_length != 0)
        error = receive(accept);
    descriptor_release(accept->target);
    return error;
}

/* A block that has no room was asked to be left out.  Returns how many parts
   there are of it. */
static uint32_t put_block(struct memory_part *parts, uint8_t *block,
                          uint32_t room, const uint8_t *name,
                          const uint32_t *length)
{
    if (room == 0)
        return 0;
    parts[0] = (struct memory_part){block, name, *length};
    parts[1] = (struct memory_part){block + room - sizeof(*length), length,
                                    sizeof(*length)};
    return 2;
}

static void accept_deliver(struct operation *operation)
{
    struct accept_operation *accept = accept_of(operation);
    const struct unix_accept_buffer *buffer = &accept->buffer;
    uint8_t *local = (uint8_t *)buffer->data + buffer->receive_length;
    struct memory_part parts[4];
    uint32_t count;
    int error;

    if (operation->result.status != WS2_STATUS_SUCCESS)
        return;
    count = put_block(parts, local, buffer->local_length, accept->local,
                      &accept->local_length);
    count += put_block(parts + count, local + buffer->local_length,
                       buffer->remote_length, accept->remote,
                       &accept->remote_length);
    error = memory_write_parts(parts, count);
    if (error)
        operation->result.status = unix_status_of_error(error);
}

static void set_extension(struct descriptor *descriptor, void *extension)
{
    __atomic_store_n(&descriptor->extension, *(const uint32_t *)extension,
                     __ATOMIC_RELAXED);
}

/* The target is its own again; with a connection, it lacks the context. */
static void detach_target(struct accept_operation *accept)
{
    uint32_t extension =
        accept->is_connected ? DESCRIPTOR_ACCEPTED_EX : DESCRIPTOR_PLAIN;

    descriptor_table_lock();
    if (accept->target->acceptor == &accept->operation) {
        accept->target->acceptor = NULL;
        descriptor_for_each_copy(accept->target, set_extension, &extension);
    }
    descriptor_table_unlock();
}

static void accept_over(struct operation *operation)
{
    stop_arrival(accept_of(operation));
    detach_target(accept_of(operation));
}

static void accept_free(struct operation *operation)
{
    struct accept_operation *accept = accept_of(operation);

    detach_target(accept); /* of one that did not start */
    if (accept->fd >= 0)
        close(accept->fd);
    if (accept->buffer.receive_length != 0)
        transfer_free(&accept->transfer);
    notice_release(accept->notice);
    free(accept);
}

static const struct operation_kind accept_kind = {
    .name = "accept",
    .perform = accept_perform,
    .deliver = accept_deliver,
    .over = accept_over,
    .free = accept_free,
};

static int fills(const struct operation *operation, const void *target)
{
    return operation->kind == &accept_kind &&
           ((const struct accept_operation *)operation)->target == target;
}

void accept_operation_forsake(struct descriptor *descriptor)
{
    struct socket_operations *listener = NULL;
    struct operation *operation;

    descriptor_table_lock();
    operation = descriptor->acceptor;
    if (operation != NULL) {
        listener = operation->socket;
        socket_operations_reference(listener);
    }
    descriptor_table_unlock();
    if (operation == NULL)
        return;
    (void)socket_operations_end(listener, fills, descriptor,
                                OPERATION_CANCELLED);
    socket_operations_release(listener);
}

/* --- The start ------------------------------------------------------------ */

static int check_buffer(const struct unix_accept_buffer *buffer)
{
    const uint64_t size = (uint64_t)buffer->receive_length +
                          buffer->local_length + buffer->remote_length;

    if (buffer->data == NULL || buffer->remote_length == 0)
        return WS2_EFAULT;
    return unix_memory_check(buffer->data, size, /* writing= */ 1);
}

static void find_acceptor(struct descriptor *descriptor, void *ret_found)
{
    if (descriptor->acceptor != NULL)
        *(int *)ret_found = 1;
}

/* Makes the target the operation's.  WS2_EINVAL: it is used already. */
static int take_target(struct accept_operation *accept,
                       const struct descriptor *listener,
                       struct descriptor *target)
{
    uint32_t extension = DESCRIPTOR_ACCEPTING;
    int error = WS2_SUCCESS, is_used = 0;

    if (target->identity.type != WS2_SOCK_STREAM ||
        target->identity.family != listener->identity.family ||
        name_is_bound(target) ||
        kernel_socket_stream_state(target->fd) != KERNEL_SOCKET_IDLE)
        return WS2_EINVAL;
    descriptor_table_lock();
    descriptor_for_each_copy(target, find_acceptor, &is_used);
    if (is_used || !descriptor_is_open(target))
        error = WS2_EINVAL;
    else {
        accept->target = target;
        target->acceptor = &accept->operation;
        descriptor_for_each_copy(target, set_extension, &extension);
    }
    descriptor_table_unlock();
    return error;
}

/* The connection of a deferred SOCKET, which ends; after an error it stays.
   One that somebody has closed is no connection. */
static int take_deferred(struct accept_operation *accept, ws2_handle deferred)
{
    struct descriptor *descriptor;
    int error = WS2_SUCCESS;

    if (descriptor_acquire(deferred, &descriptor))
        return WS2_SUCCESS;
    accept->fd = fcntl(descriptor->fd, F_DUPFD_CLOEXEC, 0);
    if (accept->fd < 0)
        error = error_from_errno(errno);
    descriptor_release(descriptor);
    if (!error)
        (void)unix_socket_close(deferred);
    return error;
}

static int make_accept(const struct descriptor *listener,
                       struct descriptor *target,
                       const struct unix_completion *completion,
                       const struct unix_accept_buffer *buffer,
                       struct accept_operation **ret_accept)
{
    const struct unix_buffer data = {.length = buffer->receive_length,
                                     .data = buffer->data};
    struct accept_operation *accept = calloc(1, sizeof(*accept));
    int error;

    if (accept == NULL)
        return WS2_ENOBUFS;
    operation_init(&accept->operation, &accept_kind,
                   buffer->receive_length != 0 ? OPERATION_WATCH
                                               : OPERATION_RECEIVE,
                   completion);
    accept->operation.flags = OPERATION_ALWAYS_PENDS;
    accept->buffer = *buffer;
    accept->fd = -1;
    /* Before others can find it by its target. */
    accept->operation.socket =
        socket_operations_of((struct descriptor *)listener);
    error = accept->operation.socket == NULL ? WS2_ENOBUFS : WS2_SUCCESS;
    if (!error && buffer->receive_length != 0) {
        accept->transfer.descriptor = target;
        accept->transfer.overlapped = 1;
        error = transfer_prepare_receive(&accept->transfer, &data, 1, 0, NULL);
    }
    if (!error)
        error = take_target(accept, listener, target);
    if (error)
        free(accept);
    else
        *ret_accept = accept;
    return error;
}

static int start_accept(struct descriptor *listener, struct descriptor *target,
                        const struct unix_completion *completion,
                        const struct unix_accept_buffer *buffer,
                        ws2_handle deferred)
{
    struct accept_operation *accept;
    struct unix_result ignored;
    int error = make_accept(listener, target, completion, buffer, &accept);

    if (error)
        return error;
    if (deferred != WS2_INVALID_HANDLE_VALUE)
        error = take_deferred(accept, deferred);
    if (error) {
        accept_free(&accept->operation);
        return error;
    }
    return operation_start(&accept->operation, listener, &ignored);
}

int unix_socket_start_accept(ws2_handle listener_handle, ws2_handle accept,
                             const struct unix_completion *completion,
                             const struct unix_accept_buffer *buffer,
                             ws2_handle deferred)
{
    struct descriptor *listener, *target;
    int error = descriptor_acquire(listener_handle, &listener);

    if (error)
        return error;
    error = kernel_socket_is_listening(listener->fd) ? WS2_SUCCESS
                                                     : WS2_EINVAL;
    if (error)
        goto out;
    error = descriptor_acquire(accept, &target);
    if (error)
        goto out;
    error = check_buffer(buffer);
    if (!error)
        error = start_accept(listener, target, completion, buffer, deferred);
    descriptor_release(target);
out:
    descriptor_release(listener);
    return error;
}
