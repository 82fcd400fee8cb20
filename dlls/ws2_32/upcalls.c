/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The upcalls: what ws2_32 does for its providers, mostly through the host.
 *
 * The two that give SOCKETs, WPUModifyIFSHandle and WPUCreateSocketHandle, say
 * whose they are (provider_sockets.c).  Every layer of a chain calls its own,
 * from the lowest to the top one, so what the program gets is the top one's.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include <ws2emu/ws2help.h>

#include "api.h"
#include "catalog.h"
#include "non_ifs_support.h"
#include "providers.h"
#include "unix/boundary.h"

/* 0 or SOCKET_ERROR with *lpErrno; the SPI tolerates no lpErrno. */
static int upcall_result(int error, LPINT lpErrno)
{
    if (error)
        (void)unix_memory_write(lpErrno, &error, sizeof(error));
    return error ? SOCKET_ERROR : 0;
}

static BOOL upcall_truth(int error, LPINT lpErrno)
{
    return upcall_result(error, lpErrno) == 0;
}

/* --- Events --------------------------------------------------------------- */

static inline uint64_t handle_of(WSAEVENT event)
{
    return (uint64_t)(ULONG_PTR)event;
}

/* A manual-reset event; WSA_INVALID_EVENT: WSAENOBUFS. */
WSAEVENT WSPAPI WPUCreateEvent(LPINT lpErrno)
{
    uint64_t event = 0;
    int error = host_event_create(&event) ? WSAENOBUFS : 0;

    upcall_result(error, lpErrno);
    return error ? WSA_INVALID_EVENT : (WSAEVENT)(ULONG_PTR)event;
}

/* WSA_INVALID_HANDLE: no event; so for the next two. */
BOOL WSPAPI WPUCloseEvent(WSAEVENT hEvent, LPINT lpErrno)
{
    return upcall_truth(host_event_close(handle_of(hEvent)), lpErrno);
}

BOOL WSPAPI WPUResetEvent(WSAEVENT hEvent, LPINT lpErrno)
{
    return upcall_truth(host_event_reset(handle_of(hEvent)), lpErrno);
}

BOOL WSPAPI WPUSetEvent(WSAEVENT hEvent, LPINT lpErrno)
{
    return upcall_truth(host_event_set(handle_of(hEvent)), lpErrno);
}

/* --- Sockets of providers without kernel handles -------------------------- */

/* A SOCKET that stands for the provider's context.  INVALID_SOCKET: WSAEINVAL
   (no such catalog entry) or WSAENOBUFS, also where such SOCKETs are switched
   off (WahDisableNonIFSHandleSupport). */
SOCKET WSPAPI WPUCreateSocketHandle(DWORD dwCatalogEntryId, DWORD_PTR dwContext,
                                    LPINT lpErrno)
{
    SOCKET s = INVALID_SOCKET;
    int error = WSAEINVAL;

    if (catalog_entry_ever(dwCatalogEntryId) != NULL) {
        if (non_ifs_support_used())
            s = provider_make_handle(dwCatalogEntryId,
                                     provider_with_entry(dwCatalogEntryId),
                                     dwContext);
        error = s == INVALID_SOCKET ? WSAENOBUFS : 0;
    }
    upcall_result(error, lpErrno);
    return s;
}

/* WSAENOTSOCK: not made by WPUCreateSocketHandle. */
int WSPAPI WPUCloseSocketHandle(SOCKET s, LPINT lpErrno)
{
    return upcall_result(provider_end_handle(s) ? 0 : WSAENOTSOCK, lpErrno);
}

/* WSAENOTSOCK: not made by WPUCreateSocketHandle. */
int WSPAPI WPUQuerySocketHandleContext(SOCKET s, PDWORD_PTR lpContext,
                                       LPINT lpErrno)
{
    DWORD_PTR context;
    int error = WSAENOTSOCK;

    if (provider_handle_context(s, &context))
        error = unix_memory_write(lpContext, &context, sizeof(context));
    return upcall_result(error, lpErrno);
}

/* --- Sockets with kernel handles ------------------------------------------ */

