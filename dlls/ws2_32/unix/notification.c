/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket notifications; see notification.h.
 *
 * A registration watches its socket by a watching operation of the engine as
 * long as it exists.  The operation is decided when there is news; its end puts
 * the registration's packet on the port, with no lock held, and starts the next
 * one.  The kernel's changes meanwhile wait in the proactor, whose thread this
 * is, so each is seen by the one or the other.
 *
 * Level-triggered: the packet is on the port while the condition may hold, and
 * the socket is looked at when the packet is taken.
 * Edge-triggered: what is there now and was not at the look before is news.
 * The kernel tells of every arrival, but not that the program has drained the
 * socket in between: of TCP the count of bytes says whether it has, of other
 * sockets every arrival is news.  That the room for sending was used up is said
 * by the send that found none.
 *
 * Locks: the engine's for queues, then a registration's.  The registry's is
 * held alone.  References: the socket's (while it is registered there) and the
 * watching operation's; a packet has none, for it may never be taken.
 */
#include "unix/notification.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <uthash.h>

#include "host/host.h"
#include "unix/descriptor.h"
#include "unix/operation.h"
#include "unix/socket_operations.h"
#include "unix/socket_state.h"

struct notification {
    pthread_mutex_t lock;
    uint32_t references; /* atomic */

    /* Do not change. */
    uint32_t id;
    struct socket_operations *socket; /* while it is registered there */
    uint64_t port, key;               /* a reference of the port */

    /* Under the lock. */
    ws2_handle s; /* through which it was enabled */
    uint32_t events, flags;
    int is_enabled, is_removed;
    int is_queued;     /* its packet is on the port */
    uint32_t held;     /* edge: what was there at the last look */
    uint32_t news;     /* edge: what the packet will tell */
    uint64_t received; /* edge: bytes that TCP had had at the last look */
    uint32_t changes;  /* of the socket's, those that were looked at */

    UT_hash_handle hh; /* under the registry's */
};

/* The operation that watches for it. */
struct watch {
    struct operation operation; /* the first member */
    struct notification *notification;
};

/* Registrations by id, while a socket has them: the lock is also that of the
   member `notification` of all sockets' operations. */
