/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests of Registered I/O; see rio_request.h.
 *
 * A request with nothing but data has a transfer; one that also has addresses,
 * control data or flags a message around it.  A stream has no control data, and
 * its addresses are those of the connection.
 */
#include "unix/rio_request.h"

#include <stdlib.h>
#include <string.h>

#include "unix/address.h"
#include "unix/data.h"
#include "unix/message.h"
#include "unix/rio_buffer.h"

/* SOCKADDR_INET, a union of both families' addresses. */
#define ADDRESS_SIZE 28
/* RIO_CMSG_BASE_SIZE: before control data is its length. */
#define CONTROL_BASE 8

struct data_request {
    struct rio_request request; /* the first member */
    struct transfer transfer;
};

struct message_request {
    struct rio_request request; /* the first member */
    struct message message;
    struct unix_message program;    /* name and control: in the slices */
    void *control_length;           /* RIO_CMSG_BUFFER; NULL: not wanted */
    void *flags_told, *local;       /* NULL: not wanted */
    struct sockaddr_storage local_name;
    socklen_t local_length;
};

static struct rio_request *request_of(struct operation *operation)
{
    return (struct rio_request *)operation;
}

static struct message_request *message_of(struct operation *operation)
{
    return (struct message_request *)operation;
}

/* --- The end -------------------------------------------------------------- */

static void tell(struct rio_request *request, int error)
{
    const struct rio_completion completion = {
        .result = {.error = error,
                   .bytes = request->operation.result.bytes,
                   .socket_context = request->socket_context,
                   .request_context = request->context},
        .quota = request->quota,
        .notifies = !(request->flags & WS2_RIO_MSG_DONT_NOTIFY),
    };

    request->quota = NULL;
    rio_completion_queue_add(&completion);
}

static void complete(struct operation *operation)
{
    struct rio_request *request = request_of(operation);

    tell(request, operation->end == OPERATION_PERFORMED
                      ? request->error
                      : WS2_OPERATION_ABORTED);
}

/* One that is charged still could not be started. */
static void free_operation(struct operation *operation)
{
    struct rio_request *request = request_of(operation);

    if (request->quota != NULL)
        tell(request, WS2_ENOBUFS);
    rio_request_free(request);
}

void rio_request_free(struct rio_request *request)
{
    if (!request->refused)
        transfer_free(request->transfer);
    free(request);
}

void rio_request_abort(struct rio_request *request)
{
    tell(request, WS2_OPERATION_ABORTED);
    rio_request_free(request);
}

void rio_request_start(struct rio_request *request,
                       struct descriptor *descriptor)
{
    (void)operation_start(&request->operation, descriptor, NULL);
}

/* Behind operations that pend all have to wait. */
void rio_request_start_sends(struct rio_request *const *requests, uint32_t n,
                             struct descriptor *descriptor)
{
    struct transfer *transfers[TRANSFER_TOGETHER];
    uint32_t i;

    for (i = 0; i < n && i < TRANSFER_TOGETHER && !requests[i]->refused; i++)
        transfers[i] = requests[i]->transfer;
    if (i > 1 && descriptor->identity.type == WS2_SOCK_DGRAM &&
        !operation_is_queued(descriptor, OPERATION_SEND))
        transfer_send_together(transfers, i);
    for (i = 0; i < n; i++)
        rio_request_start(requests[i], descriptor);
}

/* --- Steps ---------------------------------------------------------------- */

static int perform_send(struct operation *operation,
                        struct descriptor *descriptor)
{
    struct rio_request *request = request_of(operation);

    request->error = request->refused;
    if (!request->error)
        request->error =
            data_step_send(operation, request->transfer, descriptor);
    return request->error;
}

static int perform_receive(struct operation *operation,
                           struct descriptor *descriptor)
{
    struct rio_request *request = request_of(operation);

    request->error = request->refused;
    if (!request->error)
        request->error = data_step_receive(operation, request->transfer,
                                           descriptor, 0);
    return request->error;
}

/* A stream's names are those of its ends. */
static void take_names(struct message_request *message,
                       struct descriptor *descriptor)
{
    struct msghdr *kernel = &message->message.transfer.message;
    socklen_t length = sizeof(message->message.name);

    if (message->local != NULL) {
        message->local_length = sizeof(message->local_name);
        if (getsockname(descriptor->fd,
                        (struct sockaddr *)&message->local_name,
                        &message->local_length) < 0)
            message->local_length = 0;
        else
            control_data_destination(kernel, &message->local_name);
    }
    if (message->program.name == NULL ||
        !transfer_is_stream(&message->message.transfer))
        return;
    if (getpeername(descriptor->fd, (struct sockaddr *)&message->message.name,
                    &length) < 0)
        length = 0;
    kernel->msg_namelen = length;
}

