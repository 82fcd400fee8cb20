/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TransmitFile and TransmitPackets: memory and files, one after the other.
 *
 * In the order of sends.  On a stream memory goes as a send does; a file goes
 * from the page cache to the socket by sendfile(2), without passing through the
 * process.  A datagram is gathered first, from as many parts as it has.  Files
 * are the operation's own from its start (the program may close its handles),
 * opened by the host from the program's.
 *
 * sendfile(2) knows no MSG_NOSIGNAL, so SIGPIPE is held back while it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/connection.h"
#include "unix/disconnect_operation.h"
#include "unix/error.h"
#include "unix/extension.h"
#include "unix/kernel_socket.h"
#include "unix/operation.h"
#include "unix/transfer.h"
#include "unix/wait.h"

/* The most that one call of sendfile(2) is asked to move: other operations of
   the process wait meanwhile. */
#define FILE_STEP (1 << 20)

struct part {
    int fd;         /* of a file; -1: memory */
    int moves_file; /* the file's own position is where it goes on */
    off_t offset;
    uint64_t left;  /* bytes of a file, and of memory on a datagram socket */
    struct unix_buffer memory;
    int ends_packet;
};

struct transmit_operation {
    struct operation operation;
    uint32_t flags; /* UNIX_TRANSMIT_* */
    struct disconnect_target target;
    uint64_t done;  /* bytes of the parts before */
    int is_prepared;
    struct transfer transfer; /* of memory or a packet, once it was prepared */
    struct unix_buffer packet; /* data: allocated; NULL: of a stream */
    uint32_t packet_size;      /* at most */
    uint32_t n_parts, current;
    struct part parts[];
};

static struct transmit_operation *transmit_of(struct operation *operation)
{
    return (struct transmit_operation *)operation;
}

/* --- Memory --------------------------------------------------------------- */

static int send_memory(struct transmit_operation *transmit,
                       const struct unix_buffer *memory,
                       struct descriptor *descriptor)
{
    struct transfer *transfer = &transmit->transfer;
    int error = WS2_SUCCESS;

    transfer->descriptor = descriptor;
    transfer->overlapped = 1;
    if (!transmit->is_prepared)
        error = transfer_prepare_send(transfer, memory, 1, 0, NULL, 0);
    if (error)
        return error;
    transmit->is_prepared = 1;
    transfer->record_flags = descriptor_flags(descriptor);
    error = transfer_send(transfer);
    if (error == WS2_EWOULDBLOCK)
        return error;
    transmit->done += transfer->done;
    transmit->is_prepared = 0;
    transfer_free(transfer);
    return error;
}

/* --- Files ---------------------------------------------------------------- */

