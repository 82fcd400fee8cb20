/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocked operations.
 *
 * A blocking Winsock call polls its socket and an eventfd of its thread's, so
 * that closesocket in another thread ends it at once.  A closing thread wakes
 * all that wait, and each looks whether its own descriptors are open still.
 * A thread says that it waits before it looks, and closing comes before waking,
 * so no wake is lost.  Cancelling a wait wakes its thread alone, and is of that
 * wait and no later one.
 */
#ifndef WS2EMU_UNIX_WAIT_H
#define WS2EMU_UNIX_WAIT_H

#include <poll.h>
#include <stdint.h>

#include "unix/descriptor.h"

#define WAIT_FOREVER INT64_MAX

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t wait_now(void);
/* So many milliseconds from now. */
int64_t OFF_HOT_PATH wait_deadline_in(uint32_t milliseconds);
/* The deadline of a call that starts now, by a time limit of the socket's
   record: ms, 0 is infinite. */
static inline int64_t wait_deadline(const uint32_t *limit)
{
    uint32_t timeout = __atomic_load_n(limit, __ATOMIC_RELAXED);

    return timeout ? wait_deadline_in(timeout) : WAIT_FOREVER;
}

/* Waits until poll(2) reports one of the events, or an error, on the
   descriptor.  WS2_ETIMEDOUT after the deadline, WS2_EINTR when it was closed
   meanwhile (Winsock: the blocking call was ended by closesocket),
   WS2_OPERATION_ABORTED: wait_cancel. */
int HOT_PATH wait_for(struct descriptor *descriptor, short events,
                      int64_t deadline);

/* The same for many: fds has room for one more at its end. Returns the number
   of ready ones, 0 at the deadline; *ret_woken: some descriptor may have been
   closed; < 0: a WS2 error code, negated.  descriptor: the one whose call it
   is, NULL: of several. */
int wait_for_many(struct pollfd *fds, uint32_t n_fds, int64_t deadline,
                  const struct descriptor *descriptor,
                  int (*may_wait)(void *), void *context, int *ret_woken);

/* Wakes every waiter of the process. */
void wait_wake_all(void);

/* Cancels what the thread (host_thread_id; 0: any) waits for, if it is the
   socket of the cookie (0: any, or several).  Returns how many. */
uint32_t wait_cancel(uint64_t thread, uint64_t cookie);

/* Closes the eventfds of the threads that do not wait (last WSACleanup). */
void wait_cleanup(void);
void wait_after_fork(void);

/* Waits for nothing but the time, or the descriptor's being closed: WS2_EINTR,
   or wait_cancel: WS2_OPERATION_ABORTED. */
int wait_open(struct descriptor *descriptor, int64_t deadline);

#endif