static struct {
    pthread_mutex_t lock;
    struct notification *by_id;
    uint32_t last_id;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- The object ----------------------------------------------------------- */

static void hold(struct notification *notification)
{
    __atomic_add_fetch(&notification->references, 1, __ATOMIC_RELAXED);
}

static void release(struct notification *notification)
{
    if (__atomic_sub_fetch(&notification->references, 1, __ATOMIC_ACQ_REL))
        return;
    host_completion_port_close(notification->port);
    pthread_mutex_destroy(&notification->lock);
    free(notification);
}

/* The socket's registration, with a reference; NULL: none, or (port not 0) none
   on this port. */
static struct notification *find(struct socket_operations *socket,
                                 uint64_t port)
{
    struct notification *notification;

    pthread_mutex_lock(&registry.lock);
    notification = socket ? socket->notification : NULL;
    if (notification && port && notification->port != port)
        notification = NULL;
    if (notification)
        hold(notification);
    pthread_mutex_unlock(&registry.lock);
    return notification;
}

static int is_watch_of(const struct operation *operation, const void *context);

/* Ends it without another word; its packet, if one is on the port, tells
   nothing any more.  0: it has been ended before. */
static int drop(struct notification *notification)
{
    struct socket_operations *socket = notification->socket;
    int was_registered;

    pthread_mutex_lock(&registry.lock);
    was_registered = socket->notification == notification;
    if (was_registered) {
        socket->notification = NULL;
        HASH_DEL(registry.by_id, notification);
    }
    pthread_mutex_unlock(&registry.lock);
    if (!was_registered)
        return 0;
    pthread_mutex_lock(&notification->lock);
    notification->is_removed = 1;
    notification->is_enabled = 0;
    pthread_mutex_unlock(&notification->lock);
    (void)socket_operations_end(socket, is_watch_of, notification,
                                OPERATION_CANCELLED);
    release(notification);
    return 1;
}

/* --- What is there -------------------------------------------------------- */

static uint32_t look(struct descriptor *descriptor)
{
    uint32_t status, events, there = 0;

    events = socket_state(descriptor, ~UINT32_C(0), &status);
    if (events & (UNIX_POLL_READ | UNIX_POLL_ACCEPT))
        there |= UNIX_NOTIFY_IN;
    if (events & UNIX_POLL_WRITE)
        there |= UNIX_NOTIFY_OUT;
    if (events & (UNIX_POLL_HUP | UNIX_POLL_RESET))
        there |= UNIX_NOTIFY_HANGUP;
    if (events & (UNIX_POLL_RESET | UNIX_POLL_CONNECT_ERR))
        there |= UNIX_NOTIFY_ERROR;
    return there;
}

/* 1: all that had been received at the look before has been taken since, or
   nobody knows.  Notes what has been received now. */
static int was_drained(struct notification *notification,
                       const struct descriptor *descriptor)
{
    const uint64_t before = notification->received;
    struct tcp_info info = {.tcpi_state = 0};
    socklen_t length = sizeof(info);
    int unread = 0;

    if (getsockopt(descriptor->fd, IPPROTO_TCP, TCP_INFO, &info, &length) ||
        length < offsetof(struct tcp_info, tcpi_bytes_received) +
                     sizeof(info.tcpi_bytes_received) ||
        ioctl(descriptor->fd, FIONREAD, &unread))
        return 1;
    notification->received = info.tcpi_bytes_received;
    return info.tcpi_bytes_received - (uint64_t)unread >= before;
}

/* Edge-triggered: what began to hold. */
static uint32_t begun_locked(struct notification *notification,
                             const struct descriptor *descriptor,
                             uint32_t there)
{
    const uint32_t changes = __atomic_load_n(&notification->socket->changes,
                                             __ATOMIC_ACQUIRE);
    uint32_t begun = there & ~notification->held;

    if (there & UNIX_NOTIFY_IN && changes != notification->changes &&
        was_drained(notification, descriptor))
        begun |= UNIX_NOTIFY_IN;
    notification->changes = changes;
    notification->held = there;
    return begun;
}

/* 1: the packet is to be put on the port. */
static int note_locked(struct notification *notification,
                       const struct descriptor *descriptor, uint32_t there)
{
    const uint32_t wanted = notification->events | UNIX_NOTIFY_ERROR;
    uint32_t news = there;

    if (notification->flags & UNIX_NOTIFY_EDGE)
        news = begun_locked(notification, descriptor, there);
    news &= wanted;
    if (!notification->is_enabled || news == 0)
        return 0;
    notification->news |= news;
    if (notification->is_queued)
        return 0;
    notification->is_queued = 1;
    return 1;
}

/* --- Its packet ----------------------------------------------------------- */

static uint64_t context_of(uint32_t id)
{
    return UNIX_NOTIFICATION_TAG << 32 | id;
}

/* is_queued was set. */
static void post(struct notification *notification)
{
    if (!host_completion_port_post(notification->port, notification->key,
                                   context_of(notification->id),
                                   WS2_STATUS_SUCCESS, 0))
        return;
    /* The port is closed. */
    pthread_mutex_lock(&notification->lock);
    notification->is_queued = 0;
    pthread_mutex_unlock(&notification->lock);
}

/* --- Watching ------------------------------------------------------------- */

static struct watch *as_watch(struct operation *operation)
{
    return (struct watch *)operation;
}

static int watch_perform(struct operation *operation,
                         struct descriptor *descriptor)
{
    struct notification *notification = as_watch(operation)->notification;
    const uint32_t there = look(descriptor);
    int is_over;

    pthread_mutex_lock(&notification->lock);
    is_over = notification->is_removed ||
              note_locked(notification, descriptor, there);
    pthread_mutex_unlock(&notification->lock);
    return is_over ? WS2_SUCCESS : WS2_EWOULDBLOCK;
}

static void watch_free(struct operation *operation)
{
    release(as_watch(operation)->notification);
    free(operation);
}

/* The registration has ended by itself. */
static void watch_forget(struct operation *operation)
{
    free(operation);
}

static void watch_complete(struct operation *operation);

static const struct operation_kind watch_kind = {
    .name = "socket notification",
    .perform = watch_perform,
    .complete = watch_complete,
    .free = watch_free,
    .forget = watch_forget,
};

static int is_watch_of(const struct operation *operation, const void *context)
{
    return operation->kind == &watch_kind &&
           ((const struct watch *)operation)->notification == context;
}

static int watch_start(struct notification *notification,
                       struct descriptor *descriptor)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    struct unix_result result;
    int error;

    if (!watch)
        return WS2_ENOBUFS;
    watch->notification = notification;
    hold(notification);
    operation_init(&watch->operation, &watch_kind, OPERATION_WATCH, NULL);
    error = operation_start(&watch->operation, descriptor, &result);
    return error == WS2_IO_PENDING ? WS2_SUCCESS : error;
}

/* 1: the descriptor is still of the socket that was registered. */
static int is_its(const struct notification *notification,
                  struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE) ==
           notification->socket;
}

