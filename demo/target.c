/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target of the hand-off: gets a connected socket from another process,
 * downloads a file over it and closes its descriptor.  Plain Winsock; started
 * by source.c with pipes at its input and output.
 *
 *     target HOST PATH OUTPUT-FILE
 */
#include "hand_off.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_WAIT 30000 /* ms until the server counts as silent */

/* An answer of the server as it comes in. */
struct answer {
    FILE *file;
    char head[4096];
    size_t head_length; /* bytes of head that came, until it is complete */
    int head_complete;
    unsigned long long length, received; /* of the body */
    int keep_alive;
};

/* Whether text begins with the word, letters of either case. */
static int begins_with(const char *text, const char *word)
{
    for (; *word; text++, word++)
        if (tolower((unsigned char)*text) != tolower((unsigned char)*word))
            return 0;
    return 1;
}

/* The value of a header line, or NULL.  head ends with NUL. */
static const char *header_value(const char *head, const char *name)
{
    size_t length = strlen(name);
    const char *line = strstr(head, "\r\n");

    for (; line; line = strstr(line + 2, "\r\n"))
        if (begins_with(line + 2, name) && line[2 + length] == ':')
            return line + 2 + length + 1 + strspn(line + 2 + length + 1, " ");
    return NULL;
}

static void answer_head(struct answer *answer)
{
    const char *length = header_value(answer->head, "Content-Length");
    const char *connection = header_value(answer->head, "Connection");

    if (strncmp(answer->head, "HTTP/1.", 7) != 0 ||
        strncmp(answer->head + 8, " 200", 4) != 0 || !length)
        failed("the server answered %.40s", answer->head);
    answer->length = strtoull(length, NULL, 10);
    answer->keep_alive = answer->head[7] == '1' &&
                         !(connection &&
                           begins_with(connection, "close"));
    answer->head_complete = 1;
}

static void answer_body(struct answer *answer, const char *data, size_t size)
{
    if (fwrite(data, 1, size, answer->file) != size)
        failed("cannot write the file");
    answer->received += size;
}

/* Takes what recv gave. */
static void answer_take(struct answer *answer, const char *data, size_t size)
{
    size_t before = answer->head_length, room, body;
    char *end;

    if (answer->head_complete) {
        answer_body(answer, data, size);
        return;
    }
    room = sizeof(answer->head) - 1 - before;
    if (room > size)
        room = size;
    memcpy(answer->head + before, data, room);
    answer->head_length += room;
    answer->head[answer->head_length] = '\0';
    end = strstr(answer->head, "\r\n\r\n");
    if (!end) {
        if (room < size)
            failed("the server's header does not end");
        return;
    }
    body = (size_t)(end + 4 - answer->head) - before; /* where it begins */
    end[2] = '\0';
    answer_head(answer);
    answer_body(answer, data + body, size - body);
}

static int answer_is_whole(const struct answer *answer)
{
    return answer->head_complete && answer->received >= answer->length;
}

/* Waits for the event and says which network events there were. */
static long wait_for_events(SOCKET s, WSAEVENT event)
{
    WSANETWORKEVENTS events;

    if (WSAWaitForMultipleEvents(1, &event, FALSE, LAST_WAIT, FALSE) !=
        WSA_WAIT_EVENT_0)
        failed("the target's event stays silent");
    if (WSAEnumNetworkEvents(s, event, &events) != 0)
        failed("WSAEnumNetworkEvents");
    return events.lNetworkEvents;
}

static void receive_file(SOCKET s, WSAEVENT event, struct answer *answer)
{
    static char buffer[65536];
    int n;

    for (;;) {
        while ((n = recv(s, buffer, sizeof(buffer), 0)) > 0) {
            answer_take(answer, buffer, (size_t)n);
            if (answer_is_whole(answer))
                return;
        }
        if (n == 0)
            failed("the server closed the connection early");
        if (WSAGetLastError() != WSAEWOULDBLOCK)
            failed("recv");
        wait_for_events(s, event);
    }
}

