/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls of files that SOCKETs take part in.
 */
#ifndef WS2EMU_HOST_WINE_FILE_HOOKS_H
#define WS2EMU_HOST_WINE_FILE_HOOKS_H

/* Installs the hooks.  Once for each process. */
void file_hooks_install(void);

#endif
