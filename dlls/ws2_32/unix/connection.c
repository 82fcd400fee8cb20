/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connections: connect, listen, accept, shutdown.
 *
 * The kernel keeps the state of a connection; what Winsock remembers beyond
 * it (a failed connect, a reset, what was shut down) is published by the
 * server, so that every holder of the socket sees it.
 */
#include "unix/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "unix/address.h"
#include "unix/channel.h"
#include "unix/connection_context.h"
#include "unix/data.h"
#include "unix/error.h"
#include "unix/group_socket.h"
#include "unix/kernel_socket.h"
#include "unix/name.h"
#include "unix/network_limit.h"
#include "unix/option_carry.h"
#include "unix/path_socket.h"
#include "unix/raw_socket.h"
#include "unix/socket.h"
#include "unix/wait.h"

static int is_stream(const struct descriptor *descriptor)
{
    return descriptor->identity.type == WS2_SOCK_STREAM;
}

uint64_t connection_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec + 1; /* never 0, which is "not connected" */
}

static uint32_t stage_of(const struct descriptor *descriptor)
{
    return __atomic_load_n(&descriptor->stage, __ATOMIC_RELAXED);
}

static void set_stage(struct descriptor *descriptor, uint32_t stage)
{
    __atomic_store_n(&descriptor->stage, stage, __ATOMIC_RELAXED);
}

int connection_is_established(struct descriptor *descriptor)
{
    if (stage_of(descriptor) == DESCRIPTOR_CONNECTED)
        return 1;
    if (!is_stream(descriptor) ||
        kernel_socket_stream_state(descriptor->fd) != KERNEL_SOCKET_CONNECTED)
        return 0;
    set_stage(descriptor, DESCRIPTOR_CONNECTED);
    return 1;
}

void connection_note_reset(struct descriptor *descriptor)
{
    if (!(descriptor_flags(descriptor) & WIRE_RECORD_RESET))
        (void)socket_set_property(descriptor, WIRE_SET_RESET, 1);
}

void OFF_HOT_PATH connection_tell(struct descriptor *descriptor,
                                  uint32_t events, uint32_t would_block,
                                  uint32_t failed)
{
    const struct wire_record *record = descriptor_record(descriptor);
    uint32_t waited = __atomic_load_n(&record->reenable, __ATOMIC_RELAXED);
    struct wire_reenable_request request = {
        .header.code = WIRE_REENABLE,
        .events = events & waited,
        .would_block = would_block & waited,
        .failed = failed & waited,
    };

    if (request.events != 0)
        channel_post_for(descriptor, &request, &request.slot);
}

/* --- listen --------------------------------------------------------------- */

/* The kernel looks for conflicts here, too. */
static int start_listening(struct descriptor *descriptor, int backlog)
{
    if (!kernel_socket_is_listening(descriptor->fd))
        name_follow_sharing(descriptor);
    if (listen(descriptor->fd, backlog) < 0)
        return error_from_errno(errno);
    name_follow_listen(descriptor);
    name_allow_joining(descriptor);
    return WS2_SUCCESS;
}

int unix_socket_listen(ws2_handle s, int backlog)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    /* SOMAXCONN_HINT(n) is -n; the kernel clamps what is too large. */
    if (backlog < 0)
        backlog = backlog == INT32_MIN ? INT32_MAX : -backlog;
    if (!is_stream(descriptor))
        error = WS2_EOPNOTSUPP;
    else if (!name_is_bound(descriptor))
        error = WS2_EINVAL;
    else if (connection_is_established(descriptor))
        error = WS2_EISCONN;
    else
        error = start_listening(descriptor, backlog);
    descriptor_release(descriptor);
    return error;
}

/* --- connect -------------------------------------------------------------- */

/* Winsock has no name for "this host" as a destination: 0.0.0.0 and :: are no
   addresses to connect to, and port 0 is no port. */
static int is_destination(const struct sockaddr_storage *name)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;

    if (name->ss_family == AF_INET)
        return v4->sin_port != 0 && v4->sin_addr.s_addr != 0;
    return v6->sin6_port != 0 && !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

void connection_note_failure(struct descriptor *descriptor, int so_error)
{
    set_stage(descriptor, DESCRIPTOR_UNKNOWN);
    __atomic_store_n(&descriptor->connected_at, 0, __ATOMIC_RELAXED);
    name_forget_peer(descriptor);
    (void)socket_set_property(descriptor, WIRE_SET_CONNECT_FAILED,
                              (uint64_t)so_error);
}

/* The kernel tells a connect's error once; whoever took it has told the
   server. */
static int take_failure(struct descriptor *descriptor)
{
    const struct wire_record *record = descriptor_record(descriptor);
    int unix_error = kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_ERROR);
    int error;

    if (unix_error > 0)
        return error_from_errno(unix_error);
    error = __atomic_load_n(&record->connect_error, __ATOMIC_RELAXED);
    return error ? error : WS2_ECONNREFUSED;
}

