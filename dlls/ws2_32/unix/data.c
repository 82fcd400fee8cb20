/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The data calls.
 *
 * This is the hot path: one look-up, one system call, one look at the
 * published record.  Everything else (waiting, telling the server, working
 * out what an error means) happens only when the first try did not do.
 */
#include <errno.h>
#include <netinet/in.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "host/host.h"
#include "unix/address.h"
#include "unix/connection.h"
#include "unix/descriptor.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/wait.h"

#define FEW_BUFFERS 16

/* One call's data as the kernel wants it. */
struct transfer {
    struct descriptor *descriptor;
    struct msghdr message;
    struct iovec few[FEW_BUFFERS];
    struct iovec *many;  /* allocated, or NULL */
    size_t length;       /* of all buffers */
    size_t done;         /* bytes of earlier partial steps */
    int flags;           /* the kernel's MSG_* */
    uint32_t record_flags;
};

static int is_stream(const struct descriptor *descriptor)
{
    return descriptor->identity.type == WS2_SOCK_STREAM;
}

static int transfer_init(struct transfer *transfer,
                         const struct unix_buffer *buffers, uint32_t n_buffers)
{
    struct iovec *vector = transfer->few;
    uint32_t i;

    transfer->many = NULL;
    transfer->length = transfer->done = 0;
    memset(&transfer->message, 0, sizeof(transfer->message));
    if (n_buffers > IOV_MAX)
        return WS2_ENOBUFS;
    if (n_buffers > FEW_BUFFERS) {
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

    if (!is_stream(descriptor))
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

/* Sends all; a non-blocking stream stops where the kernel has no more room. */
static int send_all(struct transfer *transfer)
{
    struct descriptor *descriptor = transfer->descriptor;
    const int may_wait = !(transfer->record_flags & WIRE_RECORD_NONBLOCKING);
    int64_t deadline = 0;
    int error, tries = 0;
    ssize_t sent;

    for (;;) {
        sent = send_once(transfer);
        if (sent >= 0) {
            if (transfer->done + (size_t)sent >= transfer->length ||
                !is_stream(descriptor)) {
                transfer->done += (size_t)sent;
                return WS2_SUCCESS;
            }
            transfer_advance(transfer, (size_t)sent);
            continue;
        }
        if (errno == EINTR)
            continue;
        /* An ICMP error of an earlier datagram is no error of this one. */
        if (errno == ECONNREFUSED && !is_stream(descriptor) && tries++ < 2)
            continue;
        if (errno == EFAULT && tries++ < 1 && transfer_touch(transfer, 0))
            continue;
        error = send_error(transfer, errno);
        if (error != WS2_EWOULDBLOCK)
            return error;
        connection_reenable(descriptor, WS2_FD_WRITE, WS2_FD_WRITE);
        if (!may_wait)
            return transfer->done ? WS2_SUCCESS : WS2_EWOULDBLOCK;
        if (deadline == 0)
            deadline = wait_deadline(
                __atomic_load_n(&descriptor_record(descriptor)->send_timeout,
                                __ATOMIC_RELAXED));
        error = wait_for(descriptor, POLLOUT, deadline);
        if (error)
            return error;
    }
}

static int send_common(struct transfer *transfer,
                       const struct unix_buffer *buffers, uint32_t n_buffers,
                       uint32_t flags, struct sockaddr_storage *name,
                       socklen_t name_length, uint32_t *ret_count)
{
    int error;

    transfer->record_flags = descriptor_flags(transfer->descriptor);
    error = send_flags(flags, &transfer->flags);
    if (error)
        return error;
    if (transfer->record_flags & WIRE_RECORD_SHUT_SEND)
        return WS2_ESHUTDOWN;
    if ((flags & WS2_MSG_OOB) && !is_stream(transfer->descriptor))
        return WS2_EOPNOTSUPP;
    error = transfer_init(transfer, buffers, n_buffers);
    if (error)
        return error;
    transfer->message.msg_name = name;
    transfer->message.msg_namelen = name_length;
    error = send_all(transfer);
    free(transfer->many);
    if (!error)
        *ret_count = (uint32_t)transfer->done;
    return error;
}

int unix_socket_send(ws2_handle s, const struct unix_buffer *buffers,
                     uint32_t n_buffers, uint32_t flags, uint32_t *ret_count)
{
    struct transfer transfer;
    int error = descriptor_acquire(s, &transfer.descriptor);

    if (error)
        return error;
    error = send_common(&transfer, buffers, n_buffers, flags, NULL, 0,
                        ret_count);
    descriptor_release(transfer.descriptor);
    return error;
}

/* The destination of a datagram. Winsock has no datagrams to 0.0.0.0. */
static int read_destination(const struct descriptor *descriptor,
                            const void *name, int length,
                            struct sockaddr_storage *ret, socklen_t *ret_length)
{
    int error = name_read(descriptor, name, length, ret, ret_length);

    if (!error && ret->ss_family == AF_INET &&
        ((struct sockaddr_in *)ret)->sin_addr.s_addr == 0)
        error = WS2_EADDRNOTAVAIL;
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
    /* A stream has its destination: the name is ignored. */
    if (name != NULL && !is_stream(transfer.descriptor))
        error = read_destination(transfer.descriptor, name, length,
                                 &kernel_name, &kernel_length);
    if (!error)
        error = send_common(&transfer, buffers, n_buffers, flags,
                            kernel_length ? &kernel_name : NULL, kernel_length,
                            ret_count);
    descriptor_release(transfer.descriptor);
    return error;
}

/* --- Receiving ------------------------------------------------------------------- */

static int receive_flags(struct transfer *transfer, uint32_t flags)
{
    const int stream = is_stream(transfer->descriptor);

    if (flags & ~(uint32_t)(WS2_MSG_OOB | WS2_MSG_PEEK | WS2_MSG_WAITALL |
                            WS2_MSG_PARTIAL | WS2_MSG_DONTROUTE))
        return WS2_EOPNOTSUPP;
    if ((flags & WS2_MSG_OOB) && !stream)
        return WS2_EOPNOTSUPP;
    if ((flags & WS2_MSG_WAITALL) &&
        (!stream || (flags & (WS2_MSG_OOB | WS2_MSG_PEEK)) ||
         (transfer->record_flags & WIRE_RECORD_NONBLOCKING)))
        return WS2_EOPNOTSUPP;
    transfer->flags = (flags & WS2_MSG_OOB ? MSG_OOB : 0) |
                      (flags & WS2_MSG_PEEK ? MSG_PEEK : 0);
    return WS2_SUCCESS;
}

/* What the kernel's answer to a receive means in Winsock. */
static int receive_error(struct transfer *transfer, int unix_errno)
{
    struct descriptor *descriptor = transfer->descriptor;

    if (!is_stream(descriptor)) {
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

    if (is_stream(transfer->descriptor))
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
    if (transfer->length == 0 && is_stream(descriptor)) {
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

/* *deadline 0: not worked out yet. */
static int wait_for_data(struct transfer *transfer, int64_t *deadline)
{
    const struct wire_record *record = descriptor_record(transfer->descriptor);

    if (*deadline == 0)
        *deadline = wait_deadline(
            __atomic_load_n(&record->receive_timeout, __ATOMIC_RELAXED));
    return wait_for(transfer->descriptor,
                    transfer->flags & MSG_OOB ? POLLPRI : POLLIN, *deadline);
}

/* Receives; waits for the first byte, or with wait_all for the last. */
static int receive_some(struct transfer *transfer, int wait_all)
{
    const int may_wait = !(transfer->record_flags & WIRE_RECORD_NONBLOCKING);
    int64_t deadline = 0;
    int error, tries = 0;
    ssize_t count;

    for (;;) {
        count = receive_once(transfer);
        if (count >= 0) {
            if (!wait_all || count == 0 ||
                transfer->done + (size_t)count >= transfer->length) {
                transfer->done += (size_t)count;
                return WS2_SUCCESS;
            }
            transfer_advance(transfer, (size_t)count);
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno == EFAULT && tries++ < 1 && transfer_touch(transfer, 1))
            continue;
        error = receive_error(transfer, errno);
        if (error != WS2_EWOULDBLOCK || !may_wait)
            return error;
        error = wait_for_data(transfer, &deadline);
        if (error)
            return transfer->done ? WS2_SUCCESS : error;
    }
}

/* The rules for what came: a cut datagram, the end of a reset stream. */
static int receive_result(struct transfer *transfer)
{
    if (transfer->message.msg_flags & MSG_TRUNC &&
        !is_stream(transfer->descriptor))
        return WS2_EMSGSIZE;
    if (transfer->done == 0 && transfer->length > 0 &&
        is_stream(transfer->descriptor) &&
        descriptor_flags(transfer->descriptor) & WIRE_RECORD_RESET)
        return WS2_ECONNRESET;
    return WS2_SUCCESS;
}

/* The event that a receive re-enables. */
static uint32_t receive_event(uint32_t flags)
{
    return flags & WS2_MSG_OOB ? WS2_FD_OOB : WS2_FD_READ;
}

/* What can fail before the transport is asked. */
static int receive_prepare(struct transfer *transfer,
                           const struct unix_buffer *buffers,
                           uint32_t n_buffers, uint32_t flags)
{
    int error;

    transfer->record_flags = descriptor_flags(transfer->descriptor);
    if (transfer->record_flags & WIRE_RECORD_SHUT_RECEIVE)
        return WS2_ESHUTDOWN;
    error = receive_flags(transfer, flags);
    return error ? error : transfer_init(transfer, buffers, n_buffers);
}

static int receive_common(struct transfer *transfer,
                          const struct unix_buffer *buffers,
                          uint32_t n_buffers, uint32_t flags,
                          struct sockaddr_storage *name, uint32_t *ret_count)
{
    const uint32_t event = receive_event(flags);
    int error = receive_prepare(transfer, buffers, n_buffers, flags);

    if (error) {
        connection_reenable_failed(transfer->descriptor, event);
        return error;
    }
    if (name != NULL) {
        transfer->message.msg_name = name;
        transfer->message.msg_namelen = sizeof(*name);
    }
    error = receive_some(transfer, flags & WS2_MSG_WAITALL);
    if (!error)
        error = receive_result(transfer);
    free(transfer->many);
    if (!error || error == WS2_EMSGSIZE)
        *ret_count = (uint32_t)transfer->done;
    if (error == WS2_EFAULT)
        connection_reenable_failed(transfer->descriptor, event);
    else
        connection_reenable(transfer->descriptor, event,
                            error == WS2_EWOULDBLOCK ? event : 0);
    return error;
}

int unix_socket_refuse_receive(ws2_handle s, uint32_t flags)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    connection_reenable_failed(descriptor, receive_event(flags));
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
    /* A stream has no sender to tell of. */
    wants_name = name != NULL && !is_stream(transfer.descriptor);
    if (wants_name)
        error = length == NULL
                    ? WS2_EFAULT
                    : name_check_room(transfer.descriptor, length);
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
