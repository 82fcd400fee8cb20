/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options of IPPROTO_TCP and IPPROTO_UDP.
 *
 * Times and counts of keep-alive are kept as the program set them: the kernel's
 * limits are narrower, and its defaults others.
 */
#include "unix/option_tcp.h"

#include <errno.h>
#include <time.h>
#include <linux/errqueue.h> /* wants <time.h> */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "unix/address.h"
#include "unix/error.h"
#include "unix/option.h"

/* Winsock's defaults: seconds, seconds, probes. */
#define KEEPIDLE 7200
#define KEEPINTVL 1
#define KEEPCNT 10
/* The kernel's limits. */
#define KERNEL_KEEP_SECONDS 32767
#define KERNEL_KEEPCNT 127
#define KERNEL_LEAST_SEGMENT 88
#define KERNEL_LARGEST_SEGMENT 32767
/* The kernel's default, net.ipv4.tcp_syn_retries. */
#define KERNEL_SYN_RETRIES 6
/* It takes no more than the backlog. */
#define FASTOPEN_QUEUE 4096

/* --- Keep-alive ----------------------------------------------------------- */

static int clamp(uint32_t value, int most)
{
    return value > (uint32_t)most ? most : (int)value;
}

static int set_keepidle(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_TCP, TCP_KEEPIDLE,
                                 clamp((uint32_t)value, KERNEL_KEEP_SECONDS));
}

static int set_keepintvl(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_TCP, TCP_KEEPINTVL,
                                 clamp((uint32_t)value, KERNEL_KEEP_SECONDS));
}

static int set_keepcnt(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_TCP, TCP_KEEPCNT,
                                 clamp((uint32_t)value, KERNEL_KEEPCNT));
}

int option_tcp_apply_keepalive(struct descriptor *descriptor)
{
    int error;

    if (descriptor->identity.protocol != WS2_IPPROTO_TCP)
        return WS2_SUCCESS;
    error = set_keepidle(descriptor,
                         (int)option_kept(descriptor, WIRE_OPTION_KEEPIDLE,
                                          KEEPIDLE));
    if (!error)
        error = set_keepintvl(descriptor,
                              (int)option_kept(descriptor,
                                               WIRE_OPTION_KEEPINTVL,
                                               KEEPINTVL));
    if (!error)
        error = set_keepcnt(descriptor,
                            (int)option_kept(descriptor, WIRE_OPTION_KEEPCNT,
                                             KEEPCNT));
    return error;
}

/* --- The time after which unanswered data ends a connection --------------- */

/* Kept in milliseconds; all ones: never.  0: the system's own. */
static int set_maxrtms(struct descriptor *descriptor, int value)
{
    int error = option_set_kernel_int(descriptor, IPPROTO_TCP,
                                      TCP_USER_TIMEOUT,
                                      value < 0 ? INT32_MAX : value);

    return error ? error
                 : option_keep(descriptor, WIRE_OPTION_MAXRT, 0,
                               (uint32_t)value);
}

static int get_maxrtms(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = (int)option_kept(descriptor, WIRE_OPTION_MAXRT, 0);
    return WS2_SUCCESS;
}

static int set_maxrt(struct descriptor *descriptor, int value)
{
    if (value < -1)
        return WS2_EINVAL;
    if (value > INT32_MAX / 1000)
        value = INT32_MAX / 1000;
    return set_maxrtms(descriptor, value < 0 ? -1 : value * 1000);
}

static int get_maxrt(struct descriptor *descriptor, int *ret_value)
{
    int milliseconds = (int)option_kept(descriptor, WIRE_OPTION_MAXRT, 0);

    *ret_value = milliseconds < 0 ? -1 : milliseconds / 1000;
    return WS2_SUCCESS;
}

/* --- Connecting ----------------------------------------------------------- */

/* One repeated SYN is the kernel's least. */
static int set_nosynretries(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, IPPROTO_TCP, TCP_SYNCNT,
                                 value ? 1 : KERNEL_SYN_RETRIES);
}

/*
 * TCP Fast Open.  Of a listener the kernel wants to know how many connections
 * may wait whose handshake is not over; who connects is connect_operation.c's.
 * Where the system does not allow it, or for a connection, this does nothing.
 */
static int set_fastopen(struct descriptor *descriptor, int value)
{
    const int queue = value ? FASTOPEN_QUEUE : 0;

    (void)setsockopt(descriptor->fd, IPPROTO_TCP, TCP_FASTOPEN, &queue,
                     sizeof(queue));
    return WS2_SUCCESS;
}

