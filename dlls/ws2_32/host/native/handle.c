/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Socket handles: SOCKET is 4 * (fd + 1), unless the embedding layer has a
 * handle table of its own.  Inheritance is the descriptor's close-on-exec
 * flag, so a child that inherits the descriptor has the same SOCKET.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "host/host.h"
#include "host/native/native.h"

/* The handle of the caller's socket fd.  WS2_ENOTSOCK: fd is closed. */
int host_socket_handle_create(int fd, int inherit, uint64_t *ret_handle)
{
    const struct ws2emu_embedding *embedding = native_embedding();

    if (embedding->socket_handle_create)
        return embedding->socket_handle_create(fd, inherit, ret_handle);
    if (fcntl(fd, F_SETFD, inherit ? 0 : FD_CLOEXEC) < 0)
        return WS2_ENOTSOCK;
    *ret_handle = native_handle(fd);
    return WS2_SUCCESS;
}

/* A SOCKET is its fd's number, which comes of the fd alone. */
int host_socket_handle_create_bare(int inherit, uint32_t most,
                                   uint64_t *ret_handle)
{
    (void)inherit, (void)most, (void)ret_handle;
    return WS2_EOPNOTSUPP;
}

void host_socket_handle_cleanup(void)
{
}

/* Ends the handle; closing the fd is the caller's. */
void host_socket_handle_close(uint64_t handle)
{
    const struct ws2emu_embedding *embedding = native_embedding();

    if (embedding->socket_handle_close)
        embedding->socket_handle_close(handle);
}

/*
 * Is it a socket that Winsock could have made?  The other sockets of a process
 * (the connection to the server, one to the X display made by socketpair, a
 * netlink socket) are none of a Windows program's.
 */
static int is_winsock_socket(int fd)
{
    int domain, type;
    socklen_t length = sizeof domain;

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0)
        return 0;
    length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0)
        return 0;
    if (domain == AF_UNIX)
        return type == SOCK_STREAM;
    return (domain == AF_INET || domain == AF_INET6) &&
           (type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_RAW);
}

/* The fd of a handle that the process inherited; the caller owns it.
   WS2_ENOTSOCK: it is no socket. */
int host_socket_handle_to_fd(uint64_t handle, int *ret_fd)
{
    const struct ws2emu_embedding *embedding = native_embedding();
    int fd;

    if (embedding->socket_handle_to_fd)
        return embedding->socket_handle_to_fd(handle, ret_fd);
    fd = native_handle_fd(handle);
    if (fd < 0 || !is_winsock_socket(fd))
        return WS2_ENOTSOCK;
    *ret_fd = fd;
    return WS2_SUCCESS;
}

/* The handle is the fd, unless the embedding layer made one of its own. */
void host_socket_handle_give_back(uint64_t handle, int fd)
{
    (void)handle;
    if (native_embedding()->socket_handle_to_fd)
        close(fd);
}

/* The number of an fd says nothing elsewhere. */
int host_socket_handles_travel(void)
{
    return 0;
}

/* A file's handle is made of its fd as a SOCKET is: 4 * (fd + 1). */
int host_file_to_fd(uint64_t file, int *ret_fd)
{
    int fd = native_handle_fd(file);

    if (fd >= 0)
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return WS2_INVALID_HANDLE;
    *ret_fd = fd;
    return WS2_SUCCESS;
}