static int perform_receive_message(struct operation *operation,
                                   struct descriptor *descriptor)
{
    struct message_request *message = message_of(operation);
    int error = perform_receive(operation, descriptor);

    if (error && error != WS2_EMSGSIZE)
        return error;
    message_convert(&message->message, error,
                    message->program.control_length);
    take_names(message, descriptor);
    return error;
}

/* --- Outputs -------------------------------------------------------------- */

static int write_number(void *program, uint32_t number)
{
    return program == NULL ? WS2_SUCCESS
                           : unix_memory_write(program, &number,
                                               sizeof(number));
}

static int write_local_name(const struct message_request *message)
{
    uint8_t name[ADDRESS_LENGTH_MAX];
    uint32_t length;

    if (message->local == NULL)
        return WS2_SUCCESS;
    length = address_from_kernel(&message->local_name, message->local_length,
                                 name);
    return length == 0 ? WS2_SUCCESS
                       : unix_memory_write(message->local, name, length);
}

static void deliver_received(struct operation *operation)
{
    struct message_request *message = message_of(operation);
    int *error = &message->request.error, failed;

    if (*error && *error != WS2_EMSGSIZE)
        return;
    *error = message_deliver(&message->message, *error, &message->program);
    failed = write_number(message->control_length,
                          CONTROL_BASE + message->program.control_length);
    if (!failed)
        failed = write_number(message->flags_told, message->program.flags);
    if (!failed)
        failed = write_local_name(message);
    if (failed)
        *error = failed;
}

/* There is nothing to tell of. */
static void deliver_sent(struct operation *operation)
{
    struct message_request *message = message_of(operation);

    if (!message->request.error)
        message->request.error = write_number(message->flags_told, 0);
}

/* Its completion queue is not there any more. */
static void forget_operation(struct operation *operation)
{
    rio_request_free(request_of(operation));
}

/* --- Kinds ---------------------------------------------------------------- */

static const struct operation_kind send_kind = {
    .name = "registered send",
    .perform = perform_send,
    .complete = complete,
    .free = free_operation,
    .forget = forget_operation,
};

static const struct operation_kind receive_kind = {
    .name = "registered receive",
    .perform = perform_receive,
    .complete = complete,
    .free = free_operation,
    .forget = forget_operation,
};

static int perform_send_message(struct operation *operation,
                                struct descriptor *descriptor)
{
    int error = perform_send(operation, descriptor);

    if (!error)
        message_sent(&((struct message_request *)operation)->message,
                     descriptor);
    return error;
}

static const struct operation_kind send_message_kind = {
    .name = "registered message send",
    .perform = perform_send_message,
    .deliver = deliver_sent,
    .complete = complete,
    .free = free_operation,
    .forget = forget_operation,
};

static const struct operation_kind receive_message_kind = {
    .name = "registered message receive",
    .perform = perform_receive_message,
    .deliver = deliver_received,
    .complete = complete,
    .free = free_operation,
    .forget = forget_operation,
};

/* --- Making one ----------------------------------------------------------- */

static void init(struct rio_request *request, const struct operation_kind *kind,
                 enum operation_direction direction, struct transfer *transfer,
                 struct descriptor *descriptor,
                 const struct unix_rio_request *program)
{
    operation_init(&request->operation, kind, direction, NULL);
    request->operation.flags = OPERATION_ALWAYS_PENDS;
    request->transfer = transfer;
    request->quota = NULL;
    request->context = program->context;
    request->flags = program->flags;
    request->refused = WS2_SUCCESS;
    transfer->descriptor = descriptor;
    transfer->overlapped = 1;
}

/* What is wrong with the arguments is the call's error; what is wrong with the
   socket or an address the request's. */
static int settle(struct rio_request *request, int error,
                  struct rio_request **ret_request)
{
    if (error == WS2_EFAULT || error == WS2_EINVAL || error == WS2_ENOBUFS) {
        free(request);
        return error;
    }
    request->refused = error;
    *ret_request = request;
    return WS2_SUCCESS;
}

static uint32_t receive_flags(const struct unix_rio_request *program)
{
    return program->flags & WS2_RIO_MSG_WAITALL ? WS2_MSG_WAITALL : 0;
}

static int prepare(struct transfer *transfer,
                   enum operation_direction direction,
                   const struct unix_rio_request *program,
                   const struct unix_buffer *data)
{
    return direction == OPERATION_SEND
               ? transfer_prepare_send(transfer, data, program->n_data, 0,
                                       NULL, 0)
               : transfer_prepare_receive(transfer, data, program->n_data,
                                          receive_flags(program), NULL);
}

static int new_data_request(struct descriptor *descriptor,
                            enum operation_direction direction,
                            const struct unix_rio_request *program,
                            const struct unix_buffer *data,
                            struct rio_request **ret_request)
{
    struct data_request *made = malloc(sizeof(*made));

