/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See platform.h. */
#include "platform.h"

#include <windows.h>

#include <stdlib.h>
#include <string.h>

void *platform_function(const uint16_t *path, const char *name)
{
    WCHAR expanded[MAX_PATH];
    DWORD length =
        ExpandEnvironmentStringsW((const WCHAR *)path, expanded, MAX_PATH);
    HMODULE module;

    if (length == 0 || length > MAX_PATH)
        return NULL;
    module = LoadLibraryExW(expanded, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    return module ? (void *)GetProcAddress(module, name) : NULL;
}

/* A lock of zeroes is SRWLOCK_INIT. */
void platform_lock(struct platform_lock *lock)
{
    AcquireSRWLockExclusive((SRWLOCK *)lock);
}

void platform_unlock(struct platform_lock *lock)
{
    ReleaseSRWLockExclusive((SRWLOCK *)lock);
}

int platform_environment(const char *name, char *value, size_t size)
{
    DWORD length = GetEnvironmentVariableA(name, value, (DWORD)size);

    return length > 0 && length < size;
}

struct start {
    void (*run)(void *argument);
    void *argument;
};

static DWORD WINAPI thread_main(void *argument)
{
    struct start start = *(struct start *)argument;

    free(argument);
    start.run(start.argument);
    return 0;
}

int platform_thread(void (*run)(void *argument), void *argument)
{
    struct start *start = malloc(sizeof(*start));
    HANDLE thread;

    if (!start)
        return 0;
    *start = (struct start){run, argument};
    thread = CreateThread(NULL, 0, thread_main, start, 0, NULL);
    if (!thread)
        free(start);
    else
        CloseHandle(thread);
    return thread != NULL;
}

unsigned platform_process_id(void)
{
    return GetCurrentProcessId();
}

void platform_program_name(char *name, size_t size)
{
    char path[MAX_PATH] = "?", *last = path, *at;

    GetModuleFileNameA(NULL, path, sizeof(path) - 1);
    for (at = path; *at; at++)
        if (*at == '\\' || *at == '/')
            last = at + 1;
    strncpy(name, last, size - 1);
    name[size - 1] = '\0';
}

void platform_append(const char *path, const char *line)
{
    HANDLE file = CreateFileA(path, FILE_APPEND_DATA,
                              FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD written;

    if (file == INVALID_HANDLE_VALUE)
        return;
    WriteFile(file, line, (DWORD)strlen(line), &written, NULL);
    CloseHandle(file);
}
