/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: manual-reset event objects, each an eventfd whose counter is not 0
 * as long as the event is signalled.
 *
 * A table tells which descriptors are events.  Its entry of a descriptor is 0,
 * or EVENT_OPEN while the handle is open, plus EVENT_USE for each call that
 * uses it now.  The entry is changed by atomic operations alone.  Whoever
 * brings it to 0 closes the descriptor, so that no call of another thread ever
 * works on a descriptor that has become something else.
 *
 * The table is in chunks, made when first needed and never freed, so that
 * looking up takes no lock.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <ws2emu/wire.h>

#include "host/host.h"
#include "host/native/native.h"

#define EVENT_OPEN 1u
#define EVENT_USE 2u

#define CHUNK_ENTRIES 1024
#define CHUNK_COUNT 4096 /* for 4M descriptors; the kernel's default is 1M */

#define MAXIMUM_WAIT_EVENTS 64 /* WSA_MAXIMUM_WAIT_EVENTS */
#define WAIT_EVENT_0 0u        /* WSA_WAIT_EVENT_0 */
#define WAIT_IO_COMPLETION 192u
#define WAIT_TIMEOUT_RESULT 258u

struct chunk {
    uint32_t entries[CHUNK_ENTRIES];
};

static struct chunk *chunks[CHUNK_COUNT];

/* --- The table ------------------------------------------------------------ */

static uint32_t *find_entry(int fd)
{
    struct chunk *chunk;

    if (fd < 0 || fd >= CHUNK_COUNT * CHUNK_ENTRIES)
        return NULL;
    chunk = __atomic_load_n(&chunks[fd / CHUNK_ENTRIES], __ATOMIC_ACQUIRE);
    return chunk ? &chunk->entries[fd % CHUNK_ENTRIES] : NULL;
}