    if (made == NULL)
        return WS2_ENOBUFS;
    init(&made->request,
         direction == OPERATION_SEND ? &send_kind : &receive_kind, direction,
         &made->transfer, descriptor, program);
    return settle(&made->request,
                  prepare(&made->transfer, direction, program, data),
                  ret_request);
}

/* The memory of an optional slice that has at least so many bytes. */
static int resolve(const struct unix_rio_slice *slice, uint32_t least,
                   struct unix_buffer *ret_memory)
{
    int error;

    *ret_memory = (struct unix_buffer){.data = NULL};
    if (slice == NULL)
        return WS2_SUCCESS;
    error = rio_buffer_resolve(slice, ret_memory);
    return !error && ret_memory->length < least ? WS2_EINVAL : error;
}

/* What is to be sent along: the program says how long it is. */
static int read_control_length(const struct unix_buffer *control,
                               uint32_t *ret_length)
{
    uint32_t length = 0;
    int error = unix_memory_read(&length, control->data, sizeof(length));

    if (!error && (length < CONTROL_BASE || length > control->length))
        error = WS2_EINVAL;
    if (!error)
        *ret_length = length - CONTROL_BASE;
    return error;
}

/* Where in the program's memory everything is. */
static int place(struct message_request *made,
                 const struct unix_rio_request *program,
                 enum operation_direction direction)
{
    struct unix_buffer local, remote, control, flags_told;
    int error = resolve(program->local, ADDRESS_SIZE, &local);

    if (!error)
        error = resolve(program->remote, ADDRESS_SIZE, &remote);
    if (!error)
        error = resolve(program->control, CONTROL_BASE, &control);
    if (!error)
        error = resolve(program->flags_told, sizeof(uint32_t), &flags_told);
    if (error)
        return error;
    made->local = local.data;
    made->flags_told = flags_told.data;
    made->program.name = remote.data;
    made->program.name_length = ADDRESS_SIZE;
    if (control.data == NULL)
        return WS2_SUCCESS;
    made->program.control = (char *)control.data + CONTROL_BASE;
    made->control_length = control.data;
    if (direction == OPERATION_SEND)
        return read_control_length(&control, &made->program.control_length);
    made->program.control_length = control.length - CONTROL_BASE;
    return WS2_SUCCESS;
}

static int prepare_message(struct message_request *made,
                           enum operation_direction direction,
                           const struct unix_rio_request *program,
                           const struct unix_buffer *data)
{
    struct message *message = &made->message;

    int error;

    if (transfer_is_stream(&message->transfer))
        return program->control != NULL
                   ? WS2_EINVAL
                   : prepare(&message->transfer, direction, program, data);
    made->program.buffers = data;
    made->program.n_buffers = program->n_data;
    error = direction == OPERATION_SEND
                ? message_prepare_send(message, &made->program, 0)
                : message_prepare_receive(message, &made->program);
    made->program.buffers = NULL; /* they were copied */
    return error;
}

static int new_message_request(struct descriptor *descriptor,
                               enum operation_direction direction,
                               const struct unix_rio_request *program,
                               const struct unix_buffer *data,
                               struct rio_request **ret_request)
{
    struct message_request *made = calloc(1, sizeof(*made));
    int error;

    if (made == NULL)
        return WS2_ENOBUFS;
    init(&made->request,
         direction == OPERATION_SEND ? &send_message_kind
                                     : &receive_message_kind,
         direction, &made->message.transfer, descriptor, program);
    error = place(made, program, direction);
    if (!error)
        error = prepare_message(made, direction, program, data);
    return settle(&made->request, error, ret_request);
}

/* The reserved argument, and what datagrams and streams do not have. */
static int check(const struct descriptor *descriptor,
                 enum operation_direction direction,
                 const struct unix_rio_request *program)
{
    const int stream = descriptor->identity.type == WS2_SOCK_STREAM;

    if (direction == OPERATION_SEND && program->local != NULL)
        return WS2_EINVAL;
    if (stream ? program->data == NULL
               : (program->flags & WS2_RIO_MSG_WAITALL) != 0)
        return WS2_EINVAL;
    return WS2_SUCCESS;
}

int rio_request_new(struct descriptor *descriptor,
                    enum operation_direction direction,
                    const struct unix_rio_request *program,
                    struct rio_request **ret_request)
{
    struct unix_buffer data;
    int error = check(descriptor, direction, program);

    if (!error)
        error = resolve(program->data, 0, &data);
    if (error)
        return error;
    if (program->local == NULL && program->remote == NULL &&
        program->control == NULL && program->flags_told == NULL)
        return new_data_request(descriptor, direction, program, &data,
                                ret_request);
    return new_message_request(descriptor, direction, program, &data,
                               ret_request);
}
