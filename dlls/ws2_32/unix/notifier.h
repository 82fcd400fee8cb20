/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The notifier: the thread that makes the server's notifications upcalls.
 *
 * It is started by the first registration whose target the server cannot
 * signal itself (Wine events, window messages, callbacks), and for questions of
 * other processes (show.h).
 */
#ifndef WS2EMU_UNIX_NOTIFIER_H
#define WS2EMU_UNIX_NOTIFIER_H

#include <stdint.h>

#include "unix/boundary.h"

void notifier_set_upcalls(const struct unix_upcalls *upcalls);

/* Opens the channel of notifications and starts the thread, once for each
   connection to the server. _locked: the caller holds the channel lock. */
int notifier_subscribe(void);
int notifier_subscribe_locked(void);
int notifier_is_subscribed(void);

/* The program is about to read and clear a record: resets the event, and
   tells by *ret_done which notifications were made by then.
   WS2_INVALID_HANDLE: no event. */
int notifier_reset_early(ws2_handle event, uint64_t *ret_done);
/* The record was cleared after the notification `sequence`.  If that one came
   after `done`: waits until it was made, then resets the event once more,
   unless a later notification has set it since.  One step as seen from other
   threads. */
void notifier_reset_event(ws2_handle event, ws2_handle s, uint64_t sequence,
                          uint64_t done);

/* The connection is gone; the thread ends by itself. */
void notifier_disconnect_locked(void);
void notifier_after_fork(void);

#endif
