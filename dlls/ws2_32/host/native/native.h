/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the native host share.
 *
 * A handle of this host, a SOCKET's or an event's, is 4 * (fd + 1): a multiple
 * of 4, never 0, and different for different descriptors.
 */
#ifndef WS2EMU_HOST_NATIVE_H
#define WS2EMU_HOST_NATIVE_H

#include <limits.h>
#include <stdint.h>

#include <ws2emu/embed.h>

static inline uint64_t native_handle(int fd)
{
    return ((uint64_t)fd + 1) * 4;
}

/* -1: a value that no handle has. */
static inline int native_handle_fd(uint64_t handle)
{
    uint64_t fd = handle / 4 - 1;

    return handle % 4 || !handle || fd > INT_MAX ? -1 : (int)fd;
}

/* The registered callbacks, never NULL; members may be. */
const struct ws2emu_embedding *native_embedding(void);

/* Of the calling thread: a descriptor that is readable while APCs are queued
   (-1: there can be none), and running them.  Returns how many ran. */
int native_alert_fd(void);
uint32_t native_run_apcs(void);

/* The event is about to be closed: see host_notification_handle_create. */
void native_notification_handle_closing(uint64_t event);

/* After a fork, in the child: what belonged to threads that are not there. */
void native_events_forked(void);
void native_threads_forked(void);
void native_ports_forked(void);
void native_notification_handles_forked(void);

#endif
