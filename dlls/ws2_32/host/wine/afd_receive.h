/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_RECV and IOCTL_AFD_RECV_DATAGRAM, in the structures of AFD.
 */
#ifndef WS2EMU_HOST_WINE_AFD_RECEIVE_H
#define WS2EMU_HOST_WINE_AFD_RECEIVE_H

#include "afd_poll.h"

#define IOCTL_AFD_RECV 0x00012017
#define IOCTL_AFD_RECV_DATAGRAM 0x0001201b
#define IOCTL_AFD_SEND 0x0001201f

/* The call's status.  The handle is a SOCKET; has_name: of a datagram. */
NTSTATUS afd_receive(const struct afd_call *call, int has_name);
NTSTATUS afd_send(const struct afd_call *call);

#endif
