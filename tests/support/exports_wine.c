/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exports of ws2_32.dll; see exports.h. */
#include "support/exports.h"

#include <windows.h>

void *export_named(const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleA("ws2_32"), name);
}

void *export_numbered(unsigned ordinal)
{
    return (void *)GetProcAddress(GetModuleHandleA("ws2_32"),
                                  (const char *)(ULONG_PTR)ordinal);
}
