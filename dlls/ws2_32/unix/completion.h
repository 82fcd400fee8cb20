/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completions: how the program hears of an operation.
 *
 * The program's status block, event, APC and packet, as struct unix_completion
 * asks for them.  What belongs to others is called here (the host, for a layer
 * that embeds the library even the program), so no lock is held.
 */
#ifndef WS2EMU_UNIX_COMPLETION_H
#define WS2EMU_UNIX_COMPLETION_H

#include "unix/operation.h"

/* Before the operation does anything: pending in the status block, the event
   reset.  WS2_EFAULT, WS2_INVALID_HANDLE: no event. */
int completion_begin(const struct unix_completion *completion);

/* Before it pends: references to the event and the thread. */
int completion_hold(struct operation *operation);
int completion_needs_hold(const struct operation *operation);
/* Ends the references, however far they were taken. */
void completion_drop(struct operation *operation);

/* 1: it has no event, so it signals the SOCKET itself. */
int completion_is_of_handle(const struct operation *operation);

/* The end: status block, event, then the APC or the packet.  at_once: the call
   that started it has not returned yet. */
void completion_finish(struct operation *operation, int at_once);

/* Only the status block: for an error that the call itself returns. */
void completion_write(const struct unix_completion *completion,
                      const struct unix_result *result);

/* Waits until *done, which completion_announce makes 1, or the deadline of
   wait.h: WS2_ETIMEDOUT. */
int completion_wait_for(uint32_t *done, int64_t deadline);
void completion_announce(uint32_t *done);

#endif
