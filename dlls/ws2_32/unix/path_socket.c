/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets of AF_UNIX; see path_socket.h. */
#include "unix/path_socket.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "host/host.h"
#include "unix/address.h"
#include "unix/channel.h"
#include "unix/connection.h"
#include "unix/error.h"
#include "unix/kernel_socket.h"
#include "unix/memory.h"
#include "unix/path_name.h"
#include "unix/socket.h"
#include "unix/wait.h"

#define MILLISECOND INT64_C(1000000)

struct winsock_sockaddr_un {
    uint16_t family;
    char path[WIRE_PATH_LENGTH];
};

_Static_assert(sizeof(struct winsock_sockaddr_un) == ADDRESS_LENGTH_UNIX,
               "SOCKADDR_UN");
_Static_assert(sizeof(((struct descriptor *)0)->local) == ADDRESS_LENGTH_UNIX &&
                   sizeof(((struct descriptor *)0)->peer) ==
                       ADDRESS_LENGTH_UNIX,
               "names in descriptors");

int path_socket_is(const struct descriptor *descriptor)
{
    return descriptor->identity.family == WS2_AF_UNIX;
}

/* --- Names ---------------------------------------------------------------- */

/* The program's name; what is behind the path's NUL or the length is 0. */
static int read_name(const void *name, int length,
                     struct winsock_sockaddr_un *ret)
{
    size_t size;
    int error;

    if (name == NULL || length < (int)sizeof(ret->family))
        return WS2_EFAULT;
    size = (size_t)length > sizeof(*ret) ? sizeof(*ret) : (size_t)length;
    memset(ret, 0, sizeof(*ret));
    error = memory_read_cached(ret, name, size);
    if (error)
        return error;
    if (ret->family != WS2_AF_UNIX)
        return WS2_EAFNOSUPPORT;
    size = strnlen(ret->path, sizeof(ret->path));
    memset(ret->path + size, 0, sizeof(ret->path) - size);
    return WS2_SUCCESS;
}

/* The path in the host's words. */
static int find_path(const struct winsock_sockaddr_un *name, char *path,
                     size_t size)
{
    char text[sizeof(name->path) + 1];

    memcpy(text, name->path, sizeof(name->path));
    text[sizeof(name->path)] = '\0';
    return host_path_to_unix(text, path, size);
}

static int names_have(const struct descriptor *descriptor, int side)
{
    return side == WIRE_NAME_LOCAL ? descriptor->local_length != 0
                                   : descriptor->peer_length != 0;
}

static void remember_locked(struct descriptor *descriptor, int side,
                            const struct winsock_sockaddr_un *name)
{
    if (side == WIRE_NAME_LOCAL) {
        memcpy(descriptor->local, name, sizeof(*name));
        descriptor->local_length = sizeof(*name);
    } else {
        memcpy(descriptor->peer, name, sizeof(*name));
        descriptor->peer_length = sizeof(*name);
    }
}

static void remember(struct descriptor *descriptor, int side,
                     const struct winsock_sockaddr_un *name)
{
    descriptor_table_lock();
    remember_locked(descriptor, side, name);
    descriptor_table_unlock();
}

static void describe(const struct winsock_sockaddr_un *name, int side, int set,
                     struct wire_name_request *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->header.code = WIRE_NAME;
    ret->side = (uint16_t)side;
    ret->set = set != 0;
    if (set) {
        ret->path_length = (uint8_t)strnlen(name->path, sizeof(name->path));
        memcpy(ret->path, name->path, sizeof(name->path));
    }
}

int path_socket_describe_locked(const struct descriptor *descriptor, int side,
                                struct wire_name_request *ret_request)
{
    struct winsock_sockaddr_un name;

    if (!path_socket_is(descriptor) || !names_have(descriptor, side))
        return 0;
    memcpy(&name,
           side == WIRE_NAME_LOCAL ? descriptor->local : descriptor->peer,
           sizeof(name));
    describe(&name, side, 1, ret_request);
    return 1;
}

/* Keeps a name, here and at the server. */
static void set_name(struct descriptor *descriptor, int side,
                     const struct winsock_sockaddr_un *name)
{
    struct wire_name_request request;

    remember(descriptor, side, name);
    describe(name, side, 1, &request);
    channel_post_for(descriptor, &request, &request.slot);
}

/* The name that the server knows. 1: there is one. */
static int ask_server(struct descriptor *descriptor, int side,
                      struct winsock_sockaddr_un *ret)
{
    struct wire_name_request request;
    struct wire_name_reply reply;

