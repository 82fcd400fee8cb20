/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper functions (ws2emu/ws2help.h) that are the upcalls and
 * WSAProviderConfigChange by other names: each looks at its helper, and at its
 * arguments as its kin do.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <ws2emu/ws2help.h>

#include "api.h"
#include "helpers.h"
#include "non_ifs_support.h"
#include "provider_config.h"
#include "providers.h"
#include "unix/boundary.h"

/* --- APCs ----------------------------------------------------------------- */

DWORD WINAPI WahOpenApcHelper(LPHANDLE HelperHandle)
{
    return (DWORD)helper_open(HELPER_APC, HelperHandle);
}

DWORD WINAPI WahCloseApcHelper(HANDLE HelperHandle)
{
    return (DWORD)helper_close(HELPER_APC, HelperHandle);
}

static uint64_t thread_of(const WSATHREADID *id)
{
    return (uint64_t)(ULONG_PTR)id->ThreadHandle;
}

/* WSA_INVALID_PARAMETER: also one that is cleared. */
static int read_thread(HANDLE helper, const WSATHREADID *id, WSATHREADID *ret)
{
    int error = helper_find(HELPER_APC, helper);

    if (!error)
        error = helper_read(ret, id, sizeof(*ret));
    if (!error && ret->ThreadHandle == NULL)
        error = WSA_INVALID_PARAMETER;
    return error;
}

DWORD WINAPI WahOpenCurrentThread(HANDLE HelperHandle, LPWSATHREADID ThreadId)
{
    WSATHREADID id = {0};
    uint64_t thread = 0;
    int error = helper_find(HELPER_APC, HelperHandle);

    if (!error)
        error = helper_begin(ThreadId, sizeof(*ThreadId));
    if (!error)
        error = host_open_current_thread(&thread);
    if (error)
        return (DWORD)error;
    id.ThreadHandle = (HANDLE)(ULONG_PTR)thread;
    error = unix_memory_write(ThreadId, &id, sizeof(id));
    if (error)
        (void)host_close_thread(thread);
    return (DWORD)error;
}

DWORD WINAPI WahCloseThread(HANDLE HelperHandle, LPWSATHREADID ThreadId)
{
    static const WSATHREADID none;
    WSATHREADID id;
    int error = read_thread(HelperHandle, ThreadId, &id);

    if (!error)
        error = unix_memory_check(ThreadId, sizeof(*ThreadId), 1);
    if (error)
        return (DWORD)error;
    if (host_close_thread(thread_of(&id)))
        return WSA_INVALID_HANDLE;
    return (DWORD)unix_memory_write(ThreadId, &none, sizeof(none));
}

DWORD WINAPI WahQueueUserApc(HANDLE HelperHandle, LPWSATHREADID ThreadId,
                             LPWSAUSERAPC ApcRoutine, ULONG_PTR ApcContext)
{
    WSATHREADID id;
    int error = read_thread(HelperHandle, ThreadId, &id);

    if (!error)
        error = helper_check((const void *)ApcRoutine, 1);
    if (error)
        return (DWORD)error;
    error = host_queue_apc(thread_of(&id), (void *)ApcRoutine, ApcContext);
    return (DWORD)(error == WSAEFAULT ? WSA_INVALID_HANDLE : error);
}

/* --- SOCKETs without kernel handles --------------------------------------- */

DWORD WINAPI WahEnableNonIFSHandleSupport(void)
{
    return (DWORD)non_ifs_support_set(TRUE);
}

DWORD WINAPI WahDisableNonIFSHandleSupport(void)
{
    return (DWORD)non_ifs_support_set(FALSE);
}

DWORD WINAPI WahOpenHandleHelper(LPHANDLE HelperHandle)
{
    int error = helper_begin(HelperHandle, sizeof(*HelperHandle));

    if (!error && !non_ifs_support())
        error = ERROR_SERVICE_DISABLED;
    if (!error)
        error = helper_open(HELPER_HANDLE, HelperHandle);
    return (DWORD)error;
}

DWORD WINAPI WahCloseHandleHelper(HANDLE HelperHandle)
{
    return (DWORD)helper_close(HELPER_HANDLE, HelperHandle);
}

DWORD WINAPI WahCreateSocketHandle(HANDLE HelperHandle, SOCKET *Socket)
{
    SOCKET s;
    int error = helper_find(HELPER_HANDLE, HelperHandle);

    if (!error)
        error = helper_begin(Socket, sizeof(*Socket));
    if (error)
        return (DWORD)error;
    s = provider_make_handle(PROVIDER_NO_ENTRY, NULL, 0);
    if (s == INVALID_SOCKET)
        return WSAENOBUFS;
    error = unix_memory_write(Socket, &s, sizeof(s));
    if (error)
        (void)provider_end_handle(s);
    return (DWORD)error;
}

DWORD WINAPI WahCloseSocketHandle(HANDLE HelperHandle, SOCKET Socket)
{
    int error = helper_find(HELPER_HANDLE, HelperHandle);

    if (!error && (Socket == 0 || Socket == INVALID_SOCKET))
        error = WSA_INVALID_PARAMETER;
    if (!error && !provider_end_handle(Socket))
        error = WSA_INVALID_HANDLE;
    return (DWORD)error;
}

DWORD WINAPI WahCompleteRequest(HANDLE HelperHandle, SOCKET Socket,
                                LPWSAOVERLAPPED Overlapped, DWORD Error,
                                DWORD Transferred)
{
    int error = helper_find(HELPER_HANDLE, HelperHandle);

    if (!error && Overlapped == NULL)
        error = WSA_INVALID_PARAMETER;
    if (!error)
        error = provider_complete(Socket, Overlapped, (int)Error, Transferred);
    return (DWORD)(error == WSAENOTSOCK ? WSA_INVALID_HANDLE : error);
}

/* --- Notifications -------------------------------------------------------- */

DWORD WINAPI WahOpenNotificationHandleHelper(LPHANDLE HelperHandle)
{
    return (DWORD)helper_open(HELPER_NOTIFICATION, HelperHandle);
}

DWORD WINAPI WahCloseNotificationHandleHelper(HANDLE HelperHandle)
{
    return (DWORD)helper_close(HELPER_NOTIFICATION, HelperHandle);
}

DWORD WINAPI WahCreateNotificationHandle(HANDLE HelperHandle,
                                         LPHANDLE NotificationHandle)
{
    int error = helper_find(HELPER_NOTIFICATION, HelperHandle);

    if (!error)
        error = helper_begin(NotificationHandle, sizeof(*NotificationHandle));
    if (!error)
        error = provider_config_open(NotificationHandle);
    return (DWORD)error;
}

DWORD WINAPI WahWaitForNotification(
    HANDLE HelperHandle, HANDLE NotificationHandle, LPWSAOVERLAPPED Overlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE CompletionRoutine)
{
    int error = helper_find(HELPER_NOTIFICATION, HelperHandle);

    if (!error)
        error = provider_config_wait((uint64_t)(ULONG_PTR)NotificationHandle,
                                     Overlapped, CompletionRoutine);
    return (DWORD)error;
}

DWORD WINAPI WahNotifyAllProcesses(HANDLE HelperHandle)
{
    int error = helper_find(HELPER_NOTIFICATION, HelperHandle);

    if (!error)
        error = provider_config_announce();
    return (DWORD)error;
}
