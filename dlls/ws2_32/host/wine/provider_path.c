/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the catalog says that the base provider is: in the module that is
 * also ws2_32's other half.  WSCGetProviderPath gives paths with variables.
 */
#include "api.h"

const char *host_provider_path(void)
{
    return "%SystemRoot%\\system32\\ws2emu.dll";
}
