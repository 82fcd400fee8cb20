/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: the life of the module and what it knows of the process.
 *
 * The hooks of ntdll are installed while the module loads, and pin it: a
 * completion port that is made before the program's WSAStartup is then known
 * like any other.  When the process ends there is nothing to do: the other
 * threads are gone by then, maybe in the middle of something, and the server
 * sees the end of the process by itself.  A thread that ends takes the
 * overlapped operations with it that it started.
 */
#include <windows.h>

#include <stdint.h>
#include <string.h>

#include <ws2emu/constants.h>

#include "afd_hooks.h"
#include "cancel_hooks.h"
#include "completion_hooks.h"
#include "file_hooks.h"
#include "handle_hooks.h"
#include "host/host.h"
#include "posix.h"
#include "process_hooks.h"
#include "request_hooks.h"
#include "socket_file_hooks.h"
#include "thread.h"
#include "unix/afd_poll.h"
#include "unix/overlapped.h"
#include "wait_hooks.h"

/* kernel32's; the result is freed with HeapFree. */
extern char *CDECL wine_get_unix_file_name(const WCHAR *name);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);

static void attach(HINSTANCE instance)
{
    HMODULE module;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN |
                                GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                            (const WCHAR *)(void *)instance, &module))
        return;
    thread_attach_process();
    handle_hooks_install();
    completion_hooks_install();
    file_hooks_install();
    cancel_hooks_install();
    afd_hooks_install();
    wait_hooks_install();
    process_hooks_install();
    request_hooks_install();
    socket_file_hooks_install();
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        attach(instance);
    } else if (reason == DLL_THREAD_DETACH) {
        unix_thread_ended(host_thread_id());
        unix_afd_poll_thread_ended(host_thread_id());
        thread_detach();
    }
    return TRUE;
}

/* All is done when the module is loaded. */
int host_startup(void)
{
    return 0;
}

uint32_t host_process_id(void)
{
    return GetCurrentProcessId();
}

/* A process that has ended still has its id while somebody holds a handle. */
int host_process_exists(uint32_t process_id)
{
    HANDLE process;
    int exists;

    if (process_id == GetCurrentProcessId())
        return 1;
    process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE,
                          FALSE, process_id);
    if (!process)
        return 0;
    exists = WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
    handle_close_unhooked(process);
    return exists;
}

void host_program_name(char *name, size_t size)
{
    WCHAR path[MAX_PATH];
    const WCHAR *last = path;
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    DWORD i;

    if (!size)
        return;
    if (length >= MAX_PATH)
        length = MAX_PATH - 1;
    path[length] = 0;
    for (i = 0; i < length; i++)
        if (path[i] == '\\' || path[i] == '/')
            last = &path[i + 1];

    /* A name that is too long ends where the last whole character fits. */
    for (i = length - (DWORD)(last - path); i > 0; i--) {
        int n = WideCharToMultiByte(CP_UTF8, 0, last, (int)i, name,
                                    (int)size - 1, NULL, NULL);
        if (n > 0) {
            name[n] = '\0';
            return;
        }
    }
    name[0] = '\0';
}

int host_runtime_directory(char *path, size_t size)
{
    static const WCHAR inside_prefix[] = {'C', ':', '\\', 0};
    char *inside = wine_get_unix_file_name(inside_prefix);
    int error = posix_runtime_directory(inside ? inside : "", path, size);

    if (inside)
        HeapFree(GetProcessHeap(), 0, inside);
    return error;
}

/* Wine forks only to start another loader. */
int host_process_forks(void)
{
    return 0;
}

/* Wine's own rpcrt4 listens at the first address alone, and is called at
   IPv4's. */
int host_wildcard_is_inet_first(void)
{
    return 1;
}
