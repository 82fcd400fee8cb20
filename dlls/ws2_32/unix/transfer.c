/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Transfers; see transfer.h. */
#include "unix/transfer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/host.h"
#include "unix/connection.h"
#include "unix/datagram_error.h"
#include "unix/echo_socket.h"
#include "unix/error.h"
#include "unix/kernel_call.h"
#include "unix/kernel_socket.h"
#include "unix/notification.h"
#include "unix/name.h"
#include "unix/raw_socket.h"

/* --- Tries ---------------------------------------------------------------- */

/* The answer to the caller's try, once. */
static ssize_t transfer_take_answer(struct transfer *transfer)
{
    ssize_t answer = transfer->answer;

    transfer->answer = TRANSFER_UNTRIED;
    return answer;
}

/* --- Buffers -------------------------------------------------------------- */

/* The kernel takes IOV_MAX buffers at a time. */
static void transfer_open_window(struct transfer *transfer)
{
    size_t left = (size_t)(transfer->end - transfer->message.msg_iov);

    transfer->message.msg_iovlen = left > IOV_MAX ? IOV_MAX : left;
}

static int transfer_init(struct transfer *transfer,
                         const struct unix_buffer *buffers, uint32_t n_buffers)
{
    struct iovec *vector = transfer->few;
    uint32_t i;

    transfer->many = NULL;
    transfer->bounce = NULL;
    transfer->length = transfer->done = 0;
    transfer->tries = 0;
    transfer->answer = TRANSFER_UNTRIED;
    memset(&transfer->message, 0, sizeof(transfer->message));
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
    transfer->end = vector + n_buffers;
    transfer_open_window(transfer);
    return WS2_SUCCESS;
}

void transfer_free(struct transfer *transfer)
{
    if (transfer->many == NULL) /* the hot path */
        return;
    free(transfer->many);
    free(transfer->bounce);
}

/* A datagram is one call of the kernel's: with more buffers than that takes,
   it goes through one of ours. */
static int transfer_need_bounce(const struct transfer *transfer)
{
    return !transfer_is_stream(transfer) &&
           transfer->end - transfer->message.msg_iov > IOV_MAX;
}

static int transfer_make_bounce(struct transfer *transfer)
{
    size_t size = transfer->length < TRANSFER_DATAGRAM_MAX
                      ? transfer->length
                      : TRANSFER_DATAGRAM_MAX;

    transfer->bounce = malloc(size + 1);
    if (transfer->bounce == NULL)
        return WS2_ENOBUFS;
    transfer->n_scattered =
        (uint32_t)(transfer->end - transfer->message.msg_iov);
    transfer->few[0] = (struct iovec){transfer->bounce, size};
    transfer->message.msg_iov = transfer->few;
    transfer->end = transfer->few + 1;
    transfer_open_window(transfer);
    return WS2_SUCCESS;
}

/* Copies between the bounce buffer and the program's, up to length. */
static int transfer_copy(struct transfer *transfer, int to_program,
                         size_t length)
{
    const struct iovec *part = transfer->many;
    char *at = transfer->bounce;
    int error = WS2_SUCCESS;

    for (; length > 0 && !error; part++) {
        uint32_t size =
            (uint32_t)(part->iov_len < length ? part->iov_len : length);

        if (size == 0)
            continue;
        error = to_program ? unix_memory_write(part->iov_base, at, size)
                           : unix_memory_read(at, part->iov_base, size);
        at += size;
        length -= size;
    }
    return error;
}

static int transfer_gather(struct transfer *transfer)
{
    int error;

    if (transfer->length > TRANSFER_DATAGRAM_MAX)
        return WS2_EMSGSIZE;
    error = transfer_make_bounce(transfer);
    return error ? error : transfer_copy(transfer, 0, transfer->length);
}

/* Leaves out what a partial step has moved. */
static void transfer_advance(struct transfer *transfer, size_t count)
{
    struct msghdr *message = &transfer->message;

    transfer->done += count;
    transfer->tries = 0;
    while (message->msg_iov < transfer->end &&
           count >= message->msg_iov->iov_len) {
        count -= message->msg_iov->iov_len;
        message->msg_iov++;
    }
    if (message->msg_iov < transfer->end) {
        message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + count;
        message->msg_iov->iov_len -= count;
    }
    transfer_open_window(transfer);
}

