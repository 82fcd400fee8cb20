/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the server of a user, or of a folder of the user's, has its socket. */
#ifndef UTIL_RUNTIME_DIRECTORY_H
#define UTIL_RUNTIME_DIRECTORY_H

#include <stddef.h>

struct stat;

/* Writes $WS2EMU_DIR, else RUNTIME/ws2emu-IDENTITY, else
   /tmp/ws2emu-UID-IDENTITY.  RUNTIME is $XDG_RUNTIME_DIR when it is a
   directory of the user's own.  IDENTITY is of the folder; NULL: of none.
   0, or -ENAMETOOLONG when there is no room for it. */
int runtime_directory(const struct stat *folder, char *path, size_t size);

#endif
