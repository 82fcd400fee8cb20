/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Control codes: what a handler gets, and the handlers that have files of their
 * own.
 *
 * A handler sees buffers of valid sizes, not valid pointers: it goes through
 * unix_memory_read and unix_memory_write.  It returns 0 or an error, and sets
 * *ret_size to the size of its answer, or with WSAEFAULT to the size that was
 * needed.
 */
#ifndef WS2EMU_PROVIDER_IOCTL_H
#define WS2EMU_PROVIDER_IOCTL_H

#include "provider/provider.h"

struct ioctl_call {
    SOCKET s;
    struct unix_identity identity;
    const void *in;
    DWORD in_size;
    void *out;
    DWORD out_size;
    LPWSAOVERLAPPED overlapped; /* NULL: the call is not overlapped */
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    const WSATHREADID *thread; /* the routine's; NULL: the calling one */
};

typedef int ioctl_handler(const struct ioctl_call *call, DWORD *ret_size);

/* ioctl_address.c */
ioctl_handler ioctl_get_address_list, ioctl_sort_addresses,
    ioctl_get_interface_list, ioctl_get_routing_interface,
    ioctl_get_broadcast_address, ioctl_wait_address_list,
    ioctl_wait_routing_interface;

/* ioctl_extension.c */
ioctl_handler ioctl_get_extension_function, ioctl_get_extension_functions;

/* ioctl_ports.c */
ioctl_handler ioctl_acquire_ports, ioctl_associate_ports, ioctl_release_ports;

/* ioctl_time_stamp.c */
ioctl_handler ioctl_set_time_stamps, ioctl_take_sent_stamp;

/* ioctl_tcp.c */
ioctl_handler ioctl_set_keepalive, ioctl_get_tcp_info, ioctl_set_initial_rto,
    ioctl_set_ack_frequency, ioctl_get_send_backlog, ioctl_wait_send_backlog,
    ioctl_set_priority_hint, ioctl_set_compatibility_mode;

/* Waits for a change (UNIX_CHANGE_*) as the call does; WSA_IO_PENDING: the
   program will be told. */
int ioctl_wait_for_change(const struct ioctl_call *call, int what);
/* Sets an option of the socket to a number. */
int ioctl_set_option(const struct ioctl_call *call, int level, int name,
                     int value);
/* The start of the input, which may be shorter than the number. */
int ioctl_read_number(const struct ioctl_call *call, DWORD *ret_number);

#endif