/* Steps 7 and 8. */
static SOCKET open_duplicate(struct channel *source)
{
    WSAPROTOCOL_INFOA info;
    SOCKET s;

    turn_wait(source, TURN_INFO, &info, sizeof(info));
    step(7, "receives the WSAPROTOCOL_INFO: \"%.40s\", dwProviderReserved "
            "0x%08lx", info.szProtocol,
         (unsigned long)info.dwProviderReserved);
    s = WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                   &info, 0, WSA_FLAG_OVERLAPPED);
    if (s == INVALID_SOCKET)
        failed("WSASocket(FROM_PROTOCOL_INFO)");
    step(8, "WSASocket(FROM_PROTOCOL_INFO) opens it as SOCKET 0x%lx",
         (unsigned long)s);
    if (WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                   &info, 0, WSA_FLAG_OVERLAPPED) != INVALID_SOCKET ||
        WSAGetLastError() != WSAEINVAL)
        failed("the same WSAPROTOCOL_INFO opened a second socket");
    proved("the WSAPROTOCOL_INFO is good once: again it is WSAEINVAL");
    return s;
}

/* What the source set is seen here, and what is set here it will see. */
static void share_options(SOCKET s)
{
    if (!option_get(s, SOL_SOCKET, SO_KEEPALIVE))
        failed("SO_KEEPALIVE of the source is not seen");
    proved("SO_KEEPALIVE, set by the source, is read here");
    option_set(s, IPPROTO_TCP, TCP_NODELAY, TARGET_NODELAY);
    option_set(s, SOL_SOCKET, SO_RCVTIMEO, TARGET_TIMEOUT);
}

static void send_request(SOCKET s, const char *host, const char *path)
{
    char request[512];
    int length = snprintf(request, sizeof(request),
                          "GET %s HTTP/1.1\r\nHost: %s\r\n"
                          "User-Agent: ws2emu-demo-target\r\n\r\n",
                          path, host);

    if (send(s, request, length, 0) != length)
        failed("send");
    step(9, "sends GET %s on the shared socket", path);
}

/* Step 9: the exchange of data. */
static void download(SOCKET s, WSAEVENT event, struct channel *source,
                     const char *const *names, struct answer *answer)
{
    answer->file = fopen(names[2], "wb");
    if (!answer->file)
        failed("cannot create %s", names[2]);
    send_request(s, names[0], names[1]);
    if (!(wait_for_events(s, event) & FD_READ))
        failed("an event other than FD_READ came first");
    proved("FD_READ comes here");
    turn_give(source, TURN_ARRIVING, NULL, 0);
    turn_wait(source, TURN_RECEIVE, NULL, 0);
    receive_file(s, event, answer);
    if (fclose(answer->file) != 0)
        failed("cannot write the file");
    step(9, "receives %llu bytes to the disk", answer->received);
}

int main(int argc, char **argv)
{
    static struct answer answer;
    struct outcome outcome;
    WSADATA data;
    int error;
    WSAEVENT event;
    DWORD id = process_id();
    SOCKET s;
    struct channel *source = channel_parent();

    narrate_as("target");
    if (argc != 4 || !source)
        failed("usage: target HOST PATH OUTPUT-FILE");
    error = WSAStartup(MAKEWORD(2, 2), &data);
    if (error)
        failed("WSAStartup: %d", error);

    turn_wait(source, TURN_ASK_PROCESS_ID, NULL, 0);
    step(3, "receives the question and answers: %lu", (unsigned long)id);
    turn_give(source, TURN_PROCESS_ID, &id, sizeof(id));

    s = open_duplicate(source);
    share_options(s);
    event = WSACreateEvent();
    if (WSAEventSelect(s, event, FD_READ | FD_CLOSE) != 0)
        failed("WSAEventSelect");
    step(9, "WSAEventSelect(FD_READ | FD_CLOSE): replaces the source's "
            "registration");
    turn_give(source, TURN_OPENED, NULL, 0);

    turn_wait(source, TURN_REQUEST, NULL, 0);
    download(s, event, source, (const char *const *)argv + 1, &answer);

    if (closesocket(s) != 0)
        failed("closesocket");
    step(9, "closesocket: its descriptor is gone, the socket lives on");
    WSACloseEvent(event);
    WSACleanup();
    outcome.length = answer.length;
    outcome.keep_alive = answer.keep_alive;
    turn_give(source, TURN_CLOSED, &outcome, sizeof(outcome));
    channel_end(source);
    return 0;
}
