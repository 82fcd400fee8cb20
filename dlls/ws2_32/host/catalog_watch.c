/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a change of the store's file.
 *
 * A change makes another file of the same name, so its folder is what is
 * watched; as long as that is not there, the nearest one above it that is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include <ws2emu/constants.h>

#include "host/catalog.h"
#include "util/watch.h"

#define CHANGES                                                         \
    (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct catalog_file_watch {
    struct watch inotify;
    char *path;
    char *folder; /* with room for all of the path */
};

/* Makes the folder the one above it; 0: there is none. */
static int go_up(char *folder)
{
    char *slash = strrchr(folder, '/');

    if (slash == folder && slash[1]) {
        slash[1] = '\0';
        return 1;
    }
    if (slash && slash != folder) {
        *slash = '\0';
        return 1;
    }
    if (slash || !strcmp(folder, "."))
        return 0;
    strcpy(folder, ".");
    return 1;
}

/* Watches the deepest folder of the path that is there; returns the length of
   its name, 0: none can be watched. */
static size_t watch_deepest(struct catalog_file_watch *watch)
{
    strcpy(watch->folder, watch->path);
    while (go_up(watch->folder)) {
        if (inotify_add_watch(watch->inotify.notices, watch->folder,
                              CHANGES) >= 0)
            return strlen(watch->folder);
        if (errno != ENOENT && errno != ENOTDIR)
            break;
    }
    return 0;
}

/* A folder that is made while the one above it is not yet watched is found by
   looking again.  0: none can be watched. */
static int arm(struct catalog_file_watch *watch)
{
    size_t before, now = watch_deepest(watch);

    do {
        before = now;
        now = watch_deepest(watch);
    } while (now != 0 && now != before);
    return now != 0;
}

void catalog_file_watch_free(struct catalog_file_watch *watch)
{
    if (!watch)
        return;
    watch_deinit(&watch->inotify);
    free(watch->path);
    free(watch->folder);
    free(watch);
}

int catalog_file_watch_new(const char *path, struct catalog_file_watch **ret)
{
    struct catalog_file_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return WS2_NOT_ENOUGH_MEMORY;
    watch->path = strdup(path);
    watch->folder = malloc(strlen(path) + sizeof("."));
    if (watch_init(&watch->inotify, inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) ||
        !watch->path || !watch->folder || !arm(watch)) {
        catalog_file_watch_free(watch);
        return WS2_NOT_ENOUGH_MEMORY;
    }
    *ret = watch;
    return WS2_SUCCESS;
}

int catalog_file_watch_wait(struct catalog_file_watch *watch)
{
    if (!watch_wait(&watch->inotify))
        return WS2_EINTR;
    (void)arm(watch);
    return WS2_SUCCESS;
}

void catalog_file_watch_stop(struct catalog_file_watch *watch)
{
    watch_stop(&watch->inotify);
}
