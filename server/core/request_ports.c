/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PORTS: reservations of ports; see reservation.c. */
#include "core/client.h"
#include "core/holder.h"
#include "core/request.h"
#include "core/reservation.h"
#include "core/socket.h"

/* The protocol of the socket's ports, or 0. */
static uint32_t protocol_of(const struct socket *socket)
{
    if (socket->kind.family == WS2_AF_UNIX)
        return 0;
    return socket->kind.type == WS2_SOCK_STREAM  ? WS2_IPPROTO_TCP
           : socket->kind.type == WS2_SOCK_DGRAM ? WS2_IPPROTO_UDP
                                                 : 0;
}

int request_ports(struct request *request,
                  const struct wire_ports_request *frame,
                  struct wire_ports_reply *reply)
{
    struct port_range range = { .first = frame->first, .count = frame->count };
    struct client *client = request->client;
    struct holder *holder;
    int error = request_find_holder(request, frame->slot, &holder);

    if (error)
        return error;
    range.protocol = protocol_of(holder->socket);
    if (range.protocol == 0)
        return WS2_EOPNOTSUPP;
    switch (frame->step) {
    case WIRE_PORTS_ACQUIRE:
        error = reservation_acquire(client, holder->socket, &range,
                                    &reply->token);
        break;
    case WIRE_PORTS_ASSOCIATE:
        return reservation_associate(client, holder->socket, range.protocol,
                                     frame->token);
    case WIRE_PORTS_RELEASE:
        return reservation_release(client, range.protocol, frame->token);
    case WIRE_PORTS_RENEW:
        return reservation_renew(client, holder->socket, &range, frame->token);
    default:
        return WS2_EINVAL;
    }
    reply->first = range.first;
    reply->count = range.count;
    return error;
}
