/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What poll(2) says of a socket, in Winsock's terms. */
#ifndef WS2EMU_UNIX_READINESS_H
#define WS2EMU_UNIX_READINESS_H

#include <stdint.h>

#include "unix/descriptor.h"

enum readiness {
    READINESS_DATA = 1 << 0,     /* data, a datagram, a connection to accept */
    READINESS_FIN = 1 << 1,      /* the peer sends no more */
    READINESS_WRITABLE = 1 << 2,
    READINESS_URGENT = 1 << 3,   /* an out-of-band byte, not inline */
    READINESS_RESET = 1 << 4,    /* the peer reset the connection */
    READINESS_FAILED = 1 << 5,   /* the connect failed */
    READINESS_IDLE = 1 << 6,     /* a stream without a connection: never ready,
                                    though poll(2) says it hung up */
};

/* Meaning of poll's revents for the descriptor. exact 1: tell DATA from FIN
   (one more system call when both may be). */
uint32_t readiness_of(struct descriptor *descriptor, short revents, int exact);

#endif
