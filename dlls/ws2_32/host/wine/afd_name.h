/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AFD's codes for names and listening, in the structures of AFD.
 */
#ifndef WS2EMU_HOST_WINE_AFD_NAME_H
#define WS2EMU_HOST_WINE_AFD_NAME_H

#include "afd_poll.h"

#define IOCTL_AFD_BIND 0x00012003
#define IOCTL_AFD_START_LISTEN 0x0001200b
#define IOCTL_AFD_GET_ADDRESS 0x0001202f
#define IOCTL_AFD_GET_REMOTE_ADDRESS 0x0001203f

/* Each returns the call's status.  The handle is a SOCKET. */
NTSTATUS afd_bind(const struct afd_call *call);
NTSTATUS afd_listen(const struct afd_call *call);
/* The local name, or the peer's. */
NTSTATUS afd_get_name(const struct afd_call *call, int of_peer);

#endif
