/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a descriptor: made, opened from a duplicate, duplicated, closed.
 */
#include "unix/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/host.h"
#include "unix/accept_operation.h"
#include "unix/channel.h"
#include "unix/datagram_error.h"
#include "unix/error.h"
#include "unix/exchange.h"
#include "unix/kernel_socket.h"
#include "unix/network_limit.h"
#include "unix/notifier.h"
#include "unix/option.h"
#include "unix/option_carry.h"
#include "unix/proactor.h"
#include "unix/recovery.h"
#include "unix/rio_request_queue.h"
#include "unix/socket_operations.h"
#include "unix/wait.h"

/* --- The process's side --------------------------------------------------- */

int unix_startup(const struct unix_upcalls *upcalls)
{
    int error = host_startup();

    if (error)
        return error;
    network_limit_startup();
    notifier_set_upcalls(upcalls);
    recovery_watch_fork();
    return channel_open();
}

static void close_visited(struct descriptor *descriptor, void *context)
{
    (void)context;
    unix_socket_close(descriptor->handle);
}

void unix_cleanup(void)
{
    if (host_process_is_ending())
        return;
    descriptor_for_each(close_visited, NULL);
    host_socket_handle_cleanup();
    proactor_end();
    channel_lock();
    notifier_disconnect_locked();
    channel_drop_locked();
    channel_unlock();
    wait_cleanup();
}

/* --- Making --------------------------------------------------------------- */

/* Tells the server of a new socket.  A child of a listener that has state or
   a registration waits for the answer, because it inherits both. */
static int register_socket(struct descriptor *descriptor,
                           const struct descriptor *parent)
{
    const struct wire_record *state;
    int fd = -1, wait = 0;

    if (parent != NULL) {
        state = descriptor_record(parent);
        if (__atomic_load_n(&state->mask, __ATOMIC_RELAXED) != 0)
            fd = descriptor->fd;
        wait = fd >= 0 || socket_has_state(state);
    }
    return channel_register(descriptor, descriptor->cookie, parent, fd, wait);
}

int socket_has_state(const struct wire_record *record)
{
    return (__atomic_load_n(&record->flags, __ATOMIC_RELAXED) &
            ~(uint32_t)(WIRE_RECORD_EXCLUSIVE | WIRE_RECORD_SERVER_HAS_FD)) ||
           __atomic_load_n(&record->receive_timeout, __ATOMIC_RELAXED) ||
           __atomic_load_n(&record->send_timeout, __ATOMIC_RELAXED) ||
           __atomic_load_n(&record->receive_buffer, __ATOMIC_RELAXED) ||
           __atomic_load_n(&record->send_buffer, __ATOMIC_RELAXED);
}

int socket_adopt_locked(struct descriptor *descriptor,
                        const struct descriptor *parent,
                        ws2_handle *ret_handle)
{
    int error;

    error = kernel_socket_cookie(descriptor->fd, &descriptor->cookie);
    if (error)
        return error;
    error = exchange_make_handle(
        descriptor,
        !(descriptor->identity.flags & WS2_FLAG_NO_HANDLE_INHERIT));
    if (error)
        return error;
    *ret_handle = descriptor->handle;
    error = register_socket(descriptor, parent);
    if (error)
        goto out;
    error = descriptor_publish_locked(descriptor);
    if (error)
        socket_tell_release(descriptor, /* wait= */ 0);
out:
    if (error)
        host_socket_handle_close(descriptor->handle);
    return error;
}

int unix_socket_create(const struct unix_identity *identity,
                       ws2_handle *ret_handle)
{
    struct descriptor *descriptor = descriptor_new();
    int error;

    if (descriptor == NULL)
        return WS2_ENOBUFS;
    descriptor->identity = *identity;
    descriptor_table_lock();
    descriptor->fd = kernel_socket_new(identity);
    if (descriptor->fd < 0)
        error = error_from_errno(errno);
    else {
        datagram_error_begin(descriptor);
        error = socket_adopt_locked(descriptor, NULL, ret_handle);
    }
    if (error)
        descriptor_free(descriptor);
    descriptor_table_unlock();
    return error;
}