int option_tcp_limit_packets(struct descriptor *descriptor, uint32_t mtu)
{
    const uint32_t headers =
        (descriptor->identity.family == WS2_AF_INET6 ? 40 : 20) + 20;
    uint32_t segment = mtu < headers + KERNEL_LEAST_SEGMENT
                           ? KERNEL_LEAST_SEGMENT
                           : mtu - headers;

    if (mtu == UINT32_MAX)
        segment = 0; /* no limit */
    else if (segment > KERNEL_LARGEST_SEGMENT)
        segment = KERNEL_LARGEST_SEGMENT;
    return option_set_kernel_int(descriptor, IPPROTO_TCP, TCP_MAXSEG,
                                 (int)segment);
}

/* --- Urgent data ---------------------------------------------------------- */

/* RFC 1122's meaning of the urgent pointer can be chosen, and not given up. */
static int check_expedited(struct descriptor *descriptor, int value)
{
    return !value && option_kept(descriptor, WIRE_OPTION_EXPEDITED, 0)
               ? WS2_EINVAL
               : WS2_SUCCESS;
}

static int get_bsdurgent(struct descriptor *descriptor, int *ret_value)
{
    *ret_value = !option_kept(descriptor, WIRE_OPTION_EXPEDITED, 0);
    return WS2_SUCCESS;
}

static int set_bsdurgent(struct descriptor *descriptor, int value)
{
    int error = check_expedited(descriptor, !value);

    return error ? error
                 : option_keep(descriptor, WIRE_OPTION_EXPEDITED, 0, !value);
}

static int get_atmark(struct descriptor *descriptor, int *ret_value)
{
    char byte;

    *ret_value = recv(descriptor->fd, &byte, 1, MSG_OOB | MSG_PEEK) < 0;
    return WS2_SUCCESS;
}

/* --- ICMP errors of a connect --------------------------------------------- */

/* With its own option the kernel ends a connect at once when it learns that
   there is no way, instead of trying on. */
static int set_fail_on_icmp(struct descriptor *descriptor, int value)
{
    return descriptor->identity.family == WS2_AF_INET6
               ? option_set_kernel_int(descriptor, IPPROTO_IPV6, IPV6_RECVERR,
                                       value)
               : option_set_kernel_int(descriptor, IPPROTO_IP, IP_RECVERR,
                                       value);
}

struct winsock_icmp_error {
    uint8_t source[ADDRESS_LENGTH_INET6]; /* SOCKADDR_INET */
    uint32_t protocol;
    uint8_t type, code;
    uint8_t padding[2];
};

/* The next message of the socket's queue of errors; 0: there is none. */
static int next_icmp_error(int fd, struct winsock_icmp_error *ret)
{
    union {
        char bytes[512];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct sockaddr_storage source;
    struct sock_extended_err error;
    struct cmsghdr *part;

    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return 0;
    for (part = CMSG_FIRSTHDR(&message); part != NULL;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_len < CMSG_LEN(sizeof(error)))
            continue;
        memcpy(&error, CMSG_DATA(part), sizeof(error));
        if (error.ee_origin != SO_EE_ORIGIN_ICMP &&
            error.ee_origin != SO_EE_ORIGIN_ICMP6)
            continue;
        memset(&source, 0, sizeof(source));
        memcpy(&source, CMSG_DATA(part) + sizeof(error),
               part->cmsg_len - CMSG_LEN(sizeof(error)) < sizeof(source)
                   ? part->cmsg_len - CMSG_LEN(sizeof(error))
                   : sizeof(source));
        (void)address_from_kernel(&source, sizeof(source), ret->source);
        ret->protocol = error.ee_origin == SO_EE_ORIGIN_ICMP
                            ? WS2_IPPROTO_ICMP
                            : WS2_IPPROTO_ICMPV6;
        ret->type = error.ee_type;
        ret->code = error.ee_code;
        return 1;
    }
    return 0;
}

/* Length 0: no error has come. */
static int give_icmp_error(struct descriptor *descriptor, void *value,
                           int *length, int32_t room)
{
    struct winsock_icmp_error error = {.protocol = 0};

    if (!option_kept(descriptor, WIRE_OPTION_FAIL_ON_ICMP, 0))
        return WS2_EINVAL;
    if (room < (int32_t)sizeof(error))
        return WS2_EFAULT;
    return option_give(value, length, room, &error,
                       next_icmp_error(descriptor->fd, &error)
                           ? (int32_t)sizeof(error)
                           : 0);
}

