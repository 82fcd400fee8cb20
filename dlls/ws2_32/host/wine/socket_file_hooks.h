/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of AF_UNIX sockets, as programs see them.
 *
 * A program deletes the file of a socket before it binds to it again, and may
 * look whether there is one.  Wine opens files, and a socket's cannot be
 * opened; so where its calls fail for that, they are carried out here.
 */
#ifndef WS2EMU_HOST_WINE_SOCKET_FILE_HOOKS_H
#define WS2EMU_HOST_WINE_SOCKET_FILE_HOOKS_H

void socket_file_hooks_install(void);

#endif
