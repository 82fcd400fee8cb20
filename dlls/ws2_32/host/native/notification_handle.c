/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handles of the API's: events that nobody signals, which the program closes as
 * it closes an event.
 */
#include <pthread.h>
#include <stdlib.h>

#include <ws2emu/constants.h>

#include "host/host.h"
#include "host/native/native.h"

struct notification_handle {
    struct notification_handle *next;
    uint64_t handle;
    uint64_t id;
    void (*closed)(uint64_t id);
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct notification_handle *handles; /* atomic; changed under lock */

/* Under lock. */
static struct notification_handle **find(uint64_t handle)
{
    struct notification_handle **place = &handles;

    while (*place && (*place)->handle != handle)
        place = &(*place)->next;
    return place;
}

int host_notification_handle_create(void (*closed)(uint64_t id), uint64_t id,
                                    uint64_t *ret_handle)
{
    struct notification_handle *made = malloc(sizeof(*made));
    int error;

    if (!made)
        return WS2_NOT_ENOUGH_MEMORY;
    error = host_event_create(&made->handle);
    if (error) {
        free(made);
        return error;
    }
    *ret_handle = made->handle;
    made->id = id;
    made->closed = closed;
    pthread_mutex_lock(&lock);
    made->next = handles;
    __atomic_store_n(&handles, made, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
    return WS2_SUCCESS;
}

void host_notification_handle_close(uint64_t handle)
{
    (void)host_event_close(handle);
}

int host_notification_handle_find(uint64_t handle, uint64_t *ret_id)
{
    const struct notification_handle *found;

    pthread_mutex_lock(&lock);
    found = *find(handle);
    if (found)
        *ret_id = found->id;
    pthread_mutex_unlock(&lock);
    return found ? WS2_SUCCESS : WS2_INVALID_HANDLE;
}

/* Before the event is closed: as long as it is open, its handle's value cannot
   be another's. */
void native_notification_handle_closing(uint64_t handle)
{
    struct notification_handle **place, *found;

    if (!__atomic_load_n(&handles, __ATOMIC_RELAXED))
        return;
    pthread_mutex_lock(&lock);
    place = find(handle);
    found = *place;
    if (found)
        __atomic_store_n(place, found->next, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock);
    if (found)
        found->closed(found->id);
    free(found);
}

void native_notification_handles_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}
