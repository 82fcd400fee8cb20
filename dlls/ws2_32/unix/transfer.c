/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Transfers; see transfer.h. */
#include "unix/transfer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "unix/connection.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"

static int transfer_init(struct transfer *transfer,
                         const struct unix_buffer *buffers, uint32_t n_buffers)
{
    struct iovec *vector = transfer->few;
    uint32_t i;

    transfer->many = NULL;
    transfer->length = transfer->done = 0;
    transfer->tries = 0;
    memset(&transfer->message, 0, sizeof(transfer->message));
    if (n_buffers > IOV_MAX)
        return WS2_ENOBUFS;
    if (n_buffers > TRANSFER_FEW_BUFFERS) {
        vector = transfer->many = malloc(n_buffers * sizeof(*vector));
        if (vector == NULL)
            return WS2_ENOBUFS;
    }
    for (i = 0; i < n_buffers; i++) {
        vector[i].iov_base = buffers[i].data;
        vector[i].iov_len = buffers[i].length;
        transfer->length += buffers[i].length;
    }
    transfer->message.msg_iov = vector;
    transfer->message.msg_iovlen = n_buffers;
    return WS2_SUCCESS;
}

void transfer_free(struct transfer *transfer)
{
    free(transfer->many);
}

/* Leaves out what a partial step has moved. */
static void transfer_advance(struct transfer *transfer, size_t count)
{
    struct msghdr *message = &transfer->message;

    transfer->done += count;
    while (message->msg_iovlen > 0 && count >= message->msg_iov->iov_len) {
        count -= message->msg_iov->iov_len;
        message->msg_iov++;
        message->msg_iovlen--;
    }
    if (message->msg_iovlen > 0) {
        message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + count;
        message->msg_iov->iov_len -= count;
    }
}

/* The kernel could not use the buffers; the host may open their pages. */
static int transfer_touch(struct transfer *transfer, int write)
{
    size_t i;
    int touched = 0;

    for (i = 0; i < transfer->message.msg_iovlen; i++) {
        const struct iovec *part = &transfer->message.msg_iov[i];

        if (part->iov_len > 0 &&
            !host_memory_touch(part->iov_base, part->iov_len, write))
            return 0;
        touched = 1;
    }
    return touched;
}

/* --- Sending ----------------------------------------------------------------- */

static int send_flags(uint32_t flags, int *ret_flags)
{
    if (flags & ~(uint32_t)(WS2_MSG_OOB | WS2_MSG_DONTROUTE))
        return WS2_EOPNOTSUPP;
    *ret_flags = MSG_NOSIGNAL | (flags & WS2_MSG_OOB ? MSG_OOB : 0) |
                 (flags & WS2_MSG_DONTROUTE ? MSG_DONTROUTE : 0);
    return WS2_SUCCESS;
}

/* What the kernel's answer to a send means in Winsock. */
static int send_error(struct transfer *transfer, int unix_errno)
{
    struct descriptor *descriptor = transfer->descriptor;

    if (!transfer_is_stream(transfer))
        return unix_errno == EDESTADDRREQ ? WS2_ENOTCONN
                                          : error_from_errno(unix_errno);
    switch (unix_errno) {
    case EPIPE:
        if (!connection_is_established(descriptor) &&
            !(transfer->record_flags & WIRE_RECORD_RESET))
            return WS2_ENOTCONN; /* never was connected */
        /* fall through */
    case ECONNRESET:
        connection_note_reset(descriptor);
        return WS2_ECONNRESET;
    case EAGAIN:
        /* The kernel queues nothing before the handshake is over, Winsock
           refuses. */
        return connection_is_established(descriptor) ? WS2_EWOULDBLOCK
                                                     : WS2_ENOTCONN;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
        if (!connection_is_established(descriptor)) {
            (void)connection_outcome(descriptor);
            return WS2_ENOTCONN;
        }
        break;
    }
    return error_from_errno(unix_errno);
}

