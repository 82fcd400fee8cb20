/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles of the API's: events that nobody signals, which the program closes
 * with CloseHandle.
 */
#ifndef WS2EMU_HOST_WINE_NOTIFICATION_HANDLE_H
#define WS2EMU_HOST_WINE_NOTIFICATION_HANDLE_H

#include <windows.h>

/* 1: the handle is one. */
int notification_handle_is(HANDLE handle);

#endif
