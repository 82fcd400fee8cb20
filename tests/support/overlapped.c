/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Overlapped calls of suites; see overlapped.h. */
#include "support/overlapped.h"

#include <string.h>

#define IN_TIME 10000

void call_init(struct call *call, int length, int with_event)
{
    memset(call, 0, sizeof(*call));
    CHECK(length <= (int)sizeof(call->data));
    call->buffer.len = (ULONG)length;
    call->buffer.buf = call->data;
    call->count = COUNT_UNTOUCHED;
    call->name_length = sizeof(call->name);
    if (with_event)
        call->overlapped.hEvent = event_create();
}

void call_done(struct call *call)
{
    if (call->overlapped.hEvent)
        CHECK(WSACloseEvent(call->overlapped.hEvent));
}

int call_receive(struct call *call, SOCKET s)
{
    return WSARecv(s, &call->buffer, 1, &call->count, &call->flags,
                   &call->overlapped, NULL);
}

int call_receive_from(struct call *call, SOCKET s)
{
    return WSARecvFrom(s, &call->buffer, 1, &call->count, &call->flags,
                       (struct sockaddr *)&call->name, &call->name_length,
                       &call->overlapped, NULL);
}

void CALLBACK call_routine(DWORD error, DWORD count, LPWSAOVERLAPPED overlapped,
                           DWORD flags)
{
    struct call *call = (struct call *)overlapped;

    call->n_routines++;
    call->routine_error = error;
    call->routine_count = count;
    call->routine_flags = flags;
}

int call_receive_with_routine(struct call *call, SOCKET s)
{
    return WSARecv(s, &call->buffer, 1, &call->count, &call->flags,
                   &call->overlapped, call_routine);
}

int call_send(struct call *call, SOCKET s)
{
    return WSASend(s, &call->buffer, 1, &call->count, 0, &call->overlapped,
                   NULL);
}

void call_pends(struct call *call, SOCKET s)
{
    CHECK_ERROR(call_receive(call, s), WSA_IO_PENDING);
    CHECK_EQ(call->count, COUNT_UNTOUCHED);
    CHECK_EQ(STATUS_OF(&call->overlapped), NT_PENDING);
    if (call->overlapped.hEvent)
        CHECK(!event_is_signalled(call->overlapped.hEvent, 0));
}

void call_still_pends(struct call *call)
{
    if (call->overlapped.hEvent)
        CHECK(!event_is_signalled(call->overlapped.hEvent, TEST_QUIET_MS));
    CHECK_EQ(STATUS_OF(&call->overlapped), NT_PENDING);
}

void call_ends(struct call *call, SOCKET s, int error, DWORD count)
{
    DWORD got = 0, flags = 0;
    BOOL success;

    if (call->overlapped.hEvent)
        event_wait(call->overlapped.hEvent);
    WSASetLastError(0);
    success = WSAGetOverlappedResult(s, &call->overlapped, &got,
                                     !call->overlapped.hEvent, &flags);
    CHECK_THAT(
        success == (error == 0) && (success || WSAGetLastError() == error),
        "the result is %s, not %s",
        success ? "success" : error_name(WSAGetLastError()), error_name(error));
    CHECK_EQ(got, count);
    CHECK_EQ(call->overlapped.InternalHigh, count);
}

void call_receives(struct call *call, SOCKET s, const char *text)
{
    call_ends(call, s, 0, (DWORD)strlen(text));
    CHECK_MEMORY(call->data, text, strlen(text));
}

int wait_alertably(int ms)
{
    WSAEVENT event = event_create();
    DWORD result =
        WSAWaitForMultipleEvents(1, &event, FALSE, (DWORD)ms, TRUE);

    CHECK(result == WSA_WAIT_TIMEOUT || result == WSA_WAIT_IO_COMPLETION);
    CHECK(WSACloseEvent(event));
    return result == WSA_WAIT_IO_COMPLETION;
}

void reset_connection(SOCKET peer)
{
    set_linger(peer, 0);
    close_socket(peer);
}