int connection_take_failure(struct descriptor *descriptor)
{
    int unix_error = kernel_socket_option(descriptor->fd, SOL_SOCKET, SO_ERROR);

    if (unix_error <= 0)
        return (descriptor_flags(descriptor) & WIRE_RECORD_CONNECT_FAILED) != 0;
    connection_note_failure(descriptor, error_from_errno(unix_error));
    return 1;
}

int connection_outcome(struct descriptor *descriptor)
{
    int error;

    if (connection_is_established(descriptor))
        return WS2_SUCCESS;
    if (kernel_socket_stream_state(descriptor->fd) == KERNEL_SOCKET_CONNECTING)
        return WS2_EALREADY;
    if (descriptor_flags(descriptor) & WIRE_RECORD_CONNECT_FAILED)
        return take_failure(descriptor);
    error = take_failure(descriptor);
    connection_note_failure(descriptor, error);
    return error;
}

/* Calls connect(2).  A leftover of an earlier failed connect is answered to
   the next one by the kernel, not to be taken for this one's result. */
static int start_connect(struct descriptor *descriptor,
                         const struct sockaddr_storage *name,
                         socklen_t length, int had_failed,
                         struct transfer *data)
{
    int error = 0, tries;

    for (tries = 0; tries < 2; tries++) {
        error = data == NULL ? EOPNOTSUPP
                             : transfer_fast_open(data, name, length);
        if (error == EOPNOTSUPP) {
            if (connect(descriptor->fd, (const struct sockaddr *)name,
                        length) == 0)
                return 0;
            error = errno;
        }
        if (!had_failed || error == EINPROGRESS)
            break;
    }
    return error;
}

/* Takes back the peer, or a connect that is under way. */
static int dissolve(const struct descriptor *descriptor)
{
    const struct sockaddr_storage none = {.ss_family = AF_UNSPEC};

    return connect(descriptor->fd, (const struct sockaddr *)&none,
                   sizeof(none));
}

int connection_begin(struct descriptor *descriptor,
                     const struct sockaddr_storage *name, socklen_t length,
                     struct transfer *data, int *ret_unix_error)
{
    uint32_t flags = descriptor_flags(descriptor);
    int error, failed = !!(flags & WIRE_RECORD_CONNECT_FAILED);

    if (stage_of(descriptor) == DESCRIPTOR_CONNECTED)
        return WS2_EISCONN;
    switch (kernel_socket_stream_state(descriptor->fd)) {
    case KERNEL_SOCKET_CONNECTED:
        return WS2_EISCONN;
    case KERNEL_SOCKET_LISTENING:
        return WS2_EINVAL;
    case KERNEL_SOCKET_CONNECTING:
        return WS2_EALREADY;
    case KERNEL_SOCKET_IDLE:
        break;
    }
    if (!is_destination(name))
        return WS2_EADDRNOTAVAIL;
    error = network_limit_check(name);
    if (!error)
        error = name_bind_implicitly(descriptor);
    if (error)
        return error;
    if (failed)
        (void)socket_set_property(descriptor, WIRE_SET_CONNECTING, 1);

    __atomic_store_n(&descriptor->connected_at, connection_clock(),
                     __ATOMIC_RELAXED);
    name_remember_peer(descriptor, name, length);
    set_stage(descriptor, DESCRIPTOR_CONNECTING);
    *ret_unix_error = start_connect(descriptor, name, length,
                                    failed || flags & WIRE_RECORD_RESET, data);
    return WS2_SUCCESS;
}

void connection_note_success(struct descriptor *descriptor)
{
    set_stage(descriptor, DESCRIPTOR_CONNECTED);
}

/* deadline 0: to wait or not is what the blocking mode says. */
static int connect_stream(struct descriptor *descriptor,
                          const struct sockaddr_storage *name,
                          socklen_t length, int64_t deadline)
{
    const uint32_t extension =
        __atomic_load_n(&descriptor->extension, __ATOMIC_RELAXED);
    int unix_error, error;

    if (extension != DESCRIPTOR_PLAIN && extension != DESCRIPTOR_ACCEPTED_EX)
        return WS2_EINVAL;
    error = connection_begin(descriptor, name, length, NULL, &unix_error);
    if (error)
        return error;
    if (unix_error == EINPROGRESS) {
        if (deadline == 0 &&
            descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING)
            return WS2_EWOULDBLOCK;
        error = wait_for(descriptor, POLLOUT,
                         deadline ? deadline : WAIT_FOREVER);
        if (error == WS2_ETIMEDOUT || error == WS2_OPERATION_ABORTED)
            dissolve(descriptor);
        else if (error)
            return error; /* closed, or cannot wait; it goes on connecting */
        else if (!connection_is_established(descriptor))
            error = take_failure(descriptor);
    } else
        error = error_from_errno(unix_error);

    if (error)
        connection_note_failure(descriptor, 0);
    else
        set_stage(descriptor, DESCRIPTOR_CONNECTED);
    return error;
}