/* The host may open the pages of the buffers, as far as up to length bytes go.
   0: they are bad. */
static int touch_buffers(const struct iovec *part, const struct iovec *end,
                         size_t length, int write)
{
    for (; part < end && length > 0; part++) {
        size_t size = part->iov_len < length ? part->iov_len : length;

        if (size > 0 && !host_memory_touch(part->iov_base, size, write))
            return 0;
        length -= size;
    }
    return 1;
}

/* The kernel could not use the buffers. */
static int transfer_touch(const struct transfer *transfer, int write)
{
    int waiting = 0;
    size_t length = SIZE_MAX;

    host_memory_forget();
    /* No more than what is there: a buffer may be larger than its memory. */
    if (write) {
        (void)ioctl(transfer->descriptor->fd, FIONREAD, &waiting);
        length = waiting > 0 ? (size_t)waiting : 1;
    }
    return touch_buffers(transfer->message.msg_iov, transfer->end, length,
                         write);
}

/* --- Sending -------------------------------------------------------------- */

/* Whether there can be urgent data. */
static int has_urgent(const struct transfer *transfer)
{
    return transfer_is_stream(transfer) &&
           transfer->descriptor->identity.family != WS2_AF_UNIX;
}

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
        if (!connection_is_established(descriptor))
            return WS2_ENOTCONN;
        notification_send_blocked(descriptor);
        return WS2_EWOULDBLOCK;
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
static ssize_t send_once(struct transfer *transfer)
{
    const struct msghdr *message = &transfer->message;
    ssize_t answer = transfer_take_answer(transfer);

    if (answer != TRANSFER_UNTRIED)
        return answer;
    if (message->msg_iovlen == 1 && message->msg_control == NULL)
        return kernel_send(transfer->descriptor->fd,
                           message->msg_iov->iov_base,
                           message->msg_iov->iov_len, transfer->flags,
                           message->msg_name, message->msg_namelen);
    return kernel_send_message(transfer->descriptor->fd, message,
                               transfer->flags);
}

static void name_source(struct transfer *transfer)
{
    size_t length = 0;

    group_socket_add_source(transfer->descriptor, transfer->source, &length);
    if (length == 0)
        return;
    transfer->message.msg_control = transfer->source;
    transfer->message.msg_controllen = length;
}

/* A send binds the socket. */
static int prepare_raw_send(struct transfer *transfer)
{
    struct descriptor *descriptor = transfer->descriptor;
    int error = WS2_SUCCESS;

    if (transfer->message.msg_name != NULL)
        raw_socket_clear_port(transfer->message.msg_name);
    __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    if (echo_socket_is(descriptor))
        error = echo_socket_note_send(descriptor, &transfer->message);
    if (error)
        transfer_free(transfer);
    return error;
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
    if ((flags & WS2_MSG_OOB) && !has_urgent(transfer))
        return WS2_EOPNOTSUPP;
    error = transfer_init(transfer, buffers, n_buffers);
    if (!error && transfer_need_bounce(transfer))
        error = transfer_gather(transfer);
    if (error) {
        transfer_free(transfer);
        return error;
    }
    transfer->message.msg_name = name;
    transfer->message.msg_namelen = name_length;
    if (transfer->record_flags & WIRE_RECORD_OPTIONS &&
        transfer->descriptor->identity.type == WS2_SOCK_DGRAM) {
        if (name != NULL)
            error = name_bind_implicitly(transfer->descriptor);
        if (error) {
            transfer_free(transfer);
            return error;
        }
        name_source(transfer);
    }
    return raw_socket_is(transfer->descriptor) ? prepare_raw_send(transfer)
                                               : WS2_SUCCESS;
}

