/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls of files that are none of sockets.
 */
#ifndef WS2EMU_HOST_WINE_REQUEST_HOOKS_H
#define WS2EMU_HOST_WINE_REQUEST_HOOKS_H

/* Once for each process. */
void request_hooks_install(void);

#endif
