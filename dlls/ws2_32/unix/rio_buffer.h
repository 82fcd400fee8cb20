/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registered buffers: what a RIO_BUF of the program's stands for. */
#ifndef WS2EMU_UNIX_RIO_BUFFER_H
#define WS2EMU_UNIX_RIO_BUFFER_H

#include "unix/rio.h"

/* The memory of a slice.  slice: the program's, not NULL.  WS2_EFAULT: bad, or
   of no registered buffer; WS2_EINVAL: beyond the buffer's end. */
int rio_buffer_resolve(const struct unix_rio_slice *slice,
                       struct unix_buffer *ret_memory);

/* In the child of a fork. */
void rio_buffers_forget(void);

#endif