    describe(NULL, side, 0, &request);
    if (channel_call_for(descriptor, &request, &request.slot, NULL, 0,
                         &reply) ||
        !reply.known || reply.path_length > sizeof(ret->path))
        return 0;
    *ret = (struct winsock_sockaddr_un){.family = WS2_AF_UNIX};
    memcpy(ret->path, reply.path, reply.path_length);
    return 1;
}

/* The name of a kernel address; an empty one when Winsock has no words for
   it. */
static void translate(const struct sockaddr_un *from, socklen_t length,
                      struct winsock_sockaddr_un *ret)
{
    char path[sizeof(from->sun_path) + 1] = "", text[PATH_MAX];
    size_t offset = offsetof(struct sockaddr_un, sun_path);

    *ret = (struct winsock_sockaddr_un){.family = WS2_AF_UNIX};
    if (length <= offset || length > sizeof(*from) || !from->sun_path[0])
        return;
    memcpy(path, from->sun_path, length - offset);
    if (path_name_is_private(path) ||
        host_path_from_unix(path, text, sizeof(text)) ||
        strlen(text) > sizeof(ret->path))
        return;
    memcpy(ret->path, text, strlen(text));
}

/* Finds a name: here, at the server, or in the kernel's words. */
static void find_name(struct descriptor *descriptor, int side,
                      const struct sockaddr_un *kernel, socklen_t length,
                      uint8_t *bytes)
{
    struct winsock_sockaddr_un name;
    int known;

    descriptor_table_lock();
    known = names_have(descriptor, side);
    memcpy(bytes, side == WIRE_NAME_LOCAL ? descriptor->local
                                          : descriptor->peer,
           sizeof(name));
    descriptor_table_unlock();
    if (known)
        return;
    if (!ask_server(descriptor, side, &name))
        translate(kernel, length, &name);
    remember(descriptor, side, &name);
    memcpy(bytes, &name, sizeof(name));
}

uint32_t path_socket_local(struct descriptor *descriptor, uint8_t *bytes)
{
    struct sockaddr_un name = {0};
    socklen_t length = sizeof(name);

    if (getsockname(descriptor->fd, (struct sockaddr *)&name, &length) < 0)
        return 0;
    if (length <= offsetof(struct sockaddr_un, sun_path) &&
        !connection_is_established(descriptor))
        return 0;
    find_name(descriptor, WIRE_NAME_LOCAL, &name, length, bytes);
    return ADDRESS_LENGTH_UNIX;
}

uint32_t path_socket_peer(struct descriptor *descriptor, uint8_t *bytes)
{
    struct sockaddr_un name = {0};
    socklen_t length = sizeof(name);

    if (!connection_is_established(descriptor))
        return 0;
    if (getpeername(descriptor->fd, (struct sockaddr *)&name, &length) < 0)
        length = 0;
    find_name(descriptor, WIRE_NAME_PEER, &name, length, bytes);
    return ADDRESS_LENGTH_UNIX;
}

void path_socket_inherit_locked(struct descriptor *child,
                                const struct descriptor *listener)
{
    child->local_length = listener->local_length;
    memcpy(child->local, listener->local, listener->local_length);
}

/* --- bind ----------------------------------------------------------------- */

/* What a file system has to say about a bind. */
static int bind_error(int unix_error)
{
    switch (unix_error) {
    case ENOENT:
    case ENOTDIR:
        return WS2_ENETDOWN; /* no such folder */
    case EPERM:
    case EROFS:
        return WS2_EACCES;
    case EEXIST:
        return WS2_EADDRINUSE;
    }
    return error_from_errno(unix_error);
}

/* A name that nobody knows: the kernel makes one up. */
static int bind_unnamed(struct descriptor *descriptor)
{
    const struct sockaddr none = {.sa_family = AF_UNIX};

    return bind(descriptor->fd, &none, sizeof(none.sa_family)) < 0 ? -errno : 0;
}

int path_socket_bind(struct descriptor *descriptor, const void *name,
                     int length)
{
    struct winsock_sockaddr_un wanted;
    char path[PATH_MAX];
    int error = read_name(name, length, &wanted), result;

    if (error)
        return error;
    if (kernel_socket_is_bound(descriptor->fd))
        return WS2_EINVAL;
    if (wanted.path[0] == '\0')
        result = bind_unnamed(descriptor);
    else {
        error = find_path(&wanted, path, sizeof(path));
        if (error)
            return error;
        result = path_name_bind(descriptor->fd, path);
    }
    if (result < 0)
        return bind_error(-result);
    __atomic_store_n(&descriptor->bound, 1, __ATOMIC_RELAXED);
    set_name(descriptor, WIRE_NAME_LOCAL, &wanted);
    return WS2_SUCCESS;
}

