/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that open and use \Device\Afd.
 */
#ifndef WS2EMU_HOST_WINE_AFD_HOOKS_H
#define WS2EMU_HOST_WINE_AFD_HOOKS_H

/* Installs the hooks.  Once for each process. */
void afd_hooks_install(void);

#endif
