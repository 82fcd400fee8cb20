/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles of the API's; see notification_handle.h. */
#include "notification_handle.h"

#include <stdint.h>

#include <ws2emu/constants.h>

#include "handle_hooks.h"
#include "handle_table.h"
#include "host/host.h"

struct notification_handle {
    struct handle_object object;
    uint64_t id;
    void (*closed)(uint64_t id);
};

static void handle_closed(struct handle_object *object)
{
    const struct notification_handle *handle =
        (struct notification_handle *)object;

    handle->closed(handle->id);
}

static struct handle_kind notification_kind = {
    .size = sizeof(struct notification_handle),
    .closed = handle_closed,
};

int host_notification_handle_create(void (*closed)(uint64_t id), uint64_t id,
                                    uint64_t *ret_handle)
{
    struct notification_handle *handle = handle_object_new(&notification_kind);
    HANDLE event = NULL;
    int is_known = 0;

    if (handle) {
        handle->id = id;
        handle->closed = closed;
        event = CreateEventW(NULL, TRUE, FALSE, NULL);
        is_known = event && handle_table_put(event, &handle->object);
        handle_object_release(&handle->object);
    }
    if (event && !is_known)
        handle_close_unhooked(event);
    *ret_handle = (uintptr_t)event;
    return is_known ? 0 : WS2_NOT_ENOUGH_MEMORY;
}

void host_notification_handle_close(uint64_t handle)
{
    CloseHandle((HANDLE)(uintptr_t)handle);
}

int host_notification_handle_find(uint64_t handle, uint64_t *ret_id)
{
    struct notification_handle *found = handle_table_find(
        (HANDLE)(uintptr_t)handle, &notification_kind);

    if (!found)
        return WS2_INVALID_HANDLE;
    *ret_id = found->id;
    handle_object_release(&found->object);
    return 0;
}

int notification_handle_is(HANDLE handle)
{
    uint64_t id;

    return !host_notification_handle_find((uintptr_t)handle, &id);
}
