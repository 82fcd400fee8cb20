/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on making and ending processes.
 */
#ifndef WS2EMU_HOST_WINE_PROCESS_HOOKS_H
#define WS2EMU_HOST_WINE_PROCESS_HOOKS_H

/* Once for each process. */
void process_hooks_install(void);

#endif
