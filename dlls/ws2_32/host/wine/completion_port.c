/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Completion ports in the process; see completion_port.h. */
#include <ntstatus.h>
#define WIN32_NO_STATUS
#include "completion_port.h"

#include <pthread.h>
#include <stdlib.h>

#include "handle_table.h"
#include "nt.h"
#include "posix.h"
#include "unix/notification.h"

/* Of wake packets, in both words that a packet carries. */
#define WAKE_KEY ((ULONG_PTR)0x7773326577616b65)

/* How long a thread sleeps here before it goes to wineserver, and how long
   wineserver's queue may go unseen: what is not known to come from there is
   late by no more. */
#define MOMENT INT64_C(20000000) /* ns */
/* Where something is known to come from there, it is looked for at the latest
   after so many packets of our own. */
#define TURNS 16

#define FIRST_CAPACITY 64

/* What a closed port answers.  Wine's kernel32 makes no Win32 error of
   STATUS_ABANDONED_WAIT_0, but of this: ERROR_ABANDONED_WAIT_0 as a status. */
#define STATUS_ABANDONED_PORT ((NTSTATUS)0xc00702df)

struct completion_port {
    struct handle_object object;
    pthread_mutex_t lock;
    HANDLE handle; /* the host's own copy; NULL: none could be made */
    FILE_IO_COMPLETION_INFORMATION *packets; /* a ring */
    uint32_t capacity, first, count;
    uint32_t signal; /* what threads sleep on here */
    uint32_t n_waiting, n_signalled;
    uint32_t n_in_server, n_wakes;
    uint32_t turns; /* packets taken since the last look at wineserver's */
    int is_private, is_mixed, is_closed;
    int64_t last_look;
};

/* --- Life ----------------------------------------------------------------- */

static void wake_server(struct completion_port *port, uint32_t n)
{
    while (n-- > 0)
        (void)nt.set_completion(port->handle, WAKE_KEY, WAKE_KEY,
                                STATUS_SUCCESS, 0);
}

/* Every sleeper comes back to look; returns how many wake packets to send. */
static uint32_t wake_all_locked(struct completion_port *port)
{
    uint32_t n = port->n_in_server > port->n_wakes
                     ? port->n_in_server - port->n_wakes
                     : 0;

    port->n_wakes += n;
    port->n_signalled = port->n_waiting;
    port->signal++;
    posix_futex_wake(&port->signal, INT32_MAX);
    return n;
}

/* The last handle is about to be closed: who waits is told. */
static void port_closed(struct handle_object *object)
{
    struct completion_port *port = (struct completion_port *)object;
    uint32_t n;

    pthread_mutex_lock(&port->lock);
    port->is_closed = 1;
    n = wake_all_locked(port);
    pthread_mutex_unlock(&port->lock);
    wake_server(port, n);
}

static void port_begin(struct handle_object *object)
{
    struct completion_port *port = (struct completion_port *)object;

    pthread_mutex_init(&port->lock, NULL);
}

static void port_end(struct handle_object *object)
{
    struct completion_port *port = (struct completion_port *)object;

    if (port->handle)
        (void)nt.close(port->handle);
    free(port->packets);
}

static struct handle_kind port_kind = {
    .size = sizeof(struct completion_port),
    .begin = port_begin,
    .closed = port_closed,
    .end = port_end,
};

struct completion_port *completion_port_find(HANDLE handle)
{
    return handle_table_find(handle, &port_kind);
}

struct completion_port *completion_port_of(HANDLE handle)
{
    struct completion_port *port = completion_port_find(handle);

    return port ? port : completion_port_adopt(handle, 0);
}

void completion_port_hold(struct completion_port *port)
{
    handle_object_hold(&port->object);
}

void completion_port_release(struct completion_port *port)
{
    handle_object_release(&port->object);
}

