/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SOCKETs that came by other ways than WSASocket and accept. */
#ifndef WS2EMU_UNIX_ATTACH_H
#define WS2EMU_UNIX_ATTACH_H

#include "unix/boundary.h"

/* Makes the descriptor of a handle that the table lacks: an inherited one,
   one from DuplicateHandle, a file descriptor that survived exec.
   WS2_ENOTSOCK: it is no socket of ours. */
int attach_handle(ws2_handle handle);

#endif
