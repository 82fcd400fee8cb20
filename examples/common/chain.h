/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lower end of a layered provider: what is below it in each chain.
 *
 * ws2_32 starts a layered provider once for each chain of the catalog that it
 * is the top of, and other layers start it for theirs.  It finds its own place
 * in the chain, loads the provider below and starts that in turn.  All of a
 * provider's chains are in one list, which is small and never shrinks.
 */
#ifndef EXAMPLES_COMMON_CHAIN_H
#define EXAMPLES_COMMON_CHAIN_H

#include <winsock2.h>
#include <ws2spi.h>

struct chain {
    struct chain *next;
    WSAPROTOCOL_INFOW entry; /* the chain's own: what those above see */
    WSAPROTOCOL_INFOW below; /* what the provider below is to be given */
    WSPPROC_TABLE lower;     /* its functions */
    unsigned starts;
};

/* At WSPStartup, with the provider's GUID.  0 or what WSPStartup returns:
   WSAEPROVIDERFAILEDINIT: there is nothing below. */
int chain_start(const GUID *provider, const WSAPROTOCOL_INFOW *entry,
                WSPUPCALLTABLE upcalls, struct chain **ret);
/* At WSPCleanup; the last one ends what is below.  FALSE: one too many. */
BOOL chain_cleanup(void);

/* The chain that an info of WSPSocket names; the first one where it names
   none. */
struct chain *chain_of_info(const WSAPROTOCOL_INFOW *info);
/* What an info for the layer is for the provider below, which finds its token
   of a duplicate in it. */
WSAPROTOCOL_INFOW chain_info_below(const struct chain *chain,
                                   const WSAPROTOCOL_INFOW *info);
/* And back: after the WSPDuplicateSocket of below, the layer's own. */
void chain_restore_info(const struct chain *chain, WSAPROTOCOL_INFOW *info);

/* Whose chain a SOCKET is; the first one's where it is not known
   (inherited). */
struct chain *chain_of_socket(SOCKET s);
/* FALSE: no memory. */
BOOL chain_remember_socket(SOCKET s, struct chain *chain);
void chain_forget_socket(SOCKET s);

#endif
