/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reservations of ports; see port_reservation.h. */
#include "unix/port_reservation.h"

#include <stdlib.h>

#include "unix/channel.h"
#include "unix/name.h"
#include "unix/path_socket.h"

static int ask(struct descriptor *descriptor,
               struct wire_ports_request *request,
               struct wire_ports_reply *reply)
{
    if (path_socket_is(descriptor))
        return WS2_EOPNOTSUPP;
    request->header.code = WIRE_PORTS;
    return channel_call_for(descriptor, request, &request->slot, NULL, 0,
                            reply);
}

/* --- What is remembered --------------------------------------------------- */

static void remember(struct descriptor *descriptor,
                     struct port_reservation *reservation)
{
    descriptor_table_lock();
    reservation->next = descriptor->reservations;
    descriptor->reservations = reservation;
    descriptor_table_unlock();
}

static void forget_token(struct descriptor *descriptor, void *context)
{
    struct port_reservation **link = &descriptor->reservations, *found;
    const uint64_t *token = context;

    while (*link != NULL && (*link)->token != *token)
        link = &(*link)->next;
    found = *link;
    if (found == NULL)
        return;
    *link = found->next;
    free(found);
}

void port_reservation_forget(struct descriptor *descriptor)
{
    struct port_reservation *reservation;

    while ((reservation = descriptor->reservations) != NULL) {
        descriptor->reservations = reservation->next;
        free(reservation);
    }
}

int port_reservation_describe_locked(const struct descriptor *descriptor,
                                     const struct port_reservation **place,
                                     struct wire_ports_request *ret_request)
{
    *place = *place == NULL ? descriptor->reservations : (*place)->next;
    if (*place == NULL)
        return 0;
    *ret_request = (struct wire_ports_request){
        .header.code = WIRE_PORTS,
        .step = WIRE_PORTS_RENEW,
        .token = (*place)->token,
        .first = (*place)->first,
        .count = (*place)->count,
    };
    return 1;
}

/* --- The control codes ---------------------------------------------------- */

int unix_socket_acquire_ports(ws2_handle s, struct unix_port_block *block)
{
    struct wire_ports_request request = {.step = WIRE_PORTS_ACQUIRE,
                                         .first = block->first,
                                         .count = block->count};
    struct port_reservation *reservation = calloc(1, sizeof(*reservation));
    struct wire_ports_reply reply;
    struct descriptor *descriptor;
    int error;

    if (reservation == NULL)
        return WS2_ENOBUFS;
    error = descriptor_acquire(s, &descriptor);
    if (error)
        goto out;
    error = ask(descriptor, &request, &reply);
    if (!error) {
        block->first = reservation->first = reply.first;
        block->count = reservation->count = reply.count;
        block->token = reservation->token = reply.token;
        remember(descriptor, reservation);
        reservation = NULL;
    }
    descriptor_release(descriptor);
out:
    free(reservation);
    return error;
}

int unix_socket_associate_ports(ws2_handle s, uint64_t token)
{
    struct wire_ports_request request = {.step = WIRE_PORTS_ASSOCIATE,
                                         .token = token};
    struct wire_ports_reply reply;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = name_is_bound(descriptor)
                ? WS2_EINVAL
                : ask(descriptor, &request, &reply);
    descriptor_release(descriptor);
    return error;
}

int unix_socket_release_ports(ws2_handle s, uint64_t token)
{
    struct wire_ports_request request = {.step = WIRE_PORTS_RELEASE,
                                         .token = token};
    struct wire_ports_reply reply;
    struct descriptor *descriptor;
    int error = descriptor_acquire(s, &descriptor);

    if (error)
        return error;
    error = ask(descriptor, &request, &reply);
    if (!error) {
        descriptor_table_lock();
        descriptor_for_each(forget_token, &token);
        descriptor_table_unlock();
    }
    descriptor_release(descriptor);
    return error;
}
