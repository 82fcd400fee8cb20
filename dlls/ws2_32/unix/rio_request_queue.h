/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Request queues of Registered I/O: where requests on a socket are started
 * from.
 *
 * A request queue belongs to the descriptor that it was made for, and its id is
 * good until that is closed.  Its requests are operations (rio_request.h) and
 * so in one order with the socket's others.  A deferred one waits in a line of
 * its direction until it is committed, and all that come behind it wait, too.
 *
 * References: the id's, and one of each request until it was dequeued.
 */
#ifndef WS2EMU_UNIX_RIO_REQUEST_QUEUE_H
#define WS2EMU_UNIX_RIO_REQUEST_QUEUE_H

#include "unix/descriptor.h"
#include "unix/rio_table.h"

void rio_request_queue_release(struct rio_entry *entry);

/* The descriptor is withdrawn, and its operations have ended or go on without
   it: its request queue ends, and what was deferred is aborted. */
void rio_request_queue_leave(struct descriptor *descriptor);

/* In the child of a fork: there are no objects of Registered I/O. */
void rio_in_child(void);

#endif
