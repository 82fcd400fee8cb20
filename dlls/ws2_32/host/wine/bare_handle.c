/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handles of which only the value is used; see bare_handle.h. */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "bare_handle.h"

#include <pthread.h>
#include <stdlib.h>

#include "nt.h"
#include "posix.h"

/* A process keeps this many at most; each costs wineserver a descriptor. */
#define ROOM 256

/* ntdll's; Wine has no header for it. */
extern NTSTATUS CDECL wine_server_fd_to_handle(int fd, unsigned int access,
                                               unsigned int attributes,
                                               HANDLE *handle);

uint8_t *bare_handle_pages[BARE_HANDLE_PAGES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under the lock: a ring. */
static HANDLE kept[ROOM];
static unsigned int first, count;
static uint32_t n_taken; /* those that are SOCKETs' */
static int is_allowed; /* written while the module is loaded */

void bare_handle_allow(void)
{
    is_allowed = 1;
}

/* The handle's byte, NULL: it can have none. */
static uint8_t *place_of(HANDLE handle)
{
    const uint64_t index = (uintptr_t)handle >> 2;
    uint8_t **page;

    if (index >= BARE_HANDLE_PAGES * BARE_HANDLE_PAGE)
        return NULL;
    page = &bare_handle_pages[index / BARE_HANDLE_PAGE];
    if (!*page)
        __atomic_store_n(page, calloc(BARE_HANDLE_PAGE, 1), __ATOMIC_RELEASE);
    return *page ? &(*page)[index % BARE_HANDLE_PAGE] : NULL;
}

static void set_locked(HANDLE handle, unsigned int flags)
{
    __atomic_store_n(place_of(handle), (uint8_t)flags, __ATOMIC_RELAXED);
}

/* wineserver may give the value away at once, so it is bare no more before. */
static void close_locked(HANDLE handle)
{
    set_locked(handle, 0);
    (void)nt.close(handle);
}

static NTSTATUS make_locked(HANDLE *ret_handle)
{
    const int fd = posix_nobodys_socket();
    NTSTATUS status;
    HANDLE handle;

    if (fd < 0)
        return STATUS_TOO_MANY_OPENED_FILES;
    status = wine_server_fd_to_handle(
        fd, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, 0, &handle);
    posix_close(fd);
    if (status)
        return status;
    if (!place_of(handle)) {
        (void)nt.close(handle);
        return STATUS_NO_MEMORY;
    }
    set_locked(handle, BARE_HANDLE);
    *ret_handle = handle;
    return STATUS_SUCCESS;
}

static NTSTATUS take_locked(HANDLE *ret_handle)
{
    if (count == 0)
        return make_locked(ret_handle);
    *ret_handle = kept[first];
    first = (first + 1) % ROOM;
    count--;
    return STATUS_SUCCESS;
}

static void set_flags_locked(HANDLE handle, int inherits, int is_protected)
{
    const unsigned int flags = bare_handle_flags(handle) &
                               ~(unsigned int)(BARE_HANDLE_INHERITS |
                                               BARE_HANDLE_PROTECTED);

    if (flags)
        set_locked(handle,
                   flags | (inherits ? BARE_HANDLE_INHERITS : 0) |
                       (is_protected ? BARE_HANDLE_PROTECTED : 0));
}

NTSTATUS bare_handle_take(int inherits, uint32_t most, HANDLE *ret_handle)
{
    NTSTATUS status = STATUS_NOT_SUPPORTED;

    if (!is_allowed)
        return status;
    pthread_mutex_lock(&lock);
    if (n_taken < most)
        status = take_locked(ret_handle);
    if (!status) {
        n_taken++;
        set_flags_locked(*ret_handle, inherits, 0);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

void bare_handle_give_back(HANDLE handle)
{
    pthread_mutex_lock(&lock);
    n_taken--;
    if (count < ROOM && !(bare_handle_flags(handle) & BARE_HANDLE_IS_USED)) {
        set_flags_locked(handle, 0, 0);
        kept[(first + count++) % ROOM] = handle;
    } else {
        close_locked(handle);
    }
    pthread_mutex_unlock(&lock);
}

void bare_handle_set_flags(HANDLE handle, int inherits, int is_protected)
{
    pthread_mutex_lock(&lock);
    set_flags_locked(handle, inherits, is_protected);
    pthread_mutex_unlock(&lock);
}

NTSTATUS bare_handle_use(HANDLE handle)
{
    if (!bare_handle_is(handle))
        return STATUS_SUCCESS;
    if (bare_handle_is_closed(handle))
        return STATUS_INVALID_HANDLE;
    pthread_mutex_lock(&lock);
    if (bare_handle_is(handle))
        set_locked(handle, bare_handle_flags(handle) | BARE_HANDLE_IS_USED);
    pthread_mutex_unlock(&lock);
    return STATUS_SUCCESS;
}

static void tell_inheritance_locked(HANDLE handle, unsigned int flags)
{
    OBJECT_DATA_INFORMATION information = {
        .InheritHandle = (flags & BARE_HANDLE_INHERITS) != 0,
    };
    const int is_passed_on = (flags & BARE_HANDLE_IS_PASSED_ON) != 0;

    if (information.InheritHandle != is_passed_on &&
        !nt.set_object(handle, ObjectDataInformation, &information,
                       sizeof(information)))
        set_locked(handle, flags ^ BARE_HANDLE_IS_PASSED_ON);
}

void bare_handle_before_child(void)
{
    uint64_t i, j, index;
    HANDLE handle;

    pthread_mutex_lock(&lock);
    for (i = 0; i < BARE_HANDLE_PAGES; i++)
        for (j = 0; bare_handle_pages[i] && j < BARE_HANDLE_PAGE; j++) {
            index = i * BARE_HANDLE_PAGE + j;
            handle = (HANDLE)(uintptr_t)(index << 2);
            if (bare_handle_is(handle))
                tell_inheritance_locked(handle, bare_handle_flags(handle));
        }
    pthread_mutex_unlock(&lock);
}

void bare_handle_close_kept(void)
{
    pthread_mutex_lock(&lock);
    for (; count > 0; count--) {
        close_locked(kept[first]);
        first = (first + 1) % ROOM;
    }
    pthread_mutex_unlock(&lock);
}
