/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The exports of ws2_32 as a program finds them at run time: by GetProcAddress
 * in Wine, by dlvsym natively.  exports_native.c and exports_wine.c.
 */
#ifndef TESTS_SUPPORT_EXPORTS_H
#define TESTS_SUPPORT_EXPORTS_H

/* NULL: there is none. */
void *export_named(const char *name);
/* Natively there are no ordinals: NULL. */
void *export_numbered(unsigned ordinal);

#endif
