/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's options for another kernel socket.
 *
 * A SOCKET that gets another kernel socket (exchange.h) keeps the options that
 * were set on it.  A descriptor remembers which ones those are, as a set of
 * bits, so a program that has set none pays nothing.  Where other descriptors
 * may have set some, all count as set.
 *
 * What Windows does: an option that is set while there is no connection takes
 * effect as soon as there is one (Microsoft's page WSHNotify has keep-alive as
 * its example), and SO_UPDATE_ACCEPT_CONTEXT then adds the listener's
 * properties (AcceptEx).
 */
#ifndef WS2EMU_UNIX_OPTION_CARRY_H
#define WS2EMU_UNIX_OPTION_CARRY_H

#include "unix/descriptor.h"

/* Of a descriptor's set: others may have set more, whatever it is. */
#define OPTION_CARRY_UNKNOWN (UINT64_C(1) << 63)

/* An option of the kernel's was set through the descriptor. */
void option_carry_note(struct descriptor *descriptor, int level, int name);
/* Gives another kernel socket the options that were set on the descriptor's. */
void option_carry(const struct descriptor *descriptor, int fd);

/* A connection has the options of its listener: the kernel has handed them
   down. */
void option_carry_inherit(struct descriptor *descriptor,
                          const struct descriptor *listener);
/* The same when the connection may have got others since. */
void option_carry_update(struct descriptor *descriptor,
                         const struct descriptor *listener);

#endif
