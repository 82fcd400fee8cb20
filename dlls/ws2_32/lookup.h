/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look-ups in the name spaces, for WSACleanup and fork; and registering there.
 */
#ifndef WS2EMU_LOOKUP_H
#define WS2EMU_LOOKUP_H

#include <winsock2.h>

struct lookup;

/* Takes all look-ups away from the program, and ends them, which calls their
   providers: the last WSACleanup. */
struct lookup *lookups_detach(void);
void lookups_end(struct lookup *all);

/* WSASetService for a set of the library's.  Success when one of the providers
   that the set admits takes it, else the last one's error;
   WSASERVICE_NOT_FOUND: it admits none. */
int lookup_register(WSAQUERYSETW *set, WSAESETSERVICEOP what, DWORD flags);

/* In a child of fork: another thread may have been at them. */
void lookups_forked(void);

#endif
