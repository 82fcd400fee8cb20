/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frames over SOCK_SEQPACKET and the rules of requests.def as a table.
 *
 * Both sides of the protocol link this file.  It trusts nothing that comes in:
 * a frame that is longer than the buffer, descriptors beyond the limit and
 * unknown control messages are dropped here, and no descriptor that arrives is
 * ever left open by an error.
 */
#include "wire/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const struct wire_rule rules[WIRE_CODE_COUNT] = {
#define WIRE_REQUEST(CODE, name, states, fds_min, fds_max, reply_fds, one_way) \
    [WIRE_##CODE] = { #CODE, states, fds_min, fds_max, reply_fds, one_way,     \
                      sizeof(struct wire_##name##_request),                    \
                      sizeof(struct wire_##name##_reply) },
#include <ws2emu/requests.def>
#undef WIRE_REQUEST
};

#define WIRE_REQUEST(CODE, name, states, fds_min, fds_max, reply_fds, one_way) \
    _Static_assert(sizeof(struct wire_##name##_request) <= WIRE_MAX_FRAME &&   \
                   sizeof(struct wire_##name##_reply) <= WIRE_MAX_FRAME,       \
                   "WIRE_MAX_FRAME holds " #name);                             \
    _Static_assert((fds_max) <= WIRE_MAX_FDS && (reply_fds) <= WIRE_MAX_FDS,   \
                   "WIRE_MAX_FDS holds " #name);
#include <ws2emu/requests.def>
#undef WIRE_REQUEST

/* Room for the control message of a full frame. */
union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(WIRE_MAX_FDS * sizeof(int))];
};

/*
 * Sends one frame with copies of n_fds descriptors, which stay the caller's.
 * Returns 0 or -errno: -EAGAIN when a non-blocking socket has no room (nothing
 * was sent), -EPIPE when the peer is gone (no SIGPIPE is raised), -EINVAL for
 * too many descriptors.
 */
int frame_send(int fd, const void *frame, size_t size, const int *fds,
               size_t n_fds)
{
    union control control;
    struct iovec part = { .iov_base = (void *)frame, .iov_len = size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t sent;

    if (n_fds > WIRE_MAX_FDS)
        return -EINVAL;
    if (n_fds > 0) {
        struct cmsghdr *header;

        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        memcpy(CMSG_DATA(header), fds, n_fds * sizeof(int));
    }
    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return -errno;
    return (size_t)sent == size ? 0 : -EMSGSIZE;
}

/* Moves the descriptors of a received message into fds; returns how many. */
static size_t take_fds(struct msghdr *message, int *fds)
{
    struct cmsghdr *header;
    size_t count = 0;

    for (header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        const unsigned char *data = CMSG_DATA(header);
        size_t size = header->cmsg_len - CMSG_LEN(0);

        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        for (; size >= sizeof(int); size -= sizeof(int), data += sizeof(int)) {
            int fd;

            memcpy(&fd, data, sizeof fd);
            if (count < WIRE_MAX_FDS)
                fds[count++] = fd;
            else
                close(fd);
        }
    }
    return count;
}

static void close_fds(int *fds, size_t n_fds)
{
    size_t i;

    for (i = 0; i < n_fds; i++) {
        close(fds[i]);
        fds[i] = -1;
    }
}

/*
 * Receives one frame.  fds has room for WIRE_MAX_FDS descriptors; what comes
 * back in it is the caller's, close-on-exec, the rest is -1.  *n_fds is their
 * number, or FRAME_FDS_LOST.
 * Returns the frame's size, 0 when the peer has closed the connection, or
 * -errno: -EAGAIN when a non-blocking socket has nothing, -EMSGSIZE when the
 * frame was longer than capacity (it is gone).
 */
ssize_t frame_receive(int fd, void *frame, size_t capacity, int *fds,
                      size_t *n_fds)
{
    union control control;
    struct iovec part = { .iov_base = frame, .iov_len = capacity };
    struct msghdr message;
    ssize_t size;
    size_t i;

    *n_fds = 0;
    for (i = 0; i < WIRE_MAX_FDS; i++)
        fds[i] = -1;
    do {
        memset(&message, 0, sizeof message);
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0)
        return -errno;

    *n_fds = take_fds(&message, fds);
    if (message.msg_flags & MSG_CTRUNC) {
        close_fds(fds, *n_fds);
        *n_fds = FRAME_FDS_LOST;
    }
    if ((message.msg_flags & MSG_TRUNC) || size == 0) {
        if (*n_fds <= WIRE_MAX_FDS)
            close_fds(fds, *n_fds);
        *n_fds = 0;
        return size == 0 ? 0 : -EMSGSIZE;
    }
    return size;
}

/* The rule of a request code, or NULL when there is no such code. */
const struct wire_rule *wire_rule(uint32_t code)
{
    return code < WIRE_CODE_COUNT && rules[code].name ? &rules[code] : NULL;
}

/* The name of a request code for traces; "?" when there is no such code. */
const char *wire_code_name(uint32_t code)
{
    const struct wire_rule *rule = wire_rule(code);

    return rule ? rule->name : "?";
}

/* Size of the request frame, 0 when there is no such code. */
size_t wire_request_size(uint32_t code)
{
    const struct wire_rule *rule = wire_rule(code);

    return rule ? rule->request_size : 0;
}

/* Size of the reply frame, 0 when there is no such code. */
size_t wire_reply_size(uint32_t code)
{
    const struct wire_rule *rule = wire_rule(code);

    return rule ? rule->reply_size : 0;
}
