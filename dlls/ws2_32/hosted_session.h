/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client's side of the session that this process has with a provider of a
 * name space that a program hosts.
 *
 * It begins with the first call and is kept for later ones until the last
 * WSACleanup, or until the host goes.
 */
#ifndef WS2EMU_HOSTED_SESSION_H
#define WS2EMU_HOSTED_SESSION_H

#include <winsock2.h>

#include "hosted_message.h"

struct hosted_session;

/* The session with the provider, which the caller ends its use of by
   hosted_session_release.  WSASERVICE_NOT_FOUND: nobody hosts it; what
   NSPv2Startup said; WSA_NOT_ENOUGH_MEMORY. */
int hosted_session_acquire(const GUID *provider, struct hosted_session **ret);
void hosted_session_release(struct hosted_session *session);

/*
 * Asks the provider and waits for its reply.  set: NULL, or one that goes with
 * the request; ended: NULL, or what says that it need not be asked any more.
 * *request becomes the reply; *ret_set (may be NULL) the set that
 * came with it, a block to be freed, or NULL.  Returns the reply's error;
 * WSASERVICE_NOT_FOUND: the host is gone; WSA_E_CANCELLED: the session, or the
 * request's look-up, was ended meanwhile; WSANO_DATA: the reply is none.
 */
int hosted_session_ask(struct hosted_session *session,
                       struct hosted_message *request, const WSAQUERYSETW *set,
                       const BOOL *ended, WSAQUERYSETW **ret_set);
/* Sends a request that has no reply. */
void hosted_session_tell(struct hosted_session *session,
                         const struct hosted_message *request);
/* Ends those that wait for a look-up's results; `ended` was set before. */
void hosted_session_cancel(struct hosted_session *session, uint64_t lookup);

/* The last WSACleanup: takes all sessions away, then ends them. */
struct hosted_session *hosted_sessions_detach(void);
void hosted_sessions_end(struct hosted_session *all);
/* In a child of fork, which has none. */
void hosted_sessions_forked(void);

#endif
