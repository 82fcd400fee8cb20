/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host's side of a client's session with a provider: for hosting.c, which
 * has its life, and hosting_calls.c, which makes its calls.
 *
 * A session begins with NSPv2Startup and ends when the client's link does, or
 * the provider is hosted no more.  Its look-ups are ended first, which is also
 * how a provider learns that nobody waits for what it is at; when no call is
 * under way any more, NSPv2Cleanup or NSPv2ClientSessionRundown comes.
 */
#ifndef WS2EMU_HOSTING_SESSION_H
#define WS2EMU_HOSTING_SESSION_H

#include <winsock2.h>
#include <ws2spi.h>

#include "hosted_message.h"
#include "hosting_threads.h"

#include <pthread.h>

/* Of everything that providers in this program have; no other lock is taken
   under it. */
extern pthread_mutex_t hosting_lock;

struct hosting_lookup {
    struct hosting_lookup *next;
    uint64_t number; /* the client's name for it */
    HANDLE handle;   /* the provider's */
    BOOL has_ended;  /* NSPv2LookupServiceEnd was called */
};

struct hosting_session;

/* A request that a thread performs; the set's block is behind it. */
struct hosting_job {
    struct hosting_work work;
    struct hosting_session *session;
    uint64_t thread; /* that runs it */
    struct hosting_job *next_running;
    DWORD room; /* of NEXT: for the result; 0: to begin with */
    struct hosted_message message;
};

struct hosting {
    struct hosting *next;
    GUID id;
    NSPV2_ROUTINE routines;
    struct unix_link *advertisement;  /* under the lock, so for what follows */
    struct hosting_session *sessions;
    unsigned int references; /* the list's, each session's, each renewal's */
    BOOL has_ended;
    BOOL is_renewing; /* a thread is making it known */
};

struct hosting_session {
    struct hosting_session *next; /* under the lock, so for what follows */
    struct hosting *hosting;
    struct unix_link *link;
    struct hosting_job leave;
    unsigned int references; /* its life's, and those that send */
    unsigned int n_jobs;     /* queued or running */
    BOOL is_starting;        /* the client has said so */
    BOOL is_started;         /* NSPv2Startup did not fail */
    BOOL has_left;           /* no job is queued any more */
    BOOL said_cleanup;
    void *argument; /* the provider's */
    struct hosting_lookup *lookups;
    uint64_t last_lookup;
};

/* --- hosting.c ------------------------------------------------------------ */

/* Queues a request, with as many bytes of a set as it says.  FALSE: no memory,
   or the client has left; the session may be gone then, unless the caller has a
   reference. */
BOOL hosting_session_queue(struct hosting_session *session,
                           const struct hosted_message *message,
                           const void *set, DWORD room);
void hosting_session_release(struct hosting_session *session);

/* --- hosting_calls.c ------------------------------------------------------ */

/* Performs a request.  *keep: the job is the call's from then on. */
void hosting_job_perform(struct hosting_job *job, BOOL *keep);
/* Ends all look-ups that have not ended. */
void hosting_session_end_lookups(struct hosting_session *session);
/* Its calls that pend: nobody waits for them any more. */
void hosting_session_forget_calls(struct hosting_session *session);
/* In a child of fork. */
void hosting_calls_forked(void);

#endif
