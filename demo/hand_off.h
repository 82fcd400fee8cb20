/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What source.c and target.c share: how they narrate, and what they say to
 * each other over the pipes.
 *
 * The narration goes to the error stream, a line for each step with tabs
 * between number, process and text, which the script `run` lays out:
 *     5    source    WSADuplicateSocket(...)      a step of the table
 *     +    source    ...                          something was proved
 *     !    source    ...                          something failed
 *     ?    source    both                         the script may look now
 */
#ifndef WS2EMU_DEMO_HAND_OFF_H
#define WS2EMU_DEMO_HAND_OFF_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include "platform.h"

/* One byte on the pipe for each turn, some with data behind them. */
enum turn {
    TURN_ASK_PROCESS_ID = 'i', /* source: who are you? */
    TURN_PROCESS_ID = 'I',     /* target: a DWORD */
    TURN_INFO = 'd',           /* source: a WSAPROTOCOL_INFOA */
    TURN_OPENED = 'O',         /* target: has its descriptor and registration */
    TURN_REQUEST = 'r',        /* source: send your request */
    TURN_ARRIVING = 'A',       /* target: FD_READ came, nothing received yet */
    TURN_RECEIVE = 'R',        /* source: receive */
    TURN_CLOSED = 'C',         /* target: a struct outcome; it has closed */
};

struct outcome {
    unsigned long long length; /* of the file */
    int keep_alive;            /* the server keeps the connection */
};

/* Options that one process sets and the other one reads. */
#define SOURCE_KEEPALIVE 1
#define TARGET_NODELAY 1
#define TARGET_TIMEOUT 4321 /* ms, SO_RCVTIMEO */

void narrate_as(const char *who);
void step(int number, const char *format, ...);
void proved(const char *format, ...);
/* Says what failed, with WSAGetLastError(), and ends the process. */
void failed(const char *format, ...);

/* Give the turn, with data, and wait for it.  A wrong turn is a failure. */
void turn_give(struct channel *channel, enum turn turn, const void *data,
               size_t size);
void turn_wait(struct channel *channel, enum turn turn, void *data,
               size_t size);

int option_get(SOCKET s, int level, int name);
void option_set(SOCKET s, int level, int name, int value);

#endif
