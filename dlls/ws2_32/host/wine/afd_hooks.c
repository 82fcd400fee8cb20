/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that open and use \Device\Afd: polls, transfers, binding
 * and names are carried out here, and whatever else is asked of a SOCKET by
 * AFD's codes is not supported.
 */
#include "afd_hooks.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include "afd_file.h"
#include "afd_name.h"
#include "afd_poll.h"
#include "afd_receive.h"
#include "bare_handle.h"
#include "hook.h"
#include "nt.h"
#include "unix/boundary.h"

/* AFD's codes are of the device type FILE_DEVICE_NETWORK, 0x12, written in
   AFD's own way. */
#define IS_AFD_CODE(code) (((code) >> 12) == 0x12)

static NTSTATUS WINAPI open_hook(HANDLE *handle, ACCESS_MASK access,
                                 OBJECT_ATTRIBUTES *attributes,
                                 IO_STATUS_BLOCK *block, ULONG sharing,
                                 ULONG options)
{
    NTSTATUS status =
        nt.open_file(handle, access, attributes, block, sharing, options);

    if (!status)
        afd_file_opened(*handle, attributes);
    return status;
}

static NTSTATUS WINAPI create_hook(HANDLE *handle, ACCESS_MASK access,
                                   OBJECT_ATTRIBUTES *attributes,
                                   IO_STATUS_BLOCK *block, LARGE_INTEGER *size,
                                   ULONG file_attributes, ULONG sharing,
                                   ULONG disposition, ULONG options,
                                   void *ea_buffer, ULONG ea_length)
{
    NTSTATUS status = nt.create_file(handle, access, attributes, block, size,
                                     file_attributes, sharing, disposition,
                                     options, ea_buffer, ea_length);

    if (!status)
        afd_file_opened(*handle, attributes);
    return status;
}

static int is_ours(HANDLE handle)
{
    return unix_socket_is_known((uintptr_t)handle & ~(uintptr_t)3) ||
           afd_file_is(handle);
}

static NTSTATUS control(const struct afd_call *call, ULONG code)
{
    switch (code) {
    case IOCTL_AFD_POLL:
        return afd_poll(call);
    case IOCTL_AFD_RECV:
    case IOCTL_AFD_RECV_DATAGRAM:
        return afd_receive(call, code == IOCTL_AFD_RECV_DATAGRAM);
    case IOCTL_AFD_SEND:
        return afd_send(call);
    case IOCTL_AFD_BIND:
        return afd_bind(call);
    case IOCTL_AFD_START_LISTEN:
        return afd_listen(call);
    case IOCTL_AFD_GET_ADDRESS:
    case IOCTL_AFD_GET_REMOTE_ADDRESS:
        return afd_get_name(call, code == IOCTL_AFD_GET_REMOTE_ADDRESS);
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

static NTSTATUS WINAPI control_hook(HANDLE handle, HANDLE event,
                                    PIO_APC_ROUTINE routine, void *context,
                                    IO_STATUS_BLOCK *block, ULONG code,
                                    void *in, ULONG in_size, void *out,
                                    ULONG out_size)
{
    if (IS_AFD_CODE(code) && is_ours(handle)) {
        const struct afd_call call = {handle, event, routine, context, block,
                                      in, in_size, out, out_size};

        return control(&call, code);
    }
    if (bare_handle_use(handle))
        return STATUS_INVALID_HANDLE;
    return nt.control(handle, event, routine, context, block, code, in, in_size,
                      out, out_size);
}

void afd_hooks_install(void)
{
    const struct hook hooks[] = {
        {"NtOpenFile", (void *)open_hook, (void **)&nt.open_file},
        {"NtCreateFile", (void *)create_hook, (void **)&nt.create_file},
        {"NtDeviceIoControlFile", (void *)control_hook, (void **)&nt.control},
    };

    (void)hook_install(hooks, sizeof(hooks) / sizeof(hooks[0]));
}
