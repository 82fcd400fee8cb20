/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports that live in the process.
 *
 * A port that this process made has a queue here: the packets of SOCKETs, and
 * those that the program posts, never pass through wineserver.  wineserver's
 * own queue of the port stays in use for what comes from there: packets of
 * files, of jobs and of other processes.
 *
 * A thread that finds no packet sleeps here for a moment, where waking it is
 * one system call, and then in wineserver, where all kinds of packets and APCs
 * reach it; from there a packet with WAKE_KEY, which the program never sees,
 * fetches it back.
 *
 * A port of which others may know (it has a name, can be inherited, was copied
 * into another process, or was made before the hooks were in) is not private:
 * its packets all go through wineserver.
 *
 * Invariants, all under `lock`
 *  - `n_wakes` wake packets are in wineserver's queue or on their way to it or
 *    from it; as long as it is less than `n_in_server`, a new packet sends one;
 *  - `n_signalled` of the `n_waiting` threads that sleep here were woken and
 *    have not run yet; it may be less than the truth, never more;
 *  - a port that is not private has an empty queue.
 */
#ifndef WS2EMU_HOST_WINE_COMPLETION_PORT_H
#define WS2EMU_HOST_WINE_COMPLETION_PORT_H

#include <windows.h>
#include <winternl.h>

#include <stdint.h>

struct completion_port;

/* The port of a handle, with a reference; NULL: not known here. */
struct completion_port *completion_port_find(HANDLE handle);
/* Makes the port of a handle known, with a reference for the caller; NULL: no
   memory, or the handle is no port. */
struct completion_port *completion_port_adopt(HANDLE handle, int is_private);
/* The port of a handle that is or becomes known; NULL as above. */
struct completion_port *completion_port_of(HANDLE handle);
void completion_port_hold(struct completion_port *port);
void completion_port_release(struct completion_port *port);

/* Queues a packet. A status of wineserver's when it went there. */
NTSTATUS completion_port_post(struct completion_port *port, uint64_t key,
                              uint64_t value, NTSTATUS status,
                              uint64_t information);

/* NtRemoveIoCompletionEx for a port that is known.  timeout as there. */
NTSTATUS completion_port_remove(struct completion_port *port,
                                FILE_IO_COMPLETION_INFORMATION *packets,
                                ULONG count, ULONG *ret_count,
                                const LARGE_INTEGER *timeout, int alertable);

/* How many packets are queued here. */
uint32_t completion_port_depth(const struct completion_port *port);

/* Packets may come from wineserver from now on: a file was associated. */
void completion_port_mix(struct completion_port *port);
/* Others know of it from now on. */
void completion_port_share(struct completion_port *port);

#endif
