/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done when the server is gone, and around fork. */
#ifndef WS2EMU_UNIX_RECOVERY_H
#define WS2EMU_UNIX_RECOVERY_H

#include <stdint.h>

/* The connection numbered `broken` does not work: connects anew, unless
   another thread did already, and shows the server every socket and
   registration of this process.  WS2_SYSNOTREADY when there is no server to
   be had. */
int recovery_run(uint32_t broken);

/* Registers the fork handlers, once. */
void recovery_watch_fork(void);

#endif
