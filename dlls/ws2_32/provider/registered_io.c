/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of Registered I/O, over unix/rio.h.  They report as the API
 * does, by the last error, which a success leaves alone.
 *
 * Source: Microsoft's pages of each function (LPFN_RIO... of mswsock.h).
 */
#include "provider/registered_io.h"

#include <ws2tcpip.h>

#include <stddef.h>

#include "host/host.h"
#include "unix/rio.h"

C_ASSERT(sizeof(RIO_BUF) == sizeof(struct unix_rio_slice));
C_ASSERT(offsetof(RIO_BUF, Offset) == offsetof(struct unix_rio_slice, offset));
C_ASSERT(offsetof(RIO_BUF, Length) == offsetof(struct unix_rio_slice, length));
C_ASSERT(sizeof(RIORESULT) == sizeof(struct unix_rio_result));
C_ASSERT(offsetof(RIORESULT, BytesTransferred) ==
         offsetof(struct unix_rio_result, bytes));
C_ASSERT(offsetof(RIORESULT, SocketContext) ==
         offsetof(struct unix_rio_result, socket_context));
C_ASSERT(offsetof(RIORESULT, RequestContext) ==
         offsetof(struct unix_rio_result, request_context));
C_ASSERT(sizeof(SOCKADDR_INET) == 28);

static BOOL report(int error)
{
    if (error)
        host_set_last_error((uint32_t)error);
    return !error;
}

static const struct unix_rio_slice *slice(const RIO_BUF *buffer)
{
    return (const struct unix_rio_slice *)buffer;
}

/* --- Requests ------------------------------------------------------------- */

/* Without an address and control data local, remote, control and flags_told are
   NULL: slices that are not there. */
static struct unix_rio_request request_of(const RIO_BUF *data, ULONG n_data,
                                          const RIO_BUF *local,
                                          const RIO_BUF *remote,
                                          const RIO_BUF *control,
                                          const RIO_BUF *flags_told,
                                          DWORD flags, PVOID context)
{
    return (struct unix_rio_request){
        .data = slice(data),
        .local = slice(local),
        .remote = slice(remote),
        .control = slice(control),
        .flags_told = slice(flags_told),
        .n_data = n_data,
        .flags = flags,
        .context = (ULONG_PTR)context,
    };
}

/*
 * Starts to send one slice, to an address and with control data.  local is
 * reserved.  TRUE: the request ends in the completion queue, with its error if
 * it fails.  WSAEFAULT: a bad pointer, or a buffer that is not registered;
 * WSAEINVAL: the queue, the flags, a slice; WSAENOBUFS: as many are outstanding
 * as may be.
 */
static BOOL PASCAL rio_send_ex(RIO_RQ queue, PRIO_BUF data, ULONG n_data,
                               PRIO_BUF local, PRIO_BUF remote,
                               PRIO_BUF control, PRIO_BUF flags_told,
                               DWORD flags, PVOID context)
{
    const struct unix_rio_request request =
        request_of(data, n_data, local, remote, control, flags_told, flags,
                   context);

    return report(unix_rio_send((ULONG_PTR)queue, &request));
}

/* The same, of the slice alone. */
static BOOL PASCAL rio_send(RIO_RQ queue, PRIO_BUF data, ULONG n_data,
                            DWORD flags, PVOID context)
{
    return rio_send_ex(queue, data, n_data, NULL, NULL, NULL, NULL, flags,
                       context);
}

/* Starts to receive into one slice, with the addresses (SOCKADDR_INET), the
   control data (RIO_CMSG_BUFFER) and the flags (DWORD) of what came; errors as
   above. */
static int PASCAL rio_receive_ex(RIO_RQ queue, PRIO_BUF data, ULONG n_data,
                                 PRIO_BUF local, PRIO_BUF remote,
                                 PRIO_BUF control, PRIO_BUF flags_told,
                                 DWORD flags, PVOID context)
{
    const struct unix_rio_request request =
        request_of(data, n_data, local, remote, control, flags_told, flags,
                   context);

    return report(unix_rio_receive((ULONG_PTR)queue, &request));
}

/* The same, of the slice alone. */
static BOOL PASCAL rio_receive(RIO_RQ queue, PRIO_BUF data, ULONG n_data,
                               DWORD flags, PVOID context)
{
    return rio_receive_ex(queue, data, n_data, NULL, NULL, NULL, NULL, flags,
                          context);
}

/* --- Completion queues ---------------------------------------------------- */

static int read_notification(const RIO_NOTIFICATION_COMPLETION *program,
                             struct unix_rio_notification *ret)
{
    RIO_NOTIFICATION_COMPLETION copy;
    int error;

    ret->kind = UNIX_RIO_POLLED;
    if (program == NULL)
        return 0;
    error = unix_memory_read(&copy, program, sizeof copy);
    if (error)
        return error;
    switch (copy.Type) {
    case RIO_EVENT_COMPLETION:
        ret->kind = UNIX_RIO_EVENT;
        ret->target = (ULONG_PTR)copy.Event.EventHandle;
        ret->resets = copy.Event.NotifyReset != FALSE;
        return 0;
    case RIO_IOCP_COMPLETION:
        ret->kind = UNIX_RIO_PORT;
        ret->target = (ULONG_PTR)copy.Iocp.IocpHandle;
        ret->key = (ULONG_PTR)copy.Iocp.CompletionKey;
        ret->overlapped = (ULONG_PTR)copy.Iocp.Overlapped;
        return ret->overlapped == 0 ? WSAEINVAL : 0;
    default:
        return WSAEINVAL;
    }
}

