/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SOCKETs as handles, in a real Windows program: what CloseHandle,
 * DuplicateHandle, ReadFile, WriteFile and inheritance do to them, and that
 * imports by ordinal find their functions.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 * With "child" as first argument it is the other process of a case.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define DEADLINE 10000 /* ms, for what happens at once */

/* --- Sockets -------------------------------------------------------------- */

/* The other end has closed the connection. */
static int at_end(SOCKET s)
{
    char byte;

    return recv(s, &byte, 1, 0) == 0;
}

static void set_nonblocking(SOCKET s, u_long on)
{
    EXPECT(!ioctlsocket(s, FIONBIO, &on));
}

static int is_nonblocking(SOCKET s)
{
    char byte;

    return recv(s, &byte, 1, 0) == -1 && WSAGetLastError() == WSAEWOULDBLOCK;
}

static HANDLE duplicate_handle(SOCKET s, DWORD options)
{
    HANDLE copy = NULL;

    EXPECT(DuplicateHandle(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(),
                           &copy, 0, FALSE, DUPLICATE_SAME_ACCESS | options));
    return copy;
}

/* --- The other process ---------------------------------------------------- */

struct child {
    HANDLE process;
    DWORD process_id;
    HANDLE in;  /* its standard input, our end */
    HANDLE out; /* its standard output, our end */
};

static void pipe_write(HANDLE pipe, const void *data, DWORD length)
{
    DWORD n;

    EXPECT(WriteFile(pipe, data, length, &n, NULL) && n == length);
}

static void pipe_read(HANDLE pipe, void *data, DWORD length)
{
    char *at = data;
    DWORD n;

    while (length && ReadFile(pipe, at, length, &n, NULL) && n) {
        at += n;
        length -= n;
    }
    EXPECT(length == 0);
}

/* A pipe of which the child inherits one end. */
static void pipe_new(HANDLE *read_end, HANDLE *write_end, HANDLE *ours)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};

    EXPECT(CreatePipe(read_end, write_end, &inherited, 0));
    EXPECT(SetHandleInformation(*ours, HANDLE_FLAG_INHERIT, 0));
}

/* Starts this program as a child that runs child_NAME; it inherits handles. */
static struct child child_start(const char *name)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION information = {0};
    struct child child = {0};
    char program[MAX_PATH], command[MAX_PATH + 64];

    pipe_new(&startup.hStdInput, &child.in, &child.in);
    pipe_new(&child.out, &startup.hStdOutput, &child.out);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    startup.dwFlags = STARTF_USESTDHANDLES;
    GetModuleFileNameA(NULL, program, sizeof(program));
    snprintf(command, sizeof(command), "\"%s\" child %s", program, name);
    EXPECT(CreateProcessA(program, command, NULL, NULL, TRUE, 0, NULL, NULL,
                          &startup, &information));
    CloseHandle(startup.hStdInput);
    CloseHandle(startup.hStdOutput);
    CloseHandle(information.hThread);
    child.process = information.hProcess;
    child.process_id = information.dwProcessId;
    return child;
}

/* The child ends by itself and found nothing wrong. */
static void child_end(struct child *child)
{
    DWORD status = 1;

    CloseHandle(child->in);
    EXPECT(WaitForSingleObject(child->process, DEADLINE) == WAIT_OBJECT_0);
    EXPECT(GetExitCodeProcess(child->process, &status) && status == 0);
    CloseHandle(child->out);
    CloseHandle(child->process);
}

/* Reads a SOCKET, answers on it, and waits for the parent's word to close. */
static int child_use(HANDLE in, HANDLE out)
{
    char byte = 0;
    DWORD n;
    SOCKET s;

    pipe_read(in, &s, sizeof(s));
    EXPECT(is_nonblocking(s));
    EXPECT(send(s, "child", 5, 0) == 5);
    pipe_write(out, &byte, 1);
    /* The parent has closed its own. */
    EXPECT(ReadFile(in, &byte, 1, &n, NULL) && n == 1);
    EXPECT(send(s, "alone", 5, 0) == 5);
    EXPECT(!closesocket(s));
    return failures;
}

