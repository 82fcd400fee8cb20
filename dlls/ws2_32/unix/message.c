/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages; see message.h. */
#include "unix/message.h"

#include "unix/address.h"
#include "unix/data.h"
#include "unix/memory.h"
#include "unix/name.h"
#include "unix/time_stamp.h"

/* More than any sensible set of entries. */
#define PROGRAM_CONTROL_MAX 4096

/* --- Sending -------------------------------------------------------------- */

static int read_control(struct message *message,
                        const struct unix_message *program)
{
    uint8_t control[PROGRAM_CONTROL_MAX];
    size_t length = 0;
    int error;

    message->stamp_id = -1;
    if (program->control_length == 0)
        return WS2_SUCCESS;
    if (program->control_length > sizeof(control))
        return WS2_EINVAL;
    error = unix_memory_read(control, program->control,
                             program->control_length);
    if (!error)
        error = control_data_to_kernel(message->transfer.descriptor, control,
                                       program->control_length,
                                       message->control, &length,
                                       &message->stamp_id);
    if (!error)
        group_socket_add_source(message->transfer.descriptor,
                                message->control, &length);
    if (!error && length > 0) {
        message->transfer.message.msg_control = message->control;
        message->transfer.message.msg_controllen = length;
    }
    return error;
}

int message_prepare_send(struct message *message,
                         const struct unix_message *program, uint32_t flags)
{
    struct transfer *transfer = &message->transfer;
    socklen_t length = 0;
    int error = WS2_SUCCESS;

    if (transfer_is_stream(transfer))
        return WS2_EINVAL;
    if (program->name != NULL)
        error = name_read_destination(transfer->descriptor, program->name,
                                      program->name_length, &message->name,
                                      &length);
    if (!error)
        error = transfer_prepare_send(transfer, program->buffers,
                                      program->n_buffers, flags,
                                      length ? &message->name : NULL, length);
    if (error)
        return error;
    error = read_control(message, program);
    if (error)
        transfer_free(transfer);
    return error;
}

void message_sent(const struct message *message, struct descriptor *descriptor)
{
    if (message->stamp_id >= 0)
        time_stamp_sent(descriptor, (uint32_t)message->stamp_id);
}

int unix_socket_send_message(ws2_handle s, const struct unix_message *program,
                             uint32_t flags, uint32_t *ret_count)
{
    struct message message = {.transfer.overlapped = 0};
    int error = descriptor_acquire(s, &message.transfer.descriptor);

    if (error)
        return error;
    if (operation_is_queued(message.transfer.descriptor, OPERATION_SEND))
        return message_send_behind(message.transfer.descriptor, program, flags,
                                   ret_count);
    error = message_prepare_send(&message, program, flags);
    if (!error)
        error = data_send(&message.transfer, ret_count);
    if (!error)
        message_sent(&message, message.transfer.descriptor);
    descriptor_release(message.transfer.descriptor);
    return error;
}

/* --- Receiving ------------------------------------------------------------ */

int message_prepare_receive(struct message *message,
                            const struct unix_message *program)
{
    struct transfer *transfer = &message->transfer;
    int error = WS2_SUCCESS;

    if (transfer_is_stream(transfer))
        return WS2_EINVAL;
    if (program->name != NULL &&
        program->name_length <
            (int32_t)address_length(transfer->descriptor->identity.family))
        return WS2_EFAULT;
    if (program->name != NULL)
        error = unix_memory_check(program->name,
                                  (uint64_t)program->name_length, 1);
    if (!error)
        error = unix_memory_check(program->control, program->control_length, 1);
    if (!error)
        error = transfer_prepare_receive(transfer, program->buffers,
                                         program->n_buffers, program->flags,
                                         &message->name);
    if (error)
        return error;
    control_data_ask_destination(transfer->descriptor);
    transfer->message.msg_control = message->control;
    transfer->message.msg_controllen = sizeof(message->control);
    return WS2_SUCCESS;
}

void message_convert(struct message *message, int error, uint32_t room)
{
    struct transfer *transfer = &message->transfer;

    message->flags = control_data_from_kernel(
        transfer->descriptor, &transfer->message, message->converted, room,
        &message->converted_length);
    if (error == WS2_EMSGSIZE)
        message->flags |= WS2_MSG_TRUNC;
}

int message_deliver(const struct message *message, int error,
                    struct unix_message *program)
{
    uint8_t name[ADDRESS_LENGTH_MAX];
    uint32_t length;
    int failed = WS2_SUCCESS;

    if (message->converted_length > 0)
        failed = unix_memory_write(program->control, message->converted,
                                   message->converted_length);
    program->control_length = message->converted_length;
    if (program->name != NULL) {
        length = address_from_kernel(
            &message->name, message->transfer.message.msg_namelen, name);
        if (!failed && length > 0)
            failed = unix_memory_write(program->name, name, length);
        program->name_length = (int32_t)length;
    }
    program->flags = message->flags;
    if (failed)
        return failed;
    return message->flags & WS2_MSG_CTRUNC ? WS2_EMSGSIZE : error;
}

int unix_socket_receive_message(ws2_handle s, struct unix_message *program,
                                uint32_t *ret_count)
{
    struct message message = {.transfer.overlapped = 0};
    int error = descriptor_acquire(s, &message.transfer.descriptor);

    if (error)
        return error;
    if (operation_is_queued(message.transfer.descriptor, OPERATION_RECEIVE))
        return message_receive_behind(message.transfer.descriptor, program,
                                      ret_count);
    error = message_prepare_receive(&message, program);
    if (error)
        data_receive_refused(message.transfer.descriptor, program->flags);
    else {
        error = data_receive(&message.transfer, program->flags, ret_count);
        if (!error || error == WS2_EMSGSIZE) {
            message_convert(&message, error, program->control_length);
            error = message_deliver(&message, error, program);
        }
    }
    descriptor_release(message.transfer.descriptor);
    return error;
}
