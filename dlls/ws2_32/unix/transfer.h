/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A transfer: one send or receive on its way to the kernel.
 *
 * It holds what the kernel is given (the buffers, flags and a name) and how far
 * it has come.  A step tries until all is done or the kernel has nothing more
 * to offer, and never waits: the blocking calls wait between steps, the
 * overlapped ones leave that to the proactor.
 *
 * A transfer points into itself, so it stays where it was prepared.
 */
#ifndef WS2EMU_UNIX_TRANSFER_H
#define WS2EMU_UNIX_TRANSFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "unix/boundary.h"
#include "unix/descriptor.h"
#include "unix/group_socket.h"

#define TRANSFER_FEW_BUFFERS 16

/* The longest datagram of all families. */
#define TRANSFER_DATAGRAM_MAX 65535

/* No answer of the kernel's: those are counts and -errno. */
#define TRANSFER_UNTRIED ((ssize_t)-4096)

/* One call's data as the kernel wants it. */
struct transfer {
    struct descriptor *descriptor; /* a reference of the caller's */
    struct msghdr message;
    struct iovec few[TRANSFER_FEW_BUFFERS];
    struct iovec *many;    /* allocated, or NULL */
    struct iovec *end;     /* one past the last of the buffers, of which
                              message.msg_iov is the next and message.msg_iovlen
                              as many as the kernel takes at a time */
    char *bounce;          /* the whole datagram, when it has more buffers than
                              that; NULL otherwise */
    uint32_t n_scattered;  /* the buffers (many) that bounce is for */
    size_t length;         /* of all buffers */
    size_t done;           /* bytes that were moved */
    int flags;             /* the kernel's MSG_* */
    int wait_all;          /* a receive that wants all buffers full */
    int overlapped;        /* the blocking mode does not matter */
    int echo;              /* echo_socket.c receives */
    int lossy;             /* data that the kernel cannot write is lost */
    int tries;             /* what may be tried once more was */
    ssize_t answer;        /* the kernel's to a first try that the caller made;
                              else TRANSFER_UNTRIED */
    uint32_t record_flags; /* as they were when it was prepared */
    _Alignas(8) char source[GROUP_SOCKET_SOURCE_ROOM]; /* control data */
};

static inline int transfer_is_stream(const struct transfer *transfer)
{
    return transfer->descriptor->identity.type == WS2_SOCK_STREAM;
}

/* Makes a transfer whose descriptor and overlapped are set ready to send, or
   to receive; flags are Winsock's, name (the kernel's; NULL: none) stays the
   caller's.  What can fail before the transport is asked is the error.  After
   success transfer_free. */
int transfer_prepare_send(struct transfer *transfer,
                          const struct unix_buffer *buffers,
                          uint32_t n_buffers, uint32_t flags,
                          struct sockaddr_storage *name,
                          socklen_t name_length);
int transfer_prepare_receive(struct transfer *transfer,
                             const struct unix_buffer *buffers,
                             uint32_t n_buffers, uint32_t flags,
                             struct sockaddr_storage *name);
void transfer_free(struct transfer *transfer);

/* Before a step of an operation: the socket's descriptor and state may be
   others than at the last one. */
static inline void transfer_resume(struct transfer *transfer,
                                   struct descriptor *descriptor)
{
    transfer->descriptor = descriptor;
    transfer->record_flags = descriptor_flags(descriptor);
}

/* Sends until all is sent.  WS2_EWOULDBLOCK: the kernel has no room now;
   transfer->done tells what it took. */
int transfer_send(struct transfer *transfer);
/* Sends datagrams of one socket by one call of the kernel's, as far as it takes
   them: those have its answer then, the others are untried still. */
void transfer_send_together(struct transfer *const *transfers, uint32_t n);
#define TRANSFER_TOGETHER 32
/* Connects with TCP Fast Open: as much of the data as the kernel can have goes
   along.  The kernel's errno, EINPROGRESS as a rule; EOPNOTSUPP: the system
   does not allow it, connect(2) may. */
int transfer_fast_open(struct transfer *transfer,
                       const struct sockaddr_storage *name, socklen_t length);

/* Receives what there is, or with wait_all until the buffers are full.
   WS2_EWOULDBLOCK: nothing (more) is there now.  An error after some bytes
   with wait_all waits for the next receive.  WS2_EMSGSIZE: a datagram was
   cut, transfer->done bytes of it are in the buffers. */
int transfer_receive(struct transfer *transfer);

#endif