/* One try. A single buffer goes the kernel's shorter way. */
static ssize_t send_once(const struct transfer *transfer)
{
    const struct msghdr *message = &transfer->message;

    if (message->msg_iovlen == 1)
        return sendto(transfer->descriptor->fd, message->msg_iov->iov_base,
                      message->msg_iov->iov_len, transfer->flags,
                      message->msg_name, message->msg_namelen);
    return sendmsg(transfer->descriptor->fd, message, transfer->flags);
}

int transfer_prepare_send(struct transfer *transfer,
                          const struct unix_buffer *buffers,
                          uint32_t n_buffers, uint32_t flags,
                          struct sockaddr_storage *name,
                          socklen_t name_length)
{
    int error;

    transfer->record_flags = descriptor_flags(transfer->descriptor);
    error = send_flags(flags, &transfer->flags);
    if (error)
        return error;
    if (transfer->record_flags & WIRE_RECORD_SHUT_SEND)
        return WS2_ESHUTDOWN;
    if ((flags & WS2_MSG_OOB) && !transfer_is_stream(transfer))
        return WS2_EOPNOTSUPP;
    error = transfer_init(transfer, buffers, n_buffers);
    if (error)
        return error;
    transfer->message.msg_name = name;
    transfer->message.msg_namelen = name_length;
    return WS2_SUCCESS;
}

int transfer_send(struct transfer *transfer)
{
    const int stream = transfer_is_stream(transfer);
    ssize_t sent;

    for (;;) {
        sent = send_once(transfer);
        if (sent >= 0) {
            if (transfer->done + (size_t)sent >= transfer->length || !stream) {
                transfer->done += (size_t)sent;
                return WS2_SUCCESS;
            }
            transfer_advance(transfer, (size_t)sent);
            continue;
        }
        if (errno == EINTR)
            continue;
        /* An ICMP error of an earlier datagram is no error of this one. */
        if (errno == ECONNREFUSED && !stream && transfer->tries++ < 2)
            continue;
        if (errno == EFAULT && transfer->tries++ < 1 &&
            transfer_touch(transfer, 0))
            continue;
        return send_error(transfer, errno);
    }
}

/* --- Receiving ------------------------------------------------------------------- */

static int receive_flags(struct transfer *transfer, uint32_t flags)
{
    const int stream = transfer_is_stream(transfer);

    if (flags & ~(uint32_t)(WS2_MSG_OOB | WS2_MSG_PEEK | WS2_MSG_WAITALL |
                            WS2_MSG_PARTIAL | WS2_MSG_DONTROUTE))
        return WS2_EOPNOTSUPP;
    if ((flags & WS2_MSG_OOB) && !stream)
        return WS2_EOPNOTSUPP;
    if ((flags & WS2_MSG_WAITALL) &&
        (!stream || (flags & (WS2_MSG_OOB | WS2_MSG_PEEK)) ||
         (!transfer->overlapped &&
          (transfer->record_flags & WIRE_RECORD_NONBLOCKING))))
        return WS2_EOPNOTSUPP;
    transfer->wait_all = (flags & WS2_MSG_WAITALL) != 0;
    transfer->flags = (flags & WS2_MSG_OOB ? MSG_OOB : 0) |
                      (flags & WS2_MSG_PEEK ? MSG_PEEK : 0);
    return WS2_SUCCESS;
}

/* What the kernel's answer to a receive means in Winsock. */
static int receive_error(struct transfer *transfer, int unix_errno)
{
    struct descriptor *descriptor = transfer->descriptor;

    if (!transfer_is_stream(transfer)) {
        if (unix_errno == EAGAIN &&
            !__atomic_load_n(&descriptor->bound, __ATOMIC_RELAXED)) {
            if (!kernel_socket_is_bound(descriptor->fd))
                return WS2_EINVAL; /* nothing can ever arrive */
            __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
        }
        /* A port-unreachable message. */
        return unix_errno == ECONNREFUSED ? WS2_ECONNRESET
                                          : error_from_errno(unix_errno);
    }
    switch (unix_errno) {
    case EAGAIN:
        return connection_is_established(descriptor) ? WS2_EWOULDBLOCK
                                                     : WS2_ENOTCONN;
    case ECONNRESET:
        connection_note_reset(descriptor);
        return WS2_ECONNRESET;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ETIMEDOUT:
        if (!connection_is_established(descriptor)) {
            (void)connection_outcome(descriptor);
            return WS2_ENOTCONN;
        }
        break;
    case ENOTCONN:
        if (transfer->record_flags & WIRE_RECORD_RESET)
            return WS2_ECONNRESET;
        break;
    }
    return error_from_errno(unix_errno);
}

