/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links in a process that forks; the rest is in boundary.h. */
#ifndef WS2EMU_UNIX_LINK_H
#define WS2EMU_UNIX_LINK_H

void links_before_fork(void);
void links_in_parent(void);
/* The child has none: the parent's descriptors of them are closed here. */
void links_in_child(void);

#endif
