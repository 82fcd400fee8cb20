/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The server of this run, for the cases that end it.  Native only. */
#ifndef TESTS_SUPPORT_SERVER_H
#define TESTS_SUPPORT_SERVER_H

/* Kills ws2server as a crash would, and waits until it is gone. */
void server_kill(void);

#endif
