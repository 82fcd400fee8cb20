/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether SOCKETs without kernel handles can be made: a setting of the store of
 * the catalogs, for all processes.  They can, unless it says otherwise.
 */
#ifndef WS2EMU_NON_IFS_SUPPORT_H
#define WS2EMU_NON_IFS_SUPPORT_H

#include <winsock2.h>

/* As the store says now. */
BOOL non_ifs_support(void);
/* The same for a provider's SOCKETs; a process that once could make some goes
   on.  Cheap then. */
BOOL non_ifs_support_used(void);
/* WSANO_RECOVERY, WSATRY_AGAIN, WSA_NOT_ENOUGH_MEMORY. */
int non_ifs_support_set(BOOL enabled);

#endif
