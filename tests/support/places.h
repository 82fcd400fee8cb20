/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ports for the suites that bind to one by its number.
 *
 * A place is a port that nobody uses, out of those that the system does not
 * choose by itself.  Suites that run at the same time keep out of each other's
 * way by the guard, a socket of the other protocol on that port.
 */
#ifndef TESTS_SUPPORT_PLACES_H
#define TESTS_SUPPORT_PLACES_H

#include "support/sockets.h"

struct place {
    unsigned port;
    SOCKET guard;
};

/* For sockets of this type; a failing helper fails the case. */
struct place place_find(int type);
void place_leave(struct place *place);

/* How a socket shares its address: Winsock's modes. */
enum sharing { SHARING_DEFAULT, SHARING_REUSE, SHARING_EXCLUSIVE };

void set_sharing(SOCKET s, enum sharing sharing);
/* 0.0.0.0, port in host order. */
struct sockaddr_in wildcard(unsigned port);
/* bind; 0 or SOCKET_ERROR. */
int bind_to(SOCKET s, const struct sockaddr_in *name);

#endif