static int child_open(HANDLE in, HANDLE out)
{
    WSAPROTOCOL_INFOW information;
    char byte = 0;
    SOCKET s;
    int on = 1;

    pipe_read(in, &information, sizeof(information));
    s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                   &information, 0, 0);
    EXPECT(s != INVALID_SOCKET);
    EXPECT(!setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&on, sizeof(on)));
    EXPECT(send(s, "child", 5, 0) == 5);
    EXPECT(!closesocket(s));
    pipe_write(out, &byte, 1);
    return failures;
}

/* --- Cases ---------------------------------------------------------------- */

static void ordinals_are_names(void)
{
    static const struct {
        WORD ordinal;
        const char *name;
    } exports[] = {
        {1, "accept"},        {2, "bind"},
        {3, "closesocket"},   {4, "connect"},
        {9, "htons"},         {13, "listen"},
        {16, "recv"},         {18, "select"},
        {19, "send"},         {21, "setsockopt"},
        {23, "socket"},       {52, "gethostbyname"},
        {57, "gethostname"},  {101, "WSAAsyncSelect"},
        {111, "WSAGetLastError"}, {115, "WSAStartup"},
        {116, "WSACleanup"},  {151, "__WSAFDIsSet"},
    };
    HMODULE module = GetModuleHandleA("ws2_32.dll");
    size_t i;

    for (i = 0; i < sizeof(exports) / sizeof(exports[0]); i++) {
        FARPROC by_name = GetProcAddress(module, exports[i].name);
        FARPROC by_ordinal =
            GetProcAddress(module, MAKEINTRESOURCEA(exports[i].ordinal));

        if (!by_name || by_name != by_ordinal)
            fprintf(stderr, "# %d is not %s\n", exports[i].ordinal,
                    exports[i].name);
        EXPECT(by_name && by_name == by_ordinal);
    }
    EXPECT((FARPROC)socket == GetProcAddress(module, "socket"));
}

static void close_handle_closes(void)
{
    SOCKET client, server;

    tcp_pair(&client, &server);
    EXPECT(CloseHandle((HANDLE)client));
    EXPECT(at_end(server));
    EXPECT_ERROR(send(client, "x", 1, 0), WSAENOTSOCK);
    EXPECT_ERROR(closesocket(client), WSAENOTSOCK);
    EXPECT(!closesocket(server));
}

static DWORD WINAPI receive_in_thread(void *argument)
{
    char byte;

    return recv(*(SOCKET *)argument, &byte, 1, 0) == -1;
}

static void close_handle_ends_a_blocked_call(void)
{
    SOCKET client, server;
    HANDLE thread;
    DWORD failed = 0;

    tcp_pair(&client, &server);
    thread = CreateThread(NULL, 0, receive_in_thread, &client, 0, NULL);
    /* Whether it blocks by then or not, it must end with an error. */
    WaitForSingleObject(thread, 100);
    EXPECT(CloseHandle((HANDLE)client));
    EXPECT(WaitForSingleObject(thread, DEADLINE) == WAIT_OBJECT_0);
    EXPECT(GetExitCodeThread(thread, &failed) && failed == 1);
    CloseHandle(thread);
    EXPECT(!closesocket(server));
}

static void duplicated_handle_is_the_socket(void)
{
    SOCKET client, server, copy;
    int value = 1, length = sizeof(value);

    tcp_pair(&client, &server);
    copy = (SOCKET)duplicate_handle(client, 0);
    EXPECT(copy != client);
    EXPECT(passes(copy, server, "by the copy"));
    EXPECT(passes(client, server, "by the original"));
    EXPECT(passes(server, copy, "and back"));
    EXPECT(!setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, (char *)&value,
                       length));
    value = 0;
    EXPECT(!getsockopt(copy, SOL_SOCKET, SO_KEEPALIVE, (char *)&value,
                       &length));
    EXPECT(value == 1);
    set_nonblocking(client, 1);
    EXPECT(is_nonblocking(copy));
    EXPECT(!closesocket(client));
    EXPECT_ERROR(send(client, "x", 1, 0), WSAENOTSOCK);
    EXPECT(passes(copy, server, "still there"));
    EXPECT(is_nonblocking(copy));
    EXPECT(CloseHandle((HANDLE)copy));
    EXPECT(at_end(server));
    EXPECT(!closesocket(server));
}

