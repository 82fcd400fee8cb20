/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSPStartup and WSPCleanup: the life of the base provider in a process.
 *
 * Start-ups are counted; each repeat brings a newer upcall table, which
 * replaces the one before.  The last clean-up ends every descriptor of the
 * process.  Notifications of the server arrive on a thread of the unix side
 * and leave through the newest upcalls.
 */
#include <winsock2.h>
#include <ws2spi.h>

#include "host/host.h"
#include "provider/provider.h"

#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int startups;  /* under lock */
static WSPUPCALLTABLE upcalls; /* under lock; of the newest start-up */

/* In a child of fork the thread that held a lock is not there. */
static void forked(void)
{
    pthread_mutex_init(&lock, NULL);
    provider_deferred_forked();
}

static void watch_fork(void)
{
    pthread_atfork(NULL, NULL, forked);
}

static const WSPPROC_TABLE procedures = {
    .lpWSPAccept = WSPAccept,
    .lpWSPAddressToString = WSPAddressToString,
    .lpWSPAsyncSelect = WSPAsyncSelect,
    .lpWSPBind = WSPBind,
    .lpWSPCancelBlockingCall = WSPCancelBlockingCall,
    .lpWSPCleanup = WSPCleanup,
    .lpWSPCloseSocket = WSPCloseSocket,
    .lpWSPConnect = WSPConnect,
    .lpWSPDuplicateSocket = WSPDuplicateSocket,
    .lpWSPEnumNetworkEvents = WSPEnumNetworkEvents,
    .lpWSPEventSelect = WSPEventSelect,
    .lpWSPGetOverlappedResult = WSPGetOverlappedResult,
    .lpWSPGetPeerName = WSPGetPeerName,
    .lpWSPGetSockName = WSPGetSockName,
    .lpWSPGetSockOpt = WSPGetSockOpt,
    .lpWSPGetQOSByName = WSPGetQOSByName,
    .lpWSPIoctl = WSPIoctl,
    .lpWSPJoinLeaf = WSPJoinLeaf,
    .lpWSPListen = WSPListen,
    .lpWSPRecv = WSPRecv,
    .lpWSPRecvDisconnect = WSPRecvDisconnect,
    .lpWSPRecvFrom = WSPRecvFrom,
    .lpWSPSelect = WSPSelect,
    .lpWSPSend = WSPSend,
    .lpWSPSendDisconnect = WSPSendDisconnect,
    .lpWSPSendTo = WSPSendTo,
    .lpWSPSetSockOpt = WSPSetSockOpt,
    .lpWSPShutdown = WSPShutdown,
    .lpWSPSocket = WSPSocket,
    .lpWSPStringToAddress = WSPStringToAddress,
};

static const WCHAR description[] = L"ws2emu base service provider";

WSPUPCALLTABLE provider_upcalls(void)
{
    WSPUPCALLTABLE newest;

    pthread_mutex_lock(&lock);
    newest = upcalls;
    pthread_mutex_unlock(&lock);
    return newest;
}

/* A registration's event has something to tell. */
static void set_event(uint64_t event)
{
    INT ignored;

    provider_upcalls().lpWPUSetEvent((WSAEVENT)(ULONG_PTR)event, &ignored);
}

/* So has a registration's window. */
static void post_message(uint64_t window, uint32_t message, ws2_handle s,
                         uint32_t event, int32_t error)
{
    provider_upcalls().lpWPUPostMessage((HWND)(ULONG_PTR)window, message,
                                        (WPARAM)s,
                                        WSAMAKESELECTREPLY(event, error));
}

static const struct unix_upcalls notifications = {
    .set_event = set_event,
    .post_message = post_message,
};

/* The interface has one version, 2.2. */
static BOOL version_is_supported(WORD version)
{
    return LOBYTE(version) > 2 ||
           (LOBYTE(version) == 2 && HIBYTE(version) >= 2);
}

/*
 * Starts the provider: fills lpWSPData and lpProcTable and keeps the upcalls.
 * lpProtocolInfo names the catalog entry that is wanted; all of ours are served
 * by one table.  Returns 0, WSAEFAULT (a NULL pointer), WSAVERNOTSUPPORTED
 * (less than 2.2 asked for), or WSASYSNOTREADY (no server).
 */
int WSPAPI WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData,
                      LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpcallTable, LPWSPPROC_TABLE lpProcTable)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int error;

    (void)lpProtocolInfo;
    if (lpWSPData == NULL || lpProcTable == NULL)
        return WSAEFAULT;
    lpWSPData->wVersion = MAKEWORD(2, 2);
    lpWSPData->wHighVersion = MAKEWORD(2, 2);
    memset(lpWSPData->szDescription, 0, sizeof lpWSPData->szDescription);
    memcpy(lpWSPData->szDescription, description, sizeof description);
    if (!version_is_supported(wVersionRequested))
        return WSAVERNOTSUPPORTED;

    if (host_process_forks())
        pthread_once(&once, watch_fork);
    pthread_mutex_lock(&lock);
    upcalls = UpcallTable;
    pthread_mutex_unlock(&lock);
    error = unix_startup(&notifications);
    if (error)
        return error;
    pthread_mutex_lock(&lock);
    startups++;
    pthread_mutex_unlock(&lock);
    *lpProcTable = procedures;
    return 0;
}

/*
 * Takes one WSPStartup back; the last one ends every descriptor.
 * WSANOTINITIALISED: there is none to take back.
 */
int WSPAPI WSPCleanup(LPINT lpErrno)
{
    unsigned int before;

    pthread_mutex_lock(&lock);
    before = startups;
    if (startups > 0)
        startups--;
    pthread_mutex_unlock(&lock);
    if (before == 0)
        return provider_result(WSANOTINITIALISED, lpErrno);
    if (before == 1) {
        provider_forget_deferred();
        unix_cleanup();
    }
    return 0;
}
