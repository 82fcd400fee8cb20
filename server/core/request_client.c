/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests about the client itself, and to others: HELLO, GRANT, SUBSCRIBE,
   FORK, SHOW. */
#include <string.h>
#include <unistd.h>

#include "core/client.h"
#include "core/notifier.h"
#include "core/request.h"
#include "core/server.h"
#include "util/fd.h"

/* A name to print: no control characters, terminated. */
static void copy_program(char *to, const char *from)
{
    size_t i;

    for (i = 0; i < WIRE_PROGRAM_LENGTH - 1 && from[i]; i++)
        to[i] = (unsigned char)from[i] < ' ' || from[i] == 127 ? '?' : from[i];
    memset(to + i, 0, WIRE_PROGRAM_LENGTH - i);
}

int request_hello(struct request *request,
                  const struct wire_hello_request *frame,
                  struct wire_hello_reply *reply)
{
    struct client *client = request->client;
    struct server *server = client->server;
    int error;

    if (frame->version != WIRE_VERSION)
        return WS2_VERNOTSUPPORTED;
    if (frame->process_id == 0)
        return WS2_EINVAL;
    if (frame->fork_token) {
        error = client_claim_fork(client, frame->fork_token);
        if (error)
            return error;
    }
    client->process_id = frame->process_id;
    client->native = frame->process_id == client->unix_pid;
    copy_program(client->program, frame->program);
    client_ready(client);
    reply->record_count = server->records.count;
    reply->server_process_id = (uint32_t)getpid();
    request->reply_fd = server->records.client_fd;
    request->reply_fd_is_ours = true;
    return 0;
}

int request_grant(struct request *request,
                  const struct wire_grant_request *frame,
                  struct wire_grant_reply *reply)
{
    (void)frame;
    return client_grant(request->client, reply->slots, &reply->count);
}

int request_subscribe(struct request *request,
                      const struct wire_subscribe_request *frame,
                      struct wire_subscribe_reply *reply)
{
    (void)frame, (void)reply;
    return notifier_subscribe(request->client, &request->reply_fd);
}

int request_fork(struct request *request, const struct wire_fork_request *frame,
                 struct wire_fork_reply *reply)
{
    (void)frame;
    return client_fork(request->client, &reply->token);
}

/* Who answers must not have to wait for who asks. */
int request_show(struct request *request, const struct wire_show_request *frame,
                 struct wire_show_reply *reply)
{
    struct client *shower = client_find(request->client, frame->process_id);
    const int fd = request->fds[0];

    (void)reply;
    if (!shower || !fd_is_channel(fd) || fd_set_nonblocking(fd))
        return WS2_EINVAL;
    return notifier_ask_to_show(shower, frame->handle, frame->closes == 1, fd);
}
