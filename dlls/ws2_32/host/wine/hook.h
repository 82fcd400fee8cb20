/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hooks on ntdll's system calls.
 *
 * A program may end, duplicate or read a SOCKET with calls that are not
 * Winsock's (CloseHandle, DuplicateHandle, ReadFile, ...).  All of them pass
 * through the Nt* functions of ntdll, whatever DLL they come from, so that is
 * where the host listens.
 */
#ifndef WS2EMU_HOST_WINE_HOOK_H
#define WS2EMU_HOST_WINE_HOOK_H

#include <windows.h>

struct hook {
    const char *function; /* exported by ntdll.dll */
    void *replacement;    /* has the function's own signature */
    void **original;      /* set to what the replacement calls in turn */
};

/* Installs the hooks, each alone: one that cannot be installed is reported on
   stderr, and its original is the function itself.  Safe while other threads
   run through the functions.  The replacements must stay loaded from now on.
   Returns the number installed. */
unsigned int hook_install(const struct hook *hooks, unsigned int n_hooks);

/* ntdll's functions are as they were, but for what another tool has put there
   since.  Only while no other thread runs. */
void hook_remove_all(void);

#endif
