/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes of the machine's network.
 *
 * SIO_ADDRESS_LIST_CHANGE and SIO_ROUTING_INTERFACE_CHANGE on a non-blocking
 * socket make it await a change: the next one of the socket's family is
 * recorded as its network event, once.  While sockets await one, and from then
 * on, the server listens to the kernel's notices of addresses and routes.
 */
#include "core/network_changes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "core/network_events.h"
#include "core/observation.h"
#include "core/monitor.h"
#include "core/server.h"
#include "core/socket.h"
#include "util/fd.h"

enum {
    AWAITABLE = WS2_FD_ADDRESS_LIST_CHANGE | WS2_FD_ROUTING_INTERFACE_CHANGE,
};

void network_changes_init(struct network_changes *changes)
{
    memset(changes, 0, sizeof *changes);
    list_init(&changes->sockets);
    changes->fd = -1;
}

/* No socket awaits anything any more. */
void network_changes_deinit(struct server *server)
{
    struct network_changes *changes = &server->changes;

    if (changes->fd >= 0)
        loop_remove(&server->loop, &changes->source);
    fd_close(&changes->fd);
}

/* Such a change has happened, to addresses of the family. */
static void note(struct server *server, uint32_t family, uint32_t events)
{
    struct list *link, *following;

    list_for_each(link, following, &server->changes.sockets) {
        struct socket *socket = list_entry(link, struct socket, in_awaiting);
        uint32_t happened = socket->awaited_changes & events;

        if (!happened || socket->kind.family != family)
            continue;
        socket->awaited_changes &= ~happened;
        if (!socket->awaited_changes)
            list_remove(&socket->in_awaiting);
        monitor_occurred(socket, happened);
    }
}

static void note_message(struct server *server, const struct nlmsghdr *message)
{
    const struct rtgenmsg *content = NLMSG_DATA(message);
    uint32_t event;

    switch (message->nlmsg_type) {
    case RTM_NEWADDR:
    case RTM_DELADDR: event = WS2_FD_ADDRESS_LIST_CHANGE; break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE: event = WS2_FD_ROUTING_INTERFACE_CHANGE; break;
    default: return;
    }
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof *content))
        return;
    note(server,
         content->rtgen_family == AF_INET6 ? WS2_AF_INET6 : WS2_AF_INET,
         event);
}

/* Notices that the kernel could not keep: anything may have changed. */
static void note_all(struct server *server)
{
    note(server, WS2_AF_INET, AWAITABLE);
    note(server, WS2_AF_INET6, AWAITABLE);
}

static void notices_ready(struct loop_source *source, uint32_t events)
{
    struct network_changes *changes =
        list_entry(source, struct network_changes, source);
    struct server *server = list_entry(changes, struct server, changes);
    _Alignas(struct nlmsghdr) char buffer[16384];
    const struct nlmsghdr *message;
    ssize_t length;
    unsigned left;

    (void)events;
    while ((length = recv(changes->fd, buffer, sizeof buffer, 0)) > 0) {
        left = (unsigned)length;
        for (message = (const struct nlmsghdr *)buffer;
             NLMSG_OK(message, left); message = NLMSG_NEXT(message, left))
            note_message(server, message);
    }
    if (length < 0 && errno == ENOBUFS)
        note_all(server);
}

static int start_listening(struct server *server)
{
    struct network_changes *changes = &server->changes;
    struct sockaddr_nl name = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
    };

    if (changes->fd >= 0)
        return 0;
    changes->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                         NETLINK_ROUTE);
    if (changes->fd < 0)
        return WS2_ENOBUFS;
    loop_source_init(&changes->source, notices_ready);
    if (bind(changes->fd, (const struct sockaddr *)&name, sizeof name) < 0 ||
        loop_add(&server->loop, &changes->source, changes->fd, EPOLLIN)) {
        fd_close(&changes->fd);
        return WS2_ENETDOWN;
    }
    return 0;
}

/* The socket awaits a change.  WS2_EINVAL: not one that can be awaited. */
int network_changes_await(struct socket *socket, uint64_t event)
{
    int error;

    if (event != WS2_FD_ADDRESS_LIST_CHANGE &&
        event != WS2_FD_ROUTING_INTERFACE_CHANGE)
        return WS2_EINVAL;
    error = start_listening(socket->server);
    if (error)
        return error;
    if (!socket->awaited_changes)
        list_append(&socket->server->changes.sockets, &socket->in_awaiting);
    socket->awaited_changes |= (uint32_t)event;
    return 0;
}

/* The socket ends. */
void network_changes_forget(struct socket *socket)
{
    list_remove(&socket->in_awaiting);
}
