/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An IFS layer that passes everything on: what each such provider has to do,
 * whatever else it does.  Its WSPStartup calls relay_start, and then puts
 * functions of its own into the table; those that take the place of one from
 * here call it.
 */
#ifndef EXAMPLES_COMMON_RELAY_H
#define EXAMPLES_COMMON_RELAY_H

#include "chain.h"

/* The provider's GUID, the description for WSPDATA, and then WSPStartup's own
   arguments.  Returns what WSPStartup returns.  The functions are the lower
   provider's but for those below. */
int relay_start(const GUID *provider, const WCHAR *description, WORD version,
                LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE procedures);

/* WSPCloseSocket. */
int WSPAPI relay_close(SOCKET s, LPINT error);

#endif
