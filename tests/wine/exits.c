/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a process whose threads are in the middle of Winsock's calls.
 *
 * ExitProcess ends the other threads wherever they are, and only then tells the
 * libraries, which close what they have.  That must not wait for anything that
 * those threads kept.  A callback of fiber-local storage stands for such a
 * library, and runs then, too; the exit status says that it came to its end.
 *
 * Prints a TAP line for each case and exits with the number of failed ones.
 *
 *     exits.exe [CASE]
 *     exits.exe child     the process that ends
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "cases.h"

#define ROUNDS 100
#define DEADLINE 20000 /* ms, for a child */
#define STATUS_EXIT 7
#define STATUS_DETACHED 42

/* --- The child ------------------------------------------------------------ */

enum { BUSY = 5, BLOCKED = 2, THREADS = BUSY + BLOCKED };

static SOCKET blocked[BLOCKED], spare;
static WSAEVENT event;
static HANDLE port;
static char value_of_main;
static volatile LONG n_under_way;
static HANDLE all_under_way;

static SOCKET bound_socket(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET};
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);

    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(s, (struct sockaddr *)&name, sizeof(name));
    return s;
}

static void make_sockets(void)
{
    SOCKET s = bound_socket(), t = socket(AF_INET, SOCK_STREAM, 0);

    closesocket(s);
    closesocket(t);
}

static void register_events(void)
{
    WSANETWORKEVENTS events;
    SOCKET s = bound_socket();

    WSAEventSelect(s, event, FD_READ | FD_WRITE);
    WSAEnumNetworkEvents(s, event, &events);
    closesocket(s);
}

static void start_and_cancel(void)
{
    SOCKET s = bound_socket();
    OVERLAPPED overlapped = {0}, *ended;
    char byte;
    WSABUF buffer = {1, &byte};
    DWORD flags = 0, n;
    ULONG_PTR key;

    CreateIoCompletionPort((HANDLE)s, port, 1, 0);
    if (WSARecv(s, &buffer, 1, NULL, &flags, &overlapped, NULL) == 0 ||
        WSAGetLastError() == WSA_IO_PENDING) {
        CancelIoEx((HANDLE)s, NULL);
        GetQueuedCompletionStatus(port, &n, &key, &ended, INFINITE);
    }
    closesocket(s);
}

static void copy_handles(void)
{
    HANDLE copy;
    SOCKET s = bound_socket();

    if (DuplicateHandle(GetCurrentProcess(), (HANDLE)s, GetCurrentProcess(),
                        &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
        CloseHandle(copy);
    CloseHandle((HANDLE)s);
}

static void set_options(void)
{
    DWORD limit = 1000;

    setsockopt(spare, SOL_SOCKET, SO_RCVTIMEO, (char *)&limit, sizeof(limit));
}

static void (*const busy[BUSY])(void) = {
    make_sockets, register_events, start_and_cancel, copy_handles, set_options,
};

static void note_under_way(void)
{
    if (InterlockedIncrement(&n_under_way) == THREADS)
        SetEvent(all_under_way);
}

static volatile LONG is_over; /* it never is */

static DWORD WINAPI be_busy(void *what)
{
    void (*const call)(void) = busy[(ULONG_PTR)what];

    call();
    note_under_way();
    while (!is_over)
        call();
    return 0;
}

static DWORD WINAPI block(void *what)
{
    char byte;

    note_under_way();
    recv(blocked[(ULONG_PTR)what], &byte, 1, 0);
    return 0;
}

static void WINAPI detach(void *value);

static int child(void)
{
    WSADATA data;
    ULONG_PTR i;

    FlsSetValue(FlsAlloc(detach), &value_of_main);
    if (WSAStartup(MAKEWORD(2, 2), &data))
        return 1;
    all_under_way = CreateEventA(NULL, TRUE, FALSE, NULL);
    event = WSACreateEvent();
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    spare = bound_socket();
    for (i = 0; i < BLOCKED; i++) {
        blocked[i] = bound_socket();
        CreateThread(NULL, 0, block, (void *)i, 0, NULL);
    }
    for (i = 0; i < BUSY; i++)
        CreateThread(NULL, 0, be_busy, (void *)i, 0, NULL);
    WaitForSingleObject(all_under_way, INFINITE);
    ExitProcess(STATUS_EXIT);
    return STATUS_EXIT;
}

/* The other threads are gone. */
static void WINAPI detach(void *value)
{
    if (value != &value_of_main)
        return;
    closesocket(blocked[0]);
    CloseHandle((HANDLE)blocked[1]);
    CloseHandle((HANDLE)spare);
    CloseHandle(port);
    WSACloseEvent(event);
    WSACleanup();
    TerminateProcess(GetCurrentProcess(), STATUS_DETACHED);
}

/* --- The parent ----------------------------------------------------------- */

/* The exit status; -1: it hangs. */
static int run_child(const char *program)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    char command[MAX_PATH + 16];
    DWORD status = 0;

    snprintf(command, sizeof(command), "\"%s\" child", program);
    if (!CreateProcessA(program, command, NULL, NULL, FALSE, 0, NULL, NULL,
                        &startup, &process))
        return -2;
    if (WaitForSingleObject(process.hProcess, DEADLINE) != WAIT_OBJECT_0) {
        TerminateProcess(process.hProcess, 1);
        status = (DWORD)-1;
    } else {
        GetExitCodeProcess(process.hProcess, &status);
    }
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return (int)status;
}

static void busy_threads_do_not_hold_the_exit_up(void)
{
    char program[MAX_PATH];
    int i, status = STATUS_DETACHED;

    GetModuleFileNameA(NULL, program, sizeof(program));
    for (i = 0; i < ROUNDS && status == STATUS_DETACHED; i++)
        status = run_child(program);
    EXPECT(status == STATUS_DETACHED);
    if (status != STATUS_DETACHED)
        fprintf(stderr, "# child %d: %s %d\n", i,
                status == -1 ? "hangs" : "ended with", status);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        CASE(busy_threads_do_not_hold_the_exit_up),
    };

    if (argc == 2 && !strcmp(argv[1], "child"))
        return child();
    return RUN_CASES(cases, argc == 2 ? argv[1] : NULL);
}
