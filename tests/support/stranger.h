/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that knows nothing of Winsock, on a port.  Native only. */
#ifndef TESTS_SUPPORT_STRANGER_H
#define TESTS_SUPPORT_STRANGER_H

/* Listens on 0.0.0.0 and the port, with the kernel's SO_REUSEADDR, and its
   SO_REUSEPORT if asked.  A file descriptor, or -1: the port is taken. */
int stranger_listen(unsigned port, int reuse_port);
void stranger_close(int fd);

#endif
