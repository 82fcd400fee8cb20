/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another kernel socket for a SOCKET; see exchange.h. */
#include "unix/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/channel.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/show.h"
#include "unix/socket.h"
#include "unix/socket_operations.h"

/* A process that makes so many SOCKETs gets bare handles for the next
   ones, for its sockets come and go.  But each that can be inherited is work
   when a child is made, so there are not many at a time, unless the sockets of
   streams are exchanged anyway. */
#define MANY_SOCKETS 32
#define BARE_AT_A_TIME 64

static int exchanges_streams; /* atomic; from the first time on */

struct exchange {
    int fd;
    uint64_t cookie, cookie_before;
    int leaves_copies; /* 1: the other descriptors keep the socket before */
    void (*settle)(struct descriptor *, const void *);
    const void *context;
};

/* 1: the server has nothing of the socket that is to go on, or to end only
   after the kernel's socket. */
static int is_plain(const struct descriptor *descriptor)
{
    const struct wire_record *record = descriptor_record(descriptor);

    return __atomic_load_n(&record->mask, __ATOMIC_RELAXED) == 0 &&
           !socket_has_state(record) &&
           !__atomic_load_n(&descriptor->was_duplicated, __ATOMIC_RELAXED) &&
           !__atomic_load_n(&descriptor->has_binding, __ATOMIC_RELAXED);
}

/* A new socket at the server, under the same handle, with the state of the one
   before, and its duplicates under way.  That of a plain one is released. */
static int register_other(struct descriptor *descriptor, int fd,
                          uint64_t cookie, int was_plain)
{
    const struct wire_record *record = descriptor_record(descriptor);
    const int needs_fd =
        __atomic_load_n(&record->mask, __ATOMIC_RELAXED) != 0 ||
        __atomic_load_n(&descriptor->was_duplicated, __ATOMIC_RELAXED);

    if (was_plain)
        return channel_register_anew(descriptor, cookie);
    if (!needs_fd && !socket_has_state(record))
        return channel_register(descriptor, cookie, NULL, -1, /* wait= */ 0);
    return channel_register(descriptor, cookie, descriptor, needs_fd ? fd : -1,
                            /* wait= */ 1);
}

/* The socket before, which a new server would not know. */
static void release_before(const struct descriptor *descriptor, uint32_t slot)
{
    struct wire_release_request request = {.header.code = WIRE_RELEASE,
                                           .handle = descriptor->handle,
                                           .slot = slot};

    if (slot != __atomic_load_n(&descriptor->slot, __ATOMIC_ACQUIRE))
        channel_post_for(NULL, &request, NULL);
}

static int put_in_place(int fd, int place)
{
    const int flags = fcntl(place, F_GETFD);
    int result;

    do
        result = dup3(fd, place, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
    while (result < 0 && (errno == EINTR || errno == EBUSY));
    return result < 0 ? error_from_errno(errno) : WS2_SUCCESS;
}

/* What the descriptor knows becomes true of the socket whose fd it has. */
static void settle(struct descriptor *descriptor,
                   const struct exchange *exchange)
{
    descriptor->cookie = exchange->cookie;
    __atomic_store_n(&descriptor->is_exchanged, 1, __ATOMIC_RELEASE);
    descriptor->local_length = 0;
    __atomic_store_n(&descriptor->source.family, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&descriptor->tells_destination, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->has_binding, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&descriptor->waits_first, 0, __ATOMIC_RELAXED);
    exchange->settle(descriptor, exchange->context);
}

/* Shows the other socket to the server as one that the descriptor has, too;
   *ret_slot is that of the one before. */
static int attach_other(struct descriptor *copy,
                        const struct exchange *exchange, uint32_t *ret_slot)
{
    struct descriptor shown = {.handle = copy->handle,
                               .identity = copy->identity,
                               .fd = exchange->fd,
                               .cookie = exchange->cookie};
    int error = channel_attach(&shown);

    if (error)
        return error;
    *ret_slot = copy->slot;
    __atomic_store_n(&copy->slot, shown.slot, __ATOMIC_RELEASE);
    __atomic_store_n(&copy->record, shown.record, __ATOMIC_RELEASE);
    return WS2_SUCCESS;
}

/* Another descriptor of the socket before goes along.  One for which the server
   has no room stays. */
static void move_copy(struct descriptor *copy, void *context)
{
    const struct exchange *exchange = context;
    uint32_t slot;

    if (copy->cookie != exchange->cookie_before)
        return;
    if (exchange->leaves_copies || !descriptor_is_open(copy) ||
        attach_other(copy, exchange, &slot)) {
        __atomic_store_n(&copy->extension, DESCRIPTOR_PLAIN, __ATOMIC_RELAXED);
        return;
    }
    (void)put_in_place(exchange->fd, copy->fd);
    settle(copy, exchange);
    release_before(copy, slot);
}

/* An AcceptEx that pends is no reason to take a connection away that was made
   through another descriptor. */
static int is_in_use(const struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor->has_copies, __ATOMIC_RELAXED) &&
           descriptor->acceptor != NULL &&
           kernel_socket_stream_state(descriptor->fd) != KERNEL_SOCKET_IDLE;
}

