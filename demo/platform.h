/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the demo's programs need beside Winsock: a child process with pipes,
 * and a window.  platform_posix.c and platform_win32.c each implement it, so
 * that source.c and target.c are one text for Linux and for Windows.
 */
#ifndef WS2EMU_DEMO_PLATFORM_H
#define WS2EMU_DEMO_PLATFORM_H

#include <stddef.h>

unsigned long process_id(void);

/* The two pipes between the source and the target. */
struct channel;

/* Starts a program with the parent's error stream and a pipe at its input and
   at its output; arguments ends with NULL.  NULL: it could not be started. */
struct channel *channel_spawn(const char *program,
                              const char *const *arguments);
/* The other end, in the program that was started so. */
struct channel *channel_parent(void);
/* All of size bytes, or -1. */
int channel_write(struct channel *channel, const void *data, size_t size);
int channel_read(struct channel *channel, void *data, size_t size);
/* Closes the pipes and waits for the child; its exit status, -1 on failure. */
int channel_end(struct channel *channel);

/* The message that the demo has WSAAsyncSelect post. */
#define SOCKET_MESSAGE 0x0401u

/* A window for messages; NULL where there are no windows. */
void *window_create(void);
/* Waits for SOCKET_MESSAGE: 1 and its lParam, or 0 when the time is over. */
int window_wait(void *window, unsigned milliseconds, unsigned long *ret_lparam);
void window_destroy(void *window);

#endif
