/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs of WPUCreateSocketHandle as files of Windows: ReadFile and WriteFile
 * are the provider's WSPRecv and WSPSend (Microsoft's page of
 * WPUCreateSocketHandle), CloseHandle is closesocket.  DuplicateHandle needs a
 * kernel handle, which such a provider has not: WSADuplicateSocket shares them
 * (Microsoft's page of socket handles).
 */
#include "support/catalog.h"
#include "support/exports.h"

#include <ws2emu/ws2help.h>

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

static WSADATA data;

static void begin(SOCKET *ret_client, SOCKET *ret_server)
{
    catalog_private();
    provider_install("handle_layer", 9, 0);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), &data), 0);
    tcp_pair(ret_client, ret_server);
}

static void end(SOCKET client, SOCKET server)
{
    close_socket(client);
    close_socket(server);
    CHECK_OK(WSACleanup());
}

static HANDLE as_file(SOCKET s)
{
    return (HANDLE)s;
}

static void reading_and_writing(void)
{
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;
    begin(&client, &server);
    CHECK(WriteFile(as_file(client), "hello", 5, &n, NULL));
    CHECK_EQ(n, 5);
    CHECK(ReadFile(as_file(server), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(n, 5);
    CHECK_MEMORY(buffer, "hello", 5);
    CHECK_OK(shutdown(client, SD_SEND));
    CHECK(ReadFile(as_file(server), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(n, 0);
    CHECK(!WriteFile(as_file(client), "more", 4, &n, NULL));
    end(client, server);
}

static void overlapped_reads(void)
{
    SOCKET client, server;
    OVERLAPPED read = { .hEvent = NULL }, write = { .hEvent = NULL };
    char buffer[16];
    DWORD n = 77;
    begin(&client, &server);
    read.hEvent = event_create();
    write.hEvent = event_create();
    CHECK(!ReadFile(as_file(server), buffer, sizeof(buffer), NULL, &read));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK(!event_is_signalled(read.hEvent, TEST_QUIET_MS));
    if (!WriteFile(as_file(client), "hello", 5, NULL, &write))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    event_wait(read.hEvent);
    event_wait(write.hEvent);
    CHECK(GetOverlappedResult(as_file(server), &read, &n, FALSE));
    CHECK_EQ(n, 5);
    CHECK_MEMORY(buffer, "hello", 5);
    CHECK(GetOverlappedResult(as_file(client), &write, &n, FALSE));
    CHECK_EQ(n, 5);
    CHECK(WSACloseEvent(read.hEvent));
    CHECK(WSACloseEvent(write.hEvent));
    end(client, server);
}

static void reads_come_to_the_port(void)
{
    SOCKET client, server;
    OVERLAPPED read = { .hEvent = NULL }, *told = NULL;
    char buffer[16];
    ULONG_PTR key = 0;
    DWORD n = 0;
    begin(&client, &server);
    HANDLE port = CreateIoCompletionPort(as_file(server), NULL, 4711, 0);
    CHECK(port != NULL);
    CHECK(!ReadFile(as_file(server), buffer, sizeof(buffer), NULL, &read));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    send_all(client, "hello", 5);
    CHECK(GetQueuedCompletionStatus(port, &n, &key, &told,
                                    (DWORD)test_timeout(10000)));
    CHECK_EQ(n, 5);
    CHECK_EQ(key, 4711);
    CHECK(told == &read);
    CHECK(CloseHandle(port));
    end(client, server);
}

static DWORD routine_error, routine_count;
static OVERLAPPED *routine_overlapped;

static void CALLBACK routine(DWORD error, DWORD count, OVERLAPPED *overlapped)
{
    routine_error = error;
    routine_count = count;
    routine_overlapped = overlapped;
}

static void reads_with_routines(void)
{
    SOCKET client, server;
    OVERLAPPED read = { .hEvent = NULL };
    char buffer[16];
    begin(&client, &server);
    CHECK(ReadFileEx(as_file(server), buffer, sizeof(buffer), &read, routine));
    CHECK_EQ(SleepEx(TEST_QUIET_MS, TRUE), 0);
    send_all(client, "hello", 5);
    CHECK_EQ(SleepEx((DWORD)test_timeout(10000), TRUE), WAIT_IO_COMPLETION);
    CHECK(routine_overlapped == &read);
    CHECK_EQ(routine_error, 0);
    CHECK_EQ(routine_count, 5);
    CHECK_MEMORY(buffer, "hello", 5);
    end(client, server);
}

static void closing_as_a_handle(void)
{
    SOCKET client, server;
    begin(&client, &server);
    CHECK(CloseHandle(as_file(client)));
    check_end(server);
    CHECK_ERROR(closesocket(client), WSAENOTSOCK);
    CHECK(!CloseHandle(as_file(client)));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    close_socket(server);
    CHECK_OK(WSACleanup());
}

static void no_kernel_handle(void)
{
    SOCKET client, server;
    char buffer[16];
    HANDLE copy;
    DWORD n;
    begin(&client, &server);
    CHECK(!DuplicateHandle(GetCurrentProcess(), as_file(client),
                           GetCurrentProcess(), &copy, 0, FALSE,
                           DUPLICATE_SAME_ACCESS));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(!SetHandleInformation(as_file(client), HANDLE_FLAG_INHERIT,
                                HANDLE_FLAG_INHERIT));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    /* Programs ask that before they do without packets. */
    CHECK(!SetFileCompletionNotificationModes(
        as_file(client), FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    close_socket(client);
    CHECK(!ReadFile(as_file(client), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(!WriteFile(as_file(client), buffer, 1, &n, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    close_socket(server);
    CHECK_OK(WSACleanup());
}

#define BARE .flags = TEST_BARE | TEST_WINE_ONLY, .waiting_threads = 4

/* A SOCKET of WahCreateSocketHandle has nobody who could close it but this. */
static void sockets_of_no_provider(void)
{
    __typeof__(&WahOpenHandleHelper) open =
        export_named("WahOpenHandleHelper");
    __typeof__(&WahCloseHandleHelper) close =
        export_named("WahCloseHandleHelper");
    __typeof__(&WahCreateSocketHandle) create =
        export_named("WahCreateSocketHandle");
    __typeof__(&WahCloseSocketHandle) close_socket_handle =
        export_named("WahCloseSocketHandle");
    HANDLE helper;
    SOCKET s;
    char byte;
    DWORD n;
    catalog_private();
    CHECK(open && close && create && close_socket_handle);
    CHECK_EQ(open(&helper), 0);
    CHECK_EQ(create(helper, &s), 0);
    CHECK(!ReadFile(as_file(s), &byte, 1, &n, NULL));
    CHECK(CloseHandle(as_file(s)));
    CHECK(!CloseHandle(as_file(s)));
    CHECK_EQ(close_socket_handle(helper, s), WSA_INVALID_HANDLE);
    CHECK_EQ(close(helper), 0);
}

static const struct test_case cases[] = {
    TEST_CASE_WITH(reading_and_writing, "05 5: ReadFile, WriteFile", BARE),
    TEST_CASE_WITH(overlapped_reads, "05 5: the same with an event", BARE),
    TEST_CASE_WITH(reads_come_to_the_port, "05 5: the same with a port", BARE),
    TEST_CASE_WITH(reads_with_routines, "05 5: ReadFileEx", BARE),
    TEST_CASE_WITH(closing_as_a_handle, "CloseHandle ends the SOCKET", BARE),
    TEST_CASE_WITH(no_kernel_handle,
                   "05 5: DuplicateHandle and inheritance need one", BARE),
    TEST_CASE_WITH(sockets_of_no_provider, "WahCreateSocketHandle", BARE),
    TEST_END
};

TEST_MAIN("non_ifs_files", cases, NULL)
