/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_RECV and IOCTL_AFD_RECV_DATAGRAM: libuv receives datagrams by them,
 * going around a fault of Windows' own ws2_32.  IOCTL_AFD_SEND has the
 * parameters of the first.
 */
#include "afd_receive.h"

#include <ntstatus.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "unix/overlapped.h"

#define MAX_BUFFERS 65536

struct afd_receive {
    uint64_t buffers;  /* WSABUF * */
    uint32_t n_buffers;
    uint32_t afd_flags; /* whether to wait is the program's, here as there */
    uint32_t tdi_flags;
    uint32_t padding;
    uint64_t name;     /* of a datagram: sockaddr * */
    uint64_t length;   /* int * */
};
C_ASSERT(offsetof(struct afd_receive, tdi_flags) == 16);
C_ASSERT(offsetof(struct afd_receive, name) == 24);

enum tdi_flag {
    TDI_NORMAL = 0x20,
    TDI_EXPEDITED = 0x40,
    TDI_PEEK = 0x80,
    TDI_WAITALL = 0x4000,
    TDI_SEND_EXPEDITED = 0x20, /* of a send */
};

/* Copies the parameters. */
static NTSTATUS read_parameters(const struct afd_call *call, int has_name,
                                struct afd_receive *ret)
{
    const uint32_t size = has_name ? sizeof(*ret)
                                   : offsetof(struct afd_receive, padding);

    *ret = (struct afd_receive){.buffers = 0};
    if (!call->in || call->in_size < size)
        return STATUS_INVALID_PARAMETER;
    if (unix_memory_read(ret, call->in, size))
        return STATUS_ACCESS_VIOLATION;
    if (ret->n_buffers == 0 || ret->n_buffers > MAX_BUFFERS)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* One of the two. */
static int is_of_one_kind(uint32_t tdi_flags)
{
    const uint32_t kinds = tdi_flags & (TDI_NORMAL | TDI_EXPEDITED);

    return kinds != 0 && kinds != (TDI_NORMAL | TDI_EXPEDITED);
}

static uint32_t message_flags(uint32_t tdi_flags)
{
    return (tdi_flags & TDI_EXPEDITED ? WS2_MSG_OOB : 0) |
           (tdi_flags & TDI_PEEK ? WS2_MSG_PEEK : 0) |
           (tdi_flags & TDI_WAITALL ? WS2_MSG_WAITALL : 0);
}

static struct unix_completion completion_of(const struct afd_call *call)
{
    struct unix_completion completion = {
        .status_block = call->block,
        .event = (uintptr_t)call->event,
        .routine = (uintptr_t)call->routine,
    };

    if (call->routine)
        completion.routine_context = (uintptr_t)call->context;
    else
        completion.port_context = (uintptr_t)call->context;
    return completion;
}

static NTSTATUS start_receive(const struct afd_call *call,
                              const struct afd_receive *parameters,
                              const struct unix_buffer *buffers)
{
    const struct unix_completion completion = completion_of(call);
    struct unix_result result = {0};
    NTSTATUS status;
    int error;

    error = unix_socket_start_receive(
        (uintptr_t)call->handle & ~(uintptr_t)3, &completion, buffers,
        parameters->n_buffers, message_flags(parameters->tdi_flags),
        (void *)(uintptr_t)parameters->name,
        (int *)(uintptr_t)parameters->length, &result);
    status = (NTSTATUS)unix_status_of_error(error);
    if (error == WS2_EMSGSIZE) {
        call->block->Information = result.bytes;
        call->block->Status = status;
    }
    return status;
}

static NTSTATUS start_send(const struct afd_call *call,
                           const struct afd_receive *parameters,
                           const struct unix_buffer *buffers)
{
    const struct unix_completion completion = completion_of(call);
    struct unix_result result = {0};

    return (NTSTATUS)unix_status_of_error(unix_socket_start_send(
        (uintptr_t)call->handle & ~(uintptr_t)3, &completion, buffers,
        parameters->n_buffers,
        parameters->tdi_flags & TDI_SEND_EXPEDITED ? WS2_MSG_OOB : 0, NULL, 0,
        &result));
}

/* With a copy of the array of buffers. */
static NTSTATUS transfer(const struct afd_call *call,
                         const struct afd_receive *parameters,
                         NTSTATUS (*start)(const struct afd_call *,
                                           const struct afd_receive *,
                                           const struct unix_buffer *))
{
    const uint32_t size =
        parameters->n_buffers * (uint32_t)sizeof(struct unix_buffer);
    struct unix_buffer *buffers = malloc(size);
    NTSTATUS status;

    if (!buffers)
        return STATUS_NO_MEMORY;
    if (unix_memory_read(buffers, (void *)(uintptr_t)parameters->buffers,
                         size))
        status = STATUS_ACCESS_VIOLATION;
    else
        status = start(call, parameters, buffers);
    free(buffers);
    return status;
}

NTSTATUS afd_receive(const struct afd_call *call, int has_name)
{
    struct afd_receive parameters;
    NTSTATUS status = read_parameters(call, has_name, &parameters);

    if (!status && !is_of_one_kind(parameters.tdi_flags))
        status = STATUS_INVALID_PARAMETER;
    return status ? status : transfer(call, &parameters, start_receive);
}

NTSTATUS afd_send(const struct afd_call *call)
{
    struct afd_receive parameters;
    NTSTATUS status = read_parameters(call, /* has_name= */ 0, &parameters);

    return status ? status : transfer(call, &parameters, start_send);
}
