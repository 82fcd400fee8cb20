/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs as files: ReadFile, WriteFile and their kin.  For Wine: the calls
 * are Windows' own.
 */
#include "support/sockets.h"

#include <ntstatus.h>
#define WIN32_NO_STATUS
#include <winternl.h>

/* --- Helpers -------------------------------------------------------------- */

static HANDLE as_file(SOCKET s)
{
    return (HANDLE)s;
}

struct writer {
    SOCKET s;
    WSAEVENT go;
};

/* After the other thread had time to wait. */
static void write_later(void *argument)
{
    struct writer *writer = argument;

    CHECK(!event_is_signalled(writer->go, 100));
    send_all(writer->s, "late", 4);
}

static struct thread *start_writer(struct writer *writer, SOCKET s)
{
    writer->s = s;
    writer->go = event_create();
    return thread_start(write_later, writer);
}

static void end_writer(struct writer *writer, struct thread *thread)
{
    thread_join(thread);
    CHECK(WSACloseEvent(writer->go));
}

/* --- Without overlapped --------------------------------------------------- */

static void reading_and_writing(void)
{
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;

    tcp_pair(&client, &server);
    CHECK(WriteFile(as_file(client), "hello", 5, &n, NULL));
    CHECK_EQ(n, 5);
    CHECK(wait_readable(server, test_timeout(5000)));
    CHECK(ReadFile(as_file(server), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(n, 5);
    CHECK_MEMORY(buffer, "hello", 5);
    CHECK_OK(shutdown(client, SD_SEND));
    n = 7;
    CHECK(ReadFile(as_file(server), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(n, 0);
    close_socket(client);
    close_socket(server);
}

static void reading_waits(void)
{
    struct writer writer;
    struct thread *thread;
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;
    int i;

    tcp_pair(&client, &server);
    for (i = 0; i < 2; i++) {
        thread = start_writer(&writer, client);
        CHECK(ReadFile(as_file(server), buffer, sizeof(buffer), &n, NULL));
        CHECK_EQ(n, 4);
        CHECK_MEMORY(buffer, "late", 4);
        end_writer(&writer, thread);
        set_nonblocking(server, 1); /* which does not matter to it */
    }
    close_socket(client);
    close_socket(server);
}

static void a_socket_that_is_not_overlapped(void)
{
    struct sockaddr_in name;
    SOCKET listener = tcp_listener(&name), client = tcp_connect(&name), server;
    SOCKET s = CHECK_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0));
    struct writer writer;
    struct thread *thread;
    char buffer[16];
    DWORD n = 0;

    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    close_socket(client);
    close_socket(server);
    CHECK_OK(connect(s, (struct sockaddr *)&name, sizeof(name)));
    server = CHECK_SOCKET(accept(listener, NULL, NULL));
    thread = start_writer(&writer, server);
    CHECK(ReadFile(as_file(s), buffer, sizeof(buffer), &n, NULL));
    CHECK_EQ(n, 4);
    end_writer(&writer, thread);
    CHECK(WriteFile(as_file(s), "abc", 3, &n, NULL));
    CHECK_EQ(n, 3);
    check_receives(server, "abc");
    close_socket(s);
    close_socket(server);
    close_socket(listener);
}

static void errors(void)
{
    SOCKET s = tcp_socket();
    char byte;
    DWORD n = 0;

    CHECK(!ReadFile(as_file(s), &byte, 1, &n, NULL));
    CHECK(!WriteFile(as_file(s), &byte, 1, &n, NULL));
    close_socket(s);
    CHECK(!ReadFile(as_file(s), &byte, 1, &n, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(!WriteFile(as_file(s), &byte, 1, &n, NULL));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void datagrams(void)
{
    struct sockaddr_in name;
    SOCKET receiver = udp_bound(&name), sender = udp_socket();
    char buffer[8];
    DWORD n = 0;

    CHECK_OK(connect(sender, (struct sockaddr *)&name, sizeof(name)));
    CHECK(WriteFile(as_file(sender), "0123456789", 10, &n, NULL));
    CHECK_EQ(n, 10);
    CHECK(wait_readable(receiver, test_timeout(5000)));
    CHECK(!ReadFile(as_file(receiver), buffer, 4, &n, NULL));
    CHECK_EQ(GetLastError(), ERROR_MORE_DATA);
    CHECK_MEMORY(buffer, "0123", 4);
    CHECK(WriteFile(as_file(sender), "ab", 2, &n, NULL));
    CHECK(wait_readable(receiver, test_timeout(5000)));
    CHECK(ReadFile(as_file(receiver), buffer, 8, &n, NULL));
    CHECK_EQ(n, 2);
    close_socket(receiver);
    close_socket(sender);
}

static void a_read_enables_read_events(void)
{
    WSAEVENT event = event_create();
    WSANETWORKEVENTS events;
    SOCKET client, server;
    char byte;
    DWORD n;

    tcp_pair(&client, &server);
    CHECK_OK(WSAEventSelect(server, event, FD_READ));
    send_all(client, "xy", 2);
    event_wait(event);
    CHECK_OK(WSAEnumNetworkEvents(server, event, &events));
    CHECK_EQ(events.lNetworkEvents, FD_READ);
    CHECK(!event_is_signalled(event, 0));
    CHECK(ReadFile(as_file(server), &byte, 1, &n, NULL));
    event_wait(event); /* the second byte */
    CHECK(WSACloseEvent(event));
    close_socket(client);
    close_socket(server);
}

/* --- Overlapped ----------------------------------------------------------- */

static void with_an_event(void)
{
    OVERLAPPED overlapped = {.Offset = 100, .hEvent = event_create()};
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;

    tcp_pair(&client, &server);
    CHECK(!ReadFile(as_file(server), buffer, sizeof(buffer), NULL,
                    &overlapped));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK_EQ(overlapped.Internal, STATUS_PENDING);
    CHECK(!GetOverlappedResult(as_file(server), &overlapped, &n, FALSE));
    CHECK_EQ(GetLastError(), ERROR_IO_INCOMPLETE);
    send_all(client, "abc", 3);
    CHECK(GetOverlappedResult(as_file(server), &overlapped, &n, TRUE));
    CHECK_EQ(n, 3);
    CHECK(event_is_signalled(overlapped.hEvent, 0));
    CHECK_MEMORY(buffer, "abc", 3);
    CHECK(WriteFile(as_file(server), "defg", 4, &n, &overlapped) ||
          GetLastError() == ERROR_IO_PENDING);
    CHECK(GetOverlappedResult(as_file(server), &overlapped, &n, TRUE));
    CHECK_EQ(n, 4);
    check_receives(client, "defg");
    CHECK(CloseHandle(overlapped.hEvent));
    close_socket(client);
    close_socket(server);
}

static void without_an_event(void)
{
    OVERLAPPED overlapped = {.Offset = 0};
    struct writer writer;
    struct thread *thread;
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;

    tcp_pair(&client, &server);
    CHECK(!ReadFile(as_file(server), buffer, sizeof(buffer), NULL,
                    &overlapped));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    thread = start_writer(&writer, client);
    CHECK(GetOverlappedResult(as_file(server), &overlapped, &n, TRUE));
    CHECK_EQ(n, 4);
    end_writer(&writer, thread);
    close_socket(client);
    close_socket(server);
}

static void on_a_port(void)
{
    OVERLAPPED overlapped = {.Offset = 0}, *got;
    SOCKET client, server;
    char buffer[16];
    ULONG_PTR key;
    HANDLE port;
    DWORD n = 0;

    tcp_pair(&client, &server);
    port = CreateIoCompletionPort(as_file(server), NULL, 5, 0);
    CHECK(port != NULL);
    CHECK(!ReadFile(as_file(server), buffer, sizeof(buffer), NULL,
                    &overlapped));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    send_all(client, "abc", 3);
    CHECK(GetQueuedCompletionStatus(port, &n, &key, &got,
                                    (DWORD)test_timeout(5000)));
    CHECK(got == &overlapped && key == 5 && n == 3);
    CHECK(WriteFile(as_file(server), "de", 2, NULL, &overlapped) ||
          GetLastError() == ERROR_IO_PENDING);
    CHECK(GetQueuedCompletionStatus(port, &n, &key, &got,
                                    (DWORD)test_timeout(5000)));
    CHECK(got == &overlapped && key == 5 && n == 2);
    check_receives(client, "de");
    close_socket(client);
    close_socket(server);
    CHECK(CloseHandle(port));
}

struct told {
    OVERLAPPED overlapped; /* the first member */
    DWORD error, n;
    int times;
};

static void CALLBACK tell(DWORD error, DWORD n, OVERLAPPED *overlapped)
{
    struct told *told = (struct told *)overlapped;

    told->error = error;
    told->n = n;
    told->times++;
}

static void routines(void)
{
    struct told told = {.times = 0};
    SOCKET client, server;
    char buffer[16];

    tcp_pair(&client, &server);
    CHECK(ReadFileEx(as_file(server), buffer, sizeof(buffer), &told.overlapped,
                     tell));
    CHECK_EQ(SleepEx(0, TRUE), 0);
    send_all(client, "abc", 3);
    CHECK_EQ(SleepEx((DWORD)test_timeout(5000), TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(told.times, 1);
    CHECK_EQ(told.error, 0);
    CHECK_EQ(told.n, 3);
    CHECK(WriteFileEx(as_file(server), "de", 2, &told.overlapped, tell));
    CHECK_EQ(SleepEx((DWORD)test_timeout(5000), TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(told.times, 2);
    CHECK_EQ(told.n, 2);
    check_receives(client, "de");
    CHECK(ReadFileEx(as_file(server), buffer, sizeof(buffer), &told.overlapped,
                     tell));
    CHECK(CancelIo(as_file(server)));
    CHECK_EQ(SleepEx((DWORD)test_timeout(5000), TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(told.times, 3);
    CHECK_EQ(told.error, ERROR_OPERATION_ABORTED);
    CHECK_EQ(told.n, 0);
    close_socket(client);
    close_socket(server);
}

static void nt_calls(void)
{
    HANDLE event = event_create();
    LARGE_INTEGER zero = {.QuadPart = 0};
    IO_STATUS_BLOCK block, other;
    SOCKET client, server;
    char buffer[16];

    tcp_pair(&client, &server);
    CHECK_EQ(NtReadFile(as_file(server), event, NULL, NULL, &block, buffer,
                        sizeof(buffer), &zero, NULL), STATUS_PENDING);
    CHECK_EQ(NtWriteFile(as_file(client), NULL, NULL, NULL, &other, "xyz", 3,
                         &zero, NULL), STATUS_SUCCESS);
    event_wait(event);
    CHECK_MEMORY(buffer, "xyz", 3);
    CHECK(CloseHandle(event));
    close_socket(client);
    close_socket(server);
}

static void what_they_are(void)
{
    SOCKET s = tcp_socket();

    CHECK_EQ(GetFileType(as_file(s)), FILE_TYPE_PIPE);
    close_socket(s);
}

/* --- Main ----------------------------------------------------------------- */

static const struct test_case cases[] = {
    TEST_CASE(reading_and_writing, "04 15: as recv and send"),
    TEST_CASE_WITH(reading_waits, "04 15: waits for data",
                   .waiting_threads = 1),
    TEST_CASE_WITH(a_socket_that_is_not_overlapped, "04 15: blocks",
                   .waiting_threads = 1),
    TEST_CASE(errors, "ReadFile, WriteFile: errors"),
    TEST_CASE(datagrams, "04 15: a cut datagram is ERROR_MORE_DATA"),
    TEST_CASE(a_read_enables_read_events, "04 15: re-enables FD_READ"),
    TEST_CASE(with_an_event, "ReadFile, WriteFile: overlapped"),
    TEST_CASE_WITH(without_an_event, "04 3: the socket itself",
                   .waiting_threads = 1),
    TEST_CASE(on_a_port, "04 6: packets"),
    TEST_CASE(routines, "ReadFileEx, WriteFileEx"),
    TEST_CASE(nt_calls, "04 15: NtReadFile, NtWriteFile"),
    TEST_CASE(what_they_are, "GetFileType: a pipe"),
    TEST_END
};

TEST_MAIN("file_io", cases, NULL)
