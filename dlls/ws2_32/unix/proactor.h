/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The proactor: the thread that performs what pends.
 *
 * Started by the first operation that pends, ended by the last WSACleanup.  A
 * back end tells it which sockets are ready; epoll's is the one that is used.
 *
 * A socket is armed for a direction when an operation pends there, and stays
 * so, edge-triggered: an operation pends only after the kernel had nothing for
 * it while the socket was armed, so an edge is sure to come, and the next
 * operation needs no system call to wait.  An edge that finds nothing pending
 * ends that, so that a socket which is not used overlapped any more wakes
 * nobody.
 */
#ifndef WS2EMU_UNIX_PROACTOR_H
#define WS2EMU_UNIX_PROACTOR_H

#include <stdint.h>

#include "unix/socket_operations.h"

/* What the proactor wants of the kernel.  Its functions return 0 or an errno;
   wait returns a count or a negated errno. */
struct proactor_event {
    struct socket_operations *socket; /* NULL: proactor_backend.wake */
    uint32_t events;                  /* poll(2)'s */
};
struct proactor_backend {
    const char *name;
    int (*open)(void);
    void (*close)(void);
    /* Tells of the events of an fd from now on, edge-triggered, and at once of
       those that are there already.  is_new 0: it is watched for others. */
    int (*watch)(int fd, struct socket_operations *socket, int is_new,
                 uint32_t events);
    void (*forget)(int fd);
    /* timeout in ms, -1: none. */
    int (*wait)(struct proactor_event *events, int n_events, int timeout);
    /* Ends a wait of another thread. */
    void (*wake)(void);
};
extern const struct proactor_backend proactor_epoll;

/* Arms a socket for poll(2) events, of its descriptor's fd, which lives as long
   as a queue's lock is held.  WS2_ENOBUFS. */
int proactor_arm(struct socket_operations *socket, uint32_t events);
/* Takes back what nothing waits for. */
void proactor_disarm_idle(struct socket_operations *socket);
/* The fd is about to be closed; all of the queues' locks are held. */
void proactor_forget(struct socket_operations *socket);

/* Performs the socket's watching operations when the other fd is readable: an
   edge, also one that is there already.  WS2_ENOBUFS. */
int proactor_watch(struct socket_operations *socket, int fd);
/* Before it is closed.  The socket may be performed once more. */
void proactor_unwatch(int fd);

/* --- Timers --------------------------------------------------------------- */

/* Calls expired(timer) on the proactor's thread, with no lock held, at the time
   (wait_now's clock).  It is the owner's memory. */
struct proactor_timer {
    int64_t time;
    void (*expired)(struct proactor_timer *);
    struct proactor_timer *next, **link; /* NULL: not started */
};
int proactor_timer_start(struct proactor_timer *timer);
/* 1: it will not expire; 0: it has, or is about to. */
int proactor_timer_stop(struct proactor_timer *timer);

/* --- Life ----------------------------------------------------------------- */

/* Ends the thread; nothing pends any more. */
void proactor_end(void);
/* In a child of fork, where the thread is not. */
void proactor_before_fork(void);
void proactor_in_parent(void);
void proactor_in_child(void);

#endif
