/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses as text: the grammars that inet_*, WSAStringToAddress and
 * WSAAddressToString share.
 *
 * The grammars are ASCII, so everything here works on char; wide strings are
 * narrowed first.  None of these functions touches the last error.
 */
#ifndef WS2EMU_ADDRESS_TEXT_H
#define WS2EMU_ADDRESS_TEXT_H

#include <winsock2.h>
#include <ws2tcpip.h>

enum {
    INET_TEXT_SIZE = 16,          /* "255.255.255.255" with its NUL */
    INET6_TEXT_SIZE = 46,         /* with a dotted tail and its NUL */
    SOCKADDR_TEXT_SIZE = 46 + 19, /* "[address%4294967295]:65535" */
    ADDRESS_INPUT_SIZE = 256,     /* no address needs more */
};

/* Makes an ASCII string of a wide one; what is not ASCII becomes a character
   that no grammar has.  FALSE: longer than ADDRESS_INPUT_SIZE. */
BOOL address_text_narrow(const WCHAR *from, char to[ADDRESS_INPUT_SIZE]);

/* --- Reading -------------------------------------------------------------- */

/* *end is the first character that was not read; it is for the caller to say
   what may be there. */

/* inet_addr's grammar: one to four parts, decimal, octal or hexadecimal, the
   last of which fills the remaining bytes.  wrap: a hexadecimal number may
   exceed 32 bits.  *ret is in host order.  FALSE: no address. */
BOOL inet_text_read_loose(const char *text, BOOL wrap, const char **end,
                          ULONG *ret);

/* inet_pton's grammar: four decimal parts without leading zeros.  FALSE: no
   address, and nothing is written. */
BOOL inet_text_read_strict(const char *text, const char **end, BYTE ret[4]);

/* RFC 4291's grammar, without scope and prefix length.  FALSE: no address, and
   the groups that were read so far are written. */
BOOL inet6_text_read(const char *text, const char **end, BYTE ret[16]);

/* A port after a colon: 1 to 65535 in inet_addr's notation, up to the end of
   the text.  0: anything else. */
USHORT port_text_read(const char *text);

/* --- Writing -------------------------------------------------------------- */

/* Both write a NUL and return the length without it. */
int inet_text_write(const BYTE address[4], char text[INET_TEXT_SIZE]);
/* Lower case, the first longest run of zeros compressed (RFC 5952); the tail
   is dotted where it is an IPv4 address. */
int inet6_text_write(const BYTE address[16], char text[INET6_TEXT_SIZE]);

/* --- Socket addresses ----------------------------------------------------- */

/*
 * The forms of WSAAddressToString and WSAStringToAddress, for base providers.
 * Both return 0 or a Winsock error code.
 *
 * sockaddr_text_write: *length counts characters with the NUL.  WSAEINVAL: an
 * unknown family; WSAEFAULT: NULL, an address that is too short, or too little
 * room, and *length says how much is needed.
 *
 * sockaddr_text_read: *length counts bytes.  WSAEINVAL: another family than
 * AF_INET and AF_INET6, NULL, or malformed, and ret's family becomes 0;
 * WSAEFAULT: too little room, and *length says how much is needed.
 */
int sockaddr_text_write(const struct sockaddr *address, DWORD address_length,
                        WCHAR *text, DWORD *length);
int sockaddr_text_read(const WCHAR *text, int family, struct sockaddr *ret,
                       INT *length);

#endif
