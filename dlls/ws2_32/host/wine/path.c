/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths: a Windows program's lead through Wine's drives, are relative to the
 * process's current directory, and know no case.  Wine looks them up.
 */
#include <windows.h>

#include <string.h>

#include <ws2emu/constants.h>

#include "host/host.h"

/* kernel32's; the results are freed with HeapFree. */
extern char *CDECL wine_get_unix_file_name(const WCHAR *name);
extern WCHAR *CDECL wine_get_dos_file_name(const char *name);

#define LONGEST 1024

int host_path_to_unix(const char *path, char *unix_path, size_t size)
{
    WCHAR name[LONGEST];
    char *found;
    int error = 0;

    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, name,
                             LONGEST))
        return WS2_EINVAL;
    found = wine_get_unix_file_name(name);
    if (!found)
        return WS2_ENETDOWN;
    if (strlen(found) < size)
        strcpy(unix_path, found);
    else
        error = WS2_EINVAL;
    HeapFree(GetProcessHeap(), 0, found);
    return error;
}

int host_path_from_unix(const char *unix_path, char *path, size_t size)
{
    WCHAR *found = wine_get_dos_file_name(unix_path);
    int error = 0;

    if (!found)
        return WS2_EINVAL;
    if (!WideCharToMultiByte(CP_UTF8, 0, found, -1, path, (int)size, NULL,
                             NULL))
        error = WS2_EINVAL;
    HeapFree(GetProcessHeap(), 0, found);
    return error;
}
