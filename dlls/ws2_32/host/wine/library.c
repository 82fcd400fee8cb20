/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: libraries of providers are DLLs.
 */
#include <windows.h>

#include <stdint.h>
#include <stdio.h>

#include <ws2emu/constants.h>

#include "host/host.h"

/* Stays loaded when it has the function.  A path with a directory is where the
   DLL's own imports are looked for, too. */
int host_library_function(const uint16_t *path, const char *name,
                          void **ret_function, char *why, size_t why_size)
{
    WCHAR expanded[MAX_PATH];
    DWORD length = ExpandEnvironmentStringsW((const WCHAR *)path, expanded,
                                             MAX_PATH);
    HMODULE module;

    if (length == 0 || length > MAX_PATH) {
        snprintf(why, why_size, "the path is too long");
        return WS2_EPROVIDERFAILEDINIT;
    }
    module = LoadLibraryExW(expanded, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (!module) {
        snprintf(why, why_size, "cannot be loaded: error %u",
                 (unsigned)GetLastError());
        return WS2_EPROVIDERFAILEDINIT;
    }
    *ret_function = (void *)GetProcAddress(module, name);
    if (!*ret_function) {
        snprintf(why, why_size, "has no %s", name);
        FreeLibrary(module);
        return WS2_EPROVIDERFAILEDINIT;
    }
    return 0;
}

/* The command line after the program's name, which may be in quotes. */
static const WCHAR *arguments_of(const WCHAR *line)
{
    BOOL quoted = FALSE;

    for (; *line && (quoted || (*line != ' ' && *line != '\t')); line++)
        if (*line == '"')
            quoted = !quoted;
    while (*line == ' ' || *line == '\t')
        line++;
    return line;
}

int host_program_is(const uint16_t *path, const uint16_t *arguments)
{
    const WCHAR *given = arguments_of(GetCommandLineW());
    WCHAR expanded[MAX_PATH], program[MAX_PATH];
    DWORD length = ExpandEnvironmentStringsW((const WCHAR *)path, expanded,
                                             MAX_PATH);

    if (length == 0 || length > MAX_PATH)
        return 0;
    length = GetModuleFileNameW(NULL, program, MAX_PATH);
    if (length == 0 || length >= MAX_PATH || lstrcmpiW(program, expanded))
        return 0;
    for (; *arguments; arguments++, given++)
        if (*given != *arguments)
            return 0;
    return 1;
}
