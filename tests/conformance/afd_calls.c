/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What programs ask of \Device\Afd and of SOCKETs by NtDeviceIoControlFile beside
 * a poll's events (afd_poll.c).  For Wine: natively there is no such device.
 */
#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

#define IOCTL_AFD_POLL 0x00012024

enum { POLL_READ = 1 };

/* --- Helpers ------------------------------------------------------------------------ */

static HANDLE afd_open(void)
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

/* A poll of one socket, for data, without an end. */
struct poll {
    HANDLE event;
    IO_STATUS_BLOCK block;
    struct {
        LARGE_INTEGER timeout;
        ULONG count;
        BOOLEAN exclusive;
        SOCKET s;
        int flags;
        NTSTATUS status;
    } in, out;
};

static void poll_start(struct poll *poll, HANDLE carrier, SOCKET s)
{
    memset(poll, 0, sizeof(*poll));
    poll->event = event_create();
    poll->in.timeout.QuadPart = INT64_MAX;
    poll->in.count = 1;
    poll->in.s = s;
    poll->in.flags = POLL_READ;
    CHECK_EQ(NtDeviceIoControlFile(carrier, poll->event, NULL, NULL,
                                   &poll->block, IOCTL_AFD_POLL, &poll->in,
                                   sizeof(poll->in), &poll->out,
                                   sizeof(poll->out)), STATUS_PENDING);
}

static void poll_ends(struct poll *poll, NTSTATUS status)
{
    event_wait(poll->event);
    CHECK_EQ(poll->block.Status, status);
    CHECK(CloseHandle(poll->event));
}

/* --- Cancelling ----------------------------------------------------------------------- */

struct canceller {
    HANDLE carrier;
    SOCKET s;
    struct poll poll;
};

/* CancelIo is for what the calling thread has issued. */
static void poll_and_cancel(void *argument)
{
    struct canceller *canceller = argument;

    CHECK(CancelIo(canceller->carrier));
    poll_start(&canceller->poll, canceller->carrier, canceller->s);
    CHECK(CancelIo(canceller->carrier));
    poll_ends(&canceller->poll, STATUS_CANCELLED);
}

static void check_cancels_own(HANDLE carrier, SOCKET s, SOCKET sender,
                              const struct sockaddr_in *name)
{
    struct canceller canceller = {.carrier = carrier, .s = s};
    struct poll poll;
    char byte;

    poll_start(&poll, carrier, s);
    thread_join(thread_start(poll_and_cancel, &canceller));
    CHECK(!event_is_signalled(poll.event, TEST_QUIET_MS));
    CHECK_RESULT(sendto(sender, "x", 1, 0, (struct sockaddr *)name,
                        sizeof(*name)), 1);
    poll_ends(&poll, STATUS_SUCCESS);
    CHECK_RESULT(recv(s, &byte, 1, 0), 1);
}

static void cancelling_those_of_a_thread(void)
{
    struct sockaddr_in name;
    SOCKET s = udp_bound(&name), sender = udp_socket();
    HANDLE carrier = afd_open();

    check_cancels_own(carrier, s, sender, &name);
    check_cancels_own((HANDLE)s, s, sender, &name);
    close_socket(s);
    close_socket(sender);
    CHECK(CloseHandle(carrier));
}

static const struct test_case cases[] = {
    TEST_CASE(cancelling_those_of_a_thread, "04 7: CancelIo"),
    TEST_END
};
TEST_MAIN("afd_calls", cases, NULL)
