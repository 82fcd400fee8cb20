/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an NT handle leads to; see socket_handle.c. */
#ifndef WS2EMU_HOST_WINE_SOCKET_HANDLE_H
#define WS2EMU_HOST_WINE_SOCKET_HANDLE_H

#include <windows.h>

enum socket_handle_kind {
    SOCKET_HANDLE_NONE = 0, /* no socket */
    SOCKET_HANDLE_KERNEL,   /* one that a SOCKET can be of */
    SOCKET_HANDLE_BARE,     /* as a bare handle's */
};

/* Of a handle that is no descriptor's. */
enum socket_handle_kind socket_handle_kind(HANDLE handle);

#endif