struct completion_port *completion_port_adopt(HANDLE handle, int is_private)
{
    IO_COMPLETION_INFORMATION_CLASS basic = IoCompletionBasicInformation;
    struct completion_port *port;
    ULONG depth;

    if (!is_private &&
        nt.query_port(handle, basic, &depth, sizeof(depth), NULL))
        return NULL;
    port = handle_object_new(&port_kind);
    if (!port)
        return NULL;
    port->is_private = is_private;
    port->is_mixed = !is_private;
    if (nt.duplicate(GetCurrentProcess(), handle, GetCurrentProcess(),
                     &port->handle, 0, 0, DUPLICATE_SAME_ACCESS)) {
        port->handle = NULL;
        completion_port_release(port);
        return NULL;
    }
    if (handle_table_put(handle, &port->object))
        return port;
    completion_port_release(port);
    /* Another thread was first, or the handle is beyond the table. */
    return completion_port_find(handle);
}

/* --- The queue ------------------------------------------------------------ */

/* 1: there is room for one more. */
static int make_room(struct completion_port *port)
{
    uint32_t capacity = port->capacity ? port->capacity * 2 : FIRST_CAPACITY;
    FILE_IO_COMPLETION_INFORMATION *packets;
    uint32_t i;

    if (port->count < port->capacity)
        return 1;
    packets = malloc(capacity * sizeof(*packets));
    if (!packets)
        return 0;
    for (i = 0; i < port->count; i++)
        packets[i] = port->packets[(port->first + i) & (port->capacity - 1)];
    free(port->packets);
    port->packets = packets;
    port->capacity = capacity;
    port->first = 0;
    return 1;
}

static uint32_t take_locked(struct completion_port *port,
                            FILE_IO_COMPLETION_INFORMATION *packets,
                            uint32_t count)
{
    uint32_t n = port->count < count ? port->count : count, i;

    for (i = 0; i < n; i++)
        packets[i] = port->packets[(port->first + i) & (port->capacity - 1)];
    port->count -= n;
    port->turns += n;
    port->first = port->count ? (port->first + n) & (port->capacity - 1) : 0;
    return n;
}

NTSTATUS completion_port_post(struct completion_port *port, uint64_t key,
                              uint64_t value, NTSTATUS status,
                              uint64_t information)
{
    FILE_IO_COMPLETION_INFORMATION *packet;
    int wakes_here = 0, wakes_server = 0;

    pthread_mutex_lock(&port->lock);
    if (!port->is_private || !make_room(port)) {
        pthread_mutex_unlock(&port->lock);
        return nt.set_completion(port->handle, key, value, status,
                                 information);
    }
    packet = &port->packets[(port->first + port->count++) &
                            (port->capacity - 1)];
    packet->CompletionKey = key;
    packet->CompletionValue = value;
    packet->IoStatusBlock.Status = status;
    packet->IoStatusBlock.Information = information;
    if (port->n_waiting > port->n_signalled) {
        port->n_signalled++;
        port->signal++;
        wakes_here = 1;
    } else if (port->n_in_server > port->n_wakes) {
        port->n_wakes++;
        wakes_server = 1;
    }
    pthread_mutex_unlock(&port->lock);
    if (wakes_here)
        posix_futex_wake(&port->signal, 1);
    if (wakes_server)
        wake_server(port, 1);
    return STATUS_SUCCESS;
}

uint32_t completion_port_depth(const struct completion_port *port)
{
    return __atomic_load_n(&port->count, __ATOMIC_RELAXED);
}

void completion_port_mix(struct completion_port *port)
{
    uint32_t n = 0;

    pthread_mutex_lock(&port->lock);
    if (!port->is_mixed) {
        port->is_mixed = 1;
        n = wake_all_locked(port);
    }
    pthread_mutex_unlock(&port->lock);
    wake_server(port, n);
}

