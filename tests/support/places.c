/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports that are bound by their number; see places.h. */
#include "support/places.h"

struct sockaddr_in wildcard(unsigned port)
{
    struct sockaddr_in name = loopback(port);

    name.sin_addr.s_addr = htonl(INADDR_ANY);
    return name;
}

int bind_to(SOCKET s, const struct sockaddr_in *name)
{
    return bind(s, (const struct sockaddr *)name, sizeof(*name));
}

void set_sharing(SOCKET s, enum sharing sharing)
{
    if (sharing == SHARING_REUSE)
        set_int_option(s, SOL_SOCKET, SO_REUSEADDR, 1);
    else if (sharing == SHARING_EXCLUSIVE)
        set_int_option(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
}

/* Bound, and listening, nobody else's; INVALID_SOCKET: taken. */
static SOCKET seize(int type, unsigned port)
{
    SOCKET s = CHECK_SOCKET(socket(AF_INET, type, 0));
    struct sockaddr_in name = wildcard(port);

    set_sharing(s, SHARING_EXCLUSIVE);
    if (bind_to(s, &name) == 0 &&
        (type != SOCK_STREAM || listen(s, 1) == 0))
        return s;
    close_socket(s);
    return INVALID_SOCKET;
}

struct place place_find(int type)
{
    int other = type == SOCK_STREAM ? SOCK_DGRAM : SOCK_STREAM;
    struct place place = {.port = 12000 + test_process_id() * 7 % 18000};

    for (;; place.port++) {
        SOCKET probe;

        CHECK(place.port < 32000);
        place.guard = seize(other, place.port);
        if (place.guard == INVALID_SOCKET)
            continue;
        probe = seize(type, place.port);
        if (probe != INVALID_SOCKET) {
            close_socket(probe);
            return place;
        }
        close_socket(place.guard);
    }
}

void place_leave(struct place *place)
{
    close_socket(place->guard);
}
