/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boundary's overlapped half: operations that end later.
 *
 * A call here is tried at once and otherwise queued.  It returns WS2_SUCCESS
 * (done, and the program was notified as it asked), WS2_IO_PENDING (it will be
 * notified), or another error (nothing was started, nobody is notified; a cut
 * datagram's WS2_EMSGSIZE is one of these, with the buffers filled).
 *
 * An overlapped call on a socket without WS2_FLAG_OVERLAPPED is the same, but
 * waits for the end and never returns WS2_IO_PENDING.
 */
#ifndef WS2EMU_UNIX_OVERLAPPED_H
#define WS2EMU_UNIX_OVERLAPPED_H

#include <stdint.h>

#include "unix/boundary.h"

/*
 * How the program wants to hear of the end of an operation.  Of an OVERLAPPED
 * the first 16 bytes are the status block; the unix side knows no more of it.
 */
struct unix_completion {
    /* The program's IO_STATUS_BLOCK: the status (low 32 bits of the first 8
       bytes) and the count of bytes (the second 8).  WS2_STATUS_PENDING is
       written before anything else is done, the result at the end: first the
       bytes, then the status. */
    void *status_block;
    /* Reset at the start, set at the end; 0: none.  The program may close its
       handle in between. */
    uint64_t event;
    /* An APC of a thread: routine(context, status_block, flags) in
       Windows' convention, with the flags of the result; 0: none.  Excludes a
       port (WS2_EINVAL on an associated socket). */
    uint64_t routine;
    uint64_t routine_context;
    uint64_t thread; /* of the host, whose APC it is; 0: the calling one's */
    /* With what the packet is marked on the port that the socket is associated
       with (the OVERLAPPED); 0: no packet. */
    uint64_t port_context;
};

/* What an operation that ended has to tell. */
struct unix_result {
    uint32_t status; /* NTSTATUS */
    uint32_t bytes;
    uint32_t flags;  /* MSG_* of what was received */
};

/* --- Operations ----------------------------------------------------------- */

/* WSASend, WSASendTo (name not NULL).  All bytes are sent before it ends. */
int unix_socket_start_send(ws2_handle s,
                           const struct unix_completion *completion,
                           const struct unix_buffer *buffers,
                           uint32_t n_buffers, uint32_t flags,
                           const void *name, int length,
                           struct unix_result *ret_result);

/* WSARecv, WSARecvFrom.  name and length are written at the end; both are the
   program's and may be NULL. */
int unix_socket_start_receive(ws2_handle s,
                              const struct unix_completion *completion,
                              const struct unix_buffer *buffers,
                              uint32_t n_buffers, uint32_t flags, void *name,
                              int *length, struct unix_result *ret_result);

/* WSASendMsg and WSARecvMsg.  The message is copied; what a receive tells of it
   goes to the outputs, the program's, at the end. */
struct unix_message_outputs {
    int32_t *name_length;
    uint32_t *control_length, *flags;
};
int unix_socket_start_send_message(ws2_handle s,
                                   const struct unix_completion *completion,
                                   const struct unix_message *message,
                                   uint32_t flags,
                                   struct unix_result *ret_result);
int unix_socket_start_receive_message(
    ws2_handle s, const struct unix_completion *completion,
    const struct unix_message *message,
    const struct unix_message_outputs *outputs,
    struct unix_result *ret_result);

/* unix_socket_wait_for_change; pends, or fails. */
int unix_socket_start_wait_for_change(ws2_handle s,
                                      const struct unix_completion *completion,
                                      int what);

/* A control call that is done already reports its end as an overlapped one:
   result->status and bytes. Returns what the call returns. */
int unix_socket_report(ws2_handle s, const struct unix_completion *completion,
                       const struct unix_result *result);

/* --- Completion ports ----------------------------------------------------- */

/* Operations on the socket, also those under way and those of its other
   descriptors in this process, put packets with the key on the port: a value
   of the host's, which host_completion_port_close gets when the socket ends.
   WS2_INVALID_PARAMETER: it has a port already (port stays the caller's). */
int unix_socket_associate(ws2_handle s, uint64_t port, uint64_t key);
/* The same instead of the one that it has, if any; port 0: it has none any
   more. What had been under way puts its packets there. */
int unix_socket_replace_port(ws2_handle s, uint64_t port, uint64_t key);
int unix_socket_has_port(ws2_handle s); /* 0: or it is no SOCKET */

/* SetFileCompletionNotificationModes; a mode once set stays. */
enum {
    UNIX_SKIP_PORT_ON_SUCCESS = 1, /* no packet when it succeeds at once */
    UNIX_SKIP_EVENT_ON_HANDLE = 2, /* the handle itself is not signalled */
};
int unix_socket_set_notification_modes(ws2_handle s, uint32_t modes);

/* --- Cancelling ----------------------------------------------------------- */

/* Cancels what pends on the socket (through any descriptor of this process):
   status_block NULL: all, also the blocking calls of other threads, else that
   one; calling_thread 1: only what this thread started.  *ret_count: how many.
   The completions of overlapped ones are delivered before it returns. */
int unix_socket_cancel(ws2_handle s, const void *status_block,
                       int calling_thread, uint32_t *ret_count);

/* CancelSynchronousIo: ends the blocking call that the thread (host_thread_id)
   waits in; that fails with WS2_OPERATION_ABORTED, unless it was done just now.
   Returns how many. */
uint32_t unix_thread_cancel(uint64_t thread);

/* The host's thread (host_thread_id) has ended: what it started is cancelled,
   but for operations that notify a port alone. */
void unix_thread_ended(uint64_t thread);

/* --- The SOCKET as what one waits for ------------------------------------- */

/* 0: an operation without an event pends, and its end calls host_socket_signal
   with *ret_cookie. */
int unix_socket_is_signalled(ws2_handle s, uint64_t *ret_cookie);

/* --- Results -------------------------------------------------------------- */

/* Waits until the status block has another status than WS2_STATUS_PENDING. */
int unix_completion_wait(const void *status_block);

/* Reads a status block, also while it is being written. */
int unix_completion_read(const void *status_block,
                         struct unix_result *ret_result);

/* MSG_* that a status tells of. */
uint32_t unix_flags_of_status(uint32_t status);

#endif
