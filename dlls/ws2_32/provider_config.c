/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WSAProviderConfigChange: a program is told that the catalogs have changed, by
 * whatever process.
 *
 * Its handle is an id here.  A wait is a notice (notices.h) whose owner is the
 * id; closing the handle cancels it.
 *
 * Each call brings the process's copy of the catalogs up to date, after it has
 * begun to look for changes, and so does each change that it tells of.  So the
 * documented sequence, this call and then an enumeration, misses nothing; a
 * program that does not ask keeps the catalogs that it started with.
 */
#include "provider_config.h"

#include <winsock2.h>
#include <ws2spi.h>

#include "api.h"
#include "catalog.h"
#include "notices.h"
#include "unix/boundary.h"

#include <pthread.h>
#include <stdlib.h>

struct notification {
    struct notification *next;
    uint64_t id;
    struct notice_port port; /* a reference, or 0 */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct notification *notifications; /* under lock */
static uint64_t last_id;                   /* under lock */

void provider_config_forked(void)
{
    pthread_mutex_init(&lock, NULL);
}

/* --- Waiting for a change ------------------------------------------------- */

struct change {
    uint64_t handle;
    uint64_t stamp; /* of the store as it was */
};

static void change_begin(void *what)
{
    ((struct change *)what)->stamp = host_catalog_stamp();
    catalog_refresh();
}

/* A handle that was closed before the notice was there cancelled nothing. */
static int change_look(const void *what)
{
    const struct change *change = what;
    uint64_t id;
    int error;

    if (host_catalog_stamp() != change->stamp) {
        catalog_refresh();
        return 0;
    }
    error = host_notification_handle_find(change->handle, &id);
    return error ? error : WSAEWOULDBLOCK;
}

static const struct notice_kind change_kind = {
    .watch_new = host_catalog_watch_new,
    .watch_wait = host_catalog_watch_wait,
    .watch_stop = host_catalog_watch_stop,
    .watch_free = host_catalog_watch_free,
    .begin = change_begin,
    .look = change_look,
};

/* --- Handles -------------------------------------------------------------- */

/* Under lock. */
static struct notification **find(uint64_t id)
{
    struct notification **place = &notifications;

    while (*place != NULL && (*place)->id != id)
        place = &(*place)->next;
    return place;
}

static uint64_t notification_add(struct notification *notification)
{
    uint64_t id;

    pthread_mutex_lock(&lock);
    id = notification->id = ++last_id;
    notification->next = notifications;
    notifications = notification;
    pthread_mutex_unlock(&lock);
    return id;
}

static void notification_remove(uint64_t id)
{
    struct notification **place, *removed;

    pthread_mutex_lock(&lock);
    place = find(id);
    removed = *place;
    if (removed != NULL)
        *place = removed->next;
    pthread_mutex_unlock(&lock);
    if (removed != NULL && removed->port.port != 0)
        host_completion_port_close(removed->port.port);
    free(removed);
}

/* The program closed its handle. */
static void handle_closed(uint64_t id)
{
    notices_cancel(&change_kind, id);
    notification_remove(id);
}

int provider_config_open(LPHANDLE ret_handle)
{
    struct notification *notification = calloc(1, sizeof(*notification));
    uint64_t id, handle;
    HANDLE result;
    int error;

    if (notification == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    id = notification_add(notification);
    error = host_notification_handle_create(handle_closed, id, &handle);
    if (error) {
        notification_remove(id);
        return error;
    }
    catalog_refresh();
    result = (HANDLE)(ULONG_PTR)handle;
    error = unix_memory_write(ret_handle, &result, sizeof(result));
    if (error)
        host_notification_handle_close(handle);
    return error;
}

int provider_config_associate(uint64_t handle, uint64_t port, uint64_t key)
{
    struct notification *notification;
    int error = WSAENOTSOCK;
    uint64_t id;

    if (host_notification_handle_find(handle, &id))
        return error;
    pthread_mutex_lock(&lock);
    notification = *find(id);
    if (notification != NULL)
        error = notification->port.port != 0 ? WSA_INVALID_PARAMETER : 0;
    if (!error)
        notification->port = (struct notice_port){port, key};
    pthread_mutex_unlock(&lock);
    return error;
}

/* The handle's port with a reference of the caller's, or none. */
static struct notice_port port_of(uint64_t id)
{
    const struct notification *notification;
    struct notice_port port = {0};

    pthread_mutex_lock(&lock);
    notification = *find(id);
    if (notification != NULL)
        port = notification->port;
    if (port.port != 0)
        host_completion_port_hold(port.port);
    pthread_mutex_unlock(&lock);
    return port;
}

void provider_config_end(void)
{
    notices_cancel(&change_kind, 0);
}

/* --- The call ------------------------------------------------------------- */

static int begin(struct change *change, uint64_t id, LPWSAOVERLAPPED overlapped,
                 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct notice_port port = port_of(id);
    WSACOMPLETION completion = {.Type = NSP_NOTIFY_EVENT};
    int error;

    if (routine != NULL) {
        completion.Type = NSP_NOTIFY_APC;
        completion.Parameters.Apc.lpOverlapped = overlapped;
        completion.Parameters.Apc.lpfnCompletionProc = routine;
    } else {
        completion.Parameters.Event.lpOverlapped = overlapped;
    }
    error = notice_begin(&change_kind, change, id, &completion, NULL, &port);
    if (port.port != 0)
        host_completion_port_close(port.port);
    return error ? error : WSA_IO_PENDING;
}

int provider_config_wait(uint64_t handle, LPWSAOVERLAPPED overlapped,
                         LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct change *change;
    uint64_t id;
    int error = host_notification_handle_find(handle, &id);

    if (error)
        return error;
    change = calloc(1, sizeof(*change));
    if (change == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    change->handle = handle;
    return overlapped == NULL ? notice_perform(&change_kind, change, id)
                              : begin(change, id, overlapped, routine);
}

static int change_nothing(struct catalog_items *store, void *context)
{
    (void)store, (void)context;
    return 0;
}

/* Written as it is, the store is another one to those who look. */
int provider_config_announce(void)
{
    return store_change(change_nothing, NULL);
}

/*
 * With a NULL handle at lpNotificationHandle: makes one, which the program
 * closes with CloseHandle (natively WSACloseEvent).  With that: waits until a
 * provider, also of a name space, is installed, changed or removed by anyone.
 * Without lpOverlapped it blocks; with one it fails with WSA_IO_PENDING, and
 * completes by lpCompletionRoutine, by the OVERLAPPED's event, or on the port
 * that the handle is associated with.  WSANOTINITIALISED; WSAEFAULT;
 * WSA_INVALID_HANDLE: not such a handle; WSA_NOT_ENOUGH_MEMORY;
 * WSAEOPNOTSUPP: there is no place for a catalog; WSA_OPERATION_ABORTED: the
 * handle was closed, or the use of Winsock ended.
 */
INT WINAPI WSAProviderConfigChange(LPHANDLE lpNotificationHandle,
                                   LPWSAOVERLAPPED lpOverlapped,
                                   LPWSAOVERLAPPED_COMPLETION_ROUTINE
                                       lpCompletionRoutine)
{
    HANDLE handle;
    int error;

    if (!api_started())
        return api_failure(WSANOTINITIALISED);
    error = unix_memory_read(&handle, lpNotificationHandle, sizeof(handle));
    if (!error)
        error = handle == NULL
                    ? provider_config_open(lpNotificationHandle)
                    : provider_config_wait((uint64_t)(ULONG_PTR)handle,
                                           lpOverlapped, lpCompletionRoutine);
    return api_result(error);
}
