/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exports of libws2_32.so; see exports.h. */
#include "support/exports.h"

#include <dlfcn.h>
#include <stddef.h>

void *export_named(const char *name)
{
    return dlvsym(RTLD_DEFAULT, name, "WS2EMU_1.0");
}

void *export_numbered(unsigned ordinal)
{
    (void)ordinal;
    return NULL;
}
