/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Overlapped operations; see operation.h. */
#include "unix/operation.h"

/* Not offered yet. */
int unix_socket_start_send(ws2_handle s,
                           const struct unix_completion *completion,
                           const struct unix_buffer *buffers,
                           uint32_t n_buffers, uint32_t flags,
                           const void *name, int length,
                           struct unix_result *ret_result)
{
    (void)s, (void)completion, (void)buffers, (void)n_buffers, (void)flags;
    (void)name, (void)length, (void)ret_result;
    return WS2_EOPNOTSUPP;
}

int unix_socket_start_receive(ws2_handle s,
                              const struct unix_completion *completion,
                              const struct unix_buffer *buffers,
                              uint32_t n_buffers, uint32_t flags, void *name,
                              int *length, struct unix_result *ret_result)
{
    (void)s, (void)completion, (void)buffers, (void)n_buffers, (void)flags;
    (void)name, (void)length, (void)ret_result;
    return WS2_EOPNOTSUPP;
}

int unix_socket_report(ws2_handle s, const struct unix_completion *completion,
                       const struct unix_result *result)
{
    (void)s, (void)completion, (void)result;
    return WS2_EOPNOTSUPP;
}

int unix_socket_associate(ws2_handle s, uint64_t port, uint64_t key)
{
    (void)s, (void)port, (void)key;
    return WS2_EOPNOTSUPP;
}

int unix_socket_set_notification_modes(ws2_handle s, uint32_t modes)
{
    (void)s, (void)modes;
    return WS2_EOPNOTSUPP;
}

int unix_socket_cancel(ws2_handle s, const void *status_block,
                       int calling_thread, uint32_t *ret_count)
{
    (void)s, (void)status_block, (void)calling_thread, (void)ret_count;
    return WS2_EOPNOTSUPP;
}

void unix_thread_ended(uint64_t thread)
{
    (void)thread;
}