/* Goes on watching through the descriptor by which it was enabled; when that is
   gone the registration is, too. */
static void watch_on(struct notification *notification)
{
    struct descriptor *descriptor;
    ws2_handle s;
    int error;

    pthread_mutex_lock(&notification->lock);
    s = notification->s;
    pthread_mutex_unlock(&notification->lock);
    error = descriptor_acquire_known(s, &descriptor);
    if (!error) {
        error = is_its(notification, descriptor)
                    ? watch_start(notification, descriptor)
                    : WS2_ENOTSOCK;
        descriptor_release(descriptor);
    }
    if (error)
        (void)drop(notification);
}

/* There is news, or the socket was closed, or somebody ended it. */
static void watch_complete(struct operation *operation)
{
    struct notification *notification = as_watch(operation)->notification;
    int is_removed;

    pthread_mutex_lock(&notification->lock);
    is_removed = notification->is_removed;
    pthread_mutex_unlock(&notification->lock);
    if (is_removed)
        return;
    if (operation->end != OPERATION_PERFORMED) {
        (void)drop(notification);
        return;
    }
    post(notification);
    watch_on(notification);
}

void notification_send_blocked(const struct descriptor *descriptor)
{
    struct notification *notification;

    if (!operation_is_queued(descriptor, OPERATION_WATCH))
        return;
    notification = find(__atomic_load_n(&descriptor->operations,
                                        __ATOMIC_ACQUIRE),
                        0);
    if (!notification)
        return;
    pthread_mutex_lock(&notification->lock);
    notification->held &= ~(uint32_t)UNIX_NOTIFY_OUT;
    pthread_mutex_unlock(&notification->lock);
    release(notification);
}

/* --- Taking --------------------------------------------------------------- */

static struct notification *find_by_id(uint32_t id)
{
    struct notification *notification;

    pthread_mutex_lock(&registry.lock);
    HASH_FIND(hh, registry.by_id, &id, sizeof(id), notification);
    if (notification)
        hold(notification);
    pthread_mutex_unlock(&registry.lock);
    return notification;
}

/* What is there of the socket now; 0: it is gone. */
static uint32_t look_again(const struct notification *notification,
                           ws2_handle s)
{
    struct descriptor *descriptor;
    uint32_t there = 0;

    if (descriptor_acquire_known(s, &descriptor))
        return 0;
    if (is_its(notification, descriptor))
        there = look(descriptor);
    descriptor_release(descriptor);
    return there;
}

/* The socket is looked at after is_queued was taken back, so a change that
   comes too late for this packet has one of its own. */
static uint32_t take_level(struct notification *notification, ws2_handle s)
{
    const uint32_t there = look_again(notification, s);
    uint32_t events = 0;
    int holds_on = 0;

    pthread_mutex_lock(&notification->lock);
    if (notification->is_enabled)
        events = there & (notification->events | UNIX_NOTIFY_ERROR);
    if (events && notification->flags & UNIX_NOTIFY_ONCE)
        notification->is_enabled = 0;
    else if (events && !notification->is_queued)
        notification->is_queued = holds_on = 1;
    pthread_mutex_unlock(&notification->lock);
    if (holds_on)
        post(notification);
    return events;
}

uint32_t unix_notification_take(uint64_t context, uint32_t bytes)
{
    struct notification *notification;
    uint32_t events = 0;
    int is_level = 0;
    ws2_handle s;

    if (context == context_of(0))
        return bytes;
    notification = find_by_id((uint32_t)context);
    if (!notification)
        return 0;
    pthread_mutex_lock(&notification->lock);
    s = notification->s;
    notification->is_queued = 0;
    if (notification->is_enabled) {
        is_level = !(notification->flags & UNIX_NOTIFY_EDGE);
        events = is_level ? 0 : notification->news;
        if (events && notification->flags & UNIX_NOTIFY_ONCE)
            notification->is_enabled = 0;
    }
    notification->news = 0;
    pthread_mutex_unlock(&notification->lock);
    if (is_level)
        events = take_level(notification, s);
    release(notification);
    return events;
}

/* --- Registering ---------------------------------------------------------- */

