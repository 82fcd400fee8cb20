/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the network answers to datagrams; see datagram_error.h. */
#include "unix/datagram_error.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h>

#include "unix/error.h"
#include "unix/option.h"

/* Both are on by default. */
static int tells_unreachable(const struct descriptor *descriptor)
{
    return option_kept(descriptor, WIRE_OPTION_UDP_CONNRESET, 1) != 0;
}

static int tells_expired(const struct descriptor *descriptor)
{
    return option_kept(descriptor, WIRE_OPTION_UDP_NETRESET, 1) != 0;
}

static void set_queueing(const struct descriptor *descriptor, int on)
{
    if (descriptor->identity.protocol != WS2_IPPROTO_UDP)
        return;
    (void)setsockopt(descriptor->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
    if (descriptor->identity.family == WS2_AF_INET6)
        (void)setsockopt(descriptor->fd, IPPROTO_IPV6, IPV6_RECVERR, &on,
                         sizeof(on));
}

void datagram_error_begin(const struct descriptor *descriptor)
{
    set_queueing(descriptor, 1);
}

void datagram_error_follow(const struct descriptor *descriptor)
{
    set_queueing(descriptor,
                 tells_unreachable(descriptor) || tells_expired(descriptor));
}

/* What an entry of the queue means; 0: nothing that Winsock tells. */
static int meaning_of(const struct descriptor *descriptor,
                      const struct sock_extended_err *answer)
{
    int unreachable = 0, expired = 0;

    if (answer->ee_origin == SO_EE_ORIGIN_ICMP) {
        unreachable = answer->ee_type == ICMP_DEST_UNREACH &&
                      answer->ee_code == ICMP_PORT_UNREACH;
        expired = answer->ee_type == ICMP_TIME_EXCEEDED;
    } else if (answer->ee_origin == SO_EE_ORIGIN_ICMP6) {
        unreachable = answer->ee_type == ICMP6_DST_UNREACH &&
                      answer->ee_code == ICMP6_DST_UNREACH_NOPORT;
        expired = answer->ee_type == ICMP6_TIME_EXCEEDED;
    }
    if (unreachable && tells_unreachable(descriptor))
        return WS2_ECONNRESET;
    return expired && tells_expired(descriptor) ? WS2_ENETRESET : 0;
}

/* Takes one entry.  0: there is none. */
static int take_one(int fd, struct sock_extended_err *ret_answer)
{
    _Alignas(8) char control[256];
    struct msghdr message = {.msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr *entry;

    memset(ret_answer, 0, sizeof(*ret_answer));
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return 0;
    for (entry = CMSG_FIRSTHDR(&message); entry != NULL;
         entry = CMSG_NXTHDR(&message, entry))
        if ((entry->cmsg_level == IPPROTO_IP &&
             entry->cmsg_type == IP_RECVERR) ||
            (entry->cmsg_level == IPPROTO_IPV6 &&
             entry->cmsg_type == IPV6_RECVERR))
            memcpy(ret_answer, CMSG_DATA(entry), sizeof(*ret_answer));
    return 1;
}

int datagram_error_take(const struct descriptor *descriptor)
{
    struct sock_extended_err answer;
    int error = 0;

    if (descriptor->identity.protocol != WS2_IPPROTO_UDP)
        return 0;
    while (!error && take_one(descriptor->fd, &answer))
        error = meaning_of(descriptor, &answer);
    return error;
}

int datagram_error_is_late(int unix_errno)
{
    switch (unix_errno) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EOPNOTSUPP:
    case EPROTO:
    case EMSGSIZE:
        return 1;
    }
    return 0;
}

int datagram_error_report(const struct descriptor *descriptor, int unix_errno)
{
    int error = datagram_error_take(descriptor);

    if (error || !datagram_error_is_late(unix_errno))
        return error ? error : error_from_errno(unix_errno);
    /* The queue had no room for the answer. */
    return unix_errno == ECONNREFUSED && tells_unreachable(descriptor)
               ? WS2_ECONNRESET
               : 0;
}
