/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hooks on calls that cancel what was asked of SOCKETs and AFD files.
 */
#ifndef WS2EMU_HOST_WINE_CANCEL_HOOKS_H
#define WS2EMU_HOST_WINE_CANCEL_HOOKS_H

#include <windows.h>
#include <winternl.h>

#include "unix/boundary.h"

/* Once for each process. */
void cancel_hooks_install(void);

/* The calling thread waits for the end of an operation that was started on the
   SOCKET, because its call is a synchronous one: CancelSynchronousIo ends
   it. */
int cancel_hooks_wait(ws2_handle s, IO_STATUS_BLOCK *block);

#endif
