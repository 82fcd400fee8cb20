/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boundary's half of ProcessSocketNotifications: what can be done with a
 * socket, told by packets on a completion port.
 *
 * A kernel socket has at most one registration in a process, and a registration
 * at most one packet on its port, however much happens before the packet is
 * taken: what it tells is found out when it is taken.  So whoever takes packets
 * off a port, a host, hands those that unix_notification_is of to
 * unix_notification_take first.
 */
#ifndef WS2EMU_UNIX_NOTIFICATION_H
#define WS2EMU_UNIX_NOTIFICATION_H

#include <stdint.h>

#include "unix/boundary.h"

/* Winsock's numbers: SOCK_NOTIFY_EVENT_*. */
enum {
    UNIX_NOTIFY_IN = 0x01,
    UNIX_NOTIFY_OUT = 0x02,
    UNIX_NOTIFY_HANGUP = 0x04,
    UNIX_NOTIFY_ERROR = 0x40,   /* always told */
    UNIX_NOTIFY_REMOVED = 0x80, /* the registration's last packet */
};

enum {
    UNIX_NOTIFY_ONCE = 1, /* disabled when a packet of it was taken */
    UNIX_NOTIFY_EDGE = 2, /* what begins to hold, not what holds */
};

/* Registers the socket, or enables its registration again, with other events
   and flags; a registration on another port is dropped, the key of one on this
   port stays.  The caller's reference of the port is taken over.  WS2_ENOTSOCK,
   WS2_ENOBUFS. */
int unix_notification_enable(ws2_handle s, uint64_t port, uint64_t key,
                             uint32_t events, uint32_t flags);

/* No more packets, but the registration stays.  UNIX_NOTIFY_NOT_FOUND: the
   socket has none on this port; WS2_ENOTSOCK. */
int unix_notification_disable(ws2_handle s, uint64_t port);

/* Ends it: its last packet has UNIX_NOTIFY_REMOVED.  Errors as above. */
int unix_notification_remove(ws2_handle s, uint64_t port);

#define UNIX_NOTIFY_NOT_FOUND 1168 /* ERROR_NOT_FOUND */

/* The context of a packet: no pointer of a program's looks like one. */
#define UNIX_NOTIFICATION_TAG UINT64_C(0x7773326e)
static inline int unix_notification_is(uint64_t context)
{
    return context >> 32 == UNIX_NOTIFICATION_TAG;
}

/* The packet with this context and these bytes was taken off its port:
   UNIX_NOTIFY_* that it tells.  0: nothing any more, and the packet is thrown
   away. */
uint32_t unix_notification_take(uint64_t context, uint32_t bytes);

/* --- For the unix side ---------------------------------------------------- */

struct descriptor;

/* A send through it found no room: when there is some, that is news. */
void notification_send_blocked(const struct descriptor *descriptor);

/* In the child of a fork: registrations are the parent's. */
void notification_in_child(void);

#endif
