/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of kernel32 and ntdll that take handles of files, on SOCKETs.  For
 * Wine: the calls are Windows' own.
 *
 * The pages: "Socket Handles" (they are kernel handles), GetFileType (sockets
 * are pipes to it), GetHandleInformation, GetOverlappedResult and its kin.  A
 * device that does not know a request refuses it as an invalid function.
 */
#include "support/overlapped.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

/* --- Helpers -------------------------------------------------------------- */

static HANDLE as_file(SOCKET s)
{
    return (HANDLE)s;
}

/* The call fails with the error. */
#define CHECK_FAILS(call, error)                                               \
    (SetLastError(0), CHECK(!(call)), CHECK_EQ(GetLastError(), (error)))

/* --- What it is ----------------------------------------------------------- */

static void its_type(void)
{
    SOCKET client, server, datagrams = udp_socket(), new = tcp_socket();

    tcp_pair(&client, &server);
    CHECK_EQ(GetFileType(as_file(client)), FILE_TYPE_PIPE);
    CHECK_EQ(GetFileType(as_file(datagrams)), FILE_TYPE_PIPE);
    CHECK_EQ(GetFileType(as_file(new)), FILE_TYPE_PIPE);
    close_socket(new);
    SetLastError(0);
    CHECK_EQ(GetFileType(as_file(new)), FILE_TYPE_UNKNOWN);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    close_socket(client);
    close_socket(server);
    close_socket(datagrams);
}

static DWORD handle_flags(SOCKET s)
{
    DWORD flags = 0xdead;

    CHECK(GetHandleInformation(as_file(s), &flags));
    return flags;
}

static void its_flags(void)
{
    SOCKET s = tcp_socket(), other;

    other = CHECK_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0,
                                    WSA_FLAG_OVERLAPPED |
                                        WSA_FLAG_NO_HANDLE_INHERIT));
    CHECK_EQ(handle_flags(s), HANDLE_FLAG_INHERIT);
    CHECK_EQ(handle_flags(other), 0);
    CHECK(SetHandleInformation(as_file(s), HANDLE_FLAG_INHERIT, 0));
    CHECK(SetHandleInformation(as_file(other), HANDLE_FLAG_INHERIT,
                               HANDLE_FLAG_INHERIT));
    CHECK_EQ(handle_flags(s), 0);
    CHECK_EQ(handle_flags(other), HANDLE_FLAG_INHERIT);
    close_socket(s);
    close_socket(other);
}

static void what_it_is_not(void)
{
    BY_HANDLE_FILE_INFORMATION information;
    FILETIME time;
    SOCKET client, server;
    LARGE_INTEGER size;
    OVERLAPPED overlapped = {0};

    tcp_pair(&client, &server);
    CHECK_FAILS(GetFileInformationByHandle(as_file(client), &information),
                ERROR_INVALID_FUNCTION);
    CHECK_FAILS(GetFileSizeEx(as_file(client), &size), ERROR_INVALID_FUNCTION);
    CHECK_FAILS(GetFileTime(as_file(client), &time, NULL, NULL),
                ERROR_INVALID_FUNCTION);
    CHECK_FAILS(FlushFileBuffers(as_file(client)), ERROR_INVALID_FUNCTION);
    CHECK_FAILS(LockFile(as_file(client), 0, 0, 1, 0), ERROR_INVALID_FUNCTION);
    CHECK_FAILS(UnlockFile(as_file(client), 0, 0, 1, 0),
                ERROR_INVALID_FUNCTION);
    CHECK_FAILS(LockFileEx(as_file(client), 0, 0, 1, 0, &overlapped),
                ERROR_INVALID_FUNCTION);
    CHECK_FAILS(SetEndOfFile(as_file(client)), ERROR_INVALID_FUNCTION);
    GetSystemTimeAsFileTime(&time);
    CHECK_FAILS(SetFileTime(as_file(client), &time, NULL, NULL),
                ERROR_INVALID_FUNCTION);
    CHECK_FAILS(PeekNamedPipe(as_file(client), NULL, 0, NULL, NULL, NULL),
                ERROR_INVALID_FUNCTION);
    check_passes(client, server, "still good");
    close_socket(client);
    close_socket(server);
    CHECK_FAILS(FlushFileBuffers(as_file(client)), ERROR_INVALID_HANDLE);
    CHECK_FAILS(LockFile(as_file(client), 0, 0, 1, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetFileInformationByHandle(as_file(client), &information),
                ERROR_INVALID_HANDLE);
}

static ULONG mode_of(SOCKET s)
{
    IO_STATUS_BLOCK block = {.Information = 77};
    ULONG mode = 0xdead;

    CHECK_EQ(NtQueryInformationFile(as_file(s), &block, &mode, sizeof(mode),
                                    FileModeInformation), STATUS_SUCCESS);
    CHECK_EQ(block.Status, STATUS_SUCCESS);
    CHECK_EQ(block.Information, sizeof(mode));
    return mode;
}

/* So programs find out whether a handle is for overlapped I/O. */
static void its_mode(void)
{
    SOCKET s = tcp_socket(), other;
    IO_STATUS_BLOCK block;
    ULONG mode;

    other = CHECK_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0));
    CHECK_EQ(mode_of(s), 0);
    CHECK_EQ(mode_of(other), FILE_SYNCHRONOUS_IO_NONALERT);
    CHECK_EQ(NtQueryInformationFile(as_file(s), &block, &mode, 3,
                                    FileModeInformation),
             STATUS_INFO_LENGTH_MISMATCH);
    CHECK_EQ(NtQueryInformationFile(as_file(s), &block, NULL, sizeof(mode),
                                    FileModeInformation),
             STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtQueryInformationFile(as_file(s), &block, &mode, sizeof(mode),
                                    FileBasicInformation),
             STATUS_INVALID_DEVICE_REQUEST);
    close_socket(s);
    close_socket(other);
}

