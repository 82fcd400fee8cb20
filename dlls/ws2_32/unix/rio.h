/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boundary's Registered I/O half: buffers, completion queues, request
 * queues, and requests, which are operations whose ends go into a completion
 * queue.
 *
 * Ids are RIO_BUFFERID, RIO_CQ and RIO_RQ as numbers; one that is closed, or
 * never was one, is found out.  0 is none.
 */
#ifndef WS2EMU_UNIX_RIO_H
#define WS2EMU_UNIX_RIO_H

#include <stdint.h>

#include "unix/boundary.h"

/* RIO_BUF's layout. */
struct unix_rio_slice {
    uint64_t buffer;
    uint32_t offset, length;
};

/* RIORESULT's layout. */
struct unix_rio_result {
    int32_t error; /* of Winsock */
    uint32_t bytes;
    uint64_t socket_context, request_context;
};

/* --- Buffers -------------------------------------------------------------- */

/* memory: the program's.  WS2_EFAULT: bad, WS2_EINVAL: length is 0,
   WS2_ENOBUFS. The memory is used as it is when a request is; what pends goes
   on when its buffer is deregistered. */
int unix_rio_buffer_register(const void *memory, uint32_t length,
                             uint64_t *ret_buffer);
void unix_rio_buffer_deregister(uint64_t buffer);

/* --- Completion queues ---------------------------------------------------- */

enum unix_rio_notification_kind {
    UNIX_RIO_POLLED,
    UNIX_RIO_EVENT,
    UNIX_RIO_PORT,
};
struct unix_rio_notification {
    enum unix_rio_notification_kind kind;
    int resets;         /* of an event: a call to notify resets it */
    uint64_t target;    /* the program's event or port */
    uint64_t key;       /* of the packet */
    uint64_t overlapped;
};

/* size: entries.  WS2_EINVAL: size, or no such event or port; WS2_ENOBUFS. */
int unix_rio_completion_queue_create(
    uint32_t size, const struct unix_rio_notification *notification,
    uint64_t *ret_queue);
/* What ends later is dropped. */
void unix_rio_completion_queue_close(uint64_t queue);
/* WS2_EINVAL; WS2_ETOOMANYREFS: smaller than what request queues were promised;
   WS2_ENOBUFS. */
int unix_rio_completion_queue_resize(uint64_t queue, uint32_t size);
/* The event or the packet comes once, as soon as there is an entry whose
   request notifies.  WS2_EALREADY: asked for already; WS2_EINVAL: also a polled
   queue. */
int unix_rio_completion_queue_notify(uint64_t queue);
/* Takes up to n_results, oldest first; results: the program's.  Returns how
   many, or WS2_RIO_CORRUPT_CQ: no queue, or bad memory (nothing is taken).
   No system call. */
uint32_t unix_rio_completion_queue_dequeue(uint64_t queue,
                                           struct unix_rio_result *results,
                                           uint32_t n_results);

/* --- Request queues ------------------------------------------------------- */

struct unix_rio_limits {
    uint32_t receives, sends; /* outstanding: started and not dequeued */
};

/* One for each SOCKET that was made for it; closesocket ends it.  WS2_EINVAL:
   a queue is none, both limits are 0, or the SOCKET has one; WS2_EOPNOTSUPP:
   the wrong kind of socket; WS2_ENOBUFS: no room in a completion queue. */
int unix_rio_request_queue_create(ws2_handle s,
                                  const struct unix_rio_limits *limits,
                                  uint64_t receive_queue, uint64_t send_queue,
                                  uint64_t context, uint64_t *ret_queue);
/* WS2_ETOOMANYREFS: less than what is outstanding. */
int unix_rio_request_queue_resize(uint64_t queue,
                                  const struct unix_rio_limits *limits);

/* --- Requests ------------------------------------------------------------- */

/* All slices are the program's, and may be NULL. */
struct unix_rio_request {
    const struct unix_rio_slice *data;
    const struct unix_rio_slice *local, *remote; /* SOCKADDR_INET */
    const struct unix_rio_slice *control;        /* RIO_CMSG_BUFFER */
    const struct unix_rio_slice *flags_told;     /* DWORD */
    uint32_t n_data; /* 0 or 1 */
    uint32_t flags;  /* RIO_MSG_* */
    uint64_t context;
};

/* RIOSend(Ex), RIOReceive(Ex).  After success the request ends exactly once in
   its completion queue, with an error in the result if it fails.  WS2_EFAULT: a
   bad pointer or buffer id; WS2_EINVAL: queue, flags, slices; WS2_ENOBUFS: the
   limit. */
int unix_rio_send(uint64_t queue, const struct unix_rio_request *request);
int unix_rio_receive(uint64_t queue, const struct unix_rio_request *request);

#endif
