/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wide strings of names: UTF-16 above the boundary, UTF-8 below it.
 */
#ifndef WS2EMU_WIDE_TEXT_H
#define WS2EMU_WIDE_TEXT_H

#include <winsock2.h>

#include <stddef.h>

/* UTF-8 of a wide string; unpaired surrogates become U+FFFD.  FALSE: does not
   fit size bytes with its NUL. */
BOOL wide_text_to_utf8(const WCHAR *from, char *to, size_t size);

/* Writes as much as fits size characters, always with a NUL unless size is 0;
   to may be NULL then.  What is no UTF-8 becomes U+FFFD.  Returns the
   characters needed, with the NUL. */
size_t wide_text_from_utf8(const char *from, WCHAR *to, size_t size);

/*
 * The host name that the DNS knows of a wide one: labels with other characters
 * than ASCII's become "xn--" labels (RFC 3492; of the mapping of IDNA only
 * lower case of Latin, Greek and Cyrillic letters).  FALSE: does not fit.
 */
BOOL wide_text_to_host_name(const WCHAR *from, char *to, size_t size);

/* Whether a wide string is ASCII alone. */
BOOL wide_text_is_ascii(const WCHAR *text);

#endif
