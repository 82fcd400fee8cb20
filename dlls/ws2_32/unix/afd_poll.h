/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boundary's half of AFD polls: waiting for the states of sockets.
 *
 * A poll names sockets and the states that it waits for, and ends when one of
 * them is there, when its time is over, or when it is cancelled.  The host
 * knows the program's structures and how it wants to be told; the carrier is
 * whatever the host calls the handle that the poll was issued on.
 */
#ifndef WS2EMU_UNIX_AFD_POLL_H
#define WS2EMU_UNIX_AFD_POLL_H

#include <stdint.h>

#include "unix/boundary.h"

/* AFD's numbers. */
enum {
    UNIX_POLL_READ = 0x001,    /* data, not a connection */
    UNIX_POLL_OOB = 0x002,     /* an out-of-band byte, not inline */
    UNIX_POLL_WRITE = 0x004,
    UNIX_POLL_HUP = 0x008,     /* the peer sends no more */
    UNIX_POLL_RESET = 0x010,   /* the peer reset the connection */
    UNIX_POLL_CLOSE = 0x020,   /* closed here; always told */
    UNIX_POLL_CONNECT = 0x040, /* is connected */
    UNIX_POLL_ACCEPT = 0x080,  /* a connection waits */
    UNIX_POLL_CONNECT_ERR = 0x100, /* the last connect failed; has a status */
};

struct unix_poll_entry {
    ws2_handle s;
    uint32_t events; /* waited for; then those that are there */
    uint32_t status; /* out: of CONNECT_ERR, else 0 */
};

struct unix_poll_end {
    uint32_t status;  /* WS2_STATUS_SUCCESS, _TIMEOUT or _CANCELLED */
    int is_abandoned; /* its thread has ended, so that no routine can run */
    const struct unix_poll_entry *entries; /* those that have events, in the
                                              order of the request */
    uint32_t n_entries;
};

struct unix_poll_request {
    const struct unix_poll_entry *entries;
    uint32_t n_entries; /* at least 1 */
    int is_exclusive;
    int64_t timeout; /* nanoseconds, < 0: infinite */
    uint64_t carrier;
    const void *status_block; /* names the poll for unix_afd_poll_cancel */
    /* Whether the poll outlives its thread, because a packet on the carrier's
       port alone tells its end: asked when the thread ends, with no lock held.
       NULL: it does not. */
    int (*outlives_thread)(uint64_t carrier);
    /* The end of a poll that was pending, on any thread, with no lock held. */
    void (*complete)(void *context, const struct unix_poll_end *end);
    void *context;
};

/* WS2_SUCCESS: ended at once, with *ret_count entries in `ret_entries`, which
   has room for all (0: the timeout is 0).  WS2_IO_PENDING.  WS2_ENOTSOCK: one
   of them is none. */
int unix_afd_poll_start(const struct unix_poll_request *request,
                        struct unix_poll_entry *ret_entries,
                        uint32_t *ret_count);

/* Cancels the polls of the carrier that the thread issued (host_thread_id; 0:
   any); status_block NULL: all.  Returns how many; they have been completed by
   then. */
uint32_t unix_afd_poll_cancel(uint64_t carrier, const void *status_block,
                              uint64_t thread);

/* The host's thread (host_thread_id) ends: the polls that it issued are
   cancelled, but for those that outlive it. */
void unix_afd_poll_thread_ended(uint64_t thread);

#endif