void transfer_send_together(struct transfer *const *transfers, uint32_t n)
{
    struct mmsghdr messages[TRANSFER_TOGETHER];
    ssize_t sent, i;

    if (n > TRANSFER_TOGETHER)
        n = TRANSFER_TOGETHER;
    for (i = 0; i < n; i++)
        messages[i].msg_hdr = transfers[i]->message;
    sent = kernel_send_messages(transfers[0]->descriptor->fd, messages, n,
                                transfers[0]->flags);
    for (i = 0; i < sent; i++)
        transfers[i]->answer = messages[i].msg_len;
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
        if (sent == -EINTR)
            continue;
        /* An ICMP error of an earlier datagram is no error of this one. */
        if (!stream && datagram_error_is_late((int)-sent) &&
            transfer->tries++ < 2) {
            datagram_error_make_room(transfer->descriptor);
            continue;
        }
        if (sent == -EFAULT && transfer->tries++ < 1 &&
            transfer_touch(transfer, 0))
            continue;
        return send_error(transfer, (int)-sent);
    }
}

int transfer_fast_open(struct transfer *transfer,
                       const struct sockaddr_storage *name, socklen_t length)
{
    struct msghdr message = transfer->message;
    ssize_t sent;

    message.msg_name = (void *)name;
    message.msg_namelen = length;
    sent = sendmsg(transfer->descriptor->fd, &message,
                   MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EFAULT ? EOPNOTSUPP : errno;
    transfer_advance(transfer, (size_t)sent);
    return EINPROGRESS;
}

/* --- Receiving ------------------------------------------------------------ */

static int receive_flags(struct transfer *transfer, uint32_t flags)
{
    const int stream = transfer_is_stream(transfer);

    if (flags & ~(uint32_t)(WS2_MSG_OOB | WS2_MSG_PEEK | WS2_MSG_WAITALL |
                            WS2_MSG_PARTIAL | WS2_MSG_DONTROUTE |
                            WS2_MSG_PUSH_IMMEDIATE))
        return WS2_EOPNOTSUPP;
    if ((flags & WS2_MSG_OOB) && !has_urgent(transfer))
        return WS2_EOPNOTSUPP;
    if ((flags & WS2_MSG_WAITALL) &&
        (!stream ||
         (flags & (WS2_MSG_OOB | WS2_MSG_PEEK | WS2_MSG_PARTIAL)) ||
         (!transfer->overlapped &&
          (transfer->record_flags & WIRE_RECORD_NONBLOCKING))))
        return WS2_EOPNOTSUPP;
    transfer->wait_all = (flags & WS2_MSG_WAITALL) != 0;
    transfer->echo = raw_socket_is(transfer->descriptor) &&
                     echo_socket_is(transfer->descriptor);
    transfer->lossy = stream ? (flags & WS2_MSG_OOB) != 0
                             : (flags & WS2_MSG_PEEK) == 0;
    transfer->flags = (flags & WS2_MSG_OOB ? MSG_OOB : 0) |
                      (flags & WS2_MSG_PEEK ? MSG_PEEK : 0);
    return WS2_SUCCESS;
}

/* The same of a datagram socket; WS2_SUCCESS: the receive goes on. */
static int receive_datagram_error(struct descriptor *descriptor, int unix_errno)
{
    int error;

    if (unix_errno != EAGAIN)
        return datagram_error_report(descriptor, unix_errno);
    if (!__atomic_load_n(&descriptor->bound, __ATOMIC_RELAXED)) {
        if (raw_socket_is(descriptor)
                ? !raw_socket_is_bound(descriptor)
                : !kernel_socket_is_bound(descriptor->fd))
            return WS2_EINVAL; /* nothing can ever arrive */
        __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    }
    /* A send has had the notice of it. */
    error = datagram_error_take(descriptor);
    return error ? error : WS2_EWOULDBLOCK;
}

/* What the kernel's answer to a receive means in Winsock. */
static int receive_error(struct transfer *transfer, int unix_errno)
{
    struct descriptor *descriptor = transfer->descriptor;

    if (!transfer_is_stream(transfer))
        return receive_datagram_error(descriptor, unix_errno);
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
    case EINVAL: /* how AF_UNIX says it */
        if (!connection_is_established(descriptor))
            return WS2_ENOTCONN;
        break;
    case ENOTCONN:
        if (transfer->record_flags & WIRE_RECORD_RESET)
            return WS2_ECONNRESET;
        break;
    }
    return error_from_errno(unix_errno);
}