/* They are for files that were opened without buffering. */
static void gathering_and_scattering(void)
{
    SYSTEM_INFO system;
    FILE_SEGMENT_ELEMENT segments[2] = {{0}};
    OVERLAPPED overlapped = {0};
    SOCKET client, server;
    char *page;

    GetSystemInfo(&system);
    page = VirtualAlloc(NULL, system.dwPageSize, MEM_COMMIT, PAGE_READWRITE);
    CHECK(page != NULL);
    segments[0].Buffer = page;
    tcp_pair(&client, &server);
    CHECK_FAILS(WriteFileGather(as_file(client), segments, system.dwPageSize,
                                NULL, &overlapped), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadFileScatter(as_file(server), segments, system.dwPageSize,
                                NULL, &overlapped), ERROR_INVALID_PARAMETER);
    check_quiet(server);
    CHECK(VirtualFree(page, 0, MEM_RELEASE));
    close_socket(client);
    close_socket(server);
}

/* --- Results -------------------------------------------------------------- */

struct later {
    SOCKET s;
    WSAEVENT never;
};

static void send_later(void *argument)
{
    struct later *later = argument;

    CHECK(!event_is_signalled(later->never, 100));
    send_all(later->s, "late", 4);
}

static struct thread *send_in_a_while(struct later *later, SOCKET s)
{
    later->s = s;
    later->never = event_create();
    return thread_start(send_later, later);
}

static void end_later(struct later *later, struct thread *thread)
{
    thread_join(thread);
    CHECK(WSACloseEvent(later->never));
}

static void results(int with_event)
{
    SOCKET client, server;
    struct later later;
    struct thread *thread;
    struct call call;
    DWORD n = 77;

    tcp_pair(&client, &server);
    call_init(&call, 16, with_event);
    call_pends(&call, server);
    CHECK(!HasOverlappedIoCompleted(&call.overlapped));
    CHECK_FAILS(GetOverlappedResult(as_file(server), &call.overlapped, &n,
                                    FALSE), ERROR_IO_INCOMPLETE);
    CHECK_FAILS(GetOverlappedResultEx(as_file(server), &call.overlapped, &n, 0,
                                      FALSE), ERROR_IO_INCOMPLETE);
    CHECK_FAILS(GetOverlappedResultEx(as_file(server), &call.overlapped, &n,
                                      20, FALSE), WAIT_TIMEOUT);
    CHECK_FAILS(GetOverlappedResultEx(as_file(server), &call.overlapped, &n,
                                      20, TRUE), WAIT_TIMEOUT);
    thread = send_in_a_while(&later, client);
    CHECK(GetOverlappedResult(as_file(server), &call.overlapped, &n, TRUE));
    CHECK_EQ(n, 4);
    CHECK(HasOverlappedIoCompleted(&call.overlapped));
    end_later(&later, thread);
    call_pends(&call, server);
    thread = send_in_a_while(&later, client);
    CHECK(GetOverlappedResultEx(as_file(server), &call.overlapped, &n, INFINITE,
                                TRUE));
    CHECK_EQ(n, 4);
    end_later(&later, thread);
    /* Win32's errors, not Winsock's. */
    call_pends(&call, server);
    reset_connection(client);
    CHECK_FAILS(GetOverlappedResult(as_file(server), &call.overlapped, &n,
                                    TRUE), ERROR_NETNAME_DELETED);
    call_done(&call);
    close_socket(server);
}

static void results_by_an_event(void)
{
    results(1);
}

static void results_by_the_socket(void)
{
    results(0);
}

static int n_apcs;

