/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Providers of name spaces that this program hosts (WSAAdvertiseProvider).
 */
#ifndef WS2EMU_HOSTING_H
#define WS2EMU_HOSTING_H

#include <winsock2.h>
#include <ws2spi.h>

/* Makes the provider known; it is called on threads of the library's from then
   on.  WSAEINVAL: this or another program hosts it already;
   WSA_NOT_ENOUGH_MEMORY; WSAEFAULT: the server cannot be reached. */
int hosting_begin(const GUID *id, const NSPV2_ROUTINE *routines);

/* Ends that, with the sessions of its clients, and returns when the provider is
   called no more, unless the provider itself calls this.  WSAEINVAL: it is not
   hosted here. */
int hosting_end(const GUID *id);

/* The provider ends a call.  WSAEINVAL: there is none of this handle;
   WSAEFAULT: there is no good result at the place that it was given for it. */
int hosting_complete(HANDLE call, INT result);

/* The last WSACleanup: takes all of them away, then ends them. */
struct hosting;
struct hosting *hostings_detach(void);
void hostings_end(struct hosting *all);

/* In a child of fork, which hosts nothing. */
void hostings_forked(void);

#endif
