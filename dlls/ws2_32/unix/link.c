/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Links: connections between programs; see boundary.h.
 *
 * One thread reads all of them, as long as there are some.  It looks at the
 * list anew after each wait, because an owner may close a link at any time; a
 * link is freed when the thread is not in a call for it.
 *
 * The server makes the connection and has no part in what goes over it.
 */
#include "unix/link.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/boundary.h"
#include "unix/channel.h"
#include "util/fd.h"
#include "wire/frame.h"

/* How long a message waits for a process that does not read: as long as one may
   be held up on a busy machine. */
#define SEND_SECONDS 20

struct unix_link {
    struct unix_link *next; /* under the mutex, so for has_ended */
    const struct unix_link_calls *calls;
    void *context;
    int fd;
    int is_advertisement;
    int has_ended; /* nothing is read any more */
};

/* Held for moments only; no other lock is taken under it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t call_over = PTHREAD_COND_INITIALIZER;
/* All of this under the mutex. */
static struct unix_link *links;
static const struct unix_link *called; /* the thread is in a call for it */
static uint64_t reader;                /* the thread's id, 0: there is none */
static int wake_fd = -1;

static void wake_locked(void)
{
    const uint64_t one = 1;

    if (wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
        return; /* it is awake already */
}

/* --- Reading -------------------------------------------------------------- */

/* What one look at a link brought. */
enum outcome { READ_NOTHING, READ_MESSAGE, READ_END };

static enum outcome read_message(const struct unix_link *link, void *buffer)
{
    struct iovec part = {.iov_base = buffer, .iov_len = UNIX_LINK_MESSAGE};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t size;

    /* A peer that left replies unread is told of once, before what it sent. */
    do
        size = recvmsg(link->fd, &message, MSG_DONTWAIT);
    while (size < 0 && (errno == EINTR || errno == ECONNRESET));
    if (size < 0)
        return errno == EAGAIN ? READ_NOTHING : READ_END;
    if (size == 0 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        return READ_END;
    link->calls->received(link->context, buffer, (uint32_t)size);
    return READ_MESSAGE;
}

static enum outcome read_arrival(const struct unix_link *link)
{
    struct wire_arrival arrival;
    int fds[WIRE_MAX_FDS];
    size_t n_fds, i;
    ssize_t size =
        frame_receive(link->fd, &arrival, sizeof(arrival), fds, &n_fds);

    if (size == -EAGAIN)
        return READ_NOTHING;
    if (size <= 0)
        return READ_END;
    if (n_fds == FRAME_FDS_LOST) /* no room for it: the client is told by that */
        return READ_MESSAGE;
    for (i = 1; i < n_fds; i++)
        close(fds[i]);
    if (n_fds > 0)
        link->calls->arrived(link->context, fds[0]);
    return READ_MESSAGE;
}

/* Whether the thread may make a call for it; then it must be over
   afterwards. */
static int begin_call(const struct unix_link *link, int fd)
{
    const struct unix_link *found;

    pthread_mutex_lock(&mutex);
    for (found = links; found != NULL && found != link; found = found->next)
        continue;
    /* Another one may be at its place, or this one with another fd. */
    if (found != NULL && (found->fd != fd || found->has_ended))
        found = NULL;
    called = found;
    pthread_mutex_unlock(&mutex);
    return found != NULL;
}

static void end_call(void)
{
    pthread_mutex_lock(&mutex);
    called = NULL;
    pthread_cond_broadcast(&call_over);
    pthread_mutex_unlock(&mutex);
}

static void read_link(struct unix_link *link, int fd, void *buffer)
{
    enum outcome outcome;

    if (!begin_call(link, fd))
        return;
    outcome = link->is_advertisement ? read_arrival(link)
                                     : read_message(link, buffer);
    if (outcome == READ_END) {
        pthread_mutex_lock(&mutex);
        link->has_ended = 1;
        pthread_mutex_unlock(&mutex);
        link->calls->ended(link->context);
    }
    end_call();
}

/* The links to wait for, after the wake-up descriptor. */
struct poll_set {
    struct pollfd *fds;
    struct unix_link **links;
    size_t n, room;
};

static int make_room(struct poll_set *set, size_t n)
{
    struct unix_link **larger_links;
    struct pollfd *larger;

    if (n <= set->room)
        return 1;
    larger = realloc(set->fds, 2 * n * sizeof(*larger));
    if (larger != NULL)
        set->fds = larger;
    larger_links = realloc(set->links, 2 * n * sizeof(struct unix_link *));
    if (larger_links != NULL)
        set->links = larger_links;
    if (larger == NULL || larger_links == NULL)
        return 0;
    set->room = 2 * n;
    return 1;
}

/* 0: there is no link any more, and the thread ends.  Those that there is no
   memory for wait until there is. */
static int collect(struct poll_set *set)
{
    struct unix_link *link;

    pthread_mutex_lock(&mutex);
    if (links == NULL) {
        close(wake_fd);
        wake_fd = -1;
        reader = 0;
        pthread_mutex_unlock(&mutex);
        return 0;
    }
    set->n = 1;
    set->fds[0] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
    for (link = links; link != NULL; link = link->next) {
        if (link->has_ended || !make_room(set, set->n + 1))
            continue;
        set->fds[set->n] = (struct pollfd){.fd = link->fd, .events = POLLIN};
        set->links[set->n++] = link;
    }
    pthread_mutex_unlock(&mutex);
    return 1;
}

/* The thread and its memory. */
struct reader {
    struct poll_set set;
    void *buffer;
};

static void reader_free(struct reader *new)
{
    if (new != NULL) {
        free(new->set.fds);
        free(new->set.links);
        free(new->buffer);
    }
    free(new);
}

static struct reader *reader_new(void)
{
    struct reader *new = calloc(1, sizeof(*new));

    if (new != NULL)
        new->buffer = malloc(UNIX_LINK_MESSAGE);
    if (new == NULL || new->buffer == NULL || !make_room(&new->set, 8)) {
        reader_free(new);
        return NULL;
    }
    return new;
}

static void run(void *argument)
{
    struct reader *self = argument;
    struct poll_set *set = &self->set;
    uint64_t count;
    size_t i;

    pthread_mutex_lock(&mutex);
    reader = host_thread_id();
    pthread_mutex_unlock(&mutex);
    while (collect(set)) {
        if (poll(set->fds, (nfds_t)set->n, -1) <= 0)
            continue;
        if (set->fds[0].revents &&
            read(set->fds[0].fd, &count, sizeof(count)) < 0)
            continue;
        for (i = 1; i < set->n; i++)
            if (set->fds[i].revents)
                read_link(set->links[i], set->fds[i].fd, self->buffer);
    }
    reader_free(self);
}

/* --- Life ----------------------------------------------------------------- */

/* Under the mutex. */
static int provide_reader_locked(void)
{
    struct reader *new;

    if (wake_fd >= 0) {
        wake_locked();
        return WS2_SUCCESS;
    }
    new = reader_new();
    if (new == NULL)
        return WS2_NOT_ENOUGH_MEMORY;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd >= 0 && host_thread_create(run, new) == 0)
        return WS2_SUCCESS;
    if (wake_fd >= 0)
        close(wake_fd);
    wake_fd = -1;
    reader_free(new);
    return WS2_NOT_ENOUGH_MEMORY;
}

/* *ret_link is set before anything is called. */
static int enter(struct unix_link *link, struct unix_link **ret_link)
{
    int error;

    pthread_mutex_lock(&mutex);
    link->next = links;
    links = link;
    *ret_link = link;
    error = provide_reader_locked();
    if (error) {
        links = link->next;
        *ret_link = NULL;
    }
    pthread_mutex_unlock(&mutex);
    return error;
}

static int link_new(int fd, int is_advertisement,
                    const struct unix_link_calls *calls, void *context,
                    struct unix_link **ret_link)
{
    const struct timeval limit = {.tv_sec = SEND_SECONDS};
    const int room = 4 * UNIX_LINK_MESSAGE;
    struct unix_link *link = calloc(1, sizeof(*link));
    int error = WS2_NOT_ENOUGH_MEMORY;

    *ret_link = NULL;
    if (link != NULL) {
        /* The kernel's defaults are no harm. */
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
        if (is_advertisement)
            (void)fd_set_nonblocking(fd);
        link->fd = fd;
        link->is_advertisement = is_advertisement;
        link->calls = calls;
        link->context = context;
        error = enter(link, ret_link);
    }
    if (error) {
        free(link);
        close(fd);
    }
    return error;
}

int unix_link_contact(const void *provider, const struct unix_link_calls *calls,
                      void *context, struct unix_link **ret_link)
{
    struct wire_contact_request request = {.header.code = WIRE_CONTACT};
    struct wire_contact_reply reply;
    int fd, error;

    memcpy(request.provider, provider, sizeof(request.provider));
    error = channel_call(&request, NULL, 0, &reply, &fd);
    return error ? error : link_new(fd, 0, calls, context, ret_link);
}

int unix_link_advertise(const void *provider,
                        const struct unix_link_calls *calls, void *context,
                        struct unix_link **ret_link)
{
    struct wire_advertise_request request = {.header.code = WIRE_ADVERTISE};
    struct wire_advertise_reply reply;
    int fd, error;

    memcpy(request.provider, provider, sizeof(request.provider));
    error = channel_call(&request, NULL, 0, &reply, &fd);
    return error ? error : link_new(fd, 1, calls, context, ret_link);
}

int unix_link_adopt(int fd, const struct unix_link_calls *calls, void *context,
                    struct unix_link **ret_link)
{
    return link_new(fd, 0, calls, context, ret_link);
}

void unix_link_refuse(int fd)
{
    close(fd);
}

int unix_link_send(struct unix_link *link, const void *head, uint32_t head_size,
                   const void *rest, uint32_t rest_size)
{
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)head, .iov_len = head_size},
        {.iov_base = (void *)(uintptr_t)rest, .iov_len = rest_size},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t sent;

    do
        sent = sendmsg(link->fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? WS2_SERVICE_NOT_FOUND : WS2_SUCCESS;
}

