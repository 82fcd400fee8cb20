/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the network answers to datagrams (ICMP).
 *
 * Winsock tells a receive of each answer that a datagram of the socket brought
 * about: WSAECONNRESET when nobody has the port, WSAENETRESET when its time to
 * live was over, unless the program turned that off (SIO_UDP_CONNRESET,
 * SIO_UDP_NETRESET).  The kernel does so for sockets without a peer only where
 * it is asked to queue the answers; a send takes away its first notice of one,
 * but not the queued answer.
 *
 * The queue counts as received data, so a send that meets an answer sees to it
 * that others leave room; and who has to know whether a receive would tell of
 * one has to take it out: the server keeps it then (datagram_error of the
 * record).
 */
#ifndef WS2EMU_UNIX_DATAGRAM_ERROR_H
#define WS2EMU_UNIX_DATAGRAM_ERROR_H

#include "unix/descriptor.h"

/* The kernel queues the answers for a new socket. */
void datagram_error_begin(const struct descriptor *descriptor);
/* After a change of the two settings: it does as long as one is on. */
void datagram_error_follow(const struct descriptor *descriptor);

/* Takes the next answer that is to be told: its error, or 0. */
int datagram_error_take(struct descriptor *descriptor);
/* The same, but it is left for a receive to take.  queued: the queue may have
   some. */
int datagram_error_waits(struct descriptor *descriptor, int queued);
/* Forgets the oldest answers while they take more than half of the room for
   what is received. */
void datagram_error_make_room(const struct descriptor *descriptor);

/* A receive failed with this errno, which the kernel takes from an answer: the
   error to report, or 0: none, the receive goes on. */
int datagram_error_report(struct descriptor *descriptor, int unix_errno);

/* 1: a send's errno may be an earlier datagram's. */
int datagram_error_is_late(int unix_errno);

#endif
