/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A limit of the network for one program: WS2EMU_NETWORK=loopback in its
 * environment.
 *
 * Sockets that the program makes are bound to the loopback device, so that the
 * kernel lets nothing of them out and nothing in, whoever has them later.
 * Destinations elsewhere are refused before, as on a machine without a network.
 * What the program asks the system's resolver is not its own sockets' doing.
 */
#ifndef WS2EMU_UNIX_NETWORK_LIMIT_H
#define WS2EMU_UNIX_NETWORK_LIMIT_H

#include <sys/socket.h>

/* Reads the environment. */
void network_limit_startup(void);

/* Limits a new internet socket. 0, or -1 with errno: it must not be used. */
int network_limit_socket(int fd);

/* WS2_ENETUNREACH: the limit does not let the program reach this. */
int network_limit_check(const struct sockaddr_storage *destination);

#endif
