/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notices of network location awareness: SIO_NSP_NOTIFY_CHANGE.
 */
#ifndef WS2EMU_LOOKUP_NLA_H
#define WS2EMU_LOOKUP_NLA_H

#include <winsock2.h>

#include "unix/boundary.h"

/* Tells the program, as the completion of the program says, when the networks
   are no longer as they were.  handle: of the look-up, for
   lookup_nla_cancel_notices.  Returns 0, WSAEFAULT, WSAEINVAL (another
   completion than there is), WSA_NOT_ENOUGH_MEMORY. */
int lookup_nla_notify(HANDLE handle, const struct unix_networks *were,
                      const WSACOMPLETION *completion);

/* The notices of a look-up end with WSA_OPERATION_ABORTED; those by window
   message are not told. */
void lookup_nla_cancel_notices(HANDLE handle);

/* Whether the networks are others than they were. */
BOOL lookup_nla_changed(const struct unix_networks *were);

/* In a child of fork. */
void lookup_nla_forked(void);

#endif
