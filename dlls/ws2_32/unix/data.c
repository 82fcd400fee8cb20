/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The data calls.
 *
 * This is the hot path: one look-up, one system call, one look at the
 * published record.  Everything else (waiting, telling the server, working
 * out what an error means) happens only when the first try did not do.
 */
#include "unix/data.h"

#include <sys/socket.h>

#include "unix/address.h"
#include "unix/connection.h"
#include "unix/data.h"
#include "unix/descriptor.h"
#include "unix/name.h"
#include "unix/operation.h"
#include "unix/transfer.h"
#include "unix/wait.h"

/* Who waits for an answer once will wait for the next ones: after a receive that
   found nothing, so many wait at once, which saves each of them a system call. */
#define WAITS_AFTER_WAIT 15

/* --- Sending ----------------------------------------------------------------- */

/* Sends all; a non-blocking stream stops where the kernel has no more room. */
static int send_all(struct transfer *transfer)
{
    struct descriptor *descriptor = transfer->descriptor;
    int64_t deadline = 0;
    int error;

    for (;;) {
        error = transfer_send(transfer);
        if (error != WS2_EWOULDBLOCK)
            return error;
        connection_reenable(descriptor, WS2_FD_WRITE, WS2_FD_WRITE);
        if (transfer->record_flags & WIRE_RECORD_NONBLOCKING)
            return transfer->done ? WS2_SUCCESS : WS2_EWOULDBLOCK;
        if (deadline == 0)
            deadline =
                wait_deadline(&descriptor_record(descriptor)->send_timeout);
        error = wait_for(descriptor, POLLOUT, deadline);
        if (error)
            return error;
    }
}

int data_send(struct transfer *transfer, uint32_t *ret_count)
{
    int error = send_all(transfer);

    transfer_free(transfer);
    if (!error)
        *ret_count = (uint32_t)transfer->done;
    return error;
}

static int send_common(struct transfer *transfer,
                       const struct unix_buffer *buffers, uint32_t n_buffers,
                       uint32_t flags, struct sockaddr_storage *name,
                       socklen_t name_length, uint32_t *ret_count)
{
    int error;

    transfer->overlapped = 0;
    error = transfer_prepare_send(transfer, buffers, n_buffers, flags, name,
                                  name_length);
    return error ? error : data_send(transfer, ret_count);
}

int unix_socket_send(ws2_handle s, const struct unix_buffer *buffers,
                     uint32_t n_buffers, uint32_t flags, uint32_t *ret_count)
{
    struct transfer transfer;
    int error = descriptor_acquire(s, &transfer.descriptor);

    if (error)
        return error;
    if (operation_is_queued(transfer.descriptor, OPERATION_SEND))
        return data_send_behind(transfer.descriptor, buffers, n_buffers, flags,
                                NULL, 0, ret_count);
    error = send_common(&transfer, buffers, n_buffers, flags, NULL, 0,
                        ret_count);
    descriptor_release(transfer.descriptor);
    return error;
}

int unix_socket_send_to(ws2_handle s, const struct unix_buffer *buffers,
                        uint32_t n_buffers, uint32_t flags, const void *name,
                        int length, uint32_t *ret_count)
{
    struct sockaddr_storage kernel_name;
    struct transfer transfer;
    socklen_t kernel_length = 0;
    int error = descriptor_acquire(s, &transfer.descriptor);

    if (error)
        return error;
    if (operation_is_queued(transfer.descriptor, OPERATION_SEND))
        return data_send_behind(transfer.descriptor, buffers, n_buffers, flags,
                                name, length, ret_count);
    /* A stream has its destination: the name is ignored. */
    if (name != NULL && !transfer_is_stream(&transfer))
        error = name_read_destination(transfer.descriptor, name, length,
                                      &kernel_name, &kernel_length);
    if (!error)
        error = send_common(&transfer, buffers, n_buffers, flags,
                            kernel_length ? &kernel_name : NULL, kernel_length,
                            ret_count);
    descriptor_release(transfer.descriptor);
    return error;
}

/* --- Receiving ------------------------------------------------------------------- */

/* *deadline 0: not worked out yet. */
static int wait_for_data(struct transfer *transfer, int64_t *deadline)
{
    const struct wire_record *record = descriptor_record(transfer->descriptor);

    if (*deadline == 0)
        *deadline = wait_deadline(&record->receive_timeout);
    return wait_for(transfer->descriptor,
                    transfer->flags & MSG_OOB ? POLLPRI : POLLIN, *deadline);
}

/* 1: the receive is likely to find nothing.  Wrong guesses cost one poll. */
static int should_wait_first(struct descriptor *descriptor)
{
    uint32_t left = __atomic_load_n(&descriptor->waits_first, __ATOMIC_RELAXED);

    if (left == 0)
        return 0;
    __atomic_store_n(&descriptor->waits_first, left - 1, __ATOMIC_RELAXED);
    return 1;
}