/* A queue of so many results, 1 to RIO_MAX_CQ_SIZE, which RIONotify tells of as
   notification says (NULL: not at all).  WSAEFAULT; WSAEINVAL: the size, the
   type, the handle, no OVERLAPPED; WSAENOBUFS. */
static RIO_CQ PASCAL
rio_create_completion_queue(DWORD size,
                            PRIO_NOTIFICATION_COMPLETION notification)
{
    struct unix_rio_notification told = {.target = 0};
    uint64_t queue = 0;
    int error = read_notification(notification, &told);

    if (!error)
        error = unix_rio_completion_queue_create(size, &told, &queue);
    return report(error) ? (RIO_CQ)(ULONG_PTR)queue : RIO_INVALID_CQ;
}

/* The requests that are under way go on, and nobody hears of their end. */
static void PASCAL rio_close_completion_queue(RIO_CQ queue)
{
    unix_rio_completion_queue_close((ULONG_PTR)queue);
}

/* WSAEINVAL: the queue, the size; WSAETOOMANYREFS: request queues were promised
   more; WSAENOBUFS. */
static BOOL PASCAL rio_resize_completion_queue(RIO_CQ queue, DWORD size)
{
    return report(unix_rio_completion_queue_resize((ULONG_PTR)queue, size));
}

/* Returns the error: WSAEINVAL: the queue, or one that is polled; WSAEALREADY:
   the last notification has not come yet. */
static INT PASCAL rio_notify(RIO_CQ queue)
{
    return unix_rio_completion_queue_notify((ULONG_PTR)queue);
}

/* The oldest results, up to n.  RIO_CORRUPT_CQ: the queue, or bad memory. */
static ULONG PASCAL rio_dequeue_completion(RIO_CQ queue, PRIORESULT results,
                                           ULONG n)
{
    return unix_rio_completion_queue_dequeue(
        (ULONG_PTR)queue, (struct unix_rio_result *)results, n);
}

/* --- Request queues ------------------------------------------------------- */

/* The request queue of a SOCKET, which closesocket ends.  WSAENOTSOCK;
   WSAEOPNOTSUPP: not made with WSA_FLAG_REGISTERED_IO, or neither TCP nor UDP;
   WSAEINVAL: a limit, a completion queue, or it has one; WSAENOBUFS. */
static RIO_RQ PASCAL rio_create_request_queue(
    SOCKET s, ULONG max_receives, ULONG max_receive_buffers, ULONG max_sends,
    ULONG max_send_buffers, RIO_CQ receive_queue, RIO_CQ send_queue,
    PVOID context)
{
    const struct unix_rio_limits limits = {max_receives, max_sends};
    struct unix_identity identity;
    uint64_t queue = 0;
    int error = unix_socket_identity(s, &identity);

    if (!error && (max_receive_buffers != 1 || max_send_buffers != 1))
        error = WSAEINVAL;
    if (!error)
        error = unix_rio_request_queue_create(
            s, &limits, (ULONG_PTR)receive_queue, (ULONG_PTR)send_queue,
            (ULONG_PTR)context, &queue);
    return report(error) ? (RIO_RQ)(ULONG_PTR)queue : RIO_INVALID_RQ;
}

/* WSAEINVAL: the queue, or both are 0; WSAETOOMANYREFS: more are outstanding;
   WSAENOBUFS: a completion queue has no room. */
static BOOL PASCAL rio_resize_request_queue(RIO_RQ queue, DWORD max_receives,
                                            DWORD max_sends)
{
    const struct unix_rio_limits limits = {max_receives, max_sends};

    return report(unix_rio_request_queue_resize((ULONG_PTR)queue, &limits));
}

/* --- Buffers -------------------------------------------------------------- */

/* WSAEFAULT: bad memory; WSAEINVAL: no length; WSAENOBUFS. */
static RIO_BUFFERID PASCAL rio_register_buffer(PCHAR memory, DWORD length)
{
    uint64_t buffer = 0;
    int error = unix_rio_buffer_register(memory, length, &buffer);

    return report(error) ? (RIO_BUFFERID)(ULONG_PTR)buffer
                         : RIO_INVALID_BUFFERID;
}

static void PASCAL rio_deregister_buffer(RIO_BUFFERID buffer)
{
    unix_rio_buffer_deregister((ULONG_PTR)buffer);
}

const RIO_EXTENSION_FUNCTION_TABLE registered_io_functions = {
    .cbSize = sizeof(RIO_EXTENSION_FUNCTION_TABLE),
    .RIOReceive = rio_receive,
    .RIOReceiveEx = rio_receive_ex,
    .RIOSend = rio_send,
    .RIOSendEx = rio_send_ex,
    .RIOCloseCompletionQueue = rio_close_completion_queue,
    .RIOCreateCompletionQueue = rio_create_completion_queue,
    .RIOCreateRequestQueue = rio_create_request_queue,
    .RIODequeueCompletion = rio_dequeue_completion,
    .RIODeregisterBuffer = rio_deregister_buffer,
    .RIONotify = rio_notify,
    .RIORegisterBuffer = rio_register_buffer,
    .RIOResizeCompletionQueue = rio_resize_completion_queue,
    .RIOResizeRequestQueue = rio_resize_request_queue,
};
