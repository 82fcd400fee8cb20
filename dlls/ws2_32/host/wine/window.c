/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: windows.
 *
 * user32 is loaded when the first window is named, so that a console program
 * stays one: loading it connects to the display.
 */
#include <windows.h>

#include <stdint.h>

#include "host/host.h"

static struct {
    BOOL(WINAPI *is_window)(HWND);
    BOOL(WINAPI *post_message)(HWND, UINT, WPARAM, LPARAM);
} user32;

static BOOL CALLBACK user32_load(INIT_ONCE *once, void *parameter,
                                 void **context)
{
    HMODULE module = LoadLibraryA("user32.dll");

    (void)once;
    (void)parameter;
    (void)context;
    if (!module)
        return FALSE;
    user32.is_window = (void *)GetProcAddress(module, "IsWindow");
    user32.post_message = (void *)GetProcAddress(module, "PostMessageA");
    return user32.is_window && user32.post_message;
}

static int user32_is_loaded(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;

    return InitOnceExecuteOnce(&once, user32_load, NULL, NULL) != 0;
}

int host_window_exists(uint64_t window)
{
    return window && user32_is_loaded() &&
           user32.is_window((HWND)(uintptr_t)window);
}

int host_post_message(uint64_t window, uint32_t message, uint64_t wparam,
                      uint64_t lparam)
{
    return user32_is_loaded() &&
           user32.post_message((HWND)(uintptr_t)window, message, (WPARAM)wparam,
                               (LPARAM)lparam);
}
