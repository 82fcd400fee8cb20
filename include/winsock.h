/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock 1.1's header, which <windows.h> includes, too: with libc it is
 * Winsock 2's, so <windows.h> may come before <winsock2.h>.
 */
#pragma GCC system_header

#include <ws2emu/libc_beside.h>

#ifdef WS2EMU_LIBC_BESIDE
#include <winsock2.h>
#else
#include_next <winsock.h>
#endif
