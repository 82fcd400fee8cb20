/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's winsock2.h, beside libc's headers in any order.
 *
 * Outside of Windows' own C libraries Wine's header expects gethostname from
 * <unistd.h>: libc's, with another calling convention.  Winsock's is declared
 * here.
 */
#ifndef WS2EMU_WINSOCK2_H
#define WS2EMU_WINSOCK2_H

#pragma GCC system_header

#include <ws2emu/libc_beside.h>

#include_next <winsock2.h>

#ifdef WS2EMU_LIBC_BESIDE

#ifdef __cplusplus
extern "C" {
#endif

#ifndef _UNISTD_H
int WINAPI gethostname(char *name, int namelen);
#else
int WINAPI ws2emu_gethostname(char *name, int namelen) __asm__("gethostname");
#define gethostname(name, namelen) ws2emu_gethostname(name, namelen)
#endif

#ifdef WS2EMU_WINSOCK_RENAMED
int WINAPI ws2emu_select(int nfds, fd_set *readfds, fd_set *writefds,
    fd_set *exceptfds, const struct timeval *timeout) __asm__("select");
#endif

#ifdef __cplusplus
}
#endif

#endif
#endif
