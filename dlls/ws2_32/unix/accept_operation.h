/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What others need of AcceptEx's operations. */
#ifndef WS2EMU_UNIX_ACCEPT_OPERATION_H
#define WS2EMU_UNIX_ACCEPT_OPERATION_H

#include "unix/descriptor.h"

/* The descriptor, which was withdrawn, waits for a connection no more: its
   AcceptEx ends as cancelled. */
void accept_operation_forsake(struct descriptor *descriptor);

#endif