/* A single buffer goes the kernel's shorter way. */
static ssize_t receive_one_buffer(struct transfer *transfer)
{
    struct msghdr *message = &transfer->message;
    const struct iovec *buffer = message->msg_iov;
    ssize_t count;

    if (transfer_is_stream(transfer))
        return recv(transfer->descriptor->fd, buffer->iov_base,
                    buffer->iov_len, transfer->flags);
    /* With MSG_TRUNC the result is the whole datagram's length. */
    count = recvfrom(transfer->descriptor->fd, buffer->iov_base,
                     buffer->iov_len, transfer->flags | MSG_TRUNC,
                     message->msg_name,
                     message->msg_name ? &message->msg_namelen : NULL);
    if (count > (ssize_t)buffer->iov_len) {
        message->msg_flags |= MSG_TRUNC;
        count = (ssize_t)buffer->iov_len;
    }
    return count;
}

/* One try with what Winsock wants it to mean. -1: errno tells. */
static ssize_t receive_once(struct transfer *transfer)
{
    struct descriptor *descriptor = transfer->descriptor;
    struct iovec probe;
    struct msghdr message;
    char byte;

    /* The kernel answers an empty receive on a stream at once; Winsock's waits
       for data, and leaves it. */
    if (transfer->length == 0 && transfer_is_stream(transfer)) {
        message = (struct msghdr){.msg_iov = &probe, .msg_iovlen = 1};
        probe = (struct iovec){&byte, 1};
        return recvmsg(descriptor->fd, &message, transfer->flags | MSG_PEEK) < 0
                   ? -1
                   : 0;
    }
    if (transfer->message.msg_iovlen == 1)
        return receive_one_buffer(transfer);
    return recvmsg(descriptor->fd, &transfer->message, transfer->flags);
}

int transfer_prepare_receive(struct transfer *transfer,
                             const struct unix_buffer *buffers,
                             uint32_t n_buffers, uint32_t flags,
                             struct sockaddr_storage *name)
{
    int error;

    transfer->record_flags = descriptor_flags(transfer->descriptor);
    if (transfer->record_flags & WIRE_RECORD_SHUT_RECEIVE)
        return WS2_ESHUTDOWN;
    error = receive_flags(transfer, flags);
    if (!error)
        error = transfer_init(transfer, buffers, n_buffers);
    if (!error && name != NULL) {
        transfer->message.msg_name = name;
        transfer->message.msg_namelen = sizeof(*name);
    }
    return error;
}

/* The rules for what came: a cut datagram, the end of a reset stream. */
static int receive_result(struct transfer *transfer)
{
    if (transfer->message.msg_flags & MSG_TRUNC &&
        !transfer_is_stream(transfer))
        return WS2_EMSGSIZE;
    if (transfer->done == 0 && transfer->length > 0 &&
        transfer_is_stream(transfer) &&
        descriptor_flags(transfer->descriptor) & WIRE_RECORD_RESET)
        return WS2_ECONNRESET;
    return WS2_SUCCESS;
}

int transfer_receive(struct transfer *transfer)
{
    ssize_t count;

    for (;;) {
        count = receive_once(transfer);
        if (count >= 0) {
            if (!transfer->wait_all || count == 0 ||
                transfer->done + (size_t)count >= transfer->length) {
                transfer->done += (size_t)count;
                return receive_result(transfer);
            }
            transfer_advance(transfer, (size_t)count);
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno == EFAULT && transfer->tries++ < 1 &&
            transfer_touch(transfer, 1))
            continue;
        return receive_error(transfer, errno);
    }
}
