/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The upcalls: what ws2_32 does for its providers, mostly through the host.
 *
 * A provider without kernel handles of its own gets SOCKETs from a table here,
 * each with the provider's context.  Their values come from a range that
 * neither host makes handles in.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"

#include <pthread.h>

/* 0 or SOCKET_ERROR with *lpErrno; the SPI tolerates no lpErrno. */
static int upcall_result(int error, LPINT lpErrno)
{
    if (error && lpErrno != NULL)
        *lpErrno = error;
    return error ? SOCKET_ERROR : 0;
}

static BOOL upcall_truth(int error, LPINT lpErrno)
{
    return upcall_result(error, lpErrno) == 0;
}

/* --- Events -------------------------------------------------------------- */

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

/* --- Sockets of providers without kernel handles ------------------------- */

#define CONTEXTS 1024
#define FIRST_SOCKET ((SOCKET)0x40000000)

struct context {
    BOOL used;
    DWORD catalog_entry;
    DWORD_PTR context;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct context contexts[CONTEXTS]; /* under lock */

void upcalls_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}

/* The place of a SOCKET of the table; NULL: it is none.  Under lock. */
static struct context *context_of(SOCKET s)
{
    SOCKET i = (s - FIRST_SOCKET) / 4;

    if (s < FIRST_SOCKET || s % 4 != 0 || i >= CONTEXTS || !contexts[i].used)
        return NULL;
    return &contexts[i];
}

/* A SOCKET that stands for the provider's context.  INVALID_SOCKET: WSAEINVAL
   (no such catalog entry) or WSAENOBUFS. */
SOCKET WSPAPI WPUCreateSocketHandle(DWORD dwCatalogEntryId, DWORD_PTR dwContext,
                                    LPINT lpErrno)
{
    SOCKET i;

    if (catalog_entry(dwCatalogEntryId) == NULL) {
        upcall_result(WSAEINVAL, lpErrno);
        return INVALID_SOCKET;
    }
    pthread_mutex_lock(&lock);
    for (i = 0; i < CONTEXTS && contexts[i].used; i++)
        ;
    if (i < CONTEXTS)
        contexts[i] = (struct context){TRUE, dwCatalogEntryId, dwContext};
    pthread_mutex_unlock(&lock);
    if (i == CONTEXTS) {
        upcall_result(WSAENOBUFS, lpErrno);
        return INVALID_SOCKET;
    }
    return FIRST_SOCKET + 4 * i;
}

/* WSAENOTSOCK: not made by WPUCreateSocketHandle. */
int WSPAPI WPUCloseSocketHandle(SOCKET s, LPINT lpErrno)
{
    struct context *context;

    pthread_mutex_lock(&lock);
    context = context_of(s);
    if (context != NULL)
        context->used = FALSE;
    pthread_mutex_unlock(&lock);
    return upcall_result(context == NULL ? WSAENOTSOCK : 0, lpErrno);
}

/* WSAENOTSOCK: not made by WPUCreateSocketHandle. */
int WSPAPI WPUQuerySocketHandleContext(SOCKET s, PDWORD_PTR lpContext,
                                       LPINT lpErrno)
{
    struct context *context;
    int error = 0;

    pthread_mutex_lock(&lock);
    context = context_of(s);
    if (context == NULL)
        error = WSAENOTSOCK;
    else if (lpContext == NULL)
        error = WSAEFAULT;
    else
        *lpContext = context->context;
    pthread_mutex_unlock(&lock);
    return upcall_result(error, lpErrno);
}

/* --- Sockets with kernel handles ----------------------------------------- */

/* A provider shows a handle that it made; it is the SOCKET as it is.
   INVALID_SOCKET: WSAEINVAL. */
SOCKET WSPAPI WPUModifyIFSHandle(DWORD dwCatalogEntryId, SOCKET ProposedHandle,
                                 LPINT lpErrno)
{
    if (catalog_entry(dwCatalogEntryId) == NULL || ProposedHandle == 0 ||
        ProposedHandle == INVALID_SOCKET) {
        upcall_result(WSAEINVAL, lpErrno);
        return INVALID_SOCKET;
    }
    return ProposedHandle;
}

