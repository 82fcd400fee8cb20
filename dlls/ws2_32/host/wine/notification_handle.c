/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles of the API's; see notification_handle.h. */
#include "notification_handle.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include <ws2emu/constants.h>

#include "handle_hooks.h"
#include "handle_table.h"
#include "host/host.h"

struct notification_handle {
    struct handle_object object;
    uint64_t id;
    void (*closed)(uint64_t id);
    struct notification_handle *next_free;
};

static pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
static struct notification_handle *free_handles; /* under free_lock */

static void handle_closed(struct handle_object *object)
{
    const struct notification_handle *handle =
        (struct notification_handle *)object;

    handle->closed(handle->id);
}

static void handle_end(struct handle_object *object)
{
    struct notification_handle *handle = (struct notification_handle *)object;

    pthread_mutex_lock(&free_lock);
    handle->next_free = free_handles;
    free_handles = handle;
    pthread_mutex_unlock(&free_lock);
}

/* With a reference; NULL: no memory. */
static struct notification_handle *handle_new(void)
{
    struct notification_handle *handle;

    pthread_mutex_lock(&free_lock);
    handle = free_handles;
    if (handle)
        free_handles = handle->next_free;
    pthread_mutex_unlock(&free_lock);
    if (!handle) {
        handle = calloc(1, sizeof(*handle));
        if (!handle)
            return NULL;
        handle->object.kind = HANDLE_NOTIFICATION;
        handle->object.closed = handle_closed;
        handle->object.end = handle_end;
    }
    handle->object.handles = 0;
    __atomic_store_n(&handle->object.references, 1, __ATOMIC_RELEASE);
    return handle;
}

int host_notification_handle_create(void (*closed)(uint64_t id), uint64_t id,
                                    uint64_t *ret_handle)
{
    struct notification_handle *handle = handle_new();
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
        (HANDLE)(uintptr_t)handle, HANDLE_NOTIFICATION);

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
