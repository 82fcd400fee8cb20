/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other parts need of TCP's options. */
#ifndef WS2EMU_UNIX_OPTION_TCP_H
#define WS2EMU_UNIX_OPTION_TCP_H

#include "unix/descriptor.h"

/* Gives the kernel Winsock's times and number of keep-alive probes, which are
   not the kernel's own where the program has not set them. */
int option_tcp_apply_keepalive(struct descriptor *descriptor);

/* IP_USER_MTU, IPV6_USER_MTU: no packet of the connection is larger;
   UINT32_MAX: no limit. */
int option_tcp_limit_packets(struct descriptor *descriptor, uint32_t mtu);

#endif