static uint32_t *make_entry(int fd)
{
    struct chunk **place, *expected = NULL, *chunk;

    if (fd >= CHUNK_COUNT * CHUNK_ENTRIES)
        return NULL;
    place = &chunks[fd / CHUNK_ENTRIES];
    if (!__atomic_load_n(place, __ATOMIC_ACQUIRE)) {
        chunk = calloc(1, sizeof *chunk);
        if (!chunk)
            return NULL;
        if (!__atomic_compare_exchange_n(place, &expected, chunk, 0,
                                         __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            free(chunk);
    }
    return find_entry(fd);
}

/* Takes a use of the event; -1: no event has this handle. */
static int event_use(uint64_t event)
{
    int fd = native_handle_fd(event);
    uint32_t *entry = find_entry(fd), value;

    if (!entry)
        return -1;
    value = __atomic_load_n(entry, __ATOMIC_RELAXED);
    do {
        if (!(value & EVENT_OPEN))
            return -1;
    } while (!__atomic_compare_exchange_n(entry, &value, value + EVENT_USE, 0,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    return fd;
}

static void event_unuse(int fd)
{
    if (__atomic_sub_fetch(find_entry(fd), EVENT_USE, __ATOMIC_ACQ_REL) == 0)
        close(fd);
}

/* In the child of a fork: the calls that were under way in other threads of
   the parent do not exist here. */
void native_events_forked(void)
{
    for (int i = 0; i < CHUNK_COUNT; i++) {
        for (int j = 0; chunks[i] && j < CHUNK_ENTRIES; j++) {
            uint32_t *entry = &chunks[i]->entries[j];
            int was_used = *entry >= EVENT_USE;

            *entry &= EVENT_OPEN;
            if (was_used && *entry == 0)
                close(i * CHUNK_ENTRIES + j);
        }
    }
}

/* --- Events --------------------------------------------------------------- */

/* WSACreateEvent: manual-reset, not signalled, not inherited.  WS2_EMFILE,
   WS2_NOT_ENOUGH_MEMORY. */
int host_event_create(uint64_t *ret_event)
{
    uint32_t *entry;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0)
        return errno == EMFILE || errno == ENFILE ? WS2_EMFILE
                                                  : WS2_NOT_ENOUGH_MEMORY;
    entry = make_entry(fd);
    if (!entry) {
        close(fd);
        return WS2_NOT_ENOUGH_MEMORY;
    }
    __atomic_store_n(entry, EVENT_OPEN, __ATOMIC_RELEASE);
    *ret_event = native_handle(fd);
    return WS2_SUCCESS;
}

/* WSACloseEvent.  WS2_INVALID_HANDLE: no event. */
int host_event_close(uint64_t event)
{
    int fd = native_handle_fd(event);
    uint32_t *entry = find_entry(fd), value;

    if (!entry)
        return WS2_INVALID_HANDLE;
    native_notification_handle_closing(event);
    value = __atomic_fetch_and(entry, ~EVENT_OPEN, __ATOMIC_ACQ_REL);
    if (!(value & EVENT_OPEN))
        return WS2_INVALID_HANDLE;
    if (value == EVENT_OPEN)
        close(fd);
    return WS2_SUCCESS;
}

/* WSASetEvent.  WS2_INVALID_HANDLE: no event. */
int host_event_set(uint64_t event)
{
    int fd = event_use(event);

    if (fd < 0)
        return WS2_INVALID_HANDLE;
    /* EAGAIN says that the counter is full: signalled already. */
    (void)eventfd_write(fd, 1);
    event_unuse(fd);
    return WS2_SUCCESS;
}

/* WSAResetEvent.  WS2_INVALID_HANDLE: no event. */
int host_event_reset(uint64_t event)
{
    eventfd_t count;
    int fd = event_use(event);

    if (fd < 0)
        return WS2_INVALID_HANDLE;
    /* EAGAIN says that it was not signalled. */
    (void)eventfd_read(fd, &count);
    event_unuse(fd);
    return WS2_SUCCESS;
}

/* The registration of a native event needs no more than its eventfd, which
   the server gets a copy of and signals itself.  WS2_EINVAL: no event. */
int host_event_target(uint64_t event, uint32_t *ret_kind, uint64_t *ret_target,
                      int *ret_fd)
{
    int fd = host_event_fd(event);

    if (fd < 0)
        return WS2_EINVAL;
    *ret_kind = WIRE_TARGET_EVENTFD;
    *ret_target = 0;
    *ret_fd = fd;
    return WS2_SUCCESS;
}

/* Targets of this host hold nothing. */
void host_event_forget(uint64_t target)
{
    (void)target;
}

/* A reference is a use of the event, so that its descriptor stays the event's;
   the handle may be closed meanwhile. */
int host_event_reference(uint64_t event, uint64_t *ret_reference)
{
    int fd = event_use(event);

    if (fd < 0)
        return WS2_INVALID_HANDLE;
    *ret_reference = native_handle(fd);
    return WS2_SUCCESS;
}

void host_event_reference_set(uint64_t reference)
{
    (void)eventfd_write(native_handle_fd(reference), 1);
}

void host_event_reference_reset(uint64_t reference)
{
    eventfd_t ignored;

    (void)eventfd_read(native_handle_fd(reference), &ignored);
}

void host_event_reference_close(uint64_t reference)
{
    event_unuse(native_handle_fd(reference));
}

/* The eventfd, which stays the event's; -1: no event. */
int host_event_fd(uint64_t event)
{
    int fd = native_handle_fd(event);
    uint32_t *entry = find_entry(fd);

    if (!entry || !(__atomic_load_n(entry, __ATOMIC_ACQUIRE) & EVENT_OPEN))
        return -1;
    return fd;
}

/* --- Waiting -------------------------------------------------------------- */

struct wait {
    struct pollfd pollers[MAXIMUM_WAIT_EVENTS + 1]; /* then the alert fd */
    uint32_t n_events;
    int all;
    int alertable;            /* pollers[n_events] is in use */
    int infinite;
    struct timespec deadline; /* CLOCK_MONOTONIC */
};

static void set_deadline(struct wait *wait, uint32_t timeout)
{
    wait->infinite = timeout == UINT32_MAX;
    clock_gettime(CLOCK_MONOTONIC, &wait->deadline);
    wait->deadline.tv_sec += timeout / 1000;
    wait->deadline.tv_nsec += timeout % 1000 * 1000000L;
    if (wait->deadline.tv_nsec >= 1000000000L) {
        wait->deadline.tv_sec++;
        wait->deadline.tv_nsec -= 1000000000L;
    }
}

/* The time that is left; 0 when the deadline is over. */
static struct timespec time_left(const struct wait *wait)
{
    struct timespec now, left;

    clock_gettime(CLOCK_MONOTONIC, &now);
    left.tv_sec = wait->deadline.tv_sec - now.tv_sec;
    left.tv_nsec = wait->deadline.tv_nsec - now.tv_nsec;
    if (left.tv_nsec < 0) {
        left.tv_sec--;
        left.tv_nsec += 1000000000L;
    }
    if (left.tv_sec < 0)
        left = (struct timespec){ 0 };
    return left;
}

/* Looks at the events as they are now: 1 when the wait is over. */
static int look(struct wait *wait, uint32_t *ret_result)
{
    int n_signalled = 0, first = -1;

    for (uint32_t i = 0; i < wait->n_events; i++)
        wait->pollers[i].events = POLLIN;
    if (poll(wait->pollers, wait->n_events, 0) <= 0)
        return 0;
    for (uint32_t i = 0; i < wait->n_events; i++) {
        if (!(wait->pollers[i].revents & POLLIN))
            continue;
        n_signalled++;
        if (first < 0)
            first = (int)i;
        /* All are wanted: the next sleep is for those that are missing. */
        wait->pollers[i].events = 0;
    }
    if (wait->all && n_signalled < (int)wait->n_events)
        return 0;
    if (n_signalled == 0)
        return 0;
    *ret_result = WAIT_EVENT_0 + (wait->all ? 0 : (uint32_t)first);
    return 1;
}

static void wait_for_events(struct wait *wait, uint32_t *ret_result)
{
    struct timespec left;
    int n;

    for (;;) {
        if (look(wait, ret_result))
            return;
        if (wait->alertable && native_run_apcs() > 0) {
            *ret_result = WAIT_IO_COMPLETION;
            return;
        }
        left = time_left(wait);
        if (!wait->infinite && left.tv_sec == 0 && left.tv_nsec == 0) {
            *ret_result = WAIT_TIMEOUT_RESULT;
            return;
        }
        do
            n = ppoll(wait->pollers, wait->n_events + !!wait->alertable,
                      wait->infinite ? NULL : &left, NULL);
        while (n < 0 && errno == EINTR && wait->infinite);
    }
}

static int has_duplicates(const uint64_t *events, uint32_t n_events)
{
    for (uint32_t i = 0; i < n_events; i++)
        for (uint32_t j = 0; j < i; j++)
            if (events[i] == events[j])
                return 1;
    return 0;
}

/*
 * WSAWaitForMultipleEvents; the result is WSA_WAIT_EVENT_0 + index,
 * WSA_WAIT_TIMEOUT, or WSA_WAIT_IO_COMPLETION after the thread's APCs ran.
 * Events come before APCs.  WS2_INVALID_PARAMETER: no events, more than 64, or
 * one given twice where all are waited for.  WS2_INVALID_HANDLE: no event.
 */
int host_event_wait(const uint64_t *events, uint32_t n_events, int all,
                    uint32_t timeout, int alertable, uint32_t *ret_result)
{
    struct wait wait = { .n_events = n_events, .all = all };
    uint32_t n_used = 0;
    int error = WS2_SUCCESS;

    if (!events || n_events == 0 || n_events > MAXIMUM_WAIT_EVENTS ||
        (all && has_duplicates(events, n_events)))
        return WS2_INVALID_PARAMETER;
    for (; n_used < n_events; n_used++) {
        wait.pollers[n_used].fd = event_use(events[n_used]);
        if (wait.pollers[n_used].fd < 0) {
            error = WS2_INVALID_HANDLE;
            goto out;
        }
    }
    if (alertable) {
        wait.pollers[n_events].fd = native_alert_fd();
        wait.pollers[n_events].events = POLLIN;
        wait.alertable = wait.pollers[n_events].fd >= 0;
    }
    set_deadline(&wait, timeout);
    wait_for_events(&wait, ret_result);
out:
    while (n_used > 0)
        event_unuse(wait.pollers[--n_used].fd);
    return error;
}