/* A provider, or the next layer above it, shows a handle that it made or got;
   the handle is the SOCKET as it is.  INVALID_SOCKET: WSAEINVAL. */
SOCKET WSPAPI WPUModifyIFSHandle(DWORD dwCatalogEntryId, SOCKET ProposedHandle,
                                 LPINT lpErrno)
{
    const WSAPROTOCOL_INFOW *entry = catalog_entry_ever(dwCatalogEntryId);
    struct provider *provider;
    int error = WSAEINVAL;

    if (entry == NULL || ProposedHandle == INVALID_SOCKET)
        goto out;
    provider = provider_with_entry(dwCatalogEntryId);
    /* A layer that another one loaded has nothing that we could call. */
    if (provider == NULL && catalog_library(entry) != NULL)
        error = ProposedHandle == 0 ? WSAEINVAL : 0;
    else
        error = provider_take_socket(ProposedHandle, provider);
out:
    upcall_result(error, lpErrno);
    return error ? INVALID_SOCKET : ProposedHandle;
}

/* Whether s is in the set. */
int WSPAPI WPUFDIsSet(SOCKET s, fd_set *fdset)
{
    return __WSAFDIsSet(s, fdset);
}

/* --- The process and its threads ------------------------------------------ */

/* As WSCGetProviderPath. */
int WSPAPI WPUGetProviderPath(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return upcall_result(catalog_provider_path(lpProviderId,
                                               lpszProviderDllPath,
                                               lpProviderDllPathLen),
                         lpErrno);
}

static LPWPUPOSTMESSAGE post_routine; /* atomic; NULL: the host's */

/* All messages go through here.  PostMessage of the host, or what
   WSApSetPostRoutine has put in its place; FALSE: it could not. */
BOOL WSPAPI WPUPostMessage(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    LPWPUPOSTMESSAGE routine =
        __atomic_load_n(&post_routine, __ATOMIC_ACQUIRE);

    if (routine != NULL)
        return routine(hWnd, Msg, wParam, lParam);
    return host_post_message((uint64_t)(ULONG_PTR)hWnd, Msg, wParam,
                             (uint64_t)lParam);
}

/* Winsock 1.1's blocking hook.  Winsock 2 has none (WSASetBlockingHook fails),
   so there is never a callback: the provider waits by itself, and no call fails
   with WSAEINPROGRESS ("Windows Sockets Compatibility Issues" of Microsoft's
   pages).  WSAEFAULT, WSAEINVAL (no such catalog entry). */
int WSPAPI WPUQueryBlockingCallback(DWORD dwCatalogEntryId,
                                    LPBLOCKINGCALLBACK *lplpfnCallback,
                                    PDWORD_PTR lpdwContext, LPINT lpErrno)
{
    if (unix_memory_check(lplpfnCallback, sizeof(*lplpfnCallback), 1) ||
        unix_memory_check(lpdwContext, sizeof(*lpdwContext), 1))
        return upcall_result(WSAEFAULT, lpErrno);
    if (catalog_entry_ever(dwCatalogEntryId) == NULL)
        return upcall_result(WSAEINVAL, lpErrno);
    *lplpfnCallback = NULL;
    *lpdwContext = 0;
    return 0;
}

/* The calling thread, for WPUQueueApc from any other.  WSANOTINITIALISED,
   WSAEFAULT. */
int WSPAPI WPUOpenCurrentThread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    uint64_t thread = 0;
    int error = WSANOTINITIALISED;

    if (api_started())
        error = unix_memory_check(lpThreadId, sizeof(*lpThreadId), 1);
    if (!error)
        error = host_open_current_thread(&thread);
    if (!error) {
        lpThreadId->ThreadHandle = (HANDLE)(ULONG_PTR)thread;
        lpThreadId->Reserved = 0;
    }
    return upcall_result(error, lpErrno);
}

/* Ends the use of a thread that WPUOpenCurrentThread gave.  WSANOTINITIALISED;
   WSAEFAULT: none that is open. */
