/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that wait for handles.
 */
#ifndef WS2EMU_HOST_WINE_WAIT_HOOKS_H
#define WS2EMU_HOST_WINE_WAIT_HOOKS_H

/* Installs the hooks.  Once for each process. */
void wait_hooks_install(void);

#endif
