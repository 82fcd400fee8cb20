/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The harness's platform of winelib programs: CreateProcess, real windows. */
#include <windows.h>
#include <tlhelp32.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/harness.h"
#include "support/platform.h"

struct platform_process {
    HANDLE handle;
};

static char program_path[MAX_PATH + 4];

/* winegcc makes X.exe (a script) and X.exe.so; the latter is what
   CreateProcess starts as a process of Windows. */
void platform_initialise(const char *program)
{
    /* Wine keeps the handle of the folder of named objects once it was used. */
    CloseHandle(CreateMutexA(NULL, FALSE, "ws2emu-test"));
    (void)program;
    DWORD length = GetModuleFileNameA(NULL, program_path, MAX_PATH);
    if (length < 3 || strcmp(program_path + length - 3, ".so") != 0)
        strcat(program_path, ".so");
}

/* --- Processes ------------------------------------------------------------ */

/* Of a thousand processes Wine 8.0 fails to start about one when the machine is
   busy; it has run nothing then. */
#define START_TRIES 3

static int start(char *command, int inherit, PROCESS_INFORMATION *information)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char copy[2048];
    for (int i = 0; i < START_TRIES; i++) {
        strcpy(copy, command); /* CreateProcess may write into it */
        if (CreateProcessA(program_path, copy, NULL, NULL, inherit, 0, NULL,
                           NULL, &startup, information))
            return 1;
        test_note("CreateProcess: error %lu", (unsigned long)GetLastError());
    }
    return 0;
}

struct platform_process *platform_spawn(const char *const *arguments,
                                        int inherit)
{
    char command[2048];
    size_t length = (size_t)snprintf(command, sizeof(command), "\"%s\"",
                                     program_path);
    for (unsigned i = 0; arguments[i] && length < sizeof(command); i++)
        length += (size_t)snprintf(command + length, sizeof(command) - length,
                                   " \"%s\"", arguments[i]);
    if (length >= sizeof(command)) return NULL;

    struct platform_process *process = calloc(1, sizeof(*process));
    PROCESS_INFORMATION information;
    fflush(NULL);
    if (!process || !start(command, inherit, &information)) {
        free(process);
        return NULL;
    }
    CloseHandle(information.hThread);
    process->handle = information.hProcess;
    return process;
}

struct platform_process *platform_fork(int *ret_in_child)
{
    *ret_in_child = 0;
    return NULL;
}

int platform_process_wait(struct platform_process *process, int ms,
                          int *ret_status)
{
    DWORD code = 0;
    if (WaitForSingleObject(process->handle, ms < 0 ? INFINITE : (DWORD)ms) !=
        WAIT_OBJECT_0)
        return 0;
    GetExitCodeProcess(process->handle, &code);
    *ret_status = (int)code;
    return 1;
}

void platform_process_kill(struct platform_process *process)
{
    TerminateProcess(process->handle, 256 + 9);
}

void platform_process_free(struct platform_process *process)
{
    if (!process) return;
    CloseHandle(process->handle);
    free(process);
}

long long platform_counter(void)
{
    LARGE_INTEGER counter, frequency;

    QueryPerformanceCounter(&counter);
    QueryPerformanceFrequency(&frequency);
    return (long long)((double)counter.QuadPart * 1e7 /
                       (double)frequency.QuadPart);
}

unsigned platform_process_id(void)
{
    return GetCurrentProcessId();
}

/* explorer.exe, which Wine starts for a process's first window, is none of the
   test's. */
unsigned platform_count_children(void)
{
    unsigned n = 0;
    PROCESSENTRY32 entry = { .dwSize = sizeof(entry) };
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE) return 0;
    for (BOOL more = Process32First(snapshot, &entry); more;
         more = Process32Next(snapshot, &entry))
        n += entry.th32ParentProcessID == GetCurrentProcessId() &&
             strcmp(entry.szExeFile, "explorer.exe") != 0;
    CloseHandle(snapshot);
    return n;
}

/*
 * By asking about each value that a handle may have: Wine hands out the lowest
 * free one.  SystemExtendedHandleInformation would be one question, but Wine
 * 8.0's server crashes on it, with all programs of the prefix, when a process
 * has just closed its last handle.
 */
#define HANDLE_GAP 256 /* so many closed ones in a row are the end */

unsigned platform_count_handles(void)
{
    ULONG_PTR handle, last = 0;
    DWORD flags;
    unsigned n = 0;
    for (handle = 4; handle - last <= 4 * HANDLE_GAP; handle += 4) {
        if (GetHandleInformation((HANDLE)handle, &flags)) {
            last = handle;
            n++;
        }
    }
    return n;
}

void platform_exit(int status)
{
    fflush(NULL);
    ExitProcess((UINT)status);
}

void platform_terminate(int status)
{
    fflush(NULL);
    TerminateProcess(GetCurrentProcess(), (UINT)status);
    abort();
}

