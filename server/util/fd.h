/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel tells of a file descriptor. */
#ifndef UTIL_FD_H
#define UTIL_FD_H

#include <stdbool.h>
#include <stdint.h>

void fd_close(int *fd);
void fd_cleanup(int *fd);
int fd_cookie(int fd, uint64_t *ret_cookie);
bool fd_is_eventfd(int fd);
bool fd_is_channel(int fd);
int fd_set_nonblocking(int fd);

/* A descriptor that is closed at the end of its scope. */
#define FD_CLEANUP __attribute__((cleanup(fd_cleanup)))

#endif
