/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that end or copy handles.
 */
#ifndef WS2EMU_HOST_WINE_HANDLE_HOOKS_H
#define WS2EMU_HOST_WINE_HANDLE_HOOKS_H

#include <windows.h>
#include <winternl.h>

/* Installs the hooks.  Once for each process. */
void handle_hooks_install(void);

/* NtClose as it is without the hook: for handles that the host itself ends. */
NTSTATUS handle_close_unhooked(HANDLE handle);

#endif
