/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: events are Win32 events.
 *
 * The server cannot signal them itself: the target of a registration is a
 * handle in this process, a duplicate of its own so that it outlives the
 * program's, and the notifier thread signals it.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <windows.h>
#include <winternl.h>

#include <stdint.h>

#include <ws2emu/constants.h>
#include <ws2emu/wire.h>

#include "handle_hooks.h"
#include "host/host.h"

static HANDLE as_handle(uint64_t value)
{
    return (HANDLE)(uintptr_t)value;
}

static int last_error_as_winsock(void)
{
    switch (GetLastError()) {
    case ERROR_INVALID_PARAMETER:
        return WS2_INVALID_PARAMETER;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return WS2_NOT_ENOUGH_MEMORY;
    default:
        return WS2_INVALID_HANDLE;
    }
}

int host_event_create(uint64_t *ret_event)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    if (!event)
        return WS2_NOT_ENOUGH_MEMORY;
    *ret_event = (uintptr_t)event;
    return 0;
}

int host_event_close(uint64_t event)
{
    return CloseHandle(as_handle(event)) ? 0 : WS2_INVALID_HANDLE;
}

int host_event_set(uint64_t event)
{
    return SetEvent(as_handle(event)) ? 0 : WS2_INVALID_HANDLE;
}

int host_event_reset(uint64_t event)
{
    return ResetEvent(as_handle(event)) ? 0 : WS2_INVALID_HANDLE;
}

/* WSA_WAIT_EVENT_0, WSA_WAIT_TIMEOUT and WSA_WAIT_IO_COMPLETION are the values
   of the Windows call itself. */
int host_event_wait(const uint64_t *events, uint32_t n_events, int all,
                    uint32_t timeout, int alertable, uint32_t *ret_result)
{
    DWORD result = WaitForMultipleObjectsEx(
        n_events, (const HANDLE *)(const void *)events, all != 0, timeout,
        alertable != 0);

    if (result == WAIT_FAILED)
        return last_error_as_winsock();
    *ret_result = result;
    return 0;
}

static int is_event(HANDLE handle)
{
    EVENT_BASIC_INFORMATION information;
    NTSTATUS status = NtQueryEvent(handle, EventBasicInformation, &information,
                                   sizeof(information), NULL);

    /* A handle without the right to query may still be set. */
    return status == STATUS_SUCCESS || status == STATUS_ACCESS_DENIED;
}

int host_event_target(uint64_t event, uint32_t *ret_kind, uint64_t *ret_target,
                      int *ret_fd)
{
    HANDLE handle = as_handle(event);
    HANDLE copy;

    if (!is_event(handle) ||
        !DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(),
                         &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return WS2_EINVAL;
    *ret_kind = WIRE_TARGET_EVENT;
    *ret_target = (uintptr_t)copy;
    *ret_fd = -1;
    return 0;
}

void host_event_forget(uint64_t target)
{
    handle_close_unhooked(as_handle(target));
}

int host_event_fd(uint64_t event)
{
    (void)event;
    return -1;
}

int host_event_reference(uint64_t event, uint64_t *ret_reference)
{
    HANDLE copy;

    if (!DuplicateHandle(GetCurrentProcess(), as_handle(event),
                         GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS))
        return WS2_INVALID_HANDLE;
    *ret_reference = (uintptr_t)copy;
    return 0;
}

void host_event_reference_set(uint64_t reference)
{
    SetEvent(as_handle(reference));
}

void host_event_reference_reset(uint64_t reference)
{
    ResetEvent(as_handle(reference));
}

void host_event_reference_close(uint64_t reference)
{
    handle_close_unhooked(as_handle(reference));
}
