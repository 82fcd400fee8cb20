/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the catalogs of a plain process are: a file of the user's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ws2emu/constants.h>

#include "host/catalog.h"

#define PATH_ROOM 4096

/* $WS2EMU_CATALOG, else $XDG_CONFIG_HOME/ws2emu/catalog, else
   $HOME/.config/ws2emu/catalog; 0: there is no place for it. */
static int catalog_path(char *path)
{
    /* secure_: a set-user-id program must not load what its caller chose. */
    const char *own = secure_getenv("WS2EMU_CATALOG");
    const char *config = secure_getenv("XDG_CONFIG_HOME");
    const char *home = secure_getenv("HOME");
    int length = 0;

    if (own && *own)
        length = snprintf(path, PATH_ROOM, "%s", own);
    else if (config && *config == '/')
        length = snprintf(path, PATH_ROOM, "%s/ws2emu/catalog", config);
    else if (home && *home == '/')
        length = snprintf(path, PATH_ROOM, "%s/.config/ws2emu/catalog", home);
    return length > 0 && length < PATH_ROOM;
}

int host_catalog_lock(void **ret_lock)
{
    char path[PATH_ROOM];

    if (!catalog_path(path))
        return WS2_NO_RECOVERY;
    return catalog_file_lock(path, (struct catalog_lock **)ret_lock);
}

void host_catalog_unlock(void *lock)
{
    catalog_file_unlock(lock);
}

int host_catalog_load(struct catalog_items *ret)
{
    char path[PATH_ROOM];

    *ret = (struct catalog_items){0};
    return catalog_path(path) ? catalog_file_load(path, ret) : 0;
}

int host_catalog_save(const struct catalog_items *list)
{
    char path[PATH_ROOM];

    return catalog_path(path) ? catalog_file_save(path, list)
                              : WS2_NO_RECOVERY;
}

uint64_t host_catalog_stamp(void)
{
    char path[PATH_ROOM];

    return catalog_path(path) ? catalog_file_stamp(path) : 0;
}

int host_catalog_watch_new(void **ret_watch)
{
    struct catalog_file_watch *watch;
    char path[PATH_ROOM];
    int error = WS2_EOPNOTSUPP;

    if (catalog_path(path))
        error = catalog_file_watch_new(path, &watch);
    if (!error)
        *ret_watch = watch;
    return error;
}

int host_catalog_watch_wait(void *watch)
{
    return catalog_file_watch_wait(watch);
}

void host_catalog_watch_stop(void *watch)
{
    catalog_file_watch_stop(watch);
}

void host_catalog_watch_free(void *watch)
{
    catalog_file_watch_free(watch);
}
