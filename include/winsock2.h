/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's winsock2.h with the declaration that it leaves out.
 *
 * Outside of Windows' own C libraries Wine's header expects gethostname from
 * <unistd.h>: libc's, with another calling convention.  Winsock's is declared
 * here; a program gets it also when it has included <unistd.h> before.
 */
#ifndef WS2EMU_WINSOCK2_H
#define WS2EMU_WINSOCK2_H

#include_next <winsock2.h>

#if !defined(__MINGW32__) && !defined(_MSC_VER) && \
    !defined(__WINE_USE_MSVCRT) && !defined(USE_WS_PREFIX)

#ifdef __cplusplus
extern "C" {
#endif

#ifndef _UNISTD_H
int WINAPI gethostname(char *name, int namelen);
#else
int WINAPI ws2emu_winsock_gethostname(char *name, int namelen)
    __asm__("gethostname");
#define gethostname(name, namelen) ws2emu_winsock_gethostname(name, namelen)
#endif

#ifdef __cplusplus
}
#endif

#endif
#endif
