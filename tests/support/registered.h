/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registered I/O for suites: the table of functions, and a connection or two
 * datagram sockets with all that their requests need.
 */
#ifndef TESTS_SUPPORT_REGISTERED_H
#define TESTS_SUPPORT_REGISTERED_H

#include "support/sockets.h"

#include <mswsock.h>

#define IN_TIME 10000

/* The functions; the case is skipped where there are none. */
extern RIO_EXTENSION_FUNCTION_TABLE rio;
void rio_load(void);

enum { SCENE_MEMORY = 4096, SCENE_ENTRIES = 16 };

/* One end with a request queue, and its peer, a plain socket. */
struct rio_scene {
    SOCKET s, peer;
    struct sockaddr_in name, peer_name; /* of datagram sockets */
    RIO_CQ receives, sends;             /* SCENE_ENTRIES each */
    RIO_RQ queue; /* half of SCENE_ENTRIES in each direction; context SCENE */
    RIO_BUFFERID buffer;
    _Alignas(8) char memory[SCENE_MEMORY];
};

#define SCENE_CONTEXT ((PVOID)0x5ce0)

/* A socket for requests: of type SOCK_STREAM or SOCK_DGRAM. */
SOCKET rio_socket(int type);
/* A connection whose ends both are. */
void rio_pair(SOCKET *ret_client, SOCKET *ret_server);
/* Both queues are told of as notification says (NULL: polled). */
void rio_scene_open(struct rio_scene *scene, int type,
                    RIO_NOTIFICATION_COMPLETION *notification);
/* Both completion queues are empty. */
void rio_scene_close(struct rio_scene *scene);

/* A slice of the scene's memory. */
RIO_BUF rio_slice(const struct rio_scene *scene, ULONG offset, ULONG length);

/* They succeed; context: the request's. */
void rio_receives(struct rio_scene *scene, ULONG offset, ULONG length,
                  DWORD flags, uintptr_t context);
/* Puts the text at the offset and sends it. */
void rio_sends(struct rio_scene *scene, ULONG offset, const char *text,
               DWORD flags, uintptr_t context);

/* The next result comes in time. */
RIORESULT rio_next(RIO_CQ queue);
/* It is this one, of the scene's request queue. */
void rio_ends(RIO_CQ queue, uintptr_t context, int error, ULONG bytes);
/* There is none, now or within ms. */
void rio_is_empty(RIO_CQ queue, int ms);

/* The call returned FALSE with this error. */
#define CHECK_REFUSED(call, error)                                             \
    do {                                                                       \
        WSASetLastError(0);                                                    \
        CHECK(!(call));                                                        \
        CHECK_EQ(WSAGetLastError(), error);                                    \
    } while (0)

#endif
