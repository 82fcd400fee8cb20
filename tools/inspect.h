/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of libws2ctl share. */
#ifndef WS2CTL_INSPECT_H
#define WS2CTL_INSPECT_H

#include <ws2emu/inspect.h>

#define INSPECT_EXPORT __attribute__((visibility("default")))

/* The socket with a cookie, or NULL. */
struct ws2emu_socket *snapshot_find(const struct ws2emu_snapshot *snapshot,
                                    uint64_t cookie);

/* Fills in state and addresses from the kernel, where it tells them. */
void snapshot_add_kernel_state(struct ws2emu_snapshot *snapshot);

#endif
