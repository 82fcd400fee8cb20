/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths: a native program's are the kernel's own. */
#include <string.h>

#include <ws2emu/constants.h>

#include "host/host.h"

static int copy(const char *from, char *to, size_t size)
{
    size_t length = strlen(from);

    if (length >= size)
        return WS2_EINVAL;
    memcpy(to, from, length + 1);
    return WS2_SUCCESS;
}

int host_path_to_unix(const char *path, char *unix_path, size_t size)
{
    return copy(path, unix_path, size);
}

int host_path_from_unix(const char *unix_path, char *path, size_t size)
{
    return copy(unix_path, path, size);
}
