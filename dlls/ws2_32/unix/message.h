/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages (WSASendMsg, WSARecvMsg): a transfer with control data and a name.
 *
 * As a transfer, a message is prepared, takes steps that never wait, and a
 * received one is then delivered to the program's memory.  It points into
 * itself and stays where it was prepared.
 */
#ifndef WS2EMU_UNIX_MESSAGE_H
#define WS2EMU_UNIX_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "unix/boundary.h"
#include "unix/control_data.h"
#include "unix/transfer.h"

struct message {
    struct transfer transfer; /* descriptor and overlapped: set by the caller */
    struct sockaddr_storage name;
    /* The kernel wants it aligned. */
    _Alignas(8) uint8_t control[CONTROL_DATA_ROOM + GROUP_SOCKET_SOURCE_ROOM];
    /* Of one that was received, for the program. */
    uint8_t converted[CONTROL_DATA_ROOM];
    uint32_t converted_length, flags;
    int64_t stamp_id; /* of one that is sent, -1: none */
};

/* After success, transfer_send and transfer_receive take the steps, and
   transfer_free ends it.  WS2_EINVAL: a stream, or bad control data; else as
   transfer_prepare_*. */
int message_prepare_send(struct message *message,
                         const struct unix_message *program, uint32_t flags);
/* The kernel has taken it. */
void message_sent(const struct message *message, struct descriptor *descriptor);
int message_prepare_receive(struct message *message,
                            const struct unix_message *program);

/* After a step that received a message (error: 0 or WS2_EMSGSIZE): converts
   what came with it; room is the program's for control data. */
void message_convert(struct message *message, int error, uint32_t room);
/* Hands it to the program: name and control to its memory; the lengths and
   flags into program.  Needs no descriptor.  Returns the call's result: the
   error, or WS2_EMSGSIZE when control data was cut. */
int message_deliver(const struct message *message, int error,
                    struct unix_message *program);

/* A call that is not overlapped, on a socket whose overlapped ones pend: it
   comes after them.  Takes over the reference of the descriptor. */
int message_send_behind(struct descriptor *descriptor,
                        const struct unix_message *program, uint32_t flags,
                        uint32_t *ret_count);
int message_receive_behind(struct descriptor *descriptor,
                           struct unix_message *program, uint32_t *ret_count);

#endif
