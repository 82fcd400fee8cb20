/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Wine's Winsock headers and libc's both name, so that a program may
 * include them in any order: struct timeval, fd_set, select and their macros,
 * socklen_t and u_long.
 *
 * Wine's headers have a section for this, which wants to come before every
 * header of libc's and forgets the program's FD_SETSIZE.  This one takes its
 * place.  libc's names get out of the way when its headers have not been
 * there yet, else Winsock's do; a program sees Winsock's in both cases.
 */
#ifndef WS2EMU_LIBC_BESIDE_H
#define WS2EMU_LIBC_BESIDE_H

#if !defined(__MINGW32__) && !defined(_MSC_VER) && \
    !defined(__WINE_USE_MSVCRT) && !defined(USE_WS_PREFIX)
#define WS2EMU_LIBC_BESIDE

/* Of Wine's headers: the section was there, and select is to be declared. */
#define __WINE_WINSOCKAPI_STDLIB_H
#define WS_DEFINE_SELECT

/* The standard library of C++ has functions that are called so. */
#if defined(__cplusplus) && !defined(NOMINMAX)
#define NOMINMAX
#endif

/*
 * FD_SETSIZE is the program's; if libc's header was first, nobody can tell,
 * and libc's 1024 does no harm.
 */
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE

#if defined(FD_CLR) || defined(__timeval_defined)

#include <sys/select.h>
#define WS2EMU_WINSOCK_RENAMED
#define fd_set ws2emu_fd_set
#define timeval ws2emu_timeval
#define select ws2emu_select

#else

#define fd_set ws2emu_libc_fd_set
#define timeval ws2emu_libc_timeval
#define select ws2emu_libc_select
#define socklen_t ws2emu_libc_socklen_t
#define u_long ws2emu_libc_u_long
#include <sys/select.h>
#include <sys/types.h>
#include <time.h>
#include <stdlib.h>
#undef fd_set
#undef timeval
#undef select
#undef socklen_t
#undef u_long

#endif

#undef FD_CLR
#undef FD_SET
#undef FD_ZERO
#undef FD_ISSET
#undef FD_SETSIZE
#pragma pop_macro("FD_SETSIZE")
#undef _TIMEVAL_DEFINED

/* libc leaves them out where ISO C alone is asked for (-std=c17). */
#include <sys/types.h>
#ifndef __u_char_defined
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
#endif

#endif
#endif
