/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TransmitFile and TransmitPackets: memory and files, one after the other.
 *
 * In the order of sends.  Memory goes as a send does; a file goes from the page
 * cache to the socket by sendfile(2), without passing through the process.
 * Files are the operation's own from its start (the program may close its
 * handles), opened by the host from the program's.
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
    uint64_t left;  /* of a file; bytes */
    struct unix_buffer memory;
};

struct transmit_operation {
    struct operation operation;
    uint32_t flags; /* UNIX_TRANSMIT_* */
    struct disconnect_target target;
    uint64_t done;  /* bytes of the parts before */
    int is_prepared;
    struct transfer transfer; /* of a part in memory, once it was prepared */
    uint32_t n_parts, current;
    struct part parts[];
};

static struct transmit_operation *transmit_of(struct operation *operation)
{
    return (struct transmit_operation *)operation;
}

/* --- Memory ----------------------------------------------------------------------- */

static int send_memory(struct transmit_operation *transmit, struct part *part,
                       struct descriptor *descriptor)
{
    struct transfer *transfer = &transmit->transfer;
    int error = WS2_SUCCESS;

    transfer->descriptor = descriptor;
    transfer->overlapped = 1;
    if (!transmit->is_prepared)
        error = transfer_prepare_send(transfer, &part->memory, 1, 0, NULL, 0);
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

/* --- Files --------------------------------------------------------------------------- */

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
    if (part->moves_file)
        (void)lseek(part->fd, part->offset, SEEK_SET);
    return WS2_SUCCESS;
}

/* --- The operation -------------------------------------------------------------------- */

static int transmit_perform(struct operation *operation,
                            struct descriptor *descriptor)
{
    struct transmit_operation *transmit = transmit_of(operation);
    struct part *part;
    int error = WS2_SUCCESS;

    while (!error && transmit->current < transmit->n_parts) {
        part = &transmit->parts[transmit->current];
        error = part->fd < 0 ? send_memory(transmit, part, descriptor)
                             : send_file(transmit, part, descriptor);
        if (!error)
            transmit->current++;
    }
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
    free(transmit);
}

static const struct operation_kind transmit_kind = {
    .name = "transmit",
    .perform = transmit_perform,
    .over = transmit_over,
    .free = transmit_free,
    .closed_status = WS2_STATUS_CONNECTION_ABORTED,
};

/* --- The start ------------------------------------------------------------------------ */

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
    part->memory.data = (void *)from->memory;
    return unix_memory_check(from->memory, from->length, /* writing= */ 0);
}

static int make_transmit(struct descriptor *descriptor,
                         const struct unix_completion *completion,
                         const struct unix_transmit_part *parts,
                         uint32_t n_parts, uint32_t flags,
                         struct transmit_operation **ret_transmit)
{
    struct transmit_operation *transmit =
        calloc(1, sizeof(*transmit) + n_parts * sizeof(transmit->parts[0]));
    struct part *part;
    int error = WS2_SUCCESS;

    if (transmit == NULL)
        return WS2_ENOBUFS;
    operation_init(&transmit->operation, &transmit_kind, OPERATION_SEND,
                   completion);
    transmit->flags = flags;
    disconnect_target_init(&transmit->target, descriptor);
    while (!error && transmit->n_parts < n_parts) {
        part = &transmit->parts[transmit->n_parts];
        part->fd = -1;
        error = parts[transmit->n_parts].memory != NULL
                    ? take_memory(part, &parts[transmit->n_parts])
                    : take_file(part, &parts[transmit->n_parts]);
        transmit->n_parts++;
    }
    if (error)
        transmit_free(&transmit->operation);
    else
        *ret_transmit = transmit;
    return error;
}

int unix_socket_start_transmit(ws2_handle s,
                               const struct unix_completion *completion,
                               const struct unix_transmit_part *parts,
                               uint32_t n_parts, uint32_t flags,
                               uint32_t *ret_count)
{
    struct transmit_operation *transmit;
    struct descriptor *descriptor;
    struct unix_result result = {.bytes = 0};
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (descriptor->identity.type != WS2_SOCK_STREAM)
        error = kernel_socket_has_peer(descriptor->fd) ? WS2_EOPNOTSUPP
                                                       : WS2_ENOTCONN;
    else if (!connection_is_established(descriptor))
        error = WS2_ENOTCONN;
    else
        error = make_transmit(descriptor, completion, parts, n_parts, flags,
                              &transmit);
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