/* The table lock is held: whoever recovers the server sees one or the other. */
static int exchange_locked(struct descriptor *descriptor, void *context)
{
    struct exchange *exchange = context;
    const uint32_t slot = descriptor->slot;
    const int was_plain = is_plain(descriptor);
    int error = kernel_socket_cookie(exchange->fd, &exchange->cookie);

    if (!error)
        error = register_other(descriptor, exchange->fd, exchange->cookie,
                               was_plain);
    if (error)
        return error;
    exchange->leaves_copies = is_in_use(descriptor);
    error = put_in_place(exchange->fd, descriptor->fd);
    if (error)
        return error; /* of a fd of ours onto another one: never */
    exchange->cookie_before = descriptor->cookie;
    settle(descriptor, exchange);
    if (!was_plain)
        release_before(descriptor, slot);
    if (__atomic_load_n(&descriptor->has_copies, __ATOMIC_RELAXED))
        descriptor_for_each(move_copy, exchange);
    return WS2_SUCCESS;
}

int exchange_kernel_socket(struct descriptor *descriptor, int fd,
                           void (*settle_more)(struct descriptor *,
                                               const void *),
                           const void *context)
{
    struct exchange exchange = {.fd = fd, .settle = settle_more,
                                .context = context};
    int error;

    show_prepare();
    error = socket_operations_exchange(descriptor, exchange_locked, &exchange);
    if (!error && descriptor->identity.type == WS2_SOCK_STREAM)
        __atomic_store_n(&exchanges_streams, 1, __ATOMIC_RELAXED);
    close(fd);
    return error;
}

/* How many SOCKETs may have bare handles at a time, 0: none yet.  The table
   lock is held. */
static uint32_t bare_handles_allowed(void)
{
    static uint32_t n_made;

    if (__atomic_load_n(&exchanges_streams, __ATOMIC_RELAXED))
        return UINT32_MAX;
    if (n_made < MANY_SOCKETS)
        n_made++;
    return n_made < MANY_SOCKETS ? 0 : BARE_AT_A_TIME;
}

int exchange_make_handle(struct descriptor *descriptor, int inherit)
{
    const uint32_t allowed = bare_handles_allowed();
    int error = WS2_EOPNOTSUPP;

    if (allowed != 0)
        error = host_socket_handle_create_bare(inherit, allowed,
                                               &descriptor->handle);
    if (!error) {
        descriptor->is_exchanged = 1;
        show_prepare();
    }
    if (error == WS2_EOPNOTSUPP)
        error = host_socket_handle_create(descriptor->fd, inherit,
                                          &descriptor->handle);
    return error;
}

int unix_socket_exchanged_fd(ws2_handle s, int *ret_fd)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire_known(s, &descriptor);

    if (error)
        return error;
    error = WS2_ENOTSOCK;
    if (__atomic_load_n(&descriptor->is_exchanged, __ATOMIC_ACQUIRE)) {
        *ret_fd = fcntl(descriptor->fd, F_DUPFD_CLOEXEC, 0);
        error = *ret_fd < 0 ? error_from_errno(errno) : WS2_SUCCESS;
    }
    descriptor_release(descriptor);
    return error;
}

int unix_socket_awaits_connection(ws2_handle s)
{
    struct descriptor *descriptor;
    int result;

    if (descriptor_acquire_known(s, &descriptor))
        return 0;
    result = descriptor->identity.type == WS2_SOCK_STREAM &&
             __atomic_load_n(&descriptor->stage, __ATOMIC_RELAXED) !=
                 DESCRIPTOR_CONNECTED;
    descriptor_release(descriptor);
    return result;
}

struct exchanged {
    ws2_handle *handles;
    uint32_t room, count;
};

static void note_exchanged(struct descriptor *descriptor, void *context)
{
    struct exchanged *exchanged = context;

    if (!__atomic_load_n(&descriptor->is_exchanged, __ATOMIC_ACQUIRE))
        return;
    if (exchanged->count < exchanged->room)
        exchanged->handles[exchanged->count] = descriptor->handle;
    exchanged->count++;
}

uint32_t unix_socket_list_exchanged(ws2_handle *ret_handles, uint32_t room)
{
    struct exchanged exchanged = {.handles = ret_handles, .room = room};

    descriptor_table_lock();
    descriptor_for_each(note_exchanged, &exchanged);
    descriptor_table_unlock();
    return exchanged.count;
}