static const struct option tcp_options[] = {
    {WS2_TCP_NODELAY, STREAM, FORM_BYTE, IN_KERNEL(IPPROTO_TCP, TCP_NODELAY)},
    {WS2_TCP_EXPEDITED_1122, STREAM, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_EXPEDITED, 0), .check = check_expedited},
    {WS2_TCP_BSDURGENT, STREAM, FORM_INT_BOOL, .get = get_bsdurgent,
     .set = set_bsdurgent},
    {WS2_TCP_KEEPIDLE, STREAM, FORM_INT, KEPT(WIRE_OPTION_KEEPIDLE, KEEPIDLE),
     .check = set_keepidle},
    {WS2_TCP_MAXSEG, STREAM, FORM_INT, .flags = OPTION_READ_ONLY,
     IN_KERNEL(IPPROTO_TCP, TCP_MAXSEG)},
    {WS2_TCP_MAXRT, STREAM, FORM_INT, .get = get_maxrt, .set = set_maxrt},
    {WS2_TCP_MAXRTMS, STREAM, FORM_INT, .get = get_maxrtms,
     .set = set_maxrtms},
    {WS2_TCP_STDURG, STREAM, FORM_INT_BOOL, KEPT(WIRE_OPTION_STDURG, 0)},
    {WS2_TCP_NOURG, STREAM, FORM_INT_BOOL, KEPT(WIRE_OPTION_NOURG, 0)},
    {WS2_TCP_ATMARK, STREAM, FORM_INT_BOOL, .flags = OPTION_READ_ONLY,
     .get = get_atmark},
    {WS2_TCP_NOSYNRETRIES, STREAM, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_NOSYNRETRIES, 0), .check = set_nosynretries},
    {WS2_TCP_TIMESTAMPS, STREAM, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_TIMESTAMPS, 0)},
    {WS2_TCP_OFFLOAD_PREFERENCE, STREAM, FORM_INT,
     KEPT(WIRE_OPTION_OFFLOAD, 0), .max = 2},
    {WS2_TCP_CONGESTION_ALGORITHM, STREAM, FORM_INT,
     KEPT(WIRE_OPTION_CONGESTION, 0)},
    {WS2_TCP_DELAY_FIN_ACK, STREAM, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_DELAY_FIN_ACK, 0)},
    {WS2_TCP_FASTOPEN, STREAM, FORM_INT_BOOL, KEPT(WIRE_OPTION_FASTOPEN, 0),
     .check = set_fastopen},
    {WS2_TCP_KEEPCNT, STREAM, FORM_INT, KEPT(WIRE_OPTION_KEEPCNT, KEEPCNT),
     .max = 255, .check = set_keepcnt},
    {WS2_TCP_KEEPINTVL, STREAM, FORM_INT,
     KEPT(WIRE_OPTION_KEEPINTVL, KEEPINTVL), .check = set_keepintvl},
    {WS2_TCP_FAIL_CONNECT_ON_ICMP_ERROR, STREAM, FORM_INT_BOOL,
     KEPT(WIRE_OPTION_FAIL_ON_ICMP, 0), .check = set_fail_on_icmp},
    {WS2_TCP_ICMP_ERROR_INFO, STREAM, FORM_STRUCT, .flags = OPTION_READ_ONLY,
     .give = give_icmp_error},
};

const struct option_level option_level_tcp =
    OPTION_LEVEL(WS2_IPPROTO_TCP, STREAM, tcp_options);

/* --- UDP ------------------------------------------------------------------ */

static int get_coverage(struct descriptor *descriptor, int *ret_value)
{
    int error = option_get_kernel_int(descriptor, SOL_SOCKET, SO_NO_CHECK,
                                      ret_value);

    *ret_value = !*ret_value;
    return error;
}

static int set_coverage(struct descriptor *descriptor, int value)
{
    return option_set_kernel_int(descriptor, SOL_SOCKET, SO_NO_CHECK, !value);
}

/* The kernel coalesces up to the longest datagram, whatever the program would
   take; so it does when the program takes that. */
static int set_coalesced_size(struct descriptor *descriptor, int value)
{
    enum { LONGEST = 65507 };

    return option_set_kernel_int(descriptor, IPPROTO_UDP, UDP_GRO,
                                 (uint32_t)value >= LONGEST);
}

static const struct option udp_options[] = {
    {WS2_UDP_NOCHECKSUM, DGRAM, FORM_INT_BOOL, .flags = OPTION_INET_ONLY,
     IN_KERNEL(SOL_SOCKET, SO_NO_CHECK)},
    {WS2_UDP_CHECKSUM_COVERAGE, DGRAM, FORM_INT_BOOL,
     .flags = OPTION_INET_ONLY, .get = get_coverage, .set = set_coverage},
    {WS2_UDP_SEND_MSG_SIZE, DGRAM, FORM_INT,
     IN_KERNEL(IPPROTO_UDP, UDP_SEGMENT), .max = 65535},
    {WS2_UDP_RECV_MAX_COALESCED_SIZE, DGRAM, FORM_INT,
     KEPT(WIRE_OPTION_COALESCED_SIZE, 0), .check = set_coalesced_size},
};

const struct option_level option_level_udp =
    OPTION_LEVEL(WS2_IPPROTO_UDP, DGRAM, udp_options);