/* A datagram and an urgent byte leave their queue before the kernel finds that
   it cannot write them: so that is made sure before. */
static int transfer_secure(const struct transfer *transfer)
{
    const struct iovec *part = transfer->message.msg_iov;

    if (transfer->bounce != NULL)
        return touch_buffers(transfer->many,
                             transfer->many + transfer->n_scattered,
                             TRANSFER_DATAGRAM_MAX, 1);
    return touch_buffers(part, transfer->end, TRANSFER_DATAGRAM_MAX, 1);
}

/* A single buffer goes the kernel's shorter way. */
static ssize_t receive_one_buffer(struct transfer *transfer, ssize_t answer)
{
    struct msghdr *message = &transfer->message;
    const struct iovec *buffer = message->msg_iov;

    /* With MSG_TRUNC the answer is the whole datagram's length. */
    if (answer == TRANSFER_UNTRIED)
        answer = kernel_receive(
            transfer->descriptor->fd, buffer->iov_base, buffer->iov_len,
            transfer->flags | (transfer_is_stream(transfer) ? 0 : MSG_TRUNC),
            message->msg_name,
            message->msg_name ? &message->msg_namelen : NULL);
    if (answer > (ssize_t)buffer->iov_len) {
        message->msg_flags |= MSG_TRUNC;
        answer = (ssize_t)buffer->iov_len;
    }
    return answer;
}

/* One try with what Winsock wants it to mean: a count, or -errno. */
static ssize_t receive_once(struct transfer *transfer)
{
    struct descriptor *descriptor = transfer->descriptor;
    ssize_t answer = transfer_take_answer(transfer);
    struct iovec probe;
    struct msghdr message;
    char byte;

    if (answer != TRANSFER_UNTRIED)
        return receive_one_buffer(transfer, answer);

    /* The kernel answers an empty receive on a stream at once; Winsock's waits
       for data, and leaves it. */
    if (transfer->length == 0 && transfer_is_stream(transfer)) {
        message = (struct msghdr){.msg_iov = &probe, .msg_iovlen = 1};
        probe = (struct iovec){&byte, 1};
        answer = kernel_receive_message(descriptor->fd, &message,
                                        transfer->flags | MSG_PEEK);
        return answer < 0 ? answer : 0;
    }
    if (transfer->lossy && !transfer_secure(transfer))
        return -EFAULT;
    if (transfer->echo)
        return echo_socket_receive(descriptor, &transfer->message,
                                   transfer->flags);
    if (transfer->message.msg_iovlen == 1 &&
        transfer->message.msg_control == NULL)
        return receive_one_buffer(transfer, TRANSFER_UNTRIED);
    return kernel_receive_message(descriptor->fd, &transfer->message,
                                  transfer->flags);
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
    if (error)
        return error;
    error = transfer_init(transfer, buffers, n_buffers);
    if (!error && transfer_need_bounce(transfer))
        error = transfer_make_bounce(transfer);
    if (error) {
        transfer_free(transfer);
        return error;
    }
    if (name != NULL) {
        transfer->message.msg_name = name;
        transfer->message.msg_namelen = sizeof(*name);
    }
    return WS2_SUCCESS;
}

/* The rules for what came: a cut datagram, the end of a reset stream. */
static int receive_result(struct transfer *transfer)
{
    if (transfer->bounce != NULL && transfer_copy(transfer, 1, transfer->done))
        return WS2_EFAULT;
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
    int error;

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
        if (count == -EINTR)
            continue;
        if (count == -EFAULT && transfer->tries++ < 1 &&
            transfer_touch(transfer, 1))
            continue;
        error = receive_error(transfer, (int)-count);
        if (error == WS2_SUCCESS)
            continue;
        if (error != WS2_EWOULDBLOCK && transfer->wait_all &&
            transfer->done > 0)
            return WS2_SUCCESS;
        return error;
    }
}
