/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports for programs of libws2_32.so that have no Windows kernel
 * around them, and the calls of kernel32 that belong to overlapped sockets.
 *
 * Each call does what the one of kernel32 or ntdll does that its comment
 * names, and returns 0 or an error of Windows (WSA_INVALID_HANDLE 6, ...).  A
 * packet tells an NTSTATUS, as NtRemoveIoCompletion does; what it means in
 * Winsock is what WSAGetOverlappedResult says of the OVERLAPPED.  A packet of
 * ProcessSocketNotifications has no OVERLAPPED; its `bytes` are the events.
 *
 * A layer that embeds the library and has registered `complete` (see
 * <ws2emu/embed.h>) has ports of its own: it calls ws2emu_port_associate with
 * them, and gets the packets by that callback.
 *
 * The calls may be made on any thread.  The header needs neither Windows nor
 * POSIX headers.
 */
#ifndef WS2EMU_PORT_H
#define WS2EMU_PORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ws2emu_packet {
    uint64_t key;
    void *overlapped;
    uint32_t status; /* NTSTATUS */
    uint32_t bytes;
};

enum {
    WS2EMU_PORT_TIMEOUT = 258,       /* WAIT_TIMEOUT */
    WS2EMU_PORT_ABANDONED = 735,     /* the port was closed meanwhile */
    WS2EMU_PORT_IO_COMPLETION = 192, /* APCs ran instead */
};

/* CreateIoCompletionPort without a file. */
int ws2emu_port_create(uint64_t *ret_port);

/* CloseHandle: ends the waits of other threads; the packets in it are lost. */
int ws2emu_port_close(uint64_t port);

/* CreateIoCompletionPort with a SOCKET: from now on its operations, also those
   under way, queue packets with the key.  WSA_INVALID_PARAMETER (87): the
   socket has a port; WSAENOTSOCK. */
int ws2emu_port_associate(uint64_t port, uint64_t socket, uint64_t key);

/* PostQueuedCompletionStatus. */
int ws2emu_port_post(uint64_t port, const struct ws2emu_packet *packet);

/*
 * GetQueuedCompletionStatusEx: takes up to n_packets, waiting up to timeout ms
 * (UINT32_MAX: for ever) for the first.  alertable: also for APCs of the
 * calling thread, which then run.  WS2EMU_PORT_TIMEOUT, WS2EMU_PORT_ABANDONED,
 * WS2EMU_PORT_IO_COMPLETION: nothing was taken.
 */
int ws2emu_port_get(uint64_t port, struct ws2emu_packet *packets,
                    uint32_t n_packets, uint32_t timeout, int alertable,
                    uint32_t *ret_count);

/* SetFileCompletionNotificationModes: 1 no packet when an operation succeeds at
   once, 2 the handle itself is not signalled. */
int ws2emu_set_notification_modes(uint64_t socket, uint32_t modes);

/* CancelIoEx: the operation of that OVERLAPPED, or with NULL all that pend on
   the socket in this process, and the blocking calls of other threads, which
   fail with WSA_OPERATION_ABORTED.  ERROR_NOT_FOUND (1168): there is none. */
int ws2emu_cancel(uint64_t socket, void *overlapped);

/* CancelIo: what the calling thread has started on the socket. */
int ws2emu_cancel_of_thread(uint64_t socket);

#ifdef __cplusplus
}
#endif

#endif
