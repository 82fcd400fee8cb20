/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sends and receives as operations.
 *
 * The step is the transfer's own, which the blocking calls take, too.  A stream
 * receive with MSG_WAITALL and a send go on where their last step ended.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "unix/address.h"
#include "unix/connection.h"
#include "unix/data.h"
#include "unix/error.h"
#include "unix/name.h"
#include "unix/operation.h"
#include "unix/wait.h"

struct data_operation {
    struct operation operation;
    struct transfer transfer;
    struct sockaddr_storage name; /* the destination, or the sender */
    void *program_name;           /* of a receive; NULL: not wanted */
    int *program_length;
    uint32_t flags;               /* Winsock's */
};

static struct data_operation *data_operation_of(struct operation *operation)
{
    return (struct data_operation *)operation;
}

static void data_operation_free(struct operation *operation)
{
    transfer_free(&data_operation_of(operation)->transfer);
    free(operation);
}

/* --- Sending -------------------------------------------------------------- */

int data_step_send(struct operation *operation, struct transfer *transfer,
                   struct descriptor *descriptor)
{
    int error;

    transfer_resume(transfer, descriptor);
    error = transfer_send(transfer);
    operation->result.bytes = (uint32_t)transfer->done;
    return error;
}

static int perform_send(struct operation *operation,
                        struct descriptor *descriptor)
{
    return data_step_send(operation, &data_operation_of(operation)->transfer,
                          descriptor);
}

/* What is too long for a datagram pends, and ends so, as libuv's tests say of
   Windows. */
static int perform_datagram_send(struct operation *operation,
                                 struct descriptor *descriptor)
{
    int error = perform_send(operation, descriptor);

    if (error == WS2_EMSGSIZE) {
        operation->flags |= OPERATION_ALWAYS_PENDS;
        operation->result.status = WS2_STATUS_INVALID_BUFFER_SIZE;
    }
    return error;
}

static const struct operation_kind send_kind = {
    .name = "send",
    .perform = perform_send,
    .free = data_operation_free,
    .closed_status = WS2_STATUS_CONNECTION_ABORTED,
};

static const struct operation_kind datagram_send_kind = {
    .name = "datagram send",
    .perform = perform_datagram_send,
    .free = data_operation_free,
};

static int end_sending(struct descriptor *descriptor)
{
    return shutdown(descriptor->fd, SHUT_WR) < 0 && errno != ENOTCONN
               ? error_from_errno(errno)
               : WS2_SUCCESS;
}

/* The end of sending has its turn after the sends that pend. */
static int perform_end(struct operation *operation,
                       struct descriptor *descriptor)
{
    (void)operation;
    return end_sending(descriptor);
}

static void complete_end(struct operation *operation)
{
    (void)operation; /* nobody waits for it */
}

static void free_end(struct operation *operation)
{
    free(operation);
}

static const struct operation_kind end_kind = {
    .name = "end of sending",
    .perform = perform_end,
    .complete = complete_end,
    .free = free_end,
};

int data_end_sending(struct descriptor *descriptor)
{
    struct operation *operation;
    int error;

    if (!operation_is_queued(descriptor, OPERATION_SEND))
        return end_sending(descriptor);
    operation = malloc(sizeof(*operation));
    if (operation == NULL)
        return WS2_ENOBUFS;
    operation_init(operation, &end_kind, OPERATION_SEND, NULL);
    error = operation_start(operation, descriptor, NULL);
    return error == WS2_IO_PENDING ? WS2_SUCCESS : error;
}

/* --- Receiving ------------------------------------------------------------ */

/* An operation waits for urgent data, for which the kernel's errors are that
   there is none (EINVAL) and that none has come so far. */
static int is_waiting(struct descriptor *descriptor, uint32_t flags, int error)
{
    return error == WS2_EINVAL && (flags & WS2_MSG_OOB) &&
           connection_is_established(descriptor);
}

int data_step_receive(struct operation *operation, struct transfer *transfer,
                      struct descriptor *descriptor, uint32_t flags)
{
    int error;

    transfer_resume(transfer, descriptor);
    error = transfer_receive(transfer);
    operation->result.bytes = (uint32_t)transfer->done;
    if (error == WS2_EWOULDBLOCK || is_waiting(descriptor, flags, error))
        return WS2_EWOULDBLOCK;
    if (error == WS2_EFAULT)
        connection_reenable_failed(descriptor, data_receive_event(flags));
    else
        connection_reenable(descriptor, data_receive_event(flags), 0);
    return error;
}

static int perform_receive(struct operation *operation,
                           struct descriptor *descriptor)
{
    struct data_operation *data = data_operation_of(operation);

    return data_step_receive(operation, &data->transfer, descriptor,
                             data->flags);
}

/* Who sent the datagram. */
static void deliver_receive(struct operation *operation)
{
    struct data_operation *data = data_operation_of(operation);
    uint8_t bytes[ADDRESS_LENGTH_MAX];
    uint32_t size;
    int error;

    if (data->program_name == NULL ||
        (operation->result.status != WS2_STATUS_SUCCESS &&
         operation->result.status != WS2_STATUS_BUFFER_OVERFLOW))
        return;
    size = address_from_kernel(&data->name,
                               data->transfer.message.msg_namelen, bytes);
    error = name_write(bytes, size, data->program_name, data->program_length);
    if (error)
        operation->result.status = unix_status_of_error(error);
}

