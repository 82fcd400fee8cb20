/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the server of a plain process has its socket.  A file of its own, so
 * that what only connects to the server needs no more of the host.
 */
#include <ws2emu/constants.h>

#include "host/host.h"
#include "util/runtime_directory.h"

int host_runtime_directory(char *path, size_t size)
{
    return runtime_directory(NULL, path, size) ? WS2_ENAMETOOLONG : WS2_SUCCESS;
}
