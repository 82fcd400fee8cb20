/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Event objects, which are the host's, and network events, which are the
 * provider's.  Event objects work without WSAStartup.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "provider/provider.h"
#include "unix/boundary.h"

C_ASSERT(sizeof(WSAEVENT) == sizeof(uint64_t));

static inline uint64_t handle_of(WSAEVENT event)
{
    return (uint64_t)(ULONG_PTR)event;
}

/* A manual-reset event that is not signalled; WSA_INVALID_EVENT: WSAENOBUFS or
   WSA_NOT_ENOUGH_MEMORY. */
WSAEVENT WINAPI WSACreateEvent(void)
{
    uint64_t event = 0;
    int error = host_startup();

    if (!error)
        error = host_event_create(&event);
    return api_truth(error) ? (WSAEVENT)(ULONG_PTR)event : WSA_INVALID_EVENT;
}

/* WSA_INVALID_HANDLE: no event. */
BOOL WINAPI WSACloseEvent(WSAEVENT hEvent)
{
    return api_truth(host_event_close(handle_of(hEvent)));
}

/* Signals an event.  WSA_INVALID_HANDLE: no event. */
BOOL WINAPI WSASetEvent(WSAEVENT hEvent)
{
    return api_truth(host_event_set(handle_of(hEvent)));
}

/* Takes the signal back.  WSA_INVALID_HANDLE: no event. */
BOOL WINAPI WSAResetEvent(WSAEVENT hEvent)
{
    return api_truth(host_event_reset(handle_of(hEvent)));
}

/*
 * Waits for one or all of 1 to 64 events, dwTimeout ms or WSA_INFINITE.
 * Returns WSA_WAIT_EVENT_0 and the lowest index that is signalled,
 * WSA_WAIT_TIMEOUT, WSA_WAIT_IO_COMPLETION (alertable, and an APC ran), or
 * WSA_WAIT_FAILED: WSA_INVALID_PARAMETER (also handles that cannot be read),
 * WSA_INVALID_HANDLE.
 */
DWORD WINAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents,
                                      BOOL fWaitAll, DWORD dwTimeout,
                                      BOOL fAlertable)
{
    uint32_t result = WSA_WAIT_FAILED;
    int error;

    if (cEvents == 0 || cEvents > WSA_MAXIMUM_WAIT_EVENTS ||
        unix_memory_check(lphEvents, cEvents * sizeof(*lphEvents), 0))
        error = WSA_INVALID_PARAMETER;
    else
        error =
            host_event_wait((const uint64_t *)(const void *)lphEvents, cEvents,
                            fWaitAll != 0, dwTimeout, fAlertable != 0, &result);
    return api_truth(error) ? result : WSA_WAIT_FAILED;
}

/* Signals an event at network events, instead of what was registered before;
   see WSPEventSelect. */
int WINAPI WSAEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPEventSelect(s, hEventObject, lNetworkEvents, &error))
        return api_failure(error);
    return api_success();
}

/* Posts messages at network events, instead of what was registered before; see
   WSPAsyncSelect. */
int WINAPI WSAAsyncSelect(SOCKET s, HWND hWnd, u_int wMsg, LONG lEvent)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL ||
        provider->lpWSPAsyncSelect(s, hWnd, wMsg, lEvent, &error))
        return api_failure(error);
    return api_success();
}

/* Takes the recorded network events and resets hEventObject as one step; see
   WSPEnumNetworkEvents. */
int WINAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents)
{
    const WSPPROC_TABLE *provider = provider_of(s);
    INT error = WSANOTINITIALISED;

    if (provider == NULL || provider->lpWSPEnumNetworkEvents(
                                s, hEventObject, lpNetworkEvents, &error))
        return api_failure(error);
    return api_success();
}

/* --- Completion ports ----------------------------------------------------- */

/*
 * Processes registrationInfos, in their order; each gets a registrationResult:
 * 0, WSAENOTSOCK, WSAEINVAL (operation, eventFilter or triggerFlags),
 * ERROR_NOT_FOUND (the socket is not registered on this port), WSAENOBUFS.
 * Then takes 1 to completionCount packets off the port, waiting timeoutMs for
 * the first (INFINITE: for ever); WAIT_TIMEOUT: none came.
 *
 * Other errors, and then nothing was done: WSAEINVAL (a count without its
 * pointer, or the other way round; timeoutMs without completionCount),
 * WSAEFAULT, ERROR_INVALID_HANDLE (no port), WSAEOPNOTSUPP (ports of an
 * embedding layer), WSANOTINITIALISED.  The last error is left alone.  Source:
 * Microsoft's page of the function.
 */
DWORD WINAPI ProcessSocketNotifications(
    HANDLE completionPort, UINT32 registrationCount,
    SOCK_NOTIFY_REGISTRATION *registrationInfos, UINT32 timeoutMs,
    ULONG completionCount, OVERLAPPED_ENTRY *completionPortEntries,
    UINT32 *receivedEntryCount)
{
    if (!api_started())
        return WSANOTINITIALISED;
    return provider_process_notifications(
        completionPort, registrationCount, registrationInfos, timeoutMs,
        completionCount, completionPortEntries, receivedEntryCount);
}
