/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Binding and connecting kernel sockets to paths of any length.
 *
 * The kernel's sun_path has 108 bytes; the path that a program's name stands
 * for may have more, under Wine above all.  A longer one is reached through
 * a descriptor of its directory.
 */
#ifndef WS2EMU_UNIX_PATH_NAME_H
#define WS2EMU_UNIX_PATH_NAME_H

/* 0 or -errno, as bind(2) and connect(2). */
int path_name_bind(int fd, const char *path);
int path_name_connect(int fd, const char *path);

/* 1 when the path means something in the process that used it alone: it is
   one that path_name_bind made up. */
int path_name_is_private(const char *path);

#endif