/* Zero, the port too, which raw sockets do not have. */
static int is_zero(const struct descriptor *descriptor,
                   const struct sockaddr_storage *name)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)name;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)name;

    if (v4->sin_port != 0 && !raw_socket_is(descriptor))
        return 0; /* sin6_port is at the same place */
    switch (name->ss_family) {
    case AF_INET:
        return v4->sin_addr.s_addr == 0;
    case AF_INET6:
        return IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    default:
        return 1; /* no family */
    }
}

/* A datagram socket's connect names its peer.  The family zero, or an address
   of zeroes, takes that back; one with a port is nobody's address, as libuv's
   tests say of Windows. */
static int connect_datagram(struct descriptor *descriptor,
                            struct sockaddr_storage *name,
                            socklen_t length)
{
    int error, result;

    if (is_zero(descriptor, name))
        result = dissolve(descriptor);
    else {
        if (raw_socket_is(descriptor))
            raw_socket_set_peer_port(name);
        if (!is_destination(name))
            return WS2_EADDRNOTAVAIL;
        error = network_limit_check(name);
        if (!error && !raw_socket_is(descriptor))
            error = name_bind_implicitly(descriptor);
        if (error)
            return error;
        group_socket_connects(descriptor);
        result = connect(descriptor->fd, (const struct sockaddr *)name, length);
    }
    if (result < 0)
        return error_from_errno(errno);
    if (raw_socket_is(descriptor))
        __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    /* An event registration learns of it from the server's look. */
    connection_reenable(descriptor, WS2_FD_CONNECT, 0);
    return WS2_SUCCESS;
}

int unix_socket_connect(ws2_handle s, const void *name, int length)
{
    struct sockaddr_storage kernel_name;
    struct descriptor *descriptor;
    socklen_t kernel_length;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (path_socket_is(descriptor)) {
        error = path_socket_connect(descriptor, name, length);
        goto out;
    }
    if (!is_stream(descriptor) && name_is_unspecified(name, length)) {
        memset(&kernel_name, 0, sizeof(kernel_name));
        error = connect_datagram(descriptor, &kernel_name, 0);
        goto out;
    }
    error = name_read(descriptor, name, length, &kernel_name, &kernel_length);
    if (error)
        goto out;
    if (is_stream(descriptor))
        error = connect_stream(descriptor, &kernel_name, kernel_length, 0);
    else
        error = connect_datagram(descriptor, &kernel_name, kernel_length);
out:
    descriptor_release(descriptor);
    return error;
}

int unix_socket_connect_until(ws2_handle s, const void *name, int length,
                              int64_t deadline)
{
    struct sockaddr_storage kernel_name;
    struct descriptor *descriptor;
    socklen_t kernel_length;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (!is_stream(descriptor) || path_socket_is(descriptor))
        error = WS2_EINVAL;
    else
        error =
            name_read(descriptor, name, length, &kernel_name, &kernel_length);
    if (!error)
        error = connect_stream(descriptor, &kernel_name, kernel_length,
                               deadline);
    descriptor_release(descriptor);
    return error;
}

int64_t unix_deadline(int64_t microseconds)
{
    return microseconds < 0 || microseconds > INT64_MAX / 2000
               ? WAIT_FOREVER
               : wait_now() + microseconds * 1000;
}

/* --- accept --------------------------------------------------------------- */

/* One accept4(2); what it brings becomes a SOCKET in the same step.
   WS2_EWOULDBLOCK: there is no connection now. */
static int take_connection(struct descriptor *listener,
                           struct descriptor *child, ws2_handle *ret_handle)
{
    struct sockaddr_storage peer;
    socklen_t length;

