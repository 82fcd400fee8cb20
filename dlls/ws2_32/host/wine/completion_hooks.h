/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that use completion ports.
 */
#ifndef WS2EMU_HOST_WINE_COMPLETION_HOOKS_H
#define WS2EMU_HOST_WINE_COMPLETION_HOOKS_H

/* Installs the hooks.  Once for each process. */
void completion_hooks_install(void);

#endif
