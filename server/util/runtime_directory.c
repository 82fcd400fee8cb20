/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one rule for the server's directory: of the library on both hosts, and
 * of the inspection library.  ws2run has it a second time, as a script.
 *
 * A folder (a Wine prefix) goes by its device and inode, as in wineserver:
 * the name is short (a socket's path has 107 bytes), and it is the same by
 * whatever path the folder is called.
 */
#include "util/runtime_directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * $XDG_RUNTIME_DIR, or NULL.  su and sudo leave their caller's in the
 * environment, whose directory is closed to the user that they change to.
 */
static const char *own_runtime(void)
{
    /* secure_: a set-user-id program must not meet a server of its caller's
       choice. */
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    struct stat status;

    if (!runtime || runtime[0] != '/' || stat(runtime, &status) < 0 ||
        !S_ISDIR(status.st_mode) || status.st_uid != geteuid())
        return NULL;
    return runtime;
}

int runtime_directory(const struct stat *folder, char *path, size_t size)
{
    const char *chosen = secure_getenv("WS2EMU_DIR");
    const char *runtime = own_runtime();
    char identity[40] = "";
    int length;

    if (folder)
        (void)snprintf(identity, sizeof(identity), "-%lx-%lx",
                       (unsigned long)folder->st_dev,
                       (unsigned long)folder->st_ino);
    if (chosen && *chosen)
        length = snprintf(path, size, "%s", chosen);
    else if (runtime)
        length = snprintf(path, size, "%s/ws2emu%s", runtime, identity);
    else
        length = snprintf(path, size, "/tmp/ws2emu-%u%s", (unsigned)geteuid(),
                          identity);
    return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}
