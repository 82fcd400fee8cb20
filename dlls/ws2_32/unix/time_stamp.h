/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Time stamps of datagrams (SIO_TIMESTAMPING).
 *
 * They are values of the performance counter, which under Wine counts 100 ns of
 * the kernel's raw monotonic clock; natively there is no other.  The kernel
 * stamps what arrives, with the time of day; it begins to a moment after the
 * first socket of the machine asks for it, and until then stamps what is
 * received.  What is sent is stamped when the kernel has taken it; the
 * descriptor keeps these stamps until they are asked for by the id that the
 * program gave the datagram.
 */
#ifndef WS2EMU_UNIX_TIME_STAMP_H
#define WS2EMU_UNIX_TIME_STAMP_H

#include <time.h>

#include "unix/descriptor.h"

/* The counter's value at a time of day. */
uint64_t time_stamp_of(const struct timespec *time);
/* A datagram with the id was sent just now.  Without room its stamp is lost. */
void time_stamp_sent(struct descriptor *descriptor, uint32_t id);

#endif