/* --- Duplicates ----------------------------------------------------------- */

int unix_socket_duplicate(ws2_handle s, uint32_t process_id,
                          uint32_t *ret_token)
{
    struct wire_duplicate_request request = {.header.code = WIRE_DUPLICATE,
                                             .process_id = process_id};
    struct wire_duplicate_reply reply;
    struct descriptor *descriptor;
    int error;

    error = descriptor_acquire(s, &descriptor);
    if (error)
        return error;
    request.connected_at =
        __atomic_load_n(&descriptor->connected_at, __ATOMIC_RELAXED);
    if (process_id == 0 || !host_process_exists(process_id)) {
        error = WS2_EINVAL;
        goto out;
    }
    /* Of one kernel socket, should it get another just now, which then knows of
       the duplicate. */
    descriptor_table_lock();
    error = channel_call_for(descriptor, &request, &request.slot,
                             &descriptor->fd, 1, &reply);
    if (!error)
        __atomic_store_n(&descriptor->was_duplicated, 1, __ATOMIC_RELAXED);
    descriptor_table_unlock();
    if (!error)
        *ret_token = reply.token;
out:
    descriptor_release(descriptor);
    return error;
}

/* Gives the opened fd its place in this process. */
static int place_opened(struct descriptor *descriptor, uint32_t flags,
                        ws2_handle *ret_handle)
{
    struct wire_handle_request request = {.header.code = WIRE_HANDLE};
    int error;

    error = exchange_make_handle(descriptor,
                                 !(flags & WS2_FLAG_NO_HANDLE_INHERIT));
    if (error)
        return error;
    request.handle = *ret_handle = descriptor->handle;
    /* From here on it is a SOCKET, which a new server would be shown. */
    error = descriptor_publish_locked(descriptor);
    if (error) {
        host_socket_handle_close(descriptor->handle);
        descriptor->handle = 0;
    } else
        channel_post_for(descriptor, &request, &request.slot);
    return error;
}

/* What the server tells of the duplicate. */
static void take_reply(struct descriptor *descriptor,
                       const struct wire_open_reply *reply)
{
    descriptor->slot = reply->slot;
    descriptor->cookie = reply->cookie;
    descriptor->connected_at = reply->connected_at;
    descriptor->has_binding = 1; /* for all that is known here */
    descriptor->may_be_shared = 1;
    descriptor->set_options = OPTION_CARRY_UNKNOWN;
    descriptor->identity.family = (int)reply->family;
    descriptor->identity.type = (int)reply->type;
    descriptor->identity.protocol = (int)reply->protocol;
    descriptor->identity.flags = reply->socket_flags;
    __atomic_store_n(&descriptor->record, channel_record(reply->slot),
                     __ATOMIC_RELEASE);
}

/* The token is good once: there should be room for the fd before it is used. */
static int check_room(void)
{
    int fd = eventfd(0, EFD_CLOEXEC);

    if (fd < 0)
        return error_from_errno(errno);
    close(fd);
    return WS2_SUCCESS;
}

static int open_locked(struct descriptor *descriptor, uint32_t token,
                       uint32_t flags, ws2_handle *ret_handle)
{
    struct wire_open_request request = {.header.code = WIRE_OPEN,
                                        .token = token};
    struct wire_open_reply reply = {.cookie = 0};
    int error = check_room(), opened;

    if (error)
        return error;
    error = channel_call(&request, NULL, 0, &reply, &descriptor->fd);
    /* Without room for the fd after all, the server has opened it still. */
    opened = !error || (error == WS2_EMFILE && reply.cookie != 0);
    if (opened)
        take_reply(descriptor, &reply);
    if (!error)
        error = place_opened(descriptor, flags, ret_handle);
    if (error && opened)
        socket_tell_release(descriptor, /* wait= */ 0);
    return error;
}

