/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A provider of a name space inside a program, for tests, and the program.
 *
 * What it does is in the name that it is asked for:
 *
 *     one, both      10.1.2.3, port 7; and fd00::1 in a result of its own
 *     many           five results, ports 1 to 5
 *     echo           the set that it was asked with
 *     big            a result with a blob of 20000 bytes
 *     later          as one, by another thread
 *     never          its call pends until host_finish, or the look-up's end
 *     block          its function does not return until the look-up's end
 *     leaving        its function unadvertises the first id before it answers
 *     nothing        WSANO_DATA; failing: SOCKET_ERROR, WSASERVICE_NOT_FOUND
 *     refused        NSPv2LookupServiceBegin fails with WSAEACCES
 *     empty, short, wild, lost      results that are none
 *
 * Other names have the address that they were registered with, together with
 * their context, or WSANO_DATA.
 */
#ifndef TESTS_SUPPORT_HOSTED_H
#define TESTS_SUPPORT_HOSTED_H

#include "support/catalog.h"

#define NS_HOSTED 888

/* The ids that hosted_install installs. */
enum { HOSTED_IDS = 3 };
extern GUID hosted_ids[HOSTED_IDS];

/* Installs them, in a catalog of the case's own: of the name spaces NS_HOSTED
   and those after it. */
void hosted_install(void);

/* What happened to the provider in its process. */
struct hosted_counts {
    int startups, cleanups, rundowns, begins, nexts, ends, sets;
    int pending;  /* calls of "never" that nobody has ended */
    int blocked;  /* calls of "block" */
    int mistakes; /* calls with another session's argument, or an ended look-up */
};

/* In this process. */
int hosted_advertise(int id);   /* 0 or the error */
int hosted_unadvertise(int id);
extern struct hosted_counts hosted_counts; /* atomic */

/* --- A program that hosts it ---------------------------------------------- */

/* The role "host", for the suite's table of roles. */
void host(struct peer *parent, int n_arguments, char **arguments);

/* It advertises the first id; or another one, which fails with this error. */
struct peer *host_start(void);
struct peer *host_start_of(int id, int error);
int host_advertise(struct peer *host, int id);
int host_unadvertise(struct peer *host, int id);
/* Waits until a count is at least so much; returns all of them. */
struct hosted_counts host_wait(struct peer *host, size_t which, int least);
#define HOST_WAIT(host, count, least)                                          \
    host_wait(host, offsetof(struct hosted_counts, count), least)
/* Ends the first call that pends; what WSAProviderCompleteAsyncCall said. */
int host_finish(struct peer *host, int result);
/* WSACleanup, and the end of the process. */
void host_end(struct peer *host);

#endif