static void duplicate_that_closes_its_source(void)
{
    SOCKET client, server, copy;

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    copy = (SOCKET)duplicate_handle(client, DUPLICATE_CLOSE_SOURCE);
    EXPECT_ERROR(send(client, "x", 1, 0), WSAENOTSOCK);
    EXPECT(passes(copy, server, "by the copy"));
    EXPECT(is_nonblocking(copy));
    EXPECT(!closesocket(copy));
    EXPECT(at_end(server));
    EXPECT(!closesocket(server));
}

static void handle_information(void)
{
    SOCKET inherited = socket(AF_INET, SOCK_DGRAM, 0);
    SOCKET own = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0,
                            WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    DWORD flags = 0;

    EXPECT(inherited % 4 == 0 && own % 4 == 0);
    EXPECT(GetHandleInformation((HANDLE)inherited, &flags));
    EXPECT(flags & HANDLE_FLAG_INHERIT);
    EXPECT(GetHandleInformation((HANDLE)own, &flags));
    EXPECT(!(flags & HANDLE_FLAG_INHERIT));
    EXPECT(GetFileType((HANDLE)own) == FILE_TYPE_PIPE);
    EXPECT(!closesocket(inherited));
    EXPECT(!closesocket(own));
    EXPECT(!GetHandleInformation((HANDLE)own, &flags));
}

static void read_file_and_write_file(void)
{
    SOCKET client, server;
    char buffer[16];
    DWORD n = 0;

    tcp_pair(&client, &server);
    EXPECT(WriteFile((HANDLE)client, "file", 4, &n, NULL) && n == 4);
    EXPECT(recv(server, buffer, sizeof(buffer), 0) == 4);
    EXPECT(send(server, "socket", 6, 0) == 6);
    EXPECT(ReadFile((HANDLE)client, buffer, sizeof(buffer), &n, NULL));
    EXPECT(n == 6 && !memcmp(buffer, "socket", 6));
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
}

/* Ours and the child's descriptor are one socket; theirs outlives ours. */
static void use_in_child(struct child *child, SOCKET ours, SOCKET theirs,
                         SOCKET peer)
{
    char buffer[8];

    pipe_write(child->in, &theirs, sizeof(theirs));
    pipe_read(child->out, buffer, 1);
    EXPECT(recv(peer, buffer, 5, 0) == 5 && !memcmp(buffer, "child", 5));
    EXPECT(!closesocket(ours));
    pipe_write(child->in, buffer, 1);
    EXPECT(recv(peer, buffer, 5, 0) == 5 && !memcmp(buffer, "alone", 5));
    EXPECT(at_end(peer));
}

static void inherited_handle(void)
{
    SOCKET client, server;
    struct child child;

    tcp_pair(&client, &server);
    EXPECT(SetHandleInformation((HANDLE)server, HANDLE_FLAG_INHERIT, 0));
    set_nonblocking(client, 1);
    child = child_start("use");
    use_in_child(&child, client, client, server);
    child_end(&child);
    EXPECT(!closesocket(server));
}

static void handle_duplicated_into_a_process(void)
{
    struct child child = child_start("use");
    SOCKET client, server;
    HANDLE theirs = NULL;

    tcp_pair(&client, &server);
    set_nonblocking(client, 1);
    EXPECT(DuplicateHandle(GetCurrentProcess(), (HANDLE)client, child.process,
                           &theirs, 0, FALSE, DUPLICATE_SAME_ACCESS));
    use_in_child(&child, client, (SOCKET)theirs, server);
    child_end(&child);
    EXPECT(!closesocket(server));
}

