/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the Wine host asks of the kernel: the POSIX half of this folder.
 */
#ifndef WS2EMU_HOST_WINE_POSIX_H
#define WS2EMU_HOST_WINE_POSIX_H

#include <stddef.h>
#include <stdint.h>

/* 1: the fd is a socket such as Winsock has, 0: anything else. */
int posix_is_socket(int fd);

void posix_close(int fd);

/* An fd of a socket that is none of Winsock's and does nothing; -1: none. */
int posix_nobodys_socket(void);
int posix_is_nobodys_socket(int fd); /* 1 or 0 */

/* The directory of the server for the Wine prefix in which `inside`, a path
   below PREFIX/dosdevices, is.  0 or a Winsock error code. */
int posix_runtime_directory(const char *inside, char *path, size_t size);

/* Nanoseconds of a clock that never jumps. */
int64_t posix_now(void);

/* Sleeps for nanoseconds, INT64_MAX: for ever, unless *word is not `expected`
   any more.  1: woken, or maybe for nothing; 0: the time is over. */
int posix_futex_wait(uint32_t *word, uint32_t expected, int64_t nanoseconds);
void posix_futex_wake(uint32_t *word, int n_threads);
/* A variable of the process's environment as it was started; NULL: not set. */
const char *posix_environment(const char *name);

/* When a file was used, in ns since 1970. */
struct posix_times {
    int64_t accessed, modified, changed;
};
/* 1: the path is that of a socket. */
int posix_is_socket_file(const char *path, struct posix_times *ret_times);
/* 0: removed. */
int posix_remove(const char *path);

#endif
