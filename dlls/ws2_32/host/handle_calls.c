/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the API said that is to be done with its own handles; see host.h. */
#include <ws2emu/constants.h>

#include "host/host.h"

static int is_no_socket(uint64_t handle)
{
    (void)handle;
    return 0;
}

static int associate_none(uint64_t handle, uint64_t port, uint64_t key)
{
    (void)handle, (void)port, (void)key;
    return WS2_ENOTSOCK;
}

static const struct host_handle_calls no_calls = {
    .is_socket = is_no_socket,
    .associate = associate_none,
};

static const struct host_handle_calls *the_calls = &no_calls; /* atomic */

void host_set_handle_calls(const struct host_handle_calls *calls)
{
    __atomic_store_n(&the_calls, calls, __ATOMIC_RELEASE);
}

const struct host_handle_calls *host_handle_calls(void)
{
    return __atomic_load_n(&the_calls, __ATOMIC_ACQUIRE);
}
