/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's numbers for the sources that must not see Windows headers.
 *
 * The unix side, the server and the tools speak Winsock's values on the wire
 * and across the boundary, yet include POSIX headers, whose names clash with
 * Winsock's.  Each value here has the name that Winsock gives it, behind
 * WS2_; dlls/ws2_32/constants_check.c asserts every one against winsock2.h.
 */
#ifndef WS2EMU_CONSTANTS_H
#define WS2EMU_CONSTANTS_H

/* Error codes: 0 is success, WS2_EINVAL is WSAEINVAL, ... */
enum ws2_error {
    WS2_SUCCESS = 0,
#define WS2_ERROR(name, value, unix_errno, text) WS2_##name = value,
#include <ws2emu/errors.def>
#undef WS2_ERROR
};

/* NTSTATUS values: WS2_STATUS_PENDING is STATUS_PENDING, ...  Unsigned, as the
   status of an overlapped operation is kept (GNU C has unsigned enumerators). */
enum ws2_status {
#define WS2_STATUS(name, value, error) WS2_STATUS_##name = value,
#include <ws2emu/statuses.def>
#undef WS2_STATUS
};

/* Address families, socket types, protocols. */
enum {
    WS2_AF_UNSPEC = 0, WS2_AF_UNIX = 1, WS2_AF_INET = 2, WS2_AF_INET6 = 23,
    WS2_SOCK_STREAM = 1, WS2_SOCK_DGRAM = 2, WS2_SOCK_RAW = 3,
    WS2_IPPROTO_IP = 0, WS2_IPPROTO_ICMP = 1, WS2_IPPROTO_TCP = 6,
    WS2_IPPROTO_UDP = 17, WS2_IPPROTO_IPV6 = 41, WS2_IPPROTO_ICMPV6 = 58,
};

/* Network events (FD_*), bit and index. */
enum {
    WS2_FD_READ = 0x001, WS2_FD_WRITE = 0x002, WS2_FD_OOB = 0x004,
    WS2_FD_ACCEPT = 0x008, WS2_FD_CONNECT = 0x010, WS2_FD_CLOSE = 0x020,
    WS2_FD_QOS = 0x040, WS2_FD_GROUP_QOS = 0x080,
    WS2_FD_ROUTING_INTERFACE_CHANGE = 0x100,
    WS2_FD_ADDRESS_LIST_CHANGE = 0x200,
    WS2_FD_ALL_EVENTS = 0x3ff, WS2_FD_MAX_EVENTS = 10,
};

/* Levels and options. */
enum {
    WS2_SOL_SOCKET = 0xffff,
    WS2_SO_DEBUG = 0x0001, WS2_SO_ACCEPTCONN = 0x0002,
    WS2_SO_REUSEADDR = 0x0004, WS2_SO_KEEPALIVE = 0x0008,
    WS2_SO_DONTROUTE = 0x0010, WS2_SO_BROADCAST = 0x0020,
    WS2_SO_LINGER = 0x0080, WS2_SO_DONTLINGER = ~0x0080,
    WS2_SO_OOBINLINE = 0x0100, WS2_SO_EXCLUSIVEADDRUSE = ~0x0004,
    WS2_SO_SNDBUF = 0x1001, WS2_SO_RCVBUF = 0x1002,
    WS2_SO_SNDLOWAT = 0x1003, WS2_SO_RCVLOWAT = 0x1004,
    WS2_SO_SNDTIMEO = 0x1005, WS2_SO_RCVTIMEO = 0x1006,
    WS2_SO_ERROR = 0x1007, WS2_SO_TYPE = 0x1008,
    WS2_SO_MAX_MSG_SIZE = 0x2003, WS2_SO_CONDITIONAL_ACCEPT = 0x3002,
    WS2_SO_CONNECT_TIME = 0x700C,

    WS2_TCP_NODELAY = 1, WS2_TCP_KEEPIDLE = 3, WS2_TCP_MAXSEG = 4,
    WS2_TCP_MAXRT = 5, WS2_TCP_TIMESTAMPS = 10, WS2_TCP_FASTOPEN = 15,
    WS2_TCP_KEEPCNT = 16, WS2_TCP_KEEPINTVL = 17,

    WS2_IP_OPTIONS = 1, WS2_IP_HDRINCL = 2, WS2_IP_TOS = 3, WS2_IP_TTL = 4,
    WS2_IP_MULTICAST_IF = 9, WS2_IP_MULTICAST_TTL = 10,
    WS2_IP_MULTICAST_LOOP = 11, WS2_IP_ADD_MEMBERSHIP = 12,
    WS2_IP_DROP_MEMBERSHIP = 13, WS2_IP_DONTFRAGMENT = 14,
    WS2_IP_PKTINFO = 19, WS2_IP_RECVTTL = 21, WS2_IP_UNICAST_IF = 31,
    WS2_IP_RECVTOS = 40,

    WS2_IPV6_UNICAST_HOPS = 4, WS2_IPV6_MULTICAST_IF = 9,
    WS2_IPV6_MULTICAST_HOPS = 10, WS2_IPV6_MULTICAST_LOOP = 11,
    WS2_IPV6_ADD_MEMBERSHIP = 12, WS2_IPV6_DROP_MEMBERSHIP = 13,
    WS2_IPV6_DONTFRAG = 14, WS2_IPV6_PKTINFO = 19, WS2_IPV6_HOPLIMIT = 21,
    WS2_IPV6_V6ONLY = 27,
};

/* Message flags, shutdown, poll. */
enum {
    WS2_MSG_OOB = 0x1, WS2_MSG_PEEK = 0x2, WS2_MSG_DONTROUTE = 0x4,
    WS2_MSG_WAITALL = 0x8, WS2_MSG_PUSH_IMMEDIATE = 0x20,
    WS2_MSG_TRUNC = 0x100, WS2_MSG_CTRUNC = 0x200, WS2_MSG_BCAST = 0x400,
    WS2_MSG_MCAST = 0x800, WS2_MSG_PARTIAL = 0x8000,
    WS2_SD_RECEIVE = 0, WS2_SD_SEND = 1, WS2_SD_BOTH = 2,
    WS2_POLLERR = 0x001, WS2_POLLHUP = 0x002, WS2_POLLNVAL = 0x004,
    WS2_POLLWRNORM = 0x010, WS2_POLLRDNORM = 0x100, WS2_POLLRDBAND = 0x200,
};

/* WSASocket flags. */
enum {
    WS2_FLAG_OVERLAPPED = 0x01, WS2_FLAG_NO_HANDLE_INHERIT = 0x80,
};

/* getaddrinfo and getnameinfo flags. */
enum {
    WS2_AI_PASSIVE = 0x1, WS2_AI_CANONNAME = 0x2, WS2_AI_NUMERICHOST = 0x4,
    WS2_AI_NUMERICSERV = 0x8, WS2_AI_ALL = 0x100, WS2_AI_ADDRCONFIG = 0x400,
    WS2_AI_V4MAPPED = 0x800,
    WS2_NI_NOFQDN = 0x1, WS2_NI_NUMERICHOST = 0x2, WS2_NI_NAMEREQD = 0x4,
    WS2_NI_NUMERICSERV = 0x8, WS2_NI_DGRAM = 0x10,
};

#endif
