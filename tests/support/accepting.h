/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One AcceptEx, for suites. */
#ifndef TESTS_SUPPORT_ACCEPTING_H
#define TESTS_SUPPORT_ACCEPTING_H

#include "support/extensions.h"

/* The room of one address of IPv4. */
#define ACCEPT_BLOCK (sizeof(struct sockaddr_in) + 16)

struct accept {
    SOCKET listener, socket;
    DWORD receive_length;
    OVERLAPPED overlapped;
    char buffer[256];
};

static LPFN_ACCEPTEX accept_ex;

/* Before the first AcceptEx. */
static inline SOCKET accept_listener(struct sockaddr_in *name)
{
    accept_ex = (LPFN_ACCEPTEX)extension((GUID)WSAID_ACCEPTEX);
    return tcp_listener(name);
}

static inline void accept_start_blocks(struct accept *accept, SOCKET listener,
                                       SOCKET socket, DWORD receive_length,
                                       DWORD block)
{
    DWORD received = 0;

    memset(accept->buffer, 'x', sizeof(accept->buffer));
    accept->listener = listener;
    accept->socket = socket;
    accept->receive_length = receive_length;
    overlapped_init(&accept->overlapped);
    CHECK_PENDS(accept_ex(listener, socket, accept->buffer, receive_length,
                          block, block, &received, &accept->overlapped));
}

static inline void accept_start_with(struct accept *accept, SOCKET listener,
                                     SOCKET socket, DWORD receive_length)
{
    accept_start_blocks(accept, listener, socket, receive_length,
                        ACCEPT_BLOCK);
}

static inline void accept_start(struct accept *accept, SOCKET listener,
                                DWORD receive_length)
{
    accept_start_with(accept, listener, tcp_socket(), receive_length);
}

static inline void accept_end(struct accept *accept)
{
    overlapped_free(&accept->overlapped);
    close_socket(accept->socket);
}

/* With the connection's other end and the listener. */
static inline void accept_end_all(struct accept *accept, SOCKET client)
{
    accept_end(accept);
    close_socket(client);
    close_socket(accept->listener);
}

static inline DWORD accept_bytes(struct accept *accept)
{
    return overlapped_bytes(accept->listener, &accept->overlapped);
}

/* A connection comes, which ends it: the other end. */
static inline SOCKET accept_connect(struct accept *accept,
                                    const struct sockaddr_in *name)
{
    SOCKET client = tcp_connect(name);

    CHECK_EQ(accept_bytes(accept), 0);
    return client;
}

static inline void update_context(struct accept *accept)
{
    CHECK_OK(setsockopt(accept->socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                        (char *)&accept->listener, sizeof(SOCKET)));
}

/* Fills the socket with a connection; its other end. */
static inline SOCKET accept_fill(SOCKET s, SOCKET listener,
                                 const struct sockaddr_in *name)
{
    struct accept accept;
    SOCKET client;

    accept_start_with(&accept, listener, s, 0);
    client = accept_connect(&accept, name);
    update_context(&accept);
    overlapped_free(&accept.overlapped);
    return client;
}

#endif
