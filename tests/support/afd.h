/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOCTL_AFD_POLL for suites, as wepoll, libuv and mio use it: the structures of
 * the device, and one poll with all that belongs to it.  For Wine: natively
 * there is no such device.
 */
#ifndef TESTS_SUPPORT_AFD_H
#define TESTS_SUPPORT_AFD_H

#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

#define IOCTL_AFD_POLL 0x00012024

enum {
    POLL_READ = 1, POLL_OOB = 2, POLL_WRITE = 4, POLL_HUP = 8,
    POLL_RESET = 0x10, POLL_CLOSE = 0x20, POLL_CONNECT = 0x40,
    POLL_ACCEPT = 0x80, POLL_CONNECT_ERR = 0x100,
    POLL_ALL = 0x1ff
};

enum { POLL_MAX_SOCKETS = 4 };

struct poll_info {
    LARGE_INTEGER timeout;
    ULONG count;
    BOOLEAN exclusive;
    struct {
        SOCKET s;
        int flags;
        NTSTATUS status;
    } sockets[POLL_MAX_SOCKETS];
};

/* One poll and all that belongs to it. */
struct poll {
    HANDLE carrier, event;
    IO_STATUS_BLOCK block;
    struct poll_info in, out;
};

/* Bytes of a poll_info with n sockets. */
#define POLL_SIZE(n) ((ULONG)offsetof(struct poll_info, sockets) + (n) * 16)

/* A handle of \Device\Afd, which carries polls; CloseHandle ends it. */
HANDLE afd_open(void);

/* A poll without sockets and without an end, and its own event. */
void poll_init(struct poll *poll, HANDLE carrier);
void poll_add(struct poll *poll, SOCKET s, int flags);
/* context NULL: no packet. */
NTSTATUS poll_issue(struct poll *poll, void *context);
/* It pends. */
void poll_start(struct poll *poll);
/* Closes the event. */
void poll_end(struct poll *poll);

/* It ends in time with this status and n sockets. */
void poll_ends(struct poll *poll, NTSTATUS status, ULONG n);
/* It is pending still, after a while. */
int poll_is_pending(struct poll *poll);

#endif
