/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look-ups in the name spaces, for WSACleanup and fork.
 */
#ifndef WS2EMU_LOOKUP_H
#define WS2EMU_LOOKUP_H

struct lookup;

/* Takes all look-ups away from the program, and ends them, which calls their
   providers: the last WSACleanup. */
struct lookup *lookups_detach(void);
void lookups_end(struct lookup *all);

/* In a child of fork: another thread may have been at them. */
void lookups_forked(void);

#endif
