/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What completion ports cost: for bench.exe alone, as the ports are Windows'
 * own.
 *
 * The port is busy: datagrams come to sixteen sockets before one of them is
 * looked after.
 */
#include "rows.h"

#include <mswsock.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_SOCKETS = 16 };

struct received {
    WSAOVERLAPPED overlapped; /* the first member */
    SOCKET s;
    char buffer[SMALL_SIZE];
};

struct busy_port {
    HANDLE port;
    struct received receives[PORT_SOCKETS];
};

static void *port_open(void)
{
    struct busy_port *state = calloc(1, sizeof(*state));
    int i;

    state->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    check(state->port != NULL, "CreateIoCompletionPort");
    for (i = 0; i < PORT_SOCKETS; i++) {
        state->receives[i].s = make_mirror();
        check(CreateIoCompletionPort((HANDLE)state->receives[i].s, state->port,
                                     (ULONG_PTR)i, 0) != NULL,
              "CreateIoCompletionPort");
    }
    return state;
}

static void port_close(void *argument)
{
    struct busy_port *state = argument;
    int i;

    for (i = 0; i < PORT_SOCKETS; i++)
        closesocket(state->receives[i].s);
    CloseHandle(state->port);
    free(state);
}

static void start_receive(struct received *receive)
{
    WSABUF buffer = {SMALL_SIZE, receive->buffer};
    DWORD flags = 0;

    memset(&receive->overlapped, 0, sizeof(receive->overlapped));
    check(!WSARecv(receive->s, &buffer, 1, NULL, &flags, &receive->overlapped,
                   NULL) || WSAGetLastError() == WSA_IO_PENDING, "WSARecv");
}

static void take_packet(HANDLE port)
{
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD n;

    check(GetQueuedCompletionStatus(port, &n, &key, &overlapped, INFINITE) &&
              n == SMALL_SIZE, "GetQueuedCompletionStatus");
}

/* A receive pends, a datagram comes, its packet is taken. */
static void port_cycle(void *argument, unsigned long count)
{
    struct busy_port *state = argument;
    char buffer[SMALL_SIZE] = {0};
    unsigned long n, i;

    for (; count > 0; count -= n) {
        n = count < PORT_SOCKETS ? count : PORT_SOCKETS;
        for (i = 0; i < n; i++)
            start_receive(&state->receives[i]);
        for (i = 0; i < n; i++)
            check(send(state->receives[i].s, buffer, SMALL_SIZE, 0) ==
                      SMALL_SIZE, "send");
        for (i = 0; i < n; i++)
            take_packet(state->port);
    }
}

/* The same with the datagram there already. */
static void port_at_once(void *argument, unsigned long count)
{
    struct busy_port *state = argument;
    char buffer[SMALL_SIZE] = {0};

    while (count-- > 0) {
        check(send(state->receives[0].s, buffer, SMALL_SIZE, 0) == SMALL_SIZE,
              "send");
        start_receive(&state->receives[0]);
        take_packet(state->port);
    }
}

static void post_packets(void *argument, unsigned long count)
{
    struct busy_port *state = argument;

    while (count-- > 0) {
        check(PostQueuedCompletionStatus(state->port, SMALL_SIZE, 0, NULL),
              "PostQueuedCompletionStatus");
        take_packet(state->port);
    }
}

/* --- AcceptEx ------------------------------------------------------------- */

enum { NAME_ROOM = sizeof(struct sockaddr_in) + 16 };

struct acceptor {
    HANDLE port;
    SOCKET listener;
    struct sockaddr_in name;
    LPFN_ACCEPTEX accept_ex;
};

static void *acceptor_open(void)
{
    struct acceptor *state = calloc(1, sizeof(*state));
    GUID id = WSAID_ACCEPTEX;
    DWORD n;

    state->listener = make_listener(&state->name);
    check(!WSAIoctl(state->listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id,
                    sizeof(id), &state->accept_ex, sizeof(state->accept_ex),
                    &n, NULL, NULL), "WSAIoctl");
    state->port = CreateIoCompletionPort((HANDLE)state->listener, NULL, 0, 0);
    check(state->port != NULL, "CreateIoCompletionPort");
    return state;
}

static void acceptor_close(void *argument)
{
    struct acceptor *state = argument;

    closesocket(state->listener);
    CloseHandle(state->port);
    free(state);
}

/* A server's life: AcceptEx pends, a client comes, the packet is taken, the
   connection gets its context; both ends are closed, without TIME_WAIT. */
static void accept_connections(void *argument, unsigned long count)
{
    struct acceptor *state = argument;
    char names[2 * NAME_ROOM];
    OVERLAPPED overlapped, *ended;
    SOCKET client, server;
    ULONG_PTR key;
    DWORD n;

    while (count-- > 0) {
        server = make_socket(SOCK_STREAM);
        memset(&overlapped, 0, sizeof(overlapped));
        check(state->accept_ex(state->listener, server, names, 0, NAME_ROOM,
                               NAME_ROOM, &n, &overlapped) ||
                  WSAGetLastError() == WSA_IO_PENDING, "AcceptEx");
        client = make_connected(&state->name);
        check(GetQueuedCompletionStatus(state->port, &n, &key, &ended,
                                        INFINITE), "GetQueuedCompletionStatus");
        check(!setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                          (char *)&state->listener, sizeof(state->listener)),
              "SO_UPDATE_ACCEPT_CONTEXT");
        abort_connection(client);
        check(!closesocket(server), "closesocket");
    }
}

const struct measurement port_measurements[] = {
    {"port-cycle", port_open, port_cycle, port_close},
    {"port-at-once", port_open, port_at_once, port_close},
    {"port-post", port_open, post_packets, port_close},
    {"port-accept", acceptor_open, accept_connections, acceptor_close},
    {NULL, NULL, NULL, NULL},
};
