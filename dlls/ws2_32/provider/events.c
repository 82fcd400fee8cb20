/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network events: WSPEventSelect, WSPAsyncSelect, WSPEnumNetworkEvents.
 *
 * The socket has one registration, in the server; each call here replaces it,
 * whichever kind it was and whoever made it.  A mask of 0 cancels.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "host/host.h"
#include "provider/provider.h"

#include <ws2emu/wire.h>

static int check_mask(LONG mask)
{
    return mask & ~(LONG)WS2_FD_ALL_EVENTS ? WSAEINVAL : 0;
}

static int check_socket(SOCKET s)
{
    struct unix_identity identity;

    return unix_socket_identity(s, &identity);
}

static int select_event(SOCKET s, WSAEVENT event, LONG mask)
{
    struct unix_event_target target = {.fd = -1};
    int error;

    if (mask == 0)
        return unix_socket_register(s, NULL, 0);
    error = check_mask(mask);
    if (error)
        return error;
    if (event == WSA_INVALID_EVENT)
        return WSAEINVAL;
    if (host_event_target((uint64_t)(ULONG_PTR)event, &target.kind,
                          &target.target, &target.fd))
        return WSAEINVAL;
    error = unix_socket_register(s, &target, (uint32_t)mask);
    if (error && target.kind == WIRE_TARGET_EVENT)
        host_event_forget(target.target);
    return error;
}

/* Signals an event at network events.  WSAEINVAL: no event, or unknown bits
   in the mask. */
int WSPAPI WSPEventSelect(SOCKET s, WSAEVENT hEventObject, LONG lNetworkEvents,
                          LPINT lpErrno)
{
    int error = check_socket(s);

    if (!error)
        error = select_event(s, hEventObject, lNetworkEvents);
    return provider_result(error, lpErrno);
}

static int select_window(SOCKET s, HWND window, unsigned int message, LONG mask)
{
    struct unix_event_target target = {
        .kind = WIRE_TARGET_MESSAGE,
        .fd = -1,
        .target = (uint64_t)(ULONG_PTR)window,
        .message = message,
    };
    int error;

    if (mask == 0)
        return unix_socket_register(s, NULL, 0);
    error = check_mask(mask);
    if (error)
        return error;
    if (!host_window_exists(target.target))
        return WSAEINVAL;
    return unix_socket_register(s, &target, (uint32_t)mask);
}

/* Posts messages at network events.  WSAEINVAL: no window, or unknown bits in
   the mask. */
int WSPAPI WSPAsyncSelect(SOCKET s, HWND hWnd, unsigned int wMsg, LONG lEvent,
                          LPINT lpErrno)
{
    int error = check_socket(s);

    if (!error)
        error = select_window(s, hWnd, wMsg, lEvent);
    return provider_result(error, lpErrno);
}

/*
 * Takes the recorded events and resets hEventObject, as one step.  WSAEFAULT
 * and WSAEINVAL (no event) leave both alone; so lpNetworkEvents is proved
 * writable, with what it holds, before anything is taken.  The error codes of
 * events that did not occur stay as they are.
 */
int WSPAPI WSPEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject,
                                LPWSANETWORKEVENTS lpNetworkEvents,
                                LPINT lpErrno)
{
    WSANETWORKEVENTS record;
    uint32_t events = 0;
    int error = check_socket(s);

    C_ASSERT(sizeof record.iErrorCode == FD_MAX_EVENTS * sizeof(int32_t));
    if (!error)
        error = unix_memory_read(&record, lpNetworkEvents, sizeof record);
    if (!error)
        error = unix_memory_write(lpNetworkEvents, &record, sizeof record);
    if (!error)
        error = unix_socket_enum_events(s, (ULONG_PTR)hEventObject, &events,
                                        record.iErrorCode);
    if (!error) {
        record.lNetworkEvents = (LONG)events;
        error = unix_memory_write(lpNetworkEvents, &record, sizeof record);
    }
    return provider_result(error, lpErrno);
}