static void duplicated_socket(void)
{
    struct child child = child_start("open");
    WSAPROTOCOL_INFOW information;
    SOCKET client, server;
    char buffer[8];
    int value = 0, length = sizeof(value);

    tcp_pair(&client, &server);
    EXPECT(!WSADuplicateSocketW(client, child.process_id, &information));
    pipe_write(child.in, &information, sizeof(information));
    pipe_read(child.out, buffer, 1);
    EXPECT(recv(server, buffer, 5, 0) == 5 && !memcmp(buffer, "child", 5));
    EXPECT(!getsockopt(client, SOL_SOCKET, SO_KEEPALIVE, (char *)&value,
                       &length));
    EXPECT(value == 1);
    EXPECT(passes(client, server, "still ours"));
    child_end(&child);
    EXPECT(!closesocket(client));
    EXPECT(at_end(server));
    EXPECT(!closesocket(server));
}

static void process_ids_that_are_none(void)
{
    WSAPROTOCOL_INFOW information;
    struct child child = child_start("nothing");
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);

    EXPECT_ERROR(WSADuplicateSocketW(s, 0, &information), WSAEINVAL);
    EXPECT(WaitForSingleObject(child.process, DEADLINE) == WAIT_OBJECT_0);
    /* It has ended, but its handle is open. */
    EXPECT_ERROR(WSADuplicateSocketW(s, child.process_id, &information),
                 WSAEINVAL);
    child_end(&child);
    EXPECT(!closesocket(s));
}

/* Memory that Wine opens only when the process itself touches it. */
static void memory_with_write_watch_and_guard(void)
{
    const DWORD reserve = MEM_RESERVE | MEM_COMMIT;
    char *watched = VirtualAlloc(NULL, 8192, reserve | MEM_WRITE_WATCH,
                                 PAGE_READWRITE);
    char *guarded = VirtualAlloc(NULL, 8192, reserve,
                                 PAGE_READWRITE | PAGE_GUARD);
    SOCKET client, server;
    void *written[2];
    ULONG_PTR n_written = 2;
    DWORD granularity;

    tcp_pair(&client, &server);
    EXPECT(send(client, "watched", 7, 0) == 7);
    EXPECT(recv(server, watched + 4092, 7, 0) == 7);
    EXPECT(!memcmp(watched + 4092, "watched", 7));
    EXPECT(!GetWriteWatch(0, watched, 8192, written, &n_written, &granularity));
    EXPECT(n_written == 2);
    EXPECT(send(client, "guarded", 7, 0) == 7);
    EXPECT(recv(server, guarded + 4092, 7, 0) == 7);
    EXPECT(!memcmp(guarded + 4092, "guarded", 7));
    EXPECT(send(client, "kept", 4, 0) == 4);
    EXPECT_ERROR(recv(server, (char *)16, 4, 0), WSAEFAULT);
    EXPECT(recv(server, watched, 4, 0) == 4);
    VirtualFree(watched, 0, MEM_RELEASE);
    VirtualFree(guarded, 0, MEM_RELEASE);
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
}

static void handles_that_are_no_sockets(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE read_end, write_end;
    char byte;

    EXPECT_ERROR(send((SOCKET)event, "x", 1, 0), WSAENOTSOCK);
    EXPECT_ERROR(closesocket((SOCKET)event), WSAENOTSOCK);
    EXPECT(SetEvent(event));
    CloseHandle(event);
    EXPECT(CreatePipe(&read_end, &write_end, NULL, 0));
    EXPECT_ERROR(recv((SOCKET)read_end, &byte, 1, 0), WSAENOTSOCK);
    CloseHandle(read_end);
    CloseHandle(write_end);
    EXPECT_ERROR(send(0, "x", 1, 0), WSAENOTSOCK);
    EXPECT_ERROR(send((SOCKET)GetCurrentProcess(), "x", 1, 0), WSAENOTSOCK);
    EXPECT_ERROR(send((SOCKET)0x7ffffffc, "x", 1, 0), WSAENOTSOCK);
}

