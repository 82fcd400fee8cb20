/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSALookupServiceBegin of network location awareness (NS_NLA), and the notices
 * of WSANSPIoctl with SIO_NSP_NOTIFY_CHANGE.  The networks do not change here;
 * tests/processes/network_changes has those that do.
 *
 * The statements are those of Microsoft's pages on these functions.
 */
#include "support/lookups.h"
#include "support/ports.h"

static GUID host_by_name = SERVICE_CLASS(0x0002a803);

/* Of mswsock.h, as far as it is looked at here. */
struct network_blob {
    DWORD type, size, next;
};

static GUID network_class = {0x0037e515, 0xb5c9, 0x4a43,
                             {0xba, 0xda, 0x8b, 0x48, 0xa8, 0x7a, 0xd2, 0x39}};

#define NOTIFY_CHANGE _WSAIOW(IOC_WS2, 25)

/* As programs ask: the name space says it all. */
static HANDLE begin_networks(void)
{
    WSAQUERYSETW set = {.dwSize = sizeof(set), .dwNameSpace = NS_NLA};
    HANDLE handle = NULL;

    CHECK_OK(WSALookupServiceBeginW(&set, LUP_RETURN_ALL | LUP_DEEP, &handle));
    return handle;
}

static void networks(void)
{
    HANDLE handle = begin_networks();
    union result result;
    DWORD length = sizeof(result), offset;
    int n_blobs;

    while (!WSALookupServiceNextW(handle, LUP_RETURN_ALL, &length,
                                  &result.wide)) {
        CHECK_EQ(result.wide.dwNameSpace, NS_NLA);
        CHECK(!memcmp(result.wide.lpServiceClassId, &network_class,
                      sizeof(GUID)));
        CHECK(result.wide.lpszServiceInstanceName[0] != 0);
        CHECK(result.wide.lpBlob != NULL);
        for (offset = 0, n_blobs = 0; n_blobs == 0 || offset; n_blobs++) {
            const struct network_blob *blob =
                (void *)(result.wide.lpBlob->pBlobData + offset);

            CHECK(offset + blob->size <= result.wide.lpBlob->cbSize);
            CHECK(!blob->next || blob->next > offset);
            offset = blob->next;
        }
        CHECK_EQ(n_blobs, 2);
        length = sizeof(result);
    }
    CHECK_EQ(WSAGetLastError(), WSA_E_NO_MORE);
    CHECK_OK(WSALookupServiceEnd(handle));
}

static void networks_by_class(void)
{
    WSAQUERYSETW set = {.dwSize = sizeof(set),
                        .lpServiceClassId = &network_class};
    HANDLE handle;

    CHECK_OK(WSALookupServiceBeginW(&set, 0, &handle));
    CHECK_OK(WSALookupServiceEnd(handle));
    set.dwNameSpace = NS_NLA;
    set.lpServiceClassId = &host_by_name;
    CHECK_ERROR(WSALookupServiceBeginW(&set, 0, &handle),
                WSASERVICE_NOT_FOUND);
}

static void networks_that_stay(void)
{
    HANDLE handle = begin_networks();
    WSACOMPLETION at_once = {.Type = NSP_NOTIFY_IMMEDIATELY};
    WSACOMPLETION by_port = {.Type = NSP_NOTIFY_PORT};
    OVERLAPPED overlapped = {.hEvent = NULL};
    DWORD count = 77;

    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, &count,
                            NULL),
                WSAEWOULDBLOCK);
    CHECK_EQ(count, 0);
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &at_once),
                WSAEWOULDBLOCK);
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE + 1, NULL, 0, NULL, 0, NULL,
                            NULL),
                WSAEOPNOTSUPP);
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &by_port),
                WSAEFAULT);
    by_port.Parameters.Port.lpOverlapped = &overlapped;
    by_port.Parameters.Port.hPort = (HANDLE)0xdeadbeec;
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &by_port),
                WSA_INVALID_HANDLE);
    by_port.Type = (WSACOMPLETIONTYPE)77;
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &by_port),
                WSAEINVAL);
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            (WSACOMPLETION *)16),
                WSAEFAULT);
    CHECK_OK(WSALookupServiceEnd(handle));
}

static void notices_end_with_the_lookup(void)
{
    HANDLE handle = begin_networks();
    OVERLAPPED overlapped = {.hEvent = event_create()};
    WSACOMPLETION completion = {.Type = NSP_NOTIFY_EVENT};

    completion.Parameters.Event.lpOverlapped = &overlapped;
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &completion),
                WSA_IO_PENDING);
    CHECK(!event_is_signalled(overlapped.hEvent, TEST_QUIET_MS));
    CHECK_OK(WSALookupServiceEnd(handle));
    event_wait(overlapped.hEvent);
    CHECK_EQ(overlapped.Internal, 0xC0000120); /* STATUS_CANCELLED */
    WSACloseEvent(overlapped.hEvent);
}

static void notices_by_port(void)
{
    HANDLE handle = begin_networks();
    OVERLAPPED overlapped = {.hEvent = NULL};
    WSACOMPLETION completion = {.Type = NSP_NOTIFY_PORT};
    uint64_t port = port_create();
    struct packet packet;

    completion.Parameters.Port.lpOverlapped = &overlapped;
    completion.Parameters.Port.hPort = (HANDLE)(ULONG_PTR)port;
    completion.Parameters.Port.Key = 4711;
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &completion),
                WSA_IO_PENDING);
    CHECK(!port_get(port, TEST_QUIET_MS, &packet));
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK(port_get(port, test_timeout(10000), &packet));
    CHECK_EQ(packet.key, 4711);
    CHECK(packet.overlapped == &overlapped);
    CHECK_EQ(packet.status, 0xC0000120); /* STATUS_CANCELLED */
    port_close(port);
}

static DWORD notice_error;

static void CALLBACK notice_called(DWORD error, DWORD bytes,
                                   OVERLAPPED *overlapped, DWORD flags)
{
    (void)bytes, (void)overlapped, (void)flags;
    notice_error = error;
}

static void notices_by_routine(void)
{
    HANDLE handle = begin_networks();
    WSAEVENT never = event_create();
    OVERLAPPED overlapped = {.hEvent = NULL};
    WSACOMPLETION completion = {.Type = NSP_NOTIFY_APC};

    completion.Parameters.Apc.lpOverlapped = &overlapped;
    completion.Parameters.Apc.lpfnCompletionProc = notice_called;
    CHECK_ERROR(WSANSPIoctl(handle, NOTIFY_CHANGE, NULL, 0, NULL, 0, NULL,
                            &completion),
                WSA_IO_PENDING);
    CHECK_OK(WSALookupServiceEnd(handle));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &never, FALSE,
                                      (DWORD)test_timeout(10000), TRUE),
             WSA_WAIT_IO_COMPLETION);
    CHECK_EQ(notice_error, WSA_OPERATION_ABORTED);
    WSACloseEvent(never);
}

static const struct test_case cases[] = {
    TEST_CASE(networks, "06 10: NS_NLA"),
    TEST_CASE(networks_by_class, "06 10: NS_NLA"),
    TEST_CASE(networks_that_stay, "WSANSPIoctl: a poll"),
    TEST_CASE(notices_end_with_the_lookup, "WSANSPIoctl: WSALookupServiceEnd"),
    TEST_CASE(notices_by_port, "WSANSPIoctl: NSP_NOTIFY_PORT"),
    TEST_CASE_WITH(notices_by_routine, "WSANSPIoctl: NSP_NOTIFY_APC",
                   .waiting_threads = 1),
    TEST_END
};

TEST_MAIN("network_lookup", cases, NULL)
