/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handlers of requests.
 *
 * dispatch.c has checked the request's state, size and number of descriptors;
 * a handler checks what the members mean before it changes anything.  It
 * returns an enum ws2_error, which goes into the reply; then nothing else of
 * the reply does.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ws2emu/wire.h>

struct client;
struct holder;
struct socket;

struct request {
    struct client *client;
    int fds[WIRE_MAX_FDS]; /* -1: none, or taken over; the rest is closed */
    size_t n_fds;
    uint32_t slot; /* for the trace */
    int reply_fd;  /* to go with the reply, or -1 */
    bool reply_fd_is_ours; /* it stays open */
};

/* int request_hello(struct request *, const struct wire_hello_request *,
                     struct wire_hello_reply *), ... */
#define WIRE_REQUEST(CODE, name, states, fds_min, fds_max, reply_fds, one_way) \
    int request_##name(struct request *request,                                \
                       const struct wire_##name##_request *frame,              \
                       struct wire_##name##_reply *reply);
#include <ws2emu/requests.def>
#undef WIRE_REQUEST

int request_find_holder(struct request *request, uint32_t slot,
                        struct holder **ret_holder);
int request_check_fd(const struct request *request, uint64_t cookie);

#endif
