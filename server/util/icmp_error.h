/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A datagram socket's queue of errors.
 *
 * The kernel keeps what ICMP says of datagrams that were sent, when it was
 * asked to (IP_RECVERR).  While the queue is not empty poll reports POLLERR.
 */
#ifndef UTIL_ICMP_ERROR_H
#define UTIL_ICMP_ERROR_H

enum icmp_error {
    ICMP_ERROR_NONE,        /* the queue is empty */
    ICMP_ERROR_UNREACHABLE, /* nobody has that port */
    ICMP_ERROR_EXPIRED,     /* too many hops, or too slow */
    ICMP_ERROR_OTHER,
};

/* Asks for them, or no more; family: AF_INET or AF_INET6. */
void icmp_error_want(int fd, int family, int on);
/* Takes the oldest one out of the queue. */
enum icmp_error icmp_error_next(int fd);

#endif
