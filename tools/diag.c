/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's socket tables; see diag.h. */
#include "diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOUND_INACTIVE 13 /* TCP_BOUND_INACTIVE, of Linux 6.8 and later */

const char *diag_state_name(int state)
{
    switch (state) {
    case TCP_ESTABLISHED: return "ESTABLISHED";
    case TCP_SYN_SENT: return "SYN_SENT";
    case TCP_SYN_RECV: return "SYN_RECEIVED";
    case TCP_FIN_WAIT1: return "FIN_WAIT_1";
    case TCP_FIN_WAIT2: return "FIN_WAIT_2";
    case TCP_TIME_WAIT: return "TIME_WAIT";
    case TCP_CLOSE: return "CLOSED";
    case TCP_CLOSE_WAIT: return "CLOSE_WAIT";
    case TCP_LAST_ACK: return "LAST_ACK";
    case TCP_LISTEN: return "LISTENING";
    case TCP_CLOSING: return "CLOSING";
    case BOUND_INACTIVE: return "BOUND";
    default: return "";
    }
}

/* "1.2.3.4:80", "[::1]:80", or "" for a port of 0. */
static void address_text(char *text, size_t size, int family,
                         const uint32_t *address, uint16_t port,
                         uint32_t interface)
{
    char host[INET6_ADDRSTRLEN];

    text[0] = '\0';
    if (port == 0 || !inet_ntop(family, address, host, sizeof host))
        return;
    if (family == AF_INET)
        (void)snprintf(text, size, "%s:%u", host, ntohs(port));
    else if (interface &&
             IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)address))
        (void)snprintf(text, size, "[%s%%%u]:%u", host, interface,
                       ntohs(port));
    else
        (void)snprintf(text, size, "[%s]:%u", host, ntohs(port));
}

static void visit_message(const struct nlmsghdr *header, int protocol,
                          diag_visit *visit, void *context)
{
    const struct inet_diag_msg *message = NLMSG_DATA(header);
    const struct inet_diag_sockid *id = &message->id;
    char local[WS2EMU_ADDRESS_LENGTH], remote[WS2EMU_ADDRESS_LENGTH];

    if (header->nlmsg_len < NLMSG_LENGTH(sizeof *message))
        return;
    address_text(local, sizeof local, message->idiag_family, id->idiag_src,
                 id->idiag_sport, id->idiag_if);
    address_text(remote, sizeof remote, message->idiag_family, id->idiag_dst,
                 id->idiag_dport, id->idiag_if);
    visit(context, id->idiag_cookie[0] | (uint64_t)id->idiag_cookie[1] << 32,
          protocol, message->idiag_state, local, remote);
}

/* Reads the answer to one dump.  Returns 0 or -errno. */
static int read_dump(int fd, int protocol, diag_visit *visit, void *context)
{
    /* Netlink's messages want this alignment. */
    _Alignas(struct nlmsghdr) char buffer[32768];

    for (;;) {
        ssize_t size = recv(fd, buffer, sizeof buffer, 0);
        const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;

        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size < 0 ? -errno : -EPROTO;
        for (; NLMSG_OK(header, size); header = NLMSG_NEXT(header, size)) {
            if (header->nlmsg_type == NLMSG_DONE)
                return 0;
            if (header->nlmsg_type == NLMSG_ERROR) {
                const struct nlmsgerr *error = NLMSG_DATA(header);

                return error->error ? error->error : -EPROTO;
            }
            if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
                visit_message(header, protocol, visit, context);
        }
    }
}

static int dump(int fd, int family, int protocol, diag_visit *visit,
                void *context)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message = {
        .header = { .nlmsg_len = sizeof message,
                    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
        .request = { .sdiag_family = (uint8_t)family,
                     .sdiag_protocol = (uint8_t)protocol,
                     .idiag_states = UINT32_MAX },
    };

    if (send(fd, &message, sizeof message, 0) < 0)
        return -errno;
    return read_dump(fd, protocol, visit, context);
}

int diag_walk(diag_visit *visit, void *context)
{
    static const int families[] = { AF_INET, AF_INET6 };
    static const int protocols[] = { IPPROTO_TCP, IPPROTO_UDP };
    int error = 0, fd;

    fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return -errno;
    for (int i = 0; !error && i < 2; i++)
        for (int j = 0; !error && j < 2; j++)
            error = dump(fd, families[i], protocols[j], visit, context);
    close(fd);
    return error;
}
