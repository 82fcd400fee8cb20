/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IOCTL_AFD_POLL for suites; see afd.h. */
#include "support/afd.h"

HANDLE afd_open(void)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof(attributes),
                                    .ObjectName = &name};
    IO_STATUS_BLOCK block;
    WCHAR wide[WIDE_TEXT];
    HANDLE handle;

    RtlInitUnicodeString(&name, widen("\\Device\\Afd\\ws2emu", wide));
    CHECK_EQ(NtCreateFile(&handle, SYNCHRONIZE, &attributes, &block, NULL, 0,
                          FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0,
                          NULL, 0), 0);
    return handle;
}

void poll_init(struct poll *poll, HANDLE carrier)
{
    memset(poll, 0, sizeof(*poll));
    poll->carrier = carrier;
    poll->event = event_create();
    poll->in.timeout.QuadPart = INT64_MAX;
}

void poll_add(struct poll *poll, SOCKET s, int flags)
{
    poll->in.sockets[poll->in.count].s = s;
    poll->in.sockets[poll->in.count].flags = flags;
    poll->in.sockets[poll->in.count].status = 0xdead;
    poll->in.count++;
}

NTSTATUS poll_issue(struct poll *poll, void *context)
{
    memset(&poll->out, 0xcc, sizeof(poll->out));
    poll->block.Status = 0xdead;
    poll->block.Information = 0xdead;
    return NtDeviceIoControlFile(poll->carrier, poll->event, NULL, context,
                                 &poll->block, IOCTL_AFD_POLL, &poll->in,
                                 POLL_SIZE(poll->in.count), &poll->out,
                                 sizeof(poll->out));
}

void poll_start(struct poll *poll)
{
    CHECK_EQ(poll_issue(poll, NULL), STATUS_PENDING);
}

void poll_end(struct poll *poll)
{
    CHECK(CloseHandle(poll->event));
}

void poll_ends(struct poll *poll, NTSTATUS status, ULONG n)
{
    event_wait(poll->event);
    CHECK_EQ(poll->block.Status, status);
    if (status == STATUS_CANCELLED)
        return;
    CHECK_EQ(poll->out.count, n);
    CHECK_EQ(poll->block.Information, POLL_SIZE(n));
}

int poll_is_pending(struct poll *poll)
{
    return !event_is_signalled(poll->event, TEST_QUIET_MS);
}