/* The packets that are here follow to where all come from now on. */
void completion_port_share(struct completion_port *port)
{
    FILE_IO_COMPLETION_INFORMATION packet;
    uint32_t n;

    pthread_mutex_lock(&port->lock);
    port->is_private = 0;
    port->is_mixed = 1;
    while (take_locked(port, &packet, 1))
        (void)nt.set_completion(port->handle, packet.CompletionKey,
                                packet.CompletionValue,
                                packet.IoStatusBlock.Status,
                                packet.IoStatusBlock.Information);
    n = wake_all_locked(port);
    pthread_mutex_unlock(&port->lock);
    wake_server(port, n);
}

/* --- Taking --------------------------------------------------------------- */

struct taking {
    struct completion_port *port;
    FILE_IO_COMPLETION_INFORMATION *packets;
    uint32_t count;
    int alertable;
    int64_t deadline; /* INT64_MAX: never */
};

/* Takes what came from wineserver; leaves the wake packets out.  Returns how
   many are left. */
static uint32_t sort_out(struct completion_port *port,
                         FILE_IO_COMPLETION_INFORMATION *packets, uint32_t n)
{
    uint32_t i, kept = 0, wakes = 0;

    for (i = 0; i < n; i++) {
        if (packets[i].CompletionKey == WAKE_KEY &&
            packets[i].CompletionValue == WAKE_KEY)
            wakes++;
        else
            packets[kept++] = packets[i];
    }
    pthread_mutex_lock(&port->lock);
    port->n_wakes -= wakes < port->n_wakes ? wakes : port->n_wakes;
    port->turns = 0;
    if (kept)
        port->is_mixed = 1;
    pthread_mutex_unlock(&port->lock);
    return kept;
}

/* Takes what is in wineserver's queue, without waiting. */
static uint32_t look(const struct taking *taking)
{
    LARGE_INTEGER zero = {.QuadPart = 0};
    uint32_t kept = 0;
    ULONG n;

    taking->port->last_look = posix_now();
    do {
        n = 0;
        if (nt.remove_completions(taking->port->handle, taking->packets,
                                  taking->count, &n, &zero, FALSE))
            break;
        kept = sort_out(taking->port, taking->packets, n);
    } while (n && !kept);
    return kept;
}

/* 1: it is time to look at wineserver's queue, though there may be packets
   here.  Who is going to wait looks there anyway. */
static int look_is_due(const struct taking *taking)
{
    const struct completion_port *port = taking->port;

    if (port->is_mixed)
        return port->turns >= TURNS ||
               (taking->deadline == 0 && !completion_port_depth(port));
    if (completion_port_depth(port) && (port->turns & (TURNS - 1)))
        return 0;
    return posix_now() - port->last_look > MOMENT;
}

static int64_t time_left(const struct taking *taking)
{
    int64_t now;

    if (taking->deadline == INT64_MAX)
        return INT64_MAX;
    now = posix_now();
    return taking->deadline > now ? taking->deadline - now : 0;
}

/* Under the lock, which it gives up while the thread sleeps.  1: woken. */
static int sleep_here(const struct taking *taking, int64_t left)
{
    struct completion_port *port = taking->port;
    const uint32_t signal = port->signal;
    int woken;

    port->n_waiting++;
    pthread_mutex_unlock(&port->lock);
    woken = posix_futex_wait(&port->signal, signal,
                             left < MOMENT ? left : MOMENT);
    pthread_mutex_lock(&port->lock);
    port->n_waiting--;
    if (port->n_signalled)
        port->n_signalled--;
    return woken;
}

/* The same, in wineserver.  *ret_n: packets that came from there. */
static NTSTATUS sleep_in_server(const struct taking *taking, int64_t left,
                                uint32_t *ret_n)
{
    struct completion_port *port = taking->port;
    LARGE_INTEGER timeout = {.QuadPart = -(left / 100 + 1)};
    NTSTATUS status;
    ULONG n = 0;

    port->n_in_server++;
    pthread_mutex_unlock(&port->lock);
    status = nt.remove_completions(
        port->handle, taking->packets, taking->count, &n,
        left == INT64_MAX ? NULL : &timeout, taking->alertable != 0);
    port->last_look = posix_now();
    *ret_n = status ? 0 : sort_out(port, taking->packets, n);
    pthread_mutex_lock(&port->lock);
    port->n_in_server--;
    return status;
}

