/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The demo's platform.h for Windows programs. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include "platform.h"

struct channel {
    HANDLE input, output, child;
};

unsigned long process_id(void)
{
    return GetCurrentProcessId();
}

/* A pipe of which the child inherits one end: 0 to read, 1 to write. */
static int make_pipe(HANDLE ends[2], int inherited)
{
    SECURITY_ATTRIBUTES attributes = {sizeof(attributes), NULL, TRUE};

    if (!CreatePipe(&ends[0], &ends[1], &attributes, 0))
        return -1;
    SetHandleInformation(ends[!inherited], HANDLE_FLAG_INHERIT, 0);
    return 0;
}

static HANDLE spawn_with(const char *program, const char *const *arguments,
                         HANDLE input, HANDLE output)
{
    char line[4096];
    PROCESS_INFORMATION process;
    STARTUPINFOA startup = {
        .cb = sizeof(startup),
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = input,
        .hStdOutput = output,
        .hStdError = GetStdHandle(STD_ERROR_HANDLE),
    };
    int length = snprintf(line, sizeof(line), "\"%s\"", program);

    for (int i = 0; arguments[i]; i++)
        length += snprintf(line + length, sizeof(line) - (size_t)length,
                           " \"%s\"", arguments[i]);
    if (!CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL,
                        &startup, &process))
        return NULL;
    CloseHandle(process.hThread);
    return process.hProcess;
}

struct channel *channel_spawn(const char *program,
                              const char *const *arguments)
{
    struct channel *channel = malloc(sizeof(*channel));
    HANDLE to_child[2], from_child[2];

    if (!channel || make_pipe(to_child, 0) < 0 || make_pipe(from_child, 1) < 0)
        return NULL;
    channel->input = from_child[0];
    channel->output = to_child[1];
    channel->child = spawn_with(program, arguments, to_child[0],
                                from_child[1]);
    CloseHandle(to_child[0]);
    CloseHandle(from_child[1]);
    if (channel->child)
        return channel;
    CloseHandle(channel->input);
    CloseHandle(channel->output);
    free(channel);
    return NULL;
}

struct channel *channel_parent(void)
{
    struct channel *channel = malloc(sizeof(*channel));

    if (channel)
        *channel = (struct channel){GetStdHandle(STD_INPUT_HANDLE),
                                    GetStdHandle(STD_OUTPUT_HANDLE), NULL};
    return channel;
}

int channel_write(struct channel *channel, const void *data, size_t size)
{
    const char *position = data;
    DWORD n;

    for (; size > 0; position += n, size -= n)
        if (!WriteFile(channel->output, position, (DWORD)size, &n, NULL))
            return -1;
    return 0;
}

int channel_read(struct channel *channel, void *data, size_t size)
{
    char *position = data;
    DWORD n;

    for (; size > 0; position += n, size -= n)
        if (!ReadFile(channel->input, position, (DWORD)size, &n, NULL) ||
            n == 0)
            return -1;
    return 0;
}

int channel_end(struct channel *channel)
{
    DWORD status = (DWORD)-1;

    CloseHandle(channel->input);
    CloseHandle(channel->output);
    if (channel->child) {
        WaitForSingleObject(channel->child, INFINITE);
        GetExitCodeProcess(channel->child, &status);
        CloseHandle(channel->child);
    }
    free(channel);
    return (int)status;
}

void *window_create(void)
{
    return CreateWindowExA(0, "STATIC", "ws2emu demo", WS_POPUP, 0, 0, 1, 1,
                           NULL, NULL, NULL, NULL);
}

int window_wait(void *window, unsigned milliseconds, unsigned long *ret_lparam)
{
    ULONGLONG end = GetTickCount64() + milliseconds;
    ULONGLONG now;
    MSG message;

    for (;;) {
        while (PeekMessageA(&message, NULL, 0, 0, PM_REMOVE)) {
            if (message.hwnd == window && message.message == SOCKET_MESSAGE) {
                *ret_lparam = (unsigned long)message.lParam;
                return 1;
            }
            DispatchMessageA(&message);
        }
        now = GetTickCount64();
        if (now >= end)
            return 0;
        MsgWaitForMultipleObjects(0, NULL, FALSE, (DWORD)(end - now),
                                  QS_ALLINPUT);
    }
}

void window_destroy(void *window)
{
    DestroyWindow(window);
}
