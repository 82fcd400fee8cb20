/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The provider of the name space NS_DNS.
 */
#include "name_spaces.h"

#include "api.h"

static INT WSPAPI cleanup(LPGUID provider)
{
    (void)provider;
    return 0;
}

INT WSPAPI name_space_dns_startup(LPGUID provider, LPNSP_ROUTINE routines)
{
    (void)provider;
    routines->NSPCleanup = cleanup;
    return 0;
}
