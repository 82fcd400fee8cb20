/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Peers: processes of the same program and the channels to them.
 *
 * A channel is a pair of FIFOs, "down" from the process that starts the peer
 * and "up" to it.  FIFOs need nothing inherited and no name of ws2_32's, so one
 * implementation serves native and winelib programs.  The peer opens down for
 * reading and then up for writing, and says hello; the starter, which has up
 * open for reading already, then opens down for writing: no open blocks, and
 * each side sees the other's end as a hang-up.  The peer may have ended by
 * then: a role that does its work and returns.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/platform.h"

enum { PEER_DEADLINE_MS = 15000, MAX_ARGUMENTS = 16, MAX_PEERS = 128 };

struct peer {
    struct platform_process *process; /* NULL: the parent of this process */
    unsigned process_id;
    int up, down;   /* FIFOs; this end's */
    char path[96];  /* without .up or .down */
};

static struct peer *peers[MAX_PEERS]; /* of this process, started by it */
static unsigned n_started;

static void fifo_path(const struct peer *peer, const char *end, char *path,
                      size_t size)
{
    snprintf(path, size, "%s.%s", peer->path, end);
}

static int fifo_open(const struct peer *peer, const char *end, int flags)
{
    char path[128];
    fifo_path(peer, end, path, sizeof(path));
    return open(path, flags | O_NONBLOCK | O_CLOEXEC);
}

static void fifos_unlink(const struct peer *peer)
{
    char path[128];
    fifo_path(peer, "up", path, sizeof(path));
    unlink(path);
    fifo_path(peer, "down", path, sizeof(path));
    unlink(path);
}

/* --- Data ----------------------------------------------------------------- */

static int in_fd(const struct peer *peer)
{
    return peer->process ? peer->up : peer->down;
}

static int out_fd(const struct peer *peer)
{
    return peer->process ? peer->down : peer->up;
}

/* Waits until the fd is ready; POLLHUP and POLLERR count as ready. */
static void wait_for(int fd, short events, int64_t end, const char *what)
{
    for (;;) {
        struct pollfd item = { .fd = fd, .events = events };
        int64_t left = end - test_clock();
        int n = poll(&item, 1, left > 0 ? (int)left : 0);
        if (n > 0) return;
        if (n < 0 && errno != EINTR)
            FAIL("poll of a peer's channel: %s", strerror(errno));
        CHECK_THAT(n < 0 || left > 0, "a peer did not %s in time", what);
    }
}

void peer_send(struct peer *peer, const void *data, size_t length)
{
    int64_t end = test_clock() + test_timeout(PEER_DEADLINE_MS);
    for (size_t done = 0; done < length;) {
        wait_for(out_fd(peer), POLLOUT, end, "take data");
        ssize_t n = write(out_fd(peer), (const char *)data + done,
                          length - done);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        CHECK_THAT(n > 0, "write to a peer: %s", strerror(errno));
        done += (size_t)n;
    }
}

void peer_receive(struct peer *peer, void *data, size_t length)
{
    int64_t end = test_clock() + test_timeout(PEER_DEADLINE_MS);
    for (size_t done = 0; done < length;) {
        wait_for(in_fd(peer), POLLIN, end, "answer");
        ssize_t n = read(in_fd(peer), (char *)data + done, length - done);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        CHECK_THAT(n > 0, "a peer (process %u) ended instead of answering",
                   peer->process_id);
        done += (size_t)n;
    }
}

unsigned peer_pid(const struct peer *peer)
{
    return peer->process_id;
}

/* --- Start ---------------------------------------------------------------- */

static struct peer *peer_new(void)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    CHECK(peer);
    peer->up = peer->down = -1;
    return peer;
}

static struct peer *peer_prepare(void)
{
    unsigned slot = 0;
    while (slot < MAX_PEERS && peers[slot]) slot++;
    CHECK_THAT(slot < MAX_PEERS, "too many peers");
    struct peer *peer = peer_new();
    char path[128];
    snprintf(peer->path, sizeof(peer->path), "%s/%d.%u", test_directory(),
             (int)getpid(), n_started++);
    fifo_path(peer, "up", path, sizeof(path));
    CHECK_THAT(mkfifo(path, 0600) == 0, "mkfifo %s: %s", path, strerror(errno));
    fifo_path(peer, "down", path, sizeof(path));
    CHECK_THAT(mkfifo(path, 0600) == 0, "mkfifo %s: %s", path, strerror(errno));
    peer->up = fifo_open(peer, "up", O_RDONLY);
    CHECK(peer->up >= 0);
    peers[slot] = peer;
    return peer;
}

