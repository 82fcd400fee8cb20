/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See handle_requests.h. */
#include "handle_requests.h"

#include <stdlib.h>

/* Of examples/common, not the one beside this file. */
#include <platform.h>

struct request {
    WSAOVERLAPPED lower;
    WSPUPCALLTABLE upcalls; /* its own: the layer's may be set meanwhile */
    const WSPPROC_TABLE *table;
    SOCKET below, s;
    LPWSAOVERLAPPED overlapped; /* the program's */
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID thread;
    DWORD count, flags;
    INT error;
};

/* How many requests a SOCKET has, and whether it is closed. */
enum { CLOSED = 1, ONE = 2, MAX_SOCKETS = 65536 };
static unsigned pending[MAX_SOCKETS]; /* atomic; by s / 4 */

static unsigned *pending_of(SOCKET s)
{
    return &pending[s / 4 % MAX_SOCKETS];
}

static void socket_drop(const WSPUPCALLTABLE *upcalls, SOCKET s)
{
    unsigned left = __atomic_sub_fetch(pending_of(s), ONE, __ATOMIC_ACQ_REL);
    INT ignored;

    if (left != CLOSED)
        return;
    __atomic_store_n(pending_of(s), 0, __ATOMIC_RELEASE);
    upcalls->lpWPUCloseSocketHandle(s, &ignored);
}

void requests_close(const WSPUPCALLTABLE *upcalls, SOCKET s)
{
    __atomic_add_fetch(pending_of(s), CLOSED | ONE, __ATOMIC_ACQ_REL);
    socket_drop(upcalls, s);
}

/* --- Beginning ------------------------------------------------------------ */

struct request *request_new(const WSPUPCALLTABLE *upcalls,
                            const WSPPROC_TABLE *table, SOCKET below, SOCKET s,
                            LPWSAOVERLAPPED overlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            const WSATHREADID *thread, LPINT error)
{
    struct request *request = calloc(1, sizeof(*request));

    if ((routine != NULL) !=
        (thread != NULL && thread->ThreadHandle != NULL)) {
        free(request);
        *error = WSAEPROVIDERFAILEDINIT;
        return NULL;
    }
    if (request == NULL) {
        *error = WSAENOBUFS;
        return NULL;
    }
    request->lower.hEvent = upcalls->lpWPUCreateEvent(error);
    if (request->lower.hEvent == WSA_INVALID_EVENT) {
        free(request);
        return NULL;
    }
    request->upcalls = *upcalls;
    request->table = table;
    request->below = below;
    request->s = s;
    request->overlapped = overlapped;
    request->routine = routine;
    if (thread != NULL)
        request->thread = *thread;
    overlapped->Internal = WSS_OPERATION_IN_PROGRESS;
    if (routine == NULL && overlapped->hEvent != NULL)
        upcalls->lpWPUResetEvent(
            (WSAEVENT)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1), error);
    return request;
}

LPWSAOVERLAPPED request_overlapped(struct request *request)
{
    return &request->lower;
}

/* --- The end -------------------------------------------------------------- */

static VOID CALLBACK run_routine(DWORD_PTR context)
{
    struct request request = *(struct request *)context;

    free((struct request *)context);
    request.routine((DWORD)request.error, request.count, request.overlapped,
                    request.flags);
}

/* Closing the SOCKET below ends the request, too. */
static void read_result(struct request *request)
{
    INT error = 0;

    /* The event follows the status: who has read that may free the request,
       also when the socket is gone and cannot be asked for it. */
    (void)__atomic_load_n(&request->lower.Internal, __ATOMIC_ACQUIRE);
    if (request->table->lpWSPGetOverlappedResult(
            request->below, &request->lower, &request->count, TRUE,
            &request->flags, &error))
        error = 0;
    request->error = error == WSAENOTSOCK ? WSA_OPERATION_ABORTED : error;
}

static void complete_by_apc(struct request *request)
{
    LPWSAOVERLAPPED overlapped = request->overlapped;
    INT ignored;

    overlapped->InternalHigh = request->count;
    __atomic_store_n(&overlapped->Internal, 0, __ATOMIC_RELEASE);
    if (request->upcalls.lpWPUQueueApc(&request->thread, run_routine,
                                       (DWORD_PTR)request, &ignored))
        free(request);
}

/* The request leaves nothing behind when the program is told. */
static void complete(struct request *request)
{
    const WSPUPCALLTABLE upcalls = request->upcalls;
    SOCKET s = request->s;
    INT ignored;

    upcalls.lpWPUCloseEvent(request->lower.hEvent, &ignored);
    request->overlapped->Offset = request->flags;
    request->overlapped->OffsetHigh = (DWORD)request->error;
    if (request->routine != NULL) {
        complete_by_apc(request);
    } else {
        struct request copy = *request;

        free(request);
        WPUCompleteOverlappedRequest(s, copy.overlapped, (DWORD)copy.error,
                                     copy.count, &ignored);
    }
    socket_drop(&upcalls, s);
}

static void wait_for_end(void *argument)
{
    struct request *request = argument;

    WSAWaitForMultipleEvents(1, &request->lower.hEvent, TRUE, WSA_INFINITE,
                             FALSE);
    read_result(request);
    complete(request);
}

int request_begun(struct request *request, int result, LPINT error)
{
    INT ignored;

    if (result != 0 && *error != WSA_IO_PENDING) {
        request->upcalls.lpWPUCloseEvent(request->lower.hEvent, &ignored);
        free(request);
        return SOCKET_ERROR;
    }
    __atomic_add_fetch(pending_of(request->s), ONE, __ATOMIC_ACQ_REL);
    if (!platform_thread(wait_for_end, request))
        wait_for_end(request);
    *error = WSA_IO_PENDING;
    return SOCKET_ERROR;
}

BOOL request_result(LPWSAOVERLAPPED overlapped, LPDWORD count, BOOL wait,
                    LPDWORD flags, LPINT error)
{
    ULONG_PTR event = (ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1;
    WSAEVENT handle = (WSAEVENT)event;

    if (wait && event != 0)
        WSAWaitForMultipleEvents(1, &handle, TRUE, WSA_INFINITE, FALSE);
    if (__atomic_load_n(&overlapped->Internal, __ATOMIC_ACQUIRE) ==
        WSS_OPERATION_IN_PROGRESS) {
        *error = WSA_IO_INCOMPLETE;
        return FALSE;
    }
    *count = (DWORD)overlapped->InternalHigh;
    *flags = overlapped->Offset;
    *error = (INT)overlapped->OffsetHigh;
    return *error == 0;
}
