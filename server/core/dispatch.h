/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Frames of a client to their handlers; see dispatch.c. */
#ifndef CORE_DISPATCH_H
#define CORE_DISPATCH_H

struct client;

void dispatch_client(struct client *client);

#endif
