/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notices: the program asked to be told, once, when something has changed.
 *
 * A notice waits on a thread of the library's own.  It ends with the change, or
 * because it is cancelled; whoever of the two is first tells the program, by
 * the means of a WSACOMPLETION.  Of an OVERLAPPED Internal is an NTSTATUS.
 */
#ifndef WS2EMU_NOTICES_H
#define WS2EMU_NOTICES_H

#include <winsock2.h>
#include <ws2spi.h>

#include <stdint.h>

/* What kind of change: how it is waited for, and what it is.  Each notice has a
   watch, and `what` of its owner, which malloc made. */
struct notice_kind {
    int (*watch_new)(void **ret_watch);
    /* Sleeps until it may have happened: 0; else it was stopped. */
    int (*watch_wait)(void *watch);
    /* Ends a wait, also one to come; any thread. */
    void (*watch_stop)(void *watch);
    void (*watch_free)(void *watch);
    /* Notes how it is, the watch having begun; NULL: the owner has. */
    void (*begin)(void *what);
    /* 0: it has happened; WSAEWOULDBLOCK: not yet; else it never will. */
    int (*look)(const void *what);
};

/* A port beside what the WSACOMPLETION says; 0: none. */
struct notice_port {
    uint64_t port; /* the host's; the notice takes a reference of its own */
    uint64_t key;
};

/* Begins a notice of what `owner` (for notices_cancel) asked for; completion is
   the program's, NSP_NOTIFY_IMMEDIATELY is none.  thread: for NSP_NOTIFY_APC,
   NULL: the calling one; port: NULL: none.  `what` is the notice's from
   then on, also when it fails: WSAEFAULT, WSAEINVAL (no such completion),
   WSA_INVALID_HANDLE (its event or port is none), WSA_NOT_ENOUGH_MEMORY, the
   watch's errors. */
int notice_begin(const struct notice_kind *kind, void *what, uint64_t owner,
                 const WSACOMPLETION *completion, const WSATHREADID *thread,
                 const struct notice_port *port);

/* Waits for it in the calling thread; the rest as above.  0: it happened;
   WSA_OPERATION_ABORTED: it was cancelled. */
int notice_perform(const struct notice_kind *kind, void *what, uint64_t owner);

/* An owner's notices end with WSA_OPERATION_ABORTED; owner 0: all of the kind.
   Those by window message are not told. */
void notices_cancel(const struct notice_kind *kind, uint64_t owner);

/* In a child of fork, which has none of the threads. */
void notices_forked(void);

#endif