static void CALLBACK note_apc(ULONG_PTR argument)
{
    (void)argument;
    n_apcs++;
}

static void a_routine_ends_a_wait_for_a_result(void)
{
    SOCKET client, server;
    struct call call;
    DWORD n = 0;

    tcp_pair(&client, &server);
    call_init(&call, 16, 1);
    call_pends(&call, server);
    CHECK(QueueUserAPC(note_apc, GetCurrentThread(), 0));
    CHECK_FAILS(GetOverlappedResultEx(as_file(server), &call.overlapped, &n,
                                      INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(n_apcs, 1);
    send_all(client, "data", 4);
    call_receives(&call, server, "data");
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

static void polling_for_the_end(void)
{
    SOCKET client, server;
    struct call call;
    DWORD n = 0;

    tcp_pair(&client, &server);
    call_init(&call, 16, 0);
    call_pends(&call, server);
    send_all(client, "data", 4);
    while (!HasOverlappedIoCompleted(&call.overlapped))
        YieldProcessor();
    CHECK(GetOverlappedResult(as_file(server), &call.overlapped, &n, FALSE));
    CHECK_EQ(n, 4);
    call_done(&call);
    close_socket(client);
    close_socket(server);
}

/* --- Waits in alertable states -------------------------------------------- */

static void events_and_routines(void)
{
    WSAEVENT event = event_create();
    SOCKET client, server;
    struct call call;

    tcp_pair(&client, &server);
    call_init(&call, 4, 0);
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, TRUE),
             WSA_WAIT_TIMEOUT);
    send_all(client, "data", 4);
    /* Not alertable: no routine, the end is there nevertheless. */
    while (!HasOverlappedIoCompleted(&call.overlapped))
        YieldProcessor();
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 20, FALSE),
             WSA_WAIT_TIMEOUT);
    CHECK_EQ(call.n_routines, 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, TRUE),
             WSA_WAIT_IO_COMPLETION);
    CHECK_EQ(call.n_routines, 1);
    CHECK_EQ(call.routine_count, 4);
    CHECK(WSASetEvent(event));
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, TRUE),
             WSA_WAIT_EVENT_0);
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
}

static void packets_and_routines(void)
{
    SOCKET client, server, client2, server2;
    OVERLAPPED_ENTRY entries[4];
    struct call call, packet;
    HANDLE port;
    ULONG n;

    tcp_pair(&client, &server);
    tcp_pair(&client2, &server2);
    port = CreateIoCompletionPort(as_file(server2), NULL, 3, 0);
    CHECK(port != NULL);
    call_init(&call, 4, 0);
    call_init(&packet, 4, 0);
    CHECK_ERROR(call_receive_with_routine(&call, server), WSA_IO_PENDING);
    call_pends(&packet, server2);
    CHECK_FAILS(GetQueuedCompletionStatusEx(port, entries, 4, &n, 0, TRUE),
                WAIT_TIMEOUT);
    send_all(client, "data", 4);
    CHECK_FAILS(GetQueuedCompletionStatusEx(port, entries, 4, &n, INFINITE,
                                            TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(call.n_routines, 1);
    send_all(client2, "more", 4);
    CHECK(GetQueuedCompletionStatusEx(port, entries, 4, &n, INFINITE, TRUE));
    CHECK_EQ(n, 1);
    CHECK(entries[0].lpOverlapped == &packet.overlapped);
    CHECK_EQ(entries[0].dwNumberOfBytesTransferred, 4);
    CHECK(CloseHandle(port));
    call_done(&packet);
    close_socket(client);
    close_socket(server);
    close_socket(client2);
    close_socket(server2);
}

static const struct test_case cases[] = {
    TEST_CASE(its_type, "GetFileType: FILE_TYPE_PIPE"),
    TEST_CASE(its_flags, "GetHandleInformation"),
    TEST_CASE(its_mode, "03: WSA_FLAG_OVERLAPPED"),
    TEST_CASE(what_it_is_not, "calls of files that are no sockets'"),
    TEST_CASE(gathering_and_scattering, "WriteFileGather, ReadFileScatter"),
    TEST_CASE(results_by_an_event, "04 4: GetOverlappedResult(Ex)"),
    TEST_CASE(results_by_the_socket, "04 3: hEvent NULL"),
    TEST_CASE(a_routine_ends_a_wait_for_a_result, "GetOverlappedResultEx"),
    TEST_CASE(polling_for_the_end, "HasOverlappedIoCompleted"),
    TEST_CASE(events_and_routines, "04 3: WSAWaitForMultipleEvents"),
    TEST_CASE(packets_and_routines, "GetQueuedCompletionStatusEx, alertable"),
    TEST_END
};
TEST_MAIN("socket_handles", cases, NULL)