/* Whether s is in the set. */
int WSPAPI WPUFDIsSet(SOCKET s, fd_set *fdset)
{
    return __WSAFDIsSet(s, fdset);
}

/* --- The process and its threads ----------------------------------------- */

/* As WSCGetProviderPath. */
int WSPAPI WPUGetProviderPath(LPGUID lpProviderId, WCHAR *lpszProviderDllPath,
                              LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return upcall_result(catalog_provider_path(lpProviderId,
                                               lpszProviderDllPath,
                                               lpProviderDllPathLen),
                         lpErrno);
}

/* PostMessage of the host; FALSE: it could not. */
BOOL WSPAPI WPUPostMessage(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return host_post_message((uint64_t)(ULONG_PTR)hWnd, Msg, wParam,
                             (uint64_t)lParam);
}

/* Winsock 1.1's blocking hook; no callback: the provider waits by itself.
   WSAEFAULT, WSAEINVAL (no such catalog entry). */
int WSPAPI WPUQueryBlockingCallback(DWORD dwCatalogEntryId,
                                    LPBLOCKINGCALLBACK *lplpfnCallback,
                                    PDWORD_PTR lpdwContext, LPINT lpErrno)
{
    if (lplpfnCallback == NULL || lpdwContext == NULL)
        return upcall_result(WSAEFAULT, lpErrno);
    if (catalog_entry(dwCatalogEntryId) == NULL)
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
    int error = 0;

    if (!api_started())
        error = WSANOTINITIALISED;
    else if (lpThreadId == NULL)
        error = WSAEFAULT;
    else
        error = host_open_current_thread(&thread);
    if (!error) {
        lpThreadId->ThreadHandle = (HANDLE)(ULONG_PTR)thread;
        lpThreadId->Reserved = 0;
    }
    return upcall_result(error, lpErrno);
}

/* Ends the use of a thread that WPUOpenCurrentThread gave. */
int WSPAPI WPUCloseThread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    int error;

    if (!api_started())
        error = WSANOTINITIALISED;
    else if (lpThreadId == NULL)
        error = WSAEFAULT;
    else
        error =
            host_close_thread((uint64_t)(ULONG_PTR)lpThreadId->ThreadHandle);
    return upcall_result(error, lpErrno);
}

/* Runs lpfnUserApc in the thread when that waits alertably.  WSAEFAULT. */
int WSPAPI WPUQueueApc(LPWSATHREADID lpThreadId, LPWSAUSERAPC lpfnUserApc,
                       DWORD_PTR dwContext, LPINT lpErrno)
{
    int error = WSAEFAULT;

    if (lpThreadId != NULL && lpfnUserApc != NULL)
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

/* --- Not in the table ---------------------------------------------------- */

/*
 * A provider of SOCKETs of WPUCreateSocketHandle completes an operation: the
 * OVERLAPPED is filled, Internal last, and its event signalled.  WSAEINVAL: any
 * other SOCKET, or no OVERLAPPED.
 */
int WSPAPI WPUCompleteOverlappedRequest(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
                                        DWORD dwError, DWORD cbTransferred,
                                        LPINT lpErrno)
{
    BOOL known;

    pthread_mutex_lock(&lock);
    known = context_of(s) != NULL;
    pthread_mutex_unlock(&lock);
    if (!known || lpOverlapped == NULL)
        return upcall_result(WSAEINVAL, lpErrno);
    lpOverlapped->InternalHigh = cbTransferred;
    __atomic_store_n(&lpOverlapped->Internal, (ULONG_PTR)dwError,
                     __ATOMIC_RELEASE);
    if (lpOverlapped->hEvent != NULL)
        return upcall_result(host_event_set(handle_of(lpOverlapped->hEvent)),
                             lpErrno);
    return 0;
}
