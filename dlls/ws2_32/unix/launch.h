/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding the server of this user and directory, and starting it. */
#ifndef WS2EMU_UNIX_LAUNCH_H
#define WS2EMU_UNIX_LAUNCH_H

/* A connection to the server, which is started when there is none.
   fd, or -1. */
int launch_connect(void);

#endif
