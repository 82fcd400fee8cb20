/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion ports of kernel32; see ports.h. */
#include "support/ports.h"

#include <windows.h>

#include "support/harness.h"

static HANDLE handle_of(uint64_t value)
{
    return (HANDLE)(ULONG_PTR)value;
}

static int error_unless(BOOL success)
{
    return success ? 0 : (int)GetLastError();
}

uint64_t port_create(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);

    CHECK(port != NULL);
    return (ULONG_PTR)port;
}

void port_close(uint64_t port)
{
    CHECK(CloseHandle(handle_of(port)));
}

int port_associate(uint64_t port, uint64_t s, uint64_t key)
{
    return error_unless(CreateIoCompletionPort(handle_of(s), handle_of(port),
                                               (ULONG_PTR)key, 0) != NULL);
}

void port_post(uint64_t port, const struct packet *packet)
{
    CHECK(PostQueuedCompletionStatus(handle_of(port), packet->bytes,
                                     (ULONG_PTR)packet->key,
                                     packet->overlapped));
}

int port_get(uint64_t port, int ms, struct packet *ret_packet)
{
    OVERLAPPED_ENTRY entry;
    ULONG n = 0;

    if (!GetQueuedCompletionStatusEx(handle_of(port), &entry, 1, &n, (DWORD)ms,
                                     FALSE)) {
        CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
        return 0;
    }
    *ret_packet = (struct packet){.key = entry.lpCompletionKey,
                                  .overlapped = entry.lpOverlapped,
                                  .status = (uint32_t)entry.Internal,
                                  .bytes = entry.dwNumberOfBytesTransferred};
    return 1;
}

int port_set_modes(uint64_t s, unsigned modes)
{
    return error_unless(
        SetFileCompletionNotificationModes(handle_of(s), (UCHAR)modes));
}

int cancel_operation(uint64_t s, void *overlapped)
{
    return error_unless(CancelIoEx(handle_of(s), overlapped));
}

int cancel_of_thread(uint64_t s)
{
    return error_unless(CancelIo(handle_of(s)));
}
