/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program and the host of a provider of a name space say to each other
 * over a link.
 *
 * Each request but END and CLEANUP gets one reply with its code and its
 * number, in any order.  A set follows where there is one: a block of
 * query_set_write's for the base 0.
 */
#ifndef WS2EMU_HOSTED_MESSAGE_H
#define WS2EMU_HOSTED_MESSAGE_H

#include "unix/boundary.h"

enum hosted_code {
    HOSTED_START = 1, /* NSPv2Startup: the first request */
    HOSTED_BEGIN,     /* NSPv2LookupServiceBegin, with a set */
    HOSTED_NEXT,      /* NSPv2LookupServiceNextEx; its reply has a set */
    HOSTED_END,       /* NSPv2LookupServiceEnd */
    HOSTED_SET,       /* NSPv2SetServiceEx, with a set */
    HOSTED_CLEANUP,   /* NSPv2Cleanup: the last request */
};

struct hosted_message {
    uint32_t code;      /* enum hosted_code */
    uint32_t call;      /* its number, the asker's */
    uint64_t lookup;    /* the look-up's number, the host's: of BEGIN's reply,
                           NEXT, END */
    uint32_t flags;     /* of BEGIN, NEXT, SET */
    uint32_t operation; /* of SET */
    int32_t error;      /* of replies */
    uint32_t set_size;
};
_Static_assert(sizeof(struct hosted_message) == 32, "no padding");

/* Of the largest set that there can be. */
enum { HOSTED_SET_SIZE = UNIX_LINK_MESSAGE - sizeof(struct hosted_message) };

#endif
