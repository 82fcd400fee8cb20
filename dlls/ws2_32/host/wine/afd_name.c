/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_BIND, _START_LISTEN, _GET_ADDRESS and _GET_REMOTE_ADDRESS:
 * libraries that go around ws2_32 bind and listen by them, and System Informer
 * asks for names.
 *
 * Their statuses are those that were observed on Windows.  There a bind pends,
 * and ends soon; here it has ended when the call returns.
 */
#include "afd_name.h"

#include <ntstatus.h>
#include <stdint.h>

#include "unix/overlapped.h"

/* The longest name of a family. */
#define NAME_SIZE 128

/* How a local address may be shared. */
enum afd_share {
    SHARE_UNIQUE,
    SHARE_REUSE,
    SHARE_WILDCARD,
    SHARE_EXCLUSIVE,
};

struct afd_listen_parameters {
    uint32_t is_san;
    int32_t backlog;
    uint32_t delays_acceptance;
};

static ws2_handle socket_of(const struct afd_call *call)
{
    return (uintptr_t)call->handle & ~(uintptr_t)3;
}

/* What the call has answered, told as it asked. */
static NTSTATUS succeed(const struct afd_call *call, uint32_t information)
{
    struct unix_completion completion = {
        .status_block = call->block,
        .event = (uintptr_t)call->event,
        .routine = (uintptr_t)call->routine,
    };
    const struct unix_result result = {.bytes = information};

    if (call->routine)
        completion.routine_context = (uintptr_t)call->context;
    else
        completion.port_context = (uintptr_t)call->context;
    return (NTSTATUS)unix_status_of_error(
        unix_socket_report(socket_of(call), &completion, &result));
}

/* --- Binding -------------------------------------------------------------- */

/* 0: no family of the socket. */
static uint32_t size_of_name(ws2_handle s, uint16_t family)
{
    struct unix_identity identity;

    if (unix_socket_identity(s, &identity) || identity.family != family)
        return 0;
    switch (family) {
    case WS2_AF_INET:
        return 16;
    case WS2_AF_INET6:
        return 28;
    default:
        return 0;
    }
}

static NTSTATUS status_of_bind(int error)
{
    switch (error) {
    case WS2_EINVAL:
        return STATUS_ADDRESS_ALREADY_ASSOCIATED;
    case WS2_EADDRINUSE:
        return STATUS_SHARING_VIOLATION;
    case WS2_EADDRNOTAVAIL:
        return STATUS_INVALID_ADDRESS_COMPONENT;
    default:
        return (NTSTATUS)unix_status_of_error(error);
    }
}

static int share(ws2_handle s, uint32_t how)
{
    const uint32_t on = 1;

    if (how != SHARE_REUSE && how != SHARE_EXCLUSIVE)
        return 0;
    return unix_socket_set_option(
        s, WS2_SOL_SOCKET,
        how == SHARE_REUSE ? WS2_SO_REUSEADDR : WS2_SO_EXCLUSIVEADDRUSE, &on,
        sizeof(on));
}

/* How it is shared, then the name; what comes out is the name that it got. */
NTSTATUS afd_bind(const struct afd_call *call)
{
    const ws2_handle s = socket_of(call);
    uint8_t name[NAME_SIZE];
    uint32_t how, size;
    uint16_t family;
    int length = NAME_SIZE, error;

    if (!call->in || call->in_size < sizeof(how) + sizeof(family))
        return STATUS_INVALID_PARAMETER;
    if (unix_memory_read(&how, call->in, sizeof(how)) ||
        unix_memory_read(&family, (const char *)call->in + sizeof(how),
                         sizeof(family)))
        return STATUS_ACCESS_VIOLATION;
    size = size_of_name(s, family);
    if (size == 0 || call->in_size < sizeof(how) + size)
        return STATUS_INVALID_ADDRESS;
    if (!call->out || call->out_size < size)
        return STATUS_INVALID_PARAMETER;
    if (unix_memory_read(name, (const char *)call->in + sizeof(how), size))
        return STATUS_ACCESS_VIOLATION;
    error = share(s, how);
    if (!error)
        error = unix_socket_bind(s, name, (int)size);
    if (!error)
        error = unix_socket_get_local_name(s, name, &length);
    if (error)
        return status_of_bind(error);
    if (unix_memory_write(call->out, name, size))
        return STATUS_ACCESS_VIOLATION;
    return succeed(call, size);
}

/* --- Listening ------------------------------------------------------------ */

NTSTATUS afd_listen(const struct afd_call *call)
{
    struct afd_listen_parameters parameters;
    int error;

    if (!call->in || call->in_size < sizeof(parameters))
        return STATUS_INVALID_PARAMETER;
    if (unix_memory_read(&parameters, call->in, sizeof(parameters)))
        return STATUS_ACCESS_VIOLATION;
    error = unix_socket_listen(socket_of(call), parameters.backlog);
    if (error == WS2_EINVAL || error == WS2_EOPNOTSUPP)
        return STATUS_INVALID_PARAMETER;
    return error ? (NTSTATUS)unix_status_of_error(error) : succeed(call, 0);
}

/* --- Names ---------------------------------------------------------------- */

NTSTATUS afd_get_name(const struct afd_call *call, int of_peer)
{
    const ws2_handle s = socket_of(call);
    uint8_t name[NAME_SIZE];
    int length = NAME_SIZE, error;

    error = of_peer ? unix_socket_get_peer_name(s, name, &length)
                    : unix_socket_get_local_name(s, name, &length);
    if (error)
        return error == WS2_EINVAL ? STATUS_INVALID_PARAMETER
                                   : (NTSTATUS)unix_status_of_error(error);
    if (!call->out || call->out_size < (uint32_t)length)
        return STATUS_BUFFER_TOO_SMALL;
    if (unix_memory_write(call->out, name, (uint32_t)length))
        return STATUS_ACCESS_VIOLATION;
    return succeed(call, (uint32_t)length);
}
