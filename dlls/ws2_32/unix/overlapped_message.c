/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages (WSASendMsg, WSARecvMsg) as operations; overlapped_data.c has the
 * sends and receives without control data, in the same queues.
 */
#include <stdlib.h>

#include "unix/data.h"
#include "unix/message.h"
#include "unix/operation.h"
#include "unix/wait.h"

struct message_operation {
    struct operation operation;
    struct message message;
    struct unix_message program;
    struct unix_message_outputs outputs; /* of a receive; NULLs: none */
};

static struct message_operation *
message_operation_of(struct operation *operation)
{
    return (struct message_operation *)operation;
}

static void message_operation_free(struct operation *operation)
{
    transfer_free(&message_operation_of(operation)->message.transfer);
    free(operation);
}

/* --- Sending -------------------------------------------------------------- */

static int perform_send(struct operation *operation,
                        struct descriptor *descriptor)
{
    struct message *message = &message_operation_of(operation)->message;
    int error = data_step_send(operation, &message->transfer, descriptor);

    if (!error)
        message_sent(message, descriptor);
    return error;
}

static const struct operation_kind send_kind = {
    .name = "message send",
    .perform = perform_send,
    .free = message_operation_free,
};

/* --- Receiving ------------------------------------------------------------ */

static int perform_receive(struct operation *operation,
                           struct descriptor *descriptor)
{
    struct message_operation *received = message_operation_of(operation);
    int error = data_step_receive(operation, &received->message.transfer,
                                  descriptor, received->program.flags);

    if (!error || error == WS2_EMSGSIZE)
        message_convert(&received->message, error,
                        received->program.control_length);
    return error;
}

static int write_outputs(const struct unix_message_outputs *outputs,
                         const struct unix_message *program)
{
    int error;

    if (outputs->flags == NULL)
        return WS2_SUCCESS;
    error = unix_memory_write(outputs->name_length, &program->name_length,
                              sizeof(program->name_length));
    if (!error)
        error = unix_memory_write(outputs->control_length,
                                  &program->control_length,
                                  sizeof(program->control_length));
    return error ? error
                 : unix_memory_write(outputs->flags, &program->flags,
                                     sizeof(program->flags));
}

static void deliver_receive(struct operation *operation)
{
    struct message_operation *received = message_operation_of(operation);
    int error, written;

    if (operation->result.status != WS2_STATUS_SUCCESS &&
        operation->result.status != WS2_STATUS_BUFFER_OVERFLOW)
        return;
    error = operation->result.status == WS2_STATUS_SUCCESS ? WS2_SUCCESS
                                                           : WS2_EMSGSIZE;
    error = message_deliver(&received->message, error, &received->program);
    written = write_outputs(&received->outputs, &received->program);
    operation->result.status = unix_status_of_error(written ? written : error);
    operation->result.flags = received->program.flags;
}

static const struct operation_kind receive_kind = {
    .name = "message receive",
    .perform = perform_receive,
    .deliver = deliver_receive,
    .free = message_operation_free,
};

/* --- Making one ----------------------------------------------------------- */

static struct message_operation *
message_operation_new(struct descriptor *descriptor,
                      const struct unix_message *program,
                      enum operation_direction direction,
                      const struct unix_completion *completion)
{
    struct message_operation *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return NULL;
    made->message.transfer.descriptor = descriptor;
    made->message.transfer.overlapped = 1;
    made->program = *program;
    operation_init(&made->operation,
                   direction == OPERATION_SEND ? &send_kind : &receive_kind,
                   direction, completion);
    return made;
}

static int make_send(struct descriptor *descriptor,
                     const struct unix_completion *completion,
                     const struct unix_message *program, uint32_t flags,
                     struct operation **ret_operation)
{
    struct message_operation *made = message_operation_new(
        descriptor, program, OPERATION_SEND, completion);
    int error;

    if (made == NULL)
        return WS2_ENOBUFS;
    error = message_prepare_send(&made->message, program, flags);
    if (error)
        free(made);
    else
        *ret_operation = &made->operation;
    return error;
}

static int make_receive(struct descriptor *descriptor,
                        const struct unix_completion *completion,
                        const struct unix_message *program,
                        const struct unix_message_outputs *outputs,
                        struct operation **ret_operation)
{
    struct message_operation *made = message_operation_new(
        descriptor, program, OPERATION_RECEIVE, completion);
    int error;

    if (made == NULL)
        return WS2_ENOBUFS;
    made->outputs = *outputs;
    error = message_prepare_receive(&made->message, program);
    if (error) {
        data_receive_refused(descriptor, program->flags);
        free(made);
    } else
        *ret_operation = &made->operation;
    return error;
}

/* --- The boundary's calls ------------------------------------------------- */

int unix_socket_start_send_message(ws2_handle s,
                                   const struct unix_completion *completion,
                                   const struct unix_message *program,
                                   uint32_t flags,
                                   struct unix_result *ret_result)
{
    struct operation *operation = NULL;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = make_send(descriptor, completion, program, flags, &operation);
    return operation_start_made(error, operation, descriptor, ret_result);
}

int unix_socket_start_receive_message(
    ws2_handle s, const struct unix_completion *completion,
    const struct unix_message *program,
    const struct unix_message_outputs *outputs, struct unix_result *ret_result)
{
    struct operation *operation = NULL;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error =
        make_receive(descriptor, completion, program, outputs, &operation);
    return operation_start_made(error, operation, descriptor, ret_result);
}

/* --- Behind overlapped ones ----------------------------------------------- */

int message_send_behind(struct descriptor *descriptor,
                        const struct unix_message *program, uint32_t flags,
                        uint32_t *ret_count)
{
    const int64_t deadline =
        wait_deadline(&descriptor_record(descriptor)->send_timeout);
    struct operation *operation = NULL;
    int error = data_send_may_wait(descriptor);

    if (!error)
        error = make_send(descriptor, NULL, program, flags, &operation);
    return operation_wait_made(error, operation, descriptor, deadline,
                               ret_count);
}

int message_receive_behind(struct descriptor *descriptor,
                           struct unix_message *program, uint32_t *ret_count)
{
    const struct unix_message_outputs outputs = {
        &program->name_length, &program->control_length, &program->flags};
    const int64_t deadline =
        wait_deadline(&descriptor_record(descriptor)->receive_timeout);
    struct operation *operation = NULL;
    int error = data_receive_may_wait(descriptor, program->flags);

    if (!error)
        error =
            make_receive(descriptor, NULL, program, &outputs, &operation);
    return operation_wait_made(error, operation, descriptor, deadline,
                               ret_count);
}
