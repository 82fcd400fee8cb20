/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles of files in Wine: wineserver makes one of the fd. */
#include "support/extensions.h"

extern NTSTATUS CDECL wine_server_fd_to_handle(int fd, unsigned int access,
                                               unsigned int attributes,
                                               HANDLE *handle);

HANDLE file_handle(FILE *file)
{
    HANDLE handle = NULL;

    CHECK_EQ(wine_server_fd_to_handle(fileno(file), GENERIC_READ | SYNCHRONIZE,
                                      0, &handle),
             0);
    return handle;
}

void file_handle_close(HANDLE handle)
{
    CHECK(CloseHandle(handle));
}
