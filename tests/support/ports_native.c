/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion ports of libws2_32.so; see ports.h. */
#include "support/ports.h"

#include <string.h>

#include <ws2emu/port.h>

#include "support/harness.h"

_Static_assert(sizeof(struct packet) == sizeof(struct ws2emu_packet),
               "the two packets are one");

uint64_t port_create(void)
{
    uint64_t port = 0;

    CHECK_EQ(ws2emu_port_create(&port), 0);
    return port;
}

void port_close(uint64_t port)
{
    CHECK_EQ(ws2emu_port_close(port), 0);
}

int port_associate(uint64_t port, uint64_t s, uint64_t key)
{
    return ws2emu_port_associate(port, s, key);
}

void port_post(uint64_t port, const struct packet *packet)
{
    struct ws2emu_packet copy;

    memcpy(&copy, packet, sizeof(copy));
    CHECK_EQ(ws2emu_port_post(port, &copy), 0);
}

int port_get(uint64_t port, int ms, struct packet *ret_packet)
{
    struct ws2emu_packet packet;
    uint32_t count;
    int error = ws2emu_port_get(port, &packet, 1, (uint32_t)ms, 0, &count);

    if (error)
        CHECK_EQ(error, WS2EMU_PORT_TIMEOUT);
    else
        memcpy(ret_packet, &packet, sizeof(packet));
    return !error;
}

int port_set_modes(uint64_t s, unsigned modes)
{
    return ws2emu_set_notification_modes(s, modes);
}

int cancel_operation(uint64_t s, void *overlapped)
{
    return ws2emu_cancel(s, overlapped);
}

int cancel_of_thread(uint64_t s)
{
    return ws2emu_cancel_of_thread(s);
}