/* sendfile(2) without its signal. */
static ssize_t send_quietly(int to, int from, off_t *offset, size_t count)
{
    const struct timespec at_once = {0};
    sigset_t pipe_signal, before, pending;
    int unix_errno;
    ssize_t sent;

    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    sent = sendfile(to, from, offset, count);
    unix_errno = errno;
    if (sent < 0 && unix_errno == EPIPE && !sigismember(&pending, SIGPIPE))
        sigtimedwait(&pipe_signal, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = unix_errno;
    return sent;
}

static int file_error(struct descriptor *descriptor, int unix_errno)
{
    if (unix_errno == EAGAIN)
        return WS2_EWOULDBLOCK;
    if (unix_errno == EPIPE || unix_errno == ECONNRESET) {
        connection_note_reset(descriptor);
        return WS2_ECONNRESET;
    }
    return error_from_errno(unix_errno);
}

static int send_file(struct transmit_operation *transmit, struct part *part,
                     struct descriptor *descriptor)
{
    ssize_t sent;

    if (descriptor_flags(descriptor) & WIRE_RECORD_SHUT_SEND)
        return WS2_ESHUTDOWN;
    while (part->left != 0) {
        sent = send_quietly(descriptor->fd, part->fd, &part->offset,
                            part->left < FILE_STEP ? part->left : FILE_STEP);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return file_error(descriptor, errno);
        if (sent == 0)
            break; /* the file ends sooner than was asked for */
        part->left -= (uint64_t)sent;
        transmit->done += (uint64_t)sent;
    }
    return WS2_SUCCESS;
}

/* --- Packets -------------------------------------------------------------- */

static int read_memory(struct part *part, char *to, uint32_t size)
{
    int error = unix_memory_read(to, part->memory.data, size);

    part->memory.data = (char *)part->memory.data + size;
    part->left -= size;
    return error;
}

/* size: as much as is left, at most; *ret_size: fewer, where the file ends
   sooner. */
static int read_file(struct part *part, char *to, uint32_t size,
                     uint32_t *ret_size)
{
    ssize_t got;

    for (*ret_size = 0; *ret_size < size; *ret_size += (uint32_t)got) {
        do
            got = pread(part->fd, to + *ret_size, size - *ret_size,
                        part->offset);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            return error_from_errno(errno);
        if (got == 0) {
            part->left = 0;
            break;
        }
        part->offset += got;
        part->left -= (uint64_t)got;
    }
    return WS2_SUCCESS;
}

/* Adds what is left of the part, as far as there is room. */
static int add_to_packet(struct unix_buffer *packet, uint32_t room,
                         struct part *part)
{
    char *to = (char *)packet->data + packet->length;
    uint32_t size = part->left < room ? (uint32_t)part->left : room;
    int error = part->fd < 0 ? read_memory(part, to, size)
                             : read_file(part, to, size, &size);

    packet->length += size;
    return error;
}

static void next_part(struct transmit_operation *transmit)
{
    const struct part *part = &transmit->parts[transmit->current++];

    if (part->moves_file)
        (void)lseek(part->fd, part->offset, SEEK_SET);
}

/* Fills the packet up to the end of a part that ends it, or of the last one, or
   to the size that it may have. */
static int gather_packet(struct transmit_operation *transmit)
{
    const uint32_t limit = transmit->packet_size < TRANSFER_DATAGRAM_MAX
                               ? transmit->packet_size
                               : TRANSFER_DATAGRAM_MAX;
    struct unix_buffer *packet = &transmit->packet;
    struct part *part = NULL;
    int error = WS2_SUCCESS;

    packet->length = 0;
    while (transmit->current < transmit->n_parts) {
        part = &transmit->parts[transmit->current];
        error = add_to_packet(packet, limit - packet->length, part);
        if (error)
            return error;
        if (part->left != 0) /* the packet is full */
            return limit < transmit->packet_size ? WS2_EMSGSIZE : WS2_SUCCESS;
        next_part(transmit);
        if (part->ends_packet)
            break;
    }
    return WS2_SUCCESS;
}

static int send_packet(struct transmit_operation *transmit,
                       struct descriptor *descriptor)
{
    int error = transmit->is_prepared ? WS2_SUCCESS : gather_packet(transmit);

    return error ? error
                 : send_memory(transmit, &transmit->packet, descriptor);
}

/* --- The operation -------------------------------------------------------- */

static int send_part(struct transmit_operation *transmit,
                     struct descriptor *descriptor)
{
    struct part *part = &transmit->parts[transmit->current];
    int error = part->fd < 0 ? send_memory(transmit, &part->memory, descriptor)
                             : send_file(transmit, part, descriptor);

    if (!error)
        next_part(transmit);
    return error;
}

static int transmit_perform(struct operation *operation,
                            struct descriptor *descriptor)
{
    struct transmit_operation *transmit = transmit_of(operation);
    int error = WS2_SUCCESS;

    while (!error && (transmit->is_prepared ||
                      transmit->current < transmit->n_parts))
        error = transmit->packet.data != NULL
                    ? send_packet(transmit, descriptor)
                    : send_part(transmit, descriptor);
    operation->result.bytes = (uint32_t)transmit->done;
    if (!error && transmit->flags & UNIX_TRANSMIT_DISCONNECT)
        error = connection_shut_down(descriptor, WS2_SD_SEND);
    return error;
}

static void transmit_over(struct operation *operation)
{
    struct transmit_operation *transmit = transmit_of(operation);
    int error;

    if (!(transmit->flags & UNIX_TRANSMIT_REUSE) ||
        operation->end != OPERATION_PERFORMED ||
        operation->result.status != WS2_STATUS_SUCCESS)
        return;
    error = disconnect_target_renew(&transmit->target);
    if (error)
        operation->result.status = unix_status_of_error(error);
}

static void transmit_free(struct operation *operation)
{
    struct transmit_operation *transmit = transmit_of(operation);
    uint32_t i;

    if (transmit->is_prepared)
        transfer_free(&transmit->transfer);
    for (i = 0; i < transmit->n_parts; i++)
        if (transmit->parts[i].fd >= 0)
            close(transmit->parts[i].fd);
    free(transmit->packet.data);
    free(transmit);
}

static const struct operation_kind transmit_kind = {
    .name = "transmit",
    .perform = transmit_perform,
    .over = transmit_over,
    .free = transmit_free,
    .closed_status = WS2_STATUS_CONNECTION_ABORTED,
};

/* --- The start ------------------------------------------------------------ */

static int take_file(struct part *part, const struct unix_transmit_part *from)
{
    struct stat status;
    int error = host_file_to_fd(from->file, &part->fd);

    if (error)
        return error;
    part->offset = from->offset;
    if (from->offset < 0) {
        part->offset = lseek(part->fd, 0, SEEK_CUR);
        part->moves_file = 1;
    }
    if (part->offset < 0 || fstat(part->fd, &status) < 0 ||
        !S_ISREG(status.st_mode))
        return WS2_INVALID_PARAMETER;
    part->left = 0;
    if (part->offset < status.st_size)
        part->left = (uint64_t)(status.st_size - part->offset);
    if (from->length != 0 && from->length < part->left)
        part->left = from->length;
    return WS2_SUCCESS;
}

static int take_memory(struct part *part, const struct unix_transmit_part *from)
{
    if (from->length > INT32_MAX)
        return WS2_EINVAL;
    part->memory.length = (uint32_t)from->length;
    part->left = from->length;
    part->memory.data = (void *)from->memory;
    return unix_memory_check(from->memory, from->length, /* writing= */ 0);
}

static int take_part(struct part *part, const struct unix_transmit_part *from)
{
    part->fd = -1;
    part->ends_packet = from->ends_packet;
    return from->memory != NULL ? take_memory(part, from)
                                : take_file(part, from);
}

/* For a datagram socket. */
static int make_packet(struct transmit_operation *transmit,
                       uint32_t packet_size)
{
    transmit->packet_size = packet_size;
    transmit->packet.data = malloc(TRANSFER_DATAGRAM_MAX);
    return transmit->packet.data != NULL ? WS2_SUCCESS : WS2_ENOBUFS;
}

static int make_transmit(struct descriptor *descriptor,
                         const struct unix_completion *completion,
                         const struct unix_transmit_request *request,
                         struct transmit_operation **ret_transmit)
{
    struct transmit_operation *transmit = calloc(
        1, sizeof(*transmit) + request->n_parts * sizeof(transmit->parts[0]));
    int error = WS2_SUCCESS;
    uint32_t i;

    if (transmit == NULL)
        return WS2_ENOBUFS;
    operation_init(&transmit->operation, &transmit_kind, OPERATION_SEND,
                   completion);
    transmit->flags = request->flags;
    disconnect_target_init(&transmit->target, descriptor);
    if (descriptor->identity.type != WS2_SOCK_STREAM)
        error = make_packet(transmit, request->packet_size);
    for (i = 0; i < request->n_parts && !error; i++) {
        error = take_part(&transmit->parts[i], &request->parts[i]);
        transmit->n_parts++;
    }
    if (error)
        transmit_free(&transmit->operation);
    else
        *ret_transmit = transmit;
    return error;
}

/* Whether the socket can do it. */
static int check_socket(struct descriptor *descriptor,
                        const struct unix_transmit_request *request)
{
    if (descriptor->identity.type == WS2_SOCK_STREAM)
        return connection_is_established(descriptor) ? WS2_SUCCESS
                                                     : WS2_ENOTCONN;
    if (!kernel_socket_has_peer(descriptor->fd))
        return WS2_ENOTCONN;
    return request->packet_size == 0 || request->flags != 0 ? WS2_EOPNOTSUPP
                                                            : WS2_SUCCESS;
}

int unix_socket_start_transmit(ws2_handle s,
                               const struct unix_completion *completion,
                               const struct unix_transmit_request *request,
                               uint32_t *ret_count)
{
    struct transmit_operation *transmit;
    struct descriptor *descriptor;
    struct unix_result result = {.bytes = 0};
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = check_socket(descriptor, request);
    if (!error)
        error = make_transmit(descriptor, completion, request, &transmit);
    if (error) {
        descriptor_release(descriptor);
        return error;
    }
    if (completion == NULL)
        error = operation_start_and_wait(&transmit->operation, descriptor,
                                         WAIT_FOREVER, &result);
    else {
        transmit->operation.flags = OPERATION_ALWAYS_PENDS;
        error = operation_start(&transmit->operation, descriptor, &result);
        descriptor_release(descriptor);
    }
    *ret_count = result.bytes;
    return error;
}