/* Waits for packets.  The lock is held, and held again when it returns; the
   status is STATUS_PENDING when the queue is to be looked at again. */
static NTSTATUS wait_for_packets(const struct taking *taking, int *rested,
                                 uint32_t *ret_n)
{
    const int64_t left = time_left(taking);
    NTSTATUS status;

    if (left == 0)
        return STATUS_TIMEOUT;
    if (!taking->alertable && !taking->port->is_mixed && !*rested) {
        *rested = !sleep_here(taking, left);
        return STATUS_PENDING;
    }
    status = sleep_in_server(taking, left, ret_n);
    if (*ret_n)
        return STATUS_SUCCESS;
    return status == STATUS_SUCCESS || status == STATUS_TIMEOUT
               ? STATUS_PENDING
               : status;
}

static NTSTATUS take(struct taking *taking, uint32_t *ret_n)
{
    struct completion_port *port = taking->port;
    NTSTATUS status = STATUS_PENDING;
    uint32_t n = 0;
    int rested = 0;

    if (look_is_due(taking) && (n = look(taking))) {
        *ret_n = n;
        return STATUS_SUCCESS;
    }
    pthread_mutex_lock(&port->lock);
    while (status == STATUS_PENDING) {
        if ((n = take_locked(port, taking->packets, taking->count)))
            status = STATUS_SUCCESS;
        else if (port->is_closed)
            status = STATUS_ABANDONED_PORT;
        else
            status = wait_for_packets(taking, &rested, &n);
    }
    pthread_mutex_unlock(&port->lock);
    *ret_n = n;
    return status;
}

/* A timeout of NT's: units of 100 ns, negative from now, positive since
   1601. */
static int64_t deadline_of(const LARGE_INTEGER *timeout)
{
    LARGE_INTEGER now;
    int64_t left;

    if (!timeout || timeout->QuadPart == INT64_MAX)
        return INT64_MAX;
    if (timeout->QuadPart <= 0) {
        left = timeout->QuadPart == INT64_MIN ? INT64_MAX : -timeout->QuadPart;
    } else {
        NtQuerySystemTime(&now);
        left = timeout->QuadPart - now.QuadPart;
    }
    if (left <= 0)
        return 0;
    return left > INT64_MAX / 200 ? INT64_MAX : posix_now() + left * 100;
}

/* Socket notifications say what they tell when they are taken.  Returns how
   many packets are left. */
static uint32_t resolve(FILE_IO_COMPLETION_INFORMATION *packets, uint32_t n)
{
    uint32_t kept = 0, i;

    for (i = 0; i < n; i++) {
        FILE_IO_COMPLETION_INFORMATION *packet = &packets[i];

        if (unix_notification_is(packet->CompletionValue)) {
            packet->IoStatusBlock.Information = unix_notification_take(
                packet->CompletionValue,
                (uint32_t)packet->IoStatusBlock.Information);
            packet->CompletionValue = 0;
            if (!packet->IoStatusBlock.Information)
                continue;
        }
        packets[kept++] = *packet;
    }
    return kept;
}

NTSTATUS completion_port_remove(struct completion_port *port,
                                FILE_IO_COMPLETION_INFORMATION *packets,
                                ULONG count, ULONG *ret_count,
                                const LARGE_INTEGER *timeout, int alertable)
{
    struct taking taking = {port, packets, count, alertable,
                            deadline_of(timeout)};
    uint32_t n = 0;
    NTSTATUS status;

    do {
        status = take(&taking, &n);
        if (!status)
            n = resolve(packets, n);
    } while (!status && n == 0);
    *ret_count = n;
    return status;
}
