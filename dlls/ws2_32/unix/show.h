/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A SOCKET whose handle leads to another kernel socket than its own
 * (exchange.h), shown to another process that has copied the handle.
 *
 * That process asks the server, which hands the question to the one that has
 * the SOCKET, and the answer comes back through a channel of their own: so
 * nobody waits in the server, and the end of either is seen by the other at
 * once.  It is the notifier's thread that answers, so a process that has such
 * SOCKETs subscribes to notifications.
 */
#ifndef WS2EMU_UNIX_SHOW_H
#define WS2EMU_UNIX_SHOW_H

#include "unix/boundary.h"

/* There are such SOCKETs from now on.  The caller may hold all locks but the
   channel's; _locked: that one, too. */
void show_prepare(void);
void show_prepare_locked(void);

/* The notifier was asked, perhaps to close the SOCKET, too; the fd is the
   callee's. */
void show_answer(ws2_handle s, int closes, int fd);

#endif
