/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a snapshot: kinds, events, and the kernel's part of each socket
 * as text.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include <ws2emu/constants.h>

#include "diag.h"
#include "inspect.h"

struct name {
    uint32_t value;
    const char *text;
};

static const struct name protocols[] = {
    { WS2_IPPROTO_ICMP, "icmp" },
    { WS2_IPPROTO_TCP, "tcp" },
    { WS2_IPPROTO_UDP, "udp" },
    { WS2_IPPROTO_ICMPV6, "icmpv6" },
};

static const struct name families[] = {
    { WS2_AF_UNIX, "unix" },
    { WS2_AF_INET, "ipv4" },
    { WS2_AF_INET6, "ipv6" },
};

static const struct name events[] = {
    { WS2_FD_READ, "FD_READ" },
    { WS2_FD_WRITE, "FD_WRITE" },
    { WS2_FD_OOB, "FD_OOB" },
    { WS2_FD_ACCEPT, "FD_ACCEPT" },
    { WS2_FD_CONNECT, "FD_CONNECT" },
    { WS2_FD_CLOSE, "FD_CLOSE" },
    { WS2_FD_QOS, "FD_QOS" },
    { WS2_FD_GROUP_QOS, "FD_GROUP_QOS" },
    { WS2_FD_ROUTING_INTERFACE_CHANGE, "FD_ROUTING_INTERFACE_CHANGE" },
    { WS2_FD_ADDRESS_LIST_CHANGE, "FD_ADDRESS_LIST_CHANGE" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The text of a value, or its number, written to room. */
static const char *name_of(const struct name *names, size_t n, int value,
                           char *room, size_t size)
{
    for (size_t i = 0; i < n; i++)
        if ((int)names[i].value == value)
            return names[i].text;
    (void)snprintf(room, size, "%d", value);
    return room;
}

INSPECT_EXPORT
void ws2emu_kind_name(const struct ws2emu_socket *socket, char *name,
                      size_t size)
{
    char protocol[16], family[16];

    if (socket->family == WS2_AF_UNIX) { /* has no protocols */
        (void)snprintf(name, size, "stream/unix");
        return;
    }
    (void)snprintf(name, size, "%s/%s",
                   socket->type == WS2_SOCK_RAW
                       ? "raw"
                       : name_of(protocols, COUNT(protocols),
                                 socket->protocol, protocol, sizeof protocol),
                   name_of(families, COUNT(families), socket->family, family,
                           sizeof family));
}

INSPECT_EXPORT
void ws2emu_events_name(uint32_t mask, char *name, size_t size)
{
    size_t used = 0;

    if (size > 0)
        name[0] = '\0';
    for (size_t i = 0; i < COUNT(events); i++) {
        int n;

        if (!(mask & events[i].value))
            continue;
        n = snprintf(name + used, size - used, "%s%s", used ? "|" : "",
                     events[i].text);
        if (n < 0 || (size_t)n >= size - used)
            return;
        used += (size_t)n;
    }
}

static void add_state(void *context, uint64_t cookie, int protocol, int state,
                      const char *local, const char *remote)
{
    struct ws2emu_socket *socket = snapshot_find(context, cookie);

    if (!socket)
        return;
    if (protocol == WS2_IPPROTO_TCP)
        (void)snprintf(socket->state, sizeof socket->state, "%s",
                       diag_state_name(state));
    (void)snprintf(socket->local, sizeof socket->local, "%s", local);
    (void)snprintf(socket->remote, sizeof socket->remote, "%s", remote);
}

void snapshot_add_kernel_state(struct ws2emu_snapshot *snapshot)
{
    int known = diag_walk(add_state, snapshot) == 0;

    for (size_t i = 0; i < snapshot->n_sockets; i++) {
        struct ws2emu_socket *socket = &snapshot->sockets[i];

        socket->has_kernel_state = known;
        /* The kernel lists no socket that is neither bound nor connected. */
        if (known && !socket->state[0] && socket->protocol == WS2_IPPROTO_TCP)
            (void)snprintf(socket->state, sizeof socket->state, "%s",
                           diag_state_name(TCP_CLOSE));
    }
}
