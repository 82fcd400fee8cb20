/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ProcessSocketNotifications, and a connection with a port, for the suites of
 * socket notifications.
 */
#ifndef TESTS_SUPPORT_NOTIFICATIONS_H
#define TESTS_SUPPORT_NOTIFICATIONS_H

#include "support/ports.h"
#include "support/sockets.h"

/* The key of all registrations of notify_registration. */
#define NOTIFY_KEY 0x1234u
#define NOTIFY_TIMED_OUT 258u /* WAIT_TIMEOUT */
#define NOTIFY_TIME 10000     /* ms, for what is sure to come */

/* Short for SOCK_NOTIFY_*; IN and OUT are Windows' words. */
#define READY SOCK_NOTIFY_REGISTER_EVENT_IN
#define ROOM SOCK_NOTIFY_REGISTER_EVENT_OUT
#define HANGUP SOCK_NOTIFY_REGISTER_EVENT_HANGUP
#define LEVEL SOCK_NOTIFY_TRIGGER_LEVEL
#define EDGE SOCK_NOTIFY_TRIGGER_EDGE
#define ONCE SOCK_NOTIFY_TRIGGER_ONESHOT
#define PERSISTENT SOCK_NOTIFY_TRIGGER_PERSISTENT

/* The call itself, which older import libraries do not have. */
DWORD notify_process(uint64_t port, UINT32 n_infos,
                     SOCK_NOTIFY_REGISTRATION *infos, UINT32 ms,
                     ULONG n_entries, OVERLAPPED_ENTRY *entries,
                     UINT32 *received);

SOCK_NOTIFY_REGISTRATION notify_registration(SOCKET s, unsigned operation,
                                             unsigned events,
                                             unsigned trigger);
/* Processes it alone; returns its registrationResult. */
DWORD notify_result(uint64_t port, SOCK_NOTIFY_REGISTRATION info);
/* SOCK_NOTIFY_OP_ENABLE succeeds. */
void notify_enable(uint64_t port, SOCKET s, unsigned events, unsigned trigger);
/* The result of another operation. */
DWORD notify_operate(uint64_t port, SOCKET s, unsigned operation);

/* The next packet within ms: its events, and 0 when there is none. */
UINT32 notify_events(uint64_t port, int ms);
/* The same, in time. */
UINT32 notify_awaited(uint64_t port);
/* None comes for TEST_QUIET_MS. */
void notify_check_none(uint64_t port);

/* A connection, whose server end does not block, and a port. */
struct notify_scene {
    SOCKET client, server; /* INVALID_SOCKET: closed already */
    uint64_t port;
};
void notify_scene_open(struct notify_scene *scene);
void notify_scene_close(struct notify_scene *scene);

#endif
