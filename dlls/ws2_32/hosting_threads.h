/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads on which a program's providers of name spaces are called.
 *
 * They are made when there is work and none of them is free, and end some time
 * after the last of it.
 */
#ifndef WS2EMU_HOSTING_THREADS_H
#define WS2EMU_HOSTING_THREADS_H

#include <winsock2.h>

#include <stdint.h>

/* Work, at the beginning of its owner's structure. */
struct hosting_work {
    /* Called on one of the threads, with no lock held; the work is its own. */
    void (*run)(struct hosting_work *work);
    struct hosting_work *next;
};

/* Queues work.  urgent: it does not wait for threads that are with a provider
   which may wait for it.  FALSE: there is no memory, or too much work; the work
   stays the caller's. */
BOOL hosting_threads_run(struct hosting_work *work, BOOL urgent);

/* Lets the threads that have nothing to do end at once, until the next work. */
void hosting_threads_end(void);

/* In a child of fork. */
void hosting_threads_forked(void);

#endif
