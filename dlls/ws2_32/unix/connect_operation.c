/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ConnectEx: connects, and sends the first data as part of it.
 *
 * In the order of sends.  The connect itself is begun by the first step; the
 * later ones look at how it went on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unix/connection.h"
#include "unix/error.h"
#include "unix/extension.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/operation.h"
#include "unix/option.h"
#include "unix/path_socket.h"
#include "unix/transfer.h"
#include "unix/wait.h"

enum phase { BEGIN, CONNECTING, SENDING };

struct connect_operation {
    struct operation operation;
    enum phase phase;
    struct sockaddr_storage name;
    socklen_t name_length;
    int has_data;
    struct transfer transfer;
};

static struct connect_operation *connect_of(struct operation *operation)
{
    return (struct connect_operation *)operation;
}

static void set_extension(struct descriptor *descriptor, uint32_t extension)
{
    __atomic_store_n(&descriptor->extension, extension, __ATOMIC_RELAXED);
}

/* The connect is over: what the program may do next. */
static int note(struct connect_operation *connect,
                struct descriptor *descriptor, int error)
{
    set_extension(descriptor,
                  error ? DESCRIPTOR_PLAIN : DESCRIPTOR_CONNECTED_EX);
    connect->phase = SENDING;
    return error;
}

static int begin(struct connect_operation *connect,
                 struct descriptor *descriptor)
{
    struct transfer *data = &connect->transfer;
    int error, unix_error;

    if (!connect->has_data || !option_is_on(descriptor, WIRE_OPTION_FASTOPEN))
        data = NULL;
    else
        data->descriptor = descriptor;
    error = connection_begin(descriptor, &connect->name, connect->name_length,
                             data, &unix_error);

    if (error)
        return error == WS2_EALREADY ? WS2_EINVAL : error;
    set_extension(descriptor, DESCRIPTOR_CONNECTING_EX);
    connect->phase = CONNECTING;
    if (unix_error == EINPROGRESS)
        return WS2_EWOULDBLOCK;
    if (unix_error == 0)
        connection_note_success(descriptor);
    else
        connection_note_failure(descriptor, error_from_errno(unix_error));
    return note(connect, descriptor,
                unix_error ? error_from_errno(unix_error) : WS2_SUCCESS);
}

static int go_on(struct connect_operation *connect,
                 struct descriptor *descriptor)
{
    int error = connection_outcome(descriptor);

    return error == WS2_EALREADY ? WS2_EWOULDBLOCK
                                 : note(connect, descriptor, error);
}

static int send_data(struct connect_operation *connect,
                     struct descriptor *descriptor)
{
    struct transfer *transfer = &connect->transfer;
    int error;

    if (!connect->has_data)
        return WS2_SUCCESS;
    transfer->descriptor = descriptor;
    transfer->record_flags = descriptor_flags(descriptor);
    error = transfer_send(transfer);
    connect->operation.result.bytes = (uint32_t)transfer->done;
    return error;
}

static int connect_perform(struct operation *operation,
                           struct descriptor *descriptor)
{
    struct connect_operation *connect = connect_of(operation);
    int error = WS2_SUCCESS;

    if (connect->phase == BEGIN)
        error = begin(connect, descriptor);
    else if (connect->phase == CONNECTING)
        error = go_on(connect, descriptor);
    return error ? error : send_data(connect, descriptor);
}

static void connect_free(struct operation *operation)
{
    struct connect_operation *connect = connect_of(operation);

    if (connect->has_data)
        transfer_free(&connect->transfer);
    free(connect);
}

static const struct operation_kind connect_kind = {
    .name = "connect",
    .perform = connect_perform,
    .free = connect_free,
};

/* What is known before anything is begun: the call's own errors. */
static int check(const struct descriptor *descriptor)
{
    if (descriptor->identity.type != WS2_SOCK_STREAM ||
        !name_is_bound(descriptor) ||
        __atomic_load_n(&descriptor->extension, __ATOMIC_RELAXED) ==
            DESCRIPTOR_ACCEPTING ||
        __atomic_load_n(&descriptor->extension, __ATOMIC_RELAXED) ==
            DESCRIPTOR_CONNECTING_EX)
        return WS2_EINVAL;
    if (path_socket_is(descriptor))
        return WS2_EOPNOTSUPP;
    switch (kernel_socket_stream_state(descriptor->fd)) {
    case KERNEL_SOCKET_CONNECTED:
        return WS2_EISCONN;
    case KERNEL_SOCKET_IDLE:
        return WS2_SUCCESS;
    default:
        return WS2_EINVAL;
    }
}

static int make_connect(struct descriptor *descriptor,
                        const struct unix_completion *completion,
                        const void *name, int length,
                        const struct unix_buffer *buffer,
                        struct connect_operation **ret_connect)
{
    struct connect_operation *connect = calloc(1, sizeof(*connect));
    int error;

    if (connect == NULL)
        return WS2_ENOBUFS;
    operation_init(&connect->operation, &connect_kind, OPERATION_SEND,
                   completion);
    connect->operation.flags = OPERATION_ALWAYS_PENDS;
    error = name_read(descriptor, name, length, &connect->name,
                      &connect->name_length);
    if (!error)
        error = check(descriptor);
    if (!error && buffer != NULL && buffer->length != 0) {
        connect->transfer.descriptor = descriptor;
        connect->transfer.overlapped = 1;
        error = unix_memory_check(buffer->data, buffer->length, 0);
        if (!error)
            error = transfer_prepare_send(&connect->transfer, buffer, 1, 0,
                                          NULL, 0);
        connect->has_data = !error;
    }
    if (error)
        free(connect);
    else
        *ret_connect = connect;
    return error;
}

int unix_socket_start_connect(ws2_handle s,
                              const struct unix_completion *completion,
                              const void *name, int length,
                              const struct unix_buffer *buffer)
{
    struct connect_operation *connect;
    struct descriptor *descriptor;
    struct unix_result ignored;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = make_connect(descriptor, completion, name, length, buffer,
                         &connect);
    if (!error)
        error = operation_start(&connect->operation, descriptor, &ignored);
    descriptor_release(descriptor);
    return error;
}
