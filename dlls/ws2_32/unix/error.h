/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel errors as Winsock errors, by the table <ws2emu/errors.def>. */
#ifndef WS2EMU_UNIX_ERROR_H
#define WS2EMU_UNIX_ERROR_H

/* The Winsock code of an errno.  WS2_SYSCALLFAILURE when it has none. */
int error_from_errno(int unix_errno);

#endif
