/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The source of the hand-off: connects to a web server, gives the connected
 * socket to another process, and shows that its own descriptor is still the
 * same socket.  Plain Winsock; the steps are those of the table on Microsoft's
 * page "Shared Sockets in the SPI".
 *
 *     source TARGET-PROGRAM ADDRESS PORT PATH OUTPUT-FILE
 */
#include "hand_off.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON 10000  /* ms in which an expected event must come */
#define SILENCE 200 /* ms in which an event must not come */

/* The source's registration: window messages where there are windows, an
   event otherwise. */
struct watch {
    void *window;
    WSAEVENT event;
};

static void watch_start(struct watch *watch, SOCKET s, long mask)
{
    int result;

    watch->event = WSACreateEvent();
    watch->window = window_create();
    if (watch->window)
        result = WSAAsyncSelect(s, (HWND)watch->window, SOCKET_MESSAGE, mask);
    else
        result = WSAEventSelect(s, watch->event, mask);
    if (result != 0)
        failed("the registration");
}

static const char *watch_name(const struct watch *watch)
{
    return watch->window ? "WSAAsyncSelect" : "WSAEventSelect";
}

/* The network events that come within the time, 0 for none.  Looks into the
   socket's record only after the event was signalled: the record is shared,
   and what is read there is taken from the other process. */
static long watch_wait(struct watch *watch, SOCKET s, unsigned milliseconds)
{
    WSANETWORKEVENTS events;
    unsigned long lparam;

    if (watch->window)
        return window_wait(watch->window, milliseconds, &lparam)
                   ? WSAGETSELECTEVENT(lparam) : 0;
    if (WSAWaitForMultipleEvents(1, &watch->event, FALSE, milliseconds,
                                 FALSE) != WSA_WAIT_EVENT_0)
        return 0;
    if (WSAEnumNetworkEvents(s, watch->event, &events) != 0)
        failed("WSAEnumNetworkEvents");
    return events.lNetworkEvents;
}

static void watch_expect_silence(struct watch *watch, SOCKET s)
{
    long events = watch_wait(watch, s, SILENCE);

    if (events)
        failed("the cancelled registration still brings events 0x%lx", events);
}

/* Ends the registration, whoever made it, and blocks again. */
static void watch_stop(struct watch *watch, SOCKET s)
{
    u_long off = 0;

    if (WSAEventSelect(s, NULL, 0) != 0 || ioctlsocket(s, FIONBIO, &off) != 0)
        failed("cannot make the socket blocking again");
    if (watch->window)
        window_destroy(watch->window);
    WSACloseEvent(watch->event);
}

/* Lets the script look at the server while both processes hold the socket. */
static void pause_for(const char *what)
{
    char line[16];

    fprintf(stderr, "?\tsource\t%s\n", what);
    fflush(stderr);
    if (!fgets(line, sizeof(line), stdin))
        failed("nobody looked");
}

/* Step 1. */
static SOCKET connect_to(const char *address, const char *port)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    SOCKET s;

    name.sin_port = htons((u_short)atoi(port));
    name.sin_addr.s_addr = inet_addr(address);
    s = WSASocketA(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0,
                   WSA_FLAG_OVERLAPPED);
    if (s == INVALID_SOCKET)
        failed("WSASocket");
    if (connect(s, (struct sockaddr *)&name, sizeof(name)) != 0)
        failed("connect to %s:%s", address, port);
    option_set(s, SOL_SOCKET, SO_KEEPALIVE, SOURCE_KEEPALIVE);
    step(1, "WSASocket, connect to %s:%s: SOCKET 0x%lx", address, port,
         (unsigned long)s);
    return s;
}

/* Steps 2 to 6. */
static void hand_off(SOCKET s, struct channel *target)
{
    WSAPROTOCOL_INFOA info;
    DWORD id;

    step(2, "asks the target for its process id");
    turn_give(target, TURN_ASK_PROCESS_ID, NULL, 0);
    turn_wait(target, TURN_PROCESS_ID, &id, sizeof(id));
    step(4, "receives the process id %lu", (unsigned long)id);
    if (WSADuplicateSocketA(s, id, &info) != 0)
        failed("WSADuplicateSocket");
    step(5, "WSADuplicateSocket(0x%lx, %lu) fills a WSAPROTOCOL_INFO",
         (unsigned long)s, (unsigned long)id);
    step(6, "sends the WSAPROTOCOL_INFO, %u bytes, over a pipe",
         (unsigned)sizeof(info));
    turn_give(target, TURN_INFO, &info, sizeof(info));
}