int unix_link_is_over(const struct unix_link *link)
{
    struct pollfd end = {.fd = link->fd};

    return poll(&end, 1, 0) > 0;
}

void unix_link_shut(struct unix_link *link)
{
    (void)shutdown(link->fd, SHUT_RDWR);
}

void unix_link_close(struct unix_link *link)
{
    struct unix_link **place = &links;

    pthread_mutex_lock(&mutex);
    while (*place != NULL && *place != link)
        place = &(*place)->next;
    if (*place != NULL)
        *place = link->next;
    wake_locked();
    while (called == link && reader != host_thread_id())
        pthread_cond_wait(&call_over, &mutex);
    pthread_mutex_unlock(&mutex);
    /* The thread's poll may hold the socket for a moment longer. */
    unix_link_shut(link);
    close(link->fd);
    free(link);
}

/* --- fork ----------------------------------------------------------------- */

void links_before_fork(void)
{
    pthread_mutex_lock(&mutex);
}

void links_in_parent(void)
{
    pthread_mutex_unlock(&mutex);
}

/* The links themselves are their owners', who forget them. */
void links_in_child(void)
{
    struct unix_link *link;

    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&call_over, NULL);
    for (link = links; link != NULL; link = link->next)
        close(link->fd);
    if (wake_fd >= 0)
        close(wake_fd);
    wake_fd = -1;
    links = NULL;
    called = NULL;
    reader = 0;
}
