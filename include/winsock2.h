/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's winsock2.h, beside libc's headers in any order.
 *
 * Outside of Windows' own C libraries Wine's header expects gethostname from
 * <unistd.h>: libc's, with another calling convention.  Winsock's is declared
 * here.
 *
 * Socket notifications (ProcessSocketNotifications) are of Windows 11 and
 * Server 2022, and not in every header.
 */
#ifndef WS2EMU_WINSOCK2_H
#define WS2EMU_WINSOCK2_H

#pragma GCC system_header

#include <ws2emu/libc_beside.h>

#include_next <winsock2.h>

#ifdef WS2EMU_LIBC_BESIDE

#ifdef __cplusplus
extern "C" {
#endif

#ifndef _UNISTD_H
int WINAPI gethostname(char *name, int namelen);
#else
int WINAPI ws2emu_gethostname(char *name, int namelen) __asm__("gethostname");
#define gethostname(name, namelen) ws2emu_gethostname(name, namelen)
#endif

#ifdef WS2EMU_WINSOCK_RENAMED
int WINAPI ws2emu_select(int nfds, fd_set *readfds, fd_set *writefds,
    fd_set *exceptfds, const struct timeval *timeout) __asm__("select");
#endif

#ifdef __cplusplus
}
#endif

#endif

#ifndef SOCK_NOTIFY_REGISTER_EVENT_NONE

#ifdef __cplusplus
extern "C" {
#endif

#define SOCK_NOTIFY_REGISTER_EVENT_NONE 0x00
#define SOCK_NOTIFY_REGISTER_EVENT_IN 0x01
#define SOCK_NOTIFY_REGISTER_EVENT_OUT 0x02
#define SOCK_NOTIFY_REGISTER_EVENT_HANGUP 0x04
#define SOCK_NOTIFY_REGISTER_EVENTS_ALL                              \
    (SOCK_NOTIFY_REGISTER_EVENT_IN | SOCK_NOTIFY_REGISTER_EVENT_OUT | \
     SOCK_NOTIFY_REGISTER_EVENT_HANGUP)

#define SOCK_NOTIFY_EVENT_IN SOCK_NOTIFY_REGISTER_EVENT_IN
#define SOCK_NOTIFY_EVENT_OUT SOCK_NOTIFY_REGISTER_EVENT_OUT
#define SOCK_NOTIFY_EVENT_HANGUP SOCK_NOTIFY_REGISTER_EVENT_HANGUP
#define SOCK_NOTIFY_EVENT_ERR 0x40
#define SOCK_NOTIFY_EVENT_REMOVE 0x80
#define SOCK_NOTIFY_EVENTS_ALL                                \
    (SOCK_NOTIFY_REGISTER_EVENTS_ALL | SOCK_NOTIFY_EVENT_ERR | \
     SOCK_NOTIFY_EVENT_REMOVE)

#define SOCK_NOTIFY_OP_NONE 0x00
#define SOCK_NOTIFY_OP_ENABLE 0x01
#define SOCK_NOTIFY_OP_DISABLE 0x02
#define SOCK_NOTIFY_OP_REMOVE 0x04

#define SOCK_NOTIFY_TRIGGER_ONESHOT 0x01
#define SOCK_NOTIFY_TRIGGER_PERSISTENT 0x02
#define SOCK_NOTIFY_TRIGGER_LEVEL 0x04
#define SOCK_NOTIFY_TRIGGER_EDGE 0x08
#define SOCK_NOTIFY_TRIGGER_ALL                                   \
    (SOCK_NOTIFY_TRIGGER_ONESHOT | SOCK_NOTIFY_TRIGGER_PERSISTENT | \
     SOCK_NOTIFY_TRIGGER_LEVEL | SOCK_NOTIFY_TRIGGER_EDGE)

typedef struct SOCK_NOTIFY_REGISTRATION {
    SOCKET socket;
    PVOID completionKey;
    UINT16 eventFilter;
    UINT8 operation;
    UINT8 triggerFlags;
    DWORD registrationResult;
} SOCK_NOTIFY_REGISTRATION;

DWORD WINAPI ProcessSocketNotifications(
    HANDLE completionPort, UINT32 registrationCount,
    SOCK_NOTIFY_REGISTRATION *registrationInfos, UINT32 timeoutMs,
    ULONG completionCount, OVERLAPPED_ENTRY *completionPortEntries,
    UINT32 *receivedEntryCount);

static inline UINT32
SocketNotificationRetrieveEvents(OVERLAPPED_ENTRY *notification)
{
    return notification->dwNumberOfBytesTransferred;
}

#ifdef __cplusplus
}
#endif

#endif
#endif
