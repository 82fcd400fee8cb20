/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: SOCKETs are real NT handles.
 *
 * wineserver makes a file object of a socket's fd; inheritance by
 * CreateProcess, DuplicateHandle, ReadFile and the handle calls of the Windows
 * API then work by themselves, and in whatever process the handle appears, it
 * leads back to an fd of the same kernel socket.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include <ws2emu/constants.h>

#include "bare_handle.h"
#include "handle_hooks.h"
#include "host/host.h"
#include "posix.h"
#include "socket_handle.h"

/* ntdll's; Wine has no header for them. */
extern NTSTATUS CDECL wine_server_fd_to_handle(int fd, unsigned int access,
                                               unsigned int attributes,
                                               HANDLE *handle);
extern NTSTATUS CDECL wine_server_handle_to_fd(HANDLE handle,
                                               unsigned int access, int *fd,
                                               unsigned int *options);

static int error_of(NTSTATUS status)
{
    switch (status) {
    case STATUS_SUCCESS:
        return 0;
    case STATUS_TOO_MANY_OPENED_FILES:
        return WS2_EMFILE;
    case STATUS_NOT_SUPPORTED:
        return WS2_EOPNOTSUPP;
    default:
        return WS2_ENOBUFS;
    }
}

int host_socket_handle_create(int fd, int inherit, uint64_t *ret_handle)
{
    HANDLE handle = NULL;
    NTSTATUS status = wine_server_fd_to_handle(
        fd, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE,
        inherit ? OBJ_INHERIT : 0, &handle);

    *ret_handle = (uintptr_t)handle;
    return error_of(status);
}

int host_socket_handle_create_bare(int inherit, uint32_t most,
                                   uint64_t *ret_handle)
{
    HANDLE handle = NULL;
    NTSTATUS status = bare_handle_take(inherit, most, &handle);

    *ret_handle = (uintptr_t)handle;
    return error_of(status);
}

void host_socket_handle_cleanup(void)
{
    bare_handle_close_kept();
}

void host_socket_handle_close(uint64_t handle)
{
    if (bare_handle_is((HANDLE)(uintptr_t)handle))
        bare_handle_give_back((HANDLE)(uintptr_t)handle);
    else
        handle_close_unhooked((HANDLE)(uintptr_t)handle);
}

/* Files, pipes and Wine's own AFD sockets have fds too, so the fd is asked. */
int host_socket_handle_to_fd(uint64_t handle, int *ret_fd)
{
    int fd;

    /* 0 and the pseudo-handles of processes and threads are no objects, and a
       bare handle that no descriptor has is closed. */
    if (!handle || (int64_t)handle < 0 ||
        bare_handle_is((HANDLE)(uintptr_t)handle))
        return WS2_ENOTSOCK;
    if (wine_server_handle_to_fd((HANDLE)(uintptr_t)handle, 0, &fd, NULL))
        return WS2_ENOTSOCK;
    if (!posix_is_socket(fd)) {
        posix_close(fd);
        return WS2_ENOTSOCK;
    }
    *ret_fd = fd;
    return 0;
}

enum socket_handle_kind socket_handle_kind(HANDLE handle)
{
    enum socket_handle_kind kind = SOCKET_HANDLE_NONE;
    int fd;

    if (wine_server_handle_to_fd(handle, 0, &fd, NULL))
        return SOCKET_HANDLE_NONE;
    if (posix_is_socket(fd))
        kind = SOCKET_HANDLE_KERNEL;
    else if (posix_is_nobodys_socket(fd))
        kind = SOCKET_HANDLE_BARE;
    posix_close(fd);
    return kind;
}

void host_socket_handle_give_back(uint64_t handle, int fd)
{
    (void)handle;
    posix_close(fd);
}

int host_socket_handles_travel(void)
{
    return 1;
}

int host_file_to_fd(uint64_t file, int *ret_fd)
{
    int fd;

    if ((int64_t)file <= 0 ||
        wine_server_handle_to_fd((HANDLE)(uintptr_t)file, FILE_READ_DATA, &fd,
                                 NULL))
        return WS2_INVALID_HANDLE;
    *ret_fd = fd;
    return 0;
}