/* --- connect -------------------------------------------------------------- */

static int connect_error(int unix_error)
{
    switch (unix_error) {
    case EAGAIN: /* the backlog is full */
    case ENOENT:
    case ENOTDIR:
    case EPROTOTYPE:
        return WS2_ECONNREFUSED;
    case EPERM:
        return WS2_EACCES;
    }
    return error_from_errno(unix_error);
}

/* The kernel does not wait for room in the backlog where it does not wait at
   all, and has no event for it. */
static int reach(struct descriptor *descriptor, const char *path)
{
    const int may_wait =
        !(descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING);
    int64_t pause = MILLISECOND;
    int result, error;

    for (;;) {
        result = path_name_connect(descriptor->fd, path);
        if (result == -EINTR)
            continue;
        if (result != -EAGAIN || !may_wait)
            break;
        error = wait_open(descriptor, wait_now() + pause);
        if (error)
            return error;
        if (pause < 50 * MILLISECOND)
            pause *= 2;
    }
    return result < 0 ? connect_error(-result) : WS2_SUCCESS;
}

static int check_state(struct descriptor *descriptor)
{
    if (connection_is_established(descriptor))
        return WS2_EISCONN;
    return kernel_socket_is_listening(descriptor->fd) ? WS2_EINVAL
                                                      : WS2_SUCCESS;
}

/* A connect here is over at once.  A non-blocking one is told so as any other
   is: by WS2_EWOULDBLOCK, and then by being connected. */
int path_socket_connect(struct descriptor *descriptor, const void *name,
                        int length)
{
    struct winsock_sockaddr_un wanted;
    char path[PATH_MAX];
    int error = read_name(name, length, &wanted);

    if (!error)
        error = check_state(descriptor);
    if (!error && wanted.path[0] == '\0')
        error = WS2_EINVAL;
    if (error)
        return error;
    if (descriptor_flags(descriptor) & WIRE_RECORD_CONNECT_FAILED)
        (void)socket_set_property(descriptor, WIRE_SET_CONNECTING, 1);
    error = find_path(&wanted, path, sizeof(path));
    error = error == WS2_ENETDOWN ? WS2_ECONNREFUSED
            : error               ? error
                                  : reach(descriptor, path);
    if (error) {
        if (descriptor_is_open(descriptor))
            connection_note_failure(descriptor, 0);
        return error;
    }
    __atomic_store_n(&descriptor->connected_at, connection_clock(),
                     __ATOMIC_RELAXED);
    (void)connection_is_established(descriptor);
    set_name(descriptor, WIRE_NAME_PEER, &wanted);
    connection_reenable(descriptor, WS2_FD_CONNECT, 0);
    return descriptor_flags(descriptor) & WIRE_RECORD_NONBLOCKING
               ? WS2_EWOULDBLOCK
               : WS2_SUCCESS;
}

/* --- The process at the other end ----------------------------------------- */

/* What Winsock calls a process that is the server's client; its unix pid, when
   it is none. */
static int find_process(uint32_t unix_pid, uint32_t *ret_process_id)
{
    struct wire_list_request request = {.header.code = WIRE_LIST,
                                        .section = WIRE_LIST_CLIENTS};
    struct wire_list_reply reply;
    int error;

    *ret_process_id = unix_pid;
    do {
        error = channel_call(&request, NULL, 0, &reply, NULL);
        if (error)
            return error;
        if (reply.next != 0 && reply.row.unix_pid == unix_pid)
            *ret_process_id = reply.row.process_id;
        request.cursor = reply.next;
    } while (reply.next != 0);
    return WS2_SUCCESS;
}

int unix_socket_peer_process(ws2_handle s, uint32_t *ret_process_id)
{
    struct descriptor *descriptor;
    struct ucred peer;
    socklen_t length = sizeof(peer);
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    if (!path_socket_is(descriptor))
        error = WS2_EOPNOTSUPP;
    else if (!connection_is_established(descriptor))
        error = WS2_ENOTCONN;
    else if (getsockopt(descriptor->fd, SOL_SOCKET, SO_PEERCRED, &peer,
                        &length) < 0)
        error = error_from_errno(errno);
    else
        error = find_process((uint32_t)peer.pid, ret_process_id);
    descriptor_release(descriptor);
    return error;
}
