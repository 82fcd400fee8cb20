/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ProcessSocketNotifications: registers sockets for notifications on a
 * completion port, and takes packets off the port.
 *
 * There is nothing of it in the SPI: sockets of other providers are none to it.
 */
#include <winsock2.h>

#include "host/host.h"
#include "provider/provider.h"
#include "unix/notification.h"

C_ASSERT(SOCK_NOTIFY_EVENT_IN == UNIX_NOTIFY_IN);
C_ASSERT(SOCK_NOTIFY_EVENT_OUT == UNIX_NOTIFY_OUT);
C_ASSERT(SOCK_NOTIFY_EVENT_HANGUP == UNIX_NOTIFY_HANGUP);
C_ASSERT(SOCK_NOTIFY_EVENT_ERR == UNIX_NOTIFY_ERROR);
C_ASSERT(SOCK_NOTIFY_EVENT_REMOVE == UNIX_NOTIFY_REMOVED);
C_ASSERT(sizeof(struct host_packet) == sizeof(OVERLAPPED_ENTRY));
C_ASSERT(sizeof(SOCK_NOTIFY_REGISTRATION) == 24);

/* --- Registrations -------------------------------------------------------- */

static BOOL is_one_of(unsigned int flags, unsigned int first,
                      unsigned int second)
{
    return (flags & (first | second)) == first ||
           (flags & (first | second)) == second;
}

/* What is not said to be one-shot is persistent. */
static int enable(const SOCK_NOTIFY_REGISTRATION *info, uint64_t port)
{
    const unsigned int trigger = info->triggerFlags;
    uint32_t flags = 0;

    if (info->eventFilter & ~SOCK_NOTIFY_REGISTER_EVENTS_ALL ||
        trigger & ~(unsigned int)SOCK_NOTIFY_TRIGGER_ALL ||
        !is_one_of(trigger, SOCK_NOTIFY_TRIGGER_LEVEL,
                   SOCK_NOTIFY_TRIGGER_EDGE) ||
        (trigger & SOCK_NOTIFY_TRIGGER_ONESHOT &&
         trigger & SOCK_NOTIFY_TRIGGER_PERSISTENT))
        return WSAEINVAL;
    if (trigger & SOCK_NOTIFY_TRIGGER_ONESHOT)
        flags |= UNIX_NOTIFY_ONCE;
    if (trigger & SOCK_NOTIFY_TRIGGER_EDGE)
        flags |= UNIX_NOTIFY_EDGE;
    host_completion_port_hold(port);
    return unix_notification_enable(
        info->socket, port, (uint64_t)(ULONG_PTR)info->completionKey,
        info->eventFilter, flags);
}

static int process(const SOCK_NOTIFY_REGISTRATION *info, uint64_t port)
{
    switch (info->operation) {
    case SOCK_NOTIFY_OP_NONE: return 0;
    case SOCK_NOTIFY_OP_ENABLE: return enable(info, port);
    case SOCK_NOTIFY_OP_DISABLE:
        return unix_notification_disable(info->socket, port);
    case SOCK_NOTIFY_OP_REMOVE:
        return unix_notification_remove(info->socket, port);
    default: return WSAEINVAL;
    }
}

/* Each has its own result. */
static void process_all(SOCK_NOTIFY_REGISTRATION *infos, UINT32 count,
                        uint64_t port)
{
    SOCK_NOTIFY_REGISTRATION info;
    UINT32 i;

    for (i = 0; i < count; i++) {
        if (unix_memory_read(&info, &infos[i], sizeof(info)))
            return;
        info.registrationResult = (DWORD)process(&info, port);
        unix_memory_write(&infos[i].registrationResult,
                          &info.registrationResult,
                          sizeof(info.registrationResult));
    }
}

/* --- The call ------------------------------------------------------------- */

static int check_registrations(const SOCK_NOTIFY_REGISTRATION *infos,
                               UINT32 count)
{
    if ((count == 0) != (infos == NULL))
        return WSAEINVAL;
    return count == 0 ? 0
                      : unix_memory_check(infos,
                                          (uint64_t)count * sizeof(*infos), 1);
}

static int check_packets(UINT32 timeout, ULONG count,
                         const OVERLAPPED_ENTRY *entries,
                         const UINT32 *received)
{
    int error;

    if (count == 0)
        return timeout || entries || received ? WSAEINVAL : 0;
    if (!entries || !received)
        return WSAEINVAL;
    error = unix_memory_check(entries, (uint64_t)count * sizeof(*entries), 1);
    return error ? error : unix_memory_check(received, sizeof(*received), 1);
}

DWORD provider_process_notifications(
    HANDLE completionPort, UINT32 registrationCount,
    SOCK_NOTIFY_REGISTRATION *registrationInfos, UINT32 timeoutMs,
    ULONG completionCount, OVERLAPPED_ENTRY *completionPortEntries,
    UINT32 *receivedEntryCount)
{
    const uint64_t handle = (uint64_t)(ULONG_PTR)completionPort;
    uint64_t port;
    int error;

    error = check_registrations(registrationInfos, registrationCount);
    if (!error)
        error = check_packets(timeoutMs, completionCount,
                              completionPortEntries, receivedEntryCount);
    if (!error && !host_completion_ports_are_own())
        error = WSAEOPNOTSUPP;
    if (!error)
        error = host_completion_port_open(handle, &port);
    if (error)
        return (DWORD)error;
    process_all(registrationInfos, registrationCount, port);
    host_completion_port_close(port);
    if (completionCount == 0)
        return 0;
    *receivedEntryCount = 0;
    return (DWORD)host_completion_port_take(
        handle, (struct host_packet *)completionPortEntries, completionCount,
        timeoutMs, receivedEntryCount);
}
