/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports, and cancelling: kernel32's calls in Wine, those of
 * <ws2emu/port.h> natively.  ports_native.c and ports_wine.c.
 */
#ifndef TESTS_SUPPORT_PORTS_H
#define TESTS_SUPPORT_PORTS_H

#include <stdint.h>

struct packet {
    uint64_t key;
    void *overlapped;
    uint32_t status; /* NTSTATUS */
    uint32_t bytes;
};

uint64_t port_create(void);
void port_close(uint64_t port);
/* 0 or an error of Windows. */
int port_associate(uint64_t port, uint64_t s, uint64_t key);
void port_post(uint64_t port, const struct packet *packet);
/* 1: it was there within ms. */
int port_get(uint64_t port, int ms, struct packet *ret_packet);

/* SetFileCompletionNotificationModes; 0 or an error of Windows. */
int port_set_modes(uint64_t s, unsigned modes);

/* CancelIoEx, CancelIo; 0 or an error of Windows. */
int cancel_operation(uint64_t s, void *overlapped);
int cancel_of_thread(uint64_t s);

#endif
