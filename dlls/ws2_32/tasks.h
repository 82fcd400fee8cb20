/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tasks: questions that are answered while the program goes on.
 *
 * A task is begun, runs on a thread of the library's own, and then finishes,
 * exactly once: with what running it brought, or before that, because it was
 * cancelled or its time was over.  The system's resolver cannot be stopped: a
 * task that finishes early leaves its thread behind, which ends by itself when
 * the resolver returns, and its answer is let go.
 *
 * The owner embeds struct task at the beginning of its own structure, which
 * belongs to the task from tasks_begin on.
 *
 * Threads and tasks are bounded (tasks.c).  The last WSACleanup ends all
 * tasks without telling the program of it.
 */
#ifndef WS2EMU_TASKS_H
#define WS2EMU_TASKS_H

#include <winsock2.h>

#include <stdint.h>

struct task;

/* What kind of task it is.  Called with no lock held. */
struct task_kind {
    /* Asks, and keeps the answer in the task.  Returns the error. */
    int (*run)(struct task *task);
    /* Puts the answer where the program wants it and signals that; short,
       because whoever ends the task calls it.
       error not 0: there is no answer, and it must not be looked for, because
       run may be at it.  Never called after the last WSACleanup has returned.
       May be NULL. */
    void (*finish)(struct task *task, int error);
    /* Calls the program, after finish, if the task's owner said that there is
       something to call; always on a thread of the library's own. */
    void (*call)(struct task *task, int error);
    /* The last WSACleanup ends it: neither finish nor call comes.  May be
       NULL. */
    void (*abandon)(struct task *task);
    void (*free)(struct task *task);
};

enum task_state {
    TASK_WAITING, /* in the queue of those to be run */
    TASK_RUNNING,
    TASK_CALLING, /* finished, in the queue of those to call the program */
    TASK_ENDED,
};

/* The owner sets the first three, the rest is 0 and the tasks' own. */
struct task {
    const struct task_kind *kind;
    uint32_t timeout; /* ms, 0: infinite */
    BOOL calls;       /* there is something to call */
    uint32_t id;
    enum task_state state;
    unsigned int references;
    BOOL done; /* finish has returned, or it was abandoned */
    int error;
    int64_t deadline; /* ns of the monotonic clock */
    struct task *next, **link;
};

/* Gives the task its id, by which it can be cancelled once it was begun: a
   multiple of 4, not 0. */
void tasks_name(struct task *task);

/* Begins a task, which is its owner's no more.  WSA_NOT_ENOUGH_MEMORY: no
   thread, or too many tasks; the task is its owner's still. */
int tasks_begin(struct task *task);

/* Begins a task and waits for its end.  Returns the error that it finished
   with; 0: its answer is there.  The caller ends its use with tasks_release in
   any case. */
int tasks_perform(struct task *task);
void tasks_release(struct task *task);

/*
 * Ends a task of the kind before its time.  error: what it finishes with; 0:
 * the program is not told.  WSAEALREADY: it has ended; WSAEINVAL: no task of
 * any kind ever had this id.
 */
int tasks_cancel(const struct task_kind *kind, uint32_t id, int error);

/* Ends all tasks: the last WSACleanup. */
void tasks_end(void);

/* In a child of fork, which has none of the threads. */
void tasks_forked(void);

#endif
