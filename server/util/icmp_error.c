/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A datagram socket's queue of errors; see icmp_error.h. */
#include "util/icmp_error.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/errqueue.h> /* wants <time.h> */

void icmp_error_want(int fd, int family, int on)
{
    /* An IPv6 socket may speak IPv4, too. */
    (void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

static enum icmp_error classify(const struct sock_extended_err *error)
{
    if (error->ee_origin == SO_EE_ORIGIN_ICMP) {
        if (error->ee_type == ICMP_DEST_UNREACH &&
            error->ee_code == ICMP_PORT_UNREACH)
            return ICMP_ERROR_UNREACHABLE;
        return error->ee_type == ICMP_TIME_EXCEEDED ? ICMP_ERROR_EXPIRED
                                                    : ICMP_ERROR_OTHER;
    }
    if (error->ee_origin == SO_EE_ORIGIN_ICMP6) {
        if (error->ee_type == ICMP6_DST_UNREACH &&
            error->ee_code == ICMP6_DST_UNREACH_NOPORT)
            return ICMP_ERROR_UNREACHABLE;
        return error->ee_type == ICMP6_TIME_EXCEEDED ? ICMP_ERROR_EXPIRED
                                                     : ICMP_ERROR_OTHER;
    }
    return ICMP_ERROR_OTHER;
}

static int is_error(const struct cmsghdr *part)
{
    return ((part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
            (part->cmsg_level == IPPROTO_IPV6 &&
             part->cmsg_type == IPV6_RECVERR)) &&
           part->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err));
}

enum icmp_error icmp_error_next(int fd)
{
    union {
        char bytes[512];
        struct cmsghdr align;
    } control;
    struct msghdr message = { .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
    struct sock_extended_err error;
    struct cmsghdr *part;

    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return ICMP_ERROR_NONE;
    for (part = CMSG_FIRSTHDR(&message); part;
         part = CMSG_NXTHDR(&message, part)) {
        if (!is_error(part))
            continue;
        memcpy(&error, CMSG_DATA(part), sizeof error);
        return classify(&error);
    }
    return ICMP_ERROR_OTHER;
}
