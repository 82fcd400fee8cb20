/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reservations of ports (SIO_ACQUIRE_PORT_RESERVATION and its kin).
 *
 * They are the server's (server/core/reservation.c); the descriptor that one
 * was acquired on remembers it, for a server that takes over.
 */
#ifndef WS2EMU_UNIX_PORT_RESERVATION_H
#define WS2EMU_UNIX_PORT_RESERVATION_H

#include "unix/descriptor.h"
#include "unix/option.h"

/* Of one descriptor, under the table lock. */
struct port_reservation {
    struct port_reservation *next;
    uint64_t token;
    uint16_t first, count;
};

/* Whether the socket is bound to a port of a reservation, if it is bound. */
static inline int port_reservation_is_associated(
    const struct descriptor *descriptor)
{
    return option_kept(descriptor, WIRE_OPTION_PORTS_LOW, 0) != 0;
}

/* Fills in RENEW for each one of the descriptor; *place: NULL at first. 0:
   there are no more.  The table lock is held. */
int port_reservation_describe_locked(const struct descriptor *descriptor,
                                     const struct port_reservation **place,
                                     struct wire_ports_request *ret_request);
/* The descriptor is no longer. */
void port_reservation_forget(struct descriptor *descriptor);

#endif
