/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that sends only when it has been told WRITE; see events.h. */
#include "support/event_actions.h"

struct transfer {
    struct scene scene;
    int total;
    int received;
};

static int transfer_send(struct transfer *transfer)
{
    static const char data[65536];
    struct scene *scene = &transfer->scene;
    int n, sent = 0;

    while (sent < transfer->total) {
        check_reports(&scene->watch, scene->watched, FD_WRITE, 0);
        while (sent < transfer->total &&
               (n = send(scene->watched, data, sizeof(data), 0)) > 0)
            sent += n;
        if (sent < transfer->total) CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    }
    CHECK_OK(shutdown(scene->watched, SD_SEND));
    return sent;
}

static void transfer_receive(void *argument)
{
    static char data[65536];
    struct transfer *transfer = argument;
    int n;

    while ((n = recv(transfer->scene.peer, data, sizeof(data), 0)) > 0)
        transfer->received += n;
    EXPECT_THAT(n == 0, "recv failed with %s", error_name(WSAGetLastError()));
}

/* First in turns: full, then empty.  Then both ends at once, where space may
   return between the failure and the news of it. */
void send_only_on_write(enum watch_kind kind)
{
    enum { ROUNDS = 10, TOTAL = 8 << 20, BUFFER = 16384 };
    struct transfer transfer = { .total = TOTAL };
    struct scene *scene = &transfer.scene;

    accepted_socket(scene);
    watch_open(&scene->watch, kind);
    set_int_option(scene->watched, SOL_SOCKET, SO_SNDBUF, BUFFER);
    set_int_option(scene->peer, SOL_SOCKET, SO_RCVBUF, BUFFER);
    select_mask(scene, FD_WRITE);
    for (int round = 0; round < ROUNDS; round++) {
        check_reports(&scene->watch, scene->watched, FD_WRITE, 0);
        send_until_blocked(scene);
        peer_drains(scene, 0);
    }
    struct thread *thread = thread_start(transfer_receive, &transfer);
    int sent = transfer_send(&transfer);
    thread_join(thread);
    EXPECT_EQ(transfer.received, sent);
    close_socket(scene->watched);
    close_socket(scene->peer);
    watch_close(&scene->watch);
}