/* Registered with the socket; takes over the reference of the port. */
static struct notification *notification_new(struct socket_operations *socket,
                                             uint64_t port, uint64_t key)
{
    struct notification *notification = calloc(1, sizeof(*notification));
    struct notification *same;

    if (!notification)
        return NULL;
    pthread_mutex_init(&notification->lock, NULL);
    notification->references = 2; /* the socket's and the caller's */
    notification->socket = socket;
    notification->port = port;
    notification->key = key;
    pthread_mutex_lock(&registry.lock);
    do {
        if (++registry.last_id == 0)
            registry.last_id = 1;
        notification->id = registry.last_id;
        HASH_FIND(hh, registry.by_id, &notification->id,
                  sizeof(notification->id), same);
    } while (same);
    HASH_ADD(hh, registry.by_id, id, sizeof(notification->id), notification);
    socket->notification = notification;
    pthread_mutex_unlock(&registry.lock);
    return notification;
}

/* What was there before is no edge.  What is there now is the level, and it is
   looked at once that counts. */
static void enable(struct notification *notification,
                   struct descriptor *descriptor, ws2_handle s,
                   uint32_t events, uint32_t flags)
{
    const int is_edge = (flags & UNIX_NOTIFY_EDGE) != 0;
    uint32_t there = is_edge ? look(descriptor) : 0;
    int is_news = 0;

    pthread_mutex_lock(&notification->lock);
    notification->s = s;
    notification->events = events;
    notification->flags = flags;
    notification->news = 0;
    notification->held = there;
    notification->is_enabled = !notification->is_removed;
    if (is_edge)
        (void)was_drained(notification, descriptor);
    pthread_mutex_unlock(&notification->lock);
    if (is_edge)
        return;
    there = look(descriptor);
    pthread_mutex_lock(&notification->lock);
    is_news = note_locked(notification, descriptor, there);
    pthread_mutex_unlock(&notification->lock);
    if (is_news)
        post(notification);
}

/* Of a socket that has none on this port. */
static int enable_new(struct descriptor *descriptor, ws2_handle s,
                      uint64_t port, uint64_t key, uint32_t events,
                      uint32_t flags)
{
    struct socket_operations *socket = socket_operations_of(descriptor);
    struct notification *notification = find(socket, 0);
    int error;

    if (notification) {
        (void)drop(notification);
        release(notification);
    }
    notification = notification_new(socket, port, key);
    if (!notification) {
        host_completion_port_close(port);
        return WS2_ENOBUFS;
    }
    enable(notification, descriptor, s, events, flags);
    error = watch_start(notification, descriptor);
    if (error)
        (void)drop(notification);
    release(notification);
    return error;
}

int unix_notification_enable(ws2_handle s, uint64_t port, uint64_t key,
                             uint32_t events, uint32_t flags)
{
    struct notification *notification;
    struct socket_operations *socket;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error) {
        host_completion_port_close(port);
        return error;
    }
    socket = socket_operations_of(descriptor);
    if (!socket) {
        host_completion_port_close(port);
        error = WS2_ENOBUFS;
    } else if ((notification = find(socket, port))) {
        host_completion_port_close(port);
        enable(notification, descriptor, s, events, flags);
        release(notification);
    } else {
        error = enable_new(descriptor, s, port, key, events, flags);
    }
    descriptor_release(descriptor);
    return error;
}

/* The socket's registration on the port, with a reference. */
static int find_of_handle(ws2_handle s, uint64_t port,
                          struct notification **ret)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    *ret = find(__atomic_load_n(&descriptor->operations, __ATOMIC_ACQUIRE),
                port);
    descriptor_release(descriptor);
    return *ret ? WS2_SUCCESS : UNIX_NOTIFY_NOT_FOUND;
}

int unix_notification_disable(ws2_handle s, uint64_t port)
{
    struct notification *notification;
    int error = find_of_handle(s, port, &notification);

    if (error)
        return error;
    pthread_mutex_lock(&notification->lock);
    notification->is_enabled = 0;
    notification->news = 0;
    pthread_mutex_unlock(&notification->lock);
    release(notification);
    return WS2_SUCCESS;
}

int unix_notification_remove(ws2_handle s, uint64_t port)
{
    struct notification *notification;
    int error = find_of_handle(s, port, &notification);

    if (error)
        return error;
    if (!drop(notification))
        error = UNIX_NOTIFY_NOT_FOUND;
    else
        error = host_completion_port_post(port, notification->key,
                                          context_of(0), WS2_STATUS_SUCCESS,
                                          UNIX_NOTIFY_REMOVED);
    release(notification);
    return error;
}

/* The registrations are the parent's.  A table that was being changed is let go
   as it is. */
void notification_in_child(void)
{
    struct notification *notification, *next;

    if (pthread_mutex_trylock(&registry.lock) == 0) {
        HASH_ITER(hh, registry.by_id, notification, next) {
            HASH_DEL(registry.by_id, notification);
            free(notification);
        }
    }
    pthread_mutex_init(&registry.lock, NULL);
    registry.by_id = NULL;
}