int WSPAPI WPUCloseThread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    int error = WSANOTINITIALISED;

    if (api_started())
        error = unix_memory_check(lpThreadId, sizeof(*lpThreadId), 0);
    if (!error)
        error =
            host_close_thread((uint64_t)(ULONG_PTR)lpThreadId->ThreadHandle);
    return upcall_result(error, lpErrno);
}

/* Runs lpfnUserApc in the thread when that waits alertably.  WSAEFAULT: also
   not such a thread, or one that has ended. */
int WSPAPI WPUQueueApc(LPWSATHREADID lpThreadId, LPWSAUSERAPC lpfnUserApc,
                       DWORD_PTR dwContext, LPINT lpErrno)
{
    int error = unix_memory_check(lpThreadId, sizeof(*lpThreadId), 0);

    if (!error)
        error = unix_memory_check((const void *)lpfnUserApc, 1, 0);
    if (!error)
        error = host_queue_apc((uint64_t)(ULONG_PTR)lpThreadId->ThreadHandle,
                               (void *)lpfnUserApc, dwContext);
    return upcall_result(error, lpErrno);
}

const WSPUPCALLTABLE api_upcalls = {
    .lpWPUCloseEvent = WPUCloseEvent,
    .lpWPUCloseSocketHandle = WPUCloseSocketHandle,
    .lpWPUCreateEvent = WPUCreateEvent,
    .lpWPUCreateSocketHandle = WPUCreateSocketHandle,
    .lpWPUFDIsSet = WPUFDIsSet,
    .lpWPUGetProviderPath = WPUGetProviderPath,
    .lpWPUModifyIFSHandle = WPUModifyIFSHandle,
    .lpWPUPostMessage = WPUPostMessage,
    .lpWPUQueryBlockingCallback = WPUQueryBlockingCallback,
    .lpWPUQuerySocketHandleContext = WPUQuerySocketHandleContext,
    .lpWPUQueueApc = WPUQueueApc,
    .lpWPUResetEvent = WPUResetEvent,
    .lpWPUSetEvent = WPUSetEvent,
    .lpWPUOpenCurrentThread = WPUOpenCurrentThread,
    .lpWPUCloseThread = WPUCloseThread,
};

/* --- Not in the table ----------------------------------------------------- */

/*
 * A provider of SOCKETs of WPUCreateSocketHandle completes an operation whose
 * program asked for no routine: the OVERLAPPED is filled, Internal last with
 * the NTSTATUS of dwError, its event is signalled, and a packet put on the port
 * of the SOCKET, unless the low bit of hEvent asks for none.  WSAEINVAL: any
 * other SOCKET, or no OVERLAPPED; WSAEFAULT: it is no memory.
 */
int WSPAPI WPUCompleteOverlappedRequest(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                        DWORD dwError, DWORD cbTransferred,
                                        LPINT lpErrno)
{
    int error = WSAEINVAL;

    if (lpOverlapped != NULL)
        error = provider_complete(s, lpOverlapped, (int)dwError, cbTransferred);
    return upcall_result(error == WSAENOTSOCK ? WSAEINVAL : error, lpErrno);
}

/* See ws2emu/ws2help.h.  It outlives the use of Winsock, as what it is called
   for may. */
INT WINAPI WSApSetPostRoutine(LPWPUPOSTMESSAGE PostRoutine)
{
    if (PostRoutine != NULL && unix_memory_check((const void *)PostRoutine, 1, 0))
        return api_failure(WSAEFAULT);
    __atomic_store_n(&post_routine, PostRoutine, __ATOMIC_RELEASE);
    return api_success();
}

/*
 * A named QOS template.  "In Windows Vista and later, this function always
 * returns with an error" (Microsoft's page of it): no provider has templates.
 * WSAEFAULT: no name or no QOS; WSANO_DATA: no template has that name.
 */
INT WSPAPI WPUGetQOSTemplate(const LPGUID lpProviderId, LPWSABUF lpQOSName,
                             LPQOS lpQOS)
{
    int error;

    (void)lpProviderId;
    error = unix_memory_check(lpQOSName, sizeof *lpQOSName, 0);
    if (!error)
        error = unix_memory_check(lpQOS, sizeof *lpQOS, 1);
    return api_result(error ? error : WSANO_DATA);
}