    do {
        length = sizeof(peer);
        child->fd = accept4(listener->fd, (struct sockaddr *)&peer, &length,
                            SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (child->fd < 0 && (errno == ECONNABORTED || errno == EINTR));
    if (child->fd < 0)
        return error_from_errno(errno);
    child->identity = listener->identity;
    /* An accepted SOCKET is always inheritable. */
    child->identity.flags &= ~(uint32_t)WS2_FLAG_NO_HANDLE_INHERIT;
    child->connected_at = connection_clock();
    child->bound = 1;
    option_carry_inherit(child, listener);
    set_stage(child, DESCRIPTOR_CONNECTED);
    if (path_socket_is(child))
        path_socket_inherit_locked(child, listener);
    else
        name_remember_peer(child, &peer, length);
    return socket_adopt_locked(child, listener, ret_handle);
}

/* The same, waiting as Winsock's blocking mode wants, and with a copy of the
   peer's name for the caller: the child is anybody's by then. */
static int accept_connection(struct descriptor *listener, int decides,
                             uint8_t *peer, uint32_t *ret_peer_length,
                             ws2_handle *ret_handle)
{
    struct descriptor *child = descriptor_new();
    int error, no_connection;

    if (child == NULL)
        return WS2_ENOBUFS;
    do {
        descriptor_table_lock();
        error = take_connection(listener, child, ret_handle);
        no_connection = error && child->fd < 0;
        *ret_peer_length = child->peer_length;
        memcpy(peer, child->peer, child->peer_length);
        if (error && !no_connection)
            descriptor_free(child);
        descriptor_table_unlock();
        if (error != WS2_EWOULDBLOCK || !no_connection ||
            (descriptor_flags(listener) & WIRE_RECORD_NONBLOCKING))
            break;
        error = wait_for(listener, POLLIN, WAIT_FOREVER);
    } while (!error);
    if (no_connection)
        descriptor_free(child);
    if (error || !decides)
        connection_reenable(listener, WS2_FD_ACCEPT,
                            error == WS2_EWOULDBLOCK ? WS2_FD_ACCEPT : 0);
    return error;
}

int unix_socket_accept(ws2_handle s, void *name, int *length, int decides,
                       ws2_handle *ret_handle)
{
    uint8_t peer[ADDRESS_LENGTH_MAX];
    struct descriptor *listener;
    uint32_t peer_length = 0;
    ws2_handle handle = 0;
    int error = descriptor_acquire(s, &listener);

    if (error)
        return error;
    if (!is_stream(listener))
        error = WS2_EOPNOTSUPP;
    else if (name != NULL && length != NULL)
        error = name_check_room(listener, name, length);
    if (error)
        connection_reenable_failed(listener, WS2_FD_ACCEPT);
    else
        error = accept_connection(listener, decides, peer, &peer_length,
                                  &handle);
    if (!error && name != NULL && length != NULL) {
        error = path_socket_is(listener)
                    ? unix_socket_get_peer_name(handle, name, length)
                    : name_write(peer, peer_length, name, length);
        if (error)
            unix_socket_close(handle);
    }
    if (!error)
        *ret_handle = handle;
    descriptor_release(listener);
    return error;
}

void unix_socket_keep_for_accept(ws2_handle s, int keeps)
{
    struct descriptor *descriptor;

    if (descriptor_acquire(s, &descriptor))
        return;
    __atomic_store_n(&descriptor->is_put_aside, keeps != 0, __ATOMIC_RELAXED);
    descriptor_release(descriptor);
}

void unix_socket_put_aside(ws2_handle s, uint32_t count, int again)
{
    struct descriptor *listener;

    if (descriptor_acquire(s, &listener))
        return;
    if (__atomic_exchange_n(&listener->put_aside, count, __ATOMIC_RELAXED) !=
        count)
        (void)socket_set_property(listener, WIRE_SET_PUT_ASIDE, count);
    if (!again)
        connection_reenable(listener, WS2_FD_ACCEPT, 0);
    descriptor_release(listener);
}

/* --- shutdown ------------------------------------------------------------- */

/* Receiving ends in the published state only: the kernel's own way would look
   to the peer and to other holders like the peer's FIN. */
int connection_shut_down(struct descriptor *descriptor, int how)
{
    const uint32_t bits = how == WS2_SD_RECEIVE ? WIRE_RECORD_SHUT_RECEIVE
                          : how == WS2_SD_SEND  ? WIRE_RECORD_SHUT_SEND
                                                : WIRE_RECORD_SHUT_RECEIVE |
                                                     WIRE_RECORD_SHUT_SEND;
    uint32_t missing = bits & ~descriptor_flags(descriptor);
    int error = WS2_SUCCESS;

    if (missing == 0)
        return WS2_SUCCESS;
    if (is_stream(descriptor) && !connection_is_established(descriptor))
        return WS2_ENOTCONN;
    if (missing & WIRE_RECORD_SHUT_SEND)
        error = data_end_sending(descriptor);
    return error ? error
                 : socket_set_property(descriptor, WIRE_SET_SHUTDOWN,
                                       (uint64_t)how);
}

int unix_socket_shutdown(ws2_handle s, int how)
{
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (how != WS2_SD_RECEIVE && how != WS2_SD_SEND && how != WS2_SD_BOTH)
        error = WS2_EINVAL;
    else
        error = connection_context_check_shutdown(descriptor, how);
    if (!error)
        error = connection_shut_down(descriptor, how);
    descriptor_release(descriptor);
    return error;
}
