/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sockets of AF_UNIX for suites: their files are in the case's own directory,
 * which under Wine drive Z: leads to.  A failing helper fails the case.
 */
#ifndef TESTS_SUPPORT_PATHS_H
#define TESTS_SUPPORT_PATHS_H

#include "support/sockets.h"

#include <afunix.h>

/* The kernel's path of a file; good until the next call. */
const char *path_file(const char *name);
/* The program's. */
struct sockaddr_un path_place(const char *name);
void path_make_file(const char *name);
/* Removes it; it must be there. */
void path_forget(const char *name);

SOCKET unix_socket(void);
int unix_bind(SOCKET s, const struct sockaddr_un *name);
int unix_connect(SOCKET s, const struct sockaddr_un *name);
SOCKET unix_listener(const char *file, struct sockaddr_un *ret_name);
/* A connection; the file is gone. */
void unix_pair(SOCKET *client, SOCKET *server);

/* getsockname, getpeername tell this sun_path. */
void path_check_local(SOCKET s, const char *path);
void path_check_peer(SOCKET s, const char *path);

#endif
