/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One message of WSASendMsg and WSARecvMsg, and its control data, for suites.
 */
#ifndef TESTS_SUPPORT_MESSAGES_H
#define TESTS_SUPPORT_MESSAGES_H

#include "support/sockets.h"

#include <mswsock.h>

int WINAPI WSASendMsg(SOCKET s, LPWSAMSG msg, DWORD flags, LPDWORD sent,
                      LPWSAOVERLAPPED overlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/* Of messages_find. */
extern LPFN_WSASENDMSG send_msg;
extern LPFN_WSARECVMSG receive_msg;

void messages_find(SOCKET s);

/* A message with room for everything. */
struct message {
    WSAMSG msg;
    WSABUF data;
    struct sockaddr_storage name;
    char bytes[64];
    _Alignas(8) char control[256];
    DWORD count;
};

void message_init(struct message *m);
/* To a name, without control data. */
void message_to(struct message *m, const void *name, int length,
                const char *text);
/* Adds an entry of control data to what is sent. */
void message_add(struct message *m, int level, int type, const void *data,
                 size_t size);
/* WSASendMsg, and WSARecvMsg into a new message; their results. */
int message_send(SOCKET s, struct message *m);
int message_receive(SOCKET s, struct message *m);

/* The entry of this kind, NULL: there is none. *ret_size: of its data. */
const void *message_control(const struct message *m, int level, int type,
                            size_t *ret_size);
/* The int of this kind; there is one. */
int message_int(const struct message *m, int level, int type);

/* Bound to ::1; the case is skipped where there is no IPv6. */
SOCKET udp6_bound(struct sockaddr_in6 *ret_name);

#endif