/* Receives; waits for the first byte, or with wait_all for the last. */
static int receive_some(struct transfer *transfer)
{
    int64_t deadline = 0;
    int error;

    if (!(transfer->record_flags & WIRE_RECORD_NONBLOCKING) &&
        should_wait_first(transfer->descriptor)) {
        error = wait_for_data(transfer, &deadline);
        if (error)
            return error;
    }
    for (;;) {
        error = transfer_receive(transfer);
        if (error != WS2_EWOULDBLOCK ||
            (transfer->record_flags & WIRE_RECORD_NONBLOCKING))
            return error;
        __atomic_store_n(&transfer->descriptor->waits_first, WAITS_AFTER_WAIT,
                         __ATOMIC_RELAXED);
        error = wait_for_data(transfer, &deadline);
        if (error)
            return transfer->done ? WS2_SUCCESS : error;
    }
}

int data_receive(struct transfer *transfer, uint32_t flags,
                 uint32_t *ret_count)
{
    const uint32_t event = data_receive_event(flags);
    int error = receive_some(transfer);

    transfer_free(transfer);
    if (!error || error == WS2_EMSGSIZE)
        *ret_count = (uint32_t)transfer->done;
    if (error == WS2_EFAULT)
        connection_reenable_failed(transfer->descriptor, event);
    else
        connection_reenable(transfer->descriptor, event,
                            error == WS2_EWOULDBLOCK ? event : 0);
    return error;
}

void data_receive_refused(struct descriptor *descriptor, uint32_t flags)
{
    connection_reenable_failed(descriptor, data_receive_event(flags));
}

int data_send_may_wait(struct descriptor *descriptor)
{
    if (!(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING))
        return WS2_SUCCESS;
    connection_reenable(descriptor, WS2_FD_WRITE, WS2_FD_WRITE);
    return WS2_EWOULDBLOCK;
}

int data_receive_may_wait(struct descriptor *descriptor, uint32_t flags)
{
    if (!(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING))
        return WS2_SUCCESS;
    data_receive_refused(descriptor, flags);
    return WS2_EWOULDBLOCK;
}

static int receive_common(struct transfer *transfer,
                          const struct unix_buffer *buffers,
                          uint32_t n_buffers, uint32_t flags,
                          struct sockaddr_storage *name, uint32_t *ret_count)
{
    int error;

    transfer->overlapped = 0;
    error = transfer_prepare_receive(transfer, buffers, n_buffers, flags, name);
    if (!error)
        return data_receive(transfer, flags, ret_count);
    data_receive_refused(transfer->descriptor, flags);
    return error;
}

int unix_socket_refuse_receive(ws2_handle s, uint32_t flags)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    data_receive_refused(descriptor, flags);
    descriptor_release(descriptor);
    return WS2_SUCCESS;
}

int unix_socket_receive(ws2_handle s, const struct unix_buffer *buffers,
                        uint32_t n_buffers, uint32_t flags,
                        uint32_t *ret_count)
{
    struct transfer transfer;
    int error = descriptor_acquire(s, &transfer.descriptor);

    if (error)
        return error;
    if (operation_is_queued(transfer.descriptor, data_direction(flags)))
        return data_receive_behind(transfer.descriptor, buffers, n_buffers,
                                   flags, NULL, NULL, ret_count);
    error = receive_common(&transfer, buffers, n_buffers, flags, NULL,
                           ret_count);
    descriptor_release(transfer.descriptor);
    return error;
}

int unix_socket_receive_from(ws2_handle s, const struct unix_buffer *buffers,
                             uint32_t n_buffers, uint32_t flags, void *name,
                             int *length, uint32_t *ret_count)
{
    uint8_t bytes[ADDRESS_LENGTH_MAX];
    struct sockaddr_storage kernel_name;
    struct transfer transfer;
    uint32_t size;
    int error = descriptor_acquire(s, &transfer.descriptor), name_error;
    int wants_name;

    if (error)
        return error;
    if (operation_is_queued(transfer.descriptor, data_direction(flags)))
        return data_receive_behind(transfer.descriptor, buffers, n_buffers,
                                   flags, name, length, ret_count);
    /* A stream has no sender to tell of. */
    wants_name = name != NULL && !transfer_is_stream(&transfer);
    if (wants_name)
        error = length == NULL
                    ? WS2_EFAULT
                    : name_check_room(transfer.descriptor, name, length);
    if (!error)
        error = receive_common(&transfer, buffers, n_buffers, flags,
                               wants_name ? &kernel_name : NULL, ret_count);
    if (wants_name && (!error || error == WS2_EMSGSIZE)) {
        size = address_from_kernel(&kernel_name, transfer.message.msg_namelen,
                                   bytes);
        name_error = name_write(bytes, size, name, length);
        if (name_error)
            error = name_error;
    }
    descriptor_release(transfer.descriptor);
    return error;
}
