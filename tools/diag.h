/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's view of the internet sockets in this network namespace, by
 * NETLINK_SOCK_DIAG.
 */
#ifndef WS2CTL_DIAG_H
#define WS2CTL_DIAG_H

#include <ws2emu/inspect.h>

/* Called for each socket: cookie, kernel TCP state, addresses as text. */
typedef void diag_visit(void *context, uint64_t cookie, int protocol,
                        int state, const char *local, const char *remote);

/* Visits the TCP and UDP sockets.  Returns 0 or -errno (no netlink here). */
int diag_walk(diag_visit *visit, void *context);

/* netstat's name of a kernel TCP state; "" when there is none. */
const char *diag_state_name(int state);

#endif
