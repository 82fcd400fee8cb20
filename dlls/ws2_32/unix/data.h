/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the data calls do with a transfer that is not overlapped: wait as the
   socket's mode wants, and tell the server of it. */
#ifndef WS2EMU_UNIX_DATA_H
#define WS2EMU_UNIX_DATA_H

#include <stdint.h>

#include "unix/transfer.h"

/* Both end with transfer_free; flags are Winsock's MSG_* of the call. */
int data_send(struct transfer *transfer, uint32_t *ret_count);
/* *ret_count is written on success and with WS2_EMSGSIZE. */
int data_receive(struct transfer *transfer, uint32_t flags,
                 uint32_t *ret_count);
/* A receive that could not be prepared re-enables its event all the same. */
void data_receive_refused(struct descriptor *descriptor, uint32_t flags);

#endif
