/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the Wine host asks of the kernel: the POSIX half of this folder.
 */
#ifndef WS2EMU_HOST_WINE_POSIX_H
#define WS2EMU_HOST_WINE_POSIX_H

#include <stddef.h>

/* 1: the fd is an internet socket, 0: anything else. */
int posix_is_socket(int fd);

void posix_close(int fd);

/* The directory of the server for the Wine prefix in which `inside`, a path
   below PREFIX/dosdevices, is.  0 or a Winsock error code. */
int posix_runtime_directory(const char *inside, char *path, size_t size);

#endif
