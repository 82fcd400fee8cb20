/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frames: one request, reply or notification on a SOCK_SEQPACKET socket.
 *
 * A frame is one fixed-size struct of <ws2emu/wire.h> with up to WIRE_MAX_FDS
 * file descriptors.  The socket keeps frame boundaries, so a frame is sent and
 * received whole or not at all; there is nothing to assemble.  Whether a call
 * may wait is the socket's O_NONBLOCK.
 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <ws2emu/wire.h>

/* n_fds of a frame whose descriptors could not be taken in (the peer sent more
   than WIRE_MAX_FDS, or this process has no room for them): none is left, and
   the number fits no rule of requests.def. */
#define FRAME_FDS_LOST (WIRE_MAX_FDS + 1)

/* What requests.def says of one request. */
struct wire_rule {
    const char *name;
    uint32_t states;   /* enum wire_state bits in which it is legal */
    uint32_t fds_min, fds_max;
    uint32_t reply_fds;
    int one_way;       /* may come with serial 0 */
    size_t request_size;
    size_t reply_size;
};

int frame_send(int fd, const void *frame, size_t size, const int *fds,
               size_t n_fds);
ssize_t frame_receive(int fd, void *frame, size_t capacity, int *fds,
                      size_t *n_fds);

const struct wire_rule *wire_rule(uint32_t code);
const char *wire_code_name(uint32_t code);
size_t wire_request_size(uint32_t code);
size_t wire_reply_size(uint32_t code);

#endif