static void event_closed_while_registered(void)
{
    WSAEVENT event = WSACreateEvent();
    WSANETWORKEVENTS events;
    SOCKET client, server;

    tcp_pair(&client, &server);
    EXPECT(!WSAEventSelect(server, event, FD_READ));
    EXPECT(CloseHandle(event));
    EXPECT(send(client, "x", 1, 0) == 1);
    event = WSACreateEvent();
    EXPECT(!WSAEventSelect(server, event, FD_READ));
    EXPECT(WSAWaitForMultipleEvents(1, &event, FALSE, DEADLINE, FALSE) ==
           WSA_WAIT_EVENT_0);
    EXPECT(!WSAEnumNetworkEvents(server, event, &events));
    EXPECT(events.lNetworkEvents == FD_READ);
    EXPECT(WSACloseEvent(event));
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
}

static struct {
    HANDLE event;
    DWORD error, n;
} pooled;

static void CALLBACK note_end(DWORD error, DWORD n, OVERLAPPED *overlapped)
{
    (void)overlapped;
    pooled.error = error;
    pooled.n = n;
    EXPECT(SetEvent(pooled.event));
}

/* The pool's threads stay, so this is no case for those who count them. */
static void thread_pool_takes_packets(void)
{
    WSAOVERLAPPED overlapped = {0};
    char bytes[8];
    WSABUF buffer = {sizeof(bytes), bytes};
    SOCKET client, server;
    DWORD flags = 0;

    pooled.event = CreateEventA(NULL, FALSE, FALSE, NULL);
    tcp_pair(&client, &server);
    EXPECT(BindIoCompletionCallback((HANDLE)server, note_end, 0));
    EXPECT_ERROR(WSARecv(server, &buffer, 1, NULL, &flags, &overlapped, NULL),
                 WSA_IO_PENDING);
    EXPECT(send(client, "abcd", 4, 0) == 4);
    EXPECT(WaitForSingleObject(pooled.event, DEADLINE) == WAIT_OBJECT_0);
    EXPECT(pooled.error == 0 && pooled.n == 4);
    EXPECT(!closesocket(client));
    EXPECT(!closesocket(server));
    EXPECT(CloseHandle(pooled.event));
}

/* Wine's own DLLs that import ws2_32 find what they need in ours. */
static void dlls_of_wine_load(void)
{
    static const char *const names[] = {"mswsock.dll", "iphlpapi.dll",
                                        "winhttp.dll", "wininet.dll",
                                        "rpcrt4.dll", "wsock32.dll"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        EXPECT(LoadLibraryA(names[i]));
}

/* --- Main ----------------------------------------------------------------- */

static int child_main(const char *name)
{
    HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);

    if (!strcmp(name, "use"))
        return child_use(in, out);
    if (!strcmp(name, "open"))
        return child_open(in, out);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        CASE(ordinals_are_names),
        CASE(close_handle_closes),
        CASE(close_handle_ends_a_blocked_call),
        CASE(duplicated_handle_is_the_socket),
        CASE(duplicate_that_closes_its_source),
        CASE(handle_information),
        CASE(read_file_and_write_file),
        CASE(inherited_handle),
        CASE(handle_duplicated_into_a_process),
        CASE(duplicated_socket),
        CASE(process_ids_that_are_none),
        CASE(memory_with_write_watch_and_guard),
        CASE(handles_that_are_no_sockets),
        CASE(event_closed_while_registered),
        CASE(thread_pool_takes_packets),
        CASE(dlls_of_wine_load),
    };
    WSADATA data;
    int n_failed;

    if (WSAStartup(MAKEWORD(2, 2), &data)) {
        printf("Bail out! WSAStartup failed\n");
        return 99;
    }
    if (argc == 3 && !strcmp(argv[1], "child"))
        return child_main(argv[2]);
    n_failed = RUN_CASES(cases, argc == 2 ? argv[1] : NULL);
    EXPECT(!WSACleanup());
    return n_failed;
}
