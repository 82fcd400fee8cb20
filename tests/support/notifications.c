/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See notifications.h. */
#include "support/notifications.h"

#include "support/exports.h"

/* --- The call ------------------------------------------------------------- */

typedef DWORD(WINAPI *process_function)(HANDLE, UINT32,
                                        SOCK_NOTIFY_REGISTRATION *, UINT32,
                                        ULONG, OVERLAPPED_ENTRY *, UINT32 *);

DWORD notify_process(uint64_t port, UINT32 n_infos,
                     SOCK_NOTIFY_REGISTRATION *infos, UINT32 ms,
                     ULONG n_entries, OVERLAPPED_ENTRY *entries,
                     UINT32 *received)
{
    process_function function =
        (process_function)export_named("ProcessSocketNotifications");

    CHECK_THAT(function != NULL, "there is no ProcessSocketNotifications");
    return function((HANDLE)(ULONG_PTR)port, n_infos, infos, ms, n_entries,
                    entries, received);
}

SOCK_NOTIFY_REGISTRATION notify_registration(SOCKET s, unsigned operation,
                                             unsigned events, unsigned trigger)
{
    return (SOCK_NOTIFY_REGISTRATION){
        .socket = s,
        .completionKey = (void *)(ULONG_PTR)NOTIFY_KEY,
        .eventFilter = (UINT16)events,
        .operation = (UINT8)operation,
        .triggerFlags = (UINT8)trigger,
        .registrationResult = 0xabcd,
    };
}

DWORD notify_result(uint64_t port, SOCK_NOTIFY_REGISTRATION info)
{
    CHECK_EQ(notify_process(port, 1, &info, 0, 0, NULL, NULL), 0);
    return info.registrationResult;
}

void notify_enable(uint64_t port, SOCKET s, unsigned events, unsigned trigger)
{
    CHECK_EQ(notify_result(port, notify_registration(s, SOCK_NOTIFY_OP_ENABLE,
                                                     events, trigger)),
             0);
}

DWORD notify_operate(uint64_t port, SOCKET s, unsigned operation)
{
    return notify_result(port, notify_registration(s, operation, 0, 0));
}

UINT32 notify_events(uint64_t port, int ms)
{
    OVERLAPPED_ENTRY entry;
    UINT32 received = 77;
    DWORD error =
        notify_process(port, 0, NULL, (UINT32)ms, 1, &entry, &received);

    if (error == NOTIFY_TIMED_OUT) {
        CHECK_EQ(received, 0);
        return 0;
    }
    CHECK_EQ(error, 0);
    CHECK_EQ(received, 1);
    CHECK_EQ(entry.lpCompletionKey, NOTIFY_KEY);
    return SocketNotificationRetrieveEvents(&entry);
}

UINT32 notify_awaited(uint64_t port)
{
    return notify_events(port, test_timeout(NOTIFY_TIME));
}

void notify_check_none(uint64_t port)
{
    CHECK_EQ(notify_events(port, TEST_QUIET_MS), 0);
}

/* --- Scenes --------------------------------------------------------------- */

void notify_scene_open(struct notify_scene *scene)
{
    tcp_pair(&scene->client, &scene->server);
    set_nonblocking(scene->server, 1);
    scene->port = port_create();
}

void notify_scene_close(struct notify_scene *scene)
{
    if (scene->client != INVALID_SOCKET)
        close_socket(scene->client);
    if (scene->server != INVALID_SOCKET)
        close_socket(scene->server);
    port_close(scene->port);
}