/* --- Handles -------------------------------------------------------------- */

uint64_t handle_duplicate(uint64_t handle)
{
    HANDLE copy = NULL;
    if (!DuplicateHandle(GetCurrentProcess(), (HANDLE)(ULONG_PTR)handle,
                         GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS))
        return 0;
    return (ULONG_PTR)copy;
}

/* ntdll's. */
extern LONG NTAPI NtSuspendProcess(HANDLE process);
extern LONG NTAPI NtResumeProcess(HANDLE process);

/* Programs that hand handles on ask for no more rights than that takes. */
uint64_t handle_copy(unsigned from, uint64_t handle, unsigned to, int flags)
{
    HANDLE source = OpenProcess(PROCESS_DUP_HANDLE, FALSE, from);
    HANDLE target = OpenProcess(PROCESS_DUP_HANDLE, FALSE, to);
    HANDLE control = NULL, copy = NULL;
    BOOL done;

    if (flags & HANDLE_COPY_SUSPENDED) {
        control = OpenProcess(PROCESS_SUSPEND_RESUME, FALSE, from);
        NtSuspendProcess(control);
    }
    done = DuplicateHandle(source, (HANDLE)(ULONG_PTR)handle, target, &copy, 0,
                           FALSE,
                           DUPLICATE_SAME_ACCESS |
                               (flags & HANDLE_COPY_CLOSES
                                    ? DUPLICATE_CLOSE_SOURCE
                                    : 0));
    if (control) {
        NtResumeProcess(control);
        CloseHandle(control);
    }
    CloseHandle(source);
    CloseHandle(target);
    return done ? (ULONG_PTR)copy : 0;
}

int handle_close(uint64_t handle)
{
    return CloseHandle((HANDLE)(ULONG_PTR)handle);
}

/* A provider's path may have variables.  The library stays loaded. */
void *library_symbol(const uint16_t *path, const char *name)
{
    WCHAR expanded[MAX_PATH];
    ExpandEnvironmentStringsW((const WCHAR *)path, expanded, MAX_PATH);
    HMODULE module = LoadLibraryW(expanded);
    return module ? (void *)GetProcAddress(module, name) : NULL;
}

/* --- Threads -------------------------------------------------------------- */

struct thread {
    HANDLE handle;
    void (*run)(void *argument);
    void *argument;
};

static DWORD WINAPI thread_main(void *argument)
{
    struct thread *thread = argument;
    thread->run(thread->argument);
    return 0;
}

struct thread *thread_start(void (*run)(void *argument), void *argument)
{
    struct thread *thread = calloc(1, sizeof(*thread));
    CHECK(thread);
    thread->run = run;
    thread->argument = argument;
    thread->handle = CreateThread(NULL, 0, thread_main, thread, 0, NULL);
    CHECK(thread->handle);
    return thread;
}

int thread_ended(struct thread *thread, int ms)
{
    return WaitForSingleObject(thread->handle, (DWORD)ms) == WAIT_OBJECT_0;
}

void thread_join(struct thread *thread)
{
    CHECK_THAT(thread_ended(thread, test_timeout(10000)),
               "a thread did not end in time");
    CloseHandle(thread->handle);
    free(thread);
}

/* --- Windows -------------------------------------------------------------- */

/* A message-only window needs no display. */
struct window {
    HWND handle;
};

struct window *window_create(void)
{
    struct window *window = calloc(1, sizeof(*window));
    CHECK(window);
    window->handle = CreateWindowA("Message", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE,
                                   NULL, NULL, NULL);
    CHECK_THAT(window->handle, "no window: error %u", (unsigned)GetLastError());
    return window;
}

void window_destroy(struct window *window)
{
    DestroyWindow(window->handle);
    free(window);
}

uint64_t window_handle(const struct window *window)
{
    return (ULONG_PTR)window->handle;
}

int window_next_message(struct window *window, int ms, unsigned *message,
                        uint64_t *wparam, int64_t *lparam)
{
    int64_t end = test_clock() + ms;
    for (;;) {
        MSG taken;
        if (PeekMessageA(&taken, window->handle, WM_USER, 0xffff, PM_REMOVE)) {
            *message = taken.message;
            *wparam = taken.wParam;
            *lparam = taken.lParam;
            return 1;
        }
        int64_t left = end - test_clock();
        if (left <= 0) return 0;
        MsgWaitForMultipleObjects(0, NULL, FALSE, (DWORD)left, QS_ALLINPUT);
    }
}

/* --- The program ---------------------------------------------------------- */

void environment_set(const char *name, const char *value)
{
    CHECK(setenv(name, value, 1) == 0);
    CHECK(SetEnvironmentVariableA(name, value));
}

void program_file(uint16_t *path)
{
    CHECK(GetModuleFileNameW(NULL, (WCHAR *)path, MAX_PATH) > 0);
}
