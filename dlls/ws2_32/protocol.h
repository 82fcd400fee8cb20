/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Protocol entries: lists of WSAPROTOCOL_INFO and what is found in them.
 *
 * Shared by the catalog of the API and by the base provider, which both look
 * for an entry by the triple of a socket.
 */
#ifndef WS2EMU_PROTOCOL_H
#define WS2EMU_PROTOCOL_H

#include <winsock2.h>

/*
 * The first of n entries for a socket of this address family, type and
 * protocol; 0 leaves a part open (AF_UNSPEC and protocol 0 together say
 * nothing: WSAEINVAL).  The checks and their order are Winsock's: an entry of
 * the type (WSAESOCKTNOSUPPORT), of them one of the family (WSAEAFNOSUPPORT),
 * of them one of the protocol (WSAEPROTONOSUPPORT).  A hidden entry is found
 * by its type only.
 */
int protocol_find(const WSAPROTOCOL_INFOW *entries, DWORD n, int family,
                  int type, int protocol, const WSAPROTOCOL_INFOW **ret);

/* The two forms of one entry.  The names in szProtocol are ASCII; other
   characters are cut to their low byte. */
void protocol_to_ansi(const WSAPROTOCOL_INFOW *from, WSAPROTOCOL_INFOA *to);
void protocol_from_ansi(const WSAPROTOCOL_INFOA *from, WSAPROTOCOL_INFOW *to);

#endif
