/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a connection as part of an operation: DisconnectEx, and
   TransmitFile with its flags. */
#ifndef WS2EMU_UNIX_DISCONNECT_OPERATION_H
#define WS2EMU_UNIX_DISCONNECT_OPERATION_H

#include "unix/descriptor.h"

/* The descriptor that an operation was started through, to be found again. */
struct disconnect_target {
    struct descriptor *descriptor;
    ws2_handle handle;
    uint64_t cookie;
};

void disconnect_target_init(struct disconnect_target *target,
                            struct descriptor *descriptor);

/* Gives the SOCKET a new kernel socket, unless it was closed meanwhile: an
   operation's `over`, where no lock is held.  The connection's end goes on in
   the kernel. */
int disconnect_target_renew(const struct disconnect_target *target);

#endif