static const struct operation_kind receive_kind = {
    .name = "receive",
    .perform = perform_receive,
    .deliver = deliver_receive,
    .free = data_operation_free,
    .closed_status = WS2_STATUS_CONNECTION_ABORTED,
};

static const struct operation_kind datagram_receive_kind = {
    .name = "datagram receive",
    .perform = perform_receive,
    .deliver = deliver_receive,
    .free = data_operation_free,
};

/* --- Making one ----------------------------------------------------------- */

static struct data_operation *
data_operation_new(struct descriptor *descriptor, uint32_t flags,
                   enum operation_direction direction,
                   const struct unix_completion *completion)
{
    const struct operation_kind *kind;
    struct data_operation *data = malloc(sizeof(*data));

    if (data == NULL)
        return NULL;
    data->transfer.descriptor = descriptor;
    data->transfer.overlapped = 1;
    data->program_name = NULL;
    data->program_length = NULL;
    data->flags = flags;
    if (transfer_is_stream(&data->transfer))
        kind = direction == OPERATION_SEND ? &send_kind : &receive_kind;
    else
        kind = direction == OPERATION_SEND ? &datagram_send_kind
                                           : &datagram_receive_kind;
    operation_init(&data->operation, kind, direction, completion);
    return data;
}

static int make_send(struct descriptor *descriptor,
                     const struct unix_completion *completion,
                     const struct unix_buffer *buffers, uint32_t n_buffers,
                     uint32_t flags, const void *name, int length,
                     struct operation **ret_operation)
{
    struct data_operation *data = data_operation_new(
        descriptor, flags, OPERATION_SEND, completion);
    socklen_t name_length = 0;
    int error = WS2_SUCCESS;

    if (data == NULL)
        return WS2_ENOBUFS;
    /* A stream has its destination: the name is ignored. */
    if (name != NULL && !transfer_is_stream(&data->transfer))
        error = name_read_destination(descriptor, name, length, &data->name,
                                      &name_length);
    if (!error)
        error = transfer_prepare_send(&data->transfer, buffers, n_buffers,
                                      flags, name_length ? &data->name : NULL,
                                      name_length);
    if (error)
        free(data);
    else
        *ret_operation = &data->operation;
    return error;
}

static int make_receive(struct descriptor *descriptor,
                        const struct unix_completion *completion,
                        const struct unix_buffer *buffers, uint32_t n_buffers,
                        uint32_t flags, void *name, int *length,
                        struct operation **ret_operation)
{
    struct data_operation *data = data_operation_new(
        descriptor, flags, data_direction(flags), completion);
    int error = WS2_SUCCESS;

    if (data == NULL)
        return WS2_ENOBUFS;
    /* A stream has no sender to tell of. */
    if (name != NULL && !transfer_is_stream(&data->transfer)) {
        data->program_name = name;
        data->program_length = length;
        error = length == NULL ? WS2_EFAULT
                               : name_check_room(descriptor, name, length);
    }
    if (!error)
        error = transfer_prepare_receive(
            &data->transfer, buffers, n_buffers, flags,
            data->program_name != NULL ? &data->name : NULL);
    if (error) {
        connection_reenable_failed(descriptor, data_receive_event(flags));
        free(data);
    } else
        *ret_operation = &data->operation;
    return error;
}

/* --- The boundary's calls ------------------------------------------------- */

int unix_socket_start_send(ws2_handle s,
                           const struct unix_completion *completion,
                           const struct unix_buffer *buffers,
                           uint32_t n_buffers, uint32_t flags,
                           const void *name, int length,
                           struct unix_result *ret_result)
{
    struct operation *operation = NULL;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = make_send(descriptor, completion, buffers, n_buffers, flags, name,
                      length, &operation);
    return operation_start_made(error, operation, descriptor, ret_result);
}

int unix_socket_start_receive(ws2_handle s,
                              const struct unix_completion *completion,
                              const struct unix_buffer *buffers,
                              uint32_t n_buffers, uint32_t flags, void *name,
                              int *length, struct unix_result *ret_result)
{
    struct operation *operation = NULL;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = make_receive(descriptor, completion, buffers, n_buffers, flags,
                         name, length, &operation);
    return operation_start_made(error, operation, descriptor, ret_result);
}

/* --- Behind overlapped ones ----------------------------------------------- */

int data_send_behind(struct descriptor *descriptor,
                     const struct unix_buffer *buffers, uint32_t n_buffers,
                     uint32_t flags, const void *name, int length,
                     uint32_t *ret_count)
{
    const int64_t deadline =
        wait_deadline(&descriptor_record(descriptor)->send_timeout);
    struct operation *operation = NULL;
    int error = data_send_may_wait(descriptor);

    if (!error)
        error = make_send(descriptor, NULL, buffers, n_buffers, flags, name,
                          length, &operation);
    return operation_wait_made(error, operation, descriptor, deadline,
                               ret_count);
}

int data_receive_behind(struct descriptor *descriptor,
                        const struct unix_buffer *buffers, uint32_t n_buffers,
                        uint32_t flags, void *name, int *length,
                        uint32_t *ret_count)
{
    const int64_t deadline =
        wait_deadline(&descriptor_record(descriptor)->receive_timeout);
    struct operation *operation = NULL;
    int error = data_receive_may_wait(descriptor, flags);

    if (!error)
        error = make_receive(descriptor, NULL, buffers, n_buffers, flags, name,
                             length, &operation);
    return operation_wait_made(error, operation, descriptor, deadline,
                               ret_count);
}
