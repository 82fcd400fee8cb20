/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SOCKETs that are shown to other processes; see show.h. */
#include "unix/show.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/channel.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/notifier.h"
#include "wire/frame.h"

/* How long a process is given for its answer.  One that ends is not waited for;
   one that is stopped is. */
#define ANSWER_MS 5000

/* --- The process that has the SOCKET -------------------------------------- */

void show_prepare(void)
{
    if (host_socket_handles_travel() && !notifier_is_subscribed())
        (void)notifier_subscribe();
}

void show_prepare_locked(void)
{
    if (host_socket_handles_travel())
        (void)notifier_subscribe_locked();
}

void show_answer(ws2_handle s, int closes, int fd)
{
    struct wire_shown shown = {.cookie = 0};
    int own = -1;

    shown.error = unix_socket_exchanged_fd(s, &own);
    if (!shown.error)
        shown.error = kernel_socket_cookie(own, &shown.cookie);
    if (closes) /* who asks has it, or here it is: this does not linger */
        shown.is_closed = !unix_socket_close(s);
    (void)frame_send(fd, &shown, sizeof(shown), &own, !shown.error);
    if (own >= 0)
        close(own);
    close(fd);
}

/* --- The process that asks ------------------------------------------------ */

/* 1: it is the socket that was told of. */
static int is_shown(int fd, const struct wire_shown *shown)
{
    struct unix_identity identity;
    uint64_t cookie;

    return !kernel_socket_identify(fd, &identity) &&
           !kernel_socket_cookie(fd, &cookie) && cookie == shown->cookie;
}

/* WS2_ENOTSOCK: none came, or one that shows nothing. */
static int receive_answer(int channel, int *ret_fd, int *ret_is_closed)
{
    struct pollfd answer = {.fd = channel, .events = POLLIN};
    struct wire_shown shown = {.cookie = 0};
    int fds[WIRE_MAX_FDS], n;
    size_t n_fds, i;
    ssize_t size;

    do
        n = poll(&answer, 1, ANSWER_MS);
    while (n < 0 && errno == EINTR);
    size = n > 0 ? frame_receive(channel, &shown, sizeof(shown), fds, &n_fds)
                 : 0;
    if (size <= 0)
        return WS2_ENOTSOCK;
    *ret_is_closed = size == (ssize_t)sizeof(shown) && shown.is_closed == 1;
    if (size == (ssize_t)sizeof(shown) && !shown.error && n_fds == 1 &&
        is_shown(fds[0], &shown)) {
        *ret_fd = fds[0];
        return WS2_SUCCESS;
    }
    for (i = 0; i < n_fds && n_fds <= WIRE_MAX_FDS; i++)
        close(fds[i]);
    return WS2_ENOTSOCK;
}

int unix_socket_shown_fd(uint32_t process_id, ws2_handle s, int closes,
                         int *ret_fd, int *ret_is_closed)
{
    struct wire_show_request request = {.header.code = WIRE_SHOW,
                                        .handle = s,
                                        .process_id = process_id,
                                        .closes = closes != 0};
    struct wire_show_reply reply;
    int ends[2], error;

    *ret_is_closed = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   ends) < 0)
        return error_from_errno(errno);
    error = channel_call(&request, &ends[1], 1, &reply, NULL);
    close(ends[1]); /* so the channel ends with the one that answers */
    if (!error)
        error = receive_answer(ends[0], ret_fd, ret_is_closed);
    close(ends[0]);
    return error;
}