/* The target has closed: what it left in the socket is here. */
static void check_options(SOCKET s)
{
    if (!option_get(s, IPPROTO_TCP, TCP_NODELAY) ||
        option_get(s, SOL_SOCKET, SO_RCVTIMEO) != TARGET_TIMEOUT)
        failed("the target's options are not seen");
    proved("TCP_NODELAY and SO_RCVTIMEO = %d, set by the target, are read "
           "here", TARGET_TIMEOUT);
}

/* Asks for the file's head on the descriptor that was never given away. */
static void ask_again(SOCKET s, const char *host, const char *path,
                      const struct outcome *outcome)
{
    char answer[4096], expected[64];
    int length = snprintf(answer, sizeof(answer),
                          "HEAD %s HTTP/1.1\r\nHost: %s\r\n"
                          "User-Agent: ws2emu-demo-source\r\n"
                          "Connection: close\r\n\r\n", path, host);
    int n;

    if (outcome->keep_alive && send(s, answer, length, 0) != length)
        failed("send");
    for (length = 0; length < (int)sizeof(answer) - 1; length += n) {
        n = recv(s, answer + length, (int)sizeof(answer) - 1 - length, 0);
        if (n < 0)
            failed("recv");
        if (n == 0)
            break;
    }
    answer[length] = '\0';
    if (!outcome->keep_alive) {
        proved("its own descriptor reads the end of the connection");
        return;
    }
    snprintf(expected, sizeof(expected), "Content-Length: %llu\r\n",
             outcome->length);
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || !strstr(answer, expected))
        failed("the server answered %.40s", answer);
    proved("its own descriptor works: HEAD %s on the same connection, 200 OK",
           path);
}

/* Both processes hold the socket: the target receives, the source watches. */
static void watch_the_target(struct watch *watch, SOCKET s,
                             struct channel *target, struct outcome *outcome)
{
    turn_wait(target, TURN_OPENED, NULL, 0);
    pause_for("both");
    turn_give(target, TURN_REQUEST, NULL, 0);
    turn_wait(target, TURN_ARRIVING, NULL, 0);
    watch_expect_silence(watch, s);
    proved("its own %s is cancelled: nothing comes here", watch_name(watch));
    turn_give(target, TURN_RECEIVE, NULL, 0);
    turn_wait(target, TURN_CLOSED, outcome, sizeof(*outcome));
    watch_expect_silence(watch, s);
}

int main(int argc, char **argv)
{
    struct outcome outcome;
    struct watch watch;
    WSADATA data;
    int error;
    SOCKET s;
    struct channel *target;

    narrate_as("source");
    if (argc != 6)
        failed("usage: source TARGET-PROGRAM ADDRESS PORT PATH OUTPUT-FILE");
    error = WSAStartup(MAKEWORD(2, 2), &data);
    if (error)
        failed("WSAStartup: %d", error);
    /* Before there is a socket: it cannot be inherited. */
    target = channel_spawn(argv[1], (const char *[]){argv[2], argv[4], argv[5],
                                                     NULL});
    if (!target)
        failed("cannot start %s", argv[1]);

    s = connect_to(argv[2], argv[3]);
    watch_start(&watch, s, FD_READ | FD_WRITE | FD_CLOSE);
    step(1, "%s(FD_READ | FD_WRITE | FD_CLOSE)", watch_name(&watch));
    if (watch_wait(&watch, s, SOON) != FD_WRITE)
        failed("FD_WRITE does not come");
    proved("FD_WRITE comes here: the registration works");

    hand_off(s, target);
    watch_the_target(&watch, s, target, &outcome);
    if (channel_end(target) != 0)
        failed("the target failed");
    pause_for("one");
    check_options(s);
    watch_stop(&watch, s);
    ask_again(s, argv[2], argv[4], &outcome);

    if (closesocket(s) != 0)
        failed("closesocket");
    step(10, "closesocket: the last descriptor, the connection ends");
    pause_for("none");
    WSACleanup();
    return 0;
}