/* The process ran; takes its hello. */
static void peer_connect(struct peer *peer)
{
    uint32_t hello;
    peer_receive(peer, &hello, sizeof(hello));
    peer->process_id = hello;
    /* Without a reader a FIFO does not open for writing (ENXIO), and the peer's
       end may be gone: one of our own stands in until it is open. */
    int reader = fifo_open(peer, "down", O_RDONLY);
    CHECK_THAT(reader >= 0, "a peer's channel: %s", strerror(errno));
    peer->down = fifo_open(peer, "down", O_WRONLY);
    CHECK_THAT(peer->down >= 0, "a peer's channel: %s", strerror(errno));
    close(reader);
    fifos_unlink(peer);
}

static struct peer *start(const char *role, int inherit, va_list list)
{
    struct peer *peer = peer_prepare();
    const char *arguments[MAX_ARGUMENTS] = { "--peer", role, peer->path };
    unsigned n = 3;
    for (const char *argument; (argument = va_arg(list, const char *));) {
        CHECK(n < MAX_ARGUMENTS - 1);
        arguments[n++] = argument;
    }
    peer->process = platform_spawn(arguments, inherit);
    CHECK_THAT(peer->process, "cannot start a peer");
    peer_connect(peer);
    return peer;
}

struct peer *peer_start(const char *role, ...)
{
    va_list list;
    va_start(list, role);
    struct peer *peer = start(role, 0, list);
    va_end(list);
    return peer;
}

struct peer *peer_start_inheriting(const char *role, ...)
{
    va_list list;
    va_start(list, role);
    struct peer *peer = start(role, 1, list);
    va_end(list);
    return peer;
}

/* In a new process: opens its end and says hello. */
static void peer_answer(struct peer *parent)
{
    parent->down = fifo_open(parent, "down", O_RDONLY);
    CHECK_THAT(parent->down >= 0, "%s: %s", parent->path, strerror(errno));
    parent->up = fifo_open(parent, "up", O_WRONLY);
    CHECK_THAT(parent->up >= 0, "%s: %s", parent->path, strerror(errno));
    uint32_t hello = platform_process_id();
    peer_send(parent, &hello, sizeof(hello));
}

void peer_join_parent(const char *path, struct peer **ret_parent)
{
    struct peer *parent = peer_new();
    snprintf(parent->path, sizeof(parent->path), "%s", path);
    peer_answer(parent);
    *ret_parent = parent;
}

struct peer *peer_fork(void (*body)(struct peer *parent, void *argument),
                       void *argument)
{
    struct peer *peer = peer_prepare();
    int in_child = 0;
    peer->process = platform_fork(&in_child);
    if (in_child) {
        struct peer *parent;
        alarm((unsigned)test_timeout(60 * 1000) / 1000);
        memset(peers, 0, sizeof(peers));
        close(peer->up);
        peer_join_parent(peer->path, &parent);
        body(parent, argument);
        platform_exit(0);
    }
    CHECK_THAT(peer->process, "fork failed");
    peer_connect(peer);
    return peer;
}

/* --- End ------------------------------------------------------------------ */

static void peer_free(struct peer *peer)
{
    for (unsigned slot = 0; slot < MAX_PEERS; slot++)
        if (peers[slot] == peer) peers[slot] = NULL;
    if (peer->up >= 0) close(peer->up);
    if (peer->down >= 0) close(peer->down);
    platform_process_free(peer->process);
    free(peer);
}

int peer_wait(struct peer *peer)
{
    int status;
    int ended = platform_process_wait(peer->process,
                                      test_timeout(PEER_DEADLINE_MS), &status);
    CHECK_THAT(ended, "a peer (process %u) did not end in time",
               peer->process_id);
    peer_free(peer);
    return status;
}

void peer_kill(struct peer *peer)
{
    int status;
    platform_process_kill(peer->process);
    platform_process_wait(peer->process, -1, &status);
    peer_free(peer);
}

unsigned peer_count(void)
{
    unsigned n = 0;
    for (unsigned slot = 0; slot < MAX_PEERS; slot++) n += !!peers[slot];
    return n;
}

/* A case that ends takes its peers with it. */
void peer_kill_all(void)
{
    for (unsigned slot = 0; slot < MAX_PEERS; slot++) {
        if (!peers[slot]) continue;
        if (peers[slot]->process) platform_process_kill(peers[slot]->process);
        fifos_unlink(peers[slot]);
    }
}
