/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAQUERYSET: what WSALookupService* and WSASetService are given and return.
 *
 * The narrow and the wide form differ in their strings alone, so a set is kept
 * as a WSAQUERYSETW, with all that it points to in memory of the library's.
 */
#ifndef WS2EMU_QUERY_SET_H
#define WS2EMU_QUERY_SET_H

#include <winsock2.h>
#include <ws2spi.h>

#include <stddef.h>
#include <stdint.h>

/* Flags and results that Wine's headers lack. */
enum {
    QUERY_CONTAINERS = 0x0002,      /* LUP_CONTAINERS */
    QUERY_FLUSH_PREVIOUS = 0x2000,  /* LUP_FLUSHPREVIOUS */
    QUERY_RES_SERVICE = 0x8000,     /* LUP_RES_SERVICE */
    QUERY_PREFERRED_NAMES = 0x10000, /* LUP_RETURN_PREFERRED_NAMES */
    QUERY_RESULT_IS_ALIAS = 0x0001, /* RESULT_IS_ALIAS */
};

/* More than any set of a program's has. */
enum {
    QUERY_SET_TEXT = 1026, /* characters of a string, with its NUL */
    QUERY_SET_PROTOCOLS = 32,
    QUERY_SET_ADDRESSES = 64,
    QUERY_SET_BLOB = 65536, /* bytes */
};

/* A copy of a set of the program's; set is its first member. */
struct query_set;

/* Copies a set with all that it points to.  program_set: a WSAQUERYSETA or
   WSAQUERYSETW of the program's.  WSAEFAULT; WSAEINVAL: its size, or more of
   something than a set has; WSA_NOT_ENOUGH_MEMORY. */
int query_set_read(const void *program_set, BOOL wide, WSAQUERYSETW **ret);
/* The same of version 2's form, which has no class. */
int query_set_read_2(const WSAQUERYSET2W *program_set, WSAQUERYSETW **ret);
void query_set_free(WSAQUERYSETW *set);

/* Makes the set, in the form, as one block for the address base, and returns
   its size.  Nothing is written when it is more than the given one; to may be
   NULL then. */
size_t query_set_write(const WSAQUERYSETW *set, BOOL wide, void *to,
                       size_t size, uintptr_t base);

/* The same into a buffer of the program's.  WSAEFAULT: a bad pointer, or too
   little room, and *length says how much is needed. */
int query_set_hand_out(const WSAQUERYSETW *set, BOOL wide, void *buffer,
                       DWORD *length);

/* Version 2's form of a set, with the same parts. */
void query_set_make_2(const WSAQUERYSETW *set, WSAQUERYSET2W *ret);

/* Makes a set of what query_set_write has written in the wide form for the base
   0 in another process: the block, aligned as from malloc, becomes the set.
   FALSE: it is none, and the block may have been changed. */
BOOL query_set_adopt(void *block, size_t size);

#endif
