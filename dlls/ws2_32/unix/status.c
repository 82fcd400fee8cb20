/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NTSTATUS and Winsock errors.
 *
 * An overlapped operation ends with an NTSTATUS in the program's memory, and
 * WSAGetOverlappedResult maps whatever it finds there; the map one way is
 * <ws2emu/statuses.def>.  The other way names the status that Windows'
 * transports give for an error, so that both ways lead back to the error.
 */
#include <stddef.h>

#include "unix/overlapped.h"

/* Severity is in the two upper bits: success, information, warning, error. */
#define STATUS_SEVERITY(status) ((uint32_t)(status) >> 30)
#define SEVERITY_WARNING 2

static const struct {
    uint32_t status;
    int error;
} errors[] = {
#define WS2_STATUS(name, value, error) {WS2_STATUS_##name, WS2_##error},
#include <ws2emu/statuses.def>
#undef WS2_STATUS
};

/* Of statuses that have one error, the one that it comes from here. */
static const struct {
    int error;
    uint32_t status;
} statuses[] = {
    {WS2_SUCCESS, WS2_STATUS_SUCCESS},
    {WS2_IO_PENDING, WS2_STATUS_PENDING},
    {WS2_IO_INCOMPLETE, WS2_STATUS_PENDING},
    {WS2_OPERATION_ABORTED, WS2_STATUS_CANCELLED},
    {WS2_INVALID_PARAMETER, WS2_STATUS_INVALID_PARAMETER},
    {WS2_NOT_ENOUGH_MEMORY, WS2_STATUS_NO_MEMORY},
    {WS2_INVALID_HANDLE, WS2_STATUS_INVALID_HANDLE},
    {WS2_EINTR, WS2_STATUS_REQUEST_ABORTED},
    {WS2_EACCES, WS2_STATUS_ACCESS_DENIED},
    {WS2_EFAULT, WS2_STATUS_ACCESS_VIOLATION},
    {WS2_EINVAL, WS2_STATUS_INVALID_PARAMETER},
    {WS2_EWOULDBLOCK, WS2_STATUS_DEVICE_NOT_READY},
    {WS2_ENOTSOCK, WS2_STATUS_INVALID_HANDLE},
    {WS2_EMSGSIZE, WS2_STATUS_BUFFER_OVERFLOW},
    {WS2_EOPNOTSUPP, WS2_STATUS_NOT_SUPPORTED},
    {WS2_EADDRINUSE, WS2_STATUS_ADDRESS_ALREADY_EXISTS},
    {WS2_EADDRNOTAVAIL, WS2_STATUS_INVALID_ADDRESS},
    {WS2_ENETDOWN, WS2_STATUS_UNEXPECTED_NETWORK_ERROR},
    {WS2_ENETUNREACH, WS2_STATUS_NETWORK_UNREACHABLE},
    {WS2_ECONNABORTED, WS2_STATUS_CONNECTION_ABORTED},
    {WS2_ECONNRESET, WS2_STATUS_CONNECTION_RESET},
    {WS2_ENOBUFS, WS2_STATUS_INSUFFICIENT_RESOURCES},
    {WS2_EISCONN, WS2_STATUS_CONNECTION_ACTIVE},
    {WS2_ENOTCONN, WS2_STATUS_INVALID_CONNECTION},
    {WS2_ESHUTDOWN, WS2_STATUS_PIPE_DISCONNECTED},
    {WS2_ETIMEDOUT, WS2_STATUS_IO_TIMEOUT},
    {WS2_ECONNREFUSED, WS2_STATUS_CONNECTION_REFUSED},
    {WS2_EHOSTDOWN, WS2_STATUS_HOST_DOWN},
    {WS2_EHOSTUNREACH, WS2_STATUS_HOST_UNREACHABLE},
    {WS2_EDISCON, WS2_STATUS_GRACEFUL_DISCONNECT},
};

int unix_error_of_status(uint32_t status)
{
    size_t i;

    if (status == WS2_STATUS_SUCCESS)
        return WS2_SUCCESS;
    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].status == status)
            return errors[i].error;
    return STATUS_SEVERITY(status) < SEVERITY_WARNING ? WS2_SUCCESS
                                                      : WS2_EINVAL;
}

uint32_t unix_status_of_error(int error)
{
    size_t i;

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].error == error)
            return statuses[i].status;
    return WS2_STATUS_INVALID_PARAMETER;
}

/* Winsock has no other place for the flags of a receive that ended later. */
uint32_t unix_flags_of_status(uint32_t status)
{
    switch (status) {
    case WS2_STATUS_BUFFER_OVERFLOW:
    case WS2_STATUS_RECEIVE_PARTIAL:
        return WS2_MSG_PARTIAL;
    case WS2_STATUS_RECEIVE_EXPEDITED:
        return WS2_MSG_OOB;
    default:
        return 0;
    }
}
