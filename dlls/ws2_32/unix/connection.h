/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other parts need of a connection's state. */
#ifndef WS2EMU_UNIX_CONNECTION_H
#define WS2EMU_UNIX_CONNECTION_H

#include <sys/socket.h>

#include "unix/descriptor.h"

struct transfer;

/* The outcome of a connect that is not under way any more: 0, or the error,
   which the server then publishes.  Called when poll has reported an error or
   writability on a socket that was connecting. */
int connection_outcome(struct descriptor *descriptor);

/* Calls the kernel's connect for a TCP socket: its errno, 0 or EINPROGRESS
   among them.  data: NULL, or what TCP Fast Open may send along.  WS2_EISCONN,
   WS2_EINVAL: listening, WS2_EALREADY: connecting, WS2_EADDRNOTAVAIL: no
   destination. */
int connection_begin(struct descriptor *descriptor,
                     const struct sockaddr_storage *name, socklen_t length,
                     struct transfer *data, int *ret_unix_error);
/* It has succeeded at once. */
void connection_note_success(struct descriptor *descriptor);

/* shutdown(2) and what Winsock remembers of it. how: WS2_SD_*.
   WS2_ENOTCONN. */
int connection_shut_down(struct descriptor *descriptor, int how);

/* 1 when the kernel has the error of a failed connect to tell: it is taken and
   published. */
int connection_take_failure(struct descriptor *descriptor);

/* 1 for a connected TCP socket; remembers it, as it stays so. */
int connection_is_established(struct descriptor *descriptor);

/* A connect has failed: every holder learns of it.  so_error is what SO_ERROR
   then reads: the error, but 0 after a blocking connect, whose caller has had
   it. */
void connection_note_failure(struct descriptor *descriptor, int so_error);

/* The peer has reset the connection: receives go on failing. */
void connection_note_reset(struct descriptor *descriptor);

/* CLOCK_BOOTTIME in seconds. */
uint64_t connection_clock(void);

/* Tells the server of a call that re-enables events, as far as it waits for
   them. */
void OFF_HOT_PATH connection_tell(struct descriptor *descriptor,
                                  uint32_t events, uint32_t would_block,
                                  uint32_t failed);

static inline int connection_is_waited_for(const struct descriptor *descriptor,
                                           uint32_t events)
{
    const struct wire_record *record = descriptor_record(descriptor);

    return (__atomic_load_n(&record->reenable, __ATOMIC_RELAXED) & events) != 0;
}

/* Tells the server that a re-enabling function ran, if it waits for that. */
static inline void connection_reenable(struct descriptor *descriptor,
                                       uint32_t events, uint32_t would_block)
{
    if (HOT_UNLIKELY(connection_is_waited_for(descriptor, events)))
        connection_tell(descriptor, events, would_block, 0);
}

/* The same for one that failed before it reached the transport: it enables
   messages, but changes nothing that is recorded. */
static inline void connection_reenable_failed(struct descriptor *descriptor,
                                              uint32_t events)
{
    if (HOT_UNLIKELY(connection_is_waited_for(descriptor, events)))
        connection_tell(descriptor, events, 0, events);
}

#endif
