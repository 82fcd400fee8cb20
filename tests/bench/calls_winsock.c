/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The rows that are Winsock's own: duplicates and event objects. */
#include "rows.h"

#include <stdlib.h>

void calls_begin(void)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);

    if (error)
        bench_fail("WSAStartup", error);
}

void calls_end(void)
{
    WSACleanup();
}

SOCKET make_socket(int type)
{
    SOCKET s = socket(AF_INET, type, 0);

    check(s != INVALID_SOCKET, "socket");
    return s;
}

SOCKET accept_socket(SOCKET listener)
{
    SOCKET s = accept(listener, NULL, NULL);

    check(s != INVALID_SOCKET, "accept");
    return s;
}

/* --- Duplicates ----------------------------------------------------------- */

void *duplicate_open(void)
{
    SOCKET *source = malloc(sizeof(*source));

    *source = make_socket(SOCK_STREAM);
    return source;
}

void duplicate_run(void *state, unsigned long count)
{
    const SOCKET *source = state;
    DWORD id = (DWORD)bench_process_id();
    WSAPROTOCOL_INFOA info;
    SOCKET s;

    while (count-- > 0) {
        check(WSADuplicateSocketA(*source, id, &info) == 0,
              "WSADuplicateSocket");
        s = WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                       FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED);
        check(s != INVALID_SOCKET, "WSASocket");
        check(closesocket(s) == 0, "closesocket");
    }
}

void duplicate_close(void *state)
{
    SOCKET *source = state;

    check(closesocket(*source) == 0, "closesocket");
    free(source);
}

/* --- Events --------------------------------------------------------------- */

struct watched {
    SOCKET s;
    WSAEVENT event;
};

void *event_select_open(void)
{
    struct watched *watched = malloc(sizeof(*watched));

    watched->s = make_mirror();
    watched->event = WSACreateEvent();
    return watched;
}

void event_select_run(void *state, unsigned long count)
{
    const struct watched *watched = state;

    while (count-- > 0) {
        check(WSAEventSelect(watched->s, watched->event, FD_READ) == 0,
              "WSAEventSelect");
        check(WSAEventSelect(watched->s, NULL, 0) == 0, "WSAEventSelect");
    }
}

void *event_cycle_open(void)
{
    struct watched *watched = event_select_open();

    check(WSAEventSelect(watched->s, watched->event, FD_READ) == 0,
          "WSAEventSelect");
    return watched;
}

/* A datagram comes, the event says so, the record is read, the datagram is
   received. */
void event_cycle_run(void *state, unsigned long count)
{
    const struct watched *watched = state;
    WSANETWORKEVENTS events;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(watched->s, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "send");
        check(WSAWaitForMultipleEvents(1, &watched->event, FALSE, WSA_INFINITE,
                                       FALSE) == WSA_WAIT_EVENT_0,
              "WSAWaitForMultipleEvents");
        check(WSAEnumNetworkEvents(watched->s, watched->event, &events) == 0,
              "WSAEnumNetworkEvents");
        check(recv(watched->s, buffer, SMALL_SIZE, 0) == SMALL_SIZE, "recv");
    }
}

void event_close(void *state)
{
    struct watched *watched = state;

    check(closesocket(watched->s) == 0, "closesocket");
    WSACloseEvent(watched->event);
    free(watched);
}
