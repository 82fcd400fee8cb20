/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Wine host: waiting for a change of the store, in the registry or in the
 * file that WS2EMU_CATALOG names.
 */
#include <windows.h>

#include <stdint.h>
#include <stdlib.h>

#include <ws2emu/constants.h>

#include "catalog.h"
#include "handle_hooks.h"
#include "host/catalog.h"

struct watch {
    struct catalog_file_watch *file; /* NULL: the registry */
    HKEY key;
    HANDLE changed, stop; /* events */
};

static int arm(const struct watch *watch)
{
    return !RegNotifyChangeKeyValue(watch->key, TRUE,
                                    REG_NOTIFY_CHANGE_NAME |
                                        REG_NOTIFY_CHANGE_LAST_SET,
                                    watch->changed, TRUE);
}

static int watch_registry(struct watch *watch)
{
    watch->key = catalog_open_parameters();
    if (!watch->key)
        return WS2_EOPNOTSUPP;
    watch->changed = CreateEventW(NULL, FALSE, FALSE, NULL);
    watch->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    return watch->changed && watch->stop && arm(watch) ? 0
                                                       : WS2_NOT_ENOUGH_MEMORY;
}

int host_catalog_watch_new(void **ret_watch)
{
    const char *file = catalog_file_path();
    struct watch *watch = calloc(1, sizeof(*watch));
    int error;

    if (!watch)
        return WS2_NOT_ENOUGH_MEMORY;
    error = file ? catalog_file_watch_new(file, &watch->file)
                 : watch_registry(watch);
    if (error)
        host_catalog_watch_free(watch);
    else
        *ret_watch = watch;
    return error;
}

/* Armed again before the caller looks, so that no change is between. */
int host_catalog_watch_wait(void *argument)
{
    const struct watch *watch = argument;
    HANDLE handles[2];

    if (watch->file)
        return catalog_file_watch_wait(watch->file);
    handles[0] = watch->stop;
    handles[1] = watch->changed;
    if (WaitForMultipleObjects(2, handles, FALSE, INFINITE) !=
            WAIT_OBJECT_0 + 1 ||
        !arm(watch))
        return WS2_EINTR;
    return 0;
}

void host_catalog_watch_stop(void *argument)
{
    const struct watch *watch = argument;

    if (watch->file)
        catalog_file_watch_stop(watch->file);
    else
        SetEvent(watch->stop);
}

void host_catalog_watch_free(void *argument)
{
    struct watch *watch = argument;

    catalog_file_watch_free(watch->file);
    if (watch->changed)
        handle_close_unhooked(watch->changed);
    if (watch->stop)
        handle_close_unhooked(watch->stop);
    if (watch->key)
        RegCloseKey(watch->key);
    free(watch);
}
