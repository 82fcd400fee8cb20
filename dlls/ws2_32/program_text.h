/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings of the program's, read so that a bad pointer is an error.
 */
#ifndef WS2EMU_PROGRAM_TEXT_H
#define WS2EMU_PROGRAM_TEXT_H

#include <winsock2.h>

#include <stddef.h>

/* Copies a string with its NUL into size characters.  Returns 0, WSAEFAULT
   (NULL, or not readable up to its NUL), or WSAENAMETOOLONG: it does not fit,
   and to holds its beginning. */
int program_text_read(const char *from, char *to, size_t size);
int program_text_read_wide(const WCHAR *from, WCHAR *to, size_t size);

#endif