int unix_socket_open(uint32_t token, uint32_t flags, ws2_handle *ret_handle)
{
    struct descriptor *descriptor = descriptor_new();
    int error;

    if (descriptor == NULL)
        return WS2_ENOBUFS;
    descriptor_table_lock();
    error = open_locked(descriptor, token, flags, ret_handle);
    if (error)
        descriptor_free(descriptor);
    descriptor_table_unlock();
    return error;
}

/* --- Questions ------------------------------------------------------------ */

int unix_socket_identity(ws2_handle s, struct unix_identity *ret_identity)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    *ret_identity = descriptor->identity;
    descriptor_release(descriptor);
    return WS2_SUCCESS;
}

int socket_set_property(struct descriptor *descriptor, uint32_t property,
                        uint64_t value)
{
    struct wire_set_request request = {.header.code = WIRE_SET,
                                       .property = property,
                                       .value = value};
    struct wire_set_reply reply;

    return channel_call_for(descriptor, &request, &request.slot, NULL, 0,
                            &reply);
}

/* --- Closing -------------------------------------------------------------- */

static void tell_release(struct descriptor *descriptor, int wait, int behind)
{
    struct wire_release_request request = {.header.code = WIRE_RELEASE,
                                           .handle = descriptor->handle,
                                           .behind = behind != 0};
    struct wire_release_reply reply;

    if (wait)
        (void)channel_call_for(descriptor, &request, &request.slot, NULL, 0,
                               &reply);
    else
        channel_post_for(descriptor, &request, &request.slot);
}

void socket_tell_release(struct descriptor *descriptor, int wait)
{
    tell_release(descriptor, wait, /* behind= */ 0);
}

/* Another fd of a socket whose closing waits (SO_LINGER with a time), or -1:
   its own is then not the last, and closing it does not wait under the lock. */
static int linger_apart(const struct descriptor *descriptor)
{
    struct linger linger;
    socklen_t length = sizeof(linger);

    if (descriptor->identity.type != WS2_SOCK_STREAM ||
        getsockopt(descriptor->fd, SOL_SOCKET, SO_LINGER, &linger, &length) <
            0 ||
        !linger.l_onoff || linger.l_linger == 0)
        return -1;
    return fcntl(descriptor->fd, F_DUPFD_CLOEXEC, 0);
}

/* Our fd goes first.  Where the server holds one for a registration or a
   duplicate, or keeps the socket's local address or its reservations, its
   answer says that it has let go: FIN is sent and the ports are free when we
   return.  The server is told before the handle's value can be used again. */
static int close_descriptor(ws2_handle s, int close_handle)
{
    struct descriptor *descriptor;
    int error, wait, lingering;

    error = descriptor_withdraw(s, &descriptor);
    if (error)
        return error;
    accept_operation_forsake(descriptor);
    socket_operations_leave(descriptor);
    rio_request_queue_leave(descriptor);
    descriptor_table_lock();
    wait = __atomic_load_n(&descriptor->has_binding, __ATOMIC_RELAXED) ||
           (descriptor_flags(descriptor) & WIRE_RECORD_SERVER_HAS_FD) ||
           option_is_on(descriptor, WIRE_OPTION_OWNS_PORTS);
    lingering = linger_apart(descriptor);
    descriptor_end_handle_locked(descriptor, close_handle);
    tell_release(descriptor, wait, !close_handle);
    descriptor_table_unlock();
    if (lingering >= 0)
        close(lingering);
    descriptor_free(descriptor);
    return WS2_SUCCESS;
}

int unix_socket_close(ws2_handle s)
{
    struct descriptor *descriptor;
    int error;

    if (host_process_is_ending())
        return WS2_SUCCESS;
    error = close_descriptor(s, 1);
    if (error != WS2_ENOTSOCK)
        return error;
    /* Perhaps an inherited handle that was never used. */
    error = descriptor_acquire(s, &descriptor);
    if (error)
        return error;
    descriptor_release(descriptor);
    return close_descriptor(s, 1);
}

int unix_socket_handle_closed(ws2_handle s)
{
    return close_descriptor(s, 0);
}
