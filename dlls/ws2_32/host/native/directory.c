/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the server of a plain process has its socket.  A file of its own,
 * because the inspection library shares it without the rest of the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "host/host.h"

/* Writes $WS2EMU_DIR, else $XDG_RUNTIME_DIR/ws2emu, else /tmp/ws2emu-UID.
   WS2_ENAMETOOLONG when there is no room for it. */
int host_runtime_directory(char *path, size_t size)
{
    /* secure_: a set-user-id program must not meet a server of its caller's
       choice. */
    const char *own = secure_getenv("WS2EMU_DIR");
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    int length;

    if (own && *own)
        length = snprintf(path, size, "%s", own);
    else if (runtime && *runtime == '/')
        length = snprintf(path, size, "%s/ws2emu", runtime);
    else
        length = snprintf(path, size, "/tmp/ws2emu-%u", (unsigned)geteuid());
    return length < 0 || (size_t)length >= size ? WS2_ENAMETOOLONG
                                                : WS2_SUCCESS;
}
