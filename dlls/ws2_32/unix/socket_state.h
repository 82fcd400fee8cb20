/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be done with a socket now, in AFD's terms: what AFD polls and socket
   notifications wait for. */
#ifndef WS2EMU_UNIX_SOCKET_STATE_H
#define WS2EMU_UNIX_SOCKET_STATE_H

#include <stdint.h>

#include "unix/afd_poll.h"
#include "unix/descriptor.h"

/* The events (UNIX_POLL_*) that are there, of those that are wanted.  What is
   left for overlapped receives that pend is not.  *ret_status: the NTSTATUS of
   UNIX_POLL_CONNECT_ERR, else 0.  One or two system calls, and none that
   waits. */
uint32_t socket_state(struct descriptor *descriptor, uint32_t wanted,
                      uint32_t *ret_status);

#endif
