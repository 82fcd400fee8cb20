/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frames of a client to their handlers.
 *
 * requests.def says in which state a request is legal, how long it is and how
 * many descriptors it carries; all of that is checked here, before any handler
 * sees it.  What is wrong gets an error reply, or none when it was one-way.
 * What cannot be a frame at all ends the client: it speaks another language.
 */
#include "core/dispatch.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "core/client.h"
#include "core/limits.h"
#include "core/request.h"
#include "util/fd.h"
#include "util/log.h"
#include "wire/frame.h"

struct frame {
    alignas(8) unsigned char bytes[WIRE_MAX_FRAME];
};

typedef int (*handler)(struct request *request, const void *frame, void *reply);

#define WIRE_REQUEST(CODE, name, states, fds_min, fds_max, reply_fds, one_way) \
    static int handle_##name(struct request *request, const void *frame,       \
                             void *reply)                                      \
    {                                                                          \
        return request_##name(request, frame, reply);                          \
    }
#include <ws2emu/requests.def>
#undef WIRE_REQUEST

static const handler handlers[WIRE_CODE_COUNT] = {
#define WIRE_REQUEST(CODE, name, states, fds_min, fds_max, reply_fds, one_way) \
    [WIRE_##CODE] = handle_##name,
#include <ws2emu/requests.def>
#undef WIRE_REQUEST
};

static uint32_t state_bit(const struct client *client)
{
    return client->state == CLIENT_NEW     ? WIRE_STATE_NEW
           : client->state == CLIENT_READY ? WIRE_STATE_READY
                                           : 0;
}

/* What requests.def says against the frame, or 0. */
static int check(const struct request *request, const struct wire_rule *rule,
                 const struct wire_header *header, size_t size)
{
    if (size != rule->request_size ||
        !(rule->states & state_bit(request->client)) ||
        (header->serial == 0 && !rule->one_way))
        return WS2_EINVAL;
    if (request->n_fds == FRAME_FDS_LOST)
        return WS2_ENOBUFS;
    if (request->n_fds < rule->fds_min || request->n_fds > rule->fds_max)
        return WS2_EINVAL;
    return 0;
}

static void trace(const struct request *request, uint32_t code, int error)
{
    const struct client *client = request->client;
    char slot[24] = "";

    if (!log_is_tracing())
        return;
    if (request->slot != WIRE_NO_SLOT)
        snprintf(slot, sizeof slot, " slot %u", request->slot);
    log_trace("client %llu (pid %u %s): %s%s -> %d",
              (unsigned long long)client->serial, client->unix_pid,
              client->program, wire_code_name(code), slot, error);
}

static void send_reply(struct request *request,
                       const struct wire_header *header, int error,
                       struct frame *reply, size_t size)
{
    struct wire_reply_header *reply_header =
        (struct wire_reply_header *)reply->bytes;
    size_t n_fds = !error && request->reply_fd >= 0;
    int sent;

    if (error)
        memset(reply, 0, sizeof *reply);
    reply_header->code = header->code;
    reply_header->serial = header->serial;
    reply_header->error = error;
    sent = frame_send(request->client->fd, reply->bytes, size,
                      &request->reply_fd, n_fds);
    if (sent == -EAGAIN)
        client_end(request->client, "does not read its replies");
    else if (sent)
        client_end(request->client, "is gone");
}

static void handle(struct request *request, const struct frame *frame,
                   size_t size)
{
    const struct wire_header *header = (const void *)frame->bytes;
    const struct wire_rule *rule = wire_rule(header->code);
    size_t reply_size =
        rule ? rule->reply_size : sizeof(struct wire_reply_header);
    struct frame reply;
    int error = rule ? check(request, rule, header, size) : WS2_EINVAL;

    memset(&reply, 0, sizeof reply);
    if (!error)
        error = handlers[header->code](request, frame->bytes, reply.bytes);
    trace(request, header->code, error);
    if (header->serial != 0 && request->client->state != CLIENT_ENDING)
        send_reply(request, header, error, &reply, reply_size);
}

/* Receives and handles one frame.  Returns whether there may be another. */
static bool receive(struct client *client)
{
    struct request request = {
        .client = client,
        .slot = WIRE_NO_SLOT,
        .reply_fd = -1,
    };
    struct frame frame;
    ssize_t size;
    size_t i;

    size = frame_receive(client->fd, frame.bytes, sizeof frame.bytes,
                         request.fds, &request.n_fds);
    if (size == -EAGAIN)
        return false;
    if (size >= (ssize_t)sizeof(struct wire_header))
        handle(&request, &frame, (size_t)size);
    else
        client_end(client, size == 0            ? "hang-up"
                           : size == -EMSGSIZE || size > 0 ? "not a frame"
                                                : strerror((int)-size));
    for (i = 0; i < WIRE_MAX_FDS; i++)
        fd_close(&request.fds[i]);
    if (!request.reply_fd_is_ours)
        fd_close(&request.reply_fd);
    return client->state != CLIENT_ENDING;
}

/* Handles what a client has sent, up to a number of frames. */
void dispatch_client(struct client *client)
{
    int frames = 0;

    while (frames++ < LIMIT_FRAMES_PER_TURN && receive(client))
        continue;
}
